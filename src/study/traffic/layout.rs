//! Roads and zones laid out: the network of the lines, the zones' ways into it, and the graph of both.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::case::TrafficCase;
use super::zones::{StudyZone, access};
use crate::base::message::Message;
use crate::geo::measure::distance;
use crate::sim::traffic::assign::link_cost::LinkCost;
use crate::sim::traffic::assign::problem::CostGraph;
use crate::sim::traffic::audit::{audit, parts};
use crate::sim::traffic::demand::day::Activity;
use crate::sim::traffic::network::Zone;
use crate::sim::traffic::road_class::RoadClass;

impl TrafficCase {
    /// The graph of the lines as they are now, with the zones tied to it.
    pub(super) fn lay_out(&mut self) {
        self.network = self.noding.network();
        self.findings = audit(&self.network);
        self.tie_zones(&BTreeMap::new());
    }

    /// The roads of an earlier case with the same junctions and links, some of them upgraded since. False when they have
    /// to be laid out anew.
    pub(super) fn lay_out_as(&mut self, earlier: &Self) -> bool {
        let mut network = earlier.network.clone();
        if !self.noding.refresh(&mut network) {
            return false;
        }
        (self.network, self.findings) = (network, earlier.findings.clone());
        // A zone that stays where it was keeps its ways.
        let placed = earlier.zones.iter().zip(&earlier.network.zones);
        self.tie_zones(&placed.map(|(z, tied)| (z.id, (z.at, tied.access.as_slice()))).collect());
        true
    }

    /// The zones' ways into the network, and the graph of both. `known` are places of zones and their ways, by id.
    fn tie_zones(&mut self, known: &BTreeMap<u64, ([f64; 2], &[(u32, f64)])>) {
        let parts = parts(&self.network);
        self.notices.clear();
        let tie = |z: &StudyZone| match known.get(&z.id) {
            Some((at, ways)) if *at == z.at => {
                let far = |node: u32| distance(self.network.nodes[node as usize].at, z.at);
                ways.iter().map(|way| (way.0, far(way.0))).collect()
            }
            _ => access(&self.network, z.at, |n| parts[n] == 0),
        };
        let ties: Vec<Vec<(u32, f64)>> = self.zones.par_iter().map(tie).collect();
        let mut at_sea: Vec<usize> = Vec::new();
        for (z, tie) in ties.iter().enumerate() {
            if tie.is_empty() {
                at_sea.push(z);
            }
        }
        for z in at_sea {
            let zone = &mut self.zones[z];
            let persons = zone.activity.residents + zone.activity.visitors;
            self.notices.push(
                Message::new("traffic-zone-at-sea")
                    .with("persons", persons.round())
                    .with("east", zone.at[0].round())
                    .with("north", zone.at[1].round()),
            );
            zone.activity = Activity::default();
        }
        self.network.zones = self
            .zones
            .iter()
            .zip(&ties)
            .map(|(z, tie)| Zone {
                id: z.id,
                name: z.name.clone(),
                at: z.at,
                access: tie.iter().map(|t| (t.0, 1.0 / tie.len() as f64)).collect(),
            })
            .collect();
        self.graph = self.cost_graph(&ties);
    }

    /// Links of the network first, in its order; then two for every way into a zone. Zone `z` is node `nodes + z`.
    fn cost_graph(&self, ties: &[Vec<(u32, f64)>]) -> CostGraph {
        let nodes = self.network.nodes.len();
        let table = &self.tables.roads;
        let (mut from, mut to, mut cost) = (Vec::new(), Vec::new(), Vec::new());
        for link in &self.network.links {
            let class = table.class(link.class);
            from.push(link.from);
            to.push(link.to);
            cost.push(LinkCost::bpr(link.free_time_s(), class.b, class.power, link.capacity_pcu_per_h));
        }
        let speed = table.class(RoadClass::Connector).speed_kmh / 3.6;
        for (z, tie) in ties.iter().enumerate() {
            let zone = (nodes + z) as u32;
            for (node, far) in tie {
                for (a, b) in [(zone, *node), (*node, zone)] {
                    from.push(a);
                    to.push(b);
                    cost.push(LinkCost::bpr(far / speed + 10.0, 0.0, 0.0, 1.0));
                }
            }
        }
        let all = nodes + ties.len();
        let closed = (0..all).map(|n| n >= nodes).collect();
        CostGraph::new(all, from, to, cost, closed)
    }
}
