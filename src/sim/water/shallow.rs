//! The depth-averaged current: tide from the open edges, wind, the earth's turning, friction at the floor.
//!
//! Barotropic shallow water on a staggered grid, forward in the current and backward in the level (Mesinger & Arakawa
//! 1976, GARP 17, chapter IV): du/dt = f v - g dη/dx + τ / ρH - c_d |u| u / H, dη/dt = -div(H u), H = h + η. Left out: what
//! the current carries of its own momentum, density, waves. Holds where the tide's height is small beside the depth.

// Several rows are walked in step.
#![allow(clippy::needless_range_loop)]

use rayon::prelude::*;

use super::error::WaterError;
use super::tide::Constituent;
use crate::base::cancel::{CancelToken, Cancelled};

const GRAVITY: f32 = 9.81;
/// Of the sea floor (Proudman 1953, Dynamical Oceanography, chapter XV: 0.0025 is usual).
const FLOOR_DRAG: f32 = 0.0025;
/// Shallower cells are taken as so deep: a falling tide does not dry them.
pub const LEAST_DEPTH_M: f32 = 1.5;
/// The turning of the earth, 1/s.
const TURNING: f64 = 7.292_115e-5;
/// Rows of one piece of work.
const BAND: usize = 32;

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
    pub east_mps: Vec<f32>,
    pub north_mps: Vec<f32>,
    /// Volumes through faces per metre of face since [`Self::forget`], m².
    pub east_sum: Vec<f32>,
    pub north_sum: Vec<f32>,
    pub wind: Wind,
    /// Velocity times depth.
    east_flow: Vec<f32>,
    north_flow: Vec<f32>,
    coriolis: f32,
    east_open: Vec<f32>,
    north_open: Vec<f32>,
    /// Cells where the tide is prescribed, and its parts there.
    edge: Vec<(usize, Vec<[f64; 2]>)>,
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
        for i in 0..cols * rows {
            let (col, row) = (i % cols, i / cols);
            if col > 0 {
                east_open[row * (cols + 1) + col] = open(wet(i) && wet(i - 1));
            }
            if row > 0 {
                north_open[i] = open(wet(i) && wet(i - cols));
            }
            if wet(i) && (col == 0 || row == 0 || col + 1 == cols || row + 1 == rows) {
                let lag_s = -far(col, row) / wave;
                edge.push((i, setup.tide.iter().map(|c| c.parts(setup.start_unix_s, lag_s)).collect()));
            }
        }
        // The wave must not pass a cell's diagonal in a step; the level adds a little depth.
        let step_s = 0.9 * cell_m / (2.0 * f64::from(GRAVITY) * f64::from(deepest + 2.0)).sqrt();
        Ok(Self {
            cols,
            rows,
            cell_m,
            level_m: vec![0.0; cols * rows],
            east_mps: vec![0.0; east_open.len()],
            north_mps: vec![0.0; north_open.len()],
            east_sum: vec![0.0; east_open.len()],
            north_sum: vec![0.0; north_open.len()],
            wind: setup.wind,
            east_flow: vec![0.0; east_open.len()],
            north_flow: vec![0.0; north_open.len()],
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
        let dt = (to_s - from_s) / steps;
        for step in 1..=steps as usize {
            cancel.check()?;
            self.push_east(dt as f32, strength as f32);
            self.push_north(dt as f32, strength as f32);
            self.rise(dt as f32);
            self.prescribe(from_s + step as f64 * dt, strength);
        }
        Ok(())
    }

    fn push_east(&mut self, dt: f32, strength: f32) {
        let cols = self.cols;
        let (slope, stress) = (GRAVITY * dt / self.cell_m as f32, self.wind.stress()[0] * dt * strength);
        let turn = self.coriolis * dt;
        let width = cols + 1;
        let (north, level, depth, open) = (&self.north_mps, &self.level_m, &self.depth_m, &self.east_open);
        let sums = self.east_sum.par_chunks_mut(width * BAND).zip(self.east_flow.par_chunks_mut(width * BAND));
        self.east_mps.par_chunks_mut(width * BAND).zip(sums).enumerate().for_each(|(band, (speeds, (sums, flows)))| {
            let sums = sums.chunks_mut(width).zip(flows.chunks_mut(width));
            for (i, (speed, (sum, flow))) in speeds.chunks_mut(width).zip(sums).enumerate() {
                let row = band * BAND + i;
                let n = cols - 1;
                let (speed, sum, flow) = (&mut speed[1..][..n], &mut sum[1..][..n], &mut flow[1..][..n]);
                let open = &open[row * width + 1..][..n];
                let [west, east] = [0, 1].map(|k| &level[row * cols + k..][..n]);
                let [deep_west, deep_east] = [0, 1].map(|k| &depth[row * cols + k..][..n]);
                let [a, b] = [0, 1].map(|k| &north[row * cols + k..][..n]);
                let [c, d] = [0, 1].map(|k| &north[(row + 1) * cols + k..][..n]);
                for i in 0..n {
                    let across = 0.25 * (a[i] + b[i] + c[i] + d[i]);
                    let h = (0.5 * (deep_west[i] + deep_east[i] + west[i] + east[i])).max(0.5);
                    let u = speed[i];
                    let pushed = u + turn * across - slope * (east[i] - west[i]) + stress / h;
                    let drag = 1.0 + dt * FLOOR_DRAG * (u * u + across * across).sqrt() / h;
                    let new = open[i] * pushed / drag;
                    speed[i] = new;
                    flow[i] = new * h;
                    sum[i] += flow[i] * dt;
                }
            }
        });
    }

    fn push_north(&mut self, dt: f32, strength: f32) {
        let cols = self.cols;
        let (slope, stress) = (GRAVITY * dt / self.cell_m as f32, self.wind.stress()[1] * dt * strength);
        let turn = self.coriolis * dt;
        let (east, level, depth, open) = (&self.east_mps, &self.level_m, &self.depth_m, &self.north_open);
        let inner = cols..cols * self.rows;
        let bands = self.north_mps[inner.clone()].par_chunks_mut(cols * BAND);
        let sums = self.north_sum[inner.clone()].par_chunks_mut(cols * BAND);
        let sums = sums.zip(self.north_flow[inner].par_chunks_mut(cols * BAND));
        bands.zip(sums).enumerate().for_each(|(band, (speeds, (sums, flows)))| {
            let sums = sums.chunks_mut(cols).zip(flows.chunks_mut(cols));
            for (i, (speed, (sum, flow))) in speeds.chunks_mut(cols).zip(sums).enumerate() {
                let row = band * BAND + i + 1;
                let [above, below] = [row - 1, row].map(|r| &level[r * cols..][..cols]);
                let [deep_above, deep_below] = [row - 1, row].map(|r| &depth[r * cols..][..cols]);
                let [a, b] = [0, 1].map(|k| &east[(row - 1) * (cols + 1) + k..][..cols]);
                let [c, d] = [0, 1].map(|k| &east[row * (cols + 1) + k..][..cols]);
                let (speed, sum, flow) = (&mut speed[..cols], &mut sum[..cols], &mut flow[..cols]);
                let open = &open[row * cols..][..cols];
                for i in 0..cols {
                    let across = 0.25 * (a[i] + b[i] + c[i] + d[i]);
                    let h = (0.5 * (deep_above[i] + deep_below[i] + above[i] + below[i])).max(0.5);
                    let v = speed[i];
                    let pushed = v - turn * across - slope * (above[i] - below[i]) + stress / h;
                    let drag = 1.0 + dt * FLOOR_DRAG * (v * v + across * across).sqrt() / h;
                    let new = open[i] * pushed / drag;
                    speed[i] = new;
                    flow[i] = new * h;
                    sum[i] += flow[i] * dt;
                }
            }
        });
    }

    fn rise(&mut self, dt: f32) {
        let cols = self.cols;
        let rate = dt / self.cell_m as f32;
        let (east, north) = (&self.east_flow, &self.north_flow);
        self.level_m.par_chunks_mut(cols * BAND).enumerate().for_each(|(band, levels)| {
            for (i, level) in levels.chunks_mut(cols).enumerate() {
                let row = band * BAND + i;
                let level = &mut level[..cols];
                let [near, far] = [0, 1].map(|k| &east[row * (cols + 1) + k..][..cols]);
                let [above, below] = [row, row + 1].map(|r| &north[r * cols..][..cols]);
                for i in 0..cols {
                    level[i] -= rate * (far[i] - near[i] + above[i] - below[i]);
                }
            }
        });
    }

    fn prescribe(&mut self, since_s: f64, strength: f64) {
        let turns: Vec<[f64; 2]> = self.tide.iter().map(|c| c.turn(since_s)).collect();
        for (cell, parts) in &self.edge {
            let height: f64 = parts.iter().zip(&turns).map(|([a, b], [cos, sin])| a * cos + b * sin).sum();
            self.level_m[*cell] = (strength * height) as f32;
        }
    }

    /// 1 where water passes between two cells, 0 elsewhere: west faces, north faces.
    #[must_use]
    pub fn open(&self) -> [&[f32]; 2] {
        [&self.east_open, &self.north_open]
    }

    /// (eastward, northward) at a cell's centre, m/s; zero on land.
    #[must_use]
    pub fn current(&self, col: usize, row: usize) -> [f32; 2] {
        let face = row * (self.cols + 1) + col;
        let cell = row * self.cols + col;
        [
            0.5 * (self.east_mps[face] + self.east_mps[face + 1]),
            0.5 * (self.north_mps[cell] + self.north_mps[cell + self.cols]),
        ]
    }
}
