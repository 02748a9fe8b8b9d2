//! Drivers who listen on the way: every so often they hear how long each link takes at that moment, and a share of
//! those with one destination turns to what is fastest then; the others keep to what was (reactive dynamic user
//! optimum by shares of turns: Seo 2023, "UXsim", arXiv 2309.17114, section 2.4). Who stands before a full link takes
//! another one that others with his destination take, if it has room.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rayon::prelude::*;

use super::input::Roads;
use super::loading::Loading;
use super::queue::Waiting;
use super::route::NONE;
use crate::base::rng::KeyedRng;

/// How drivers listen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guidance {
    pub every_s: f64,
    /// Of the drivers, at each news.
    pub share: f64,
    pub seed: u64,
}

impl Default for Guidance {
    fn default() -> Self {
        Self { every_s: 300.0, share: 0.5, seed: 1 }
    }
}

/// Not chosen yet: only who is first in a queue chooses.
pub(super) const UNDECIDED: u32 = NONE - 1;
/// Shares below this are gone.
const LEAST_SHARE: f32 = 0.02;
/// A link that stands counts as so many times its free time (as in UXsim).
const STANDING: f64 = 100.0;
/// A closed link: finite, so that those who have no other way still know where to wait.
const CLOSED_S: f32 = 1e6;
/// Two vehicles in file are no queue.
const NO_QUEUE_MILLI_PCU: u64 = 2000;

/// What the drivers of each destination know.
#[derive(Debug)]
pub(super) struct Guide {
    guidance: Guidance,
    rng: KeyedRng,
    goals: Vec<u32>,
    /// By node: its place among the goals.
    row: Vec<u32>,
    links: usize,
    /// By goal and link: share of those at the link's beginning that take it.
    share: Vec<f32>,
    /// By goal and link: from entering the link to the goal, as it is now.
    rest_s: Vec<f32>,
    left_before: Vec<u64>,
    pub next_s: f64,
    open: Vec<(u32, f32)>,
}

impl Guide {
    pub fn new(roads: &Roads, goals: impl Iterator<Item = u32>, guidance: Guidance) -> Self {
        let mut goals: Vec<u32> = goals.collect();
        goals.sort_unstable();
        goals.dedup();
        let mut row = vec![NONE; roads.nodes];
        for (i, goal) in (0..).zip(&goals) {
            row[*goal as usize] = i;
        }
        let (links, cells) = (roads.links(), goals.len() * roads.links());
        let mut new = Self {
            guidance,
            rng: KeyedRng::new(guidance.seed, 0x6865_6172),
            goals,
            row,
            links,
            share: vec![0.0; cells],
            rest_s: vec![f32::INFINITY; cells],
            left_before: vec![0; links],
            next_s: guidance.every_s,
            open: Vec::new(),
        };
        let free: Vec<f32> = roads.diagrams.iter().map(|d| d.free_time_s() as f32).collect();
        new.tell(roads, &free, 1.0);
        new
    }

    fn at(&self, goal: u32, link: u32) -> usize {
        self.row[goal as usize] as usize * self.links + link as usize
    }

    /// Whether a way leads from a node to a goal.
    pub fn reaches(&self, roads: &Roads, node: u32, goal: u32) -> bool {
        node == goal || roads.outgoing.of(node).iter().any(|l| self.rest_s[self.at(goal, *l)].is_finite())
    }

    /// News of all links: every goal's shares turn towards what is fastest now. Goals do not meet: any thread may do any.
    fn tell(&mut self, roads: &Roads, time_s: &[f32], weight: f32) {
        let rows = self.share.par_chunks_mut(self.links).zip(self.rest_s.par_chunks_mut(self.links));
        rows.zip(&self.goals).for_each(|((share, rest_s), goal)| {
            rest(roads, time_s, *goal, rest_s);
            turn(roads, rest_s, share, weight);
        });
    }

