//! The quick part of the current, tile by tile: slow forces once, then several short steps of the long waves, and all of it
//! in one walk over the tile's rows, each step a row behind the one before, so that what is at work lies in the nearest
//! cache.
//!
//! A tile computes the cells around it that its own need, so tiles know nothing of each other and who computes which
//! changes no bit. What the steps push through a face is not summed step by step: the levels before each step, weighted
//! by how many steps still feel them, give it at the end.

// Several rows are walked in step, and the loops have to end up in one function to be compiled for wide registers.
#![allow(clippy::needless_range_loop, clippy::inline_always)]

use super::shallow::{FLOOR_DRAG, GRAVITY};
use crate::base::prefetch::prefetch_all;

/// Short steps between two pushes of the slow forces.
pub const MOST_STEPS: usize = 16;
/// Cells around a tile: one for each short step, two for the slow forces.
const HALO: usize = MOST_STEPS + 2;
/// A tile's rows, and the most of its columns.
pub const TILE_ROWS: usize = 106;
const MOST_COLS: usize = 400;
/// Rows of a tile that are kept: those that any step still looks at.
const KEPT: usize = 32;
/// Rows ahead whose memory is asked for.
const AHEAD: usize = 3;
/// Room before a row for the cell to its west, behind it for the face after its last cell: loops run over whole registers.
const LEAD: usize = 8;

/// A piece of the map, and which of the cells with a given level lie in it or around it.
#[derive(Debug, Clone)]
pub struct Tile {
    pub col: usize,
    pub row: usize,
    pub cols: usize,
    pub rows: usize,
    /// Cells with a given level: (row, column, number of the cell), row by row.
    edge: Vec<[usize; 3]>,
    /// Where each row's begin in `edge`.
    edge_of: Vec<usize>,
}

impl Tile {
    /// The first columns of tiles side by side, and how many each has.
    pub fn columns(cols: usize) -> impl Iterator<Item = (usize, usize)> {
        let width = cols.div_ceil(cols.div_ceil(MOST_COLS));
        (0..cols).step_by(width).map(move |col| (col, width.min(cols - col)))
    }

    /// `edge` are the cells with a given level.
    #[must_use]
    pub fn new([col, row]: [usize; 2], [cols, rows]: [usize; 2], edge: &[(usize, usize)]) -> Self {
        let [width, height] = [cols + 2 * HALO, rows + 2 * HALO];
        let inside = |(number, (c, r)): (usize, &(usize, usize))| {
            let (x, y) = ((c + HALO).checked_sub(col)?, (r + HALO).checked_sub(row)?);
            (x < width && y < height).then_some([y, x, number])
        };
        let mut edge: Vec<[usize; 3]> = edge.iter().enumerate().filter_map(inside).collect();
        edge.sort_unstable();
        let edge_of = (0..=height).map(|y| edge.partition_point(|e| e[0] < y)).collect();
        Self { col, row, cols, rows, edge, edge_of }
    }
}

/// The sea before the steps. East faces are one more than cells in a row, north faces one row more.
#[derive(Debug, Clone, Copy)]
pub struct Before<'a> {
    pub cols: usize,
    pub rows: usize,
    pub depth: &'a [f32],
    pub level: &'a [f32],
    /// Velocity times depth, m²/s.
    pub east: &'a [f32],
    pub north: &'a [f32],
}

/// What pushes during the steps.
#[derive(Debug, Clone, Copy)]
pub struct Push<'a> {
    pub steps: usize,
    pub dt: f32,
    pub cell_m: f32,
    pub coriolis: f32,
    pub stress: [f32; 2],
    /// Given levels after the first step, and what they rise from one step to the next.
    pub edge: &'a [[f32; 2]],
}

/// Rows of a band that a tile writes its part of.
#[derive(Debug)]
pub struct After<'a> {
    pub level: &'a mut [f32],
    pub east: &'a mut [f32],
    pub north: &'a mut [f32],
    pub east_sum: &'a mut [f32],
    pub north_sum: &'a mut [f32],
}

