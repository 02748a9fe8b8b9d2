//! Cheapest ways from one node to all (Dijkstra 1959).

use std::cmp::Reverse;
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
    /// (label, node): the bits of numbers that are never negative sort as the numbers do, and compare faster; equals by
    /// number, for the same answer always.
    heap: BinaryHeap<Reverse<(u64, u32)>>,
    settled: Vec<bool>,
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
        self.heap.push(Reverse((0, origin)));
        while let Some(Reverse((bits, node))) = self.heap.pop() {
            let label = f64::from_bits(bits);
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
                    self.heap.push(Reverse((through.to_bits(), to as u32)));
                }
            }
        }
    }
}
