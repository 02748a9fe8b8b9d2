//! Where the air that passes a face in a step was before it: in which cell, and in which part of it.
//!
//! With it a step may be longer than the wind needs for a cell: the cells that pass a face as a whole are added up and only
//! the last one is cut (Leonard, Lock & MacVean 1996, Mon. Wea. Rev. 124, 2588; Lin & Rood 1996, Mon. Wea. Rev. 124, 2046,
//! section 3). Distances are counted in volume, so sizes may differ from cell to cell.

use rayon::prelude::*;

use super::real::Real;
use super::rows::{GHOSTS, Shape};

/// No air comes from further away; steps are far shorter.
const FURTHEST: usize = 100;

/// One direction; padded arrays of faces, a row's faces followed by copies of the last shift.
#[derive(Debug)]
pub struct Departures<T> {
    /// The air of face f (between the cells f - 1 and f) was in cell f - shift.
    pub shift: Vec<i8>,
    /// The share of that cell that lies before the place it was at.
    pub share: Vec<T>,
    /// Cells from a face to the furthest one that anything comes from, before and after it.
    pub reach: [usize; 2],
}

/// Where a volume that passes a face comes from: `size` of cells `step` apart, `before` of them before the face and
/// `after` after it, the first of those at `at`. Beyond the last one cells are as large as it.
#[inline]
fn depart<T: Real>(volume: T, size: &[T], at: usize, step: usize, [before, after]: [usize; 2]) -> (i8, T) {
    if volume > T::ZERO {
        let (mut left, mut cell, mut place) = (volume, 1, if before > 0 { at - step } else { at });
        loop {
            let here = size[place];
            if left < here || cell >= FURTHEST {
                let share = (here - left) / here;
                return (cell as i8, if share > T::ZERO { share } else { T::ZERO });
            }
            left = left - here;
            if cell < before {
                place -= step;
            }
            cell += 1;
        }
    }
    let (mut left, mut cell, mut place) = (-volume, 0, if after > 0 { at } else { at - step });
    loop {
        let here = size[place];
        if left < here || cell >= FURTHEST {
            let share = left / here;
            return (-(cell as i8), if share < T::ONE { share } else { T::ONE });
        }
        left = left - here;
        cell += 1;
        if cell < after {
            place += step;
        }
    }
}

/// The direction of a set of faces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Towards {
    East,
    South,
}

impl<T: Real> Departures<T> {
    /// `volume` through each face in the step, `size` of the cells before it. Beyond the grid cells are as large as at its
    /// edge.
    #[must_use]
    pub fn new(towards: Towards, volume: &[T], size: &[T], shape: Shape) -> Self {
        let (stride, slab) = (shape.stride(), shape.stride() * shape.levels);
        let mut shift = vec![0_i8; shape.padded_len()];
        let mut share = vec![T::ZERO; shape.padded_len()];
        let (cols, rows) = match towards {
            Towards::East => (shape.cols + 1, shape.rows),
            Towards::South => (shape.cols, shape.rows + 1),
        };
        let slabs = shift.par_chunks_mut(slab).zip(share.par_chunks_mut(slab)).skip(GHOSTS).take(rows);
        let reaches = slabs.enumerate().map(|(row, (shift, share))| {
            let mut reach = [0_isize; 2];
            for level in 0..shape.levels {
                let line = level * stride + GHOSTS;
                let first = shape.at(0, row) + level * stride;
                for col in 0..cols {
                    let (step, around) = match towards {
                        Towards::East => (1, [col, shape.cols - col]),
                        Towards::South => (slab, [row, shape.rows - row]),
                    };
                    let (s, x) = depart(volume[first + col], size, first + col, step, around);
                    (shift[line + col], share[line + col]) = (s, x);
                    reach = [reach[0].max(isize::from(s)), reach[1].max(1 - isize::from(s))];
                }
                let last = shift[line + cols - 1];
                shift[line + cols..(level + 1) * stride].fill(last);
            }
            reach
        });
        let reach = reaches.reduce(|| [0; 2], |a, b| [a[0].max(b[0]), a[1].max(b[1])]);
        Self { shift, share, reach: reach.map(|r| r.max(0) as usize) }
    }

    /// Sizes after the step.
    #[must_use]
    pub fn sizes(&self, towards: Towards, size: &[T], shape: Shape) -> Vec<T> {
        let (stride, slab) = (shape.stride(), shape.stride() * shape.levels);
        let mut after = size.to_vec();
        after.par_chunks_mut(slab).skip(GHOSTS).take(shape.rows).enumerate().for_each(|(row, after)| {
            for level in 0..shape.levels {
                let (line, first) = (level * stride, shape.at(0, row) + level * stride);
                let sizes = &size[first..first + shape.cols];
                for col in 0..shape.cols {
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
                }
            }
        });
        after
    }
}
