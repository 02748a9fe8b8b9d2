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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_follow_the_volume() {
        let state = |ratio: f64| LinkState { volume_to_capacity: ratio, ..LinkState::default() };
        let levels: String = [0.1, 0.5, 0.7, 0.9, 1.0, 1.2].map(|r| state(r).level_of_service()).iter().collect();
        assert_eq!(levels, "ABCDEF");
    }
}
