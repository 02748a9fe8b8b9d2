//! The coming hours at a station from its own past: the day's usual course, what is left of today's departure from
//! it, and the wind that thins it. How sure that is comes from doing the same at every moment of the past.
//!
//! Departures fade as a first-order autoregression (Box & Jenkins 1970, ch. 3) of logarithms, since concentrations are
//! near to lognormal (Ott 1990, J. Air Waste Manage. Assoc. 40, 1378-1383); dilution by wind is a power of its speed.

use serde::{Deserialize, Serialize};

use super::error::AirError;

/// Hours of readings below which nothing can be said.
pub const LEAST_HOURS: usize = 24;
/// From so many on the past can be forecast to see how good it is.
const ENOUGH_HOURS: usize = 96;
/// Spread of the logarithm that is assumed where the past is too short to tell: a factor of two is one sigma.
const ASSUMED_SPREAD: f64 = 0.69;
/// Lower than any instrument tells from zero, µg/m3.
const LEAST_UG_M3: f64 = 0.1;

/// Hour by hour, the last entry the present; `None` where nothing was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    pub conc_ug_m3: Vec<Option<f64>>,
    /// As long as the readings, or empty where the wind is not known.
    pub wind_mps: Vec<Option<f64>>,
    /// Local hour of the first entry, 0 to 23.
    pub first_hour: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// One in ten is below, half, nine in ten.
    pub p10: f64,
    pub p50: f64,
    pub p90: f64,
    /// Standard deviation of the logarithm.
    pub spread: f64,
}

impl Expected {
    fn around(ln_middle: f64, spread: f64) -> Self {
        let at = |z: f64| z.mul_add(spread, ln_middle).exp();
        Self { p10: at(-1.281_552), p50: at(0.0), p90: at(1.281_552), spread }
    }

