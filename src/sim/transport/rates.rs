//! What crosses the faces of a grid in a second, and how long a step may be.

use super::error::TransportError;
use super::real::Real;
use super::rows::{GHOSTS, Rows, Shape};
use super::tile::Flow;

/// Largest share of a cell's volume that leaves it in one direction in a (sub-)step.
pub const COURANT: f64 = 0.9;
/// Largest K dt / dx² of an explicit (sub-)step: positive up to 0.5; a fourth keeps the error of second order small.
const DIFFUSION_NUMBER: f64 = 0.25;
/// More sub-steps than this say that the step was meant otherwise.
pub const MOST_SUB_STEPS: f64 = 1000.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Boundary {
    /// Nothing passes the edge of the grid.
    #[default]
    Closed,
    /// What flows out leaves; what flows in has the inflow's concentration.
    Open,
}

/// Volumes through faces per second as shares of a cell of size 1, all arrays padded.
#[derive(Debug, Clone)]
pub struct Rates {
    pub shape: Shape,
    /// Eastward through the west face of each cell, southward through its north face.
    pub east: Vec<f64>,
    pub south: Vec<f64>,
    /// Faces between two cells of the map; `None` when every cell belongs to it.
    open: Option<[Vec<bool>; 2]>,
    /// K / dx² and K / dy².
    diffusion: [f64; 2],
}

/// Velocities at cell centres and what else a plane's flow is made of.
#[derive(Debug, Clone, Copy)]
pub struct CellVelocity<'a> {
    pub shape: Shape,
    /// Width and height of a cell, metres.
    pub cell_m: [f64; 2],
    /// Eastward and northward, m/s, row by row from the north.
    pub east_mps: &'a [f32],
    pub north_mps: &'a [f32],
    /// Cells that take part; `None`: all.
    pub active: Option<&'a [bool]>,
    pub boundary: Boundary,
    pub diffusivity_m2ps: f64,
}

impl Rates {
    /// Face velocities are the mean of both cells'; at an open edge, the cell's own.
    ///
    /// # Errors
    /// [`TransportError`]: a diffusivity or a velocity that is not possible.
    pub fn from_cells(given: &CellVelocity<'_>) -> Result<Self, TransportError> {
        let CellVelocity { shape, cell_m, east_mps, north_mps, active, boundary, diffusivity_m2ps } = *given;
        TransportError::require("diffusivity", diffusivity_m2ps, 0.0, 1e9)?;
        let takes_part = |cell: usize| active.is_none_or(|a| a[cell]);
        let bad = |v: &[f32]| v.iter().enumerate().filter(|(i, v)| takes_part(*i) && !v.is_finite()).count();
        let cells = bad(east_mps).max(bad(north_mps));
        if cells > 0 {
            return Err(TransportError::NotANumber { what: "velocity", cells });
        }
        let index = |col: Option<usize>, row: Option<usize>| {
            let (col, row) = (col.filter(|c| *c < shape.cols)?, row.filter(|r| *r < shape.rows)?);
            Some(row * shape.cols + col).filter(|cell| takes_part(*cell))
        };
        // Between two cells; beyond the edge of the grid lies what `boundary` says, beyond the map's nothing.
        let face = |before: Option<usize>, after: Option<usize>, at_edge: bool, v: &[f32]| match (before, after) {
            (Some(a), Some(b)) => f64::midpoint(f64::from(v[a]), f64::from(v[b])),
            (Some(a), None) | (None, Some(a)) if at_edge && boundary == Boundary::Open => f64::from(v[a]),
            _ => 0.0,
        };
        let (mut east, mut south) = (vec![0.0; shape.padded_len()], vec![0.0; shape.padded_len()]);
        let mut open = [vec![false; shape.padded_len()], vec![false; shape.padded_len()]];
        for row in 0..=shape.rows {
            for col in 0..=shape.cols {
                let here = index(Some(col), Some(row));
                let at = shape.at(0, row) + col;
                if row < shape.rows {
                    let west = index(col.checked_sub(1), Some(row));
                    east[at] = face(west, here, col == 0 || col == shape.cols, east_mps) / cell_m[0];
                    open[0][at] = west.is_some() && here.is_some();
                }
                if col < shape.cols {
                    let north = index(Some(col), row.checked_sub(1));
                    south[at] = -face(north, here, row == 0 || row == shape.rows, north_mps) / cell_m[1];
                    open[1][at] = north.is_some() && here.is_some();
                }
            }
        }
        let diffusion = cell_m.map(|d| diffusivity_m2ps / (d * d));
        Ok(Self { shape, east, south, open: active.is_some().then_some(open), diffusion })
    }

