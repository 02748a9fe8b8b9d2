//! One feature's geometry by itself.

use super::issue::{Issue, IssueKind, Repair};
use super::repair::untangled;
use super::touches::Touches;
use crate::geo::measure::{area, ring_contains};
use crate::geo::segments::{Meeting, meeting, near_pairs};
use crate::geo::shape::{Part, Ring, Shape, ShapeKind, Shapes, bounds_of};

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
        nested_parts(shape, row, id, found);
        crossings(shape, row, id, found);
        let small = shape.points().len() <= MOST_TO_UNTANGLE;
        if small && found[start..].iter().any(is_tangled) && untangled(shape).is_some_and(|fixed| mends(&fixed, shape))
        {
            found[start..].iter_mut().filter(|i| is_tangled(i)).for_each(|i| i.repair = Some(Repair::Untangle));
        }
    }
}

/// A coastline of more points is nothing to be mended at a click, and trying takes seconds.
const MOST_TO_UNTANGLE: usize = 20_000;

fn is_tangled(issue: &Issue) -> bool {
    matches!(issue.kind, IssueKind::SelfIntersection | IssueKind::SelfTouch | IssueKind::InteriorSplit)
}

/// Whether the outline that was cut is sound and still covers what it covered.
fn mends(fixed: &Shapes, shape: Shape<'_>) -> bool {
    let mut left = Vec::new();
    crossings(fixed.get(0), 0, 0, &mut left);
    left.is_empty() && same_area(fixed, shape)
}

/// A repair that changes a plot by more than a thousandth, or a square decimetre, needs a surveyor.
fn same_area(fixed: &Shapes, shape: Shape<'_>) -> bool {
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

/// A part inside another one, not in a hole of it; parts that cross are told as crossings.
fn nested_parts(shape: Shape<'_>, row: usize, id: u64, found: &mut Vec<Issue>) {
    if shape.parts().len() < 2 || shape.parts().len() > MOST_HOLES {
        return;
    }
    let outers: Vec<Ring<'_>> = shape.parts().filter_map(|part| part.rings().next()).collect();
    for (i, outer) in outers.iter().enumerate().filter(|(_, r)| !is_flat(r.points())) {
        let Some(inner_box) = bounds_of(outer.points()) else { continue };
        let holds =
            |b: [f64; 4]| b[0] <= inner_box[0] && b[1] <= inner_box[1] && b[2] >= inner_box[2] && b[3] >= inner_box[3];
        let around = shape.parts().zip(&outers).enumerate().filter(|(j, (_, other))| {
            *j != i
                && bounds_of(other.points()).is_some_and(holds)
                && !same(*outer, **other)
                && !is_flat(other.points())
                && outside(*outer, **other).is_none()
        });
        for (_, (part, _)) in around {
            if part.rings().skip(1).all(|hole| outside(*outer, hole).is_some()) {
                found.push(Issue::new(IssueKind::NestedPart, row, id).at(outer.points()[0]));
                return;
            }
        }
    }
}

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

/// Where the rings of a feature cross or run along themselves or each other, come back to a point where they have been,
/// or cut the ground between them in two. Two rings may touch in one point.
fn crossings(shape: Shape<'_>, row: usize, id: u64, found: &mut Vec<Issue>) {
    // Segments without length are told as duplicate vertices.
    let mut segments: Vec<[[f64; 2]; 2]> = Vec::with_capacity(shape.points().len());
    let mut touches = Touches::default();
    for part in shape.parts() {
        for ring in part.rings() {
            segments.extend(ring.points().windows(2).filter(|w| w[0] != w[1]).map(|w| [w[0], w[1]]));
            touches.ring_ends_at(segments.len());
        }
        touches.part_ends();
    }
    let mut told = 0;
    near_pairs(&segments, |i, j| {
        // Most pairs are neighbours in their ring, and few of those turn back.
        if segments[i][1] == segments[j][0] && j == i + 1 && turns_away(segments[i], segments[j]) {
            return true;
        }
        let kind = match meeting(segments[i], segments[j]) {
            Meeting::Cross(place) | Meeting::Along(place) => (IssueKind::SelfIntersection, place),
            Meeting::Touch(place) if touches.within_a_ring(&segments, i, j, place) => (IssueKind::SelfTouch, place),
            Meeting::Apart | Meeting::Touch(_) => return true,
        };
        found.push(Issue::new(kind.0, row, id).at(kind.1));
        told += 1;
        told < PER_FEATURE
    });
    if told == 0
        && let Some(place) = touches.split()
    {
        found.push(Issue::new(IssueKind::InteriorSplit, row, id).at(place));
    }
}

/// Whether the second of two neighbours leaves their common point by more than a right angle from the first: then that
/// point is all they share.
fn turns_away([a, b]: [[f64; 2]; 2], [_, d]: [[f64; 2]; 2]) -> bool {
    (a[0] - b[0]) * (d[0] - b[0]) + (a[1] - b[1]) * (d[1] - b[1]) < 0.0
}
