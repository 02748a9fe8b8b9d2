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

use super::calendar::{Calendar, Doors};
use super::chain::{Chained, Pieces};
use super::error::MesoError;
use super::gridlock::{self, Gridlock};
use super::guidance::{Guidance, Guide, UNDECIDED};
use super::input::{Restriction, Roads, Trip, VehicleClass};
use super::learning::DayError;
use super::link_state::{LinkState, MilliPcu};
use super::queue::{Departures, Leaving, Vehicles, Waiting};
use super::record::Record;
use super::route::{LinkTimes, NONE, Routes, Search};
use super::stay::{FreeRuns, Now};
use crate::base::cancel::{CancelToken, Cancelled};
use crate::base::prefetch::prefetch_all;

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

pub(super) struct Loading<'a> {
    pub roads: &'a Roads,
    pub classes: &'a [VehicleClass],
    pub restrictions: &'a [Restriction],
    pub times: &'a LinkTimes,
    pub trips: &'a [Trip],
    pub routes: Routes,
    pub guide: Option<Guide>,
    /// What each link stands for in the network that is told of.
    pub pieces: &'a Pieces,
    pub options: LoadingOptions,
    pub window_s: f64,
    pub links: Vec<LinkState>,
    pub vehicles: Vehicles,
    departures: Departures,
    pub doors: Doors,
    pub merge: super::node::Merges,
    class_pcu: Vec<MilliPcu>,
    pub smallest: MilliPcu,
    /// Headways: seconds of capacity for one milli-PCU, by link.
    pub headway: Vec<f64>,
    /// By link and class.
    free_s: Vec<f64>,
    storage: Vec<MilliPcu>,
    pub wave_s: Vec<f64>,
    calendar: Calendar,
    /// By node: how many windows it can be worked off at once, since nothing reaches it sooner.
    sees: Vec<u16>,
    search: Option<Search>,
    pub free_runs: FreeRuns,
    /// Kept between stays.
    pub begins: Vec<f64>,
    pub now: Now,
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
    if !restrictions.is_empty() {
        // Who turns around before a barrier may take any link.
        let pieces = Pieces::single(roads.links());
        let ways = (routes, Some(route_of));
        let mut loading = Loading::new(roads, &pieces, classes, trips, ways, restrictions, times, options);
        loading.run(cancel)?;
        return Ok(loading.finish());
    }
    let day = Chained::new(roads, trips, routes, route_of);
    let ways = (&day.routes, Some(day.route_of.as_slice()));
    let mut loading = Loading::new(&day.roads, &day.pieces, classes, &day.trips, ways, &[], times, options);
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
    let pieces = Pieces::single(roads.links());
    let none = Routes::new();
    let mut loading = Loading::new(roads, &pieces, classes, trips, (&none, None), restrictions, &times, options);
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
        pieces: &'a Pieces,
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
        let mut links: Vec<LinkState> = (0..roads.links() + roads.nodes).map(|_| LinkState::new(false)).collect();
        for r in restrictions {
            links[r.link as usize].restricted = true;
        }
        for (link, state) in (0..roads.links() as u32).zip(&mut links) {
            let (d, from_m) = (&diagrams[link as usize], pieces.begins_m(link));
            state.kept =
                from_m.get(1).map_or(0, |m| (d.storage_pcu * 1000.0 * (1.0 - m / d.length_m)).ceil() as u32 + 1);
        }
        let leaving: Vec<Leaving> = (0..)
            .zip(trips)
            .map(|(vehicle, t): (u32, &Trip)| {
                let at = route_of.map(|of| routes.begin(of[vehicle as usize]));
                let next = at.map_or(UNDECIDED, |at| routes.link(at));
                Leaving { depart_s: t.depart_s, vehicle, at: at.unwrap_or(0), next, class: t.class }
            })
            .collect();
        let queue_of = |one: &Leaving| usize::from(classes[usize::from(one.class)].passes_queues);
        let list_of = |one: &Leaving| trips[one.vehicle as usize].from as usize * 2 + queue_of(one);
        let departures = Departures::new(roads.nodes * 2, &leaving, list_of);
        let milli = |pcu: f64| (pcu * 1000.0).round() as u64;
        let record = Record::new(pieces.network_links, options.interval_s, options.span_s);
        let fixed = route_of.is_some() && restrictions.is_empty();
        let mut new = Self {
            window_s,
            links,
            vehicles: Vehicles::default(),
            departures,
            doors: Doors::new(roads),
            merge: super::node::Merges::new(roads),
            headway: diagrams
                .iter()
                .map(|d| 0.001 / d.capacity_pcu_per_s)
                .chain(std::iter::repeat_n(0.0, roads.nodes))
                .collect(),
            storage: diagrams.iter().map(|d| milli(d.storage_pcu).max(largest)).collect(),
            wave_s: diagrams.iter().map(|d| shortest(d.wave_time_s())).collect(),
            sees: if fixed { sees(roads, largest, window_s) } else { vec![1; roads.nodes] },
            free_s: diagrams
                .iter()
                .flat_map(|d| classes.iter().map(|c| shortest(d.length_m / d.free_speed_mps.min(c.max_speed_mps))))
                .collect(),
            calendar: Calendar::new(window_s, roads.nodes),
            search: None,
            free_runs: FreeRuns::new(record.intervals(), roads.links(), classes.len()),
            begins: Vec::new(),
            now: Now::default(),
            pieces,
            out: Loaded {
                record,
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
            smallest: class_pcu.iter().copied().min().unwrap_or(1000),
            class_pcu,
        };
        for node in 0..roads.nodes as u32 {
            (0..2).for_each(|queue| new.depart(node, queue));
            let ready = new.doors.ready_s[new.doors.of_link[roads.links() + node as usize] as usize];
            if ready[0].min(ready[1]) < f64::INFINITY {
                new.calendar.plan(node, ready[0].min(ready[1]).max(window_s));
            }
        }
        new
    }

    /// The next one who leaves from a node becomes first there.
    fn depart(&mut self, node: u32, queue: usize) {
        let Some(leaving) = self.departures.take(node as usize * 2 + queue) else { return };
        let origin = self.roads.links() + node as usize;
        self.vehicles.appear(&mut self.links[origin].queues[queue], Waiting::new(leaving));
        self.decide(origin as u32, queue);
        self.doors.ready_s[self.doors.of_link[origin] as usize][queue] = leaving.depart_s;
    }

    fn run(&mut self, cancel: &CancelToken) -> Result<(), Cancelled> {
        let windows = (self.options.span_s / self.window_s).ceil() as u64;
        let mut next_check = GRIDLOCK_CHECK_S;
        let mut today = Vec::new();
        for window in 0..=windows {
            self.calendar.turn_to(window, &mut today);
            let until = ((window + 1) as f64 * self.window_s).min(self.options.span_s);
            self.now.turn_to(&self.out.record, until - self.window_s);
            for at in 0..today.len() {
                self.ask_ahead(&today[at..], until);
                if self.calendar.is_planned(today[at]) {
                    let sees = (window + u64::from(self.sees[today[at] as usize])) as f64 * self.window_s;
                    self.work(today[at], sees.min(self.options.span_s));
                }
            }
            today.clear();
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

    /// Asks for the memory of nodes that come soon: links first, then who stands first on them, then where these go.
    fn ask_ahead(&self, nodes: &[u32], until: f64) {
        let moving = |place: usize| {
            let doors = nodes.get(place).map_or(0..0, |node| self.doors.of(*node));
            let open = doors.filter(move |d| self.doors.ready_s[*d][0].min(self.doors.ready_s[*d][1]) < until);
            open.map(|door| &self.links[self.doors.link[door] as usize])
        };
        for link in moving(6) {
            prefetch_all(std::slice::from_ref(link));
        }
        for link in moving(4) {
            link.queues
                .iter()
                .filter_map(|q| self.vehicles.first(*q))
                .for_each(|w| prefetch_all(std::slice::from_ref(w)));
        }
        for link in moving(2) {
            for first in link.queues.iter().filter_map(|q| self.vehicles.first(*q)) {
                self.vehicles.ask_behind(first);
                if let Some(next) = self.links.get(first.next as usize) {
                    prefetch_all(std::slice::from_ref(next));
                }
            }
            if let Some(last) = link.gone.back() {
                prefetch_all(std::slice::from_ref(last));
            }
        }
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

    /// How many stand in a queue.
    pub fn standing(&self, link: u32, queue: usize) -> u32 {
        let here = self.vehicles.all(self.links[link as usize].queues[queue]).count() as u32;
        let origin = (link as usize).checked_sub(self.roads.links());
        here + origin.map_or(0, |node| self.departures.left(node * 2 + queue))
    }

    pub fn first(&self, link: u32, queue: usize) -> Option<&Waiting> {
        self.vehicles.first(self.links[link as usize].queues[queue])
    }

    /// Who was first in a queue has left: when the next can go, and the first of the other queue not before him.
    fn look_at_heads(&mut self, link: u32, queue: usize) {
        let state = &self.links[link as usize];
        let ready = &mut self.doors.ready_s[self.doors.of_link[link as usize] as usize];
        let free_s = state.exit_free_s;
        let first = self.vehicles.first(state.queues[queue]);
        ready[queue] = first.map_or(f64::INFINITY, |w| self.roads.next_green(link, w.ready_s.max(free_s)));
        let other = &mut ready[1 - queue];
        if *other < free_s {
            *other = self.roads.next_green(link, free_s);
        }
    }

    pub fn pcu(&self, class: u8) -> MilliPcu {
        self.class_pcu[usize::from(class)]
    }

    /// Room of what left a link before that has been seen by who waits for it.
    fn settled_s(&self, link: u32) -> f64 {
        let wave_s = self.wave_s.get(link as usize).copied().unwrap_or(0.0);
        (self.calendar.now as f64 - SETTLED_WINDOWS) * self.window_s - wave_s
    }

    /// When a link has room for so much: what stands one storage ahead has left one wave time ago. Infinite while it
    /// has not left.
    pub fn room_s(&mut self, link: u32, pcu: MilliPcu) -> f64 {
        let l = link as usize;
        let settled_s = self.settled_s(link);
        let state = &mut self.links[l];
        let taken = state.entered + pcu;
        if taken <= self.storage[l] + state.settled {
            return f64::NEG_INFINITY;
        }
        state.settle(settled_s);
        let need = taken - self.storage[l];
        if need <= state.settled {
            return f64::NEG_INFINITY;
        }
        let since = state.gone.range(state.known as usize..);
        let Some(&(gone_s, by_then)) = since.into_iter().find(|g| g.1 >= need) else { return f64::INFINITY };
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

    /// When a road that is closed at a moment opens; none when it never does.
    pub fn opens_s(&self, link: u32, mut t: f64) -> Option<f64> {
        while self.is_closed(link, t) {
            t = Some(self.capacity_left(link, t).1).filter(|t| t.is_finite())?;
        }
        Some(t)
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
        let super::node::Step { at_s, from, out, .. } = step;
        let queue = usize::from(step.queue);
        let popped = self.vehicles.leave(&mut self.links[from as usize].queues[queue]);
        let Some((place, moving)) = popped else { return };
        let pcu = self.pcu(moving.class);
        self.merge.served(&mut self.links, self.roads, &step, pcu);
        let exit_headway = pcu as f64 * self.headway_at(from, at_s);
        let real = (from as usize) < self.roads.links();
        let settled_s = self.settled_s(from);
        let state = &mut self.links[from as usize];
        state.exit_free_s = at_s + exit_headway;
        if real {
            let wave_s = self.wave_s[from as usize];
            state.leave(at_s, pcu, settled_s);
            if std::mem::take(&mut state.awaited) {
                let opens = at_s + (wave_s - exit_headway).max(self.window_s);
                self.calendar.plan(self.roads.from[from as usize], opens);
            }
            self.note_stay(from, moving, at_s);
        } else {
            self.out.entry_s[moving.vehicle as usize] = at_s;
            self.depart(from - self.roads.links() as u32, queue);
        }
        self.decide(from, queue);
        self.look_at_heads(from, queue);
        if self.options.keep_passages {
            let link = if out == NONE { NONE } else { self.pieces.of(out)[0] };
            self.out.passages.push(Passage { time_s: at_s, vehicle: moving.vehicle, link });
        }
        if out == NONE {
            self.out.arrival_s[moving.vehicle as usize] = at_s;
            self.vehicles.vanish(place);
        } else {
            self.enter(out, place, moving.class, at_s, pcu);
        }
    }

    fn enter(&mut self, link: u32, place: u32, class: u8, at_s: f64, pcu: MilliPcu) {
        let entry_headway = pcu as f64 * self.headway_at(link, at_s);
        let ready_s = at_s + self.free_s[link as usize * self.classes.len() + usize::from(class)];
        let state = &mut self.links[link as usize];
        state.entered += pcu;
        state.entry_free_s = at_s + entry_headway;
        let queue = usize::from(self.classes[usize::from(class)].passes_queues);
        let first = state.queues[queue].is_empty();
        if first {
            let ready = self.roads.next_green(link, ready_s.max(state.exit_free_s));
            let door = self.doors.of_link[link as usize];
            self.doors.ready_s[door as usize][queue] = ready;
            self.calendar.plan(self.roads.to[link as usize], ready_s);
        }
        let vehicle = self.vehicles.stand(&mut state.queues[queue], place);
        (vehicle.ready_s, vehicle.entered_s) = (ready_s, at_s);
        if self.guide.is_some() {
            vehicle.go_on_freely(UNDECIDED);
        } else {
            vehicle.go_on(&self.routes);
        }
        if first {
            self.decide(link, queue);
        }
    }

    /// Another way from the end of a link, around what is closed then; false if there is none.
    pub fn go_around(&mut self, node: u32, from: u32, queue: usize, t: f64) -> bool {
        let place = self.links[from as usize].queues[queue];
        let Some(&head) = self.vehicles.first(place) else { return false };
        let mut search = self.search.take().unwrap_or_else(|| Search::new(self.roads));
        let on = ((from as usize) < self.roads.links()).then_some(from);
        let closed = |link: u32| self.links[link as usize].restricted && self.capacity_left(link, t).0 <= 0.0;
        search.run(self.roads, self.times, node, on, t, &closed);
        let goal = self.trips[head.vehicle as usize].to;
        let found = search.arrival_s(goal).is_some_and(f32::is_finite);
        if found {
            let route = self.routes.push_backwards(search.backwards(goal));
            let at = self.routes.begin(route);
            if let Some(head) = self.vehicles.first_mut(place) {
                head.turn_to(&self.routes, at);
            }
        }
        self.search = Some(search);
        found
    }

    fn finish(mut self) -> Loaded {
        let end = self.options.span_s;
        let real = self.roads.links();
        let vehicles = std::mem::take(&mut self.vehicles);
        for l in 0..real {
            for queue in self.links[l].queues {
                let mut rank = self.links[l].left;
                for waiting in vehicles.all(queue) {
                    rank += self.pcu(waiting.class);
                    self.note_unfinished(l as u32, waiting.stay(), rank, end);
                    self.out.on_the_way += 1;
                }
            }
        }
        self.vehicles = vehicles;
        for l in real..self.links.len() {
            self.out.waiting += (0..2).map(|queue| self.standing(l as u32, queue)).sum::<u32>();
        }
        self.tell_free_runs();
        self.out.stranded = super::node::stranded(&self, end);
        gridlock::look(&mut self, end);
        self.out
    }
}

/// How many windows ahead each node knows all that comes: vehicles take the free time of a link, gaps its wave time less
/// the headway over which a vehicle leaves.
fn sees(roads: &Roads, largest: MilliPcu, window_s: f64) -> Vec<u16> {
    let mut soonest = vec![LONGEST_WINDOW_S; roads.nodes];
    for (link, d) in roads.diagrams.iter().enumerate() {
        let gap_s = d.wave_time_s() - largest as f64 * 0.001 / d.capacity_pcu_per_s;
        for (node, time_s) in [(roads.to[link], d.free_time_s()), (roads.from[link], gap_s)] {
            let known = &mut soonest[node as usize];
            *known = known.min(time_s);
        }
    }
    soonest.into_iter().map(|s| ((s - 1e-6) / window_s).max(1.0) as u16).collect()
}
