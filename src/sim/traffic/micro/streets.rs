//! Roads with lanes, the ways from lane to lane through junctions, and which of them cross.

use super::vehicle::NONE;
use crate::sim::traffic::network::{Control, Network, SignalPlan};

pub const LANE_WIDTH_M: f32 = 3.5;

#[derive(Debug, Clone, PartialEq)]
pub struct Street {
    pub id: u64,
    pub from: u32,
    pub to: u32,
    pub length_m: f32,
    pub speed_mps: f32,
    pub lanes: u8,
    /// Connections of each lane, the right one first: `connections[lane_start[lane]..lane_start[lane + 1]]`, by index.
    lane_start: Vec<u32>,
    ways: Vec<u32>,
}

impl Street {
    #[must_use]
    pub fn width_m(&self) -> f32 {
        f32::from(self.lanes) * LANE_WIDTH_M
    }

    /// Connections that begin in a lane.
    #[must_use]
    pub fn ways_from(&self, lane: u8) -> &[u32] {
        let lane = usize::from(lane.min(self.lanes - 1));
        &self.ways[self.lane_start[lane] as usize..self.lane_start[lane + 1] as usize]
    }

    /// The lane at a distance from the right edge.
    #[must_use]
    pub fn lane_at(&self, y_m: f32) -> u8 {
        ((y_m / LANE_WIDTH_M) as u8).min(self.lanes - 1)
    }
}

