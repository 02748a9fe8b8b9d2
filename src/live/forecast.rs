//! Where a stream will be in the next hours, and how far off such a forecast was before.
//!
//! Seasonal naive (the same hour of the day before) plus what simple exponential smoothing finds of the departure from
//! it (Holt 1957; Hyndman & Athanasopoulos 2021, Forecasting: principles and practice, 3rd ed., sections 5.2, 8.1, 5.5).
//! Its error is measured by making the same forecast at every past hour that is known.

/// Weight of the newest departure from the day before, and how fast a departure fades with the hours ahead.
const SMOOTHING: f64 = 0.4;
const FADING: f64 = 0.85;
const DAY: usize = 24;
/// 90 % of a normal distribution lie within so many standard deviations.
const NINETY: f64 = 1.645;

/// The forecast of one hour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outlook {
    /// Hours ahead, from 1.
    pub hours: usize,
    pub value: f64,
    /// Root mean square error of past forecasts as far ahead.
    pub error: f64,
    /// Past forecasts that the error rests on.
    pub tried: usize,
}

impl Outlook {
    /// What nine of ten such forecasts lie within.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        (self.value - NINETY * self.error, self.value + NINETY * self.error)
    }
}

/// Forecasts of the next `ahead` hours from hourly means, the oldest first. Empty with less than two days of them.
#[must_use]
pub fn forecast(hours: &[Option<f64>], ahead: usize) -> Vec<Outlook> {
    let now = hours.len();
    (1..=ahead)
        .filter_map(|h| {
            let value = predict(hours, now, h)?;
            let (mut square, mut tried) = (0.0, 0_usize);
            for origin in (2 * DAY).min(now)..now.saturating_sub(h - 1) {
                let truth = hours.get(origin + h - 1).copied().flatten();
                if let Some((truth, guess)) = truth.zip(predict(hours, origin, h)) {
                    square += (truth - guess).powi(2);
                    tried += 1;
                }
            }
            (tried > 0).then(|| Outlook { hours: h, value, error: (square / tried as f64).sqrt(), tried })
        })
        .collect()
}

/// The forecast made at `origin` (the first hour that is not known) for `h` hours ahead.
fn predict(hours: &[Option<f64>], origin: usize, h: usize) -> Option<f64> {
    let at = |i: usize| hours.get(i).copied().flatten();
    let target = (origin + h - 1).checked_sub(DAY * (1 + (h - 1) / DAY))?;
    let yesterday = at(target)?;
    // The departure from the day before, smoothed over the last day.
    let (mut departure, mut known) = (0.0, false);
    for i in origin.saturating_sub(DAY).max(DAY)..origin {
        if let Some((now, before)) = at(i).zip(at(i - DAY)) {
            departure = if known { SMOOTHING.mul_add(now - before - departure, departure) } else { now - before };
            known = true;
        }
    }
    known.then(|| yesterday + departure * FADING.powi(i32::try_from(h).unwrap_or(i32::MAX) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn daily(days: usize, level: impl Fn(usize) -> f64) -> Vec<Option<f64>> {
        (0..days * DAY)
            .map(|i| Some(20.0 + 10.0 * (i as f64 / 24.0 * std::f64::consts::TAU).sin() + level(i)))
            .collect()
    }

    #[test]
    fn a_rhythm_that_repeats_is_foretold_without_error() {
        let hours = daily(5, |_| 0.0);
        let outlook = forecast(&hours, 6);
        assert_eq!(outlook.len(), 6);
        for o in &outlook {
            let truth = 20.0 + 10.0 * ((hours.len() + o.hours - 1) as f64 / 24.0 * std::f64::consts::TAU).sin();
            assert!((o.value - truth).abs() < 1e-9 && o.error < 1e-9 && o.tried > 60, "{o:?}");
        }
    }

    #[test]
    fn a_day_that_is_dirtier_than_the_one_before_is_followed_and_the_error_shows() {
        let hours = daily(4, |i| if i >= 80 { 15.0 } else { 0.0 });
        let o = forecast(&hours, 1)[0];
        let truth = 35.0 + 10.0 * (hours.len() as f64 / 24.0 * std::f64::consts::TAU).sin();
        assert!((o.value - truth).abs() < 0.5, "{o:?} {truth}");
        assert!(o.error > 0.5 && o.range().0 < o.value && o.range().1 > o.value);
    }

    #[test]
    fn with_too_little_known_nothing_is_foretold() {
        assert!(forecast(&daily(1, |_| 0.0), 6).is_empty());
        assert!(forecast(&vec![None; 200], 6).is_empty());
        assert!(forecast(&[], 6).is_empty());
    }
}
