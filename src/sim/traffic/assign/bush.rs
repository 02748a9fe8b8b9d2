//! A bush: the links that the trips of one origin use, without a cycle, with the flow on each.
//!
//! Dial (2006), "A path-based user-equilibrium traffic assignment algorithm that obviates path storage and
//! enumeration", Transportation Research B 40(10): in a bush cheapest and dearest ways need one pass in topological
//! order; flow moves from the dearest used way to the cheapest (Newton's step), and the bush then drops what is not
//! used and takes in what is better. Nodes stand here by their position in the order: every link leads forward.
//!
//! Long because all that touches a bush's arrays has to keep their order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::problem::{CostGraph, OriginDemand};
use super::shortest::{NONE, Tree};
use super::warm::Renumbering;

/// Flow below this share of the origin's trips is none: what rounding leaves.
const NOTHING: f64 = 1e-15;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bush {
    pub origin: u32,
    pub class: u32,
    /// Node at each position; the origin is first.
    pub(super) node: Vec<u32>,
    /// Links into position p are `start[p]..start[p + 1]` of the three below.
    pub(super) start: Vec<u32>,
    pub(super) link: Vec<u32>,
    /// Position where the link begins.
    pub(super) tail: Vec<u32>,
    pub(super) flow: Vec<f64>,
    /// Trips that end at each position.
    pub(super) trips: Vec<f64>,
    total: f64,
    /// Positions that lead to a destination, in their order; the origin aside.
    live: Vec<u32>,
}

/// The volumes and costs of all links; a shift of flow keeps them in step.
#[derive(Debug, Clone, Default)]
pub(super) struct Volumes {
    pub(super) volume: Vec<f64>,
    pub(super) cost: Vec<f64>,
    slope: Vec<f64>,
}

impl Volumes {
    pub(super) fn set(&mut self, graph: &CostGraph, volume: Vec<f64>) {
        self.volume = volume;
        self.cost.resize(graph.links(), 0.0);
        self.slope.resize(graph.links(), 0.0);
        for (l, curve) in graph.cost.iter().enumerate() {
            (self.cost[l], self.slope[l]) = curve.cost_and_slope(self.volume[l]);
        }
    }

    fn add(&mut self, graph: &CostGraph, link: u32, flow: f64) {
        let l = link as usize;
        // Rounding may leave less than nothing.
        self.volume[l] = (self.volume[l] + flow).max(0.0);
        (self.cost[l], self.slope[l]) = graph.cost[l].cost_and_slope(self.volume[l]);
    }
}

/// Cost of the cheapest way, and of the dearest used one, and their last links (as places in the bush's arrays). They
/// are asked together and lie together.
#[derive(Debug, Clone, Copy, Default)]
struct Label {
    least: f64,
    most: f64,
    least_by: u32,
    most_by: u32,
}

/// Room to work in; one a thread.
#[derive(Debug, Clone, Default)]
pub(super) struct Scratch {
    /// Of each position.
    labels: Vec<Label>,
    /// Of each node.
    label: Vec<f64>,
    high: Vec<f64>,
    position: Vec<u32>,
    pub(super) tree: Tree,
    shorter: Vec<u32>,
    lower: BinaryHeap<Reverse<(u64, u32)>>,
    /// (position of the end, link)
    added: Vec<(u32, u32)>,
    order: Vec<(u64, u32)>,
    place: Vec<u32>,
    by: Vec<u32>,
    leads: Vec<bool>,
    pub(super) need: Vec<f64>,
    spare: Bush,
    segments: [Vec<u32>; 2],
}

impl Bush {
    /// The cheapest ways, with all trips on them.
    pub(super) fn plant(graph: &CostGraph, cost: &[f64], demand: &OriginDemand, scratch: &mut Scratch) -> Self {
        let Scratch { tree, position, .. } = scratch;
        tree.grow(graph, cost, demand.node);
        let mut bush = Self { origin: demand.node, class: demand.class, ..Self::default() };
        bush.node.clone_from(&tree.order);
        position.clear();
        position.resize(graph.nodes, NONE);
        for (p, node) in (0..).zip(&bush.node) {
            position[*node as usize] = p;
        }
        for node in &bush.node {
            bush.start.push(bush.link.len() as u32);
            let link = tree.by[*node as usize];
            if link != NONE {
                bush.link.push(link);
                bush.tail.push(position[graph.from[link as usize] as usize]);
            }
        }
        bush.start.push(bush.link.len() as u32);
        bush.flow = vec![0.0; bush.link.len()];
        bush.set_trips(demand, position);
        bush.settle(&mut scratch.need);
        bush.find_live(scratch);
        bush
    }

