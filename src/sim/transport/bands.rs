//! A long step within every level, band of rows after band of rows: both sweeps of a band and the diffusion between them
//! stay in the processor's second cache. A band works out the rows around it that its own come from, so bands know
//! nothing of each other.

// As in `line`.
#![allow(clippy::needless_range_loop, clippy::inline_always)]

use rayon::prelude::*;

use super::departure::Departures;
use super::field::Field;
use super::gather::{
    Cut, SLACK, Stack, cut_across, cut_along, gather_across, gather_along, slopes_across, slopes_along,
};
use super::line::End;
use super::real::Real;
use super::rows::{GHOSTS, Shape};
use super::tile::Order;
use super::wide::widely;
use crate::base::cancel::{CancelToken, Cancelled};

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

/// Room for a band; one a thread.
struct Room<T> {
    c: Vec<T>,
    q: Vec<T>,
    h: Vec<T>,
    out: Vec<T>,
    filled: Vec<bool>,
    line: [Vec<T>; 3],
    cuts: [Cut<T>; 2],
}

impl<T: Real> Room<T> {
    fn new() -> Self {
        let line = Vec::new;
        Self {
            c: line(),
            q: line(),
            h: line(),
            out: line(),
            filled: Vec::new(),
            line: [line(), line(), line()],
            cuts: [Cut::new(0), Cut::new(0)],
        }
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
        room.filled.clear();
        room.filled.resize(place.all, false);
        let line = self.shape.cols + 2 * self.pad + 2 * SLACK;
        room.line.iter_mut().for_each(|l| l.resize(line, T::ZERO));
        for cut in &mut room.cuts {
            cut.before.resize(line, T::ZERO);
            cut.after.resize(line, T::ZERO);
        }
        room.out.resize(line, T::ZERO);
    }

    /// `line` of cells with what lies beyond the grid on both sides.
    #[inline(always)]
    fn fill_sides(&self, line: &mut [T], west: T, east: T) {
        line[..self.pad].fill(west);
        line[self.pad + self.shape.cols..].fill(east);
    }

    /// A row swept eastward and westward: masses of the row of cells whose concentrations are in `line[0]` and masses in
    /// `line[1]`, both from `pad` on.
    #[inline(always)]
    fn along(&self, at: usize, size: &[T], line: &mut [Vec<T>; 3], cut: &mut Cut<T>, out: &mut [T]) {
        let (n, pad) = (self.shape.cols, self.pad);
        let [c, q, h] = line;
        self.fill_sides(c, self.inflow, self.inflow);
        self.fill_sides(q, self.inflow * size[0], self.inflow * size[n - 1]);
        slopes_along(n, pad, c, size, h);
        let (shift, share) = (&self.split.east.shift[at..], &self.split.east.share[at..]);
        cut_along(n + 1, pad, (shift, share), (q, h), cut);
        gather_along(n, pad, shift, q, cut, out);
    }

    /// Half slopes of the rows in `c`, for all that faces of the band look at.
    #[inline(always)]
    fn slopes(&self, place: Place, room: &mut Room<T>, size: impl Fn(usize) -> usize, sizes: &[T]) {
        let (n, width) = (self.shape.cols, self.width);
        for k in 0..place.all {
            let h = &mut room.h[k * width..][..n];
            let edge = !matches!(self.row(place, k), Ok(row) if row > 0 && row + 1 < self.shape.rows);
            if edge || k == 0 || k + 1 == place.all || !room.filled[k] {
                h.fill(T::ZERO);
                continue;
            }
            let c = [k - 1, k, k + 1].map(|k| &room.c[k * width..][..n]);
            slopes_across(n, c, &sizes[size(k)..][..n], h);
        }
    }

