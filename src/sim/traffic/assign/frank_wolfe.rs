//! Bi-conjugate Frank-Wolfe (Mitradjieva & Lindberg 2013, "The stiff is moving", Transportation Science 47(2), eqs
//! 19-27): a second way to the same equilibrium, to check the first one by. Slow beyond gaps of 1e-6.

use rayon::prelude::*;

use super::equilibrium::{Stop, class_costs};
use super::problem::{CostGraph, OriginDemand, SolveError, Unreachable};
use super::shortest::{NONE, Tree};
use crate::base::cancel::CancelToken;

/// Volumes found, and how good they are.
#[derive(Debug, Clone, Default)]
pub struct FrankWolfe {
    pub volume: Vec<f64>,
    pub cost: Vec<f64>,
    pub relative_gap: f64,
    pub iterations: u32,
}

/// Origins loaded as one part; the parts are added in their order.
const PART: usize = 16;
/// A step this near to 1 leaves nothing of the directions before it to be conjugate to.
const WHOLE_STEP: f64 = 0.99;

/// All trips on the cheapest ways: (volumes, what all trips pay for them).
///
/// # Errors
/// [`Unreachable`].
pub fn all_or_nothing(
    graph: &CostGraph,
    demand: &[OriginDemand],
    costs: &[Vec<f64>],
) -> Result<(Vec<f64>, f64), Unreachable> {
    let parts: Vec<Result<(Vec<f64>, f64), Unreachable>> = demand
        .par_chunks(PART)
        .map_init(Tree::default, |tree, origins| {
            let mut volume = vec![0.0; graph.links()];
            let mut through = vec![0.0; graph.nodes];
            let mut paid = 0.0;
            for origin in origins {
                tree.grow(graph, &costs[origin.class as usize], origin.node);
                for &(node, trips) in &origin.to {
                    let label = tree.label[node as usize];
                    if trips > 0.0 && label.is_infinite() {
                        return Err(Unreachable { from: origin.node, to: node, trips });
                    }
                    if trips > 0.0 {
                        through[node as usize] += trips;
                        paid += trips * label;
                    }
                }
                for &node in tree.order.iter().rev() {
                    let flow = std::mem::take(&mut through[node as usize]);
                    let by = tree.by[node as usize];
                    if by != NONE && flow > 0.0 {
                        volume[by as usize] += flow;
                        through[graph.from[by as usize] as usize] += flow;
                    }
                }
            }
            Ok((volume, paid))
        })
        .collect();
    let mut sum = (vec![0.0; graph.links()], 0.0);
    for part in parts {
        let (volume, paid) = part?;
        sum.0.iter_mut().zip(volume).for_each(|(s, v)| *s += v);
        sum.1 += paid;
    }
    Ok(sum)
}

/// Solves from nothing. One class only, or classes that pay the same.
///
/// # Errors
/// [`SolveError`].
pub fn frank_wolfe(
    graph: &CostGraph,
    demand: &[OriginDemand],
    stop: Stop,
    cancel: &CancelToken,
) -> Result<FrankWolfe, SolveError> {
    let costs_at = |volume: &[f64]| -> Vec<f64> { graph.cost.iter().zip(volume).map(|(c, v)| c.cost(*v)).collect() };
    let empty = vec![0.0; graph.links()];
    let (mut x, _) = all_or_nothing(graph, demand, &class_costs(graph, &costs_at(&empty)))?;
    // The two targets before, and the last step towards the newer one.
    let mut before: Option<(Vec<f64>, Option<Vec<f64>>, f64)> = None;
    let mut iterations = 0;
    loop {
        cancel.check()?;
        let cost = costs_at(&x);
        let (y, least) = all_or_nothing(graph, demand, &class_costs(graph, &cost))?;
        let paid: f64 = x.iter().zip(&cost).map(|(v, c)| v * c).sum();
        let relative_gap = if paid > 0.0 { ((paid - least) / paid).max(0.0) } else { 0.0 };
        if relative_gap <= stop.gap || iterations >= stop.iterations {
            return Ok(FrankWolfe { volume: x, cost, relative_gap, iterations });
        }
        iterations += 1;
        let target = target(graph, &x, &y, before.as_ref());
        let step = step(graph, &x, &target);
        x.iter_mut().zip(&target).for_each(|(x, t)| *x = step.mul_add(t - *x, *x).max(0.0));
        before = match before {
            _ if step >= WHOLE_STEP => None,
            Some((newer, _, _)) => Some((target, Some(newer), step)),
            None => Some((target, None, step)),
        };
    }
}

/// Where to go: the cheapest ways' volumes mixed with the last two targets, so that the direction is conjugate to theirs.
fn target(graph: &CostGraph, x: &[f64], y: &[f64], before: Option<&(Vec<f64>, Option<Vec<f64>>, f64)>) -> Vec<f64> {
    let Some((newer, older, last)) = before else { return y.to_vec() };
    let slope: Vec<f64> = graph.cost.iter().zip(x).map(|(c, v)| c.cost_and_slope(*v).1).collect();
    let product = |a: &dyn Fn(usize) -> f64, b: &dyn Fn(usize) -> f64| -> f64 {
        (0..x.len()).filter(|l| slope[*l].is_finite()).map(|l| slope[l] * a(l) * b(l)).sum()
    };
    let to_y = |l: usize| y[l] - x[l];
    let to_newer = |l: usize| newer[l] - x[l];
    let ratio = |above: f64, below: f64| if below.abs() > 0.0 { (-above / below).max(0.0) } else { 0.0 };
    let mu = older.as_ref().map_or(0.0, |older| {
        let mixed = |l: usize| last.mul_add(newer[l], (1.0 - last) * older[l]) - x[l];
        ratio(product(&mixed, &to_y), product(&mixed, &|l| older[l] - newer[l]))
    });
    let nu = (ratio(product(&to_newer, &to_y), product(&to_newer, &to_newer)) + mu * last / (1.0 - last)).max(0.0);
    let share = 1.0 / (1.0 + mu + nu);
    let mix = |l: usize| {
        let old = older.as_ref().map_or(0.0, |o| o[l]);
        share * (y[l] + nu * newer[l] + mu * old)
    };
    (0..x.len()).map(mix).collect()
}

/// The step in [0, 1] that makes Beckmann's objective least.
fn step(graph: &CostGraph, x: &[f64], target: &[f64]) -> f64 {
    let downhill = |step: f64| -> f64 {
        let slope = |(l, curve): (usize, &super::link_cost::LinkCost)| {
            let d = target[l] - x[l];
            d * curve.cost(step.mul_add(d, x[l]).max(0.0))
        };
        graph.cost.iter().enumerate().map(slope).sum()
    };
    if downhill(1.0) <= 0.0 {
        return 1.0;
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if downhill(middle) > 0.0 { high = middle } else { low = middle }
    }
    f64::midpoint(low, high)
}
