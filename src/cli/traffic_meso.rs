//! `island-twin traffic meso`: a day on a bare network, vehicle by vehicle.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use serde_json::json;

use super::link_columns::{COLUMNS, cells};
use super::simulate_vehicles::learnt;
use super::traffic_args::MesoArgs;
use super::traffic_case::{Wishes, complaint, cpu_seconds, network, oddities, read, wishes};
use crate::base::cancel::CancelToken;
use crate::base::csv::quoted;
use crate::base::message::{Message, ToMessage};
use crate::io::export::write_text_files;
use crate::sim::traffic::given::csv::Table;
use crate::sim::traffic::given::error::{Fault, GivenError};
use crate::sim::traffic::given::network::Given;
use crate::sim::traffic::meso::evacuation::join_exits;
use crate::sim::traffic::meso::guidance::Guidance;
use crate::sim::traffic::meso::input::{Restriction, Roads, Trip, VehicleClass};
use crate::sim::traffic::meso::learning::{DayError, Learned, Learning, learn};
use crate::sim::traffic::meso::level::state;
use crate::sim::traffic::meso::loading::{Loaded, LoadingOptions, load, load_guided};
use crate::sim::traffic::meso::record::{MOST_COUNTS, Record};
use crate::sim::traffic::meso::route::{LinkTimes, Routes};
use crate::sim::traffic::network::Control;

