//! What the columns say, against what they can mean.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::issue::{Issue, IssueKind};
use crate::geo::measure::{anchor, area};
use crate::model::landuse::land_use;
use crate::model::table::{Column, FeatureTable, FieldKind, Value};

/// What a field must hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttributeRule {
    pub field: String,
    pub required: bool,
    /// Smallest and largest value that makes sense.
    pub range: Option<[f64; 2]>,
    /// Whether it holds an official land-use code.
    pub land_use_code: bool,
}

/// Rules for fields of parcels and plans under the program's names (see [`crate::model::zoning::field`]).
#[must_use]
pub fn default_rules() -> Vec<AttributeRule> {
    let rule = |field: &str, required, range, land_use_code| AttributeRule {
        field: field.to_owned(),
        required,
        range,
        land_use_code,
    };
    vec![
        rule("SOTO", true, Some([1.0, 9999.0]), false),
        rule("SOTHUA", true, Some([1.0, 99_999.0]), false),
        rule("MALOAIDAT", true, None, true),
        rule("DIENTICH", false, Some([0.1, 1e9]), false),
        rule("HESOSDD", false, Some([0.0, 30.0]), false),
        rule("MATDOXD", false, Some([0.0, 100.0]), false),
        rule("CHIEUCAO", false, Some([0.0, 500.0]), false),
        rule("TANGCAO", false, Some([0.0, 120.0]), false),
    ]
}

pub(super) fn values(table: &FeatureTable, rules: &[AttributeRule], found: &mut Vec<Issue>) {
    for rule in rules {
        let Some(column) = table.column(&rule.field) else { continue };
        for row in 0..table.len() {
            let value = column.get(row);
            let empty = matches!(value, Value::Null) || matches!(value, Value::Text(t) if t.trim().is_empty());
            let kind = if empty {
                rule.required.then_some(IssueKind::MissingValue)
            } else if rule.land_use_code && land_use(&value.to_string()).is_none() {
                Some(IssueKind::UnknownCode)
            } else {
                // A text that is no number is beyond every range.
                let beyond =
                    |[low, high]: [f64; 2]| !value.as_f64().is_some_and(|v| v.is_finite() && low <= v && v <= high);
                rule.range.is_some_and(beyond).then_some(IssueKind::OutOfRange)
            };
            if let Some(kind) = kind {
                found.push(of(table, kind, row, &rule.field, value));
            }
        }
    }
}

fn of(table: &FeatureTable, kind: IssueKind, row: usize, field: &str, value: Value<'_>) -> Issue {
    let issue = Issue::new(kind, row, table.ids[row]).at(anchor(table.geometry.get(row)).unwrap_or([f64::NAN; 2]));
    let value = Some(value.to_string()).filter(|v| !v.is_empty());
    Issue { field: Some(field.to_owned()), value, ..issue }
}

/// The same parcel number in the same sheet of the same commune.
pub(super) fn duplicate_parcels(table: &FeatureTable, found: &mut Vec<Issue>) {
    let number = |names: &[&str]| names.iter().find_map(|name| table.column(name));
    let (Some(sheets), Some(parcels)) = (number(&["SOTO", "SHBANDO"]), number(&["SOTHUA", "SHTHUA"])) else { return };
    let commune = number(&["MAXA", "XAID", "MADVHC"]);
    let mut first: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    for row in 0..table.len() {
        let text = |column: &Column| column.get(row).to_string().trim().to_owned();
        let key = (commune.map(text).unwrap_or_default(), text(sheets), text(parcels));
        if key.1.is_empty() || key.2.is_empty() {
            continue;
        }
        let value = format!("{}/{}", key.1, key.2);
        if let Some(&other) = first.get(&key) {
            let issue = of(table, IssueKind::DuplicateParcel, row, "SOTHUA", Value::Text(&value));
            found.push(Issue { other_row: Some(other as u64 + 1), ..issue });
        } else {
            first.insert(key, row);
        }
    }
}

/// A register and a map that differ by more than a twentieth and two square metres.
pub(super) fn areas(table: &FeatureTable, found: &mut Vec<Issue>) {
    let Some(column) = table.column("DIENTICH").filter(|c| c.kind() != FieldKind::Text) else { return };
    for (row, shape) in table.geometry.iter().enumerate() {
        let (Some(registered), measured) = (column.get(row).as_f64().filter(|a| *a > 0.0), area(shape)) else {
            continue;
        };
        if measured > 0.0 && (registered - measured).abs() > (0.05 * measured).max(2.0) {
            let value = format!("{registered} / {measured:.1}");
            found.push(of(table, IssueKind::AreaDiffers, row, "DIENTICH", Value::Text(&value)));
        }
    }
}
