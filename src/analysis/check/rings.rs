//! One feature's geometry by itself.

use super::issue::{Issue, IssueKind, Repair};
use super::repair::untangled;
use crate::geo::measure::{area, ring_contains};
use crate::geo::segments::{Meeting, meeting, near_pairs};
use crate::geo::shape::{Part, Ring, Shape, ShapeKind};

/// At most so many findings of one kind in one feature: the first says enough.
const PER_FEATURE: usize = 3;

/// Everything that is wrong with a row's geometry.
pub(super) fn check_shape(shape: Shape<'_>, row: usize, id: u64, found: &mut Vec<Issue>) {
    let issue = |kind| Issue::new(kind, row, id);
    if shape.kind() == ShapeKind::Empty || shape.points().is_empty() {
        found.push(issue(IssueKind::EmptyGeometry));
        return;
    }
    let finite = |p: &&[f64; 2]| p[0].is_finite() && p[1].is_finite();
    if !shape.points().iter().all(|p| finite(&p)) {
        // Any other corner leads near the place.
        found.push(
            issue(IssueKind::NotANumber).at(shape.points().iter().find(finite).copied().unwrap_or([f64::NAN; 2])),
        );
        return;
    }
    if shape.kind() == ShapeKind::Point {
        return;
    }
    let mut doubled = 0;
    for ring in shape.rings() {
        for pair in ring.points().windows(2).filter(|w| w[0] == w[1]) {
            if doubled < PER_FEATURE {
                found.push(issue(IssueKind::DuplicateVertex).at(pair[0]).with_repair(Repair::DropDuplicateVertices));
            }
            doubled += 1;
        }
    }
    if shape.kind() == ShapeKind::Polygon {
        let start = found.len();
        shape.parts().for_each(|part| check_part(part, row, id, found));
        crossings(shape, row, id, found);
        let tangled = |i: &Issue| i.kind == IssueKind::SelfIntersection;
        if found[start..].iter().any(tangled) && untangled(shape).is_some_and(|fixed| same_area(&fixed, shape)) {
            found[start..].iter_mut().filter(|i| tangled(i)).for_each(|i| i.repair = Some(Repair::Untangle));
        }
    }
}

/// A repair that changes a plot by more than a thousandth, or a square decimetre, needs a surveyor.
fn same_area(fixed: &crate::geo::shape::Shapes, shape: Shape<'_>) -> bool {
    let (new, old) = (area(fixed.get(0)), area(shape));
    (new - old).abs() <= (1e-3 * old).max(0.01)
}

fn check_part(part: Part<'_>, row: usize, id: u64, found: &mut Vec<Issue>) {
    let issue = |kind| Issue::new(kind, row, id);
    let rings: Vec<Ring<'_>> = part.rings().collect();
    let mut sound = Vec::with_capacity(rings.len());
    for ring in &rings {
        let points = ring.points();
        let (Some(first), Some(last)) = (points.first(), points.last()) else { continue };
        if first != last {
            found.push(issue(IssueKind::RingNotClosed).at(*last).with_repair(Repair::CloseRing));
        }
        let flat = is_flat(points);
        if flat {
            found.push(issue(IssueKind::RingWithoutArea).at(*first).with_repair(Repair::DropEmptyRings));
        }
        sound.push(!flat);
    }
    let Some((outer, holes)) = rings.split_first() else { return };
    if sound.first() != Some(&true) {
        return;
    }
    for (i, hole) in holes.iter().enumerate().filter(|(i, _)| sound.get(i + 1) == Some(&true)) {
        if let Some(out) = outside(*hole, *outer) {
            found.push(issue(IssueKind::HoleOutside).at(out));
        } else if holes.len() <= MOST_HOLES
            && holes.iter().enumerate().any(|(j, other)| {
                j != i && sound.get(j + 1) == Some(&true) && outside(*hole, *other).is_none() && !same(*hole, *other)
            })
        {
            found.push(issue(IssueKind::NestedHole).at(hole.points()[0]));
        }
    }
}

/// Whether all points lie on one line, or in one place. A bow tie has no area by the shoelace formula but is not flat.
pub(super) fn is_flat(points: &[[f64; 2]]) -> bool {
    let Some((&first, rest)) = points.split_first() else { return true };
    let Some(&other) = rest.iter().find(|p| **p != first) else { return true };
    let along = [other[0] - first[0], other[1] - first[1]];
    rest.iter().all(|p| along[0] * (p[1] - first[1]) == along[1] * (p[0] - first[0]))
}

/// Holes are compared with each other up to this number; a polygon of thousands of holes is a raster, not a plot.
const MOST_HOLES: usize = 200;

fn same(a: Ring<'_>, b: Ring<'_>) -> bool {
    a.points() == b.points()
}

/// A corner of `inner` that is neither inside `outer` nor on it.
fn outside(inner: Ring<'_>, outer: Ring<'_>) -> Option<[f64; 2]> {
    let on_edge = |p: [f64; 2]| {
        outer.points().windows(2).any(|w| crate::geo::measure::distance_to_segment(p, w[0], w[1]) <= 1e-9)
    };
    inner.points().iter().copied().find(|p| !ring_contains(outer.points(), *p) && !on_edge(*p))
}

/// Where the rings of a feature cross or run along themselves or each other. Rings may touch in points.
fn crossings(shape: Shape<'_>, row: usize, id: u64, found: &mut Vec<Issue>) {
    // Segments without length are told as duplicate vertices.
    let segments: Vec<[[f64; 2]; 2]> = shape
        .rings()
        .flat_map(|ring| ring.points().windows(2).filter(|w| w[0] != w[1]).map(|w| [w[0], w[1]]))
        .collect();
    let mut told = 0;
    near_pairs(&segments, |i, j| {
        if let Meeting::Cross(place) | Meeting::Along(place) = meeting(segments[i], segments[j]) {
            found.push(Issue::new(IssueKind::SelfIntersection, row, id).at(place));
            told += 1;
        }
        told < PER_FEATURE
    });
}
