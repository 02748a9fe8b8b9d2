//! Drives vehicles along given ways through a day: link transmission, event by event.
//!
//! What holds for a vehicle (Yperman 2007, eqs. 4.11-4.19, vehicle by vehicle as in Newell 2002): it reaches the end of a link after
//! the free travel time; it leaves no sooner than a headway after the one before it; it enters the next link no sooner
//! than a headway after the one before it, and only when what stands one storage ahead of it has left that link, one
//! wave time ago.
//!
//! What a node does reaches its neighbours no sooner than one `window` later, the shortest travel time of any link or
//! wave. So the nodes of one window do not depend on each other and are worked off from a calendar of windows: times
//! stay exact, and no heap is needed.
//!
//! Long because fixed ways, listening drivers, closures and signals share the state of one day.

use std::collections::VecDeque;

use super::calendar::{Calendar, Doors};
use super::error::MesoError;
use super::gridlock::{self, Gridlock};
use super::guidance::{Guidance, Guide, UNDECIDED};
use super::input::{Restriction, Roads, Trip, VehicleClass};
use super::learning::DayError;
use super::record::Record;
use super::route::{LinkTimes, NONE, Routes, Search};
use crate::base::cancel::{CancelToken, Cancelled};

/// How a day is loaded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoadingOptions {
    pub span_s: f64,
    /// Counts are kept by intervals of so long.
    pub interval_s: f64,
    /// Notes every entering of a link: for trajectories and for handing vehicles over.
    pub keep_passages: bool,
}

impl Default for LoadingOptions {
    fn default() -> Self {
        Self { span_s: 86_400.0, interval_s: 900.0, keep_passages: false }
    }
}

/// A vehicle enters a link; at the end of its way `link` is [`NONE`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Passage {
    pub time_s: f64,
    pub vehicle: u32,
    pub link: u32,
}

/// What came of a day.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub record: Record,
    /// By trip; NaN for those that have not arrived.
    pub arrival_s: Vec<f64>,
    /// By trip; NaN for those that still wait to enter the network.
    pub entry_s: Vec<f64>,
    /// Vehicles on links at the end.
    pub on_the_way: u32,
    /// Vehicles that still wait at their origin at the end.
    pub waiting: u32,
    /// Of all these, those before whom all ways are closed.
    pub stranded: u32,
    pub gridlocks: Vec<Gridlock>,
    pub passages: Vec<Passage>,
    /// Links entered, all vehicles together.
    pub transfers: u64,
}

impl Loaded {
    /// From departure to arrival, all that arrived together.
    #[must_use]
    pub fn total_travel_time_s(&self, trips: &[Trip]) -> f64 {
        self.arrival_s.iter().zip(trips).filter(|(a, _)| !a.is_nan()).map(|(a, t)| a - t.depart_s).sum()
    }

    #[must_use]
    pub fn arrived(&self) -> usize {
        self.arrival_s.iter().filter(|a| !a.is_nan()).count()
    }
}

/// A vehicle on a link, with all that moving it needs: one line of memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waiting {
    /// When it reaches the end of the link.
    pub ready_s: f64,
    pub entered_s: f64,
    pub vehicle: u32,
    /// Where `next` stands among all links of all ways; of those who listen on the way, how many links they entered.
    at: u32,
    pub next: u32,
    pub class: u8,
}

impl Waiting {
    /// Who draws, and which draw of his it is.
    pub fn driver(&self) -> (u32, u32) {
        (self.vehicle, self.at)
    }
}

/// Thousandths of a PCU: sums are exact.
type MilliPcu = u64;

/// A link, or the place where trips of a node begin (links beyond the network's, one a node).
#[derive(Debug)]
pub(super) struct LinkState {
    /// Those that keep their order, and those that pass queues.
    pub queues: [VecDeque<Waiting>; 2],
    pub exit_free_s: f64,
    /// Turns between the two queues, and how far they have come, in milli-PCU (start-time fair queueing).
    pub turn: [f64; 2],
    pub clock: f64,
    pub entry_free_s: f64,
    entered: MilliPcu,
    left: MilliPcu,
    /// What left so long ago that its room is here already.
    settled: MilliPcu,
    /// What left since: when, and all that had left by then.
    gone: VecDeque<(f64, MilliPcu)>,
    /// The node at its beginning waits for room.
    pub awaited: bool,
    pub restricted: bool,
}

