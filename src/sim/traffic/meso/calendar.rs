//! Which node is looked at when, and what is read first when it is.

use super::input::Roads;

/// When the heads of all queues could leave by their own link, node by node: what looking at a node reads first lies
/// together.
pub(super) struct Doors {
    start: Vec<u32>,
    /// The link of each door; the last of a node is its place of origin.
    pub link: Vec<u32>,
    pub of_link: Vec<u32>,
    pub ready_s: Vec<[f64; 2]>,
}

impl Doors {
    pub fn new(roads: &Roads) -> Self {
        let mut start = vec![0];
        let mut link = Vec::new();
        let mut of_link = vec![0; roads.links() + roads.nodes];
        for node in 0..roads.nodes as u32 {
            for l in roads.incoming.of(node).iter().copied().chain([roads.links() as u32 + node]) {
                of_link[l as usize] = link.len() as u32;
                link.push(l);
            }
            start.push(link.len() as u32);
        }
        let ready_s = vec![[f64::INFINITY; 2]; link.len()];
        Self { start, link, of_link, ready_s }
    }

    pub fn of(&self, node: u32) -> std::ops::Range<usize> {
        self.start[node as usize] as usize..self.start[node as usize + 1] as usize
    }
}

/// Which nodes to look at in which window. Far moments are put off: a look in between does no harm.
pub(super) struct Calendar {
    window_s: f64,
    ring: Vec<Vec<u32>>,
    /// The window in which a node is looked at next.
    planned: Vec<u64>,
    pub now: u64,
}

const NEVER: u64 = u64::MAX;
const RING: u64 = 8192;

impl Calendar {
    pub fn new(window_s: f64, nodes: usize) -> Self {
        Self { window_s, ring: vec![Vec::new(); RING as usize], planned: vec![NEVER; nodes], now: 0 }
    }

    /// Goes on to a window; its nodes come into `nodes`, which was empty.
    pub fn turn_to(&mut self, window: u64, nodes: &mut Vec<u32>) {
        self.now = window;
        std::mem::swap(nodes, &mut self.ring[(window % RING) as usize]);
    }

    /// Whether a node is still to be looked at in this window; forgets it.
    pub fn is_planned(&mut self, node: u32) -> bool {
        let planned = self.planned[node as usize] == self.now;
        if planned {
            self.planned[node as usize] = NEVER;
        }
        planned
    }

    pub fn plan(&mut self, node: u32, t: f64) {
        let window = ((t / self.window_s) as u64).clamp(self.now + 1, self.now + RING - 1);
        if window < self.planned[node as usize] {
            self.planned[node as usize] = window;
            self.ring[(window % RING) as usize].push(node);
        }
    }
}