    /// Where each node stands is in `position`; trips to nodes outside are left out.
    fn set_trips(&mut self, demand: &OriginDemand, position: &[u32]) {
        self.trips = vec![0.0; self.node.len()];
        for &(node, trips) in &demand.to {
            if let Some(p) = self.trips.get_mut(position[node as usize] as usize) {
                *p += trips;
            }
        }
        self.total = self.trips.iter().sum();
    }

    /// This bush on an edited graph with new trips, which follow the old ones' ways. Where those are gone the cheapest
    /// ways at these costs take their place.
    pub(super) fn carried(
        &self,
        graph: &CostGraph,
        cost: &[f64],
        demand: &OriginDemand,
        to: &Renumbering,
        s: &mut Scratch,
    ) -> Self {
        let mut next = Self { origin: demand.node, class: demand.class, ..Self::default() };
        s.place.clear();
        s.place.resize(self.node.len(), NONE);
        for (p, node) in self.node.iter().enumerate() {
            let first = next.link.len();
            let Some(node) = to.node[*node as usize] else { continue };
            for e in self.entries(p) {
                let tail = s.place[self.tail[e] as usize];
                if let Some(link) = to.link[self.link[e] as usize].filter(|_| tail != NONE) {
                    next.link.push(link);
                    next.tail.push(tail);
                    next.flow.push(self.flow[e]);
                }
            }
            if p == 0 || next.link.len() > first {
                s.place[p] = next.node.len() as u32;
                next.node.push(node);
                next.start.push(first as u32);
            }
        }
        next.start.push(next.link.len() as u32);
        next.place_nodes(graph.nodes, s);
        if demand.to.iter().any(|(node, _)| s.position[*node as usize] == NONE) {
            next.extend(graph, cost, s);
            next.place_nodes(graph.nodes, s);
        }
        next.set_trips(demand, &s.position);
        next.settle(&mut s.need);
        next.find_live(s);
        next
    }

    /// Appends the nodes that can be reached but are not in the bush, each with the last link of its cheapest way. Nobody
    /// goes there yet.
    pub(super) fn extend(&mut self, graph: &CostGraph, cost: &[f64], s: &mut Scratch) {
        self.scan(cost, s);
        self.place_nodes(graph.nodes, s);
        let Scratch { label, labels, position, lower, by, .. } = s;
        label.clear();
        label.resize(graph.nodes, f64::INFINITY);
        by.clear();
        by.resize(graph.nodes, NONE);
        for (node, l) in self.node.iter().zip(&*labels) {
            label[*node as usize] = l.least;
        }
        lower.clear();
        let mut leave =
            |node: u32, label: &mut [f64], position: &[u32], lower: &mut BinaryHeap<Reverse<(u64, u32)>>| {
                if graph.closed[node as usize] && node != self.origin {
                    return;
                }
                for &l in graph.out.of(node) {
                    let to = graph.to[l as usize];
                    let through = label[node as usize] + cost[l as usize];
                    if position[to as usize] == NONE && through < label[to as usize] {
                        label[to as usize] = through;
                        by[to as usize] = l;
                        // Costs are never negative, and the bits of such numbers sort as the numbers do.
                        lower.push(Reverse((through.to_bits(), to)));
                    }
                }
            };
        for &node in &self.node {
            leave(node, label, position, lower);
        }
        let mut order = Vec::new();
        while let Some(Reverse((_, node))) = lower.pop() {
            if position[node as usize] == NONE {
                position[node as usize] = (self.node.len() + order.len()) as u32;
                order.push(node);
                leave(node, label, position, lower);
            }
        }
        for node in order {
            let l = by[node as usize];
            self.node.push(node);
            self.link.push(l);
            self.tail.push(position[graph.from[l as usize] as usize]);
            self.flow.push(0.0);
            self.trips.push(0.0);
            self.start.push(self.link.len() as u32);
        }
    }

    /// Links that lead to a destination.
    pub(super) fn live_links(&self, mut tell: impl FnMut(u32)) {
        for &p in &self.live {
            self.link[self.entries(p as usize)].iter().for_each(|l| tell(*l));
        }
    }

