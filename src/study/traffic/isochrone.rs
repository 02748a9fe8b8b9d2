//! How far one gets from a place within so many minutes: along the roads at the costs of an hour, and on foot from them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::case::{Hour, TrafficCase};
use super::zones::access;
use crate::geo::contour::{above, polygons};
use crate::geo::crs::Crs;
use crate::geo::grid::{Grid, GridSpec};
use crate::geo::measure::{distance, ring_area};
use crate::geo::shape::ShapeKind;
use crate::model::table::{FeatureTable, FieldKind, Value};
use crate::sim::traffic::audit::parts;
use crate::sim::traffic::road_class::RoadClass;

/// Between a road and where one is; assumed.
const WALK_MPS: f64 = 1.2;
/// Nobody is told to walk farther from a road.
const WALK_M: f64 = 500.0;
const CELL_M: f64 = 100.0;
/// Until one drives, seconds; as for the trips of a zone.
const SETTING_OUT_S: f64 = 10.0;

/// Minutes from one place in one hour.
#[derive(Debug, Clone)]
pub struct Reach {
    /// Local hour of the day, 0 to 23.
    pub hour: usize,
    pub minutes: Grid<f32>,
    /// To each zone of the case; infinite where no road leads.
    pub zone_min: Vec<f64>,
}

/// Minutes from a place to everywhere near a road. None where no road is near the place.
#[must_use]
pub fn reach(case: &TrafficCase, hour: &Hour, at: [f64; 2], crs: &Crs) -> Option<Reach> {
    let parts = parts(&case.network);
    let begin = access(&case.network, at, |n| parts[n] == 0);
    let speed = case.tables.roads.class(RoadClass::Connector).speed_kmh / 3.6;
    let starts: Vec<(u32, f64)> = begin.iter().map(|(n, far)| (*n, far / speed + SETTING_OUT_S)).collect();
    let node_s = times(case, &hour.solution.cost, &starts);
    let zone_min = case
        .network
        .zones
        .iter()
        .map(|z| {
            let to = |n: u32| node_s[n as usize] + distance(case.network.nodes[n as usize].at, z.at) / speed;
            z.access.iter().map(|a| to(a.0)).fold(f64::INFINITY, f64::min) / 60.0
        })
        .collect();
    let minutes = surface(case, &hour.solution.cost, &node_s, crs)?;
    (!starts.is_empty()).then_some(Reach { hour: hour.hour, minutes, zone_min })
}

/// Seconds to every node: Dijkstra's search from several at once.
fn times(case: &TrafficCase, cost: &[f64], starts: &[(u32, f64)]) -> Vec<f64> {
    let mut label = vec![f64::INFINITY; case.graph.nodes];
    let mut heap = BinaryHeap::new();
    for &(node, seconds) in starts {
        label[node as usize] = seconds;
        heap.push(Reverse((seconds.to_bits(), node)));
    }
    while let Some(Reverse((bits, node))) = heap.pop() {
        let so_far = f64::from_bits(bits);
        // Nobody drives through a zone.
        if so_far > label[node as usize] || case.graph.closed[node as usize] {
            continue;
        }
        for &link in case.graph.out.of(node) {
            let (to, through) = (case.graph.to[link as usize], so_far + cost[link as usize]);
            if through < label[to as usize] {
                label[to as usize] = through;
                heap.push(Reverse((through.to_bits(), to)));
            }
        }
    }
    label
}

