//! Drivers who learn: day after day, a falling share of them takes the way that would have been fastest the day before
//! (method of successive averages; Sheffi 1985, "Urban transportation networks", section 12.3, here over ways and
//! departure intervals), towards a dynamic user equilibrium. The share falls faster after a day that was worse than the
//! one before (self-regulated averaging: Liu, He & He 2009, "Method of successive weighted averages (MSWA) and
//! self-regulated averaging schemes", Networks and Spatial Economics 9, section 3). The day that is given is the best
//! one, not the last: averages of vehicles, of which each takes one way only, do not fall for ever.

use rayon::prelude::*;

use super::error::MesoError;
use super::input::{Restriction, Roads, Trip, VehicleClass};
use super::loading::{Loaded, LoadingOptions, load};
use super::route::{LinkTimes, Routes, Search};
use crate::base::cancel::{CancelToken, Cancelled};
use crate::base::rng::KeyedRng;

/// How drivers choose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Learning {
    /// Days after the first, on which all take the fastest way of empty roads.
    pub days: u32,
    pub seed: u64,
    /// Drivers know of closures beforehand; otherwise they turn around before them.
    pub foreseen: bool,
}

impl Default for Learning {
    fn default() -> Self {
        Self { days: 0, seed: 1, foreseen: false }
    }
}

/// What the best day brought.
#[derive(Debug, Clone)]
pub struct Learned {
    pub loaded: Loaded,
    pub routes: Routes,
    pub route_of: Vec<u32>,
    /// By day: (time taken - fastest time) / fastest time over all trips, by the times of that day. Empty when there was
    /// one day only, which nobody learns from.
    pub gaps: Vec<f64>,
    /// Which day this is, from 0: the one with the least gap.
    pub day: u32,
}

