//! What is doubtful about a series: spikes, stuck values, drift. Judged on readings in the order of their times, so that
//! the order of their arrival cannot matter.

use crate::base::median::median;
use crate::model::norm::Property;
use crate::model::sensor::Flags;

/// Readings on each side of one that is judged (Hampel's identifier).
const HALF_WINDOW: usize = 3;
/// A reading farther from the median than so many standard deviations, estimated from the median absolute deviation, is
/// a spike (Hampel 1974, J. Am. Stat. Assoc. 69, 383; Pearson 2002 uses 3: air moves faster than process lines).
const HAMPEL: f64 = 6.0;
/// Standard deviation of a normal distribution from its median absolute deviation.
const SIGMA_PER_MAD: f64 = 1.4826;
/// A value is stuck only after so many equal readings, however far apart they are.
const LEAST_STUCK: usize = 5;
/// Days that a drift must go one way.
const DRIFT_DAYS: usize = 5;
/// Share of pairs of days that must go the same way (Mann 1945 & Kendall 1975).
const DRIFT_SHARE: f64 = 0.9;

/// A reading without its stream: moment in milliseconds, value.
pub type Sample = (i64, f64);

/// The flags of every sample of a series in the order of time.
#[must_use]
pub fn judge(series: &[Sample], property: &Property) -> Vec<Flags> {
    let mut flags = vec![Flags::default(); series.len()];
    for (i, flag) in flags.iter_mut().enumerate() {
        if is_spike(series, i, property.jump) {
            *flag = flag.with(Flags::SPIKE);
        }
    }
    let mut start = 0;
    for end in 1..=series.len() {
        if end == series.len() || series[end].1 != series[start].1 {
            // Flagged from the moment on at which it was long enough.
            for i in start..end {
                if is_stuck(series[i].0 - series[start].0, i - start + 1, property) {
                    flags[i] = flags[i].with(Flags::STUCK);
                }
            }
            start = end;
        }
    }
    flags
}

/// Whether a run of equal values of a length and number is stuck.
#[must_use]
pub fn is_stuck(lasted_ms: i64, readings: usize, property: &Property) -> bool {
    readings >= LEAST_STUCK && lasted_ms as f64 >= property.steady_for_s * 1000.0
}

/// Whether sample `i` stands out from its neighbours by more than the series moves and the quantity can.
#[must_use]
pub fn is_spike(series: &[Sample], i: usize, jump: f64) -> bool {
    let window = &series[i.saturating_sub(HALF_WINDOW)..(i + HALF_WINDOW + 1).min(series.len())];
    if window.len() < 4 {
        return false;
    }
    let mut values: Vec<f64> = window.iter().map(|s| s.1).collect();
    let middle = median(&mut values);
    let mut apart: Vec<f64> = values.iter().map(|v| (v - middle).abs()).collect();
    let spread = SIGMA_PER_MAD * median(&mut apart);
    (series[i].1 - middle).abs() > jump.max(HAMPEL * spread)
}

/// Whether daily medians (against those of the neighbours, where there are some) creep away: nearly all pairs of days go
/// the same way, and together farther than a fifth of the quantity's largest believable jump.
#[must_use]
pub fn is_drifting(daily: &[f64], property: &Property) -> bool {
    if daily.len() < DRIFT_DAYS {
        return false;
    }
    let pairs = || daily.iter().enumerate().flat_map(|(i, a)| daily[i + 1..].iter().map(move |b| b - a));
    let count = pairs().count() as f64;
    let up = pairs().filter(|d| *d > 0.0).count() as f64 / count;
    let down = pairs().filter(|d| *d < 0.0).count() as f64 / count;
    let moved = (daily[daily.len() - 1] - daily[0]).abs();
    up.max(down) >= DRIFT_SHARE && moved > property.jump / 5.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::norm::PropertyTable;

    fn pm25() -> &'static Property {
        PropertyTable::standard().get("pm25").unwrap()
    }

    fn series(values: &[f64]) -> Vec<Sample> {
        values.iter().enumerate().map(|(i, v)| (i as i64 * 60_000, *v)).collect()
    }

    #[test]
    fn a_lone_spike_is_flagged_and_a_real_rise_is_not() {
        let spike = judge(&series(&[20.0, 21.0, 22.0, 480.0, 21.0, 20.0, 22.0]), pm25());
        assert_eq!(spike.iter().filter(|f| f.has(Flags::SPIKE)).count(), 1);
        assert!(spike[3].has(Flags::SPIKE));
        let rise = judge(&series(&[20.0, 60.0, 120.0, 180.0, 240.0, 300.0, 340.0]), pm25());
        assert!(rise.iter().all(|f| f.is_empty()));
    }

    #[test]
    fn a_value_that_does_not_move_is_stuck_only_after_its_time() {
        let flags = judge(&series(&[17.3; 200]), pm25());
        assert!(!flags[179].has(Flags::STUCK) && flags[180].has(Flags::STUCK) && flags[199].has(Flags::STUCK));
        let rain = PropertyTable::standard().get("rain").unwrap();
        assert!(judge(&series(&[0.0; 2000]), rain).iter().all(|f| f.is_empty()), "dry weather is no fault");
    }

    #[test]
    fn a_creep_over_days_is_drift_and_weather_is_not() {
        let ph = PropertyTable::standard().get("ph").unwrap();
        assert!(is_drifting(&[7.0, 7.1, 7.2, 7.35, 7.4, 7.6], ph));
        assert!(!is_drifting(&[7.0, 7.3, 6.9, 7.2, 7.0, 7.6], ph));
        assert!(!is_drifting(&[7.0, 7.001, 7.002, 7.003, 7.004], ph), "too little to matter");
    }
}
