//! The depth-averaged current: tide from the open edges, wind, the earth's turning, friction at the floor.
//!
//! Barotropic shallow water on a staggered grid, forward in the current and backward in the level (Mesinger & Arakawa
//! 1976, GARP 17, chapter IV): du/dt = f v - g dη/dx + τ / ρH - c_d |u| u / H, dη/dt = -div(H u), H = h + η. Left out: what
//! the current carries of its own momentum, density, waves. Holds where the tide's height is small beside the depth.

// Several rows are walked in step.
#![allow(clippy::needless_range_loop, clippy::inline_always)]

use rayon::prelude::*;

use super::error::WaterError;
use super::tide::Constituent;
use crate::base::cancel::{CancelToken, Cancelled};
use crate::sim::transport::wide::widely;

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
        self.east_mps = east.iter().map(|f| f.0).collect();
        self.east_flow = east.iter().map(|f| f.0 * f.1).collect();
        self.north_mps = north.iter().map(|f| f.0).collect();
        self.north_flow = north.iter().map(|f| f.0 * f.1).collect();
    }

    /// Sums what a current that holds pushes through the faces in a time.
    pub fn keep_on(&mut self, dt: f32) {
        self.east_sum.iter_mut().zip(&self.east_flow).for_each(|(sum, flow)| *sum += flow * dt);
        self.north_sum.iter_mut().zip(&self.north_flow).for_each(|(sum, flow)| *sum += flow * dt);
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
            let rows = speeds.chunks_mut(width).zip(sums).enumerate();
            widely(
                #[inline(always)]
                || {
                    for (i, (speed, (sum, flow))) in rows {
                        let row = band * BAND + i;
                        let n = cols - 1;
                        let (speed, sum, flow) = (&mut speed[1..][..n], &mut sum[1..][..n], &mut flow[1..][..n]);
                        let open = &open[row * width + 1..][..n];
                        let (west, east) = (&level[row * cols..][..n], &level[row * cols + 1..][..n]);
                        let (deep_west, deep_east) = (&depth[row * cols..][..n], &depth[row * cols + 1..][..n]);
                        let (a, b) = (&north[row * cols..][..n], &north[row * cols + 1..][..n]);
                        let (c, d) = (&north[(row + 1) * cols..][..n], &north[(row + 1) * cols + 1..][..n]);
                        for i in 0..n {
                            let across = 0.25 * (a[i] + b[i] + c[i] + d[i]);
                            let h = (0.5 * (deep_west[i] + deep_east[i] + west[i] + east[i])).max(0.5);
                            let per_h = 1.0 / h;
                            let u = speed[i];
                            let pushed = u + turn * across - slope * (east[i] - west[i]) + stress * per_h;
                            let drag = 1.0 + dt * FLOOR_DRAG * (u * u + across * across).sqrt() * per_h;
                            let new = open[i] * pushed / drag;
                            speed[i] = new;
                            flow[i] = new * h;
                            sum[i] += flow[i] * dt;
                        }
                    }
                },
            );
        });
    }

    fn push_north(&mut self, dt: f32, strength: f32) {
        let cols = self.cols;
        let (slope, stress) = (GRAVITY * dt / self.cell_m as f32, self.wind.stress()[1] * dt * strength);
        let turn = self.coriolis * dt;
        let width = cols + 1;
        let (east, level, depth, open) = (&self.east_mps, &self.level_m, &self.depth_m, &self.north_open);
        let inner = cols..cols * self.rows;
        let bands = self.north_mps[inner.clone()].par_chunks_mut(cols * BAND);
        let sums = self.north_sum[inner.clone()].par_chunks_mut(cols * BAND);
        let sums = sums.zip(self.north_flow[inner].par_chunks_mut(cols * BAND));
        bands.zip(sums).enumerate().for_each(|(band, (speeds, (sums, flows)))| {
            let sums = sums.chunks_mut(cols).zip(flows.chunks_mut(cols));
            let rows = speeds.chunks_mut(cols).zip(sums).enumerate();
            widely(
                #[inline(always)]
                || {
                    for (i, (speed, (sum, flow))) in rows {
                        let row = band * BAND + i + 1;
                        let (above, below) = (&level[(row - 1) * cols..][..cols], &level[row * cols..][..cols]);
                        let (deep_above, deep_below) =
                            (&depth[(row - 1) * cols..][..cols], &depth[row * cols..][..cols]);
                        let (a, b) = (&east[(row - 1) * width..][..cols], &east[(row - 1) * width + 1..][..cols]);
                        let (c, d) = (&east[row * width..][..cols], &east[row * width + 1..][..cols]);
                        let (speed, sum, flow) = (&mut speed[..cols], &mut sum[..cols], &mut flow[..cols]);
                        let open = &open[row * cols..][..cols];
                        for i in 0..cols {
                            let across = 0.25 * (a[i] + b[i] + c[i] + d[i]);
                            let h = (0.5 * (deep_above[i] + deep_below[i] + above[i] + below[i])).max(0.5);
                            let per_h = 1.0 / h;
                            let v = speed[i];
                            let pushed = v - turn * across - slope * (above[i] - below[i]) + stress * per_h;
                            let drag = 1.0 + dt * FLOOR_DRAG * (v * v + across * across).sqrt() * per_h;
                            let new = open[i] * pushed / drag;
                            speed[i] = new;
                            flow[i] = new * h;
                            sum[i] += flow[i] * dt;
                        }
                    }
                },
            );
        });
    }

    fn rise(&mut self, dt: f32) {
        let cols = self.cols;
        let rate = dt / self.cell_m as f32;
        let (east, north) = (&self.east_flow, &self.north_flow);
        self.level_m.par_chunks_mut(cols * BAND).enumerate().for_each(|(band, levels)| {
            widely(
                #[inline(always)]
                || {
                    for (i, level) in levels.chunks_mut(cols).enumerate() {
                        let row = band * BAND + i;
                        let level = &mut level[..cols];
                        let start = row * (cols + 1);
                        let (near, far) = (&east[start..][..cols], &east[start + 1..][..cols]);
                        let (above, below) = (&north[row * cols..][..cols], &north[(row + 1) * cols..][..cols]);
                        for i in 0..cols {
                            level[i] -= rate * (far[i] - near[i] + above[i] - below[i]);
                        }
                    }
                },
            );
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
