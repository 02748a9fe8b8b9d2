//! Many coordinates at once: the transformation as small polynomials, one for each square of the map.
//!
//! What takes some twenty sines and arcs a point is smooth: over 32 km it is a polynomial of degree 4 to better than a
//! micrometre. Each square's polynomial goes through the exact transformation at Chebyshev's nodes (Press et al.,
//! "Numerical Recipes", 3rd ed. 2007, §5.8) and is tried between them; where it is not good enough, as near a pole,
//! the exact one is used. Squares lie where their numbers say, so that the same corner of two plots comes to the same place.

use rayon::prelude::*;

use super::crs::Projection;
use super::transform::Transform;

/// Sides of the squares in the units of the source.
const SIDE_M: f64 = 32_768.0;
const SIDE_DEG: f64 = 0.25;

/// What a polynomial may be off: a thousandth of the 1 mm that is promised.
const TOLERANCE_M: f64 = 1e-6;
const TOLERANCE_DEG: f64 = 1e-11;

/// A square with fewer points is not worth its nodes.
const ENOUGH_POINTS: u32 = 64;

/// Points on one thread at a time.
const CHUNK: usize = 1 << 16;

const NODES: usize = 5;
/// Powers of u and v up to degree 4 together.
const TERMS: usize = 15;

type Cell = (i32, i32);

/// Transforms all points in place, on all cores; the same bits on any number of them.
pub fn transform_all(transform: &Transform, points: &mut [[f64; 2]]) {
    let side = match transform.from_projection() {
        Projection::Geographic => SIDE_DEG,
        Projection::TransverseMercator(_) | Projection::WebMercator => SIDE_M,
    };
    let wanted = cells_with_enough(points, side);
    let patches: Vec<(Cell, Option<Patch>)> =
        wanted.par_iter().map(|cell| (*cell, Patch::of(transform, *cell, side))).collect();
    points.par_chunks_mut(CHUNK).for_each(|chunk| {
        // Neighbours in a table are neighbours on the map.
        let mut here: (Cell, Option<&Patch>) = ((i32::MAX, i32::MAX), None);
        for point in chunk {
            let cell = cell_of(*point, side);
            if cell != here.0 {
                let at = patches.binary_search_by_key(&cell, |(cell, _)| *cell);
                here = (cell, at.ok().and_then(|i| patches[i].1.as_ref()));
            }
            *point = match here.1 {
                Some(patch) => patch.apply(*point, cell, side),
                None => transform.apply(*point),
            };
        }
    });
}

/// What is no number or beyond all maps shares one cell, which has no patch.
fn cell_of([x, y]: [f64; 2], side: f64) -> Cell {
    const MOST: f64 = 1e8;
    let (i, j) = (x / side, y / side);
    // Rounding down by hand: processors without an instruction for it take a call.
    let down = |v: f64| v as i32 - i32::from(f64::from(v as i32) > v);
    if i.abs() < MOST && j.abs() < MOST { (down(i), down(j)) } else { (i32::MIN, i32::MIN) }
}

/// In ascending order.
fn cells_with_enough(points: &[[f64; 2]], side: f64) -> Vec<Cell> {
    let mut runs: Vec<(Cell, u32)> = points
        .par_chunks(CHUNK)
        .flat_map_iter(|chunk| {
            let mut runs: Vec<(Cell, u32)> = Vec::new();
            for point in chunk {
                let cell = cell_of(*point, side);
                match runs.last_mut() {
                    Some((last, n)) if *last == cell => *n += 1,
                    _ => runs.push((cell, 1)),
                }
            }
            runs.sort_unstable();
            merged(runs)
        })
        .collect();
    runs.sort_unstable();
    let counted = merged(runs);
    counted.into_iter().filter(|(cell, n)| *n >= ENOUGH_POINTS && cell.0 != i32::MIN).map(|(cell, _)| cell).collect()
}

