//! Air that changes by the hour: d(JC)/dt + div(JuC) = div(JK grad C) - λJC + S on terrain-following levels.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::fresh::{Source, fresh};
use super::ground_wind::ground_wind;
use super::station_wind::{StationWind, between};
use super::terrain_wind::{Ground, Volumes};
use crate::base::cancel::{CancelToken, Cancelled};
use crate::base::message::{Message, ToMessage};
use crate::geo::grid::{Grid, GridSpec};
use crate::sim::fields::{FieldKey, Snapshot};
use crate::sim::run::{SimError, Simulation, StepContext};
use crate::sim::transport::error::TransportError;
use crate::sim::transport::field::Field;
use crate::sim::transport::layers::{Ends, Fresh, LayerRates, Layers};
use crate::sim::transport::line::End;
use crate::sim::transport::rows::GHOSTS;

/// Mean of the lowest level, µg/m³.
pub const GROUND_CONCENTRATION: &str = "ground_concentration_ug_m3";
/// Mean of the lowest level since the start.
pub const GROUND_MEAN: &str = "ground_mean_ug_m3";
/// Wind of the lowest level in the hour that has passed, m/s.
pub const WIND_EAST: &str = "wind_east_mps";
pub const WIND_NORTH: &str = "wind_north_mps";
/// Emitted and in the air now, µg.
pub const EMITTED: &str = "emitted_ug";
pub const IN_AIR: &str = "in_air_ug";

/// Von Kármán's constant.
const KARMAN: f64 = 0.4;
/// Power law of the wind over open land in neutral air (EPA-454/B-95-003b, table 1-1, class D, rural).
const EXPONENT: f64 = 0.15;
/// What is smaller counts as nothing, µg/m³: a millionth of what any instrument sees.
const FLOOR: f32 = 1e-9;
/// Longest step: six minutes lie nearer to a run on half the cells than steps of ten seconds do, which smear (BENCHMARKS.md).
const LONGEST_S: f64 = 360.0;
/// The wind holds so long.
const HOUR_S: f64 = 3600.0;

/// An hour of weather, and what is let into the air then.
#[derive(Debug, Clone, PartialEq)]
pub struct Hour {
    /// At 10 m.
    pub wind_mps: f64,
    pub from_rad: f64,
    pub mixing_height_m: f64,
    pub emissions: Arc<Vec<Emission>>,
    /// Winds at stations; with any, the wind between them goes before the one above, which then tells only how much the
    /// air mixes.
    pub stations: Arc<Vec<StationWind>>,
}

impl Hour {
    /// Whether the air moves as in another hour.
    fn moves_as(&self, other: &Self) -> bool {
        let of = |h: &Self| [h.wind_mps, h.from_rad, h.mixing_height_m];
        of(self) == of(other) && self.stations == other.stations
    }
}

/// What is let into the air.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Emission {
    /// (east, north) in the site's CRS.
    pub at: [f64; 2],
    /// Over the ground, with the plume's rise.
    pub height_m: f64,
    pub ug_per_s: f64,
}

#[derive(Debug, Clone)]
pub struct TransientSetup {
    pub spec: GridSpec,
    pub ground: Arc<Ground>,
    /// The last one holds on.
    pub hours: Vec<Hour>,
    pub span_s: f64,
    pub roughness_m: f64,
    pub diffusivity_m2ps: f64,
    pub deposition_mps: f64,
    pub decay_per_s: f64,
}

/// What holds for an hour.
#[derive(Debug)]
struct Now {
    hour: Hour,
    rates: LayerRates,
    layers: Layers<f32>,
    /// Steps in the hour.
    steps: usize,
    /// What the sources add in a step.
    fresh: Vec<Vec<Fresh<f32>>>,
}

#[derive(Debug)]
pub struct TransientSimulation {
    setup: TransientSetup,
    /// A wind of 1 m/s towards the east and towards the north; worked out in the first step, where it can be stopped.
    unit: Option<[Volumes; 2]>,
    field: Field<f32>,
    emitted_ug: f64,
    now: Option<Now>,
    /// Of the lowest level, µg s/m³ since the start.
    sums: Vec<f64>,
    done: usize,
}

