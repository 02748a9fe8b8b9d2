//! A project's traffic: prepared once, asked by the hour, edited and asked again.
//!
//! Long because what one solution knows (ways, volumes, trees) is handed on to the next in one place.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::given_demand::GivenDemand;
use super::links::LinkState;
use super::plan::{Plan, RoadEdit};
use super::roads::road_lines;
use super::zones::{StudyZone, access, zones};
use crate::base::cancel::CancelToken;
use crate::base::message::Message;
use crate::geo::measure::{distance, distance_to_chain, length};
use crate::model::layer::LayerRole;
use crate::model::project::Project;
use crate::model::table::FeatureTable;
use crate::sim::traffic::assign::bush::Bush;
use crate::sim::traffic::assign::equilibrium::{Equilibrium, Known, Stop, solve_from};
use crate::sim::traffic::assign::link_cost::LinkCost;
use crate::sim::traffic::assign::problem::{CostGraph, OriginDemand, SolveError};
use crate::sim::traffic::assign::shortest::{NONE, Tree};
use crate::sim::traffic::assign::warm::{Renumbering, adapt};
use crate::sim::traffic::assign::ways::load_alike;
use crate::sim::traffic::audit::{Finding, Oddity, audit, parts};
use crate::sim::traffic::demand::day::{Activity, Costs, DayDemand, Vehicles};
use crate::sim::traffic::demand::gravity::Matrix;
use crate::sim::traffic::demand::table::DemandTable;
use crate::sim::traffic::error::TrafficError;
use crate::sim::traffic::network::{Network, Zone};
use crate::sim::traffic::noding::{Noding, NodingOptions};
use crate::sim::traffic::road_class::RoadClass;
use crate::sim::traffic::road_table::RoadTable;

/// The hour whose costs decide where people go and by what: the evening peak.
pub const PEAK: usize = 17;
/// Rounds of demand and assignment before the demand is taken as it is.
const FEEDBACK: u32 = 3;
/// Good enough while demand still moves.
const ROUGH: f64 = 1e-4;
/// A trip within its zone, minutes and kilometres.
const WITHIN: (f64, f64) = (3.0, 0.6);

#[derive(Debug, Clone)]
pub struct Tables {
    pub roads: RoadTable,
    pub demand: DemandTable,
}

/// An equilibrium's ways and their volumes, kept as a start for the next.
pub type Ways = (Vec<Bush>, Vec<f64>);

/// Where solving begins.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    pub bushes: &'a [Bush],
    pub volume: &'a [f64],
}

impl<'a> From<&'a Ways> for Start<'a> {
    fn from((bushes, volume): &'a Ways) -> Self {
        Self { bushes, volume }
    }
}

impl<'a> From<&'a Hour> for Start<'a> {
    fn from(hour: &'a Hour) -> Self {
        Self { bushes: &hour.solution.bushes, volume: &hour.solution.volume }
    }
}

/// Everything that an hour needs.
#[derive(Debug, Clone)]
pub struct TrafficCase {
    pub tables: Arc<Tables>,
    pub(super) noding: Noding,
    /// The layer that the roads are from, where no plan has changed them since: the same layer needs no noding again.
    pub(super) of_layer: Option<Arc<FeatureTable>>,
    pub network: Network,
    pub graph: CostGraph,
    pub zones: Vec<StudyZone>,
    pub findings: Vec<Finding>,
    pub demand: DayDemand,
    /// Demand from a file in place of that: by hour; hours that are not in it are empty.
    pub given: Option<Arc<GivenDemand>>,
    pub(super) rails: Vec<RoadEdit>,
    /// The peak as it was while demand settled: where an hour without a better start begins.
    pub(super) settled: Option<Arc<Ways>>,
    /// Cheapest ways from the zones over this graph, where a search for those at other costs begins; or none.
    pub(super) trees: Arc<Vec<Tree>>,
    /// Zones that no road reaches: their trips are left out, and told.
    pub notices: Vec<Message>,
}

/// An hour at equilibrium.
#[derive(Debug, Clone, Default)]
pub struct Hour {
    pub hour: usize,
    pub links: Vec<LinkState>,
    /// From zone to zone, as [`DayDemand::hour`] gives it.
    pub vehicles: Vec<Vehicles>,
    pub solution: Equilibrium,
    pub pcu: f64,
}

