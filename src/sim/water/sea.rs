//! The sea as a [`Simulation`]: d(HC)/dt + div(HuC) = div(HK grad C) - kHC + S, with the current worked out beside it,
//! and oil as particles.
//!
//! Current and concentration share volumes: what the shallow-water steps pushed through a face carries the concentration,
//! and depths before and after are the sea's own, so that no mass comes or goes with the tide.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::carry::{Carry, Span};
use super::error::WaterError;
use super::outfall::Outfall;
use super::shallow::{Sea, SeaSetup};
use crate::base::message::Message;
use crate::base::rng::KeyedRng;
use crate::geo::grid::{Grid, GridSpec};
use crate::sim::fields::{FieldKey, Snapshot};
use crate::sim::run::{SimError, Simulation, StepContext};
use crate::sim::transport::field::Field;
use crate::sim::transport::particles::{Current, Drift, Particle, State};
use crate::sim::transport::rows::{GHOSTS, Rows, Shape};
use crate::sim::transport::tile::Order;

pub const CONCENTRATION: &str = "concentration";
/// Greatest since the start.
pub const HIGHEST: &str = "concentration_max";
pub const EAST: &str = "current_east_mps";
pub const NORTH: &str = "current_north_mps";
pub const LEVEL: &str = "water_level_m";
/// Amount let in, in the sea, gone by decay or over the edge: unit of concentration × m³.
pub const LET_IN: &str = "let_in";
pub const IN_SEA: &str = "in_sea";
pub const OIL_AFLOAT: &str = "oil_afloat_share";
pub const OIL_STRANDED: &str = "oil_stranded_share";
pub const OIL_EVAPORATED: &str = "oil_evaporated_share";
/// Over the edge of the map; with the three above it makes one.
pub const OIL_LEFT_MAP: &str = "oil_left_map_share";

/// Share of the wind's speed that drives what floats (ITOPF 2014, Technical Information Paper 2: about 3 %).
const WINDAGE: f64 = 0.03;

/// Nothing drifts faster, m/s: the fastest current that is taken, and a storm's windage.
const FASTEST_MPS: f64 = 16.0;

/// What floats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum Floating {
    /// Evaporates as it drifts.
    #[default]
    Oil,
    /// Stays as much as it was.
    Debris,
}

/// Oil or debris that is on the water from the start.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Spill {
    #[serde(default)]
    pub what: Floating,
    /// (east, north) in the site's CRS.
    pub at: [f64; 2],
    pub particles: usize,
    /// Share by weight that distils at 180 °C.
    pub light_share: f64,
    pub water_celsius: f64,
    /// Particles share it evenly.
    #[serde(default)]
    pub amount: Option<Amount>,
}

/// How much is on the water at the start.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Amount {
    pub value: f64,
    pub unit: AmountUnit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum AmountUnit {
    Kg,
    /// As it was when fresh.
    M3,
}

impl AmountUnit {
    /// In tables.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Kg => "kg",
            Self::M3 => "m3",
        }
    }

    /// In sentences.
    #[must_use]
    pub fn shown(self) -> &'static str {
        match self {
            Self::Kg => "kg",
            Self::M3 => "m³",
        }
    }
}

/// Everything that the sea is simulated from.
#[derive(Debug, Clone)]
pub struct WaterSetup {
    pub spec: GridSpec,
    pub sea: SeaSetup,
    /// A steady current, (eastward, northward) m/s at cell centres, in the place of tide and wind-driven flow.
    pub given: Option<Arc<[Vec<f32>; 2]>>,
    pub outfalls: Vec<Outfall>,
    pub spill: Option<Spill>,
    /// Time in which nine tenths die; `None`: nothing decays.
    pub t90_s: Option<f64>,
    pub diffusivity_m2ps: f64,
    pub span_s: f64,
    /// The current runs so long before anything is let in.
    pub spin_up_s: f64,
    pub step_s: f64,
    pub seed: u64,
}

/// Where the particles are when a snapshot is taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    pub time_s: f64,
    /// (east, north), to some centimetres, and what has become of each.
    pub particles: Vec<([f32; 2], State)>,
}

