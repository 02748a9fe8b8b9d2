//! The depth-averaged current: tide from the open edges, wind, the earth's turning, friction at the floor.
//!
//! Barotropic shallow water on a staggered grid, forward in the current and backward in the level (Mesinger & Arakawa
//! 1976, GARP 17, chapter IV): du/dt = f v - g dη/dx + τ / ρH - c_d |u| u / H, dη/dt = -div(H u), H = h + η. Left out: what
//! the current carries of its own momentum, density, waves. Holds where the tide's height is small beside the depth.

// The loops within have to end up in one function to be compiled for wide registers.
#![allow(clippy::inline_always)]

use rayon::prelude::*;

use super::error::WaterError;
use super::tide::Constituent;
use super::waves::{After, Before, MOST_STEPS, Push, Scratch, TILE_ROWS, Tile};
use crate::base::cancel::{CancelToken, Cancelled};
use crate::sim::transport::wide::widely;

pub(super) const GRAVITY: f32 = 9.81;
/// Of the sea floor (Proudman 1953, Dynamical Oceanography, chapter XV: 0.0025 is usual).
pub(super) const FLOOR_DRAG: f32 = 0.0025;
/// Shallower cells are taken as so deep: a falling tide does not dry them.
pub const LEAST_DEPTH_M: f32 = 1.5;
/// The turning of the earth, 1/s.
const TURNING: f64 = 7.292_115e-5;
/// Wind over the sea.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Wind {
    /// At 10 m, towards the east and the north.
    pub mps: [f64; 2],
}

impl Wind {
    /// From its speed and where it comes from.
    #[must_use]
    pub fn from(speed_mps: f64, from_rad: f64) -> Self {
        Self { mps: [-speed_mps * from_rad.sin(), -speed_mps * from_rad.cos()] }
    }

    /// Stress over the density of sea water, m²/s²: 10³ c = 0.8 + 0.065 U (Wu 1982, J. Geophys. Res. 87, 9704).
    #[must_use]
    pub fn stress(&self) -> [f32; 2] {
        let speed = self.mps[0].hypot(self.mps[1]);
        let drag = (0.8 + 0.065 * speed) * 1e-3 * 1.2 / 1025.0;
        self.mps.map(|v| (drag * speed * v) as f32)
    }
}

/// The state and what it is worked out from. Arrays go row by row from the north; `east` has one face more than cells in
/// a row (the west face of each cell), `north` one row more (the north face).
#[derive(Debug, Clone)]
pub struct Sea {
    pub cols: usize,
    pub rows: usize,
    pub cell_m: f64,
    /// Still water; 0 on land.
    pub depth_m: Vec<f32>,
    pub level_m: Vec<f32>,
    /// Volumes through faces per metre of face since [`Self::forget`], m².
    pub east_sum: Vec<f32>,
    pub north_sum: Vec<f32>,
    pub wind: Wind,
    /// Velocity times depth.
    east_flow: Vec<f32>,
    north_flow: Vec<f32>,
    /// Of the moment after the steps in the making.
    next: [Vec<f32>; 3],
    coriolis: f32,
    east_open: Vec<f32>,
    north_open: Vec<f32>,
    /// Cells where the tide is prescribed, and its parts there.
    edge: Vec<(usize, Vec<[f64; 2]>)>,
    /// Those with any water, band after band of [`TILE_ROWS`].
    tiles: Vec<Vec<Tile>>,
    tide: Vec<Constituent>,
    step_s: f64,
}

/// What a sea is made from.
#[derive(Debug, Clone)]
pub struct SeaSetup {
    pub cols: usize,
    pub rows: usize,
    pub cell_m: f64,
    /// 0 or less on land.
    pub depth_m: Vec<f32>,
    pub latitude_rad: f64,
    pub tide: Vec<Constituent>,
    /// Where the tide comes from, clockwise from north: it runs over the map as a long wave in the mean depth.
    pub tide_from_rad: f64,
    pub start_unix_s: f64,
    pub wind: Wind,
}

