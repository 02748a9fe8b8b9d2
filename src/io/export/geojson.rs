//! GeoJSON (RFC 7946): WGS 84, seven decimals (1 cm), outer rings counter-clockwise.

use std::fmt::Write as _;

use crate::geo::shape::{Ring, Shape, ShapeKind};
use crate::model::table::{FeatureTable, Value};

/// One feature a line.
pub(super) fn text(table: &FeatureTable) -> String {
    let mut out = String::with_capacity(64 + table.geometry.vertex_count() * 24 + table.len() * 64);
    out.push_str("{\"type\":\"FeatureCollection\",\"features\":[");
    for (row, shape) in table.geometry.iter().enumerate() {
        out.push_str(if row == 0 { "\n" } else { ",\n" });
        let _ = write!(out, "{{\"type\":\"Feature\",\"id\":{},\"properties\":{{", table.ids[row]);
        for (i, (field, column)) in table.schema.iter().zip(&table.columns).enumerate() {
            if i > 0 {
                out.push(',');
            }
            push_string(&mut out, &field.name);
            out.push(':');
            match column.get(row) {
                Value::Text(text) => push_string(&mut out, text),
                Value::Integer(value) => {
                    let _ = write!(out, "{value}");
                }
                Value::Real(value) if value.is_finite() => {
                    let _ = write!(out, "{value:?}");
                }
                Value::Real(_) | Value::Null => out.push_str("null"),
            }
        }
        out.push_str("},\"geometry\":");
        push_geometry(&mut out, shape);
        out.push('}');
    }
    out.push_str("\n]}\n");
    out
}

fn push_geometry(out: &mut String, shape: Shape<'_>) {
    let name = match shape.kind() {
        ShapeKind::Empty => return out.push_str("null"),
        _ if shape.points().iter().any(|p| !p[0].is_finite() || !p[1].is_finite()) => return out.push_str("null"),
        ShapeKind::Point => "Point",
        ShapeKind::Line => "LineString",
        ShapeKind::Polygon => "Polygon",
    };
    let multi = shape.parts().len() != 1;
    let _ = write!(out, "{{\"type\":\"{}{name}\",\"coordinates\":", if multi { "Multi" } else { "" });
    let list = |out: &mut String, n: usize, each: &mut dyn FnMut(&mut String, usize)| {
        out.push('[');
        for i in 0..n {
            if i > 0 {
                out.push(',');
            }
            each(out, i);
        }
        out.push(']');
    };
    let positions = |out: &mut String, ring: Ring<'_>| {
        list(out, ring.points().len(), &mut |out, i| push_position(out, ring.points()[i], ring.z().get(i)));
    };
    let parts: Vec<_> = shape.parts().collect();
    let part = |out: &mut String, i: usize| {
        let rings: Vec<_> = parts[i].rings().collect();
        match (shape.kind(), rings.first()) {
            (ShapeKind::Polygon, _) => list(out, rings.len(), &mut |out, i| positions(out, rings[i])),
            (ShapeKind::Point, Some(ring)) if !ring.points().is_empty() => {
                push_position(out, ring.points()[0], ring.z().first());
            }
            (_, Some(ring)) => positions(out, *ring),
            (_, None) => out.push_str("[]"),
        }
    };
    if multi {
        list(out, parts.len(), &mut |out, i| part(out, i));
    } else {
        part(out, 0);
    }
    out.push('}');
}

fn push_position(out: &mut String, xy: [f64; 2], z: Option<&f64>) {
    out.push('[');
    push_number(out, xy[0], 7);
    out.push(',');
    push_number(out, xy[1], 7);
    if let Some(z) = z {
        out.push(',');
        push_number(out, *z, 3);
    }
    out.push(']');
}

/// Fixed decimals without trailing zeros.
fn push_number(out: &mut String, value: f64, decimals: usize) {
    let start = out.len();
    let _ = write!(out, "{value:.decimals$}");
    let kept = out[start..].trim_end_matches('0').trim_end_matches('.').len();
    out.truncate(start + kept);
    if &out[start..] == "-0" {
        out.replace_range(start.., "0");
    }
}

fn push_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if u32::from(c) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
