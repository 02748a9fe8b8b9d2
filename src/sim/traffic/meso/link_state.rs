//! What a link, or a place where trips begin, knows while a day is driven: its queues, when it is free, what has entered
//! and left it.

use std::collections::VecDeque;

use super::queue::{EMPTY, Queue};

/// Thousandths of a PCU: sums are exact.
pub(super) type MilliPcu = u64;

/// A link, or the place where trips of a node begin (links beyond the network's, one a node).
#[derive(Debug)]
#[repr(C, align(64))]
pub(super) struct LinkState {
    /// Those that keep their order, and those that pass queues.
    pub queues: [Queue; 2],
    pub exit_free_s: f64,
    /// Turns between the two queues, and how far they have come, in milli-PCU (start-time fair queueing).
    pub turn: [f64; 2],
    pub clock: f64,
    pub left: MilliPcu,
    /// The node at its beginning waits for room.
    pub awaited: bool,
    pub restricted: bool,
    // The second line of memory: what those who enter ask for.
    pub entry_free_s: f64,
    pub entered: MilliPcu,
    /// What left so long ago that its room is here already, and how many of `gone` that are.
    pub settled: MilliPcu,
    pub known: u32,
    /// So much of what left is asked for when pieces of the link are told.
    pub kept: u32,
    /// What left lately: when, and all that had left by then.
    pub gone: VecDeque<(f64, MilliPcu)>,
}

const _: () = assert!(size_of::<LinkState>() == 128);

impl LinkState {
    pub fn new(restricted: bool) -> Self {
        Self {
            queues: [EMPTY; 2],
            exit_free_s: 0.0,
            turn: [0.0; 2],
            clock: 0.0,
            entry_free_s: 0.0,
            entered: 0,
            left: 0,
            settled: 0,
            known: 0,
            gone: VecDeque::new(),
            kept: 0,
            awaited: false,
            restricted,
        }
    }

    /// When so much had left; infinite when it has not, nothing when that is forgotten.
    /// Nothing that leaves is smaller than `smallest`.
    pub fn left_by_s(&self, need: MilliPcu, headway_s: f64, smallest: MilliPcu) -> Option<f64> {
        if need > self.left {
            return Some(f64::INFINITY);
        }
        // It is among the last ones: so many could have left since at most.
        let since = (self.left - need) / smallest + 2;
        let from = self.gone.len().saturating_sub(since as usize);
        let mut range = from..self.gone.len();
        while range.start < range.end {
            let middle = range.start.midpoint(range.end);
            if self.gone[middle].1 < need {
                range.start = middle + 1;
            } else {
                range.end = middle;
            }
        }
        self.gone.get(range.start).map(|(gone_s, by_then)| gone_s - (by_then - need) as f64 * headway_s)
    }

    pub fn settle(&mut self, before_s: f64) {
        while let Some((_, by_then)) = self.gone.get(self.known as usize).filter(|g| g.0 <= before_s) {
            self.settled = *by_then;
            self.known += 1;
        }
    }

    /// Something leaves. What nobody asks for any more is forgotten when memory would grow, not one by one.
    pub fn leave(&mut self, at_s: f64, pcu: MilliPcu, settled_s: f64) {
        self.left += pcu;
        if self.gone.len() == self.gone.capacity() {
            self.settle(settled_s);
            let old =
                self.gone.range(..self.known as usize).take_while(|g| g.1 + u64::from(self.kept) < self.left).count();
            self.gone.drain(..old);
            self.known -= old as u32;
            // Half of it is free then, or it grows: what a link remembers stays small and near.
            if old * 2 < self.gone.capacity() {
                self.gone.reserve(self.gone.capacity());
            }
        }
        self.gone.push_back((at_s, self.left));
    }
}
