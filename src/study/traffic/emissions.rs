//! What an hour's traffic emits, link by link, by the air's table of factors: volume and speed are simulated, the
//! factors assumed.

use super::case::{Hour, TrafficCase};
use crate::sim::air::traffic_emission::RoadEmissions;
use crate::sim::traffic::network::Link;

/// One direction of a road between two junctions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinkEmission<'a> {
    /// Its line (`link.line`), in the site's system, and the feature it is a piece of (`link.feature`).
    pub link: &'a Link,
    pub vehicles_per_h: f64,
    pub speed_kmh: f64,
    /// What all vehicles together leave on a kilometre of it in an hour.
    pub grams_per_km_h: f64,
}

impl LinkEmission<'_> {
    /// As line sources are given.
    #[must_use]
    pub fn grams_per_m_s(&self) -> f64 {
        self.grams_per_km_h / 3.6e6
    }

    #[must_use]
    pub fn grams_per_h(&self) -> f64 {
        self.grams_per_km_h * self.link.length_m / 1000.0
    }
}

/// Links with traffic in an hour, in the network's order. `None` for a substance that the table does not have.
#[must_use]
pub fn link_emissions<'a>(
    case: &'a TrafficCase,
    hour: &Hour,
    table: &RoadEmissions,
    pollutant: &str,
) -> Option<Vec<LinkEmission<'a>>> {
    let factor = table.factor(pollutant)?;
    let used = case.network.links.iter().zip(&hour.links).filter(|(_, s)| s.vehicles.sum() > 0.0);
    let emission = |(link, s): (&'a Link, &super::links::LinkState)| {
        let v = &s.vehicles;
        let per_km = v.motorbikes * factor.motorcycle + (v.cars + v.taxis) * factor.car + v.trucks * factor.heavy;
        let grams_per_km_h = per_km * table.speed_factor(s.speed_kmh);
        LinkEmission { link, vehicles_per_h: v.sum(), speed_kmh: s.speed_kmh, grams_per_km_h }
    };
    Some(used.map(emission).collect())
}
