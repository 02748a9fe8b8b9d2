//! Outlines of features: closing a ring, the outer ring that stands for a polygon, the nearest point of a line.

use geo::buffer::{BufferStyle, LineJoin};
use geo::{Area, BooleanOps, Buffer, Coord, LineString, MultiPolygon, Polygon};

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

fn polygon(ring: &[[f64; 2]]) -> Polygon {
    Polygon::new(LineString(ring.iter().map(|p| Coord { x: p[0], y: p[1] }).collect()), Vec::new())
}

fn exterior(polygon: &Polygon) -> Vec<[f64; 2]> {
    polygon.exterior().0.iter().map(|c| [c.x, c.y]).collect()
}

/// A ring drawn in by so many metres on every side, closed: the largest part of what is left; `None` where nothing is.
#[must_use]
pub fn inset(ring: &[[f64; 2]], metres: f64) -> Option<Vec<[f64; 2]>> {
    let style = BufferStyle::new(-metres.max(0.0)).line_join(LineJoin::Miter(1.0));
    let parts = polygon(ring).buffer_with_style(style);
    let largest = parts.0.iter().max_by(|a, b| a.unsigned_area().total_cmp(&b.unsigned_area()));
    largest.map(exterior).filter(|ring| ring.len() > 3)
}

/// Gaps up to twice this between neighbours are none: two surveys of one border, degrees that were rounded. Metres.
const GAP_M: f64 = 0.05;

/// One ring around all of these, closed; `None` where they do not hang together by more than a corner. Holes between
/// them are filled, and points that lie on a straight side are left out.
#[must_use]
pub fn joined(rings: &[Vec<[f64; 2]>]) -> Option<Vec<[f64; 2]>> {
    let moved = |metres: f64| BufferStyle::new(metres).line_join(LineJoin::Miter(1.0));
    let mut grown = MultiPolygon(Vec::new());
    for ring in rings {
        grown = grown.union(&polygon(ring).buffer_with_style(moved(GAP_M)));
    }
    let outer = MultiPolygon(grown.0.iter().map(|p| polygon(&exterior(p))).collect());
    let whole = outer.buffer_with_style(moved(-GAP_M));
    let [one] = whole.0.as_slice() else { return None };
    let mut ring = exterior(one);
    ring.pop();
    let mut i = 0;
    while i < ring.len() && ring.len() > 3 {
        let (before, after) = (ring[(i + ring.len() - 1) % ring.len()], ring[(i + 1) % ring.len()]);
        if distance(nearest_on_segment(ring[i], before, after), ring[i]) < GAP_M / 2.0 {
            ring.remove(i);
        } else {
            i += 1;
        }
    }
    Some(closed(ring)).filter(|ring| ring.len() > 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::shape::Shapes;

    #[test]
    fn the_largest_part_stands_for_a_polygon_and_its_border_is_near() {
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
    fn square(x: f64, side: f64) -> Vec<[f64; 2]> {
        closed(vec![[x, 0.0], [x + side, 0.0], [x + side, side], [x, side]])
    }

    #[test]
    fn what_is_drawn_in_is_smaller_on_every_side_until_nothing_is_left() {
        let inner = inset(&square(0.0, 10.0), 2.0).unwrap();
        assert!((ring_area(&inner).abs() - 36.0).abs() < 1e-6, "{inner:?}");
        assert!((ring_area(&inset(&square(0.0, 10.0), 0.0).unwrap()).abs() - 100.0).abs() < 1e-6);
        assert_eq!(inset(&square(0.0, 10.0), 5.1), None);
    }

    #[test]
    fn neighbours_are_joined_and_what_lies_apart_is_not() {
        let both = joined(&[square(0.0, 10.0), square(10.0, 10.0)]).unwrap();
        assert!((ring_area(&both).abs() - 200.0).abs() < 1e-6);
        // Touching but for what rounding left; the border between them leaves no corners.
        let rounded = joined(&[square(0.0, 10.0), square(10.001, 10.0)]).unwrap();
        assert!((ring_area(&rounded).abs() - 200.01).abs() < 1e-3 && rounded.len() == 5, "{rounded:?}");
        // By a corner only.
        let corner = square(10.0, 10.0).iter().map(|p| [p[0], p[1] + 10.0]).collect();
        assert_eq!(joined(&[square(0.0, 10.0), corner]), None);
        assert_eq!(joined(&[square(0.0, 10.0), square(10.5, 10.0)]), None);
        assert_eq!(joined(&[]), None);
    }
}
