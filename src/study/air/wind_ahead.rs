//! A wind forecast for the hours to come, from a table.

use std::collections::BTreeMap;
use std::path::Path;

use super::rows::{Row, Rows};
use crate::base::message::Message;
use crate::sim::air::error::AirError;

const HOUR_S: i64 = 3600;

/// Speeds at 10 m, m/s.
#[derive(Debug, Clone, PartialEq)]
pub enum WindAhead {
    /// By whole hours since 1970.
    ByHour(BTreeMap<i64, f64>),
    /// From the hour after the newest reading on.
    InOrder(Vec<f64>),
}

impl WindAhead {
    /// Column `wind_m_s`, and `time` where the rows do not begin with the hour after the newest reading.
    ///
    /// # Errors
    /// [`AirError`]: a file that cannot be read, a column or a number that is missing, a wind that cannot be.
    pub fn read(path: &Path) -> Result<Self, AirError> {
        let rows = Rows::read(path)?;
        rows.require(&["wind_m_s"])?;
        rows.require_rows()?;
        if !rows.has("time") {
            return Ok(Self::InOrder(rows.iter().map(speed).collect::<Result<_, _>>()?));
        }
        let of = |row: Row<'_>| Ok((hour_of(row)?, speed(row)?));
        Ok(Self::ByHour(rows.iter().map(of).collect::<Result<_, AirError>>()?))
    }

    /// The wind of an hour since 1970, with the hour of the newest reading.
    #[must_use]
    pub fn at(&self, hour: i64, now: i64) -> Option<f64> {
        match self {
            Self::ByHour(all) => all.get(&hour).copied(),
            Self::InOrder(all) => all.get(usize::try_from(hour - now - 1).ok()?).copied(),
        }
    }

    /// What is told of a forecast for so many hours: that there is none, or that it is taken as right and for which hours
    /// it says nothing.
    #[must_use]
    pub fn notices(wind: Option<&Self>, now: i64, hours: usize) -> Vec<Message> {
        let Some(wind) = wind else { return vec![Message::new("air-forecast-wind-persists")] };
        let mut all = vec![Message::new("air-forecast-wind-given")];
        let missing = (1..=hours.cast_signed() as i64).filter(|h| wind.at(now + h, now).is_none()).count();
        let told = Message::new("air-forecast-wind-missing").with("hours", missing).with("of", hours);
        if missing > 0 {
            all.push(told.with("from", local(now + 1)));
        }
        all
    }
}

/// Of a row, m/s.
///
/// # Errors
/// [`AirError::BadRow`] where there is none that a wind can have.
pub fn speed(row: Row<'_>) -> Result<f64, AirError> {
    let speed = row.real("wind_m_s")?;
    if (0.0..=75.0).contains(&speed) { Ok(speed) } else { Err(row.bad("wind_m_s")) }
}

/// Whole hours since 1970; a time without a zone is Vietnam's.
///
/// # Errors
/// [`AirError::BadRow`] where there is no time.
pub fn hour_of(row: Row<'_>) -> Result<i64, AirError> {
    let time = |text: &str| text.parse().or_else(|_| format!("{text}+07:00").parse::<jiff::Timestamp>()).ok();
    let time = row.text("time").and_then(time).ok_or_else(|| row.bad("time"))?;
    Ok(time.as_second().div_euclid(HOUR_S))
}

/// "2026-03-11T00:00:00+07:00", the beginning of an hour in Vietnam.
#[must_use]
pub fn local(hour: i64) -> String {
    let local = jiff::Timestamp::from_second((hour + 7) * HOUR_S).unwrap_or_default();
    local.to_string().replace('Z', "+07:00")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_come_in_order_or_by_their_time_and_gaps_are_told() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let read = |text: &str| {
            std::fs::write(file.path(), text).unwrap();
            WindAhead::read(file.path())
        };
        let now = 492_000;
        let in_order = read("wind_m_s\n3\n4.5\n").unwrap();
        assert_eq!([1, 2, 3].map(|h| in_order.at(now + h, now)), [Some(3.0), Some(4.5), None]);
        assert_eq!(WindAhead::notices(Some(&in_order), now, 2).len(), 1, "taken as right");
        assert_eq!(WindAhead::notices(Some(&in_order), now, 24)[1].key, "air-forecast-wind-missing");
        let by_hour = read(&format!("time,wind_m_s\n{},2\n", local(now + 5))).unwrap();
        assert_eq!((by_hour.at(now + 5, now), by_hour.at(now + 1, now)), (Some(2.0), None));
        for wrong in ["wind_m_s\n-2\n", "wind_m_s\n500\n", "speed\n3\n", "wind_m_s\n", "time,wind_m_s\nsoon,3\n"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
