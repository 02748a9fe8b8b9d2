//! Levels above a ground, stepped: the kernel in three dimensions over steep terrain.

// As in `line`.
#![allow(clippy::needless_range_loop)]

use rayon::prelude::*;

use super::bands::Split;
use super::column::{ColumnFlow, MIXES};
use super::departure::{Departures, Towards};
use super::error::TransportError;
use super::field::Field;
use super::line::End;
use super::rates::{COURANT, MOST_SUB_STEPS};
use super::real::Real;
use super::rows::{GHOSTS, Rows, Shape, Volume};
use super::tile::Order;
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

/// The kernel's arrays for one flow and one (sub-)step.
#[derive(Debug)]
pub struct Layers<T> {
    pub sub_steps: usize,
    pub size: Volume<T>,
    east_west_first: Split<T>,
    north_south_first: Split<T>,
    columns: ColumnFlow<T>,
}

/// The wind may carry over so many cells in a (sub-)step.
const MOST_CELLS: f64 = 8.0;
/// All directions together may take, and diffusion within a level exchange, such a share of a cell.
const MOST_CHANGE: f64 = 0.9;

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
        // Diffusion exchanges with four neighbours.
        let spread = (4.0 * self.spread_per_s) as f32;
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
                    let carried = 0.5 * x.max(y) / MOST_CELLS as f32;
                    let left = (lost_x + lost_y + lost_z + spread * size[i]) / MOST_CHANGE as f32;
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
        let (shape, stride) = (self.shape, self.shape.stride());
        let slab = stride * shape.levels;
        let sub_steps = self.sub_steps(dt_s)?;
        let part = dt_s / sub_steps as f64;
        // Arrays of millions of cells: between any two of them the user may stop.
        let scaled = |v: &[f32], part: f64| -> Result<Vec<T>, Cancelled> {
            cancel.check()?;
            Ok(v.par_iter().map(|v| T::from_f64(f64::from(*v) * part)).collect())
        };
        // Within the levels a step is two halves with the whole one up and down between them.
        let (east, south) = (scaled(&self.east, 0.5 * part)?, scaled(&self.south, 0.5 * part)?);
        let (up, exchange) = (scaled(&self.up, part)?, scaled(&self.exchange, part / MIXES as f64)?);
        let size: Vec<T> = self.size.par_iter().map(|v| T::from_f64(f64::from(*v))).collect();
        cancel.check()?;
        // What the sweep up and down leaves.
        let mut lifted = size.clone();
        lifted.par_chunks_mut(slab).enumerate().skip(GHOSTS).take(shape.rows).for_each(|(row, lifted)| {
            let start = row * slab;
            for level in 0..shape.levels {
                for i in level * stride + GHOSTS..level * stride + GHOSTS + shape.cols {
                    let above = if level + 1 < shape.levels { up[start + i + stride] } else { T::ZERO };
                    let below = if level == 0 { T::ZERO } else { up[start + i] };
                    lifted[i] = size[start + i] - T::HALF * (above - below);
                }
            }
        });
        let departures = |towards: Towards, size: &[T]| -> Result<(Departures<T>, Vec<T>), Cancelled> {
            cancel.check()?;
            let volume = if towards == Towards::East { &east } else { &south };
            let found = Departures::new(towards, volume, size, shape);
            cancel.check()?;
            let after = found.sizes(towards, size, shape);
            Ok((found, after))
        };
        let (first_east, swept) = departures(Towards::East, &size)?;
        let then_south = Departures::new(Towards::South, &south, &swept, shape);
        let (first_south, half) = departures(Towards::South, &lifted)?;
        let then_east = Departures::new(Towards::East, &east, &half, shape);
        cancel.check()?;
        let spread = (self.spread_per_s > 0.0).then(|| T::from_f64(self.spread_per_s * part));
        Ok(Layers {
            sub_steps,
            columns: ColumnFlow {
                up: Rows::full(up, shape),
                exchange: Rows::full(exchange, shape),
                size: Rows::full(size.clone(), shape),
            },
            east_west_first: Split {
                east: first_east,
                south: then_south,
                before: size.clone(),
                between: swept,
                after: None,
                spread,
            },
            north_south_first: Split {
                east: then_east,
                south: first_south,
                before: lifted,
                between: half,
                after: Some(size.clone()),
                spread: None,
            },
            size: Volume::full(size, shape),
        })
    }
}

impl<T: Real> Layers<T> {
    /// One sub-step: half of it eastward, half of it southward, diffusion within the levels, all of it up and down, and
    /// both halves again the other way round (Strang 1968, SIAM J. Numer. Anal. 5, 506).
    ///
    /// # Errors
    /// [`Cancelled`]: the field is then of no use any more.
    pub fn step(&self, field: &mut Field<T>, end: End<T>, cancel: &CancelToken) -> Result<(), Cancelled> {
        field.step_levels(&self.east_west_first, end, Order::EastWestFirst, cancel)?;
        field.step_columns(&self.columns, cancel)?;
        field.step_levels(&self.north_south_first, end, Order::NorthSouthFirst, cancel)
    }
}
