//! Points in which the rings of a polygon touch, and what that does to its interior.

type P = [f64; 2];

/// The touches of one feature's rings, collected pair by pair of segments.
#[derive(Debug, Default)]
pub(super) struct Touches {
    /// Where each ring's segments end, and where each part's rings end.
    ring_ends: Vec<usize>,
    part_ends: Vec<usize>,
    /// (ring, ring of the same part, place).
    between: Vec<(usize, usize, P)>,
}

impl Touches {
    pub(super) fn ring_ends_at(&mut self, segments: usize) {
        self.ring_ends.push(segments);
    }

    pub(super) fn part_ends(&mut self) {
        self.part_ends.push(self.ring_ends.len());
    }

    /// Takes note of segments `i` < `j` that touch. Whether they are of one ring and no neighbours in it: then the ring
    /// comes back to where it has been.
    pub(super) fn within_a_ring(&mut self, segments: &[[P; 2]], i: usize, j: usize, place: P) -> bool {
        let ring_of = |segment: usize| self.ring_ends.partition_point(|end| *end <= segment);
        let (a, b) = (ring_of(i), ring_of(j));
        if a != b {
            let part_of = |ring: usize| self.part_ends.partition_point(|end| *end <= ring);
            // Parts may touch wherever they like, as long as it is in points.
            if part_of(a) == part_of(b) {
                self.between.push((a, b, place));
            }
            return false;
        }
        let first = if a == 0 { 0 } else { self.ring_ends[a - 1] };
        let follows = j == i + 1 && place == segments[j][0];
        let closes = i == first && j + 1 == self.ring_ends[a] && place == segments[i][0];
        !follows && !closes
    }

    /// A place where rings close a chain of touches, which cuts the interior in two: rings and places are the knots of a
    /// graph, and a touch between two that hang together already closes a circle.
    pub(super) fn split(mut self) -> Option<P> {
        self.between.sort_by(|a, b| a.2[0].total_cmp(&b.2[0]).then(a.2[1].total_cmp(&b.2[1])));
        let mut places: Vec<P> = Vec::new();
        let mut ties: Vec<(usize, usize)> = Vec::new();
        for (a, b, place) in &self.between {
            if places.last() != Some(place) {
                places.push(*place);
            }
            ties.extend([(*a, places.len() - 1), (*b, places.len() - 1)]);
        }
        ties.sort_unstable_by_key(|(ring, place)| (*place, *ring));
        ties.dedup();
        let rings = self.ring_ends.len();
        let mut leads_to: Vec<usize> = (0..rings + places.len()).collect();
        let root = |leads_to: &[usize], mut knot: usize| {
            while leads_to[knot] != knot {
                knot = leads_to[knot];
            }
            knot
        };
        for (ring, place) in ties {
            let (a, b) = (root(&leads_to, ring), root(&leads_to, rings + place));
            if a == b {
                return Some(places[place]);
            }
            leads_to[b] = a;
        }
        None
    }
}
