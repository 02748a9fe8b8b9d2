//! Who goes next at a node: signals, priority in merges, first in first out in diverges.

use super::input::Roads;
use super::link_state::LinkState;
use super::loading::Loading;
use super::route::NONE;

/// One vehicle crosses a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub at_s: f64,
    /// A link, or a place of origin.
    pub from: u32,
    pub queue: u8,
    pub out: u32,
    /// Which of the node's turns this is.
    turn: u32,
    turn_tag: f64,
}

/// Shares in merges by start-time fair queueing (Goyal, Vin & Cheng 1996, SIGCOMM, section 2): when several links want
/// into one, each gets its share, and what one does not use the others get: Daganzo's priority rule (1995, "The cell
/// transmission model, part II", eq. 8) to within one vehicle.
pub(super) struct Merges {
    /// By turn, (link in, link out) of a node: when its next vehicle may start, in units of the share.
    tags: Vec<f64>,
    /// Where a node's turns begin.
    start: Vec<u32>,
    /// Place of a link among those that leave its node.
    place: Vec<u16>,
    /// How far sharing has come, by link that is entered.
    clock: Vec<f64>,
}

impl Merges {
    pub fn new(roads: &Roads) -> Self {
        let mut start = vec![0_u32; roads.nodes];
        let mut place = vec![0_u16; roads.links()];
        let mut turns = 0;
        for node in 0..roads.nodes as u32 {
            start[node as usize] = turns;
            let out = roads.outgoing.of(node);
            turns += ((roads.incoming.of(node).len() + 1) * out.len()) as u32;
            for (i, link) in (0..).zip(out) {
                place[*link as usize] = i;
            }
        }
        Self { tags: vec![0.0; turns as usize], start, place, clock: vec![0.0; roads.links()] }
    }

    fn turn(&self, roads: &Roads, node: u32, input: usize, out: u32) -> u32 {
        let wide = roads.outgoing.of(node).len();
        self.start[node as usize] + (input * wide) as u32 + u32::from(self.place[out as usize])
    }

    /// Notes that a vehicle has gone.
    pub fn served(&mut self, links: &mut [LinkState], roads: &Roads, step: &Step, pcu: u64) {
        let state = &mut links[step.from as usize];
        state.clock = state.turn[usize::from(step.queue)].max(state.clock);
        state.turn[usize::from(step.queue)] = state.clock + pcu as f64;
        if step.out == NONE {
            return;
        }
        let weight = if (step.from as usize) < roads.links() {
            roads.merge_weight[step.from as usize]
        } else {
            // Driveways: as strong as the road they lead into.
            roads.diagrams[step.out as usize].capacity_pcu_per_s
        };
        self.clock[step.out as usize] = step.turn_tag;
        self.tags[step.turn as usize] = step.turn_tag + pcu as f64 / weight;
    }
}

impl Loading<'_> {
    /// The step that comes first before `until`, or when to look again.
    pub(super) fn choose(&mut self, node: u32, until: f64) -> (Option<Step>, f64) {
        let mut best: Option<Step> = None;
        let mut next_look = f64::INFINITY;
        let doors = self.doors.of(node);
        for (input, door) in doors.enumerate() {
            let ready = self.doors.ready_s[door];
            if ready[0].min(ready[1]) >= until {
                next_look = next_look.min(ready[0]).min(ready[1]);
                continue;
            }
            let from = self.doors.link[door];
            let Some(step) = self.head(node, input, from, ready, until) else { continue };
            if step.at_s >= until {
                next_look = next_look.min(step.at_s);
                continue;
            }
            best = match best {
                Some(b) if !comes_before(&step, &b) => Some(b),
                _ => Some(step),
            };
        }
        (best, next_look)
    }

    /// The next step out of one link: of the heads of its two queues the one that can go first.
    fn head(&mut self, node: u32, input: usize, from: u32, ready: [f64; 2], until: f64) -> Option<Step> {
        let mut best: Option<Step> = None;
        for (queue, ready) in ready.into_iter().enumerate() {
            let Some(step) = self.candidate(node, input, from, queue, ready, until) else { continue };
            let state = &self.links[from as usize];
            let turn = |queue: usize| state.turn[queue].max(state.clock);
            let better = best.is_none_or(|b| {
                step.at_s < b.at_s || (step.at_s == b.at_s && turn(queue) < turn(usize::from(b.queue)))
            });
            if better {
                best = Some(step);
            }
        }
        best
    }

    fn candidate(&mut self, node: u32, input: usize, from: u32, queue: usize, ready: f64, until: f64) -> Option<Step> {
        if ready == f64::INFINITY {
            return None;
        }
        let step = |at_s, turn, turn_tag, out| Step { at_s, from, queue: queue as u8, out, turn, turn_tag };
        if ready >= until {
            return Some(step(ready, 0, 0.0, NONE));
        }
        let head = self.first(from, queue)?;
        let (goes_to, class) = (head.next, head.class);
        if goes_to == NONE {
            return Some(step(ready, 0, 0.0, NONE));
        }
        let mut out = goes_to;
        let now_s = until - self.window_s;
        // Who has waited since before the road closed finds it closed all the same.
        let mut asked = ready.max(now_s);
        if self.is_closed(out, asked) {
            let goes = if self.guide.is_some() {
                self.turn_aside(from, queue, asked, true)
            } else {
                self.go_around(node, from, queue, asked)
            };
            if goes {
                out = self.first(from, queue)?.next;
            } else {
                asked = self.opens_s(out, asked)?;
                // From then on it is a road as any other: they enter one after the other, where there is room.
                if asked >= until {
                    return Some(step(asked, 0, 0.0, out));
                }
            }
        }
        let pcu = self.pcu(class);
        let mut room = self.room_s(out, pcu);
        if room == f64::INFINITY && self.turn_aside(from, queue, asked, false) {
            out = self.first(from, queue)?.next;
            room = self.room_s(out, pcu);
        }
        let next = &mut self.links[out as usize];
        if room == f64::INFINITY {
            next.awaited = true;
            return None;
        }
        let free = ready.max(next.entry_free_s).max(room);
        let at_s = if free > ready { self.roads.next_green(from, free) } else { free };
        // Nor does it enter before the road has opened again.
        let at_s = if self.links[out as usize].restricted { at_s.max(asked) } else { at_s };
        if at_s < until && self.is_closed(out, at_s) {
            return Some(step(until, 0, 0.0, out));
        }
        let turn = self.merge.turn(self.roads, node, input, out);
        let tag = self.merge.tags[turn as usize].max(self.merge.clock[out as usize]);
        Some(step(at_s, turn, tag, out))
    }
}

/// Earlier first; of two that could enter one link at the same moment the one whose turn it is.
fn comes_before(a: &Step, b: &Step) -> bool {
    a.at_s < b.at_s || (a.at_s == b.at_s && a.out == b.out && a.turn_tag < b.turn_tag)
}

/// Vehicles at the head of a queue that all ways are closed to at the end, and those behind them.
pub(super) fn stranded(loading: &Loading, end_s: f64) -> u32 {
    if loading.restrictions.is_empty() {
        return 0;
    }
    let closed = |link: u32| {
        link != NONE && loading.links[link as usize].restricted && loading.capacity_left(link, end_s - 1e-6).0 <= 0.0
    };
    let queues = (0..loading.links.len() as u32).flat_map(|l| [(l, 0), (l, 1)]);
    let held = queues.filter(|q| loading.first(q.0, q.1).is_some_and(|w| w.ready_s < end_s && closed(w.next)));
    held.map(|q| loading.standing(q.0, q.1)).sum()
}
