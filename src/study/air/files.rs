//! The files of a steady air study: rasters, contours, receptors, exposure, manifest; all complete or none.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use super::case::{AirCase, AirResult};
use super::commune_day;
use super::contour;
use super::exposure;
use super::limit::ShownLimit;
use crate::base::csv::quoted;
use crate::base::message::ToMessage;
use crate::geo::crs::Crs;
use crate::geo::grid::Grid;
use crate::io::crs::Projector;
use crate::io::export::RasterOptions;
use crate::model::table::{FeatureTable, FieldKind, Value};
use crate::sim::run::StepContext;
use crate::study::folder::{FolderError, ResultFolder};

/// Where the figures come from, in tables and rasters.
pub(super) const ORIGIN: &str = "simulated";
/// Of concentrations, µg/m³: far below what any instrument sees.
pub(super) const ROUNDED: RasterOptions = RasterOptions { decimals: Some(5) };
/// Whether values hold what comes from elsewhere.
const WITH: &str = "included";
pub(super) const WITHOUT: &str = "not included";
/// Files beside the rasters of the sources.
const OTHERS: usize = 8;

/// `report` is the study in words, as JSON.
///
/// # Errors
/// Cancelled, or what could not be written; the folder is then as it was, but for having been made.
pub fn write(
    case: &AirCase,
    result: &AirResult,
    report: &str,
    out: &Path,
    context: &StepContext,
) -> Result<(), FolderError> {
    let folder = ResultFolder::new(out, OTHERS + case.sources.len(), context)?;
    folder.raster("concentration.tif", &result.field, ROUNDED, &about(case, WITH))?;
    let (limit, hours) = (result.limit.as_ref(), case.inputs.hours.len());
    // Where the run is no longer than that, it is the mean above.
    if let Some(over) = limit.map(|l| l.averaging_hours as usize).filter(|over| *over < hours) {
        write_judged(&folder, case, &result.judged, over)?;
    }
    write_contours(&folder, case, &result.judged, limit)?;
    let ids: Vec<&str> = case.sources.iter().map(|s| s.id.as_str()).collect();
    for (i, name) in file_names(&ids).into_iter().enumerate() {
        if let Some(grid) = case.of_source(0, i) {
            folder.raster(&format!("contribution_{name}.tif"), &grid, ROUNDED, &about(case, WITHOUT))?;
        }
    }
    folder.layer("contours.gpkg", "receptors", &points(case, result), &case.spec.crs)?;
    folder.text("receptors.csv", &receptors(case, result)?)?;
    folder.text("exposure.csv", &exposure::csv(&result.exposure, limit, &case.inputs.pollutant))?;
    if !result.days.is_empty() {
        folder.text("communes.csv", &commune_day::csv(&result.days))?;
    }
    folder.text("report.json", report)?;
    folder.finish(json!({ "run": result.manifest, "inputs": case.inputs }))
}

/// What is held against the limit: at each place the highest mean over so many hours, with the background.
pub(super) fn write_judged(
    folder: &ResultFolder<'_>,
    case: &AirCase,
    judged: &Grid<f32>,
    over: usize,
) -> Result<(), FolderError> {
    folder.raster(&format!("highest_mean_{over}h.tif"), judged, ROUNDED, &about(case, WITH))
}

/// Areas above rising levels of what is held against the limit.
pub(super) fn write_contours(
    folder: &ResultFolder<'_>,
    case: &AirCase,
    judged: &Grid<f32>,
    limit: Option<&ShownLimit>,
) -> Result<(), FolderError> {
    let limit_ug_m3 = limit.map(|l| l.ug_m3);
    let levels = contour::levels(judged, limit_ug_m3);
    let areas = contour::table(judged, &levels, limit_ug_m3, &case.inputs.pollutant);
    folder.layer("contours.gpkg", "contours", &areas, &case.spec.crs)
}

/// What the values of a raster of concentrations are.
pub(super) fn about<'a>(case: &'a AirCase, background: &'static str) -> [(&'static str, &'a str); 5] {
    let pollutant = case.inputs.pollutant.as_str();
    let source = "island-twin";
    [("POLLUTANT", pollutant), ("UNIT", "ug/m3"), ("BACKGROUND", background), ("ORIGIN", ORIGIN), ("SOURCE", source)]
}

/// Letters, digits and hyphens: an id of a user's table may hold anything.
fn file_safe(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect()
}

/// [`file_safe`], and a number behind what another one is called already, on disks too that do not tell letters by size.
fn file_names(ids: &[&str]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let unique = |id: &&str| {
        let plain = file_safe(id);
        let numbered = (2..).map(|n: usize| format!("{plain}_{n}"));
        let free = |name: &String| taken.insert(name.to_ascii_lowercase());
        std::iter::once(plain.clone()).chain(numbered).find(free).unwrap_or(plain)
    };
    ids.iter().map(unique).collect()
}

fn points(case: &AirCase, result: &AirResult) -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[
        ("id", FieldKind::Text),
        ("name", FieldKind::Text),
        ("conc_ug_m3", FieldKind::Real),
        ("pollutant", FieldKind::Text),
        ("origin", FieldKind::Text),
    ]);
    for station in &result.stations {
        table.geometry.push_point(station.at);
        table.push_row(&[
            Value::Text(&station.id),
            Value::Text(&station.name),
            Value::Real(station.conc_ug_m3),
            Value::Text(&case.inputs.pollutant),
            Value::Text(ORIGIN),
        ]);
    }
    table
}

fn receptors(case: &AirCase, result: &AirResult) -> Result<String, FolderError> {
    let mut degrees: Vec<[f64; 2]> = result.stations.iter().map(|s| s.at).collect();
    let projector = Projector::between(&case.spec.crs, &Crs::WGS84).map_err(|e| FolderError::Failed(e.to_message()))?;
    projector.apply_all(&mut degrees);
    let mut text =
        String::from("id,name,x_m,y_m,lon,lat,conc_ug_m3,highest_hour_ug_m3,background_ug_m3,pollutant,origin");
    for source in case.sources.iter() {
        let _ = write!(text, ",{}_ug_m3", quoted(&source.id));
    }
    text.push('\n');
    for (station, [lon, lat]) in result.stations.iter().zip(degrees) {
        let _ = write!(
            text,
            "{},{},{:.2},{:.2},{lon:.6},{lat:.6},{:.6},{:.6},{},{},{ORIGIN}",
            quoted(&station.id),
            quoted(&station.name),
            station.at[0],
            station.at[1],
            station.conc_ug_m3,
            station.highest_hour_ug_m3,
            case.inputs.background_ug_m3,
            quoted(&case.inputs.pollutant)
        );
        for share in &station.shares_ug_m3 {
            let _ = write!(text, ",{share:.6}");
        }
        text.push('\n');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_sources_share_a_file() {
        assert_eq!(file_names(&["a b", "a_b", "A-b", "a-b", "a_b"]), ["a_b", "a_b_2", "A-b", "a-b_2", "a_b_3"]);
    }
}