    /// This bush without the positions that lead to no destination.
    pub(super) fn pruned(&self) -> Self {
        let mut next = Self { origin: self.origin, class: self.class, total: self.total, ..Self::default() };
        let mut place = vec![NONE; self.node.len()];
        let kept = (!self.node.is_empty()).then_some(0).into_iter().chain(self.live.iter().copied());
        for (new, p) in (0..).zip(kept) {
            let p = p as usize;
            place[p] = new;
            next.node.push(self.node[p]);
            next.trips.push(self.trips[p]);
            next.start.push(next.link.len() as u32);
            let range = self.entries(p);
            next.link.extend_from_slice(&self.link[range.clone()]);
            next.flow.extend_from_slice(&self.flow[range.clone()]);
            next.tail.extend(self.tail[range].iter().map(|t| place[*t as usize]));
        }
        next.start.push(next.link.len() as u32);
        next.live = (1..next.node.len() as u32).collect();
        next
    }

    pub(super) fn renumber_links(&mut self, number: &[u32]) {
        self.link.iter_mut().for_each(|l| *l = number[*l as usize]);
    }

    fn place_nodes(&self, nodes: usize, scratch: &mut Scratch) {
        scratch.position.clear();
        scratch.position.resize(nodes, NONE);
        for (p, node) in (0..).zip(&self.node) {
            scratch.position[*node as usize] = p;
        }
    }

    /// The flow of this origin on a link.
    #[must_use]
    pub fn flow_on(&self, link: u32) -> f64 {
        self.link.iter().zip(&self.flow).filter(|(l, _)| **l == link).map(|(_, f)| f).sum()
    }

    fn entries(&self, p: usize) -> std::ops::Range<usize> {
        self.start[p] as usize..self.start[p + 1] as usize
    }

    /// Distributes the trips anew by the shares that the links into each node have now: what comes in equals what
    /// goes out and ends, to the last digit. Where nothing came in yet, all take the first link.
    pub(super) fn settle(&mut self, need: &mut Vec<f64>) {
        let nothing = self.total * NOTHING;
        need.clone_from(&self.trips);
        for p in (1..self.node.len()).rev() {
            let range = self.entries(p);
            let want = need[p];
            match range.len() {
                0 => {}
                1 => {
                    self.flow[range.start] = want;
                    need[self.tail[range.start] as usize] += want;
                }
                _ => {
                    let mut sum = 0.0;
                    for e in range.clone() {
                        if self.flow[e] <= nothing {
                            self.flow[e] = 0.0;
                        }
                        sum += self.flow[e];
                    }
                    if sum <= 0.0 {
                        self.flow[range.start] = 1.0;
                        sum = 1.0;
                    }
                    for e in range {
                        let flow = self.flow[e] / sum * want;
                        self.flow[e] = if flow <= nothing { 0.0 } else { flow };
                    }
                    self.give_all(p, want, need);
                }
            }
        }
    }

    /// The largest flow into `p` takes what rounding and cutting left over.
    fn give_all(&mut self, p: usize, want: f64, need: &mut [f64]) {
        let range = self.entries(p);
        let mut largest = range.start;
        let mut sum = 0.0;
        for e in range.clone() {
            sum += self.flow[e];
            if self.flow[e] > self.flow[largest] {
                largest = e;
            }
        }
        self.flow[largest] = (self.flow[largest] + want - sum).max(0.0);
        for e in range {
            need[self.tail[e] as usize] += self.flow[e];
        }
    }

    pub(super) fn add_to(&self, volume: &mut [f64]) {
        for (link, flow) in self.link.iter().zip(&self.flow) {
            volume[*link as usize] += flow;
        }
    }

    /// Labels of all positions: the cheapest way over all links, the dearest over used ones.
    fn scan(&self, cost: &[f64], s: &mut Scratch) {
        self.begin(s);
        for p in 1..self.node.len() {
            s.labels[p] = self.label(p, cost, &s.labels);
        }
    }

    /// Labels of those positions alone that lead to a destination: the others never move flow.
    fn scan_live(&self, cost: &[f64], s: &mut Scratch) {
        self.begin(s);
        for &p in &self.live {
            s.labels[p as usize] = self.label(p as usize, cost, &s.labels);
        }
    }

