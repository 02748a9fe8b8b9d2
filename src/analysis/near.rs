//! What lies near to what, and what touches what.

use rayon::prelude::*;

use crate::geo::index::FeatureIndex;
use crate::geo::measure::{contains, distance_to_chain};
use crate::geo::segments::{Meeting, meeting};
use crate::geo::shape::{Shape, Shapes};

/// Distance between two shapes, metres: 0 where one lies in the other or they meet; infinite without geometry.
#[must_use]
pub fn distance(a: Shape<'_>, b: Shape<'_>) -> f64 {
    if a.points().is_empty() || b.points().is_empty() {
        return f64::INFINITY;
    }
    if intersects(a, b) {
        return 0.0;
    }
    // Shapes that do not cross are nearest at a corner of one of them.
    let from = |a: Shape<'_>, b: Shape<'_>| {
        a.points()
            .iter()
            .flat_map(|p| b.rings().map(|r| distance_to_chain(*p, r.points())))
            .fold(f64::INFINITY, f64::min)
    };
    from(a, b).min(from(b, a))
}

/// Whether two shapes have a point in common.
#[must_use]
pub fn intersects(a: Shape<'_>, b: Shape<'_>) -> bool {
    let (Some(box_a), Some(box_b)) = (a.bounds(), b.bounds()) else { return false };
    if box_a[2] < box_b[0] || box_b[2] < box_a[0] || box_a[3] < box_b[1] || box_b[3] < box_a[1] {
        return false;
    }
    let inside = |a: Shape<'_>, b: Shape<'_>| {
        a.parts().any(|part| part.rings().next().and_then(|r| r.points().first()).is_some_and(|p| contains(b, *p)))
    };
    if inside(a, b) || inside(b, a) {
        return true;
    }
    let edges = |shape: Shape<'_>| -> Vec<[[f64; 2]; 2]> {
        shape
            .rings()
            .flat_map(|r| match r.points() {
                [only] => vec![[*only, *only]],
                points => points.windows(2).map(|w| [w[0], w[1]]).collect(),
            })
            .collect()
    };
    let (edges_a, edges_b) = (edges(a), edges(b));
    edges_a.iter().any(|ea| edges_b.iter().any(|eb| meeting(*ea, *eb) != Meeting::Apart))
}

/// Rows of `shapes` that lie within `reach` metres of any of `others`; 0 asks for those that touch or intersect.
#[must_use]
pub fn within(shapes: &Shapes, others: &Shapes, other_index: &FeatureIndex, reach: f64) -> Vec<usize> {
    (0..shapes.len())
        .into_par_iter()
        .filter(|&row| {
            let shape = shapes.get(row);
            let Some([west, south, east, north]) = shape.bounds() else { return false };
            other_index
                .in_box([west - reach, south - reach, east + reach, north + reach])
                .into_iter()
                .any(|other| distance(shape, others.get(other)) <= reach)
        })
        .collect()
}

/// Farther than this nothing is called near, metres.
const FARTHEST_M: f64 = 1e6;

/// The feature nearest to a shape, and how far it is: hydrants from a house. The search widens until something is
/// found.
#[must_use]
pub fn nearest(shape: Shape<'_>, others: &Shapes, other_index: &FeatureIndex) -> Option<(usize, f64)> {
    let [west, south, east, north] = shape.bounds()?;
    let mut reach = 50.0;
    while reach < FARTHEST_M {
        let found = other_index
            .in_box([west - reach, south - reach, east + reach, north + reach])
            .into_iter()
            .map(|row| (row, distance(shape, others.get(row))))
            .filter(|(_, d)| *d <= reach)
            .min_by(|a, b| a.1.total_cmp(&b.1));
        if found.is_some() {
            return found;
        }
        reach *= 4.0;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes() -> Shapes {
        let mut shapes = Shapes::new();
        shapes.push_polygon(&[&[[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0], [0.0, 0.0]]]);
        shapes.push_line(&[[-5.0, 5.0], [15.0, 5.0]]);
        shapes.push_line(&[[2.0, 2.0], [3.0, 3.0]]);
        shapes.push_point([13.0, 14.0]);
        shapes.push_empty();
        shapes
    }

    #[test]
    fn distances_between_kinds() {
        let s = shapes();
        assert_eq!(distance(s.get(0), s.get(1)), 0.0);
        assert_eq!(distance(s.get(0), s.get(2)), 0.0);
        assert_eq!(distance(s.get(0), s.get(3)), 5.0);
        assert_eq!(distance(s.get(1), s.get(3)), 9.0);
        assert_eq!(distance(s.get(0), s.get(4)), f64::INFINITY);
    }

    #[test]
    fn rows_within_reach_and_the_nearest() {
        let s = shapes();
        let mut hydrants = Shapes::new();
        hydrants.push_point([10.0, 12.0]);
        hydrants.push_point([3000.0, 0.0]);
        let index = FeatureIndex::build(&hydrants);
        assert_eq!(within(&s, &hydrants, &index, 4.0), [0, 3]);
        assert_eq!(within(&s, &s, &FeatureIndex::build(&s), 0.0), [0, 1, 2, 3]);
        assert_eq!(nearest(s.get(0), &hydrants, &index), Some((0, 2.0)));
        let mut far = Shapes::new();
        far.push_point([3000.0, 700.0]);
        assert_eq!(nearest(far.get(0), &hydrants, &index), Some((1, 700.0)));
        assert_eq!(nearest(s.get(4), &hydrants, &index), None);
    }
}
