//! Roads that are only drawn: cut where they cross, joined where they nearly meet.

use std::collections::BTreeMap;
use std::path::Path;

use super::error::{Fault, GivenError};
use super::feature::Road;
use super::network::{Given, Local};
use crate::geo::measure::length;
use crate::sim::traffic::control::nearest_where;
use crate::sim::traffic::noding::{Direction, Noding, NodingOptions, RoadLine};

/// The network of drawn roads. A road that is cut gives the links `name.1`, `name.2` … in its order; one that is not,
/// `name`; those of the other direction have a minus in front.
///
/// # Errors
/// Two roads of one name; lines so short that none is left.
pub fn network(roads: &[Road], local: Local, options: NodingOptions, path: &Path) -> Result<Given, GivenError> {
    let mut lines = Vec::new();
    // Of each line: its road, and by how much the road is longer than it is drawn.
    let mut of: Vec<(usize, f64)> = Vec::new();
    for (r, road) in roads.iter().enumerate() {
        let parts = joined(&road.parts);
        let drawn: f64 = parts.iter().map(|p| length(p)).sum();
        for line in parts {
            of.push((r, road.length_m.map_or(1.0, |said| said / drawn)));
            lines.push(RoadLine {
                feature: lines.len() as u64,
                line,
                class: road.class,
                name: String::new(),
                lanes: road.sides[0].lanes,
                speed_mps: road.speed_mps,
                capacity_pcu_per_h: road.sides[0].capacity_pcu_per_h,
                direction: road.direction,
                level: road.level,
                roundabout: road.roundabout,
                signals: Vec::new(),
            });
        }
    }
    let mut network = Noding::of(lines, options).network();
    if network.links.is_empty() {
        return Err(GivenError::NoLinks { path: path.to_owned() });
    }
    // By road and direction.
    let mut pieces: BTreeMap<(usize, usize), Vec<u32>> = BTreeMap::new();
    for (index, link) in (0_u32..).zip(&mut network.links) {
        let (r, stretch) = of[link.feature as usize];
        let road = &roads[r];
        // Of a road with both directions they come in turn.
        let found = |side: usize| pieces.get(&(r, side)).map_or(0, Vec::len);
        let turned = match road.direction {
            Direction::Both => found(0) > found(1),
            other => other == Direction::Backward,
        };
        let side = usize::from(turned);
        pieces.entry((r, side)).or_default().push(index);
        link.id = u64::from(index);
        link.feature = road.row as u64;
        link.length_m *= stretch;
        (link.lanes, link.capacity_pcu_per_h) = (road.sides[side].lanes, road.sides[side].capacity_pcu_per_h);
    }
    let mut links = BTreeMap::new();
    for ((r, side), pieces) in &pieces {
        let road = &roads[*r];
        let minus = if *side == 1 && road.direction == Direction::Both { "-" } else { "" };
        let whole = format!("{minus}{}", road.known_as());
        for (k, link) in (1..).zip(pieces) {
            let name = if pieces.len() == 1 { whole.clone() } else { format!("{whole}.{k}") };
            network.links[*link as usize].name.clone_from(&name);
            if links.insert(name.clone(), *link).is_some() {
                return Err(Fault::Twice { column: "id", id: name }.at(road.row, path));
            }
        }
    }
    let mut nodes: BTreeMap<String, u32> = (0..network.nodes.len() as u32).map(|n| (n.to_string(), n)).collect();
    for (n, node) in (0..).zip(&mut network.nodes) {
        node.id = n;
    }
    for road in roads {
        let (first, last) = (road.parts.first(), road.parts.last());
        let places = [first.and_then(|p| p.first()), last.and_then(|p| p.last())];
        for (name, at) in road.ends.iter().zip(places) {
            if let (Some(name), Some(at)) = (name, at)
                && let Some((node, _)) = nearest_where(&network, *at, |_| true)
            {
                nodes.insert(name.clone(), node);
            }
        }
    }
    Ok(Given { network, nodes, links, local, ways: None, notices: Vec::new() })
}

/// Parts that touch as one line.
fn joined(parts: &[Vec<[f64; 2]>]) -> Vec<Vec<[f64; 2]>> {
    let mut lines: Vec<Vec<[f64; 2]>> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if line.last() == part.first() => line.extend_from_slice(&part[1..]),
            _ => lines.push(part.clone()),
        }
    }
    lines
}
