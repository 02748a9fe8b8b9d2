//! `island-twin traffic assign`: equilibrium on a bare network of the TNTP collection.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::json;

use super::traffic_args::{AssignArgs, DelayCurve, Method, Principle};
use crate::base::cancel::CancelToken;
use crate::base::message::Message;
use crate::base::message::ToMessage;
use crate::io::export::write_text_files;
use crate::sim::traffic::assign::bush::Bush;
use crate::sim::traffic::assign::equilibrium::{Stop, beckmann, solve};
use crate::sim::traffic::assign::frank_wolfe::frank_wolfe;
use crate::sim::traffic::assign::link_cost::Delay;
use crate::sim::traffic::assign::logit::logit;
use crate::sim::traffic::assign::problem::{CostGraph, OriginDemand, SolveError};
use crate::sim::traffic::assign::ways::{Between, select_link, skim};
use crate::sim::traffic::error::TrafficError;
use crate::sim::traffic::tntp::{TntpNetwork, TntpTripTable};

/// Volumes by whichever method, and how they were found.
#[derive(Debug, Default)]
struct Found {
    volume: Vec<f64>,
    relative_gap: f64,
    /// Logit: by how much the last iteration changed the volumes.
    change: Option<f64>,
    iterations: u32,
    bushes: Vec<Bush>,
}

/// Solves and writes; the answer is what to tell beside.
///
/// # Errors
/// The sentence for what is wrong; nothing is written then.
pub fn run(args: &AssignArgs) -> Result<Vec<Message>, Message> {
    let begun = Instant::now();
    check(args).map_err(|e| e.to_message())?;
    let (net, trips) = read(args).map_err(|e| e.to_message())?;
    let delay = match args.delay {
        DelayCurve::Bpr => Delay::Bpr,
        DelayCurve::Conical => Delay::Conical(args.steepness),
    };
    let graph = net.graph_by(delay, args.toll_weight, args.distance_weight, &args.net);
    let graph = graph.map_err(|e| e.to_message())?;
    let demand = trips.demand();
    let selected = args.select_link.as_deref().map(|text| selected(text, &net)).transpose();
    let selected = selected.map_err(|e| e.to_message())?;
    let mut told = Vec::new();
    if let Some(said) = trips.total_said {
        let found = trips.total();
        if (said - found).abs() > 1e-3 * found {
            let message = Message::new("traffic-total").with("said", said).with("found", found);
            told.push(message.with("path", args.trips.as_path()));
        }
    }
    let solving = Instant::now();
    let found = super::simulate_fire::pool(args.threads)?.install(|| volumes(args, &graph, &demand));
    let solve_seconds = solving.elapsed().as_secs_f64();
    let found = found.map_err(|error| explain(error, &trips, &args.trips).to_message())?;
    if found.change.is_none() && found.relative_gap > args.gap {
        told.push(Message::new("traffic-gap-not-reached").with("gap", format!("{:.2e}", found.relative_gap)));
    }
    if let Some(change) = found.change.filter(|change| *change > args.gap) {
        let message = Message::new("traffic-change-not-reached").with("iterations", found.iterations);
        told.push(message.with("change", format!("{change:.2e}")));
    }
    let cost: Vec<f64> = graph.cost.iter().zip(&found.volume).map(|(c, v)| c.cost(*v)).collect();
    let paid: f64 = cost.iter().zip(&found.volume).map(|(c, v)| c * v).sum();
    let mut files = vec![(args.out.clone(), flows(&net, &found.volume, &cost))];
    if let (Some(link), Some(path)) = (selected, &args.select_out) {
        files.push((path.clone(), pairs(&select_link(&found.bushes, &demand, link), "trips")));
    }
    if let Some(path) = &args.skims {
        files.push((path.clone(), pairs(&skim(&found.bushes, &demand, &cost), "cost")));
    }
    if let Some(path) = &args.json {
        let stats = json!({
            // Of logit: it has no cheapest ways to be measured by.
            "relative_gap": found.change.is_none().then_some(found.relative_gap),
            "change": found.change,
            "beckmann_objective": beckmann(&graph, &found.volume),
            "iterations": found.iterations,
            "solve_seconds": solve_seconds,
            "total_seconds": begun.elapsed().as_secs_f64(),
            "total_cost": paid,
            "zones": net.zones,
            "nodes": net.nodes,
            "links": net.links.len(),
            "trips": trips.total(),
            "trips_within_zones": trips.within_zones(),
            "selected_link_volume": selected.map(|l| found.volume[l as usize]),
            "toll_weight": args.toll_weight,
            "distance_weight": args.distance_weight,
        });
        files.push((path.clone(), super::simulate_fire::pretty(&stats)));
    }
    write_text_files(&files).map_err(|e| e.to_message())?;
    Ok(told)
}

