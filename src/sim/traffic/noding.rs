//! From lines as somebody drew them to a graph: cut at crossings, ends that nearly meet joined, pieces too short to
//! mean anything merged into a junction.
//!
//! Long because cutting, joining and naming are one walk over the lines, with its tests.

use std::collections::BTreeMap;

use super::control::set_controls;
use super::network::{Control, Link, Network, Node};
use super::road_class::RoadClass;
use crate::base::digest::Digest;
use crate::geo::measure::{distance, length};
use crate::geo::segments::{Meeting, meeting};

type P = [f64; 2];

/// A road as a layer has it.
#[derive(Debug, Clone, PartialEq)]
pub struct RoadLine {
    pub feature: u64,
    pub line: Vec<P>,
    pub class: RoadClass,
    pub name: String,
    /// Lanes of one direction.
    pub lanes: u8,
    pub speed_mps: f64,
    /// All lanes of one direction, PCU an hour.
    pub capacity_pcu_per_h: f64,
    pub direction: Direction,
    /// Bridges and tunnels cross others without meeting them.
    pub level: i8,
    /// Part of a ring whose traffic goes first.
    pub roundabout: bool,
    /// Where signals stand that the map shows on it.
    pub signals: Vec<P>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    #[default]
    Both,
    Forward,
    Backward,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NodingOptions {
    /// Ends this near to another line or end meet it, metres.
    pub tolerance_m: f64,
    /// Pieces shorter than this become one junction, metres.
    pub shortest_m: f64,
}

impl Default for NodingOptions {
    fn default() -> Self {
        Self { tolerance_m: 1.0, shortest_m: 4.0 }
    }
}

/// Lines and where each is cut; an edit cuts only what it touches.
#[derive(Debug, Clone, Default)]
pub struct Noding {
    lines: Vec<RoadLine>,
    /// Of each line: places along it (metres from its beginning) where it is cut, its two ends aside.
    cuts: Vec<Vec<f64>>,
    cells: BTreeMap<(i64, i64), Vec<u32>>,
    options: NodingOptions,
}

/// Side of the squares by which lines are found, metres.
const CELL_M: f64 = 200.0;

impl Noding {
    #[must_use]
    pub fn of(lines: Vec<RoadLine>, options: NodingOptions) -> Self {
        let mut noding = Self { options, ..Self::default() };
        for line in lines {
            noding.add(line);
        }
        noding
    }

    #[must_use]
    pub fn lines(&self) -> &[RoadLine] {
        &self.lines
    }

    /// Adds a road; the roads that it meets are cut, the others are not looked at. Returns how many it met.
    pub fn add(&mut self, line: RoadLine) -> usize {
        let line = RoadLine { line: without_repeats(&line.line), ..line };
        if line.line.len() < 2 {
            return 0;
        }
        let new = self.lines.len() as u32;
        let mut near: Vec<u32> =
            self.cells_of(&line.line).iter().filter_map(|c| self.cells.get(c)).flatten().copied().collect();
        near.sort_unstable();
        near.dedup();
        let mut own = own_crossings(&line, self.options.tolerance_m);
        let mut met = 0;
        for other in near {
            let (mine, theirs) = self.meet(&line, &self.lines[other as usize]);
            met += usize::from(!mine.is_empty() || !theirs.is_empty());
            own.extend(mine);
            if !theirs.is_empty() {
                let cuts = &mut self.cuts[other as usize];
                cuts.extend(theirs);
                tidy(cuts, length(&self.lines[other as usize].line), self.options.tolerance_m);
            }
        }
        tidy(&mut own, length(&line.line), self.options.tolerance_m);
        for cell in self.cells_of(&line.line) {
            self.cells.entry(cell).or_default().push(new);
        }
        self.lines.push(line);
        self.cuts.push(own);
        met
    }

    /// Closes a road: its line stays for the others' cuts, but gives no link any more.
    pub fn close(&mut self, feature: u64) -> bool {
        let mut any = false;
        for (line, cuts) in self.lines.iter_mut().zip(&mut self.cuts).filter(|(l, _)| l.feature == feature) {
            line.line.clear();
            cuts.clear();
            any = true;
        }
        any
    }

    /// Changes a road without moving it.
    pub fn upgrade(&mut self, feature: u64, change: impl Fn(&mut RoadLine)) -> bool {
        let mut any = false;
        for line in self.lines.iter_mut().filter(|l| l.feature == feature && !l.line.is_empty()) {
            change(line);
            any = true;
        }
        any
    }

