//! A queue of whole numbers for a march that takes many at a time: those within a narrow range of the least.
//!
//! Entries are (rank << 32 | place). Those of one taking are given by place, not by rank: what lies together is worked on
//! together. A heap of the whole front would guess wrong at every level, and a front in the order of its times jumps
//! about in memory.

use std::cmp::Reverse;

/// The largest share of the entries that is taken at a time, and how many at least.
const SHARE: usize = 4;
const LEAST: usize = 64;

#[derive(Debug, Default)]
pub struct Queue {
    /// Before the limit, by place, the first last.
    near: Vec<u64>,
    /// Before the limit, come since `near` was taken.
    late: Vec<u64>,
    /// At the limit or beyond, in no order.
    far: Vec<u64>,
    limit: u64,
    /// In what is ranked.
    width: f64,
}

/// A number as a whole number in the same order.
#[must_use]
pub fn rank(number: f64) -> u32 {
    let bits = (number as f32).to_bits();
    if bits >> 31 == 0 { bits | 0x8000_0000 } else { !bits }
}

fn ranked(rank: u32) -> f64 {
    f64::from(f32::from_bits(if rank >> 31 == 1 { rank & 0x7fff_ffff } else { !rank }))
}

impl Queue {
    /// How far beyond the least a taking reaches.
    pub fn set_width(&mut self, width: f64) {
        self.width = width;
    }

    pub fn push(&mut self, entry: u64) {
        if entry < self.limit {
            self.late.push(entry);
        } else {
            self.far.push(entry);
        }
    }

    pub fn pop(&mut self) -> Option<u64> {
        if self.near.is_empty() {
            if self.late.is_empty() {
                self.take_far();
            } else {
                std::mem::swap(&mut self.near, &mut self.late);
            }
            self.near.sort_unstable_by_key(|entry| Reverse(*entry as u32));
        }
        self.near.pop()
    }

    /// What comes `n` pops later, if that is known yet.
    #[must_use]
    pub fn ahead(&self, n: usize) -> Option<u64> {
        self.near.len().checked_sub(n).and_then(|i| self.near.get(i)).copied()
    }

    fn take_far(&mut self) {
        let Some(last) = self.far.len().checked_sub(1) else { return };
        let count = (self.far.len() / SHARE).max(LEAST);
        let split = self.far.len().saturating_sub(count);
        self.far.select_nth_unstable_by_key(split.min(last), |entry| Reverse(*entry));
        let least = self.far[split..].iter().min().copied().unwrap_or(0);
        let most = u64::from(rank(ranked((least >> 32) as u32) + self.width)) << 32 | u64::from(u32::MAX);
        let (near, far) = (&mut self.near, &mut self.far);
        near.extend(far.extract_if(split.., |entry| *entry <= most));
        self.limit = near.iter().max().map_or(0, |most| most.saturating_add(1));
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
    fn ranks_are_in_the_order_of_their_numbers() {
        let numbers = [-1e30, -2.5, -1e-20, 0.0, 1e-20, 0.75, 3600.0, f64::INFINITY];
        for two in numbers.windows(2) {
            assert!(rank(two[0]) < rank(two[1]), "{two:?}");
        }
        for number in numbers {
            assert!((ranked(rank(number)) as f32).to_bits() == (number as f32).to_bits());
        }
    }

    #[test]
    fn every_entry_comes_once_and_never_far_before_a_lesser_one() {
        let rng = KeyedRng::new(3, 3);
        let mut queue = Queue::default();
        queue.set_width(2.0);
        let mut left = Vec::new();
        for i in 0..3000u64 {
            let number = i as f64 * 0.05 + rng.below(1, i, 1000) as f64 * 0.02;
            let entry = u64::from(rank(number)) << 32 | rng.below(2, i, 1 << 30);
            queue.push(entry);
            left.push(entry);
            if i % 3 == 0 {
                check(&mut queue, &mut left);
            }
        }
        while !left.is_empty() {
            check(&mut queue, &mut left);
        }
        assert_eq!(queue.pop(), None);
        queue.extend([4, 1]);
        queue.clear();
        assert_eq!(queue.pop(), None);
    }

    fn check(queue: &mut Queue, left: &mut Vec<u64>) {
        let least = left.iter().min().map_or(0.0, |e| ranked((e >> 32) as u32));
        let entry = queue.pop().unwrap();
        // What came before the limit after the taking may be less than what was taken, by all that the others can be.
        assert!(ranked((entry >> 32) as u32) <= least + 22.001);
        let at = left.iter().position(|e| *e == entry).unwrap();
        left.swap_remove(at);
    }
}
