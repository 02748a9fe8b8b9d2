//! A release by distance, looked up instead of computed: what makes millions of source-receptor pairs cheap.

use super::plume;
use super::release::Release;

/// The nearest distance that is told apart, metres: what is nearer counts as this (ISC3 sets 1 m too).
const NEAREST_M: f32 = 1.0;
const OCTAVES: usize = 17;
/// Bins of an octave: with straight lines between them the error is below 1e-4 wherever a plume matters.
const BINS: usize = 128;
const BIN_BITS: u32 = BINS.trailing_zeros();
/// ln of less than this is nothing.
const NOTHING: f32 = -80.0;

/// At the edges of the bins.
#[derive(Debug, Clone)]
pub struct PlumeTable {
    /// ln of the concentration on the axis at the receptors' height, per unit of emission, and 1/(sqrt(2) sigma y).
    near_ground: Vec<[f32; 2]>,
    /// ln of it without the vertical term, sigma z, and height of the axis.
    section: Vec<[f32; 3]>,
    lid_m: f64,
}

impl PlumeTable {
    #[must_use]
    pub fn new(release: &Release, receptor_height_m: f64) -> Self {
        let lid_m = release.air.lid_m();
        let (mut near_ground, mut section) = (Vec::new(), Vec::new());
        for i in 0..=OCTAVES * BINS {
            let octave = (i / BINS) as f64;
            let x = f64::from(NEAREST_M) * octave.exp2() * (1.0 + (i % BINS) as f64 / BINS as f64);
            let s = release.section(x);
            let bare = s.left * plume::horizontal(s.wind_mps, s.sigma, 0.0);
            let with_ground = bare * plume::vertical(receptor_height_m, s.height_m, s.sigma.z_m, lid_m);
            let ln = |v: f64| (v.ln() as f32).max(NOTHING);
            near_ground.push([ln(with_ground), (std::f64::consts::FRAC_1_SQRT_2 / s.sigma.y_m) as f32]);
            section.push([ln(bare), s.sigma.z_m as f32, s.height_m as f32]);
        }
        Self { near_ground, section, lid_m }
    }

    /// Bin and place within it, or `None` upwind and beyond the table.
    #[inline]
    fn bin(downwind_m: f32) -> Option<(usize, f32)> {
        if downwind_m <= 0.0 {
            return None;
        }
        // A float's exponent is the octave, its first mantissa bits the bin, the rest the place in the bin.
        let bits = downwind_m.max(NEAREST_M).to_bits();
        let bin = ((bits >> (23 - BIN_BITS)) as usize) - ((127_usize) << BIN_BITS);
        let rest = (bits << (9 + BIN_BITS)) >> 9;
        let place = f32::from_bits(rest | 0x3f80_0000) - 1.0;
        (bin < OCTAVES * BINS).then_some((bin, place))
    }

    /// Per unit of emission, s/m3, at the receptors' height above flat ground.
    #[inline]
    #[must_use]
    pub fn unit(&self, downwind_m: f32, crosswind_m: f32) -> f32 {
        let Some((bin, t)) = Self::bin(downwind_m) else { return 0.0 };
        let ([a, s], [b, r]) = (self.near_ground[bin], self.near_ground[bin + 1]);
        let offset = crosswind_m * (s + (r - s) * t);
        exp(a + (b - a) * t - offset * offset)
    }

    /// As [`Self::unit`] at another height; the share of the plume below the height that `dividing_m` gives comes with
    /// it. That is asked for only where the plume is.
    #[must_use]
    pub fn unit_at(
        &self,
        downwind_m: f32,
        crosswind_m: f32,
        height_m: f64,
        dividing_m: impl FnOnce() -> f64,
    ) -> (f32, f64) {
        let Some((bin, t)) = Self::bin(downwind_m) else { return (0.0, 0.0) };
        let ([_, s], [_, r]) = (self.near_ground[bin], self.near_ground[bin + 1]);
        let offset = crosswind_m * (s + (r - s) * t);
        let (from, to) = (self.section[bin], self.section[bin + 1]);
        let [ln, sigma_z, axis] = [0, 1, 2].map(|i| from[i] + (to[i] - from[i]) * t);
        let across = exp(ln - offset * offset);
        if across == 0.0 {
            return (0.0, 0.0);
        }
        let (sigma_z, axis) = (f64::from(sigma_z), f64::from(axis));
        let dividing_m = dividing_m();
        let share = if dividing_m > 0.0 { plume::share_below(dividing_m, axis, sigma_z) } else { 0.0 };
        ((f64::from(across) * plume::vertical(height_m, axis, sigma_z, self.lid_m)) as f32, share)
    }
}

