//! Water mains under the streets with their valves, hydrants and meters.

use super::buildings::Building;
use super::parcels::Parcel;
use super::roads::{Class, Edge, Roads};
use super::source::round_mm;
use super::towns::District;
use crate::base::rng::KeyedRng;
use crate::geo::measure::{distance, length};

#[derive(Debug, Clone, PartialEq)]
pub struct Main {
    pub line: Vec<[f64; 2]>,
    pub diameter_mm: i64,
    pub material: &'static str,
    pub depth_m: f64,
    /// Road edge above, whose nodes are also the pipe's.
    pub edge: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Fitting {
    pub at: [f64; 2],
    pub diameter_mm: i64,
}

#[derive(Debug, Clone, Default)]
pub struct WaterSupply {
    pub mains: Vec<Main>,
    pub valves: Vec<Fitting>,
    pub hydrants: Vec<Fitting>,
    /// With the building that each one measures.
    pub meters: Vec<(Fitting, usize)>,
}

/// Pipes lie beside the centre line of the street, metres in both directions of the lattice.
const OFFSET_M: f64 = 2.2;

#[must_use]
pub fn lay(
    seed: u64,
    districts: &[District],
    roads: &Roads,
    parcels: &[Parcel],
    buildings: &[Building],
) -> WaterSupply {
    let rng = KeyedRng::new(seed, 800);
    let mut supply = WaterSupply::default();
    let mut since_hydrant = 0.0;
    for (index, edge) in roads.edges.iter().enumerate() {
        let line = pipe_line(districts, roads, edge, OFFSET_M);
        let key = index as u64;
        let diameter_mm = match edge.class {
            Class::Provincial => 400,
            Class::Main => 300,
            Class::Collector => 200,
            Class::Street => [110, 110, 90, 63][rng.below(1, key, 4) as usize],
        };
        let material = if diameter_mm >= 300 {
            "Gang dẻo"
        } else if rng.unit(2, key) < 0.72 {
            "HDPE"
        } else {
            "uPVC"
        };
        let depth_m = (rng.range(3, key, 0.7, 0.95) * 100.0 + diameter_mm as f64 / 10.0).round() / 100.0;
        let valve_share = if edge.class == Class::Street { 0.2 } else { 0.5 };
        if rng.unit(4, key) < valve_share {
            supply.valves.push(Fitting { at: along(&line, 6.0), diameter_mm });
        }
        since_hydrant += length(&line);
        let spacing = if edge.class == Class::Street { 260.0 } else { 150.0 };
        if edge.street.is_some() && since_hydrant > spacing {
            since_hydrant = 0.0;
            supply.hydrants.push(Fitting { at: along(&line, length(&line) / 2.0), diameter_mm: diameter_mm.min(150) });
        }
        supply.mains.push(Main { line, diameter_mm, material, depth_m, edge: index });
    }
    for (index, building) in buildings.iter().enumerate() {
        if building.residents > 0 && rng.unit(5, index as u64) < 0.2 {
            let parcel = &parcels[building.parcel];
            let lattice = &districts[parcel.district].lattice;
            let v = if parcel.fronts_low { parcel.lot.v0 + 0.3 } else { parcel.lot.v1 - 0.3 };
            let u = (parcel.lot.u1 - parcel.lot.u0).mul_add(0.2, parcel.lot.u0);
            supply.meters.push((Fitting { at: lattice.place([u, v]), diameter_mm: 15 }, index));
        }
    }
    supply
}

/// The road's line moved aside by `offset`, its ends where all pipes of that offset meet.
#[must_use]
pub fn pipe_line(districts: &[District], roads: &Roads, edge: &Edge, offset: f64) -> Vec<[f64; 2]> {
    if let Some(street) = edge.street {
        return street.line(&districts[street.district].lattice, offset);
    }
    let aside = 3.0 * offset;
    let mut line = edge.line.clone();
    for (i, w) in edge.line.windows(3).enumerate() {
        let length = distance(w[0], w[2]).max(0.1);
        line[i + 1] =
            round_mm([w[1][0] - aside * (w[2][1] - w[0][1]) / length, w[1][1] + aside * (w[2][0] - w[0][0]) / length]);
    }
    let meet = |node: usize| {
        roads.crossing.get(&node).map_or_else(
            || round_mm([roads.nodes[node][0] + offset, roads.nodes[node][1] + offset]),
            |(district, i, j)| {
                let lattice = &districts[*district].lattice;
                lattice.place([lattice.cross[*i].at + offset, lattice.along[*j].at + offset])
            },
        )
    };
    if let [first, .., last] = &mut line[..] {
        *first = meet(edge.from);
        *last = meet(edge.to);
    }
    line
}

/// The point `at` metres from the start of a line.
#[must_use]
pub fn along(line: &[[f64; 2]], at: f64) -> [f64; 2] {
    let mut left = at;
    for w in line.windows(2) {
        let piece = distance(w[0], w[1]);
        if left <= piece && piece > 0.0 {
            let t = left / piece;
            return round_mm([(w[1][0] - w[0][0]).mul_add(t, w[0][0]), (w[1][1] - w[0][1]).mul_add(t, w[0][1])]);
        }
        left -= piece;
    }
    line.last().copied().unwrap_or([0.0; 2])
}
