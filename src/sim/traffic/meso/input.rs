//! What a day is loaded with: roads as diagrams, kinds of vehicles, trips, and what happens on the way.

use super::diagram::Diagram;
use super::error::MesoError;
use super::route::NONE;
use super::signal::Greens;
use crate::sim::traffic::network::{Control, Network, Star};
use crate::sim::traffic::road_table::{RoadTable, Vehicle};

/// A kind of vehicle.
#[derive(Debug, Clone, PartialEq)]
pub struct VehicleClass {
    pub name: String,
    /// Passenger-car units of one vehicle.
    pub pcu: f64,
    pub max_speed_mps: f64,
    /// Filters forward between the others: it waits only for its own kind at the end of a link.
    pub passes_queues: bool,
}

impl VehicleClass {
    #[must_use]
    pub fn car() -> Self {
        Self { name: "car".to_owned(), pcu: 1.0, max_speed_mps: 40.0, passes_queues: false }
    }

    /// 0.29 PCU: measured in Hanoi, 2012.
    #[must_use]
    pub fn motorbike() -> Self {
        Self { name: "motorbike".to_owned(), pcu: 0.29, max_speed_mps: 16.7, passes_queues: true }
    }

    #[must_use]
    pub fn truck() -> Self {
        Self { name: "truck".to_owned(), pcu: 2.5, max_speed_mps: 25.0, passes_queues: false }
    }

    /// By the numbers that `sim::traffic::given::trips` gives the kinds: car, motorbike, truck.
    #[must_use]
    pub fn by_kind() -> [Self; 3] {
        [Self::car(), Self::motorbike(), Self::truck()]
    }
}

impl VehicleClass {
    /// As [`Self::by_kind`], of the sizes that a table of roads and vehicles says.
    #[must_use]
    pub fn by_kind_of(table: &RoadTable) -> [Self; 3] {
        let [car, motorbike, truck] = Self::by_kind();
        let sized = |class: Self, vehicle| Self { pcu: table.pcu(vehicle), ..class };
        [sized(car, Vehicle::Car), sized(motorbike, Vehicle::Motorbike), sized(truck, Vehicle::Truck)]
    }
}

/// One vehicle's wish.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trip {
    pub depart_s: f64,
    /// Nodes, by index.
    pub from: u32,
    pub to: u32,
    /// Index of a [`VehicleClass`].
    pub class: u8,
}

/// Roadworks, an accident, a fire: what is left of a link's capacity for a time. At 0 the link is closed: nobody
/// enters it any more, who is on it drives out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Restriction {
    pub link: u32,
    pub from_s: f64,
    pub until_s: f64,
    pub capacity_left: f64,
}

/// Roads, as a day's loading sees them.
#[derive(Debug, Clone)]
pub struct Roads {
    pub nodes: usize,
    pub from: Vec<u32>,
    pub to: Vec<u32>,
    pub diagrams: Vec<Diagram>,
    /// Share in a merge, relative to the other links that enter the same node; capacity unless said otherwise
    /// (Ni & Leonard 2005, "A simplified kinematic wave model at a merge bottleneck").
    pub merge_weight: Vec<f64>,
    /// When the ends of links have green, and by link which of these is its own; [`NONE`] without a signal.
    pub greens: Vec<Greens>,
    pub green_of: Vec<u32>,
    pub incoming: Star,
    pub outgoing: Star,
    /// Pairs of links, sorted: going from the first into the second is not allowed.
    pub bans: Vec<(u32, u32)>,
    /// For messages: ids of links and nodes as the user knows them.
    pub link_ids: Vec<u64>,
    pub node_ids: Vec<u64>,
}

/// Vehicles a metre of one lane in a standing queue: cars of 4.5 m and 2 m between them; assumed.
pub const JAM_PCU_PER_M_LANE: f64 = 1.0 / 6.5;
/// Who comes from a side road gets one place in so many at a merge; assumed.
const MINOR_SHARE: f64 = 0.25;
/// Who enters a full ring gets one place in so many: nearly none, since who is inside goes first; assumed.
const ENTERING_SHARE: f64 = 0.1;

