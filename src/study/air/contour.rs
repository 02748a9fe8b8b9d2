//! A field as areas above rising levels, for maps on paper and in QGIS.

use crate::geo::contour::{above, polygons};
use crate::geo::grid::Grid;
use crate::geo::shape::ShapeKind;
use crate::model::table::{FeatureTable, FieldKind, Value};

/// Parts of the limit where there is one, else steps of 1, 2 and 5 below the highest value; µg/m3, rising.
#[must_use]
pub fn levels(field: &Grid<f32>, limit_ug_m3: Option<f64>) -> Vec<f64> {
    let highest = field.range().map_or(0.0, |(_, most)| f64::from(most));
    let mut levels: Vec<f64> = limit_ug_m3.map_or_else(Vec::new, |limit| {
        [0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0].iter().map(|part| part * limit).collect()
    });
    levels.retain(|l| *l <= highest);
    if levels.len() < 3 && highest > 0.0 {
        let top = highest.log10().floor();
        let steps = [-2.0, -1.0, 0.0].map(|d| 10_f64.powf(top + d));
        levels.extend(steps.iter().flat_map(|s| [*s, 2.0 * s, 5.0 * s]).filter(|l| *l <= highest));
        levels.sort_by(f64::total_cmp);
        levels.dedup();
    }
    levels
}

/// One row a level: everything where the field is at least as high.
#[must_use]
pub fn table(field: &Grid<f32>, levels: &[f64], limit_ug_m3: Option<f64>, pollutant: &str) -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[
        ("level_ug_m3", FieldKind::Real),
        ("share_of_limit", FieldKind::Real),
        ("area_ha", FieldKind::Real),
        ("pollutant", FieldKind::Text),
        ("origin", FieldKind::Text),
    ]);
    for level in levels {
        let parts = polygons(above(field, *level));
        if parts.is_empty() {
            continue;
        }
        let square_metres: f64 = parts.iter().flatten().map(|ring| crate::geo::measure::ring_area(ring)).sum();
        let rings: Vec<Vec<&[[f64; 2]]>> = parts.iter().map(|p| p.iter().map(Vec::as_slice).collect()).collect();
        let borrowed: Vec<&[&[[f64; 2]]]> = rings.iter().map(Vec::as_slice).collect();
        table.geometry.push_parts(ShapeKind::Polygon, &borrowed);
        let share = limit_ug_m3.map_or(Value::Null, |limit| Value::Real(level / limit));
        let area_ha = Value::Real(square_metres / 10_000.0);
        table.push_row(&[Value::Real(*level), share, area_ha, Value::Text(pollutant), Value::Text("simulated")]);
    }
    table
}
