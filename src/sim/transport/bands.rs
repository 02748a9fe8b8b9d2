//! A long step within every level, band of rows after band of rows: both sweeps of a band and the diffusion between them
//! stay in the processor's second cache. A band works out the rows around it that its own come from, so bands know
//! nothing of each other.

// As in `line`.
#![allow(clippy::needless_range_loop, clippy::inline_always)]

use std::ops::Range;

use rayon::prelude::*;

use super::departure::Departures;
use super::field::Field;
use super::gather::{
    Cut, SLACK, Stack, cut_across, cut_along, gather_across, gather_along, slopes_across, slopes_along,
};
use super::line::End;
use super::real::Real;
use super::room::Room;
use super::rows::{GHOSTS, Shape};
use super::span::{Span, clear_around};
use super::tile::Order;
use super::wide::widely;
use crate::base::cancel::{CancelToken, Cancelled};
use crate::base::prefetch::prefetch_all;

/// Rows of a band.
const ROWS: usize = 64;

/// What a step does in one of the two orders; padded arrays.
#[derive(Debug)]
pub struct Split<T> {
    pub east: Departures<T>,
    pub south: Departures<T>,
    /// Sizes before both sweeps and between them.
    pub before: Vec<T>,
    pub between: Vec<T>,
    /// Sizes after both, where what is left is to be a concentration; without them masses are left.
    pub after: Option<Vec<T>>,
    /// K dt / dx² of the diffusion between the sweeps, if any.
    pub spread: Option<T>,
}

/// A band's place: its first row and how many, and the rows around it that are looked at.
#[derive(Debug, Clone, Copy)]
struct Place {
    level: usize,
    first: usize,
    rows: usize,
    north: usize,
    all: usize,
}

struct Pass<'a, T> {
    shape: Shape,
    from: &'a [T],
    split: &'a Split<T>,
    end: End<T>,
    inflow: T,
    pad: usize,
    width: usize,
}

impl<T: Real> Field<T> {
    /// Both sweeps. With east-west first concentrations become masses, the other way round masses become concentrations.
    pub(super) fn step_levels(
        &mut self,
        split: &Split<T>,
        end: End<T>,
        order: Order,
        cancel: &CancelToken,
    ) -> Result<(), Cancelled> {
        let shape = self.shape();
        let slab = shape.stride() * shape.levels;
        let (from, next, inflow) = self.parts();
        let pass = Pass {
            shape,
            from,
            split,
            end,
            inflow,
            pad: split.east.reach[0].max(split.east.reach[1]) + 2,
            width: (shape.cols + SLACK).next_multiple_of(16),
        };
        let wider = 1 + usize::from(split.spread.is_some());
        let [north, south] = split.south.reach.map(|r| r + wider);
        let cells = &mut next[GHOSTS * slab..(GHOSTS + shape.rows) * slab];
        cells.par_chunks_mut(ROWS * slab).enumerate().try_for_each_init(Room::new, |room, (band, to)| {
            for level in 0..shape.levels {
                cancel.check()?;
                let rows = to.len() / slab;
                let place = Place { level, first: band * ROWS, rows, north, all: rows + 1 + north + south };
                widely(
                    #[inline(always)]
                    || match order {
                        Order::EastWestFirst => pass.east_west_first(place, room, to),
                        Order::NorthSouthFirst => pass.north_south_first(place, room, to),
                    },
                );
            }
            Ok(())
        })?;
        self.swap();
        Ok(())
    }
}

