//! How one place's emission spreads in the air of an hour, by the exact equations.

use serde::{Deserialize, Serialize};

use super::error::AirError;
use super::meteorology::Meteorology;
use super::plume;
use super::rise::{Exhaust, Rise};
use super::sigma::{self, Sigma, virtual_distances};

/// What happens to a substance on its way.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Fate {
    /// Infinite: it does not decay.
    pub half_life_s: f64,
    /// Downward through the air above the ground; 0: nothing settles.
    pub deposition_mps: f64,
}

impl Default for Fate {
    fn default() -> Self {
        Self { half_life_s: f64::INFINITY, deposition_mps: 0.0 }
    }
}

impl Fate {
    /// # Errors
    /// [`AirError::OutOfRange`]: nothing grows on its way, and nothing is gone at once.
    pub fn validate(&self) -> Result<(), AirError> {
        AirError::require("half-life", self.half_life_s, 1.0, f64::INFINITY)?;
        AirError::require("deposition", self.deposition_mps, 0.0, 1.0)
    }
}

/// Where an emission begins: alike for all sources of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Outlet {
    /// Above the ground, metres.
    pub height_m: f64,
    /// Of a stack; `None` for what does not rise by itself.
    pub exhaust: Option<Exhaust>,
    /// Widths that the cloud has when it leaves.
    pub initial_y_m: f64,
    pub initial_z_m: f64,
}

/// An outlet in the air of an hour.
#[derive(Debug, Clone)]
pub struct Release {
    pub air: Meteorology,
    outlet: Outlet,
    fate: Fate,
    rise: Option<Rise>,
    virtual_y_m: f64,
    virtual_z_m: f64,
    /// What is left in the air at [`DEPLETION_FIRST_M`] times powers of two in eighths; empty where nothing settles.
    left: Vec<f64>,
}

/// The plume's axis and widths at a distance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Section {
    pub wind_mps: f64,
    pub height_m: f64,
    pub sigma: Sigma,
    /// Share that has neither decayed nor settled.
    pub left: f64,
}

const DEPLETION_FIRST_M: f64 = 1.0;
const DEPLETION_PER_OCTAVE: f64 = 8.0;
const DEPLETION_OCTAVES: f64 = 18.0;

impl Release {
    #[must_use]
    pub fn new(outlet: Outlet, fate: Fate, air: &Meteorology) -> Self {
        let initial = Sigma { y_m: outlet.initial_y_m, z_m: outlet.initial_z_m };
        let (virtual_y_m, virtual_z_m) = virtual_distances(air.surroundings, air.stability, initial);
        let rise = outlet.exhaust.map(|e| Rise::new(outlet.height_m, e, air));
        let mut release = Self { air: *air, outlet, fate, rise, virtual_y_m, virtual_z_m, left: Vec::new() };
        if fate.deposition_mps > 0.0 {
            release.left = release.depletion();
        }
        release
    }

    /// Source depletion (Chamberlain 1953; Hanna, Briggs & Hosker 1982, "Handbook on atmospheric diffusion", eq. 10.9):
    /// the ground takes vd times the concentration beside it, and the whole column is thinned alike.
    fn depletion(&self) -> Vec<f64> {
        let steps = (DEPLETION_PER_OCTAVE * DEPLETION_OCTAVES) as usize;
        let at = |i: f64| DEPLETION_FIRST_M * (i / DEPLETION_PER_OCTAVE).exp2();
        let mut lost = 0.0;
        let mut left = vec![1.0];
        for i in 0..steps {
            let (from, to) = (at(i as f64), at(i as f64 + 1.0));
            let middle = at(i as f64 + 0.5);
            let s = self.bare_section(middle);
            let v = plume::vertical(0.0, s.height_m, s.sigma.z_m, self.air.lid_m());
            let per_m = self.fate.deposition_mps * v / (std::f64::consts::TAU.sqrt() * s.wind_mps * s.sigma.z_m);
            lost += per_m * (to - from);
            left.push((-lost).exp());
        }
        left
    }

    /// Where the plume's axis ends up, metres above its source's foot.
    #[must_use]
    pub fn final_height_m(&self) -> f64 {
        self.rise.map_or(self.outlet.height_m, |r| r.height_m(1e6))
    }

