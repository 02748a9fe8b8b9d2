//! A wind over hills that loses no air: mass-consistent by a potential (Sasaki 1970, Mon. Wea. Rev. 98, 875; Sherman 1978,
//! J. Appl. Meteorol. 17, 312, with the vertical left free).
//!
//! A first guess (a power law with height over the ground) is changed by the gradient of a potential, the same at every
//! height, so that what flows into each column of air under the lid flows out again; what a level then gains or loses
//! passes its upper face. The flow speeds up over ridges and goes round high ground; it knows no stability, no eddies and
//! no sea breeze.

use rayon::prelude::*;

use super::potential::solve;
use crate::base::cancel::{CancelToken, Cancelled};
use crate::sim::transport::rows::Shape;

/// Height of the wind that is given.
const GIVEN_M: f64 = 10.0;
/// The power law holds up to here.
const PROFILE_TOP_M: f64 = 200.0;

/// Terrain-following levels: shares of the air between the ground and a flat lid.
#[derive(Debug, Clone)]
pub struct Ground {
    pub shape: Shape,
    pub cell_m: f64,
    /// Row by row from the north.
    pub height_m: Vec<f32>,
    pub lid_m: f64,
    /// Faces of the levels from 0 (ground) to 1 (lid).
    pub faces: Vec<f64>,
}

/// Volumes through faces per second, padded as the kernel wants them.
#[derive(Debug, Clone, Default)]
pub struct Volumes {
    pub east: Vec<f32>,
    pub south: Vec<f32>,
    pub up: Vec<f32>,
}

impl Ground {
    /// Thickness of a level, metres.
    #[must_use]
    pub fn thickness(&self, cell: usize, level: usize) -> f64 {
        (self.lid_m - f64::from(self.height_m[cell])) * (self.faces[level + 1] - self.faces[level])
    }

    /// Height of a level's middle over the ground.
    #[must_use]
    pub fn middle(&self, cell: usize, level: usize) -> f64 {
        (self.lid_m - f64::from(self.height_m[cell])) * f64::midpoint(self.faces[level], self.faces[level + 1])
    }

    /// The level that holds a height over the ground.
    #[must_use]
    pub fn level_at(&self, cell: usize, height_m: f64) -> usize {
        let share = height_m / (self.lid_m - f64::from(self.height_m[cell]));
        self.faces[1..].iter().position(|f| share < *f).unwrap_or(self.shape.levels - 1)
    }

    /// Padded thicknesses; 1 outside the map.
    #[must_use]
    pub fn sizes(&self) -> Vec<f32> {
        let shape = self.shape;
        let mut sizes = vec![1.0; shape.padded_len()];
        for cell in 0..shape.cols * shape.rows {
            let at = shape.at(cell % shape.cols, cell / shape.cols);
            (0..shape.levels).for_each(|k| sizes[at + k * shape.stride()] = self.thickness(cell, k) as f32);
        }
        sizes
    }

    /// What a wind of `given` (east, north) m/s at 10 m becomes over this ground. Linear in `given`.
    #[must_use]
    pub fn wind(&self, given: [f64; 2], exponent: f64) -> Volumes {
        self.wind_of(|_| given, exponent, &CancelToken::new()).unwrap_or_else(|Cancelled| Volumes::default())
    }