    fn cells_of(&self, line: &[P]) -> Vec<(i64, i64)> {
        let reach = self.options.tolerance_m;
        let index = |v: f64| (v / CELL_M).floor() as i64;
        let mut cells = Vec::new();
        for w in line.windows(2) {
            let (x0, x1) = (w[0][0].min(w[1][0]) - reach, w[0][0].max(w[1][0]) + reach);
            let (y0, y1) = (w[0][1].min(w[1][1]) - reach, w[0][1].max(w[1][1]) + reach);
            for i in index(x0)..=index(x1) {
                cells.extend((index(y0)..=index(y1)).map(|j| (i, j)));
            }
        }
        cells.sort_unstable();
        cells.dedup();
        cells
    }

    /// Where two lines meet, as places along each.
    fn meet(&self, a: &RoadLine, b: &RoadLine) -> (Vec<f64>, Vec<f64>) {
        let (mut on_a, mut on_b) = (Vec::new(), Vec::new());
        if b.line.is_empty() {
            return (on_a, on_b);
        }
        let tolerance = self.options.tolerance_m;
        let (along_a, along_b) = (distances(&a.line), distances(&b.line));
        if a.level == b.level {
            for (s, from_a) in segments(&a.line).zip(&along_a) {
                for (t, from_b) in segments(&b.line).zip(&along_b) {
                    if apart(s, t, tolerance) {
                        continue;
                    }
                    if let Meeting::Cross(p) | Meeting::Touch(p) | Meeting::Along(p) = meeting(s, t) {
                        on_a.push(from_a + distance(s[0], p));
                        on_b.push(from_b + distance(t[0], p));
                    }
                }
            }
        }
        // Ends that nearly reach the other line, on whatever level: a ramp begins where it touches.
        for (ends, line, along, cuts) in
            [(&b.line, &a.line, &along_a, &mut on_a), (&a.line, &b.line, &along_b, &mut on_b)]
        {
            for end in [ends[0], ends[ends.len() - 1]] {
                cuts.extend(nearest(end, line, along).filter(|(_, d)| *d <= tolerance).map(|(at, _)| at));
            }
        }
        (on_a, on_b)
    }

    /// The graph of all lines as they are cut now.
    #[must_use]
    pub fn network(&self) -> Network {
        let pieces = self.pieces();
        let mut junctions = Junctions::new(self.options.tolerance_m);
        let ends: Vec<[u32; 2]> =
            pieces.iter().map(|p| [junctions.at(p.line[0]), junctions.at(p.line[p.line.len() - 1])]).collect();
        for (piece, [from, to]) in pieces.iter().zip(&ends) {
            if length(&piece.line) < self.options.shortest_m {
                junctions.merge(*from, *to);
            }
        }
        let mut number: BTreeMap<u32, u32> = BTreeMap::new();
        let mut network = Network::default();
        let mut seen: BTreeMap<u64, u64> = BTreeMap::new();
        for (piece, [from, to]) in pieces.iter().zip(ends) {
            let (from, to) = (junctions.root(from), junctions.root(to));
            let short = length(&piece.line) < self.options.shortest_m;
            if from == to && (short || piece.line.len() < 3) {
                continue;
            }
            let mut node = |root: u32| {
                *number.entry(root).or_insert_with(|| {
                    let at = junctions.places[root as usize];
                    network.nodes.push(Node { id: place_id(at), at, control: Control::Uncontrolled });
                    network.nodes.len() as u32 - 1
                })
            };
            let (from, to) = (node(from), node(to));
            let road = &self.lines[piece.of];
            let mut ways = Vec::new();
            if road.direction != Direction::Backward {
                ways.push((from, to, false));
            }
            if road.direction != Direction::Forward {
                ways.push((to, from, true));
            }
            for (from, to, turned) in ways {
                let mut line = piece.line.clone();
                if turned {
                    line.reverse();
                }
                line[0] = network.nodes[from as usize].at;
                let end = line.len() - 1;
                line[end] = network.nodes[to as usize].at;
                let name = [road.feature, network.nodes[from as usize].id, network.nodes[to as usize].id];
                let id = unique(hash(&name), &mut seen);
                network.links.push(Link {
                    id,
                    from,
                    to,
                    length_m: length(&line).max(1.0),
                    free_speed_mps: road.speed_mps,
                    lanes: road.lanes,
                    capacity_pcu_per_h: road.capacity_pcu_per_h,
                    class: road.class,
                    feature: road.feature,
                    name: road.name.clone(),
                    line,
                });
            }
        }
        set_controls(&mut network, &self.lines);
        network
    }

