//! Outlines of features: closing a ring, the outer ring that stands for a polygon, the nearest point of a line.

use super::measure::{distance, nearest_on_segment, ring_area};
use super::shape::{Shape, ShapeKind};

/// A ring that ends where it begins.
#[must_use]
pub fn closed(mut ring: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    if let (Some(first), Some(last)) = (ring.first().copied(), ring.last().copied())
        && first != last
    {
        ring.push(first);
    }
    ring
}

/// The outer ring of a polygon's largest part, closed.
#[must_use]
pub fn outer(shape: Shape<'_>) -> Option<Vec<[f64; 2]>> {
    if shape.kind() != ShapeKind::Polygon {
        return None;
    }
    let rings = shape.parts().filter_map(|p| p.rings().next().map(|r| r.points().to_vec()));
    rings.max_by(|a, b| ring_area(a).abs().total_cmp(&ring_area(b).abs()))
}

/// The point of a feature's lines nearest to a place; the place itself where there is none.
#[must_use]
pub fn nearest_on(shape: Shape<'_>, at: [f64; 2]) -> [f64; 2] {
    let feet = shape.rings().flat_map(|ring| ring.points().windows(2).map(|w| nearest_on_segment(at, w[0], w[1])));
    feet.min_by(|a, b| distance(*a, at).total_cmp(&distance(*b, at))).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::shape::Shapes;

    #[test]
    fn the_largest_part_stands_for_a_polygon_and_its_border_is_near() {
        let square = |x: f64, side: f64| closed(vec![[x, 0.0], [x + side, 0.0], [x + side, side], [x, side]]);
        let (small, large) = (square(0.0, 1.0), square(10.0, 4.0));
        assert_eq!((small.len(), closed(small.clone()).len()), (5, 5));
        let mut shapes = Shapes::new();
        shapes.push_parts(ShapeKind::Polygon, &[&[&small], &[&large]]);
        shapes.push_point([0.0, 0.0]);
        assert_eq!(outer(shapes.get(0)), Some(large));
        assert_eq!(outer(shapes.get(1)), None);
        assert_eq!(nearest_on(shapes.get(0), [12.0, -3.0]), [12.0, 0.0]);
        assert_eq!(nearest_on(shapes.get(1), [12.0, -3.0]), [12.0, -3.0]);
    }
}
