//! Early warnings: limits that will probably be passed within a day, by the means of 1, 8 or 24 hours that the hours
//! measured and the hours foretold make together. Others are told of each once.

use std::collections::BTreeSet;

use super::alarm::rule::{Rule, rules};
use super::board::EarlyWarning;
use super::edge::{Edge, HOUR_MS};
use super::forecast::running;
use super::history::contract::LogLine;
use crate::model::norm::Averaging;
use crate::model::sensor::{StationKind, Stream, StreamKey};

/// How far ahead is looked.
pub const AHEAD_H: usize = 24;
/// Hours that a forecast is made from.
const FROM_H: usize = 7 * 24;
/// In the log of alarms.
const EVENT: &str = "foretold";

/// The local days and hours of the hours ahead, the first that which is not over.
#[derive(Debug, Clone, PartialEq)]
pub struct Coming(Vec<(String, u8)>);

impl Coming {
    #[must_use]
    pub fn new(now_ms: i64, utc_offset_ms: i64) -> Self {
        let first = (now_ms + utc_offset_ms).div_euclid(HOUR_MS);
        let hour = |hour: i64| {
            let local = jiff::Timestamp::from_millisecond(hour * HOUR_MS).unwrap_or_default();
            (local.strftime("%Y-%m-%d").to_string(), hour.rem_euclid(24) as u8)
        };
        Self((first..).take(AHEAD_H).map(hour).collect())
    }

    /// Rules of means of hours that hold for a stream at some time of the day to come, each once.
    #[must_use]
    pub fn rules(&self, stream: &Stream, kind: StationKind) -> Vec<Rule> {
        let mut found: Vec<Rule> = Vec::new();
        for (day, hour) in &self.0 {
            for rule in rules(stream, kind, day, *hour) {
                if matches!(rule.limit.averaging, Averaging::Hours(_)) && !found.contains(&rule) {
                    found.push(rule);
                }
            }
        }
        found
    }
}

/// Remembers what others were told.
#[derive(Debug, Clone, Default)]
pub struct Lookout {
    told: BTreeSet<(String, String)>,
    log: Vec<LogLine>,
}

impl Lookout {
    /// Takes up what was told before the program was last ended.
    pub fn restore(&mut self, lines: &[LogLine], now_ms: i64) {
        let recent = now_ms - AHEAD_H.cast_signed() as i64 * HOUR_MS;
        let told = lines.iter().filter(|l| l.event == EVENT && l.time_ms >= recent);
        self.told.extend(told.map(|l| (l.stream.clone(), l.rule.clone())));
    }

    /// The first hour ahead, of each rule, whose mean is more likely beyond the limit than not. What is beyond it already
    /// is an alarm's business.
    pub fn look(
        &mut self,
        (key, stream): (StreamKey, &Stream),
        (edge, rules): (&Edge, &[Rule]),
        (coming, now_ms): (&Coming, i64),
        hysteresis: f64,
    ) -> Vec<EarlyWarning> {
        if rules.is_empty() {
            return Vec::new();
        }
        let mut known = edge.hourly(now_ms.div_euclid(HOUR_MS) - 1, FROM_H);
        known.reverse();
        let mut warnings = Vec::new();
        for rule in rules {
            let Averaging::Hours(averaging) = rule.limit.averaging else { continue };
            let name = (stream.name(), rule.name.clone());
            let in_force =
                |hours: usize| coming.0.get(hours - 1).is_some_and(|(day, hour)| rule.limit.in_force(day, *hour));
            let outlooks: Vec<_> =
                running(&known, averaging as usize, AHEAD_H).into_iter().filter(|o| in_force(o.hours)).collect();
            let is_beyond = edge.mean(now_ms, averaging).is_some_and(|m| in_force(1) && !rule.limit.holds(m));
            let beyond = outlooks.iter().find(|o| !rule.limit.holds(o.value)).filter(|_| !is_beyond);
            if let Some((outlook, limit)) = beyond.zip(rule.limit.high.or(rule.limit.low)) {
                if self.told.insert(name.clone()) {
                    self.log.push(LogLine {
                        time_ms: now_ms,
                        stream: name.0,
                        rule: name.1,
                        event: EVENT.to_owned(),
                        value: outlook.value,
                        who: String::new(),
                        // Read in both languages.
                        note: format!("+{} h", outlook.hours),
                    });
                }
                warnings.push(EarlyWarning { stream: key, rule: rule.name.clone(), limit, outlook: *outlook });
            } else if !is_beyond && outlooks.iter().all(|o| rule.is_back(o.value, hysteresis)) {
                // Well within it: the next time is news again.
                self.told.remove(&name);
            }
        }
        warnings
    }

