//! `island-twin simulate water`: tide, current and what is let into the sea, in a scene.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;

use super::fire_rasters::Reader;
use super::fire_weather::parse_wind;
use super::rows::quoted;
use super::simulate_fire::Told;
use super::simulate_transport::numbers;
use super::whatif::carried_out;
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::geo::crs::Crs;
use crate::geo::grid::Grid;
use crate::io::crs::Projector;
use crate::io::export::{
    NetcdfAbout, NetcdfField, RasterOptions, VectorFormat, write_features, write_netcdf, write_raster,
};
use crate::io::import::WorkerProgram;
use crate::io::scene::load_project;
use crate::io::staging::FolderStaging;
use crate::sim::run::StepContext;
use crate::sim::water::outfall::Outfall;
use crate::sim::water::sea::{CONCENTRATION, EAST, Floating, HIGHEST, LEVEL, NORTH, Spill};
use crate::study::water::case::{WaterCase, WaterInputs, WaterResult};
use crate::study::water::track;
use crate::text::{Catalog, Language};

#[derive(Debug, Clone, clap::Args)]
pub struct SimulateWaterArgs {
    #[arg(long)]
    pub scene: PathBuf,
    #[arg(long)]
    pub scenario: Option<String>,
    /// `lon,lat@flow@concentration`, both with their units.
    #[arg(long, allow_hyphen_values = true)]
    pub outfall: Vec<String>,
    #[arg(long)]
    pub xy: bool,
    #[arg(long, allow_hyphen_values = true)]
    pub wind: Option<String>,
    /// Eastward and northward, m/s.
    #[arg(long, num_args = 2, value_names = ["U", "V"])]
    pub current: Vec<PathBuf>,
    #[arg(long, allow_hyphen_values = true)]
    pub t90: Option<String>,
    /// m²/s.
    #[arg(long, default_value_t = 1.0, allow_hyphen_values = true)]
    pub diffusivity: f64,
    #[arg(long, default_value_t = 24.0, allow_hyphen_values = true)]
    pub hours: f64,
    /// Metres.
    #[arg(long, default_value_t = 100.0, allow_hyphen_values = true)]
    pub cell: f64,
    /// Degrees.
    #[arg(long, default_value_t = 225.0, allow_hyphen_values = true)]
    pub tide_from: f64,
    #[arg(long, value_parser = super::args::parse_time)]
    pub start: Option<jiff::Timestamp>,
    #[arg(long, allow_hyphen_values = true)]
    pub limit: Option<f64>,
    /// `lon,lat`.
    #[arg(long, allow_hyphen_values = true)]
    pub oil: Option<String>,
    /// `lon,lat`.
    #[arg(long, allow_hyphen_values = true, conflicts_with = "oil")]
    pub debris: Option<String>,
    #[arg(long, default_value_t = 5000)]
    pub particles: usize,
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    #[arg(long, default_value_t = 60.0, allow_hyphen_values = true)]
    pub snapshot_minutes: f64,
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
    #[arg(long)]
    pub out: PathBuf,
    #[arg(long)]
    pub json: bool,
}

/// Units of flow, and how many m³/s one is.
const FLOWS: [(&str, f64); 4] = [("m3/s", 1.0), ("m3/h", 1.0 / 3600.0), ("m3/d", 1.0 / 86_400.0), ("l/s", 1e-3)];
/// Units of concentration that are known.
const CONCENTRATIONS: [&str; 5] = ["CFU/100mL", "MPN/100mL", "mg/L", "kg/m3", "ug/L"];
/// Unit of the outfalls of a scenario.
const PLANNED: &str = "CFU/100mL";
/// Units of time, and how many seconds one is.
const TIMES: [(&str, f64); 3] = [("min", 60.0), ("h", 3600.0), ("d", 86_400.0)];

