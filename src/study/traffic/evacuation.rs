//! Everybody leaves a commune: who sets out when and from where, which roads a fire closes when, and who is out when.
//!
//! How many share a vehicle and how soon people set out is assumed, in the table of demand; no evacuation of the island
//! has been counted.

use super::case::TrafficCase;
use crate::base::cancel::CancelToken;
use crate::base::fold::fold_accents;
use crate::base::rng::KeyedRng;
use crate::geo::grid::Grid;
use crate::geo::measure::{anchor, contains, distance};
use crate::model::layer::LayerRole;
use crate::model::project::Project;
use crate::sim::traffic::audit::parts;
use crate::sim::traffic::meso::evacuation::join_exits;
use crate::sim::traffic::meso::guidance::Guidance;
use crate::sim::traffic::meso::input::{Restriction, Roads, Trip, VehicleClass};
use crate::sim::traffic::meso::learning::DayError;
use crate::sim::traffic::meso::loading::{Loaded, LoadingOptions, load_guided};
use crate::sim::traffic::network::Network;

const STREAM: u64 = 0x6576_6163;

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// Name or code of a commune.
    pub commune: &'a str,
    pub exits: Vec<[f64; 2]>,
    /// Seconds from the fire's beginning to its arrival, and how long before the call to leave it began.
    pub fire: Option<(&'a Grid<f32>, f64)>,
    pub seed: u64,
    pub span_s: f64,
    /// So many vehicles drive as one; 1 for each by itself.
    pub packet: f64,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq)]
pub enum NoAnswer {
    /// There is no such commune; these there are.
    UnknownCommune {
        known: Vec<String>,
    },
    Nobody,
    /// No road is near this exit (by its number from 1).
    ExitAtSea {
        exit: usize,
    },
    ExitInside {
        exit: usize,
    },
    Day(DayError),
}

/// Who is out when.
#[derive(Debug, Clone)]
pub struct Evacuation {
    pub commune: String,
    pub persons: f64,
    /// By vehicle: how many are in it.
    pub aboard: Vec<f64>,
    pub trips: Vec<Trip>,
    pub loaded: Loaded,
    /// Links that the fire closes within the time looked at, with the second after the call; the earliest first.
    pub closed: Vec<(u32, f64)>,
    /// With the node behind the exits, which is the last.
    pub roads: Roads,
}

impl Evacuation {
    /// Persons out by a moment.
    #[must_use]
    pub fn out_by(&self, t: f64) -> f64 {
        let out = self.loaded.arrival_s.iter().zip(&self.aboard).filter(|a| *a.0 <= t);
        out.map(|a| a.1).sum()
    }

    /// When a share of all persons is out; none when so many never are.
    #[must_use]
    pub fn out_at_s(&self, share: f64) -> Option<f64> {
        let mut out: Vec<(f64, f64)> = self.loaded.arrival_s.iter().copied().zip(self.aboard.iter().copied()).collect();
        out.retain(|o| !o.0.is_nan());
        out.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut sum = 0.0;
        out.into_iter().find_map(|(t, persons)| {
            sum += persons;
            (sum >= share * self.persons - 1e-6).then_some(t)
        })
    }
}