#[derive(Debug)]
pub struct WaterSimulation {
    setup: WaterSetup,
    shape: Shape,
    sea: Sea,
    field: Field<f32>,
    carrier: Carry,
    highest: Vec<f32>,
    order: Order,
    /// (column, row, share of concentration × m³ per second).
    sources: Vec<(usize, usize, f64)>,
    oil: Vec<Particle>,
    tracks: Arc<Mutex<Vec<Sighting>>>,
    let_in: f64,
    done: usize,
}

impl WaterSimulation {
    /// # Errors
    /// What is wrong with the setup: an outfall on land, a number that cannot be.
    pub fn new(setup: WaterSetup) -> Result<Self, WaterError> {
        WaterError::require("hours", setup.span_s / 3600.0, 0.01, 10_000.0)?;
        WaterError::require("step", setup.step_s, 1.0, 3600.0)?;
        WaterError::require("diffusivity", setup.diffusivity_m2ps, 0.0, 1e4)?;
        if let Some(t90) = setup.t90_s {
            WaterError::require("t90", t90, 60.0, 1e9)?;
        }
        let mut sea = Sea::new(&setup.sea)?;
        if let Some(given) = &setup.given {
            for mps in given.iter().flatten() {
                WaterError::require("current", f64::from(*mps), -10.0, 10.0)?;
            }
            sea.hold(&given[0], &given[1]);
        }
        let mut sources = Vec::new();
        for (i, outfall) in setup.outfalls.iter().enumerate() {
            outfall.validate()?;
            let (col, row) = wet_cell(&setup.spec, &sea.depth_m, outfall.at, i + 1)?;
            sources.push((col, row, outfall.flow_m3ps * outfall.concentration));
        }
        let mut oil = Vec::new();
        if let Some(spill) = &setup.spill {
            wet_cell(&setup.spec, &sea.depth_m, spill.at, 1)?;
            WaterError::require("particles", spill.particles as f64, 1.0, 1e7)?;
            if let Some(amount) = spill.amount {
                WaterError::require("amount", amount.value, 1e-3, 1e9)?;
            }
            oil = vec![Particle { at: spill.at, state: State::Afloat, since_s: 0.0 }; spill.particles];
        }
        let shape = Shape::plane(setup.spec.cols, setup.spec.rows);
        Ok(Self {
            shape,
            field: Field::new(shape, 0.0, |_, _, _| 0.0),
            carrier: Carry::new(&sea),
            highest: vec![0.0; setup.spec.len()],
            order: Order::EastWestFirst,
            sources,
            oil,
            tracks: Arc::default(),
            let_in: 0.0,
            done: 0,
            sea,
            setup,
        })
    }

    #[must_use]
    pub fn assumptions(&self) -> Vec<Message> {
        let mut keys = vec!["water-assumes-no-waves", "water-assumes-mixed"];
        keys.push(if self.setup.given.is_some() { "water-assumes-given-current" } else { "water-assumes-barotropic" });
        if self.setup.t90_s.is_some() {
            keys.push("water-assumes-t90");
        }
        if let Some(spill) = &self.setup.spill {
            keys.push(match spill.what {
                Floating::Oil => "water-assumes-oil",
                Floating::Debris => "water-assumes-debris",
            });
        }
        keys.into_iter().map(Message::new).collect()
    }

    /// Where what floats was at each snapshot so far.
    #[must_use]
    pub fn tracks(&self) -> Arc<Mutex<Vec<Sighting>>> {
        Arc::clone(&self.tracks)
    }

    /// Carries the concentration by what the current pushed through the faces in `dt` seconds.
    fn carry(&mut self, before: &[f32], dt: f64, cx: &StepContext) -> Result<(), SimError> {
        if self.sources.is_empty() {
            return Ok(());
        }
        let span = Span {
            before,
            dt_s: dt,
            diffusivity_m2ps: self.setup.diffusivity_m2ps,
            decay_per_s: self.setup.t90_s.map_or(0.0, |t90| std::f64::consts::LN_10 / t90),
            held: self.setup.given.is_some(),
        };
        self.carrier.prepare(&mut self.sea, span);
        let parts = self.carrier.parts;
        for part in 1..=parts {
            self.carrier.part(part);
            let Carry { flow, sizes: [now, next], end, .. } = &self.carrier;
            for (col, row, rate) in &self.sources {
                let room = f64::from(now.size.row(GHOSTS + row)[GHOSTS + col]) * self.sea.cell_m.powi(2);
                self.field.add(*col, *row, 0, (rate * dt / parts as f64 / room) as f32);
            }
            self.field.step(flow, (now, next), *end, self.order, &cx.cancel)?;
            self.order = self.order.next();
        }
        self.let_in += self.sources.iter().map(|(.., rate)| rate * dt).sum::<f64>();
        let field = &self.field;
        self.highest.par_chunks_mut(self.sea.cols).enumerate().for_each(|(row, highest)| {
            highest.iter_mut().zip(field.row(row, 0)).for_each(|(most, c)| *most = most.max(*c));
        });
        Ok(())
    }

