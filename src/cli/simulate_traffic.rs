//! `island-twin simulate traffic`: the traffic of a scene, hour by hour.

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};

use super::simulate_args::{SimulateTrafficArgs, TrafficLevel};
use super::simulate_evacuation::evacuate;
use super::simulate_fire::{pool, pretty};
use super::simulate_vehicles;
use super::traffic_places::place;
use super::whatif::carried_out;
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::geo::crs::Crs;
use crate::io::export::{RasterOptions, VectorFormat, write_features, write_raster};
use crate::io::import::WorkerProgram;
use crate::io::scene::load_project;
use crate::io::staging::FolderStaging;
use crate::model::project::Project;
use crate::sim::run::{Manifest, RunSpec, StepContext};
use crate::sim::traffic::assign::equilibrium::Stop;
use crate::sim::traffic::audit::Oddity;
use crate::sim::traffic::demand::day;
use crate::sim::traffic::demand::table::DemandTable;
use crate::sim::traffic::error::TrafficError;
use crate::sim::traffic::given::error::GivenError;
use crate::sim::traffic::road_table::RoadTable;
use crate::study::traffic::case::{Hour, Tables, TrafficCase};
use crate::study::traffic::given_demand;
use crate::study::traffic::headline;
use crate::study::traffic::hours::solve_hours;
use crate::study::traffic::isochrone::{self, Reach, reach};
use crate::study::traffic::plan::Plan;
use crate::study::traffic::tables::{emissions_csv, links_csv, links_table, od_csv, trips_csv, zones_csv, zones_table};
use crate::study::traffic::zones::unknown_kinds;
use crate::text::{Catalog, Language};

/// What to print, and what to complain of.
#[derive(Debug)]
pub struct Told {
    pub text: String,
    pub notices: Vec<Message>,
}

/// # Errors
/// The sentence for what is wrong; nothing is written then.
pub fn run(args: &SimulateTrafficArgs, language: Language, worker: &WorkerProgram) -> Result<Told, Message> {
    let catalog = Catalog::load(language);
    check(args).map_err(|e| e.to_message())?;
    let (from, to) = hours(args).map_err(|e| e.to_message())?;
    let tables = tables(args).map_err(|e| e.to_message())?;
    // A ready-made plan; else it may be a scenario of the scene.
    let plan = plan(args);
    let (project, warnings) =
        load_project(&args.scene, worker, &Progress::new(), &CancelToken::new()).map_err(|e| e.to_message())?;
    let mut notices: Vec<Message> = warnings.into_iter().map(|w| w.message).collect();
    let of_scene = args.scenario.as_ref().filter(|name| project.scenarios.iter().any(|s| s.id.0 == **name));
    let (project, plan) = match (plan, of_scene) {
        (Err(TrafficError::UnknownPlan { .. }), Some(name)) => {
            let resolved = carried_out(&project, name, &args.scene)?;
            notices.extend(resolved.notices);
            (Project::clone(&resolved.project), None)
        }
        (plan, _) => (project, plan.map_err(|e| e.to_message())?),
    };
    notices.extend(unknown_kinds(&project, &tables.demand));
    let cancel = CancelToken::new();
    let od = args.od.as_ref().map(|p| read(p).map(|text| (p, text))).transpose().map_err(|e| e.to_message())?;
    let begun = Instant::now();
    let solved =
        pool(args.threads)?.install(|| -> Result<Result<(TrafficCase, Vec<Hour>), GivenError>, TrafficError> {
            let mut case = TrafficCase::prepare(&project, tables, plan.as_ref(), &cancel)?;
            if let Some((path, text)) = &od {
                if given_demand::is_tntp(text) {
                    case.given = Some(Arc::new(given_demand::read_tntp(text, path, &case.zones)?));
                } else {
                    match given_demand::read(text, path, &case.zones) {
                        Ok(given) => case.given = Some(Arc::new(given)),
                        Err(error) => return Ok(Err(error)),
                    }
                }
            }
            if args.level != TrafficLevel::Ue || args.evacuate.is_some() {
                return Ok(Ok((case, Vec::new())));
            }
            let cx = StepContext { cancel: cancel.clone(), progress: Progress::new() };
            let stop = Stop { gap: args.gap, iterations: 1000 };
            let (found, _) = solve_hours(&case, from..to, stop, None, &cx)?;
            Ok(Ok((case, found)))
        });
    let (case, found) = solved.map_err(|e| e.to_message())?.map_err(|e| e.to_message())?;
    let seconds = begun.elapsed().as_secs_f64();
    notices.extend(case.notices.iter().cloned());
    for (oddity, key) in
        [(Oddity::Disconnected, "traffic-odd-disconnected"), (Oddity::WrongWay, "traffic-odd-wrong-way")]
    {
        let count = case.count(oddity);
        if let Some(first) = case.findings.iter().find(|f| f.oddity == oddity) {
            let at = |k: usize| first.at[k].round();
            notices.push(Message::new(key).with("count", count).with("east", at(0)).with("north", at(1)));
        }
    }
    if let Some(commune) = &args.evacuate {
        let go = || evacuate(args, commune, &project, &case, worker, language);
        let told = pool(args.threads)?.install(go)?;
        return Ok(Told { notices, ..told });
    }
    if args.level != TrafficLevel::Ue {
        let go = || simulate_vehicles::run(args, &case, from..to, &project.frame);
        let (report, beside) = pool(args.threads)?.install(go)?;
        notices.extend(beside);
        let text = if args.json { pretty(&report) } else { of_vehicles(&report, &catalog, args) };
        return Ok(Told { text, notices });
    }
    let report = report(&case, &found, plan.as_ref(), seconds);
    let reaches = reaches(args, &project, &case, &found)?;
    write(args, &project.frame.crs, &case, &found, (&report, &reaches))
        .map_err(|reason| TrafficError::File { reason, path: args.out.clone() }.to_message())?;
    let text = if args.json { pretty(&report) } else { for_people(&report, &catalog, args) };
    Ok(Told { text, notices })
}