impl LinkState {
    fn new(restricted: bool) -> Self {
        Self {
            queues: [VecDeque::new(), VecDeque::new()],
            exit_free_s: 0.0,
            turn: [0.0; 2],
            clock: 0.0,
            entry_free_s: 0.0,
            entered: 0,
            left: 0,
            settled: 0,
            gone: VecDeque::new(),
            awaited: false,
            restricted,
        }
    }

    pub fn left(&self) -> MilliPcu {
        self.left
    }

    fn settle(&mut self, before_s: f64) {
        while let Some((_, by_then)) = self.gone.front().filter(|g| g.0 <= before_s) {
            self.settled = *by_then;
            self.gone.pop_front();
        }
    }
}

pub(super) struct Loading<'a> {
    pub roads: &'a Roads,
    pub classes: &'a [VehicleClass],
    pub restrictions: &'a [Restriction],
    pub times: &'a LinkTimes,
    pub trips: &'a [Trip],
    pub routes: Routes,
    pub guide: Option<Guide>,
    options: LoadingOptions,
    pub window_s: f64,
    pub links: Vec<LinkState>,
    pub doors: Doors,
    pub merge: super::node::Merges,
    class_pcu: Vec<MilliPcu>,
    /// Headways: seconds of capacity for one milli-PCU, by link.
    headway: Vec<f64>,
    storage: Vec<MilliPcu>,
    pub wave_s: Vec<f64>,
    calendar: Calendar,
    search: Option<Search>,
    pub out: Loaded,
}

/// Loads the network. `times` is what drivers believe when they must look for another way.
///
/// # Errors
/// [`Cancelled`].
pub fn load(
    roads: &Roads,
    classes: &[VehicleClass],
    trips: &[Trip],
    (routes, route_of): (&Routes, &[u32]),
    restrictions: &[Restriction],
    times: &LinkTimes,
    options: LoadingOptions,
    cancel: &CancelToken,
) -> Result<Loaded, Cancelled> {
    let mut loading = Loading::new(roads, classes, trips, (routes, Some(route_of)), restrictions, times, options);
    loading.run(cancel)?;
    Ok(loading.finish())
}

/// Loads the network with drivers who hear on the way how long links take, and choose node by node.
///
/// # Errors
/// A trip that cannot be, or cannot be made on open roads; or cancelled.
pub fn load_guided(
    roads: &Roads,
    classes: &[VehicleClass],
    trips: &[Trip],
    guidance: Guidance,
    restrictions: &[Restriction],
    options: LoadingOptions,
    cancel: &CancelToken,
) -> Result<Loaded, DayError> {
    roads.check(trips, classes)?;
    let guide = Guide::new(roads, trips.iter().map(|t| t.to), guidance);
    if let Some((row, trip)) = (1..).zip(trips).find(|(_, t)| !guide.reaches(roads, t.from, t.to)) {
        let (from, to) = (roads.node_ids[trip.from as usize], roads.node_ids[trip.to as usize]);
        return Err(MesoError::Unconnected { row, from, to }.into());
    }
    let times = LinkTimes::free(roads);
    let mut loading = Loading::new(roads, classes, trips, (&Routes::new(), None), restrictions, &times, options);
    loading.guide = Some(guide);
    for origin in roads.links()..roads.links() + roads.nodes {
        (0..2).for_each(|queue| loading.decide(origin as u32, queue));
    }
    loading.run(cancel)?;
    Ok(loading.finish())
}

/// Longest window: nodes that wait for a neighbour are looked at at least this often.
const LONGEST_WINDOW_S: f64 = 10.0;
/// Links that are driven faster count as so long.
pub const SHORTEST_TIME_S: f64 = 1.0;
/// Room that came so many windows ago has been seen by who waited for it; its moment no longer matters.
const SETTLED_WINDOWS: f64 = 2.0;
/// How often standing circles are looked for.
const GRIDLOCK_CHECK_S: f64 = 300.0;

