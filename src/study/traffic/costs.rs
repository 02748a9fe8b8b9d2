//! What going from zone to zone takes: by the cheapest ways over the roads, and by rail.

use rayon::prelude::*;

use super::case::TrafficCase;
use super::plan::RoadEdit;
use crate::geo::measure::{distance, distance_to_chain, length};
use crate::sim::traffic::assign::shortest::{NONE, Tree};
use crate::sim::traffic::demand::day::Costs;
use crate::sim::traffic::demand::gravity::Matrix;

/// A trip within its zone, minutes and kilometres.
const WITHIN: (f64, f64) = (3.0, 0.6);

impl TrafficCase {
    /// Minutes and kilometres between all zones at these link costs.
    #[must_use]
    pub fn costs(&self, link_cost: &[f64]) -> Costs {
        self.costs_by(&self.trees(link_cost))
    }

    /// The cheapest ways from all zones at these link costs.
    pub(super) fn trees(&self, link_cost: &[f64]) -> Vec<Tree> {
        self.trees_from(vec![Tree::default(); self.zones.len()], link_cost)
    }

    /// The same, begun at ways of this graph that were cheapest at other costs.
    pub(super) fn trees_from(&self, mut trees: Vec<Tree>, link_cost: &[f64]) -> Vec<Tree> {
        let first = self.network.nodes.len();
        let again = |(zone, tree): (usize, &mut Tree)| tree.regrow(&self.graph, link_cost, (first + zone) as u32);
        trees.par_iter_mut().enumerate().for_each(again);
        trees
    }

    /// As [`Self::costs`], by the ways from [`Self::trees`].
    pub(super) fn costs_by(&self, trees: &[Tree]) -> Costs {
        let n = self.zones.len();
        let nodes = self.network.nodes.len();
        let metres = |l: u32| self.network.links.get(l as usize).map_or(0.0, |link| link.length_m);
        let rows: Vec<(Vec<f64>, Vec<f64>)> = trees
            .par_iter()
            .enumerate()
            .map(|(i, tree)| {
                let mut chain = Vec::new();
                // Negative: not known yet.
                let mut far: Vec<f64> = vec![-1.0; self.graph.nodes];
                far[nodes + i] = 0.0;
                for zone in nodes..nodes + n {
                    let mut at = zone;
                    while far[at] < 0.0 && tree.by[at] != NONE {
                        chain.push(at);
                        at = self.graph.from[tree.by[at] as usize] as usize;
                    }
                    while let Some(node) = chain.pop() {
                        let by = tree.by[node];
                        far[node] = far[self.graph.from[by as usize] as usize].max(0.0) + metres(by);
                    }
                }
                let minutes = |j: usize| if i == j { WITHIN.0 } else { tree.label[nodes + j] / 60.0 };
                let km = |j: usize| if i == j { WITHIN.1 } else { far[nodes + j].max(0.0) / 1000.0 };
                ((0..n).map(minutes).collect(), (0..n).map(km).collect())
            })
            .collect();
        let mut costs = Costs { road_min: Matrix::filled(n, 0.0), km: Matrix::filled(n, 0.0), ..Costs::default() };
        for (i, (minutes, km)) in rows.into_iter().enumerate() {
            costs.road_min.cells[i * n..(i + 1) * n].copy_from_slice(&minutes);
            costs.km.cells[i * n..(i + 1) * n].copy_from_slice(&km);
        }
        self.add_rails(&mut costs);
        costs
    }

    /// Minutes by railway between zones near its line: to the line, along it, and from it.
    fn add_rails(&self, costs: &mut Costs) {
        let n = self.zones.len();
        for rail in &self.rails {
            let RoadEdit::Rail { line, speed_kmh, headway_min, reach_m, .. } = rail else { continue };
            let near: Vec<(f64, f64)> =
                self.zones.iter().map(|z| (distance_to_chain(z.at, line), place_along(z.at, line))).collect();
            let mut minutes = Matrix::filled(n, f64::INFINITY);
            for i in 0..n {
                for j in 0..n {
                    let ((to, a), (from, b)) = (near[i], near[j]);
                    let ride = (a - b).abs();
                    if to <= *reach_m && from <= *reach_m && ride > 500.0 {
                        // To the stop at 12 km/h: some walk, some ride.
                        let access = (to + from) / 1000.0 / 12.0 * 60.0;
                        minutes.cells[i * n + j] = access + ride / 1000.0 / speed_kmh * 60.0;
                    }
                }
            }
            costs.rail_wait_min = headway_min / 2.0;
            costs.rail_min = Some(minutes);
        }
    }
}

/// How far along a line its nearest point to a place is.
fn place_along(at: [f64; 2], line: &[[f64; 2]]) -> f64 {
    let mut best = (f64::INFINITY, 0.0);
    let mut before = 0.0;
    for w in line.windows(2) {
        let [dx, dy] = [w[1][0] - w[0][0], w[1][1] - w[0][1]];
        let t = (((at[0] - w[0][0]) * dx + (at[1] - w[0][1]) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
        let d = distance(at, [t.mul_add(dx, w[0][0]), t.mul_add(dy, w[0][1])]);
        if d < best.0 {
            best = (d, t.mul_add(length(w), before));
        }
        before += length(w);
    }
    best.1
}
