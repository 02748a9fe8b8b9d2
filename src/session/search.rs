//! Finding layers and features by words, accents not mattering, and parcels by sheet and number.

use super::inspect::{FeatureTitle, feature_title};
use super::place::title;
use super::selection::{Hit, Selection};
use crate::base::fold::fold_accents;
use crate::geo::measure::anchor;
use crate::model::layer::{Layer, LayerId, LayerRole};
use crate::model::project::Project;
use crate::model::style::Text2;
use crate::model::table::{Column, FeatureTable};
use crate::text::Language;

#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub layer: LayerId,
    pub layer_title: Text2,
    /// `None` for the layer itself.
    pub feature: Option<FoundFeature>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct FoundFeature {
    pub id: u64,
    pub title: FeatureTitle,
    /// The words that fit.
    pub words: String,
    /// (west, south, east, north) in the site's CRS.
    pub bounds: [f64; 4],
    /// (east, north) in the site's CRS.
    pub at: [f64; 2],
}

impl Found {
    /// What a click on this entry selects.
    #[must_use]
    pub fn selection(&self, project: &Project) -> Option<Selection> {
        let feature = self.feature.as_ref()?;
        let [east, north] = project.frame.site_from_crs(feature.at);
        let up = project.terrain().map_or(0.0, |t| f64::from(t.bilinear(feature.at)));
        Some(Selection {
            hits: vec![Hit { layer: self.layer.clone(), feature: feature.id }],
            active: 0,
            at: [east, north, if up.is_nan() { 0.0 } else { up }],
        })
    }
}

/// At most this many features of one layer, so that a layer of trees does not hide the streets.
const MOST_PER_LAYER: usize = 8;

/// Layers first, then features from the topmost layer down; at most `limit`. Fewer than two letters find nothing.
#[must_use]
pub fn search(project: &Project, query: &str, language: Language, limit: usize) -> Vec<Found> {
    let wanted = fold_accents(query.trim());
    if wanted.chars().count() < 2 {
        return Vec::new();
    }
    let mut found: Vec<Found> = project
        .layers
        .iter()
        .filter(|l| fold_accents(title(&l.title, language)).contains(&wanted))
        .map(|l| Found { layer: l.id.clone(), layer_title: l.title.clone(), feature: None })
        .collect();
    let parcel = parse_parcel(&wanted);
    for layer in project.layers.iter().rev() {
        let Some(table) = layer.content.features() else { continue };
        let rows = match parcel {
            Some(numbers) if layer.role == LayerRole::Parcels => parcel_rows(table, numbers),
            Some(_) => Vec::new(),
            None => text_rows(table, &wanted),
        };
        found.extend(rows.into_iter().filter_map(|(row, words)| found_feature(layer, table, row, words)));
        if found.len() >= limit {
            break;
        }
    }
    found.truncate(limit);
    found
}

fn found_feature(layer: &Layer, table: &FeatureTable, row: usize, words: String) -> Option<Found> {
    let shape = table.geometry.get(row);
    let feature = FoundFeature {
        id: *table.ids.get(row)?,
        title: feature_title(layer, table, row),
        words,
        bounds: shape.bounds()?,
        at: anchor(shape)?,
    };
    Some(Found { layer: layer.id.clone(), layer_title: layer.title.clone(), feature: Some(feature) })
}

fn text_rows(table: &FeatureTable, wanted: &str) -> Vec<(usize, String)> {
    let mut rows: Vec<(usize, String)> = Vec::new();
    for column in &table.columns {
        let Column::Text(cells) = column else { continue };
        // Streets and villages repeat row after row: fold each run of equal words once.
        let mut last: (&str, bool) = ("", false);
        for row in 0..cells.len() {
            let Some(text) = cells.get(row).filter(|t| !t.is_empty()) else { continue };
            if text != last.0 {
                last = (text, fold_accents(text).contains(wanted));
            }
            if last.1 && !rows.iter().any(|(r, _)| *r == row) {
                rows.push((row, text.to_owned()));
                if rows.len() >= MOST_PER_LAYER {
                    return rows;
                }
            }
        }
    }
    rows
}

/// Sheet and, if given, parcel number: "to 12 thua 345", "12/345", "thua 345 to 12", "sheet 12 parcel 345".
fn parse_parcel(folded: &str) -> Option<(i64, Option<i64>)> {
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let after = |names: &[&str]| {
        let at = words.iter().position(|w| names.contains(w))?;
        words.iter().skip(at + 1).find_map(|w| w.parse().ok())
    };
    let sheet = after(&["to", "sheet"]);
    let parcel = after(&["thua", "parcel"]);
    match (sheet, parcel, words.as_slice()) {
        (Some(sheet), parcel, _) => Some((sheet, parcel)),
        (None, None, [sheet, parcel]) if folded.contains('/') => {
            Some((sheet.parse().ok()?, Some(parcel.parse().ok()?)))
        }
        _ => None,
    }
}

fn parcel_rows(table: &FeatureTable, (sheet, parcel): (i64, Option<i64>)) -> Vec<(usize, String)> {
    let (Some(sheets), Some(parcels)) = (table.column("SOTO"), table.column("SOTHUA")) else { return Vec::new() };
    let is = |column: &Column, row, wanted: i64| column.get(row).as_f64() == Some(wanted as f64);
    (0..table.len())
        .filter(|&row| is(sheets, row, sheet) && parcel.is_none_or(|p| is(parcels, row, p)))
        .take(MOST_PER_LAYER)
        .map(|row| (row, String::new()))
        .collect()
}
