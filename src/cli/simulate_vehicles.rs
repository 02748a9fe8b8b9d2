//! `island-twin simulate traffic --level meso|micro`: the hours of a scene, vehicle by vehicle.

use std::fmt::Write as _;
use std::ops::Range;
use std::time::Instant;

use serde_json::{Value, json};

use super::link_columns::{COLUMNS, cells};
use super::simulate_args::{SimulateTrafficArgs, TrafficLevel};
use super::simulate_fire::pretty;
use super::traffic_case::cpu_seconds;
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::geo::crs::Crs;
use crate::geo::frame::SiteFrame;
use crate::geo::shape::bounds_of;
use crate::geo::transform::Transform;
use crate::io::export::{VectorFormat, write_features};
use crate::io::staging::FolderStaging;
use crate::model::table::{FeatureTable, FieldKind, Value as Cell};
use crate::sim::fields::AgentTable;
use crate::sim::traffic::error::TrafficError;
use crate::sim::traffic::given::trips::KINDS;
use crate::sim::traffic::meso::input::{Roads, VehicleClass};
use crate::sim::traffic::meso::learning::{DayError, Learned, Learning, learn_from};
use crate::sim::traffic::meso::level::{LinkState, state};
use crate::sim::traffic::meso::loading::{Loaded, LoadingOptions};
use crate::sim::traffic::micro::agents::agents;
use crate::sim::traffic::micro::drive::{Case, MicroTrip, Way};
use crate::sim::traffic::micro::simulation::{Counts, JAMMED_S, Micro};
use crate::sim::traffic::road_table::Vehicle;
use crate::study::traffic::case::TrafficCase;
use crate::study::traffic::close::{Close, CloseLook, drivers};
use crate::study::traffic::day::{RoutedDay, routed};
use crate::study::traffic::tracks::Tracks;

/// Vehicles of the last hour get so long to arrive.
const AFTER_S: f64 = 3600.0;
/// Trajectories are noted so often, seconds.
const NOTED_EVERY_S: usize = 60;
/// Those of a window.
const NOTED_CLOSE_S: usize = 5;
/// Counts are kept by intervals of so long, four an hour.
const INTERVAL_S: f64 = 900.0;