/// What is reached from each place that is asked, in every hour.
fn reaches(
    args: &SimulateTrafficArgs,
    project: &Project,
    case: &TrafficCase,
    found: &[Hour],
) -> Result<Vec<(String, Vec<Reach>)>, Message> {
    let crs = &project.frame.crs;
    let from = |text: &String| -> Result<(String, Vec<Reach>), Message> {
        let at = place(text, crs)?;
        let at_sea = || Message::new("traffic-place-at-sea").with("text", text.as_str());
        let each = found.iter().map(|hour| reach(case, hour, at, crs).ok_or_else(at_sea));
        Ok((text.clone(), each.collect::<Result<_, Message>>()?))
    };
    args.isochrone.iter().map(from).collect()
}

/// Options that do not go together, or could not be.
fn check(args: &SimulateTrafficArgs) -> Result<(), TrafficError> {
    let bad = |text: String, example| Err(TrafficError::BadArgument { text, example });
    if !args.isochrone.is_empty() && (args.level != TrafficLevel::Ue || args.evacuate.is_some()) {
        return bad("--isochrone".to_owned(), "--level ue --isochrone 103.96,10.22");
    }
    if args.days > 0 && (args.level != TrafficLevel::Meso || args.evacuate.is_some()) {
        return bad(format!("--days {}", args.days), "--level meso --days 5");
    }
    match args.minutes.iter().find(|m| !(0.0..=1440.0).contains(*m)) {
        Some(minutes) => bad(format!("--minutes {minutes}"), "--minutes 10,20,30"),
        None => Ok(()),
    }
}

fn hours(args: &SimulateTrafficArgs) -> Result<(usize, usize), TrafficError> {
    let clock = |text: &str| -> Result<usize, TrafficError> {
        let bad = || TrafficError::BadArgument { text: text.to_owned(), example: "--from 06:00 --to 10:00" };
        let (hour, minute) = text.trim().split_once(':').unwrap_or((text.trim(), "00"));
        let hour = hour.parse::<usize>().ok().filter(|h| *h <= 24).ok_or_else(bad)?;
        // Whole hours: that is what the demand is known by.
        if minute == "00" { Ok(hour) } else { Err(bad()) }
    };
    let (from, to) = (clock(&args.from)?, clock(&args.to)?);
    let bad = || TrafficError::BadArgument {
        text: format!("{} - {}", args.from, args.to),
        example: "--from 06:00 --to 10:00",
    };
    if from < to { Ok((from, to)) } else { Err(bad()) }
}

