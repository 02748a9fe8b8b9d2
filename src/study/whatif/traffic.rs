//! A scenario's day of traffic.

use serde::{Deserialize, Serialize};

use super::cache::Cache;
use super::error::WhatIfError;
use super::settings::Settings;
use crate::base::cancel::CancelToken;
use crate::base::digest::Digest;
use crate::base::message::Message;
use crate::model::layer::LayerRole;
use crate::model::project::Project;
use crate::sim::run::InputDigest;
use crate::sim::traffic::assign::equilibrium::Stop;
use crate::sim::traffic::demand::table::DemandTable;
use crate::sim::traffic::error::TrafficError;
use crate::sim::traffic::meso::learning::DayError;
use crate::sim::traffic::road_table::RoadTable;
use crate::study::effects::traffic_air::{Piece, pieces};
use crate::study::traffic::case::{Hour, Start, Tables, TrafficCase};
use crate::study::traffic::evacuation::{self, NoAnswer, Question, gates_outside, largest_commune};
use crate::study::traffic::roads::road_lines;
use crate::study::traffic::zones::{visitor_room, zones};

/// A link with this share of its capacity used in any hour is congested: from level of service E on.
pub const CONGESTED: f64 = 0.92;

/// Everybody leaves the largest commune at once by airport, ferry and port.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Leaving {
    pub commune: String,
    pub persons: f64,
    /// From the call until 95 % are out.
    pub minutes: f64,
}

/// So many vehicles drive as one: the day of every single one would take longer than all other runs together.
const PACKET: f64 = 10.0;
const LEAVING_SPAN_S: f64 = 24.0 * 3600.0;
const OUT: f64 = 0.95;

/// What is left of a day.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TrafficRun {
    pub digest: String,
    pub inputs: Vec<InputDigest>,
    pub residents: f64,
    pub visitors: f64,
    pub jobs: f64,
    pub person_trips: f64,
    pub vehicle_trips: f64,
    pub mean_min: f64,
    pub p95_min: f64,
    pub vehicle_km: f64,
    pub delay_vehicle_h: f64,
    pub congested_km: f64,
    /// Where the project has a commune with people, and gates of the island outside it.
    pub leaving: Option<Leaving>,
    pub pieces: Vec<Piece>,
    pub assumptions: Vec<Message>,
    pub notices: Vec<Message>,
}

/// Demand and roads of a project; `today` says how many visitors the table's figure stands for.
fn tables(project: &Project, today: &Project, times: f64) -> Result<Tables, TrafficError> {
    let (roads, mut demand) = (RoadTable::standard()?, DemandTable::standard()?);
    let (before, after) = (visitor_room(today, &demand), visitor_room(project, &demand));
    if before > 0.0 {
        demand.visitors *= after / before;
    }
    demand.purposes.iter_mut().for_each(|p| p.rate *= times);
    for gate in &mut demand.gates {
        gate.persons_each_way *= times;
        gate.trucks *= times;
    }
    Ok(Tables { roads, demand })
}

pub(super) fn run(
    project: &Project,
    today: &Project,
    settings: &Settings,
    cache: &Cache,
    cancel: &CancelToken,
) -> Result<TrafficRun, WhatIfError> {
    let roads = project.with_role(LayerRole::Roads).and_then(|l| l.content.features());
    if roads.is_none_or(|r| r.is_empty()) {
        return Err(WhatIfError::NoRoads);
    }
    let tables = tables(project, today, settings.traffic_demand)?;
    let inputs = digests(project, &tables, settings);
    let digest = super::run::digest_of(&inputs);
    if let Some(known) = cache.get("traffic", &digest) {
        return Ok(known);
    }
    let case = TrafficCase::prepare(project, tables, None, cancel)?;
    // Who leaves is followed on one thread, and the hours hardly take two.
    let (leaving, hours) =
        rayon::join(|| leave(project, &case, settings.seed, cancel), || solve(&case, settings, cancel));
    let mut run = measure(&case, &hours?, digest, inputs);
    run.leaving = leaving?;
    if let Some(leaving) = &run.leaving {
        let told = Message::new("whatif-assumes-evacuation").with("commune", leaving.commune.as_str());
        run.assumptions.push(told.with("persons", leaving.persons.round()).with("packet", PACKET));
    }
    cache.put("traffic", &run.digest, &run)?;
    Ok(run)
}

fn solve(case: &TrafficCase, settings: &Settings, cancel: &CancelToken) -> Result<Vec<Hour>, TrafficError> {
    let mut hours: Vec<Hour> = Vec::new();
    let (from, to) = settings.traffic_hours;
    for hour in from..to.min(24) {
        // The hour before knows most of the ways.
        let stop = Stop { gap: settings.traffic_gap, iterations: 400 };
        let found = case.hour(hour, stop, hours.last().map(Start::from), cancel)?;
        if let Some(before) = hours.last_mut() {
            before.solution.bushes = Vec::new();
        }
        hours.push(found);
    }
    Ok(hours)
}

