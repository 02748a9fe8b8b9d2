//! Styles applied to rows: the colour and the size of every feature of a layer, worked out once.

use std::collections::BTreeMap;

use super::landuse;
use super::style::{ColorRule, Metres, Rgba};
use super::table::FeatureTable;

/// The colour of every row.
#[must_use]
pub fn row_colors(table: &FeatureTable, rule: &ColorRule) -> Vec<Rgba> {
    let rows = 0..table.len();
    match rule {
        ColorRule::Single(color) => vec![*color; table.len()],
        ColorRule::LandUse { field } => {
            // A layer has few codes and many rows.
            let mut seen = BTreeMap::<String, Rgba>::new();
            rows.map(|row| {
                let code = table.value(row, field).to_string();
                *seen.entry(code).or_insert_with_key(|code| landuse::color(code))
            })
            .collect()
        }
        ColorRule::Categories { field, classes, other } => {
            let by_value: BTreeMap<&str, Rgba> = classes.iter().map(|c| (c.value.as_str(), c.color)).collect();
            rows.map(|row| by_value.get(table.value(row, field).to_string().as_str()).copied().unwrap_or(*other))
                .collect()
        }
        ColorRule::Ramp { field, stops } => rows
            .map(|row| table.value(row, field).as_f64().map_or(landuse::UNKNOWN_COLOR, |v| ramp_color(stops, v)))
            .collect(),
    }
}

/// The colour of a number between ascending stops; the ends hold beyond.
#[must_use]
pub fn ramp_color(stops: &[(f64, Rgba)], value: f64) -> Rgba {
    let above = stops.partition_point(|(stop, _)| *stop <= value);
    match (above.checked_sub(1).and_then(|i| stops.get(i)), stops.get(above)) {
        (Some(&(v0, c0)), Some(&(v1, c1))) => mix(c0, c1, ((value - v0) / (v1 - v0)) as f32),
        (Some(&(_, c)), None) | (None, Some(&(_, c))) => c,
        (None, None) => landuse::UNKNOWN_COLOR,
    }
}

#[must_use]
pub fn mix(a: Rgba, b: Rgba, t: f32) -> Rgba {
    let lerp = |x: u8, y: u8| (f32::from(y) - f32::from(x)).mul_add(t, f32::from(x)).round() as u8;
    Rgba(lerp(a.0, b.0), lerp(a.1, b.1), lerp(a.2, b.2), lerp(a.3, b.3))
}

/// The length of every row, metres.
#[must_use]
pub fn row_metres(table: &FeatureTable, rule: &Metres) -> Vec<f32> {
    match rule {
        Metres::Fixed(metres) => vec![*metres; table.len()],
        Metres::Field { field, factor, fallback } => match table.column(field) {
            Some(column) => (0..table.len())
                .map(|row| column.get(row).as_f64().map_or(*fallback, |v| v as f32 * factor))
                .map(|metres| if metres.is_finite() { metres } else { *fallback })
                .collect(),
            None => vec![*fallback; table.len()],
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::table::{FieldKind, Value};

    #[test]
    fn a_ramp_holds_beyond_its_ends() {
        let stops = [(0.0, Rgba::opaque(0, 0, 0)), (10.0, Rgba::opaque(100, 200, 0))];
        assert_eq!(ramp_color(&stops, -5.0), Rgba::opaque(0, 0, 0));
        assert_eq!(ramp_color(&stops, 5.0), Rgba::opaque(50, 100, 0));
        assert_eq!(ramp_color(&stops, 15.0), Rgba::opaque(100, 200, 0));
    }

    #[test]
    fn a_missing_field_falls_back() {
        let mut table = FeatureTable::with_fields(&[("D", FieldKind::Integer)]);
        table.geometry.push_empty();
        table.push_row(&[Value::Integer(200)]);
        table.geometry.push_empty();
        table.push_row(&[Value::Null]);
        let diameter = Metres::Field { field: "D".into(), factor: 0.001, fallback: 0.1 };
        assert_eq!(row_metres(&table, &diameter), [0.2, 0.1]);
        let absent = Metres::Field { field: "X".into(), factor: 1.0, fallback: 3.0 };
        assert_eq!(row_metres(&table, &absent), [3.0, 3.0]);
    }
}