impl TransientSimulation {
    /// # Errors
    /// A wind, a height or an emission that is not possible.
    pub fn new(setup: TransientSetup) -> Result<Self, TransportError> {
        let ground = &setup.ground;
        let shape = ground.shape;
        let highest = ground.height_m.iter().fold(0.0_f32, |m, h| m.max(*h));
        TransportError::require("lid", ground.lid_m, f64::from(highest) + 100.0, 20_000.0)?;
        TransportError::require("roughness", setup.roughness_m, 1e-4, 3.0)?;
        TransportError::require("deposition", setup.deposition_mps, 0.0, 1.0)?;
        TransportError::require("decay", setup.decay_per_s, 0.0, 1.0)?;
        TransportError::require("hours", setup.hours.len() as f64, 1.0, 1e5)?;
        for hour in &setup.hours {
            TransportError::require("wind", hour.wind_mps, 0.0, 60.0)?;
            TransportError::require("wind-from", hour.from_rad, -100.0, 100.0)?;
            TransportError::require("mixing-height", hour.mixing_height_m, 20.0, 10_000.0)?;
            for station in hour.stations.iter() {
                TransportError::require("wind", station.mps[0].hypot(station.mps[1]), 0.0, 60.0)?;
            }
        }
        for emission in setup.hours.iter().flat_map(|h| h.emissions.iter()) {
            TransportError::require("emission", emission.ug_per_s, 0.0, 1e18)?;
            TransportError::require("source-height", emission.height_m, 0.0, ground.lid_m)?;
        }
        Ok(Self {
            unit: None,
            field: Field::new(shape, 0.0, |_, _, _| 0.0),
            emitted_ug: 0.0,
            now: None,
            sums: vec![0.0; shape.cols * shape.rows],
            done: 0,
            setup,
        })
    }

    #[must_use]
    pub fn assumptions(&self) -> Vec<Message> {
        let several = self.setup.hours.iter().any(|h| !h.stations.is_empty());
        let wind = if several { "air-transient-assumes-stations" } else { "air-transient-assumes-wind" };
        let built = self.setup.ground.built.iter().filter(|b| b.counts()).count();
        let town = if built > 0 { "air-transient-assumes-buildings" } else { "air-transient-assumes-no-buildings" };
        let mut told =
            [wind, "air-transient-assumes-neutral", "air-transient-assumes-not-validated"].map(Message::new).to_vec();
        told.insert(1, Message::new(town).with("cells", built));
        told
    }

    /// What an hour lets into each cell. What lies beyond the map is carried by nobody here.
    fn sources(&self, hour: &Hour) -> Vec<Source> {
        let ground = &self.setup.ground;
        let mut found: BTreeMap<(usize, usize, usize), f64> = BTreeMap::new();
        for emission in hour.emissions.iter() {
            let Some((col, row)) = self.setup.spec.cell_at(emission.at) else { continue };
            let cell = row * ground.shape.cols + col;
            let level = ground.level_at(cell, emission.height_m);
            *found.entry((col, row, level)).or_default() += emission.ug_per_s / self.room(cell, level);
        }
        found.into_iter().map(|((col, row, level), rate)| (col, row, level, rate)).collect()
    }

    /// Volume of a cell, m³.
    fn room(&self, cell: usize, level: usize) -> f64 {
        let ground = &self.setup.ground;
        ground.thickness(cell, level) * ground.cell_m * ground.cell_m
    }

    /// µg a second of all sources.
    fn room_times_rate(&self, sources: &[Source]) -> f64 {
        let cols = self.setup.ground.shape.cols;
        sources.iter().map(|(col, row, level, rate)| rate * self.room(row * cols + col, *level)).sum()
    }

    /// What the lowest level has now stands for so many seconds.
    fn sum_up(&mut self, seconds: f64) {
        let (field, cols) = (&self.field, self.setup.ground.shape.cols);
        self.sums.par_chunks_mut(cols).enumerate().for_each(|(row, sums)| {
            sums.iter_mut().zip(field.row(row, 0)).for_each(|(sum, c)| *sum += f64::from(*c) * seconds);
        });
    }

