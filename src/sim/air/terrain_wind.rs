//! A wind over hills that loses no air: mass-consistent by a potential (Sasaki 1970, Mon. Wea. Rev. 98, 875; Sherman 1978,
//! J. Appl. Meteorol. 17, 312, with the vertical left free).
//!
//! A first guess (a power law with height over the ground) is changed by the gradient of a potential, the same at every
//! height, so that what flows into each column of air under the lid flows out again; what a level then gains or loses
//! passes its upper face. The flow speeds up over ridges and goes round high ground; buildings slow it and narrow the faces
//! that it passes; it knows no stability, no eddies and no sea breeze.

use rayon::prelude::*;

use super::built::Built;
use super::potential::solve;
use crate::base::cancel::{CancelToken, Cancelled};
use crate::sim::transport::rows::Shape;

/// Height of the wind that is given.
const GIVEN_M: f64 = 10.0;
/// The power law holds up to here.
pub const PROFILE_TOP_M: f64 = 200.0;
/// A cell that is built up wholly keeps so much room, which nothing enters.
const LEAST_OPEN: f64 = 0.05;

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
    /// Buildings, one entry a cell; none where they are left out.
    pub built: Vec<Built>,
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

    /// Share of a cell that no building fills.
    #[must_use]
    pub fn open(&self, cell: usize, level: usize) -> f64 {
        let Some(built) = self.built.get(cell) else { return 1.0 };
        let air = self.lid_m - f64::from(self.height_m[cell]);
        built.open(air * self.faces[level], air * self.faces[level + 1])
    }

    /// Thickness that air fills.
    #[must_use]
    pub fn size(&self, cell: usize, level: usize) -> f64 {
        self.thickness(cell, level) * self.open(cell, level).max(LEAST_OPEN)
    }

    /// Padded thicknesses that air fills; 1 outside the map.
    #[must_use]
    pub fn sizes(&self) -> Vec<f32> {
        let shape = self.shape;
        let mut sizes = vec![1.0; shape.padded_len()];
        for cell in 0..shape.cols * shape.rows {
            let at = shape.at(cell % shape.cols, cell / shape.cols);
            (0..shape.levels).for_each(|k| sizes[at + k * shape.stride()] = self.size(cell, k) as f32);
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
        let profiles = self.profiles(exponent, cancel)?;
        let mut given_here = Vec::with_capacity(cells);
        for row in 0..rows {
            cancel.check()?;
            given_here.extend((row * cols..(row + 1) * cols).map(&given));
        }
        let given = given_here;
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
        let speed = |a: Option<usize>, b: Option<usize>, k: usize, axis: usize| match (a, b) {
            (Some(a), Some(b)) => f64::midpoint(profile(a, k, axis), profile(b, k, axis)),
            (Some(a), None) | (None, Some(a)) => profile(a, k, axis),
            (None, None) => 0.0,
        };
        let share = |k: usize| self.faces[k + 1] - self.faces[k];
        // What buildings keep from a face over its whole height: of its depth and of the first guess.
        let kept = |a: Option<usize>, b: Option<usize>, axis: usize| {
            let blocked = (0..levels).map(|k| (k, 1.0 - self.through(a, b, k))).filter(|(_, blocked)| *blocked > 0.0);
            blocked.fold([0.0; 2], |[deep, guess], (k, blocked)| {
                [deep + share(k) * blocked, guess + speed(a, b, k, axis) * blocked]
            })
        };
        let (mut deep_east, mut deep_south) = (faces_east(&depth), faces_south(&depth));
        cancel.check()?;
        let mut guess_east = faces_east(&carried(0));
        cancel.check()?;
        let mut guess_south: Vec<f64> = faces_south(&carried(1)).iter().map(|f| -f).collect();
        cancel.check()?;
        let (whole_east, whole_south) = (deep_east.clone(), deep_south.clone());
        if !self.built.is_empty() {
            deep_east.iter_mut().zip(&mut guess_east).enumerate().for_each(|(i, (deep, guess))| {
                let (col, row) = (i % (cols + 1), i / (cols + 1));
                let [less, slower] = kept(west(col, row), here(col, row), 0);
                (*deep, *guess) = (*deep * (1.0 - less), *guess - slower);
            });
            cancel.check()?;
            deep_south.iter_mut().zip(&mut guess_south).enumerate().for_each(|(i, (deep, guess))| {
                let (col, row) = (i % cols, i / cols);
                let [less, slower] = kept(north(col, row), here(col, row), 1);
                (*deep, *guess) = (*deep * (1.0 - less), *guess + slower);
            });
        }
        cancel.check()?;
        let divergence = |i: usize| {
            let (col, row) = (i % cols, i / cols);
            let e = row * (cols + 1) + col;
            guess_east[e + 1] - guess_east[e] + guess_south[i + cols] - guess_south[i]
        };
        let wanted: Vec<f64> = (0..cells).map(divergence).collect();
        let potential = solve(deep_east, deep_south, &wanted, [cols, rows], cancel)?;
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
                    let share = share(k);
                    if row < rows {
                        let (a, b) = (west(col, row), here(col, row));
                        let e = whole_east[row * (cols + 1) + col] * share * slope(a, b);
                        v.east[at + k * stride] =
                            ((speed(a, b, k, 0) - e) * self.through(a, b, k) / self.cell_m) as f32;
                    }
                    if col < cols {
                        let (a, b) = (north(col, row), here(col, row));
                        let s = whole_south[row * cols + col] * share * slope(a, b);
                        v.south[at + k * stride] =
                            ((-speed(a, b, k, 1) - s) * self.through(a, b, k) / self.cell_m) as f32;
                    }
                }
            }
        }
        cancel.check()?;
        self.lift(&mut v, slab);
        cancel.check()?;
        Ok(v)
    }

    /// Speed over the given one times thickness, per level.
    fn profiles(&self, exponent: f64, cancel: &CancelToken) -> Result<Vec<f64>, Cancelled> {
        let levels = self.shape.levels;
        let mut profiles = vec![0.0; self.shape.count()];
        profiles.par_chunks_mut(levels).enumerate().try_for_each(|(cell, column)| {
            cancel.check()?;
            for (k, value) in column.iter_mut().enumerate() {
                let z = self.middle(cell, k).clamp(1.0, PROFILE_TOP_M);
                let open_land = |z: f64| (z / GIVEN_M).powf(exponent);
                let speed = self.built.get(cell).map_or_else(|| open_land(z), |b| b.speed(z, open_land));
                *value = speed * self.thickness(cell, k);
            }
            Ok(())
        })?;
        Ok(profiles)
    }

    /// Of a face, what the fuller of its two cells leaves free; nothing passes the rest.
    fn through(&self, a: Option<usize>, b: Option<usize>, level: usize) -> f64 {
        let open = |cell: Option<usize>| cell.map_or(1.0, |cell| self.open(cell, level));
        open(a).min(open(b))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Hills of 300 m, and a town in their lee with a block that fills its cell up to 20 m.
    fn ground(built: impl Fn(usize, usize) -> Built) -> Ground {
        let (cols, rows) = (40, 30);
        let hill = |i: usize| {
            let (c, r) = ((i % cols) as f64, (i / cols) as f64);
            (300.0 * (-((c - 14.0) / 6.0).powi(2) - ((r - 15.0) / 9.0).powi(2)).exp()) as f32
        };
        Ground {
            shape: Shape { cols, rows, levels: 4 },
            cell_m: 100.0,
            height_m: (0..cols * rows).map(hill).collect(),
            lid_m: 1500.0,
            faces: vec![0.0, 0.01, 0.03, 0.2, 1.0],
            built: (0..cols * rows).map(|i| built(i % cols, i / cols)).collect(),
        }
    }

    fn town(c: usize, r: usize) -> Built {
        match (c, r) {
            (30, 15) => Built { plan: 1.0, frontal: 0.8, height_m: 20.0 },
            (26..=34, 11..=19) => Built { plan: 0.35, frontal: 0.3, height_m: 12.0 },
            _ => Built::default(),
        }
    }

    #[test]
    fn nothing_passes_a_blocked_face_and_no_air_is_lost() {
        let with = ground(town);
        let given = [3.0, -1.0];
        let v = with.wind(given, 0.15);
        let (shape, stride) = (with.shape, with.shape.stride());
        let slab = stride * shape.levels;
        // The full block's lowest level: all four walls, and so its roof.
        let at = shape.at(30, 15);
        assert_eq!([v.east[at], v.east[at + 1], v.south[at], v.south[at + slab]], [0.0; 4]);
        assert_eq!(v.up[at + stride].abs(), 0.0);
        // The lid stays shut: what a whole column takes in it gives away.
        let (mut most, mut through) = (0.0_f64, 0.0_f64);
        for cell in 0..shape.cols * shape.rows {
            let at = shape.at(cell % shape.cols, cell / shape.cols);
            let out = (0..shape.levels).map(|k| at + k * stride).map(|i| {
                f64::from(v.east[i + 1]) - f64::from(v.east[i]) + f64::from(v.south[i + slab]) - f64::from(v.south[i])
            });
            most = most.max(out.sum::<f64>().abs());
            through = through.max(f64::from(v.east[at + 3 * stride].abs()));
        }
        assert!(most < 1e-5 * through, "{most} of {through}");
        // It is calmer in the town than without it, and hardly changed far above.
        let without = ground(|_, _| Built::default()).wind(given, 0.15);
        let [low, high] = [0, 3].map(|k| {
            let at = shape.at(28, 15) + k * stride;
            v.east[at] / without.east[at]
        });
        assert!(low < 0.6 && (0.97..1.03).contains(&high), "{low} {high}");
    }

    #[test]
    fn without_buildings_the_wind_has_the_same_bits() {
        let none = ground(|_, _| Built::default());
        let left_out = Ground { built: Vec::new(), ..none.clone() };
        let [a, b] = [&none, &left_out].map(|g| g.wind([2.5, 1.5], 0.15));
        assert!(a.east == b.east && a.south == b.south && a.up == b.up);
        assert_eq!(none.sizes(), left_out.sizes());
    }

    #[test]
    fn a_uniform_concentration_stays_uniform_between_buildings() {
        use crate::sim::transport::field::Field;
        use crate::sim::transport::layers::LayerRates;
        use crate::sim::transport::line::End;
        let with = ground(town);
        let wind = with.wind([3.0, -1.0], 0.15);
        let rates = LayerRates {
            shape: with.shape,
            size: with.sizes(),
            east: wind.east,
            south: wind.south,
            up: wind.up,
            exchange: vec![0.0; with.shape.padded_len()],
            spread_per_s: 1e-3,
        };
        let cancel = CancelToken::new();
        let layers = rates.layers::<f64>(1800.0, &cancel).unwrap();
        let mut field = Field::new(with.shape, 2.0, |_, _, _| 2.0);
        for _ in 0..layers.sub_steps {
            layers.step(&mut field, End { remains: 1.0, floor: 1e-300 }, &cancel).unwrap();
        }
        let cells = with.shape.cols * with.shape.rows;
        let off = (0..cells * with.shape.levels).map(|i| {
            (field.get(i % with.shape.cols, i / with.shape.cols % with.shape.rows, i / cells) / 2.0 - 1.0).abs()
        });
        let off = off.fold(0.0, f64::max);
        assert!(off < 2e-5, "{off} after {} steps", layers.sub_steps);
    }
}
