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
        let (col, row) = ((c as usize).min(self.cols.saturating_sub(2)), (r as usize).min(self.rows.saturating_sub(2)));
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
            for (i, particle) in particles.iter_mut().enumerate() {
                if particle.state != State::Afloat {
                    continue;
                }
                particle.at = self.carried(particle.at);
                if reach > 0.0 {
                    let bits = self.rng.bits(self.step, (chunk * CHUNK + i) as u64);
                    let unit = |bits: u64| (bits as f64 + 0.5) * (2.0 / 4_294_967_296.0) - 1.0;
                    particle.at[0] += reach * unit(bits >> 32);
                    particle.at[1] += reach * unit(bits & 0xffff_ffff);
                }
                particle.state = self.state(particle.at);
            }
            Ok(())
        })
    }

    fn carried(&self, at: [f64; 2]) -> [f64; 2] {
        let h = self.dt_s;
        let along = |v: [f64; 2], share: f64| [at[0] + share * h * v[0], at[1] + share * h * v[1]];
        let k1 = self.current.at(at);
        let k2 = self.current.at(along(k1, 0.5));
        let k3 = self.current.at(along(k2, 0.5));
        let k4 = self.current.at(along(k3, 1.0));
        let mean = |i: usize| (k1[i] + 2.0 * (k2[i] + k3[i]) + k4[i]) * (1.0 / 6.0);
        along([mean(0), mean(1)], 1.0)
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