impl TrafficCase {
    /// From a project's layers, with a plan's edits, at demand that has settled.
    ///
    /// # Errors
    /// [`TrafficError`]: no roads, a plan that does not fit, trips without a way.
    pub fn prepare(
        project: &Project,
        tables: Tables,
        plan: Option<&Plan>,
        cancel: &CancelToken,
    ) -> Result<Self, TrafficError> {
        let layer = project.with_role(LayerRole::Roads);
        let roads = layer.and_then(|l| l.content.features());
        let none = || TrafficError::NoLinks { path: layer.map(|l| l.source.path.clone()).unwrap_or_default() };
        let roads = roads.ok_or_else(none)?;
        let noding = Noding::of(road_lines(roads, &tables.roads), NodingOptions::default());
        let zones = zones(project, &tables.demand);
        let mut case = Self::bare(Arc::new(tables), noding, zones);
        match plan {
            Some(plan) => case.edit(plan)?,
            None => case.of_layer = Some(roads.clone()),
        }
        case.lay_out();
        if case.network.links.is_empty() {
            return Err(none());
        }
        if case.zones.is_empty() {
            return Err(TrafficError::NoTrips { path: project.title.vi.clone().into() });
        }
        case.settle_demand(cancel)?;
        Ok(case)
    }

    /// Roads and zones that are not laid out yet.
    pub(super) fn bare(tables: Arc<Tables>, noding: Noding, zones: Vec<StudyZone>) -> Self {
        Self {
            tables,
            noding,
            of_layer: None,
            network: Network::default(),
            graph: CostGraph::default(),
            zones,
            findings: Vec::new(),
            demand: DayDemand::default(),
            given: None,
            rails: Vec::new(),
            settled: None,
            trees: Arc::default(),
            notices: Vec::new(),
        }
    }

    pub(super) fn edit(&mut self, plan: &Plan) -> Result<(), TrafficError> {
        plan.apply(&mut self.noding, &self.tables.roads)?;
        self.rails.extend(plan.edits.iter().filter(|e| matches!(e, RoadEdit::Rail { .. })).cloned());
        Ok(())
    }

    /// The graph of the lines as they are now, with the zones tied to it.
    pub(super) fn lay_out(&mut self) {
        self.network = self.noding.network();
        self.findings = audit(&self.network);
        self.tie_zones(&BTreeMap::new());
    }

    /// The roads of an earlier case with the same junctions and links, some of them upgraded since. False when they have
    /// to be laid out anew.
    pub(super) fn lay_out_as(&mut self, earlier: &Self) -> bool {
        let mut network = earlier.network.clone();
        if !self.noding.refresh(&mut network) {
            return false;
        }
        (self.network, self.findings) = (network, earlier.findings.clone());
        // A zone that stays where it was keeps its ways.
        let placed = earlier.zones.iter().zip(&earlier.network.zones);
        self.tie_zones(&placed.map(|(z, tied)| (z.id, (z.at, tied.access.as_slice()))).collect());
        true
    }

    /// The zones' ways into the network, and the graph of both. `known` are places of zones and their ways, by id.
    fn tie_zones(&mut self, known: &BTreeMap<u64, ([f64; 2], &[(u32, f64)])>) {
        let parts = parts(&self.network);
        self.notices.clear();
        let tie = |z: &StudyZone| match known.get(&z.id) {
            Some((at, ways)) if *at == z.at => {
                let far = |node: u32| distance(self.network.nodes[node as usize].at, z.at);
                ways.iter().map(|way| (way.0, far(way.0))).collect()
            }
            _ => access(&self.network, z.at, |n| parts[n] == 0),
        };
        let ties: Vec<Vec<(u32, f64)>> = self.zones.par_iter().map(tie).collect();
        let mut at_sea: Vec<usize> = Vec::new();
        for (z, tie) in ties.iter().enumerate() {
            if tie.is_empty() {
                at_sea.push(z);
            }
        }
        for z in at_sea {
            let zone = &mut self.zones[z];
            let persons = zone.activity.residents + zone.activity.visitors;
            self.notices.push(
                Message::new("traffic-zone-at-sea")
                    .with("persons", persons.round())
                    .with("east", zone.at[0].round())
                    .with("north", zone.at[1].round()),
            );
            zone.activity = Activity::default();
        }
        self.network.zones = self
            .zones
            .iter()
            .zip(&ties)
            .map(|(z, tie)| Zone {
                id: z.id,
                name: z.name.clone(),
                at: z.at,
                access: tie.iter().map(|t| (t.0, 1.0 / tie.len() as f64)).collect(),
            })
            .collect();
        self.graph = self.cost_graph(&ties);
    }