    fn begin(&self, s: &mut Scratch) {
        s.labels.resize(self.node.len(), Label::default());
        s.labels[0] = Label { least: 0.0, most: 0.0, least_by: NONE, most_by: NONE };
    }

    #[inline]
    fn label(&self, p: usize, cost: &[f64], labels: &[Label]) -> Label {
        let (from, to) = (self.start[p] as usize, self.start[p + 1] as usize);
        if to - from == 1 {
            let (c, tail) = (cost[self.link[from] as usize], &labels[self.tail[from] as usize]);
            let by = from as u32;
            return Label { least: tail.least + c, most: tail.most + c, least_by: by, most_by: by };
        }
        let mut found = Label { least: f64::INFINITY, most: f64::NEG_INFINITY, least_by: NONE, most_by: NONE };
        let links = self.link[from..to].iter().zip(&self.tail[from..to]).zip(&self.flow[from..to]);
        for (e, ((link, tail), flow)) in (from as u32..).zip(links) {
            let (c, tail) = (cost[*link as usize], &labels[*tail as usize]);
            let through = tail.least + c;
            if through < found.least {
                (found.least, found.least_by) = (through, e);
            }
            if *flow > 0.0 {
                let through = tail.most + c;
                if through > found.most {
                    (found.most, found.most_by) = (through, e);
                }
            }
        }
        if found.most_by == NONE {
            // Nobody comes here: the cheapest way is the only one that matters.
            let e = found.least_by as usize;
            found.most = labels[self.tail[e] as usize].most + cost[self.link[e] as usize];
            found.most_by = found.least_by;
        }
        found
    }

    /// Which positions lead to a destination.
    fn find_live(&mut self, s: &mut Scratch) {
        s.leads.clear();
        s.leads.extend(self.trips.iter().map(|t| *t > 0.0));
        self.live.clear();
        for p in (1..self.node.len()).rev() {
            if s.leads[p] {
                self.live.push(p as u32);
                for e in self.entries(p) {
                    s.leads[self.tail[e] as usize] = true;
                }
            }
        }
        self.live.reverse();
    }

    /// One pass of shifts, from the far end to the origin, between ways whose costs differ by more than a share of
    /// `slack`. Returns what the shifts are worth.
    pub(super) fn shift(&mut self, graph: &CostGraph, all: &mut Volumes, slack: f64, s: &mut Scratch) -> f64 {
        let extra = graph.extra.get(self.class as usize).map_or(&[][..], Vec::as_slice);
        if extra.is_empty() {
            self.scan_live(&all.cost, s);
        } else {
            let own: Vec<f64> = all.cost.iter().zip(extra).map(|(c, e)| c + e).collect();
            self.scan_live(&own, s);
        }
        let mut worth = 0.0;
        for i in (0..self.live.len()).rev() {
            let p = self.live[i] as usize;
            let Label { least, most, least_by, most_by } = s.labels[p];
            if least_by == most_by || most - least <= slack * most || self.flow[most_by as usize] <= 0.0 {
                continue;
            }
            self.segments(p, s);
            worth += self.balance(graph, extra, all, &s.segments);
        }
        worth
    }

    /// The cheapest and the dearest way back from `p` to where they part.
    fn segments(&self, p: usize, s: &mut Scratch) {
        let Scratch { labels, segments: [cheap, dear], .. } = s;
        cheap.clear();
        dear.clear();
        let (first, last) = (labels[p].least_by, labels[p].most_by);
        cheap.push(first);
        dear.push(last);
        let (mut a, mut b) = (self.tail[first as usize] as usize, self.tail[last as usize] as usize);
        while a != b {
            if a > b {
                let e = labels[a].least_by;
                cheap.push(e);
                a = self.tail[e as usize] as usize;
            } else {
                let e = labels[b].most_by;
                dear.push(e);
                b = self.tail[e as usize] as usize;
            }
        }
    }

