//! Drivers who learn: day after day, a falling share of them takes the way that would have been fastest the day before
//! (method of successive averages; Sheffi 1985, "Urban transportation networks", section 12.3, here over ways and
//! departure intervals), towards a dynamic user equilibrium.

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

/// What the last day brought.
#[derive(Debug, Clone)]
pub struct Learned {
    pub loaded: Loaded,
    pub routes: Routes,
    pub route_of: Vec<u32>,
    /// By day from the second: (time taken - fastest time) / fastest time over all trips, by the times of the day before.
    pub gaps: Vec<f64>,
}

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

/// Loads day after day and gives the last. On the first day all take the fastest way of empty roads.
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

/// Loads day after day and gives the last. On the first day all take the ways that are known, one a trip.
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
    let given = known.is_some();
    let (mut routes, mut route_of) = known.unwrap_or_else(|| (Routes::new(), vec![0_u32; trips.len()]));
    let mut last: Option<Loaded> = None;
    let mut gaps = Vec::new();
    for day in 0..=learning.days {
        let experienced =
            last.as_ref().map_or_else(|| LinkTimes::free(roads), |l| LinkTimes::experienced(roads, &l.record));
        let known: &[Restriction] = if learning.foreseen { restrictions } else { &[] };
        let times = planned(roads, experienced, last.as_ref(), known, &options);
        if day == 0 && given {
            last = Some(load(roads, classes, trips, (&routes, &route_of), restrictions, &times, options, cancel)?);
            continue;
        }
        // Empty roads are the same at any time: one search a node then.
        let groups = groups(trips, if day == 0 && known.is_empty() { options.span_s } else { options.interval_s });
        let found: Vec<Result<Found, u32>> = groups
            .par_chunks(16)
            .flat_map_iter(|some| {
                let mut search = Search::new(roads);
                some.iter().map(|g| find(roads, &times, trips, g, &mut search)).collect::<Vec<_>>()
            })
            .collect();
        cancel.check()?;
        let (mut taken_s, mut fastest_s) = (0.0, 0.0);
        for (group, found) in groups.iter().zip(found) {
            let found = found.map_err(|trip| {
                let t = &trips[trip as usize];
                MesoError::Unconnected {
                    row: trip as usize + 1,
                    from: roads.node_ids[t.from as usize],
                    to: roads.node_ids[t.to as usize],
                }
            })?;
            for (links, arrival, range) in found {
                let fastest = f64::from(arrival) - group.depart_s;
                let mut new_route = None;
                for trip in &group.trips[range] {
                    let mut route = || *new_route.get_or_insert_with(|| routes.push_backwards(links.iter().copied()));
                    if day == 0 {
                        route_of[*trip as usize] = route();
                        continue;
                    }
                    let old = along(&times, routes.of(route_of[*trip as usize]), group.depart_s);
                    taken_s += old;
                    fastest_s += fastest.min(old);
                    let switches = rng.unit(u64::from(day), u64::from(*trip)) < 1.0 / f64::from(day + 1);
                    if switches && fastest < old * 0.999 {
                        route_of[*trip as usize] =
                            *new_route.get_or_insert_with(|| routes.push_backwards(links.iter().copied()));
                    }
                }
            }
        }
        if day > 0 {
            gaps.push(if fastest_s > 0.0 { (taken_s - fastest_s) / fastest_s } else { 0.0 });
        }
        last = Some(load(roads, classes, trips, (&routes, &route_of), restrictions, &times, options, cancel)?);
    }
    match last {
        Some(loaded) => Ok(Learned { loaded, routes, route_of, gaps }),
        None => Err(Cancelled.into()),
    }
}

/// How long a way takes from a moment on.
fn along(times: &LinkTimes, links: &[u32], depart_s: f64) -> f64 {
    let mut t = depart_s as f32;
    for link in links {
        t += times.at(*link, t);
    }
    f64::from(t) - depart_s
}
