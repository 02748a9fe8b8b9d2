//! User equilibrium by Algorithm B (Dial 2006): every origin's bush in turn moves flow from its dear ways to its
//! cheap ones until nobody can gain by changing (Wardrop 1952).

use rayon::prelude::*;

use super::bush::{Bush, Scratch, Volumes};
use super::core::Core;
use super::problem::{CostGraph, OriginDemand, SolveError, Unreachable};
use super::shortest::Tree;
use super::within::within;
use crate::base::cancel::CancelToken;

/// When to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stop {
    /// Relative gap: (what all pay - what all would pay on the cheapest ways) / what all pay.
    pub gap: f64,
    pub iterations: u32,
}

impl Default for Stop {
    fn default() -> Self {
        Self { gap: 1e-6, iterations: 2000 }
    }
}

/// An equilibrium, as near as was asked.
#[derive(Debug, Clone, Default)]
pub struct Equilibrium {
    pub volume: Vec<f64>,
    /// At these volumes; what single classes pay beside it is not in it.
    pub cost: Vec<f64>,
    pub relative_gap: f64,
    pub iterations: u32,
    /// One for each origin and class, in the order of the demand.
    pub bushes: Vec<Bush>,
}

/// Origins whose first ways are found together, before the next ones see their volumes: a fixed number, so that the
/// answer does not depend on the threads.
const TOGETHER: usize = 32;
/// Passes of shifts over all bushes between two renewals. Renewing costs as much as several passes.
const ROUNDS: usize = 5;
/// Ways whose costs differ by less than this share of the wanted gap are let be.
const SLACK: f64 = 0.02;
/// A bush whose shifts were worth less than this share of the mean waits for the next renewal.
const WORTH: f64 = 0.02;
/// Iterations without a smaller gap after which rounding is all that is left.
const PATIENCE: u32 = 60;

/// What is known when solving begins, one for each origin of the demand, or nothing.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Of an earlier solution (see [`super::warm`]).
    pub bushes: Vec<Bush>,
    /// Cheapest ways over the whole graph, at costs much like those that the bushes make.
    pub trees: Vec<Tree>,
}

/// Solves from nothing, or from the bushes of an earlier solution (see [`super::warm`]).
///
/// # Errors
/// [`SolveError::Unreachable`] when trips have no way; [`SolveError::Cancelled`].
pub fn solve(
    graph: &CostGraph,
    demand: &[OriginDemand],
    stop: Stop,
    warm: Vec<Bush>,
    cancel: &CancelToken,
) -> Result<Equilibrium, SolveError> {
    solve_from(graph, demand, stop, Known { bushes: warm, trees: Vec::new() }, cancel)
}

/// # Errors
/// As [`solve`].
pub fn solve_from(
    graph: &CostGraph,
    demand: &[OriginDemand],
    stop: Stop,
    known: Known,
    cancel: &CancelToken,
) -> Result<Equilibrium, SolveError> {
    let planted = known.bushes.len() != demand.len() || demand.is_empty();
    let bushes = if planted { plant(graph, demand)? } else { known.bushes };
    match Core::of(graph, &bushes) {
        Some(core) => within(graph, core, demand, stop, Known { bushes, trees: known.trees }, cancel),
        None => whole(graph, stop, bushes, !planted, cancel),
    }
}

/// Bushes over the whole graph; `grown` when they may lack nodes that no trip of theirs wanted before.
pub(super) fn whole(
    graph: &CostGraph,
    stop: Stop,
    mut bushes: Vec<Bush>,
    grown: bool,
    cancel: &CancelToken,
) -> Result<Equilibrium, SolveError> {
    let mut all = Volumes::default();
    all.set(graph, total(graph, &bushes));
    if grown {
        extend_all(graph, &all, &mut bushes);
    }
    let mut scratch = Scratch::default();
    let mut progress = Watch::default();
    loop {
        cancel.check()?;
        let least = renew_all(graph, &all, &mut bushes);
        if progress.done(gap(paid(graph, &all, &bushes), least), stop) {
            break;
        }
        improve(graph, &mut all, &mut bushes, stop, &mut scratch);
        progress.iterations += 1;
    }
    let Volumes { volume, cost, .. } = all;
    Ok(Equilibrium { volume, cost, relative_gap: progress.gap, iterations: progress.iterations, bushes })
}

/// How far it has come.
pub(super) struct Watch {
    pub iterations: u32,
    pub gap: f64,
    /// The smallest gap, and when it was.
    best: (f64, u32),
}

impl Default for Watch {
    fn default() -> Self {
        Self { iterations: 0, gap: f64::INFINITY, best: (f64::INFINITY, 0) }
    }
}

impl Watch {
    pub fn done(&mut self, gap: f64, stop: Stop) -> bool {
        self.gap = gap;
        if gap < self.best.0 {
            self.best = (gap, self.iterations);
        }
        gap <= stop.gap || self.iterations >= stop.iterations || self.iterations - self.best.1 > PATIENCE
    }
}

