//! `island-twin simulate air --mode transient`: air that changes by the hour, carried over the hills.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::json;

use super::air_files::about;
use super::air_sources::Placer;
use super::rows::quoted;
use super::simulate_air::{places, prepare};
use super::simulate_args::SimulateAirArgs;
use super::simulate_fire::Told;
use super::simulate_water::utc;
use crate::base::message::{Message, ToMessage};
use crate::geo::grid::Grid;
use crate::io::export::{NetcdfAbout, NetcdfField, RasterOptions, write_netcdf, write_raster_about};
use crate::io::staging::FolderStaging;
use crate::model::project::Project;
use crate::sim::air::source::Source;
use crate::sim::air::transient::{EMITTED, GROUND_MEAN, IN_AIR};
use crate::sim::run::StepContext;
use crate::study::air::case::AirCase;
use crate::study::air::commune_day::{self, CommuneDay, WholeDay};
use crate::study::air::transient::{self, Course, TransientResult};
use crate::text::Catalog;

/// # Errors
/// The message of what is wrong; nothing has been written then.
pub(super) fn run(
    args: &SimulateAirArgs,
    project: &Arc<Project>,
    planned: Vec<Source>,
    catalog: &Catalog,
) -> Result<Told, Message> {
    let (case, mut notices) = prepare(args, project, planned)?;
    let placer = Placer::new(&project.frame.crs, args.xy)?;
    let besides = args.receptors.as_deref().map(|path| places(path, &placer)).transpose();
    let besides = besides.map_err(|e| e.to_message())?.unwrap_or_default();
    let begun = std::time::Instant::now();
    let result = transient::run(&case, besides, StepContext::default()).map_err(|e| e.to_message())?;
    let seconds = begun.elapsed().as_secs_f64();
    let tell = |messages: &[Message]| messages.iter().map(|m| catalog.text(m)).collect::<Vec<_>>();
    let mut headlines = headlines(&result);
    notices.extend(result.notices.iter().cloned());
    let fields: Vec<&Grid<f32>> = result.hours.iter().collect();
    let communes = commune_day::days(&case, &fields);
    headlines.extend(above(&communes));
    let whole_days = commune_day::overall(&communes);
    headlines.extend(above_overall(&whole_days));
    let report = json!({
        "headlines": tell(&headlines),
        "assumptions": tell(&result.assumptions),
        "notices": tell(&notices),
        "pollutant": case.inputs.pollutant,
        "origin": "simulated",
        "begins": case.inputs.start_unix_s,
        "stations": result.courses.iter().map(|c| json!({
            "id": c.station.id, "name": c.station.name, "ug_m3": c.ug_m3,
        })).collect::<Vec<_>>(),
        "communes": communes,
        "days": whole_days,
        "balance": result.snapshots.last().map(|s| s.scalars.clone()),
        "simulation_s": seconds,
    });
    let report = serde_json::to_string_pretty(&report).unwrap_or_default() + "\n";
    write(args, &case, &result, &communes, &report)?;
    let text = if args.json {
        report
    } else {
        let mut lines = tell(&headlines);
        let done = Message::new("air-transient-done");
        lines.push(catalog.text(&done.with("hours", result.snapshots.len()).with("path", args.out.as_path())));
        lines.push(String::new());
        lines.push(catalog.get("cli-fire-assumptions"));
        lines.extend(tell(&result.assumptions).into_iter().map(|line| format!("- {line}")));
        lines.join("\n")
    };
    Ok(Told { text, notices })
}

fn headlines(result: &TransientResult) -> Vec<Message> {
    let mut told = Vec::new();
    let highest = |course: &Course| course.ug_m3.iter().copied().filter(|v| v.is_finite()).fold(0.0, f64::max);
    if let Some(worst) = result.courses.iter().max_by(|a, b| highest(a).total_cmp(&highest(b))) {
        let value = highest(worst);
        let hour = worst.ug_m3.iter().position(|v| *v == value).unwrap_or(0);
        told.push(
            Message::new("air-transient-worst")
                .with("station", worst.station.name.as_str())
                .with("value", format!("{value:.2}"))
                .with("hour", hour + 1),
        );
    }
    if let Some(last) = result.snapshots.last() {
        let kg = |name: &str| format!("{:.3}", last.scalars.get(name).copied().unwrap_or_default() * 1e-9);
        told.push(Message::new("air-transient-balance").with("emitted", kg(EMITTED)).with("left", kg(IN_AIR)));
    }
    told
}

