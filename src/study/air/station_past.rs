//! A station's hours so far, and what is foretold from them.

use super::coming::StationCourse;
use super::wind_ahead::{WindAhead, local};
use crate::base::message::{Message, ToMessage};
use crate::sim::air::error::AirError;
use crate::sim::air::forecast::{Outlook, Past, outlook};

/// A station that has been silent for longer beside the others is not foretold.
const MOST_BEHIND_H: usize = 24;

#[derive(Debug, Clone, PartialEq)]
pub struct StationPast {
    pub id: String,
    pub past: Past,
    /// Whole hours since 1970 of the last reading.
    pub last: i64,
}

impl StationPast {
    /// Hours from the last reading to `now`, the last of all stations.
    #[must_use]
    pub fn behind(&self, now: i64) -> usize {
        usize::try_from(now - self.last).unwrap_or(usize::MAX)
    }

    /// The hours after the last reading until `hours` after `now`: those before `now` are foretold too.
    ///
    /// # Errors
    /// [`AirError::TooFewHours`], or a station that has been silent for too long.
    pub fn outlook(&self, now: i64, hours: usize, wind: Option<&WindAhead>) -> Result<Outlook, AirError> {
        let behind = self.behind(now);
        if behind > MOST_BEHIND_H {
            return Err(AirError::Silent { last: local(self.last), hours: behind });
        }
        let ahead = |h: i64| wind.and_then(|w| w.at(self.last + h, now));
        let winds: Option<Vec<Option<f64>>> = wind.map(|_| (1..).take(behind + hours).map(ahead).collect());
        outlook(&self.past, winds.as_deref(), behind + hours)
    }

    /// What is told of the outlook, if it is not as sure as others are.
    #[must_use]
    pub fn notice(&self, outlook: &Outlook) -> Option<Message> {
        let told = || Message::new("air-forecast-assumed-spread").with("station", self.id.as_str());
        (outlook.tried == 0).then(told)
    }

    /// That nothing is foretold here, and why.
    #[must_use]
    pub fn left_out(&self, error: &AirError) -> Message {
        Message::new("air-forecast-left-out").with("station", self.id.as_str()).with("reason", error.to_message())
    }

    /// Readings until `now` and the hours after it, at a place of the site's system.
    #[must_use]
    pub fn course(&self, at: [f64; 2], now: i64, outlook: &Outlook) -> StationCourse {
        let behind = self.behind(now);
        let mut known = self.past.conc_ug_m3.clone();
        known.resize(known.len() + behind, None);
        StationCourse { at, known, coming: outlook.hours.iter().skip(behind).copied().map(Some).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_station_that_is_behind_is_foretold_up_to_the_same_hour() {
        let conc_ug_m3 = (0..48).map(|i| Some(20.0 + f64::from(i % 24))).collect();
        let station = StationPast {
            id: "KK-01".to_owned(),
            past: Past { conc_ug_m3, wind_mps: Vec::new(), first_hour: 0 },
            last: 47,
        };
        let outlook = station.outlook(50, 24, None).unwrap();
        assert_eq!(outlook.hours.len(), 27);
        let course = station.course([1.0, 2.0], 50, &outlook);
        assert_eq!((course.known.len(), course.known[50], course.coming.len()), (51, None, 24));
        assert_eq!(course.coming[0], Some(outlook.hours[3]));
        assert!(station.notice(&outlook).is_some(), "two days are too short to measure the error");
        assert!(matches!(station.outlook(72, 24, None), Err(AirError::Silent { hours: 25, .. })));
    }
}