    fn drift(&mut self, dt: f64, cx: &StepContext) -> Result<(), SimError> {
        if self.oil.is_empty() {
            return Ok(());
        }
        let (cols, rows) = (self.sea.cols, self.sea.rows);
        let wind = self.sea.wind.mps.map(|v| (WINDAGE * v) as f32);
        let blown = |i: usize| {
            let [u, v] = self.sea.current(i % cols, i / cols);
            [u + wind[0], v + wind[1]]
        };
        let t = &self.setup.spec.transform;
        // Only about the particles: no one is carried farther in a step.
        let reach = (FASTEST_MPS * dt / self.sea.cell_m).ceil() as usize + 2;
        let places = self.oil.iter().filter(|p| p.state == State::Afloat);
        let cells = places.filter_map(|p| self.setup.spec.cell_at(p.at));
        let Some([west, east, north, south]) = cells.fold(None, |all: Option<[usize; 4]>, (c, r)| {
            let [west, east, north, south] = all.unwrap_or([c, c, r, r]);
            Some([west.min(c), east.max(c), north.min(r), south.max(r)])
        }) else {
            return Ok(());
        };
        let box_cols = west.saturating_sub(reach)..(east + reach + 1).min(cols);
        let box_rows = north.saturating_sub(reach)..(south + reach + 1).min(rows);
        let mut mps = vec![[0.0_f32; 2]; cols * rows];
        mps.par_chunks_mut(cols).enumerate().filter(|(row, _)| box_rows.contains(row)).for_each(|(row, mps)| {
            box_cols.clone().for_each(|col| mps[col] = blown(row * cols + col));
        });
        let current = Current { corner_m: [t[0], t[3]], cell_m: self.sea.cell_m, cols, rows, mps };
        let land: Vec<bool> = self.sea.depth_m.iter().map(|d| *d <= 0.0).collect();
        let drift = Drift {
            current: &current,
            land: Some(&land),
            diffusivity_m2ps: self.setup.diffusivity_m2ps,
            dt_s: dt,
            rng: KeyedRng::new(self.setup.seed, 1),
            step: self.done as u64,
        };
        Ok(drift.step(&mut self.oil, &cx.cancel)?)
    }

    fn field_of(&self, value: impl Fn(usize, usize) -> f32) -> Arc<Grid<f32>> {
        let cols = self.sea.cols;
        let cell = |i: usize| {
            if self.sea.depth_m[i] > 0.0 { value(i % cols, i / cols) } else { f32::NAN }
        };
        Arc::new(Grid { spec: self.setup.spec.clone(), cells: (0..self.setup.spec.len()).map(cell).collect() })
    }
}

/// Share of a spill's weight that has evaporated: per cent = (0.165 D + 0.045 (T − 15)) ln t, D the per cent that distils
/// at 180 °C, T in °C, t in minutes (Fingas 1996, J. Hazard. Mater. 42, 157; for most crude oils, up to some days).
#[must_use]
pub fn evaporated(spill: &Spill, since_s: f64) -> f64 {
    if spill.what == Floating::Debris {
        return 0.0;
    }
    let minutes = (since_s / 60.0).max(1.0);
    ((0.165 * spill.light_share * 100.0 + 0.045 * (spill.water_celsius - 15.0)) * minutes.ln() / 100.0).clamp(0.0, 1.0)
}

