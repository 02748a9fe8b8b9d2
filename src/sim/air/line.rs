//! A road's plume exactly: the point plume integrated along every segment.

use super::release::{Outlet, Release};
use crate::geo::measure::distance;

/// Gauss-Legendre with five points: half of the symmetric nodes and their weights (Abramowitz & Stegun 1964, 25.4.30).
const NODES: [(f64, f64); 3] = [
    (0.0, 0.568_888_888_888_889),
    (0.538_469_310_105_683, 0.478_628_670_499_366),
    (0.906_179_845_938_664, 0.236_926_885_056_189),
];
/// A panel is halved at most so often.
const DEEPEST: u32 = 24;
const TOLERANCE: f64 = 1e-7;
/// A panel that holds less is not worth halving, s/m3.
const NOTHING: f64 = 1e-22;

/// Concentration at a receptor, s/m3 for a unit of emission of the whole line; `release` without a width of its own
/// across the wind but `width_m` at the road.
#[must_use]
pub fn unit(points: &[[f64; 2]], release: &Release, receptor: [f64; 2], height_m: f64) -> f64 {
    let [east, north] = release.air.downwind();
    let whole: f64 = points.windows(2).map(|p| distance(p[0], p[1])).sum();
    if whole <= 0.0 {
        return 0.0;
    }
    let mut sum = 0.0;
    for pair in points.windows(2) {
        // Downwind and crosswind distance of the receptor from a place of the segment, 0 to 1 along it.
        let from = |t: f64| {
            let d = [0, 1].map(|k| receptor[k] - (pair[1][k] - pair[0][k]).mul_add(t, pair[0][k]));
            (d[0] * east + d[1] * north, d[1] * east - d[0] * north)
        };
        let at = |t: f64| {
            let (x, y) = from(t);
            release.unit(x, y, height_m)
        };
        // Only the part upwind of the receptor counts; the plume begins there with a bend.
        let (x0, x1) = (from(0.0).0, from(1.0).0);
        let bend = x0 / (x0 - x1);
        let (a, b) = match (x0 > 0.0, x1 > 0.0) {
            (false, false) => continue,
            (true, true) => (0.0, 1.0),
            (true, false) => (0.0, bend),
            (false, true) => (bend, 1.0),
        };
        let (y0, y1) = (from(0.0).1, from(1.0).1);
        let (nearest, farthest) = (x0.min(x1), x0.max(x1));
        // Six sigmas aside of the axis nothing is left (e^-18): that part of the segment is not looked at.
        let aside = 6.0 * release.section(farthest).sigma.y_m;
        let (mut a, mut b) = (a, b);
        if y0 != y1 {
            let (from, to) = ((-aside - y0) / (y1 - y0), (aside - y0) / (y1 - y0));
            (a, b) = (a.max(from.min(to)), b.min(from.max(to)));
        }
        if a >= b || (y0 == y1 && y0.abs() > aside) {
            continue;
        }
        // Where the plume's axis passes the receptor the integrand is a narrow peak.
        let peak = if y0 == y1 { a } else { (y0 / (y0 - y1)).clamp(a, b) };
        let long = distance(pair[0], pair[1]);
        // A peak may hide between all nodes of a wide panel: near segments are halved some times whatever comes out.
        let least = if long * (b - a) > 0.2 * nearest { 5 } else { 0 };
        for (a, b) in [(a, peak), (peak, b)] {
            sum += long * adaptive(&at, a, b, panel(&at, a, b), least, 0);
        }
    }
    sum / whole
}

fn panel(f: &impl Fn(f64) -> f64, a: f64, b: f64) -> f64 {
    let (middle, half) = (f64::midpoint(a, b), 0.5 * (b - a));
    let pair = |(node, weight): &(f64, f64)| {
        let one = f(half.mul_add(*node, middle));
        weight * if *node == 0.0 { one } else { one + f(half.mul_add(-node, middle)) }
    };
    half * NODES.iter().map(pair).sum::<f64>()
}

/// Halves a panel until both halves together are what it was.
fn adaptive(f: &impl Fn(f64) -> f64, a: f64, b: f64, whole: f64, least: u32, depth: u32) -> f64 {
    if b <= a {
        return 0.0;
    }
    let middle = f64::midpoint(a, b);
    let (left, right) = (panel(f, a, middle), panel(f, middle, b));
    if depth >= DEEPEST
        || (depth >= least && (left + right - whole).abs() <= TOLERANCE.mul_add((left + right).abs(), NOTHING))
    {
        return left + right;
    }
    adaptive(f, a, middle, left, least, depth + 1) + adaptive(f, middle, b, right, least, depth + 1)
}

