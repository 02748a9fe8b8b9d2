//! A network with the names that its file uses.

use std::collections::BTreeMap;

use crate::sim::traffic::micro::streets::GivenWay;
use crate::sim::traffic::network::{Actuation, Control, Network, Phase, SignalPlan};

/// Degrees into metres around a place, and back: what a town needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Local {
    /// Longitude and latitude of the origin; `None` when coordinates are metres already.
    pub origin: Option<[f64; 2]>,
}

/// Mean radius of the Earth (IUGG).
const EARTH_M: f64 = 6_371_008.8;

impl Local {
    #[must_use]
    pub fn metres(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let Some([lon, lat]) = self.origin else { return [x, y] };
        let east = (x - lon).to_radians() * lat.to_radians().cos() * EARTH_M;
        [east, (y - lat).to_radians() * EARTH_M]
    }
}

#[derive(Debug, Clone)]
pub struct Given {
    pub network: Network,
    /// Names of nodes and links, and where each stands in the network.
    pub nodes: BTreeMap<String, u32>,
    pub links: BTreeMap<String, u32>,
    pub local: Local,
    /// From lane to lane, where the file says so.
    pub ways: Option<Vec<GivenWay>>,
}

/// What is assumed of a signal of which a file says only that it is there.
pub const CYCLE_S: f64 = 90.0;
pub const CLEARANCE_S: f64 = 4.0;

/// A plan for a node by the directions from which its links come: crossing directions have green in turn.
#[must_use]
pub fn two_phases(network: &Network, node: u32, cycle_s: f64, offset_s: f64, actuated: bool) -> Control {
    let mut groups: [Vec<u64>; 2] = [Vec::new(), Vec::new()];
    let mut axis = None;
    for link in network.links.iter().filter(|l| l.to == node) {
        let from = network.nodes[link.from as usize].at;
        let to = network.nodes[link.to as usize].at;
        let [a, b] = match link.line.len() {
            0 | 1 => [from, to],
            n => [link.line[n - 2], link.line[n - 1]],
        };
        let angle = (b[1] - a[1]).atan2(b[0] - a[0]);
        let first = *axis.get_or_insert(angle);
        // Along the first link's axis, in either direction, or across it.
        let across = (angle - first).sin().abs() > std::f64::consts::FRAC_1_SQRT_2;
        groups[usize::from(across)].push(link.id);
    }
    let used: Vec<Vec<u64>> = groups.into_iter().filter(|g| !g.is_empty()).collect();
    let green_s = (cycle_s / used.len().max(1) as f64 - CLEARANCE_S).max(5.0);
    let phases = used.into_iter().map(|links| Phase { green_s, clearance_s: CLEARANCE_S, links }).collect();
    let actuation = actuated.then_some(Actuation { min_green_s: 6.0, max_green_s: 1.5 * green_s, gap_s: 3.0 });
    Control::Signal(SignalPlan { offset_s, phases, actuation })
}