/// `None` where nobody is to be led out, or where not all find a way.
fn leave(
    project: &Project,
    case: &TrafficCase,
    seed: u64,
    cancel: &CancelToken,
) -> Result<Option<Leaving>, WhatIfError> {
    let Some(commune) = largest_commune(project, case) else { return Ok(None) };
    let exits = gates_outside(project, case, &commune);
    if exits.is_empty() {
        return Ok(None);
    }
    let question = Question { commune: &commune, exits, fire: None, seed, span_s: LEAVING_SPAN_S, packet: PACKET };
    match evacuation::run(project, case, &question, cancel) {
        Ok(found) => {
            let minutes = found.out_at_s(OUT).map(|s| s / 60.0);
            Ok(minutes.map(|minutes| Leaving { commune: found.commune.clone(), persons: found.persons, minutes }))
        }
        Err(NoAnswer::Day(DayError::Cancelled(cancelled))) => Err(TrafficError::Cancelled(cancelled).into()),
        Err(_) => Ok(None),
    }
}

fn measure(case: &TrafficCase, hours: &[Hour], digest: String, inputs: Vec<InputDigest>) -> TrafficRun {
    let n = case.zones.len();
    let mut trips: Vec<(f64, f64)> = Vec::new();
    let (mut vehicle_km, mut delay) = (0.0, 0.0);
    for hour in hours {
        let costs = case.costs(&hour.solution.cost);
        for (pair, vehicles) in hour.vehicles.iter().enumerate() {
            let (count, minutes) = (vehicles.sum(), costs.road_min.at(pair / n, pair % n));
            if count > 0.0 && minutes.is_finite() {
                trips.push((minutes, count));
            }
        }
        for (link, state) in case.network.links.iter().zip(&hour.links) {
            vehicle_km += state.vehicles.sum() * link.length_m / 1000.0;
            delay += state.vehicles.sum() * state.delay_s / 3600.0;
        }
    }
    let (mean_min, p95_min) = mean_and_p95(&mut trips);
    let pieces = pieces(&case.network, hours);
    let sum = |of: fn(&crate::sim::traffic::demand::day::Activity) -> f64| -> f64 {
        case.zones.iter().map(|z| of(&z.activity)).sum()
    };
    TrafficRun {
        digest,
        inputs,
        residents: sum(|a| a.residents),
        visitors: sum(|a| a.visitors),
        jobs: sum(|a| a.jobs),
        person_trips: case.demand.person_trips(),
        vehicle_trips: trips.iter().map(|t| t.1).sum(),
        mean_min,
        p95_min,
        vehicle_km,
        delay_vehicle_h: delay,
        congested_km: pieces.iter().filter(|p| p.fullest() > CONGESTED).map(|p| p.length_m / 1000.0).sum(),
        leaving: None,
        pieces,
        assumptions: vec![
            Message::new("traffic-assumes-demand").with("date", case.tables.demand.date.as_str()),
            Message::new("traffic-assumes-roads")
                .with("date", case.tables.roads.date.as_str())
                .with("count", case.tables.roads.to_verify()),
            Message::new("traffic-assumes-equilibrium"),
        ],
        notices: case.notices.clone(),
    }
}

/// Mean and 95th percentile of minutes over vehicles: (minutes, vehicles), which is sorted.
fn mean_and_p95(trips: &mut [(f64, f64)]) -> (f64, f64) {
    trips.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let all: f64 = trips.iter().map(|t| t.1).sum();
    if all <= 0.0 {
        return (0.0, 0.0);
    }
    let mean = trips.iter().map(|t| t.0 * t.1).sum::<f64>() / all;
    let mut passed = 0.0;
    let p95 = trips.iter().find(|t| {
        passed += t.1;
        passed >= 0.95 * all
    });
    (mean, p95.map_or(mean, |t| t.0))
}

/// What the run depends on: roads as they are driven on, zones as they are peopled, the tables.
fn digests(project: &Project, tables: &Tables, settings: &Settings) -> Vec<InputDigest> {
    let roads = project.with_role(LayerRole::Roads).and_then(|l| l.content.features());
    let lines = roads.map(|r| road_lines(r, &tables.roads)).unwrap_or_default();
    let of = |name: &str, text: String| InputDigest {
        name: name.to_owned(),
        digest: Digest::of(text.as_bytes()).to_string(),
    };
    vec![
        of("roads", format!("{lines:?}")),
        of("zones", format!("{:?}", zones(project, &tables.demand))),
        of("tables", format!("{:?} {:?}", tables.roads, tables.demand)),
        of("settings", format!("{} {:?} {}", settings.traffic_gap, settings.traffic_hours, settings.seed)),
        of("communes", super::run::communes_digest(project)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_percentile_counts_vehicles_not_pairs() {
        let mut trips = [(30.0, 4.0), (10.0, 90.0), (20.0, 6.0)];
        let (mean, p95) = mean_and_p95(&mut trips);
        assert!((mean - 11.4).abs() < 1e-12);
        assert_eq!(p95, 20.0);
        assert_eq!(mean_and_p95(&mut []), (0.0, 0.0));
    }
}
