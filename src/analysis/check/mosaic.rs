//! Polygons that should cover the ground once: where two lie on the same.

use geo::BooleanOps;
use rayon::prelude::*;

use super::issue::{Issue, IssueKind};
use crate::geo::index::FeatureIndex;
use crate::geo::measure::{area, contains, distance_to_chain, length, ring_area, ring_centroid};
use crate::geo::segments::{Meeting, meeting};
use crate::geo::shape::{Shape, multi_polygon};
use crate::model::table::FeatureTable;

/// Rows on one thread at a time.
const CHUNK: usize = 512;

/// Pairs of polygons that share more than a strip of `tolerance_m`; `sound` says which rows have a geometry that can
/// be compared.
pub(super) fn overlaps(table: &FeatureTable, index: &FeatureIndex, sound: &[bool], tolerance_m: f64) -> Vec<Issue> {
    let rows: Vec<usize> = (0..table.len()).filter(|&row| sound[row]).collect();
    rows.par_chunks(CHUNK)
        .flat_map_iter(|chunk| chunk.iter().flat_map(|&row| overlaps_of(table, index, sound, row, tolerance_m)))
        .collect()
}

fn overlaps_of(table: &FeatureTable, index: &FeatureIndex, sound: &[bool], row: usize, tolerance_m: f64) -> Vec<Issue> {
    let shape = table.geometry.get(row);
    let Some(bounds) = shape.bounds() else { return Vec::new() };
    index
        .in_box(bounds)
        .into_iter()
        .filter(|&other| other > row && sound[other])
        .filter_map(|other| {
            let (common, at) = common_ground(shape, table.geometry.get(other), tolerance_m)?;
            let issue = Issue::new(IssueKind::Overlap, row, table.ids[row]).at(at);
            Some(Issue { other_row: Some(other as u64 + 1), area_m2: Some(common), ..issue })
        })
        .collect()
}

/// The area that two polygons share and a place in it; `None` when it is nothing or a strip below the tolerance.
fn common_ground(a: Shape<'_>, b: Shape<'_>, tolerance_m: f64) -> Option<(f64, [f64; 2])> {
    if !may_overlap(a, b, tolerance_m)? {
        return None;
    }
    let shared = multi_polygon(a).intersection(&multi_polygon(b));
    let (mut total, mut largest) = (0.0, (0.0, [f64::NAN; 2]));
    for polygon in &shared.0 {
        let ring: Vec<[f64; 2]> = polygon.exterior().0.iter().map(|c| [c.x, c.y]).collect();
        let size = ring_area(&ring).abs();
        if mean_width(size, &ring) <= tolerance_m {
            continue;
        }
        let holes: f64 = polygon
            .interiors()
            .iter()
            .map(|h| ring_area(&h.0.iter().map(|c| [c.x, c.y]).collect::<Vec<_>>()).abs())
            .sum();
        total += size - holes;
        if size > largest.0 {
            largest = (size, ring_centroid(&ring));
        }
    }
    (total > 0.0).then_some((total, largest.1))
}

/// Of a long strip, its width; of a square, half its side.
pub(super) fn mean_width(area_m2: f64, ring: &[[f64; 2]]) -> f64 {
    let around = length(ring);
    if around > 0.0 { 2.0 * area_m2 / around } else { 0.0 }
}

/// A cheap question before the dear one. Neighbours that share borders answer no: their edges meet only in corners or
/// run along each other, and no piece of an edge lies inside the other. `None` when the boxes hardly touch.
fn may_overlap(a: Shape<'_>, b: Shape<'_>, tolerance_m: f64) -> Option<bool> {
    let (box_a, box_b) = (a.bounds()?, b.bounds()?);
    let common = [box_a[0].max(box_b[0]), box_a[1].max(box_b[1]), box_a[2].min(box_b[2]), box_a[3].min(box_b[3])];
    if common[2] - common[0] <= tolerance_m || common[3] - common[1] <= tolerance_m {
        return None;
    }
    if box_a == box_b && (area(a) - area(b)).abs() <= 1e-9 * area(a) {
        return Some(true);
    }
    let (edges_a, edges_b) = (edges_in(a, common), edges_in(b, common));
    let mut stops_b: Vec<Vec<f64>> = vec![Vec::new(); edges_b.len()];
    for edge_a in &edges_a {
        let mut stops = Vec::new();
        for (edge_b, stops_b) in edges_b.iter().zip(&mut stops_b) {
            match meeting(*edge_a, *edge_b) {
                Meeting::Cross(_) => return Some(true),
                Meeting::Apart => {}
                Meeting::Touch(p) => {
                    stops.push(along(*edge_a, p));
                    stops_b.push(along(*edge_b, p));
                }
                Meeting::Along(_) => {
                    stops.extend(edge_b.map(|p| along(*edge_a, p)));
                    stops_b.extend(edge_a.map(|p| along(*edge_b, p)));
                }
            }
        }
        if piece_inside(*edge_a, &mut stops, b, tolerance_m) {
            return Some(true);
        }
    }
    Some(edges_b.iter().zip(&mut stops_b).any(|(edge, stops)| piece_inside(*edge, stops, a, tolerance_m)))
}

fn edges_in(shape: Shape<'_>, [west, south, east, north]: [f64; 4]) -> Vec<[[f64; 2]; 2]> {
    let inside = |w: &&[[f64; 2]]| {
        w[0][0].max(w[1][0]) >= west
            && w[0][0].min(w[1][0]) <= east
            && w[0][1].max(w[1][1]) >= south
            && w[0][1].min(w[1][1]) <= north
    };
    shape.rings().flat_map(|r| r.points().windows(2).filter(inside).map(|w| [w[0], w[1]])).collect()
}

/// Where on an edge a point lies, 0 to 1.
fn along([a, b]: [[f64; 2]; 2], p: [f64; 2]) -> f64 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    (((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0)
}

/// Whether some piece of the edge between its meetings with the other outline lies well inside the other.
fn piece_inside([a, b]: [[f64; 2]; 2], stops: &mut Vec<f64>, other: Shape<'_>, tolerance_m: f64) -> bool {
    stops.extend([0.0, 1.0]);
    stops.sort_by(f64::total_cmp);
    stops.windows(2).filter(|w| w[1] - w[0] > 1e-9).any(|w| {
        let t = f64::midpoint(w[0], w[1]);
        let middle = [t.mul_add(b[0] - a[0], a[0]), t.mul_add(b[1] - a[1], a[1])];
        contains(other, middle) && other.rings().all(|r| distance_to_chain(middle, r.points()) > tolerance_m)
    })
}
