//! How two straight segments meet, decided without rounding errors, and which of many do.
//!
//! Orientation is Shewchuk's adaptive predicate (1997, "Adaptive precision floating-point arithmetic and fast robust
//! geometric predicates") as the `geo` crate carries it.

use geo::kernels::{Kernel, Orientation, RobustKernel};

type P = [f64; 2];

/// How two segments meet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Meeting {
    Apart,
    /// They have a point in common that is an end of at least one of them.
    Touch(P),
    /// They cross within both.
    Cross(P),
    /// They lie on one line and share more than a point; one point of what they share.
    Along(P),
}

fn orient(a: P, b: P, c: P) -> Orientation {
    let coord = |p: P| geo::Coord { x: p[0], y: p[1] };
    RobustKernel::orient2d(coord(a), coord(b), coord(c))
}

fn boxes_apart(a: P, b: P, c: P, d: P) -> bool {
    a[0].max(b[0]) < c[0].min(d[0])
        || c[0].max(d[0]) < a[0].min(b[0])
        || a[1].max(b[1]) < c[1].min(d[1])
        || c[1].max(d[1]) < a[1].min(b[1])
}

/// Segments a-b and c-d.
#[must_use]
pub fn meeting([a, b]: [P; 2], [c, d]: [P; 2]) -> Meeting {
    use Orientation::Collinear;
    if boxes_apart(a, b, c, d) {
        return Meeting::Apart;
    }
    // Neighbours in a ring: the exact test of three points of which two are the same is the dearest there is.
    for (p, q) in [(a, b), (b, a)] {
        for (r, s) in [(c, d), (d, c)] {
            if p == r {
                return from_one_point(p, q, s);
            }
        }
    }
    let (c_side, d_side) = (orient(a, b, c), orient(a, b, d));
    if c_side == d_side && c_side != Collinear {
        return Meeting::Apart;
    }
    let (a_side, b_side) = (orient(c, d, a), orient(c, d, b));
    if a_side == b_side && a_side != Collinear {
        return Meeting::Apart;
    }
    let sides = [a_side, b_side, c_side, d_side];
    if sides.iter().all(|s| *s != Collinear) {
        return Meeting::Cross(crossing([a, b], [c, d]));
    }
    if sides.iter().all(|s| *s == Collinear) {
        let upright = a[0] == b[0] && c[0] == d[0];
        let along = usize::from(upright);
        let mut ends = [(a, 0), (b, 0), (c, 1), (d, 1)];
        ends.sort_by(|p, q| p.0[along].total_cmp(&q.0[along]));
        // The middle two bound what is shared; a single point when they coincide.
        return if ends[1].0 == ends[2].0 { Meeting::Touch(ends[1].0) } else { Meeting::Along(ends[1].0) };
    }
    let ends = [(a_side, a), (b_side, b), (c_side, c), (d_side, d)];
    ends.iter().find(|(side, _)| *side == Collinear).map_or(Meeting::Apart, |(_, p)| Meeting::Touch(*p))
}

/// Segments p-q and p-s.
fn from_one_point(p: P, q: P, s: P) -> Meeting {
    if q == s {
        return Meeting::Along(p);
    }
    let same_way = (q[0] - p[0]) * (s[0] - p[0]) + (q[1] - p[1]) * (s[1] - p[1]) > 0.0;
    if same_way && orient(p, q, s) == Orientation::Collinear { Meeting::Along(p) } else { Meeting::Touch(p) }
}

fn crossing([a, b]: [P; 2], [c, d]: [P; 2]) -> P {
    let (rx, ry, sx, sy) = (b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]);
    let t = ((c[0] - a[0]) * sy - (c[1] - a[1]) * sx) / (rx * sy - ry * sx);
    if t.is_finite() { [t.clamp(0.0, 1.0).mul_add(rx, a[0]), t.clamp(0.0, 1.0).mul_add(ry, a[1])] } else { a }
}

/// Pairs of segments are looked at one by one up to this many segments; more are swept along x.
const FEW: usize = 48;

/// (west, south, east, north) of a segment.
fn box_of([a, b]: [P; 2]) -> [f64; 4] {
    [a[0].min(b[0]), a[1].min(b[1]), a[0].max(b[0]), a[1].max(b[1])]
}

