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

    /// The same when other costs held before, or where some of the ways are gone (see [`super::warm::carried`]): most ways
    /// stay as they are. The order is not kept.
    pub fn regrow(&mut self, graph: &CostGraph, cost: &[f64], origin: u32) {
        if self.by.len() != graph.nodes {
            self.grow(graph, cost, origin);
            return;
        }
        self.follow(graph, cost, origin);
        let closed = |node: u32| graph.closed[node as usize] && node != origin;
        let leave = |node: u32, label: &mut [f64], by: &mut [u32], heap: &mut BinaryHeap<Reverse<(u64, u32)>>| {
            let so_far = label[node as usize];
            for &link in graph.out.of(node) {
                let to = graph.to[link as usize] as usize;
                let through = so_far + cost[link as usize];
                if through < label[to] {
                    label[to] = through;
                    by[to] = link;
                    heap.push(Reverse((through.to_bits(), to as u32)));
                }
            }
        };
        self.heap.clear();
        for node in 0..graph.nodes as u32 {
            if self.label[node as usize] < f64::INFINITY && !closed(node) {
                leave(node, &mut self.label, &mut self.by, &mut self.heap);
            }
        }
        while let Some(Reverse((bits, node))) = self.heap.pop() {
            if bits <= self.label[node as usize].to_bits() && !closed(node) {
                leave(node, &mut self.label, &mut self.by, &mut self.heap);
            }
        }
    }

    /// Every link on the ways to some nodes, once.
    pub fn links_to(&mut self, graph: &CostGraph, nodes: impl Iterator<Item = u32>, mut tell: impl FnMut(u32)) {
        self.settled.clear();
        self.settled.resize(graph.nodes, false);
        for mut node in nodes {
            while !std::mem::replace(&mut self.settled[node as usize], true) && self.by[node as usize] != NONE {
                let link = self.by[node as usize];
                tell(link);
                node = graph.from[link as usize];
            }
        }
    }

    /// What the ways that are known cost now.
    fn follow(&mut self, graph: &CostGraph, cost: &[f64], origin: u32) {
        let known = &mut self.settled;
        known.clear();
        known.resize(graph.nodes, false);
        known[origin as usize] = true;
        self.label[origin as usize] = 0.0;
        let chain = &mut self.order;
        for node in 0..graph.nodes as u32 {
            chain.clear();
            let mut at = node;
            while !std::mem::replace(&mut known[at as usize], true) {
                let by = self.by[at as usize];
                if by == NONE {
                    break;
                }
                chain.push(at);
                at = graph.from[by as usize];
            }
            while let Some(at) = chain.pop() {
                let by = self.by[at as usize] as usize;
                self.label[at as usize] = self.label[graph.from[by] as usize] + cost[by];
                if self.label[at as usize] == f64::INFINITY {
                    // A way that is broken before here.
                    self.by[at as usize] = NONE;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::KeyedRng;
    use crate::sim::traffic::assign::link_cost::LinkCost;

    /// A hundred times other costs on a random graph with ends that cannot be passed and nodes that cannot be reached.
    #[test]
    fn ways_at_other_costs_are_those_of_a_search_from_nothing() {
        let (nodes, links) = (200, 600);
        let rng = KeyedRng::new(3, 1);
        let end = |l: u64, k: u64| (rng.unit(l, k) * f64::from(nodes)) as u32;
        let (from, to) = (0..links).map(|l| (end(l, 0), end(l, 1))).unzip();
        let curves = vec![LinkCost::bpr(1.0, 0.0, 0.0, 1.0); links as usize];
        let graph = CostGraph::new(nodes as usize, from, to, curves, (0..nodes).map(|n| n % 9 == 0).collect());
        let (mut kept, mut anew) = (Tree::default(), Tree::default());
        for time in 0..100 {
            // Costs of nothing are among them.
            let cost: Vec<f64> = (0..links).map(|l| (rng.unit(l, 10 + time) * 20.0).floor()).collect();
            kept.regrow(&graph, &cost, 9);
            anew.grow(&graph, &cost, 9);
            assert_eq!(kept.label, anew.label);
            for (node, by) in (0..).zip(&kept.by).filter(|n| *n.1 != NONE) {
                let (from, to) = (graph.from[*by as usize], graph.to[*by as usize]);
                assert!(to == node && kept.label[node as usize] == kept.label[from as usize] + cost[*by as usize]);
            }
        }
        assert!(anew.label.iter().any(|l| l.is_infinite()) && anew.order.len() > 50);
    }
}