    /// As [`Self::wind`] for a wind that differs from cell to cell, such as one between stations. Linear in it too.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn wind_of(
        &self,
        given: impl Fn(usize) -> [f64; 2] + Sync,
        exponent: f64,
        cancel: &CancelToken,
    ) -> Result<Volumes, Cancelled> {
        let Shape { cols, rows, levels } = self.shape;
        let cells = cols * rows;
        // Speed over the given one times thickness, per level, and their sum over the column.
        let mut profiles = vec![0.0; cells * levels];
        profiles.par_chunks_mut(levels).enumerate().for_each(|(cell, column)| {
            for (k, value) in column.iter_mut().enumerate() {
                let z = self.middle(cell, k).clamp(1.0, PROFILE_TOP_M);
                *value = (z / GIVEN_M).powf(exponent) * self.thickness(cell, k);
            }
        });
        cancel.check()?;
        let given: Vec<[f64; 2]> = (0..cells).map(given).collect();
        let profile = |cell: usize, k: usize, axis: usize| given[cell][axis] * profiles[cell * levels + k];
        let carried = |axis: usize| -> Vec<f64> {
            (0..cells).map(|i| given[i][axis] * profiles[i * levels..][..levels].iter().sum::<f64>()).collect()
        };
        let depth: Vec<f64> = self.height_m.iter().map(|h| self.lid_m - f64::from(*h)).collect();
        let pair = |v: &[f64], a: Option<usize>, b: Option<usize>| match (a, b) {
            (Some(a), Some(b)) => f64::midpoint(v[a], v[b]),
            (Some(a), None) | (None, Some(a)) => v[a],
            (None, None) => 0.0,
        };
        let west = |col: usize, row: usize| (col > 0).then(|| row * cols + col - 1);
        let here = |col: usize, row: usize| (col < cols && row < rows).then(|| row * cols + col);
        let north = |col: usize, row: usize| (row > 0).then(|| (row - 1) * cols + col);
        let faces_east = |v: &[f64]| -> Vec<f64> {
            let face = |i: usize| pair(v, west(i % (cols + 1), i / (cols + 1)), here(i % (cols + 1), i / (cols + 1)));
            (0..(cols + 1) * rows).map(face).collect()
        };
        let faces_south = |v: &[f64]| -> Vec<f64> {
            (0..cols * (rows + 1)).map(|i| pair(v, north(i % cols, i / cols), here(i % cols, i / cols))).collect()
        };
        let (deep_east, deep_south) = (faces_east(&depth), faces_south(&depth));
        let guess_east = faces_east(&carried(0));
        let guess_south: Vec<f64> = faces_south(&carried(1)).iter().map(|f| -f).collect();
        let divergence = |i: usize| {
            let (col, row) = (i % cols, i / cols);
            let e = row * (cols + 1) + col;
            guess_east[e + 1] - guess_east[e] + guess_south[i + cols] - guess_south[i]
        };
        let wanted: Vec<f64> = (0..cells).map(divergence).collect();
        let potential = solve(deep_east.clone(), deep_south.clone(), &wanted, [cols, rows], cancel)?;
        let slope =
            |a: Option<usize>, b: Option<usize>| b.map_or(0.0, |b| potential[b]) - a.map_or(0.0, |a| potential[a]);
        let (shape, stride) = (self.shape, self.shape.stride());
        let slab = stride * levels;
        let n = shape.padded_len();
        let mut v = Volumes { east: vec![0.0; n], south: vec![0.0; n], up: vec![0.0; n] };
        for row in 0..=rows {
            cancel.check()?;
            for col in 0..=cols {
                let at = shape.at(0, row) + col;
                for k in 0..levels {
                    let share = self.faces[k + 1] - self.faces[k];
                    let speed = |a: Option<usize>, b: Option<usize>, axis: usize| match (a, b) {
                        (Some(a), Some(b)) => f64::midpoint(profile(a, k, axis), profile(b, k, axis)),
                        (Some(a), None) | (None, Some(a)) => profile(a, k, axis),
                        (None, None) => 0.0,
                    };
                    if row < rows {
                        let (a, b) = (west(col, row), here(col, row));
                        let e = deep_east[row * (cols + 1) + col] * share * slope(a, b);
                        v.east[at + k * stride] = ((speed(a, b, 0) - e) / self.cell_m) as f32;
                    }
                    if col < cols {
                        let (a, b) = (north(col, row), here(col, row));
                        let s = deep_south[row * cols + col] * share * slope(a, b);
                        v.south[at + k * stride] = ((-speed(a, b, 1) - s) / self.cell_m) as f32;
                    }
                }
            }
        }
        self.lift(&mut v, slab);
        Ok(v)
    }

    /// What each level has too much of passes its upper face.
    pub fn lift(&self, v: &mut Volumes, slab: usize) {
        let (shape, stride) = (self.shape, self.shape.stride());
        for cell in 0..shape.cols * shape.rows {
            let at = shape.at(cell % shape.cols, cell / shape.cols);
            let mut through = 0.0;
            for k in 0..shape.levels - 1 {
                let i = at + k * stride;
                let out = f64::from(v.east[i + 1]) - f64::from(v.east[i]) + f64::from(v.south[i + slab])
                    - f64::from(v.south[i]);
                through -= out;
                v.up[i + stride] = through as f32;
            }
        }
    }
}