/// One over the share that changes on the second day: half of all when they know nothing, a tenth when they
/// begin on ways that were shared out by their load already.
const BEGIN: (f64, f64) = (2.0, 10.0);
/// What is added to that after a worse and after a better day.
const SLOWER: (f64, f64) = (1.8, 0.3);
/// Ways that are faster by less than this share are let be.
const WORTH: f64 = 1e-3;

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DayError {
    #[error(transparent)]
    Input(#[from] MesoError),
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// Trips that share a search: from one node, in one interval.
struct Group {
    from: u32,
    depart_s: f64,
    /// By destination.
    trips: Vec<u32>,
}

fn groups(trips: &[Trip], interval_s: f64) -> Vec<Group> {
    let key = |t: &Trip| (t.from, (t.depart_s / interval_s) as u32);
    let mut order: Vec<u32> = (0..trips.len() as u32).collect();
    let whole = |i: u32| {
        let t = &trips[i as usize];
        (key(t), t.to, i)
    };
    order.par_sort_unstable_by_key(|i| whole(*i));
    order
        .chunk_by(|a, b| key(&trips[*a as usize]) == key(&trips[*b as usize]))
        .map(|same| {
            let first = &trips[same[0] as usize];
            let middle = (f64::from(key(first).1) + 0.5) * interval_s;
            Group { from: first.from, depart_s: middle, trips: same.to_vec() }
        })
        .collect()
}

/// The fastest ways of one group: (links from the end, arrival) once a destination, and which trips take it.
type Found = Vec<(Vec<u32>, f32, std::ops::Range<usize>)>;

fn find(roads: &Roads, times: &LinkTimes, trips: &[Trip], group: &Group, search: &mut Search) -> Result<Found, u32> {
    search.run(roads, times, group.from, None, group.depart_s, &|_| false);
    let mut found = Vec::new();
    let mut begin = 0;
    for same in group.trips.chunk_by(|a, b| trips[*a as usize].to == trips[*b as usize].to) {
        let to = trips[same[0] as usize].to;
        let range = begin..begin + same.len();
        begin = range.end;
        if to == group.from {
            found.push((Vec::new(), group.depart_s as f32, range));
            continue;
        }
        match search.arrival_s(to) {
            Some(arrival) if arrival.is_finite() => found.push((search.backwards(to).collect(), arrival, range)),
            _ => return Err(same[0]),
        }
    }
    Ok(found)
}

/// Times by which drivers plan: those given, and closures that they know of.
fn planned(
    roads: &Roads,
    mut times: LinkTimes,
    last: Option<&Loaded>,
    restrictions: &[Restriction],
    options: &LoadingOptions,
) -> LinkTimes {
    let empty = super::record::Record::new(roads.links(), options.interval_s, options.span_s);
    let record = last.map_or(&empty, |l| &l.record);
    for r in restrictions.iter().filter(|r| r.capacity_left <= 0.0) {
        times.close(roads, record, r.link, r.from_s, r.until_s);
    }
    times
}

/// Ways that are known before the first day: of an equilibrium, say.
pub type Known = (Routes, Vec<u32>);

/// Loads day after day and gives the best. On the first day all take the fastest way of empty roads.
///
/// # Errors
/// As [`learn_from`].
pub fn learn(
    roads: &Roads,
    classes: &[VehicleClass],
    trips: &[Trip],
    restrictions: &[Restriction],
    learning: Learning,
    options: LoadingOptions,
    cancel: &CancelToken,
) -> Result<Learned, DayError> {
    learn_from(None, roads, classes, trips, restrictions, learning, options, cancel)
}

/// Loads day after day and gives the best. On the first day all take the ways that are known, one a trip.
///
/// # Errors
/// A trip that cannot be, or cannot be made on open roads; or cancelled.
pub fn learn_from(
    known: Option<Known>,
    roads: &Roads,
    classes: &[VehicleClass],
    trips: &[Trip],
    restrictions: &[Restriction],
    learning: Learning,
    options: LoadingOptions,
    cancel: &CancelToken,
) -> Result<Learned, DayError> {
    roads.check(trips, classes)?;
    let rng = KeyedRng::new(learning.seed, 0x6d65_736f);
    let restricted: &[Restriction] = if learning.foreseen { restrictions } else { &[] };
    let mut slower = if known.is_some() { BEGIN.1 } else { BEGIN.0 };
    let empty = planned(roads, LinkTimes::free(roads), None, restricted, &options);
    let (mut routes, mut route_of) = if let Some(known) = known {
        known
    } else {
        // Empty roads are the same at any time: one search a node then.
        let interval_s = if restricted.is_empty() { options.span_s } else { options.interval_s };
        let mut known = (Routes::new(), vec![0_u32; trips.len()]);
        let take = |_: u32, _: &Routes, _: u32, _: f64, _: f64| true;
        turn(roads, trips, &empty, interval_s, &mut known, take, cancel)?;
        known
    };
    let drive = |ways: (&Routes, &[u32]), times: &LinkTimes| {
        load(roads, classes, trips, ways, restrictions, times, options, cancel)
    };
    let mut best = drive((&routes, &route_of), &empty)?;
    let mut gaps: Vec<f64> = Vec::new();
    if learning.days == 0 {
        return Ok(Learned { loaded: best, routes, route_of, gaps, day: 0 });
    }
    let (mut best_of, mut best_day) = (route_of.clone(), 0);
    let mut next = None;
    for day in 0..=learning.days {
        let last = next.as_ref().unwrap_or(&best);
        let times = planned(roads, LinkTimes::experienced(roads, &last.record), Some(last), restricted, &options);
        let (mut taken_s, mut fastest_s) = (0.0, 0.0);
        let mut known = (std::mem::take(&mut routes), route_of.clone());
        let share = 1.0 / slower;
        let change = |trip: u32, routes: &Routes, route: u32, depart_s: f64, fastest: f64| {
            let old = along(&times, routes.of(route), depart_s);
            taken_s += old;
            fastest_s += fastest.min(old);
            rng.unit(u64::from(day) + 1, u64::from(trip)) < share && fastest < old * (1.0 - WORTH)
        };
        turn(roads, trips, &times, options.interval_s, &mut known, change, cancel)?;
        let gap = if fastest_s > 0.0 { (taken_s - fastest_s) / fastest_s } else { 0.0 };
        slower += if gaps.last().is_some_and(|before| gap >= *before) { SLOWER.0 } else { SLOWER.1 };
        if gaps.iter().all(|g| gap < *g) {
            best_day = day;
            best_of.clone_from(&route_of);
            best = next.take().unwrap_or(best);
        }
        gaps.push(gap);
        routes = known.0;
        if day < learning.days {
            route_of = known.1;
            next = Some(drive((&routes, &route_of), &times)?);
        }
    }
    Ok(Learned { loaded: best, routes, route_of: best_of, gaps, day: best_day })
}

/// Looks for everybody's fastest way; who changes to it is asked with (trip, all ways, the way so far, departure, fastest time).
fn turn(
    roads: &Roads,
    trips: &[Trip],
    times: &LinkTimes,
    interval_s: f64,
    (routes, route_of): &mut Known,
    mut changes: impl FnMut(u32, &Routes, u32, f64, f64) -> bool,
    cancel: &CancelToken,
) -> Result<(), DayError> {
    let groups = groups(trips, interval_s);
    let found: Vec<Result<Found, u32>> = groups
        .par_chunks(16)
        .flat_map_iter(|some| {
            let mut search = Search::new(roads);
            let of = |g| if cancel.is_cancelled() { Ok(Vec::new()) } else { find(roads, times, trips, g, &mut search) };
            some.iter().map(of).collect::<Vec<_>>()
        })
        .collect();
    cancel.check()?;
    for (group, found) in groups.iter().zip(found) {
        let found = found.map_err(|trip| {
            let t = &trips[trip as usize];
            let (from, to) = (roads.node_ids[t.from as usize], roads.node_ids[t.to as usize]);
            MesoError::Unconnected { row: trip as usize + 1, from, to }
        })?;
        for (links, arrival, range) in found {
            let fastest = f64::from(arrival) - group.depart_s;
            let mut new_route = None;
            for &trip in &group.trips[range] {
                if changes(trip, routes, route_of[trip as usize], group.depart_s, fastest) {
                    route_of[trip as usize] =
                        *new_route.get_or_insert_with(|| routes.push_backwards(links.iter().copied()));
                }
            }
        }
    }
    Ok(())
}

/// How long a way takes from a moment on.
fn along(times: &LinkTimes, links: &[u32], depart_s: f64) -> f64 {
    let mut t = depart_s as f32;
    for link in links {
        t += times.at(*link, t);
    }
    f64::from(t) - depart_s
}