fn merged(sorted: Vec<(Cell, u32)>) -> Vec<(Cell, u32)> {
    let mut out: Vec<(Cell, u32)> = Vec::new();
    for (cell, n) in sorted {
        match out.last_mut() {
            Some((last, count)) if *last == cell => *count = count.saturating_add(n),
            _ => out.push((cell, n)),
        }
    }
    out
}

/// Coefficients of x and y of one square, in powers of u and v from -1 to 1: those without u, those with u, with u².
struct Patch {
    terms: [[f64; 2]; TERMS],
}

impl Patch {
    /// `None` where the polynomial is not as good as it has to be.
    fn of(transform: &Transform, cell: Cell, side: f64) -> Option<Self> {
        let at = |u: f64, v: f64| {
            let place = |i: i32, w: f64| (f64::from(i) + 0.5 + 0.5 * w) * side;
            transform.apply([place(cell.0, u), place(cell.1, v)])
        };
        let nodes: [f64; NODES] =
            std::array::from_fn(|k| ((2 * k + 1) as f64 * std::f64::consts::PI / (2 * NODES) as f64).cos());
        let values = nodes.map(|u| nodes.map(|v| at(u, v)));
        let patch = Self { terms: terms(&nodes, &values) };
        let tolerance = match transform.to_projection() {
            Projection::Geographic => TOLERANCE_DEG,
            Projection::TransverseMercator(_) | Projection::WebMercator => TOLERANCE_M,
        };
        let tried = [-1.0, -0.75, -0.3, 0.3, 0.75, 1.0];
        let good = |u: f64, v: f64| {
            let (near, exact) = (patch.at(u, v), at(u, v));
            (near[0] - exact[0]).abs() <= tolerance && (near[1] - exact[1]).abs() <= tolerance
        };
        tried.iter().all(|u| tried.iter().all(|v| good(*u, *v))).then_some(patch)
    }

    fn apply(&self, [x, y]: [f64; 2], cell: Cell, side: f64) -> [f64; 2] {
        let from_middle = |w: f64, i: i32| (w / side - (f64::from(i) + 0.5)) * 2.0;
        self.at(from_middle(x, cell.0), from_middle(y, cell.1))
    }

    fn at(&self, u: f64, v: f64) -> [f64; 2] {
        let t = &self.terms;
        // Horner's rule, without fused steps: processors that have none take a call for each.
        [0, 1].map(|axis| {
            let c = |i: usize| t[i][axis];
            let without_u = (((c(4) * v + c(3)) * v + c(2)) * v + c(1)) * v + c(0);
            let with_u = ((c(8) * v + c(7)) * v + c(6)) * v + c(5);
            let with_u2 = (c(11) * v + c(10)) * v + c(9);
            let with_u3 = c(13) * v + c(12);
            (((c(14) * u + with_u3) * u + with_u2) * u + with_u) * u + without_u
        })
    }
}

/// Chebyshev polynomials T0 to T4 in powers of x.
const IN_POWERS: [[f64; NODES]; NODES] = [
    [1.0, 0.0, 0.0, 0.0, 0.0],
    [0.0, 1.0, 0.0, 0.0, 0.0],
    [-1.0, 0.0, 2.0, 0.0, 0.0],
    [0.0, -3.0, 0.0, 4.0, 0.0],
    [1.0, 0.0, -8.0, 0.0, 8.0],
];