impl Sea {
    /// # Errors
    /// [`WaterError::NoSea`]; a wind or a cell that is not possible.
    pub fn new(setup: &SeaSetup) -> Result<Self, WaterError> {
        let SeaSetup { cols, rows, cell_m, .. } = *setup;
        WaterError::require("cell", cell_m, 1.0, 10_000.0)?;
        WaterError::require("wind", setup.wind.mps[0].hypot(setup.wind.mps[1]), 0.0, 60.0)?;
        let depth_m: Vec<f32> =
            setup.depth_m.iter().map(|d| if *d > 0.0 { d.max(LEAST_DEPTH_M) } else { 0.0 }).collect();
        let wet = |i: usize| depth_m[i] > 0.0;
        let cells = depth_m.iter().filter(|d| **d > 0.0).count();
        if cells == 0 {
            return Err(WaterError::NoSea);
        }
        let deepest = depth_m.iter().fold(0.0_f32, |most, d| most.max(*d));
        let mean = depth_m.iter().map(|d| f64::from(*d)).sum::<f64>() / cells as f64;
        let open = |inside: bool| if inside { 1.0 } else { 0.0 };
        let mut east_open = vec![0.0; (cols + 1) * rows];
        let mut north_open = vec![0.0; cols * (rows + 1)];
        let mut edge = Vec::new();
        let wave = (f64::from(GRAVITY) * mean).sqrt();
        let ahead = [setup.tide_from_rad.sin(), setup.tide_from_rad.cos()];
        let far = |col: usize, row: usize| {
            let [x, y] = [col as f64 - cols as f64 / 2.0, rows as f64 / 2.0 - row as f64];
            (x * ahead[0] + y * ahead[1]) * cell_m
        };
        for (i, north) in north_open.iter_mut().enumerate().take(cols * rows) {
            let (col, row) = (i % cols, i / cols);
            if col > 0 {
                east_open[row * (cols + 1) + col] = open(wet(i) && wet(i - 1));
            }
            if row > 0 {
                *north = open(wet(i) && wet(i - cols));
            }
            if wet(i) && (col == 0 || row == 0 || col + 1 == cols || row + 1 == rows) {
                let lag_s = -far(col, row) / wave;
                edge.push((i, setup.tide.iter().map(|c| c.parts(setup.start_unix_s, lag_s)).collect()));
            }
        }
        let places: Vec<(usize, usize)> = edge.iter().map(|(i, _)| (i % cols, i / cols)).collect();
        let band = |row: usize| {
            let count = TILE_ROWS.min(rows - row);
            let tiles = Tile::columns(cols).map(|(col, width)| Tile::new([col, row], [width, count], &places));
            let any = |t: &Tile| (t.row..t.row + t.rows).any(|r| (t.col..t.col + t.cols).any(|c| wet(r * cols + c)));
            tiles.filter(any).collect::<Vec<Tile>>()
        };
        let tiles = (0..rows).step_by(TILE_ROWS).map(band).collect();
        // The wave must not pass a cell's diagonal in a step; the level adds a little depth.
        let step_s = 0.9 * cell_m / (2.0 * f64::from(GRAVITY) * f64::from(deepest + 2.0)).sqrt();
        Ok(Self {
            cols,
            rows,
            cell_m,
            level_m: vec![0.0; cols * rows],
            east_sum: vec![0.0; east_open.len()],
            north_sum: vec![0.0; north_open.len()],
            wind: setup.wind,
            east_flow: vec![0.0; east_open.len()],
            north_flow: vec![0.0; north_open.len()],
            next: [vec![0.0; cols * rows], vec![0.0; east_open.len()], vec![0.0; north_open.len()]],
            tiles,
            coriolis: (2.0 * TURNING * setup.latitude_rad.sin()) as f32,
            depth_m,
            east_open,
            north_open,
            edge,
            tide: setup.tide.clone(),
            step_s,
        })
    }

    /// Longest stable step.
    #[must_use]
    pub fn step_s(&self) -> f64 {
        self.step_s
    }

    /// Begins to sum volumes anew.
    pub fn forget(&mut self) {
        self.east_sum.fill(0.0);
        self.north_sum.fill(0.0);
    }

