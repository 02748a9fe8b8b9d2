//! The files of a day of the sea: rasters and NetCDF of the hours, beaches, particles, manifest; all complete or none.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use super::case::{WaterCase, WaterResult};
use super::track;
use crate::base::csv::quoted;
use crate::geo::grid::Grid;
use crate::io::export::{NetcdfAbout, NetcdfField, RasterOptions};
use crate::sim::run::StepContext;
use crate::sim::water::sea::{CONCENTRATION, EAST, HIGHEST, LEVEL, NORTH};
use crate::study::folder::{FolderError, ResultFolder, utc};

/// Fields of a moment, and the names of their files.
const FIELDS: [(&str, &str); 4] =
    [(CONCENTRATION, "concentration"), (EAST, "current_east"), (NORTH, "current_north"), (LEVEL, "water_level")];
/// Files beside those of the moments.
const OTHERS: usize = 7;

/// `report` is the study in words, as JSON.
///
/// # Errors
/// Cancelled, or what could not be written; the folder is then as it was, but for having been made.
pub fn write(
    case: &WaterCase,
    result: &WaterResult,
    report: &str,
    out: &Path,
    context: &StepContext,
) -> Result<(), FolderError> {
    let folder = ResultFolder::new(out, OTHERS + FIELDS.len() * result.snapshots.len(), context)?;
    let raster = |name: &str, grid: &Grid<f32>| folder.raster(name, grid, RasterOptions::default(), &[]);
    for snapshot in &result.snapshots {
        let minutes = (snapshot.time_s / 60.0).round() as u64;
        for (key, name) in FIELDS {
            // Without an outfall there is no concentration to show.
            if key == CONCENTRATION && case.inputs.outfalls.is_empty() {
                continue;
            }
            if let Some(grid) = snapshot.field(key) {
                raster(&format!("{name}_{:02}h{:02}.tif", minutes / 60, minutes % 60), grid)?;
            }
        }
    }
    if let Some(grid) = result.snapshots.last().and_then(|s| s.field(HIGHEST)) {
        raster("concentration_max.tif", grid)?;
    }
    folder.text("beaches.csv", &beaches(case, result))?;
    if let Some(spill) = &case.inputs.spill {
        if let Some(stranding) = &result.stranding {
            folder.text("spill.csv", &stranding.csv(spill))?;
        }
        folder.text("particles.csv", &track::csv(&result.tracks, spill))?;
        folder.layer("tracks.gpkg", "tracks", &track::lines(&result.tracks, spill), &case.spec.crs)?;
    }
    netcdf(case, result, &folder)?;
    folder.text("report.json", report)?;
    folder.finish(json!({ "run": result.manifest, "inputs": case.inputs }))
}

/// One line a beach; with a spill also what of it stranded there.
fn beaches(case: &WaterCase, result: &WaterResult) -> String {
    let unit = case.inputs.unit.as_str();
    let mut table = String::from("beach,x_m,y_m,unit,highest,highest_mean,highest_mean_at_s,hours_above_limit");
    if result.stranding.is_some() {
        table += ",stranded_share,stranded_share_error,stranded_amount,amount_unit,first_stranded_at_s";
    }
    table.push('\n');
    for beach in &result.beaches {
        let above = case.inputs.limit.map_or_else(String::new, |limit| format!("{:.2}", beach.hours_above(limit)));
        let [x, y] = beach.at;
        let name = quoted(&beach.name);
        let _ = write!(
            table,
            "{name},{x:.1},{y:.1},{unit},{:.6e},{:.6e},{:.0},{above}",
            beach.highest, beach.highest_mean, beach.highest_mean_s
        );
        if let (Some(stranding), Some(spill)) = (&result.stranding, &case.inputs.spill) {
            table += &stranding.cells_of(&beach.name, spill);
        }
        table.push('\n');
    }
    table
}

/// All fields over time in one file.
fn netcdf(case: &WaterCase, result: &WaterResult, folder: &ResultFolder<'_>) -> Result<(), FolderError> {
    let unit = case.inputs.unit.as_str();
    let wanted = [
        (CONCENTRATION, "concentration", unit, "concentration of what the outfalls let in"),
        (EAST, "current_east", "m s-1", "depth-averaged current towards the east"),
        (NORTH, "current_north", "m s-1", "depth-averaged current towards the north"),
        (LEVEL, "water_level", "m", "water level over still water"),
    ];
    let times_s: Vec<f64> = result.snapshots.iter().map(|s| s.time_s).collect();
    let field = |(key, name, unit, title): (&str, &'static str, _, &'static str)| {
        let grids: Vec<&Grid<f32>> = result.snapshots.iter().filter_map(|s| s.field(key)).map(|g| &**g).collect();
        let shown = key != CONCENTRATION || !case.inputs.outfalls.is_empty();
        (shown && grids.len() == times_s.len()).then_some(NetcdfField { name, unit, title, grids })
    };
    let fields: Vec<NetcdfField<'_>> = wanted.into_iter().filter_map(field).collect();
    let start = utc(case.inputs.start_unix_s);
    let about = NetcdfAbout { times_s: &times_s, start_utc: &start, source: "simulated by island-twin" };
    folder.netcdf("sea.nc", &fields, about)
}
