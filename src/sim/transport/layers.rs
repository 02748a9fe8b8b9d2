//! Levels above a ground, stepped: the kernel in three dimensions over steep terrain.

// As in `line`.
#![allow(clippy::needless_range_loop)]

use rayon::prelude::*;

use super::bands;
use super::column::ColumnFlow;
use super::departure::{Departures, Towards};
use super::error::TransportError;
use super::field::Field;
use super::line::End;
use super::rates::{COURANT, MOST_SUB_STEPS};
use super::real::Real;
use super::rows::{GHOSTS, Rows, Shape};
use super::slab::{self, Slab, Way};
use super::wide::widely;
use crate::base::cancel::{CancelToken, Cancelled};

/// What moves between the cells of all levels; padded arrays. Sizes are thicknesses, volumes are thicknesses per second:
/// velocity times the face's height, over the cell's width.
#[derive(Debug, Clone)]
pub struct LayerRates {
    pub shape: Shape,
    /// Thickness; 1 in the ghost cells.
    pub size: Vec<f32>,
    /// Eastward through the west face, southward through the north face, upward through the lower face (0 at the
    /// ground). Their sum over a cell is zero where the flow keeps its volume.
    pub east: Vec<f32>,
    pub south: Vec<f32>,
    pub up: Vec<f32>,
    /// K / dz of the lower face, m/s; at the ground the deposition velocity.
    pub exchange: Vec<f32>,
    /// Horizontal K over the cell's area, 1/s.
    pub spread_per_s: f64,
}

/// The kernel's arrays for one flow and one (sub-)step; padded ones.
#[derive(Debug)]
pub struct Layers<T> {
    pub sub_steps: usize,
    pub size: Rows<T>,
    pub(super) columns: ColumnFlow<T>,
    /// Half a step eastward before the end of a step, and after it; a whole one southward.
    pub(super) arriving: Departures<T>,
    pub(super) leaving: Departures<T>,
    south: Departures<T>,
    /// Sizes before the whole step southward, and after it.
    between: Vec<T>,
    pub(super) swept: Vec<T>,
    /// K dt / dx², if any.
    pub(super) spread: Option<T>,
}

/// What happens whenever a step ends.
#[derive(Debug, Clone, Copy)]
pub struct Ends<'a, T> {
    pub end: End<T>,
    /// What is added to the concentrations of each row, in the order of columns; or of none.
    pub fresh: &'a [Vec<Fresh<T>>],
    /// What the lowest level has then stands for so many seconds.
    pub seconds: f64,
}

/// What is added to a cell of a row.
#[derive(Debug, Clone, Copy)]
pub struct Fresh<T> {
    pub col: u32,
    pub level: u16,
    pub amount: T,
}

/// The wind may carry over so many cells in a (sub-)step.
const MOST_CELLS: f64 = 24.0;
/// All directions together may take, and diffusion within a level exchange, such a share of a cell.
const MOST_CHANGE: f64 = 0.9;

/// Longest part of the mixing, and fewest of half a step.
const LONGEST_MIX_S: f64 = 30.0;
const FEWEST_MIXES: usize = 2;