/// Middle of a lane, from the right edge.
#[must_use]
pub fn lane_middle_m(lane: u8) -> f32 {
    (f32::from(lane) + 0.5) * LANE_WIDTH_M
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Connection {
    pub from: u32,
    pub from_lane: u8,
    pub to: u32,
    pub to_lane: u8,
    pub speed_mps: f32,
    /// Lower goes first; equal: who came first.
    pub rank: u8,
}

/// A junction: its connections lie together, `first..first + count`.
#[derive(Debug, Clone, PartialEq)]
pub struct Junction {
    pub first: u32,
    pub count: u32,
    pub incoming: Vec<u32>,
    /// By pairs of connections: bit `j` of `conflicts[i * words + j / 64]`.
    conflicts: Vec<u64>,
    pub signal: Option<Signal>,
    /// Somebody can be in the way here.
    pub crossing: bool,
}

impl Junction {
    #[must_use]
    pub fn words(&self) -> usize {
        (self.count as usize).div_ceil(64)
    }

    #[must_use]
    pub fn conflicts_of(&self, connection: usize) -> &[u64] {
        let words = self.words();
        &self.conflicts[connection * words..(connection + 1) * words]
    }
}

/// A signal's plan, and which connections have green in each phase.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    pub plan: SignalPlan,
    pub green: Vec<Vec<bool>>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Streets {
    pub streets: Vec<Street>,
    pub junctions: Vec<Junction>,
    pub connections: Vec<Connection>,
}

/// Where connections are given by a file: (link, lane, link, lane) by index.
pub type GivenWay = (u32, u8, u32, u8);

impl Streets {
    /// From the road graph. Without `given` connections lanes are marked as usual: right turns from the right lane,
    /// left turns and turning round from the left, straight on from all.
    #[must_use]
    pub fn new(network: &Network, given: Option<&[GivenWay]>) -> Self {
        let index = network.link_index();
        let mut bans: Vec<(u32, u32)> = network
            .turn_bans
            .iter()
            .filter_map(|b| Some((*index.get(&b.from_link)?, *index.get(&b.to_link)?)))
            .collect();
        bans.sort_unstable();
        let (incoming, outgoing) = (network.incoming(), network.outgoing());
        let mut by_node: Vec<Vec<GivenWay>> = vec![Vec::new(); network.nodes.len()];
        for way in given.unwrap_or_default() {
            by_node[network.links[way.0 as usize].to as usize].push(*way);
        }
        let mut all = Self::default();
        for (n, node) in (0_u32..).zip(&network.nodes) {
            let (ins, outs) = (incoming.of(n), outgoing.of(n));
            let ways = if given.is_some() {
                std::mem::take(&mut by_node[n as usize])
            } else {
                marked(network, ins, outs, &bans)
            };
            let first = all.connections.len() as u32;
            let shapes: Vec<Shape> = ways.iter().map(|w| Shape::of(network, node.at, w)).collect();
            let best = ins.iter().map(|l| network.links[*l as usize].priority()).min().unwrap_or(0);
            for (way, shape) in ways.iter().zip(&shapes) {
                let link = &network.links[way.0 as usize];
                let left = u8::from(shape.turn_rad > SLIGHT_RAD);
                let circulates = |l: u32| {
                    let l = &network.links[l as usize];
                    let round = |n: u32| network.nodes[n as usize].control == Control::Roundabout;
                    round(l.from) && round(l.to)
                };
                let rank = match &node.control {
                    Control::Uncontrolled => 0,
                    Control::Signal(_) => left,
                    Control::Priority => 2 * (link.priority() - best) + left,
                    Control::Roundabout => u8::from(!circulates(way.0)),
                };
                all.connections.push(Connection {
                    from: way.0,
                    from_lane: way.1,
                    to: way.2,
                    to_lane: way.3,
                    speed_mps: shape.speed_mps(),
                    rank,
                });
            }
            let count = ways.len();
            let words = count.div_ceil(64);
            let mut conflicts = vec![0_u64; count * words];
            for i in 0..count {
                for j in 0..i {
                    if crosses(&ways[i], &shapes[i], &ways[j], &shapes[j]) {
                        conflicts[i * words + j / 64] |= 1 << (j % 64);
                        conflicts[j * words + i / 64] |= 1 << (i % 64);
                    }
                }
            }
            let crossing = conflicts.iter().any(|w| *w != 0);
            let signal = match &node.control {
                Control::Signal(plan) if !plan.phases.is_empty() => Some(Signal {
                    green: plan
                        .phases
                        .iter()
                        .map(|p| ways.iter().map(|w| p.links.contains(&network.links[w.0 as usize].id)).collect())
                        .collect(),
                    plan: plan.clone(),
                }),
                _ => None,
            };
            let incoming = ins.to_vec();
            all.junctions.push(Junction { first, count: count as u32, incoming, conflicts, signal, crossing });
        }
        all.streets = network
            .links
            .iter()
            .map(|l| Street {
                id: l.id,
                from: l.from,
                to: l.to,
                length_m: l.length_m as f32,
                speed_mps: l.free_speed_mps as f32,
                lanes: l.lanes.max(1),
                lane_start: Vec::new(),
                ways: Vec::new(),
            })
            .collect();
        let mut of_lane: Vec<Vec<Vec<u32>>> =
            all.streets.iter().map(|s| vec![Vec::new(); usize::from(s.lanes)]).collect();
        for (c, connection) in (0..).zip(&all.connections) {
            of_lane[connection.from as usize][usize::from(connection.from_lane)].push(c);
        }
        for (street, lanes) in all.streets.iter_mut().zip(of_lane) {
            street.lane_start.push(0);
            for lane in lanes {
                street.ways.extend(lane);
                street.lane_start.push(street.ways.len() as u32);
            }
        }
        all
    }

    /// How one gets from a lane into a link; [`NONE`] if one does not.
    #[must_use]
    pub fn way(&self, link: u32, lane: u8, next: u32) -> u32 {
        if next == NONE {
            return NONE;
        }
        let ways = self.streets[link as usize].ways_from(lane);
        ways.iter().copied().find(|c| self.connections[*c as usize].to == next).unwrap_or(NONE)
    }

    /// The lane nearest to `lane` from which one gets into `next`; itself when there is none.
    #[must_use]
    pub fn lane_for(&self, link: u32, lane: u8, next: u32) -> u8 {
        if next == NONE {
            return lane;
        }
        let lanes = self.streets[link as usize].lanes;
        let reaches = |l: &u8| self.way(link, *l, next) != NONE;
        (0..lanes).filter(reaches).min_by_key(|l| l.abs_diff(lane)).unwrap_or(lane)
    }

    /// Whether any lane of a link leads into another.
    #[must_use]
    pub fn leads(&self, link: u32, next: u32) -> bool {
        (0..self.streets[link as usize].lanes).any(|lane| self.way(link, lane, next) != NONE)
    }
}

/// Less than this is straight on.
const SLIGHT_RAD: f32 = 0.6;
/// More than this is turning round.
const ROUND_RAD: f32 = 2.8;

/// A connection on the map.
struct Shape {
    from: [f32; 2],
    to: [f32; 2],
    /// To the left is positive. NaN where nothing is known.
    turn_rad: f32,
}

impl Shape {
    fn of(network: &Network, at: [f64; 2], way: &GivenWay) -> Self {
        let (link, next) = (&network.links[way.0 as usize], &network.links[way.2 as usize]);
        let (into, out) = (direction(network, link, false), direction(network, next, true));
        let turn_rad = (into[0] * out[1] - into[1] * out[0]).atan2(into[0] * out[0] + into[1] * out[1]);
        let radius = LANE_WIDTH_M * f32::from(link.lanes.max(next.lanes)) + 3.0;
        // Lanes count from the right edge; the road's middle line is at its left edge.
        let beside = |lanes: u8, lane: u8| f32::from(lanes) * LANE_WIDTH_M - lane_middle_m(lane);
        let (a, b) = (beside(link.lanes, way.1), beside(next.lanes, way.3));
        let _ = at;
        Self {
            from: [-into[0] * radius + into[1] * a, -into[1] * radius - into[0] * a],
            to: [out[0] * radius + out[1] * b, out[1] * radius - out[0] * b],
            turn_rad,
        }
    }

    /// Turns are taken slowly: 4 m/s round, 5 m/s to the right, 7 m/s to the left; assumed.
    fn speed_mps(&self) -> f32 {
        if self.turn_rad.abs() > ROUND_RAD {
            4.0
        } else if self.turn_rad < -SLIGHT_RAD {
            5.0
        } else if self.turn_rad > SLIGHT_RAD {
            7.0
        } else {
            f32::INFINITY
        }
    }
}

/// Unit vector in which a link leaves its first node or reaches its last.
fn direction(network: &Network, link: &crate::sim::traffic::network::Link, leaving: bool) -> [f32; 2] {
    let ends = || [network.nodes[link.from as usize].at, network.nodes[link.to as usize].at];
    let (a, b) = match (link.line.len(), leaving) {
        (0 | 1, _) => (ends()[0], ends()[1]),
        (_, true) => (link.line[0], link.line[1]),
        (n, false) => (link.line[n - 2], link.line[n - 1]),
    };
    let [dx, dy] = [b[0] - a[0], b[1] - a[1]];
    let length = dx.hypot(dy);
    [(dx / length) as f32, (dy / length) as f32]
}

fn crosses(a: &GivenWay, at_a: &Shape, b: &GivenWay, at_b: &Shape) -> bool {
    if (a.0, a.1) == (b.0, b.1) {
        // One lane: they follow each other.
        return false;
    }
    if (a.2, a.3) == (b.2, b.3) {
        return true;
    }
    if at_a.turn_rad.is_nan() || at_b.turn_rad.is_nan() {
        return a.0 != b.0;
    }
    let side = |p: [f32; 2], q: [f32; 2], r: [f32; 2]| (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]);
    let apart = |s: &Shape, o: &Shape| side(s.from, s.to, o.from) * side(s.from, s.to, o.to) < 0.0;
    apart(at_a, at_b) && apart(at_b, at_a)
}

