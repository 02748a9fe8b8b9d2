//! Places in the columns of a table: well-known text, or two columns of numbers.

use gdal::vector::Geometry;

use super::source::ImportReport;
use crate::base::fold::fold_accents;
use crate::base::message::Message;
use crate::geo::shape::Shapes;
use crate::io::{gdal_setup, wkb};
use crate::model::table::{Column, FeatureTable, Value};

/// What the numbers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placed {
    Nowhere,
    Degrees,
    /// Metres in a system that the table does not name.
    Metres,
}

const WKT: [&str; 6] = ["wkt", "geom", "geometry", "the_geom", "shape", "_wkt"];
/// Names of the two columns, without accents, case, blanks and units; "x" and "y" may mean either, and the numbers
/// decide.
const EAST: [&str; 12] =
    ["lon", "lng", "long", "longitude", "kinhdo", "x", "toadox", "xcoord", "e", "east", "easting", "dong"];
const NORTH: [&str; 12] =
    ["lat", "vido", "latitude", "y", "toadoy", "ycoord", "n", "north", "northing", "bac", "vd", "vi_do"];

/// Gives a table without geometry the places that its columns tell. Columns stay as they are.
pub(super) fn place(table: &mut FeatureTable, report: &mut ImportReport) -> Placed {
    let plain: Vec<String> = table.schema.iter().map(|f| plain_name(&f.name)).collect();
    if let Some(column) = plain.iter().position(|n| WKT.contains(&n.as_str()))
        && let Column::Text(_) = table.columns[column]
    {
        return from_wkt(table, column, report);
    }
    let find = |names: &[&str]| names.iter().find_map(|name| plain.iter().position(|p| p == name));
    let (Some(first), Some(second)) = (find(&EAST), find(&NORTH)) else { return Placed::Nowhere };
    let points: Vec<Option<[f64; 2]>> = (0..table.len())
        .map(|row| Some([number(table.columns[first].get(row))?, number(table.columns[second].get(row))?]))
        .collect();
    let known: Vec<[f64; 2]> = points.iter().flatten().copied().collect();
    if known.is_empty() {
        return Placed::Nowhere;
    }
    let within = |p: &[f64; 2], most: [f64; 2]| p[0].abs() <= most[0] && p[1].abs() <= most[1];
    // All of Vietnam lies east of 102° and south of 24°, and in metres its northings are larger than its eastings.
    let degrees = known.iter().all(|p| within(p, [180.0, 90.0]) || within(p, [90.0, 180.0]));
    let swapped = known.iter().filter(|p| p[0] < p[1]).count() * 2 > known.len();
    let swapped = if degrees { swapped && known.iter().all(|p| p[1].abs() > 90.0) } else { !swapped };
    let mut shapes = Shapes::new();
    for (row, point) in points.iter().enumerate() {
        if let Some([x, y]) = *point {
            shapes.push_point(if swapped { [y, x] } else { [x, y] });
        } else {
            shapes.push_empty();
            report.note(Some(row), Message::new("io-problem-no-coordinates"));
        }
    }
    if swapped {
        let name = |i: usize| table.schema[i].name.clone();
        report.note(None, Message::new("io-problem-xy-swapped").with("x", name(first)).with("y", name(second)));
    }
    table.geometry = shapes;
    if degrees { Placed::Degrees } else { Placed::Metres }
}

fn from_wkt(table: &mut FeatureTable, column: usize, report: &mut ImportReport) -> Placed {
    let mut shapes = Shapes::new();
    for row in 0..table.len() {
        let Value::Text(text) = table.columns[column].get(row) else {
            shapes.push_empty();
            continue;
        };
        // EWKT names its system in front.
        let text = text.trim().rsplit(';').next().unwrap_or_default();
        let bytes = Geometry::from_wkt(text).and_then(|g| g.wkb()).ok();
        if bytes.is_none_or(|bytes| wkb::read(&bytes, false, &mut shapes).is_err()) {
            shapes.push_empty();
            report.note(Some(row), Message::new("io-problem-wkt"));
        }
    }
    // What was said of single rows is in the report.
    gdal_setup::take_failure();
    let degrees = shapes.bounds().is_some_and(|[w, s, e, n]| w >= -180.0 && e <= 180.0 && s >= -90.0 && n <= 90.0);
    let placed = match shapes.vertex_count() {
        0 => Placed::Nowhere,
        _ if degrees => Placed::Degrees,
        _ => Placed::Metres,
    };
    table.geometry = shapes;
    placed
}