    /// Links of the network first, in its order; then two for every way into a zone. Zone `z` is node `nodes + z`.
    fn cost_graph(&self, ties: &[Vec<(u32, f64)>]) -> CostGraph {
        let nodes = self.network.nodes.len();
        let table = &self.tables.roads;
        let (mut from, mut to, mut cost) = (Vec::new(), Vec::new(), Vec::new());
        for link in &self.network.links {
            let class = table.class(link.class);
            from.push(link.from);
            to.push(link.to);
            cost.push(LinkCost::bpr(link.free_time_s(), class.b, class.power, link.capacity_pcu_per_h));
        }
        let speed = table.class(RoadClass::Connector).speed_kmh / 3.6;
        for (z, tie) in ties.iter().enumerate() {
            let zone = (nodes + z) as u32;
            for (node, far) in tie {
                for (a, b) in [(zone, *node), (*node, zone)] {
                    from.push(a);
                    to.push(b);
                    cost.push(LinkCost::bpr(far / speed + 10.0, 0.0, 0.0, 1.0));
                }
            }
        }
        let all = nodes + ties.len();
        let closed = (0..all).map(|n| n >= nodes).collect();
        CostGraph::new(all, from, to, cost, closed)
    }

    /// Demand and costs in turn, until the costs that people go by are those that they make.
    fn settle_demand(&mut self, cancel: &CancelToken) -> Result<(), TrafficError> {
        let free: Vec<f64> = self.graph.cost.iter().map(|c| c.cost(0.0)).collect();
        let mut costs = self.costs(&free);
        let mut last: Option<(Ways, Vec<Tree>)> = None;
        for round in 1..=FEEDBACK {
            self.demand = self.demand.again(&self.tables.demand, &self.activities(), &costs);
            if round == FEEDBACK {
                break;
            }
            let stop = Stop { gap: ROUGH, iterations: 200 };
            let hour = match last.take() {
                Some((ways, trees)) => {
                    let same = Renumbering::same(&self.graph);
                    self.hour_from(PEAK, 1.0, stop, Start::from(&ways), &same, trees, cancel)?
                }
                None => self.hour_scaled(PEAK, 1.0, stop, None, cancel)?,
            };
            let trees = self.trees(&hour.solution.cost);
            let next = self.costs_by(&trees);
            // Successive averages (Sheffi 1985, ch. 12.2).
            let share = 1.0 / f64::from(round);
            for (old, new) in costs.road_min.cells.iter_mut().zip(&next.road_min.cells) {
                *old += share * (new - *old);
            }
            costs.km = next.km;
            last = Some(((hour.solution.bushes, hour.solution.volume), trees));
        }
        if let Some((ways, trees)) = last {
            (self.settled, self.trees) = (Some(Arc::new(ways)), Arc::new(trees));
        }
        Ok(())
    }

    pub(super) fn activities(&self) -> Vec<Activity> {
        self.zones.iter().map(|z| z.activity).collect()
    }

    /// Minutes and kilometres between all zones at these link costs.
    #[must_use]
    pub fn costs(&self, link_cost: &[f64]) -> Costs {
        self.costs_by(&self.trees(link_cost))
    }

    /// The cheapest ways from all zones at these link costs.
    pub(super) fn trees(&self, link_cost: &[f64]) -> Vec<Tree> {
        self.trees_from(vec![Tree::default(); self.zones.len()], link_cost)
    }

    /// The same, begun at ways of this graph that were cheapest at other costs.
    pub(super) fn trees_from(&self, mut trees: Vec<Tree>, link_cost: &[f64]) -> Vec<Tree> {
        let first = self.network.nodes.len();
        let again = |(zone, tree): (usize, &mut Tree)| tree.regrow(&self.graph, link_cost, (first + zone) as u32);
        trees.par_iter_mut().enumerate().for_each(again);
        trees
    }

