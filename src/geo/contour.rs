//! Outlines of where a field is below or above a value, by marching squares (Lorensen & Cline 1987, in the plane).

use std::collections::BTreeMap;

use super::grid::{Grid, GridSpec};
use super::measure::{ring_area, ring_contains};
use super::shape::bounds_of;

/// A crossing of the front with the line between two neighbouring cell centres: (column, row, 0) to the east of
/// that centre, (column, row, 1) to its south; counted from one beyond the map's edge.
type Crossing = (usize, usize, u8);

/// Where a field is at least `level`: closed rings as [`perimeter`] gives them. Missing cells are below every level.
#[must_use]
pub fn above(field: &Grid<f32>, level: f64) -> Vec<Vec<[f64; 2]>> {
    let turned = Grid { spec: field.spec.clone(), cells: field.cells.iter().map(|v| -v).collect() };
    perimeter(&turned, -level)
}

/// The fire's outline at a moment: closed rings, outer ones counter-clockwise and holes clockwise. Arrival times are
/// NaN where nothing burnt; beside such cells the outline runs halfway between the centres.
#[must_use]
pub fn perimeter(arrival_s: &Grid<f32>, time_s: f64) -> Vec<Vec<[f64; 2]>> {
    let spec = &arrival_s.spec;
    let mut next: BTreeMap<Crossing, Crossing> = BTreeMap::new();
    let burnt = |c: usize, r: usize| value(arrival_s, c, r) <= time_s;
    let mut above = None;
    for row in 0..=spec.rows {
        let below = burnt_span(arrival_s, row + 1, time_s);
        // Only squares between these two rows of centres that may have a burnt corner.
        let spans = [above, below];
        above = below;
        let Some(first) = spans.iter().flatten().map(|span| span[0]).min() else { continue };
        let Some(last) = spans.iter().flatten().map(|span| span[1]).max() else { continue };
        let mut west = [false; 2];
        for col in first - 1..=last {
            let east = [burnt(col + 1, row), burnt(col + 1, row + 1)];
            // Clockwise from the north-west; each corner is followed by the side that leads to the next one.
            let corners = [west[0], east[0], east[1], west[1]];
            west = east;
            if corners == [true; 4] || corners == [false; 4] {
                continue;
            }
            let sides = [(col, row, 0), (col + 1, row, 1), (col, row + 1, 0), (col, row, 1)];
            for i in 0..4 {
                if !corners[i] && corners[(i + 1) % 4] {
                    // From where the ring around the square comes in to where it first goes out: burnt to the left.
                    let out = (1..4).map(|k| (i + k) % 4).find(|&k| corners[k] && !corners[(k + 1) % 4]);
                    if let Some(out) = out {
                        next.insert(sides[i], sides[out]);
                    }
                }
            }
        }
    }
    let mut rings = Vec::new();
    while let Some((start, mut at)) = next.pop_first() {
        let mut ring = vec![place(arrival_s, start, time_s)];
        loop {
            ring.push(place(arrival_s, at, time_s));
            match next.remove(&at) {
                Some(further) => at = further,
                None => break,
            }
        }
        rings.push(ring);
    }
    rings
}

/// Rings as polygons: each outer ring with the holes that lie in it.
#[must_use]
pub fn polygons(rings: Vec<Vec<[f64; 2]>>) -> Vec<Vec<Vec<[f64; 2]>>> {
    let (outer, holes): (Vec<_>, Vec<_>) = rings.into_iter().partition(|ring| ring_area(ring) > 0.0);
    let mut parts: Vec<Vec<Vec<[f64; 2]>>> = outer.into_iter().map(|ring| vec![ring]).collect();
    if holes.is_empty() {
        return parts;
    }
    let rings: Vec<BandedRing> = parts.iter().map(|part| BandedRing::new(&part[0])).collect();
    for hole in holes {
        let Some(&first) = hole.first() else { continue };
        // An island in a lake in an island: the smallest ring around.
        let inside = (0..parts.len()).filter(|&i| rings[i].contains(first));
        let smallest = inside.min_by(|&a, &b| rings[a].area.total_cmp(&rings[b].area));
        if let Some(part) = smallest.and_then(|i| parts.get_mut(i)) {
            part.push(hole);
        }
    }
    parts
}

/// A ring whose edges are sorted into bands from south to north: asked for many points, each meets only a few edges.
struct BandedRing {
    bounds: [f64; 4],
    area: f64,
    /// Pairs of points of the edges that reach into each band.
    bands: Vec<Vec<[f64; 2]>>,
}

impl BandedRing {
    fn new(ring: &[[f64; 2]]) -> Self {
        let bounds = bounds_of(ring).unwrap_or([0.0; 4]);
        let mut banded = Self { bounds, area: ring_area(ring), bands: vec![Vec::new(); ring.len() / 8 + 1] };
        for edge in ring.windows(2) {
            let (low, high) = (edge[0][1].min(edge[1][1]), edge[0][1].max(edge[1][1]));
            for band in banded.band(low)..=banded.band(high) {
                banded.bands[band].extend(edge);
            }
        }
        banded
    }

    fn band(&self, y: f64) -> usize {
        let [_, south, _, north] = self.bounds;
        let part = (y - south) / (north - south).max(f64::MIN_POSITIVE);
        ((part * self.bands.len() as f64) as usize).min(self.bands.len() - 1)
    }

    fn contains(&self, [x, y]: [f64; 2]) -> bool {
        let [west, south, east, north] = self.bounds;
        x >= west
            && x <= east
            && y >= south
            && y <= north
            && self.bands[self.band(y)].chunks(2).fold(false, |inside, edge| inside ^ ring_contains(edge, [x, y]))
    }
}

