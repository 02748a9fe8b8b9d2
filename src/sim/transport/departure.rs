//! Where the air that passes a face in a step was before it: in which cell, and in which part of it.
//!
//! With it a step may be longer than the wind needs for a cell: the cells that pass a face as a whole are added up and only
//! the last one is cut (Leonard, Lock & MacVean 1996, Mon. Wea. Rev. 124, 2588; Lin & Rood 1996, Mon. Wea. Rev. 124, 2046,
//! section 3). Distances are counted in volume, so sizes may differ from cell to cell.

// As in `line`.
#![allow(clippy::inline_always, clippy::needless_range_loop)]

use rayon::prelude::*;

use super::gather::block;
use super::real::Real;
use super::rows::{GHOSTS, Shape};
use super::span::BLOCK;
use super::wide::widely;

/// No air comes from further away; steps are far shorter.
const FURTHEST: isize = 100;

/// One direction; padded arrays of faces, a row's faces followed by copies of the last shift.
#[derive(Debug)]
pub struct Departures<T> {
    /// The air of face f (between the cells f - 1 and f) was in cell f - shift.
    pub shift: Vec<i8>,
    /// The share of that cell that lies before the place it was at.
    pub share: Vec<T>,
    /// The least and the greatest shift of each [`BLOCK`] of faces, counted from the row's first.
    ranges: Vec<[i8; 2]>,
    /// Cells from a face to the furthest one that anything comes from, before and after it.
    pub reach: [usize; 2],
}

/// Those of one row of a level, from its first face on.
#[derive(Debug, Clone, Copy)]
pub struct Faces<'a, T> {
    pub shift: &'a [i8],
    pub share: &'a [T],
    pub ranges: &'a [[i8; 2]],
}

/// Where the volumes that pass a block of faces come from: `sizes` are those of the block of cells so many cells after the
/// faces (-1: those just before them). Side by side: a face that has found its cell waits for the others.
#[inline(always)]
fn depart<'a, T: Real>(volume: &[f32], seconds: f64, sizes: impl Fn(isize) -> &'a [T]) -> ([i8; BLOCK], [T; BLOCK]) {
    let volume = block(volume, 0).map(|v| T::from_f64(f64::from(v) * seconds));
    let (mut shift, mut share) = ([0_i8; BLOCK], [T::ZERO; BLOCK]);
    for onward in [true, false] {
        let mut left = [T::ZERO; BLOCK];
        for i in 0..BLOCK {
            left[i] = if onward { volume[i] } else { -volume[i] };
        }
        if !left.iter().any(|left| *left > T::ZERO || (!onward && *left >= T::ZERO)) {
            continue;
        }
        let mut here = block(sizes(if onward { -1 } else { 0 }), 0);
        let mut cells = [T::ZERO; BLOCK];
        for cell in 1..FURTHEST {
            // Seldom enough that looking costs little.
            if cell % 4 == 1 && (0..BLOCK).fold(0, |more, i| more | u8::from(left[i] >= here[i])) == 0 {
                break;
            }
            let next = block(sizes(if onward { -1 - cell } else { cell }), 0);
            for i in 0..BLOCK {
                let on = left[i] >= here[i];
                left[i] = if on { left[i] - here[i] } else { left[i] };
                here[i] = if on { next[i] } else { here[i] };
                cells[i] = if on { cells[i] + T::ONE } else { cells[i] };
            }
        }
        for i in 0..BLOCK {
            let mine = onward == (volume[i] > T::ZERO);
            let found = if onward { (here[i] - left[i]) / here[i] } else { left[i] / here[i] };
            let found = if found > T::ZERO { found } else { T::ZERO };
            let found = if found < T::ONE { found } else { T::ONE };
            share[i] = if mine { found } else { share[i] };
            let far = if onward { cells[i] + T::ONE } else { -cells[i] };
            shift[i] = if mine { far.to_f64() as i8 } else { shift[i] };
        }
    }
    (shift, share)
}

/// The direction of a set of faces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Towards {
    East,
    South,
}