/// e^x within 3e-7, and 0 below -80: powers of two by the exponent, the rest by a polynomial (Cephes' expf).
#[inline]
fn exp(x: f32) -> f32 {
    const LOG2_E: f32 = std::f32::consts::LOG2_E;
    // ln 2 in two parts, the first exact in few bits.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    if x <= NOTHING {
        return 0.0;
    }
    let n = (x * LOG2_E + 0.5).floor();
    let r = x - n * LN_2_HIGH - n * LN_2_LOW;
    let p =
        ((((1.987_569_1e-4 * r + 1.398_2e-3) * r + 8.333_452e-3) * r + 4.166_579_6e-2) * r + 0.166_666_66) * r + 0.5;
    let e = p * r * r + r + 1.0;
    f32::from_bits(((n as i32 + 127) as u32) << 23) * e
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::air::meteorology::Meteorology;
    use crate::sim::air::release::{Fate, Outlet};
    use crate::sim::air::rise::Exhaust;
    use crate::sim::air::stability::StabilityClass;

    #[test]
    fn exponentials_hold() {
        for i in -7900..50 {
            let x = i as f32 * 0.01;
            let exact = f64::from(x).exp();
            assert!((f64::from(exp(x)) / exact - 1.0).abs() < 4e-7, "{x}");
        }
        assert_eq!(exp(-81.0), 0.0);
    }

    #[test]
    fn looked_up_is_as_computed() {
        let hot = Exhaust { diameter_m: 1.5, velocity_mps: 12.0, temperature_k: 420.0 };
        let outlets = [
            Outlet { height_m: 0.5, exhaust: None, initial_y_m: 0.0, initial_z_m: 0.0 },
            Outlet { height_m: 1.0, exhaust: None, initial_y_m: 20.0, initial_z_m: 2.0 },
            Outlet { height_m: 40.0, exhaust: Some(hot), initial_y_m: 0.0, initial_z_m: 0.0 },
        ];
        for class in StabilityClass::ALL {
            let air = Meteorology::new(3.0, 0.0, class.into());
            for outlet in outlets {
                let release = Release::new(outlet, Fate { half_life_s: 7200.0, deposition_mps: 0.003 }, &air);
                let table = PlumeTable::new(&release, 1.5);
                let top = (0..60).map(|i| release.unit(10.0 * 1.15_f64.powi(i), 0.0, 1.5)).fold(0.0, f64::max);
                for i in 0..400 {
                    let x = 12.0 * 1.02_f64.powi(i);
                    let s = release.section(x);
                    for (offset, z) in [(0.0, 1.5), (0.7, 1.5), (2.0, 1.5), (0.5, 25.0)] {
                        let exact = release.unit(x, offset * s.sigma.y_m, z);
                        let y = (offset * s.sigma.y_m) as f32;
                        let found =
                            if z == 1.5 { table.unit(x as f32, y) } else { table.unit_at(x as f32, y, z, || 0.0).0 };
                        // Where the tables of sigma z jump, a bin is a ramp.
                        let jump = (release.section(x * 1.009).sigma.z_m / release.section(x * 0.991).sigma.z_m)
                            / 1.018_f64.powf(2.2);
                        let tolerance =
                            if jump > 1.0 || release.section(x * 1.009).sigma.z_m < s.sigma.z_m { 0.05 } else { 1e-3 };
                        let error = (f64::from(found) - exact).abs();
                        assert!(error <= tolerance * exact + 1e-6 * top, "{class:?} {x} {offset} {z}: {found} {exact}");
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_goes_upwind() {
        let air = Meteorology::new(3.0, 0.0, StabilityClass::D.into());
        let outlet = Outlet { height_m: 5.0, exhaust: None, initial_y_m: 0.0, initial_z_m: 0.0 };
        let table = PlumeTable::new(&Release::new(outlet, Fate::default(), &air), 1.5);
        assert_eq!((table.unit(-5.0, 0.0), table.unit(0.0, 0.0), table.unit(1e7, 0.0)), (0.0, 0.0, 0.0));
    }
}