impl LayerRates {
    /// Equal parts of a step: short enough that every cell's size stays well above zero between two
    /// directions, that what rises out of a cell is below [`COURANT`] of what it holds then, and that the wind carries
    /// over a few cells only.
    ///
    /// # Errors
    /// [`TransportError::TooLong`].
    pub fn sub_steps(&self, dt_s: f64) -> Result<usize, TransportError> {
        let (shape, stride) = (self.shape, self.shape.stride());
        let slab = stride * shape.levels;
        // Diffusion exchanges with two neighbours at once.
        let spread = (2.0 * self.spread_per_s) as f32;
        let of_row = |row: usize| {
            let mut most = 0.0_f32;
            for level in 0..shape.levels {
                let at = shape.at(0, row) + level * stride;
                let none = vec![0.0; shape.cols];
                let (west, east) = (&self.east[at..][..shape.cols], &self.east[at + 1..][..shape.cols]);
                let (north, south) = (&self.south[at..][..shape.cols], &self.south[at + slab..][..shape.cols]);
                let below = if level == 0 { &none[..] } else { &self.up[at..][..shape.cols] };
                let above = if level + 1 < shape.levels { &self.up[at + stride..][..shape.cols] } else { &none[..] };
                let size = &self.size[at..][..shape.cols];
                for i in 0..shape.cols {
                    let faces = [[west[i], east[i]], [north[i], south[i]], [below[i], above[i]]];
                    let [x, y, z] = faces.map(|[near, far]| far.max(0.0) - near.min(0.0));
                    let [lost_x, lost_y, lost_z] = faces.map(|[near, far]| (far - near).max(0.0));
                    let carried = (0.5 * x).max(y) / MOST_CELLS as f32;
                    let left = (lost_x + lost_y + lost_z).max(spread * size[i]) / MOST_CHANGE as f32;
                    let risen = z / COURANT as f32 + 0.5 * (lost_x + lost_y);
                    most = most.max(carried.max(left).max(risen) / size[i]);
                }
            }
            f64::from(most)
        };
        let rows = (0..shape.rows).into_par_iter().map(of_row).reduce(|| 0.0, f64::max);
        let needed = rows * dt_s;
        if needed.is_finite() && needed <= MOST_SUB_STEPS {
            return Ok(((needed - 1e-6).ceil() as usize).max(1));
        }
        Err(TransportError::TooLong { dt_s, needed, longest_s: MOST_SUB_STEPS / rows })
    }

    /// # Errors
    /// As [`Self::sub_steps`]; cancelled.
    pub fn layers<T: Real>(&self, dt_s: f64, cancel: &CancelToken) -> Result<Layers<T>, TransportError> {
        self.layers_in(dt_s, Vec::new(), cancel)
    }

    /// In memory that is at hand: millions of numbers an array, and the system clears what it lends.
    ///
    /// # Errors
    /// As [`Self::layers`].
    pub fn layers_in<T: Real>(
        &self,
        dt_s: f64,
        mut spare: Vec<Vec<T>>,
        cancel: &CancelToken,
    ) -> Result<Layers<T>, TransportError> {
        let (shape, stride) = (self.shape, self.shape.stride());
        let slab = stride * shape.levels;
        let sub_steps = self.sub_steps(dt_s)?;
        let part = dt_s / sub_steps as f64;
        let mut room = || spare.pop().unwrap_or_default();
        // Between any two arrays the user may stop.
        let scaled = |v: &[f32], part: f64, mut to: Vec<T>| -> Result<Vec<T>, Cancelled> {
            cancel.check()?;
            v.par_iter().map(|v| T::from_f64(f64::from(*v) * part)).collect_into_vec(&mut to);
            Ok(to)
        };
        let parts = ((0.5 * part / LONGEST_MIX_S).ceil() as usize).max(FEWEST_MIXES);
        let columns = ColumnFlow {
            up: scaled(&self.up, 0.5 * part, room())?,
            exchange: scaled(&self.exchange, 0.5 * part / parts as f64, room())?,
            parts,
        };
        let size = scaled(&self.size, 1.0, room())?;
        cancel.check()?;
        // What half a sweep up and down leaves.
        let mut lifted = room();
        lifted.clone_from(&size);
        lifted.par_chunks_mut(slab).enumerate().skip(GHOSTS).take(shape.rows).for_each(|(row, lifted)| {
            let start = row * slab;
            for level in 0..shape.levels {
                for i in level * stride + GHOSTS..level * stride + GHOSTS + shape.cols {
                    let above = if level + 1 < shape.levels { columns.up[start + i + stride] } else { T::ZERO };
                    let below = if level == 0 { T::ZERO } else { columns.up[start + i] };
                    lifted[i] = size[start + i] - (above - below);
                }
            }
        });
        let east = |size: &[T], room: Vec<T>| -> Result<Departures<T>, Cancelled> {
            cancel.check()?;
            Ok(Departures::new(Towards::East, (&self.east, 0.5 * part), size, shape, room))
        };
        let leaving = east(&lifted, room())?;
        let between = leaving.sizes(Towards::East, &lifted, shape, room());
        cancel.check()?;
        let south = Departures::new(Towards::South, (&self.south, part), &between, shape, room());
        cancel.check()?;
        // Nobody needs those any more.
        let swept = south.sizes(Towards::South, &between, shape, lifted);
        let arriving = east(&swept, room())?;
        cancel.check()?;
        let spread = (self.spread_per_s > 0.0).then(|| T::from_f64(self.spread_per_s * part));
        let size = Rows::full(size, shape);
        Ok(Layers { sub_steps, size, columns, arriving, leaving, south, between, swept, spread })
    }
}

