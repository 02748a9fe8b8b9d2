//! A project's traffic: prepared once, asked by the hour, edited and asked again.

use std::sync::Arc;

use rayon::prelude::*;

use super::given_demand::GivenDemand;
use super::links::LinkState;
use super::plan::{Plan, RoadEdit};
use super::roads::road_lines;
use super::zones::{StudyZone, zones};
use crate::base::cancel::CancelToken;
use crate::base::message::Message;
use crate::model::layer::LayerRole;
use crate::model::project::Project;
use crate::model::table::FeatureTable;
use crate::sim::traffic::assign::bush::Bush;
use crate::sim::traffic::assign::equilibrium::{Equilibrium, Known, Stop, solve_from};
use crate::sim::traffic::assign::problem::{CostGraph, OriginDemand, SolveError};
use crate::sim::traffic::assign::shortest::Tree;
use crate::sim::traffic::assign::warm::{Renumbering, adapt};
use crate::sim::traffic::assign::ways::load_alike;
use crate::sim::traffic::audit::{Finding, Oddity};
use crate::sim::traffic::demand::day::{Activity, DayDemand, Vehicles};
use crate::sim::traffic::demand::table::DemandTable;
use crate::sim::traffic::error::TrafficError;
use crate::sim::traffic::network::Network;
use crate::sim::traffic::noding::{Noding, NodingOptions};
use crate::sim::traffic::road_table::RoadTable;

/// The hour whose costs decide where people go and by what: the evening peak.
pub const PEAK: usize = 17;
/// Rounds of demand and assignment before the demand is taken as it is.
const FEEDBACK: u32 = 3;
/// Good enough while demand still moves.
const ROUGH: f64 = 1e-4;

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
