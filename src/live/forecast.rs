//! Where a stream will be in the next hours, and how far off such a forecast was before.
//!
//! Seasonal naive (the same hour of the day before) plus what simple exponential smoothing finds of the departure from
//! it (Holt 1957; Hyndman & Athanasopoulos 2021, Forecasting: principles and practice, 3rd ed., sections 5.2, 8.1, 5.5).
//! Its error is measured by making the same forecast at every past hour that is known.

use crate::base::running::Window;

/// Weight of the newest departure from the day before, and how fast a departure fades with the hours ahead.
const SMOOTHING: f64 = 0.4;
const FADING: f64 = 0.85;
const DAY: usize = 24;
/// Past forecasts that tell an error by themselves.
const ENOUGH: usize = 12;
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
    running(hours, 1, ahead)
}

/// Forecasts of the mean over `averaging` hours that ends in each of the next `ahead`: what was measured as far as it
/// goes, then what is foretold. Its error is that of such means, so what is measured already makes it small.
#[must_use]
pub fn running(hours: &[Option<f64>], averaging: usize, ahead: usize) -> Vec<Outlook> {
    let now = hours.len();
    let averaging = averaging.max(1);
    let mut errors = vec![(0.0_f64, 0_usize); ahead];
    for origin in (2 * DAY).min(now)..now {
        let Some(departure) = departure(hours, origin) else { continue };
        let off: Vec<Option<f64>> = (1..=ahead.min(now - origin))
            .map(|h| Some(hours[origin + h - 1]? - predict(hours, origin, h, departure)?))
            .collect();
        for h in 1..=off.len() {
            // Where a past hour is missing the others stand for it.
            let window = Window::ending(&[], &off, h, averaging.min(h));
            if let Some(mean) = window.mean() {
                errors[h - 1].0 += (mean * averaging.min(h) as f64 / averaging as f64).powi(2);
                errors[h - 1].1 += 1;
            }
        }
    }
    let Some(departure) = departure(hours, now) else { return Vec::new() };
    let coming: Vec<Option<f64>> = (1..=ahead).map(|h| predict(hours, now, h, departure)).collect();
    let mut nearer = 0.0_f64;
    let mut outlooks = Vec::new();
    for h in 1..=ahead {
        let (square, tried) = errors[h - 1];
        if tried == 0 {
            continue;
        }
        // What was tried seldom is at least as uncertain as what is nearer.
        let own = (square / tried as f64).sqrt();
        let error = if tried < ENOUGH { own.max(nearer) } else { own };
        nearer = error;
        if let Some(value) = Window::ending(hours, &coming, h, averaging).mean() {
            outlooks.push(Outlook { hours: h, value, error, tried });
        }
    }
    outlooks
}

/// The departure from the day before at `origin` (the first hour that is not known), smoothed over the last day.
fn departure(hours: &[Option<f64>], origin: usize) -> Option<f64> {
    let at = |i: usize| hours.get(i).copied().flatten();
    let mut departure: Option<f64> = None;
    for i in origin.saturating_sub(DAY).max(DAY)..origin {
        if let Some((now, before)) = at(i).zip(at(i - DAY)) {
            departure = Some(departure.map_or(now - before, |d| SMOOTHING.mul_add(now - before - d, d)));
        }
    }
    departure
}

/// The forecast made at `origin` for `h` hours ahead.
fn predict(hours: &[Option<f64>], origin: usize, h: usize, departure: f64) -> Option<f64> {
    let target = (origin + h - 1).checked_sub(DAY * (1 + (h - 1) / DAY))?;
    let yesterday = hours.get(target).copied().flatten()?;
    Some(yesterday + departure * FADING.powi(i32::try_from(h).unwrap_or(i32::MAX) - 1))
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

    /// Of a day's mean most is measured already when its last hours come: that is how sure it is.
    #[test]
    fn a_running_mean_grows_from_what_was_measured_and_is_surer_than_its_hours() {
        let hours = daily(7, |i| 5.0 * ((i * 7919 % 13) as f64 / 13.0 - 0.5) + if i >= 160 { 40.0 } else { 0.0 });
        let (single, mean) = (forecast(&hours, 24), running(&hours, 24, 24));
        let measured = hours[hours.len() - 24..].iter().flatten().sum::<f64>() / 24.0;
        assert_eq!(mean.len(), 24);
        let first = (measured * 24.0 - hours[hours.len() - 24].unwrap() + single[0].value) / 24.0;
        assert!((mean[0].value - first).abs() < 1e-9, "{} {first}", mean[0].value);
        let last = single.iter().map(|o| o.value).sum::<f64>() / 24.0;
        assert!((mean[23].value - last).abs() < 1e-9);
        assert!((mean[0].error - single[0].error / 24.0).abs() < 1e-9 && mean[11].error < single[11].error);
        // A station that is calibrated every night is foretold none the less.
        let gaps: Vec<Option<f64>> = hours.iter().enumerate().map(|(i, v)| v.filter(|_| i % 24 != 2)).collect();
        assert_eq!((running(&gaps, 24, 24).len(), forecast(&gaps, 24).len()), (24, 23));
    }

    #[test]
    fn what_was_tried_seldom_is_no_surer_than_what_is_nearer() {
        let hours = daily(3, |i| 8.0 * ((i * 7919 % 13) as f64 / 13.0 - 0.5));
        let outlook = forecast(&hours, 24);
        assert_eq!((outlook.len(), outlook[23].tried), (24, 1));
        let seldom: Vec<f64> = outlook.iter().filter(|o| o.tried < ENOUGH).map(|o| o.error).collect();
        assert!(seldom.len() > 8 && seldom.is_sorted() && seldom[0] > 0.0, "{seldom:?}");
    }

    #[test]
    fn with_too_little_known_nothing_is_foretold() {
        assert!(forecast(&daily(1, |_| 0.0), 6).is_empty());
        assert!(forecast(&vec![None; 200], 6).is_empty());
        assert!(forecast(&[], 6).is_empty());
    }
}
