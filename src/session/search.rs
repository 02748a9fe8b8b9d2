//! Finding layers and features by words, accents not mattering, and parcels by sheet and number.

use super::inspect::{FeatureTitle, feature_title};
use super::place::title;
use super::selection::{Hit, Selection};
use crate::base::fold::fold_accents;
use crate::geo::measure::{anchor, contains};
use crate::model::layer::{Layer, LayerId, LayerRole};
use crate::model::mapping::is_personal;
use crate::model::project::Project;
use crate::model::style::Text2;
use crate::model::table::{Column, FeatureTable, TextColumn};
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
        Some(selection_at(project, &self.layer, feature.id, feature.at))
    }
}

/// What a click on a row of a list selects; `None` for a row without a place.
#[must_use]
pub fn selection_of(project: &Project, layer: &Layer, table: &FeatureTable, row: usize) -> Option<Selection> {
    Some(selection_at(project, &layer.id, *table.ids.get(row)?, anchor(table.geometry.get(row))?))
}

fn selection_at(project: &Project, layer: &LayerId, feature: u64, at: [f64; 2]) -> Selection {
    let [east, north] = project.frame.site_from_crs(at);
    let up = project.terrain().map_or(0.0, |t| f64::from(t.bilinear(at)));
    Selection {
        hits: vec![Hit { layer: layer.clone(), feature }],
        active: 0,
        at: [east, north, if up.is_nan() { 0.0 } else { up }],
        beside: false,
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
        let rows = match &parcel {
            Some(asked) => parcel_rows(project, table, asked),
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
    for cells in public_texts(table) {
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

/// A parcel as people name it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ParcelQuery {
    sheet: i64,
    parcel: Option<i64>,
    /// What else was said: the commune, the street.
    place: String,
}

/// Words that say what the numbers and names beside them are.
const SHEET: [&str; 3] = ["to", "sheet", "ban"];
const PARCEL: [&str; 2] = ["thua", "parcel"];
const FILLERS: [&str; 11] = ["so", "do", "dat", "xa", "phuong", "thi", "tran", "khu", "pho", "commune", "ward"];

/// "to 12 thua 345", "12/345", "thua 345 to 12 xa an thoi", "sheet 12 parcel 345".
fn parse_parcel(folded: &str) -> Option<ParcelQuery> {
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let numbers = |names: &[&str]| {
        let at = words.iter().position(|w| names.contains(w))?;
        words.iter().skip(at + 1).find_map(|w| w.parse().ok())
    };
    let (sheet, parcel) = match (numbers(&SHEET[..2]), numbers(&PARCEL), words.as_slice()) {
        (Some(sheet), parcel, _) => (sheet, parcel),
        (None, None, [sheet, parcel, ..]) if folded.contains('/') => (sheet.parse().ok()?, Some(parcel.parse().ok()?)),
        _ => return None,
    };
    let is_name =
        |w: &&&str| w.parse::<i64>().is_err() && !SHEET.contains(w) && !PARCEL.contains(w) && !FILLERS.contains(w);
    let place = words.iter().filter(is_name).copied().collect::<Vec<_>>().join(" ");
    Some(ParcelQuery { sheet, parcel, place })
}

/// Columns of the sheet and the parcel's number, as this program and as offices name them.
fn parcel_columns(table: &FeatureTable) -> Option<(&Column, &Column)> {
    let first = |names: [&str; 2]| names.into_iter().find_map(|n| table.column(n));
    Some((first(["SOTO", "SHBANDO"])?, first(["SOTHUA", "SHTHUA"])?))
}

fn parcel_rows(project: &Project, table: &FeatureTable, asked: &ParcelQuery) -> Vec<(usize, String)> {
    let Some((sheets, parcels)) = parcel_columns(table) else { return Vec::new() };
    let is = |column: &Column, row, wanted: i64| column.get(row).as_f64() == Some(wanted as f64);
    (0..table.len())
        .filter(|&row| is(sheets, row, asked.sheet) && asked.parcel.is_none_or(|p| is(parcels, row, p)))
        .filter(|&row| asked.place.is_empty() || is_at(project, table, row, &asked.place))
        .take(MOST_PER_LAYER)
        .map(|row| (row, String::new()))
        .collect()
}

/// Whether a row says a place's name, or lies in the commune of that name.
fn is_at(project: &Project, table: &FeatureTable, row: usize, place: &str) -> bool {
    let says = |table: &FeatureTable, row: usize| {
        public_texts(table).any(|cells| cells.get(row).is_some_and(|text| fold_accents(text).contains(place)))
    };
    if says(table, row) {
        return true;
    }
    let communes = project.with_role(LayerRole::Communes).and_then(|l| l.content.features());
    let (Some(communes), Some(at)) = (communes, anchor(table.geometry.get(row))) else { return false };
    (0..communes.len()).any(|commune| says(communes, commune) && contains(communes.geometry.get(commune), at))
}

/// Columns of words, but those about people: nobody is found by their name.
fn public_texts(table: &FeatureTable) -> impl Iterator<Item = &TextColumn> {
    table.schema.iter().zip(&table.columns).filter(|(field, _)| !is_personal(&field.name)).filter_map(|(_, column)| {
        match column {
            Column::Text(cells) => Some(cells),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parcels_are_named_in_many_ways() {
        let asked = |text: &str| parse_parcel(&fold_accents(text)).map(|q| (q.sheet, q.parcel, q.place));
        let plain = Some((12, Some(345), String::new()));
        for text in
            ["tờ 12 thửa 345", "12/345", "thửa 345, tờ 12", "Tờ bản đồ số 12 thửa đất số 345", "sheet 12 parcel 345"]
        {
            assert_eq!(asked(text), plain, "{text}");
        }
        assert_eq!(asked("tờ 12"), Some((12, None, String::new())));
        assert_eq!(asked("tờ 12 thửa 345 xã An Thới"), Some((12, Some(345), "an thoi".to_owned())));
        assert_eq!(asked("Tô Hiệu"), None);
        assert_eq!(asked("30/4"), Some((30, Some(4), String::new())));
    }
}