impl Roads {
    /// # Errors
    /// [`MesoError::NoLinks`], or the link that cannot be.
    pub fn new(network: &Network) -> Result<Self, MesoError> {
        if network.links.is_empty() {
            return Err(MesoError::NoLinks);
        }
        let bad = |link: u64, what, value: f64| Err(MesoError::BadLink { link, what, value });
        for link in &network.links {
            let positive = |value: f64| value > 0.0 && value.is_finite();
            if !positive(link.length_m) {
                return bad(link.id, "length", link.length_m);
            }
            if !positive(link.free_speed_mps) {
                return bad(link.id, "speed", link.free_speed_mps);
            }
            if !positive(link.capacity_pcu_per_h) {
                return bad(link.id, "capacity", link.capacity_pcu_per_h);
            }
            if link.lanes == 0 {
                return bad(link.id, "lanes", 0.0);
            }
        }
        let diagrams: Vec<Diagram> = network
            .links
            .iter()
            .map(|l| {
                let jam = JAM_PCU_PER_M_LANE * f64::from(l.lanes);
                Diagram::new(l.length_m, l.free_speed_mps, l.capacity_pcu_per_h / 3600.0, jam)
            })
            .collect();
        let index = network.link_index();
        let mut bans: Vec<(u32, u32)> = network
            .turn_bans
            .iter()
            .filter_map(|b| Some((*index.get(&b.from_link)?, *index.get(&b.to_link)?)))
            .collect();
        bans.sort_unstable();
        let incoming = network.incoming();
        let mut merge_weight: Vec<f64> = diagrams.iter().map(|d| d.capacity_pcu_per_s).collect();
        let mut greens = Vec::new();
        let mut green_of = vec![NONE; network.links.len()];
        for (n, node) in (0..).zip(&network.nodes) {
            let into = incoming.of(n);
            match &node.control {
                Control::Priority => {
                    let first = into.iter().map(|l| network.links[*l as usize].priority()).min();
                    for l in into {
                        if Some(network.links[*l as usize].priority()) != first {
                            merge_weight[*l as usize] *= MINOR_SHARE;
                        }
                    }
                }
                Control::Signal(plan) => {
                    for l in into {
                        green_of[*l as usize] = greens.len() as u32;
                        greens.push(Greens::of(plan, network.links[*l as usize].id));
                    }
                }
                Control::Roundabout => {
                    // Who is in the ring goes first; a point alone has no ring.
                    let round = |n: u32| network.nodes[n as usize].control == Control::Roundabout;
                    let circulates = |l: u32| round(network.links[l as usize].from);
                    if into.iter().any(|l| circulates(*l)) {
                        for l in into.iter().filter(|l| !circulates(**l)) {
                            merge_weight[*l as usize] *= ENTERING_SHARE;
                        }
                    }
                }
                Control::Uncontrolled => {}
            }
        }
        Ok(Self {
            nodes: network.nodes.len(),
            from: network.links.iter().map(|l| l.from).collect(),
            to: network.links.iter().map(|l| l.to).collect(),
            diagrams,
            merge_weight,
            greens,
            green_of,
            outgoing: network.outgoing(),
            incoming,
            bans,
            link_ids: network.links.iter().map(|l| l.id).collect(),
            node_ids: network.nodes.iter().map(|n| n.id).collect(),
        })
    }

    #[must_use]
    pub fn links(&self) -> usize {
        self.from.len()
    }

    #[must_use]
    pub fn allows(&self, from: u32, to: u32) -> bool {
        self.bans.is_empty() || self.bans.binary_search(&(from, to)).is_err()
    }

    /// The first moment not before `t` at which vehicles may leave a link (or a place of origin, which has no signal).
    #[must_use]
    pub fn next_green(&self, link: u32, t: f64) -> f64 {
        if self.greens.is_empty() {
            return t;
        }
        let own = self.green_of.get(link as usize).and_then(|g| self.greens.get(*g as usize));
        own.map_or(t, |greens| greens.next(t))
    }

    /// # Errors
    /// The first trip that cannot be made, with its row (from 1).
    pub fn check(&self, trips: &[Trip], classes: &[VehicleClass]) -> Result<(), MesoError> {
        for (row, trip) in (1..).zip(trips) {
            let bad = |what, value| Err(MesoError::BadTrip { row, what, value });
            if !(trip.depart_s >= 0.0 && trip.depart_s.is_finite()) {
                return bad("departure", trip.depart_s);
            }
            if trip.from as usize >= self.nodes {
                return bad("origin", f64::from(trip.from));
            }
            if trip.to as usize >= self.nodes {
                return bad("destination", f64::from(trip.to));
            }
            if usize::from(trip.class) >= classes.len() {
                return bad("class", f64::from(trip.class));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::traffic::network::{Link, Node};
    use crate::sim::traffic::road_class::RoadClass;

    #[test]
    fn vehicles_are_as_large_as_the_table_says() {
        let table = include_str!("../../../../assets/traffic/roads.ron");
        let shipped = RoadTable::parse(table).unwrap();
        let larger = RoadTable::parse(&table.replace("vehicle: Motorbike, pcu: 0.29", "vehicle: Motorbike, pcu: 0.5"));
        let pcu = |table: &RoadTable| VehicleClass::by_kind_of(table).map(|c| c.pcu);
        assert_eq!((pcu(&shipped)[1], pcu(&larger.unwrap())[1]), (0.29, 0.5));
        assert!(VehicleClass::by_kind_of(&shipped)[1].passes_queues);
    }

    /// A ring of two nodes with a road into one of them: who is in the ring goes first.
    #[test]
    fn who_is_in_the_ring_goes_first() {
        let link = |id: u64, from, to| Link {
            id,
            from,
            to,
            length_m: 50.0,
            free_speed_mps: 10.0,
            lanes: 1,
            capacity_pcu_per_h: 1800.0,
            class: RoadClass::Street,
            feature: id,
            name: String::new(),
            line: Vec::new(),
        };
        let node = |id, control| Node { id, at: [0.0; 2], control };
        let mut network = Network {
            nodes: vec![node(0, Control::Roundabout), node(1, Control::Roundabout), node(2, Control::Uncontrolled)],
            links: vec![link(0, 0, 1), link(1, 1, 0), link(2, 2, 0)],
            ..Network::default()
        };
        let weights = Roads::new(&network).unwrap().merge_weight;
        assert!(weights[2] <= 0.1 * weights[1] && weights[0] == weights[1], "{weights:?}");
        // A painted point alone has no ring: who comes first.
        network.nodes[1].control = Control::Uncontrolled;
        let weights = Roads::new(&network).unwrap().merge_weight;
        assert_eq!(weights[2], weights[1]);
    }
}
