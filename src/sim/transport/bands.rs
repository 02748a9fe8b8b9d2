//! A step southward within every level, band of rows after band of rows, and the diffusion before it: what a band needs stays
//! in the processor's second cache. A band works out the rows around it that its own come from, so bands know nothing of
//! each other.

// As in `line`.
#![allow(clippy::needless_range_loop, clippy::inline_always)]

use std::ops::Range;

use super::departure::Departures;
use super::gather::{Cut, SLACK, Stack, cut_across, exchange, gather_across, slopes_across, spread_out, thin};
use super::real::Real;
use super::rows::{GHOSTS, Shape};
use super::span::{Span, clear_around};
use crate::base::prefetch::prefetch_all;

/// Rows of a band.
pub(super) const ROWS: usize = 64;

/// Room for a band; one a thread.
pub(super) struct Room<T> {
    c: Vec<T>,
    q: Vec<T>,
    h: Vec<T>,
    out: Vec<T>,
    faces: [Vec<T>; 2],
    cuts: [Cut<T>; 2],
    /// Where each row has anything.
    spans: Vec<Span>,
}

impl<T: Real> Room<T> {
    pub(super) fn new(shape: Shape) -> Self {
        let line = || vec![T::ZERO; shape.cols + SLACK];
        let cut = || Cut::new(shape.cols + SLACK);
        let (faces, cuts) = ([line(), line()], [cut(), cut()]);
        Self { c: Vec::new(), q: Vec::new(), h: Vec::new(), out: line(), faces, cuts, spans: Vec::new() }
    }
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

/// Once over the grid, from masses to masses.
pub(super) struct Pass<'a, T> {
    pub shape: Shape,
    pub from: &'a [T],
    pub south: &'a Departures<T>,
    /// Sizes before.
    pub size: &'a [T],
    /// K dt / dx², if any.
    pub spread: Option<T>,
    pub inflow: T,
}

