//! Embers that the wind carries ahead of the front.
//!
//! Every cell that burns hot enough throws embers when the front comes. How far they fly downwind is lognormal as in
//! Sardoy et al. (2008, Combustion and Flame 154) in the form of Perryman et al. (2013, Int. J. Wildland Fire 22);
//! across the wind they stray normally. Where one lands it lights the fuel with the probability of Schroeder (1969).
//! Draws are keyed by seed and cell: the same on any number of threads and in any order.

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
    /// All flights are so many times as long as published.
    pub distance_factor: f64,
}

impl Default for Spotting {
    /// Expert judgement, to be changed: nothing has been measured on the island.
    fn default() -> Self {
        Self { seed: 1, min_intensity_kw_m: 500.0, embers: 4, distance_factor: 1.0 }
    }
}

impl Spotting {
    /// # Errors
    /// [`FireError::OutOfRange`].
    pub fn validate(&self) -> Result<(), FireError> {
        FireError::require("spotting", f64::from(self.embers), 0.0, 1000.0)?;
        FireError::require("spotting", self.min_intensity_kw_m, 0.0, 1e6)?;
        FireError::require("spotting", self.distance_factor, 0.0, 100.0)
    }

    /// Embers of one burning cell: where they land (metres east and north of it) and when, seconds after.
    fn flights(&self, cell: usize, fire: &CellFire, weather: &Weather) -> Vec<([f64; 2], f64)> {
        let wind = weather.wind_10m_mps;
        if fire.fireline_intensity_kw_m < self.min_intensity_kw_m || wind < 0.5 {
            return Vec::new();
        }
        let rng = KeyedRng::new(self.seed, 0x6565_6d62_6572);
        let distance = Distance::of(fire.fireline_intensity_kw_m, wind);
        let (sin, cos) = weather.wind_from_rad.sin_cos();
        (0..u64::from(self.embers))
            .map(|i| {
                let metres = self.distance_factor * distance.quantile_m(rng.normal(cell as u64, 3 * i));
                let stray = self.distance_factor * distance.across_m * rng.normal(cell as u64, 3 * i + 1);
                ([-sin * metres + cos * stray, -cos * metres - sin * stray], metres / wind)
            })
            .collect()
    }
}

/// How far embers fly: lognormal along the wind, normal across it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Distance {
    /// Mean and standard deviation of the logarithm of metres.
    pub log_mean: f64,
    pub log_deviation: f64,
    /// Standard deviation across the wind, m.
    pub across_m: f64,
}

impl Distance {
    /// Sardoy et al. (2008) as used by Perryman et al. (2013) and, with the same constants, by ELMFIRE: I in MW/m and U
    /// in m/s at 10 m. A fire whose plume is weak against the wind (Froude number above 1) has another fit than a
    /// strong one. The fits are for fires of tens of MW/m; weaker ones are extrapolated.
    #[must_use]
    pub fn of(fireline_intensity_kw_m: f64, wind_10m_mps: f64) -> Self {
        // Air at 300 K: kg/m³, kJ/kg K.
        const DENSITY: f64 = 1.1;
        const HEAT: f64 = 1.0;
        const TEMPERATURE: f64 = 300.0;
        const GRAVITY: f64 = 9.81;
        // A median of 148 m; beyond it the first fit grows without end (the same limit as in ELMFIRE).
        const LOG_MEAN_MAX: f64 = 5.0;
        let (i, u) = (fireline_intensity_kw_m / 1000.0, wind_10m_mps);
        let plume_m = (fireline_intensity_kw_m / (DENSITY * HEAT * TEMPERATURE * GRAVITY.sqrt())).powf(2.0 / 3.0);
        let froude = u / (GRAVITY * plume_m).sqrt();
        let (log_mean, log_deviation) = if froude <= 1.0 {
            (1.47 * i.powf(0.54) * u.powf(-0.55) + 1.14, 0.86 * i.powf(-0.21) * u.powf(0.44) + 0.19)
        } else {
            (1.32 * i.powf(0.26) * u.powf(0.11) - 0.02, 4.95 * i.powf(-0.01) * u.powf(-0.02) - 3.48)
        };
        Self { log_mean: log_mean.min(LOG_MEAN_MAX), log_deviation, across_m: 0.92 * plume_m }
    }

    /// The flight that lies so many standard deviations from the median, metres.
    #[must_use]
    pub fn quantile_m(&self, deviations: f64) -> f64 {
        self.log_deviation.mul_add(deviations, self.log_mean).exp()
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

    /// Worked out by hand: 20 MW/m and 10 m/s have a plume of 7.2 m, a Froude number of 1.19 and the second fit;
    /// 20 MW/m and 6 m/s (0.71) the first.
    #[test]
    fn flights_are_those_of_sardoy_and_perryman() {
        let wind_driven = Distance::of(20_000.0, 10.0);
        // 20^0.26 = 2.179, 10^0.11 = 1.288; 20^-0.01 = 0.9705, 10^-0.02 = 0.955.
        assert!((wind_driven.log_mean - 3.685).abs() < 0.005, "{wind_driven:?}");
        assert!((wind_driven.log_deviation - 1.108).abs() < 0.005, "{wind_driven:?}");
        assert!((wind_driven.across_m - 6.63).abs() < 0.1, "{wind_driven:?}");
        // exp(3.685)
        assert!((wind_driven.quantile_m(0.0) - 39.8).abs() < 0.3);
        let buoyant = Distance::of(20_000.0, 6.0);
        // 20^0.54 = 5.041, 6^-0.55 = 0.3733; 20^-0.21 = 0.5331, 6^0.44 = 2.2.
        assert!((buoyant.log_mean - 3.906).abs() < 0.005, "{buoyant:?}");
        assert!((buoyant.log_deviation - 1.199).abs() < 0.005, "{buoyant:?}");
        assert_eq!(Distance::of(1e6, 5.0).log_mean, 5.0);
    }

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
