//! Tables as comma-separated text (RFC 4180) that spreadsheets open with its accents, places as well-known text.

use std::fmt::Write as _;

use crate::geo::shape::{Ring, Shape, ShapeKind};
use crate::model::table::{FeatureTable, Value};

/// With the mark by which Excel knows UTF-8.
pub(super) fn text(table: &FeatureTable) -> String {
    let mut out = String::from("\u{feff}");
    for field in &table.schema {
        push_text(&mut out, &field.name);
        out.push(',');
    }
    out.push_str("WKT\r\n");
    for (row, shape) in table.geometry.iter().enumerate() {
        for column in &table.columns {
            match column.get(row) {
                Value::Text(text) => push_text(&mut out, text),
                Value::Real(value) if !value.is_finite() => {}
                value => {
                    let _ = write!(out, "{value}");
                }
            }
            out.push(',');
        }
        push_text(&mut out, &wkt(shape));
        out.push_str("\r\n");
    }
    out
}

/// A text that a spreadsheet would take for a formula gets an apostrophe in front.
fn push_text(out: &mut String, text: &str) {
    let formula =
        text.starts_with(['=', '@', '\t', '\r']) || (text.starts_with(['+', '-']) && text.parse::<f64>().is_err());
    let quote = formula || text.contains([',', '"', '\n', '\r']) || text.trim() != text;
    if !quote {
        out.push_str(text);
        return;
    }
    out.push('"');
    if formula {
        out.push('\'');
    }
    out.push_str(&text.replace('"', "\"\""));
    out.push('"');
}

fn wkt(shape: Shape<'_>) -> String {
    let name = match shape.kind() {
        ShapeKind::Empty => return String::new(),
        ShapeKind::Point => "POINT",
        ShapeKind::Line => "LINESTRING",
        ShapeKind::Polygon => "POLYGON",
    };
    let points = |ring: Ring<'_>| {
        let all: Vec<String> = ring.points().iter().map(|p| format!("{} {}", p[0], p[1])).collect();
        format!("({})", all.join(","))
    };
    let parts: Vec<String> = shape
        .parts()
        .map(|part| {
            let rings: Vec<String> = part.rings().map(points).collect();
            if shape.kind() == ShapeKind::Polygon { format!("({})", rings.join(",")) } else { rings.join(",") }
        })
        .collect();
    match parts.as_slice() {
        [one] => format!("{name} {one}"),
        many => format!("MULTI{name} ({})", many.join(",")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::table::FieldKind;

    #[test]
    fn commas_quotes_and_formulas_do_no_harm() {
        let mut table = FeatureTable::with_fields(&[("TEN", FieldKind::Text), ("SO", FieldKind::Real)]);
        for name in ["Chợ \"lớn\", ấp 1", "=HYPERLINK(1)", "-5", "-x"] {
            table.geometry.push_point([1.5, 2.0]);
            table.push_row(&[Value::Text(name), Value::Real(0.5)]);
        }
        let text = text(&table);
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(lines[0], "TEN,SO,WKT");
        assert_eq!(lines[1], "\"Chợ \"\"lớn\"\", ấp 1\",0.5,POINT (1.5 2)");
        assert_eq!(lines[2], "\"'=HYPERLINK(1)\",0.5,POINT (1.5 2)");
        assert_eq!(lines[3], "-5,0.5,POINT (1.5 2)");
        assert_eq!(lines[4], "\"'-x\",0.5,POINT (1.5 2)");
    }
}
