//! An hour's state of the links, and what it amounts to.

use serde::Serialize;

use crate::sim::traffic::demand::day::Vehicles;
use crate::sim::traffic::network::Network;

/// One link in one hour.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct LinkState {
    pub vehicles: Vehicles,
    pub volume_pcu_per_h: f64,
    pub time_s: f64,
    pub speed_kmh: f64,
    pub volume_to_capacity: f64,
    /// Of each vehicle, beyond the time on the empty link.
    pub delay_s: f64,
}

impl LinkState {
    #[must_use]
    pub fn of(network: &Network, link: usize, vehicles: Vehicles, volume: f64, time_s: f64) -> Self {
        let l = &network.links[link];
        Self {
            vehicles,
            volume_pcu_per_h: volume,
            time_s,
            speed_kmh: l.length_m / time_s * 3.6,
            volume_to_capacity: volume / l.capacity_pcu_per_h,
            delay_s: (time_s - l.free_time_s()).max(0.0),
        }
    }

    /// Level of service by volume to capacity: assumed limits in the manner of the Highway Capacity Manual.
    #[must_use]
    pub fn level_of_service(&self) -> char {
        let limits = [(0.35, 'A'), (0.55, 'B'), (0.77, 'C'), (0.92, 'D'), (1.0, 'E')];
        limits.iter().find(|(v, _)| self.volume_to_capacity <= *v).map_or('F', |(_, level)| *level)
    }

    #[must_use]
    pub fn density_per_km(&self) -> f64 {
        if self.speed_kmh > 0.0 { self.vehicles.sum() / self.speed_kmh } else { 0.0 }
    }
}

/// Grams a vehicle and kilometre at 40 km/h, warm engine: motorbike, car, taxi, truck. Orders of magnitude after the
/// EMEP/EEA guidebook 2023, part 1.A.3.b (Euro 3 motorbikes, Euro 4 cars, Euro 4 trucks); to be verified.
const GRAMS_PER_KM: [(&str, [f64; 4]); 4] = [
    ("co", [3.0, 1.0, 1.0, 1.5]),
    ("nox", [0.15, 0.12, 0.12, 4.0]),
    ("pm10", [0.02, 0.03, 0.03, 0.2]),
    ("co2", [60.0, 190.0, 190.0, 620.0]),
];

/// Names of what is emitted, in the order of [`emissions_g`].
pub const EMITTED: [&str; 4] = ["co", "nox", "pm10", "co2"];

/// Grams an hour that a link's vehicles emit. Slow traffic burns more: (1 + (40 / v - 1) / 2) below 40 km/h, at most
/// threefold; assumed.
#[must_use]
pub fn emissions_g(state: &LinkState, length_m: f64) -> [f64; 4] {
    let v = &state.vehicles;
    let slow = (1.0 + (40.0 / state.speed_kmh.max(5.0) - 1.0).max(0.0) / 2.0).min(3.0);
    GRAMS_PER_KM.map(|(_, g)| {
        let per_km = v.motorbikes * g[0] + v.cars * g[1] + v.taxis * g[2] + v.trucks * g[3];
        per_km * slow * length_m / 1000.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_emissions_follow_the_volume() {
        let state = |ratio: f64| LinkState { volume_to_capacity: ratio, ..LinkState::default() };
        let levels: String = [0.1, 0.5, 0.7, 0.9, 1.0, 1.2].map(|r| state(r).level_of_service()).iter().collect();
        assert_eq!(levels, "ABCDEF");
        let vehicles = Vehicles { motorbikes: 1000.0, cars: 100.0, taxis: 0.0, trucks: 10.0 };
        let at = |speed_kmh: f64| emissions_g(&LinkState { vehicles, speed_kmh, ..LinkState::default() }, 500.0);
        assert!((at(50.0)[0] - (3000.0 + 100.0 + 15.0) / 2.0).abs() < 1e-9);
        assert!((at(20.0)[1] / at(40.0)[1] - 1.5).abs() < 1e-12);
        assert_eq!(EMITTED, GRAMS_PER_KM.map(|g| g.0));
    }
}
