//! What is left between polygons that should cover the ground: the edges that no neighbour shares go around it.

use std::cmp::Ordering;

use rstar::{AABB, RTree};

use super::issue::{Issue, IssueKind};
use super::mosaic::mean_width;
use crate::geo::measure::{distance, distance_to_segment, ring_area, ring_centroid};
use crate::model::table::FeatureTable;

/// What counts as a gap between parcels.
#[derive(Debug, Clone, Copy)]
pub(super) struct GapLimits {
    /// Narrower on average is no gap but rounding.
    pub(super) tolerance_m: f64,
    pub(super) area_m2: f64,
    pub(super) width_m: f64,
}

/// Corners nearer than this are one: millimetres are counted.
const GRID_M: f64 = 1e-3;

type Node = [i64; 2];

/// An edge as its ring walks it, with the polygon on its left.
#[derive(Debug, Clone, Copy)]
struct Edge {
    from: Node,
    to: Node,
    row: usize,
}

/// Holes between the polygons that are too small for a yard or too narrow for a lane.
///
/// An edge of one polygon and the same edge of its neighbour, walked the other way, cancel. What remains walks around
/// the outside and around every hole, the ground that is nobody's on its right. An edge that passes by a corner of its
/// neighbour is first cut there.
pub(super) fn gaps(table: &FeatureTable, sound: &[bool], limits: GapLimits) -> Vec<Issue> {
    let edges = unshared(split(&unshared(all_edges(table, sound)), limits.tolerance_m / GRID_M));
    loops(&edges)
        .into_iter()
        .filter_map(|walk| {
            let ring: Vec<[f64; 2]> =
                walk.iter().chain(walk.first()).map(|&e| edges[e].from.map(|v| v as f64 * GRID_M)).collect();
            let area = ring_area(&ring);
            let (size, width) = (area.abs(), mean_width(area.abs(), &ring));
            let gap = area < 0.0 && width > limits.tolerance_m && (size <= limits.area_m2 || width <= limits.width_m);
            let row = walk.iter().map(|&e| edges[e].row).min()?;
            let issue = Issue::new(IssueKind::Gap, row, table.ids[row]).at(ring_centroid(&ring));
            gap.then_some(Issue { area_m2: Some(size), ..issue })
        })
        .collect()
}

fn all_edges(table: &FeatureTable, sound: &[bool]) -> Vec<Edge> {
    let mut edges = Vec::with_capacity(table.geometry.vertex_count());
    let node = |p: &[f64; 2]| p.map(|v| (v / GRID_M).round() as i64);
    for (row, shape) in table.geometry.iter().enumerate().filter(|(row, _)| sound[*row]) {
        for ring in shape.rings() {
            let nodes = ring.points().windows(2).map(|w| (node(&w[0]), node(&w[1])));
            edges.extend(nodes.filter(|(from, to)| from != to).map(|(from, to)| Edge { from, to, row }));
        }
    }
    edges
}

/// Without pairs of edges that go there and back; sorted by where they start.
fn unshared(mut edges: Vec<Edge>) -> Vec<Edge> {
    let ends = |e: &Edge| (e.from.min(e.to), e.from.max(e.to));
    edges.sort_unstable_by_key(|e| (ends(e), e.from, e.row));
    let mut left: Vec<Edge> = Vec::new();
    for same in edges.chunk_by(|a, b| ends(a) == ends(b)) {
        // Those that start at the smaller end come first.
        let forward = same.partition_point(|e| e.from < e.to);
        let pairs = forward.min(same.len() - forward);
        left.extend_from_slice(&same[pairs..forward]);
        left.extend_from_slice(&same[forward + pairs..]);
    }
    left.sort_unstable_by_key(|e| (e.from, e.to, e.row));
    left
}

/// Edges cut at the corners that lie on them, as far as `tolerance` grid steps beside them.
fn split(edges: &[Edge], tolerance: f64) -> Vec<Edge> {
    let plain = |node: Node| node.map(|v| v as f64);
    let mut corners: Vec<[f64; 2]> = edges.iter().map(|e| plain(e.from)).collect();
    // Sorted by where they start.
    corners.dedup();
    let tree = RTree::bulk_load(corners);
    let mut pieces = Vec::with_capacity(edges.len());
    for edge in edges {
        let (a, b) = (plain(edge.from), plain(edge.to));
        let low = [a[0].min(b[0]) - tolerance, a[1].min(b[1]) - tolerance];
        let high = [a[0].max(b[0]) + tolerance, a[1].max(b[1]) + tolerance];
        let along = |p: [f64; 2]| (p[0] - a[0]) * (b[0] - a[0]) + (p[1] - a[1]) * (b[1] - a[1]);
        let mut on: Vec<[f64; 2]> = tree
            .locate_in_envelope(&AABB::from_corners(low, high))
            .copied()
            .filter(|p| distance(*p, a) > tolerance && distance(*p, b) > tolerance)
            .filter(|p| distance_to_segment(*p, a, b) <= tolerance)
            .collect();
        on.sort_by(|p, q| along(*p).total_cmp(&along(*q)).then_with(|| p.partial_cmp(q).unwrap_or(Ordering::Equal)));
        let mut from = edge.from;
        for to in on.into_iter().map(|p| p.map(|v| v as i64)).chain([edge.to]) {
            pieces.push(Edge { from, to, row: edge.row });
            from = to;
        }
    }
    pieces
}

/// Walks along the edges with nobody's ground on the right, each edge once.
fn loops(edges: &[Edge]) -> Vec<Vec<usize>> {
    let mut used = vec![false; edges.len()];
    let mut found = Vec::new();
    for start in 0..edges.len() {
        let (mut walk, mut at) = (Vec::new(), start);
        while !used[at] {
            used[at] = true;
            walk.push(at);
            match onwards(edges, &used, at, start) {
                Some(next) if next != start => at = next,
                _ => break,
            }
        }
        if walk.len() > 2 {
            found.push(walk);
        }
    }
    found
}

/// The free edge at the end of `at` that is met first when turning left from where `at` came from.
fn onwards(edges: &[Edge], used: &[bool], at: usize, start: usize) -> Option<usize> {
    let Edge { from, to: here, .. } = edges[at];
    let back = angle(here, from);
    let first = edges.partition_point(|e| e.from < here);
    (first..edges.len())
        .take_while(|&i| edges[i].from == here)
        .filter(|&i| !used[i] || i == start)
        .map(|i| {
            let turn = (angle(here, edges[i].to) - back).rem_euclid(std::f64::consts::TAU);
            // Straight back, but for rounding.
            (if turn > std::f64::consts::TAU - 1e-6 { 0.0 } else { turn }, i)
        })
        .min_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal))
        .map(|(_, i)| i)
}

fn angle(from: Node, to: Node) -> f64 {
    ((to[1] - from[1]) as f64).atan2((to[0] - from[0]) as f64)
}
