//! The steady Gaussian plume of one point: EPA-454/B-95-003b (1995), ISC3 vol. II, sect. 1.1.1 and 1.1.6.

use std::f64::consts::{PI, TAU};

use super::sigma::Sigma;

/// ISC3 eq. 1-1 without its vertical term, per unit of emission: the concentration's factor in s/m3 times V.
#[must_use]
pub fn horizontal(wind_mps: f64, sigma: Sigma, crosswind_m: f64) -> f64 {
    let offset = crosswind_m / sigma.y_m;
    (-0.5 * offset * offset).exp() / (TAU * wind_mps * sigma.y_m * sigma.z_m)
}

fn bell(distance_m: f64, sigma_z_m: f64) -> f64 {
    let s = distance_m / sigma_z_m;
    (-0.5 * s * s).exp()
}

/// Vertical term with the ground's reflection alone: the first two terms of ISC3 eq. 1-50.
#[must_use]
pub fn over_ground(receptor_m: f64, plume_m: f64, sigma_z_m: f64) -> f64 {
    bell(receptor_m - plume_m, sigma_z_m) + bell(receptor_m + plume_m, sigma_z_m)
}

/// As [`over_ground`] with the first image above the mixing lid, which stands at 2 zi - h.
#[must_use]
pub fn under_first_image(receptor_m: f64, plume_m: f64, sigma_z_m: f64, lid_m: f64) -> f64 {
    over_ground(receptor_m, plume_m, sigma_z_m) + bell(2.0 * lid_m - plume_m - receptor_m, sigma_z_m)
}

/// From this many lid heights on the plume fills the layer evenly (ISC3, sect. 1.1.6.1).
pub const WELL_MIXED: f64 = 1.6;

/// Vertical term between ground and lid with all reflections that matter (ISC3 eq. 1-50), evenly mixed when the
/// plume is thicker than [`WELL_MIXED`] lids (eq. 1-52). Nothing of a plume above the lid reaches below it.
#[must_use]
pub fn vertical(receptor_m: f64, plume_m: f64, sigma_z_m: f64, lid_m: f64) -> f64 {
    if plume_m > lid_m {
        return 0.0;
    }
    if sigma_z_m >= WELL_MIXED * lid_m {
        return (2.0 * PI).sqrt() * sigma_z_m / lid_m;
    }
    let mut sum = over_ground(receptor_m, plume_m, sigma_z_m);
    // Images of images fall off as a bell of the lid's height: eight of them are beyond double precision at 1.6 lids.
    for i in 1..=16_u32 {
        let lids = 2.0 * f64::from(i) * lid_m;
        let images = bell(receptor_m - (lids - plume_m), sigma_z_m)
            + bell(receptor_m + (lids - plume_m), sigma_z_m)
            + bell(receptor_m - (lids + plume_m), sigma_z_m)
            + bell(receptor_m + (lids + plume_m), sigma_z_m);
        sum += images;
        if images < 1e-14 * sum {
            break;
        }
    }
    sum
}

/// What is left of a substance with this half-life (infinite: all of it) after the way to here (ISC3 eq. 1-58).
#[must_use]
pub fn decay(distance_m: f64, wind_mps: f64, half_life_s: f64) -> f64 {
    (-std::f64::consts::LN_2 * distance_m / (wind_mps * half_life_s)).exp()
}

/// Share of a plume's matter below a height over reflecting ground.
#[must_use]
pub fn share_below(height_m: f64, plume_m: f64, sigma_z_m: f64) -> f64 {
    if height_m <= 0.0 {
        return 0.0;
    }
    normal((height_m - plume_m) / sigma_z_m) + normal((height_m + plume_m) / sigma_z_m) - 1.0
}

/// The normal distribution, by Abramowitz & Stegun (1964), eq. 26.2.17; error below 7.5e-8.
#[must_use]
pub fn normal(x: f64) -> f64 {
    let t = 1.0 / 0.231_641_9_f64.mul_add(x.abs(), 1.0);
    let series = [1.330_274_429, -1.821_255_978, 1.781_477_937, -0.356_563_782, 0.319_381_530]
        .into_iter()
        .fold(0.0, |sum: f64, b| (sum + b) * t);
    let tail = (-0.5 * x * x).exp() / TAU.sqrt() * series;
    if x < 0.0 { tail } else { 1.0 - tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Turner (1970), "Workbook of atmospheric dispersion estimates", problem 3: 80 g/s at 60 m, 500 m downwind in
    /// overcast air (D) at 6 m/s.
    #[test]
    fn turners_workbook() {
        let s = Sigma { y_m: 36.0, z_m: 18.5 };
        let at = |y: f64| 80.0 * horizontal(6.0, s, y) * over_ground(0.0, 60.0, s.z_m);
        assert!((at(0.0) / 3.3e-5 - 1.0).abs() < 0.03, "{}", at(0.0));
        assert!((at(50.0) / 1.3e-5 - 1.0).abs() < 0.06, "{}", at(50.0));
    }

    #[test]
    fn nothing_is_lost_between_ground_and_lid() {
        for (h, s) in [(0.0, 5.0), (40.0, 30.0), (90.0, 120.0), (10.0, 159.0), (50.0, 200.0)] {
            let (lid, n) = (100.0, 2000);
            let step = lid / f64::from(n);
            let sum: f64 = (0..n).map(|i| vertical((f64::from(i) + 0.5) * step, h, s, lid) * step).sum();
            assert!((sum / (TAU.sqrt() * s) - 1.0).abs() < 1e-3, "{h} {s} {sum}");
        }
        assert_eq!(vertical(1.0, 101.0, 20.0, 100.0), 0.0);
        assert_eq!(vertical(1.0, 10.0, 20.0, f64::INFINITY), over_ground(1.0, 10.0, 20.0));
    }

    #[test]
    fn shares_and_decay() {
        assert!((share_below(10.0, 0.0, 10.0) - 0.682_689_492).abs() < 2e-7);
        assert!((share_below(1e4, 50.0, 10.0) - 1.0).abs() < 2e-7);
        assert!((decay(3600.0, 1.0, 3600.0) - 0.5).abs() < 1e-12);
        assert_eq!(decay(1e5, 1.0, f64::INFINITY), 1.0);
    }
}