fn read(path: &std::path::Path) -> Result<String, TrafficError> {
    std::fs::read_to_string(path).map_err(|e| TrafficError::File { reason: e.to_string(), path: path.to_owned() })
}

fn tables(args: &SimulateTrafficArgs) -> Result<Tables, TrafficError> {
    let roads = args.roads.as_ref().map_or_else(RoadTable::standard, |p| RoadTable::parse(&read(p)?))?;
    let demand = args.demand.as_ref().map_or_else(DemandTable::standard, |p| DemandTable::parse(&read(p)?))?;
    Ok(Tables { roads, demand })
}

/// One of the ready-made plans by its id, or the first one of a file.
fn plan(args: &SimulateTrafficArgs) -> Result<Option<Plan>, TrafficError> {
    let Some(name) = &args.scenario else { return Ok(None) };
    let path = std::path::Path::new(name);
    let mut plans =
        if path.extension().is_some_and(|e| e == "ron") { Plan::parse(&read(path)?)? } else { Plan::shipped()? };
    let found =
        if path.extension().is_some() { 0 } else { plans.iter().position(|p| p.id == *name).unwrap_or(usize::MAX) };
    if found < plans.len() {
        return Ok(Some(plans.swap_remove(found)));
    }
    let known: Vec<&str> = plans.iter().map(|p| p.id.as_str()).collect();
    Err(TrafficError::UnknownPlan { name: name.clone(), known: known.join(", ") })
}

fn report(case: &TrafficCase, found: &[Hour], plan: Option<&Plan>, seconds: f64) -> Value {
    let hours: Vec<Value> = found
        .iter()
        .map(|h| {
            let vehicles: f64 = h.vehicles.iter().map(day::Vehicles::sum).sum();
            let km = |l: usize| case.network.links[l].length_m / 1000.0;
            let sum = |f: &dyn Fn(usize) -> f64| (0..h.links.len()).map(f).sum::<f64>();
            let vehicle_km = sum(&|l| h.links[l].vehicles.sum() * km(l));
            let vehicle_h = sum(&|l| h.links[l].vehicles.sum() * h.links[l].time_s / 3600.0);
            json!({
                "hour": format!("{:02}:00", h.hour),
                "vehicles": vehicles,
                "pcu": h.pcu,
                "vehicle_km": vehicle_km,
                "vehicle_hours": vehicle_h,
                "mean_speed_kmh": vehicle_km / vehicle_h.max(1e-9),
                "delay_vehicle_hours": sum(&|l| h.links[l].vehicles.sum() * h.links[l].delay_s / 3600.0),
                "links_over_capacity": h.links.iter().filter(|l| l.volume_to_capacity > 1.0).count(),
                "relative_gap": h.solution.relative_gap,
                "iterations": h.solution.iterations,
            })
        })
        .collect();
    let a_day: f64 = (0..24).map(|h| case.vehicles(h).iter().map(day::Vehicles::sum).sum::<f64>()).sum();
    let modes = case.demand.by_mode();
    json!({
        "plan": plan.map(|p| &p.id),
        "nodes": case.network.nodes.len(),
        "links": case.network.links.len(),
        "zones": case.zones.len(),
        "residents": case.zones.iter().map(|z| z.activity.residents).sum::<f64>(),
        "visitors": case.zones.iter().map(|z| z.activity.visitors).sum::<f64>(),
        "person_trips_a_day": case.demand.person_trips(),
        "vehicle_trips_a_day": a_day,
        "persons_by_mode": modes,
        "margin_error": case.demand.margin_error,
        "hours": hours,
        "dead_ends": case.count(Oddity::DeadEnd),
        "seconds": seconds,
    })
}

fn of_vehicles(report: &Value, catalog: &Catalog, args: &SimulateTrafficArgs) -> String {
    let count = |name: &str| report[name].as_i64().unwrap_or_default();
    // In a window fewer drive than set out.
    let window = report.get("handed_over").is_some();
    let (key, vehicles) = if window {
        ("traffic-report-window", count("handed_over"))
    } else {
        ("traffic-report-vehicles", count("vehicles"))
    };
    let first = Message::new(key)
        .with("vehicles", vehicles)
        .with("arrived", count("arrived"))
        .with("on_the_way", count("on_the_way"))
        .with("waiting", count("waiting"));
    let written = Message::new("traffic-report-written").with("path", args.out.as_path());
    [catalog.text(&first), catalog.get("traffic-report-origin"), catalog.text(&written)].join("\n")
}