impl<T: Real> Pass<'_, T> {
    /// The row of the grid that a row of the band stands for, if it is one.
    #[inline(always)]
    fn row(&self, place: Place, k: usize) -> Result<usize, usize> {
        let row = (place.first + k).wrapping_sub(place.north).cast_signed();
        let inside = row.clamp(0, self.shape.rows.cast_signed() - 1).cast_unsigned();
        if inside.cast_signed() == row { Ok(inside) } else { Err(inside) }
    }

    /// The first cell of a row of a level, and its west face, and its north face.
    #[inline(always)]
    fn at(&self, row: usize, level: usize) -> usize {
        self.shape.at(0, row) + level * self.shape.stride()
    }

    #[inline(always)]
    fn prepare(&self, place: Place, room: &mut Room<T>) {
        let all = place.all * self.width;
        for field in [&mut room.c, &mut room.q, &mut room.h] {
            if field.len() < all {
                field.resize(all, T::ZERO);
            }
        }
        room.spans.clear();
        room.spans.resize(place.all, Span::NONE);
        let line = self.shape.cols + 2 * self.pad + 2 * SLACK;
        room.line.iter_mut().for_each(|l| l.resize(line, T::ZERO));
        for cut in &mut room.cuts {
            cut.before.resize(line, T::ZERO);
            cut.after.resize(line, T::ZERO);
        }
        room.out.resize(line, T::ZERO);
    }

    /// Asks for the memory of cells of a row to come: rows lie far apart, which the processor does not foresee.
    #[inline(always)]
    fn ask<const N: usize>(&self, place: Place, row: usize, cells: &Range<usize>, of: [&[T]; N]) {
        let at = self.at(row, place.level);
        for array in of {
            prefetch_all(&array[at + cells.start..at + cells.end]);
        }
    }

    /// `line` of cells with what lies beyond the grid on both sides.
    #[inline(always)]
    fn fill_sides(&self, line: &mut [T], west: T, east: T) {
        line[..self.pad].fill(west);
        line[self.pad + self.shape.cols..].fill(east);
    }

    /// A row swept eastward and westward: masses of the row of cells whose concentrations are in `line[0]` and masses in
    /// `line[1]`, both from `pad` on and 0 outside of `span`. Gives where there is anything then.
    #[inline(always)]
    fn along(
        &self,
        (at, span): (usize, Span),
        size: &[T],
        line: &mut [Vec<T>; 3],
        cut: &mut Cut<T>,
        out: &mut [T],
    ) -> Span {
        let (n, pad, east) = (self.shape.cols, self.pad, &self.split.east);
        let [c, q, h] = line;
        self.fill_sides(c, self.inflow, self.inflow);
        self.fill_sides(q, self.inflow * size[0], self.inflow * size[n - 1]);
        slopes_along(span, n, pad, c, size, h);
        let (faces, reached) = (east.faces(at, self.shape.stride()), span.reaching(east.reach, n));
        cut_along(reached, pad, faces, (q, h), cut);
        gather_along(reached, (n, pad), faces.shift, q, cut, out);
        reached
    }

    /// Where a row has anything to be carried; everywhere, where something flows in.
    #[inline(always)]
    fn span(&self, row: &[T]) -> Span {
        if self.inflow > T::ZERO { Span::whole(self.shape.cols) } else { Span::of(row) }
    }

    /// A row beyond the grid, `k` of the band, beside cells of these sizes.
    #[inline(always)]
    fn beyond(&self, k: usize, sizes: &[T], room: &mut Room<T>) {
        let line = k * self.width..k * self.width + self.shape.cols;
        room.c[line.clone()].fill(self.inflow);
        room.q[line].iter_mut().zip(sizes).for_each(|(q, m)| *q = self.inflow * *m);
        if self.inflow > T::ZERO {
            room.spans[k] = Span::whole(self.shape.cols);
        }
    }

    /// Half slopes of the rows in `c`, for all that faces of the band look at.
    #[inline(always)]
    fn slopes(&self, place: Place, room: &mut Room<T>, size: impl Fn(usize) -> usize, sizes: &[T]) {
        let (n, width) = (self.shape.cols, self.width);
        for k in 0..place.all {
            let h = &mut room.h[k * width..][..n];
            let edge = !matches!(self.row(place, k), Ok(row) if row > 0 && row + 1 < self.shape.rows);
            let cells = room.spans[k].cells(n);
            if edge || k == 0 || k + 1 == place.all || cells.is_empty() {
                h.fill(T::ZERO);
                continue;
            }
            clear_around(h, &cells);
            let c = [k - 1, k, k + 1].map(|k| &room.c[k * width..][cells.clone()]);
            slopes_across(cells.len(), c, &sizes[size(k)..][cells.clone()], &mut h[cells]);
        }
    }

    /// Rows of the band from their north and south faces: `each` gets the row, where it has anything, and the masses in
    /// `room.line[1]` from `pad`.
    #[inline(always)]
    fn across(&self, place: Place, room: &mut Room<T>, mut each: impl FnMut(usize, Span, &mut Room<T>)) {
        let (n, width, stride) = (self.shape.cols, self.width, self.shape.stride());
        let south = &self.split.south;
        let [on, back] = south.reach;
        room.outs.clear();
        for k in place.north..place.north + place.rows {
            let around = &room.spans[k - on..=k + back];
            room.outs.push(around.iter().fold(Span::NONE, |all, span| all.and(*span)));
        }
        for face in 0..=place.rows {
            let k = place.north + face;
            let at = self.at(place.first + face, place.level);
            let from = Stack { q: &room.q, h: &room.h, width };
            let above = if face > 0 { room.outs[face - 1] } else { Span::NONE };
            let both = room.outs.get(face).map_or(above, |below| above.and(*below));
            let [upper, lower] = &mut room.cuts;
            self.ask(place, place.first + face + 1, &both.cells(n), [&south.share]);
            cut_across(both, k, south.faces(at, stride), from, lower);
            if face > 0 {
                let row = place.first + face - 1;
                let shift = [&south.shift[self.at(row, place.level)..], &south.shift[at..]];
                gather_across(above, (n, k - 1), shift, from, [upper, lower], &mut room.line[1][self.pad..]);
                each(row, above, room);
            }
            room.cuts.swap(0, 1);
        }
    }

    /// Where the cells of a row of the band lie in what is written.
    #[inline(always)]
    fn written(&self, place: Place, row: usize) -> Range<usize> {
        let slab = self.shape.stride() * self.shape.levels;
        let start = (row - place.first) * slab + GHOSTS + place.level * self.shape.stride();
        start..start + self.shape.cols
    }

    #[inline(always)]
    fn nothing(&self, place: Place, to: &mut [T]) {
        for row in place.first..place.first + place.rows {
            to[self.written(place, row)].fill(T::ZERO);
        }
    }

    #[inline(always)]
    fn east_west_first(&self, place: Place, room: &mut Room<T>, to: &mut [T]) {
        self.prepare(place, room);
        let (n, pad, width) = (self.shape.cols, self.pad, self.width);
        let split = self.split;
        for k in 0..place.all {
            let line = k * width..k * width + n;
            let row = match self.row(place, k) {
                Ok(row) => row,
                Err(edge) => {
                    self.beyond(k, &split.between[self.at(edge, place.level)..][..n], room);
                    continue;
                }
            };
            let at = self.at(row, place.level);
            let here = &self.from[at..][..n];
            let span = self.span(here);
            if span.is_none() {
                room.c[line.clone()].fill(T::ZERO);
                room.q[line].fill(T::ZERO);
                continue;
            }
            let (size, cells) = (&split.before[at..][..n], span.cells(n));
            if row + 1 < self.shape.rows {
                let next = [self.from, &split.before, &split.between, &split.east.share];
                self.ask(place, row + 1, &cells, next);
            }
            let [c, q, _] = &mut room.line;
            c[pad..][..n].copy_from_slice(here);
            let q = &mut q[pad..][..n];
            clear_around(q, &cells);
            for i in cells {
                q[i] = here[i] * size[i];
            }
            let out = &mut room.q[k * width..][..width];
            let span = self.along((at, span), size, &mut room.line, &mut room.cuts[0], out);
            let cells = span.cells(n);
            let (q, m, c) = (&mut out[..n], &split.between[at..][..n], &mut room.c[line]);
            clear_around(q, &cells);
            clear_around(c, &cells);
            for i in cells {
                c[i] = q[i] / m[i];
            }
            room.spans[k] = span;
        }
        if room.spans.iter().all(|span| span.is_none()) {
            self.nothing(place, to);
            return;
        }
        if let Some(spread) = split.spread {
            self.diffuse(place, spread, room);
        }
        let size = |k: usize| match self.row(place, k) {
            Ok(row) | Err(row) => self.at(row, place.level),
        };
        self.slopes(place, room, size, &split.between);
        self.across(
            place,
            room,
            #[inline(always)]
            |row, span, room| {
                if row + 1 < place.first + place.rows {
                    prefetch_all(&to[self.written(place, row + 1)]);
                }
                let (to, cells) = (&mut to[self.written(place, row)], span.cells(n));
                clear_around(to, &cells);
                to[cells.clone()].copy_from_slice(&room.line[1][pad..][cells]);
            },
        );
    }

    /// Explicit; the smaller of both cells' sizes is what they share.
    #[inline(always)]
    fn diffuse(&self, place: Place, spread: T, room: &mut Room<T>) {
        let (n, width) = (self.shape.cols, self.width);
        let mut before = room.spans[0];
        for k in 1..place.all - 1 {
            let Ok(row) = self.row(place, k) else {
                before = room.spans[k];
                continue;
            };
            let was = std::mem::replace(&mut before, room.spans[k]);
            let span = was.and(room.spans[k]).and(room.spans[k + 1]).reaching([1, 1], n);
            room.spans[k] = span;
            if span.is_none() {
                continue;
            }
            let cells = span.cells(n);
            let count = cells.len();
            let c = [k - 1, k, k + 1].map(|k| &room.c[k * width..][cells.clone()]);
            let of = |row: usize| &self.split.before[self.at(row, place.level)..][cells.clone()];
            let size = of(row);
            let q = &mut room.q[k * width..][cells.clone()];
            let shared = |a: T, b: T| spread * if a < b { a } else { b };
            if row > 0 {
                let north = of(row - 1);
                for i in 0..count {
                    q[i] = q[i] + shared(size[i], north[i]) * (c[0][i] - c[1][i]);
                }
            }
            if row + 1 < self.shape.rows {
                let south = of(row + 1);
                for i in 0..count {
                    q[i] = q[i] + shared(size[i], south[i]) * (c[2][i] - c[1][i]);
                }
            }
            // Beyond a span there is nothing in two cells side by side.
            let pairs = count - 1;
            let (here, east) = (&c[1][..pairs], &c[1][1..][..pairs]);
            let (size_here, size_east) = (&size[..pairs], &size[1..][..pairs]);
            let east_of = &mut room.line[2][..pairs];
            for i in 0..pairs {
                east_of[i] = shared(size_here[i], size_east[i]) * (east[i] - here[i]);
            }
            let east_of = &room.line[2][..pairs];
            for i in 0..pairs {
                q[i] = q[i] + east_of[i];
            }
            let inner = &mut q[1..][..pairs];
            for i in 0..pairs {
                inner[i] = inner[i] - east_of[i];
            }
        }
        for k in 1..place.all - 1 {
            let Ok(row) = self.row(place, k) else { continue };
            let cells = room.spans[k].cells(n);
            let m = &self.split.between[self.at(row, place.level)..][cells.clone()];
            let (q, c) = (&room.q[k * width..][cells.clone()], &mut room.c[k * width..][cells]);
            for i in 0..m.len() {
                c[i] = q[i] / m[i];
            }
        }
    }

    #[inline(always)]
    fn north_south_first(&self, place: Place, room: &mut Room<T>, to: &mut [T]) {
        self.prepare(place, room);
        let (n, pad, width) = (self.shape.cols, self.pad, self.width);
        let split = self.split;
        for k in 0..place.all {
            let line = k * width..k * width + n;
            let row = match self.row(place, k) {
                Ok(row) => row,
                Err(edge) => {
                    self.beyond(k, &split.before[self.at(edge, place.level)..][..n], room);
                    continue;
                }
            };
            let at = self.at(row, place.level);
            let (here, size) = (&self.from[at..][..n], &split.before[at..][..n]);
            room.spans[k] = self.span(here);
            let cells = room.spans[k].cells(n);
            if row + 1 < self.shape.rows {
                self.ask(place, row + 1, &cells, [self.from, &split.before]);
            }
            let (q, c) = (&mut room.q[line.clone()], &mut room.c[line]);
            q.copy_from_slice(here);
            clear_around(c, &cells);
            for i in cells {
                c[i] = here[i] / size[i];
            }
        }
        if room.spans.iter().all(|span| span.is_none()) {
            self.nothing(place, to);
            return;
        }
        let size = |k: usize| match self.row(place, k) {
            Ok(row) | Err(row) => self.at(row, place.level),
        };
        self.slopes(place, room, size, &split.before);
        let end = self.end;
        self.across(
            place,
            room,
            #[inline(always)]
            |row, span, room| {
                let (at, cells) = (self.at(row, place.level), span.cells(n));
                if row + 1 < place.first + place.rows {
                    prefetch_all(&to[self.written(place, row + 1)]);
                    self.ask(place, row + 1, &cells, [&split.between, &split.east.share]);
                    if let Some(after) = &split.after {
                        self.ask(place, row + 1, &cells, [after]);
                    }
                }
                let to = &mut to[self.written(place, row)];
                if cells.is_empty() {
                    to.fill(T::ZERO);
                    return;
                }
                let size = &split.between[at..][..n];
                let [c, q, _] = &mut room.line;
                let (c, q) = (&mut c[pad..][..n], &mut q[pad..][..n]);
                clear_around(q, &cells);
                clear_around(c, &cells);
                for i in cells {
                    c[i] = q[i] / size[i];
                }
                let (cut, out) = (&mut room.cuts[0], &mut room.out);
                let cells = self.along((at, span), size, &mut room.line, cut, out).cells(n);
                clear_around(to, &cells);
                let (out, to) = (&out[cells.clone()], &mut to[cells.clone()]);
                match &split.after {
                    Some(after) => {
                        let after = &after[at..][cells];
                        for i in 0..to.len() {
                            to[i] = end.of(out[i] / after[i]);
                        }
                    }
                    None => to.copy_from_slice(out),
                }
            },
        );
    }
}
