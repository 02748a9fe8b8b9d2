//! The links that matter: most streets of a town are on nobody's cheapest way. Bushes are kept within the links that
//! some trip may want; whether another link has become worth taking is asked of the whole graph now and then.

use super::bush::Bush;
use super::problem::{CostGraph, OriginDemand};
use super::shortest::{NONE, Tree};

/// Where more than this share of the links matters, it is not worth leaving the rest out.
const MOST: f64 = 0.5;

/// Some links of a graph, as a graph with all its nodes.
#[derive(Debug, Clone, Default)]
pub(super) struct Core {
    pub(super) graph: CostGraph,
    /// In the whole graph, of each link here.
    whole: Vec<u32>,
    /// Here, of each link of the whole graph; [`NONE`] outside.
    number: Vec<u32>,
}

impl Core {
    /// The links that lead some bush to a destination; none when those are most of the graph.
    pub(super) fn of(graph: &CostGraph, bushes: &[Bush]) -> Option<Self> {
        let mut wanted = vec![false; graph.links()];
        for bush in bushes {
            bush.live_links(|l| wanted[l as usize] = true);
        }
        let links: Vec<u32> = (0..graph.links() as u32).filter(|l| wanted[*l as usize]).collect();
        if links.len() as f64 > MOST * graph.links() as f64 {
            return None;
        }
        let empty = CostGraph { nodes: graph.nodes, closed: graph.closed.clone(), ..CostGraph::default() };
        let mut core = Self { graph: empty, whole: Vec::new(), number: vec![NONE; graph.links()] };
        core.graph.extra = vec![Vec::new(); graph.extra.len()];
        core.take(graph, &links);
        Some(core)
    }

    /// Takes in more links of the whole graph, none of which is here yet. Those that are here keep their numbers.
    pub(super) fn take(&mut self, graph: &CostGraph, links: &[u32]) {
        for &l in links {
            let i = l as usize;
            self.number[i] = self.whole.len() as u32;
            self.whole.push(l);
            self.graph.from.push(graph.from[i]);
            self.graph.to.push(graph.to[i]);
            self.graph.cost.push(graph.cost[i]);
            for (here, there) in self.graph.extra.iter_mut().zip(&graph.extra) {
                here.extend(there.get(i));
            }
        }
        self.graph.group();
    }

    pub(super) fn has(&self, link: u32) -> bool {
        self.number[link as usize] != NONE
    }

    /// Links here of a bush of the whole graph, cut down to what leads to its destinations.
    pub(super) fn enter(&self, bush: &Bush) -> Bush {
        let mut within = bush.pruned();
        within.renumber_links(&self.number);
        within
    }

    /// The other way round.
    pub(super) fn leave(&self, bush: &Bush) -> Bush {
        let mut without = bush.pruned();
        without.renumber_links(&self.whole);
        without
    }

    /// Values of the links here put into those of all links.
    pub(super) fn spread(&self, here: &[f64], all: &mut [f64]) {
        for (l, value) in self.whole.iter().zip(here) {
            all[*l as usize] = *value;
        }
    }

    /// What an origin's trips would cost on the cheapest ways of the whole graph, and those links of theirs that are
    /// not here.
    pub(super) fn missing(&self, graph: &CostGraph, demand: &OriginDemand, tree: &mut Tree) -> (f64, Vec<u32>) {
        let least = demand.to.iter().map(|t| t.1 * tree.label[t.0 as usize]).sum();
        let mut found = Vec::new();
        let nodes = demand.to.iter().map(|t| t.0);
        tree.links_to(graph, nodes, |l| {
            if !self.has(l) {
                found.push(l);
            }
        });
        (least, found)
    }
}