impl<T: Real> Pass<'_, T> {
    /// One level of the band whose first row is `first`; `to` holds all levels of its rows.
    #[inline(always)]
    pub(super) fn band(&self, first: usize, level: usize, to: &mut [T], room: &mut Room<T>) {
        let rows = to.len() / (self.shape.stride() * self.shape.levels);
        let wider = 1 + usize::from(self.spread.is_some());
        let [north, south] = self.south.reach.map(|r| r + wider);
        let place = Place { level, first, rows, north, all: rows + 1 + north + south };
        self.read(place, room);
        if room.spans.iter().all(|span| span.is_none()) {
            for row in first..first + rows {
                to[self.written(place, row)].fill(T::ZERO);
            }
            return;
        }
        if let Some(spread) = self.spread {
            self.diffuse(place, spread, room);
        }
        self.slopes(place, room);
        self.across(place, room, to);
    }

    #[inline(always)]
    fn width(&self) -> usize {
        (self.shape.cols + SLACK).next_multiple_of(16)
    }

    /// The row of the grid that a row of the band stands for, if it is one; else the nearest.
    #[inline(always)]
    fn row(&self, place: Place, k: usize) -> Result<usize, usize> {
        let row = (place.first + k).wrapping_sub(place.north).cast_signed();
        let inside = row.clamp(0, self.shape.rows.cast_signed() - 1).cast_unsigned();
        if inside.cast_signed() == row { Ok(inside) } else { Err(inside) }
    }

    /// The first cell of a row of a level, and its north face.
    #[inline(always)]
    fn at(&self, row: usize, level: usize) -> usize {
        self.shape.at(0, row) + level * self.shape.stride()
    }

    /// Sizes of a row of the band.
    #[inline(always)]
    fn sizes(&self, place: Place, k: usize) -> &[T] {
        let (Ok(row) | Err(row)) = self.row(place, k);
        &self.size[self.at(row, place.level)..]
    }

    /// Where the cells of a row of the band lie in what is written.
    #[inline(always)]
    fn written(&self, place: Place, row: usize) -> Range<usize> {
        let slab = self.shape.stride() * self.shape.levels;
        let start = (row - place.first) * slab + GHOSTS + place.level * self.shape.stride();
        start..start + self.shape.cols
    }

    #[inline(always)]
    fn read(&self, place: Place, room: &mut Room<T>) {
        let (n, width) = (self.shape.cols, self.width());
        for field in [&mut room.c, &mut room.q, &mut room.h] {
            field.resize((place.all * width).max(field.len()), T::ZERO);
        }
        room.spans.clear();
        for k in 0..place.all {
            let line = k * width..(k + 1) * width;
            let (q, c) = (&mut room.q[line.clone()], &mut room.c[line]);
            let sizes = self.sizes(place, k);
            let Ok(row) = self.row(place, k) else {
                c[..n].fill(self.inflow);
                q[..n].iter_mut().zip(sizes).for_each(|(q, m)| *q = self.inflow * *m);
                room.spans.push(if self.inflow > T::ZERO { Span::whole(n) } else { Span::NONE });
                continue;
            };
            let at = self.at(row, place.level);
            let here = &self.from[at..][..n];
            let span = if self.inflow > T::ZERO { Span::whole(n) } else { Span::of(here) };
            let cells = span.cells(n);
            if row + 1 < self.shape.rows {
                let next = self.at(row + 1, place.level);
                prefetch_all(&self.from[next + cells.start..next + cells.end]);
                prefetch_all(&self.size[next + cells.start..next + cells.end]);
            }
            q[..n].copy_from_slice(here);
            clear_around(c, &cells);
            thin(span, q, sizes, c);
            room.spans.push(span);
        }
    }

    /// Explicit. Nothing passes the grid's edge, and beyond it nothing changes.
    #[inline(always)]
    fn diffuse(&self, place: Place, spread: T, room: &mut Room<T>) {
        let width = self.width();
        let [north, south] = &mut room.faces;
        north.fill(T::ZERO);
        let mut above = Span::NONE;
        for k in 0..place.all - 1 {
            let below = room.spans[k].and(room.spans[k + 1]);
            let both = above.and(below);
            above = below;
            south.fill(T::ZERO);
            if self.row(place, k).is_ok() && self.row(place, k + 1).is_ok() {
                let c = [k, k + 1].map(|k| &room.c[k * width..][..width]);
                exchange(below, spread, [k, k + 1].map(|k| self.sizes(place, k)), c, south);
            }
            if k > 0 && self.row(place, k).is_ok() {
                let (q, c) = (&mut room.q[k * width..][..width], &mut room.c[k * width..][..width]);
                spread_out(both, [north, south], self.sizes(place, k), q, c);
                room.spans[k] = both;
            }
            std::mem::swap(north, south);
        }
    }

    /// Half slopes, for all that faces of the band look at.
    #[inline(always)]
    fn slopes(&self, place: Place, room: &mut Room<T>) {
        let (n, width) = (self.shape.cols, self.width());
        for k in 0..place.all {
            let h = &mut room.h[k * width..][..width];
            let edge = !matches!(self.row(place, k), Ok(row) if row > 0 && row + 1 < self.shape.rows);
            let span = if edge || k == 0 || k + 1 == place.all { Span::NONE } else { room.spans[k] };
            clear_around(h, &span.cells(n));
            if !span.is_none() {
                let c = [k - 1, k, k + 1].map(|k| &room.c[k * width..][..width]);
                slopes_across(span, c, self.sizes(place, k), h);
            }
        }
    }

    /// Rows of the band from their north and south faces.
    #[inline(always)]
    fn across(&self, place: Place, room: &mut Room<T>, to: &mut [T]) {
        let (n, stride, south) = (self.shape.cols, self.shape.stride(), self.south);
        let [on, back] = south.reach;
        let reached = |spans: &[Span], row: usize| {
            let k = place.north + row;
            spans[k - on..=k + back].iter().fold(Span::NONE, |all, span| all.and(*span))
        };
        let from = Stack { q: &room.q, h: &room.h, width: self.width() };
        let [upper, lower] = &mut room.cuts;
        let mut above = Span::NONE;
        for face in 0..=place.rows {
            let k = place.north + face;
            let at = self.at(place.first + face, place.level);
            let below = if face < place.rows { reached(&room.spans, face) } else { Span::NONE };
            let both = above.and(below);
            let next = self.at(place.first + face + 1, place.level);
            prefetch_all(&south.share[next + both.cells(n).start..next + both.cells(n).end]);
            cut_across(both, k, south.faces(at, stride), from, lower);
            if face > 0 {
                let row = place.first + face - 1;
                let shift = [&south.shift[self.at(row, place.level)..], &south.shift[at..]];
                gather_across(above, (n, k - 1), shift, from, [upper, lower], &mut room.out);
                let (to, cells) = (&mut to[self.written(place, row)], above.cells(n));
                clear_around(to, &cells);
                to[cells.clone()].copy_from_slice(&room.out[cells]);
            }
            std::mem::swap(upper, lower);
            above = below;
        }
    }
}
