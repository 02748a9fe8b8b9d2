//! What the current pushed through the faces, made ready for the transport kernel: volumes, depths before and after, and
//! how many parts a step needs. Its arrays are kept from step to step.

use rayon::prelude::*;

use super::error::WaterError;
use super::shallow::Sea;
use crate::sim::transport::line::End;
use crate::sim::transport::rates::COURANT;
use crate::sim::transport::real::Real;
use crate::sim::transport::rows::{GHOSTS, Rows, Shape, Volume};
use crate::sim::transport::tile::Flow;

/// Parts of a step that are still worth waiting for.
const MOST_PARTS: f64 = 64.0;

/// Refuses mixing that would cut every step into more parts than anybody waits for.
///
/// # Errors
/// [`WaterError::TooDiffusive`], with what would do.
pub fn require_time(diffusivity_m2ps: f64, cell_m: f64, step_s: f64) -> Result<(), WaterError> {
    let parts = parts_to_spread(diffusivity_m2ps * step_s / cell_m.powi(2));
    if parts <= MOST_PARTS {
        return Ok(());
    }
    let more = parts / MOST_PARTS;
    let (most, least_cell_m) = (diffusivity_m2ps / more, cell_m * more.sqrt());
    Err(WaterError::TooDiffusive { value: diffusivity_m2ps, cell_m, parts, most, least_cell_m })
}

/// By what is exchanged in a step, as a share of a cell.
fn parts_to_spread(spread: f64) -> f64 {
    4.0 * spread
}

/// The kernel's arrays for one step of the sea.
#[derive(Debug)]
pub struct Carry {
    shape: Shape,
    pub flow: Flow<f32>,
    /// Depths when the step begins and ends, 1 on land.
    old: Vec<f32>,
    new: Vec<f32>,
    /// Depths at the beginning and the end of a part.
    pub sizes: [Volume<f32>; 2],
    pub end: End<f32>,
    pub parts: usize,
}

/// What a step of the sea is carried with.
#[derive(Debug, Clone, Copy)]
pub struct Span<'a> {
    /// Levels when the step began.
    pub before: &'a [f32],
    pub dt_s: f64,
    pub diffusivity_m2ps: f64,
    pub decay_per_s: f64,
    /// The current comes from a file: it need not keep its volume, and depths stay as they are.
    pub held: bool,
}

impl Carry {
    #[must_use]
    pub fn new(sea: &Sea) -> Self {
        let shape = Shape::plane(sea.cols, sea.rows);
        let room = |value: f32| Rows::full(vec![value; shape.padded_len()], shape);
        let faces = |open: &[f32], width: usize| {
            let mut faces = room(0.0);
            for (row, open) in open.chunks(width).enumerate() {
                faces.all_mut()[shape.at(0, row)..][..width].copy_from_slice(open);
            }
            faces
        };
        let [west, north] = sea.open();
        let flow = Flow {
            east: room(0.0),
            south: room(0.0),
            open_west: faces(west, sea.cols + 1),
            open_north: faces(north, sea.cols),
            diffusion: None,
        };
        let sizes = || Volume { size: room(1.0), inverse: room(1.0) };
        let still = vec![1.0; shape.padded_len()];
        let end = End { remains: 1.0, floor: f32::FLOOR };
        Self { shape, flow, old: still.clone(), new: still, sizes: [sizes(), sizes()], end, parts: 1 }
    }

    /// Makes the arrays ready for what the sea did since `span.before`. Levels become exactly what the volumes that are
    /// carried with make of them, so that nothing is lost to rounding from one step to the next.
    pub fn prepare(&mut self, sea: &mut Sea, span: Span<'_>) {
        self.take_volumes(sea);
        if !span.held {
            self.cross_the_edge(sea, span.before);
        }
        let most = self.take_depths(sea, span);
        let spread = span.diffusivity_m2ps * span.dt_s / sea.cell_m.powi(2);
        let parts = f64::from(most).max(parts_to_spread(spread)).ceil().max(1.0);
        self.parts = parts as usize;
        let share = (1.0 / parts) as f32;
        if self.parts > 1 {
            for volumes in [&mut self.flow.east, &mut self.flow.south] {
                volumes.all_mut().par_chunks_mut(self.shape.stride()).for_each(|row| {
                    for v in row.iter_mut() {
                        *v *= share;
                    }
                });
            }
        }
        self.spread(spread as f32 * share);
        self.end.remains = (-span.decay_per_s * span.dt_s / parts).exp() as f32;
        self.size(0, 0.0);
    }

    /// Depths at the end of a part, into the second of `sizes`.
    pub fn part(&mut self, number: usize) {
        if number > 1 {
            self.sizes.swap(0, 1);
        }
        self.size(1, (number as f64 / self.parts as f64) as f32);
    }

    fn size(&mut self, which: usize, part: f32) {
        let Volume { size, inverse } = &mut self.sizes[which];
        let stride = self.shape.stride();
        let to = size.all_mut().par_chunks_mut(stride).zip(inverse.all_mut().par_chunks_mut(stride));
        to.zip(self.old.par_chunks(stride).zip(self.new.par_chunks(stride))).for_each(
            |((size, inverse), (old, new))| {
                for (((size, inverse), old), new) in size.iter_mut().zip(inverse).zip(old).zip(new) {
                    *size = old + (new - old) * part;
                    *inverse = 1.0 / *size;
                }
            },
        );
    }

