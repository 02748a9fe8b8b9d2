//! What a day needs of the roads: only the links that somebody drives, and links that follow one another as one.
//!
//! A link that all enter from one and the same link, with the same diagram and nothing between them, is more of that
//! link. A kinematic wave inside a link is known from its ends (Newell 1993, part I, eq. 5b: cumulative counts are the
//! lower of what arrives freely and what stands back), so each piece's own times are told exactly when a vehicle has left.

use super::diagram::Diagram;
use super::input::{Roads, Trip};
use super::route::{NONE, Routes};
use crate::sim::traffic::network::Star;

/// Which links of the network a link of the loading stands for, from its beginning to its end.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    start: Vec<u32>,
    links: Vec<u32>,
    /// Where each begins, metres from the beginning of the first.
    from_m: Vec<f64>,
    pub network_links: usize,
}

impl Pieces {
    /// Every link for itself.
    pub fn single(links: usize) -> Self {
        let start = (0..=links as u32).collect();
        Self { start, links: (0..links as u32).collect(), from_m: vec![0.0; links], network_links: links }
    }

    fn range(&self, link: u32) -> std::ops::Range<usize> {
        self.start[link as usize] as usize..self.start[link as usize + 1] as usize
    }

    pub fn of(&self, link: u32) -> &[u32] {
        &self.links[self.range(link)]
    }

    pub fn begins_m(&self, link: u32) -> &[f64] {
        &self.from_m[self.range(link)]
    }
}

/// A day on fewer links: trips, ways and roads by their numbers.
pub(super) struct Chained {
    pub roads: Roads,
    pub trips: Vec<Trip>,
    pub routes: Routes,
    pub route_of: Vec<u32>,
    pub pieces: Pieces,
}

/// Several different ones.
const MANY: u32 = NONE - 1;

/// What comes before and after each link on all ways that are driven: one link, [`MANY`] or, for what nobody drives, [`NONE`].
struct Neighbours {
    before: Vec<u32>,
    after: Vec<u32>,
}

impl Neighbours {
    fn new(roads: &Roads, routes: &Routes, driven: &[bool]) -> Self {
        let mut new = Self { before: vec![NONE; roads.links()], after: vec![NONE; roads.links()] };
        let set = |known: &mut u32, link: u32| {
            if *known != link {
                *known = if *known == NONE { link } else { MANY };
            }
        };
        for (route, _) in (0..).zip(driven).filter(|r| *r.1) {
            let mut before = MANY;
            for &link in routes.of(route) {
                set(&mut new.before[link as usize], before);
                if before != MANY {
                    set(&mut new.after[before as usize], link);
                }
                before = link;
            }
            if before != MANY {
                new.after[before as usize] = MANY;
            }
        }
        new
    }

    /// The link that goes on where this one ends, as if it were the same.
    fn continues(&self, roads: &Roads, link: u32) -> Option<u32> {
        let next = self.after[link as usize];
        let one =
            next < MANY && next != link && self.before[next as usize] == link && roads.green_of[link as usize] == NONE;
        (one && same_kind(&roads.diagrams[link as usize], &roads.diagrams[next as usize])).then_some(next)
    }
}

/// Waves of both go on from one into the other unchanged.
fn same_kind(a: &Diagram, b: &Diagram) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a;
    near(a.free_speed_mps, b.free_speed_mps)
        && near(a.wave_speed_mps, b.wave_speed_mps)
        && near(a.capacity_pcu_per_s, b.capacity_pcu_per_s)
}

impl Chained {
    pub fn new(roads: &Roads, trips: &[Trip], routes: &Routes, route_of: &[u32]) -> Self {
        let mut driven = vec![false; routes.len()];
        for route in route_of {
            driven[*route as usize] = true;
        }
        let beside = Neighbours::new(roads, routes, &driven);
        let follows: Vec<Option<u32>> = (0..roads.links() as u32).map(|l| beside.continues(roads, l)).collect();
        let mut is_first: Vec<bool> = beside.before.iter().map(|b| *b != NONE).collect();
        for next in follows.iter().flatten() {
            is_first[*next as usize] = false;
        }
        let mut small = Small::new(roads);
        // By link of the network: the chain that begins with it.
        let mut chain = vec![NONE; roads.links()];
        for first in (0..roads.links() as u32).filter(|l| is_first[*l as usize]) {
            chain[first as usize] = small.roads.from.len() as u32;
            small.take(roads, first, &follows);
        }
        let mut new_routes = Routes::new();
        let mut new_of = vec![NONE; routes.len()];
        for (route, _) in (0..).zip(&driven).filter(|r| *r.1) {
            let chains = routes.of(route).iter().map(|l| chain[*l as usize]).filter(|c| *c != NONE);
            new_of[route as usize] = new_routes.push(chains);
        }
        let trips =
            trips.iter().map(|t| Trip { from: small.node(roads, t.from), to: small.node(roads, t.to), ..*t }).collect();
        let (roads, pieces) = small.finish();
        let route_of = route_of.iter().map(|r| new_of[*r as usize]).collect();
        Self { roads, trips, routes: new_routes, route_of, pieces }
    }
}

/// Roads in the making.
struct Small {
    roads: Roads,
    pieces: Pieces,
    node: Vec<u32>,
}

impl Small {
    fn new(roads: &Roads) -> Self {
        let empty = Roads {
            nodes: 0,
            from: Vec::new(),
            to: Vec::new(),
            diagrams: Vec::new(),
            merge_weight: Vec::new(),
            greens: roads.greens.clone(),
            green_of: Vec::new(),
            incoming: Star::default(),
            outgoing: Star::default(),
            bans: Vec::new(),
            link_ids: Vec::new(),
            node_ids: Vec::new(),
        };
        let pieces = Pieces { start: vec![0], network_links: roads.links(), ..Pieces::default() };
        Self { roads: empty, pieces, node: vec![NONE; roads.nodes] }
    }

    fn node(&mut self, roads: &Roads, old: u32) -> u32 {
        let new = &mut self.node[old as usize];
        if *new == NONE {
            *new = self.roads.nodes as u32;
            self.roads.nodes += 1;
            self.roads.node_ids.push(roads.node_ids[old as usize]);
        }
        *new
    }

    fn take(&mut self, roads: &Roads, first: u32, follows: &[Option<u32>]) {
        let mut whole = roads.diagrams[first as usize];
        let (mut last, mut length_m, mut storage) = (first, 0.0, 0.0);
        let mut piece = Some(first);
        while let Some(link) = piece {
            let d = &roads.diagrams[link as usize];
            self.pieces.links.push(link);
            self.pieces.from_m.push(length_m);
            length_m += d.length_m;
            storage += d.storage_pcu;
            last = link;
            piece = follows[link as usize];
        }
        (whole.length_m, whole.storage_pcu) = (length_m, storage);
        self.pieces.start.push(self.pieces.links.len() as u32);
        let from = self.node(roads, roads.from[first as usize]);
        let to = self.node(roads, roads.to[last as usize]);
        let new = &mut self.roads;
        new.from.push(from);
        new.to.push(to);
        new.diagrams.push(whole);
        new.merge_weight.push(roads.merge_weight[last as usize]);
        new.green_of.push(roads.green_of[last as usize]);
        new.link_ids.push(roads.link_ids[first as usize]);
    }

    fn finish(self) -> (Roads, Pieces) {
        let mut roads = self.roads;
        roads.incoming = Star::group(roads.nodes, roads.to.iter().copied());
        roads.outgoing = Star::group(roads.nodes, roads.from.iter().copied());
        (roads, self.pieces)
    }
}
