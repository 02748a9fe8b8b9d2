//! One step over a tile of the grid: both sweeps and the diffusion between them, row after row, so that everything in
//! between stays in the processor's nearest cache.
//!
//! The order alternates (Strang 1968, SIAM J. Numer. Anal. 5, 506): east-west, diffusion, north-south in one step, the
//! reverse in the next. A tile recomputes the few rows around it that it needs, so tiles know nothing of each other and
//! the result does not depend on who computes which.

// As in `line`: the loops have to end up in one function to be compiled for wide registers.
#![allow(clippy::inline_always)]

use super::line::{Across, Along, Carried, End, Line, SPARE, diffuse_across, diffuse_along};
use super::real::Real;
use super::rows::{GHOSTS, Rows, Shape, Volume};
use crate::base::prefetch::prefetch_all;

/// Longest line in the making: a tile's, and the cells around it that two steps and two sweeps look at.
const LINE: usize = MOST_COLS + 4 * GHOSTS + SPARE;
const MOST_COLS: usize = 256;
const MOST_ROWS: usize = 96;
/// Rows ahead whose memory is asked for.
const AHEAD: usize = 4;

/// How a grid is cut into tiles. Long rows keep the processor's registers full, small tiles leave more of an empty map
/// alone; the result is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tiling {
    /// Cells of a tile.
    pub cols: usize,
    pub rows: usize,
    /// Tiles of the grid.
    pub across: usize,
    pub down: usize,
}

impl Tiling {
    #[must_use]
    pub fn of(shape: Shape) -> Self {
        let (cols, rows) = if shape.cols >= 512 {
            (MOST_COLS, MOST_ROWS)
        } else if shape.levels > 1 {
            (168, 64)
        } else {
            (64, 32)
        };
        Self { cols, rows, across: shape.cols.div_ceil(cols), down: shape.rows.div_ceil(rows) }
    }

    #[must_use]
    pub fn count(self) -> usize {
        self.across * self.down
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    EastWestFirst,
    NorthSouthFirst,
}

impl Order {
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::EastWestFirst => Self::NorthSouthFirst,
            Self::NorthSouthFirst => Self::EastWestFirst,
        }
    }
}

/// What moves: volumes through faces in one step, as shares of a cell of size 1.
#[derive(Debug)]
pub struct Flow<T> {
    /// Eastward through each cell's west face, and southward through its north face.
    pub east: Rows<T>,
    pub south: Rows<T>,
    /// 1 where a face lies between two cells of the map, 0 elsewhere.
    pub open_west: Rows<T>,
    pub open_north: Rows<T>,
    /// m K dt / dx² at the faces; `None` without diffusion.
    pub diffusion: Option<[Rows<T>; 2]>,
}

/// Where an array of concentrations begins on the padded grid, and how far apart its rows are.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    pub row: usize,
    pub col: usize,
    pub stride: usize,
}

/// What lies in the memory and not in the cache.
#[derive(Debug, Clone, Copy)]
pub struct Far {
    pub reads: bool,
    pub writes: bool,
}

/// Everything that a tile reads.
#[derive(Debug, Clone, Copy)]
pub struct Reads<'a, T> {
    pub shape: Shape,
    /// Concentrations before the step.
    pub from: &'a [T],
    pub from_window: Window,
    /// Of what is written.
    pub to_window: Window,
    pub far: Far,
    /// Which of the levels that lie between one row and the next in every array.
    pub level: usize,
    pub flow: &'a Flow<T>,
    pub before: &'a Volume<T>,
    pub after: &'a Volume<T>,
    pub end: End<T>,
    pub order: Order,
}

/// A tile's place, in padded rows and columns.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub col: usize,
    pub cols: usize,
    pub row: usize,
    pub rows: usize,
}

/// Lines in the making; one a thread.
#[derive(Debug)]
pub struct Scratch<T> {
    swept: [Line<T>; 4],
    diffused: [Vec<T>; 4],
    line: Line<T>,
    slope: Vec<T>,
    flux: Vec<T>,
    carried: Carried<T>,
    /// A tile and what is around it between two steps.
    between: Vec<T>,
}

impl<T: Real> Scratch<T> {
    #[must_use]
    pub fn new() -> Self {
        let line = || Line::new(LINE);
        let room = || vec![T::ZERO; LINE];
        Self {
            swept: [line(), line(), line(), line()],
            diffused: [room(), room(), room(), room()],
            line: line(),
            slope: room(),
            flux: room(),
            carried: Carried::new(LINE),
            between: Vec::new(),
        }
    }
}

