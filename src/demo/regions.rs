//! Polygons from a raster of labels, with boundaries that neighbours share point for point.
//!
//! Boundaries are cut where three regions meet; each piece is smoothed once, in one direction, whichever of its two
//! sides asks. So smoothing opens no gaps and makes no overlaps.

use std::collections::BTreeMap;

use super::source::round_mm;
use crate::geo::grid::Grid;
use crate::geo::measure::{distance_to_segment, ring_area};

/// A connected set of cells with one label.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    pub label: u16,
    /// Outer ring (counter-clockwise) first, then holes; closed.
    pub rings: Vec<Vec<[f64; 2]>>,
}

/// A corner between cells: (column, row) of the grid lines.
type Corner = (i32, i32);

/// Every region whose label is not 0. Regions of fewer than `smallest` cells first join a neighbour.
#[must_use]
pub fn regions(labels: &Grid<u16>, smallest: usize) -> Vec<Region> {
    let mut labels = labels.clone();
    merge_small(&mut labels, smallest);
    let (parts, part_labels) = components(&labels);
    let mut rings: Vec<Vec<Vec<Corner>>> = vec![Vec::new(); part_labels.len()];
    for (part, edges) in boundary_edges(&parts) {
        rings[part as usize - 1] = trace(&edges);
    }
    let junction = |corner: Corner| is_junction(&parts, corner);
    rings
        .iter()
        .zip(&part_labels)
        .filter(|(_, label)| **label != 0)
        .map(|(rings, label)| {
            let mut smooth: Vec<Vec<[f64; 2]>> =
                rings.iter().map(|r| smooth_ring(r, &junction, labels_to_map(&parts))).collect();
            smooth.retain(|r| r.len() > 3);
            smooth.sort_by(|a, b| ring_area(b).total_cmp(&ring_area(a)));
            Region { label: *label, rings: smooth }
        })
        .filter(|r| !r.rings.is_empty())
        .collect()
}

fn labels_to_map(parts: &Grid<u32>) -> impl Fn([f64; 2]) -> [f64; 2] {
    let t = parts.spec.transform;
    move |[c, r]| round_mm([t[1].mul_add(c, t[0]), t[5].mul_add(r, t[3])])
}

/// Numbers 4-connected components from 1, and says each one's label.
fn components(labels: &Grid<u16>) -> (Grid<u32>, Vec<u16>) {
    let (cols, rows) = (labels.spec.cols, labels.spec.rows);
    let mut parts = Grid::filled(labels.spec.clone(), 0_u32);
    let mut part_labels = Vec::new();
    for start in 0..cols * rows {
        if parts.cells[start] != 0 {
            continue;
        }
        part_labels.push(labels.cells[start]);
        let part = part_labels.len() as u32;
        let mut waiting = vec![start];
        parts.cells[start] = part;
        while let Some(cell) = waiting.pop() {
            for next in beside(cell, cols, rows) {
                if parts.cells[next] == 0 && labels.cells[next] == labels.cells[cell] {
                    parts.cells[next] = part;
                    waiting.push(next);
                }
            }
        }
    }
    (parts, part_labels)
}

fn beside(cell: usize, cols: usize, rows: usize) -> impl Iterator<Item = usize> {
    let (c, r) = (cell % cols, cell / cols);
    [
        (c > 0).then(|| cell - 1),
        (c + 1 < cols).then_some(cell + 1),
        (r > 0).then(|| cell - cols),
        (r + 1 < rows).then_some(cell + cols),
    ]
    .into_iter()
    .flatten()
}

/// Gives the cells of small regions the label that is most common around them.
fn merge_small(labels: &mut Grid<u16>, smallest: usize) {
    let (cols, rows) = (labels.spec.cols, labels.spec.rows);
    for _ in 0..4 {
        let (parts, part_labels) = components(labels);
        let mut size = vec![0_usize; part_labels.len()];
        parts.cells.iter().for_each(|p| size[*p as usize - 1] += 1);
        let small = |part: u32| size[part as usize - 1] < smallest && part_labels[part as usize - 1] != 0;
        let mut votes: BTreeMap<u32, BTreeMap<u16, usize>> = BTreeMap::new();
        for cell in 0..cols * rows {
            let part = parts.cells[cell];
            if small(part) {
                for next in beside(cell, cols, rows) {
                    if parts.cells[next] != part && labels.cells[next] != 0 && !small(parts.cells[next]) {
                        *votes.entry(part).or_default().entry(labels.cells[next]).or_default() += 1;
                    }
                }
            }
        }
        if votes.is_empty() {
            return;
        }
        let winner: BTreeMap<u32, u16> = votes
            .into_iter()
            .filter_map(|(part, by_label)| Some((part, by_label.into_iter().max_by_key(|v| (v.1, v.0))?.0)))
            .collect();
        for cell in 0..cols * rows {
            if let Some(label) = winner.get(&parts.cells[cell]) {
                labels.cells[cell] = *label;
            }
        }
    }
}

