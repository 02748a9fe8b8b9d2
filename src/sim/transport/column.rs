//! Up and down a column of levels: van Leer's sweep, then implicit diffusion with deposition at the bottom, for a few
//! columns of a row side by side.
//!
//! Sizes are thicknesses here. Diffusion and deposition are backward Euler: m c' = m c + g_up (c'_up - c') - g_down
//! (c' - c'_down), with g = K dt / dz at the faces and v_d dt at the ground, whatever the step; solved by Thomas'
//! algorithm (Press et al. 2007, Numerical Recipes, 2.4), positive because all of g is.

// As in `line`.
#![allow(clippy::needless_range_loop, clippy::inline_always)]

use super::line::{Across, Carried, End};
use super::real::Real;
use super::rows::Rows;
use crate::base::prefetch::prefetch_all;

/// What moves up and down in a whole step; no air passes the ground or the lid.
#[derive(Debug)]
pub struct ColumnFlow<T> {
    /// Upward through the lower face of each cell: a thickness.
    pub up: Rows<T>,
    /// K dt / dz of each cell's lower face, dt being one of [`MIXES`] parts; in the lowest level, deposition velocity
    /// times dt.
    pub exchange: Rows<T>,
    /// Thickness in the middle of the step.
    pub size: Rows<T>,
}

/// Everything that the columns of a row read.
#[derive(Debug, Clone, Copy)]
pub struct ColumnReads<'a, T> {
    pub flow: &'a ColumnFlow<T>,
    /// The row's lowest level among all padded rows.
    pub at: usize,
    /// The first, padded.
    pub col: usize,
    pub cols: usize,
    pub levels: usize,
}

impl<T: Real> ColumnReads<'_, T> {
    /// Asks for the memory of the same piece of the next row: rows lie far apart, which the processor does not foresee.
    #[inline(always)]
    fn ask_ahead(&self) {
        let next = Self { at: self.at + self.levels, ..*self };
        for k in 0..self.levels {
            for rows in [&self.flow.size, &self.flow.up, &self.flow.exchange] {
                prefetch_all(next.piece(rows, k));
            }
        }
    }

    /// What an array holds of a level of this piece of a row.
    #[inline(always)]
    fn piece<'b>(&self, rows: &'b Rows<T>, level: usize) -> &'b [T] {
        &rows.row(self.at + level)[self.col..self.col + self.cols]
    }
}

/// Equal parts of a step's mixing: backward differences are of first order, and a step is long.
pub const MIXES: usize = 3;

/// Most columns that are worked out side by side: with all that is needed of ten levels they stay in the nearest cache. The
/// last ones of a row may be ghosts. Where nothing is in them they cost nothing.
pub const COLUMNS: usize = 64;
/// Columns come in multiples of so many: what is left over of a loop would go one by one.
pub const LANES: usize = 16;

/// Room for the columns of a piece of a row; one a thread.
#[derive(Debug)]
pub struct ColumnScratch<T> {
    /// All levels, one after the other.
    old: Vec<T>,
    new: Vec<T>,
    share: Vec<T>,
    /// Sizes before the sweep and after it, and one over those before.
    before: Vec<T>,
    after: Vec<T>,
    inverse: Vec<T>,
    /// What a part of the mixing leaves of a cell's concentration and takes of that below it, while its column is solved
    /// upwards; `inverse` and `share` are its own then too.
    keep: Vec<T>,
    take: Vec<T>,
    zeros: Vec<T>,
    ones: Vec<T>,
    carried: Carried<T>,
}

impl<T: Real> ColumnScratch<T> {
    #[must_use]
    pub fn new(levels: usize) -> Self {
        let room = || vec![T::ZERO; levels * COLUMNS];
        Self {
            old: room(),
            new: room(),
            share: room(),
            before: room(),
            after: room(),
            inverse: room(),
            keep: room(),
            take: room(),
            zeros: vec![T::ZERO; COLUMNS],
            ones: vec![T::ONE; COLUMNS],
            carried: Carried::new(COLUMNS),
        }
    }
}