/// The road's own turbulence: a lane's width mixes at once across, and some metres up behind the vehicles.
#[must_use]
pub fn outlet(width_m: f64, height_m: f64, initial_z_m: f64) -> Outlet {
    Outlet { height_m, exhaust: None, initial_y_m: width_m / 4.3, initial_z_m }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::air::meteorology::Meteorology;
    use crate::sim::air::plume;
    use crate::sim::air::release::Fate;
    use crate::sim::air::source::{Place, Source};
    use crate::sim::air::stability::StabilityClass::{D, F};

    fn road(half: f64) -> Vec<[f64; 2]> {
        vec![[0.0, -half], [0.0, half]]
    }

    /// Wind across an endless road: sqrt(2/pi) q / (u sigma z), Turner (1970), eq. 5.18 (twice q/(sqrt(2 pi) u sigma z)).
    #[test]
    fn an_endless_road_under_cross_wind() {
        for class in [D, F] {
            let air = Meteorology::new(3.0, 1.5 * std::f64::consts::PI, class.into());
            let release = Release::new(
                Outlet { height_m: 0.0, exhaust: None, initial_y_m: 0.0, initial_z_m: 0.0 },
                Fate::default(),
                &air,
            );
            for x in [20.0, 150.0, 900.0] {
                let s = release.section(x);
                let per_metre = unit(&road(5000.0), &release, [x, 0.0], 0.0) * 10_000.0;
                let expected = plume::vertical(0.0, 0.0, s.sigma.z_m, air.lid_m())
                    / (std::f64::consts::TAU.sqrt() * s.wind_mps * s.sigma.z_m);
                assert!((per_metre / expected - 1.0).abs() < 1e-6, "{class:?} {x} {per_metre} {expected}");
            }
        }
    }

    /// With a dense sum of points along the road, at every angle.
    #[test]
    fn any_wind_agrees_with_many_points() {
        for degrees in [0.0_f64, 5.0, 40.0, 89.0, 170.0, 300.0] {
            let air = Meteorology::new(3.0, degrees.to_radians(), D.into());
            let release = Release::new(outlet(8.0, 0.5, 1.5), Fate::default(), &air);
            let points = road(300.0);
            for receptor in [[30.0, 10.0], [-70.0, 200.0], [15.0, -420.0]] {
                let n = 60_000;
                let [east, north] = air.downwind();
                let sum: f64 = (0..n)
                    .map(|i| {
                        let y = (f64::from(i) + 0.5) / f64::from(n) * 600.0 - 300.0;
                        let d = [receptor[0], receptor[1] - y];
                        release.unit(d[0] * east + d[1] * north, d[1] * east - d[0] * north, 1.5)
                    })
                    .sum::<f64>()
                    / f64::from(n);
                let found = unit(&points, &release, receptor, 1.5);
                assert!((found - sum).abs() <= 2e-3 * sum + 1e-12, "{degrees} {receptor:?} {found} {sum}");
            }
        }
    }

    /// The elements that fields are made of, beyond their own spacing.
    #[test]
    fn elements_stand_for_the_line() {
        let air = Meteorology::new(3.0, 1.2, D.into());
        let place = Place::Line { points: road(300.0), width_m: 8.0, height_m: 0.5, initial_z_m: 1.5 };
        let source = Source::single("r", "r", place, 1.0);
        let release = Release::new(outlet(8.0, 0.5, 1.5), Fate::default(), &air);
        for receptor in [[-80.0, 0.0], [-200.0, -90.0], [-900.0, -200.0]] {
            let exact = unit(&road(300.0), &release, receptor, 1.5);
            let [east, north] = air.downwind();
            let sum: f64 = source
                .elements(25.0)
                .iter()
                .map(|e| {
                    let d = [receptor[0] - e.at[0], receptor[1] - e.at[1]];
                    let r = Release::new(e.outlet, Fate::default(), &air);
                    e.share * r.unit(d[0] * east + d[1] * north, d[1] * east - d[0] * north, 1.5)
                })
                .sum();
            assert!((sum / exact - 1.0).abs() < 0.08, "{receptor:?} {sum} {exact}");
        }
    }
}
