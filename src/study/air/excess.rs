//! What stations read above their own usual: the part of a reading that a source one looks for may explain.
//!
//! Streets have their rush hours and nights their inversions, every day alike; a search that took them for one source
//! would find none. So each hour is measured against the middle of the same hour of the days before.

use crate::base::median::median;
use crate::sim::air::finding::Reading;

/// Hours of a day.
pub const DAY: usize = 24;
/// Fewer days before say nothing about what is usual.
pub const LEAST_DAYS: usize = 3;
/// From the median absolute deviation to a standard deviation of the normal distribution.
const MAD: f64 = 1.4826;

/// Hourly means of one station, the newest last.
#[derive(Debug, Clone, PartialEq)]
pub struct StationHours {
    /// (east, north), metres.
    pub at: [f64; 2],
    /// `None` where nothing came.
    pub means: Vec<Option<f64>>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Excess {
    /// Hour 0 is the first of the asked ones.
    pub readings: Vec<Reading>,
    /// How many days before each hour was measured against, at least; 0: there were too few, and readings are as they
    /// are.
    pub usual_days: usize,
    /// What the same hour differs by from day to day (robust standard deviation), µg/m3.
    pub spread_ug_m3: f64,
}

/// The readings of the last `hours`, above the usual where enough days before are known.
#[must_use]
pub fn excess(stations: &[StationHours], hours: usize) -> Excess {
    let mut plain = Vec::new();
    let mut above = Vec::new();
    let (mut spreads, mut days) = (Vec::new(), usize::MAX);
    for station in stations {
        let first = station.means.len().saturating_sub(hours);
        for (hour, mean) in station.means[first..].iter().enumerate() {
            let Some(value) = mean.filter(|v| v.is_finite()) else { continue };
            plain.push(Reading { at: station.at, hour, conc_ug_m3: value });
            // The asked stretch itself must not make its own usual.
            let before = (1..).map_while(|k| (first + hour).checked_sub(k * DAY)).filter(|i| *i < first);
            let mut usual: Vec<f64> = before.filter_map(|i| station.means[i]).filter(|v| v.is_finite()).collect();
            if usual.len() < LEAST_DAYS {
                continue;
            }
            days = days.min(usual.len());
            let middle = median(&mut usual);
            let mut off: Vec<f64> = usual.iter().map(|v| (v - middle).abs()).collect();
            spreads.push(MAD * median(&mut off));
            above.push(Reading { at: station.at, hour, conc_ug_m3: value - middle });
        }
    }
    // Half of the readings with a usual, half without cannot be laid beside each other.
    if 2 * above.len() > plain.len() {
        Excess { readings: above, usual_days: days, spread_ug_m3: median(&mut spreads) }
    } else {
        Excess { readings: plain, usual_days: 0, spread_ug_m3: 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Five days with a rush hour at seven, the last with 30 µg/m3 more from six on.
    fn station(days: usize) -> StationHours {
        let usual = |h: usize| if h % DAY == 7 { 40.0 } else { 10.0 };
        let last = days * DAY;
        let means = (0..last + 12).map(|h| Some(usual(h) + if h >= last + 6 { 30.0 } else { 0.0 })).collect();
        StationHours { at: [5.0, 7.0], means }
    }

    #[test]
    fn the_rush_hour_is_taken_off_and_the_smoke_stays() {
        let found = excess(&[station(5)], 12);
        assert_eq!((found.usual_days, found.readings.len(), found.spread_ug_m3), (5, 12, 0.0));
        let values: Vec<f64> = found.readings.iter().map(|r| r.conc_ug_m3).collect();
        assert_eq!(values, [[0.0; 6], [30.0; 6]].concat());
    }

    #[test]
    fn without_days_before_readings_stay_as_they_are() {
        let found = excess(&[station(2)], 12);
        assert_eq!((found.usual_days, found.readings[7].conc_ug_m3), (0, 70.0));
        let gap = StationHours { at: [0.0; 2], means: vec![None, Some(f64::NAN), Some(3.0)] };
        let found = excess(&[gap], 24);
        assert_eq!(found.readings, [Reading { at: [0.0; 2], hour: 2, conc_ug_m3: 3.0 }]);
        assert!(excess(&[], 3).readings.is_empty());
    }
}
