//! An earlier equilibrium as the start of the next: after an edit most ways stay as they are.

use rayon::prelude::*;

use super::bush::{Bush, Scratch};
use super::equilibrium::{check, class_costs};
use super::problem::{CostGraph, OriginDemand, SolveError};

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
