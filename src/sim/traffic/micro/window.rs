//! A window of interest: the mesoscopic day hands every vehicle that comes through it to the microscopic level.

use super::drive::{MicroTrip, Way};
use super::vehicle::NONE;
use crate::sim::traffic::meso::loading::Loaded;
use crate::sim::traffic::network::Network;

/// The streets of a window, and who drives through them.
#[derive(Debug, Clone)]
pub struct Window {
    pub network: Network,
    /// One for every time that a vehicle comes in.
    pub trips: Vec<MicroTrip>,
    /// The day's trip of each.
    pub vehicle_of: Vec<u32>,
}

/// Cuts a window out of a network: links that begin or end within `bounds` (west, south, east, north). Vehicles come in
/// when the day says so, from `from_s` (which becomes 0) until `until_s`, and go their way to the window's edge.
/// `driver_of` gives the driver of each trip of the day, which must have kept its passages.
#[must_use]
pub fn cut(
    network: &Network,
    bounds: [f64; 4],
    day: &Loaded,
    driver_of: impl Fn(u32) -> u8,
    from_s: f64,
    until_s: f64,
) -> Window {
    let [west, south, east, north] = bounds;
    let inside = |n: u32| {
        let [x, y] = network.nodes[n as usize].at;
        (west..=east).contains(&x) && (south..=north).contains(&y)
    };
    // By link of the network: its place in the window.
    let mut place = vec![NONE; network.links.len()];
    let mut links = Vec::new();
    for (i, link) in network.links.iter().enumerate() {
        if inside(link.from) || inside(link.to) {
            place[i] = links.len() as u32;
            links.push(link.clone());
        }
    }
    let mut trips = Vec::new();
    let mut vehicle_of = Vec::new();
    // By vehicle: when it came in, and the links since then.
    let mut open: Vec<Option<(f64, Vec<u32>)>> = vec![None; day.arrival_s.len()];
    let mut close = |vehicle: u32, stay: Option<(f64, Vec<u32>)>| {
        if let Some((depart_s, links)) = stay
            && (from_s..until_s).contains(&depart_s)
        {
            trips.push(MicroTrip { depart_s: depart_s - from_s, driver: driver_of(vehicle), way: Way::Links(links) });
            vehicle_of.push(vehicle);
        }
    };
    for p in &day.passages {
        let stay = &mut open[p.vehicle as usize];
        let link = place.get(p.link as usize).copied().unwrap_or(NONE);
        if link == NONE {
            close(p.vehicle, stay.take());
        } else {
            stay.get_or_insert_with(|| (p.time_s, Vec::new())).1.push(link);
        }
    }
    for (vehicle, stay) in (0..).zip(open) {
        close(vehicle, stay);
    }
    let network = Network { links, zones: Vec::new(), ..network.clone() };
    Window { network, trips, vehicle_of }
}