impl<T: Real> Departures<T> {
    /// What passes each face in a second and the seconds of the step, and the `size` of the cells before it. Beyond the grid
    /// cells are as large as at its edge. `room` may hold anything.
    #[must_use]
    pub fn new(towards: Towards, (volume, seconds): (&[f32], f64), size: &[T], shape: Shape, room: Vec<T>) -> Self {
        let (stride, slab) = (shape.stride(), shape.stride() * shape.levels);
        let mut shift = vec![0_i8; shape.padded_len()];
        let mut share = room;
        share.resize(shape.padded_len(), T::ZERO);
        let (cols, rows) = match towards {
            Towards::East => (shape.cols + 1, shape.rows),
            Towards::South => (shape.cols, shape.rows + 1),
        };
        let blocks = stride / BLOCK;
        let mut ranges = vec![[0_i8; 2]; shape.padded_rows() * shape.levels * blocks];
        let slabs = shift.par_chunks_mut(slab).zip(share.par_chunks_mut(slab));
        let slabs = slabs.zip(ranges.par_chunks_mut(blocks * shape.levels)).skip(GHOSTS).take(rows);
        let reaches = slabs.enumerate().map(|(row, ((shift, share), ranges))| {
            let mut reach = [0_isize; 2];
            let mut lines = Lines::default();
            for level in 0..shape.levels {
                let line = level * stride..(level + 1) * stride;
                let ranges = &mut ranges[level * blocks..(level + 1) * blocks];
                let at = shape.at(0, row) + level * stride;
                lines.fill(towards, size, shape, (row, level));
                let (shift, share) = (&mut shift[line.clone()][GHOSTS..], &mut share[line][GHOSTS..]);
                widely(
                    #[inline(always)]
                    || {
                        for first in (0..cols).step_by(BLOCK) {
                            let found = depart(&volume[at + first..], seconds, |cell| lines.at(size, first, cell));
                            shift[first..first + BLOCK].copy_from_slice(&found.0);
                            share[first..first + BLOCK].copy_from_slice(&found.1);
                        }
                    },
                );
                let last = shift[cols - 1];
                shift[cols..].fill(last);
                for (range, piece) in ranges.iter_mut().zip(shift.chunks(BLOCK)) {
                    let [low, high] =
                        piece.iter().fold([i8::MAX, i8::MIN], |[low, high], s| [low.min(*s), high.max(*s)]);
                    *range = [low, high];
                    reach = [reach[0].max(isize::from(high)), reach[1].max(1 - isize::from(low))];
                }
            }
            reach
        });
        let reach = reaches.reduce(|| [0; 2], |a, b| [a[0].max(b[0]), a[1].max(b[1])]);
        Self { shift, share, ranges, reach: reach.map(|r| r.max(0) as usize) }
    }

