//! Embers that the wind carries ahead of the front.
//!
//! Every cell that burns hot enough throws embers when the front comes. How far they fly downwind is lognormal with a
//! median and a spread that grow with fireline intensity and wind (the form of Sardoy et al. 2008 and of ELMFIRE,
//! Lautenberger 2013); across the wind they stray normally. Where one lands it lights the fuel with the probability of
//! Schroeder (1969). Draws are keyed by seed and cell: the same on any number of threads and in any order.

use super::error::FireError;
use super::front::{CellFire, Fire};
use super::landscape::Weather;
use crate::base::cancel::{CancelToken, Cancelled};
use crate::base::rng::KeyedRng;

#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Spotting {
    pub seed: u64,
    /// A cell throws embers from this fireline intensity on, kW/m.
    pub min_intensity_kw_m: f64,
    /// Embers of one cell that could start a fire.
    pub embers: u32,
    /// Median flight of an ember at 1000 kW/m and 1 m/s, metres; grows with I^0.3 U^0.7.
    pub median_m: f64,
    /// Standard deviation of the flight's logarithm.
    pub log_deviation: f64,
    /// Standard deviation across the wind over the flight's length.
    pub stray: f64,
}

impl Default for Spotting {
    /// Expert judgement, to be changed: nothing has been measured on the island.
    fn default() -> Self {
        Self { seed: 1, min_intensity_kw_m: 500.0, embers: 4, median_m: 12.0, log_deviation: 0.8, stray: 0.1 }
    }
}

impl Spotting {
    /// # Errors
    /// [`FireError::OutOfRange`].
    pub fn validate(&self) -> Result<(), FireError> {
        FireError::require("spotting", f64::from(self.embers), 0.0, 1000.0)?;
        FireError::require("spotting", self.min_intensity_kw_m, 0.0, 1e6)?;
        FireError::require("spotting", self.median_m, 0.0, 1e4)?;
        FireError::require("spotting", self.log_deviation, 0.0, 3.0)?;
        FireError::require("spotting", self.stray, 0.0, 3.0)
    }

    /// Embers of one burning cell: where they land (metres east and north of it) and when, seconds after.
    fn flights(&self, cell: usize, fire: &CellFire, weather: &Weather) -> Vec<([f64; 2], f64)> {
        let wind = weather.wind_10m_mps;
        if fire.fireline_intensity_kw_m < self.min_intensity_kw_m || wind < 0.5 {
            return Vec::new();
        }
        let rng = KeyedRng::new(self.seed, 0x6565_6d62_6572);
        let median = self.median_m * (fire.fireline_intensity_kw_m / 1000.0).powf(0.3) * wind.powf(0.7);
        let (sin, cos) = weather.wind_from_rad.sin_cos();
        (0..u64::from(self.embers))
            .map(|i| {
                let metres = median * (self.log_deviation * rng.normal(cell as u64, 3 * i)).exp();
                let stray = metres * self.stray * rng.normal(cell as u64, 3 * i + 1);
                ([-sin * metres + cos * stray, -cos * metres - sin * stray], metres / wind)
            })
            .collect()
    }
}

/// Probability that an ember lights fine dead fuel (Schroeder 1969, as in behave): with
/// Qi = 144.51 - 0.266 T - 0.00058 T² - T M + 18.54 (1 - e^(-15.1 M)) + 640 M cal/g, T the fuel's temperature in °C and
/// M its moisture, P = 0.000048 ((400 - Qi) / 10)^4.3 / 50.
#[must_use]
pub fn ignition_probability(fuel_temperature_c: f64, fine_dead_moisture: f64) -> f64 {
    let (t, m) = (fuel_temperature_c, fine_dead_moisture);
    let heat = 144.51 - 0.266 * t - 0.000_58 * t * t - t * m + 18.54 * (1.0 - (-15.1 * m).exp()) + 640.0 * m;
    let x = ((400.0 - heat) / 10.0).max(0.0);
    (0.000_048 * x.powf(4.3) / 50.0).clamp(0.0, 1.0)
}

/// Temperature of fuel in half shade in the dry season, °C: behave adds 25 °F less 20 °F times the shade to the air's;
/// 27 °C are the mean of a day. Expert judgement.
const FUEL_TEMPERATURE_C: f64 = 35.0;

/// Embers are thrown this often; part of the result, so not a setting.
const EMBER_STEP_S: f64 = 60.0;

/// Burns on to `until`, throwing embers on a fixed beat counted from the weather's beginning, whatever the steps of the
/// caller are. `waiting` belongs to the fire.
///
/// # Errors
/// [`Cancelled`]; the fire can go on from where it stopped.
pub fn advance(
    fire: &mut Fire,
    waiting: &mut Vec<u32>,
    spotting: &Spotting,
    weather: &[Weather],
    until: f64,
    cancel: &CancelToken,
) -> Result<(), Cancelled> {
    let start = weather.first().map_or(0.0, |w| w.start_s);
    while fire.clock_s() < until {
        let beat = ((fire.clock_s() - start) / EMBER_STEP_S).floor() + 1.0;
        fire.advance(beat.mul_add(EMBER_STEP_S, start).min(until), cancel)?;
        throw_embers(fire, waiting, spotting, weather);
    }
    Ok(())
}

/// Lets the cells that burnt since the last call throw their embers. `waiting` keeps cells that are known to burn but
/// not yet by the fire's clock.
fn throw_embers(fire: &mut Fire, waiting: &mut Vec<u32>, spotting: &Spotting, weather: &[Weather]) {
    waiting.extend(fire.take_trail());
    waiting.sort_unstable();
    waiting.dedup();
    let mut still = Vec::new();
    let mut landings: Vec<(usize, f64)> = Vec::new();
    let spec = fire.spec().clone();
    for &cell in waiting.iter() {
        let cell_index = cell as usize;
        let Some(burning) = fire.cell(cell_index) else {
            still.push(cell);
            continue;
        };
        let Some(hour) = weather.get(fire.march().interval_at(burning.arrival_s)) else { continue };
        let [x, y] = spec.centre(cell_index % spec.cols, cell_index / spec.cols);
        let rng = KeyedRng::new(spotting.seed, 0x006c_6967_6874);
        let chance = ignition_probability(FUEL_TEMPERATURE_C, hour.moisture.dead_1h);
        for (i, (flight, seconds)) in spotting.flights(cell_index, &burning, hour).into_iter().enumerate() {
            if let Some((col, row)) = spec.cell_at([x + flight[0], y + flight[1]])
                && rng.unit(u64::from(cell), i as u64) < chance
            {
                landings.push((row * spec.cols + col, burning.arrival_s + seconds));
            }
        }
    }
    *waiting = still;
    for (cell, time) in landings {
        fire.light_cell(cell, time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked out by hand at 32 °C: heats of ignition 182.9, 210.6 and 274.6 cal/g.
    #[test]
    fn ignition_gets_less_likely_with_moisture() {
        for (moisture, expected) in [(0.06, 0.5375), (0.10, 0.2984), (0.20, 0.0506)] {
            let p = ignition_probability(32.0, moisture);
            assert!((p - expected).abs() < 0.002, "{moisture}: {p}");
        }
        assert_eq!(ignition_probability(32.0, 0.6), 0.0);
    }
}