/// # Errors
/// The message of what is wrong; nothing has been written then.
pub fn run(args: &SimulateWaterArgs, language: Language, worker: &WorkerProgram) -> Result<Told, Message> {
    let catalog = Catalog::load(language);
    // What is written wrongly shows before the scene is read.
    let mut unit = String::new();
    let mut asked = Vec::new();
    for text in &args.outfall {
        let (place, flow_m3ps, concentration, own) = outfall(text)?;
        if !unit.is_empty() && unit != own {
            return Err(Message::new("cli-water-two-units").with("first", unit).with("second", own));
        }
        own.clone_into(&mut unit);
        asked.push((place, flow_m3ps, concentration));
    }
    let wind = args.wind.as_deref().map(parse_wind).transpose().map_err(|e| e.to_message())?;
    let t90_s = args.t90.as_deref().map(time).transpose()?;
    let (project, warnings) =
        load_project(&args.scene, worker, &Progress::new(), &CancelToken::new()).map_err(|e| e.to_message())?;
    let project = Arc::new(project);
    let place = |at: [f64; 2]| -> Result<[f64; 2], Message> {
        let mut point = [at];
        if !args.xy {
            if at[0].abs() > 180.0 || at[1].abs() > 90.0 {
                return Err(Message::new("cli-fire-not-degrees").with("text", format!("{},{}", at[0], at[1])));
            }
            Projector::between(&Crs::WGS84, &project.frame.crs).map_err(|e| e.to_message())?.apply_all(&mut point);
        }
        Ok(point[0])
    };
    let mut inputs = WaterInputs::new(args.start.unwrap_or(project.time).as_second());
    for (at, flow_m3ps, concentration) in asked {
        inputs.outfalls.push(Outfall { at: place(at)?, flow_m3ps, concentration });
    }
    if let Some(name) = &args.scenario {
        let planned = carried_out(&project, name, &args.scene)?.outlets;
        if !planned.is_empty() {
            if unit.is_empty() {
                PLANNED.clone_into(&mut unit);
            } else if unit != PLANNED {
                return Err(Message::new("cli-water-two-units").with("first", unit).with("second", PLANNED));
            }
        }
        inputs.outfalls.extend(planned.iter().map(|o| Outfall {
            at: o.at,
            flow_m3ps: o.flow_m3_day / 86_400.0,
            concentration: o.cfu_per_100ml,
        }));
    }
    for (text, what) in [(&args.oil, Floating::Oil), (&args.debris, Floating::Debris)] {
        let Some(text) = text else { continue };
        let at = place(point(text).ok_or_else(|| not_understood(text, "103.95,10.0"))?)?;
        inputs.spill = Some(Spill { what, at, particles: args.particles, light_share: 0.3, water_celsius: 29.0 });
    }
    let mut read = Reader { worker, notices: Vec::new(), digests: Vec::new() };
    if let [east, north] = &args.current[..] {
        let own =
            [numbers(&mut read, east, Some(&project.frame.crs))?, numbers(&mut read, north, Some(&project.frame.crs))?];
        inputs.current = Some(Arc::new(own));
    }
    (inputs.wind_mps, inputs.wind_from_rad) = wind.unwrap_or_default();
    inputs.unit = unit;
    inputs.t90_s = t90_s;
    inputs.hours = args.hours;
    inputs.cell_m = args.cell;
    inputs.diffusivity_m2ps = args.diffusivity;
    inputs.tide_from_rad = args.tide_from.to_radians();
    inputs.limit = args.limit;
    inputs.snapshot_minutes = args.snapshot_minutes;
    inputs.threads = args.threads;
    inputs.seed = args.seed;
    let case = WaterCase::prepare(&project, inputs).map_err(|e| e.to_message())?;
    let begun = std::time::Instant::now();
    let result = case.run(StepContext::default(), |_| ()).map_err(|e| e.to_message())?;
    let seconds = begun.elapsed().as_secs_f64();
    let tell = |messages: &[Message]| messages.iter().map(|m| catalog.text(m)).collect::<Vec<_>>();
    let last = result.snapshots.last();
    let report = json!({
        "headlines": tell(&result.headlines),
        "assumptions": tell(&result.assumptions),
        "notices": tell(&result.notices),
        "unit": case.inputs.unit,
        "origin": "simulated",
        "beaches": result.beaches,
        "outfall_dilution": case.dilutions(),
        "balance": last.map(|s| s.scalars.clone()),
        "simulation_s": seconds,
    });
    let pretty =
        |value: &serde_json::Value| serde_json::to_string_pretty(value).map(|text| text + "\n").unwrap_or_default();
    write(args, &case, &result, &pretty(&report))?;
    let text = if args.json {
        pretty(&report)
    } else {
        let mut lines = tell(&result.headlines);
        lines.push(
            catalog.text(&Message::new("cli-water-done").with("hours", args.hours).with("path", args.out.as_path())),
        );
        lines.push(String::new());
        lines.push(catalog.get("cli-fire-assumptions"));
        lines.extend(tell(&result.assumptions).into_iter().map(|line| format!("- {line}")));
        lines.join("\n")
    };
    let mut notices: Vec<Message> = warnings.into_iter().map(|w| w.message).collect();
    notices.extend(read.notices);
    notices.extend(result.notices);
    Ok(Told { text, notices })
}