impl<'a> Loading<'a> {
    fn new(
        roads: &'a Roads,
        classes: &'a [VehicleClass],
        trips: &'a [Trip],
        (routes, route_of): (&Routes, Option<&[u32]>),
        restrictions: &'a [Restriction],
        times: &'a LinkTimes,
        options: LoadingOptions,
    ) -> Self {
        let diagrams = &roads.diagrams;
        let shortest = |time: f64| time.max(SHORTEST_TIME_S);
        let window_s = diagrams
            .iter()
            .map(|d| shortest(d.free_time_s()).min(shortest(d.wave_time_s())))
            .fold(LONGEST_WINDOW_S, f64::min);
        let class_pcu: Vec<MilliPcu> = classes.iter().map(|c| (c.pcu * 1000.0).round().max(1.0) as u64).collect();
        let largest = class_pcu.iter().copied().max().unwrap_or(1000);
        let mut doors = Doors::new(roads);
        let mut links: Vec<LinkState> = (0..roads.links() + roads.nodes).map(|_| LinkState::new(false)).collect();
        for r in restrictions {
            links[r.link as usize].restricted = true;
        }
        let mut order: Vec<u32> = (0..trips.len() as u32).collect();
        order.sort_by(|a, b| trips[*a as usize].depart_s.total_cmp(&trips[*b as usize].depart_s).then(a.cmp(b)));
        let mut calendar = Calendar::new(window_s, roads.nodes);
        for trip in order {
            let t = &trips[trip as usize];
            let at = route_of.map(|of| routes.begin(of[trip as usize]));
            let queue = usize::from(classes[usize::from(t.class)].passes_queues);
            let origin = &mut links[roads.links() + t.from as usize];
            if origin.queues[queue].is_empty() {
                let door = doors.of_link[roads.links() + t.from as usize];
                doors.ready_s[door as usize][queue] = t.depart_s;
                calendar.plan(t.from, t.depart_s.max(window_s));
            }
            origin.queues[queue].push_back(Waiting {
                ready_s: t.depart_s,
                entered_s: t.depart_s,
                vehicle: trip,
                at: at.unwrap_or(0),
                next: at.map_or(UNDECIDED, |at| routes.link(at)),
                class: t.class,
            });
        }
        let milli = |pcu: f64| (pcu * 1000.0).round() as u64;
        Self {
            window_s,
            links,
            doors,
            merge: super::node::Merges::new(roads),
            headway: diagrams
                .iter()
                .map(|d| 0.001 / d.capacity_pcu_per_s)
                .chain(std::iter::repeat_n(0.0, roads.nodes))
                .collect(),
            storage: diagrams.iter().map(|d| milli(d.storage_pcu).max(largest)).collect(),
            wave_s: diagrams.iter().map(|d| shortest(d.wave_time_s())).collect(),
            calendar,
            search: None,
            out: Loaded {
                record: Record::new(roads.links(), options.interval_s, options.span_s),
                arrival_s: vec![f64::NAN; trips.len()],
                entry_s: vec![f64::NAN; trips.len()],
                on_the_way: 0,
                waiting: 0,
                stranded: 0,
                gridlocks: Vec::new(),
                passages: Vec::new(),
                transfers: 0,
            },
            roads,
            classes,
            restrictions,
            times,
            trips,
            routes: routes.clone(),
            guide: None,
            options,
            class_pcu,
        }
    }

    fn run(&mut self, cancel: &CancelToken) -> Result<(), Cancelled> {
        let windows = (self.options.span_s / self.window_s).ceil() as u64;
        let mut next_check = GRIDLOCK_CHECK_S;
        let mut today = Vec::new();
        for window in 0..=windows {
            self.calendar.turn_to(window, &mut today);
            let until = ((window + 1) as f64 * self.window_s).min(self.options.span_s);
            for node in today.drain(..) {
                if self.calendar.is_planned(node) {
                    self.work(node, until);
                }
            }
            if self.guide.as_ref().is_some_and(|g| until >= g.next_s) {
                self.news(until);
            }
            if until >= next_check {
                next_check += GRIDLOCK_CHECK_S;
                cancel.check()?;
                gridlock::look(self, until);
            }
        }
        Ok(())
    }

