//! `island-twin simulate air`: what a scene's air carries, told in sentences and written as maps.

use std::sync::Arc;

use clap::ValueEnum;
use serde_json::Value;

use super::air_quantity::{TIME, parse};
use super::air_source_layer;
use super::air_sources::{Placer, parse_source, place_of, table};
use super::air_weather::{Moment, weather};
use super::rows::Rows;
use super::simulate_air_transient;
use super::simulate_args::SimulateAirArgs;
use super::simulate_fire::Told;
use super::whatif::carried_out;
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::geo::crs::Crs;
use crate::io::crs::Projector;
use crate::io::import::WorkerProgram;
use crate::io::scene::load_project;
use crate::model::project::Project;
use crate::session::air_report;
use crate::session::fire_report::pretty;
use crate::sim::air::error::AirError;
use crate::sim::air::release::Fate;
use crate::sim::air::source::Source;
use crate::sim::air::traffic_emission::RoadEmissions;
use crate::sim::run::StepContext;
use crate::study::air::case::AirCase;
use crate::study::air::files;
use crate::study::air::inputs::AirInputs;
use crate::study::air::receptors::Station;
use crate::text::{Catalog, Language};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum AirMode {
    /// Steady Gaussian plumes, an hour each.
    #[default]
    Plume,
    /// Hour by hour over the hills.
    Transient,
}

/// # Errors
/// The message of what is wrong; nothing has been written then.
pub fn run(args: &SimulateAirArgs, language: Language, worker: &WorkerProgram) -> Result<Told, Message> {
    let catalog = Catalog::load(language);
    // What is wrong with the options shows before a scene is read.
    if args.wind.is_none() && args.weather.is_none() {
        return Err(AirError::NoWind.to_message());
    }
    let (project, warnings) =
        load_project(&args.scene, worker, &Progress::new(), &CancelToken::new()).map_err(|e| e.to_message())?;
    let mut notices: Vec<Message> = warnings.into_iter().map(|w| w.message).collect();
    let (project, sources) = match &args.scenario {
        Some(name) => {
            let resolved = carried_out(&project, name, &args.scene)?;
            notices.extend(resolved.notices.iter().cloned());
            (Arc::clone(&resolved.project), resolved.sources(&args.pollutant))
        }
        None => (Arc::new(project), Vec::new()),
    };
    let told = match args.mode {
        AirMode::Plume => plume(args, &project, sources, worker, &catalog)?,
        AirMode::Transient => simulate_air_transient::run(args, &project, sources, worker, &catalog)?,
    };
    notices.extend(told.notices);
    Ok(Told { text: told.text, notices })
}

/// Longitude and latitude of the site's origin.
fn lon_lat(project: &Project) -> Result<[f64; 2], Message> {
    let mut at = [project.frame.origin];
    Projector::between(&project.frame.crs, &Crs::WGS84).map_err(|e| e.to_message())?.apply_all(&mut at);
    Ok(at[0])
}

/// The study that the options ask for, with the sources of a scenario, and what was assumed.
pub(super) fn prepare(
    args: &SimulateAirArgs,
    project: &Arc<Project>,
    planned: Vec<Source>,
    worker: &WorkerProgram,
) -> Result<(AirCase, Vec<Message>), Message> {
    let said = |e: AirError| e.to_message();
    let start = args.start.unwrap_or(project.time);
    let moment = Moment { start, lon_lat: lon_lat(project)? };
    let placer = Placer::new(&project.frame.crs, args.xy)?;
    let weather = weather(args, moment, &placer).map_err(said)?;
    let mut notices = weather.notices;
    let mut inputs = AirInputs::new(start.as_second(), &args.pollutant, weather.hours);
    inputs.stations = weather.stations;
    inputs.takes_calm = args.mode == AirMode::Transient;
    for (i, text) in args.source.iter().enumerate() {
        inputs.sources.push(parse_source(text, i + 1, &placer).map_err(said)?);
    }
    if let Some(path) = &args.sources {
        if path.extension().is_none_or(|e| e.eq_ignore_ascii_case("csv")) {
            inputs.sources.extend(table(path, &placer).map_err(said)?);
        } else {
            let (sources, told) = air_source_layer::read(path, &project.frame.crs, worker)?;
            inputs.sources.extend(sources);
            notices.extend(told);
        }
    }
    inputs.sources.extend(planned);
    inputs.traffic = (!args.no_roads).then_some(args.traffic);
    inputs.background_ug_m3 = args.background;
    inputs.fate = Fate {
        half_life_s: match &args.half_life {
            Some(text) => parse(text, TIME, "6h").map_err(said)?,
            None => f64::INFINITY,
        },
        deposition_mps: args.deposition,
    };
    inputs.cell_m = args.cell;
    inputs.relief = !args.flat;
    inputs.no_buildings = args.no_buildings;
    inputs.threads = args.threads;
    let emissions = match &args.emission_table {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|e| said(AirError::File { reason: e.to_string(), path: path.clone() }))?;
            RoadEmissions::parse(&text).map_err(said)?
        }
        None => RoadEmissions::shipped().map_err(said)?,
    };
    let case = AirCase::prepare(project, inputs, emissions).map_err(|e| e.to_message())?;
    Ok((case, notices))
}

fn plume(
    args: &SimulateAirArgs,
    project: &Arc<Project>,
    planned: Vec<Source>,
    worker: &WorkerProgram,
    catalog: &Catalog,
) -> Result<Told, Message> {
    let said = |e: AirError| e.to_message();
    let (case, mut notices) = prepare(args, project, planned, worker)?;
    let placer = Placer::new(&project.frame.crs, args.xy)?;
    let begun = std::time::Instant::now();
    let mut result = case.run(StepContext::default(), |_| ()).map_err(|e| e.to_message())?;
    let seconds = begun.elapsed().as_secs_f64();
    if let Some(path) = &args.receptors {
        result.stations.extend(places(path, &placer).map_err(said)?.iter().map(|place| case.at_station(place)));
    }
    let mut report = air_report::steady(&case, &result, catalog);
    report["simulation_s"] = seconds.into();
    files::write(&case, &result, &pretty(&report), &args.out, &StepContext::default()).map_err(|e| e.to_message())?;
    notices.extend(result.notices.iter().cloned());
    let text = if args.json { pretty(&report) } else { for_people(&report, args, catalog) };
    Ok(Told { text, notices })
}

/// Places of a table: `id`, `lon, lat` or `x_m, y_m`, `name` if it has one.
pub(super) fn places(path: &std::path::Path, placer: &Placer) -> Result<Vec<Station>, AirError> {
    let rows = Rows::read(path)?;
    rows.require(&["id"])?;
    let of = |row: super::rows::Row<'_>| {
        let id = row.text("id").ok_or_else(|| row.bad("id"))?.to_owned();
        let name = row.text("name").map_or_else(|| id.clone(), str::to_owned);
        Ok(Station { id, name, at: place_of(row, placer)? })
    };
    rows.iter().map(of).collect()
}

/// The sentences of a report, what it rests on below.
fn for_people(report: &Value, args: &SimulateAirArgs, catalog: &Catalog) -> String {
    let lines = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut all = lines(&report["headlines"]);
    all.push(catalog.text(&Message::new("air-written").with("path", args.out.as_path())));
    all.push(String::new());
    all.push(catalog.get("cli-fire-assumptions"));
    all.extend(lines(&report["assumptions"]).into_iter().map(|line| format!("- {line}")));
    all.join("\n")
}
