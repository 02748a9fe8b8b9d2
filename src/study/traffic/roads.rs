//! Roads of a layer as lines with lanes, speeds and directions: OpenStreetMap's tags, the fields of Vietnamese offices,
//! and what the table assumes where neither says anything.

use crate::base::fold::fold_accents;
use crate::geo::shape::ShapeKind;
use crate::model::table::{FeatureTable, Value};
use crate::sim::traffic::noding::{Direction, RoadLine};
use crate::sim::traffic::road_class::RoadClass;
use crate::sim::traffic::road_table::RoadTable;

const MPS_PER_KMH: f64 = 1.0 / 3.6;
/// Lanes that a road can have; more is a mistake of the layer.
const MOST_LANES: f64 = 12.0;

/// All lines of a layer, in the layer's (the site's) system.
#[must_use]
pub fn road_lines(table: &FeatureTable, standard: &RoadTable) -> Vec<RoadLine> {
    let text = |row: usize, names: &[&str]| -> Option<String> {
        let found = names.iter().map(|n| table.value(row, n)).find(|v| *v != Value::Null)?;
        Some(fold_accents(found.to_string().trim()))
    };
    let number = |row: usize, names: &[&str]| names.iter().find_map(|n| leading(table.value(row, n)));
    let mut lines = Vec::new();
    for (row, shape) in table.geometry.iter().enumerate() {
        if shape.kind() != ShapeKind::Line {
            continue;
        }
        let class = text(row, &["highway", "fclass", "CAPDUONG", "facility_type", "class"]);
        let Some(class) = class_of(class.as_deref().unwrap_or_default()) else { continue };
        let usual = standard.class(class);
        let direction = direction(
            text(row, &["oneway", "MOTCHIEU", "one_way"]).as_deref(),
            text(row, &["junction"]).as_deref() == Some("roundabout"),
        );
        let lanes = number(row, &["lanes", "SOLAN"]).filter(|l| *l >= 1.0 && *l <= MOST_LANES);
        let lanes = lanes.unwrap_or_else(|| f64::from(usual.lanes));
        let each_way = if direction == Direction::Both { (lanes / 2.0).max(1.0) } else { lanes };
        let speed = number(row, &["maxspeed", "TOCDO", "free_speed"]).filter(|s| *s > 0.0 && *s <= 200.0);
        let level = number(row, &["layer"]).filter(|l| l.abs() < 20.0).unwrap_or_else(|| {
            let yes = |names: &[&str]| text(row, names).is_some_and(|t| !["no", "0", "f", ""].contains(&t.as_str()));
            f64::from(u8::from(yes(&["bridge"]))) - f64::from(u8::from(yes(&["tunnel"])))
        });
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
                level: level as i8,
            });
        }
    }
    lines
}

/// "50", "50 km/h", "2;1": the number in front.
fn leading(value: Value<'_>) -> Option<f64> {
    match value {
        Value::Text(text) => {
            let text = text.trim();
            let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-')).unwrap_or(text.len());
            let number: f64 = text[..end].parse().ok()?;
            Some(if text[end..].trim().eq_ignore_ascii_case("mph") { number * 1.609_344 } else { number })
        }
        other => other.as_f64(),
    }
}

/// None for what no vehicle drives on.
fn class_of(text: &str) -> Option<RoadClass> {
    Some(match text {
        "motorway" | "motorway_link" | "trunk" | "trunk_link" | "freeway" | "expressway" | "cao toc" => {
            RoadClass::Motorway
        }
        "primary" | "primary_link" | "arterial" | "duong tinh" | "quoc lo" | "duong quoc lo" => RoadClass::Arterial,
        "secondary" | "secondary_link" | "main" | "duong chinh do thi" => RoadClass::Main,
        "tertiary" | "tertiary_link" | "collector" | "duong gom" => RoadClass::Collector,
        "service" | "track" | "living_street" | "local_access" => RoadClass::Service,
        "footway" | "path" | "steps" | "cycleway" | "pedestrian" | "bridleway" | "construction" | "proposed"
        | "dong" => {
            return None;
        }
        _ => RoadClass::Street,
    })
}

fn direction(oneway: Option<&str>, roundabout: bool) -> Direction {
    match oneway {
        Some("yes" | "true" | "1" | "f" | "ft") => Direction::Forward,
        Some("-1" | "reverse" | "t" | "tf") => Direction::Backward,
        _ if roundabout => Direction::Forward,
        _ => Direction::Both,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::table::FieldKind::{Integer, Text};

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
}