impl<T: Real> Default for Scratch<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Two steps of a plane over a tile. What is between them stays in the cache: a step less that goes through the memory.
/// Says whether anything is in the tile now.
#[inline(always)]
pub fn step_twice<T: Real>(reads: Reads<'_, T>, place: Place, scratch: &mut Scratch<T>, to: &mut [T]) -> bool {
    let mut between = std::mem::take(&mut scratch.between);
    between.resize(LINE * (MOST_ROWS + 2 * GHOSTS) + SPARE, T::ZERO);
    let window = Window { row: place.row - GHOSTS, col: place.col - GHOSTS, stride: LINE };
    let clip = |first: usize, count: usize, cells: usize| {
        let (from, to) = ((first - GHOSTS).max(GHOSTS), (first + count + GHOSTS).min(GHOSTS + cells));
        (from, to - from)
    };
    let ((col, cols), (row, rows)) =
        (clip(place.col, place.cols, reads.shape.cols), clip(place.row, place.rows, reads.shape.rows));
    let inner = Place { col, cols, row, rows };
    let far = Far { writes: false, ..reads.far };
    step(Reads { to_window: window, far, ..reads }, inner, scratch, &mut between);
    // Beyond the grid nothing changes.
    for r in place.row - GHOSTS..place.row + place.rows + GHOSTS {
        let mut keep = |from: usize, to: usize| {
            if from < to {
                let start = (r - window.row) * window.stride + from - window.col;
                between[start..start + to - from].copy_from_slice(&reads.cells(r, from)[..to - from]);
            }
        };
        let (first, last) = (place.col - GHOSTS, place.col + place.cols + GHOSTS);
        if r < row || r >= row + rows {
            keep(first, last);
        } else {
            keep(first, col);
            keep(col + cols, last);
        }
    }
    let far = Far { reads: false, ..reads.far };
    let second = Reads { from: &between, from_window: window, far, order: reads.order.next(), ..reads };
    let any = step(second, place, scratch, to);
    scratch.between = between;
    any
}

/// Steps a tile. Says whether anything is in the tile now.
#[inline(always)]
pub fn step<T: Real>(reads: Reads<'_, T>, place: Place, scratch: &mut Scratch<T>, to: &mut [T]) -> bool {
    scratch.carried.slope.fill(T::ZERO);
    scratch.carried.flux.fill(T::ZERO);
    match (reads.order, &reads.flow.diffusion) {
        (Order::EastWestFirst, None) => east_west_first(reads, place, scratch, to),
        (Order::EastWestFirst, Some(g)) => east_west_first_diffusing(reads, g, place, scratch, to),
        (Order::NorthSouthFirst, None) => north_south_first(reads, place, scratch, to),
        (Order::NorthSouthFirst, Some(g)) => north_south_first_diffusing(reads, g, place, scratch, to),
    }
}

