//! KML 2.2 (OGC 07-147r2): WGS 84, every field as extended data, names as the labels.

use std::fmt::Write as _;

use crate::geo::shape::{Ring, Shape, ShapeKind};
use crate::model::table::{FeatureTable, FieldKind, Value};

/// Fields whose text is written beside the placemark, the first that there is.
const LABELS: [&str; 5] = ["Name", "name", "TEN", "ten", "TENXA"];

/// Rows without a place are placemarks without geometry.
pub(super) fn text(table: &FeatureTable, name: &str) -> String {
    let mut out = String::with_capacity(256 + table.geometry.vertex_count() * 32 + table.len() * 256);
    out.push_str(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document>\n",
    );
    let _ = write!(out, "<name>{}</name>\n<Schema name=\"fields\" id=\"fields\">\n", escaped(name));
    for field in &table.schema {
        let kind = match field.kind {
            FieldKind::Text => "string",
            FieldKind::Integer => "int",
            FieldKind::Real => "double",
        };
        let _ = writeln!(out, "<SimpleField name=\"{}\" type=\"{kind}\"/>", escaped(&field.name));
    }
    let _ = write!(out, "</Schema>\n<Folder><name>{}</name>\n", escaped(name));
    let label = LABELS.iter().find_map(|l| table.field_index(l));
    for (row, shape) in table.geometry.iter().enumerate() {
        out.push_str("<Placemark>");
        if let Some(Value::Text(text)) = label.map(|i| table.columns[i].get(row)) {
            let _ = write!(out, "<name>{}</name>", escaped(text));
        }
        out.push_str("<ExtendedData><SchemaData schemaUrl=\"#fields\">");
        for (field, column) in table.schema.iter().zip(&table.columns) {
            let value = match column.get(row) {
                Value::Text(text) => escaped(text),
                Value::Integer(value) => value.to_string(),
                Value::Real(value) if value.is_finite() => format!("{value:?}"),
                Value::Real(_) | Value::Null => continue,
            };
            let _ = write!(out, "<SimpleData name=\"{}\">{value}</SimpleData>", escaped(&field.name));
        }
        out.push_str("</SchemaData></ExtendedData>");
        push_geometry(&mut out, shape);
        out.push_str("</Placemark>\n");
    }
    out.push_str("</Folder></Document></kml>\n");
    out
}

fn push_geometry(out: &mut String, shape: Shape<'_>) {
    if shape.kind() == ShapeKind::Empty || !shape.points().iter().flatten().all(|v| v.is_finite()) {
        return;
    }
    let multi = shape.parts().len() != 1;
    if multi {
        out.push_str("<MultiGeometry>");
    }
    for part in shape.parts() {
        match shape.kind() {
            ShapeKind::Point => part.rings().for_each(|ring| element(out, "Point", ring)),
            ShapeKind::Line => part.rings().for_each(|ring| element(out, "LineString", ring)),
            ShapeKind::Polygon => {
                out.push_str("<Polygon>");
                for (i, ring) in part.rings().enumerate() {
                    let side = if i == 0 { "outerBoundaryIs" } else { "innerBoundaryIs" };
                    let _ = write!(out, "<{side}>");
                    element(out, "LinearRing", ring);
                    let _ = write!(out, "</{side}>");
                }
                out.push_str("</Polygon>");
            }
            ShapeKind::Empty => {}
        }
    }
    if multi {
        out.push_str("</MultiGeometry>");
    }
}

fn element(out: &mut String, name: &str, ring: Ring<'_>) {
    let _ = write!(out, "<{name}>");
    if !ring.z().is_empty() {
        // Heights are above the sea.
        out.push_str("<altitudeMode>absolute</altitudeMode>");
    }
    out.push_str("<coordinates>");
    for (i, [lon, lat]) in ring.points().iter().enumerate() {
        let space = if i > 0 { " " } else { "" };
        let _ = write!(out, "{space}{lon:.9},{lat:.9}");
        if let Some(z) = ring.z().get(i).filter(|z| z.is_finite()) {
            let _ = write!(out, ",{z}");
        }
    }
    let _ = write!(out, "</coordinates></{name}>");
}

/// Without the characters that XML 1.0 cannot hold.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| *c >= ' ' || matches!(c, '\n' | '\r' | '\t')) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => {}
            c => out.push(c),
        }
    }
    out
}
