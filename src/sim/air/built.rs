//! Buildings of a cell of a coarse grid as the wind feels them: how much of the air's room they take, and how much they
//! slow what blows over and between them.

use super::terrain_wind::PROFILE_TOP_M;

/// What stands in a cell; nothing by default.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Built {
    /// Share of the ground that is built on (plan area density).
    pub plan: f32,
    /// Walls that face the wind over the ground's area (frontal area density).
    pub frontal: f32,
    /// Mean height, weighted by footprint.
    pub height_m: f32,
}

/// Denser than this is no field of obstacles any more.
pub const DENSEST: f32 = 0.8;
/// Lower and sparser than this changes nothing that a cell of tens of metres shows.
const LEAST_HEIGHT_M: f32 = 2.0;
const LEAST_PLAN: f32 = 0.01;

impl Built {
    #[must_use]
    pub fn counts(&self) -> bool {
        self.plan >= LEAST_PLAN && self.height_m >= LEAST_HEIGHT_M
    }

    /// Share of the air between two heights over the ground that is free.
    #[must_use]
    pub fn open(&self, from_m: f64, to_m: f64) -> f64 {
        if !self.counts() {
            return 1.0;
        }
        let inside = ((f64::from(self.height_m) - from_m) / (to_m - from_m)).clamp(0.0, 1.0);
        1.0 - f64::from(self.plan) * inside
    }

    /// Displacement height and roughness length, metres (Macdonald, Griffiths & Hall 1998, Atmos. Environ. 32, 1857, eq. 23
    /// and 26, with A = 4.43, β = 1 for staggered cubes and a drag coefficient of 1.2; made for plan densities up to 0.6).
    #[must_use]
    pub fn macdonald(&self) -> [f64; 2] {
        const A: f64 = 4.43;
        const DRAG: f64 = 1.2;
        const KARMAN: f64 = 0.4;
        let (plan, height) = (f64::from(self.plan), f64::from(self.height_m));
        let displaced = 1.0 + A.powf(-plan) * (plan - 1.0);
        let free = 1.0 - displaced;
        let frontal = f64::from(self.frontal).max(1e-3);
        let rough = free * (-(0.5 * DRAG / (KARMAN * KARMAN) * free * frontal).powf(-0.5)).exp();
        [displaced * height, rough * height]
    }

    /// Speed at a height, where over open land it is `open_land` of the height: the logarithmic profile over the
    /// displaced ground that joins the open land's at the top of the profile, and below the roofs an exponential one
    /// (Macdonald 2000, Boundary-Layer Meteorol. 97, 25, attenuation 9.6 times the frontal density). Never faster than
    /// over open land.
    #[must_use]
    pub fn speed(&self, z_m: f64, open_land: impl Fn(f64) -> f64) -> f64 {
        let free = open_land(z_m);
        let height = f64::from(self.height_m);
        if !self.counts() || height >= 0.5 * PROFILE_TOP_M {
            return free;
        }
        let [displaced, rough] = self.macdonald();
        let over = |z: f64| {
            let log = |z: f64| ((z - displaced) / rough).max(1.0).ln();
            open_land(PROFILE_TOP_M) * log(z) / log(PROFILE_TOP_M)
        };
        let slowed = if z_m >= height {
            over(z_m)
        } else {
            over(height) * (9.6 * f64::from(self.frontal) * (z_m / height - 1.0)).exp()
        };
        slowed.min(free)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cubes_have_the_roughness_that_macdonald_draws() {
        // Staggered cubes at a density of 0.16: d/H about 0.34, z0/H about 0.13 at its most (the paper's figures 1 and 3).
        let cubes = Built { plan: 0.16, frontal: 0.16, height_m: 10.0 };
        let [d, z0] = cubes.macdonald();
        assert!((d / 10.0 - 0.338).abs() < 0.005, "{d}");
        assert!((0.08..0.16).contains(&(z0 / 10.0)), "{z0}");
        let dense = Built { plan: 0.6, frontal: 0.6, height_m: 10.0 };
        assert!(dense.macdonald()[1] < z0, "the wind skims over what is dense");
        assert_eq!(Built { plan: 0.5, frontal: 0.5, height_m: 10.0 }.open(0.0, 20.0), 0.75);
    }

    #[test]
    fn wind_is_slower_between_houses_and_joins_above() {
        let open_land = |z: f64| (z / 10.0).powf(0.15);
        let town = Built { plan: 0.3, frontal: 0.3, height_m: 9.0 };
        let speeds = [2.0, 5.0, 9.0, 20.0, 80.0, 200.0].map(|z| town.speed(z, open_land));
        assert!(speeds.windows(2).all(|s| s[0] < s[1]), "{speeds:?}");
        assert!(speeds[3] < 0.9 * open_land(20.0) && (speeds[5] / open_land(200.0) - 1.0).abs() < 1e-12, "{speeds:?}");
        assert_eq!(Built::default().speed(10.0, open_land), open_land(10.0));
    }
}