/// The share of what all pay that they would save on the cheapest ways.
pub(super) fn gap(paid: f64, least: f64) -> f64 {
    if paid > 0.0 { (paid - least).max(0.0) / paid } else { 0.0 }
}

/// Renews all bushes; returns what all would pay on the cheapest ways.
pub(super) fn renew_all(graph: &CostGraph, all: &Volumes, bushes: &mut [Bush]) -> f64 {
    let costs = class_costs(graph, &all.cost);
    let least: Vec<f64> = bushes
        .par_iter_mut()
        .with_min_len(8)
        .map_init(Scratch::default, |s, bush| bush.renew(graph, &costs[bush.class as usize], s))
        .collect();
    least.iter().sum()
}

pub(super) fn extend_all(graph: &CostGraph, all: &Volumes, bushes: &mut [Bush]) {
    let costs = class_costs(graph, &all.cost);
    bushes
        .par_iter_mut()
        .with_min_len(8)
        .for_each_init(Scratch::default, |s, bush| bush.extend(graph, &costs[bush.class as usize], s));
}

/// Shifts flow in all bushes and makes their volumes whole again.
pub(super) fn improve(graph: &CostGraph, all: &mut Volumes, bushes: &mut [Bush], stop: Stop, scratch: &mut Scratch) {
    shift_all(graph, all, bushes, stop, scratch);
    bushes.par_iter_mut().with_min_len(8).for_each_init(Vec::new, |need, bush| bush.settle(need));
    all.set(graph, total(graph, bushes));
}

/// Rounds of shifts. Bushes whose shifts were worth little are left out of the rounds that follow.
fn shift_all(graph: &CostGraph, all: &mut Volumes, bushes: &mut [Bush], stop: Stop, scratch: &mut Scratch) {
    let slack = (stop.gap * SLACK).max(f64::EPSILON);
    let mut busy: Vec<usize> = (0..bushes.len()).collect();
    let mut worth = vec![0.0; bushes.len()];
    for _ in 0..ROUNDS {
        let mut sum = 0.0;
        for &b in &busy {
            worth[b] = bushes[b].shift(graph, all, slack, scratch);
            sum += worth[b];
        }
        let enough = sum / busy.len().max(1) as f64 * WORTH;
        busy.retain(|b| worth[*b] > enough);
        if busy.is_empty() {
            break;
        }
    }
}

/// Costs of every class, in their order.
pub(super) fn class_costs(graph: &CostGraph, shared: &[f64]) -> Vec<Vec<f64>> {
    (0..graph.extra.len()).map(|class| graph.costs_of(class, shared)).collect()
}

/// The cheapest ways of all origins, with the trips on them.
pub(super) fn plant(graph: &CostGraph, demand: &[OriginDemand]) -> Result<Vec<Bush>, SolveError> {
    let mut all = Volumes::default();
    all.set(graph, vec![0.0; graph.links()]);
    let mut bushes = Vec::with_capacity(demand.len());
    for some in demand.chunks(TOGETHER) {
        let costs = class_costs(graph, &all.cost);
        let planted: Vec<Bush> = some
            .par_iter()
            .map_init(Scratch::default, |s, d| Bush::plant(graph, &costs[d.class as usize], d, s))
            .collect();
        let mut volume = std::mem::take(&mut all.volume);
        for (bush, demand) in planted.iter().zip(some) {
            check(bush, demand)?;
            bush.add_to(&mut volume);
        }
        all.set(graph, volume);
        bushes.extend(planted);
    }
    Ok(bushes)
}

/// Whether all trips have arrived somewhere.
pub(super) fn check(bush: &Bush, demand: &OriginDemand) -> Result<(), Unreachable> {
    if bush.trips.iter().filter(|t| **t > 0.0).count() == demand.to.iter().filter(|t| t.1 > 0.0).count() {
        return Ok(());
    }
    match demand.to.iter().find(|(node, trips)| *trips > 0.0 && !bush.node.contains(node)) {
        Some(&(to, trips)) => Err(Unreachable { from: demand.node, to, trips }),
        None => Ok(()),
    }
}

/// The volumes of all bushes, added in their order.
pub(super) fn total(graph: &CostGraph, bushes: &[Bush]) -> Vec<f64> {
    let mut volume = vec![0.0; graph.links()];
    for bush in bushes {
        bush.add_to(&mut volume);
    }
    volume
}

/// What all pay now.
pub(super) fn paid(graph: &CostGraph, all: &Volumes, bushes: &[Bush]) -> f64 {
    let shared: f64 = all.volume.iter().zip(&all.cost).map(|(v, c)| v * c).sum();
    let mut own = 0.0;
    for bush in bushes {
        let extra = &graph.extra[bush.class as usize];
        if !extra.is_empty() {
            own += bush.link.iter().zip(&bush.flow).map(|(l, f)| extra[*l as usize] * f).sum::<f64>();
        }
    }
    shared + own
}

