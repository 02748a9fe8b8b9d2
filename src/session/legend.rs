//! The entries of a layer's legend: only what occurs.

use std::collections::BTreeMap;

use crate::model::landuse::{UNKNOWN_COLOR, land_use};
use crate::model::layer::{Layer, LayerContent};
use crate::model::style::{ColorRule, Rgba, Symbol, Text2};
use crate::model::table::FeatureTable;

#[derive(Debug, Clone, PartialEq)]
pub struct LegendEntry {
    pub color: Rgba,
    pub label: LegendLabel,
    /// Features of this kind; `None` for rasters and single colours.
    pub count: Option<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum LegendLabel {
    /// The whole layer.
    All,
    Text(Text2),
    /// A land-use code and its name.
    Code {
        code: String,
        name: Option<Text2>,
    },
    /// A stop of a ramp.
    Value(f64),
    /// A class of numbers.
    Range(f64, f64),
    /// Everything that has no entry of its own.
    Other,
}

/// The rule a layer is coloured by; terrain and hidden layers have none.
#[must_use]
pub fn color_rule(symbol: &Symbol) -> Option<&ColorRule> {
    match symbol {
        Symbol::Fill { color, .. }
        | Symbol::Stroke { color, .. }
        | Symbol::Raster { color }
        | Symbol::Extrude { color, .. }
        | Symbol::Tube { color, .. }
        | Symbol::Points { color, .. } => Some(color),
        Symbol::Terrain | Symbol::Hidden => None,
    }
}

/// Classes are pairs of stops in one colour; what has single stops blends from one to the next.
#[must_use]
pub fn is_stepped(stops: &[(f64, Rgba)]) -> bool {
    stops.len() > 1 && stops.chunks(2).all(|c| c.len() == 2 && c[0].1 == c[1].1)
}

/// Goes through the whole table: call it when the layer has changed, not every frame.
#[must_use]
pub fn legend(layer: &Layer) -> Vec<LegendEntry> {
    let table = match &layer.content {
        LayerContent::Features(table) => Some(table.as_ref()),
        _ => None,
    };
    match color_rule(&layer.style.symbol) {
        None => Vec::new(),
        Some(ColorRule::Single(color)) => vec![LegendEntry { color: *color, label: LegendLabel::All, count: None }],
        Some(ColorRule::LandUse { field }) => table.map_or_else(Vec::new, |t| land_use_entries(t, field)),
        Some(ColorRule::Ramp { stops, .. }) if is_stepped(stops) => stops
            .chunks(2)
            .map(|class| {
                let label = LegendLabel::Range(class[0].0, class[1].0);
                LegendEntry { color: class[0].1, label, count: None }
            })
            .collect(),
        Some(ColorRule::Ramp { stops, .. }) => stops
            .iter()
            .map(|(value, color)| LegendEntry { color: *color, label: LegendLabel::Value(*value), count: None })
            .collect(),
        Some(ColorRule::Categories { field, classes, other }) => {
            let counts = table.map(|t| value_counts(t, field));
            let count = |value: &str| counts.as_ref().map(|c| c.get(value).copied().unwrap_or(0));
            let mut entries: Vec<LegendEntry> = classes
                .iter()
                .map(|class| LegendEntry {
                    color: class.color,
                    label: LegendLabel::Text(class.label.clone()),
                    count: count(&class.value),
                })
                .filter(|e| e.count != Some(0))
                .collect();
            if let (Some(counts), Some(table)) = (&counts, table) {
                let named: usize = classes.iter().filter_map(|c| counts.get(&c.value)).sum();
                if named < table.len() {
                    let count = Some(table.len() - named);
                    entries.push(LegendEntry { color: *other, label: LegendLabel::Other, count });
                }
            }
            entries
        }
    }
}

fn land_use_entries(table: &FeatureTable, field: &str) -> Vec<LegendEntry> {
    let mut entries: Vec<LegendEntry> = value_counts(table, field)
        .into_iter()
        .map(|(code, count)| {
            let known = land_use(&code);
            LegendEntry {
                color: known.map_or(UNKNOWN_COLOR, |l| l.color),
                label: if code.is_empty() {
                    LegendLabel::Other
                } else {
                    LegendLabel::Code { name: known.map(|l| l.name.clone()), code }
                },
                count: Some(count),
            }
        })
        .collect();
    // The commonest first; ties stay in alphabetical order.
    entries.sort_by_key(|e| std::cmp::Reverse(e.count));
    entries
}

fn value_counts(table: &FeatureTable, field: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    let Some(column) = table.column(field) else { return counts };
    for row in 0..table.len() {
        let value = column.get(row).to_string();
        *counts.entry(value).or_insert(0) += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::layer::{LayerId, LayerRole, Provenance};
    use crate::model::style::{Category, Style};
    use crate::model::table::{FieldKind, Value};
    use std::sync::Arc;

    fn layer(color: ColorRule) -> Layer {
        let mut table = FeatureTable::with_fields(&[("MALOAIDAT", FieldKind::Text)]);
        for code in ["ODT", "CLN", "ODT", "???"] {
            table.geometry.push_point([0.0, 0.0]);
            table.push_row(&[Value::Text(code)]);
        }
        Layer {
            id: LayerId::new("plan"),
            title: Text2::default(),
            group: Text2::default(),
            source: Provenance::default(),
            content: LayerContent::Features(Arc::new(table)),
            style: Style::new(Symbol::Fill { color, outline: None }),
            visible: true,
            role: LayerRole::Plain,
        }
    }

    #[test]
    fn land_use_lists_the_codes_that_occur_the_commonest_first() {
        let entries = legend(&layer(ColorRule::LandUse { field: "MALOAIDAT".to_owned() }));
        let codes: Vec<_> = entries
            .iter()
            .map(|e| match &e.label {
                LegendLabel::Code { code, name } => (code.as_str(), name.is_some(), e.count),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(codes, [("ODT", true, Some(2)), ("???", false, Some(1)), ("CLN", true, Some(1))]);
    }

    #[test]
    fn classes_of_numbers_are_told_as_ranges() {
        let (red, blue) = (Rgba::opaque(200, 0, 0), Rgba::opaque(0, 0, 200));
        let ramp = |stops: &[(f64, Rgba)]| ColorRule::Ramp { field: "DT".to_owned(), stops: stops.to_vec() };
        let labels = |rule| legend(&layer(rule)).into_iter().map(|e| e.label).collect::<Vec<_>>();
        let stepped = ramp(&[(0.0, red), (5.0, red), (5.0, blue), (9.0, blue)]);
        assert_eq!(labels(stepped), [LegendLabel::Range(0.0, 5.0), LegendLabel::Range(5.0, 9.0)]);
        assert_eq!(labels(ramp(&[(0.0, red), (9.0, blue)])), [LegendLabel::Value(0.0), LegendLabel::Value(9.0)]);
    }

    #[test]
    fn categories_leave_out_what_does_not_occur_and_sum_up_the_rest() {
        let class =
            |value: &str| Category { value: value.to_owned(), label: Text2::same(value), color: Rgba::opaque(1, 2, 3) };
        let entries = legend(&layer(ColorRule::Categories {
            field: "MALOAIDAT".to_owned(),
            classes: vec![class("ODT"), class("RDD")],
            other: Rgba::opaque(9, 9, 9),
        }));
        assert_eq!(entries.iter().map(|e| e.count).collect::<Vec<_>>(), [Some(2), Some(2)]);
        assert_eq!(entries[1].label, LegendLabel::Other);
    }
}
