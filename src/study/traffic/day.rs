//! A case's demand as single vehicles: each with its moment and the nodes where it enters and leaves the roads.

use super::case::TrafficCase;
use crate::base::rng::KeyedRng;
use crate::sim::traffic::demand::day::trips;
use crate::sim::traffic::road_table::Vehicle;

/// One vehicle of the day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VehicleTrip {
    /// Since the beginning of the first hour.
    pub depart_s: f64,
    pub from: u32,
    pub to: u32,
    pub kind: Vehicle,
}

const STREAM: u64 = 0x7472_6970;

/// Vehicles of some hours, by departure; of the zone's ways into the network each takes one by its share. Draws are
/// keyed by hour, pair of zones and vehicle, so that two plans differ by the plan and not by the dice. Trips that
/// begin and end at one node use no road and are left out.
#[must_use]
pub fn vehicles(case: &TrafficCase, hours: std::ops::Range<usize>, seed: u64) -> Vec<VehicleTrip> {
    let ids: Vec<u64> = case.zones.iter().map(|z| z.id).collect();
    let begins_s = hours.start as f64 * 3600.0;
    let mut all = Vec::new();
    for hour in hours {
        let of_hour = case.vehicles(hour % 24);
        let rng = KeyedRng::new(seed, STREAM + hour as u64);
        for trip in trips(hour, &of_hour, &ids, seed) {
            if trip.from == trip.to {
                continue;
            }
            // The moment is each vehicle's own: its bits are as good a key as a number.
            let key = ids[trip.from as usize].rotate_left(24) ^ ids[trip.to as usize];
            let node = |zone: u32, end: u64| {
                let mut left = rng.unit(key ^ trip.departs_s.to_bits(), end);
                let access = &case.network.zones[zone as usize].access;
                let chosen = access.iter().find(|(_, share)| {
                    left -= share;
                    left <= 0.0
                });
                chosen.or(access.last()).map(|a| a.0)
            };
            let (Some(from), Some(to)) = (node(trip.from, 1), node(trip.to, 2)) else { continue };
            if from != to {
                all.push(VehicleTrip { depart_s: trip.departs_s - begins_s, from, to, kind: trip.vehicle });
            }
        }
    }
    all
}
