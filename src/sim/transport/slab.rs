//! All levels of a row from step to step, but for what goes south and north: half a step eastward and half of one up and
//! down until a step ends, and the same in reverse until the next sweep southward. A row of ten levels stays in the
//! processor's nearest caches meanwhile.

// As in `line`.
#![allow(clippy::needless_range_loop, clippy::inline_always)]

use super::column::Columns;
use super::gather::{Cut, SLACK, cut_along, exchange, gather_along, slopes_along, spread_out, thin};
use super::layers::{Ends, Fresh, Layers};
use super::real::Real;
use super::rows::{GHOSTS, Shape};
use super::span::{BLOCK, Span};
use crate::base::prefetch::prefetch_all;

/// Columns that are worked out side by side: enough that one need not wait for itself.
const WIDE: usize = 2 * BLOCK;

/// Which part of the way from step to step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Before the first sweep southward.
    Out,
    /// From one to the next.
    Through,
    /// After the last one.
    Home,
}

/// Room for a row; one a thread.
pub(super) struct Slab<T> {
    wide: Columns<T, WIDE>,
    narrow: Columns<T, BLOCK>,
    /// Of every level, on its way eastward.
    size: Vec<T>,
    line: [Vec<T>; 3],
    cut: Cut<T>,
    faces: Vec<T>,
}

impl<T: Real> Slab<T> {
    pub(super) fn new(shape: Shape, pad: usize) -> Self {
        let line = || vec![T::ZERO; shape.cols + 2 * pad + 2 * SLACK];
        Self {
            wide: Columns::new(shape.levels),
            narrow: Columns::new(shape.levels),
            size: vec![T::ONE; shape.levels * shape.stride()],
            line: [line(), line(), line()],
            cut: Cut::new(shape.cols + 2 * pad + 2 * SLACK),
            faces: line(),
        }
    }
}

/// What rows go through.
pub(super) struct Pass<'a, T> {
    pub layers: &'a Layers<T>,
    pub shape: Shape,
    pub ends: Ends<'a, T>,
    pub way: Way,
    pub inflow: T,
    pub pad: usize,
}

