//! A microscopic run: steps, counts, what must be told.

use std::collections::VecDeque;

use rayon::prelude::*;

use super::check::Faults;
use super::drive::Case;
use super::engine::Engine;
use super::insert::Start;
use super::vehicle::Vehicle;
use crate::sim::traffic::meso::route::{LinkTimes, Search};

/// Counts of a run.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Counts {
    /// Vehicles on the road, summed over the steps of one second.
    pub vehicle_updates: u64,
    pub inserted: u64,
    pub arrived: u64,
    /// Nobody is ever taken away: always 0.
    pub removed: u64,
    /// On the road now, and before their trip's beginning though it is time.
    pub on_the_way: u64,
    pub waiting: u64,
    /// Those who took another way because their lane did not lead on.
    pub turned_aside: u64,
    /// Metres driven and seconds on the road.
    pub distance_m: f64,
    pub time_s: f64,
    /// The longest that anybody on the road has stood until now.
    pub longest_stand_s: f64,
}

/// Somebody who stands so long is not waiting for a signal: the network is jammed.
pub const JAMMED_S: f64 = 300.0;

#[derive(Debug)]
pub struct Micro {
    case: Case,
    engine: Engine,
    starts: Vec<Start>,
    /// Steps in a second.
    substeps: u32,
    counts: Counts,
    /// By trip.
    pub arrival_s: Vec<f64>,
}

/// Who keeps less than a second's gap is stepped by half seconds: nobody can follow closer than a step.
const SUBSTEPS_CLOSE: u32 = 2;
/// How often those in wrong lanes are looked for.
const LOST_EVERY: u64 = 10;

impl Micro {
    #[must_use]
    pub fn new(case: Case) -> Self {
        let starts: Vec<Start> = case
            .trips
            .iter()
            .zip(&case.route_of)
            .map(|(t, r)| Start { depart_s: t.depart_s, driver: t.driver, at: case.routes.begin(*r) })
            .collect();
        let mut order: Vec<u32> = (0..starts.len() as u32).collect();
        order.sort_by(|a, b| starts[*a as usize].depart_s.total_cmp(&starts[*b as usize].depart_s).then(a.cmp(b)));
        let mut pending = vec![VecDeque::new(); case.streets.streets.len()];
        for trip in order {
            pending[case.routes.link(starts[trip as usize].at) as usize].push_back(trip);
        }
        let mixed = case.trips.iter().any(|t| case.drivers[usize::from(t.driver)].filters);
        let close = case.trips.iter().any(|t| case.drivers[usize::from(t.driver)].headway_s < 1.0);
        let substeps = if close { SUBSTEPS_CLOSE } else { 1 };
        let mut drivers = case.drivers.clone();
        if !mixed {
            // Nobody of these is there.
            for driver in &mut drivers {
                driver.filters = false;
            }
        }
        let dt = 1.0 / substeps as f32;
        let engine = Engine::new(case.streets.clone(), drivers, case.routes.clone(), pending, dt);
        let arrival_s = vec![f64::NAN; starts.len()];
        Self { case, engine, starts, substeps, counts: Counts::default(), arrival_s }
    }

    #[must_use]
    pub fn time_s(&self) -> f64 {
        self.engine.time_s()
    }

    /// One second.
    pub fn second(&mut self) {
        for _ in 0..self.substeps {
            self.engine.advance(&self.starts);
            let now = self.engine.time_s();
            for trip in &self.engine.arrived {
                self.arrival_s[*trip as usize] = now;
            }
            self.counts.arrived += self.engine.arrived.len() as u64;
        }
        // Sums over chunks of a fixed size, added in their order.
        let sums: Vec<(u64, f64, f32)> = self
            .engine
            .lives
            .par_chunks(256)
            .map(|lives| {
                lives.iter().flat_map(|l| &l.vehicles).fold((0, 0.0, 0.0_f32), |(n, way, stand), v| {
                    (n + 1, way + f64::from(v.speed_mps), stand.max(v.waits_s))
                })
            })
            .collect();
        self.counts.longest_stand_s = 0.0;
        for (n, way, stand) in sums {
            self.counts.vehicle_updates += n;
            self.counts.distance_m += way;
            self.counts.time_s += n as f64;
            self.counts.longest_stand_s = self.counts.longest_stand_s.max(f64::from(stand));
        }
        if (self.time_s() as u64).is_multiple_of(LOST_EVERY) {
            self.turn_aside();
        }
    }

    /// Whoever stands in a lane that does not lead on goes where it leads, and on from there by the fastest way.
    fn turn_aside(&mut self) {
        let lost = self.engine.lost();
        if lost.is_empty() {
            return;
        }
        let free = LinkTimes::free(&self.case.roads);
        let (case, lives) = (&self.case, &self.engine.lives);
        let ways: Vec<Option<(u32, Vec<u32>)>> = lost
            .par_iter()
            .map_init(
                || Search::new(&case.roads),
                |search, (link, place)| {
                    let v = &lives[*link as usize].vehicles[*place];
                    way_on(case, &free, search, *link, v)
                },
            )
            .collect();
        for ((link, place), way) in lost.into_iter().zip(ways) {
            let Some((way, links)) = way else { continue };
            let route = self.engine.routes.push_backwards(links.into_iter());
            let at = self.engine.routes.begin(route);
            let next = self.engine.routes.link(at + 1);
            let v = &mut self.engine.lives[link as usize].vehicles[place];
            (v.at, v.next, v.connection, v.waits_s) = (at, next, way, 0.0);
            self.counts.turned_aside += 1;
        }
    }

    #[must_use]
    pub fn counts(&self) -> Counts {
        let now = self.time_s();
        let due = self.starts.iter().filter(|s| s.depart_s <= now).count() as u64;
        Counts {
            inserted: self.engine.inserted,
            on_the_way: self.engine.vehicles() as u64,
            waiting: due.saturating_sub(self.engine.inserted),
            ..self.counts
        }
    }

    #[must_use]
    pub fn pending(&self) -> usize {
        self.engine.pending()
    }

    /// What must never happen.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.engine.faults()
    }

    /// Every vehicle with its link, by index.
    pub fn vehicles(&self) -> impl Iterator<Item = (u32, &Vehicle)> {
        (0..).zip(&self.engine.lives).flat_map(|(link, live)| live.vehicles.iter().map(move |v| (link, v)))
    }

    #[must_use]
    pub fn case(&self) -> &Case {
        &self.case
    }
}

/// Where a vehicle's lane leads: the connection, and the links from there to its goal, from the last to the one it is on.
fn way_on(case: &Case, free: &LinkTimes, search: &mut Search, link: u32, v: &Vehicle) -> Option<(u32, Vec<u32>)> {
    let streets = &case.streets;
    let goal = case.goal(v.trip);
    streets.streets[link as usize].ways_from(v.lane).iter().find_map(|way| {
        let to = streets.connections[*way as usize].to;
        let node = streets.streets[to as usize].to;
        if node == goal {
            return Some((*way, vec![to, link]));
        }
        search.run(&case.roads, free, node, Some(to), 0.0, &|_| false);
        search.arrival_s(goal)?;
        Some((*way, search.backwards(goal).chain([to, link]).collect()))
    })
}
