//! The files of an air study: rasters, contours, receptors, exposure, manifest; all complete or none.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use super::rows::quoted;
use crate::base::message::{Message, ToMessage};
use crate::geo::crs::Crs;
use crate::geo::grid::Grid;
use crate::io::crs::Projector;
use crate::io::export::{RasterOptions, VectorFormat, write_features, write_raster_about};
use crate::io::staging::FolderStaging;
use crate::model::table::{FeatureTable, FieldKind, Value};
use crate::study::air::case::{AirCase, AirResult};
use crate::study::air::contour;
use crate::study::air::exposure::Exposed;

/// Where the figures come from, in tables and rasters.
const ORIGIN: &str = "simulated";

/// # Errors
/// The message of what could not be written; the folder is then as it was, but for having been made.
pub fn write(case: &AirCase, result: &AirResult, report: String, out: &Path) -> Result<(), Message> {
    let failed = |e: std::io::Error| Message::new("cli-fire-write").with("reason", e.to_string()).with("path", out);
    let staging = FolderStaging::inside(out).map_err(failed)?;
    let raster = |grid: &Grid<f32>, name: &str| {
        let options = RasterOptions { decimals: Some(5) };
        write_raster_about(grid, &staging.path(name), options, &about(case)).map_err(|e| e.to_message())
    };
    raster(&result.field, "concentration.tif")?;
    let over = result.limit.as_ref().map_or(0, |l| l.averaging_hours as usize);
    if over > 0 && over < case.inputs.hours.len() {
        raster(&result.judged, &format!("highest_mean_{over}h.tif"))?;
    }
    let ids: Vec<&str> = case.sources.iter().map(|s| s.id.as_str()).collect();
    for (i, name) in file_names(&ids).into_iter().enumerate() {
        if let Some(grid) = case.of_source(0, i) {
            raster(&grid, &format!("contribution_{name}.tif"))?;
        }
    }
    let limit = result.limit.as_ref().map(|l| l.ug_m3);
    // Of what is held against the limit.
    let levels = contour::levels(&result.judged, limit);
    let areas = contour::table(&result.judged, &levels, limit, &case.inputs.pollutant);
    let crs = &case.spec.crs;
    let path = staging.path("contours.gpkg");
    let vector = |table: &FeatureTable, layer: &str| {
        let format = VectorFormat::GeoPackage { layer: layer.to_owned() };
        write_features(table, crs, crs, &path, &format).map_err(|e| e.to_message())
    };
    vector(&areas, "contours")?;
    vector(&points(case, result), "receptors")?;
    let text = |name: &str, text: String| std::fs::write(staging.path(name), text).map_err(failed);
    text("receptors.csv", receptors(case, result)?)?;
    text("exposure.csv", exposure(case, result))?;
    let manifest = json!({ "run": result.manifest, "inputs": case.inputs });
    text("report.json", report)?;
    staging.commit_listed(manifest).map_err(failed)
}

/// What the values of a raster of concentrations are.
pub(super) fn about(case: &AirCase) -> [(&'static str, &str); 4] {
    let pollutant = case.inputs.pollutant.as_str();
    [("POLLUTANT", pollutant), ("UNIT", "ug/m3"), ("ORIGIN", ORIGIN), ("SOURCE", "island-twin")]
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

fn receptors(case: &AirCase, result: &AirResult) -> Result<String, Message> {
    let mut degrees: Vec<[f64; 2]> = result.stations.iter().map(|s| s.at).collect();
    Projector::between(&case.spec.crs, &Crs::WGS84).map_err(|e| e.to_message())?.apply_all(&mut degrees);
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

fn exposure(case: &AirCase, result: &AirResult) -> String {
    let mut text = String::from(
        "code,commune,residents,mean_ug_m3,highest_ug_m3,residents_above_limit,limit_ug_m3,limit_h,pollutant,origin\n",
    );
    let limit = result.limit.as_ref().map_or_else(|| ",".to_owned(), |l| format!("{},{}", l.ug_m3, l.averaging_hours));
    let pollutant = quoted(&case.inputs.pollutant);
    let mut row = |e: &Exposed, name: &str| {
        let _ = writeln!(
            text,
            "{},{},{},{:.6},{:.6},{},{limit},{pollutant},{ORIGIN}",
            quoted(&e.code),
            quoted(name),
            e.residents,
            e.mean_ug_m3,
            e.highest_ug_m3,
            e.residents_above
        );
    };
    for commune in &result.exposure.communes {
        row(commune, &commune.name);
    }
    row(&result.exposure.all, "all");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_sources_share_a_file() {
        assert_eq!(file_names(&["a b", "a_b", "A-b", "a-b", "a_b"]), ["a_b", "a_b_2", "A-b", "a-b_2", "a_b_3"]);
    }
}