    fn bare_section(&self, distance_m: f64) -> Section {
        let of = |extra: f64| sigma::of(self.air.surroundings, self.air.stability, distance_m + extra);
        let own = self.rise.map_or(0.0, |r| r.own_spread_m(distance_m));
        let sigma = Sigma { y_m: of(self.virtual_y_m).y_m.hypot(own), z_m: of(self.virtual_z_m).z_m.hypot(own) };
        let height_m = self.rise.map_or(self.outlet.height_m, |r| r.height_m(distance_m));
        Section { wind_mps: self.air.wind_at(self.outlet.height_m), height_m, sigma, left: 1.0 }
    }

    #[must_use]
    pub fn section(&self, distance_m: f64) -> Section {
        let section = self.bare_section(distance_m);
        let mut left = plume::decay(distance_m, section.wind_mps, self.fate.half_life_s);
        if !self.left.is_empty() {
            let at = ((distance_m / DEPLETION_FIRST_M).log2() * DEPLETION_PER_OCTAVE).max(0.0);
            let i = (at as usize).min(self.left.len() - 2);
            left *= (self.left[i + 1] - self.left[i]).mul_add((at - i as f64).min(1.0), self.left[i]);
        }
        Section { left, ..section }
    }

    /// Concentration for a unit of emission, s/m3, at a place downwind, across the wind and above the ground.
    #[must_use]
    pub fn unit(&self, downwind_m: f64, crosswind_m: f64, height_m: f64) -> f64 {
        if downwind_m <= 0.0 {
            return 0.0;
        }
        let s = self.section(downwind_m);
        s.left
            * plume::horizontal(s.wind_mps, s.sigma, crosswind_m)
            * plume::vertical(height_m, s.height_m, s.sigma.z_m, self.air.lid_m())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::air::stability::StabilityClass::D;

    fn ground() -> Outlet {
        Outlet { height_m: 0.0, exhaust: None, initial_y_m: 0.0, initial_z_m: 0.0 }
    }

    #[test]
    fn the_flux_through_every_section_is_the_emission() {
        let air = Meteorology::new(4.0, 0.0, D.into());
        let release = Release::new(Outlet { height_m: 30.0, ..ground() }, Fate::default(), &air);
        for x in [500.0, 3000.0, 20_000.0] {
            let s = release.section(x);
            let (ny, nz) = (200, 400);
            let (dy, dz) = (10.0 * s.sigma.y_m / f64::from(ny), air.mixing_height_m / f64::from(nz));
            let sum: f64 = (0..ny * nz)
                .map(|i| {
                    let y = (f64::from(i % ny) + 0.5) * dy - 5.0 * s.sigma.y_m;
                    release.unit(x, y, (f64::from(i / ny) + 0.5) * dz) * dy * dz
                })
                .sum();
            assert!((sum * s.wind_mps - 1.0).abs() < 2e-3, "{x} {sum}");
        }
    }

    /// Ground source in a layer that it fills: what settles is vd/(u h) a metre, by hand.
    #[test]
    fn what_settles_is_missing_further_on() {
        let air = Meteorology { mixing_height_m: 50.0, ..Meteorology::new(4.0, 0.0, D.into()) };
        let release = Release::new(ground(), Fate { deposition_mps: 0.01, ..Fate::default() }, &air);
        let ratio = release.section(60_000.0).left / release.section(30_000.0).left;
        assert!((ratio - (-0.01 * 30_000.0 / (4.0 * 50.0_f64)).exp()).abs() < 0.01, "{ratio}");
        assert!(release.section(100.0).left > 0.8);
    }

    #[test]
    fn a_half_life_is_some_time() {
        let of = |half_life_s| Fate { half_life_s, deposition_mps: 0.0 }.validate();
        assert!(of(f64::INFINITY).is_ok() && of(3600.0).is_ok());
        assert!([-3600.0, 0.0, f64::NAN].iter().all(|s| of(*s).is_err()));
    }

    #[test]
    fn a_wide_source_is_wide_from_the_start() {
        let air = Meteorology::new(4.0, 0.0, D.into());
        let wide = Release::new(Outlet { initial_y_m: 25.0, initial_z_m: 3.0, ..ground() }, Fate::default(), &air);
        let s = wide.section(1e-3);
        assert!((s.sigma.y_m - 25.0).abs() < 1e-3 && (s.sigma.z_m - 3.0).abs() < 1e-3);
        assert_eq!(wide.unit(-1.0, 0.0, 0.0), 0.0);
    }
}