/// Simulates and writes; the answer is what to tell beside.
///
/// # Errors
/// The sentence for what is wrong; nothing is written then.
pub fn run(args: &MesoArgs) -> Result<Vec<Message>, Message> {
    let begun = Instant::now();
    let mut given = network(&args.net, args.drawn)?;
    let (wishes, of_trips) = wishes(&args.trips, &given)?;
    check(args, &wishes, &given)?;
    let (findings, odd) = oddities(&given);
    let mut told = [given.notices.clone(), odd, of_trips].concat();
    told.extend(actuated(&given));
    let restrictions = args.closures.as_deref().map_or(Ok(Vec::new()), |path| closures(path, &given))?;
    let outside = exits(&args.exits, &mut given, &args.net)?;
    let complain = |e| complaint(e, &wishes, &given, (&args.net, &args.trips));
    let roads = Roads::new(&given.network).map_err(complain)?;
    let classes = VehicleClass::by_kind();
    let trips = trips(&wishes, &given, outside);
    let options = LoadingOptions {
        span_s: f64::from(args.seconds),
        interval_s: args.interval,
        keep_passages: args.passages.is_some(),
    };
    let pool = super::simulate_fire::pool(args.threads)?;
    let (solving, cpu_before) = (Instant::now(), cpu_seconds());
    let cancel = CancelToken::new();
    let (loaded, gaps, kept_day) = match &wishes {
        Wishes::Ways(ways) => {
            let mut routes = Routes::new();
            let route_of: Vec<u32> =
                ways.iter().map(|w| routes.push_backwards(w.links.iter().rev().copied())).collect();
            let times = LinkTimes::free(&roads);
            let with = (&routes, route_of.as_slice());
            let loaded = load(&roads, &classes, &trips, with, &restrictions, &times, options, &cancel);
            (loaded.map_err(|e| explain(e.into(), &complain))?, Vec::new(), 0)
        }
        Wishes::Trips(_) if args.guided => {
            let guidance = Guidance { seed: args.seed, ..Guidance::default() };
            let load = || load_guided(&roads, &classes, &trips, guidance, &restrictions, options, &cancel);
            (pool.install(load).map_err(|e| explain(e, &complain))?, Vec::new(), 0)
        }
        Wishes::Trips(_) => {
            let learning = Learning { days: args.days, seed: args.seed, foreseen: args.foreseen };
            let learned = pool.install(|| learn(&roads, &classes, &trips, &restrictions, learning, options, &cancel));
            let Learned { loaded, gaps, day, .. } = learned.map_err(|e| explain(e, &complain))?;
            (loaded, gaps, day)
        }
    };
    let (wall_s, cpu_s) = (solving.elapsed().as_secs_f64(), cpu_seconds() - cpu_before);
    let stats = json!({
        "seconds": args.seconds,
        "trips": trips.len(),
        "vehicle_updates": loaded.transfers,
        "cpu_seconds": cpu_s,
        "wall_seconds": wall_s,
        "total_seconds": begun.elapsed().as_secs_f64(),
        "inserted": loaded.entry_s.iter().filter(|t| !t.is_nan()).count(),
        "arrived": loaded.arrived(),
        "removed": 0,
        "on_the_way": loaded.on_the_way,
        "waiting": loaded.waiting,
        "stranded": loaded.stranded,
        "mean_speed_mps": mean_speed(&roads, &loaded),
        "total_travel_time_s": loaded.total_travel_time_s(&trips),
        "last_arrival_s": loaded.arrival_s.iter().copied().filter(|t| !t.is_nan()).fold(0.0, f64::max),
        "equilibrium_gaps": gaps,
        "kept_day": kept_day,
        "gridlocks": loaded.gridlocks.iter().map(|g| json!({
            "seen_s": g.seen_s,
            "vehicles": g.vehicles,
            "links": g.links.iter().map(|l| &given.network.links[*l as usize].name).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "findings": findings,
    });
    let mut files = vec![(args.json.clone(), format!("{stats:#}\n"))];
    files.extend(args.out.iter().map(|path| (path.clone(), table(&roads, &loaded, &given))));
    files.extend(args.passages.iter().map(|path| (path.clone(), passages(&loaded, &given))));
    write_text_files(&files).map_err(|e| e.to_message())?;
    told.extend(learnt(&gaps, kept_day));
    tell(&loaded, &mut told);
    Ok(told)
}

/// Options that mean nothing for these trips, and tables that no machine holds.
fn check(args: &MesoArgs, wishes: &Wishes, given: &Given) -> Result<(), Message> {
    let options = [
        ("--days", args.days > 0),
        ("--guided", args.guided),
        ("--foreseen", args.foreseen),
        ("--exits", !args.exits.is_empty()),
    ];
    if let (Wishes::Ways(_), Some((option, _))) = (wishes, options.iter().find(|o| o.1)) {
        return Err(Message::new("vehicles-ways-given").with("option", *option).with("path", args.trips.as_path()));
    }
    let counts = Record::counts_of(given.network.links.len(), args.interval, f64::from(args.seconds));
    if counts > MOST_COUNTS {
        let least = (args.interval * counts / MOST_COUNTS).ceil();
        return Err(Message::new("vehicles-too-many-counts")
            .with("counts", (counts / 1e6).round())
            .with("most", MOST_COUNTS / 1e6)
            .with("interval", least));
    }
    Ok(())
}

/// The day knows no loops in the road: it takes actuated signals by their fixed times.
fn actuated(given: &Given) -> Option<Message> {
    let is = |control: &Control| matches!(control, Control::Signal(plan) if plan.actuation.is_some());
    let count = given.network.nodes.iter().filter(|n| is(&n.control)).count();
    (count > 0).then(|| Message::new("vehicles-actuated").with("signals", count))
}

fn tell(loaded: &Loaded, told: &mut Vec<Message>) {
    if let Some(first) = loaded.gridlocks.first() {
        let vehicles: u32 = loaded.gridlocks.iter().map(|g| g.vehicles).sum();
        let message = Message::new("vehicles-gridlock").with("circles", loaded.gridlocks.len());
        told.push(message.with("vehicles", vehicles).with("seconds", first.seen_s));
    }
    if loaded.stranded > 0 {
        told.push(Message::new("vehicles-stranded").with("vehicles", loaded.stranded));
    }
}

fn explain(error: DayError, complain: &dyn Fn(crate::sim::traffic::meso::error::MesoError) -> Message) -> Message {
    match error {
        DayError::Input(e) => complain(e),
        DayError::Cancelled(_) => Message::new("sim-cancelled"),
    }
}

fn trips(wishes: &Wishes, given: &Given, outside: Option<u32>) -> Vec<Trip> {
    match wishes {
        Wishes::Trips(trips) => trips
            .iter()
            .map(|t| Trip { depart_s: t.depart_s, from: t.from, to: outside.unwrap_or(t.to), class: t.kind })
            .collect(),
        Wishes::Ways(ways) => ways
            .iter()
            .map(|w| {
                let end = |l: Option<&u32>, to: bool| {
                    l.map_or(0, |l| {
                        let link = &given.network.links[*l as usize];
                        if to { link.to } else { link.from }
                    })
                };
                let (from, to) = (end(w.links.first(), false), end(w.links.last(), true));
                Trip { depart_s: w.depart_s, from, to, class: w.kind }
            })
            .collect(),
    }
}

/// The node behind all exits, if any are asked for.
fn exits(names: &[String], given: &mut Given, path: &Path) -> Result<Option<u32>, Message> {
    if names.is_empty() {
        return Ok(None);
    }
    let find = |name: &String| {
        let unknown = || Message::new("vehicles-unknown-exit").with("id", name.as_str()).with("path", path);
        given.nodes.get(name).copied().ok_or_else(unknown)
    };
    let nodes = names.iter().map(find).collect::<Result<Vec<_>, _>>()?;
    join_exits(&mut given.network, &nodes).map(Some).map_err(|e| e.to_message())
}

/// Columns: `link` (by name), `from_s`, and if wanted `until_s` (for good) and `capacity_left` (0: closed).
fn closures(path: &Path, given: &Given) -> Result<Vec<Restriction>, Message> {
    let table = Table::parse(&read(path)?);
    let column = |name: &str| table.column(&[name]);
    // A road that crossings cut is closed in all its pieces.
    let parse = |(line, row): &(usize, Vec<String>)| -> Result<Vec<Restriction>, GivenError> {
        let number = |name: &'static str| table.number((*line, row), column(name), name, path);
        let missing = |column| Fault::Missing { column }.at(*line, path);
        let id = table.text(row, column("link")).ok_or_else(|| missing("link"))?;
        let unknown = || Fault::Unknown { column: "link", id: id.to_owned() }.at(*line, path);
        let links = given.links_named(id);
        if links.is_empty() {
            return Err(unknown());
        }
        let from_s = number("from_s")?.ok_or_else(|| missing("from_s"))?;
        let until_s = number("until_s")?.unwrap_or(f64::INFINITY);
        let capacity_left = number("capacity_left")?.unwrap_or(0.0);
        let checks = [
            ("from_s", from_s, from_s >= 0.0),
            ("until_s", until_s, until_s >= from_s),
            ("capacity_left", capacity_left, (0.0..=1.0).contains(&capacity_left)),
        ];
        match checks.into_iter().find(|c| !c.2) {
            Some((column, value, _)) => Err(Fault::Impossible { column, value }.at(*line, path)),
            None => Ok(links.iter().map(|link| Restriction { link: *link, from_s, until_s, capacity_left }).collect()),
        }
    };
    let rows = table.rows.iter().map(parse).collect::<Result<Vec<_>, _>>().map_err(|e| e.to_message())?;
    Ok(rows.concat())
}

fn mean_speed(roads: &Roads, loaded: &Loaded) -> f64 {
    let record = &loaded.record;
    let (mut way_m, mut time_s) = (0.0, 0.0);
    for link in 0..roads.links() as u32 {
        let c = record.sum(0..record.intervals(), link);
        way_m += f64::from(c.vehicles) * roads.diagrams[link as usize].length_m;
        time_s += c.time_s;
    }
    if time_s > 0.0 { way_m / time_s } else { 0.0 }
}

fn table(roads: &Roads, loaded: &Loaded, given: &Given) -> String {
    let mut text = format!("link,from_s,{COLUMNS}\n");
    for interval in 0..loaded.record.intervals() {
        for (link, known) in (0..).zip(&given.network.links) {
            let s = state(roads, &loaded.record, interval..interval + 1, link);
            if s.vehicles > 0 {
                let from_s = interval as f64 * loaded.record.interval_s;
                // Writing into a string cannot fail.
                let _ = writeln!(text, "{},{from_s},{}", quoted(&known.name), cells(&s));
            }
        }
    }
    text
}

fn passages(loaded: &Loaded, given: &Given) -> String {
    let mut text = String::from("time_s,trip,link\n");
    for p in &loaded.passages {
        let link = given.network.links.get(p.link as usize).map_or("", |l| l.name.as_str());
        let link = quoted(link);
        let _ = writeln!(text, "{:.2},{},{link}", p.time_s, p.vehicle + 1);
    }
    text
}
