//! What is odd about a graph, each thing with its place: parts that hang together with nothing else, dead ends, one-way
//! links that lead in but not out.

use super::network::Network;

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub enum Oddity {
    /// A part of the network that cannot be driven to from the largest part and back.
    Disconnected,
    DeadEnd,
    /// All links lead to the node, none away, or the other way round: one is drawn the wrong way.
    WrongWay,
}

#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Finding {
    pub oddity: Oddity,
    pub at: [f64; 2],
    /// Feature of a link there.
    pub feature: u64,
    /// Nodes of a part; 1 otherwise.
    pub nodes: usize,
}

/// Part of every node: those with the same number can be driven between, both ways. 0 is the largest part.
#[must_use]
pub fn parts(network: &Network) -> Vec<u32> {
    let n = network.nodes.len();
    let (out, into) = (network.outgoing(), network.incoming());
    // Kosaraju (Sharir 1981): the order of leaving on the graph, then gathering against the links in its reverse.
    let mut order = Vec::with_capacity(n);
    let mut seen = vec![false; n];
    for root in 0..n as u32 {
        if std::mem::replace(&mut seen[root as usize], true) {
            continue;
        }
        let mut stack = vec![(root, 0)];
        while let Some((node, next)) = stack.pop() {
            if let Some(&link) = out.of(node).get(next) {
                stack.push((node, next + 1));
                let to = network.links[link as usize].to;
                if !std::mem::replace(&mut seen[to as usize], true) {
                    stack.push((to, 0));
                }
            } else {
                order.push(node);
            }
        }
    }
    let mut part = vec![u32::MAX; n];
    let mut sizes: Vec<usize> = Vec::new();
    for &root in order.iter().rev() {
        if part[root as usize] != u32::MAX {
            continue;
        }
        let number = sizes.len() as u32;
        part[root as usize] = number;
        let (mut stack, mut size) = (vec![root], 0);
        while let Some(node) = stack.pop() {
            size += 1;
            for &link in into.of(node) {
                let from = network.links[link as usize].from;
                if part[from as usize] == u32::MAX {
                    part[from as usize] = number;
                    stack.push(from);
                }
            }
        }
        sizes.push(size);
    }
    let mut by_size: Vec<usize> = (0..sizes.len()).collect();
    by_size.sort_by_key(|p| (std::cmp::Reverse(sizes[*p]), *p));
    let mut rank = vec![0_u32; sizes.len()];
    for (r, p) in (0..).zip(&by_size) {
        rank[*p] = r;
    }
    part.iter().map(|p| rank[*p as usize]).collect()
}

/// In the order of the nodes; parts once, at their first node.
#[must_use]
pub fn audit(network: &Network) -> Vec<Finding> {
    let (out, into) = (network.outgoing(), network.incoming());
    let parts = parts(network);
    let mut size = vec![0_usize; parts.iter().max().map_or(0, |m| *m as usize + 1)];
    for p in &parts {
        size[*p as usize] += 1;
    }
    let mut told = vec![false; size.len()];
    let mut found = Vec::new();
    for (n, node) in network.nodes.iter().enumerate() {
        let (leaving, coming) = (out.of(n as u32), into.of(n as u32));
        let Some(link) = leaving.first().or(coming.first()) else { continue };
        let feature = network.links[*link as usize].feature;
        let mut tell = |oddity, nodes| found.push(Finding { oddity, at: node.at, feature, nodes });
        let mut neighbours: Vec<u32> = leaving.iter().map(|l| network.links[*l as usize].to).collect();
        neighbours.extend(coming.iter().map(|l| network.links[*l as usize].from));
        neighbours.sort_unstable();
        neighbours.dedup();
        if leaving.is_empty() || coming.is_empty() {
            tell(Oddity::WrongWay, 1);
        } else if neighbours.len() == 1 {
            tell(Oddity::DeadEnd, 1);
        }
        let part = parts[n] as usize;
        if part > 0 && !leaving.is_empty() && !coming.is_empty() && !std::mem::replace(&mut told[part], true) {
            tell(Oddity::Disconnected, size[part]);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::traffic::noding::{Direction, Noding, NodingOptions, RoadLine};
    use crate::sim::traffic::road_class::RoadClass;

    fn road(feature: u64, line: &[[f64; 2]], direction: Direction) -> RoadLine {
        RoadLine {
            feature,
            line: line.to_vec(),
            class: RoadClass::Street,
            name: String::new(),
            lanes: 1,
            speed_mps: 10.0,
            capacity_pcu_per_h: 900.0,
            direction,
            level: 0,
            roundabout: false,
            signals: Vec::new(),
        }
    }

    #[test]
    fn each_oddity_is_found_at_its_place() {
        let ring = [[0.0, 0.0], [100.0, 0.0], [100.0, 100.0], [0.0, 100.0], [0.0, 0.0]];
        let lines = vec![
            road(1, &ring, Direction::Both),
            road(2, &[[100.0, 0.0], [300.0, 0.0]], Direction::Both),
            road(3, &[[0.0, 100.0], [0.0, 400.0]], Direction::Forward),
            road(4, &[[900.0, 0.0], [999.0, 0.0]], Direction::Both),
        ];
        let network = Noding::of(lines, NodingOptions::default()).network();
        let found = audit(&network);
        let at = |oddity| found.iter().filter(|f| f.oddity == oddity).map(|f| (f.feature, f.at)).collect::<Vec<_>>();
        assert_eq!(at(Oddity::WrongWay), [(3, [0.0, 400.0])]);
        assert!(at(Oddity::DeadEnd).contains(&(2, [300.0, 0.0])));
        assert_eq!(at(Oddity::Disconnected).len(), 1);
        assert_eq!(at(Oddity::Disconnected)[0].0, 4);
    }
}
