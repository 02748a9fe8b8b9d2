//! `island-twin simulate fire`: a fire in a scene, told in sentences, or on bare rasters.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use super::fire_places::Places;
use super::simulate_args::SimulateFireArgs;
use super::whatif::{carried_out, named};
use super::{fire_crown, fire_rasters, fire_weather};
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::base::units::hours_minutes;
use crate::geo::grid::Grid;
use crate::io::import::WorkerProgram;
use crate::io::scene::load_project;
use crate::model::project::Project;
use crate::model::scenario::{Edit, ScenarioId};
use crate::session::fire_report::Findings;
pub(super) use crate::session::fire_report::pretty;
use crate::sim::fields::Snapshot;
use crate::sim::fire::ensemble::Burns;
use crate::sim::fire::error::FireError;
use crate::sim::fire::front::FireOptions;
use crate::sim::fire::fuel_map::FuelTable;
use crate::sim::fire::simulation::{ARRIVAL, BURNT_AREA, FireSetup, FireSimulation};
use crate::sim::fire::spotting::Spotting;
use crate::sim::run::{Manifest, RunSpec, StepContext, start};
use crate::study::fire::case::FireCase;
use crate::study::fire::compare::compare;
use crate::study::fire::files::{Extra, write};
use crate::study::fire::ground::FireGround;
use crate::study::fire::inputs::{FireInputs, MoisturePreset};
use crate::study::fire::scenario::strips;
use crate::study::fire::uncertainty;
use crate::text::{Catalog, Language};

/// What to print: the answer, and what the user should know besides.
#[derive(Debug)]
pub struct Told {
    pub text: String,
    pub notices: Vec<Message>,
}

/// # Errors
/// The message of what is wrong; nothing has been written then.
pub fn run(args: &SimulateFireArgs, language: Language, worker: &WorkerProgram) -> Result<Told, Message> {
    let catalog = Catalog::load(language);
    match &args.scene {
        Some(scene) => in_scene(scene, args, &catalog, worker),
        None => on_rasters(args, &catalog, worker),
    }
}

fn options(args: &SimulateFireArgs) -> Result<FireOptions, Message> {
    let crown = args.crown.as_deref().map(fire_crown::parse).transpose().map_err(|e| e.to_message())?;
    Ok(FireOptions { limit_wind: args.limit_wind, crown })
}

fn spotting(args: &SimulateFireArgs) -> Option<Spotting> {
    args.spotting.then(|| Spotting { seed: args.seed.unwrap_or(1), ..Spotting::default() })
}

pub(super) fn pool(threads: usize) -> Result<rayon::ThreadPool, Message> {
    let built = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    built.map_err(|e| Message::new("sim-no-thread").with("reason", e.to_string()))
}

fn in_scene(scene: &Path, args: &SimulateFireArgs, catalog: &Catalog, worker: &WorkerProgram) -> Result<Told, Message> {
    let (project, warnings) =
        load_project(scene, worker, &Progress::new(), &CancelToken::new()).map_err(|e| e.to_message())?;
    // Land and houses as the scenario has them; its strips are what the fire is burnt with and without.
    let project = match &args.scenario {
        Some(name) => land_of(&project, name, scene)?,
        None => Arc::new(project),
    };
    let begins = args.start.unwrap_or(project.time);
    let local = begins.as_second() as f64 / 60.0 + project.utc_offset_hours * 60.0;
    let places = Places::new(args, &project.frame.crs, Some(local.rem_euclid(1440.0)));
    let preset = MoisturePreset::Low;
    let weather = fire_weather::course(args, Some(preset.moisture())).map_err(|e| e.to_message())?;
    let mut inputs = FireInputs::new(begins.as_second(), places.ignitions(args, worker)?, weather);
    inputs.hours = args.hours;
    inputs.snapshot_minutes = args.hours * 60.0;
    inputs.cell_m = args.cell.unwrap_or(inputs.cell_m);
    inputs.options = options(args)?;
    inputs.spotting = spotting(args);
    let table = table(args)?;
    inputs.breaks = places.breaks(args)?;
    inputs.scenario = scenario(args, &project, scene)?;
    if let Some(scenario) = &inputs.scenario {
        let strips = strips(&project, scenario, table.barriers.road_width_m).map_err(|e| e.to_message())?;
        inputs.breaks.extend(strips);
    }
    inputs.lines = places.lines(args)?;
    inputs.threads = args.threads;
    if inputs.ignitions.is_empty() && args.ensemble > 0 {
        FireError::require("hours", args.hours, 0.01, 10_000.0).map_err(|e| e.to_message())?;
        let ground = FireGround::of(&project, inputs.cell_m, table).map_err(|e| e.to_message())?;
        let landscape = ground.with_measures(&inputs).map_err(|e| e.to_message())?;
        let mut notices: Vec<Message> = warnings.into_iter().map(|w| w.message).chain(ground.notices).collect();
        notices.extend(ground.assumptions);
        return Ok(Told { text: only_probability(args, &inputs.setup(landscape), catalog)?, notices });
    }
    let case = FireCase::prepare_with(&project, inputs, table).map_err(|e| e.to_message())?;
    let begun = std::time::Instant::now();
    let result = case.run(StepContext::default(), |_| ()).map_err(|e| e.to_message())?;
    let simulation_s = begun.elapsed().as_secs_f64();
    let change = if case.inputs.has_measures() {
        let unhindered = case.without_measures().and_then(|c| c.run(StepContext::default(), |_| ()));
        compare(&unhindered.map_err(|e| e.to_message())?, &result)
    } else {
        None
    };
    let sure = if args.ensemble > 0 {
        let ensemble = uncertainty::spread(args.seed.unwrap_or(1), args.ensemble);
        let measured = pool(args.threads)?.install(|| uncertainty::measure(&case, &ensemble, &StepContext::default()));
        Some(measured.map_err(|e| e.to_message())?)
    } else {
        None
    };
    let findings = Findings { case: &case, result: &result, change: change.as_ref(), sure: sure.as_ref() };
    let mut report = findings.report(catalog);
    findings.write(catalog, &args.out)?;
    // Told on the screen only: the files are the same every time.
    report["simulation_s"] = json!(simulation_s);
    let mut notices: Vec<Message> = warnings.into_iter().map(|w| w.message).collect();
    if args.weather.is_none() && args.moisture.is_none() {
        notices.push(Message::new("cli-fire-assumed-moisture").with("moisture", Message::new(preset.key())));
    }
    notices.extend(result.notices.iter().cloned());
    let text = if args.json { pretty(&report) } else { for_people(&report, catalog) };
    Ok(Told { text, notices })
}

