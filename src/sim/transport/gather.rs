//! The equations of a long step in one direction: every cell gathers what lies between the places that its two faces' air
//! comes from.
//!
//! A cell's mass is cut where a face's air comes from: with share x of the cell before the place, x (q - (1 - x) h) lies
//! before it, q being the mass and h half of van Leer's limited slope times the size (van Leer 1977, J. Comput. Phys. 23,
//! 276, eq. 13, written for the part that stays). Every part goes to one cell, so mass is exact; no part is negative.

#![allow(clippy::inline_always, clippy::needless_range_loop)]

use super::departure::Faces;
use super::line::half_slope;
use super::real::Real;
use super::span::{BLOCK, Span};

/// Numbers beyond a line that may be read and written.
pub const SLACK: usize = 2 * BLOCK;

/// What faces cut: of the cell where their air comes from, what lies before and after the place.
#[derive(Debug)]
pub struct Cut<T> {
    pub before: Vec<T>,
    pub after: Vec<T>,
}

impl<T: Real> Cut<T> {
    #[must_use]
    pub fn new(length: usize) -> Self {
        Self { before: vec![T::ZERO; length], after: vec![T::ZERO; length] }
    }
}

/// A block's own copy, from a place on: of slices the compiler asks in every loop whether one lies in another, and it reads
/// nothing from them that might not be needed.
#[inline(always)]
pub fn block<N: Copy + Default>(from: &[N], first: usize) -> [N; BLOCK] {
    let mut block = [N::default(); BLOCK];
    block.copy_from_slice(&from[first..first + BLOCK]);
    block
}

/// Writes a block.
#[inline(always)]
fn put<T: Real>(to: &mut [T], first: usize, of: impl Fn(usize) -> T) {
    let mut block = [T::ZERO; BLOCK];
    for i in 0..BLOCK {
        block[i] = of(i);
    }
    to[first..first + BLOCK].copy_from_slice(&block);
}

#[inline(always)]
fn cut_one<T: Real>(x: T, q: T, h: T) -> (T, T) {
    let before = x * (q - (T::ONE - x) * h);
    (before, q - before)
}

/// Concentrations of a span from masses and sizes; whole blocks.
#[inline(always)]
pub fn thin<T: Real>(span: Span, q: &[T], size: &[T], c: &mut [T]) {
    for first in span.starts() {
        let (q, size) = (block(q, first), block(size, first));
        put(c, first, |i| q[i] / size[i]);
    }
}

/// Cells in a row: half slopes times sizes of the cells of a span, `n` cells of the row from `pad` on; none at the grid's
/// edge, and 0 elsewhere.
#[inline(always)]
pub fn slopes_along<T: Real>(span: Span, n: usize, pad: usize, c: &[T], size: &[T], h: &mut [T]) {
    h.fill(T::ZERO);
    for first in span.starts() {
        let at = pad + first;
        let (west, here, east, size) = (block(c, at - 1), block(c, at), block(c, at + 1), block(size, first));
        put(h, at, |i| size[i] * half_slope(here[i] - west[i], east[i] - here[i]));
    }
    h[pad] = T::ZERO;
    h[pad + n - 1..].fill(T::ZERO);
}

/// The same across rows.
#[inline(always)]
pub fn slopes_across<T: Real>(span: Span, c: [&[T]; 3], size: &[T], h: &mut [T]) {
    for first in span.starts() {
        let (north, here, south) = (block(c[0], first), block(c[1], first), block(c[2], first));
        let size = block(size, first);
        put(h, first, |i| size[i] * half_slope(here[i] - north[i], south[i] - here[i]));
    }
}

/// What diffusion brings through the faces between two lines of cells: the smaller of both cells' sizes is what they share.
#[inline(always)]
pub fn exchange<T: Real>(span: Span, spread: T, size: [&[T]; 2], c: [&[T]; 2], out: &mut [T]) {
    for first in span.starts() {
        let (a, b) = (block(size[0], first), block(size[1], first));
        let (from, to) = (block(c[0], first), block(c[1], first));
        let shared = |i: usize| if a[i] < b[i] { a[i] } else { b[i] };
        put(out, first, |i| spread * shared(i) * (from[i] - to[i]));
    }
}

/// What masses and concentrations become, given what came through the faces before and after each cell.
#[inline(always)]
pub fn spread_out<T: Real>(span: Span, faces: [&[T]; 2], size: &[T], q: &mut [T], c: &mut [T]) {
    for first in span.starts() {
        let (before, after) = (block(faces[0], first), block(faces[1], first));
        let (was, size) = (block(q, first), block(size, first));
        put(q, first, |i| was[i] + (before[i] - after[i]));
        let now = block(q, first);
        put(c, first, |i| now[i] / size[i]);
    }
}