/// The rows of a tile that are in the making; one a thread.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Cells of a row with those around the tile, to whole registers, and what a row takes.
    width: usize,
    stride: usize,
    depth: Vec<f32>,
    level: Vec<f32>,
    east: Vec<f32>,
    north: Vec<f32>,
    /// What a difference of levels of a metre adds to a face's flow in a step; 0 where nothing passes.
    east_pull: Vec<f32>,
    north_pull: Vec<f32>,
    /// Flows after the slow forces, for the sums.
    east_first: Vec<f32>,
    north_first: Vec<f32>,
    weighed: Vec<f32>,
}

impl Scratch {
    fn make_room(&mut self, tile: &Tile) {
        self.width = (tile.cols + 2 * HALO).next_multiple_of(8);
        self.stride = (LEAD + self.width + 1).next_multiple_of(16);
        let arrays = [&mut self.depth, &mut self.level, &mut self.east, &mut self.north, &mut self.weighed];
        let more = [&mut self.east_pull, &mut self.north_pull, &mut self.east_first, &mut self.north_first];
        for array in arrays.into_iter().chain(more) {
            array.clear();
            array.resize(self.stride * KEPT, 0.0);
        }
    }

    /// Where a row's first cell is kept.
    #[inline(always)]
    fn kept(&self, y: usize) -> usize {
        y % KEPT * self.stride + LEAD
    }

    /// All of a tile's steps.
    #[inline(always)]
    pub fn advance(&mut self, tile: &Tile, before: Before<'_>, push: Push<'_>, after: &mut After<'_>) {
        let bottom = HALO + tile.rows + push.steps + 1;
        self.make_room(tile);
        self.read(0, tile, before);
        for y in 0..bottom + push.steps + 2 {
            if y <= bottom {
                self.read(y + 1, tile, before);
            }
            if y <= bottom {
                self.push_east(y, push);
                if y > 0 {
                    self.push_north(y, push);
                }
            }
            for step in 0..push.steps {
                // Each step a row behind the one before, the first a row behind the slow forces.
                let Some(row) = y.checked_sub(step + 1) else { break };
                if row > step && row + step <= bottom {
                    self.wave(row, push, step, tile);
                }
            }
            if let Some(row) = y.checked_sub(push.steps + 1 + HALO).filter(|row| *row < tile.rows) {
                self.write(row, tile, before.cols, push, after);
            }
        }
    }

    /// A row as it was; beyond the map lies land, where nothing opens.
    #[inline(always)]
    fn read(&mut self, y: usize, tile: &Tile, before: Before<'_>) {
        let Before { cols, rows, depth, level, east, north } = before;
        let first = HALO.saturating_sub(tile.col);
        let from = tile.col + first - HALO;
        let n = (tile.cols + 2 * HALO - first).min(cols - from);
        let line = self.kept(y) - LEAD..self.kept(y) - LEAD + self.stride;
        let row = (tile.row + y).checked_sub(HALO).filter(|r| *r < rows);
        let ahead = row.map(|r| r + AHEAD).filter(|r| *r < rows);
        let take = |to: &mut [f32], all: &[f32], width: usize, more: usize| {
            let to = &mut to[line.clone()];
            // West and east of the map nothing is ever written but zeros.
            match row {
                Some(row) => to[LEAD + first..][..n + more].copy_from_slice(&all[row * width + from..][..n + more]),
                None => to.fill(0.0),
            }
            if let Some(row) = ahead {
                prefetch_all(&all[row * width + from..][..n]);
            }
        };
        take(&mut self.depth, depth, cols, 0);
        take(&mut self.level, level, cols, 0);
        take(&mut self.east, east, cols + 1, 1);
        take(&mut self.north, north, cols, 0);
        self.weighed[line].fill(0.0);
    }

