//! Moments of a run as people read them off a clock.

use crate::base::message::Message;
use crate::base::units::hours_minutes;
use crate::model::project::Project;

/// Turns seconds of a run into local time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LocalClock {
    start_unix_s: i64,
    offset_s: f64,
}

impl LocalClock {
    #[must_use]
    pub fn new(project: &Project, start_unix_s: i64) -> Self {
        Self { start_unix_s, offset_s: project.utc_offset_hours * 3600.0 }
    }

    /// "16:40", or with the date when that is another day than the run's first. Minutes are rounded down.
    #[must_use]
    pub fn at(&self, seconds: f64) -> Message {
        let start = self.start_unix_s as f64 + self.offset_s;
        let (day, minute) = day_and_minute(start + seconds);
        let clock = hours_minutes(60.0 * minute as f64);
        if day == day_and_minute(start).0 {
            return Message::new("study-clock").with("clock", clock);
        }
        let date = i32::try_from(day)
            .ok()
            .and_then(|d| jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().try_days(d).ok()?).ok());
        match date {
            Some(date) => Message::new("study-clock-day")
                .with("clock", clock)
                .with("date", format!("{}/{}", date.day(), date.month())),
            None => Message::new("study-clock").with("clock", clock),
        }
    }
}

impl LocalClock {
    /// The local day on which the run begins, as norms are dated: "2026-03-20".
    #[must_use]
    pub fn day(&self) -> String {
        let (day, _) = day_and_minute(self.start_unix_s as f64 + self.offset_s);
        let span = jiff::Span::new().try_days(day).unwrap_or_default();
        jiff::civil::date(1970, 1, 1).checked_add(span).map_or_else(|_| String::new(), |date| date.to_string())
    }
}

/// Days since 1970 and minute of the day.
fn day_and_minute(local_s: f64) -> (i64, i64) {
    let minutes = (local_s / 60.0).floor() as i64;
    (minutes.div_euclid(1440), minutes.rem_euclid(1440))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_of_the_next_day_carries_its_date() {
        // 2026-03-20 09:30 in Vietnam.
        let clock = LocalClock { start_unix_s: 1_773_973_800, offset_s: 25_200.0 };
        assert_eq!(clock.day(), "2026-03-20");
        assert_eq!(clock.at(0.0), Message::new("study-clock").with("clock", "09:30"));
        assert_eq!(clock.at(7.0 * 3600.0 + 659.0), Message::new("study-clock").with("clock", "16:40"));
        let late = clock.at(15.0 * 3600.0);
        assert_eq!(late, Message::new("study-clock-day").with("clock", "00:30").with("date", "21/3"));
    }
}