/// What is to be written.
struct Found {
    report: Value,
    tables: Vec<(&'static str, String)>,
    links: Option<FeatureTable>,
}

/// Simulates and writes; the answer is the report, and what to tell beside.
///
/// # Errors
/// The sentence for what is wrong; nothing is written then.
pub fn run(
    args: &SimulateTrafficArgs,
    case: &TrafficCase,
    hours: Range<usize>,
    frame: &SiteFrame,
) -> Result<(Value, Vec<Message>), Message> {
    if let Some(window) = &args.window {
        return windowed(args, case, hours, window_of(window, frame)?, frame);
    }
    let day = routed(case, hours.clone(), args.seed, &CancelToken::new()).map_err(|e| e.to_message())?;
    let span_s = hours.len() as f64 * 3600.0 + AFTER_S;
    let begun = (Instant::now(), cpu_seconds());
    let mut told = Vec::new();
    let mut found = match args.level {
        TrafficLevel::Micro => micro(case, &day, span_s, &mut told)?,
        _ => meso(case, &day, span_s, (args.seed, args.days), hours.start, &mut told)?,
    };
    found.tables.push(("findings.json", pretty(&json!(case.findings))));
    let report = &mut found.report;
    report["vehicles"] = json!(day.trips.len());
    finish(args, found, begun, &frame.crs).map(|report| (report, told))
}

/// Adds what was asked and what it cost, and writes.
fn finish(args: &SimulateTrafficArgs, mut found: Found, begun: (Instant, f64), crs: &Crs) -> Result<Value, Message> {
    let report = &mut found.report;
    report["scenario"] = json!(args.scenario);
    report["from"] = json!(args.from);
    report["to"] = json!(args.to);
    report["seed"] = json!(args.seed);
    report["wall_seconds"] = json!(begun.0.elapsed().as_secs_f64());
    report["cpu_seconds"] = json!(cpu_seconds() - begun.1);
    write(args, crs, &found).map_err(|reason| TrafficError::File { reason, path: args.out.clone() }.to_message())?;
    Ok(found.report)
}

/// (west, south, east, north) in the site's CRS, around the window's corners in degrees.
fn window_of(text: &str, frame: &SiteFrame) -> Result<[f64; 4], Message> {
    let wrong = || Message::new("traffic-window-wrong").with("window", text);
    let numbers: Vec<f64> = text.split(',').filter_map(|v| v.trim().parse().ok()).collect();
    let [west, south, east, north] = numbers[..] else { return Err(wrong()) };
    let (known, ordered) = (numbers.iter().all(|v| v.is_finite()), west < east && south < north);
    let transform = Transform::between(&Crs::WGS84, &frame.crs).filter(|_| known && ordered).ok_or_else(wrong)?;
    let corners = [[west, south], [east, south], [east, north], [west, north]].map(|c| transform.apply(c));
    bounds_of(&corners).filter(|b| b.iter().all(|v| v.is_finite())).ok_or_else(wrong)
}

fn windowed(
    args: &SimulateTrafficArgs,
    case: &TrafficCase,
    hours: Range<usize>,
    bounds: [f64; 4],
    frame: &SiteFrame,
) -> Result<(Value, Vec<Message>), Message> {
    let begun = (Instant::now(), cpu_seconds());
    let cancel = CancelToken::new();
    let tracks = Tracks::of(case, hours.clone(), &cancel).map_err(|e| e.to_message())?;
    let look = CloseLook { bounds, from_s: hours.start as f64 * 3600.0, span_s: hours.len() * 3600 };
    let (mut places, mut second) = (TRAJECTORIES.to_owned(), 0);
    let each = |table: AgentTable| {
        second += 1;
        if second % NOTED_CLOSE_S == 0 {
            note(&mut places, second, &table);
        }
    };
    let close = Close::watch(case, &tracks, look, each, &Progress::new(), &cancel).map_err(|e| e.to_message())?;
    let report = json!({
        "level": "micro",
        "handed_over": close.came,
        "vehicles": tracks.kinds.len(),
        "links": close.inside.iter().filter(|inside| **inside).count(),
    });
    let odd = pretty(&json!(case.findings));
    let tables = vec![("trajectories.csv", places), ("findings.json", odd)];
    let mut found = Found { report, tables, links: None };
    counted(&mut found.report, &close.counts, close.collisions);
    let told = (close.counts.longest_stand_s >= JAMMED_S)
        .then(|| Message::new("traffic-micro-jam").with("seconds", close.counts.longest_stand_s));
    Ok((finish(args, found, begun, &frame.crs)?, told.into_iter().collect()))
}

const TRAJECTORIES: &str = "time_s,trip,kind,east,north,heading_deg,speed_kmh\n";

fn note(places: &mut String, second: usize, all: &AgentTable) {
    for i in 0..all.len() {
        let ([east, north], heading) = (all.at[i], all.heading_rad[i].to_degrees().rem_euclid(360.0));
        let (trip, kind) = (all.id[i] + 1, KINDS[usize::from(all.kind[i])]);
        let speed = all.speed_mps[i] * 3.6;
        let _ = writeln!(places, "{second},{trip},{kind},{east:.1},{north:.1},{heading:.0},{speed:.1}");
    }
}

fn counted(report: &mut Value, c: &Counts, collisions: usize) {
    report["arrived"] = json!(c.arrived);
    report["on_the_way"] = json!(c.on_the_way);
    report["waiting"] = json!(c.waiting);
    report["removed"] = json!(c.removed);
    report["vehicle_updates"] = json!(c.vehicle_updates);
    report["mean_speed_kmh"] = json!(c.distance_m / c.time_s.max(1.0) * 3.6);
    report["jammed"] = json!(c.longest_stand_s >= JAMMED_S);
    report["longest_stand_s"] = json!(c.longest_stand_s);
    report["collisions"] = json!(collisions);
}

fn write(args: &SimulateTrafficArgs, crs: &Crs, found: &Found) -> Result<(), String> {
    let staging = FolderStaging::inside(&args.out).map_err(|e| e.to_string())?;
    for (name, text) in &found.tables {
        std::fs::write(staging.path(name), text).map_err(|e| e.to_string())?;
    }
    std::fs::write(staging.path("report.json"), pretty(&found.report)).map_err(|e| e.to_string())?;
    if let Some(links) = &found.links {
        let format = VectorFormat::GeoPackage { layer: "links".to_owned() };
        write_features(links, crs, crs, &staging.path("traffic.gpkg"), &format).map_err(|e| e.to_string())?;
    }
    staging.commit().map_err(|e| e.to_string())
}

fn meso(
    case: &TrafficCase,
    day: &RoutedDay,
    span_s: f64,
    (seed, days): (u64, u32),
    first_hour: usize,
    told: &mut Vec<Message>,
) -> Result<Found, Message> {
    let roads = Roads::new(&case.network).map_err(|e| e.to_message())?;
    let classes = VehicleClass::by_kind_of(&case.tables.roads);
    let wishes = day.wishes();
    let options = LoadingOptions { span_s, interval_s: INTERVAL_S, keep_passages: false };
    let learning = Learning { days, seed, foreseen: false };
    let known = (day.routes.clone(), day.route_of.clone());
    let learned = learn_from(Some(known), &roads, &classes, &wishes, &[], learning, options, &CancelToken::new());
    let Learned { loaded, gaps, day: kept_day, .. } = learned.map_err(|e| match e {
        DayError::Input(e) => e.to_message(),
        DayError::Cancelled(_) => Message::new("sim-cancelled"),
    })?;
    told.extend(learnt(&gaps, kept_day));
    if let Some(first) = loaded.gridlocks.first() {
        let held: u32 = loaded.gridlocks.iter().map(|g| g.vehicles).sum();
        let message = Message::new("vehicles-gridlock").with("circles", loaded.gridlocks.len());
        told.push(message.with("vehicles", held).with("seconds", first.seen_s));
    }
    let circles: Vec<Value> = loaded
        .gridlocks
        .iter()
        .map(|g| {
            let ids: Vec<u64> = g.links.iter().map(|l| roads.link_ids[*l as usize]).collect();
            let at = g.links.first().and_then(|l| case.network.links[*l as usize].middle());
            json!({ "seen_s": g.seen_s, "vehicles": g.vehicles, "links": ids, "at": at })
        })
        .collect();
    let report = json!({
        "level": "meso",
        "arrived": loaded.arrived(),
        "on_the_way": loaded.on_the_way,
        "waiting": loaded.waiting,
        "removed": 0,
        "links_entered": loaded.transfers,
        "total_travel_time_h": loaded.total_travel_time_s(&wishes) / 3600.0,
        "equilibrium_gaps": gaps,
        "kept_day": kept_day,
        "gridlocks": circles,
    });
    let states = |hour: usize, link: usize| state(&roads, &loaded.record, hour * 4..(hour + 1) * 4, link as u32);
    let tables = vec![("links.csv", links_csv(case, &loaded, first_hour, &states))];
    Ok(Found { report, tables, links: Some(links_table(case, &loaded, first_hour, &states)) })
}

/// What learning brought: nothing where nobody learnt.
pub(super) fn learnt(gaps: &[f64], kept_day: u32) -> Option<Message> {
    let percent = |gap: f64| (gap * 1000.0).round() / 10.0;
    let (first, kept) = (gaps.first()?, gaps.get(kept_day as usize)?);
    let key = if kept_day == 0 { "vehicles-learnt-nothing" } else { "vehicles-learnt" };
    let message = Message::new(key).with("days", gaps.len() - 1).with("day", kept_day + 1);
    Some(message.with("before", percent(*first)).with("after", percent(*kept)))
}

fn hours_of(loaded: &Loaded) -> usize {
    loaded.record.intervals().div_ceil(4)
}

fn links_csv(
    case: &TrafficCase,
    loaded: &Loaded,
    first_hour: usize,
    states: &dyn Fn(usize, usize) -> LinkState,
) -> String {
    let mut table = format!("hour,link,feature,{COLUMNS}\n");
    for hour in 0..hours_of(loaded) {
        for (l, link) in case.network.links.iter().enumerate() {
            let s = states(hour, l);
            if s.vehicles > 0 {
                let name = (first_hour + hour) % 24;
                // Writing into a string cannot fail.
                let _ = writeln!(table, "{name:02}:00,{},{},{}", link.id, link.feature, cells(&s));
            }
        }
    }
    table
}

/// Each link in every hour in which somebody used it.
fn links_table(
    case: &TrafficCase,
    loaded: &Loaded,
    first_hour: usize,
    states: &dyn Fn(usize, usize) -> LinkState,
) -> FeatureTable {
    use FieldKind::{Integer, Real, Text};
    let mut table = FeatureTable::with_fields(&[
        ("link", Integer),
        ("name", Text),
        ("hour", Text),
        ("vehicles_h", Integer),
        ("motorbikes", Integer),
        ("speed_kmh", Real),
        ("delay_s", Real),
        ("queue_veh", Real),
        ("los", Text),
    ]);
    for hour in 0..hours_of(loaded) {
        let name = format!("{:02}:00", (first_hour + hour) % 24);
        for (l, link) in case.network.links.iter().enumerate() {
            let s = states(hour, l);
            if s.vehicles == 0 {
                continue;
            }
            table.geometry.push_line(&link.line);
            table.push_row(&[
                Cell::Integer(link.id.cast_signed()),
                Cell::Text(&link.name),
                Cell::Text(&name),
                Cell::Integer(i64::from(s.vehicles)),
                Cell::Integer(i64::from(s.motorbikes)),
                Cell::Real(s.speed_mps * 3.6),
                Cell::Real(s.delay_s),
                Cell::Real(s.queue),
                Cell::Text(&s.level.to_string()),
            ]);
        }
    }
    table
}

fn micro(case: &TrafficCase, day: &RoutedDay, span_s: f64, told: &mut Vec<Message>) -> Result<Found, Message> {
    let driver = |kind: Vehicle| match kind {
        Vehicle::Motorbike => 1,
        Vehicle::Truck => 2,
        _ => 0,
    };
    let wishes = day.trips.iter().zip(&day.route_of).map(|(t, route)| MicroTrip {
        depart_s: t.depart_s,
        driver: driver(t.kind),
        way: Way::Links(day.routes.of(*route).to_vec()),
    });
    let wishes = wishes.collect();
    let mut micro = Micro::new(Case::new(&case.network, None, drivers(), wishes).map_err(|e| e.to_message())?);
    let mut places = TRAJECTORIES.to_owned();
    for second in 1..=span_s as usize {
        micro.second();
        if second.is_multiple_of(NOTED_EVERY_S) {
            note(&mut places, second, &agents(&micro, &case.network));
        }
    }
    let c = micro.counts();
    if c.longest_stand_s >= JAMMED_S {
        told.push(Message::new("traffic-micro-jam").with("seconds", c.longest_stand_s));
    }
    let mut report = json!({ "level": "micro" });
    counted(&mut report, &c, micro.faults().collisions.len());
    Ok(Found { report, tables: vec![("trajectories.csv", places)], links: None })
}