/// Beckmann's objective (Beckmann, McGuire & Winsten 1956): the sum of the links' integrals.
#[must_use]
pub fn beckmann(graph: &CostGraph, volume: &[f64]) -> f64 {
    graph.cost.iter().zip(volume).map(|(curve, v)| curve.integral(*v)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::traffic::assign::link_cost::LinkCost;

    /// Braess (1968): six trips from 0 to 3 by 0-1-3, 0-2-3, and with the new road 0-1-2-3.
    fn braess(with_road: bool) -> CostGraph {
        let line = |a: f64, b: f64| LinkCost::bpr(a, b / a, 1.0, 1.0);
        let mut links = vec![(0, 1, line(1e-8, 10.0)), (0, 2, line(50.0, 1.0)), (1, 3, line(50.0, 1.0))];
        links.push((2, 3, line(1e-8, 10.0)));
        if with_road {
            links.push((1, 2, line(10.0, 1.0)));
        }
        let (from, to) = links.iter().map(|l| (l.0, l.1)).unzip();
        CostGraph::new(4, from, to, links.iter().map(|l| l.2).collect(), vec![false; 4])
    }

    fn six() -> Vec<OriginDemand> {
        vec![OriginDemand { node: 0, class: 0, to: vec![(3, 6.0)] }]
    }

    fn solved(graph: &CostGraph, demand: &[OriginDemand]) -> Equilibrium {
        solve(graph, demand, Stop { gap: 1e-12, iterations: 500 }, Vec::new(), &CancelToken::new()).unwrap()
    }

    fn pay(graph: &CostGraph, volume: &[f64]) -> f64 {
        graph.cost.iter().zip(volume).map(|(c, v)| c.cost(*v) * v).sum()
    }

    /// A new road makes everybody slower: 83 before, 92 after; the system optimum stays at 83.
    #[test]
    fn braess_paradox_appears() {
        let (old, new) = (braess(false), braess(true));
        let before = solved(&old, &six());
        let after = solved(&new, &six());
        assert!((pay(&old, &before.volume) / 6.0 - 83.0).abs() < 1e-6, "{:?}", before.volume);
        assert!((pay(&new, &after.volume) / 6.0 - 92.0).abs() < 1e-6, "{:?}", after.volume);
        assert!(after.volume.iter().zip([4.0, 2.0, 2.0, 4.0, 2.0]).all(|(v, known)| (v - known).abs() < 1e-6));
        let mut marginal = new.clone();
        marginal.cost.iter_mut().for_each(|c| *c = c.marginal());
        let best = solved(&marginal, &six());
        assert!((pay(&new, &best.volume) / 6.0 - 83.0).abs() < 1e-5, "{:?}", best.volume);
    }

    #[test]
    fn square_root_costs_have_no_tangent_at_nothing_and_still_balance() {
        let root = LinkCost::bpr(1.0, 2.0, 0.5, 1.0);
        let line = LinkCost::bpr(2.0, 0.5, 1.0, 1.0);
        let graph = CostGraph::new(2, vec![0, 0], vec![1, 1], vec![root, line], vec![false; 2]);
        let demand = vec![OriginDemand { node: 0, class: 0, to: vec![(1, 5.0)] }];
        let found = solved(&graph, &demand);
        assert!((found.cost[0] - found.cost[1]).abs() < 1e-9 && found.volume[0] > 0.1, "{found:?}");
    }

    /// Two classes on two parallel roads, one with a toll that only the second class feels.
    #[test]
    fn a_class_that_pays_a_toll_takes_the_other_road() {
        let road = LinkCost::bpr(10.0, 0.1, 1.0, 10.0);
        let mut graph = CostGraph::new(2, vec![0, 0], vec![1, 1], vec![road, road], vec![false; 2]);
        graph.extra = vec![Vec::new(), vec![0.05, 0.0]];
        let of = |class| OriginDemand { node: 0, class, to: vec![(1, 10.0)] };
        let found = solved(&graph, &[of(0), of(1)]);
        // The first class can fill the tolled road up and make both cost it the same: nobody of the second stays there.
        assert!((found.volume[0] - 10.0).abs() < 1e-6 && found.bushes[1].flow_on(0) < 1e-9, "{found:?}");
        assert!(found.relative_gap < 1e-12);
    }

    #[test]
    fn trips_without_a_way_are_named() {
        let graph = braess(true);
        let demand = vec![OriginDemand { node: 3, class: 0, to: vec![(0, 2.0)] }];
        let failed = solve(&graph, &demand, Stop::default(), Vec::new(), &CancelToken::new());
        assert_eq!(failed.unwrap_err(), SolveError::Unreachable(Unreachable { from: 3, to: 0, trips: 2.0 }));
    }
}
