//! What a march knows of each node, in memory that a node takes up only once the fire looks at it: most of an island's
//! map is sea. Zeros mean "untouched", for the system hands out large arrays of zeros without filling them.

use super::metric::Metric;
use crate::base::prefetch::prefetch;

/// What every neighbour asks of a node: four of them lie in one line of the processor's cache.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Node {
    /// Arrival, seconds; infinity where no fire is known to come.
    pub time: f64,
    /// Place in the queue; see `March::order`.
    pub order: u32,
    /// One more than the weather interval of the metric; 0 without a metric.
    pub measured: u16,
    /// How often it was taken from the queue.
    pub opened: u8,
    /// Whether the queue's order suits the metric: then a settled cell stays so.
    pub causal: bool,
}

/// Infinity is stored as zero.
const NEVER: u64 = f64::INFINITY.to_bits();

/// Of `March`, by node.
#[derive(Debug)]
pub struct Nodes {
    words: Vec<[u64; 2]>,
    /// Two quadruples a node: the metric, and the gradient of the arrival time. Only those ask that still have something
    /// to gain from it.
    details: Vec<[f32; 4]>,
    /// 1 where the array's first quadruple would let nodes straddle two lines of the cache.
    skip: usize,
}

impl Nodes {
    #[must_use]
    pub fn new(len: usize) -> Self {
        let details = vec![[0.0; 4]; 2 * len + 1];
        let skip = usize::from(details.as_ptr().cast::<u8>().align_offset(32) == 16);
        Self { words: vec![[0; 2]; len], details, skip }
    }

    #[must_use]
    pub fn get(&self, node: usize) -> Node {
        let [time, rest] = self.words[node];
        Node {
            time: f64::from_bits(time ^ NEVER),
            order: (rest >> 32) as u32,
            measured: (rest >> 16) as u16,
            opened: (rest >> 8) as u8,
            causal: rest & 1 != 0,
        }
    }

    pub fn set(&mut self, node: usize, n: Node) {
        let (order, measured, opened) = (u64::from(n.order), u64::from(n.measured), u64::from(n.opened));
        let rest = order << 32 | measured << 16 | opened << 8 | u64::from(n.causal);
        self.words[node] = [n.time.to_bits() ^ NEVER, rest];
    }

    #[must_use]
    pub fn time(&self, node: usize) -> f64 {
        f64::from_bits(self.words[node][0] ^ NEVER)
    }

    /// Of a node that was measured.
    #[must_use]
    pub fn metric(&self, node: usize) -> Metric {
        let at = 2 * node + self.skip;
        let ([xx, xy, yy, bx], [by, ..]) = (self.details[at], self.details[at + 1]);
        Metric { xx, xy, yy, bx, by }
    }

    pub fn set_metric(&mut self, node: usize, m: &Metric) {
        let at = 2 * node + self.skip;
        self.details[at] = [m.xx, m.xy, m.yy, m.bx];
        self.details[at + 1][0] = m.by;
    }

    /// Of the arrival time, seconds per cell.
    #[must_use]
    pub fn gradient(&self, node: usize) -> [f32; 2] {
        let [_, x, y, _] = self.details[2 * node + self.skip + 1];
        [x, y]
    }

    pub fn set_gradient(&mut self, node: usize, [x, y]: [f32; 2]) {
        let quadruple = &mut self.details[2 * node + self.skip + 1];
        [quadruple[1], quadruple[2]] = [x, y];
    }

    pub fn prefetch(&self, node: usize) {
        prefetch(&self.words, node);
        prefetch(&self.details, 2 * node + self.skip);
    }

    /// As if the fire had never come near.
    pub fn forget(&mut self, node: usize) {
        let at = 2 * node + self.skip;
        self.words[node] = [0; 2];
        self.details[at] = [0.0; 4];
        self.details[at + 1] = [0.0; 4];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_comes_back_as_it_went_in_and_its_neighbours_stay_untouched() {
        let mut nodes = Nodes::new(3);
        let untouched = nodes.get(0);
        let nothing = Node { time: f64::INFINITY, order: 0, measured: 0, opened: 0, causal: false };
        assert_eq!(untouched, nothing);
        let node = Node { time: -12.5, order: 0xdead_beef, measured: 65_001, opened: 255, causal: true };
        let metric = Metric { xx: 1.0, xy: 2.0, yy: 3.0, bx: 4.0, by: 5.0 };
        nodes.set(1, node);
        nodes.set_metric(1, &metric);
        nodes.set_gradient(1, [6.0, 7.0]);
        assert_eq!((nodes.get(1), nodes.metric(1), nodes.gradient(1)), (node, metric, [6.0, 7.0]));
        assert_eq!((nodes.get(0), nodes.get(2), nodes.gradient(2)), (nothing, nothing, [0.0; 2]));
        nodes.forget(1);
        assert_eq!((nodes.get(1), nodes.gradient(1)), (nothing, [0.0; 2]));
    }
}