/// First and last burnt column of a row, all counted from one beyond the edge.
fn burnt_span(arrival_s: &Grid<f32>, row: usize, time_s: f64) -> Option<[usize; 2]> {
    let cols = arrival_s.spec.cols;
    let cells = arrival_s.cells.get(row.checked_sub(1)? * cols..row * cols)?;
    let burnt = |t: &f32| f64::from(*t) <= time_s;
    Some([cells.iter().position(burnt)? + 1, cells.iter().rposition(burnt)? + 1])
}

/// Arrival in a cell counted from one beyond the edge; infinity where nothing burns.
fn value(arrival_s: &Grid<f32>, col: usize, row: usize) -> f64 {
    let GridSpec { cols, rows, .. } = arrival_s.spec;
    if col == 0 || row == 0 || col > cols || row > rows {
        return f64::INFINITY;
    }
    let t = arrival_s.get(col - 1, row - 1);
    if t.is_nan() { f64::INFINITY } else { f64::from(t) }
}

fn place(arrival_s: &Grid<f32>, (col, row, way): Crossing, time_s: f64) -> [f64; 2] {
    let to = if way == 0 { (col + 1, row) } else { (col, row + 1) };
    let (a, b) = (value(arrival_s, col, row), value(arrival_s, to.0, to.1));
    let t = if a.is_finite() && b.is_finite() { ((time_s - a) / (b - a)).clamp(0.0, 1.0) } else { 0.5 };
    let (dc, dr) = if way == 0 { (t, 0.0) } else { (0.0, t) };
    let g = &arrival_s.spec.transform;
    [g[1].mul_add(col as f64 + dc - 0.5, g[0]), g[5].mul_add(row as f64 + dr - 0.5, g[3])]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::crs::Crs;

    fn grid(n: usize, time: impl Fn(f64, f64) -> f64) -> Grid<f32> {
        let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, 0.0, n as f64 * 10.0, 10.0, n, n);
        let cells = (0..n * n)
            .map(|i| {
                let [x, y] = spec.centre(i % n, i / n);
                time(x, y) as f32
            })
            .collect();
        Grid { spec, cells }
    }

    #[test]
    fn a_round_fire_has_a_round_outline_counter_clockwise() {
        let arrival = grid(61, |x, y| (x - 305.0).hypot(y - 305.0));
        let rings = perimeter(&arrival, 200.0);
        assert_eq!(rings.len(), 1);
        assert_eq!(rings[0].first(), rings[0].last());
        let area = ring_area(&rings[0]);
        assert!((area / (std::f64::consts::PI * 40_000.0) - 1.0).abs() < 0.002, "{area}");
    }

    #[test]
    fn what_did_not_burn_inside_is_a_hole_and_the_maps_edge_closes() {
        let arrival = grid(9, |x, y| if (x - 45.0).abs() < 1.0 && (y - 45.0).abs() < 1.0 { f64::NAN } else { 1.0 });
        let rings = perimeter(&arrival, 1.0);
        let mut areas: Vec<f64> = rings.iter().map(|r| ring_area(r)).collect();
        areas.sort_by(f64::total_cmp);
        assert_eq!(areas.len(), 2);
        assert!(areas[0] < 0.0 && areas[1] > 8000.0, "{areas:?}");
        assert!(rings.iter().all(|r| r.first() == r.last()));
        assert_eq!(polygons(rings).iter().map(Vec::len).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn what_is_above_a_level_is_outlined() {
        let hill = grid(61, |x, y| 300.0 - (x - 305.0).hypot(y - 305.0));
        let rings = above(&hill, 200.0);
        assert_eq!(rings.len(), 1);
        assert!((ring_area(&rings[0]) / (std::f64::consts::PI * 10_000.0) - 1.0).abs() < 0.005);
        assert!(above(&hill, 301.0).is_empty());
    }

    #[test]
    fn cells_that_touch_at_a_corner_are_two_rings() {
        let arrival = grid(4, |x, y| {
            if (x < 20.0) == (y < 20.0) && (x - 20.0).abs() < 10.0 && (y - 20.0).abs() < 10.0 { 0.0 } else { f64::NAN }
        });
        assert_eq!(perimeter(&arrival, 1.0).len(), 2);
    }

    #[test]
    fn every_hole_lies_in_the_ring_around_it() {
        // Two squares with lakes, one of the lakes with an island that has a pond.
        let ring = |x: f64, y: f64, half: f64| {
            let way = [[-half, -half], [half, -half], [half, half], [-half, half], [-half, -half]];
            way.map(|[dx, dy]| [x + dx, y + dy]).to_vec()
        };
        let hole = |x: f64, y: f64, half: f64| ring(x, y, half).into_iter().rev().collect::<Vec<_>>();
        let rings = vec![
            ring(0.0, 0.0, 100.0),
            hole(0.0, 0.0, 50.0),
            ring(0.0, 0.0, 20.0),
            hole(0.0, 0.0, 5.0),
            hole(75.0, 75.0, 10.0),
            ring(300.0, 0.0, 30.0),
            hole(310.0, 10.0, 3.0),
        ];
        let parts = polygons(rings);
        let sizes: Vec<(f64, usize)> = parts.iter().map(|p| (ring_area(&p[0]), p.len())).collect();
        assert_eq!(sizes, [(40_000.0, 3), (1_600.0, 2), (3_600.0, 2)]);
    }
}
