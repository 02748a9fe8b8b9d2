//! Who goes first at the junctions of a drawn network: signals and rings as the map has them, priority by class
//! everywhere else.

use std::collections::BTreeSet;

use super::network::{Actuation, Control, Network, Node, Phase, SignalPlan};
use super::noding::RoadLine;
use crate::geo::measure::distance;

/// What is assumed of a signal of which a map says only that it is there.
pub const CYCLE_S: f64 = 90.0;
pub const CLEARANCE_S: f64 = 4.0;
/// A signal's sign stands so near to the junction that it belongs to: maps put it at the stop line, too.
pub const SIGNAL_REACH_M: f64 = 30.0;

/// Sets the control of all nodes anew.
pub fn set_controls(network: &mut Network, lines: &[RoadLine]) {
    network.nodes.iter_mut().for_each(|n| n.control = Control::Uncontrolled);
    give_priority(network);
    let rings: BTreeSet<u64> = lines.iter().filter(|l| l.roundabout && !l.line.is_empty()).map(|l| l.feature).collect();
    for l in 0..network.links.len() {
        let link = &network.links[l];
        if rings.contains(&link.feature) {
            for node in [link.from, link.to] {
                network.nodes[node as usize].control = Control::Roundabout;
            }
        }
    }
    let signals: Vec<[f64; 2]> =
        lines.iter().filter(|l| !l.line.is_empty()).flat_map(|l| &l.signals).copied().collect();
    if signals.is_empty() {
        return;
    }
    let meets = junctions(network);
    for at in signals {
        if let Some(node) = nearest_where(network, at, |n| meets[n]).filter(|n| n.1 <= SIGNAL_REACH_M) {
            network.nodes[node.0 as usize].control = two_phases(network, node.0, CYCLE_S, 0.0, false);
        }
    }
}

/// Of every node: whether roads to three or more others meet there.
#[must_use]
pub fn junctions(network: &Network) -> Vec<bool> {
    let mut beside: Vec<BTreeSet<u32>> = vec![BTreeSet::new(); network.nodes.len()];
    for link in &network.links {
        beside[link.from as usize].insert(link.to);
        beside[link.to as usize].insert(link.from);
    }
    beside.iter().map(|b| b.len() > 2).collect()
}

/// The nearest to a place of the nodes that count, and how far it is.
#[must_use]
pub fn nearest_where(network: &Network, at: [f64; 2], counts: impl Fn(usize) -> bool) -> Option<(u32, f64)> {
    let away = |n: &Node| distance(n.at, at);
    let all = network.nodes.iter().enumerate().filter(|(n, _)| counts(*n));
    all.map(|(i, n)| (i as u32, away(n))).min_by(|a, b| a.1.total_cmp(&b.1))
}

/// Minor roads give way where classes meet.
fn give_priority(network: &mut Network) {
    let incoming = network.incoming();
    for n in 0..network.nodes.len() {
        let mut ranks = incoming.of(n as u32).iter().map(|l| network.links[*l as usize].priority());
        let first = ranks.next();
        if first.is_some_and(|first| ranks.any(|r| r != first)) && incoming.of(n as u32).len() > 2 {
            network.nodes[n].control = Control::Priority;
        }
    }
}

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