    /// Friction at the floor and the earth's turning for the time of all steps, and the depths of a row's west
    /// faces.
    #[inline(always)]
    fn push_east(&mut self, y: usize, push: Push<'_>) {
        let whole = push.dt * push.steps as f32;
        let (turn, drag) = (push.coriolis * whole, FLOOR_DRAG * whole);
        let pull = GRAVITY * push.dt / push.cell_m;
        let n = self.width;
        let (at, below) = (self.kept(y), self.kept(y + 1));
        let (depth_w, depth) = (&self.depth[at - 1..][..n], &self.depth[at..][..n]);
        let (level_w, level) = (&self.level[at - 1..][..n], &self.level[at..][..n]);
        let (a, b) = (&self.north[at - 1..][..n], &self.north[at..][..n]);
        let (c, d) = (&self.north[below - 1..][..n], &self.north[below..][..n]);
        let (flow, pulls) = (&mut self.east[at..][..n], &mut self.east_pull[at..][..n]);
        let first = &mut self.east_first[at..][..n];
        for i in 0..n {
            let open = if depth_w[i].min(depth[i]) > 0.0 { 1.0_f32 } else { 0.0 };
            let h = (0.5 * (depth_w[i] + depth[i] + level_w[i] + level[i])).max(0.5);
            let across = 0.25 * (a[i] + b[i] + c[i] + d[i]);
            let u = flow[i];
            let slowed = open * h * h / (h * h + drag * (u * u + across * across).sqrt());
            flow[i] = (u + turn * across) * slowed;
            first[i] = flow[i];
            pulls[i] = open * pull * h;
        }
    }

    /// As [`Self::push_east`] for a row's north faces; the row's own east faces and those above have been pushed.
    #[inline(always)]
    fn push_north(&mut self, y: usize, push: Push<'_>) {
        let whole = push.dt * push.steps as f32;
        let (turn, drag) = (push.coriolis * whole, FLOOR_DRAG * whole);
        let pull = GRAVITY * push.dt / push.cell_m;
        let n = self.width;
        let (at, up) = (self.kept(y), self.kept(y - 1));
        let (depth_n, depth) = (&self.depth[up..][..n], &self.depth[at..][..n]);
        let (level_n, level) = (&self.level[up..][..n], &self.level[at..][..n]);
        let (a, b) = (&self.east[up..][..n], &self.east[up + 1..][..n]);
        let (c, d) = (&self.east[at..][..n], &self.east[at + 1..][..n]);
        let (flow, pulls) = (&mut self.north[at..][..n], &mut self.north_pull[at..][..n]);
        let first = &mut self.north_first[at..][..n];
        for i in 0..n {
            let open = if depth_n[i].min(depth[i]) > 0.0 { 1.0_f32 } else { 0.0 };
            let h = (0.5 * (depth_n[i] + depth[i] + level_n[i] + level[i])).max(0.5);
            let across = 0.25 * (a[i] + b[i] + c[i] + d[i]);
            let v = flow[i];
            let slowed = open * h * h / (h * h + drag * (v * v + across * across).sqrt());
            flow[i] = (v - turn * across) * slowed;
            first[i] = flow[i];
            pulls[i] = open * pull * h;
        }
    }

