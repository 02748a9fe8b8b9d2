//! Particles in a current: Runge-Kutta of fourth order and a random walk; what drifts onto land stays there.

// As in `line`.
#![allow(clippy::needless_range_loop, clippy::inline_always)]

use rayon::prelude::*;

use super::wide::widely;
use crate::base::cancel::{CancelToken, Cancelled};
use crate::base::rng::KeyedRng;

/// Velocities at cell centres, linear between them, as at the nearest centre beyond them.
#[derive(Debug, Clone)]
pub struct Current {
    /// West and north edge, metres.
    pub corner_m: [f64; 2],
    pub cell_m: f64,
    pub cols: usize,
    pub rows: usize,
    /// (eastward, northward) m/s, row by row from the north.
    pub mps: Vec<[f32; 2]>,
}

impl Current {
    #[must_use]
    pub fn at(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        self.of(&[[x; TOGETHER], [y; TOGETHER]]).map(|v| v[0])
    }

    /// At several places side by side: eastward ones, northward ones.
    #[inline(always)]
    fn of(&self, [x, y]: &Places) -> Places {
        let per_cell = 1.0 / self.cell_m;
        let [cols, rows] = [self.cols, self.rows].map(|n| n as f64);
        let (mut s, mut t, mut start) = ([0.0; TOGETHER], [0.0; TOGETHER], [0_u32; TOGETHER]);
        let within = |v: f64, n: f64| {
            let v = if v > 0.0 { v } else { 0.0 };
            let v = if v < n - 1.0 { v } else { n - 1.0 };
            let (whole, last) = (v.floor(), if n > 2.0 { n - 2.0 } else { 0.0 });
            let whole = if whole < last { whole } else { last };
            (whole, v - whole)
        };
        for i in 0..TOGETHER {
            let (col, along) = within((x[i] - self.corner_m[0]) * per_cell - 0.5, cols);
            let (row, down) = within((self.corner_m[1] - y[i]) * per_cell - 0.5, rows);
            (s[i], t[i]) = (along, down);
            // A whole number's own bits, which processors make of several at once.
            start[i] = (row * cols + col + WHOLE).to_bits() as u32;
        }
        // North-west, north-east, south-west, south-east: both components of each.
        let mut corners = [[0.0_f32; TOGETHER]; 8];
        for i in 0..TOGETHER {
            let start = start[i] as usize;
            let (Some([a, b]), Some([d, e])) =
                (self.mps.get(start..start + 2), self.mps.get(start + self.cols..start + self.cols + 2))
            else {
                continue;
            };
            for (corner, [east, north]) in [a, b, d, e].into_iter().enumerate() {
                (corners[2 * corner][i], corners[2 * corner + 1][i]) = (*east, *north);
            }
        }
        let mix = |k: usize| {
            let [a, b, d, e] = [corners[k], corners[2 + k], corners[4 + k], corners[6 + k]];
            let mut mixed = [0.0; TOGETHER];
            for i in 0..TOGETHER {
                let north = f64::from(a[i]) + s[i] * f64::from(b[i] - a[i]);
                let south = f64::from(d[i]) + s[i] * f64::from(e[i] - d[i]);
                mixed[i] = north + t[i] * (south - north);
            }
            mixed
        };
        [mix(0), mix(1)]
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Afloat,
    /// On land or at the shore, for good.
    Stranded,
    /// Beyond the map.
    Gone,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Particle {
    pub at: [f64; 2],
    pub state: State,
    /// When it was let go, seconds of the run.
    pub since_s: f64,
}

/// What moves particles in a step.
#[derive(Debug, Clone, Copy)]
pub struct Drift<'a> {
    pub current: &'a Current,
    /// Cells of the current's grid on which particles strand; `None`: nowhere.
    pub land: Option<&'a [bool]>,
    pub diffusivity_m2ps: f64,
    pub dt_s: f64,
    /// Stream of its own for every purpose.
    pub rng: KeyedRng,
    pub step: u64,
}

/// Particles of one piece of work: the result does not depend on who does which.
const CHUNK: usize = 4096;
/// Particles that are carried side by side: each stage waits for the one before, and the processor has the others to do
/// meanwhile.
const TOGETHER: usize = 8;
/// Eastings and northings, or velocities.
type Places = [[f64; TOGETHER]; 2];
/// Added to a whole number below 2^32, its bits are the last ones: 2^52.
const WHOLE: f64 = 4_503_599_627_370_496.0;

impl Drift<'_> {
    /// Moves all particles by a step: along the current (Kutta 1901), then at random by a number of mean 0 and variance
    /// 2 K dt in each direction (Visser 1997, Mar. Ecol. Prog. Ser. 158, 275, eq. 2, uniform K; a uniform number of that
    /// variance serves as well as a normal one, Hunter, Craig & Phillips 1993, J. Comput. Phys. 109, 366).
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn step(&self, particles: &mut [Particle], cancel: &CancelToken) -> Result<(), Cancelled> {
        // A uniform number in ±a has the variance a²/3.
        let reach = (6.0 * self.diffusivity_m2ps * self.dt_s).sqrt();
        particles.par_chunks_mut(CHUNK).enumerate().try_for_each(|(chunk, particles)| {
            cancel.check()?;
            widely(
                #[inline(always)]
                || {
                    for (group, together) in particles.chunks_mut(TOGETHER).enumerate() {
                        self.move_on((chunk * CHUNK + group * TOGETHER) as u64, reach, together);
                    }
                },
            );
            Ok(())
        })
    }