    /// The wind of an hour over the hills, in memory that is at hand.
    fn wind(&mut self, hour: &Hour, mut room: Volumes, cancel: &CancelToken) -> Result<Volumes, Cancelled> {
        let ground = &self.setup.ground;
        if !hour.stations.is_empty() {
            let (spec, cols) = (&self.setup.spec, ground.shape.cols);
            let given = |cell: usize| between(&hour.stations, spec.centre(cell % cols, cell / cols));
            return ground.wind_of(given, EXPONENT, cancel);
        }
        if self.unit.is_none() {
            let over = |given: [f64; 2]| ground.wind_of(|_| given, EXPONENT, cancel);
            // Much of each goes one thing after the other.
            let (e, n) = rayon::join(|| over([1.0, 0.0]), || over([0.0, 1.0]));
            self.unit = Some([e?, n?]);
        }
        let Some([e, n]) = &self.unit else { return Ok(Volumes::default()) };
        let given = [-hour.wind_mps * hour.from_rad.sin(), -hour.wind_mps * hour.from_rad.cos()].map(|v| v as f32);
        for (a, b, to) in
            [(&e.east, &n.east, &mut room.east), (&e.south, &n.south, &mut room.south), (&e.up, &n.up, &mut room.up)]
        {
            cancel.check()?;
            a.par_iter().zip(b).map(|(a, b)| given[0] * a + given[1] * b).collect_into_vec(to);
        }
        Ok(room)
    }

    /// What moves in an hour; `before` is what moved in the hour before, whose memory serves again.
    fn rates(
        &mut self,
        hour: &Hour,
        before: Option<LayerRates>,
        cancel: &CancelToken,
    ) -> Result<LayerRates, Cancelled> {
        let LayerRates { size, east, south, up, mut exchange, .. } = if let Some(before) = before {
            before
        } else {
            let (shape, none) = (self.setup.ground.shape, Vec::new);
            let exchange = vec![0.0; shape.padded_len()];
            let size = self.setup.ground.sizes();
            LayerRates { shape, size, east: none(), south: none(), up: none(), exchange, spread_per_s: 0.0 }
        };
        cancel.check()?;
        let wind = self.wind(hour, Volumes { east, south, up }, cancel)?;
        let ground = &self.setup.ground;
        let shape = ground.shape;
        let friction = KARMAN * hour.wind_mps.max(0.3) / (10.0 / self.setup.roughness_m).ln().max(1.0);
        let rows = exchange.par_chunks_mut(shape.stride() * shape.levels).skip(GHOSTS).take(shape.rows);
        rows.enumerate().try_for_each(|(row, slab)| {
            cancel.check()?;
            for col in 0..shape.cols {
                let (cell, at) = (row * shape.cols + col, GHOSTS + col);
                let air = ground.lid_m - f64::from(ground.height_m[cell]);
                slab[at] = (self.setup.deposition_mps * ground.open(cell, 0)) as f32;
                for k in 1..shape.levels {
                    let z = air * ground.faces[k];
                    let apart = ground.middle(cell, k) - ground.middle(cell, k - 1);
                    let open = ground.open(cell, k - 1).min(ground.open(cell, k));
                    slab[at + k * shape.stride()] = (mixing(z, friction, hour.mixing_height_m) / apart * open) as f32;
                }
            }
            Ok(())
        })?;
        Ok(LayerRates {
            shape,
            size,
            east: wind.east,
            south: wind.south,
            up: wind.up,
            exchange,
            spread_per_s: self.setup.diffusivity_m2ps / (ground.cell_m * ground.cell_m),
        })
    }
}

/// Vertical diffusivity at a height in neutral air: κ u* z (1 − z/h)² below the mixing height, a little above it (Troen &
/// Mahrt 1986, Boundary-Layer Meteorol. 37, 129, eq. 3, p = 2).
#[must_use]
pub fn mixing(z_m: f64, friction_mps: f64, mixing_height_m: f64) -> f64 {
    let inside = (1.0 - z_m / mixing_height_m).max(0.0);
    (KARMAN * friction_mps * z_m * inside * inside).max(0.1)
}

