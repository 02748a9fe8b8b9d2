//! User equilibrium by Algorithm B (Dial 2006): every origin's bush in turn moves flow from its dear ways to its
//! cheap ones until nobody can gain by changing (Wardrop 1952).
//!
//! Long because cold starts, starts from earlier bushes and starts from known trees share one loop, with its tests.

use rayon::prelude::*;

use super::bush::{Bush, Scratch, Volumes};
use super::core::Core;
use super::problem::{CostGraph, OriginDemand, SolveError, Unreachable};
use super::shortest::Tree;
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

/// Iterations within the links that matter between two looks at the whole graph.
const WITHIN: u32 = 4;
/// How much nearer than wanted those iterations come: the whole graph leaves a little more to gain.
const NEARER: f64 = 0.75;

/// Cheapest ways are kept from one look at the whole graph to the next while they have no more nodes than this, all
/// origins together: some 200 MB.
const KEPT: usize = 1 << 24;

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
fn whole(
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

/// Bushes within the links that matter, which grow by those that the whole graph's cheapest ways take.
fn within(
    graph: &CostGraph,
    mut core: Core,
    demand: &[OriginDemand],
    stop: Stop,
    known: Known,
    cancel: &CancelToken,
) -> Result<Equilibrium, SolveError> {
    let mut trees = known.trees;
    if trees.len() != demand.len() {
        let kept = demand.len() * graph.nodes <= KEPT;
        trees = if kept { vec![Tree::default(); demand.len()] } else { Vec::new() };
    }
    let mut bushes: Vec<Bush> = known.bushes.par_iter().map(|b| core.enter(b)).collect();
    let mut all = Volumes::default();
    all.set(&core.graph, total(&core.graph, &bushes));
    extend_all(&core.graph, &all, &mut bushes);
    let mut cost: Vec<f64> = graph.cost.iter().map(|c| c.cost(0.0)).collect();
    let mut scratch = Scratch::default();
    let mut progress = Watch::default();
    loop {
        // What mattered before mattered for a reason: the whole graph is asked when that has little more to gain.
        let before = progress.iterations;
        while progress.iterations < stop.iterations.min(before + WITHIN) {
            cancel.check()?;
            let least = renew_all(&core.graph, &all, &mut bushes);
            if gap(paid(&core.graph, &all, &bushes), least) <= stop.gap * NEARER {
                break;
            }
            improve(&core.graph, &mut all, &mut bushes, stop, &mut scratch);
            progress.iterations += 1;
        }
        cancel.check()?;
        core.spread(&all.cost, &mut cost);
        let costs = class_costs(graph, &cost);
        let found: Vec<(f64, Vec<u32>)> = if trees.is_empty() {
            let anew = |tree: &mut Tree, d: &OriginDemand| {
                tree.grow(graph, &costs[d.class as usize], d.node);
                core.missing(graph, d, tree)
            };
            demand.par_iter().map_init(Tree::default, anew).collect()
        } else {
            let again = |(tree, d): (&mut Tree, &OriginDemand)| {
                tree.regrow(graph, &costs[d.class as usize], d.node);
                core.missing(graph, d, tree)
            };
            trees.par_iter_mut().zip(demand).map(again).collect()
        };
        let least = found.iter().map(|f| f.0).sum();
        if progress.done(gap(paid(&core.graph, &all, &bushes), least), stop) {
            break;
        }
        let mut new: Vec<u32> = found.into_iter().flat_map(|f| f.1).collect();
        new.sort_unstable();
        new.dedup();
        if new.is_empty() && progress.iterations == before {
            // Nothing but rounding is left.
            break;
        }
        if !new.is_empty() {
            core.take(graph, &new);
            let mut volume = std::mem::take(&mut all.volume);
            volume.resize(core.graph.links(), 0.0);
            all.set(&core.graph, volume);
            extend_all(&core.graph, &all, &mut bushes);
        }
    }
    let mut volume = vec![0.0; graph.links()];
    core.spread(&all.volume, &mut volume);
    let bushes = bushes.par_iter().map(|b| core.leave(b)).collect();
    Ok(Equilibrium { volume, cost, relative_gap: progress.gap, iterations: progress.iterations, bushes })
}

/// How far it has come.
struct Watch {
    iterations: u32,
    gap: f64,
    /// The smallest gap, and when it was.
    best: (f64, u32),
}

impl Default for Watch {
    fn default() -> Self {
        Self { iterations: 0, gap: f64::INFINITY, best: (f64::INFINITY, 0) }
    }
}

impl Watch {
    fn done(&mut self, gap: f64, stop: Stop) -> bool {
        self.gap = gap;
        if gap < self.best.0 {
            self.best = (gap, self.iterations);
        }
        gap <= stop.gap || self.iterations >= stop.iterations || self.iterations - self.best.1 > PATIENCE
    }
}

/// The share of what all pay that they would save on the cheapest ways.
fn gap(paid: f64, least: f64) -> f64 {
    if paid > 0.0 { (paid - least).max(0.0) / paid } else { 0.0 }
}

/// Renews all bushes; returns what all would pay on the cheapest ways.
fn renew_all(graph: &CostGraph, all: &Volumes, bushes: &mut [Bush]) -> f64 {
    let costs = class_costs(graph, &all.cost);
    let least: Vec<f64> = bushes
        .par_iter_mut()
        .with_min_len(8)
        .map_init(Scratch::default, |s, bush| bush.renew(graph, &costs[bush.class as usize], s))
        .collect();
    least.iter().sum()
}

fn extend_all(graph: &CostGraph, all: &Volumes, bushes: &mut [Bush]) {
    let costs = class_costs(graph, &all.cost);
    bushes
        .par_iter_mut()
        .with_min_len(8)
        .for_each_init(Scratch::default, |s, bush| bush.extend(graph, &costs[bush.class as usize], s));
}

/// Shifts flow in all bushes and makes their volumes whole again.
fn improve(graph: &CostGraph, all: &mut Volumes, bushes: &mut [Bush], stop: Stop, scratch: &mut Scratch) {
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
fn plant(graph: &CostGraph, demand: &[OriginDemand]) -> Result<Vec<Bush>, SolveError> {
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
fn total(graph: &CostGraph, bushes: &[Bush]) -> Vec<f64> {
    let mut volume = vec![0.0; graph.links()];
    for bush in bushes {
        bush.add_to(&mut volume);
    }
    volume
}

/// What all pay now.
fn paid(graph: &CostGraph, all: &Volumes, bushes: &[Bush]) -> f64 {
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
    use crate::sim::traffic::assign::warm::{Renumbering, adapt};

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

    /// A town of 30 x 30 crossings whose middle street is wide, and trips from end to end of it that soon fill it.
    fn town(trips: f64) -> (CostGraph, Vec<OriginDemand>) {
        let n = 30_u32;
        let (mut from, mut to, mut cost) = (Vec::new(), Vec::new(), Vec::new());
        for a in 0..n * n {
            let beside = [(a % n + 1 < n).then_some(a + 1), (a / n + 1 < n).then_some(a + n)];
            for b in beside.into_iter().flatten() {
                let wide = a / n == n / 2 && b == a + 1;
                // No two streets are alike: flows are unique.
                let time = if wide { 5.0 } else { 10.0 + f64::from((a * 7 + b * 3) % 11) / 10.0 };
                for (x, y) in [(a, b), (b, a)] {
                    from.push(x);
                    to.push(y);
                    cost.push(LinkCost::bpr(time, 0.5, 4.0, if wide { 100.0 } else { 60.0 }));
                }
            }
        }
        let at = |x: u32, y: u32| y * n + x;
        let of = |node: u32, to: [u32; 2]| {
            let mut to = to.map(|node| (node, trips)).to_vec();
            to.sort_unstable_by_key(|t| t.0);
            OriginDemand { node, class: 0, to }
        };
        let (west, east, south) = (at(2, 15), at(27, 15), at(14, 9));
        let demand = vec![of(south, [west, east]), of(west, [east, south]), of(east, [west, south])];
        (CostGraph::new((n * n) as usize, from, to, cost, vec![false; (n * n) as usize]), demand)
    }

    /// What all pay more than on the cheapest ways of the whole graph, by searches of its own.
    fn gap_of(graph: &CostGraph, demand: &[OriginDemand], found: &Equilibrium) -> f64 {
        let cost: Vec<f64> = graph.cost.iter().zip(&found.volume).map(|(c, v)| c.cost(*v)).collect();
        let paid: f64 = cost.iter().zip(&found.volume).map(|(c, v)| c * v).sum();
        let mut tree = Tree::default();
        let least = demand.iter().map(|d| {
            tree.grow(graph, &cost, d.node);
            d.to.iter().map(|t| t.1 * tree.label[t.0 as usize]).sum::<f64>()
        });
        (paid - least.sum::<f64>()) / paid
    }

    #[test]
    fn links_that_matter_are_enough_and_threads_do_not_matter() {
        let stop = Stop { gap: 1e-10, iterations: 500 };
        let (graph, demand) = town(150.0);
        let planted = plant(&graph, &demand).unwrap();
        assert!(Core::of(&graph, &planted).is_some(), "most streets are on nobody's way");
        let all = whole(&graph, stop, planted, false, &CancelToken::new()).unwrap();
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let cold = solve(&graph, &demand, stop, Vec::new(), &CancelToken::new()).unwrap();
                // More trips: other streets begin to matter.
                let (_, more) = town(190.0);
                let same = Renumbering::same(&graph);
                let start = adapt(&graph, &more, &cold.bushes, &same, &cold.volume).unwrap();
                (solve(&graph, &more, stop, start, &CancelToken::new()).unwrap(), cold)
            })
        };
        let (warm, cold) = run(1);
        for threads in [2, 4] {
            let (a, b) = run(threads);
            assert!(a.volume == warm.volume && b.volume == cold.volume && a.bushes == warm.bushes);
        }
        let used = |found: &Equilibrium| found.volume.iter().filter(|v| **v > 0.0).count();
        assert!(used(&cold) > 60 && used(&warm) > used(&cold), "{} {}", used(&cold), used(&warm));
        assert!(gap_of(&graph, &demand, &cold).abs() <= 1e-10 && cold.relative_gap <= 1e-10);
        assert!(gap_of(&graph, &town(190.0).1, &warm).abs() <= 1e-10);
        let worst = cold.volume.iter().zip(&all.volume).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(worst < 0.01, "{worst}");
    }

    /// A street of the earlier ways is gone: its trips find others, and the rest keep theirs.
    #[test]
    fn ways_over_a_street_that_is_gone_are_found_anew() {
        let stop = Stop { gap: 1e-9, iterations: 500 };
        let (graph, demand) = town(150.0);
        let before = solve(&graph, &demand, stop, Vec::new(), &CancelToken::new()).unwrap();
        let busiest = (0..graph.links()).max_by(|a, b| before.volume[*a].total_cmp(&before.volume[*b])).unwrap();
        let kept: Vec<usize> = (0..graph.links()).filter(|l| *l != busiest).collect();
        let (from, to) = kept.iter().map(|l| (graph.from[*l], graph.to[*l])).unzip();
        let cost = kept.iter().map(|l| graph.cost[*l]).collect();
        let edited = CostGraph::new(graph.nodes, from, to, cost, graph.closed.clone());
        let mut same = Renumbering::same(&graph);
        same.link = (0..graph.links()).map(|l| kept.binary_search(&l).ok().map(|l| l as u32)).collect();
        let start = adapt(&edited, &demand, &before.bushes, &same, &before.volume).unwrap();
        let (warm, cold) = (
            solve(&edited, &demand, stop, start, &CancelToken::new()).unwrap(),
            solve(&edited, &demand, stop, Vec::new(), &CancelToken::new()).unwrap(),
        );
        assert!(gap_of(&edited, &demand, &warm).abs() <= 1e-9);
        let worst = warm.volume.iter().zip(&cold.volume).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(worst < 0.05, "{worst}");
    }
}
