//! What a microscopic simulation is made of: streets, drivers, trips with their ways.

use std::sync::Arc;

use super::driver::Driver;
use super::streets::{GivenWay, Streets};
use super::vehicle::NONE;
use crate::sim::traffic::meso::error::MesoError;
use crate::sim::traffic::meso::input::Roads;
use crate::sim::traffic::meso::route::{LinkTimes, Routes, Search};
use crate::sim::traffic::network::Network;

/// One vehicle's wish.
#[derive(Debug, Clone, PartialEq)]
pub struct MicroTrip {
    pub depart_s: f64,
    pub driver: u8,
    pub way: Way,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Way {
    /// Fastest on empty roads, from node to node, by index.
    Nodes { from: u32, to: u32 },
    /// These links, by index.
    Links(Vec<u32>),
}

/// Ready to be driven.
#[derive(Debug, Clone)]
pub struct Case {
    pub streets: Arc<Streets>,
    pub(super) roads: Roads,
    pub drivers: Vec<Driver>,
    pub trips: Vec<MicroTrip>,
    pub routes: Routes,
    /// Way of each trip.
    pub route_of: Vec<u32>,
}

impl Case {
    /// # Errors
    /// A link that cannot be, or a trip that cannot be made.
    pub fn new(
        network: &Network,
        given: Option<&[GivenWay]>,
        drivers: Vec<Driver>,
        trips: Vec<MicroTrip>,
    ) -> Result<Self, MesoError> {
        let mut roads = Roads::new(network)?;
        let streets = Streets::new(network, given);
        // Where no lane leads from one link into another, nobody goes.
        for junction in &streets.junctions {
            for from in &junction.incoming {
                let node = streets.streets[*from as usize].to;
                let none = |to: &&u32| !streets.leads(*from, **to);
                roads.bans.extend(roads.outgoing.of(node).iter().filter(none).map(|to| (*from, *to)));
            }
        }
        roads.bans.sort_unstable();
        roads.bans.dedup();
        let mut case =
            Self { streets: Arc::new(streets), roads, drivers, routes: Routes::new(), route_of: Vec::new(), trips };
        case.find_ways()?;
        Ok(case)
    }

    fn find_ways(&mut self) -> Result<(), MesoError> {
        let free = LinkTimes::free(&self.roads);
        let mut search = Search::new(&self.roads);
        let mut order: Vec<usize> = (0..self.trips.len()).collect();
        let ends = |t: &MicroTrip| match t.way {
            Way::Nodes { from, to } => (from, to),
            Way::Links(_) => (NONE, NONE),
        };
        order.sort_by_key(|i| (ends(&self.trips[*i]), *i));
        self.route_of = vec![0; self.trips.len()];
        let (mut searched, mut same) = (NONE, ((NONE, NONE), 0));
        for i in order {
            let row = i + 1;
            let bad = |what, value| Err(MesoError::BadTrip { row, what, value });
            let trip = &self.trips[i];
            if !(trip.depart_s >= 0.0 && trip.depart_s.is_finite()) {
                return bad("departure", trip.depart_s);
            }
            if usize::from(trip.driver) >= self.drivers.len() {
                return bad("class", f64::from(trip.driver));
            }
            let (from, to) = match &trip.way {
                Way::Nodes { from, to } => (*from, *to),
                Way::Links(links) => {
                    let apart = |w: &[u32]| !self.streets.leads(w[0], w[1]);
                    if let Some(pair) = links.windows(2).find(|w| apart(w)) {
                        let id = |l: u32| self.roads.link_ids[l as usize];
                        return Err(MesoError::Unconnected { row, from: id(pair[0]), to: id(pair[1]) });
                    }
                    if links.is_empty() {
                        return bad("way", 0.0);
                    }
                    self.route_of[i] = self.routes.push_backwards(links.iter().rev().copied());
                    continue;
                }
            };
            let nodes = self.roads.nodes as u32;
            if from >= nodes {
                return bad("origin", f64::from(from));
            }
            if to >= nodes {
                return bad("destination", f64::from(to));
            }
            if same.0 != (from, to) {
                if searched != from {
                    search.run(&self.roads, &free, from, None, 0.0, &|_| false);
                    searched = from;
                }
                if from == to || search.arrival_s(to).is_none() {
                    let id = |n: u32| self.roads.node_ids[n as usize];
                    return Err(MesoError::Unconnected { row, from: id(from), to: id(to) });
                }
                same = ((from, to), self.routes.push_backwards(search.backwards(to)));
            }
            self.route_of[i] = same.1;
        }
        Ok(())
    }

    /// Node where a trip ends.
    #[must_use]
    pub fn goal(&self, trip: u32) -> u32 {
        let last = self.routes.of(self.route_of[trip as usize]).last();
        last.map_or(NONE, |l| self.streets.streets[*l as usize].to)
    }
}