    /// Moves flow between two segments until they cost the same or the dear one is empty. Returns flow times what it
    /// was worth to move it.
    fn balance(&mut self, graph: &CostGraph, extra: &[f64], all: &mut Volumes, [cheap, dear]: &[Vec<u32>; 2]) -> f64 {
        let (mut difference, mut slope, mut most) = (0.0, 0.0, f64::INFINITY);
        let mut upright = false;
        for (entries, sign) in [(dear, 1.0), (cheap, -1.0)] {
            for e in entries {
                let l = self.link[*e as usize] as usize;
                difference += sign * (all.cost[l] + extra.get(l).copied().unwrap_or(0.0));
                slope += all.slope[l];
                upright |= graph.cost[l].starts_upright();
            }
        }
        for e in dear {
            most = most.min(self.flow[*e as usize]);
        }
        if difference <= 0.0 || most <= 0.0 {
            return 0.0;
        }
        let step = if upright {
            self.bisect(graph, all, difference, most, [cheap, dear])
        } else if slope > 0.0 {
            (difference / slope).min(most)
        } else {
            most
        };
        for e in cheap {
            self.flow[*e as usize] += step;
            all.add(graph, self.link[*e as usize], step);
        }
        for e in dear {
            let flow = &mut self.flow[*e as usize];
            *flow = (*flow - step).max(0.0);
            all.add(graph, self.link[*e as usize], -step);
        }
        step * difference
    }