impl<T: Real> Layers<T> {
    /// Its memory, for [`LayerRates::layers_in`].
    #[must_use]
    pub fn spare(self) -> Vec<Vec<T>> {
        let Self { size, columns, arriving, leaving, south, between, swept, .. } = self;
        let size = if let Rows::Full { data, .. } = size { data } else { Vec::new() };
        vec![size, columns.up, columns.exchange, arriving.share, leaving.share, south.share, between, swept]
    }

    /// One (sub-)step.
    ///
    /// # Errors
    /// As [`Self::steps`].
    pub fn step(&self, field: &mut Field<T>, end: End<T>, cancel: &CancelToken) -> Result<(), Cancelled> {
        self.steps(field, 1, &Ends { end, fresh: &[], seconds: 0.0 }, &mut [], cancel)
    }

    /// Many of them. Each is half of it up and down, half of it eastward, all of it southward, and both halves again the
    /// other way round (Strang 1968, SIAM J. Numer. Anal. 5, 506); from one to the next all that stays in a row is done at
    /// once. `sums` of the lowest level, one a cell or none, grow at the end of every step but the last.
    ///
    /// # Errors
    /// [`Cancelled`]: the field is then of no use any more.
    pub fn steps(
        &self,
        field: &mut Field<T>,
        count: usize,
        ends: &Ends<'_, T>,
        sums: &mut [f64],
        cancel: &CancelToken,
    ) -> Result<(), Cancelled> {
        self.rows(field, Way::Out, ends, sums, cancel)?;
        for step in 1..=count {
            self.southward(field, cancel)?;
            self.rows(field, if step < count { Way::Through } else { Way::Home }, ends, sums, cancel)?;
        }
        Ok(())
    }

    fn rows(
        &self,
        field: &mut Field<T>,
        way: Way,
        ends: &Ends<'_, T>,
        sums: &mut [f64],
        cancel: &CancelToken,
    ) -> Result<(), Cancelled> {
        let shape = field.shape();
        let slab = shape.stride() * shape.levels;
        let (now, _, inflow) = field.parts();
        let reach = [&self.arriving, &self.leaving].map(|east| east.reach[0].max(east.reach[1]));
        let pad = reach[0].max(reach[1]) + 2;
        let pass = slab::Pass { layers: self, shape, ends: *ends, way, inflow, pad };
        let cells = &mut now[GHOSTS * slab..(GHOSTS + shape.rows) * slab];
        // Without sums every row has none.
        let mut none = vec![[0.0; 0]; shape.rows];
        let sums: Vec<&mut [f64]> = if sums.is_empty() {
            none.iter_mut().map(|none| &mut none[..]).collect()
        } else {
            sums.chunks_mut(shape.cols).collect()
        };
        cells.par_chunks_mut(slab).zip(sums).enumerate().try_for_each_init(
            || Slab::new(shape, pad),
            |room, (row, (cells, sums))| {
                cancel.check()?;
                widely(
                    #[inline(always)]
                    || pass.row(row, cells, sums, room),
                );
                Ok(())
            },
        )
    }

    fn southward(&self, field: &mut Field<T>, cancel: &CancelToken) -> Result<(), Cancelled> {
        let shape = field.shape();
        let slab = shape.stride() * shape.levels;
        let (now, next, inflow) = field.parts();
        let (south, size) = (&self.south, &self.between[..]);
        let pass = bands::Pass { shape, from: now, south, size, spread: self.spread, inflow };
        let cells = &mut next[GHOSTS * slab..(GHOSTS + shape.rows) * slab];
        cells.par_chunks_mut(bands::ROWS * slab).enumerate().try_for_each_init(
            || bands::Room::new(shape),
            |room, (band, to)| {
                for level in 0..shape.levels {
                    cancel.check()?;
                    widely(
                        #[inline(always)]
                        || pass.band(band * bands::ROWS, level, to, room),
                    );
                }
                Ok(())
            },
        )?;
        field.swap();
        Ok(())
    }
}
