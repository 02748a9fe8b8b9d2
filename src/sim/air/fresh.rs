//! What sources let out during one long step, aged until its end: it lies along the way that the wind carried it, mixed
//! upwards for as long as it has been in the air. So a step may be much longer than the air needs to leave a source's cell.

use rayon::prelude::*;

use super::terrain_wind::Ground;
use crate::base::cancel::{CancelToken, Cancelled};
use crate::sim::transport::layers::{Fresh, LayerRates};

/// (column, row, level, µg/m³ a second) of an emission into its cell.
pub type Source = (usize, usize, usize, f64);

/// Samples of a way for each cell that it crosses.
const PER_CELL: f64 = 2.0;
/// No more of them, and no fewer.
const MOST: f64 = 200.0;
const FEWEST: f64 = 8.0;

/// A column of air that moves on and mixes.
struct Parcel {
    /// Columns and rows from the north-west corner.
    at: [f64; 2],
    /// What each level holds of it.
    held: Vec<f64>,
    share: Vec<f64>,
}

/// What a step of `dt_s` adds to each row, in the order of columns.
///
/// # Errors
/// [`Cancelled`].
pub fn fresh(
    ground: &Ground,
    rates: &LayerRates,
    sources: &[Source],
    (decay_per_s, dt_s): (f64, f64),
    cancel: &CancelToken,
) -> Result<Vec<Vec<Fresh<f32>>>, Cancelled> {
    let shape = ground.shape;
    let (cols, rows, levels) = (shape.cols, shape.rows, shape.levels);
    let mut added = vec![0.0_f32; shape.count()];
    for &(col, row, level, rate) in sources {
        cancel.check()?;
        let cell = row * cols + col;
        let mass = rate * ground.thickness(cell, level) * dt_s;
        let mut parcel =
            Parcel { at: [col as f64 + 0.5, row as f64 + 0.5], held: vec![0.0; levels], share: vec![0.0; levels] };
        parcel.held[level] = mass;
        let [x, y] = parcel.speed(rates);
        let samples = (x.abs().max(y.abs()) * dt_s * PER_CELL).clamp(FEWEST, MOST).ceil();
        let part_s = dt_s / samples;
        parcel.mix(rates, decay_per_s, 0.5 * part_s);
        for sample in 0..samples as usize {
            let step = if sample == 0 { 0.5 * part_s } else { part_s };
            let [x, y] = parcel.speed(rates);
            parcel.at = [parcel.at[0] + x * step, parcel.at[1] + y * step];
            if sample > 0 {
                parcel.mix(rates, decay_per_s, part_s);
            }
            let [x, y] = parcel.at.map(|v| v - 0.5);
            if !(x > -1.0 && y > -1.0 && x < cols as f64 && y < rows as f64) {
                break;
            }
            let wide = rates.spread_per_s * (sample as f64 + 0.5) * part_s;
            let (left, top) = (x.floor(), y.floor());
            let (along, across) = (lies(x - left, wide), lies(y - top, wide));
            for (dy, down) in (-1_i8..).zip(across) {
                let row = top + f64::from(dy);
                if down <= 0.0 || row < 0.0 || row >= rows as f64 {
                    continue;
                }
                for (dx, right) in (-1_i8..).zip(along) {
                    let (col, share) = (left + f64::from(dx), right * down / samples);
                    if share <= 0.0 || col < 0.0 || col >= cols as f64 {
                        continue;
                    }
                    let at = (row as usize * cols + col as usize) * levels;
                    let here = &mut added[at..at + levels];
                    here.iter_mut().zip(&parcel.held).for_each(|(c, m)| *c += (m * share) as f32);
                }
            }
        }
    }
    cancel.check()?;
    let of_row = |(row, added): (usize, &[f32])| {
        let mut fresh = Vec::new();
        for (col, column) in added.chunks(levels).enumerate() {
            for (level, mass) in column.iter().enumerate().filter(|(_, mass)| **mass > 0.0) {
                let amount = (f64::from(*mass) / ground.size(row * cols + col, level)) as f32;
                fresh.push(Fresh { col: col as u32, level: level as u16, amount });
            }
        }
        fresh
    };
    Ok(added.par_chunks(cols * levels).enumerate().map(of_row).collect())
}

/// What four cells hold of a cell's worth of air that begins a `share` of a cell after the second's beginning, and has
/// spread as diffusion does in one step: K t over the cell's area.
fn lies(share: f64, spread: f64) -> [f64; 4] {
    let (near, far, spread) = (1.0 - share, share, spread.min(1.0 / 3.0));
    let stays = 1.0 - 2.0 * spread;
    [near * spread, near * stays + far * spread, far * stays + near * spread, far * spread]
}

impl Parcel {
    /// Where its ground cell's numbers begin; at the edge's, beyond it.
    fn cell(&self, rates: &LayerRates) -> usize {
        let inside = |v: f64, cells: usize| v.clamp(0.0, cells as f64 - 1.0) as usize;
        rates.shape.at(inside(self.at[0], rates.shape.cols), inside(self.at[1], rates.shape.rows))
    }

    /// Mean over what it holds, cells a second, eastward and southward.
    fn speed(&self, rates: &LayerRates) -> [f64; 2] {
        let (at, stride) = (self.cell(rates), rates.shape.stride());
        let slab = stride * rates.shape.levels;
        let mut sum = [0.0; 2];
        let mut total = 0.0;
        for (k, held) in self.held.iter().enumerate().filter(|(_, held)| **held > 0.0) {
            let at = at + k * stride;
            let size = 2.0 * f64::from(rates.size[at]);
            let mean = |v: &[f32], next: usize| (f64::from(v[at]) + f64::from(v[next])) / size;
            sum[0] += held * mean(&rates.east, at + 1);
            sum[1] += held * mean(&rates.south, at + slab);
            total += held;
        }
        if total > 0.0 { sum.map(|s| s / total) } else { sum }
    }

    /// Up and down for a while, as the columns of the field do it.
    fn mix(&mut self, rates: &LayerRates, decay_per_s: f64, dt_s: f64) {
        let (at, stride, levels) = (self.cell(rates), rates.shape.stride(), self.held.len());
        let exchange = |k: usize| if k < levels { f64::from(rates.exchange[at + k * stride]) * dt_s } else { 0.0 };
        let size = |k: usize| f64::from(rates.size[at + k * stride]);
        let (mut below, mut share_below) = (0.0, 0.0);
        for k in 0..levels {
            let (down, up) = (exchange(k), exchange(k + 1));
            let inverse = 1.0 / (size(k) + up + down - down * share_below);
            share_below = up * inverse;
            below = (self.held[k] + down * below) * inverse;
            (self.share[k], self.held[k]) = (share_below, below);
        }
        let mut above = 0.0;
        let remains = (-decay_per_s * dt_s).exp();
        for k in (0..levels).rev() {
            above = self.held[k] + self.share[k] * above;
            self.held[k] = above * size(k) * remains;
        }
    }
}