    /// Equal parts of a step that keep every cell's outflow below [`COURANT`] and diffusion below its limit.
    ///
    /// # Errors
    /// [`TransportError::TooLong`].
    pub fn sub_steps(&self, dt_s: f64) -> Result<usize, TransportError> {
        let mut most = DIFFUSION_NUMBER.recip() * self.diffusion[0].max(self.diffusion[1]);
        let stride = self.shape.stride();
        let spread = self.diffusion[0].max(self.diffusion[1]);
        for row in 0..self.shape.rows {
            for col in 0..self.shape.cols {
                let at = self.shape.at(col, row);
                let (west, east) = (self.east[at], self.east[at + 1]);
                let (north, south) = (self.south[at], self.south[at + stride]);
                let out = [east.max(0.0) - west.min(0.0), south.max(0.0) - north.min(0.0)];
                // The first sweep changes a cell's size by what it loses; the second must fit into what is left.
                let lost = [(east - west).max(0.0), (south - north).max(0.0)];
                most = most.max(out[0] / COURANT + lost[1]).max(out[1] / COURANT + lost[0]);
                if spread > 0.0 {
                    most = most.max(2.0 * spread + lost[0].max(lost[1]));
                }
            }
        }
        let needed = most * dt_s;
        if needed.is_finite() && needed <= MOST_SUB_STEPS {
            // A hair more than needed is what rounding of a step chosen at the limit gives.
            return Ok(((needed - 1e-9).ceil() as usize).max(1));
        }
        Err(TransportError::TooLong { dt_s, needed, longest_s: MOST_SUB_STEPS / most })
    }

    /// The largest outflow of a cell in one direction in a time, as a share of its volume.
    #[must_use]
    pub fn courant(&self, dt_s: f64) -> f64 {
        let stride = self.shape.stride();
        let out = |near: f64, far: f64| far.max(0.0) - near.min(0.0);
        (0..self.shape.rows * self.shape.cols).fold(0.0_f64, |most, cell| {
            let at = self.shape.at(cell % self.shape.cols, cell / self.shape.cols);
            let x = out(self.east[at], self.east[at + 1]);
            most.max(x * dt_s).max(out(self.south[at], self.south[at + stride]) * dt_s)
        })
    }

    /// What flows in a step of `dt_s`.
    #[must_use]
    pub fn flow<T: Real>(&self, dt_s: f64) -> Flow<T> {
        let shape = self.shape;
        let scaled = |v: &[f64]| Rows::full(v.iter().map(|v| T::from_f64(v * dt_s)).collect(), shape);
        let face = |open: bool, value: f64| if open { T::from_f64(value) } else { T::ZERO };
        let along = |value: f64| {
            let inner = |i: usize| i > GHOSTS && i < GHOSTS + shape.cols;
            Rows::Same((0..shape.stride()).map(|i| face(inner(i), value)).collect())
        };
        let across = |value: f64| Rows::Edged {
            edge: vec![T::ZERO; shape.stride()],
            inner: vec![T::from_f64(value); shape.stride()],
            rows: shape.rows,
            levels: 1,
        };
        let planes = |values: [f64; 2]| match &self.open {
            None => [along(values[0]), across(values[1])],
            Some([west, north]) => [(west, values[0]), (north, values[1])]
                .map(|(open, v)| Rows::full(open.iter().map(|o| face(*o, v)).collect(), shape)),
        };
        let [open_west, open_north] = planes([1.0; 2]);
        let diffusion = (self.diffusion != [0.0; 2]).then(|| planes(self.diffusion.map(|d| d * dt_s)));
        Flow { east: scaled(&self.east), south: scaled(&self.south), open_west, open_north, diffusion }
    }
}