fn part_at(parts: &Grid<u32>, col: i32, row: i32) -> u32 {
    let inside = |v: i32, n: usize| usize::try_from(v).ok().filter(|v| *v < n);
    match (inside(col, parts.spec.cols), inside(row, parts.spec.rows)) {
        (Some(c), Some(r)) => parts.get(c, r),
        _ => 0,
    }
}

/// The edges around each part, with the part on their left.
fn boundary_edges(parts: &Grid<u32>) -> BTreeMap<u32, Vec<(Corner, Corner)>> {
    let mut edges: BTreeMap<u32, Vec<(Corner, Corner)>> = BTreeMap::new();
    for row in 0..parts.spec.rows.cast_signed() as i32 {
        for col in 0..parts.spec.cols.cast_signed() as i32 {
            let part = part_at(parts, col, row);
            let (nw, ne, se, sw) = ((col, row), (col + 1, row), (col + 1, row + 1), (col, row + 1));
            for (dc, dr, from, to) in [(0, 1, sw, se), (1, 0, se, ne), (0, -1, ne, nw), (-1, 0, nw, sw)] {
                if part_at(parts, col + dc, row + dr) != part {
                    edges.entry(part).or_default().push((from, to));
                }
            }
        }
    }
    edges
}

/// Closed rings from directed edges; where two ways lead on, the sharpest left keeps to the same cell.
fn trace(edges: &[(Corner, Corner)]) -> Vec<Vec<Corner>> {
    let mut next: BTreeMap<Corner, Vec<Corner>> = BTreeMap::new();
    for (from, to) in edges {
        next.entry(*from).or_default().push(*to);
    }
    let mut rings = Vec::new();
    while let Some((&start, _)) = next.iter().find(|(_, ways)| !ways.is_empty()) {
        let mut ring = vec![start];
        let mut at = start;
        let mut came = (0, 0);
        while let Some(ways) = next.get_mut(&at) {
            let turn = |to: &Corner| {
                let d = (to.0 - at.0, to.1 - at.1);
                // Rows grow southwards, so a left turn has a negative cross product.
                came.0 * d.1 - came.1 * d.0
            };
            let Some(best) = (0..ways.len()).min_by_key(|w| turn(&ways[*w])) else { break };
            let to = ways.swap_remove(best);
            if ways.is_empty() {
                next.remove(&at);
            }
            came = (to.0 - at.0, to.1 - at.1);
            at = to;
            ring.push(at);
            if at == start {
                break;
            }
        }
        rings.push(ring);
    }
    rings
}

/// Whether three or more regions, or two crosswise, meet at a corner.
fn is_junction(parts: &Grid<u32>, (c, r): Corner) -> bool {
    let around = [(c - 1, r - 1), (c, r - 1), (c, r), (c - 1, r)].map(|(c, r)| part_at(parts, c, r));
    let changes = (0..4).filter(|i| around[*i] != around[(i + 1) % 4]).count();
    changes > 2
}

fn smooth_ring(
    ring: &[Corner],
    junction: &impl Fn(Corner) -> bool,
    to_map: impl Fn([f64; 2]) -> [f64; 2],
) -> Vec<[f64; 2]> {
    let open = &ring[..ring.len() - 1];
    let cuts: Vec<usize> = (0..open.len()).filter(|i| junction(open[*i])).collect();
    let mut out: Vec<[f64; 2]> = Vec::new();
    if cuts.is_empty() {
        let first = (0..open.len()).min_by_key(|i| open[*i]).unwrap_or(0);
        let mut turned: Vec<Corner> = open[first..].iter().chain(&open[..=first]).copied().collect();
        let backwards = turned[1] > turned[turned.len() - 2];
        if backwards {
            turned.reverse();
        }
        out = smooth_chain(&turned);
        if backwards {
            out.reverse();
        }
    } else {
        for (k, cut) in cuts.iter().enumerate() {
            let end = cuts[(k + 1) % cuts.len()];
            let mut piece: Vec<Corner> = Vec::new();
            let mut at = *cut;
            loop {
                piece.push(open[at]);
                at = (at + 1) % open.len();
                if at == end {
                    piece.push(open[end]);
                    break;
                }
            }
            let backwards = (piece[0], piece[1]) > (piece[piece.len() - 1], piece[piece.len() - 2]);
            if backwards {
                piece.reverse();
            }
            let mut smooth = smooth_chain(&piece);
            if backwards {
                smooth.reverse();
            }
            let skip = usize::from(!out.is_empty());
            out.extend(smooth.into_iter().skip(skip));
        }
    }
    let mut points: Vec<[f64; 2]> = out.into_iter().map(to_map).collect();
    points.dedup();
    points
}