fn plain_name(name: &str) -> String {
    let folded = fold_accents(name);
    let without_unit = folded.split(['(', '[']).next().unwrap_or_default();
    without_unit.chars().filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '.')).collect()
}

/// Numbers as people type them: "441377.76", "441377,76", "441.377,76", "1 129 870,26".
pub(super) fn number(value: Value<'_>) -> Option<f64> {
    let Value::Text(text) = value else { return value.as_f64().filter(|v| v.is_finite()) };
    let mut plain: String = text.chars().filter(|c| !c.is_whitespace() && *c != '\u{a0}').collect();
    match (plain.rfind(','), plain.rfind('.')) {
        // The last of both is the decimal sign.
        (Some(comma), Some(dot)) if comma > dot => plain = plain.replace('.', "").replace(',', "."),
        (Some(_), None) if plain.matches(',').count() == 1 => plain = plain.replace(',', "."),
        (Some(_), _) => plain = plain.replace(',', ""),
        (None, Some(_)) if plain.matches('.').count() > 1 => plain = plain.replace('.', ""),
        _ => {}
    }
    plain.parse().ok().filter(|v: &f64| v.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::table::FieldKind;

    fn table(fields: &[(&str, FieldKind)], rows: &[&[Value<'_>]]) -> FeatureTable {
        let mut table = FeatureTable::with_fields(fields);
        for row in rows {
            table.geometry.push_empty();
            table.push_row(row);
        }
        table
    }

    #[test]
    fn numbers_are_read_as_people_type_them() {
        for text in ["441377.76", "441377,76", "441.377,76", " 441 377,76", "441,377.76"] {
            assert_eq!(number(Value::Text(text)), Some(441_377.76), "{text}");
        }
        assert_eq!(number(Value::Text("1.129.870")), Some(1_129_870.0));
        assert_eq!(number(Value::Text("khoảng 35")), None);
    }

    #[test]
    fn a_surveyors_x_is_north() {
        let rows: [&[Value<'_>]; 2] = [
            &[Value::Text("1129870,262"), Value::Text("441377,762")],
            &[Value::Text("không rõ"), Value::Text("441377,762")],
        ];
        let mut table = table(&[("X (m)", FieldKind::Text), ("Y (m)", FieldKind::Text)], &rows);
        let mut report = ImportReport::default();
        assert_eq!(place(&mut table, &mut report), Placed::Metres);
        assert_eq!(table.geometry.get(0).points(), [[441_377.762, 1_129_870.262]]);
        let keys: Vec<_> = report.problems.iter().map(|p| (p.row, p.message.key.as_str())).collect();
        assert_eq!(keys, [(Some(2), "io-problem-no-coordinates"), (None, "io-problem-xy-swapped")]);
    }

    #[test]
    fn degrees_are_told_from_metres() {
        let rows: [&[Value<'_>]; 1] = [&[Value::Real(10.2167), Value::Real(103.9667)]];
        let mut named = table(&[("Vĩ độ", FieldKind::Real), ("Kinh độ", FieldKind::Real)], &rows);
        assert_eq!(place(&mut named, &mut ImportReport::default()), Placed::Degrees);
        assert_eq!(named.geometry.get(0).points(), [[103.9667, 10.2167]]);
        let mut xy = table(&[("X", FieldKind::Real), ("Y", FieldKind::Real)], &rows);
        assert_eq!(place(&mut xy, &mut ImportReport::default()), Placed::Degrees);
        assert_eq!(xy.geometry.get(0).points(), [[103.9667, 10.2167]]);
    }

    #[test]
    fn well_known_text_is_read_and_what_is_none_is_told() {
        let rows: [&[Value<'_>]; 3] =
            [&[Value::Text("POINT (104 10)")], &[Value::Text("POINT (")], &[Value::Text("SRID=4326;POINT (104 11)")]];
        let mut table = table(&[("geom", FieldKind::Text)], &rows);
        let mut report = ImportReport::default();
        assert_eq!(place(&mut table, &mut report), Placed::Degrees);
        assert_eq!(table.geometry.get(2).points(), [[104.0, 11.0]]);
        assert_eq!((report.problems.len(), report.problems[0].row), (1, Some(2)));
    }
}