/// # Errors
/// [`NoAnswer`].
pub fn run(
    project: &Project,
    case: &TrafficCase,
    question: &Question<'_>,
    cancel: &CancelToken,
) -> Result<Evacuation, NoAnswer> {
    let (commune, row) = find(project, question.commune)?;
    let parts = parts(&case.network);
    let nearest = |at: [f64; 2]| nearest(&case.network, at, |n| parts[n] == 0);
    let mut exits = Vec::new();
    for (exit, at) in (1..).zip(&question.exits) {
        if inside(project, row, *at) {
            return Err(NoAnswer::ExitInside { exit });
        }
        exits.push(nearest(*at).filter(|n| n.1 <= REACH_M).ok_or(NoAnswer::ExitAtSea { exit })?.0);
    }
    let (trips, aboard) = set_out(project, case, row, (question.seed, question.packet), &nearest);
    if trips.is_empty() {
        return Err(NoAnswer::Nobody);
    }
    let mut network = case.network.clone();
    let outside = join_exits(&mut network, &exits).map_err(|e| NoAnswer::Day(e.into()))?;
    let trips: Vec<Trip> = trips.into_iter().map(|t| Trip { to: outside, ..t }).collect();
    let roads = Roads::new(&network).map_err(|e| NoAnswer::Day(e.into()))?;
    let mut closed = question.fire.map_or_else(Vec::new, |(arrival, before_s)| closures(&network, arrival, before_s));
    closed.retain(|c| c.1 < question.span_s);
    let restrictions: Vec<Restriction> = closed
        .iter()
        .map(|(link, from_s)| Restriction { link: *link, from_s: *from_s, until_s: f64::INFINITY, capacity_left: 0.0 })
        .collect();
    let options = LoadingOptions { span_s: question.span_s, ..LoadingOptions::default() };
    let guidance =
        Guidance { every_s: case.tables.demand.evacuation.news_min * 60.0, seed: question.seed, ..Guidance::default() };
    let classes = [VehicleClass::car(), VehicleClass::motorbike()]
        .map(|class| VehicleClass { pcu: class.pcu * question.packet, ..class });
    let loaded =
        load_guided(&roads, &classes, &trips, guidance, &restrictions, options, cancel).map_err(NoAnswer::Day)?;
    Ok(Evacuation { commune, persons: aboard.iter().sum(), aboard, trips, loaded, closed, roads })
}

/// A place farther from every road is not on the road network.
const REACH_M: f64 = 3000.0;

/// Fields of the layers that are asked; see data/README.md.
mod field {
    pub const CODE: &str = "MAXA";
    pub const NAME: &str = "TENXA";
    pub const RESIDENTS: &str = "SONGUOI";
}

/// The name and row of a commune.
fn find(project: &Project, asked: &str) -> Result<(String, usize), NoAnswer> {
    let table = project.with_role(LayerRole::Communes).and_then(|l| l.content.features());
    let text = |row: usize, name: &str| table.map_or_else(String::new, |t| t.value(row, name).to_string());
    let rows = 0..table.map_or(0, |t| t.len());
    let plain = |text: &str| fold_accents(text.trim()).to_lowercase();
    let wanted = plain(asked);
    let is = |row: &usize| {
        let name = plain(&text(*row, field::NAME));
        // "An Thới" is enough for "phường An Thới".
        text(*row, field::CODE) == asked.trim() || name == wanted || name.ends_with(&format!(" {wanted}"))
    };
    let found = rows.clone().find(is).filter(|_| !wanted.is_empty());
    let known = || NoAnswer::UnknownCommune { known: rows.clone().map(|r| text(r, field::NAME)).collect() };
    found.map(|row| (text(row, field::NAME), row)).ok_or_else(known)
}

/// Names of the communes on the map.
#[must_use]
pub fn communes(project: &Project) -> Vec<String> {
    let table = project.with_role(LayerRole::Communes).and_then(|l| l.content.features());
    let names = table.iter().flat_map(|t| (0..t.len()).map(|row| t.value(row, field::NAME).to_string()));
    names.filter(|name| !name.is_empty()).collect()
}

/// The commune with the most residents and visitors.
#[must_use]
pub fn largest_commune(project: &Project, case: &TrafficCase) -> Option<String> {
    let table = project.with_role(LayerRole::Communes)?.content.features()?;
    let people = |row: usize| {
        let zones = case.zones.iter().filter(|z| contains(table.geometry.get(row), z.at));
        zones.map(|z| z.activity.residents + z.activity.visitors).sum::<f64>()
    };
    let all = (0..table.len()).map(|row| (people(row), row)).filter(|c| c.0 > 0.0);
    let (_, row) = all.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))?;
    Some(table.value(row, field::NAME).to_string()).filter(|name| !name.is_empty())
}

/// Airport, ferry and port, where one leaves the island, as far as they lie outside a commune and near a road.
#[must_use]
pub fn gates_outside(project: &Project, case: &TrafficCase, commune: &str) -> Vec<[f64; 2]> {
    let Ok((_, row)) = find(project, commune) else { return Vec::new() };
    let parts = parts(&case.network);
    let near = |at: [f64; 2]| nearest(&case.network, at, |n| parts[n] == 0).is_some_and(|n| n.1 <= REACH_M);
    let gates = case.zones.iter().filter(|z| z.activity.gate.is_some()).map(|z| z.at);
    gates.filter(|at| !inside(project, row, *at) && near(*at)).collect()
}

