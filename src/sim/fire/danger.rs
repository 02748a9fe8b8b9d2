//! Fire danger index P: Nesterov's ignition index as used by Vietnam's forest protection.
//!
//! P is the sum over the days since rain of t13 x d13: air temperature (°C) and vapour pressure deficit (hPa) at
//! 13:00 (Nesterov 1949; used in Vietnam with a factor K that is 0 on days of 5 mm of rain or more and 1 else). The
//! classes and the reset are a table that can be changed, for published ones differ: class V from 10,000 or from
//! 20,000 on, a reset at 5 mm or, after Bế Minh Châu & Vương Văn Quỳnh (2009), at 7 mm. Not an official forecast.

use super::error::FireError;

/// Thresholds of the index.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct DangerTable {
    /// Where classes II, III, IV and V begin.
    pub class_from: [f64; 4],
    /// Daily rain from which the sum begins anew, mm.
    pub reset_rain_mm: f64,
}

impl Default for DangerTable {
    fn default() -> Self {
        Self { class_from: [5000.0, 10_000.0, 15_000.0, 20_000.0], reset_rain_mm: 5.0 }
    }
}

/// One day's weather at 13:00.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Day {
    pub temperature_c: f64,
    /// Fraction, 0 to 1.
    pub humidity: f64,
    /// Of the 24 hours before.
    pub rain_mm: f64,
}

/// Index and class (1 to 5) of a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Danger {
    pub index: f64,
    pub class: u8,
}

/// Saturation vapour pressure over water in hPa (Magnus formula, coefficients of Alduchov & Eskridge 1996, eq. 21;
/// -40 to 50 °C).
#[must_use]
pub fn saturation_pressure_hpa(temperature_c: f64) -> f64 {
    6.1094 * (17.625 * temperature_c / (temperature_c + 243.04)).exp()
}

/// The index day by day, starting from `before`.
///
/// # Errors
/// [`FireError::OutOfRange`] for NaN or impossible weather.
pub fn danger(days: &[Day], before: f64, table: &DangerTable) -> Result<Vec<Danger>, FireError> {
    let mut index = before;
    days.iter()
        .map(|day| {
            FireError::require("temperature", day.temperature_c, -30.0, 50.0)?;
            FireError::require("humidity", day.humidity, 0.0, 1.0)?;
            FireError::require("rain", day.rain_mm, 0.0, 2000.0)?;
            if day.rain_mm >= table.reset_rain_mm {
                index = 0.0;
            } else {
                let deficit = saturation_pressure_hpa(day.temperature_c) * (1.0 - day.humidity);
                index += day.temperature_c.max(0.0) * deficit;
            }
            let class = 1 + table.class_from.iter().filter(|from| index >= **from).count() as u8;
            Ok(Danger { index, class })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dry_spell_climbs_to_class_five_and_rain_ends_it() {
        let dry = Day { temperature_c: 32.0, humidity: 0.55, rain_mm: 4.9 };
        let mut days = vec![dry; 40];
        days.push(Day { rain_mm: 5.0, ..dry });
        let danger = danger(&days, 0.0, &DangerTable::default()).unwrap();
        // 32 °C: 47.5 hPa saturated, 21.4 hPa deficit, 685 a day.
        assert!((danger[0].index - 685.0).abs() < 5.0, "{}", danger[0].index);
        assert_eq!([danger[0].class, danger[7].class, danger[39].class, danger[40].class], [1, 2, 5, 1]);
        assert_eq!(danger[40].index, 0.0);
    }

    #[test]
    fn nan_is_an_error() {
        let day = Day { temperature_c: 30.0, humidity: f64::NAN, rain_mm: 0.0 };
        assert!(danger(&[day], 0.0, &DangerTable::default()).is_err());
    }
}