impl<T: Real> Reads<'_, T> {
    /// Where a row of this level stands among all rows of all levels.
    #[inline(always)]
    fn at(&self, row: usize) -> usize {
        row * self.shape.levels + self.level
    }

    /// Asks for the memory of a row to come: rows lie far apart, which the processor does not foresee.
    #[inline(always)]
    fn ask_ahead(&self, row: usize, place: Place, to: &[T]) {
        let row = row + AHEAD;
        if row >= place.row + place.rows + 3 {
            return;
        }
        let (col, cols) = (place.col - 3, place.cols + 6);
        if self.far.reads {
            prefetch_all(&self.cells(row, col)[..cols]);
            prefetch_all(&self.flow.east.row(self.at(row))[col..col + cols]);
            prefetch_all(&self.flow.south.row(self.at(row))[col..col + cols]);
        }
        if self.far.writes && row >= place.row && row < place.row + place.rows {
            let window = self.to_window;
            let start = self.at(row - window.row) * window.stride + place.col - window.col;
            prefetch_all(&to[start..start + place.cols]);
        }
    }

    /// Concentrations from a cell on.
    #[inline(always)]
    fn cells(&self, row: usize, col: usize) -> &[T] {
        let window = self.from_window;
        &self.from[self.at(row - window.row) * window.stride + col - window.col..]
    }

    /// The part of `to` that is one row of the tile.
    #[inline(always)]
    fn target<'b>(&self, to: &'b mut [T], row: usize, place: Place) -> &'b mut [T] {
        let window = self.to_window;
        let start = self.at(row - window.row) * window.stride + place.col - window.col;
        &mut to[start..start + place.cols]
    }

    /// The first sweep along a row: n cells from column `col`.
    #[inline(always)]
    fn along(&self, row: usize, col: usize, n: usize, slope: &mut [T], flux: &mut [T], out: &mut Line<T>) {
        Along {
            c: self.cells(row, col - 2),
            open: &self.flow.open_west.row(self.at(row))[col - 1..],
            volume: &self.flow.east.row(self.at(row))[col..],
            size: &self.before.size.row(self.at(row))[col - 1..],
            inverse: &self.before.inverse.row(self.at(row))[col - 1..],
        }
        .first(n, slope, flux, out);
    }

    /// The first sweep across rows: with `here` as the middle row, what comes out is the row north of it.
    #[inline(always)]
    fn across(&self, here: usize, col: usize, n: usize, carried: &mut Carried<T>, out: &mut Line<T>) {
        let c = |row: usize| self.cells(row, col);
        let flow = self.flow;
        Across {
            c: [c(here - 1), c(here), c(here + 1)],
            open: [&flow.open_north.row(self.at(here))[col..], &flow.open_north.row(self.at(here + 1))[col..]],
            volume: [&flow.south.row(self.at(here - 1))[col..], &flow.south.row(self.at(here))[col..]],
            size: &self.before.size.row(self.at(here - 1))[col..],
            inverse: [
                &self.before.inverse.row(self.at(here - 1))[col..],
                &self.before.inverse.row(self.at(here))[col..],
            ],
        }
        .first(n, carried, out);
    }

    /// The last sweep across rows, from rows in the making.
    #[inline(always)]
    fn across_last(
        &self,
        here: usize,
        place: Place,
        c: [&[T]; 3],
        lines: [&Line<T>; 2],
        carried: &mut Carried<T>,
        out: &mut [T],
    ) {
        let (flow, col) = (self.flow, place.col);
        Across {
            c,
            open: [&flow.open_north.row(self.at(here))[col..], &flow.open_north.row(self.at(here + 1))[col..]],
            volume: [&flow.south.row(self.at(here - 1))[col..], &flow.south.row(self.at(here))[col..]],
            size: &lines[0].size,
            inverse: [&lines[0].inverse, &lines[1].inverse],
        }
        .last(place.cols, carried, &self.after.inverse.row(self.at(here - 1))[col..], self.end, out);
    }
}

/// Apart from the sweep: where there is something, the first cell tells.
#[inline(always)]
fn is_filled<T: Real>(row: &[T]) -> bool {
    row.iter().any(|c| *c > T::ZERO)
}

/// Three lines of a ring of four, rows r - 1, r and r + 1.
#[inline(always)]
fn three<'a, L, T>(ring: &'a [L; 4], r: usize, of: impl Fn(&'a L) -> &'a [T]) -> [&'a [T]; 3] {
    [of(&ring[(r + 3) % 4]), of(&ring[r % 4]), of(&ring[(r + 1) % 4])]
}

#[inline(always)]
fn east_west_first<T: Real>(reads: Reads<'_, T>, place: Place, s: &mut Scratch<T>, to: &mut [T]) -> bool {
    let mut any = false;
    // With row `newest` swept, the slope of the row before it and the mass of the row before that are known.
    for newest in place.row - 2..place.row + place.rows + 2 {
        reads.ask_ahead(newest, place, to);
        reads.along(newest, place.col, place.cols, &mut s.slope, &mut s.flux, &mut s.swept[newest % 4]);
        if newest < place.row {
            continue;
        }
        let here = newest - 1;
        let c = three(&s.swept, here, |line| &line.c);
        let lines = [&s.swept[(here + 3) % 4], &s.swept[here % 4]];
        if here > place.row {
            let out = reads.target(to, here - 1, place);
            reads.across_last(here, place, c, lines, &mut s.carried, out);
            any = any || is_filled(out);
        } else {
            reads.across_last(here, place, c, lines, &mut s.carried, &mut s.line.c);
        }
    }
    any
}