    /// Rows of the band from their north and south faces: `each` gets the row and the masses in `room.line[1]` from `pad`.
    #[inline(always)]
    fn across(&self, place: Place, room: &mut Room<T>, mut each: impl FnMut(usize, &mut Room<T>)) {
        let (n, width) = (self.shape.cols, self.width);
        let south = &self.split.south;
        for k in place.north..=place.north + place.rows {
            let face = place.first + k - place.north;
            let at = self.shape.at(0, face) + place.level * self.shape.stride();
            let from = Stack { q: &room.q, h: &room.h, width };
            let [upper, lower] = &mut room.cuts;
            cut_across(n, k, (&south.shift[at..], &south.share[at..]), from, lower);
            if k > place.north {
                let above = self.at(face - 1, place.level);
                let shift = [&south.shift[above..], &south.shift[at..]];
                gather_across(n, k - 1, shift, from, [upper, lower], &mut room.line[1][self.pad..]);
                each(face - 1, room);
            }
            room.cuts.swap(0, 1);
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
                    let at = self.at(edge, place.level);
                    room.c[line.clone()].fill(self.inflow);
                    let sizes = &split.between[at..][..n];
                    room.q[line].iter_mut().zip(sizes).for_each(|(q, m)| *q = self.inflow * *m);
                    room.filled[k] = self.inflow > T::ZERO;
                    continue;
                }
            };
            let at = self.at(row, place.level);
            let here = &self.from[at..][..n];
            if self.inflow <= T::ZERO && !holds(here) {
                room.c[line.clone()].fill(T::ZERO);
                room.q[line].fill(T::ZERO);
                continue;
            }
            room.filled[k] = true;
            let size = &split.before[at..][..n];
            room.line[0][pad..][..n].copy_from_slice(here);
            let q = &mut room.line[1][pad..][..n];
            for i in 0..n {
                q[i] = here[i] * size[i];
            }
            let out = &mut room.q[k * width..][..width];
            self.along(at, size, &mut room.line, &mut room.cuts[0], out);
            let (q, m, c) = (&out[..n], &split.between[at..][..n], &mut room.c[line.clone()]);
            for i in 0..n {
                c[i] = q[i] / m[i];
            }
        }
        if !room.filled.iter().any(|filled| *filled) {
            for row in 0..place.rows {
                let start = self.shape.at(0, row) - self.shape.at(0, 0) + GHOSTS + place.level * self.shape.stride();
                to[start..][..n].fill(T::ZERO);
            }
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
            |row, room| {
                let start = self.shape.at(0, row - place.first) - self.shape.at(0, 0)
                    + GHOSTS
                    + place.level * self.shape.stride();
                to[start..][..n].copy_from_slice(&room.line[1][pad..][..n]);
            },
        );
    }

    /// Explicit; the smaller of both cells' sizes is what they share.
    #[inline(always)]
    fn diffuse(&self, place: Place, spread: T, room: &mut Room<T>) {
        let (n, width) = (self.shape.cols, self.width);
        let mut before = room.filled[0];
        for k in 1..place.all - 1 {
            let Ok(row) = self.row(place, k) else { continue };
            let was = std::mem::replace(&mut before, room.filled[k]);
            if !(was || room.filled[k] || room.filled[k + 1]) {
                continue;
            }
            let c = [k - 1, k, k + 1].map(|k| &room.c[k * width..][..n]);
            let of = |row: usize| &self.split.before[self.at(row, place.level)..][..n];
            let size = of(row);
            let q = &mut room.q[k * width..][..n];
            let shared = |a: T, b: T| spread * if a < b { a } else { b };
            if row > 0 {
                let north = of(row - 1);
                for i in 0..n {
                    q[i] = q[i] + shared(size[i], north[i]) * (c[0][i] - c[1][i]);
                }
            }
            if row + 1 < self.shape.rows {
                let south = of(row + 1);
                for i in 0..n {
                    q[i] = q[i] + shared(size[i], south[i]) * (c[2][i] - c[1][i]);
                }
            }
            let (here, east) = (&c[1][..n - 1], &c[1][1..][..n - 1]);
            let (size_here, size_east) = (&size[..n - 1], &size[1..][..n - 1]);
            let east_of = &mut room.line[2][..n - 1];
            for i in 0..n - 1 {
                east_of[i] = shared(size_here[i], size_east[i]) * (east[i] - here[i]);
            }
            let east_of = &room.line[2][..n - 1];
            for i in 0..n - 1 {
                q[i] = q[i] + east_of[i];
            }
            let inner = &mut q[1..][..n - 1];
            for i in 0..n - 1 {
                inner[i] = inner[i] - east_of[i];
            }
            room.filled[k] = true;
        }
        for k in 1..place.all - 1 {
            let Ok(row) = self.row(place, k) else { continue };
            if !room.filled[k] {
                continue;
            }
            let m = &self.split.between[self.at(row, place.level)..][..n];
            let (q, c) = (&room.q[k * width..][..n], &mut room.c[k * width..][..n]);
            for i in 0..n {
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
            let (row, inside) = match self.row(place, k) {
                Ok(row) => (row, true),
                Err(row) => (row, false),
            };
            let at = self.at(row, place.level);
            let size = &split.before[at..][..n];
            let (q, c) = (&mut room.q[line.clone()], &mut room.c[line]);
            if !inside {
                c.fill(self.inflow);
                q.iter_mut().zip(size).for_each(|(q, m)| *q = self.inflow * *m);
                room.filled[k] = self.inflow > T::ZERO;
                continue;
            }
            let here = &self.from[at..][..n];
            room.filled[k] = holds(here);
            if !room.filled[k] {
                c.fill(T::ZERO);
                q.fill(T::ZERO);
                continue;
            }
            q.copy_from_slice(here);
            for i in 0..n {
                c[i] = here[i] / size[i];
            }
        }
        let row_in = |row: usize| {
            self.shape.at(0, row - place.first) - self.shape.at(0, 0) + GHOSTS + place.level * self.shape.stride()
        };
        if !room.filled.iter().any(|filled| *filled) && self.inflow <= T::ZERO {
            for row in place.first..place.first + place.rows {
                to[row_in(row)..][..n].fill(T::ZERO);
            }
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
            |row, room| {
                let at = self.at(row, place.level);
                let size = &split.between[at..][..n];
                let [c, q, _] = &mut room.line;
                let (c, q) = (&mut c[pad..][..n], &q[pad..][..n]);
                for i in 0..n {
                    c[i] = q[i] / size[i];
                }
                let (cut, out) = (&mut room.cuts[0], &mut room.out);
                self.along(at, size, &mut room.line, cut, out);
                let out = &room.out[..n];
                let to = &mut to[row_in(row)..][..n];
                match &split.after {
                    Some(after) => {
                        let after = &after[at..][..n];
                        for i in 0..n {
                            to[i] = end.of(out[i] / after[i]);
                        }
                    }
                    None => to.copy_from_slice(out),
                }
            },
        );
    }
}

/// Whether anything is in a row: where there is something, the first cells tell.
#[inline(always)]
fn holds<T: Real>(row: &[T]) -> bool {
    row.chunks(64).any(|piece| piece.iter().fold(0, |any, c| any | u8::from(*c > T::ZERO)) > 0)
}