    /// A short step, forward in the flow of a row and backward in the level of the row above, whose flows are all known
    /// then.
    #[inline(always)]
    fn wave(&mut self, y: usize, push: Push<'_>, step: usize, tile: &Tile) {
        let n = self.width;
        let (at, up) = (self.kept(y), self.kept(y - 1));
        let (level, level_n) = if up < at {
            let (low, high) = self.level.split_at_mut(at - LEAD);
            (&high[LEAD - 1..][..=n], &mut low[up..][..n])
        } else {
            let (low, high) = self.level.split_at_mut(up - LEAD);
            (&low[at - 1..][..=n], &mut high[LEAD..][..n])
        };
        let (level_w, level) = (&level[..n], &level[1..][..n]);
        let (east, east_pull) = (&mut self.east[..], &self.east_pull[at..][..n]);
        let (north, north_pull) = (&mut self.north[..], &self.north_pull[at..][..n]);
        // In every step: pushes once in many would ring with waves of that period.
        let wind = push.stress.map(|s| s * push.dt);
        // The first row of a step has no flows known above it.
        if y == step + 1 {
            for i in 0..n {
                east[at + i] += blown(east_pull[i], wind[0]) - east_pull[i] * (level[i] - level_w[i]);
                // Northward is towards the row above.
                north[at + i] += blown(north_pull[i], wind[1]) - north_pull[i] * (level_n[i] - level[i]);
            }
            return;
        }
        let (rate, weight) = (push.dt / push.cell_m, (push.steps - step) as f32);
        let lower = at < up;
        let (east, east_n) = two_rows(east, at, up, n, lower);
        let (north, north_n) = two_rows(north, at, up, n, lower);
        let (near, far) = (&east_n[..n], &east_n[1..][..n]);
        let weighed = &mut self.weighed[up..][..n];
        let (east, north, north_n) = (&mut east[..n], &mut north[..n], &north_n[..n]);
        for i in 0..n {
            let (above, here) = (level_n[i], level[i]);
            east[i] += blown(east_pull[i], wind[0]) - east_pull[i] * (here - level_w[i]);
            let below = north[i] + blown(north_pull[i], wind[1]) - north_pull[i] * (above - here);
            north[i] = below;
            weighed[i] += weight * above;
            level_n[i] = above - rate * (far[i] - near[i] + north_n[i] - below);
        }
        for [_, x, number] in &tile.edge[tile.edge_of[y - 1]..tile.edge_of[y]] {
            let [first, rise] = push.edge[*number];
            level_n[*x] = first + rise * step as f32;
        }
    }

    /// A row of the tile itself when all steps are done.
    #[inline(always)]
    fn write(&self, row: usize, tile: &Tile, cols: usize, push: Push<'_>, after: &mut After<'_>) {
        let (steps, n) = (push.steps as f32, tile.cols);
        let y = row + HALO;
        let (at, up) = (self.kept(y) + HALO, self.kept(y - 1) + HALO);
        let cell = row * cols + tile.col;
        let face = row * (cols + 1) + tile.col;
        after.level[cell..][..n].copy_from_slice(&self.level[at..][..n]);
        after.east[face..][..n].copy_from_slice(&self.east[at..][..n]);
        after.north[cell..][..n].copy_from_slice(&self.north[at..][..n]);
        let (weighed_w, weighed) = (&self.weighed[at - 1..][..n], &self.weighed[at..][..n]);
        let weighed_n = &self.weighed[up..][..n];
        let (east_first, east_pull) = (&self.east_first[at..][..n], &self.east_pull[at..][..n]);
        let (north_first, north_pull) = (&self.north_first[at..][..n], &self.north_pull[at..][..n]);
        // The wind of the first step is felt in all of them, that of the last in one.
        let wind = push.stress.map(|s| s * push.dt * 0.5 * steps * (steps + 1.0));
        let (east_sum, north_sum) = (&mut after.east_sum[face..][..n], &mut after.north_sum[cell..][..n]);
        for i in 0..n {
            let east = steps * east_first[i] + blown(east_pull[i], wind[0]);
            east_sum[i] += push.dt * (east - east_pull[i] * (weighed[i] - weighed_w[i]));
            let north = steps * north_first[i] + blown(north_pull[i], wind[1]);
            north_sum[i] += push.dt * (north - north_pull[i] * (weighed_n[i] - weighed[i]));
        }
    }
}

/// What the wind adds to a face's flow; nothing where nothing passes.
#[inline(always)]
fn blown(pull: f32, wind: f32) -> f32 {
    if pull > 0.0 { wind } else { 0.0 }
}

/// A row to be written and the one above it to be read, one cell more.
#[inline(always)]
fn two_rows(all: &mut [f32], at: usize, up: usize, n: usize, lower: bool) -> (&mut [f32], &[f32]) {
    if lower {
        let (low, high) = all.split_at_mut(up - LEAD);
        (&mut low[at..][..n], &high[LEAD..][..=n])
    } else {
        let (low, high) = all.split_at_mut(at - LEAD);
        (&mut high[LEAD..][..n], &low[up..][..=n])
    }
}