    /// As [`Self::costs`], by the ways from [`Self::trees`].
    pub(super) fn costs_by(&self, trees: &[Tree]) -> Costs {
        let n = self.zones.len();
        let nodes = self.network.nodes.len();
        let metres = |l: u32| self.network.links.get(l as usize).map_or(0.0, |link| link.length_m);
        let rows: Vec<(Vec<f64>, Vec<f64>)> = trees
            .par_iter()
            .enumerate()
            .map(|(i, tree)| {
                let mut chain = Vec::new();
                // Negative: not known yet.
                let mut far: Vec<f64> = vec![-1.0; self.graph.nodes];
                far[nodes + i] = 0.0;
                for zone in nodes..nodes + n {
                    let mut at = zone;
                    while far[at] < 0.0 && tree.by[at] != NONE {
                        chain.push(at);
                        at = self.graph.from[tree.by[at] as usize] as usize;
                    }
                    while let Some(node) = chain.pop() {
                        let by = tree.by[node];
                        far[node] = far[self.graph.from[by as usize] as usize].max(0.0) + metres(by);
                    }
                }
                let minutes = |j: usize| if i == j { WITHIN.0 } else { tree.label[nodes + j] / 60.0 };
                let km = |j: usize| if i == j { WITHIN.1 } else { far[nodes + j].max(0.0) / 1000.0 };
                ((0..n).map(minutes).collect(), (0..n).map(km).collect())
            })
            .collect();
        let mut costs = Costs { road_min: Matrix::filled(n, 0.0), km: Matrix::filled(n, 0.0), ..Costs::default() };
        for (i, (minutes, km)) in rows.into_iter().enumerate() {
            costs.road_min.cells[i * n..(i + 1) * n].copy_from_slice(&minutes);
            costs.km.cells[i * n..(i + 1) * n].copy_from_slice(&km);
        }
        self.add_rails(&mut costs);
        costs
    }

    /// Minutes by railway between zones near its line: to the line, along it, and from it.
    fn add_rails(&self, costs: &mut Costs) {
        let n = self.zones.len();
        for rail in &self.rails {
            let RoadEdit::Rail { line, speed_kmh, headway_min, reach_m, .. } = rail else { continue };
            let near: Vec<(f64, f64)> =
                self.zones.iter().map(|z| (distance_to_chain(z.at, line), place_along(z.at, line))).collect();
            let mut minutes = Matrix::filled(n, f64::INFINITY);
            for i in 0..n {
                for j in 0..n {
                    let ((to, a), (from, b)) = (near[i], near[j]);
                    let ride = (a - b).abs();
                    if to <= *reach_m && from <= *reach_m && ride > 500.0 {
                        // To the stop at 12 km/h: some walk, some ride.
                        let access = (to + from) / 1000.0 / 12.0 * 60.0;
                        minutes.cells[i * n + j] = access + ride / 1000.0 / speed_kmh * 60.0;
                    }
                }
            }
            costs.rail_wait_min = headway_min / 2.0;
            costs.rail_min = Some(minutes);
        }
    }

    /// An hour (0 to 23) at equilibrium; `start` are the ways and volumes of an earlier solution on this graph. Without it
    /// the peak that demand settled at is the start, where there is one.
    ///
    /// # Errors
    /// [`TrafficError::NoWay`], [`TrafficError::Cancelled`].
    pub fn hour(
        &self,
        hour: usize,
        stop: Stop,
        start: Option<Start<'_>>,
        cancel: &CancelToken,
    ) -> Result<Hour, TrafficError> {
        self.hour_scaled(hour, 1.0, stop, start, cancel)
    }

    /// Vehicles from zone to zone that leave within an hour (0 to 23), row by row.
    #[must_use]
    pub fn vehicles(&self, hour: usize) -> Vec<Vehicles> {
        match &self.given {
            Some(given) => {
                let none = || vec![Vehicles::default(); self.zones.len().pow(2)];
                given.get(&hour).cloned().unwrap_or_else(none)
            }
            None => self.demand.hour(hour, &self.tables.roads),
        }
    }

    /// As [`Self::hour`] with `factor` times the trips.
    ///
    /// # Errors
    /// As [`Self::hour`].
    pub fn hour_scaled(
        &self,
        hour: usize,
        factor: f64,
        stop: Stop,
        start: Option<Start<'_>>,
        cancel: &CancelToken,
    ) -> Result<Hour, TrafficError> {
        match start.or(self.settled.as_deref().map(Start::from)) {
            Some(start) => {
                self.hour_from(hour, factor, stop, start, &Renumbering::same(&self.graph), Vec::new(), cancel)
            }
            None => self.solve_hour(hour, factor, stop, |_| Ok(Known::default()), cancel),
        }
    }

    /// An hour begun at the ways of an earlier solution, whose graph is numbered here as `to` says. `trees` are from
    /// [`Self::trees`] at much the same costs, or none.
    pub(super) fn hour_from(
        &self,
        hour: usize,
        factor: f64,
        stop: Stop,
        Start { bushes, volume }: Start<'_>,
        to: &Renumbering,
        trees: Vec<Tree>,
        cancel: &CancelToken,
    ) -> Result<Hour, TrafficError> {
        let first = self.network.nodes.len();
        let start = |demand: &[OriginDemand]| {
            let travels = |zone: usize| demand.binary_search_by_key(&((first + zone) as u32), |d| d.node).is_ok();
            let trees = trees.into_iter().enumerate().filter(|t| travels(t.0)).map(|t| t.1).collect();
            Ok(Known { bushes: adapt(&self.graph, demand, bushes, to, volume)?, trees })
        };
        self.solve_hour(hour, factor, stop, start, cancel)
    }