#[inline(always)]
fn east_west_first_diffusing<T: Real>(
    reads: Reads<'_, T>,
    [g_west, g_north]: &[Rows<T>; 2],
    place: Place,
    s: &mut Scratch<T>,
    to: &mut [T],
) -> bool {
    let (col, n) = (place.col, place.cols);
    let mut any = false;
    for newest in place.row - 3..place.row + place.rows + 3 {
        reads.ask_ahead(newest, place, to);
        let line = &mut s.line;
        reads.along(newest, col - 1, n + 2, &mut s.slope, &mut s.flux, line);
        let spread = &mut s.swept[newest % 4];
        diffuse_along(n, &line.c, &g_west.row(reads.at(newest))[col..], &line.inverse[1..], &mut spread.c);
        spread.size[..n].copy_from_slice(&line.size[1..=n]);
        spread.inverse[..n].copy_from_slice(&line.inverse[1..=n]);
        if newest < place.row - 1 {
            continue;
        }
        let middle = newest - 1;
        let c = three(&s.swept, middle, |line| &line.c);
        let g = [&g_north.row(reads.at(middle))[col..], &g_north.row(reads.at(middle + 1))[col..]];
        diffuse_across(n, c, g, &s.swept[middle % 4].inverse, &mut s.diffused[middle % 4]);
        if newest < place.row + 1 {
            continue;
        }
        let here = newest - 2;
        let c = three(&s.diffused, here, |row| row);
        let lines = [&s.swept[(here + 3) % 4], &s.swept[here % 4]];
        if here > place.row {
            let out = reads.target(to, here - 1, place);
            reads.across_last(here, place, c, lines, &mut s.carried, out);
            any = any || is_filled(out);
        } else {
            reads.across_last(here, place, c, lines, &mut s.carried, &mut s.line.c);
        }
    }
    any
}

/// The last sweep along a row whose first sweep is in `line`, two cells more on either side than the tile.
#[inline(always)]
fn along_last<T: Real>(
    reads: Reads<'_, T>,
    row: usize,
    place: Place,
    line: (&[T], &[T], &[T]),
    slope: &mut [T],
    flux: &mut [T],
    to: &mut [T],
) -> bool {
    let col = place.col;
    let out = reads.target(to, row, place);
    Along {
        c: line.0,
        open: &reads.flow.open_west.row(reads.at(row))[col - 1..],
        volume: &reads.flow.east.row(reads.at(row))[col..],
        size: line.1,
        inverse: line.2,
    }
    .last(place.cols, slope, flux, &reads.after.inverse.row(reads.at(row))[col..], reads.end, out);
    is_filled(out)
}

#[inline(always)]
fn north_south_first<T: Real>(reads: Reads<'_, T>, place: Place, s: &mut Scratch<T>, to: &mut [T]) -> bool {
    let mut any = false;
    for here in place.row - 1..=place.row + place.rows {
        reads.ask_ahead(here, place, to);
        reads.across(here, place.col - 2, place.cols + 4, &mut s.carried, &mut s.line);
        if here <= place.row {
            continue;
        }
        let line = (&s.line.c[..], &s.line.size[1..], &s.line.inverse[1..]);
        any |= along_last(reads, here - 1, place, line, &mut s.slope, &mut s.flux, to);
    }
    any
}

#[inline(always)]
fn north_south_first_diffusing<T: Real>(
    reads: Reads<'_, T>,
    [g_west, g_north]: &[Rows<T>; 2],
    place: Place,
    s: &mut Scratch<T>,
    to: &mut [T],
) -> bool {
    // Three cells more than the tile on either side after the first sweep, two after the diffusion.
    let (col, n) = (place.col - 3, place.cols + 6);
    let mut any = false;
    for here in place.row - 2..place.row + place.rows + 2 {
        reads.ask_ahead(here, place, to);
        // Row `swept` comes out of the sweep whose middle row is `here`.
        let swept = here - 1;
        reads.across(here, col, n, &mut s.carried, &mut s.swept[swept % 4]);
        if swept <= place.row {
            continue;
        }
        let middle = swept - 1;
        let c = three(&s.swept, middle, |line| &line.c);
        let g = [&g_north.row(reads.at(middle))[col..], &g_north.row(reads.at(middle + 1))[col..]];
        let line = &s.swept[middle % 4];
        let [first, second, ..] = &mut s.diffused;
        diffuse_across(n, c, g, &line.inverse, first);
        diffuse_along(n - 2, first, &g_west.row(reads.at(middle))[col + 1..], &line.inverse[1..], second);
        let line = (&second[..], &line.size[2..], &line.inverse[2..]);
        any |= along_last(reads, middle, place, line, &mut s.slope, &mut s.flux, to);
    }
    any
}
