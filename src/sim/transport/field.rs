//! A field that is stepped: twice its cells, and which tiles have anything in them.

use rayon::prelude::*;

use super::line::End;
use super::real::Real;
use super::rows::{GHOSTS, Rows, Shape, Volume};
use super::tile::{Far, Flow, Order, Place, Reads, Scratch, Tiling, Window};
use super::wide;
use crate::base::cancel::{CancelToken, Cancelled};

/// Concentrations on a grid. Tiles with nothing in them and around them cost nothing.
#[derive(Debug, Clone)]
pub struct Field<T> {
    shape: Shape,
    tiling: Tiling,
    now: Vec<T>,
    next: Vec<T>,
    /// Tiles of `now`, and of `next`, in which anything may be.
    filled: Vec<bool>,
    stale: Vec<bool>,
    /// What flows in through an open edge.
    inflow: T,
}

/// Once over the grid.
struct Pass<'a, T> {
    flow: &'a Flow<T>,
    before: &'a Volume<T>,
    after: &'a Volume<T>,
    end: End<T>,
    order: Order,
    twice: bool,
}

impl<T: Real> Field<T> {
    /// From one number for every column, row and level. `inflow` is the concentration beyond open edges.
    #[must_use]
    pub fn new(shape: Shape, inflow: T, cells: impl Fn(usize, usize, usize) -> T) -> Self {
        let mut now = vec![inflow; shape.padded_len()];
        for row in 0..shape.rows {
            for level in 0..shape.levels {
                let start = shape.at(0, row) + level * shape.stride();
                let line = &mut now[start..start + shape.cols];
                line.iter_mut().enumerate().for_each(|(col, c)| *c = cells(col, row, level));
            }
        }
        let tiling = Tiling::of(shape);
        let tiles = tiling.count();
        Self { shape, tiling, next: now.clone(), now, filled: vec![true; tiles], stale: vec![true; tiles], inflow }
    }

    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    #[must_use]
    pub fn get(&self, col: usize, row: usize, level: usize) -> T {
        self.now[self.shape.at(col, row) + level * self.shape.stride()]
    }

    /// The cells of a row of a level.
    #[must_use]
    pub fn row(&self, row: usize, level: usize) -> &[T] {
        let start = self.shape.at(0, row) + level * self.shape.stride();
        &self.now[start..start + self.shape.cols]
    }

    /// Adds to a cell's concentration.
    pub fn add(&mut self, col: usize, row: usize, level: usize, amount: T) {
        let at = self.shape.at(col, row) + level * self.shape.stride();
        self.now[at] = self.now[at] + amount;
        let t = self.tiling;
        self.filled[row / t.rows * t.across + col / t.cols] = true;
    }

    /// Sum of size times concentration, always added in the same order.
    #[must_use]
    pub fn mass(&self, size: &Rows<T>) -> f64 {
        let levels = self.shape.levels;
        let rows: Vec<f64> = (0..self.shape.rows * levels)
            .into_par_iter()
            .map(|line| {
                let sizes = &size.row(GHOSTS * levels + line)[GHOSTS..];
                let cells = self.row(line / levels, line % levels);
                cells.iter().zip(sizes).map(|(c, m)| c.to_f64() * m.to_f64()).sum()
            })
            .collect();
        rows.iter().sum()
    }

    /// One step within every level; on cancellation the field stays as it was.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn step(
        &mut self,
        flow: &Flow<T>,
        (before, after): (&Volume<T>, &Volume<T>),
        end: End<T>,
        order: Order,
        cancel: &CancelToken,
    ) -> Result<(), Cancelled> {
        self.pass(Pass { flow, before, after, end, order, twice: false }, cancel)
    }

    /// Two steps of a plane with a flow that leaves sizes as they are, the second in the other order: the same bits as
    /// one after the other, in less time. On cancellation the field stays as it was.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn step_twice(
        &mut self,
        flow: &Flow<T>,
        size: &Volume<T>,
        end: End<T>,
        order: Order,
        cancel: &CancelToken,
    ) -> Result<(), Cancelled> {
        if self.shape.levels > 1 {
            self.step(flow, (size, size), end, order, cancel)?;
            return self.step(flow, (size, size), end, order.next(), cancel);
        }
        self.pass(Pass { flow, before: size, after: size, end, order, twice: true }, cancel)
    }

    fn pass(&mut self, pass: Pass<'_, T>, cancel: &CancelToken) -> Result<(), Cancelled> {
        let Pass { flow, before, after, end, order, twice } = pass;
        let (shape, stride) = (self.shape, self.shape.stride());
        let Tiling { cols: tile_cols, rows: tile_rows, across, down } = self.tiling;
        let window = Window { row: 0, col: 0, stride };
        let reads = Reads {
            shape,
            from: &self.now,
            from_window: window,
            to_window: window,
            far: Far { reads: true, writes: true },
            level: 0,
            flow,
            before,
            after,
            end,
            order,
        };
        let from_outside = self.inflow > T::ZERO;
        let filled = &self.filled;
        let wanted = |x: usize, y: usize| {
            let near = |at: usize| at.saturating_sub(1)..=at + 1;
            let edge = x == 0 || y == 0 || x + 1 == across || y + 1 == down;
            (edge && from_outside) || near(y).any(|j| near(x).any(|i| i < across && j < down && filled[j * across + i]))
        };
        let slab = stride * shape.levels;
        let cells = &mut self.next[GHOSTS * slab..(GHOSTS + shape.rows) * slab];
        let bands = cells.par_chunks_mut(tile_rows * slab).zip(self.stale.par_chunks_mut(across)).enumerate();
        let done = bands.try_for_each_init(Scratch::new, |scratch, (y, (band, stale))| {
            let rows = tile_rows.min(shape.rows - y * tile_rows);
            for (x, stale) in stale.iter_mut().enumerate() {
                cancel.check()?;
                let (col, cols) = (x * tile_cols + GHOSTS, tile_cols.min(shape.cols - x * tile_cols));
                if wanted(x, y) {
                    let place = Place { col, cols, row: y * tile_rows + GHOSTS, rows };
                    let reads = Reads { to_window: Window { row: place.row, ..window }, ..reads };
                    *stale = false;
                    if twice {
                        *stale = wide::step_twice(reads, place, scratch, band);
                        continue;
                    }
                    for level in 0..shape.levels {
                        *stale |= wide::step(Reads { level, ..reads }, place, scratch, band);
                    }
                } else if std::mem::take(stale) {
                    band.chunks_mut(stride).for_each(|row| row[col..col + cols].fill(T::ZERO));
                }
            }
            Ok(())
        });
        if done.is_err() {
            self.stale.fill(true);
            return done;
        }
        std::mem::swap(&mut self.now, &mut self.next);
        std::mem::swap(&mut self.filled, &mut self.stale);
        Ok(())
    }

    /// What a step of levels reads and writes, and what flows in.
    pub(super) fn parts(&mut self) -> (&mut [T], &mut [T], T) {
        (&mut self.now, &mut self.next, self.inflow)
    }

    /// What was written is what is there.
    pub(super) fn swap(&mut self) {
        std::mem::swap(&mut self.now, &mut self.next);
    }
}
