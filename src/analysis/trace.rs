//! Following a network of pipes or drains up or down its flow.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::geo::measure::length;
use crate::geo::shape::{ShapeKind, Shapes};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    Upstream,
    Downstream,
    /// Everything that is joined, whichever way it flows: a loop of water mains.
    Both,
}

/// Where a trace came.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// Rows in the order in which they were reached; the one that was asked for first.
    pub rows: Vec<usize>,
    pub length_m: f64,
    /// Blocked places where it stopped.
    pub stopped_at: Vec<[f64; 2]>,
}

/// Lines joined where their ends meet; a line flows from its first point to its last.
#[derive(Debug, Clone)]
pub struct Network {
    /// Nodes of each row's ends, `None` for rows that are no line.
    ends: Vec<Option<[usize; 2]>>,
    places: Vec<[f64; 2]>,
    at_node: Vec<Vec<usize>>,
    lengths: Vec<f64>,
    cell: f64,
    nodes: BTreeMap<(i64, i64), Vec<usize>>,
}

impl Network {
    /// Ends within `tolerance_m` of each other are one node.
    #[must_use]
    pub fn build(shapes: &Shapes, tolerance_m: f64) -> Self {
        let cell = tolerance_m.max(1e-6);
        let mut network = Self {
            ends: Vec::with_capacity(shapes.len()),
            places: Vec::new(),
            at_node: Vec::new(),
            lengths: Vec::with_capacity(shapes.len()),
            cell,
            nodes: BTreeMap::new(),
        };
        for (row, shape) in shapes.iter().enumerate() {
            let ends = match (shape.kind(), shape.points()) {
                (ShapeKind::Line, [first, .., last]) if first.iter().chain(last).all(|v| v.is_finite()) => {
                    Some([network.node(*first), network.node(*last)])
                }
                _ => None,
            };
            for node in ends.into_iter().flatten() {
                network.at_node[node].push(row);
            }
            network.ends.push(ends);
            network.lengths.push(shape.rings().map(|r| length(r.points())).sum());
        }
        network
    }

    fn node(&mut self, at: [f64; 2]) -> usize {
        if let Some(node) = self.find(at) {
            return node;
        }
        let node = self.places.len();
        self.places.push(at);
        self.at_node.push(Vec::new());
        self.nodes.entry(self.key(at)).or_default().push(node);
        node
    }

    fn key(&self, at: [f64; 2]) -> (i64, i64) {
        ((at[0] / self.cell).floor() as i64, (at[1] / self.cell).floor() as i64)
    }

    /// The first node within the tolerance.
    fn find(&self, at: [f64; 2]) -> Option<usize> {
        let (x, y) = self.key(at);
        (-1..=1)
            .flat_map(|dx| (-1..=1).map(move |dy| (x.saturating_add(dx), y.saturating_add(dy))))
            .filter_map(|key| self.nodes.get(&key))
            .flatten()
            .copied()
            .filter(|&node| crate::geo::measure::distance(self.places[node], at) <= self.cell)
            .min()
    }

    /// All lines that `start` reaches without passing a blocked place: a closed valve at the end of a line.
    #[must_use]
    pub fn trace(&self, start: usize, direction: Direction, blocked: &[[f64; 2]]) -> Trace {
        let mut found = Trace::default();
        let Some(Some(_)) = self.ends.get(start) else { return found };
        let blocked: BTreeSet<usize> = blocked.iter().filter_map(|at| self.find(*at)).collect();
        let mut seen = BTreeSet::from([start]);
        let mut queue = VecDeque::from([start]);
        let mut stopped = BTreeSet::new();
        while let Some(row) = queue.pop_front() {
            found.rows.push(row);
            found.length_m += self.lengths[row];
            let Some([from, to]) = self.ends[row] else { continue };
            let onwards: &[usize] = match direction {
                Direction::Upstream => &[from],
                Direction::Downstream => &[to],
                Direction::Both => &[from, to],
            };
            for &node in onwards {
                if blocked.contains(&node) {
                    stopped.insert(node);
                    continue;
                }
                for &next in &self.at_node[node] {
                    let joins = self.ends[next].is_some_and(|[next_from, next_to]| match direction {
                        Direction::Upstream => next_to == node,
                        Direction::Downstream => next_from == node,
                        Direction::Both => true,
                    });
                    if joins && seen.insert(next) {
                        queue.push_back(next);
                    }
                }
            }
        }
        found.stopped_at = stopped.into_iter().map(|node| self.places[node]).collect();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two drains join into a third, which flows into a fourth.
    fn drains() -> Shapes {
        let mut shapes = Shapes::new();
        shapes.push_line(&[[0.0, 0.0], [10.0, 0.0]]);
        shapes.push_line(&[[10.0, 10.0], [10.005, 0.0]]);
        shapes.push_line(&[[10.0, 0.0], [20.0, 0.0]]);
        shapes.push_line(&[[20.0, 0.0], [30.0, 0.0]]);
        shapes.push_point([20.0, 0.0]);
        shapes
    }

    #[test]
    fn flow_is_followed_both_ways() {
        let network = Network::build(&drains(), 0.01);
        assert_eq!(network.trace(0, Direction::Downstream, &[]).rows, [0, 2, 3]);
        assert_eq!(network.trace(3, Direction::Upstream, &[]).rows, [3, 2, 0, 1]);
        assert_eq!(network.trace(1, Direction::Both, &[]).rows, [1, 0, 2, 3]);
        assert_eq!(network.trace(0, Direction::Downstream, &[]).length_m, 30.0);
        assert_eq!(network.trace(4, Direction::Both, &[]), Trace::default());
        assert_eq!(network.trace(99, Direction::Both, &[]), Trace::default());
    }

    #[test]
    fn a_closed_valve_stops_it() {
        let network = Network::build(&drains(), 0.01);
        let trace = network.trace(0, Direction::Downstream, &[[20.0, 0.0]]);
        assert_eq!((trace.rows, trace.stopped_at), (vec![0, 2], vec![[20.0, 0.0]]));
    }
}