impl<T: Real> Pass<'_, T> {
    /// Row `row` of the grid, all its levels, padded; `sums` as in [`Ends`].
    #[inline(always)]
    pub(super) fn row(&self, row: usize, cells: &mut [T], sums: &mut [f64], room: &mut Slab<T>) {
        let (shape, stride) = (self.shape, self.shape.stride());
        let (n, at) = (shape.cols, shape.at(0, row));
        let mut all = Span::NONE;
        for level in 0..shape.levels {
            let here = &mut cells[level * stride + GHOSTS..][..n];
            let mut span = if self.inflow > T::ZERO { Span::whole(n) } else { Span::of(here) };
            if self.way != Way::Out && !span.is_none() {
                self.ask(at + level * stride, span);
                self.arrive_along(at + level * stride, span, here, room, &mut span);
            }
            all = all.and(span);
        }
        let fresh = if self.way == Way::Out { None } else { self.ends.fresh.get(row) };
        let fresh = fresh.map_or(&[][..], |fresh| fresh);
        for fresh in [fresh.first(), fresh.last()].into_iter().flatten() {
            all = all.and(Span::around(fresh.col as usize));
        }
        if all.is_none() {
            return;
        }
        if self.layers.spread.is_some() {
            all = all.reaching([1, 1], n);
        }
        let mut rest = fresh;
        let mut blocks = all.starts();
        while let Some(first) = blocks.next() {
            let wide = blocks.next().is_some();
            let until = first + if wide { WIDE } else { BLOCK };
            let (fresh, later) = rest.split_at(rest.partition_point(|fresh| (fresh.col as usize) < until));
            rest = later;
            if wide {
                self.columns(at + first, first, cells, fresh, sums, &mut room.wide, &mut room.size);
            } else {
                self.columns(at + first, first, cells, fresh, sums, &mut room.narrow, &mut room.size);
            }
        }
        if self.way == Way::Home {
            return;
        }
        for level in 0..shape.levels {
            self.leave_along(at + level * stride, level, all, &mut cells[level * stride + GHOSTS..][..n], room);
        }
    }

    /// Asks for the memory of the same cells of the next row: rows lie far apart, which the processor does not foresee.
    #[inline(always)]
    fn ask(&self, at: usize, span: Span) {
        let (columns, east) = (&self.layers.columns, [&self.layers.arriving, &self.layers.leaving]);
        let at = at + self.shape.stride() * self.shape.levels;
        let cells = span.cells(self.shape.cols);
        let sizes = [self.layers.size.all(), &self.layers.swept];
        let arrays = [&columns.up[..], &columns.exchange, sizes[0], sizes[1], &east[0].share, &east[1].share];
        for array in arrays {
            prefetch_all(&array[at + cells.start..at + cells.end]);
        }
    }

    /// N columns, `first` cells from the row's beginning.
    #[inline(always)]
    fn columns<const N: usize>(
        &self,
        at: usize,
        first: usize,
        cells: &mut [T],
        fresh: &[Fresh<T>],
        sums: &mut [f64],
        columns: &mut Columns<T, N>,
        sizes: &mut [T],
    ) {
        let (flow, levels, stride) = (&self.layers.columns, self.shape.levels, self.shape.stride());
        columns.load(flow, self.layers.size.all(), at, stride);
        let begin = |level: usize| level * stride + GHOSTS + first;
        if self.way == Way::Out {
            for level in 0..levels {
                columns.c[level].copy_from_slice(&cells[begin(level)..][..N]);
            }
        } else {
            for level in 0..levels {
                columns.q[level].copy_from_slice(&cells[begin(level)..][..N]);
            }
            columns.arrive(flow.parts);
            let end = self.ends.end;
            for c in &mut columns.c[..levels] {
                *c = c.map(|c| end.of(c));
            }
            for Fresh { col, level, amount } in fresh {
                let c = &mut columns.c[usize::from(*level)][*col as usize - first];
                *c = *c + *amount;
            }
        }
        // Columns beyond the grid are nobody's.
        let inside = N.min(self.shape.cols - first);
        if self.way == Way::Home {
            for level in 0..levels {
                cells[begin(level)..][..inside].copy_from_slice(&columns.c[level][..inside]);
            }
            return;
        }
        if self.way == Way::Through && !sums.is_empty() {
            let seconds = self.ends.seconds;
            sums[first..].iter_mut().zip(&columns.c[0]).for_each(|(sum, c)| *sum += c.to_f64() * seconds);
        }
        columns.leave(flow.parts);
        for level in 0..levels {
            cells[begin(level)..][..inside].copy_from_slice(&columns.q[level][..inside]);
            sizes[level * stride + first..][..N].copy_from_slice(&columns.left(level));
        }
    }

    /// `line` of cells with what lies beyond the grid on both sides.
    #[inline(always)]
    fn fill_sides(&self, line: &mut [T], size: [T; 2]) {
        let [west, east] = size.map(|size| self.inflow * size);
        line[..self.pad].fill(west);
        line[self.pad + self.shape.cols..].fill(east);
    }

    /// Half a step eastward and westward, masses to masses.
    #[inline(always)]
    fn arrive_along(&self, at: usize, span: Span, cells: &mut [T], room: &mut Slab<T>, reached: &mut Span) {
        let (n, pad, east) = (self.shape.cols, self.pad, &self.layers.arriving);
        let size = &self.layers.swept[at..];
        let [c, q, h] = &mut room.line;
        q.fill(T::ZERO);
        c.fill(T::ZERO);
        q[pad..][span.cells(n)].copy_from_slice(&cells[span.cells(n)]);
        thin(span, &q[pad..], size, &mut c[pad..]);
        self.fill_sides(c, [T::ONE; 2]);
        self.fill_sides(q, [size[0], size[n - 1]]);
        slopes_along(span, n, pad, c, size, h);
        *reached = span.reaching(east.reach, n);
        let faces = east.faces(at, self.shape.stride());
        cut_along(*reached, pad, faces, (q, h), &mut room.cut);
        gather_along(*reached, (n, pad), faces.shift, q, &room.cut, &mut room.faces);
        let to = reached.cells(n);
        cells[to.clone()].copy_from_slice(&room.faces[to]);
    }

    /// Diffusion along the row and half a step eastward and westward, masses to masses.
    #[inline(always)]
    fn leave_along(&self, at: usize, level: usize, span: Span, cells: &mut [T], room: &mut Slab<T>) {
        let (n, pad, east) = (self.shape.cols, self.pad, &self.layers.leaving);
        let size = &room.size[level * self.shape.stride()..];
        let [c, q, h] = &mut room.line;
        q.fill(T::ZERO);
        c.fill(T::ZERO);
        q[pad..][span.cells(n)].copy_from_slice(&cells[span.cells(n)]);
        thin(span, &q[pad..], size, &mut c[pad..]);
        if let Some(spread) = self.layers.spread {
            let cells = span.cells(n);
            exchange(span, spread, [size, &size[1..]], [&c[pad..], &c[pad + 1..]], &mut room.faces[1..]);
            (room.faces[cells.start], room.faces[cells.end]) = (T::ZERO, T::ZERO);
            spread_out(span, [&room.faces, &room.faces[1..]], size, &mut q[pad..], &mut c[pad..]);
        }
        self.fill_sides(c, [T::ONE; 2]);
        self.fill_sides(q, [size[0], size[n - 1]]);
        slopes_along(span, n, pad, c, size, h);
        let span = span.reaching(east.reach, n);
        let faces = east.faces(at, self.shape.stride());
        cut_along(span, pad, faces, (q, h), &mut room.cut);
        gather_along(span, (n, pad), faces.shift, q, &room.cut, &mut room.faces);
        cells[span.cells(n)].copy_from_slice(&room.faces[span.cells(n)]);
    }
}