/// The interpolating polynomial's terms up to degree 4; those above are smaller than what is left out anyway.
fn terms(nodes: &[f64; NODES], values: &[[[f64; 2]; NODES]; NODES]) -> [[f64; 2]; TERMS] {
    let power = |x: f64, coefficients: &[f64; NODES]| coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c);
    let weight = |degree: usize| if degree == 0 { 1.0 } else { 2.0 } / NODES as f64;
    let mut powers = [[[0.0; 2]; NODES]; NODES];
    for (i, in_u) in IN_POWERS.iter().enumerate() {
        for (j, in_v) in IN_POWERS.iter().enumerate() {
            let mut sum = [0.0; 2];
            for (u, row) in nodes.iter().zip(values) {
                for (v, [x, y]) in nodes.iter().zip(row) {
                    let factor = power(*u, in_u) * power(*v, in_v) * weight(i) * weight(j);
                    sum = [sum[0] + x * factor, sum[1] + y * factor];
                }
            }
            for (row, a) in powers.iter_mut().zip(in_u) {
                for (cell, b) in row.iter_mut().zip(in_v) {
                    *cell = [cell[0] + sum[0] * a * b, cell[1] + sum[1] * a * b];
                }
            }
        }
    }
    let order = (0..NODES).flat_map(|a| (0..NODES - a).map(move |b| (a, b)));
    let mut terms = [[0.0; 2]; TERMS];
    for (term, (a, b)) in terms.iter_mut().zip(order) {
        *term = powers[a][b];
    }
    terms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::KeyedRng;
    use crate::geo::crs::Crs;

    fn worst(from: u32, to: u32, box_: [f64; 4]) -> (f64, usize) {
        let transform = Transform::between(&Crs::Epsg(from), &Crs::Epsg(to)).unwrap();
        let rng = KeyedRng::new(9, u64::from(from));
        let mut points: Vec<[f64; 2]> =
            (0..150_000).map(|i| [rng.range(0, i, box_[0], box_[2]), rng.range(1, i, box_[1], box_[3])]).collect();
        let exact: Vec<[f64; 2]> = points.iter().map(|p| transform.apply(*p)).collect();
        transform_all(&transform, &mut points);
        let off = points.iter().zip(&exact).map(|(a, b)| (a[0] - b[0]).abs().max((a[1] - b[1]).abs()));
        let same = points.iter().zip(&exact).filter(|(a, b)| a == b).count();
        (off.fold(0.0, f64::max), same)
    }

    #[test]
    fn polynomials_hold_their_tolerance_all_over_vietnam() {
        let vietnam = [102.0, 8.0, 109.5, 23.5];
        for code in [9207, 9218, 3405, 3406, 5896, 3857] {
            let (off, same) = worst(4326, code, vietnam);
            // A few points are alike by chance; all would be if no polynomial was used.
            assert!(off < 2e-6 && same < 60_000, "{code}: {off} m, {same} alike");
        }
        let (off, _) = worst(9207, 4326, [300_000.0, 900_000.0, 900_000.0, 2_600_000.0]);
        assert!(off < 2e-11, "{off}°");
    }

    #[test]
    fn where_no_polynomial_holds_the_exact_formula_is_used() {
        let transform = Transform::between(&Crs::WGS84, &Crs::Epsg(3857)).unwrap();
        let mut points: Vec<[f64; 2]> = (0..200).map(|i| [0.1, 89.8 + f64::from(i) * 1e-3]).collect();
        points.push([f64::NAN, 1.0]);
        points.push([1e300, 1.0]);
        let exact: Vec<[f64; 2]> = points.iter().map(|p| transform.apply(*p)).collect();
        transform_all(&transform, &mut points);
        for (a, b) in points.iter().zip(&exact) {
            assert!(a == b || (a[0].is_nan() && b[0].is_nan()) || (a[1] - b[1]).abs() < 2e-6, "{a:?} {b:?}");
        }
    }

    #[test]
    fn a_point_comes_to_the_same_place_among_any_others() {
        let transform = Transform::between(&Crs::Epsg(3405), &Crs::Epsg(9207)).unwrap();
        let many: Vec<[f64; 2]> = (0..5000).map(|i| [380_000.0 + f64::from(i), 1_130_000.0]).collect();
        let (mut all, mut half) = (many.clone(), many[..2500].to_vec());
        transform_all(&transform, &mut all);
        transform_all(&transform, &mut half);
        assert_eq!(all[..2500], half);
    }
}
