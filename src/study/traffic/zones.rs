//! Zones of a project: squares that hold buildings, and the gates of the island.

use std::collections::BTreeMap;

use crate::base::fold::fold_accents;
use crate::base::message::Message;
use crate::geo::measure::{area, distance};
use crate::geo::shape::ShapeKind;
use crate::model::layer::LayerRole;
use crate::model::project::Project;
use crate::model::table::{FeatureTable, Value};
use crate::sim::traffic::demand::day::Activity;
use crate::sim::traffic::demand::table::{BuildingRow, DemandTable};
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
    /// The office's, and OpenStreetMap's.
    pub const KIND: [&str; 2] = ["LOAI", "building"];
    pub const STOREYS: &str = "SOTANG";
    pub const RESIDENTS: &str = "SONGUOI";
    pub const NAME: &str = "TEN";
}

/// Finds what a building is, whether or not its kind is written as in the table.
struct Kinds<'a> {
    table: &'a DemandTable,
    /// Words that had to be looked up, each once.
    known: BTreeMap<String, Option<usize>>,
}

impl<'a> Kinds<'a> {
    fn new(table: &'a DemandTable) -> Self {
        Self { table, known: BTreeMap::new() }
    }

    /// The kind, or the word that is none.
    fn of(&mut self, buildings: &FeatureTable, row: usize) -> Result<&'a BuildingRow, String> {
        let word = field::KIND.iter().map(|f| buildings.value(row, f)).find(|v| *v != Value::Null);
        let word = match &word {
            Some(Value::Text(text)) => *text,
            _ => "",
        };
        let rows = &self.table.buildings;
        if let Some(found) = rows.iter().find(|b| b.kind == word) {
            return Ok(found);
        }
        if !self.known.contains_key(word) {
            let folded = fold_accents(word.trim());
            let same = |name: &String| fold_accents(name) == folded;
            let found = rows.iter().position(|b| same(&b.kind) || b.also.iter().any(same));
            self.known.insert(word.to_owned(), found);
        }
        self.known.get(word).copied().flatten().map(|i| &rows[i]).ok_or_else(|| word.to_owned())
    }
}

/// Buildings of a kind that is not in the table: their residents count, but nobody works, learns or shops there.
#[must_use]
pub fn unknown_kinds(project: &Project, table: &DemandTable) -> Option<Message> {
    let buildings = project.with_role(LayerRole::Buildings)?.content.features()?;
    let mut kinds = Kinds::new(table);
    let (mut count, mut example) = (0_usize, None);
    for row in 0..buildings.len() {
        if let Err(word) = kinds.of(buildings, row) {
            count += 1;
            example.get_or_insert((word, row + 1));
        }
    }
    let (word, row) = example?;
    Some(Message::new("traffic-unknown-buildings").with("count", count).with("kind", word).with("row", row))
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
    let mut kinds = Kinds::new(table);
    let buildings = project.with_role(LayerRole::Buildings).and_then(|l| l.content.features());
    if let Some(buildings) = buildings {
        for (row, shape) in buildings.geometry.iter().enumerate() {
            let Some([w, s, e, n]) = shape.bounds() else { continue };
            let at = [f64::midpoint(w, e), f64::midpoint(s, n)];
            let index = |v: f64| (v / SIDE_M).floor() as i64;
            let storeys = buildings.value(row, field::STOREYS).as_f64().filter(|s| *s >= 1.0).unwrap_or(1.0);
            let floor = area(shape) * storeys / 1000.0;
            let residents = buildings.value(row, field::RESIDENTS).as_f64().filter(|r| *r > 0.0).unwrap_or(0.0);
            let kind = kinds.of(buildings, row).ok();
            if kind.is_none() && residents <= 0.0 {
                continue;
            }
            let square = squares.entry((index(at[0]), index(at[1]))).or_default();
            let a = &mut square.activity;
            a.residents += residents;
            let mut weight = residents + 0.01;
            if let Some(kind) = kind {
                a.jobs += floor * kind.jobs;
                a.pupils += floor * kind.pupils;
                a.shops_m2 += floor * kind.shops_m2;
                a.visitors += floor * kind.visitors;
                a.sights += floor * kind.sights;
                weight = residents + floor * (kind.jobs + kind.pupils + kind.visitors) + 0.01;
            }
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
            id: square_id(i, j),
            name: String::new(),
            at: square.sum.map(|v| v / square.weight),
            activity: Activity { visitors: square.activity.visitors * per_weight, ..square.activity },
        })
        .collect();
    zones.extend(gates(project, table));
    zones
}

/// Twenty bits of each number, its sign among them: squares on both sides of an origin are others.
fn square_id(i: i64, j: i64) -> u64 {
    let bits = |v: i64| v.cast_unsigned() & 0xf_ffff;
    (bits(i) << 20) | bits(j)
}

/// How much room for visitors the buildings have, in the table's shares: what a plan adds brings its own visitors.
#[must_use]
pub fn visitor_room(project: &Project, table: &DemandTable) -> f64 {
    let Some(buildings) = project.with_role(LayerRole::Buildings).and_then(|l| l.content.features()) else {
        return 0.0;
    };
    let mut kinds = Kinds::new(table);
    let of = |(row, shape): (usize, crate::geo::shape::Shape<'_>)| {
        let storeys = buildings.value(row, field::STOREYS).as_f64().filter(|s| *s >= 1.0).unwrap_or(1.0);
        kinds.of(buildings, row).map_or(0.0, |k| area(shape) * storeys / 1000.0 * k.visitors)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::table::FieldKind::{Integer, Text};

    #[test]
    fn kinds_are_known_without_accents_and_by_openstreetmaps_words() {
        let table = DemandTable::standard().unwrap();
        let mut buildings = FeatureTable::with_fields(&[("LOAI", Text), ("building", Text), ("SONGUOI", Integer)]);
        let mut add = |kind: Value<'static>, osm: Value<'static>| {
            buildings.geometry.push_point([0.0, 0.0]);
            buildings.push_row(&[kind, osm, Value::Integer(3)]);
        };
        let t = Value::Text;
        for (kind, osm) in [
            (t("Khách sạn"), Value::Null),
            (t("khach san"), Value::Null),
            (t(" KHÁCH SẠN"), Value::Null),
            (Value::Null, t("hotel")),
            (t("Chung cư"), Value::Null),
            (t("Lò gạch"), Value::Null),
            (Value::Null, Value::Null),
        ] {
            add(kind, osm);
        }
        let mut kinds = Kinds::new(&table);
        let found: Vec<Result<&str, String>> =
            (0..7).map(|row| kinds.of(&buildings, row).map(|k| k.kind.as_str())).collect();
        assert_eq!(found[..4], vec![Ok("Khách sạn"); 4]);
        assert_eq!(found[4..], [Ok("Nhà ở"), Err("Lò gạch".to_owned()), Err(String::new())]);
    }

    #[test]
    fn squares_on_both_sides_of_an_origin_are_others() {
        let ids: std::collections::BTreeSet<u64> =
            (-3..3).flat_map(|i| (-3..3).map(move |j| square_id(i, j))).collect();
        assert_eq!(ids.len(), 36);
        // As they were for places east and north of the origin.
        assert_eq!(square_id(441, 1129), (441 << 20) | 1129);
    }
}