/// The project with all edits of a scenario carried out but roads and fuel breaks.
fn land_of(project: &Project, name: &str, scene: &Path) -> Result<Arc<Project>, Message> {
    let mut land = project.clone();
    for scenario in &mut land.scenarios {
        scenario.edits.retain(|e| !matches!(e, Edit::FuelBreak { .. } | Edit::Road { .. }));
    }
    let mut changed = Project::clone(&carried_out(&land, name, scene)?.project);
    changed.scenarios.clone_from(&project.scenarios);
    Ok(Arc::new(changed))
}

/// The scenario that was asked for, if it is there.
fn scenario(args: &SimulateFireArgs, project: &Project, scene: &Path) -> Result<Option<ScenarioId>, Message> {
    args.scenario.as_deref().map_or(Ok(None), |asked| named(project, asked, scene))
}

fn table(args: &SimulateFireArgs) -> Result<FuelTable, Message> {
    let Some(path) = &args.fuel_table else { return FuelTable::phu_quoc().map_err(|e| e.to_message()) };
    let unreadable = |e: std::io::Error| FireError::File { reason: e.to_string(), path: path.clone() }.to_message();
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    FuelTable::parse(&text)
        .map_err(|e| Message::new("cli-fire-raster").with("reason", e.to_message()).with("path", path.as_path()))
}

/// The sentences of a report, what it rests on below.
fn for_people(report: &Value, catalog: &Catalog) -> String {
    let lines = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut all = lines(&report["headlines"]);
    all.extend(lines(&report["change"]["headlines"]));
    all.extend(lines(&report["uncertainty"]["headlines"]));
    all.push(String::new());
    all.push(catalog.get("cli-fire-assumptions"));
    all.extend(lines(&report["assumptions"]).into_iter().map(|line| format!("- {line}")));
    all.join("\n")
}

