//! What a road's traffic emits: by volume, speed and fleet, from a table that a user can change.

use serde::{Deserialize, Serialize};

use super::error::AirError;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Vehicle {
    Motorcycle,
    Car,
    /// Lorries and buses.
    Heavy,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FleetShare {
    pub vehicle: Vehicle,
    pub share: f64,
    #[serde(default)]
    pub verify: bool,
}

/// Grams a kilometre at 40 km/h.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Factor {
    pub pollutant: String,
    pub motorcycle: f64,
    pub car: f64,
    pub heavy: f64,
    pub source: String,
    #[serde(default)]
    pub verify: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Volume {
    /// As the road layer writes it.
    pub class: String,
    pub vehicles_h: f64,
    #[serde(default)]
    pub verify: bool,
}

/// `assets/emissions/road.ron`, or a user's own file of the same form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoadEmissions {
    pub version: u32,
    pub dated: String,
    pub fleet: Vec<FleetShare>,
    pub factors: Vec<Factor>,
    /// (km/h, times the factors), rising.
    pub speed: Vec<(f64, f64)>,
    pub volumes: Vec<Volume>,
    /// Share of the day's mean volume in each local hour.
    pub hours: Vec<f64>,
}

const TABLE: &str = "assets/emissions/road.ron";

impl RoadEmissions {
    /// # Errors
    /// [`AirError::Table`] with the place of the mistake.
    pub fn parse(text: &str) -> Result<Self, AirError> {
        let wrong = |reason: String| AirError::Table { table: TABLE, reason };
        let table: Self = ron::from_str(text).map_err(|e| wrong(e.to_string()))?;
        let shares: f64 = table.fleet.iter().map(|f| f.share).sum();
        if (shares - 1.0).abs() > 1e-6 || table.fleet.iter().any(|f| f.share < 0.0) {
            return Err(wrong(format!("the fleet's shares add up to {shares}, not 1")));
        }
        let negative = |f: &Factor| [f.motorcycle, f.car, f.heavy].iter().any(|v| !(0.0..1e4).contains(v));
        if let Some(f) = table.factors.iter().find(|f| negative(f)) {
            return Err(wrong(format!("{}: a factor is negative or no number", f.pollutant)));
        }
        if table.speed.is_empty() || !table.speed.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(wrong("speeds must rise".to_owned()));
        }
        if table.hours.len() != 24 || table.hours.iter().any(|h| !(0.0..100.0).contains(h)) {
            return Err(wrong("24 hours are needed, none negative".to_owned()));
        }
        if let Some(v) = table.volumes.iter().find(|v| !(0.0..1e6).contains(&v.vehicles_h)) {
            return Err(wrong(format!("{}: {} vehicles an hour", v.class, v.vehicles_h)));
        }
        Ok(table)
    }

    /// The table that ships with the program.
    ///
    /// # Errors
    /// None that a build which passes its tests can give.
    pub fn shipped() -> Result<Self, AirError> {
        Self::parse(include_str!("../../../assets/emissions/road.ron"))
    }

    #[must_use]
    pub fn factor(&self, pollutant: &str) -> Option<&Factor> {
        self.factors.iter().find(|f| f.pollutant.eq_ignore_ascii_case(pollutant))
    }

    #[must_use]
    pub fn volume(&self, class: &str) -> Option<&Volume> {
        self.volumes.iter().find(|v| v.class == class)
    }

    /// Grams a metre of road and second; `None` for a substance that the table does not have.
    #[must_use]
    pub fn line_rate_g_m_s(&self, pollutant: &str, vehicles_h: f64, speed_kmh: f64) -> Option<f64> {
        let factor = self.factor(pollutant)?;
        let of = |vehicle| match vehicle {
            Vehicle::Motorcycle => factor.motorcycle,
            Vehicle::Car => factor.car,
            Vehicle::Heavy => factor.heavy,
        };
        let fleet_g_km: f64 = self.fleet.iter().map(|f| f.share * of(f.vehicle)).sum();
        Some(fleet_g_km * self.speed_factor(speed_kmh) * vehicles_h / 3600.0 / 1000.0)
    }

    /// Times the factors at 40 km/h.
    #[must_use]
    pub fn speed_factor(&self, kmh: f64) -> f64 {
        let next = self.speed.partition_point(|(v, _)| *v < kmh);
        match (next.checked_sub(1).and_then(|i| self.speed.get(i)), self.speed.get(next)) {
            (Some(a), Some(b)) => (b.1 - a.1).mul_add((kmh - a.0) / (b.0 - a.0), a.1),
            (Some(end), None) | (None, Some(end)) => end.1,
            (None, None) => 1.0,
        }
    }

    /// Whether anything that these figures rest on waits for being checked.
    #[must_use]
    pub fn to_verify(&self, pollutant: &str) -> bool {
        self.fleet.iter().any(|f| f.verify)
            || self.factor(pollutant).is_some_and(|f| f.verify)
            || self.volumes.iter().any(|v| v.verify)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_is_sound() {
        let table = RoadEmissions::shipped().unwrap();
        let mean = table.hours.iter().sum::<f64>() / 24.0;
        assert!((mean - 1.0).abs() < 0.005, "{mean}");
        // Ho & Dinh (2008): 0.20 g/km of NOx a vehicle of the mixed fleet.
        let nox = table.line_rate_g_m_s("NOx", 3600.0, 40.0).unwrap() * 1000.0;
        assert!((0.1..0.4).contains(&nox), "{nox}");
        assert_eq!(table.line_rate_g_m_s("O3", 100.0, 40.0), None);
        assert!(table.to_verify("CO"));
    }

    #[test]
    fn emission_grows_with_volume_and_falls_with_flow() {
        let table = RoadEmissions::shipped().unwrap();
        let rate = |n, v| table.line_rate_g_m_s("CO", n, v).unwrap();
        assert!((rate(200.0, 40.0) / rate(100.0, 40.0) - 2.0).abs() < 1e-12);
        assert!((rate(100.0, 30.0) / rate(100.0, 40.0) - 1.2).abs() < 1e-12);
        assert_eq!(rate(100.0, 5.0), rate(100.0, 10.0));
        assert_eq!(rate(100.0, 120.0), rate(100.0, 80.0));
    }

    #[test]
    fn a_table_that_cannot_be_is_refused() {
        let shipped = include_str!("../../../assets/emissions/road.ron");
        assert!(RoadEmissions::parse(&shipped.replace("share: 0.85", "share: 0.95")).is_err());
        assert!(RoadEmissions::parse(&shipped.replace("motorcycle: 6.0", "motorcycle: -6.0")).is_err());
        assert!(RoadEmissions::parse("(").is_err());
    }
}
