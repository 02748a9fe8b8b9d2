//! Up and down a column of levels: van Leer's sweep, then implicit diffusion with deposition at the bottom (in every
//! second step the other way round), for the cells of a tile's row side by side.
//!
//! Sizes are thicknesses here. Diffusion and deposition are backward Euler: m c' = m c + g_up (c'_up - c') - g_down
//! (c' - c'_down), with g = K dt / dz at the faces and v_d dt at the ground, whatever the step; solved by Thomas'
//! algorithm (Press et al. 2007, Numerical Recipes, 2.4), positive because all of g is.

// As in `line`.
#![allow(clippy::needless_range_loop, clippy::inline_always)]

use super::line::{Across, Carried, End};
use super::real::Real;
use super::rows::{Rows, Volume};
use super::tile::Order;

/// What moves up and down in a step; no air passes the ground or the lid.
#[derive(Debug)]
pub struct ColumnFlow<T> {
    /// Upward through the lower face of each cell: a thickness.
    pub up: Rows<T>,
    /// K dt / dz of each cell's lower face; in the lowest level, deposition velocity times dt.
    pub exchange: Rows<T>,
}

/// Everything that the columns of a row read.
#[derive(Debug, Clone, Copy)]
pub struct ColumnReads<'a, T> {
    pub flow: &'a ColumnFlow<T>,
    pub before: &'a Volume<T>,
    pub after: &'a Volume<T>,
    pub order: Order,
    /// The row's lowest level among all padded rows.
    pub at: usize,
    /// Padded.
    pub col: usize,
    pub cols: usize,
    pub levels: usize,
}

impl<T: Real> ColumnReads<'_, T> {
    /// What an array holds of a level of this piece of a row.
    #[inline(always)]
    fn piece<'b>(&self, rows: &'b Rows<T>, level: usize) -> &'b [T] {
        &rows.row(self.at + level)[self.col..self.col + self.cols]
    }
}

/// Longest piece of a row.
const LINE: usize = 256;

/// Room for the columns of a piece of a row; one a thread.
#[derive(Debug)]
pub struct ColumnScratch<T> {
    /// All levels, one after the other.
    old: Vec<T>,
    new: Vec<T>,
    share: Vec<T>,
    zeros: Vec<T>,
    ones: Vec<T>,
    carried: Carried<T>,
}

impl<T: Real> ColumnScratch<T> {
    #[must_use]
    pub fn new(levels: usize) -> Self {
        let room = || vec![T::ZERO; levels * LINE];
        Self {
            old: room(),
            new: room(),
            share: room(),
            zeros: vec![T::ZERO; LINE],
            ones: vec![T::ONE; LINE],
            carried: Carried::new(LINE),
        }
    }
}

/// Steps the columns of a piece of a row in place; `row` holds all its levels, padded.
#[inline(always)]
pub fn step<T: Real>(reads: &ColumnReads<'_, T>, s: &mut ColumnScratch<T>, row: &mut [T]) {
    let (n, stride) = (reads.cols, row.len() / reads.levels);
    for k in 0..reads.levels {
        let start = k * stride + reads.col;
        s.old[k * n..(k + 1) * n].copy_from_slice(&row[start..start + n]);
    }
    match reads.order {
        Order::EastWestFirst => {
            advect(reads, s);
            diffuse(reads, &reads.after.size, s);
        }
        Order::NorthSouthFirst => {
            diffuse(reads, &reads.before.size, s);
            advect(reads, s);
        }
    }
    for k in 0..reads.levels {
        let start = k * stride + reads.col;
        row[start..start + n].copy_from_slice(&s.old[k * n..(k + 1) * n]);
    }
}

/// From `old` to `old`.
#[inline(always)]
fn advect<T: Real>(reads: &ColumnReads<'_, T>, s: &mut ColumnScratch<T>) {
    let (n, top) = (reads.cols, reads.levels - 1);
    let end = End { remains: T::ONE, floor: T::FLOOR };
    s.carried.slope.fill(T::ZERO);
    s.carried.flux.fill(T::ZERO);
    for here in 0..=reads.levels {
        let below = here.saturating_sub(1);
        let level = |k: usize| &s.old[k.min(top) * n..][..n];
        let open = |inside: bool| if inside { &s.ones[..n] } else { &s.zeros[..n] };
        let through = |k: usize| if k == 0 || k > top { &s.zeros[..n] } else { reads.piece(&reads.flow.up, k) };
        let out = &mut s.new[below * n..][..n];
        Across {
            c: [level(below), level(here), level(here + 1)],
            open: [open(here > 0 && here <= top), open(here < top)],
            volume: [through(below), through(here)],
            size: reads.piece(&reads.before.size, below),
            inverse: [reads.piece(&reads.before.inverse, below), reads.piece(&reads.before.inverse, here.min(top))],
        }
        .last(n, &mut s.carried, reads.piece(&reads.after.inverse, below), end, out);
    }
    std::mem::swap(&mut s.old, &mut s.new);
}

/// From `old` to `old`.
#[inline(always)]
fn diffuse<T: Real>(reads: &ColumnReads<'_, T>, size: &Rows<T>, s: &mut ColumnScratch<T>) {
    let n = reads.cols;
    for k in 0..reads.levels {
        let (m, down) = (reads.piece(size, k), reads.piece(&reads.flow.exchange, k));
        let up = if k + 1 < reads.levels { reads.piece(&reads.flow.exchange, k + 1) } else { &s.zeros[..n] };
        let (done, here) = s.old.split_at_mut(k * n);
        let (done_share, share) = s.share.split_at_mut(k * n);
        // Below the lowest level lies the ground, which takes and gives nothing back.
        let (c_below, share_below) = if k == 0 {
            (&s.zeros[..n], &s.zeros[..n])
        } else {
            (&done[(k - 1) * n..][..n], &done_share[(k - 1) * n..][..n])
        };
        let (here, share) = (&mut here[..n], &mut share[..n]);
        for i in 0..n {
            let inverse = T::ONE / (m[i] + up[i] + down[i] - down[i] * share_below[i]);
            share[i] = up[i] * inverse;
            here[i] = (m[i] * here[i] + down[i] * c_below[i]) * inverse;
        }
    }
    for k in (0..reads.levels.saturating_sub(1)).rev() {
        let (lower, above) = s.old.split_at_mut((k + 1) * n);
        let (here, above, share) = (&mut lower[k * n..][..n], &above[..n], &s.share[k * n..][..n]);
        for i in 0..n {
            here[i] = here[i] + share[i] * above[i];
        }
    }
}
