//! How wide a plume is at a distance: the dispersion parameters of ISC3.
//!
//! EPA-454/B-95-003b (1995), "User's guide for the Industrial Source Complex (ISC3) dispersion models, vol. II":
//! rural by Pasquill-Gifford, eqs. 1-32 to 1-34 and tables 1-1, 1-2; urban by Briggs, tables 1-3, 1-4. They stand for
//! averages of about an hour over 100 m to 10 km; nearer and farther they are carried on as the tables say.

use serde::{Deserialize, Serialize};

use super::stability::{Stability, StabilityClass};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Surroundings {
    #[default]
    Rural,
    Urban,
}

/// Standard deviations of the concentration across the wind and upwards, metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sigma {
    pub y_m: f64,
    pub z_m: f64,
}

/// Rural sigma z is not taken larger (note to table 1-2).
const LARGEST_RURAL_Z_M: f64 = 5000.0;

/// (up to this distance in km, a, b): sigma z = a x^b with x in km (table 1-2).
type Curve = &'static [(f64, f64, f64)];

const END: f64 = f64::INFINITY;

const RURAL_Z: [Curve; 6] = [
    &[
        (0.10, 122.8, 0.94470),
        (0.15, 158.08, 1.0542),
        (0.20, 170.22, 1.0932),
        (0.25, 179.52, 1.1262),
        (0.30, 217.41, 1.2644),
        (0.40, 258.89, 1.4094),
        (0.50, 346.75, 1.7283),
        (3.11, 453.85, 2.1166),
        (END, LARGEST_RURAL_Z_M, 0.0),
    ],
    &[(0.20, 90.673, 0.93198), (0.40, 98.483, 0.98332), (END, 109.3, 1.0971)],
    &[(END, 61.141, 0.91465)],
    &[
        (0.30, 34.459, 0.86974),
        (1.0, 32.093, 0.81066),
        (3.0, 32.093, 0.64403),
        (10.0, 33.504, 0.60486),
        (30.0, 36.65, 0.56589),
        (END, 44.053, 0.51179),
    ],
    &[
        (0.10, 24.26, 0.8366),
        (0.30, 23.331, 0.81956),
        (1.0, 21.628, 0.7566),
        (2.0, 21.628, 0.63077),
        (4.0, 22.534, 0.57154),
        (10.0, 24.703, 0.50527),
        (20.0, 26.97, 0.46713),
        (40.0, 35.42, 0.37615),
        (END, 47.618, 0.29592),
    ],
    &[
        (0.20, 15.209, 0.81558),
        (0.70, 14.457, 0.78407),
        (1.0, 13.953, 0.68465),
        (2.0, 13.953, 0.63227),
        (3.0, 14.823, 0.54503),
        (7.0, 16.187, 0.4649),
        (15.0, 17.836, 0.41507),
        (30.0, 22.651, 0.32681),
        (60.0, 27.074, 0.27436),
        (END, 34.219, 0.21716),
    ],
];

/// (c, d): sigma y = 465.11628 x tan(0.017453293 (c - d ln x)) with x in km (table 1-1).
const RURAL_Y: [(f64, f64); 6] =
    [(24.167, 2.5334), (18.333, 1.8096), (12.5, 1.0857), (8.333, 0.72382), (6.25, 0.54287), (4.1667, 0.36191)];

/// Of a class, at a distance downwind in metres. Zero at the source and upwind of it.
#[must_use]
pub fn of_class(surroundings: Surroundings, class: StabilityClass, distance_m: f64) -> Sigma {
    if distance_m <= 0.0 {
        return Sigma { y_m: 0.0, z_m: 0.0 };
    }
    match surroundings {
        Surroundings::Rural => rural(class, distance_m / 1000.0),
        Surroundings::Urban => urban(class, distance_m),
    }
}

fn rural(class: StabilityClass, km: f64) -> Sigma {
    let (c, d) = RURAL_Y[class.index()];
    let y_m = 465.116_28 * km * (0.017_453_293 * d.mul_add(-km.ln(), c)).tan();
    let curve = RURAL_Z[class.index()];
    let (_, a, b) = curve.iter().copied().find(|(up_to, ..)| km <= *up_to).unwrap_or((END, LARGEST_RURAL_Z_M, 0.0));
    Sigma { y_m, z_m: (a * km.powf(b)).min(LARGEST_RURAL_Z_M) }
}