/// A block's faces; `start` tells where the cells of a shift begin, side by side.
#[inline(always)]
fn cut_block<T: Real>(
    faces: Faces<'_, T>,
    first: usize,
    (q, h): (&[T], &[T]),
    start: impl Fn(i8) -> usize,
    (before, after): (&mut [T], &mut [T]),
) {
    let [low, high] = faces.ranges[first / BLOCK];
    let share = block(faces.share, first);
    let from = start(low);
    let (cells, slopes) = (block(q, from), block(h, from));
    let mut cut = ([T::ZERO; BLOCK], [T::ZERO; BLOCK]);
    for i in 0..BLOCK {
        (cut.0[i], cut.1[i]) = cut_one(share[i], cells[i], slopes[i]);
    }
    if low < high {
        // Where not all look equally far, once more for each distance.
        let shifts = block(faces.shift, first);
        for far in low.saturating_add(1)..=high {
            let from = start(far);
            let (cells, slopes) = (block(q, from), block(h, from));
            for i in 0..BLOCK {
                let (b, a) = cut_one(share[i], cells[i], slopes[i]);
                let mine = shifts[i] == far;
                cut.0[i] = if mine { b } else { cut.0[i] };
                cut.1[i] = if mine { a } else { cut.1[i] };
            }
        }
    }
    before[..BLOCK].copy_from_slice(&cut.0);
    after[..BLOCK].copy_from_slice(&cut.1);
}

/// The faces of a span of a row and the one after it; the first face of all lies before cell `pad` of `q` and `h`.
#[inline(always)]
pub fn cut_along<T: Real>(span: Span, pad: usize, faces: Faces<'_, T>, cells: (&[T], &[T]), cut: &mut Cut<T>) {
    for first in span.and_one_more().starts() {
        let start = |far: i8| (pad + first).wrapping_add_signed(-isize::from(far));
        let to = (&mut cut.before[first..], &mut cut.after[first..]);
        cut_block(faces, first, cells, start, to);
    }
}

/// The cells of a span of a row of `n` from their faces.
#[inline(always)]
pub fn gather_along<T: Real>(span: Span, (n, pad): (usize, usize), shift: &[i8], q: &[T], cut: &Cut<T>, out: &mut [T]) {
    for first in span.starts() {
        let (after, before) = (block(&cut.after, first), block(&cut.before, first + 1));
        put(out, first, |i| after[i] + before[i]);
        let (near, far) = (block(shift, first), block(shift, first + 1));
        if near == far {
            continue;
        }
        for cell in (first..n.min(first + BLOCK)).filter(|cell| near[cell - first] != far[cell - first]) {
            let from = (pad + cell).wrapping_add_signed(-isize::from(shift[cell]));
            let to = (pad + cell + 1).wrapping_add_signed(-isize::from(shift[cell + 1]));
            let ends = (cut.before[cell], cut.after[cell], cut.before[cell + 1]);
            out[cell] = between(ends, from, to, |at| q[at]);
        }
    }
}

/// What lies between two places: `ends` are before and after the first and before the second.
#[inline(always)]
fn between<T: Real>((before, after, end): (T, T, T), from: usize, to: usize, q: impl Fn(usize) -> T) -> T {
    if to > from {
        return (from + 1..to).fold(after + end, |sum, at| sum + q(at));
    }
    // Both in one cell; rounding makes nothing negative.
    let inside = end - before;
    if inside > T::ZERO { inside } else { T::ZERO }
}

/// Rows one below the other, `width` numbers apart.
#[derive(Debug, Clone, Copy)]
pub struct Stack<'a, T> {
    pub q: &'a [T],
    pub h: &'a [T],
    pub width: usize,
}

/// The faces north of a span of row `row`.
#[inline(always)]
pub fn cut_across<T: Real>(span: Span, row: usize, faces: Faces<'_, T>, from: Stack<'_, T>, cut: &mut Cut<T>) {
    for first in span.starts() {
        let start = |far: i8| row.wrapping_add_signed(-isize::from(far)) * from.width + first;
        let to = (&mut cut.before[first..], &mut cut.after[first..]);
        cut_block(faces, first, (from.q, from.h), start, to);
    }
}

/// A span of row `row` (of `n`) from the faces north and south of it.
#[inline(always)]
pub fn gather_across<T: Real>(
    span: Span,
    (n, row): (usize, usize),
    shift: [&[i8]; 2],
    from: Stack<'_, T>,
    cut: [&Cut<T>; 2],
    out: &mut [T],
) {
    for first in span.starts() {
        let (after, before) = (block(&cut[0].after, first), block(&cut[1].before, first));
        put(out, first, |i| after[i] + before[i]);
        let (near, far) = (block(shift[0], first), block(shift[1], first));
        if near == far {
            continue;
        }
        for col in (first..n.min(first + BLOCK)).filter(|col| near[col - first] != far[col - first]) {
            let start = row.wrapping_add_signed(-isize::from(near[col - first]));
            let end = (row + 1).wrapping_add_signed(-isize::from(far[col - first]));
            let ends = (cut[0].before[col], cut[0].after[col], cut[1].before[col]);
            out[col] = between(ends, start, end, |at| from.q[at * from.width + col]);
        }
    }
}
