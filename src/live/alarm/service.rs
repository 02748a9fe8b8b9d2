//! What is wrong without any norm: a street light that is dark at night or burns by day, a camera without a picture, a
//! water meter that runs while everybody sleeps.

use super::rule::Rule;
use crate::base::message::Message;
use crate::model::norm::{Averaging, Limit};
use crate::model::sensor::{StationKind, Stream};

/// Lasting names of these rules; the catalogue has words for them (`sensor-rule-*`).
pub const LAMP_DARK: &str = "lamp-dark";
pub const LAMP_BY_DAY: &str = "lamp-by-day";
pub const CAMERA_OFF: &str = "camera-off";
pub const NIGHT_FLOW: &str = "night-flow";
pub const NAMES: [&str; 4] = [LAMP_DARK, LAMP_BY_DAY, CAMERA_OFF, NIGHT_FLOW];

/// A rule of these in words; a norm goes by its own name.
#[must_use]
pub fn message(name: &str) -> Option<Message> {
    NAMES.contains(&name).then(|| Message::new(&format!("sensor-rule-{name}")))
}

/// A lamp that takes less is dark, watts.
const LIT_W: f64 = 5.0;
/// Hours in which every lamp burns, and in which none does, at 10 degrees north: half an hour and more within dusk and
/// dawn of any day of the year.
const NIGHT: (u8, u8) = (19, 5);
const DAY: (u8, u8) = (7, 17);
/// Local hours between which a household takes next to nothing (the night line of AWWA M36, "Water audits and loss
/// control programs", 2 to 4 o'clock), and what a meter may still count, cubic metres an hour. Assumed.
pub const NIGHT_FROM: i64 = 2;
pub const NIGHT_TO: i64 = 4;
const NIGHT_M3_H: f64 = 0.02;

/// Rules of a stream on a local day and hour.
#[must_use]
pub fn rules(stream: &Stream, kind: StationKind, day: &str, hour: u8) -> Vec<Rule> {
    let all = match (kind, stream.property.as_str()) {
        (StationKind::StreetLight, "lamp_power") => vec![
            rule(stream, LAMP_DARK, (Some(LIT_W), None), Some(NIGHT)),
            rule(stream, LAMP_BY_DAY, (None, Some(LIT_W)), Some(DAY)),
        ],
        (StationKind::Camera, "camera") => vec![rule(stream, CAMERA_OFF, (Some(0.5), None), None)],
        _ => Vec::new(),
    };
    all.into_iter().filter(|r| r.limit.in_force(day, hour)).collect()
}

/// The rule for the flow of the last night of a meter.
#[must_use]
pub fn night_flow(stream: &Stream) -> Rule {
    rule(stream, NIGHT_FLOW, (None, Some(NIGHT_M3_H)), None)
}

fn rule(stream: &Stream, name: &str, (low, high): (Option<f64>, Option<f64>), hours: Option<(u8, u8)>) -> Rule {
    Rule {
        name: name.to_owned(),
        limit: Limit {
            property: stream.property.clone(),
            averaging: Averaging::Instant,
            low,
            high,
            unit: stream.property().map_or_else(String::new, |p| p.unit.clone()),
            hours,
            document: name.to_owned(),
            table: String::new(),
            valid_from: String::new(),
            valid_until: None,
            verify: false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lamps_are_judged_by_the_hour() {
        let lamp =
            Stream { station: "DEN-1".into(), property: "lamp_power".into(), period_s: 900.0, stale_after_s: None };
        let at = |hour| rules(&lamp, StationKind::StreetLight, "2026-11-28", hour);
        assert_eq!(at(22)[0].name, LAMP_DARK);
        assert!(!at(22)[0].limit.holds(0.0) && at(22)[0].limit.holds(118.0));
        assert!(!at(12)[0].limit.holds(118.0) && at(12)[0].limit.holds(0.0));
        assert!(at(18).is_empty(), "dusk is nobody's fault");
        assert!(rules(&lamp, StationKind::Air, "2026-11-28", 22).is_empty());
        let meter = Stream { station: "DH-1".into(), property: "meter".into(), period_s: 3600.0, stale_after_s: None };
        assert!(night_flow(&meter).limit.holds(0.0) && !night_flow(&meter).limit.holds(0.09));
    }
}
