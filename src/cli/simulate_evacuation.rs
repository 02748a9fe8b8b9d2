//! `island-twin simulate traffic --evacuate`: everybody leaves a commune by given exits, with a fire closing roads.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::simulate_args::SimulateTrafficArgs;
use super::simulate_fire::pretty;
use super::simulate_traffic::Told;
use super::traffic_places::place;
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::geo::grid::Grid;
use crate::io::export::{VectorFormat, write_features};
use crate::io::import::{SourceSpec, WorkerProgram, import_isolated};
use crate::io::staging::FolderStaging;
use crate::model::layer::LayerContent;
use crate::model::project::Project;
use crate::model::table::{FeatureTable, FieldKind, Value as Cell};
use crate::sim::run::{Manifest, RunSpec};
use crate::sim::traffic::demand::table::EvacuationRow;
use crate::sim::traffic::error::TrafficError;
use crate::sim::traffic::meso::learning::DayError;
use crate::study::traffic::case::TrafficCase;
use crate::study::traffic::evacuation::{Evacuation, NoAnswer, Question, run};
use crate::study::traffic::evacuation_words::{sentences, who_leaves};
use crate::study::traffic::headline;
use crate::text::{Catalog, Language};

/// So long is looked at.
const SPAN_S: f64 = 12.0 * 3600.0;
/// Rows of the table.
const STEP_S: f64 = 300.0;

/// Simulates and writes.
///
/// # Errors
/// The sentence for what is wrong; nothing is written then.
pub fn evacuate(
    args: &SimulateTrafficArgs,
    commune: &str,
    project: &Project,
    case: &TrafficCase,
    worker: &WorkerProgram,
    language: Language,
) -> Result<Told, Message> {
    let crs = &project.frame.crs;
    let exits = args.exit.iter().map(|text| place(text, crs)).collect::<Result<Vec<_>, _>>()?;
    let fire = args.fire.as_ref().map(|path| arrival(path, project, worker)).transpose()?;
    let question = Question {
        commune,
        exits,
        fire: fire.as_ref().map(|grid| (grid, args.fire_before * 60.0)),
        seed: args.seed,
        span_s: SPAN_S,
        packet: 1.0,
    };
    let found = run(project, case, &question, &CancelToken::new()).map_err(|e| explain(e, args, commune))?;
    let assumed = &case.tables.demand.evacuation;
    let report = report(&found, assumed, args);
    write(args, project, case, &found, &report)
        .map_err(|reason| TrafficError::File { reason, path: args.out.clone() }.to_message())?;
    let text = if args.json { pretty(&report) } else { for_people(&found, assumed, args, &Catalog::load(language)) };
    Ok(Told { text, notices: Vec::new() })
}

fn explain(error: NoAnswer, args: &SimulateTrafficArgs, commune: &str) -> Message {
    let exit = |key: &str, number: usize| {
        Message::new(key).with("exit", number).with("text", args.exit.get(number - 1).map_or("", String::as_str))
    };
    match error {
        NoAnswer::UnknownCommune { known } => {
            Message::new("evacuation-unknown-commune").with("name", commune).with("known", known.join(", "))
        }
        NoAnswer::Nobody => Message::new("evacuation-nobody").with("name", commune),
        NoAnswer::ExitAtSea { exit: n } => exit("evacuation-exit-at-sea", n),
        NoAnswer::ExitInside { exit: n } => exit("evacuation-exit-inside", n).with("name", commune),
        NoAnswer::Day(DayError::Input(e)) => e.to_message(),
        NoAnswer::Day(DayError::Cancelled(_)) => Message::new("sim-cancelled"),
    }
}

/// Arrival times in the project's system.
fn arrival(path: &std::path::Path, project: &Project, worker: &WorkerProgram) -> Result<Grid<f32>, Message> {
    let mut answer = None;
    let (progress, cancel) = (Progress::new(), CancelToken::new());
    import_isolated(&[SourceSpec::new(path)], &project.frame, worker, &progress, &cancel, |_, r| answer = Some(r));
    let not_a_raster = || Message::new("cli-fire-not-raster").with("path", path);
    match answer.ok_or_else(not_a_raster)?.map_err(|e| e.to_message())?.content {
        LayerContent::Raster(grid) if grid.cells.iter().any(|v| *v >= 0.0) => Ok(Grid::clone(&grid)),
        _ => Err(not_a_raster()),
    }
}