    /// The links by which drivers go on to a goal, with their shares; nobody turns back.
    fn taken<'a>(
        &'a self,
        roads: &'a Roads,
        goal: u32,
        node: u32,
        on: Option<u32>,
    ) -> impl Iterator<Item = (u32, f32)> + 'a {
        let all = roads.outgoing.of(node).iter().map(move |out| (*out, self.share[self.at(goal, *out)]));
        all.filter(move |(out, share)| {
            *share > 0.0 && !back(roads, on, *out) && on.is_none_or(|on| roads.allows(on, *out))
        })
    }

    /// Which link a driver takes at a node; `None` where no way goes on.
    fn choose(&self, roads: &Roads, driver: (u32, u32), goal: u32, node: u32, on: Option<u32>) -> Option<u32> {
        let outs = roads.outgoing.of(node);
        let total: f32 = self.taken(roads, goal, node, on).map(|o| o.1).sum();
        let mut left = self.rng.unit(u64::from(driver.1), u64::from(driver.0)) as f32 * total;
        for (out, share) in self.taken(roads, goal, node, on) {
            left -= share;
            if left < 0.0 {
                return Some(out);
            }
        }
        let allowed = |out: u32| on.is_none_or(|on| roads.allows(on, out));
        let rest = |out: &&u32| self.rest_s[self.at(goal, **out)];
        let can = outs.iter().filter(|o| allowed(**o) && self.rest_s[self.at(goal, **o)].is_finite());
        can.min_by(|a, b| back(roads, on, **a).cmp(&back(roads, on, **b)).then(rest(a).total_cmp(&rest(b)))).copied()
    }
}

fn back(roads: &Roads, on: Option<u32>, out: u32) -> bool {
    on.is_some_and(|on| roads.from[on as usize] == roads.to[out as usize])
}

/// From entering each link to a goal: Dijkstra's search from the goal backwards, over links, so that turn bans count.
fn rest(roads: &Roads, time_s: &[f32], goal: u32, rest_s: &mut [f32]) {
    rest_s.fill(f32::INFINITY);
    let mut heap = BinaryHeap::new();
    let reach = |rest_s: &mut [f32], heap: &mut BinaryHeap<Reverse<u64>>, link: u32, after: f32| {
        let rest = after + time_s[link as usize];
        if rest < rest_s[link as usize] {
            rest_s[link as usize] = rest;
            heap.push(Reverse((u64::from(rest.to_bits()) << 32) | u64::from(link)));
        }
    };
    for &link in roads.incoming.of(goal) {
        reach(rest_s, &mut heap, link, 0.0);
    }
    while let Some(Reverse(bits)) = heap.pop() {
        let (rest, link) = (f32::from_bits((bits >> 32) as u32), bits as u32);
        if rest > rest_s[link as usize] {
            continue;
        }
        for &before in roads.incoming.of(roads.from[link as usize]) {
            if roads.allows(before, link) {
                reach(rest_s, &mut heap, before, rest);
            }
        }
    }
}

fn turn(roads: &Roads, rest_s: &[f32], share: &mut [f32], weight: f32) {
    for node in 0..roads.nodes as u32 {
        let outs = roads.outgoing.of(node);
        let best = outs.iter().min_by(|a, b| rest_s[**a as usize].total_cmp(&rest_s[**b as usize]));
        for out in outs {
            let now = if Some(out) == best && rest_s[*out as usize].is_finite() { weight } else { 0.0 };
            let new = share[*out as usize] * (1.0 - weight) + now;
            share[*out as usize] = if new < LEAST_SHARE { 0.0 } else { new };
        }
    }
}