    /// Volumes through faces as shares of a cell a metre deep; southward is against northward.
    fn take_volumes(&mut self, sea: &Sea) {
        let (stride, cols) = (self.shape.stride(), sea.cols);
        let per_cell = 1.0 / sea.cell_m as f32;
        let east = self.flow.east.all_mut()[GHOSTS * stride..].par_chunks_mut(stride);
        east.zip(sea.east_sum.par_chunks(cols + 1)).for_each(|(to, from)| {
            to[GHOSTS..=GHOSTS + cols].iter_mut().zip(from).for_each(|(to, from)| *to = from * per_cell);
        });
        let south = self.flow.south.all_mut()[GHOSTS * stride..].par_chunks_mut(stride);
        south.zip(sea.north_sum.par_chunks(cols)).for_each(|(to, from)| {
            to[GHOSTS..GHOSTS + cols].iter_mut().zip(from).for_each(|(to, from)| *to = -from * per_cell);
        });
    }

    /// The tide that was prescribed at the edge came or went over the edge of the map.
    fn cross_the_edge(&mut self, sea: &Sea, before: &[f32]) {
        let (shape, stride) = (self.shape, self.shape.stride());
        let (east, south) = (self.flow.east.all_mut(), self.flow.south.all_mut());
        for cell in sea.edge_cells() {
            let (col, row) = (cell % sea.cols, cell / sea.cols);
            let at = shape.at(col, row);
            let rise = sea.level_m[cell] - before[cell];
            let inward = rise + (east[at + 1] - east[at]) + (south[at + stride] - south[at]);
            match [col == 0, col + 1 == sea.cols, row == 0] {
                [true, ..] => east[at] += inward,
                [_, true, _] => east[at + 1] -= inward,
                [.., true] => south[at] += inward,
                _ => south[at + stride] -= inward,
            }
        }
    }

    /// Depths before and after; the greatest number of parts that a cell needs.
    fn take_depths(&mut self, sea: &mut Sea, span: Span<'_>) -> f32 {
        let (stride, cols) = (self.shape.stride(), sea.cols);
        let flow = &self.flow;
        let inner = GHOSTS * stride..(GHOSTS + sea.rows) * stride;
        let depths = self.old[inner.clone()].par_chunks_mut(stride).zip(self.new[inner].par_chunks_mut(stride));
        let given = sea.depth_m.par_chunks(cols).zip(span.before.par_chunks(cols));
        let rows = depths.zip(given).zip(sea.level_m.par_chunks_mut(cols)).enumerate();
        let of_row = rows.map(|(row, (((old, new), (depth, before)), level))| {
            let line = row + GHOSTS;
            let (west, east) = (&flow.east.row(line)[GHOSTS..][..cols], &flow.east.row(line)[GHOSTS + 1..][..cols]);
            let (north, south) = (&flow.south.row(line)[GHOSTS..][..cols], &flow.south.row(line + 1)[GHOSTS..][..cols]);
            let (old, new) = (&mut old[GHOSTS..][..cols], &mut new[GHOSTS..][..cols]);
            let (depth, before, level) = (&depth[..cols], &before[..cols], &mut level[..cols]);
            let mut most = 0.0_f32;
            for i in 0..cols {
                let wet = depth[i] > 0.0;
                let full = (depth[i] + before[i]).max(0.5);
                let lost = [east[i] - west[i], south[i] - north[i]];
                let left = if span.held { full } else { full - lost[0] - lost[1] };
                let out = [east[i].max(0.0) - west[i].min(0.0), south[i].max(0.0) - north[i].min(0.0)];
                let least = full.min(left).max(0.1);
                let need = |k: usize| (out[k] / COURANT as f32 + lost[1 - k].max(0.0)) / least;
                most = most.max(if wet { need(0).max(need(1)) } else { 0.0 });
                old[i] = if wet { full } else { 1.0 };
                new[i] = if wet { left } else { 1.0 };
                if wet && !span.held {
                    level[i] = left - depth[i];
                }
            }
            most
        });
        of_row.reduce(|| 0.0, f32::max)
    }

    /// What diffusion exchanges through open faces: the lesser depth of both cells times `factor`.
    fn spread(&mut self, factor: f32) {
        if factor <= 0.0 {
            return;
        }
        let (shape, stride, old) = (self.shape, self.shape.stride(), &self.old);
        let room = || Rows::full(vec![0.0; shape.padded_len()], shape);
        let [west, north] = self.flow.diffusion.get_or_insert_with(|| [room(), room()]);
        for (faces, open, back) in [(west, &self.flow.open_west, 1), (north, &self.flow.open_north, stride)] {
            let inner = &mut faces.all_mut()[GHOSTS * stride..(GHOSTS + shape.rows) * stride];
            inner.par_chunks_mut(stride).enumerate().for_each(|(row, faces)| {
                let at = (row + GHOSTS) * stride;
                let (here, there) = (&old[at..][..stride], &old[at - back..][..stride]);
                let open = &open.row(row + GHOSTS)[..stride];
                for (i, face) in faces.iter_mut().enumerate() {
                    *face = open[i] * factor * here[i].min(there[i]);
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixing_that_would_never_end_is_refused_with_what_would_do() {
        assert!(require_time(1.0, 20.0, 120.0).is_ok() && require_time(100.0, 100.0, 120.0).is_ok());
        let Err(WaterError::TooDiffusive { parts, most, least_cell_m, .. }) = require_time(10_000.0, 30.0, 120.0)
        else {
            panic!("taken")
        };
        assert!(parts > 5000.0, "{parts}");
        assert!(require_time(most.floor(), 30.0, 120.0).is_ok());
        assert!(require_time(10_000.0, least_cell_m.ceil(), 120.0).is_ok());
        assert!(require_time(f64::NAN, 30.0, 120.0).is_err());
    }
}
