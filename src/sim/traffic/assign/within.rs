//! Solving within the links that matter (see [`Core`]): the whole graph is asked now and then whether others have begun to,
//! by searches that begin at the cheapest ways that are known.

use rayon::prelude::*;

use super::bush::{Bush, Scratch, Volumes};
use super::core::Core;
use super::equilibrium::{
    Equilibrium, Known, Stop, Watch, class_costs, extend_all, gap, improve, paid, renew_all, total,
};
use super::problem::{CostGraph, OriginDemand, SolveError};
use super::shortest::Tree;
use crate::base::cancel::CancelToken;

/// Iterations within the links that matter between two looks at the whole graph.
const WITHIN: u32 = 4;
/// How much nearer than wanted those iterations come: the whole graph leaves a little more to gain.
const NEARER: f64 = 0.75;

/// Cheapest ways are kept from one look at the whole graph to the next while they have no more nodes than this, all
/// origins together: some 200 MB.
const KEPT: usize = 1 << 24;

/// Bushes within the links that matter, which grow by those that the whole graph's cheapest ways take.
pub(super) fn within(
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::traffic::assign::equilibrium::{plant, solve, whole};
    use crate::sim::traffic::assign::link_cost::LinkCost;
    use crate::sim::traffic::assign::warm::{Renumbering, adapt};

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
