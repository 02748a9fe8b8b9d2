//! Ways through the network: many vehicles share one, so ways are kept once, one after another.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::input::Roads;
use super::record::Record;
use crate::base::prefetch::prefetch;

/// Links of all ways, one after another; after the last link of each stands [`NONE`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Routes {
    start: Vec<u32>,
    links: Vec<u32>,
}

impl Routes {
    #[must_use]
    pub fn new() -> Self {
        Self { start: vec![0], links: Vec::new() }
    }

    /// Takes in a way, given from its end to its beginning.
    pub fn push_backwards(&mut self, links: impl Iterator<Item = u32>) -> u32 {
        let begin = self.links.len();
        self.links.extend(links);
        self.links[begin..].reverse();
        self.links.push(NONE);
        self.start.push(self.links.len() as u32);
        self.start.len() as u32 - 2
    }

    /// Takes in a way.
    pub fn push(&mut self, links: impl Iterator<Item = u32>) -> u32 {
        self.links.extend(links);
        self.links.push(NONE);
        self.start.push(self.links.len() as u32);
        self.start.len() as u32 - 2
    }

    #[must_use]
    pub fn of(&self, route: u32) -> &[u32] {
        &self.links[self.start[route as usize] as usize..self.start[route as usize + 1] as usize - 1]
    }

    /// Where a way begins among all links of all ways.
    #[must_use]
    pub fn begin(&self, route: u32) -> u32 {
        self.start[route as usize]
    }

    /// The link there; [`NONE`] where a way ends.
    #[must_use]
    pub fn link(&self, at: u32) -> u32 {
        self.links[at as usize]
    }

    /// Links from there on, those of later ways too.
    pub(super) fn from(&self, at: u32) -> &[u32] {
        &self.links[at as usize..]
    }

    /// Asks for the memory of the links from there on.
    pub(super) fn ask(&self, at: u32) {
        prefetch(&self.links, at as usize);
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.start.len() - 1
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Travel time of each link by the interval in which it is entered, single precision: two million links fit a cache.
#[derive(Debug, Clone)]
pub struct LinkTimes {
    interval_s: f32,
    links: usize,
    times: Vec<f32>,
}

impl LinkTimes {
    /// Empty roads.
    #[must_use]
    pub fn free(roads: &Roads) -> Self {
        let times: Vec<f32> = roads.diagrams.iter().map(|d| d.free_time_s() as f32).collect();
        Self { interval_s: f32::INFINITY, links: times.len(), times }
    }

    /// As experienced by those who drove. Nobody drove: the time of before, or free flow.
    #[must_use]
    pub fn experienced(roads: &Roads, record: &Record) -> Self {
        let mut times = Vec::with_capacity(record.counts.len());
        for interval in 0..record.intervals() {
            for (link, diagram) in (0..).zip(&roads.diagrams) {
                times.push(record.at(interval, link).mean_time_s(diagram.free_time_s()) as f32);
            }
        }
        Self { interval_s: record.interval_s as f32, links: record.links, times }
    }

    /// Closes a link in the intervals that `from_s..until_s` touches.
    pub fn close(&mut self, roads: &Roads, record: &Record, link: u32, from_s: f64, until_s: f64) {
        if self.times.len() == self.links {
            *self = Self::experienced(
                roads,
                &Record::new(record.links, record.interval_s, record.interval_s * record.intervals() as f64),
            );
        }
        for (interval, row) in self.times.chunks_exact_mut(self.links).enumerate() {
            let begin = interval as f64 * f64::from(self.interval_s);
            if begin < until_s && begin + f64::from(self.interval_s) > from_s {
                row[link as usize] = f32::INFINITY;
            }
        }
    }

    fn row(&self, t: f32) -> usize {
        let last = self.times.len() / self.links - 1;
        ((t / self.interval_s) as usize).min(last) * self.links
    }

    #[must_use]
    pub fn at(&self, link: u32, t: f32) -> f32 {
        self.times[self.row(t) + link as usize]
    }
}

/// A label of the search by (time, link), ordered by time and then by link: bits of a positive float rise with it.
type Entry = Reverse<u64>;

fn entry(time: f32, link: u32) -> Entry {
    Reverse((u64::from(time.to_bits()) << 32) | u64::from(link))
}

/// Fastest ways from a node at a time, over links: turn bans then need nothing more. Arrays are kept between searches.
#[derive(Debug)]
pub struct Search {
    /// When each link's end is reached.
    reached_s: Vec<f32>,
    before: Vec<u32>,
    settled_into: Vec<u32>,
    touched: Vec<u32>,
    heap: BinaryHeap<Entry>,
}

/// No link.
pub const NONE: u32 = u32::MAX;

impl Search {
    #[must_use]
    pub fn new(roads: &Roads) -> Self {
        Self {
            reached_s: vec![f32::INFINITY; roads.links()],
            before: vec![NONE; roads.links()],
            settled_into: vec![NONE; roads.nodes],
            touched: Vec::new(),
            heap: BinaryHeap::new(),
        }
    }

    /// Dijkstra's search with times that depend on the time of entering (Dreyfus 1969, "An appraisal of some
    /// shortest-path algorithms": right where nobody overtakes by starting later). Vehicles that are on link `on` may
    /// not take the turns that are banned from it.
    pub fn run(
        &mut self,
        roads: &Roads,
        times: &LinkTimes,
        from: u32,
        on: Option<u32>,
        depart_s: f64,
        closed: &dyn Fn(u32) -> bool,
    ) {
        for link in self.touched.drain(..) {
            self.reached_s[link as usize] = f32::INFINITY;
        }
        self.settled_into.fill(NONE);
        self.heap.clear();
        let depart = depart_s as f32;
        self.leave(roads, times, from, on, NONE, depart, closed);
        while let Some(Reverse(bits)) = self.heap.pop() {
            let (time, link) = (f32::from_bits((bits >> 32) as u32), bits as u32);
            if time > self.reached_s[link as usize] {
                continue;
            }
            let node = roads.to[link as usize];
            let first = self.settled_into[node as usize] == NONE;
            if first {
                self.settled_into[node as usize] = link;
            }
            // Only where turns are banned does the link matter by which a node is reached.
            if first || !roads.bans.is_empty() {
                self.leave(roads, times, node, Some(link), link, time, closed);
            }
        }
    }

    fn leave(
        &mut self,
        roads: &Roads,
        times: &LinkTimes,
        node: u32,
        on: Option<u32>,
        before: u32,
        time: f32,
        closed: &dyn Fn(u32) -> bool,
    ) {
        let row = times.row(time);
        for &next in roads.outgoing.of(node) {
            let reached = time + times.times[row + next as usize];
            if reached < self.reached_s[next as usize] && on.is_none_or(|on| roads.allows(on, next)) && !closed(next) {
                if self.reached_s[next as usize] == f32::INFINITY {
                    self.touched.push(next);
                }
                self.reached_s[next as usize] = reached;
                self.before[next as usize] = before;
                self.heap.push(entry(reached, next));
            }
        }
    }

    /// When the node is reached; `None` if it cannot be.
    #[must_use]
    pub fn arrival_s(&self, node: u32) -> Option<f32> {
        let link = self.settled_into[node as usize];
        (link != NONE).then(|| self.reached_s[link as usize])
    }

    /// The way to a node, from its end to its beginning.
    pub fn backwards(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        let mut link = self.settled_into[node as usize];
        std::iter::from_fn(move || {
            let this = (link != NONE).then_some(link)?;
            link = self.before[this as usize];
            Some(this)
        })
    }
}
