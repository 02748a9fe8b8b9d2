//! What an equilibrium's bushes tell: who uses a link, and what going from here to there takes.

use super::bush::Bush;
use super::problem::OriginDemand;
use super::shortest::NONE;

/// Trips between two nodes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Between {
    pub from: u32,
    pub to: u32,
    pub class: u32,
    pub value: f64,
}

/// Trips that use a link, by where they come from and go to. Where ways of equal cost share trips, each pair's trips
/// are taken to share in the same proportions at every junction (Bar-Gera 2010, "Traffic assignment by paired
/// alternative segments", section 2.3, holds this most likely).
#[must_use]
pub fn select_link(bushes: &[Bush], demand: &[OriginDemand], link: u32) -> Vec<Between> {
    let mut found = Vec::new();
    for (bush, demand) in bushes.iter().zip(demand) {
        if bush.flow_on(link) <= 0.0 {
            continue;
        }
        let share = mean_over(bush, |l, before| if l == link { 1.0 } else { before });
        collect(bush, demand, &mut found, |p, trips| trips * share[p]);
    }
    found.retain(|b| b.value > 0.0);
    found
}

/// Mean of a sum along the used ways from each origin to its destinations: times, lengths, tolls.
#[must_use]
pub fn skim(bushes: &[Bush], demand: &[OriginDemand], per_link: &[f64]) -> Vec<Between> {
    let mut found = Vec::new();
    for (bush, demand) in bushes.iter().zip(demand) {
        let sums = mean_over(bush, |l, before| before + per_link[l as usize]);
        collect(bush, demand, &mut found, |p, _| sums[p]);
    }
    found
}

/// A value at every position: `next` of the link and the value before it, averaged by the flows.
fn mean_over(bush: &Bush, next: impl Fn(u32, f64) -> f64) -> Vec<f64> {
    let mut value = vec![0.0; bush.node.len()];
    for p in 1..bush.node.len() {
        let range = bush.start[p] as usize..bush.start[p + 1] as usize;
        let flow: f64 = bush.flow[range.clone()].iter().sum();
        let count = range.len() as f64;
        value[p] = range
            .map(|e| {
                let weight = if flow > 0.0 { bush.flow[e] / flow } else { 1.0 / count };
                weight * next(bush.link[e], value[bush.tail[e] as usize])
            })
            .sum();
    }
    value
}

fn collect(bush: &Bush, demand: &OriginDemand, found: &mut Vec<Between>, value: impl Fn(usize, f64) -> f64) {
    let mut at: Vec<(u32, usize)> = bush.node.iter().enumerate().map(|(p, n)| (*n, p)).collect();
    at.sort_unstable();
    for &(to, trips) in &demand.to {
        if let Ok(i) = at.binary_search_by_key(&to, |a| a.0) {
            found.push(Between { from: bush.origin, to, class: bush.class, value: value(at[i].1, trips) });
        }
    }
}

/// Volumes of other trips on the same ways: `trips(o, node)` of origin number `o` take the shares that its bush has.
#[must_use]
pub fn load_alike(bushes: &[Bush], links: usize, trips: impl Fn(usize, u32) -> f64) -> Vec<f64> {
    let mut volume = vec![0.0; links];
    for (o, bush) in bushes.iter().enumerate() {
        let mut need: Vec<f64> = bush.node.iter().map(|n| trips(o, *n)).collect();
        for p in (1..bush.node.len()).rev() {
            let want = need[p];
            if want <= 0.0 {
                continue;
            }
            let range = bush.start[p] as usize..bush.start[p + 1] as usize;
            let flow: f64 = bush.flow[range.clone()].iter().sum();
            let first = range.start;
            for e in range {
                let share = if flow > 0.0 { bush.flow[e] / flow } else { f64::from(u8::from(e == first)) };
                volume[bush.link[e] as usize] += want * share;
                need[bush.tail[e] as usize] += want * share;
            }
        }
    }
    volume
}

/// No junction has so many links that lead into it.
const MOST_WAYS_IN: usize = 16;

/// Draws ways out of a bush: each junction sends as many each way as the equilibrium does.
#[derive(Debug)]
pub struct WayDrawer<'a> {
    bush: &'a Bush,
    /// Of each node in the bush; [`NONE`] outside.
    position: Vec<u32>,
    /// The cheapest way's last link into each position, for where nobody goes in the equilibrium.
    cheapest: Vec<u32>,
}

impl<'a> WayDrawer<'a> {
    #[must_use]
    pub fn new(bush: &'a Bush, nodes: usize, cost: &[f64]) -> Self {
        let mut position = vec![NONE; nodes];
        for (p, node) in (0..).zip(&bush.node) {
            position[*node as usize] = p;
        }
        let mut least = vec![0.0; bush.node.len()];
        let mut cheapest = vec![NONE; bush.node.len()];
        for p in 1..bush.node.len() {
            least[p] = f64::INFINITY;
            for e in bush.start[p]..bush.start[p + 1] {
                let through = least[bush.tail[e as usize] as usize] + cost[bush.link[e as usize] as usize];
                if through < least[p] {
                    (least[p], cheapest[p]) = (through, e);
                }
            }
        }
        Self { bush, position, cheapest }
    }