    /// Moves all that can move at a node until a moment, in the order of time.
    fn work(&mut self, node: u32, until: f64) {
        loop {
            let (chosen, next_look) = self.choose(node, until);
            if let Some(step) = chosen {
                self.move_on(step);
                continue;
            }
            if next_look.is_finite() {
                self.calendar.plan(node, next_look);
            }
            return;
        }
    }

    fn look_at_heads(&mut self, link: u32) {
        let state = &self.links[link as usize];
        let ready = &mut self.doors.ready_s[self.doors.of_link[link as usize] as usize];
        for (ready, queue) in ready.iter_mut().zip(&state.queues) {
            *ready =
                queue.front().map_or(f64::INFINITY, |w| self.roads.next_green(link, w.ready_s.max(state.exit_free_s)));
        }
    }

    pub fn pcu(&self, class: u8) -> MilliPcu {
        self.class_pcu[usize::from(class)]
    }

    /// When a link has room for so much: what stands one storage ahead has left one wave time ago. Infinite while it
    /// has not left.
    pub fn room_s(&mut self, link: u32, pcu: MilliPcu) -> f64 {
        let l = link as usize;
        let state = &mut self.links[l];
        let taken = state.entered + pcu;
        if taken <= self.storage[l] + state.settled {
            return f64::NEG_INFINITY;
        }
        state.settle((self.calendar.now as f64 - SETTLED_WINDOWS) * self.window_s - self.wave_s[l]);
        let need = taken - self.storage[l];
        if need <= state.settled {
            return f64::NEG_INFINITY;
        }
        let Some(&(gone_s, by_then)) = state.gone.iter().find(|g| g.1 >= need) else { return f64::INFINITY };
        // A vehicle leaves over its headway: parts of it make room sooner.
        let sooner = (by_then - need) as f64 * self.headway[l];
        (gone_s + self.wave_s[l] - sooner).max(gone_s + self.window_s)
    }

    /// Capacity that restrictions leave at a moment, and until when; 1 and for ever without any.
    pub fn capacity_left(&self, link: u32, t: f64) -> (f64, f64) {
        let mut left = (1.0, f64::INFINITY);
        for r in self.restrictions.iter().filter(|r| r.link == link) {
            if t < r.from_s {
                left.1 = left.1.min(r.from_s);
            } else if t < r.until_s {
                left = (r.capacity_left.min(left.0), left.1.min(r.until_s));
            }
        }
        left
    }

    pub fn is_closed(&self, link: u32, t: f64) -> bool {
        self.links[link as usize].restricted && self.capacity_left(link, t).0 <= 0.0
    }

    pub fn look_again(&mut self, node: u32, t: f64) {
        self.calendar.plan(node, t);
    }

    fn headway_at(&self, link: u32, t: f64) -> f64 {
        let plain = self.headway[link as usize];
        if !self.links[link as usize].restricted {
            return plain;
        }
        // Who is on a link that closes drives out at the speed of roadworks.
        plain / self.capacity_left(link, t).0.max(0.1)
    }

    fn move_on(&mut self, step: super::node::Step) {
        let super::node::Step { at_s, from, queue, out, .. } = step;
        let Some(moving) = self.links[from as usize].queues[queue].pop_front() else { return };
        let pcu = self.pcu(moving.class);
        self.merge.served(&mut self.links, self.roads, &step, pcu);
        let exit_headway = pcu as f64 * self.headway_at(from, at_s);
        let real = (from as usize) < self.roads.links();
        let state = &mut self.links[from as usize];
        state.exit_free_s = at_s + exit_headway;
        if real {
            let wave_s = self.wave_s[from as usize];
            state.settle((self.calendar.now as f64 - SETTLED_WINDOWS) * self.window_s - wave_s);
            state.left += pcu;
            state.gone.push_back((at_s, state.left));
            if std::mem::take(&mut state.awaited) {
                let opens = at_s + (wave_s - exit_headway).max(self.window_s);
                self.calendar.plan(self.roads.from[from as usize], opens);
            }
            let slot = self.out.record.slot(from, moving.entered_s);
            let count = &mut self.out.record.counts[slot];
            count.left += 1;
            count.time_s += at_s - moving.entered_s;
        } else {
            self.out.entry_s[moving.vehicle as usize] = at_s;
        }
        self.decide(from, queue);
        self.look_at_heads(from);
        if self.options.keep_passages {
            self.out.passages.push(Passage { time_s: at_s, vehicle: moving.vehicle, link: out });
        }
        if out == NONE {
            self.out.arrival_s[moving.vehicle as usize] = at_s;
        } else {
            self.enter(out, moving, at_s, pcu);
        }
    }

