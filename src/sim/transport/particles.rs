//! Particles in a current: Runge-Kutta of fourth order and a random walk; what drifts onto land stays there.

use rayon::prelude::*;

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
    #[inline]
    #[must_use]
    pub fn at(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let last = [self.cols as f64 - 1.0, self.rows as f64 - 1.0];
        let per_cell = 1.0 / self.cell_m;
        let c = ((x - self.corner_m[0]) * per_cell - 0.5).max(0.0).min(last[0]);
        let r = ((self.corner_m[1] - y) * per_cell - 0.5).max(0.0).min(last[1]);
        // By way of 32 bits, which processors turn reals into at once.
        let whole = |v: f64, count: usize| (v as u32 as usize).min(count.saturating_sub(2));
        let (col, row) = (whole(c, self.cols), whole(r, self.rows));
        let (s, t) = (c - col as f64, r - row as f64);
        let start = row * self.cols + col;
        let (Some([a, b]), Some([d, e])) =
            (self.mps.get(start..start + 2), self.mps.get(start + self.cols..start + self.cols + 2))
        else {
            return [0.0; 2];
        };
        let mix = |k: usize| {
            let north = f64::from(a[k]) + s * f64::from(b[k] - a[k]);
            let south = f64::from(d[k]) + s * f64::from(e[k] - d[k]);
            north + t * (south - north)
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
/// Particles that are carried side by side.
const TOGETHER: usize = 8;

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
            let mut done = 0;
            for together in particles.chunks_mut(TOGETHER) {
                let here: [[f64; 2]; TOGETHER] = std::array::from_fn(|i| together.get(i).map_or([0.0; 2], |p| p.at));
                let there = self.carried(here);
                for (i, particle) in together.iter_mut().enumerate().filter(|(_, p)| p.state == State::Afloat) {
                    particle.at = there[i];
                    if reach > 0.0 {
                        let bits = self.rng.bits(self.step, (chunk * CHUNK + done + i) as u64);
                        let unit = |bits: u64| (bits as f64 + 0.5) * (2.0 / 4_294_967_296.0) - 1.0;
                        particle.at[0] += reach * unit(bits >> 32);
                        particle.at[1] += reach * unit(bits & 0xffff_ffff);
                    }
                    particle.state = self.state(particle.at);
                }
                done += TOGETHER;
            }
            Ok(())
        })
    }

    /// Several side by side: each stage waits for the one before, and the processor has the others to do meanwhile.
    fn carried<const N: usize>(&self, at: [[f64; 2]; N]) -> [[f64; 2]; N] {
        let h = self.dt_s;
        let along = |i: usize, v: [f64; 2], share: f64| [at[i][0] + share * h * v[0], at[i][1] + share * h * v[1]];
        let stage = |k: &[[f64; 2]; N], share: f64| -> [[f64; 2]; N] {
            std::array::from_fn(|i| self.current.at(along(i, k[i], share)))
        };
        let k1 = stage(&[[0.0; 2]; N], 0.0);
        let k2 = stage(&k1, 0.5);
        let k3 = stage(&k2, 0.5);
        let k4 = stage(&k3, 1.0);
        std::array::from_fn(|i| {
            let mean = |a: usize| (k1[i][a] + 2.0 * (k2[i][a] + k3[i][a]) + k4[i][a]) * (1.0 / 6.0);
            along(i, [mean(0), mean(1)], 1.0)
        })
    }

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
