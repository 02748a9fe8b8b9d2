//! Roads that name the nodes at their ends: they meet where they say, and nowhere else.

use std::collections::BTreeMap;
use std::path::Path;

use super::error::{Fault, GivenError};
use super::feature::Road;
use super::network::{Given, Local};
use crate::geo::measure::length;
use crate::sim::traffic::network::{Control, Link, Network, Node};
use crate::sim::traffic::noding::Direction;

/// The network of roads all of which name both of their ends.
///
/// # Errors
/// Two links of one name.
pub fn network(roads: &[Road], local: Local, path: &Path) -> Result<Given, GivenError> {
    let mut given = Given {
        network: Network::default(),
        nodes: BTreeMap::new(),
        links: BTreeMap::new(),
        local,
        ways: None,
        notices: Vec::new(),
    };
    for road in roads {
        // Parts that do not touch are one road all the same: its ends are named.
        let mut line = road.parts.concat();
        line.dedup();
        let node = |given: &mut Given, name: &Option<String>, at: [f64; 2]| {
            let name = name.clone().unwrap_or_default();
            let next = given.network.nodes.len() as u32;
            let node = *given.nodes.entry(name).or_insert(next);
            if node == next {
                given.network.nodes.push(Node { id: u64::from(node), at, control: Control::Uncontrolled });
            }
            node
        };
        let from = node(&mut given, &road.ends[0], line[0]);
        let to = node(&mut given, &road.ends[1], line[line.len() - 1]);
        let back: Vec<[f64; 2]> = line.iter().rev().copied().collect();
        let (name, other) = (road.known_as(), format!("-{}", road.known_as()));
        match road.direction {
            Direction::Forward => add(&mut given, road, (from, to), line, (name, 0), path)?,
            Direction::Backward => add(&mut given, road, (to, from), back, (name, 1), path)?,
            Direction::Both => {
                add(&mut given, road, (from, to), line, (name, 0), path)?;
                add(&mut given, road, (to, from), back, (other, 1), path)?;
            }
        }
    }
    Ok(given)
}

fn add(
    given: &mut Given,
    road: &Road,
    (from, to): (u32, u32),
    line: Vec<[f64; 2]>,
    (name, side): (String, usize),
    path: &Path,
) -> Result<(), GivenError> {
    let index = given.network.links.len() as u32;
    given.network.links.push(Link {
        // By number and not by name: names need not be numbers, and those that are may be negative.
        id: u64::from(index),
        from,
        to,
        length_m: road.length_m.unwrap_or_else(|| length(&line)),
        free_speed_mps: road.speed_mps,
        lanes: road.sides[side].lanes,
        capacity_pcu_per_h: road.sides[side].capacity_pcu_per_h,
        class: road.class,
        feature: road.row as u64,
        name: name.clone(),
        line,
    });
    match given.links.insert(name.clone(), index) {
        None => Ok(()),
        Some(_) => Err(Fault::Twice { column: "id", id: name }.at(road.row, path)),
    }
}