impl Simulation for TransientSimulation {
    fn step_count(&self) -> usize {
        (self.setup.span_s / HOUR_S).ceil() as usize
    }

    fn step(&mut self, cx: &StepContext) -> Result<(), SimError> {
        let from = self.done as f64 * HOUR_S;
        let span = HOUR_S.min(self.setup.span_s - from);
        let hour = self.setup.hours[self.done.min(self.setup.hours.len() - 1)].clone();
        self.done += 1;
        let sources = self.sources(&hour);
        let (known, before) = match self.now.take() {
            Some(now) if now.hour.moves_as(&hour) && span >= HOUR_S => (Some(now), None),
            before => (None, before),
        };
        let mut now = if let Some(now) = known {
            now
        } else {
            let (rates, spare) = before.map_or((None, Vec::new()), |now| (Some(now.rates), now.layers.spare()));
            let rates = self.rates(&hour, rates, &cx.cancel)?;
            let failed = |e| match e {
                TransportError::Cancelled(cancelled) => SimError::Cancelled(cancelled),
                wrong => SimError::Model(wrong.to_message()),
            };
            let steps = rates.sub_steps(span).map_err(failed)?.max((span / LONGEST_S).ceil() as usize);
            let layers = rates.layers_in(span / steps as f64, spare, &cx.cancel).map_err(failed)?;
            let steps = steps * layers.sub_steps;
            let hour = Hour { emissions: Arc::default(), ..hour.clone() };
            Now { hour, rates, layers, steps, fresh: Vec::new() }
        };
        let part = span / now.steps as f64;
        if now.fresh.is_empty() || now.hour.emissions != hour.emissions {
            let fate = (self.setup.decay_per_s, part);
            now.fresh = fresh(&self.setup.ground, &now.rates, &sources, fate, &cx.cancel)?;
            now.hour = hour;
        }
        let end = End { remains: (-self.setup.decay_per_s * part).exp() as f32, floor: FLOOR };
        // From one end of a step to the other a concentration goes straight: trapezia.
        self.sum_up(0.5 * part);
        let ends = Ends { end, fresh: &now.fresh, seconds: part };
        now.layers.steps(&mut self.field, now.steps, &ends, &mut self.sums, &cx.cancel)?;
        self.sum_up(0.5 * part);
        self.now = Some(now);
        self.emitted_ug += span * self.room_times_rate(&sources);
        Ok(())
    }

    fn snapshot(&self) -> Snapshot {
        let shape = self.setup.ground.shape;
        let time_s = (self.done as f64 * HOUR_S).min(self.setup.span_s);
        let ground: Vec<f32> = (0..shape.rows).flat_map(|r| self.field.row(r, 0).iter().copied()).collect();
        let mean = self.sums.iter().map(|s| (s / time_s.max(1.0)) as f32).collect();
        let grid = |cells: Vec<f32>| Arc::new(Grid { spec: self.setup.spec.clone(), cells });
        let area = self.setup.ground.cell_m.powi(2);
        let mass = self.now.as_ref().map_or(0.0, |now| self.field.mass(&now.layers.size) * area);
        let mut fields = BTreeMap::from([
            (FieldKey::new(GROUND_CONCENTRATION), grid(ground)),
            (FieldKey::new(GROUND_MEAN), grid(mean)),
        ]);
        if let Some(now) = &self.now {
            let [east, north] = ground_wind(&self.setup.ground, &now.rates);
            fields.insert(FieldKey::new(WIND_EAST), grid(east));
            fields.insert(FieldKey::new(WIND_NORTH), grid(north));
        }
        Snapshot {
            time_s,
            agents: None,
            fields,
            scalars: BTreeMap::from([(EMITTED.to_owned(), self.emitted_ug), (IN_AIR.to_owned(), mass)]),
        }
    }
}