    /// Particles from the `first` on.
    #[inline(always)]
    fn move_on(&self, first: u64, reach: f64, together: &mut [Particle]) {
        let mut at = [[0.0; TOGETHER]; 2];
        for (i, particle) in together.iter().enumerate() {
            (at[0][i], at[1][i]) = (particle.at[0], particle.at[1]);
        }
        let mut at = self.carried(&at);
        if reach > 0.0 {
            let unit = |bits: u32| (f64::from(bits) + 0.5) * (2.0 / 4_294_967_296.0) - 1.0;
            for i in 0..TOGETHER {
                let bits = self.rng.bits(self.step, first + i as u64);
                at[0][i] += reach * unit((bits >> 32) as u32);
                at[1][i] += reach * unit(bits as u32);
            }
        }
        for (i, particle) in together.iter_mut().enumerate().filter(|(_, p)| p.state == State::Afloat) {
            particle.at = [at[0][i], at[1][i]];
            particle.state = self.state(particle.at);
        }
    }

    #[inline(always)]
    fn carried(&self, at: &Places) -> Places {
        let h = self.dt_s;
        let along = |v: &Places, share: f64| {
            let mut there = *at;
            for (there, v) in there.iter_mut().zip(v) {
                for i in 0..TOGETHER {
                    there[i] += share * h * v[i];
                }
            }
            there
        };
        let k1 = self.current.of(at);
        let k2 = self.current.of(&along(&k1, 0.5));
        let k3 = self.current.of(&along(&k2, 0.5));
        let k4 = self.current.of(&along(&k3, 1.0));
        let mut mean = [[0.0; TOGETHER]; 2];
        for axis in 0..2 {
            for i in 0..TOGETHER {
                let middle = k2[axis][i] + k3[axis][i];
                mean[axis][i] = (k1[axis][i] + 2.0 * middle + k4[axis][i]) * (1.0 / 6.0);
            }
        }
        along(&mean, 1.0)
    }

    #[inline(always)]
    fn state(&self, [x, y]: [f64; 2]) -> State {
        let c = self.current;
        let (col, row) = ((x - c.corner_m[0]) / c.cell_m, (c.corner_m[1] - y) / c.cell_m);
        if !(col >= 0.0 && row >= 0.0 && col < c.cols as f64 && row < c.rows as f64) {
            return State::Gone;
        }
        let stranded = self.land.is_some_and(|land| land[row as usize * c.cols + col as usize]);
        if stranded { State::Stranded } else { State::Afloat }
    }
}
