//! Cheapest ways from one node to all (Dijkstra 1959).

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::problem::CostGraph;

/// No link leads here.
pub const NONE: u32 = u32::MAX;

/// Cheapest ways from an origin; unreachable nodes cost infinity.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    pub label: Vec<f64>,
    /// The last link of the way to each node.
    pub by: Vec<u32>,
    /// Nodes that can be reached, nearest first: every way goes forward in it.
    pub order: Vec<u32>,
    heap: BinaryHeap<Entry>,
    settled: Vec<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Entry {
    label: f64,
    node: u32,
}

impl Eq for Entry {}

impl Ord for Entry {
    // The heap gives the greatest first: the nearest node must be it; equals by number, for the same answer always.
    fn cmp(&self, other: &Self) -> Ordering {
        other.label.total_cmp(&self.label).then(other.node.cmp(&self.node))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Tree {
    /// Finds the ways from `origin` at these link costs (none negative; infinite closes a link).
    pub fn grow(&mut self, graph: &CostGraph, cost: &[f64], origin: u32) {
        self.label.clear();
        self.label.resize(graph.nodes, f64::INFINITY);
        self.by.clear();
        self.by.resize(graph.nodes, NONE);
        self.settled.clear();
        self.settled.resize(graph.nodes, false);
        self.order.clear();
        self.heap.clear();
        self.label[origin as usize] = 0.0;
        self.heap.push(Entry { label: 0.0, node: origin });
        while let Some(Entry { label, node }) = self.heap.pop() {
            if std::mem::replace(&mut self.settled[node as usize], true) {
                continue;
            }
            self.order.push(node);
            if graph.closed[node as usize] && node != origin {
                continue;
            }
            for &link in graph.out.of(node) {
                let to = graph.to[link as usize] as usize;
                let through = label + cost[link as usize];
                if through < self.label[to] {
                    self.label[to] = through;
                    self.by[to] = link;
                    self.heap.push(Entry { label: through, node: to as u32 });
                }
            }
        }
    }
}
