//! The time in a payload: ISO 8601 as it should be, and the other ways in which devices write it.

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde_json::Value;

use crate::model::sensor::Flags;

/// Nothing was measured by a sensor of ours before: clocks that were never set say 1970 or 2000.
const EARLIEST_MS: i64 = 978_307_200_000;
/// From here on a number is taken for milliseconds (as seconds it would be the year 5138).
const MILLISECONDS_FROM: f64 = 1e11;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MomentError {
    /// Not a time, or one that no calendar has.
    Unreadable,
    /// Day and month cannot be told apart.
    Ambiguous,
    /// A clock that was never set.
    Unset,
    /// Farther ahead than clocks go wrong.
    Future,
}

/// How times are understood.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clock {
    /// Of times that name no zone.
    pub utc_offset_s: i32,
    /// Readings farther ahead than this are refused.
    pub most_ahead_ms: i64,
    /// From here on they are flagged.
    pub ahead_ms: i64,
}

impl Default for Clock {
    fn default() -> Self {
        Self { utc_offset_s: 7 * 3600, most_ahead_ms: 24 * 3_600_000, ahead_ms: 60_000 }
    }
}

impl Clock {
    /// The moment that a value tells, and what is doubtful about it.
    ///
    /// # Errors
    /// [`MomentError`] when it tells none that can be.
    pub fn read(&self, value: &Value, arrival_ms: i64) -> Result<(i64, Flags), MomentError> {
        let (time_ms, flags) = match value {
            Value::Number(number) => (epoch(number.as_f64().ok_or(MomentError::Unreadable)?)?, Flags::TIME),
            Value::String(text) => self.text(text.trim())?,
            _ => return Err(MomentError::Unreadable),
        };
        self.check(time_ms, flags, arrival_ms)
    }

    /// # Errors
    /// As [`Self::read`].
    pub fn read_text(&self, text: &str, arrival_ms: i64) -> Result<(i64, Flags), MomentError> {
        let (time_ms, flags) = self.text(text.trim())?;
        self.check(time_ms, flags, arrival_ms)
    }

    fn check(&self, time_ms: i64, flags: Flags, arrival_ms: i64) -> Result<(i64, Flags), MomentError> {
        let ahead = time_ms.saturating_sub(arrival_ms);
        if time_ms < EARLIEST_MS {
            return Err(MomentError::Unset);
        }
        if ahead > self.most_ahead_ms {
            return Err(MomentError::Future);
        }
        Ok((time_ms, if ahead > self.ahead_ms { flags.with(Flags::CLOCK) } else { flags }))
    }

    fn text(&self, text: &str) -> Result<(i64, Flags), MomentError> {
        // An interval: what was averaged over it is known at its end.
        if let Some((_, end)) = text.split_once('/').filter(|(start, _)| start.contains('T')) {
            return self.text(end).map(|(t, f)| (t, f.with(Flags::TIME)));
        }
        if let Ok(time) = text.parse::<Timestamp>() {
            let leap = text.contains(":60");
            return Ok((time.as_millisecond(), if leap { Flags::TIME } else { Flags::default() }));
        }
        if let Ok(local) = text.parse::<DateTime>().or_else(|_| text.replacen(' ', "T", 1).parse()) {
            return Ok((self.local(local)?, Flags::ZONE));
        }
        if let Ok(number) = text.parse::<f64>() {
            return Ok((epoch(number)?, Flags::TIME));
        }
        self.day_first(text)
    }

    fn local(&self, local: DateTime) -> Result<i64, MomentError> {
        let offset = jiff::tz::Offset::from_seconds(self.utc_offset_s).map_err(|_| MomentError::Unreadable)?;
        offset.to_timestamp(local).map(Timestamp::as_millisecond).map_err(|_| MomentError::Unreadable)
    }