    /// The shift that makes both segments cost the same, for curves whose tangents mislead.
    fn bisect(&self, graph: &CostGraph, all: &Volumes, now: f64, most: f64, [cheap, dear]: [&Vec<u32>; 2]) -> f64 {
        let change = |entries: &[u32], step: f64| -> f64 {
            let of = |e: &u32| {
                let l = self.link[*e as usize] as usize;
                graph.cost[l].cost((all.volume[l] + step).max(0.0)) - all.cost[l]
            };
            entries.iter().map(of).sum()
        };
        let left = |step: f64| now + change(dear, -step) - change(cheap, step);
        if left(most) >= 0.0 {
            return most;
        }
        let (mut low, mut high) = (0.0, most);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if left(middle) > 0.0 { low = middle } else { high = middle }
        }
        f64::midpoint(low, high)
    }

    /// The dearest way to each position over the links that stay: those with flow and the cheapest one.
    fn rank(&self, cost: &[f64], s: &mut Scratch) {
        let n = self.node.len();
        s.labels[0].most = 0.0;
        for p in 1..n {
            let mut most = f64::NEG_INFINITY;
            for e in self.entries(p) {
                if self.flow[e] > 0.0 || s.labels[p].least_by == e as u32 {
                    most = most.max(s.labels[self.tail[e] as usize].most + cost[self.link[e] as usize]);
                }
            }
            s.labels[p].most = most;
        }
    }

    /// Takes out links without flow and takes in better ones; returns what all trips would cost on the network's
    /// cheapest ways.
    pub(super) fn renew(&mut self, graph: &CostGraph, cost: &[f64], s: &mut Scratch) -> f64 {
        self.scan(cost, s);
        s.label.clear();
        s.label.resize(graph.nodes, f64::INFINITY);
        for (node, label) in self.node.iter().zip(&s.labels) {
            s.label[*node as usize] = label.least;
        }
        if self.find_shorter(graph, cost, s) {
            self.rank(cost, s);
            self.place_nodes(graph.nodes, s);
            self.find_allowed(graph, cost, s);
            self.rebuild(graph, s);
            self.correct(graph, cost, s);
        }
        self.node.iter().zip(&self.trips).filter(|(_, t)| **t > 0.0).map(|(n, t)| t * s.label[*n as usize]).sum()
    }

    /// Links that would shorten a way, into `s.added`; whether there are any. Without them the bush has the cheapest
    /// ways of the whole network already.
    fn find_shorter(&self, graph: &CostGraph, cost: &[f64], s: &mut Scratch) -> bool {
        s.shorter.clear();
        for (l, ((from, to), cost)) in graph.from.iter().zip(&graph.to).zip(cost).enumerate() {
            if s.label[*from as usize] + cost < s.label[*to as usize]
                && (!graph.closed[*from as usize] || *from == self.origin)
            {
                s.shorter.push(l as u32);
            }
        }
        !s.shorter.is_empty()
    }

    /// Those of the shorter links that close no circle: their dearest way is below their end's. When none is, any
    /// link that closes no circle (Nie 2010, Transportation Research B 44(1), section 4.2), so that the bush cannot
    /// get stuck.
    fn find_allowed(&self, graph: &CostGraph, cost: &[f64], s: &mut Scratch) {
        s.high.clear();
        s.high.resize(graph.nodes, f64::INFINITY);
        for (node, label) in self.node.iter().zip(&s.labels) {
            s.high[*node as usize] = label.most;
        }
        let high = &s.high;
        let leads_on =
            |l: u32| high[graph.from[l as usize] as usize] + cost[l as usize] < high[graph.to[l as usize] as usize];
        let at = |l: u32| (s.position[graph.to[l as usize] as usize], l);
        s.added.clear();
        s.added.extend(s.shorter.iter().filter(|l| leads_on(**l)).map(|l| at(*l)));
        if s.added.is_empty() {
            let open = |l: &u32| {
                let from = graph.from[*l as usize];
                !graph.closed[from as usize] || from == self.origin
            };
            s.added.extend((0..graph.links() as u32).filter(|l| leads_on(*l)).filter(open).map(at));
        }
        s.added.sort_unstable();
    }

    /// Lowers the bush's labels to the cheapest ways of the whole network, beginning at the shorter links: nearest
    /// first, so that what becomes cheaper is settled once.
    fn correct(&self, graph: &CostGraph, cost: &[f64], s: &mut Scratch) {
        let Scratch { label, lower, shorter, .. } = s;
        lower.clear();
        let try_link = |l: u32, label: &mut [f64], lower: &mut BinaryHeap<Reverse<(u64, u32)>>| {
            let (from, to) = (graph.from[l as usize] as usize, graph.to[l as usize]);
            let through = label[from] + cost[l as usize];
            if through < label[to as usize] {
                label[to as usize] = through;
                // Costs are never negative, and the bits of such numbers sort as the numbers do.
                lower.push(Reverse((through.to_bits(), to)));
            }
        };
        for l in &*shorter {
            try_link(*l, label, lower);
        }
        while let Some(Reverse((bits, node))) = lower.pop() {
            if bits > label[node as usize].to_bits() || (graph.closed[node as usize] && node != self.origin) {
                continue;
            }
            for &l in graph.out.of(node) {
                try_link(l, label, lower);
            }
        }
    }

    /// Puts the added links in and takes the useless ones out. Positions are sorted by their dearest ways where an
    /// added link would lead back; every link then leads forward.
    fn rebuild(&mut self, graph: &CostGraph, s: &mut Scratch) {
        let n = self.node.len();
        let back = |(p, l): &(u32, u32)| s.position[graph.from[*l as usize] as usize] >= *p;
        let sort = s.added.iter().any(back);
        s.order.clear();
        // Costs are never negative, and the bits of such numbers sort as the numbers do. Where costs are equal the
        // old order holds, so that old links keep leading forward.
        s.order.extend(s.labels[..n].iter().zip(0_u32..).map(|(label, p)| (label.most.to_bits(), p)));
        if sort {
            s.order.sort_unstable();
        }
        s.place.resize(n, 0);
        for (new, (_, old)) in (0..).zip(&s.order) {
            s.place[*old as usize] = new;
        }
        let mut next = std::mem::take(&mut s.spare);
        next.empty();
        (next.origin, next.class, next.total) = (self.origin, self.class, self.total);
        for &(_, old) in &s.order {
            let old = old as usize;
            next.node.push(self.node[old]);
            next.trips.push(self.trips[old]);
            next.start.push(next.link.len() as u32);
            let first = next.link.len();
            for e in self.entries(old) {
                if self.flow[e] > 0.0 || s.labels[old].least_by == e as u32 {
                    next.link.push(self.link[e]);
                    next.tail.push(s.place[self.tail[e] as usize]);
                    next.flow.push(self.flow[e]);
                }
            }
            let from = s.added.partition_point(|a| (a.0 as usize) < old);
            for &(_, l) in s.added[from..].iter().take_while(|a| a.0 as usize == old) {
                if !next.link[first..].contains(&l) {
                    next.link.push(l);
                    next.tail.push(s.place[s.position[graph.from[l as usize] as usize] as usize]);
                    next.flow.push(0.0);
                }
            }
        }
        next.start.push(next.link.len() as u32);
        s.spare = std::mem::replace(self, next);
        self.find_live(s);
    }

    fn empty(&mut self) {
        for list in [&mut self.node, &mut self.start, &mut self.link, &mut self.tail, &mut self.live] {
            list.clear();
        }
        self.flow.clear();
        self.trips.clear();
    }
}
