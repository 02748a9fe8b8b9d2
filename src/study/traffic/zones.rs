//! Zones of a project: squares that hold buildings, and the gates of the island.

use std::collections::BTreeMap;

use crate::geo::measure::{area, distance};
use crate::geo::shape::ShapeKind;
use crate::model::layer::LayerRole;
use crate::model::project::Project;
use crate::model::table::Value;
use crate::sim::traffic::demand::day::Activity;
use crate::sim::traffic::demand::table::DemandTable;
use crate::sim::traffic::network::Network;

/// Side of a zone, metres.
pub const SIDE_M: f64 = 1000.0;
/// A zone farther from every road than this is at sea.
const REACH_M: f64 = 3000.0;
/// Ways from a zone into the network at most.
const WAYS: usize = 4;

/// A zone of the study.
#[derive(Debug, Clone, PartialEq)]
pub struct StudyZone {
    /// Stable: from its square, or from its place for a gate.
    pub id: u64,
    /// Of a gate; empty for squares.
    pub name: String,
    /// Where its people are.
    pub at: [f64; 2],
    pub activity: Activity,
}

/// Fields of the layers that are asked; see data/README.md.
mod field {
    pub const KIND: &str = "LOAI";
    pub const STOREYS: &str = "SOTANG";
    pub const RESIDENTS: &str = "SONGUOI";
    pub const NAME: &str = "TEN";
}

#[derive(Default)]
struct Square {
    activity: Activity,
    weight: f64,
    sum: [f64; 2],
}

/// Squares with somebody or something in them, west to east and south to north, then the gates in their table's order.
#[must_use]
pub fn zones(project: &Project, table: &DemandTable) -> Vec<StudyZone> {
    let mut squares: BTreeMap<(i64, i64), Square> = BTreeMap::new();
    let buildings = project.with_role(LayerRole::Buildings).and_then(|l| l.content.features());
    if let Some(buildings) = buildings {
        for (row, shape) in buildings.geometry.iter().enumerate() {
            let Some([w, s, e, n]) = shape.bounds() else { continue };
            let at = [f64::midpoint(w, e), f64::midpoint(s, n)];
            let index = |v: f64| (v / SIDE_M).floor() as i64;
            let storeys = buildings.value(row, field::STOREYS).as_f64().filter(|s| *s >= 1.0).unwrap_or(1.0);
            let floor = area(shape) * storeys / 1000.0;
            let residents = buildings.value(row, field::RESIDENTS).as_f64().filter(|r| *r > 0.0).unwrap_or(0.0);
            let kind = buildings.value(row, field::KIND);
            let Some(kind) = table.buildings.iter().find(|b| kind == Value::Text(&b.kind)) else { continue };
            let square = squares.entry((index(at[0]), index(at[1]))).or_default();
            let a = &mut square.activity;
            a.residents += residents;
            a.jobs += floor * kind.jobs;
            a.pupils += floor * kind.pupils;
            a.shops_m2 += floor * kind.shops_m2;
            a.visitors += floor * kind.visitors;
            a.sights += floor * kind.sights;
            let weight = residents + floor * (kind.jobs + kind.pupils + kind.visitors) + 0.01;
            square.weight += weight;
            square.sum[0] += weight * at[0];
            square.sum[1] += weight * at[1];
        }
    }
    let present: f64 = squares.values().map(|s| s.activity.visitors).sum();
    let per_weight = if present > 0.0 { table.visitors / present } else { 0.0 };
    let mut zones: Vec<StudyZone> = squares
        .into_iter()
        .map(|((i, j), square)| StudyZone {
            id: ((i.unsigned_abs() & 0xf_ffff) << 20) | (j.unsigned_abs() & 0xf_ffff),
            name: String::new(),
            at: square.sum.map(|v| v / square.weight),
            activity: Activity { visitors: square.activity.visitors * per_weight, ..square.activity },
        })
        .collect();
    zones.extend(gates(project, table));
    zones
}

/// How much room for visitors the buildings have, in the table's shares: what a plan adds brings its own visitors.
#[must_use]
pub fn visitor_room(project: &Project, table: &DemandTable) -> f64 {
    let Some(buildings) = project.with_role(LayerRole::Buildings).and_then(|l| l.content.features()) else {
        return 0.0;
    };
    let of = |(row, shape): (usize, crate::geo::shape::Shape<'_>)| {
        let storeys = buildings.value(row, field::STOREYS).as_f64().filter(|s| *s >= 1.0).unwrap_or(1.0);
        let kind = buildings.value(row, field::KIND);
        let kind = table.buildings.iter().find(|b| kind == Value::Text(&b.kind));
        kind.map_or(0.0, |k| area(shape) * storeys / 1000.0 * k.visitors)
    };
    buildings.geometry.iter().enumerate().map(of).sum()
}

/// Points of any layer whose name holds that of a gate.
fn gates(project: &Project, table: &DemandTable) -> Vec<StudyZone> {
    let mut found = Vec::new();
    for (g, gate) in table.gates.iter().enumerate() {
        let place = project.layers.iter().filter_map(|l| l.content.features()).find_map(|features| {
            let points = features.geometry.iter().enumerate().filter(|(_, s)| s.kind() == ShapeKind::Point);
            let mut named = points.filter_map(|(row, s)| match features.value(row, field::NAME) {
                Value::Text(name) if name.contains(&gate.name) => Some((name.to_owned(), s.points().first().copied()?)),
                _ => None,
            });
            named.next()
        });
        if let Some((name, at)) = place {
            let activity = Activity { gate: Some(g), ..Activity::default() };
            found.push(StudyZone { id: (1 << 44) + g as u64, name, at, activity });
        }
    }
    found
}

/// Nodes where a zone's trips enter, and how far each is: the nearest one in each direction. Only nodes that `open`
/// allows. Empty for a zone at sea.
#[must_use]
pub fn access(network: &Network, at: [f64; 2], open: impl Fn(usize) -> bool) -> Vec<(u32, f64)> {
    let mut best = [(f64::INFINITY, 0_u32); WAYS];
    for (n, node) in network.nodes.iter().enumerate().filter(|(n, _)| open(*n)) {
        let d = distance(node.at, at);
        let quarter = usize::from(node.at[0] > at[0]) + 2 * usize::from(node.at[1] > at[1]);
        if d < best[quarter].0 {
            best[quarter] = (d, n as u32);
        }
    }
    let nearest = best.iter().map(|b| b.0).fold(f64::INFINITY, f64::min);
    if nearest > REACH_M {
        return Vec::new();
    }
    // A way three times as long as the nearest one, and longer than the zone is wide, leads elsewhere.
    let fair = (nearest * 3.0).max(SIDE_M / 2.0);
    best.iter().filter(|b| b.0 <= fair).map(|b| (b.1, b.0)).collect()
}
