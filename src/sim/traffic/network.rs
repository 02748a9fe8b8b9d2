//! The road graph that all levels of the traffic model share.
//!
//! Nodes, links and zones keep stable ids: what was counted on a link before an edit can be compared with what is
//! counted on it after. Inside, they are addressed by their place in the arrays.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::road_class::RoadClass;

/// How a node decides who goes first.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub enum Control {
    /// Whoever comes first, right before left when nobody did.
    #[default]
    Uncontrolled,
    /// Links of the higher class go first ([`Link::priority`]).
    Priority,
    /// Who is inside goes first.
    Roundabout,
    Signal(SignalPlan),
}

/// A fixed-time plan; with `actuation`, greens end early or are prolonged by the traffic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignalPlan {
    /// When the first phase begins, seconds after the start of the clock.
    pub offset_s: f64,
    pub phases: Vec<Phase>,
    pub actuation: Option<Actuation>,
}

impl SignalPlan {
    #[must_use]
    pub fn cycle_s(&self) -> f64 {
        self.phases.iter().map(|p| p.green_s + p.clearance_s).sum()
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    pub green_s: f64,
    /// Yellow and all red after the green.
    pub clearance_s: f64,
    /// Ids of the incoming links that have green.
    pub links: Vec<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Actuation {
    pub min_green_s: f64,
    pub max_green_s: f64,
    /// The green ends when no vehicle came for so long.
    pub gap_s: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    pub id: u64,
    /// East and north in the site's system, metres; NaN where a file gives no coordinates.
    pub at: [f64; 2],
    pub control: Control,
}

/// One direction of a road between two nodes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    pub id: u64,
    /// Index of the node where it begins, and where it ends.
    pub from: u32,
    pub to: u32,
    pub length_m: f64,
    pub free_speed_mps: f64,
    pub lanes: u8,
    /// All lanes together, passenger-car units an hour.
    pub capacity_pcu_per_h: f64,
    pub class: RoadClass,
    /// Feature of the layer that this is a piece of; links of both directions have the same.
    pub feature: u64,
    pub name: String,
    /// From node to node, both included; empty where a file gives no coordinates.
    pub line: Vec<[f64; 2]>,
}

impl Link {
    #[must_use]
    pub fn free_time_s(&self) -> f64 {
        self.length_m / self.free_speed_mps
    }

    /// Smaller goes first at a node with [`Control::Priority`].
    #[must_use]
    pub fn priority(&self) -> u8 {
        self.class.rank()
    }

    /// The middle of the line, for saying where a link is.
    #[must_use]
    pub fn middle(&self) -> Option<[f64; 2]> {
        let half = self.length_along() / 2.0;
        let mut left = half;
        for pair in self.line.windows(2) {
            let [dx, dy] = [pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]];
            let piece = dx.hypot(dy);
            if piece >= left && piece > 0.0 {
                return Some([pair[0][0] + dx * left / piece, pair[0][1] + dy * left / piece]);
            }
            left -= piece;
        }
        self.line.last().copied()
    }

    fn length_along(&self) -> f64 {
        self.line.windows(2).map(|w| (w[1][0] - w[0][0]).hypot(w[1][1] - w[0][1])).sum()
    }
}

/// Where trips begin and end: a place on the map that is joined to some nodes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Zone {
    pub id: u64,
    pub name: String,
    pub at: [f64; 2],
    /// Nodes where its trips enter and leave the network, with the share of each; shares add up to 1.
    pub access: Vec<(u32, f64)>,
}

/// Going from one link into another that is not allowed; both by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TurnBan {
    pub from_link: u64,
    pub to_link: u64,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Network {
    pub nodes: Vec<Node>,
    pub links: Vec<Link>,
    pub zones: Vec<Zone>,
    pub turn_bans: Vec<TurnBan>,
}

/// Links by node: those of node `n` are `links[start[n]..start[n + 1]]`, in ascending order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Star {
    start: Vec<u32>,
    links: Vec<u32>,
}

impl Star {
    /// Groups links by the node that `node_of` each.
    #[must_use]
    pub fn group(nodes: usize, node_of: impl ExactSizeIterator<Item = u32> + Clone) -> Self {
        let mut start = vec![0_u32; nodes + 1];
        for node in node_of.clone() {
            start[node as usize + 1] += 1;
        }
        for n in 0..nodes {
            start[n + 1] += start[n];
        }
        let mut next = start.clone();
        let mut links = vec![0; node_of.len()];
        for (link, node) in (0_u32..).zip(node_of) {
            links[next[node as usize] as usize] = link;
            next[node as usize] += 1;
        }
        Self { start, links }
    }

    #[must_use]
    pub fn of(&self, node: u32) -> &[u32] {
        &self.links[self.start[node as usize] as usize..self.start[node as usize + 1] as usize]
    }
}

impl Network {
    /// Links that leave each node.
    #[must_use]
    pub fn outgoing(&self) -> Star {
        Star::group(self.nodes.len(), self.links.iter().map(|l| l.from))
    }

    /// Links that enter each node.
    #[must_use]
    pub fn incoming(&self) -> Star {
        Star::group(self.nodes.len(), self.links.iter().map(|l| l.to))
    }

    #[must_use]
    pub fn link_index(&self) -> BTreeMap<u64, u32> {
        self.links.iter().zip(0..).map(|(l, i)| (l.id, i)).collect()
    }

    #[must_use]
    pub fn node_index(&self) -> BTreeMap<u64, u32> {
        self.nodes.iter().zip(0..).map(|(n, i)| (n.id, i)).collect()
    }

    #[must_use]
    pub fn zone_index(&self) -> BTreeMap<u64, u32> {
        self.zones.iter().zip(0..).map(|(z, i)| (z.id, i)).collect()
    }

    /// The link of the other direction of the same road, if there is one.
    #[must_use]
    pub fn opposite(&self, outgoing: &Star, link: u32) -> Option<u32> {
        let this = &self.links[link as usize];
        outgoing.of(this.to).iter().copied().find(|other| {
            let other = &self.links[*other as usize];
            other.to == this.from && other.feature == this.feature
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(id: u64, from: u32, to: u32) -> Link {
        Link {
            id,
            from,
            to,
            length_m: 100.0,
            free_speed_mps: 10.0,
            lanes: 1,
            capacity_pcu_per_h: 900.0,
            class: RoadClass::Street,
            feature: 7,
            name: String::new(),
            line: vec![[0.0, 0.0], [60.0, 0.0], [60.0, 40.0]],
        }
    }

    #[test]
    fn links_are_found_by_node_and_by_direction() {
        let node = |id| Node { id, at: [0.0, 0.0], control: Control::default() };
        let network = Network {
            nodes: vec![node(10), node(20), node(30)],
            links: vec![link(1, 0, 1), link(2, 1, 0), link(3, 2, 1)],
            ..Network::default()
        };
        let outgoing = network.outgoing();
        assert_eq!((outgoing.of(0), outgoing.of(1), outgoing.of(2)), (&[0][..], &[1][..], &[2][..]));
        assert_eq!(network.incoming().of(1), [0, 2]);
        assert_eq!((network.opposite(&outgoing, 0), network.opposite(&outgoing, 2)), (Some(1), None));
        assert_eq!((network.link_index()[&3], network.node_index()[&30]), (2, 2));
        assert_eq!(network.links[0].middle(), Some([50.0, 0.0]));
        assert!((network.links[0].free_time_s() - 10.0).abs() < 1e-12);
    }
}