    /// Brings a graph of these lines, from before some were upgraded, up to date without cutting anything anew. False when
    /// it cannot, and nothing is changed: roads that differ share a feature.
    pub fn refresh(&self, network: &mut Network) -> bool {
        let mut by_feature: BTreeMap<u64, &RoadLine> = BTreeMap::new();
        let alike = |a: &RoadLine, b: &RoadLine| {
            let of = |r: &RoadLine| (r.class, r.lanes, r.speed_mps.to_bits(), r.capacity_pcu_per_h.to_bits());
            of(a) == of(b)
        };
        for line in self.lines.iter().filter(|l| !l.line.is_empty()) {
            if !alike(by_feature.entry(line.feature).or_insert(line), line) {
                return false;
            }
        }
        if network.links.iter().any(|l| !by_feature.contains_key(&l.feature)) {
            return false;
        }
        let mut other_class = false;
        for link in &mut network.links {
            let Some(road) = by_feature.get(&link.feature) else { continue };
            other_class |= link.class != road.class;
            (link.class, link.lanes) = (road.class, road.lanes);
            (link.free_speed_mps, link.capacity_pcu_per_h) = (road.speed_mps, road.capacity_pcu_per_h);
        }
        if other_class {
            set_controls(network, &self.lines);
        }
        true
    }

