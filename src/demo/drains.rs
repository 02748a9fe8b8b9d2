//! Storm and waste water: a tree of pipes under the streets of each district, falling to outfalls.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::pipes::pipe_line;
use super::regions::thin;
use super::roads::Roads;
use super::source::round_mm;
use super::terrain::Ground;
use super::towns::District;
use crate::geo::measure::{distance, length};

#[derive(Debug, Clone, PartialEq)]
pub struct Drain {
    /// From the upper to the lower end.
    pub line: Vec<[f64; 2]>,
    pub diameter_mm: i64,
    /// Of the pipe's middle below the ground, metres.
    pub depth_m: f64,
    pub outfall: bool,
}

#[derive(Debug, Clone, Default)]
pub struct Drainage {
    pub drains: Vec<Drain>,
    /// Place, depth in metres, and whether it is an outfall.
    pub manholes: Vec<([f64; 2], f64, bool)>,
}

const OFFSET_M: f64 = -2.2;
/// Least fall of a pipe.
const FALL: f64 = 0.002;

#[must_use]
pub fn lay(districts: &[District], roads: &Roads, ground: &Ground) -> Drainage {
    let mut drainage = Drainage::default();
    for number in 0..districts.len() {
        district(number, districts, roads, ground, &mut drainage);
    }
    drainage
}

fn district(number: usize, districts: &[District], roads: &Roads, ground: &Ground, out: &mut Drainage) {
    let edges: Vec<usize> =
        (0..roads.edges.len()).filter(|e| roads.edges[*e].street.is_some_and(|s| s.district == number)).collect();
    let mut beside: Vec<Vec<usize>> = vec![Vec::new(); roads.nodes.len()];
    for &e in &edges {
        beside[roads.edges[e].from].push(e);
        beside[roads.edges[e].to].push(e);
    }
    let mut nodes: Vec<usize> = (0..roads.nodes.len()).filter(|n| !beside[*n].is_empty()).collect();
    let level = |n: usize| f64::from(ground.height.bilinear(roads.nodes[n]));
    nodes.sort_by(|a, b| level(*a).total_cmp(&level(*b)));
    let mut outfalls: Vec<usize> = Vec::new();
    for &n in &nodes {
        if outfalls.len() < 1 + nodes.len() / 160
            && outfalls.iter().all(|o| distance(roads.nodes[*o], roads.nodes[n]) > 700.0)
        {
            outfalls.push(n);
        }
    }
    // Each node drains along the cheapest way to an outfall; climbing costs.
    let mut cost = vec![f64::INFINITY; roads.nodes.len()];
    let mut way = vec![None; roads.nodes.len()];
    let mut order = Vec::new();
    let mut queue = BinaryHeap::new();
    for &o in &outfalls {
        cost[o] = 0.0;
        queue.push(Reverse((0_u64, o)));
    }
    let mut done = vec![false; roads.nodes.len()];
    while let Some(Reverse((_, n))) = queue.pop() {
        if std::mem::replace(&mut done[n], true) {
            continue;
        }
        order.push(n);
        for &e in &beside[n] {
            let edge = &roads.edges[e];
            let upper = if edge.from == n { edge.to } else { edge.from };
            let climb = (level(n) - level(upper)).max(0.0);
            let total = cost[n] + length(&edge.line) + 60.0 * climb;
            if total < cost[upper] {
                cost[upper] = total;
                way[upper] = Some(e);
                queue.push(Reverse((total.to_bits(), upper)));
            }
        }
    }
    let mut drained = vec![1_u32; roads.nodes.len()];
    for &n in order.iter().rev() {
        if let Some(e) = way[n] {
            drained[lower_end(roads, e, n)] += drained[n];
        }
    }
    // Inverts, from the outfalls upwards.
    let mut invert = vec![0.0; roads.nodes.len()];
    for &n in &order {
        invert[n] = match way[n] {
            None => level(n) - 1.6,
            Some(e) => {
                let below = lower_end(roads, e, n);
                (level(n) - 1.2).max(invert[below] + FALL * length(&roads.edges[e].line)).min(level(n) - 0.6)
            }
        };
        let depth = ((level(n) - invert[n]) * 100.0).round() / 100.0;
        let lattice = &districts[number].lattice;
        let Some((_, i, j)) = roads.crossing.get(&n) else { continue };
        let at = lattice.place([lattice.cross[*i].at + OFFSET_M, lattice.along[*j].at + OFFSET_M]);
        let diameter_mm = size(drained[n]);
        out.manholes.push((at, depth, way[n].is_none()));
        if let Some(e) = way[n] {
            let mut line = pipe_line(districts, roads, &roads.edges[e], OFFSET_M);
            if roads.edges[e].from != n {
                line.reverse();
            }
            let below = lower_end(roads, e, n);
            let middle = f64::midpoint(depth, level(below) - invert[below]);
            out.drains.push(Drain { line, diameter_mm, depth_m: (middle * 100.0).round() / 100.0, outfall: false });
        } else {
            let line = to_open_water(ground, at);
            if line.len() > 1 {
                out.drains.push(Drain { line, diameter_mm, depth_m: 1.4, outfall: true });
            }
        }
    }
}

fn lower_end(roads: &Roads, edge: usize, upper: usize) -> usize {
    let e = &roads.edges[edge];
    if e.from == upper { e.to } else { e.from }
}

/// Pipe diameter for so many drained crossings.
fn size(drained: u32) -> i64 {
    match drained {
        0..=3 => 400,
        4..=10 => 600,
        11..=30 => 800,
        31..=80 => 1000,
        81..=180 => 1200,
        _ => 1500,
    }
}

/// Down the valley to a stream or the sea.
fn to_open_water(ground: &Ground, from: [f64; 2]) -> Vec<[f64; 2]> {
    const STREAM_M2: f64 = 2.0e6;
    let spec = &ground.height.spec;
    let Some((c, r)) = spec.cell_at(from) else { return Vec::new() };
    let mut cell = r * spec.cols + c;
    let mut line = vec![from];
    while ground.land.cells[cell] && ground.flow.area_m2[cell] < STREAM_M2 {
        cell = ground.flow.receiver[cell] as usize;
        line.push(round_mm(spec.centre(cell % spec.cols, cell / spec.cols)));
    }
    thin(&line, 12.0)
}