fn write(args: &SimulateWaterArgs, case: &WaterCase, result: &WaterResult, report: &str) -> Result<(), Message> {
    let out = args.out.as_path();
    let failed = |e: std::io::Error| Message::new("cli-fire-write").with("reason", e.to_string()).with("path", out);
    let staging = FolderStaging::inside(out).map_err(failed)?;
    for snapshot in &result.snapshots {
        let minutes = (snapshot.time_s / 60.0).round() as u64;
        for (field, name) in
            [(CONCENTRATION, "concentration"), (EAST, "current_east"), (NORTH, "current_north"), (LEVEL, "water_level")]
        {
            // Without an outfall there is no concentration to show.
            if field == CONCENTRATION && case.inputs.outfalls.is_empty() {
                continue;
            }
            if let Some(grid) = snapshot.field(field) {
                let path = staging.path(&format!("{name}_{:02}h{:02}.tif", minutes / 60, minutes % 60));
                write_raster(grid, &path, RasterOptions::default()).map_err(|e| e.to_message())?;
            }
        }
    }
    if let Some(grid) = result.snapshots.last().and_then(|s| s.field(HIGHEST)) {
        let path = staging.path("concentration_max.tif");
        write_raster(grid, &path, RasterOptions::default()).map_err(|e| e.to_message())?;
    }
    let unit = case.inputs.unit.as_str();
    let mut table = String::from("beach,x_m,y_m,unit,highest,highest_mean,highest_mean_at_s,hours_above_limit\n");
    for beach in &result.beaches {
        let above = case.inputs.limit.map_or_else(String::new, |limit| format!("{:.2}", beach.hours_above(limit)));
        let [x, y] = beach.at;
        let name = quoted(&beach.name);
        let _ = writeln!(
            table,
            "{name},{x:.1},{y:.1},{unit},{:.6e},{:.6e},{:.0},{above}",
            beach.highest, beach.highest_mean, beach.highest_mean_s
        );
    }
    std::fs::write(staging.path("beaches.csv"), table).map_err(failed)?;
    if let Some(spill) = &case.inputs.spill {
        std::fs::write(staging.path("particles.csv"), track::csv(&result.tracks, spill)).map_err(failed)?;
        let format = VectorFormat::GeoPackage { layer: "tracks".to_owned() };
        let (lines, crs) = (track::lines(&result.tracks, spill), &case.spec.crs);
        write_features(&lines, crs, crs, &staging.path("tracks.gpkg"), &format).map_err(|e| e.to_message())?;
    }
    netcdf(case, result, &staging.path("sea.nc"))?;
    let manifest = json!({ "run": result.manifest, "inputs": case.inputs });
    std::fs::write(staging.path("report.json"), report).map_err(failed)?;
    staging.commit_listed(manifest).map_err(failed)
}

/// All fields over time in one file.
fn netcdf(case: &WaterCase, result: &WaterResult, path: &Path) -> Result<(), Message> {
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
    write_netcdf(&fields, about, path).map_err(|e| e.to_message())
}

/// As NetCDF wants a start.
pub(super) fn utc(unix_s: i64) -> String {
    jiff::Timestamp::from_second(unix_s)
        .map_or_else(|_| "1970-01-01 00:00:00".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

fn not_understood(text: &str, example: &str) -> Message {
    Message::new("sim-fire-bad-argument").with("text", text).with("example", example)
}

fn point(text: &str) -> Option<[f64; 2]> {
    let (x, y) = text.split_once(',')?;
    let (x, y) = (x.trim().parse().ok()?, y.trim().parse().ok()?);
    if f64::is_finite(x) && f64::is_finite(y) { Some([x, y]) } else { None }
}

/// A number and what follows it.
fn quantity(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let number = |end: usize| text.get(..end).and_then(|t| t.trim().parse::<f64>().ok());
    let end = (1..=text.len()).rev().find(|end| number(*end).is_some())?;
    Some((number(end)?, text[end..].trim()))
}

fn with_unit(text: &str, units: &[(&str, f64)]) -> Result<f64, Message> {
    let known = || units.iter().map(|u| u.0).collect::<Vec<_>>().join(", ");
    let (value, unit) = quantity(text).unwrap_or((f64::NAN, ""));
    let factor = units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)).map(|u| u.1);
    let factor = factor.ok_or_else(|| Message::new("cli-water-unit").with("text", text).with("known", known()))?;
    Ok(value * factor)
}

fn time(text: &str) -> Result<f64, Message> {
    with_unit(text, &TIMES)
}

/// Place, m³/s, concentration and its unit.
fn outfall(text: &str) -> Result<([f64; 2], f64, f64, &'static str), Message> {
    let parts: Vec<&str> = text.split('@').collect();
    let [place, flow, concentration] = parts[..] else {
        return Err(not_understood(text, "103.95,10.21@0.2m3/s@1e6CFU/100mL"));
    };
    let at = point(place).ok_or_else(|| not_understood(place, "103.95,10.21"))?;
    let flow = with_unit(flow, &FLOWS)?;
    let (value, unit) = quantity(concentration).unwrap_or((f64::NAN, ""));
    let unit = CONCENTRATIONS.iter().find(|known| known.eq_ignore_ascii_case(unit)).ok_or_else(|| {
        Message::new("cli-water-unit").with("text", concentration).with("known", CONCENTRATIONS.join(", "))
    })?;
    Ok((at, flow, value, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outfalls_need_their_units() {
        let (at, flow, value, unit) = outfall("103.95,10.21@720m3/h@2e5cfu/100ml").unwrap();
        assert_eq!((at, unit), ([103.95, 10.21], "CFU/100mL"));
        assert!((flow - 0.2).abs() < 1e-12 && value == 2e5);
        assert_eq!(outfall("103.95,10.21@0.2@2e5CFU/100mL").unwrap_err().key, "cli-water-unit");
        assert_eq!(outfall("103.95,10.21@0.2m3/s@2e5").unwrap_err().key, "cli-water-unit");
        assert_eq!(outfall("here@0.2m3/s@2e5mg/L").unwrap_err().key, "sim-fire-bad-argument");
        assert_eq!(time("8h"), Ok(28_800.0));
    }
}