/// The cell of a place in the sea.
///
/// # Errors
/// [`WaterError::OnLand`], [`WaterError::OutsideMap`].
pub fn wet_cell(spec: &GridSpec, depth: &[f32], at: [f64; 2], number: usize) -> Result<(usize, usize), WaterError> {
    let (col, row) = spec.cell_at(at).ok_or(WaterError::OutsideMap { number })?;
    if depth[row * spec.cols + col] > 0.0 {
        return Ok((col, row));
    }
    let far = |i: usize| {
        let [x, y] = spec.centre(i % spec.cols, i / spec.cols);
        (x - at[0]).hypot(y - at[1])
    };
    let nearest = (0..spec.len()).filter(|i| depth[*i] > 0.0).map(far).fold(f64::INFINITY, f64::min);
    Err(WaterError::OnLand { number, distance_m: nearest })
}

impl Simulation for WaterSimulation {
    fn step_count(&self) -> usize {
        (self.setup.span_s / self.setup.step_s).ceil() as usize
    }

    fn step(&mut self, cx: &StepContext) -> Result<(), SimError> {
        let held = self.setup.given.is_some();
        if self.done == 0 && self.setup.spin_up_s > 0.0 && !held {
            // Gently: half the time from nothing to full strength, half at full strength.
            let parts = 24;
            for part in 0..parts {
                let at = |p: usize| self.setup.spin_up_s * (p as f64 / f64::from(parts as u32) - 1.0);
                let strength = (2.0 * (part + 1) as f64 / f64::from(parts as u32)).min(1.0);
                self.sea.advance(at(part), at(part + 1), strength, &cx.cancel)?;
            }
        }
        let from = self.done as f64 * self.setup.step_s;
        let to = (from + self.setup.step_s).min(self.setup.span_s);
        self.done += 1;
        let before = self.sea.level_m.clone();
        self.sea.forget();
        if held {
            self.sea.keep_on((to - from) as f32);
        } else {
            self.sea.advance(from, to, 1.0, &cx.cancel)?;
        }
        if self.sea.level_m.iter().any(|l| !l.is_finite()) {
            return Err(SimError::Model(Message::new("water-unstable")));
        }
        self.carry(&before, to - from, cx)?;
        self.drift(to - from, cx)?;
        Ok(())
    }

    fn snapshot(&self) -> Snapshot {
        let (cols, time_s) = (self.sea.cols, (self.done as f64 * self.setup.step_s).min(self.setup.span_s));
        let shape = self.shape;
        let mut sizes = vec![0.0_f32; shape.padded_len()];
        for (i, (depth, level)) in self.sea.depth_m.iter().zip(&self.sea.level_m).enumerate() {
            if *depth > 0.0 {
                sizes[shape.at(i % cols, i / cols)] = depth + level;
            }
        }
        let sizes = Rows::full(sizes, shape);
        let mut scalars = BTreeMap::from([
            (LET_IN.to_owned(), self.let_in),
            (IN_SEA.to_owned(), self.field.mass(&sizes) * self.sea.cell_m.powi(2)),
        ]);
        if let Some(spill) = &self.setup.spill {
            let particles = self.oil.iter().map(|p| (p.at.map(|v| v as f32), p.state)).collect();
            let mut tracks = self.tracks.lock().unwrap_or_else(PoisonError::into_inner);
            tracks.push(Sighting { time_s, particles });
            let share = |state: State| {
                self.oil.iter().filter(|p| p.state == state).count() as f64 / self.oil.len().max(1) as f64
            };
            let gone = evaporated(spill, time_s);
            scalars.insert(OIL_EVAPORATED.to_owned(), gone);
            scalars.insert(OIL_AFLOAT.to_owned(), share(State::Afloat) * (1.0 - gone));
            scalars.insert(OIL_STRANDED.to_owned(), share(State::Stranded) * (1.0 - gone));
            scalars.insert(OIL_LEFT_MAP.to_owned(), share(State::Gone) * (1.0 - gone));
        }
        Snapshot {
            time_s,
            agents: None,
            fields: BTreeMap::from([
                (FieldKey::new(CONCENTRATION), self.field_of(|c, r| self.field.get(c, r, 0))),
                (FieldKey::new(HIGHEST), self.field_of(|c, r| self.highest[r * cols + c])),
                (FieldKey::new(EAST), self.field_of(|c, r| self.sea.current(c, r)[0])),
                (FieldKey::new(NORTH), self.field_of(|c, r| self.sea.current(c, r)[1])),
                (FieldKey::new(LEVEL), self.field_of(|c, r| self.sea.level_m[r * cols + c])),
            ]),
            scalars,
        }
    }
}
