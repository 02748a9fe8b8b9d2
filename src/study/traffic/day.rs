//! A case's demand as single vehicles: each with its moment and the nodes where it enters and leaves the roads.

use super::case::{Hour, Start, TrafficCase};
use crate::base::cancel::CancelToken;
use crate::base::rng::KeyedRng;
use crate::sim::traffic::assign::equilibrium::Stop;
use crate::sim::traffic::assign::ways::WayDrawer;
use crate::sim::traffic::demand::day::trips;
use crate::sim::traffic::error::TrafficError;
use crate::sim::traffic::meso::input::Trip;
use crate::sim::traffic::meso::route::Routes;
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

/// Vehicles with the ways that they take: `trips[i]` takes `routes.of(route_of[i])`.
#[derive(Debug, Clone)]
pub struct RoutedDay {
    pub trips: Vec<VehicleTrip>,
    pub routes: Routes,
    pub route_of: Vec<u32>,
}

impl RoutedDay {
    /// As the mesoscopic model wants them; classes are those of [`VehicleClass::by_kind`].
    ///
    /// [`VehicleClass::by_kind`]: crate::sim::traffic::meso::input::VehicleClass::by_kind
    #[must_use]
    pub fn wishes(&self) -> Vec<Trip> {
        let class = |kind: Vehicle| match kind {
            Vehicle::Motorbike => 1,
            Vehicle::Truck => 2,
            _ => 0,
        };
        let wish = |t: &VehicleTrip| Trip { depart_s: t.depart_s, from: t.from, to: t.to, class: class(t.kind) };
        self.trips.iter().map(wish).collect()
    }
}

/// Near enough for ways: what is left the vehicles find out on the road.
const ROUGH: Stop = Stop { gap: 1e-3, iterations: 50 };

/// Vehicles of some hours, by departure, on ways as each hour's equilibrium shares them. They enter and leave the roads
/// where those ways do. Draws are keyed as in [`vehicles`], and by the names of the junctions.
///
/// # Errors
/// As [`TrafficCase::hour`].
pub fn routed(
    case: &TrafficCase,
    hours: std::ops::Range<usize>,
    seed: u64,
    cancel: &CancelToken,
) -> Result<RoutedDay, TrafficError> {
    let ids: Vec<u64> = case.zones.iter().map(|z| z.id).collect();
    let nodes = case.network.nodes.len();
    // Names that outlive an edit: a plan elsewhere throws no other dice here.
    let name = |node: u32| case.network.nodes.get(node as usize).map_or_else(|| ids[node as usize - nodes], |n| n.id);
    let begins_s = hours.start as f64 * 3600.0;
    let mut day = RoutedDay { trips: Vec::new(), routes: Routes::new(), route_of: Vec::new() };
    let mut way = Vec::new();
    let mut before: Option<Hour> = None;
    for hour in hours {
        let solved = case.hour(hour % 24, ROUGH, before.as_ref().map(Start::from), cancel)?;
        let rng = KeyedRng::new(seed, STREAM + hour as u64);
        let mut drawers: Vec<Option<WayDrawer>> = (0..ids.len()).map(|_| None).collect();
        for bush in &solved.solution.bushes {
            drawers[bush.origin as usize - nodes] = Some(WayDrawer::new(bush, case.graph.nodes, &solved.solution.cost));
        }
        for trip in trips(hour, &solved.vehicles, &ids, seed) {
            if trip.from == trip.to {
                continue;
            }
            let Some(drawer) = &drawers[trip.from as usize] else { continue };
            let key = ids[trip.from as usize].rotate_left(24) ^ ids[trip.to as usize] ^ trip.departs_s.to_bits();
            let reached = drawer.draw(nodes as u32 + trip.to, |node| rng.unit(key, name(node)), &mut way);
            // The ways between zones and roads are nobody's road.
            way.retain(|l| (*l as usize) < case.network.links.len());
            let (true, Some(last), Some(first)) = (reached, way.first(), way.last()) else { continue };
            let (from, to) = (case.network.links[*first as usize].from, case.network.links[*last as usize].to);
            day.trips.push(VehicleTrip { depart_s: trip.departs_s - begins_s, from, to, kind: trip.vehicle });
            day.route_of.push(day.routes.push_backwards(way.iter().copied()));
        }
        before = Some(solved);
    }
    Ok(day)
}