    /// From `from_s` to `to_s` (seconds since the start) in equal stable steps; `strength` 0 to 1 lets the forces begin
    /// gently.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn advance(&mut self, from_s: f64, to_s: f64, strength: f64, cancel: &CancelToken) -> Result<(), Cancelled> {
        let steps = ((to_s - from_s) / self.step_s).ceil().max(1.0);
        let groups = (steps / MOST_STEPS as f64).ceil();
        let count = (steps / groups).ceil() as usize;
        let dt = (to_s - from_s) / (groups * count as f64);
        for group in 0..groups as usize {
            cancel.check()?;
            self.steps(from_s + (group * count) as f64 * dt, dt, count, strength);
        }
        Ok(())
    }

    /// Takes a current as given, (eastward, northward) m/s at cell centres, instead of working one out: through faces goes
    /// the mean of both cells, over the edge of the map what the cell there has.
    pub fn hold(&mut self, east_mps: &[f32], north_mps: &[f32]) {
        let (cols, rows) = (self.cols, self.rows);
        let cell = |col: Option<usize>, row: Option<usize>| {
            let (col, row) = (col.filter(|c| *c < cols)?, row.filter(|r| *r < rows)?);
            Some(row * cols + col).filter(|i| self.depth_m[*i] > 0.0)
        };
        // Speed and depth of a face; nothing passes a coast.
        let face = |a: Option<usize>, b: Option<usize>, at_edge: bool, mps: &[f32]| match (a, b) {
            (Some(a), Some(b)) => (0.5 * (mps[a] + mps[b]), 0.5 * (self.depth_m[a] + self.depth_m[b])),
            (Some(a), None) | (None, Some(a)) if at_edge => (mps[a], self.depth_m[a]),
            _ => (0.0, 0.0),
        };
        let east: Vec<(f32, f32)> = (0..rows * (cols + 1))
            .map(|i| {
                let (col, row) = (i % (cols + 1), i / (cols + 1));
                let [a, b] = [col.checked_sub(1), Some(col)].map(|c| cell(c, Some(row)));
                face(a, b, col == 0 || col == cols, east_mps)
            })
            .collect();
        let north: Vec<(f32, f32)> = (0..(rows + 1) * cols)
            .map(|i| {
                let (col, row) = (i % cols, i / cols);
                let [a, b] = [row.checked_sub(1), Some(row)].map(|r| cell(Some(col), r));
                face(a, b, row == 0 || row == rows, north_mps)
            })
            .collect();
        self.east_flow = east.iter().map(|f| f.0 * f.1).collect();
        self.north_flow = north.iter().map(|f| f.0 * f.1).collect();
    }

    /// Sums what a current that holds pushes through the faces in a time.
    pub fn keep_on(&mut self, dt: f32) {
        self.east_sum.iter_mut().zip(&self.east_flow).for_each(|(sum, flow)| *sum += flow * dt);
        self.north_sum.iter_mut().zip(&self.north_flow).for_each(|(sum, flow)| *sum += flow * dt);
    }

    /// Some short steps of `dt` from a moment on: tiles with water, each by itself.
    fn steps(&mut self, from_s: f64, dt: f64, count: usize, strength: f64) {
        let last = self.given_levels(from_s + dt * count as f64, strength);
        let edge: Vec<[f32; 2]> = self
            .given_levels(from_s + dt, strength)
            .zip(last)
            .map(|(first, last)| [first, (last - first) / (count.max(2) - 1) as f32])
            .collect();
        let (cols, width) = (self.cols, self.cols + 1);
        let before = Before {
            cols,
            rows: self.rows,
            depth: &self.depth_m,
            level: &self.level_m,
            east: &self.east_flow,
            north: &self.north_flow,
        };
        let push = Push {
            steps: count,
            dt: dt as f32,
            cell_m: self.cell_m as f32,
            coriolis: self.coriolis,
            stress: self.wind.stress().map(|s| s * strength as f32),
            edge: &edge,
        };
        let [level, east, north] = &mut self.next;
        let bands = level.par_chunks_mut(cols * TILE_ROWS).zip(east.par_chunks_mut(width * TILE_ROWS));
        let sums = self.east_sum.par_chunks_mut(width * TILE_ROWS).zip(self.north_sum.par_chunks_mut(cols * TILE_ROWS));
        let bands = bands.zip(north.par_chunks_mut(cols * TILE_ROWS)).zip(sums).zip(&self.tiles);
        bands.for_each_init(Scratch::default, |scratch, ((((level, east), north), (east_sum, north_sum)), tiles)| {
            let mut after = After { level, east, north, east_sum, north_sum };
            for tile in tiles {
                widely(
                    #[inline(always)]
                    || scratch.advance(tile, before, push, &mut after),
                );
            }
        });
        std::mem::swap(&mut self.level_m, &mut self.next[0]);
        std::mem::swap(&mut self.east_flow, &mut self.next[1]);
        std::mem::swap(&mut self.north_flow, &mut self.next[2]);
    }

    /// The tide at the edge.
    fn given_levels(&self, since_s: f64, strength: f64) -> impl Iterator<Item = f32> {
        let turns: Vec<[f64; 2]> = self.tide.iter().map(|c| c.turn(since_s)).collect();
        self.edge.iter().map(move |(_, parts)| {
            let height: f64 = parts.iter().zip(&turns).map(|([a, b], [cos, sin])| a * cos + b * sin).sum();
            (strength * height) as f32
        })
    }

    /// Cells where the tide is prescribed.
    pub fn edge_cells(&self) -> impl Iterator<Item = usize> {
        self.edge.iter().map(|(cell, _)| *cell)
    }

    /// 1 where water passes between two cells, 0 elsewhere: west faces, north faces.
    #[must_use]
    pub fn open(&self) -> [&[f32]; 2] {
        [&self.east_open, &self.north_open]
    }

    /// (eastward, northward) at a cell's centre, m/s; zero on land.
    #[must_use]
    pub fn current(&self, col: usize, row: usize) -> [f32; 2] {
        let (face, cell) = (row * (self.cols + 1) + col, row * self.cols + col);
        let depth = |i: usize| if self.depth_m[i] > 0.0 { self.depth_m[i] + self.level_m[i] } else { 0.0 };
        let here = depth(cell);
        // At the edge of the map and at a coast a face is as deep as its only cell.
        let speed = |flow: f32, beside: Option<usize>| {
            let beyond = beside.map_or(0.0, depth);
            flow / if beyond > 0.0 { (0.5 * (here + beyond)).max(0.5) } else { here.max(0.5) }
        };
        let (west, east) = ((col > 0).then(|| cell - 1), (col + 1 < self.cols).then_some(cell + 1));
        let (above, below) = ((row > 0).then(|| cell - self.cols), (row + 1 < self.rows).then_some(cell + self.cols));
        [
            0.5 * (speed(self.east_flow[face], west) + speed(self.east_flow[face + 1], east)),
            0.5 * (speed(self.north_flow[cell], above) + speed(self.north_flow[cell + self.cols], below)),
        ]
    }
}
