//! `island-twin traffic micro`: every vehicle on a bare network.

use std::fmt::Write as _;
use std::time::Instant;

use serde_json::json;

use super::traffic_args::MicroArgs;
use super::traffic_case::{Wishes, complaint, cpu_seconds, network, oddities, wishes};
use crate::base::csv::quoted;
use crate::base::message::{Message, ToMessage};
use crate::io::export::write_text_files;
use crate::sim::traffic::given::network::Given;
use crate::sim::traffic::micro::drive::{Case, MicroTrip, Way};
use crate::sim::traffic::micro::driver::Driver;
use crate::sim::traffic::micro::simulation::{JAMMED_S, Micro};

/// Simulates and writes; the answer is what to tell beside.
///
/// # Errors
/// The sentence for what is wrong; nothing is written then.
pub fn run(args: &MicroArgs) -> Result<Vec<Message>, Message> {
    let begun = Instant::now();
    let given = network(&args.net, args.drawn)?;
    let (wishes, of_trips) = wishes(&args.trips, &given)?;
    let (findings, odd) = oddities(&given);
    let mut told = [given.notices.clone(), odd, of_trips].concat();
    let trips = match &wishes {
        Wishes::Trips(trips) => trips
            .iter()
            .map(|t| MicroTrip { depart_s: t.depart_s, driver: t.kind, way: Way::Nodes { from: t.from, to: t.to } })
            .collect(),
        Wishes::Ways(ways) => ways
            .iter()
            .map(|w| MicroTrip { depart_s: w.depart_s, driver: w.kind, way: Way::Links(w.links.clone()) })
            .collect::<Vec<_>>(),
    };
    let wished = trips.len();
    let drivers = vec![Driver::car(), Driver::motorbike(), Driver::truck()];
    let case = Case::new(&given.network, given.ways.as_deref(), drivers, trips)
        .map_err(|e| complaint(e, &wishes, &given, (&args.net, &args.trips)))?;
    let mut micro = Micro::new(case);
    let pool = super::simulate_fire::pool(args.threads)?;
    let (solving, cpu_before) = (Instant::now(), cpu_seconds());
    let mut trajectories = String::from("time_s,trip,link,position_m,side_m,speed_mps\n");
    let every = args.every.max(1);
    for second in 1..=args.seconds {
        pool.install(|| micro.second());
        if args.trajectories.is_some() && second.is_multiple_of(every) {
            note(&micro, &given, second, &mut trajectories);
        }
    }
    let (wall_s, cpu_s) = (solving.elapsed().as_secs_f64(), cpu_seconds() - cpu_before);
    let counts = micro.counts();
    let faults = micro.faults();
    let mean_speed = if counts.time_s > 0.0 { counts.distance_m / counts.time_s } else { 0.0 };
    let jammed = counts.longest_stand_s >= JAMMED_S;
    let stats = json!({
        "seconds": args.seconds,
        "trips": wished,
        "vehicle_updates": counts.vehicle_updates,
        "cpu_seconds": cpu_s,
        "wall_seconds": wall_s,
        "total_seconds": begun.elapsed().as_secs_f64(),
        "updates_per_cpu_second": if cpu_s > 0.0 { counts.vehicle_updates as f64 / cpu_s } else { 0.0 },
        "inserted": counts.inserted,
        "arrived": counts.arrived,
        "removed": counts.removed,
        "on_the_way": counts.on_the_way,
        "waiting": counts.waiting,
        "turned_aside": counts.turned_aside,
        "mean_speed_mps": mean_speed,
        "longest_stand_s": counts.longest_stand_s,
        "jammed": jammed,
        "collisions": faults.collisions.len(),
        "astray": faults.astray,
        "findings": findings,
    });
    let mut files = vec![(args.json.clone(), format!("{stats:#}\n"))];
    files.extend(args.trajectories.iter().map(|path| (path.clone(), std::mem::take(&mut trajectories))));
    write_text_files(&files).map_err(|e| e.to_message())?;
    if jammed {
        told.push(Message::new("vehicles-jammed").with("seconds", counts.longest_stand_s));
    }
    Ok(told)
}

fn note(micro: &Micro, given: &Given, second: u32, into: &mut String) {
    for (link, v) in micro.vehicles() {
        let name = quoted(&given.network.links[link as usize].name);
        // Writing into a string cannot fail.
        let _ = writeln!(into, "{second},{},{name},{:.2},{:.2},{:.2}", v.trip + 1, v.x_m, v.y_m, v.speed_mps);
    }
}