/// Lane markings where no file gives any.
fn marked(network: &Network, ins: &[u32], outs: &[u32], bans: &[(u32, u32)]) -> Vec<GivenWay> {
    let mut ways = Vec::new();
    for &from in ins {
        let link = &network.links[from as usize];
        let last = link.lanes.max(1) - 1;
        let into = direction(network, link, false);
        let back = |to: u32| network.links[to as usize].to == link.from;
        let only_back = outs.iter().all(|to| back(*to));
        let allowed = |to: &&u32| bans.binary_search(&(from, **to)).is_err() && (only_back || !back(**to));
        let all: Vec<u32> = outs.iter().filter(allowed).copied().collect();
        let turn = |to: u32| {
            let out = direction(network, &network.links[to as usize], true);
            (into[0] * out[1] - into[1] * out[0]).atan2(into[0] * out[0] + into[1] * out[1])
        };
        for &to in &all {
            let goal = network.links[to as usize].lanes.max(1) - 1;
            let angle = turn(to);
            // Alone, or where nothing is known of directions, every lane goes everywhere.
            if all.len() == 1 || angle.is_nan() || angle.abs() <= SLIGHT_RAD {
                ways.extend((0..=last).map(|lane| (from, lane, to, lane.min(goal))));
            } else if angle < 0.0 {
                ways.push((from, 0, to, 0));
            } else {
                ways.push((from, last, to, goal));
            }
        }
        // A lane that leads nowhere takes what its neighbour does.
        for lane in 0..=last {
            if !all.is_empty() && !ways.iter().any(|w| w.0 == from && w.1 == lane) {
                let nearest = |w: &&GivenWay| w.1.abs_diff(lane);
                if let Some(&(_, _, to, _)) = ways.iter().filter(|w| w.0 == from).min_by_key(nearest) {
                    let goal = network.links[to as usize].lanes.max(1) - 1;
                    ways.push((from, lane, to, lane.min(goal)));
                }
            }
        }
    }
    ways
}
