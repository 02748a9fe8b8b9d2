//! What a stream is held against.

use super::service;
use crate::model::norm::{Averaging, Limit, Medium, NormTable};
use crate::model::sensor::{StationKind, Stream};

/// How alarms are raised and taken back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// A value counts as back only when it keeps to the limit by this share of it.
    pub hysteresis: f64,
    /// How long a single reading's limit must be passed before anybody is told.
    pub hold_ms: i64,
    /// How long it must be back.
    pub clear_ms: i64,
    /// An alarm that nobody has acknowledged for so long is passed on.
    pub escalate_ms: i64,
}

impl Default for Policy {
    fn default() -> Self {
        Self { hysteresis: 0.05, hold_ms: 120_000, clear_ms: 300_000, escalate_ms: 30 * 60_000 }
    }
}

/// One limit that is in force for a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// "QCVN 05:2023/BTNMT 24 h": lasting name, in the log too.
    pub name: String,
    pub limit: Limit,
}

impl Rule {
    fn new(limit: &Limit) -> Self {
        let over = match limit.averaging {
            Averaging::Instant => String::new(),
            Averaging::Hours(hours) => format!(" {hours} h"),
            Averaging::Year => " 1 y".to_owned(),
        };
        Self { name: format!("{}{over}", limit.document), limit: limit.clone() }
    }

    /// Whether the value keeps to the limit with something to spare.
    #[must_use]
    pub fn is_back(&self, value: f64, hysteresis: f64) -> bool {
        self.limit.high.is_none_or(|high| value <= high * (1.0 - hysteresis))
            && self.limit.low.is_none_or(|low| value >= low * (1.0 + hysteresis))
    }

    /// Whether the value is within a fifth of the limit: worth a look. Of noise three decibels are half the sound.
    #[must_use]
    pub fn is_near(&self, value: f64) -> bool {
        let noise = self.limit.property == "noise";
        let near_high = self.limit.high.is_some_and(|high| value > if noise { high - 3.0 } else { 0.8 * high });
        let near_low = self.limit.low.is_some_and(|low| value < low + 0.05 * low.abs());
        match (self.limit.low, self.limit.high) {
            // A band such as that of pH: near within a twentieth of its width.
            (Some(low), Some(high)) => {
                let edge = 0.05 * (high - low);
                value < low + edge || value > high - edge
            }
            _ => near_high || near_low,
        }
    }
}

/// Whether a rule of this name rests on a row of the norms that is marked "verify".
#[must_use]
pub fn is_to_verify(property: &str, rule: &str) -> bool {
    let tables = Medium::ALL.into_iter().map(NormTable::standard);
    tables.flat_map(|table| table.rows(property)).any(|limit| limit.verify && Rule::new(limit).name == rule)
}

/// The rules of a stream on a local day and hour. Limits of a year's mean are for reports, not for alarms.
#[must_use]
pub fn rules(stream: &Stream, kind: StationKind, day: &str, hour: u8) -> Vec<Rule> {
    let Some(medium) = kind.medium(&stream.property) else { return service::rules(stream, kind, day, hour) };
    NormTable::standard(medium)
        .of(&stream.property, day, hour)
        .into_iter()
        .filter(|l| l.averaging != Averaging::Year)
        .map(Rule::new)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_of_a_stream_come_from_the_norms_of_its_medium() {
        let stream = |property: &str| Stream {
            station: "X".into(),
            property: property.into(),
            period_s: 60.0,
            stale_after_s: None,
        };
        let names = |kind, property: &str| -> Vec<String> {
            rules(&stream(property), kind, "2026-11-28", 12).into_iter().map(|r| r.name).collect()
        };
        assert_eq!(names(StationKind::Air, "no2"), ["QCVN 05:2023/BTNMT 1 h", "QCVN 05:2023/BTNMT 24 h"]);
        assert_eq!(names(StationKind::SeaWater, "ph"), ["QCVN 10:2023/BTNMT"]);
        assert_eq!(names(StationKind::Air, "noise"), ["QCVN 26:2025/BNNMT 1 h"]);
        assert_eq!(names(StationKind::Camera, "camera"), ["camera-off"]);
        assert!(is_to_verify("noise", "QCVN 26:2025/BNNMT 1 h") && !is_to_verify("no2", "QCVN 05:2023/BTNMT 1 h"));
        assert!(names(StationKind::WaterMeter, "meter").is_empty(), "its night is looked at, not its index");
        let noise = &rules(&stream("noise"), StationKind::Noise, "2026-11-28", 12)[0];
        assert!(noise.is_near(63.0) && !noise.is_near(58.0));
        let ph = &rules(&stream("ph"), StationKind::SeaWater, "2026-11-28", 12)[0];
        assert!(ph.is_near(8.45) && !ph.is_near(7.5) && ph.is_near(6.55));
    }
}