/// Cuts the stairs off a chain whose ends stay: edge middles, two means of three, then thinned.
fn smooth_chain(chain: &[Corner]) -> Vec<[f64; 2]> {
    let point = |c: &Corner| [f64::from(c.0), f64::from(c.1)];
    let mean = |a: [f64; 2], b: [f64; 2]| [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])];
    let (Some(first), Some(last)) = (chain.first(), chain.last()) else { return Vec::new() };
    let mut points = vec![point(first)];
    points.extend(chain.windows(2).map(|w| mean(point(&w[0]), point(&w[1]))));
    points.push(point(last));
    for _ in 0..3 {
        let before = points.clone();
        for (i, w) in before.windows(3).enumerate() {
            points[i + 1] = mean(mean(w[0], w[2]), w[1]);
        }
    }
    thin(&points, 0.12)
}

/// Leaves out points nearer than `tolerance` to the line between those kept (Douglas & Peucker 1973).
#[must_use]
pub fn thin(points: &[[f64; 2]], tolerance: f64) -> Vec<[f64; 2]> {
    let n = points.len();
    if n < 3 {
        return points.to_vec();
    }
    let mut keep = vec![false; n];
    keep[0] = true;
    keep[n - 1] = true;
    // A closed chain has no line between its ends: its middle is kept as well.
    let mut spans = if points[0] == points[n - 1] {
        keep[n / 2] = true;
        vec![(0, n / 2), (n / 2, n - 1)]
    } else {
        vec![(0, n - 1)]
    };
    while let Some((from, to)) = spans.pop() {
        let far = (from + 1..to)
            .map(|i| (distance_to_segment(points[i], points[from], points[to]), i))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((distance, i)) = far.filter(|f| f.0 > tolerance) {
            debug_assert!(distance > 0.0);
            keep[i] = true;
            spans.push((from, i));
            spans.push((i, to));
        }
    }
    points.iter().zip(keep).filter(|(_, k)| *k).map(|(p, _)| *p).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::source::SITE;
    use crate::geo::grid::GridSpec;

    #[test]
    fn neighbours_share_their_boundary_and_the_whole_keeps_its_area() {
        let spec = GridSpec::north_up(SITE, 0.0, 0.0, 10.0, 40, 40);
        let mut labels = Grid::filled(spec, 1_u16);
        for row in 0..40_usize {
            for col in 0..40_usize {
                let d = (col as f64 - 20.0).hypot(row as f64 - 20.0);
                let label = if d < 6.0 {
                    3
                } else if col + row / 2 > 30 {
                    2
                } else {
                    1
                };
                labels.set(col, row, label);
            }
        }
        let regions = regions(&labels, 4);
        assert_eq!(regions.len(), 3);
        let area: f64 = regions.iter().flat_map(|r| &r.rings).map(|r| ring_area(r)).sum();
        // Smoothing rounds the four outer corners only.
        assert!((area - 160_000.0).abs() < 600.0, "{area}");
        let mut edges: BTreeMap<[u64; 4], i32> = BTreeMap::new();
        for w in regions.iter().flat_map(|r| &r.rings).flat_map(|r| r.windows(2)) {
            let bits = |p: [f64; 2], q: [f64; 2]| [p[0], p[1], q[0], q[1]].map(f64::to_bits);
            *edges.entry(bits(w[0], w[1])).or_default() += 1;
            *edges.entry(bits(w[1], w[0])).or_default() -= 1;
        }
        let inner = |e: &[u64; 4]| {
            let v = e.map(f64::from_bits);
            [v[0], v[2]].iter().all(|x| *x > 15.0 && *x < 385.0)
                && [v[1], v[3]].iter().all(|y| *y < -15.0 && *y > -385.0)
        };
        assert_eq!(edges.iter().filter(|(e, n)| **n != 0 && inner(e)).count(), 0);
    }
}
