//! An assignment problem: a graph of costs and the trips that want through.

use super::link_cost::LinkCost;
use crate::base::cancel::Cancelled;
use crate::sim::traffic::network::Star;

/// The graph as the solvers see it.
#[derive(Debug, Clone, Default)]
pub struct CostGraph {
    pub nodes: usize,
    pub from: Vec<u32>,
    pub to: Vec<u32>,
    pub cost: Vec<LinkCost>,
    /// What a class pays beside the cost that all share, one value a link; empty for a class that pays nothing more.
    pub extra: Vec<Vec<f64>>,
    /// Nodes that trips may begin and end at but not pass.
    pub closed: Vec<bool>,
    pub out: Star,
}

impl CostGraph {
    #[must_use]
    pub fn new(nodes: usize, from: Vec<u32>, to: Vec<u32>, cost: Vec<LinkCost>, closed: Vec<bool>) -> Self {
        let mut graph = Self { nodes, from, to, cost, extra: vec![Vec::new()], closed, out: Star::default() };
        graph.group();
        graph
    }

    /// Groups the links by where they begin.
    pub(super) fn group(&mut self) {
        self.out = Star::group(self.nodes, self.from.iter().copied());
    }

    #[must_use]
    pub fn links(&self) -> usize {
        self.from.len()
    }

    /// Costs of one class of vehicles from the costs that all share.
    #[must_use]
    pub fn costs_of(&self, class: usize, shared: &[f64]) -> Vec<f64> {
        match self.extra.get(class) {
            Some(extra) if !extra.is_empty() => shared.iter().zip(extra).map(|(c, e)| c + e).collect(),
            _ => shared.to_vec(),
        }
    }
}

/// Trips of one class from one node.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OriginDemand {
    pub node: u32,
    pub class: u32,
    /// (node, trips in PCU), each node once, ascending, never the origin itself.
    pub to: Vec<(u32, f64)>,
}

/// What goes wrong before a solver starts.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("no way from node {from} to node {to} for {trips} trips")]
pub struct Unreachable {
    pub from: u32,
    pub to: u32,
    pub trips: f64,
}

/// Why there is no equilibrium.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SolveError {
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}