    /// Of being above a value.
    #[must_use]
    pub fn chance_above(&self, value: f64) -> f64 {
        if value <= 0.0 {
            return 1.0;
        }
        1.0 - super::plume::normal((value.ln() - self.p50.ln()) / self.spread)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outlook {
    /// Of each hour to come.
    pub hours: Vec<Expected>,
    /// Past forecasts that the spread was measured from; none: it is assumed.
    pub tried: usize,
}

struct Habit {
    /// Mean logarithm of each hour of the day.
    of_day: [f64; 24],
    memory: f64,
    wind_power: f64,
    ln_wind: f64,
    last: f64,
}

impl Habit {
    fn learn(past: &Past, until: usize) -> Option<Self> {
        let ln = |i: usize| past.conc_ug_m3[i].map(|c| c.max(LEAST_UG_M3).ln());
        let known: Vec<(usize, f64)> = (0..until).filter_map(|i| Some((i, ln(i)?))).collect();
        if known.len() < LEAST_HOURS / 2 {
            return None;
        }
        let mean = known.iter().map(|k| k.1).sum::<f64>() / known.len() as f64;
        // An hour that was seen seldom leans on the mean of all.
        let (mut sums, mut counts) = ([0.0; 24], [0.0; 24]);
        for (i, v) in &known {
            let hour = (past.first_hour + i) % 24;
            sums[hour] += v - mean;
            counts[hour] += 1.0;
        }
        let of_day = std::array::from_fn(|h| mean + sums[h] / (counts[h] + 2.0));
        let hour = |i: usize| (past.first_hour + i) % 24;
        let wind = |i: usize| past.wind_mps.get(i).copied().flatten().map(|u| u.max(0.5).ln());
        let winds: Vec<f64> = (0..until).filter_map(wind).collect();
        let ln_wind = if winds.is_empty() { 0.0 } else { winds.iter().sum::<f64>() / winds.len() as f64 };
        let (mut uv, mut uu) = (0.0, 0.0);
        for (i, v) in &known {
            if let Some(u) = wind(*i) {
                uv += (u - ln_wind) * (v - of_day[hour(*i)]);
                uu += (u - ln_wind) * (u - ln_wind);
            }
        }
        // More wind never makes it more than the inverse thinner, nor thicker.
        let wind_power = if winds.len() >= LEAST_HOURS && uu > 0.0 { (uv / uu).clamp(-1.0, 0.0) } else { 0.0 };
        let left = |i: usize| Some(ln(i)? - of_day[hour(i)] - wind_power * (wind(i).unwrap_or(ln_wind) - ln_wind));
        let (mut ab, mut aa) = (0.0, 0.0);
        for i in 1..until {
            if let (Some(a), Some(b)) = (left(i - 1), left(i)) {
                ab += a * b;
                aa += a * a;
            }
        }
        let memory = if aa > 0.0 { (ab / aa).clamp(0.0, 0.98) } else { 0.0 };
        // The present, or what an older reading leaves of it.
        let latest = (0..until).rev().take(12).find_map(|i| Some((i, left(i)?)));
        let last = latest.map_or(0.0, |(i, v)| v * memory.powf((until - 1 - i) as f64));
        Some(Self { of_day, memory, wind_power, ln_wind, last })
    }

    /// Middle of the logarithm, `lead` hours (1 and more) after the last learnt entry.
    fn expect(&self, past: &Past, until: usize, lead: usize, wind_mps: Option<f64>) -> f64 {
        let hour = (past.first_hour + until - 1 + lead) % 24;
        let wind = wind_mps.map_or(0.0, |u| u.max(0.5).ln() - self.ln_wind);
        self.of_day[hour] + self.wind_power * wind + self.last * self.memory.powf(lead as f64)
    }
}

/// The next `hours`. Without a forecast of the wind the last day's winds come again, and how good that is is measured
/// with it. Hours that a forecast does not have are taken as usually windy.
///
/// # Errors
/// [`AirError::TooFewHours`].
pub fn outlook(past: &Past, wind_to_come: Option<&[Option<f64>]>, hours: usize) -> Result<Outlook, AirError> {
    let n = past.conc_ug_m3.len();
    let readings = past.conc_ug_m3.iter().flatten().count();
    let too_few = AirError::TooFewHours { readings, least: LEAST_HOURS };
    if readings < LEAST_HOURS {
        return Err(too_few);
    }
    let habit = Habit::learn(past, n).ok_or(too_few)?;
    let (spreads, tried) = spreads(past, hours, wind_to_come.is_some());
    let expected = |lead: usize| {
        let wind = match wind_to_come {
            Some(winds) => winds.get(lead - 1).copied().flatten(),
            None => persisting(past, n, lead),
        };
        Expected::around(habit.expect(past, n, lead, wind), spreads[lead - 1])
    };
    Ok(Outlook { hours: (1..=hours).map(expected).collect(), tried })
}

/// The wind of the same hour on the last day before `until`.
fn persisting(past: &Past, until: usize, lead: usize) -> Option<f64> {
    let at = (until + (lead - 1) % 24).checked_sub(24)?;
    past.wind_mps.get(at).copied().flatten()
}

/// How far forecasts from the past's own moments were off, by lead. A wind forecast is taken as right: the winds that
/// came.
fn spreads(past: &Past, hours: usize, wind_is_forecast: bool) -> (Vec<f64>, usize) {
    let n = past.conc_ug_m3.len();
    if n < ENOUGH_HOURS {
        return (vec![ASSUMED_SPREAD; hours], 0);
    }
    let (mut squares, mut counts) = (vec![0.0; hours], vec![0.0; hours]);
    let mut tried = 0;
    for origin in (48..n).step_by(3) {
        let Some(habit) = Habit::learn(past, origin) else { continue };
        tried += 1;
        for lead in 1..=hours.min(n - origin) {
            let at = origin + lead - 1;
            if let Some(read) = past.conc_ug_m3[at] {
                let wind = if wind_is_forecast {
                    past.wind_mps.get(at).copied().flatten()
                } else {
                    persisting(past, origin, lead)
                };
                let off = read.max(LEAST_UG_M3).ln() - habit.expect(past, origin, lead, wind);
                squares[lead - 1] += off * off;
                counts[lead - 1] += 1.0;
            }
        }
    }
    // Far leads were tried seldom: they are at least as uncertain as nearer ones.
    let mut widest: f64 = 0.05;
    let spread = |(square, count): (&f64, &f64)| {
        if *count >= 4.0 {
            widest = widest.max((square / count).sqrt());
        }
        widest
    };
    (squares.iter().zip(&counts).map(spread).collect(), tried)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::KeyedRng;

    /// Days with two rush hours, wind that thins, and an hour-to-hour memory.
    fn past(seed: u64, hours: usize, noise: f64) -> (Past, Vec<f64>) {
        let rng = KeyedRng::new(seed, 5);
        let mut left = 0.0;
        let mut all = Vec::new();
        let mut winds = Vec::new();
        for i in 0..hours + 24 {
            let hour = i % 24;
            let rush = if [7, 8, 17, 18].contains(&hour) { 0.6 } else { 0.0 };
            let wind = rng.range(1, i as u64, 1.5, 6.0);
            left = 0.8 * left + noise * rng.normal(2, i as u64);
            all.push((3.0 + rush - 0.7 * (wind / 3.0).ln() + left).exp());
            winds.push(wind);
        }
        let past = Past {
            conc_ug_m3: all[..hours].iter().map(|c| Some(*c)).collect(),
            wind_mps: winds.iter().map(|w| Some(*w)).collect(),
            first_hour: 0,
        };
        (past, all[hours..].to_vec())
    }

    #[test]
    fn the_days_course_and_the_wind_are_learnt() {
        let (mut past, to_come) = past(5, 480, 0.02);
        let winds = past.wind_mps[480..].to_vec();
        past.wind_mps.truncate(480);
        let outlook = outlook(&past, Some(&winds), 24).unwrap();
        for (expected, came) in outlook.hours.iter().zip(&to_come) {
            assert!((expected.p50 / came).ln().abs() < 0.35, "{expected:?} {came}");
            assert!(expected.p10 < expected.p50 && expected.p50 < expected.p90);
        }
        assert!(outlook.tried > 100);
    }

    #[test]
    fn farther_is_less_sure_and_ranges_hold_what_they_promise() {
        let (mut inside, mut all) = (0, 0);
        for seed in 0..12 {
            let (past, to_come) = past(seed, 480, 0.25);
            let past = Past { wind_mps: past.wind_mps[..480].to_vec(), ..past };
            let outlook = outlook(&past, None, 24).unwrap();
            assert!(outlook.hours.windows(2).all(|w| w[0].spread <= w[1].spread));
            inside += outlook.hours.iter().zip(&to_come).filter(|(e, c)| (e.p10..=e.p90).contains(c)).count();
            all += 24;
        }
        let share = f64::from(inside as u32) / f64::from(all);
        assert!((0.65..0.95).contains(&share), "{share}");
        let first = outlook(&past(1, 480, 0.25).0, None, 1).unwrap().hours[0];
        assert!(
            (first.chance_above(first.p90) - 0.1).abs() < 1e-4 && (first.chance_above(first.p50) - 0.5).abs() < 1e-6
        );
    }

    #[test]
    fn a_short_past_is_refused_or_told_as_assumed() {
        let (mut past, _) = past(5, 480, 0.1);
        past.wind_mps.clear();
        past.conc_ug_m3.truncate(50);
        assert_eq!(outlook(&past, None, 6).unwrap().tried, 0);
        past.conc_ug_m3.truncate(12);
        assert!(matches!(outlook(&past, None, 6), Err(AirError::TooFewHours { .. })));
    }
}
