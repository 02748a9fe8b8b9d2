//! Roads of a layer as lines with lanes, speeds and directions: OpenStreetMap's tags, the fields of Vietnamese offices,
//! and what the table assumes where neither says anything.

use crate::base::fold::fold_accents;
use crate::geo::measure::distance_to_chain;
use crate::geo::shape::ShapeKind;
use crate::model::table::{FeatureTable, Value};
use crate::sim::traffic::control::SIGNAL_REACH_M;
use crate::sim::traffic::noding::RoadLine;
use crate::sim::traffic::road_table::RoadTable;
use crate::sim::traffic::tags;

const MPS_PER_KMH: f64 = 1.0 / 3.6;
/// Lanes that a road can have; more is a mistake of the layer.
const MOST_LANES: f64 = 12.0;

/// All lines of a layer, in the layer's (the site's) system; its points that are signals stand on the nearest of them.
#[must_use]
pub fn road_lines(table: &FeatureTable, standard: &RoadTable) -> Vec<RoadLine> {
    let text = |row: usize, names: &[&str]| -> Option<String> {
        let found = names.iter().map(|n| table.value(row, n)).find(|v| *v != Value::Null)?;
        Some(fold_accents(found.to_string().trim()))
    };
    let read = |value: Value<'_>, words: fn(&str) -> Option<f64>| match value {
        Value::Text(text) => words(text),
        other => other.as_f64(),
    };
    let number = |row: usize, names: &[&str]| names.iter().find_map(|n| read(table.value(row, n), tags::leading));
    let mut lines = Vec::new();
    for (row, shape) in table.geometry.iter().enumerate() {
        if shape.kind() != ShapeKind::Line {
            continue;
        }
        let class = text(row, &["highway", "fclass", "CAPDUONG", "facility_type", "class"]);
        let Some(class) = tags::class_of(class.as_deref().unwrap_or_default()) else { continue };
        let usual = standard.class(class);
        let roundabout = text(row, &["junction"]).as_deref() == Some("roundabout");
        let direction = tags::direction(text(row, &["oneway", "MOTCHIEU", "one_way"]).as_deref(), roundabout);
        let lanes = number(row, &["lanes", "SOLAN"]).filter(|l| *l >= 1.0 && *l <= MOST_LANES);
        let each_way = tags::each_way(lanes.unwrap_or_else(|| f64::from(usual.lanes)), direction);
        let speed = ["maxspeed", "TOCDO", "free_speed"].iter().find_map(|n| read(table.value(row, n), tags::speed_kmh));
        let speed = speed.filter(|s| *s > 0.0 && *s <= 200.0);
        let (bridge, tunnel) = (text(row, &["bridge"]), text(row, &["tunnel"]));
        let name = ["name", "TEN"].iter().map(|n| table.value(row, n)).find(|v| *v != Value::Null);
        for part in shape.rings() {
            lines.push(RoadLine {
                feature: table.ids.get(row).copied().unwrap_or_default(),
                line: part.points().to_vec(),
                class,
                name: name.map(|n| n.to_string()).unwrap_or_default(),
                lanes: each_way.round() as u8,
                speed_mps: speed.unwrap_or(usual.speed_kmh) * MPS_PER_KMH,
                capacity_pcu_per_h: each_way * usual.lane_pcu_per_h,
                direction,
                level: tags::level(number(row, &["layer"]), bridge.as_deref(), tunnel.as_deref()),
                roundabout,
                signals: Vec::new(),
            });
        }
    }
    let points = table.geometry.iter().enumerate().filter(|(_, s)| s.kind() == ShapeKind::Point);
    for (_, shape) in points.filter(|(row, _)| text(*row, &["highway", "fclass"]).as_deref() == Some("traffic_signals"))
    {
        for at in shape.points() {
            let far = |road: &RoadLine| distance_to_chain(*at, &road.line);
            let near = lines.iter_mut().map(|road| (far(road), road)).min_by(|a, b| a.0.total_cmp(&b.0));
            if let Some((_, road)) = near.filter(|n| n.0 <= SIGNAL_REACH_M) {
                road.signals.push(*at);
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::table::FieldKind::{Integer, Text};
    use crate::sim::traffic::network::Control;
    use crate::sim::traffic::noding::{Direction, Noding, NodingOptions};
    use crate::sim::traffic::road_class::RoadClass;

    #[test]
    fn tags_and_office_fields_are_read() {
        let table = RoadTable::standard().unwrap();
        let mut osm = FeatureTable::with_fields(&[
            ("highway", Text),
            ("lanes", Text),
            ("maxspeed", Text),
            ("oneway", Text),
            ("name", Text),
            ("bridge", Text),
        ]);
        let t = Value::Text;
        for values in [
            [t("primary"), t("4"), t("60"), t("no"), t("ĐT 975"), Value::Null],
            [t("residential"), Value::Null, t("20 mph"), t("-1"), Value::Null, t("yes")],
            [t("footway"), Value::Null, Value::Null, Value::Null, Value::Null, Value::Null],
        ] {
            osm.geometry.push_line(&[[0.0, 0.0], [9.0, 0.0]]);
            osm.push_row(&values);
        }
        let lines = road_lines(&osm, &table);
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0].class, lines[0].lanes, lines[0].direction), (RoadClass::Arterial, 2, Direction::Both));
        assert!((lines[0].speed_mps * 3.6 - 60.0).abs() < 1e-9 && lines[0].name == "ĐT 975");
        assert_eq!((lines[1].direction, lines[1].level), (Direction::Backward, 1));
        assert!((lines[1].speed_mps * 3.6 - 32.18688).abs() < 1e-9);

        let mut office = FeatureTable::with_fields(&[
            ("CAPDUONG", Text),
            ("SOLAN", Integer),
            ("TOCDO", Integer),
            ("MOTCHIEU", Integer),
        ]);
        office.geometry.push_line(&[[0.0, 0.0], [9.0, 0.0]]);
        office.push_row(&[t("Đường chính đô thị"), Value::Integer(4), Value::Integer(50), Value::Integer(1)]);
        let line = &road_lines(&office, &table)[0];
        assert_eq!((line.class, line.lanes, line.direction), (RoadClass::Main, 4, Direction::Forward));
        assert!((line.capacity_pcu_per_h - 3600.0).abs() < 1e-9);
    }

    /// A crossing with a signal at a stop line, and a ring with a road into it.
    #[test]
    fn signals_and_rings_of_the_map_control_their_junctions() {
        let standard = RoadTable::standard().unwrap();
        let mut table = FeatureTable::with_fields(&[("highway", Text), ("junction", Text)]);
        let t = Value::Text;
        let mut road = |highway: &'static str, junction: Value<'static>, line: &[[f64; 2]]| {
            table.geometry.push_line(line);
            table.push_row(&[t(highway), junction]);
        };
        road("primary", Value::Null, &[[0.0, 0.0], [200.0, 0.0]]);
        road("residential", Value::Null, &[[100.0, -100.0], [100.0, 100.0]]);
        let ring = [[300.0, 0.0], [330.0, -30.0], [360.0, 0.0], [330.0, 30.0], [300.0, 0.0]];
        road("primary", t("roundabout"), &ring);
        road("primary", Value::Null, &[[200.0, 0.0], [300.0, 0.0]]);
        road("residential", Value::Null, &[[330.0, 30.0], [330.0, 200.0]]);
        table.geometry.push_point([90.0, 1.0]);
        table.push_row(&[t("traffic_signals"), Value::Null]);
        let lines = road_lines(&table, &standard);
        assert_eq!(lines[2].direction, Direction::Forward);
        let mut noding = Noding::of(lines, NodingOptions::default());
        let mut network = noding.network();
        let control = |network: &crate::sim::traffic::network::Network, at: [f64; 2]| {
            network.nodes.iter().find(|n| n.at == at).unwrap().control.clone()
        };
        let Control::Signal(plan) = control(&network, [100.0, 0.0]) else { panic!("{network:?}") };
        assert_eq!(plan.phases.iter().map(|p| p.links.len()).collect::<Vec<_>>(), [2, 2]);
        assert_eq!(control(&network, [300.0, 0.0]), Control::Roundabout);
        assert_eq!(control(&network, [330.0, 30.0]), Control::Roundabout);
        // An upgrade to another class keeps them.
        noding.upgrade(network.links[0].feature, |road| road.class = RoadClass::Motorway);
        assert!(noding.refresh(&mut network));
        assert!(matches!(control(&network, [100.0, 0.0]), Control::Signal(_)));
        assert_eq!(control(&network, [330.0, 30.0]), Control::Roundabout);
    }
}