    fn enter(&mut self, link: u32, moving: Waiting, at_s: f64, pcu: MilliPcu) {
        let entry_headway = pcu as f64 * self.headway_at(link, at_s);
        let diagram = &self.roads.diagrams[link as usize];
        let class = &self.classes[usize::from(moving.class)];
        let free_s = (diagram.length_m / diagram.free_speed_mps.min(class.max_speed_mps)).max(SHORTEST_TIME_S);
        let at = moving.at + 1;
        let state = &mut self.links[link as usize];
        state.entered += pcu;
        state.entry_free_s = at_s + entry_headway;
        let queue = usize::from(class.passes_queues);
        let first = state.queues[queue].is_empty();
        if first {
            let ready = self.roads.next_green(link, (at_s + free_s).max(state.exit_free_s));
            let door = self.doors.of_link[link as usize];
            self.doors.ready_s[door as usize][queue] = ready;
            self.calendar.plan(self.roads.to[link as usize], at_s + free_s);
        }
        state.queues[queue].push_back(Waiting {
            ready_s: at_s + free_s,
            entered_s: at_s,
            at,
            next: if self.guide.is_some() { UNDECIDED } else { self.routes.link(at) },
            ..moving
        });
        if first {
            self.decide(link, queue);
        }
        let slot = self.out.record.slot(link, at_s);
        let count = &mut self.out.record.counts[slot];
        count.vehicles += 1;
        count.passing += u32::from(class.passes_queues);
        count.free_time_s += free_s;
        self.out.transfers += 1;
    }

    /// Another way from the end of a link, around what is closed then; false if there is none.
    pub fn go_around(&mut self, node: u32, from: u32, queue: usize, t: f64) -> bool {
        let Some(&head) = self.links[from as usize].queues[queue].front() else { return false };
        let mut search = self.search.take().unwrap_or_else(|| Search::new(self.roads));
        let on = ((from as usize) < self.roads.links()).then_some(from);
        let closed = |link: u32| self.links[link as usize].restricted && self.capacity_left(link, t).0 <= 0.0;
        search.run(self.roads, self.times, node, on, t, &closed);
        let goal = self.trips[head.vehicle as usize].to;
        let found = search.arrival_s(goal).is_some_and(f32::is_finite);
        if found {
            let route = self.routes.push_backwards(search.backwards(goal));
            let at = self.routes.begin(route);
            let head = &mut self.links[from as usize].queues[queue][0];
            (head.at, head.next) = (at, self.routes.link(at));
        }
        self.search = Some(search);
        found
    }

    fn finish(mut self) -> Loaded {
        let end = self.options.span_s;
        let real = self.roads.links();
        for (l, state) in (0_u32..).zip(&self.links) {
            for waiting in state.queues.iter().flatten() {
                if (l as usize) < real {
                    self.out.on_the_way += 1;
                    let slot = self.out.record.slot(l, waiting.entered_s);
                    let count = &mut self.out.record.counts[slot];
                    // It is not through: its time so far belongs to the link all the same.
                    count.left += 1;
                    count.time_s += end - waiting.entered_s;
                } else {
                    self.out.waiting += 1;
                }
            }
        }
        self.out.stranded = super::node::stranded(&self, end);
        gridlock::look(&mut self, end);
        self.out
    }
}