/// Communes and days above the 24-hour limit; nothing where there is no limit or no whole day.
fn above(communes: &[CommuneDay]) -> Option<Message> {
    let judged = communes.iter().filter(|d| d.above.is_some()).count();
    let above = communes.iter().filter(|d| d.above == Some(true)).count();
    let limit = communes.iter().find_map(|d| d.limit_24h_ug_m3)?;
    (judged > 0).then(|| {
        Message::new("air-transient-days-above").with("above", above).with("judged", judged).with("limit", limit)
    })
}

/// Days on which all residents together breathe more than the 24-hour limit.
fn above_overall(days: &[WholeDay]) -> Option<Message> {
    let limit = days.first()?.limit_24h_ug_m3;
    let above = days.iter().filter(|d| d.above).count();
    let told = Message::new("air-transient-whole-days-above").with("above", above).with("judged", days.len());
    Some(told.with("limit", limit))
}

fn write(
    args: &SimulateAirArgs,
    case: &AirCase,
    result: &TransientResult,
    communes: &[CommuneDay],
    report: &str,
) -> Result<(), Message> {
    let out = args.out.as_path();
    let failed = |e: std::io::Error| Message::new("cli-fire-write").with("reason", e.to_string()).with("path", out);
    let staging = FolderStaging::inside(out).map_err(failed)?;
    let options = RasterOptions { decimals: Some(5) };
    for (i, grid) in result.hours.iter().enumerate() {
        let path = staging.path(&format!("concentration_{:02}h.tif", i + 1));
        write_raster_about(grid, &path, options, &about(case)).map_err(|e| e.to_message())?;
    }
    if let Some(grid) = result.snapshots.last().and_then(|s| s.field(GROUND_MEAN)) {
        write_raster_about(grid, &staging.path("concentration.tif"), options, &about(case))
            .map_err(|e| e.to_message())?;
    }
    let times_s: Vec<f64> = result.snapshots.iter().map(|s| s.time_s).collect();
    let grids = result.hours.iter().collect();
    let title = "concentration in the lowest 20 m, mean of the hour, without background";
    let field = NetcdfField { name: "concentration", unit: "ug m-3", title, grids };
    let start = utc(case.inputs.start_unix_s);
    let about = NetcdfAbout { times_s: &times_s, start_utc: &start, source: "simulated by island-twin" };
    write_netcdf(&[field], about, &staging.path("concentration.nc")).map_err(|e| e.to_message())?;
    let mut table = String::from("id,name,x_m,y_m,hour,conc_ug_m3,background_ug_m3,pollutant,origin\n");
    let pollutant = quoted(&case.inputs.pollutant);
    for course in &result.courses {
        let [x, y] = course.station.at;
        let (id, name) = (quoted(&course.station.id), quoted(&course.station.name));
        for (hour, value) in course.ug_m3.iter().enumerate() {
            let background = case.inputs.background_ug_m3;
            // Beyond the map nothing is known.
            let value = if value.is_nan() { String::new() } else { format!("{value:.6}") };
            let _ =
                writeln!(table, "{id},{name},{x:.1},{y:.1},{},{value},{background},{pollutant},simulated", hour + 1);
        }
    }
    std::fs::write(staging.path("receptors.csv"), table).map_err(failed)?;
    std::fs::write(staging.path("communes.csv"), commune_day::csv(communes)).map_err(failed)?;
    let manifest = json!({ "run": result.manifest, "inputs": case.inputs });
    std::fs::write(staging.path("report.json"), report).map_err(failed)?;
    staging.commit_listed(manifest).map_err(failed)
}