fn for_people(report: &Value, catalog: &Catalog, args: &SimulateTrafficArgs) -> String {
    let real = |v: &Value| v.as_f64().unwrap_or_default();
    let first = Message::new("traffic-report-day")
        .with("trips", (real(&report["vehicle_trips_a_day"]) / 1000.0).round() * 1000.0)
        .with("residents", (real(&report["residents"]) / 1000.0).round() * 1000.0)
        .with("visitors", real(&report["visitors"]).round());
    let mut lines = vec![catalog.text(&first)];
    for hour in report["hours"].as_array().into_iter().flatten() {
        let message = Message::new("traffic-report-hour")
            .with("hour", hour["hour"].as_str().unwrap_or_default())
            .with("vehicles", real(&hour["vehicles"]).round())
            .with("speed", (real(&hour["mean_speed_kmh"]) * 10.0).round() / 10.0)
            .with("delay", real(&hour["delay_vehicle_hours"]).round())
            .with("full", hour["links_over_capacity"].as_i64().unwrap_or_default());
        lines.push(catalog.text(&message));
    }
    lines.push(catalog.get("traffic-report-origin"));
    lines.push(catalog.text(&Message::new("traffic-report-written").with("path", args.out.as_path())));
    lines.join("\n")
}

fn write(
    args: &SimulateTrafficArgs,
    crs: &Crs,
    case: &TrafficCase,
    found: &[Hour],
    (report, reaches): (&Value, &[(String, Vec<Reach>)]),
) -> Result<(), String> {
    let staging = FolderStaging::inside(&args.out).map_err(|e| e.to_string())?;
    let text = |name: &str, text: &str| std::fs::write(staging.path(name), text).map_err(|e| e.to_string());
    text("links.csv", &links_csv(case, found))?;
    text("emissions.csv", &emissions_csv(case, found))?;
    text("zones.csv", &zones_csv(case, found))?;
    text("od.csv", &od_csv(case, found))?;
    text("trips.csv", &trips_csv(case, found, args.seed))?;
    text("findings.json", &pretty(&case.findings))?;
    text("report.json", &pretty(report))?;
    let spec = RunSpec {
        version: 1,
        model: "traffic".to_owned(),
        span_s: found.len() as f64 * 3600.0,
        seed: args.seed,
        save_every: 1,
        threads: args.threads,
    };
    let manifest = Manifest::new(spec, headline::assumptions(case));
    text(
        "manifest.json",
        &pretty(&json!({
            "run": manifest,
            "inputs": { "scene": args.scene, "scenario": args.scenario, "from": args.from, "to": args.to, "gap": args.gap },
        })),
    )?;
    let format = VectorFormat::GeoPackage { layer: "links".to_owned() };
    write_features(&links_table(case, found), crs, crs, &staging.path("traffic.gpkg"), &format)
        .map_err(|e| e.to_string())?;
    let format = VectorFormat::GeoPackage { layer: "zones".to_owned() };
    write_features(&zones_table(case, found), crs, crs, &staging.path("traffic.gpkg"), &format)
        .map_err(|e| e.to_string())?;
    if !reaches.is_empty() {
        let areas = isochrone::table(case, reaches, &args.minutes);
        let format = VectorFormat::GeoPackage { layer: "isochrones".to_owned() };
        write_features(&areas, crs, crs, &staging.path("traffic.gpkg"), &format).map_err(|e| e.to_string())?;
        write_features(&areas, crs, crs, &staging.path("isochrones.geojson"), &VectorFormat::GeoJson)
            .map_err(|e| e.to_string())?;
        for (i, (_, hours)) in (1..).zip(reaches) {
            for reach in hours {
                let path = staging.path(&format!("minutes-from-{i}-{:02}h.tif", reach.hour));
                let tenths = RasterOptions { decimals: Some(1) };
                write_raster(&reach.minutes, &path, tenths).map_err(|e| e.to_string())?;
            }
        }
    }
    staging.commit().map_err(|e| e.to_string())
}
