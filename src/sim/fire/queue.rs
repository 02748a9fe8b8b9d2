//! A queue of whole numbers, the least first, for a march whose new entries seldom come before the next few.
//!
//! Entries beyond a limit lie in no order; when those before it are used up, the least eighth of them is sorted and the
//! limit moves behind it. Only entries that come before the limit go into a heap, which stays small. A plain heap of
//! the whole front guesses wrong at every level on the way down.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The least share of the far entries that is sorted at a time, and at least how many.
const SHARE: usize = 8;
const LEAST: usize = 64;

#[derive(Debug, Default)]
pub struct Queue {
    /// Before the limit, sorted, the least last.
    near: Vec<u64>,
    /// Before the limit, come since `near` was sorted.
    late: BinaryHeap<Reverse<u64>>,
    /// At the limit or beyond, in no order.
    far: Vec<u64>,
    limit: u64,
}

impl Queue {
    pub fn push(&mut self, entry: u64) {
        if entry < self.limit {
            self.late.push(Reverse(entry));
        } else {
            self.far.push(entry);
        }
    }

    pub fn pop(&mut self) -> Option<u64> {
        if self.near.is_empty() && self.late.is_empty() {
            self.sort_some();
        }
        match (self.near.last(), self.late.peek()) {
            (Some(near), Some(Reverse(late))) if late < near => self.late.pop().map(|e| e.0),
            (None, Some(_)) => self.late.pop().map(|e| e.0),
            _ => self.near.pop(),
        }
    }

    fn sort_some(&mut self) {
        let Some(last) = self.far.len().checked_sub(1) else { return };
        let count = (self.far.len() / SHARE).max(LEAST);
        let split = self.far.len().saturating_sub(count);
        self.far.select_nth_unstable_by_key(split.min(last), |e| Reverse(*e));
        self.near.extend(self.far.drain(split..));
        self.near.sort_unstable_by_key(|e| Reverse(*e));
        self.limit = self.near.first().map_or(0, |most| most.saturating_add(1));
    }

    pub fn clear(&mut self) {
        self.near.clear();
        self.late.clear();
        self.far.clear();
        self.limit = 0;
    }
}

impl Extend<u64> for Queue {
    fn extend<I: IntoIterator<Item = u64>>(&mut self, entries: I) {
        entries.into_iter().for_each(|e| self.push(e));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::KeyedRng;

    #[test]
    fn entries_come_in_order_whenever_they_were_pushed() {
        let rng = KeyedRng::new(3, 3);
        let (mut queue, mut heap) = (Queue::default(), BinaryHeap::new());
        for i in 0..20_000 {
            if rng.below(0, i, 5) < 3 {
                // Mostly ahead of what was popped, sometimes before it.
                let entry = i / 2 + rng.below(1, i, 3000);
                queue.push(entry);
                heap.push(Reverse(entry));
            } else {
                assert_eq!(queue.pop(), heap.pop().map(|e| e.0));
            }
        }
        while let Some(Reverse(entry)) = heap.pop() {
            assert_eq!(queue.pop(), Some(entry));
        }
        assert_eq!(queue.pop(), None);
        queue.extend([u64::MAX, 7]);
        assert_eq!((queue.pop(), queue.pop(), queue.pop()), (Some(7), Some(u64::MAX), None));
        queue.extend([4, 1]);
        queue.clear();
        assert_eq!(queue.pop(), None);
    }
}