/// Calls `each` with the pairs (i < j) of segments whose boxes touch, until it answers `false`.
pub fn near_pairs(segments: &[[P; 2]], mut each: impl FnMut(usize, usize) -> bool) {
    if segments.len() <= FEW {
        let mut boxes = [[0.0; 4]; FEW];
        for (room, segment) in boxes.iter_mut().zip(segments) {
            *room = box_of(*segment);
        }
        let boxes = &boxes[..segments.len()];
        for (i, a) in boxes.iter().enumerate() {
            for (j, b) in boxes.iter().enumerate().skip(i + 1) {
                let touch = a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3];
                if touch && !each(i, j) {
                    return;
                }
            }
        }
        return;
    }
    let mut boxes: Vec<([f64; 4], usize)> = (0..).zip(segments).map(|(i, s)| (box_of(*s), i)).collect();
    boxes.sort_unstable_by(|a, b| a.0[0].total_cmp(&b.0[0]).then(a.1.cmp(&b.1)));
    for (k, (a, i)) in boxes.iter().enumerate() {
        for (b, j) in boxes[k + 1..].iter().take_while(|(b, _)| b[0] <= a[2]) {
            if a[1] <= b[3] && b[1] <= a[3] && !each(*i.min(j), *i.max(j)) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_meet_in_four_ways() {
        let flat = [[0.0, 0.0], [4.0, 0.0]];
        assert_eq!(meeting(flat, [[1.0, -1.0], [1.0, 1.0]]), Meeting::Cross([1.0, 0.0]));
        assert_eq!(meeting(flat, [[1.0, 0.0], [1.0, 1.0]]), Meeting::Touch([1.0, 0.0]));
        assert_eq!(meeting(flat, [[4.0, 0.0], [5.0, 0.0]]), Meeting::Touch([4.0, 0.0]));
        assert_eq!(meeting(flat, [[3.0, 0.0], [5.0, 0.0]]), Meeting::Along([3.0, 0.0]));
        assert_eq!(meeting(flat, [[0.0, 0.0], [-1.0, 0.0]]), Meeting::Touch([0.0, 0.0]));
        assert_eq!(meeting(flat, [[0.0, 0.0], [9.0, 0.0]]), Meeting::Along([0.0, 0.0]));
        assert_eq!(meeting(flat, [[5.0, 3.0], [4.0, 0.0]]), Meeting::Touch([4.0, 0.0]));
        assert_eq!(meeting(flat, [[4.0, 0.0], [0.0, 0.0]]), Meeting::Along([0.0, 0.0]));
        assert_eq!(meeting(flat, [[5.0, 0.0], [6.0, 0.0]]), Meeting::Apart);
        assert_eq!(meeting(flat, [[0.0, 1.0], [4.0, 1e-12]]), Meeting::Apart);
    }

    /// A point 1e-11 beside a long line far from the origin: plain arithmetic cannot tell the side.
    #[test]
    fn near_misses_far_from_the_origin_are_told_apart() {
        let line = [[441_000.0, 1_130_000.0], [442_000.0, 1_131_000.0]];
        let on = [[441_500.0, 1_130_500.0], [441_500.0, 1_130_600.0]];
        assert!(matches!(meeting(line, on), Meeting::Touch(_)));
        let above = 1_130_500.0_f64.next_up();
        assert_eq!(meeting(line, [[441_500.0, above], [441_500.0, 1_130_600.0]]), Meeting::Apart);
    }

    #[test]
    fn sweeping_finds_the_pairs_that_asking_each_finds() {
        let rng = crate::base::rng::KeyedRng::new(3, 3);
        let point = |i: u64, k: u64| [rng.unit(k, 2 * i) * 10.0, rng.unit(k, 2 * i + 1) * 10.0];
        let segments: Vec<[P; 2]> = (0..200)
            .map(|i| {
                let [x, y] = point(i, 0);
                let [dx, dy] = point(i, 1);
                [[x, y], [x + dx / 10.0, y + dy / 10.0 - 0.5]]
            })
            .collect();
        let (mut swept, mut asked) = (Vec::new(), Vec::new());
        near_pairs(&segments, |i, j| {
            swept.push((i, j));
            true
        });
        for i in 0..200 {
            for j in i + 1..200 {
                if !boxes_apart(segments[i][0], segments[i][1], segments[j][0], segments[j][1]) {
                    asked.push((i, j));
                }
            }
        }
        swept.sort_unstable();
        assert_eq!(swept, asked);
        assert!(swept.len() > 100);
    }
}