/// Steps the columns of a piece of a row in place, masses to masses; `row` holds all its levels, padded, and `next` those
/// of the row after it, if it will come next.
#[inline(always)]
pub fn step<T: Real>(reads: &ColumnReads<'_, T>, s: &mut ColumnScratch<T>, row: &mut [T], next: &[T]) {
    let (n, stride) = (reads.cols, row.len() / reads.levels);
    let mut any = false;
    for k in 0..reads.levels {
        let start = k * stride + reads.col;
        let (old, here) = (&mut s.old[k * n..(k + 1) * n], &row[start..start + n]);
        old.copy_from_slice(here);
        any |= here.iter().fold(0, |any, c| any | u8::from(*c > T::ZERO)) > 0;
        if !next.is_empty() {
            prefetch_all(&next[start..start + n]);
        }
    }
    if !any {
        return;
    }
    if !next.is_empty() {
        reads.ask_ahead();
    }
    for k in 0..reads.levels {
        let (before, inverse) = (&mut s.before[k * n..][..n], &mut s.inverse[k * n..][..n]);
        let (after, old) = (&mut s.after[k * n..][..n], &mut s.old[k * n..][..n]);
        let size = reads.piece(&reads.flow.size, k);
        let up = |k: usize| if k == 0 || k == reads.levels { &s.zeros[..n] } else { reads.piece(&reads.flow.up, k) };
        let (below, above) = (up(k), up(k + 1));
        for i in 0..n {
            // Half of what leaves has come before, and half will come.
            let half = T::HALF * (above[i] - below[i]);
            before[i] = size[i] + half;
            after[i] = size[i] - half;
            inverse[i] = T::ONE / before[i];
            old[i] = old[i] * inverse[i];
        }
    }
    advect(reads, s);
    factor(reads, s);
    for part in 0..MIXES {
        diffuse(reads, s, part == 0);
    }
    for k in 0..reads.levels {
        let start = k * stride + reads.col;
        let (to, done, after) = (&mut row[start..start + n], &s.old[k * n..][..n], &s.after[k * n..][..n]);
        for i in 0..n {
            to[i] = done[i] * after[i];
        }
    }
}

/// From `old`, concentrations, to `old`, masses.
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
        let inverse = |k: usize| &s.inverse[k * n..][..n];
        let out = &mut s.new[below * n..][..n];
        Across {
            c: [level(below), level(here), level(here + 1)],
            open: [open(here > 0 && here <= top), open(here < top)],
            volume: [through(below), through(here)],
            size: &s.before[below * n..][..n],
            inverse: [inverse(below), inverse(here.min(top))],
        }
        .last(n, &mut s.carried, &s.ones[..n], end, out);
    }
    std::mem::swap(&mut s.old, &mut s.new);
}

/// What all parts of the mixing have in common: the equations of a column, made triangular.
#[inline(always)]
fn factor<T: Real>(reads: &ColumnReads<'_, T>, s: &mut ColumnScratch<T>) {
    let n = reads.cols;
    for k in 0..reads.levels {
        let (m, down) = (&s.after[k * n..][..n], reads.piece(&reads.flow.exchange, k));
        let up = if k + 1 < reads.levels { reads.piece(&reads.flow.exchange, k + 1) } else { &s.zeros[..n] };
        let (done, share) = s.share.split_at_mut(k * n);
        // Below the lowest level lies the ground, which takes and gives nothing back.
        let below = if k == 0 { &s.zeros[..n] } else { &done[(k - 1) * n..][..n] };
        let (share, inverse) = (&mut share[..n], &mut s.inverse[k * n..][..n]);
        let (keep, take) = (&mut s.keep[k * n..][..n], &mut s.take[k * n..][..n]);
        for i in 0..n {
            let pivot = T::ONE / (m[i] + up[i] + down[i] - down[i] * below[i]);
            inverse[i] = pivot;
            share[i] = up[i] * pivot;
            keep[i] = m[i] * pivot;
            take[i] = down[i] * pivot;
        }
    }
}

/// A part of the mixing, from `old` to `old`: the first from masses, all to concentrations.
#[inline(always)]
fn diffuse<T: Real>(reads: &ColumnReads<'_, T>, s: &mut ColumnScratch<T>, masses: bool) {
    let n = reads.cols;
    for k in 0..reads.levels {
        let (done, here) = s.old.split_at_mut(k * n);
        let below = if k == 0 { &s.zeros[..n] } else { &done[(k - 1) * n..][..n] };
        let keep = if masses { &s.inverse[k * n..][..n] } else { &s.keep[k * n..][..n] };
        let (here, take) = (&mut here[..n], &s.take[k * n..][..n]);
        for i in 0..n {
            here[i] = keep[i] * here[i] + take[i] * below[i];
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