/// Minutes by cell: the least over the roads within walking distance. None without any road that is reached.
fn surface(case: &TrafficCase, cost: &[f64], node_s: &[f64], crs: &Crs) -> Option<Grid<f32>> {
    let reached = case.network.nodes.iter().zip(node_s).filter(|n| n.1.is_finite()).map(|n| n.0.at);
    let bounds = reached.fold([f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY], |b, [x, y]| {
        [b[0].min(x), b[1].min(y), b[2].max(x), b[3].max(y)]
    });
    if !bounds.iter().all(|v| v.is_finite()) {
        return None;
    }
    let edge = |v: f64, out: f64| ((v + out * (WALK_M + CELL_M)) / CELL_M).floor() * CELL_M;
    let (west, north) = (edge(bounds[0], -1.0), edge(bounds[3], 1.0) + CELL_M);
    let cols = ((edge(bounds[2], 1.0) - west) / CELL_M) as usize + 1;
    let rows = ((north - edge(bounds[1], -1.0)) / CELL_M) as usize + 1;
    let mut grid = Grid::filled(GridSpec::north_up(crs.clone(), west, north, CELL_M, cols, rows), f32::NAN);
    for (l, link) in case.network.links.iter().enumerate() {
        let begin_s = node_s[link.from as usize];
        if !begin_s.is_finite() {
            continue;
        }
        let mut along_m = 0.0;
        for w in link.line.windows(2) {
            let piece_m = distance(w[0], w[1]);
            let steps = (piece_m / (CELL_M / 2.0)).ceil().max(1.0);
            for step in 0..=steps as u32 {
                let t = f64::from(step) / steps;
                let at = [t.mul_add(w[1][0] - w[0][0], w[0][0]), t.mul_add(w[1][1] - w[0][1], w[0][1])];
                let share = ((along_m + t * piece_m) / link.length_m).min(1.0);
                spread(&mut grid, at, share.mul_add(cost[l], begin_s));
            }
            along_m += piece_m;
        }
    }
    Some(grid)
}

/// On foot from a place on a road.
fn spread(grid: &mut Grid<f32>, at: [f64; 2], seconds: f64) {
    let [x, y] = grid.spec.cell_coordinates(at);
    let far = WALK_M / CELL_M;
    let span = |v: f64, end: usize| (v - far).max(0.0) as usize..((v + far) as usize + 1).min(end);
    for row in span(y, grid.spec.rows) {
        for col in span(x, grid.spec.cols) {
            let walk_m = distance(grid.spec.centre(col, row), at);
            let minutes = ((seconds + walk_m / WALK_MPS) / 60.0) as f32;
            let known = grid.get(col, row);
            if walk_m <= WALK_M && (known.is_nan() || minutes < known) {
                grid.set(col, row, minutes);
            }
        }
    }
}

/// One area for each place, hour and number of minutes, with who lives in the zones that are reached by then.
#[must_use]
pub fn table(case: &TrafficCase, places: &[(String, Vec<Reach>)], minutes: &[f64]) -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[
        ("from", FieldKind::Text),
        ("hour", FieldKind::Text),
        ("minutes", FieldKind::Real),
        ("area_ha", FieldKind::Real),
        ("residents", FieldKind::Real),
        ("visitors", FieldKind::Real),
    ]);
    for (name, reaches) in places {
        for reach in reaches {
            let turned =
                Grid { spec: reach.minutes.spec.clone(), cells: reach.minutes.cells.iter().map(|v| -v).collect() };
            for within in minutes {
                let parts = polygons(above(&turned, -within));
                if parts.is_empty() {
                    continue;
                }
                let square_metres: f64 = parts.iter().flatten().map(|ring| ring_area(ring)).sum();
                let rings: Vec<Vec<&[[f64; 2]]>> =
                    parts.iter().map(|p| p.iter().map(Vec::as_slice).collect()).collect();
                let borrowed: Vec<&[&[[f64; 2]]]> = rings.iter().map(Vec::as_slice).collect();
                table.geometry.push_parts(ShapeKind::Polygon, &borrowed);
                let inside = case.zones.iter().zip(&reach.zone_min).filter(|z| z.1 <= within);
                let (residents, visitors) =
                    inside.fold((0.0, 0.0), |(r, v), (z, _)| (r + z.activity.residents, v + z.activity.visitors));
                let hour = format!("{:02}:00", reach.hour);
                table.push_row(&[
                    Value::Text(name),
                    Value::Text(&hour),
                    Value::Real(*within),
                    Value::Real(square_metres / 10_000.0),
                    Value::Real(residents.round()),
                    Value::Real(visitors.round()),
                ]);
            }
        }
    }
    table
}
