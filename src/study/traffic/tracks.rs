//! Who is on which road when: the vehicles of some hours, simulated one by one (see `sim::traffic::meso`), to be looked at.

use std::ops::Range;

use super::case::TrafficCase;
use super::day::routed;
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::sim::traffic::error::TrafficError;
use crate::sim::traffic::meso::error::MesoError;
use crate::sim::traffic::meso::input::{Roads, Trip, VehicleClass};
use crate::sim::traffic::meso::loading::{Loaded, LoadingOptions, Passage, load};
use crate::sim::traffic::meso::route::{LinkTimes, NONE};

/// A vehicle on a link. Seconds since the tracks begin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stay {
    pub vehicle: u32,
    pub link: u32,
    pub enter_s: f32,
    pub leave_s: f32,
}

/// The vehicles of some hours.
#[derive(Debug, Clone)]
pub struct Tracks {
    /// Hours of the day that are known, the first without the vehicles that set out before it.
    pub hours: Range<usize>,
    /// By vehicle: car, motorbike or truck, numbered as in `VehicleClass::by_kind`.
    pub kinds: Vec<u8>,
    /// Vehicles that wait in circles for each other at some time.
    pub in_gridlock: u32,
    stays: Vec<Stay>,
    /// Stays that fall into each window of time.
    windows: Vec<Vec<u32>>,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TracksError {
    #[error(transparent)]
    Traffic(#[from] TrafficError),
    #[error(transparent)]
    Roads(#[from] MesoError),
}

impl ToMessage for TracksError {
    fn to_message(&self) -> Message {
        match self {
            Self::Traffic(error) => error.to_message(),
            Self::Roads(error) => error.to_message(),
        }
    }
}

/// Stays are looked up by windows of so long, seconds: few are shorter.
const WINDOW_S: f32 = 30.0;
/// As in `simulate traffic --level meso`.
const SEED: u64 = 1;

impl Tracks {
    /// Simulates the hours vehicle by vehicle, one more before them: nobody is on the road when a simulation begins.
    ///
    /// # Errors
    /// As [`TrafficCase::hour`], and roads that no vehicle can be on.
    pub fn of(case: &TrafficCase, hours: Range<usize>, cancel: &CancelToken) -> Result<Self, TracksError> {
        let hours = hours.start.saturating_sub(1)..hours.end;
        let day = routed(case, hours.clone(), SEED, cancel)?;
        let (roads, classes, trips) =
            (Roads::new(&case.network)?, VehicleClass::by_kind_of(&case.tables.roads), day.wishes());
        let span_s = hours.len() as f64 * 3600.0;
        let options = LoadingOptions { span_s, keep_passages: true, ..LoadingOptions::default() };
        let (with, times) = ((&day.routes, day.route_of.as_slice()), LinkTimes::free(&roads));
        let loaded =
            load(&roads, &classes, &trips, with, &[], &times, options, cancel).map_err(TrafficError::Cancelled)?;
        Ok(Self::from_passages(hours, &trips, loaded, span_s as f32))
    }

    fn from_passages(hours: Range<usize>, trips: &[Trip], mut loaded: Loaded, span_s: f32) -> Self {
        loaded.passages.sort_unstable_by(|a, b| a.vehicle.cmp(&b.vehicle).then(a.time_s.total_cmp(&b.time_s)));
        let mut stays = Vec::with_capacity(loaded.passages.len());
        let mut add = |of: &[Passage]| {
            for (at, passage) in of.iter().enumerate().filter(|(_, p)| p.link != NONE) {
                let leave_s = of.get(at + 1).map_or(span_s, |next| next.time_s as f32);
                stays.push(Stay {
                    vehicle: passage.vehicle,
                    link: passage.link,
                    enter_s: passage.time_s as f32,
                    leave_s,
                });
            }
        };
        loaded.passages.chunk_by(|a, b| a.vehicle == b.vehicle).for_each(&mut add);
        let kinds = trips.iter().map(|t| t.class).collect();
        Self { in_gridlock: loaded.gridlocks.iter().map(|g| g.vehicles).sum(), ..Self::new(hours, kinds, stays) }
    }

    /// From stays that are known, in the order of the vehicles.
    #[must_use]
    pub fn new(hours: Range<usize>, kinds: Vec<u8>, stays: Vec<Stay>) -> Self {
        let span_s = hours.len() as f32 * 3600.0;
        let mut windows = vec![Vec::new(); (span_s / WINDOW_S).ceil().max(1.0) as usize];
        for (number, stay) in (0..).zip(&stays) {
            let window = |t: f32| ((t / WINDOW_S).max(0.0) as usize).min(windows.len() - 1);
            let range = window(stay.enter_s)..=window(stay.leave_s);
            windows[range].iter_mut().for_each(|in_it| in_it.push(number));
        }
        Self { hours, kinds, in_gridlock: 0, stays, windows }
    }

    /// All stays, vehicle by vehicle in the order of time. A vehicle's last one ends where it arrives.
    #[must_use]
    pub fn stays(&self) -> &[Stay] {
        &self.stays
    }

    /// Those on the road at a second of the day, in the order of the vehicles.
    pub fn at(&self, second_of_day: f64) -> impl Iterator<Item = &Stay> {
        let now = (second_of_day - self.hours.start as f64 * 3600.0) as f32;
        let window = if now < 0.0 { None } else { self.windows.get((now / WINDOW_S) as usize) };
        let stays = window.map(Vec::as_slice).unwrap_or_default().iter().map(|i| &self.stays[*i as usize]);
        stays.filter(move |s| s.enter_s <= now && now < s.leave_s)
    }

    /// How much of its link a vehicle has behind it, 0 to 1, as if it drove evenly.
    #[must_use]
    pub fn share(&self, stay: &Stay, second_of_day: f64) -> f32 {
        let now = (second_of_day - self.hours.start as f64 * 3600.0) as f32;
        ((now - stay.enter_s) / (stay.leave_s - stay.enter_s).max(0.1)).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::traffic::meso::record::Record;

    fn passage(time_s: f64, vehicle: u32, link: u32) -> Passage {
        Passage { time_s, vehicle, link }
    }

    fn tracks(passages: Vec<Passage>) -> Tracks {
        let trip = |class| Trip { depart_s: 0.0, from: 0, to: 1, class };
        let loaded = Loaded {
            record: Record::new(1, 900.0, 3600.0),
            arrival_s: Vec::new(),
            entry_s: Vec::new(),
            on_the_way: 0,
            waiting: 0,
            stranded: 0,
            gridlocks: Vec::new(),
            passages,
            transfers: 0,
        };
        Tracks::from_passages(7..8, &[trip(0), trip(1)], loaded, 3600.0)
    }

    #[test]
    fn a_vehicle_is_on_one_link_at_a_time_until_it_arrives() {
        // Told in the order of the nodes, not of time.
        let known =
            tracks(vec![passage(100.0, 1, 8), passage(40.0, 0, 3), passage(95.0, 0, 4), passage(125.5, 0, NONE)]);
        let at = |second: f64| -> Vec<(u32, u32)> { known.at(second).map(|s| (s.vehicle, s.link)).collect() };
        let begin = 7.0 * 3600.0;
        assert_eq!(at(begin + 39.0), []);
        assert_eq!(at(begin + 40.0), [(0, 3)]);
        assert_eq!(at(begin + 99.0), [(0, 4)]);
        assert_eq!(at(begin + 110.0), [(0, 4), (1, 8)]);
        assert_eq!(at(begin + 126.0), [(1, 8)], "it has arrived");
        assert_eq!(at(begin + 3599.0), [(1, 8)], "on the road when the hours end");
        assert_eq!((at(begin - 1.0), at(begin + 3601.0)), (vec![], vec![]));
        let first = known.at(begin + 50.0).next().unwrap();
        assert!((known.share(first, begin + 51.0) - 0.2).abs() < 1e-4);
        assert_eq!(known.kinds, [0, 1]);
    }
}
