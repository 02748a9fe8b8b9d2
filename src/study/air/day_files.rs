//! The files of air that changes by the hour: rasters and NetCDF of the hours, contours of what is held against the
//! limit, receptors, exposure, communes, manifest; all complete or none.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use super::case::AirCase;
use super::commune_day::{self, CommuneDay};
use super::exposure;
use super::files::{ORIGIN, ROUNDED, WITHOUT, about, write_contours, write_judged};
use super::transient::TransientResult;
use crate::base::csv::quoted;
use crate::io::export::{NetcdfAbout, NetcdfField};
use crate::sim::air::transient::GROUND_MEAN;
use crate::sim::run::StepContext;
use crate::study::folder::{FolderError, ResultFolder, utc};

/// Files beside the rasters of the hours.
const OTHERS: usize = 8;

/// `report` is the study in words, as JSON.
///
/// # Errors
/// Cancelled, or what could not be written; the folder is then as it was, but for having been made.
pub fn write(
    case: &AirCase,
    result: &TransientResult,
    communes: &[CommuneDay],
    report: &str,
    out: &Path,
    context: &StepContext,
) -> Result<(), FolderError> {
    let folder = ResultFolder::new(out, OTHERS + result.hours.len(), context)?;
    for (i, grid) in result.hours.iter().enumerate() {
        folder.raster(&format!("concentration_{:02}h.tif", i + 1), grid, ROUNDED, &about(case, WITHOUT))?;
    }
    if let Some(grid) = result.snapshots.last().and_then(|s| s.field(GROUND_MEAN)) {
        folder.raster("concentration.tif", grid, ROUNDED, &about(case, WITHOUT))?;
    }
    let (limit, hours) = (result.limit.as_ref(), result.hours.len());
    let over = limit.map_or(hours, |l| hours.min(l.averaging_hours as usize));
    write_judged(&folder, case, &result.judged, over)?;
    write_contours(&folder, case, &result.judged, limit)?;
    let times_s: Vec<f64> = result.snapshots.iter().map(|s| s.time_s).collect();
    let grids = result.hours.iter().map(|grid| &**grid).collect();
    let title = "concentration in the lowest 20 m, mean of the hour, without background";
    let field = NetcdfField { name: "concentration", unit: "ug m-3", title, grids };
    let start = utc(case.inputs.start_unix_s);
    let since = NetcdfAbout { times_s: &times_s, start_utc: &start, source: "simulated by island-twin" };
    folder.netcdf("concentration.nc", &[field], since)?;
    folder.text("receptors.csv", &receptors(case, result))?;
    folder.text("exposure.csv", &exposure::csv(&result.exposure, limit, &case.inputs.pollutant))?;
    folder.text("communes.csv", &commune_day::csv(communes))?;
    folder.text("report.json", report)?;
    folder.finish(json!({ "run": result.manifest, "inputs": case.inputs }))
}

/// One line a station and hour.
fn receptors(case: &AirCase, result: &TransientResult) -> String {
    let mut table = String::from("id,name,x_m,y_m,hour,conc_ug_m3,background_ug_m3,pollutant,origin\n");
    let pollutant = quoted(&case.inputs.pollutant);
    for course in &result.courses {
        let [x, y] = course.station.at;
        let (id, name) = (quoted(&course.station.id), quoted(&course.station.name));
        for (hour, value) in course.ug_m3.iter().enumerate() {
            let background = case.inputs.background_ug_m3;
            // Beyond the map nothing is known.
            let value = if value.is_nan() { String::new() } else { format!("{value:.6}") };
            let _ = writeln!(table, "{id},{name},{x:.1},{y:.1},{},{value},{background},{pollutant},{ORIGIN}", hour + 1);
        }
    }
    table
}