    fn pieces(&self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for (of, (road, cuts)) in self.lines.iter().zip(&self.cuts).enumerate() {
            if road.line.is_empty() {
                continue;
            }
            let along = distances(&road.line);
            let total = along[along.len() - 1];
            let mut from = 0.0;
            for to in cuts.iter().copied().chain([total]) {
                pieces.push(Piece { of, line: part(&road.line, &along, from, to) });
                from = to;
            }
        }
        pieces
    }
}

struct Piece {
    of: usize,
    line: Vec<P>,
}

/// Where a line crosses itself, or ends on itself.
fn own_crossings(line: &RoadLine, tolerance: f64) -> Vec<f64> {
    let line = &line.line;
    let along = distances(line);
    let mut cuts = Vec::new();
    for i in 0..line.len().saturating_sub(1) {
        for j in i + 2..line.len() - 1 {
            let met = meeting(segment(line, i), segment(line, j));
            if let Meeting::Cross(p) | Meeting::Touch(p) | Meeting::Along(p) = met {
                cuts.push(along[i] + distance(line[i], p));
                cuts.push(along[j] + distance(line[j], p));
            }
        }
    }
    // An end that nearly reaches the line again; the pieces next to it always do.
    let n = line.len();
    if n > 3 {
        let ends = [(line[0], 2..n, along[2]), (line[n - 1], 0..n - 2, 0.0)];
        for (end, rest, from) in ends {
            let rest_along: Vec<f64> = along[rest.clone()].iter().map(|a| a - from).collect();
            let near = nearest(end, &line[rest], &rest_along).filter(|(_, d)| *d <= tolerance);
            cuts.extend(near.map(|(at, _)| from + at));
        }
    }
    cuts
}

fn without_repeats(line: &[P]) -> Vec<P> {
    let mut kept: Vec<P> = Vec::with_capacity(line.len());
    for p in line.iter().filter(|p| p.iter().all(|v| v.is_finite())) {
        if kept.last() != Some(p) {
            kept.push(*p);
        }
    }
    kept
}

fn segment(line: &[P], i: usize) -> [P; 2] {
    [line[i], line[i + 1]]
}

fn segments(line: &[P]) -> impl Iterator<Item = [P; 2]> {
    line.windows(2).map(|w| [w[0], w[1]])
}

fn apart([a, b]: [P; 2], [c, d]: [P; 2], reach: f64) -> bool {
    (0..2).any(|k| a[k].max(b[k]) + reach < c[k].min(d[k]) || c[k].max(d[k]) + reach < a[k].min(b[k]))
}

fn distances(line: &[P]) -> Vec<f64> {
    let mut at = 0.0;
    let mut along = vec![0.0];
    for w in line.windows(2) {
        at += distance(w[0], w[1]);
        along.push(at);
    }
    along
}

/// The place along a line nearest to a point, and how far it is.
fn nearest(p: P, line: &[P], along: &[f64]) -> std::option::IntoIter<(f64, f64)> {
    let mut best: Option<(f64, f64)> = None;
    for (i, w) in line.windows(2).enumerate() {
        let [dx, dy] = [w[1][0] - w[0][0], w[1][1] - w[0][1]];
        let t = (((p[0] - w[0][0]) * dx + (p[1] - w[0][1]) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
        let d = distance(p, [t.mul_add(dx, w[0][0]), t.mul_add(dy, w[0][1])]);
        if best.is_none_or(|b| d < b.1) {
            best = Some((t.mul_add(dx.hypot(dy), along[i]), d));
        }
    }
    best.into_iter()
}

/// In order, each once, and none so near to an end that the cut would be the end.
fn tidy(cuts: &mut Vec<f64>, total: f64, tolerance: f64) {
    cuts.sort_by(f64::total_cmp);
    cuts.retain(|c| *c > tolerance && *c < total - tolerance);
    cuts.dedup_by(|b, a| *b - *a <= tolerance);
}

/// The points of a line from one place along it to another.
fn part(line: &[P], along: &[f64], from: f64, to: f64) -> Vec<P> {
    let at = |d: f64| {
        let i = along.partition_point(|a| *a <= d).clamp(1, line.len() - 1);
        let (a, b) = (line[i - 1], line[i]);
        let t = ((d - along[i - 1]) / (along[i] - along[i - 1])).clamp(0.0, 1.0);
        if t >= 1.0 { b } else { [(b[0] - a[0]).mul_add(t, a[0]), (b[1] - a[1]).mul_add(t, a[1])] }
    };
    let mut points = vec![at(from)];
    points.extend(line.iter().zip(along).filter(|(_, d)| **d > from && **d < to).map(|(p, _)| *p));
    points.push(at(to));
    points
}

/// Places that are one place, found by their squares.
struct Junctions {
    tolerance: f64,
    places: Vec<P>,
    parent: Vec<u32>,
    cells: BTreeMap<(i64, i64), Vec<u32>>,
}

impl Junctions {
    fn new(tolerance: f64) -> Self {
        Self { tolerance: tolerance.max(1e-6), places: Vec::new(), parent: Vec::new(), cells: BTreeMap::new() }
    }

    fn at(&mut self, p: P) -> u32 {
        let index = |v: f64| (v / self.tolerance).floor() as i64;
        let (i, j) = (index(p[0]), index(p[1]));
        let around = (-1..=1).flat_map(|di| (-1..=1).map(move |dj| (i + di, j + dj)));
        let near = around.filter_map(|c| self.cells.get(&c)).flatten().copied();
        let far = |n: &u32| distance(self.places[*n as usize], p);
        let nearest = near.min_by(|a, b| far(a).total_cmp(&far(b)).then(a.cmp(b)));
        if let Some(n) = nearest.filter(|n| far(n) <= self.tolerance) {
            return n;
        }
        let new = self.places.len() as u32;
        self.places.push(p);
        self.parent.push(new);
        self.cells.entry((i, j)).or_default().push(new);
        new
    }

    fn root(&self, mut n: u32) -> u32 {
        while self.parent[n as usize] != n {
            n = self.parent[n as usize];
        }
        n
    }

    fn merge(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        // The older place stays, whichever way the piece was drawn.
        self.parent[a.max(b) as usize] = a.min(b);
    }
}

/// 48 bits, so that every program that reads the tables can hold the number.
fn hash(parts: &[u64]) -> u64 {
    let mut digest = Digest::default();
    for part in parts {
        digest.add(&part.to_le_bytes());
    }
    digest.value() >> 16
}

/// To the decimetre: the same place has the same number before and after an edit.
fn place_id([x, y]: P) -> u64 {
    hash(&[(x * 10.0).round() as i64 as u64, (y * 10.0).round() as i64 as u64])
}

/// Two pieces of one road between the same nodes: the later gets another number.
fn unique(id: u64, seen: &mut BTreeMap<u64, u64>) -> u64 {
    let count = seen.entry(id).or_default();
    *count += 1;
    if *count == 1 { id } else { hash(&[id, *count]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn road(feature: u64, line: &[P]) -> RoadLine {
        RoadLine {
            feature,
            line: line.to_vec(),
            class: RoadClass::Street,
            name: String::new(),
            lanes: 1,
            speed_mps: 10.0,
            capacity_pcu_per_h: 900.0,
            direction: Direction::Both,
            level: 0,
            roundabout: false,
            signals: Vec::new(),
        }
    }

    fn cross() -> Vec<RoadLine> {
        vec![road(1, &[[0.0, 0.0], [100.0, 0.0]]), road(2, &[[50.0, -50.0], [50.0, 50.0]])]
    }

    fn built(lines: Vec<RoadLine>) -> Network {
        Noding::of(lines, NodingOptions::default()).network()
    }

    #[test]
    fn roads_are_cut_where_they_cross_unless_one_is_a_bridge() {
        let network = built(cross());
        assert_eq!((network.nodes.len(), network.links.len()), (5, 8));
        assert!(network.links.iter().all(|l| (l.length_m - 50.0).abs() < 1e-9));
        let mut bridged = cross();
        bridged[1].level = 1;
        assert_eq!((built(bridged.clone()).nodes.len(), built(bridged).links.len()), (4, 4));
    }

    #[test]
    fn ends_that_nearly_meet_are_joined_and_slivers_merged() {
        // An end 0.6 m short of the other road.
        let network = built(vec![road(1, &[[0.0, 0.0], [100.0, 0.0]]), road(2, &[[40.0, 0.6], [40.0, 80.0]])]);
        assert_eq!((network.nodes.len(), network.links.len()), (4, 6));
        // Two crossings 3 m apart become one junction.
        let mut lines = vec![road(1, &[[0.0, 0.0], [100.0, 0.0]])];
        lines.push(road(2, &[[50.0, 0.0], [50.0, 50.0]]));
        lines.push(road(3, &[[53.0, 0.0], [53.0, -50.0]]));
        let network = built(lines);
        assert_eq!((network.nodes.len(), network.links.len()), (5, 8));
    }

    /// A road that ends on itself, like a 6: at a corner, and half a metre short of a side.
    #[test]
    fn a_road_that_ends_on_itself_has_a_junction_there() {
        let loops = [[50.0, 0.0], [80.0, 0.0], [80.0, 30.0], [50.0, 30.0]];
        for end in [[50.0, 0.0], [50.0, 0.5], [65.0, 0.5]] {
            let line = [&[[0.0, 0.0]][..], &loops, &[end]].concat();
            let network = built(vec![road(1, &line)]);
            // Without the cut it would be two nodes and a false dead end.
            assert!(crate::sim::traffic::audit::audit(&network).len() == 1, "{end:?}: {network:?}");
            let at = network.outgoing();
            assert!((0..network.nodes.len() as u32).any(|n| at.of(n).len() > 2), "{end:?}");
        }
    }

    #[test]
    fn directions_are_kept() {
        let mut lines = cross();
        lines[0].direction = Direction::Forward;
        lines[1].direction = Direction::Backward;
        let network = built(lines);
        let ends: Vec<[P; 2]> = network
            .links
            .iter()
            .map(|l| [network.nodes[l.from as usize].at, network.nodes[l.to as usize].at])
            .collect();
        assert!(ends.contains(&[[0.0, 0.0], [50.0, 0.0]]) && ends.contains(&[[50.0, 50.0], [50.0, 0.0]]), "{ends:?}");
        assert_eq!(ends.len(), 4);
    }

    #[test]
    fn an_edit_leaves_the_names_of_what_it_does_not_touch() {
        let mut lines = cross();
        lines.push(road(3, &[[0.0, 300.0], [100.0, 300.0]]));
        let mut noding = Noding::of(lines, NodingOptions::default());
        let before: Vec<u64> = noding.network().links.iter().map(|l| l.id).collect();
        assert_eq!(noding.add(road(4, &[[20.0, 250.0], [20.0, 350.0]])), 1);
        let after = noding.network();
        let kept = before.iter().filter(|id| after.link_index().contains_key(id)).count();
        // Of ten links the two of road 3 are now four others.
        assert_eq!((before.len(), kept, after.links.len()), (10, 8, 16));
        // An upgrade alone needs no cutting: the graph is the same, but for what was upgraded.
        let mut refreshed = after.clone();
        let wider = |road: &mut RoadLine| {
            (road.lanes, road.speed_mps, road.capacity_pcu_per_h, road.class) = (3, 20.0, 5400.0, RoadClass::Arterial);
        };
        assert!(noding.upgrade(1, wider) && noding.refresh(&mut refreshed));
        assert!(refreshed == noding.network() && refreshed != after);
        assert!(noding.close(4) && noding.upgrade(1, |l| l.lanes = 5) && !noding.close(9));
        assert!(noding.network().links.iter().any(|l| l.lanes == 5));
    }
}
