//! Everybody leaves a place by given exits: each by the one that is reached soonest, as drivers learn it.

use super::error::MesoError;
use crate::sim::traffic::network::{Control, Link, Network, Node};
use crate::sim::traffic::road_class::RoadClass;

/// Short and wide: an exit holds up nobody.
const LENGTH_M: f64 = 20.0;
const SPEED_MPS: f64 = 20.0;
const LANES: u8 = 16;
const CAPACITY_PCU_H: f64 = 40_000.0;

/// Adds a node behind all exits and gives it: trips that end there may take any of them.
///
/// # Errors
/// [`MesoError::NoExit`] without exits, or for one that is not in the network.
pub fn join_exits(network: &mut Network, exits: &[u32]) -> Result<u32, MesoError> {
    let outside = network.nodes.len() as u32;
    if exits.is_empty() {
        return Err(MesoError::NoExit { node: 0 });
    }
    if let Some(exit) = exits.iter().find(|e| **e >= outside) {
        return Err(MesoError::NoExit { node: u64::from(*exit) });
    }
    let next_id = |ids: &mut dyn Iterator<Item = u64>| ids.max().map_or(0, |id| id + 1);
    let id = next_id(&mut network.nodes.iter().map(|n| n.id));
    let first = next_id(&mut network.links.iter().map(|l| l.id));
    network.nodes.push(Node { id, at: [f64::NAN; 2], control: Control::Uncontrolled });
    for (id, from) in (first..).zip(exits) {
        network.links.push(Link {
            id,
            from: *from,
            to: outside,
            length_m: LENGTH_M,
            free_speed_mps: SPEED_MPS,
            lanes: LANES,
            capacity_pcu_per_h: CAPACITY_PCU_H,
            class: RoadClass::Connector,
            feature: id,
            name: String::new(),
            line: Vec::new(),
        });
    }
    Ok(outside)
}
