//! Lengths, areas and containment on the plane of a projected system, metres in and metres out.

use super::shape::{Shape, ShapeKind};

/// Signed area of a closed ring by the shoelace formula: positive when counter-clockwise. Taken from the first
/// point, so that large coordinates cost no digits.
#[must_use]
pub fn ring_area(ring: &[[f64; 2]]) -> f64 {
    let Some(&[x0, y0]) = ring.first() else { return 0.0 };
    ring.windows(2).map(|w| (w[0][0] - x0) * (w[1][1] - y0) - (w[1][0] - x0) * (w[0][1] - y0)).sum::<f64>() / 2.0
}

/// Area of a polygon feature: outer rings less holes, whichever way the rings turn.
#[must_use]
pub fn area(shape: Shape<'_>) -> f64 {
    if shape.kind() != ShapeKind::Polygon {
        return 0.0;
    }
    shape
        .parts()
        .map(|part| {
            part.rings()
                .enumerate()
                .map(|(i, r)| ring_area(r.points()).abs() * if i == 0 { 1.0 } else { -1.0 })
                .sum::<f64>()
        })
        .sum()
}

/// Length of a chain of points.
#[must_use]
pub fn length(points: &[[f64; 2]]) -> f64 {
    points.windows(2).map(|w| distance(w[0], w[1])).sum()
}

#[must_use]
pub fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// Distance from a point to the nearest point of a chain.
#[must_use]
pub fn distance_to_chain(p: [f64; 2], chain: &[[f64; 2]]) -> f64 {
    match chain {
        [] => f64::INFINITY,
        [only] => distance(p, *only),
        _ => chain.windows(2).map(|w| distance_to_segment(p, w[0], w[1])).fold(f64::INFINITY, f64::min),
    }
}

#[must_use]
pub fn distance_to_segment(p: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    distance(p, nearest_on_segment(p, a, b))
}

/// The point between two others that is nearest to a third.
#[must_use]
pub fn nearest_on_segment(p: [f64; 2], a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length2 = dx * dx + dy * dy;
    let t = if length2 > 0.0 { (((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length2).clamp(0.0, 1.0) } else { 0.0 };
    [t.mul_add(dx, a[0]), t.mul_add(dy, a[1])]
}

/// Whether a point lies inside a closed ring (even-odd rule; Shimrat 1962, algorithm 112). A point on an edge
/// belongs to exactly one of the two rings that share the edge.
#[must_use]
pub fn ring_contains(ring: &[[f64; 2]], [x, y]: [f64; 2]) -> bool {
    ring.windows(2).fold(false, |inside, w| {
        let ([x0, y0], [x1, y1]) = (w[0], w[1]);
        inside ^ ((y0 > y) != (y1 > y) && x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    })
}

/// Whether a point lies inside a polygon feature.
#[must_use]
pub fn contains(shape: Shape<'_>, xy: [f64; 2]) -> bool {
    shape.kind() == ShapeKind::Polygon && shape.rings().fold(false, |inside, r| inside ^ ring_contains(r.points(), xy))
}

/// A point that stands for the feature: the point itself, the middle of a line, the area centroid of a polygon's
/// first outer ring.
#[must_use]
pub fn anchor(shape: Shape<'_>) -> Option<[f64; 2]> {
    let points = shape.rings().next()?.points();
    match shape.kind() {
        ShapeKind::Empty => None,
        ShapeKind::Point => points.first().copied(),
        ShapeKind::Line => points.get(points.len() / 2).copied(),
        ShapeKind::Polygon => Some(ring_centroid(points)),
    }
}

/// Area centroid of a closed ring; the mean of its points when it has no area.
#[must_use]
pub fn ring_centroid(ring: &[[f64; 2]]) -> [f64; 2] {
    let Some(&[x0, y0]) = ring.first() else { return [f64::NAN; 2] };
    let (mut cx, mut cy, mut twice_area) = (0.0, 0.0, 0.0);
    for w in ring.windows(2) {
        let (ax, ay, bx, by) = (w[0][0] - x0, w[0][1] - y0, w[1][0] - x0, w[1][1] - y0);
        let cross = ax * by - bx * ay;
        cx += (ax + bx) * cross;
        cy += (ay + by) * cross;
        twice_area += cross;
    }
    if twice_area.abs() < 1e-9 {
        let n = ring.len() as f64;
        return [ring.iter().map(|p| p[0]).sum::<f64>() / n, ring.iter().map(|p| p[1]).sum::<f64>() / n];
    }
    [x0 + cx / (3.0 * twice_area), y0 + cy / (3.0 * twice_area)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::shape::Shapes;

    const SQUARE: [[f64; 2]; 5] = [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0], [0.0, 0.0]];
    const HOLE: [[f64; 2]; 5] = [[1.0, 1.0], [2.0, 1.0], [2.0, 2.0], [1.0, 2.0], [1.0, 1.0]];

    #[test]
    fn holes_are_not_area_and_not_inside() {
        let mut shapes = Shapes::new();
        shapes.push_polygon(&[&SQUARE, &HOLE]);
        assert_eq!(area(shapes.get(0)), 15.0);
        assert!(contains(shapes.get(0), [0.5, 0.5]));
        assert!(!contains(shapes.get(0), [1.5, 1.5]));
        assert!(!contains(shapes.get(0), [5.0, 0.5]));
    }

    #[test]
    fn a_shared_edge_belongs_to_one_side() {
        let right: Vec<[f64; 2]> = SQUARE.iter().map(|p| [p[0] + 4.0, p[1]]).collect();
        assert!(ring_contains(&SQUARE, [4.0, 2.0]) ^ ring_contains(&right, [4.0, 2.0]));
    }

    #[test]
    fn large_coordinates_keep_small_areas() {
        let far: Vec<[f64; 2]> = SQUARE.iter().map(|p| [p[0] + 441_000.0, p[1] + 1_129_000.0]).collect();
        assert!((ring_area(&far) - 16.0).abs() < 1e-9);
        assert_eq!(ring_centroid(&far), [441_002.0, 1_129_002.0]);
    }

    #[test]
    fn distance_to_a_chain_is_to_its_segments() {
        assert_eq!(distance_to_chain([2.0, 3.0], &[[0.0, 0.0], [4.0, 0.0]]), 3.0);
        assert_eq!(distance_to_chain([7.0, 4.0], &[[0.0, 0.0], [4.0, 0.0]]), 5.0);
    }
}
