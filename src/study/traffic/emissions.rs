//! What an hour's traffic emits, link by link, by the air's table of factors: volume and speed are simulated, the
//! factors assumed.

use super::case::{Hour, TrafficCase};
use super::links::LinkState;
use crate::sim::air::traffic_emission::{Factor, RoadEmissions};
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

/// What a link's vehicles leave on a kilometre in an hour.
#[must_use]
pub fn grams_per_km_h(state: &LinkState, table: &RoadEmissions, factor: &Factor) -> f64 {
    let v = &state.vehicles;
    let per_km = v.motorbikes * factor.motorcycle + (v.cars + v.taxis) * factor.car + v.trucks * factor.heavy;
    per_km * table.speed_factor(state.speed_kmh)
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
    let emission = |(link, s): (&'a Link, &LinkState)| {
        let v = &s.vehicles;
        let grams_per_km_h = grams_per_km_h(s, table, factor);
        LinkEmission { link, vehicles_per_h: v.sum(), speed_kmh: s.speed_kmh, grams_per_km_h }
    };
    Some(used.map(emission).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::traffic::demand::day::Vehicles;

    #[test]
    fn slow_traffic_emits_more_by_the_table_that_the_air_uses() {
        let table = RoadEmissions::shipped().unwrap();
        let factor = table.factor("nox").unwrap();
        let vehicles = Vehicles { motorbikes: 1000.0, cars: 90.0, taxis: 10.0, trucks: 10.0 };
        let at = |speed_kmh| grams_per_km_h(&LinkState { vehicles, speed_kmh, ..LinkState::default() }, &table, factor);
        let expected = 1000.0 * factor.motorcycle + 100.0 * factor.car + 10.0 * factor.heavy;
        assert!((at(40.0) - expected).abs() < 1e-9);
        assert!((at(20.0) / at(40.0) - table.speed_factor(20.0)).abs() < 1e-12 && at(20.0) > at(40.0));
    }
}