fn check(args: &AssignArgs) -> Result<(), TrafficError> {
    let bad = |text: String, example| Err(TrafficError::BadArgument { text, example });
    if !(args.gap.is_finite() && args.gap >= 0.0) {
        return bad(args.gap.to_string(), "--gap 1e-6");
    }
    if !(args.theta.is_finite() && args.theta > 0.0) {
        return bad(args.theta.to_string(), "--theta 0.5");
    }
    if !(args.steepness.is_finite() && args.steepness > 1.0) {
        return bad(args.steepness.to_string(), "--delay conical --steepness 4");
    }
    for weight in [args.toll_weight, args.distance_weight] {
        if !weight.is_finite() {
            return bad(weight.to_string(), "--toll-weight 0.02");
        }
    }
    let bushless = args.principle == Principle::Logit || args.method == Method::Bfw;
    if bushless && (args.select_link.is_some() || args.skims.is_some()) {
        return bad("--select-link, --skims".to_owned(), "--method b --principle ue");
    }
    Ok(())
}

fn read(args: &AssignArgs) -> Result<(TntpNetwork, TntpTripTable), TrafficError> {
    let text = |path: &PathBuf| {
        std::fs::read(path)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .map_err(|e| TrafficError::File { reason: e.to_string(), path: path.clone() })
    };
    let net = TntpNetwork::parse(&text(&args.net)?, &args.net)?;
    let trips = TntpTripTable::parse(&text(&args.trips)?, &args.trips)?;
    if trips.zones != net.zones {
        return Err(TrafficError::Count {
            what: "zones",
            said: trips.zones,
            found: net.zones,
            row: trips.zones_row,
            last: net.zones_row,
            path: args.trips.clone(),
        });
    }
    Ok((net, trips))
}

fn volumes(args: &AssignArgs, graph: &CostGraph, demand: &[OriginDemand]) -> Result<Found, SolveError> {
    let cancel = CancelToken::new();
    let stop = Stop { gap: args.gap, iterations: args.iterations };
    let marginal;
    let solved = if args.principle == Principle::So {
        let mut costs = graph.clone();
        costs.cost.iter_mut().for_each(|c| *c = c.marginal());
        marginal = costs;
        &marginal
    } else {
        graph
    };
    if args.principle == Principle::Logit {
        let l = logit(graph, demand, args.theta, args.gap, args.iterations, &cancel)?;
        let (change, iterations) = (Some(l.change), l.iterations);
        return Ok(Found { volume: l.volume, change, iterations, ..Found::default() });
    }
    Ok(match args.method {
        Method::B => {
            let e = solve(solved, demand, stop, Vec::new(), &cancel)?;
            let (relative_gap, iterations) = (e.relative_gap, e.iterations);
            Found { volume: e.volume, relative_gap, change: None, iterations, bushes: e.bushes }
        }
        Method::Bfw => {
            let f = frank_wolfe(solved, demand, stop, &cancel)?;
            Found { volume: f.volume, relative_gap: f.relative_gap, iterations: f.iterations, ..Found::default() }
        }
    })
}

fn explain(error: SolveError, trips: &TntpTripTable, path: &Path) -> TrafficError {
    let row = match &error {
        SolveError::Unreachable(u) => trips.row_of(u.from, u.to),
        SolveError::Cancelled(_) => 0,
    };
    TrafficError::from_solver(error, |node| u64::from(node) + 1, row, path.to_owned())
}

fn selected(text: &str, net: &TntpNetwork) -> Result<u32, TrafficError> {
    let nodes = text.split_once('-').and_then(|(a, b)| Some((a.trim().parse().ok()?, b.trim().parse().ok()?)));
    let link = nodes.and_then(|(a, b): (u32, u32)| {
        net.links.iter().zip(0_u32..).find(|(l, _)| (l.init_node, l.term_node) == (a, b)).map(|(_, i)| i)
    });
    link.ok_or_else(|| TrafficError::BadArgument { text: text.to_owned(), example: "--select-link 1-2" })
}

fn flows(net: &TntpNetwork, volume: &[f64], cost: &[f64]) -> String {
    let mut out = String::from("init_node,term_node,volume,cost\n");
    for ((link, volume), cost) in net.links.iter().zip(volume).zip(cost) {
        // Writing to a String does not fail.
        let _ = writeln!(out, "{},{},{volume},{cost}", link.init_node, link.term_node);
    }
    out
}

fn pairs(between: &[Between], value: &str) -> String {
    let mut out = format!("origin,destination,{value}\n");
    for b in between {
        let _ = writeln!(out, "{},{},{}", b.from + 1, b.to + 1, b.value);
    }
    out
}