    /// The faces from that at `at`, the first of a row of a level.
    #[must_use]
    pub fn faces(&self, at: usize, stride: usize) -> Faces<'_, T> {
        let ranges = &self.ranges[at / stride * (stride / BLOCK)..];
        Faces { shift: &self.shift[at..], share: &self.share[at..], ranges }
    }

    /// Sizes after the step, in `room`, which may hold anything.
    #[must_use]
    pub fn sizes(&self, towards: Towards, size: &[T], shape: Shape, room: Vec<T>) -> Vec<T> {
        let (stride, slab) = (shape.stride(), shape.stride() * shape.levels);
        let mut after = room;
        after.clear();
        after.extend_from_slice(size);
        after.par_chunks_mut(slab).skip(GHOSTS).take(shape.rows).enumerate().for_each(|(row, after)| {
            for level in 0..shape.levels {
                let (line, first) = (level * stride, shape.at(0, row) + level * stride);
                let sizes = &size[first..first + shape.cols];
                let mut col = 0;
                while col < shape.cols {
                    // Where all of a block look equally far, side by side.
                    if let Some([from, to]) = self.side_by_side(towards, shape, (row, level), col) {
                        let step = if towards == Towards::East { 1 } else { slab };
                        let cells = (&size[from..from + BLOCK], &size[to..to + BLOCK]);
                        let shares = [first + col, first + col + step].map(|at| &self.share[at..at + BLOCK]);
                        let after = &mut after[line + GHOSTS + col..][..BLOCK];
                        for i in 0..BLOCK {
                            after[i] = cells.0[i] - shares[0][i] * cells.0[i] + shares[1][i] * cells.1[i];
                        }
                        col += BLOCK;
                        continue;
                    }
                    let (face, next, place, cells) = match towards {
                        Towards::East => (first + col, first + col + 1, col, shape.cols),
                        Towards::South => (first + col, first + col + slab, row, shape.rows),
                    };
                    let at = |cell: isize| {
                        let cell = cell.clamp(0, cells.cast_signed() - 1).cast_unsigned();
                        if towards == Towards::East { sizes[cell] } else { size[shape.at(col, cell) + level * stride] }
                    };
                    let from = place.cast_signed() - isize::from(self.shift[face]);
                    let to = place.cast_signed() + 1 - isize::from(self.shift[next]);
                    let whole = (from..to).fold(T::ZERO, |sum, cell| sum + at(cell));
                    after[line + GHOSTS + col] = whole - self.share[face] * at(from) + self.share[next] * at(to);
                    col += 1;
                }
            }
        });
        after
    }

    /// Where the cells begin that a block of cells comes from and ends in, if all of them are inside the grid and side by
    /// side.
    fn side_by_side(
        &self,
        towards: Towards,
        shape: Shape,
        (row, level): (usize, usize),
        col: usize,
    ) -> Option<[usize; 2]> {
        if !col.is_multiple_of(BLOCK) || col + BLOCK > shape.cols {
            return None;
        }
        let stride = shape.stride();
        let at = shape.at(0, row) + level * stride;
        let next = if towards == Towards::East { at } else { at + stride * shape.levels };
        let range = |at: usize, col: usize| self.faces(at, stride).ranges[col / BLOCK];
        let [low, high] = range(at, col);
        let far = if towards == Towards::East { [self.shift[at + col + BLOCK]; 2] } else { range(next, col) };
        if low != high || far != [low, high] {
            return None;
        }
        let back = |place: usize| place.checked_add_signed(-isize::from(low));
        match towards {
            Towards::East => {
                let from = back(col).filter(|from| from + BLOCK < shape.cols)?;
                Some([at + from, at + from + 1])
            }
            Towards::South => {
                let from = back(row).filter(|from| from + 1 < shape.rows)?;
                Some([from, from + 1].map(|row| shape.at(col, row) + level * stride))
            }
        }
    }
}

/// Sizes around the faces of a row of a level; beyond the grid they are as at its edge.
#[derive(Debug)]
enum Lines<T> {
    /// Those of the row itself, from [`FURTHEST`] cells before the first face on.
    East(Vec<T>),
    /// Where the rows around it begin.
    South { first: usize, slab: usize, row: usize, rows: usize },
}

impl<T: Real> Default for Lines<T> {
    fn default() -> Self {
        Self::East(Vec::new())
    }
}

impl<T: Real> Lines<T> {
    fn fill(&mut self, towards: Towards, size: &[T], shape: Shape, (row, level): (usize, usize)) {
        let level = level * shape.stride();
        let at = shape.at(0, row) + level;
        if towards == Towards::South {
            let first = shape.at(0, 0) + level;
            *self = Self::South { first, slab: shape.stride() * shape.levels, row, rows: shape.rows };
            return;
        }
        let Self::East(line) = self else { return };
        let cells = &size[at..at + shape.cols];
        let far = FURTHEST.cast_unsigned();
        line.clear();
        line.resize(far, cells[0]);
        line.extend_from_slice(cells);
        line.resize(far + shape.cols + far + 2 * BLOCK, cells[shape.cols - 1]);
    }

    /// The sizes of a block of cells, `cell` cells after the faces from the `first` on.
    #[inline(always)]
    fn at<'a>(&'a self, size: &'a [T], first: usize, cell: isize) -> &'a [T] {
        match self {
            Self::East(line) => &line[(first.cast_signed() + FURTHEST + cell).cast_unsigned()..],
            Self::South { first: start, slab, row, rows } => {
                let row = (row.cast_signed() + cell).clamp(0, rows.cast_signed() - 1).cast_unsigned();
                &size[start + row * slab + first..]
            }
        }
    }
}