    /// What others are to be told since this was last called.
    pub fn take_log(&mut self) -> Vec<LogLine> {
        std::mem::take(&mut self.log)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-28T00:00:00Z, seven in the morning on the island.
    const T0: i64 = 1_795_824_000_000;

    fn stream(property: &str) -> Stream {
        Stream { station: "KK-01".into(), property: property.into(), period_s: 60.0, stale_after_s: None }
    }

    /// Ten days, hour by hour; every hour is looked ahead once it is over.
    fn watch(property: &str, kind: StationKind, value: impl Fn(i64) -> f64) -> (Lookout, Vec<(i64, EarlyWarning)>) {
        let (stream, mut edge, mut lookout) = (stream(property), Edge::default(), Lookout::default());
        let mut seen = Vec::new();
        for hour in 0..240 {
            edge.remember_hour(T0 + hour * HOUR_MS, value(hour), 60);
            let now_ms = T0 + (hour + 1) * HOUR_MS;
            let coming = Coming::new(now_ms, 7 * HOUR_MS);
            let rules = coming.rules(&stream, kind);
            let found = lookout.look((StreamKey(0), &stream), (&edge, &rules), (&coming, now_ms), 0.05);
            seen.extend(found.into_iter().map(|w| (hour, w)));
        }
        (lookout, seen)
    }

    fn day_mean(value: &impl Fn(i64) -> f64, last: i64) -> f64 {
        (last - 23..=last).map(value).sum::<f64>() / 24.0
    }

    /// PM2.5 has a limit of 45 µg/m3 as the mean of 24 hours and none of an hour.
    #[test]
    fn rising_dust_is_foretold_before_its_day_is_beyond_the_limit() {
        let rising = |hour: i64| 20.0 + 3.0 * ((hour * 7919 % 13) as f64 / 13.0) + (hour - 200).max(0) as f64 * 2.5;
        let (mut lookout, seen) = watch("pm25", StationKind::Air, rising);
        let passed = (200..240).find(|h| day_mean(&rising, *h) > 45.0).unwrap();
        let (first, warning) = &seen[0];
        assert!(*first + 3 < passed && *first >= 200, "warned after hour {first}, passed in {passed}");
        assert_eq!((warning.rule.as_str(), warning.limit), ("QCVN 05:2023/BTNMT 24 h", 45.0));
        let (low, high) = warning.outlook.range();
        assert!(low < warning.outlook.value && warning.outlook.value > 45.0 && high > 45.0);
        assert!(seen.iter().all(|(h, _)| *h < passed), "an alarm takes over: {seen:?}");
        let log = lookout.take_log();
        assert_eq!(
            log.iter().map(|l| (l.event.as_str(), l.stream.as_str())).collect::<Vec<_>>(),
            [(EVENT, "KK-01/pm25")]
        );
        // Told before the program ended: not told again after it.
        let mut again = Lookout::default();
        again.restore(&log, log[0].time_ms + HOUR_MS);
        assert_eq!(again.told.len(), 1);
    }

    #[test]
    fn level_dust_and_a_day_that_stays_within_are_not_foretold() {
        let level = |hour: i64| 40.0 + 3.0 * (hour as f64 / 24.0 * std::f64::consts::TAU).sin();
        assert_eq!(watch("pm25", StationKind::Air, level).1, []);
        // An hour above 45 is no day above 45.
        let peak = |hour: i64| if hour % 24 == 8 { 120.0 } else { 30.0 };
        assert_eq!(watch("pm25", StationKind::Air, peak).1, []);
    }

    /// Gases have limits of an hour and of a day: both are looked at, and a noise limit holds by the time of day.
    #[test]
    fn every_averaging_time_and_the_hour_of_the_day_count() {
        let no2 = |hour: i64| 60.0 + (hour - 190).max(0) as f64 * 2.0;
        let (_, seen) = watch("no2", StationKind::Air, no2);
        assert!(
            seen.iter().all(|(_, w)| w.rule.ends_with(" 24 h") && w.limit == 100.0) && !seen.is_empty(),
            "{seen:?}"
        );
        // 60 dBA in the evening of 65 that are allowed by day; by night only 55 are.
        let evening = |hour: i64| if (19..21).contains(&((hour + 7) % 24)) { 63.0 } else { 50.0 };
        let night = |hour: i64| if (22..24).contains(&((hour + 7) % 24)) { 63.0 } else { 50.0 };
        let limits =
            |seen: Vec<(i64, EarlyWarning)>| seen.into_iter().map(|(_, w)| w.limit as i64).collect::<BTreeSet<_>>();
        assert_eq!(limits(watch("noise", StationKind::Noise, evening).1), [60].into());
        assert_eq!(limits(watch("noise", StationKind::Noise, night).1), [55].into());
    }
}
