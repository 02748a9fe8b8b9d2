//! Levels above a ground, stepped: the kernel in three dimensions over steep terrain.

use rayon::prelude::*;

use super::column::ColumnFlow;
use super::error::TransportError;
use super::field::Field;
use super::line::End;
use super::rates::{COURANT, MOST_SUB_STEPS};
use super::real::Real;
use super::rows::{GHOSTS, Rows, Shape, Volume};
use super::tile::{Flow, Order};
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
    flow: Flow<T>,
    columns: ColumnFlow<T>,
    /// Sizes after the sweeps within the levels, and after the one up and down.
    swept: Volume<T>,
    lifted: Volume<T>,
}

impl LayerRates {
    /// Equal parts of a step that keep every cell's outflow in a direction below [`COURANT`] of what it holds then.
    ///
    /// # Errors
    /// [`TransportError::TooLong`].
    pub fn sub_steps(&self, dt_s: f64) -> Result<usize, TransportError> {
        let (shape, stride) = (self.shape, self.shape.stride());
        let slab = stride * shape.levels;
        let of_row = |row: usize| {
            let mut most = 0.0_f64;
            for level in 0..shape.levels {
                for col in 0..shape.cols {
                    let at = shape.at(col, row) + level * stride;
                    let above = if level + 1 < shape.levels { self.up[at + stride] } else { 0.0 };
                    let faces = [
                        [self.east[at], self.east[at + 1]],
                        [self.south[at], self.south[at + slab]],
                        [if level == 0 { 0.0 } else { self.up[at] }, above],
                    ];
                    let lost = faces.map(|[near, far]| (far - near).max(0.0));
                    for (i, [near, far]) in faces.into_iter().enumerate() {
                        let out = far.max(0.0) - near.min(0.0);
                        let others = lost[0] + lost[1] + lost[2] - lost[i];
                        most = most.max((f64::from(out) / COURANT + f64::from(others)) / f64::from(self.size[at]));
                    }
                }
            }
            most
        };
        let rows = (0..shape.rows).into_par_iter().map(of_row).reduce(|| 0.0, f64::max);
        let most = rows.max(4.0 * self.spread_per_s);
        let needed = most * dt_s;
        if needed.is_finite() && needed <= MOST_SUB_STEPS {
            return Ok(((needed - 1e-6).ceil() as usize).max(1));
        }
        Err(TransportError::TooLong { dt_s, needed, longest_s: MOST_SUB_STEPS / most })
    }

    /// # Errors
    /// As [`Self::sub_steps`]; cancelled.
    pub fn layers<T: Real>(&self, dt_s: f64, cancel: &CancelToken) -> Result<Layers<T>, TransportError> {
        let (shape, stride) = (self.shape, self.shape.stride());
        let slab = stride * shape.levels;
        let sub_steps = self.sub_steps(dt_s)?;
        let part = dt_s / sub_steps as f64;
        // Arrays of millions of cells: between any two of them the user may stop.
        let scaled = |v: &[f32]| -> Result<Vec<T>, Cancelled> {
            cancel.check()?;
            Ok(v.par_iter().map(|v| T::from_f64(f64::from(*v) * part)).collect())
        };
        let (east, south, up) = (scaled(&self.east)?, scaled(&self.south)?, scaled(&self.up)?);
        let exchange = scaled(&self.exchange)?;
        let size: Vec<T> = self.size.par_iter().map(|v| T::from_f64(f64::from(*v))).collect();
        cancel.check()?;
        let (mut swept, mut lifted) = (size.clone(), size.clone());
        cancel.check()?;
        let rows = swept.par_chunks_mut(slab).zip(lifted.par_chunks_mut(slab)).skip(GHOSTS).take(shape.rows);
        rows.enumerate().for_each(|(row, (swept, lifted))| {
            for level in 0..shape.levels {
                for col in 0..shape.cols {
                    let (at, i) = (shape.at(col, row) + level * stride, GHOSTS + col + level * stride);
                    let above = if level + 1 < shape.levels { up[at + stride] } else { T::ZERO };
                    let below = if level == 0 { T::ZERO } else { up[at] };
                    swept[i] = size[at] - (east[at + 1] - east[at]) - (south[at + slab] - south[at]);
                    lifted[i] = size[at] - (above - below);
                }
            }
        });
        let open = |inside: bool| if inside { T::ONE } else { T::ZERO };
        let within = |i: usize, cells: usize| i > GHOSTS && i < GHOSTS + cells;
        let open_north = Rows::Edged {
            edge: vec![T::ZERO; stride],
            inner: vec![T::ONE; stride],
            rows: shape.rows,
            levels: shape.levels,
        };
        cancel.check()?;
        let spread = self.spread(part);
        let volume = |size: Vec<T>| -> Result<Volume<T>, Cancelled> {
            cancel.check()?;
            Ok(Volume::full(size, shape))
        };
        Ok(Layers {
            sub_steps,
            size: volume(size)?,
            flow: Flow {
                east: Rows::full(east, shape),
                south: Rows::full(south, shape),
                open_west: Rows::Same((0..stride).map(|i| open(within(i, shape.cols))).collect()),
                open_north,
                diffusion: spread,
            },
            columns: ColumnFlow { up: Rows::full(up, shape), exchange: Rows::full(exchange, shape) },
            swept: volume(swept)?,
            lifted: volume(lifted)?,
        })
    }

    /// m K dt / dx² at faces: the smaller of both cells' thicknesses is what they share.
    fn spread<T: Real>(&self, dt_s: f64) -> Option<[Rows<T>; 2]> {
        let (shape, stride) = (self.shape, self.shape.stride());
        if self.spread_per_s <= 0.0 {
            return None;
        }
        let slab = stride * shape.levels;
        let face = |cols: std::ops::Range<usize>, rows: std::ops::Range<usize>, back: usize| {
            let mut faces = vec![T::ZERO; shape.padded_len()];
            let (first, count) = (rows.start, rows.len());
            let slabs = faces.par_chunks_mut(slab).skip(GHOSTS + first).take(count);
            slabs.zip(rows).for_each(|(faces, row)| {
                for level in 0..shape.levels {
                    for col in cols.clone() {
                        let at = shape.at(col, row) + level * stride;
                        let shared = self.size[at].min(self.size[at - back]);
                        faces[GHOSTS + col + level * stride] =
                            T::from_f64(f64::from(shared) * self.spread_per_s * dt_s);
                    }
                }
            });
            Rows::full(faces, shape)
        };
        Some([face(1..shape.cols, 0..shape.rows, 1), face(0..shape.cols, 1..shape.rows, slab)])
    }
}

impl<T: Real> Layers<T> {
    /// One sub-step.
    ///
    /// # Errors
    /// [`Cancelled`]: the field is then of no use any more.
    pub fn step(&self, field: &mut Field<T>, end: End<T>, order: Order, cancel: &CancelToken) -> Result<(), Cancelled> {
        match order {
            Order::EastWestFirst => {
                field.step(&self.flow, (&self.size, &self.swept), end, order, cancel)?;
                field.step_columns(&self.columns, (&self.swept, &self.size), order, cancel)
            }
            Order::NorthSouthFirst => {
                field.step_columns(&self.columns, (&self.size, &self.lifted), order, cancel)?;
                field.step(&self.flow, (&self.lifted, &self.size), end, order, cancel)
            }
        }
    }
}
