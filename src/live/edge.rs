//! The newest of a stream: its last readings, the means of its last hours, when it was heard.

use std::collections::{BTreeMap, VecDeque};

use super::quality::{Sample, is_spike, is_stuck};
use crate::model::norm::Property;
use crate::model::sensor::{Flags, Reading};

/// Readings that are kept to tell doubles, spikes and stuck values.
const KEPT: usize = 240;
/// Hours whose means are kept: a drift shows over a week.
const HOURS: usize = 8 * 24;
pub const HOUR_MS: i64 = 3_600_000;

/// What became of a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    New,
    /// The same value for the same moment was there.
    Double,
    /// Another value for the same moment was there.
    Correction,
    /// Older than what is kept here: only the history can tell.
    Old,
}

#[derive(Debug, Clone, Default)]
pub struct Edge {
    recent: VecDeque<(i64, f64, Flags)>,
    /// Hour since 1970 -> sum and number of reliable readings.
    hours: BTreeMap<i64, (f64, u32)>,
    /// The last moment of which we know that the station lived: of its readings, the earlier of when each was measured
    /// and when it came.
    heard_ms: Option<i64>,
    /// Since when the newest value has not moved, and for how many readings.
    steady: Option<(i64, f64, usize)>,
}

impl Edge {
    pub fn take(&mut self, reading: &Reading, arrival_ms: i64) -> Taken {
        let Reading { time_ms, value, flags, .. } = *reading;
        let at = self.recent.partition_point(|s| s.0 < time_ms);
        if let Some(there) = self.recent.get_mut(at).filter(|s| s.0 == time_ms) {
            if there.1 == value {
                return Taken::Double;
            }
            let before = *there;
            *there = (time_ms, value, flags.with(Flags::CORRECTED));
            self.count(before.0, -before.1, before.2, -1);
            self.count(time_ms, value, flags, 1);
            self.find_steady();
            return Taken::Correction;
        }
        if at == 0 && self.recent.len() >= KEPT {
            return Taken::Old;
        }
        let heard = time_ms.min(arrival_ms);
        self.heard_ms = Some(self.heard_ms.map_or(heard, |h| h.max(heard)));
        self.recent.insert(at, (time_ms, value, flags));
        self.count(time_ms, value, flags, 1);
        if at + 1 == self.recent.len() {
            match &mut self.steady {
                Some((_, same, readings)) if *same == value => *readings += 1,
                steady => *steady = Some((time_ms, value, 1)),
            }
        } else {
            self.find_steady();
        }
        if self.recent.len() > KEPT {
            self.recent.pop_front();
        }
        Taken::New
    }

    fn count(&mut self, time_ms: i64, value: f64, flags: Flags, by: i32) {
        if flags.is_unreliable() {
            return;
        }
        let (sum, count) = self.hours.entry(time_ms.div_euclid(HOUR_MS)).or_default();
        *sum += value;
        *count = count.saturating_add_signed(by);
        while self.hours.len() > HOURS {
            self.hours.pop_first();
        }
    }

    /// Readings came out of order: looks anew since when the newest value stands.
    fn find_steady(&mut self) {
        let Some(&(_, value, _)) = self.recent.back() else { return };
        let run = self.recent.iter().rev().take_while(|s| s.1 == value).count();
        let start = self.recent[self.recent.len() - run].0;
        self.steady = Some((start, value, run));
    }

    /// Takes in hourly means from the history, as at the start of the program.
    pub fn remember_hour(&mut self, hour_start_ms: i64, mean: f64, count: u32) {
        self.hours.entry(hour_start_ms.div_euclid(HOUR_MS)).or_insert((mean * f64::from(count), count));
    }

    /// The newest reading, with what its neighbours say about it.
    #[must_use]
    pub fn latest(&self, property: &Property) -> Option<(Sample, Flags)> {
        let &(time_ms, value, flags) = self.recent.back()?;
        let tail: Vec<Sample> =
            self.recent.iter().skip(self.recent.len().saturating_sub(7)).map(|s| (s.0, s.1)).collect();
        let spike = is_spike(&tail, tail.len() - 1, property.jump);
        let stuck = self.steady.is_some_and(|(since, _, readings)| is_stuck(time_ms - since, readings, property));
        let add = |on: bool, flag: Flags| if on { flag } else { Flags::default() };
        Some(((time_ms, value), flags.with(add(spike, Flags::SPIKE)).with(add(stuck, Flags::STUCK))))
    }

    #[must_use]
    pub fn heard_ms(&self) -> Option<i64> {
        self.heard_ms
    }