fn urban(class: StabilityClass, x: f64) -> Sigma {
    let flattening = |a: f64, b: f64| a * x / b.mul_add(x, 1.0).sqrt();
    let (across, up) = match class {
        StabilityClass::A | StabilityClass::B => (0.32, 0.24 * x * 0.001_f64.mul_add(x, 1.0).sqrt()),
        StabilityClass::C => (0.22, 0.20 * x),
        StabilityClass::D => (0.16, flattening(0.14, 0.0003)),
        StabilityClass::E | StabilityClass::F => (0.11, flattening(0.08, 0.0015)),
    };
    Sigma { y_m: flattening(across, 0.0004), z_m: up }
}

/// Between two classes the logarithms are mixed: a plume does not jump when the air passes a class's edge.
#[must_use]
pub fn of(surroundings: Surroundings, stability: Stability, distance_m: f64) -> Sigma {
    let near = of_class(surroundings, stability.class, distance_m);
    if stability.towards_next == 0.0 || distance_m <= 0.0 {
        return near;
    }
    let next = of_class(surroundings, stability.class.next(), distance_m);
    let mix = |a: f64, b: f64| (b.ln() - a.ln()).mul_add(stability.towards_next, a.ln()).exp();
    Sigma { y_m: mix(near.y_m, next.y_m), z_m: mix(near.z_m, next.z_m) }
}

/// How far upwind a point would have to lie to be as wide here as a source already is (ISC3, sect. 1.1.5.2):
/// (for sigma y, for sigma z), metres.
#[must_use]
pub fn virtual_distances(surroundings: Surroundings, stability: Stability, initial: Sigma) -> (f64, f64) {
    let find = |wanted: f64, part: fn(Sigma) -> f64| {
        if wanted <= 0.0 {
            return 0.0;
        }
        let (mut low, mut high) = (0.0, 200_000.0);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if part(of(surroundings, stability, middle)) < wanted { low = middle } else { high = middle }
        }
        high
    };
    (find(initial.y_m, |s| s.y_m), find(initial.z_m, |s| s.z_m))
}

#[cfg(test)]
mod tests {
    use super::*;
    use StabilityClass::{A, B, C, D, E, F};

    /// Turner (1970), "Workbook of atmospheric dispersion estimates", figs. 3-2 and 3-3, at 1 km.
    #[test]
    fn pasquill_gifford_at_a_kilometre() {
        for (class, y, z) in [(A, 209.0, 453.85), (B, 155.0, 109.3), (C, 103.0, 61.1), (D, 68.0, 32.1), (F, 34.0, 14.0)]
        {
            let s = of_class(Surroundings::Rural, class, 1000.0);
            assert!((s.y_m / y - 1.0).abs() < 0.02 && (s.z_m / z - 1.0).abs() < 0.01, "{class:?} {s:?}");
        }
    }

    #[test]
    fn plumes_widen_with_distance_and_with_instability() {
        for place in [Surroundings::Rural, Surroundings::Urban] {
            for pair in [A, B, C, D, E, F].windows(2) {
                for x in [150.0, 700.0, 2500.0, 9000.0] {
                    let (a, b) = (of_class(place, pair[0], x), of_class(place, pair[1], x));
                    assert!(a.y_m >= b.y_m && a.z_m >= b.z_m, "{place:?} {pair:?} {x}");
                }
                let widths: Vec<f64> = (1..400).map(|i| of_class(place, pair[0], f64::from(i) * 50.0).y_m).collect();
                assert!(widths.is_sorted());
            }
        }
    }

    #[test]
    fn halfway_between_two_classes_is_their_geometric_mean() {
        let between = Stability { class: D, towards_next: 0.5 };
        let (d, e) = (of_class(Surroundings::Rural, D, 800.0), of_class(Surroundings::Rural, E, 800.0));
        let s = of(Surroundings::Rural, between, 800.0);
        assert!((s.z_m - (d.z_m * e.z_m).sqrt()).abs() < 1e-9 && (s.y_m - (d.y_m * e.y_m).sqrt()).abs() < 1e-9);
    }

    #[test]
    fn a_virtual_point_is_as_wide_as_its_source() {
        let stability = Stability::from(C);
        let (y, z) = virtual_distances(Surroundings::Rural, stability, Sigma { y_m: 20.0, z_m: 5.0 });
        assert!((of(Surroundings::Rural, stability, y).y_m - 20.0).abs() < 1e-6);
        assert!((of(Surroundings::Rural, stability, z).z_m - 5.0).abs() < 1e-6);
    }
}