impl Loading<'_> {
    /// How long each link takes at this moment: free, and its queue at the pace at which it left since the last news.
    pub(super) fn news(&mut self, now_s: f64) {
        let Some(mut guide) = self.guide.take() else { return };
        guide.next_s += guide.guidance.every_s;
        let mut time_s = Vec::with_capacity(guide.links);
        for (link, diagram) in (0_u32..).zip(&self.roads.diagrams) {
            let state = &self.links[link as usize];
            let waits = state.queues.iter().flat_map(|q| self.vehicles.all(*q)).filter(|w| w.ready_s <= now_s);
            let queue = waits.map(|w| self.pcu(w.class)).sum::<u64>().saturating_sub(NO_QUEUE_MILLI_PCU) as f64;
            let gone = (state.left - guide.left_before[link as usize]) as f64 / guide.guidance.every_s;
            guide.left_before[link as usize] = state.left;
            let free_s = diagram.free_time_s();
            let standing_s = free_s * STANDING;
            let queue_s = if queue > 0.0 { (queue / gone).min(standing_s) } else { 0.0 };
            time_s.push(if self.is_closed(link, now_s) { CLOSED_S } else { (free_s + queue_s) as f32 });
        }
        guide.tell(self.roads, &time_s, guide.guidance.share as f32);
        // Who stands before a barrier may know a way around now.
        for r in self.restrictions {
            self.look_again(self.roads.from[r.link as usize], now_s);
        }
        self.guide = Some(guide);
    }

    /// Who is first in a queue chooses where to go on; nothing to do for those who keep to a way.
    pub(super) fn decide(&mut self, from: u32, queue: usize) {
        let Some(guide) = &self.guide else { return };
        let held = self.links[from as usize].queues[queue];
        let Some(head) = self.vehicles.first_mut(held) else { return };
        if head.next != UNDECIDED {
            return;
        }
        let (on, node) = place(self.roads, from);
        let goal = self.trips[head.vehicle as usize].to;
        let next = if node == goal { Some(NONE) } else { guide.choose(self.roads, head.driver(), goal, node, on) };
        // Ways were looked for before the first left: something leads on from everywhere on a way.
        head.next = next.unwrap_or(NONE);
    }

    /// The chosen link is full or closed: another one that leads to the goal and has room, or all of them are awaited.
    pub(super) fn turn_aside(&mut self, from: u32, queue: usize, t: f64, closed: bool) -> bool {
        let held = self.links[from as usize].queues[queue];
        let Some(head) = self.vehicles.first(held).copied() else { return false };
        let Some(mut guide) = self.guide.take() else { return false };
        let (on, node) = place(self.roads, from);
        let goal = self.trips[head.vehicle as usize].to;
        let pcu = self.pcu(head.class);
        let mut open = std::mem::take(&mut guide.open);
        open.clear();
        for (out, share) in guide.taken(self.roads, goal, node, on) {
            if self.is_closed(out, t) {
                continue;
            }
            if self.room_s(out, pcu) == f64::INFINITY {
                self.links[out as usize].awaited = true;
            } else {
                open.push((out, share));
            }
        }
        let total: f32 = open.iter().map(|o| o.1).sum();
        let (vehicle, driven) = head.driver();
        let mut left = guide.rng.unit(u64::from(driven) + (1 << 40), u64::from(vehicle)) as f32 * total;
        let chosen = open.iter().find(|o| {
            left -= o.1;
            left < 0.0
        });
        let mut chosen = chosen.or(open.last()).map(|o| o.0);
        if closed && chosen.is_none() {
            // Before a barrier: any way around that is open, full or not.
            let outs = self.roads.outgoing.of(node).iter().copied();
            let can = outs.filter(|out| {
                on.is_none_or(|on| self.roads.allows(on, *out))
                    && guide.rest_s[guide.at(goal, *out)] < CLOSED_S
                    && !self.is_closed(*out, t)
            });
            let rest = |out: &u32| guide.rest_s[guide.at(goal, *out)];
            chosen = can.min_by(|a, b| {
                back(self.roads, on, *a).cmp(&back(self.roads, on, *b)).then(rest(a).total_cmp(&rest(b)))
            });
        }
        if let (Some(out), Some(head)) = (chosen, self.vehicles.first_mut(held)) {
            head.next = out;
        }
        guide.open = open;
        self.guide = Some(guide);
        chosen.is_some()
    }

    /// The links that the head of a queue may go on by.
    pub(super) fn ways_on(&self, from: u32, head: &Waiting) -> Vec<u32> {
        let (on, node) = place(self.roads, from);
        let goal = self.trips[head.vehicle as usize].to;
        let taken = |g: &Guide| g.taken(self.roads, goal, node, on).map(|o| o.0).collect::<Vec<_>>();
        let mut ways = self.guide.as_ref().map(taken).unwrap_or_default();
        if !ways.contains(&head.next) {
            ways.push(head.next);
        }
        ways
    }
}

/// The link that a vehicle is on, if it is on the road, and the node before it.
fn place(roads: &Roads, from: u32) -> (Option<u32>, u32) {
    let real = roads.links() as u32;
    if from < real { (Some(from), roads.to[from as usize]) } else { (None, from - real) }
}