    /// "21/11/2026 07:00", as Vietnam writes it; only when no other reading is possible.
    fn day_first(&self, text: &str) -> Result<(i64, Flags), MomentError> {
        let (date, clock) = text.split_once([' ', 'T']).unwrap_or((text, "00:00"));
        let parts: Vec<i16> = date.split(['/', '-', '.']).map_while(|p| p.parse().ok()).collect();
        let [day, month, year] = parts[..] else { return Err(MomentError::Unreadable) };
        let clock: Vec<i8> = clock.split(':').map_while(|p| p.trim().parse().ok()).collect();
        let (hour, minute, second) = match clock[..] {
            [h, m] => (h, m, 0),
            [h, m, s] => (h, m, s),
            _ => return Err(MomentError::Unreadable),
        };
        if day <= 12 && month <= 12 && day != month {
            return Err(MomentError::Ambiguous);
        }
        let local = DateTime::new(
            year,
            i8::try_from(month).unwrap_or(0),
            i8::try_from(day).unwrap_or(0),
            hour,
            minute,
            second,
            0,
        )
        .map_err(|_| MomentError::Unreadable)?;
        Ok((self.local(local)?, Flags::TIME.with(Flags::ZONE)))
    }
}

fn epoch(number: f64) -> Result<i64, MomentError> {
    let ms = if number.abs() >= MILLISECONDS_FROM { number } else { number * 1000.0 };
    if ms.is_finite() && ms.abs() < 2.5e14 { Ok(ms.round() as i64) } else { Err(MomentError::Unreadable) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-28T00:00:00Z";

    fn read(text: &str) -> Result<(String, String), MomentError> {
        let now = NOW.parse::<Timestamp>().unwrap().as_millisecond();
        let value = serde_json::from_str(text).unwrap();
        let (ms, flags) = Clock::default().read(&value, now)?;
        Ok((Timestamp::from_millisecond(ms).unwrap().to_string(), flags.names()))
    }

    #[track_caller]
    fn is(text: &str, time: &str, flags: &str) {
        assert_eq!(read(text), Ok((time.to_owned(), flags.to_owned())), "{text}");
    }

    #[test]
    fn times_are_read_with_what_is_doubtful_about_them() {
        is(r#""2026-11-21T00:00:00+07:00""#, "2026-11-20T17:00:00Z", "");
        is(r#""2026-11-21T00:00:00""#, "2026-11-20T17:00:00Z", "zone");
        is(r#""2026-11-21 00:00:00""#, "2026-11-20T17:00:00Z", "zone");
        is(r#""21/11/2026 07:00""#, "2026-11-21T00:00:00Z", "zone+time");
        is("1763683200", "2025-11-21T00:00:00Z", "time");
        is("1763683200000", "2025-11-21T00:00:00Z", "time");
        is(r#""2026-11-21T00:00:00Z/2026-11-21T01:00:00Z""#, "2026-11-21T01:00:00Z", "time");
        is(r#""2016-12-31T23:59:60Z""#, "2016-12-31T23:59:59Z", "time");
        is(r#""2026-11-28T00:30:00Z""#, "2026-11-28T00:30:00Z", "clock");
    }

    #[test]
    fn times_that_cannot_be_are_refused_with_the_reason() {
        assert_eq!(read(r#""2099-01-01T00:00:00Z""#), Err(MomentError::Future));
        assert_eq!(read(r#""1970-01-01T00:00:00Z""#), Err(MomentError::Unset));
        assert_eq!(read("0"), Err(MomentError::Unset));
        assert_eq!(read(r#""2026-13-45T25:61:61Z""#), Err(MomentError::Unreadable));
        assert_eq!(read(r#""03/04/2026 07:00""#), Err(MomentError::Ambiguous));
        assert_eq!(read(r#""yesterday""#), Err(MomentError::Unreadable));
        assert_eq!(read("true"), Err(MomentError::Unreadable));
        assert_eq!(read("1e300"), Err(MomentError::Unreadable));
    }
}