fn on_rasters(args: &SimulateFireArgs, catalog: &Catalog, worker: &WorkerProgram) -> Result<Told, Message> {
    let weather = fire_weather::course(args, None).map_err(|e| e.to_message())?;
    FireError::require("hours", args.hours, 0.01, 10_000.0).map_err(|e| e.to_message())?;
    let fire_rasters::RasterGround { mut landscape, notices, digests } = fire_rasters::read(args, worker)?;
    let crs = landscape.spec().crs.clone();
    let places = Places::new(args, &crs, None);
    let ignitions = places.ignitions(args, worker)?;
    for strip in places.breaks(args)? {
        landscape.cut_strip(&strip.line, strip.width_m);
    }
    for line in places.lines(args)? {
        landscape.build_line(&line.line, line.start_s, line.rate_mps);
    }
    let span_s = args.hours * 3600.0;
    let setup = FireSetup {
        landscape: Arc::new(landscape),
        weather,
        ignitions,
        options: options(args)?,
        spotting: spotting(args),
        span_s,
        step_s: span_s,
    };
    if setup.ignitions.is_empty() && args.ensemble > 0 {
        return Ok(Told { text: only_probability(args, &setup, catalog)?, notices });
    }
    let begun = std::time::Instant::now();
    let simulation = FireSimulation::new(setup.clone()).map_err(|e| e.to_message())?;
    let spec = RunSpec {
        version: 1,
        model: "fire".to_owned(),
        span_s,
        seed: args.seed.unwrap_or(1),
        save_every: 1,
        threads: args.threads,
    };
    let mut manifest = Manifest::new(spec, simulation.assumptions());
    manifest.inputs = digests;
    if let Some(path) = &args.weather {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        manifest.inputs.push(fire_rasters::digest(path, name));
    }
    let last = last_of(Box::new(simulation), args.threads)?;
    let simulation_s = begun.elapsed().as_secs_f64();
    let probability = probability(args, &setup)?;
    let hectares = last.scalars.get(BURNT_AREA).copied().unwrap_or_default() / 10_000.0;
    let asked = json!({
        "weather": setup.weather, "ignitions": setup.ignitions, "options": setup.options,
        "spotting": setup.spotting, "hours": args.hours,
    });
    let mut extra = Extra {
        rasters: Vec::new(),
        texts: vec![("manifest.json", pretty(&json!({ "run": manifest, "inputs": asked })))],
    };
    extra.rasters.extend(probability.as_ref().map(|grid| ("burn_probability.tif", grid)));
    write(&last, &extra, &hours_minutes, &args.out)?;
    let latest = last.field(ARRIVAL).and_then(|a| a.range()).map_or(0.0, |(_, latest)| f64::from(latest));
    let text = if args.json {
        pretty(&json!({
            "burnt_ha": hectares, "last_arrival_s": latest, "simulation_s": simulation_s, "out": args.out,
        }))
    } else {
        catalog.text(
            &Message::new("cli-fire-done")
                .with("hectares", hectares)
                .with("hours", args.hours)
                .with("path", args.out.as_path()),
        )
    };
    Ok(Told { text, notices })
}

/// Nobody knows where it starts: each member of the ensemble burns from a place of its own. Writes what share of them
/// burns each cell, and tells it.
fn only_probability(args: &SimulateFireArgs, setup: &FireSetup, catalog: &Catalog) -> Result<String, Message> {
    let grid = probability(args, setup)?.ok_or_else(|| Message::new("sim-cancelled"))?;
    let asked = json!({
        "weather": setup.weather, "options": setup.options, "spotting": setup.spotting,
        "hours": setup.span_s / 3600.0, "members": args.ensemble, "seed": args.seed.unwrap_or(1),
    });
    let extra =
        Extra { rasters: vec![("burn_probability.tif", &grid)], texts: vec![("manifest.json", pretty(&asked))] };
    write(&Snapshot::default(), &extra, &|_| String::new(), &args.out)?;
    let most = grid.range().map_or(0.0, |r| r.1);
    if args.json {
        return Ok(pretty(&json!({ "members": args.ensemble, "highest_probability": most, "out": args.out })));
    }
    Ok(catalog.text(
        &Message::new("cli-fire-probability")
            .with("members", args.ensemble)
            .with("percent", (f64::from(most) * 100.0).round())
            .with("path", args.out.as_path()),
    ))
}

fn last_of(simulation: Box<FireSimulation>, threads: usize) -> Result<Arc<Snapshot>, Message> {
    let run = start(simulation, 1, threads, StepContext::default()).map_err(|e| e.to_message())?;
    let mut last = Arc::default();
    while let Some(snapshot) = run.next() {
        last = snapshot;
    }
    run.finish().map_err(|e| e.to_message())?;
    Ok(last)
}

/// Burn probability over the ensemble that was asked for; without ignitions every member starts somewhere else.
fn probability(args: &SimulateFireArgs, setup: &FireSetup) -> Result<Option<Grid<f32>>, Message> {
    if args.ensemble == 0 {
        return Ok(None);
    }
    let ensemble = uncertainty::spread(args.seed.unwrap_or(1), args.ensemble);
    let (cancel, progress) = (CancelToken::new(), Progress::new());
    let run = || ensemble.run(setup, &[], |_| (), &cancel, &progress);
    let burns = pool(args.threads)?.install(run).map_err(|e| e.to_message())?;
    let Ok(Burns { counts, .. }) = burns else { return Ok(None) };
    let share = |n: &u32| if *n == 0 { f32::NAN } else { *n as f32 / args.ensemble as f32 };
    Ok(Some(Grid { spec: setup.landscape.spec().clone(), cells: counts.iter().map(share).collect() }))
}
