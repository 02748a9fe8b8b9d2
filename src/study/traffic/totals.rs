//! An hour of the whole island in a few numbers.

use super::case::{Hour, TrafficCase};
use crate::sim::fields::Snapshot;
use crate::sim::traffic::demand::day::Vehicles;

#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
pub struct Totals {
    /// That set out.
    pub vehicles: f64,
    pub vehicle_km: f64,
    pub vehicle_h: f64,
    /// Hours that all vehicles together lose to each other.
    pub delay_h: f64,
    /// Kilometres of road (each direction by itself) with more volume than capacity.
    pub full_km: f64,
}

impl Totals {
    #[must_use]
    pub fn of(case: &TrafficCase, hour: &Hour) -> Self {
        let mut totals = Self { vehicles: hour.vehicles.iter().map(Vehicles::sum).sum(), ..Self::default() };
        for (link, s) in case.network.links.iter().zip(&hour.links) {
            let (vehicles, km) = (s.vehicles.sum(), link.length_m / 1000.0);
            totals.vehicle_km += vehicles * km;
            totals.vehicle_h += vehicles * s.time_s / 3600.0;
            totals.delay_h += vehicles * s.delay_s / 3600.0;
            if s.volume_to_capacity > 1.0 {
                totals.full_km += km;
            }
        }
        totals
    }

    #[must_use]
    pub fn mean_speed_kmh(&self) -> f64 {
        if self.vehicle_h > 0.0 { self.vehicle_km / self.vehicle_h } else { 0.0 }
    }

    /// As every simulation gives its moments; `time_s` since the first hour began.
    #[must_use]
    pub fn snapshot(&self, time_s: f64) -> Snapshot {
        let scalars = [
            ("vehicles", self.vehicles),
            ("vehicle_km", self.vehicle_km),
            ("vehicle_h", self.vehicle_h),
            ("delay_h", self.delay_h),
            ("full_km", self.full_km),
            ("mean_speed_kmh", self.mean_speed_kmh()),
        ];
        let scalars = scalars.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Snapshot { time_s, scalars, ..Snapshot::default() }
    }
}
