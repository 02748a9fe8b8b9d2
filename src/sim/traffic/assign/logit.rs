//! Trips that do not all know the cheapest way: multinomial logit over reasonable ways, without listing them.
//!
//! Dial (1971), "A probabilistic multipath traffic assignment model which obviates path enumeration", Transportation
//! Research 5(2), algorithm STOCH in its single pass: a way is reasonable when every link of it leads away from the
//! origin; its share is proportional to exp(-theta * cost). Equilibrium by successive averages (Sheffi 1985, ch. 12).

use rayon::prelude::*;

use super::equilibrium::class_costs;
use super::problem::{CostGraph, OriginDemand, SolveError, Unreachable};
use super::shortest::Tree;
use crate::base::cancel::CancelToken;

#[derive(Debug, Clone, Default)]
pub struct Logit {
    pub volume: Vec<f64>,
    pub cost: Vec<f64>,
    pub iterations: u32,
    /// Sum of the volumes' changes in the last average, as a share of their sum.
    pub change: f64,
}

/// Origins loaded as one part; the parts are added in their order.
const PART: usize = 16;

/// One loading at given costs; `reasonable` are the costs by which links lead away from an origin.
///
/// # Errors
/// [`Unreachable`].
pub fn stoch(
    graph: &CostGraph,
    demand: &[OriginDemand],
    theta: f64,
    reasonable: &[Vec<f64>],
    costs: &[Vec<f64>],
) -> Result<Vec<f64>, Unreachable> {
    let parts: Vec<Result<Vec<f64>, Unreachable>> = demand
        .par_chunks(PART)
        .map_init(Tree::default, |tree, origins| {
            let mut volume = vec![0.0; graph.links()];
            for origin in origins {
                tree.grow(graph, &reasonable[origin.class as usize], origin.node);
                load(graph, origin, theta, tree, &costs[origin.class as usize], &mut volume)?;
            }
            Ok(volume)
        })
        .collect();
    let mut sum = vec![0.0; graph.links()];
    for part in parts {
        sum.iter_mut().zip(part?).for_each(|(s, v)| *s += v);
    }
    Ok(sum)
}

fn load(
    graph: &CostGraph,
    origin: &OriginDemand,
    theta: f64,
    tree: &Tree,
    cost: &[f64],
    volume: &mut [f64],
) -> Result<(), Unreachable> {
    let leads_away = |l: u32| {
        let (from, to) = (graph.from[l as usize], graph.to[l as usize]);
        let open = !graph.closed[from as usize] || from == origin.node;
        open && (tree.label[from as usize] < tree.label[to as usize] || tree.by[to as usize] == l)
    };
    // Weights as logarithms: a way of 600 units at theta 2 has no weight that a number could hold.
    let mut weight = vec![f64::NEG_INFINITY; graph.nodes];
    weight[origin.node as usize] = 0.0;
    for &node in &tree.order {
        for &l in graph.out.of(node) {
            if leads_away(l) {
                let to = graph.to[l as usize] as usize;
                weight[to] = log_add(weight[to], weight[node as usize] - theta * cost[l as usize]);
            }
        }
    }
    let mut through = vec![0.0; graph.nodes];
    for &(node, trips) in &origin.to {
        if trips > 0.0 && weight[node as usize] == f64::NEG_INFINITY {
            return Err(Unreachable { from: origin.node, to: node, trips });
        }
        through[node as usize] += trips;
    }
    // Against the order every node knows what leaves it before it asks for the same.
    for &node in tree.order.iter().rev() {
        let mut leaves = through[node as usize];
        for &l in graph.out.of(node) {
            let to = graph.to[l as usize] as usize;
            if leads_away(l) && through[to] > 0.0 {
                let share = (weight[node as usize] - theta * cost[l as usize] - weight[to]).exp();
                volume[l as usize] += through[to] * share;
                leaves += through[to] * share;
            }
        }
        through[node as usize] = leaves;
    }
    Ok(())
}

fn log_add(a: f64, b: f64) -> f64 {
    let (high, low) = if a > b { (a, b) } else { (b, a) };
    if low == f64::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}

/// Stochastic user equilibrium: costs at which the loading gives back the volumes that make them.
///
/// # Errors
/// [`SolveError`].
pub fn logit(
    graph: &CostGraph,
    demand: &[OriginDemand],
    theta: f64,
    change: f64,
    most: u32,
    cancel: &CancelToken,
) -> Result<Logit, SolveError> {
    let costs_at = |volume: &[f64]| -> Vec<f64> { graph.cost.iter().zip(volume).map(|(c, v)| c.cost(*v)).collect() };
    let reasonable = class_costs(graph, &costs_at(&vec![0.0; graph.links()]));
    let mut found = Logit { volume: stoch(graph, demand, theta, &reasonable, &reasonable)?, ..Logit::default() };
    loop {
        cancel.check()?;
        found.cost = costs_at(&found.volume);
        found.iterations += 1;
        let next = stoch(graph, demand, theta, &reasonable, &class_costs(graph, &found.cost))?;
        let step = 1.0 / f64::from(found.iterations + 1);
        let (mut moved, mut sum) = (0.0, 0.0);
        for (v, n) in found.volume.iter_mut().zip(next) {
            moved += (n - *v).abs();
            *v += step * (n - *v);
            sum += *v;
        }
        found.change = if sum > 0.0 { moved * step / sum } else { 0.0 };
        if found.change <= change || found.iterations >= most {
            found.cost = costs_at(&found.volume);
            return Ok(found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::traffic::assign::link_cost::LinkCost;

    /// Two roads of 10 and 12: exp(-0.5 * 10) to exp(-0.5 * 12) is 73.1 to 26.9.
    #[test]
    fn shares_follow_the_costs() {
        let road = |t| LinkCost::bpr(t, 0.0, 4.0, 1.0);
        let graph = CostGraph::new(2, vec![0, 0], vec![1, 1], vec![road(10.0), road(12.0)], vec![false; 2]);
        let demand = vec![OriginDemand { node: 0, class: 0, to: vec![(1, 100.0)] }];
        let found = logit(&graph, &demand, 0.5, 1e-9, 50, &CancelToken::new()).unwrap();
        let share = 1.0 / (1.0 + (-1.0_f64).exp());
        assert!((found.volume[0] - 100.0 * share).abs() < 1e-9, "{:?}", found.volume);
    }

    #[test]
    fn averages_settle_where_costs_and_shares_agree() {
        let road = |t| LinkCost::bpr(t, 0.5, 2.0, 50.0);
        let graph = CostGraph::new(2, vec![0, 0], vec![1, 1], vec![road(10.0), road(12.0)], vec![false; 2]);
        let demand = vec![OriginDemand { node: 0, class: 0, to: vec![(1, 100.0)] }];
        let found = logit(&graph, &demand, 0.5, 1e-7, 5000, &CancelToken::new()).unwrap();
        let share = 1.0 / (1.0 + (-0.5 * (found.cost[1] - found.cost[0])).exp());
        assert!((found.volume[0] - 100.0 * share).abs() < 0.05, "{:?} {share}", found.volume);
    }
}
