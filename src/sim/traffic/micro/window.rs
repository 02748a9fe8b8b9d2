//! A window of interest: the mesoscopic day hands every vehicle that comes through it to the microscopic level.

use super::drive::{MicroTrip, Way};
use super::vehicle::NONE;
use crate::sim::traffic::meso::loading::Passage;
use crate::sim::traffic::network::Network;

/// The streets of a window, and who drives through them.
#[derive(Debug, Clone)]
pub struct Window {
    pub network: Network,
    /// One for every time that a vehicle comes in.
    pub trips: Vec<MicroTrip>,
    /// The day's trip of each.
    pub vehicle_of: Vec<u32>,
    /// By link of the whole network: its place in the window's, or `NONE`.
    pub place: Vec<u32>,
}

/// Who is in the window, since when, on which links.
struct Within {
    links: Vec<u32>,
    since_s: Vec<f64>,
}

/// Cuts a window out of a network: links that begin or end within `bounds` (west, south, east, north). Vehicles come in
/// when the day says so, from `from_s` (which becomes 0) until `until_s`, and go their way to the window's edge; who is
/// inside when it opens begins at once, on the link where the day has it. `passages` must tell each of the `vehicles` in
/// the order of time; `driver_of` gives the driver of each.
#[must_use]
pub fn cut(
    network: &Network,
    bounds: [f64; 4],
    (vehicles, passages): (usize, impl Iterator<Item = Passage>),
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
    let mut close = |vehicle: u32, within: Option<Within>, left_s: f64| {
        let Some(Within { mut links, since_s }) = within else { return };
        if left_s <= from_s || since_s[0] >= until_s {
            return;
        }
        // Links that were left behind before the window opened.
        links.drain(..since_s.partition_point(|s| *s <= from_s).saturating_sub(1));
        let depart_s = (since_s[0] - from_s).max(0.0);
        trips.push(MicroTrip { depart_s, driver: driver_of(vehicle), way: Way::Links(links) });
        vehicle_of.push(vehicle);
    };
    let mut open: Vec<Option<Within>> = (0..vehicles).map(|_| None).collect();
    for p in passages {
        let Some(within) = open.get_mut(p.vehicle as usize) else { continue };
        let link = place.get(p.link as usize).copied().unwrap_or(NONE);
        if link == NONE {
            close(p.vehicle, within.take(), p.time_s);
        } else {
            let within = within.get_or_insert_with(|| Within { links: Vec::new(), since_s: Vec::new() });
            within.links.push(link);
            within.since_s.push(p.time_s);
        }
    }
    for (vehicle, within) in (0..).zip(open) {
        close(vehicle, within, f64::INFINITY);
    }
    let network = Network { links, zones: Vec::new(), ..network.clone() };
    Window { network, trips, vehicle_of, place }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::traffic::network::{Control, Link, Node};
    use crate::sim::traffic::road_class::RoadClass;

    /// A road of five links of 100 m; the window holds the three in the middle.
    #[test]
    fn who_is_inside_when_it_opens_comes_along_and_who_has_left_does_not() {
        let node = |i: u32| Node { id: u64::from(i), at: [f64::from(i) * 100.0, 0.0], control: Control::Uncontrolled };
        let link = |i: u32| Link {
            id: u64::from(i),
            from: i,
            to: i + 1,
            length_m: 100.0,
            free_speed_mps: 10.0,
            lanes: 1,
            capacity_pcu_per_h: 1800.0,
            class: RoadClass::Street,
            feature: 0,
            name: String::new(),
            line: Vec::new(),
        };
        let network =
            Network { nodes: (0..6).map(node).collect(), links: (0..5).map(link).collect(), ..Network::default() };
        // Three that follow each other, ten seconds a link; the road's end is told too.
        let on = |vehicle: u32, begin: f64| {
            (0..6).map(move |k| Passage {
                time_s: begin + 10.0 * f64::from(k),
                vehicle,
                link: if k < 5 { k } else { crate::sim::traffic::meso::route::NONE },
            })
        };
        let passages = [0.0, 30.0, 75.0].into_iter().zip(0..).flat_map(|(begin, vehicle)| on(vehicle, begin));
        let window = cut(&network, [150.0, -1.0, 350.0, 1.0], (3, passages), |v| v as u8, 55.0, 80.0);
        assert_eq!(window.place, [NONE, 0, 1, 2, NONE]);
        // The first is out since 40 s, the second is on the middle link, the third comes at 85 s: too late.
        assert_eq!(window.vehicle_of, [1]);
        assert_eq!(window.trips[0].depart_s, 0.0);
        assert!(matches!(&window.trips[0].way, Way::Links(links) if links == &[1, 2]), "{:?}", window.trips[0].way);
        let passages = on(2, 75.0);
        let window = cut(&network, [150.0, -1.0, 350.0, 1.0], (3, passages), |v| v as u8, 55.0, 90.0);
        assert_eq!((window.trips[0].depart_s, window.trips[0].driver), (30.0, 2));
    }
}