    /// Mean of the reliable readings over a time that ends at `now_ms`; three quarters of it must be covered.
    #[must_use]
    pub fn mean(&self, now_ms: i64, hours: u32) -> Option<f64> {
        let now = now_ms.div_euclid(HOUR_MS);
        if hours <= 1 {
            let from = now_ms - HOUR_MS;
            let inside = || self.recent.iter().filter(|s| s.0 > from && s.0 <= now_ms && !s.2.is_unreliable());
            // The kept readings must reach back far enough.
            let first = inside().next()?.0;
            let count = inside().count();
            return (now_ms - first >= HOUR_MS * 3 / 4 || self.recent.len() >= KEPT)
                .then(|| inside().map(|s| s.1).sum::<f64>() / count as f64);
        }
        let means: Vec<f64> = self.hourly(now, hours as usize).into_iter().flatten().collect();
        (means.len() * 4 >= hours as usize * 3).then(|| means.iter().sum::<f64>() / means.len() as f64)
    }

    /// How fast a counter ran between two local hours of the last night that is over, a unit an hour.
    #[must_use]
    pub fn flow_of_night(&self, now_ms: i64, utc_offset_ms: i64, from: i64, to: i64) -> Option<f64> {
        let local = (now_ms + utc_offset_ms).div_euclid(HOUR_MS);
        let day = if local.rem_euclid(24) > to { local.div_euclid(24) } else { local.div_euclid(24) - 1 };
        let at = |hour: i64| self.hourly(day * 24 + hour - utc_offset_ms / HOUR_MS, 1).first().copied().flatten();
        Some((at(to)? - at(from)?) / (to - from) as f64)
    }

    /// Hourly means, the newest first, from hour `hour` (since 1970) backwards.
    #[must_use]
    pub fn hourly(&self, hour: i64, count: usize) -> Vec<Option<f64>> {
        (0..)
            .take(count)
            .map(|back: i64| self.hours.get(&(hour - back)).filter(|(_, n)| *n > 0).map(|(sum, n)| sum / f64::from(*n)))
            .collect()
    }

    /// The last readings in the order of time, for a small chart.
    pub fn recent(&self) -> impl Iterator<Item = Sample> + '_ {
        self.recent.iter().map(|s| (s.0, s.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::norm::PropertyTable;
    use crate::model::sensor::StreamKey;

    fn reading(minute: i64, value: f64) -> Reading {
        Reading { stream: StreamKey(0), time_ms: minute * 60_000, value, flags: Flags::default() }
    }

    #[test]
    fn doubles_are_known_and_corrections_replace() {
        let mut edge = Edge::default();
        assert_eq!(edge.take(&reading(1, 5.0), 60_000), Taken::New);
        assert_eq!(edge.take(&reading(1, 5.0), 61_000), Taken::Double);
        assert_eq!(edge.take(&reading(1, 7.0), 62_000), Taken::Correction);
        assert_eq!(edge.hourly(0, 1), [Some(7.0)]);
        assert_eq!(edge.take(&reading(0, 3.0), 63_000), Taken::New);
        assert_eq!(edge.hourly(0, 1), [Some(5.0)]);
        let pm25 = PropertyTable::standard().get("pm25").unwrap();
        assert_eq!(edge.latest(pm25).map(|(s, _)| s), Some((60_000, 7.0)));
    }

    #[test]
    fn the_order_of_arrival_does_not_matter() {
        let readings: Vec<Reading> = (0..200).map(|i| reading(i, if i < 40 { i as f64 } else { 17.0 })).collect();
        let pm25 = PropertyTable::standard().get("pm25").unwrap();
        let mut ordered = Edge::default();
        let mut shuffled = Edge::default();
        for r in &readings {
            ordered.take(r, r.time_ms);
        }
        for i in 0..200 {
            let r = &readings[i * 77 % 200];
            shuffled.take(r, r.time_ms);
            shuffled.take(r, r.time_ms);
        }
        assert_eq!(ordered.latest(pm25), shuffled.latest(pm25));
        assert_eq!(ordered.hourly(3, 4), shuffled.hourly(3, 4));
        assert_eq!(ordered.heard_ms(), shuffled.heard_ms());
    }

    #[test]
    fn a_clock_that_is_ahead_does_not_make_a_station_look_alive() {
        let mut edge = Edge::default();
        edge.take(&reading(600, 5.0), 60_000);
        assert_eq!(edge.heard_ms(), Some(60_000));
    }

    #[test]
    fn means_need_three_quarters_of_their_time() {
        let mut edge = Edge::default();
        for minute in 0..44 {
            edge.take(&reading(minute, 10.0), 0);
        }
        assert_eq!(edge.mean(44 * 60_000, 1), None);
        for minute in 44..60 {
            edge.take(&reading(minute, 10.0), 0);
        }
        assert_eq!(edge.mean(59 * 60_000, 1), Some(10.0));
        for hour in 1..18 {
            edge.remember_hour(-hour * HOUR_MS, 10.0, 60);
        }
        assert_eq!(edge.mean(59 * 60_000, 24), Some(10.0));
        assert_eq!(edge.mean(59 * 60_000 + HOUR_MS, 24), Some(10.0));
        assert_eq!(edge.mean(59 * 60_000 + 20 * HOUR_MS, 24), None);
    }
}