    fn solve_hour(
        &self,
        hour: usize,
        factor: f64,
        stop: Stop,
        start: impl FnOnce(&[OriginDemand]) -> Result<Known, SolveError>,
        cancel: &CancelToken,
    ) -> Result<Hour, TrafficError> {
        let mut vehicles = self.vehicles(hour);
        if factor != 1.0 {
            for v in &mut vehicles {
                *v = v.times(factor);
            }
        }
        let demand = self.problem(&vehicles);
        let solved = start(&demand).and_then(|known| solve_from(&self.graph, &demand, stop, known, cancel));
        let solution = solved.map_err(|e| self.explain(&e))?;
        let links = self.link_states(&vehicles, &demand, &solution);
        let pcu = demand.iter().flat_map(|d| &d.to).map(|t| t.1).sum();
        Ok(Hour { hour, links, vehicles, solution, pcu })
    }

    fn problem(&self, vehicles: &[Vehicles]) -> Vec<OriginDemand> {
        let n = self.zones.len();
        let nodes = self.network.nodes.len();
        let mut demand = Vec::new();
        for i in 0..n {
            let to: Vec<(u32, f64)> = (0..n)
                .filter(|j| *j != i)
                .map(|j| ((nodes + j) as u32, vehicles[i * n + j].pcu(&self.tables.roads)))
                .filter(|t| t.1 > 0.0)
                .collect();
            if !to.is_empty() {
                demand.push(OriginDemand { node: (nodes + i) as u32, class: 0, to });
            }
        }
        demand
    }

    fn link_states(&self, vehicles: &[Vehicles], demand: &[OriginDemand], found: &Equilibrium) -> Vec<LinkState> {
        let n = self.zones.len();
        let nodes = self.network.nodes.len();
        let kinds: [fn(&Vehicles) -> f64; 4] = [|v| v.motorbikes, |v| v.cars, |v| v.taxis, |v| v.trucks];
        let volumes: Vec<Vec<f64>> = kinds
            .par_iter()
            .map(|kind| {
                load_alike(&found.bushes, self.graph.links(), |o, node| {
                    let (i, j) = (demand[o].node as usize - nodes, (node as usize).wrapping_sub(nodes));
                    if j < n && i != j { kind(&vehicles[i * n + j]) } else { 0.0 }
                })
            })
            .collect();
        (0..self.network.links.len())
            .map(|l| {
                let [motorbikes, cars, taxis, trucks] = [0, 1, 2, 3].map(|k: usize| volumes[k][l]);
                let of = Vehicles { motorbikes, cars, taxis, trucks };
                LinkState::of(&self.network, l, of, found.volume[l], found.cost[l])
            })
            .collect()
    }

    fn explain(&self, error: &SolveError) -> TrafficError {
        match error {
            SolveError::Cancelled(c) => TrafficError::Cancelled(*c),
            SolveError::Unreachable(u) => {
                let nodes = self.network.nodes.len();
                let zone = |node: u32| self.zones.get((node as usize).wrapping_sub(nodes));
                let name = |node: u32| zone(node).map_or_else(String::new, |z| z.id.to_string());
                let at = zone(u.from).map_or([f64::NAN; 2], |z| z.at);
                TrafficError::NoWay { from: name(u.from), to: name(u.to), trips: u.trips, at }
            }
        }
    }

    /// How many of each oddity the network has.
    #[must_use]
    pub fn count(&self, oddity: Oddity) -> usize {
        self.findings.iter().filter(|f| f.oddity == oddity).count()
    }
}

/// How far along a line its nearest point to a place is.
fn place_along(at: [f64; 2], line: &[[f64; 2]]) -> f64 {
    let mut best = (f64::INFINITY, 0.0);
    let mut before = 0.0;
    for w in line.windows(2) {
        let [dx, dy] = [w[1][0] - w[0][0], w[1][1] - w[0][1]];
        let t = (((at[0] - w[0][0]) * dx + (at[1] - w[0][1]) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
        let d = distance(at, [t.mul_add(dx, w[0][0]), t.mul_add(dy, w[0][1])]);
        if d < best.0 {
            best = (d, t.mul_add(length(w), before));
        }
        before += length(w);
    }
    best.1
}