fn inside(project: &Project, row: usize, at: [f64; 2]) -> bool {
    let table = project.with_role(LayerRole::Communes).and_then(|l| l.content.features());
    table.is_some_and(|t| contains(t.geometry.get(row), at))
}

/// The nearest node and how far it is.
fn nearest(network: &Network, at: [f64; 2], open: impl Fn(usize) -> bool) -> Option<(u32, f64)> {
    let open = network.nodes.iter().enumerate().filter(|(n, _)| open(*n));
    open.map(|(n, node)| (n as u32, distance(node.at, at))).min_by(|a, b| a.1.total_cmp(&b.1))
}

/// Residents from their houses and visitors from their zones, in vehicles, by departure.
fn set_out(
    project: &Project,
    case: &TrafficCase,
    commune: usize,
    (seed, packet): (u64, f64),
    nearest: &dyn Fn([f64; 2]) -> Option<(u32, f64)>,
) -> (Vec<Trip>, Vec<f64>) {
    let mut at_node: std::collections::BTreeMap<u32, f64> = std::collections::BTreeMap::new();
    let mut add = |at: [f64; 2], persons: f64| {
        if persons > 0.0
            && inside(project, commune, at)
            && let Some((node, _)) = nearest(at).filter(|n| n.1 <= REACH_M)
        {
            *at_node.entry(node).or_default() += persons;
        }
    };
    if let Some(houses) = project.with_role(LayerRole::Buildings).and_then(|l| l.content.features()) {
        for (row, shape) in houses.geometry.iter().enumerate() {
            let people = houses.value(row, field::RESIDENTS).as_f64().filter(|n| *n > 0.0);
            if let (Some(people), Some(at)) = (people, anchor(shape)) {
                add(at, people);
            }
        }
    }
    case.zones.iter().for_each(|z| add(z.at, z.activity.visitors));
    let rng = KeyedRng::new(seed, STREAM);
    let assumed = &case.tables.demand.evacuation;
    let (persons, most_set_out_s) = (
        [assumed.persons_in_a_car, assumed.persons_on_a_motorbike].map(|p| p * packet),
        assumed.most_set_out_min * 60.0,
    );
    let motorbikes = assumed.motorbikes_of_vehicles();
    let mut trips = Vec::new();
    for (node, mut left) in at_node {
        for n in 0_u64.. {
            if left <= 0.0 {
                break;
            }
            let key = case.network.nodes[node as usize].id;
            let class = usize::from(rng.unit(key, n * 2) < motorbikes);
            let mut aboard = persons[class].min(left);
            left -= aboard;
            // A packet that is not full is a full one as often as it is full.
            if packet > 1.0 && aboard < persons[class] {
                if rng.unit(key.rotate_left(17), n) >= aboard / persons[class] {
                    continue;
                }
                aboard = persons[class];
            }
            let depart_s = most_set_out_s * (-2.0 * (1.0 - rng.unit(key, n * 2 + 1)).ln()).sqrt();
            trips.push((Trip { depart_s, from: node, to: node, class: class as u8 }, aboard));
        }
    }
    trips.sort_by(|a, b| a.0.depart_s.total_cmp(&b.0.depart_s).then(a.0.from.cmp(&b.0.from)));
    trips.into_iter().unzip()
}

/// When the front reaches any place of a link, seconds after the call; a link that burnt before is closed from the call on.
fn closures(network: &Network, arrival_s: &Grid<f32>, before_s: f64) -> Vec<(u32, f64)> {
    let step_m = arrival_s.spec.cell_width() / 2.0;
    let mut closed = Vec::new();
    for (l, link) in (0..).zip(&network.links) {
        let mut first = f64::INFINITY;
        for w in link.line.windows(2) {
            let steps = (distance(w[0], w[1]) / step_m).ceil().max(1.0);
            for step in 0..=steps as u32 {
                let t = f64::from(step) / steps;
                let at = [t.mul_add(w[1][0] - w[0][0], w[0][0]), t.mul_add(w[1][1] - w[0][1], w[0][1])];
                if let Some(burns_s) = arrival_s.at(at).filter(|s| !s.is_nan()) {
                    first = first.min(f64::from(burns_s));
                }
            }
        }
        if first.is_finite() {
            closed.push((l, (first - before_s).max(0.0)));
        }
    }
    closed.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    closed
}