    /// Links of a way to a node, from its end to its beginning; `unit` gives a number of 0 to 1 for each junction on the
    /// way, which it gets as the graph's node: its place in the bush shifts with every road that is built anywhere. False
    /// when the node cannot be reached, or nobody wants there: bushes lead to destinations alone.
    pub fn draw(&self, to: u32, mut unit: impl FnMut(u32) -> f64, backwards: &mut Vec<u32>) -> bool {
        backwards.clear();
        let mut p = self.position[to as usize];
        if p == NONE {
            return false;
        }
        while p != 0 {
            let chosen = self.choose(p as usize, &mut unit);
            if chosen == NONE {
                return false;
            }
            backwards.push(self.bush.link[chosen as usize]);
            p = self.bush.tail[chosen as usize];
        }
        true
    }

    /// One of the ways into a position, by what they carry.
    fn choose(&self, p: usize, unit: &mut impl FnMut(u32) -> f64) -> u32 {
        let range = self.bush.start[p]..self.bush.start[p + 1];
        let flow = |e: u32| self.bush.flow[e as usize];
        let all: f64 = range.clone().map(flow).sum();
        if all <= 0.0 || range.len() < 2 {
            return self.cheapest[p];
        }
        // By the links' order and not by the bush's, for the same reason.
        let (mut used, mut n) = ([0_u32; MOST_WAYS_IN], 0);
        for e in range.filter(|e| flow(*e) > 0.0).take(MOST_WAYS_IN) {
            used[n] = e;
            n += 1;
        }
        used[..n].sort_unstable_by_key(|e| self.bush.link[*e as usize]);
        let mut left = unit(self.bush.node[p]) * all;
        let found = used[..n].iter().find(|e| {
            left -= flow(**e);
            left <= 0.0
        });
        found.copied().unwrap_or(self.cheapest[p])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::cancel::CancelToken;
    use crate::base::rng::KeyedRng;
    use crate::sim::traffic::assign::equilibrium::{Stop, solve};
    use crate::sim::traffic::assign::link_cost::LinkCost;
    use crate::sim::traffic::assign::problem::CostGraph;

    /// Two roads from 0 to 1 that an equilibrium shares three to one, and a node behind them that nobody goes to.
    #[test]
    fn ways_are_drawn_as_the_equilibrium_shares_them() {
        let road = |capacity: f64| LinkCost::bpr(10.0, 1.0, 1.0, capacity);
        let cost = vec![road(30.0), road(10.0), LinkCost::bpr(1.0, 0.0, 0.0, 1.0)];
        let graph = CostGraph::new(3, vec![0, 0, 1], vec![1, 1, 2], cost, vec![false; 3]);
        let demand = [OriginDemand { node: 0, class: 0, to: vec![(1, 40.0)] }];
        let found = solve(&graph, &demand, Stop::default(), Vec::new(), &CancelToken::new()).unwrap();
        let drawer = WayDrawer::new(&found.bushes[0], graph.nodes, &found.cost);
        let rng = KeyedRng::new(1, 1);
        let mut way = Vec::new();
        let mut wide = 0;
        for trip in 0..4000 {
            assert!(drawer.draw(1, |p| rng.unit(trip, u64::from(p)), &mut way));
            wide += u32::from(way == [0]);
        }
        assert!((2900..3100).contains(&wide), "{wide}");
        assert!(!drawer.draw(2, |p| rng.unit(1, u64::from(p)), &mut way) && way.is_empty());
    }

    /// A road that is built elsewhere, nearer to the origin, shifts the junction's place in the bush.
    #[test]
    fn a_road_elsewhere_leaves_ways_as_they_were() {
        let road = |capacity: f64| LinkCost::bpr(10.0, 1.0, 1.0, capacity);
        let near = LinkCost::bpr(1.0, 0.0, 0.0, 1.0);
        let ways = |from: Vec<u32>, to: Vec<u32>, cost: Vec<LinkCost>, wishes: Vec<(u32, f64)>| {
            let graph = CostGraph::new(4, from, to, cost, vec![false; 4]);
            let demand = [OriginDemand { node: 0, class: 0, to: wishes }];
            let found = solve(&graph, &demand, Stop::default(), Vec::new(), &CancelToken::new()).unwrap();
            let drawer = WayDrawer::new(&found.bushes[0], graph.nodes, &found.cost);
            let (rng, mut way) = (KeyedRng::new(1, 1), Vec::new());
            let mut go = |trip| {
                assert!(drawer.draw(1, |node| rng.unit(trip, u64::from(node)), &mut way));
                way.clone()
            };
            (0..500).map(&mut go).collect::<Vec<_>>()
        };
        let before = ways(vec![0, 0], vec![1, 1], vec![road(30.0), road(10.0)], vec![(1, 40.0)]);
        let cost = vec![road(30.0), road(10.0), near, near];
        let after = ways(vec![0, 0, 0, 2], vec![1, 1, 2, 3], cost, vec![(1, 40.0), (2, 5.0), (3, 5.0)]);
        let same = before.iter().zip(&after).filter(|(a, b)| a == b).count();
        assert!(same >= 498, "{same} of 500 trips drive as before");
    }
}