fn report(found: &Evacuation, assumed: &EvacuationRow, args: &SimulateTrafficArgs) -> Value {
    let minutes = |share: f64| found.out_at_s(share).map(|s| s / 60.0);
    json!({
        "level": "meso",
        "evacuated": found.commune,
        "exits": args.exit,
        "persons": found.persons,
        "vehicles": found.trips.len(),
        "persons_out": found.out_by(SPAN_S),
        "minutes_until_out": { "50": minutes(0.5), "90": minutes(0.9), "99": minutes(0.99), "100": minutes(1.0) },
        "arrived": found.loaded.arrived(),
        "on_the_way": found.loaded.on_the_way,
        "waiting": found.loaded.waiting,
        "stranded": found.loaded.stranded,
        "removed": 0,
        "gridlocks": found.loaded.gridlocks.len(),
        "links_closed_by_fire": found.closed.len(),
        "first_closed_minutes": found.closed.first().map(|c| c.1 / 60.0),
        "assumed": {
            "persons_in_a_car": assumed.persons_in_a_car,
            "persons_on_a_motorbike": assumed.persons_on_a_motorbike,
            "share_of_persons_by_motorbike": assumed.share_by_motorbike,
            "most_set_out_after_minutes": assumed.most_set_out_min,
            "news_every_minutes": assumed.news_min,
        },
        "fire": args.fire,
        "fire_before_minutes": args.fire_before,
        "seed": args.seed,
    })
}

fn for_people(found: &Evacuation, assumed: &EvacuationRow, args: &SimulateTrafficArgs, catalog: &Catalog) -> String {
    let mut told = sentences(found, assumed, SPAN_S, args.fire.is_some());
    told.push(Message::new("traffic-report-written").with("path", args.out.as_path()));
    told.iter().map(|message| catalog.text(message)).collect::<Vec<_>>().join("\n")
}

fn write(
    args: &SimulateTrafficArgs,
    project: &Project,
    case: &TrafficCase,
    found: &Evacuation,
    report: &Value,
) -> Result<(), String> {
    let staging = FolderStaging::inside(&args.out).map_err(|e| e.to_string())?;
    let mut table = String::from("minute,persons_set_out,persons_out,links_closed\n");
    for step in 0..=(SPAN_S / STEP_S) as u32 {
        let t = f64::from(step) * STEP_S;
        let set_out: f64 = found.trips.iter().zip(&found.aboard).filter(|w| w.0.depart_s <= t).map(|w| w.1).sum();
        let closed = found.closed.iter().filter(|c| c.1 <= t).count();
        // Writing into a string cannot fail.
        let _ = writeln!(table, "{},{set_out:.0},{:.0},{closed}", t / 60.0, found.out_by(t));
    }
    std::fs::write(staging.path("evacuation.csv"), table).map_err(|e| e.to_string())?;
    std::fs::write(staging.path("report.json"), pretty(report)).map_err(|e| e.to_string())?;
    std::fs::write(staging.path("findings.json"), pretty(&case.findings)).map_err(|e| e.to_string())?;
    let spec = RunSpec {
        version: 1,
        model: "evacuation".to_owned(),
        span_s: SPAN_S,
        seed: args.seed,
        save_every: 1,
        threads: args.threads,
    };
    let mut assumptions = headline::assumptions(case);
    assumptions.push(who_leaves(&case.tables.demand.evacuation));
    let manifest = pretty(&json!({
        "run": Manifest::new(spec, assumptions),
        "inputs": { "scene": args.scene, "scenario": args.scenario, "evacuated": found.commune, "exits": args.exit,
                    "fire": args.fire, "fire_before_minutes": args.fire_before },
    }));
    std::fs::write(staging.path("manifest.json"), manifest).map_err(|e| e.to_string())?;
    let format = VectorFormat::GeoPackage { layer: "evacuation".to_owned() };
    let crs = &project.frame.crs;
    write_features(&links(case, found), crs, crs, &staging.path("traffic.gpkg"), &format).map_err(|e| e.to_string())?;
    staging.commit().map_err(|e| e.to_string())
}

/// Links that somebody used or the fire closed.
fn links(case: &TrafficCase, found: &Evacuation) -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[
        ("link", FieldKind::Integer),
        ("name", FieldKind::Text),
        ("vehicles", FieldKind::Integer),
        ("delay_s", FieldKind::Real),
        ("closed_min", FieldKind::Real),
    ]);
    let mut closed_s = vec![f64::INFINITY; case.network.links.len()];
    for (link, t) in &found.closed {
        if let Some(known) = closed_s.get_mut(*link as usize) {
            *known = *t;
        }
    }
    let record = &found.loaded.record;
    for (l, link) in case.network.links.iter().enumerate() {
        let count = record.sum(0..record.intervals(), l as u32);
        if count.vehicles == 0 && closed_s[l].is_infinite() {
            continue;
        }
        table.geometry.push_line(&link.line);
        let delay_s = (count.time_s - count.free_time_s).max(0.0) / f64::from(count.vehicles.max(1));
        table.push_row(&[
            Cell::Integer(link.id.cast_signed()),
            Cell::Text(&link.name),
            Cell::Integer(i64::from(count.vehicles)),
            Cell::Real(delay_s),
            if closed_s[l].is_finite() { Cell::Real(closed_s[l] / 60.0) } else { Cell::Null },
        ]);
    }
    table
}
