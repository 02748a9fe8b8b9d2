//! An earlier equilibrium as the start of the next: after an edit most ways stay as they are.

use rayon::prelude::*;

use super::bush::{Bush, Scratch};
use super::equilibrium::{check, class_costs};
use super::problem::{CostGraph, OriginDemand, SolveError};
use super::shortest::{NONE, Tree};

/// How the old graph's nodes and links are numbered in the new one; none where they are gone.
#[derive(Debug, Clone, Default)]
pub struct Renumbering {
    pub node: Vec<Option<u32>>,
    pub link: Vec<Option<u32>>,
}

impl Renumbering {
    /// Nothing but demand or costs changed.
    #[must_use]
    pub fn same(graph: &CostGraph) -> Self {
        let all = |n: usize| (0..n as u32).map(Some).collect();
        Self { node: all(graph.nodes), link: all(graph.links()) }
    }
}

/// Cheapest ways of the old graph as far as they are still there in the new one, for [`Tree::regrow`] to begin at: nodes
/// behind a link that is gone have none.
#[must_use]
pub fn carried(old: &Tree, graph: &CostGraph, to: &Renumbering) -> Tree {
    let mut tree = Tree::default();
    tree.label.resize(graph.nodes, f64::INFINITY);
    tree.by.resize(graph.nodes, NONE);
    for (node, by) in to.node.iter().zip(&old.by) {
        let link = to.link.get(*by as usize).copied().flatten();
        if let (Some(node), Some(link)) = (*node, link.filter(|l| Some(graph.to[*l as usize]) == *node)) {
            tree.by[node as usize] = link;
        }
    }
    tree
}

/// Bushes for the new demand on the new graph: old ones where their links are still there, new cheapest ways, at the
/// costs that the old volumes made, where not. `old` need not have the origins of `demand`.
///
/// # Errors
/// [`SolveError::Unreachable`].
pub fn adapt(
    graph: &CostGraph,
    demand: &[OriginDemand],
    old: &[Bush],
    renumbering: &Renumbering,
    old_volume: &[f64],
) -> Result<Vec<Bush>, SolveError> {
    let mut volume = vec![0.0; graph.links()];
    for (new, old) in renumbering.link.iter().zip(old_volume) {
        if let Some(new) = new {
            volume[*new as usize] = *old;
        }
    }
    let shared: Vec<f64> = graph.cost.iter().zip(&volume).map(|(c, v)| c.cost(*v)).collect();
    let costs = class_costs(graph, &shared);
    let mut by_origin: Vec<(u32, u32, &Bush)> = old
        .iter()
        .filter_map(|b| renumbering.node.get(b.origin as usize).copied().flatten().map(|n| (n, b.class, b)))
        .collect();
    by_origin.sort_by_key(|b| (b.0, b.1));
    demand
        .par_iter()
        .map_init(Scratch::default, |s, d| {
            let known = by_origin.binary_search_by_key(&(d.node, d.class), |b| (b.0, b.1)).ok();
            let cost = &costs[d.class as usize];
            let bush = match known {
                Some(i) => by_origin[i].2.carried(graph, cost, d, renumbering, s),
                None => Bush::plant(graph, cost, d, s),
            };
            check(&bush, d)?;
            Ok(bush)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::KeyedRng;
    use crate::sim::traffic::assign::link_cost::LinkCost;

    /// Fifty times a tenth of the links of a random graph are taken out, others and a node come in, and costs change.
    #[test]
    fn ways_that_are_carried_over_grow_into_the_cheapest_ones() {
        let rng = KeyedRng::new(5, 1);
        let (nodes, links) = (150_u32, 450_u64);
        let end = |l: u64, k: u64| (rng.unit(l, k) * f64::from(nodes)) as u32;
        let graph = |closed: Vec<bool>, ends: &[(u32, u32)]| {
            let (from, to) = ends.iter().copied().unzip();
            let curves = vec![LinkCost::bpr(1.0, 0.0, 0.0, 1.0); ends.len()];
            CostGraph::new(closed.len(), from, to, curves, closed)
        };
        let ends: Vec<(u32, u32)> = (0..links).map(|l| (end(l, 0), end(l, 1))).collect();
        let closed = |n: u32| n.is_multiple_of(11);
        let old = graph((0..nodes).map(closed).collect(), &ends);
        let mut lost = 0;
        for time in 0..50 {
            let price = |l: u64, k: u64| (rng.unit(l, 100 + time * 2 + k) * 20.0).floor();
            let mut before = Tree::default();
            before.grow(&old, &(0..links).map(|l| price(l, 0)).collect::<Vec<_>>(), 7);
            // Nodes are numbered the other way round.
            let turned = |n: u32| nodes - n;
            let mut kept = Vec::new();
            let mut to = Renumbering { node: (0..nodes).map(|n| Some(turned(n))).collect(), link: Vec::new() };
            for (l, (a, b)) in (0..).zip(&ends) {
                let stays = rng.unit(l, 300 + time) > 0.1;
                to.link.push(stays.then_some(kept.len() as u32));
                if stays {
                    kept.push((turned(*a), turned(*b)));
                }
            }
            kept.extend((0..40).map(|l| (turned(end(l, 400 + time)), turned(end(l, 500 + time)))));
            kept.push((turned(7), 0));
            let new = graph((0..=nodes).map(|n| n > 0 && closed(turned(n))).collect(), &kept);
            let cost: Vec<f64> = (0..kept.len() as u64).map(|l| price(l, 1)).collect();
            let mut warm = carried(&before, &new, &to);
            lost += before.by.iter().filter(|b| **b != NONE).count() - warm.by.iter().filter(|b| **b != NONE).count();
            warm.regrow(&new, &cost, turned(7));
            let mut cold = Tree::default();
            cold.grow(&new, &cost, turned(7));
            assert_eq!(warm.label, cold.label);
            for (node, by) in (0..).zip(&warm.by).filter(|n| *n.1 != NONE) {
                let (from, to) = (new.from[*by as usize], new.to[*by as usize]);
                assert!(to == node && warm.label[node as usize] == warm.label[from as usize] + cost[*by as usize]);
                assert!(warm.label[node as usize] < f64::INFINITY);
            }
        }
        assert!(lost > 100, "{lost}");
    }
}
