//! Wildfire as a [`Simulation`]: what the runner steps and the views draw.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::crown::FireType;
use super::error::FireError;
use super::front::{Fire, FireOptions, Ignition};
use super::landscape::{Landscape, Weather};
use super::spotting::{self, Spotting};
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::geo::grid::Grid;
use crate::sim::fields::{FieldKey, Snapshot};
use crate::sim::run::{SimError, Simulation, StepContext};

pub const ARRIVAL: &str = "arrival_time_s";
pub const RATE: &str = "rate_of_spread_mps";
pub const FLAME: &str = "flame_length_m";
pub const INTENSITY: &str = "fireline_intensity_kw_m";
/// 0 surface, 1 passive crown, 2 active crown.
pub const TYPE: &str = "fire_type";
pub const BURNT_AREA: &str = "burnt_area_m2";

/// Everything a fire is simulated from.
#[derive(Debug, Clone)]
pub struct FireSetup {
    pub landscape: Arc<Landscape>,
    pub weather: Vec<Weather>,
    pub ignitions: Vec<Ignition>,
    pub options: FireOptions,
    pub spotting: Option<Spotting>,
    /// From the weather's first moment on.
    pub span_s: f64,
    /// One step and one possible snapshot.
    pub step_s: f64,
}

#[derive(Debug)]
pub struct FireSimulation {
    fire: Fire,
    setup: FireSetup,
    /// Cells that are still to throw their embers.
    waiting: Vec<u32>,
    done: usize,
    /// Of the last step: a snapshot of millions of cells stops as well.
    cancel: CancelToken,
}

impl FireSimulation {
    /// # Errors
    /// Whatever is wrong with the setup.
    pub fn new(setup: FireSetup) -> Result<Self, FireError> {
        FireError::require("time", setup.span_s, 1.0, 1e8)?;
        FireError::require("time", setup.step_s, 1.0, 1e8)?;
        if let Some(spotting) = &setup.spotting {
            spotting.validate()?;
        }
        let fire = Fire::new(&setup.landscape, &setup.weather, &setup.ignitions, setup.options)?;
        Ok(Self { fire, setup, waiting: Vec::new(), done: 0, cancel: CancelToken::new() })
    }

    /// What the result rests on, to be shown beside it.
    #[must_use]
    pub fn assumptions(&self) -> Vec<Message> {
        let mut keys = vec!["sim-fire-assumes-rothermel", "sim-fire-assumes-no-peat", "sim-fire-assumes-not-validated"];
        if self.setup.spotting.is_some() {
            keys.push("sim-fire-assumes-spotting");
        }
        keys.into_iter().map(Message::new).collect()
    }

    fn start_s(&self) -> f64 {
        self.setup.weather.first().map_or(0.0, |w| w.start_s)
    }

    fn burn_to(&mut self, until: f64, cx: &StepContext) -> Result<(), SimError> {
        match &self.setup.spotting {
            None => self.fire.advance(until, &cx.cancel)?,
            Some(spotting) => {
                let weather = &self.setup.weather;
                spotting::advance(&mut self.fire, &mut self.waiting, spotting, weather, until, &cx.cancel)?;
            }
        }
        Ok(())
    }
}

impl Simulation for FireSimulation {
    fn step_count(&self) -> usize {
        (self.setup.span_s / self.setup.step_s).ceil() as usize
    }

    fn step(&mut self, cx: &StepContext) -> Result<(), SimError> {
        self.done += 1;
        self.cancel = cx.cancel.clone();
        let until = self.start_s() + (self.done as f64 * self.setup.step_s).min(self.setup.span_s);
        self.burn_to(until, cx)?;
        // Told once, at the end of the first step in which a fire should have been burning.
        let all_lit = self.setup.ignitions.iter().all(|i| i.time_s <= until);
        if all_lit && self.fire.lit() == 0 {
            return Err(SimError::Model(FireError::NothingIgnites.to_message()));
        }
        Ok(())
    }

    fn snapshot(&self) -> Snapshot {
        let spec = self.fire.spec();
        let mut fields: [Vec<f32>; 5] = std::array::from_fn(|_| vec![f32::NAN; spec.len()]);
        let rows = fields.each_mut().map(|field| field.par_chunks_mut(spec.cols.max(1)));
        let [arrival, rate, flame, intensity, kind] = rows;
        let burnt: usize = (arrival, rate, flame, intensity, kind)
            .into_par_iter()
            .enumerate()
            .map(|(row, into)| {
                // What a cancelled run has left is thrown away.
                if self.cancel.is_cancelled() {
                    return 0;
                }
                let cells = (0..spec.cols).filter_map(|col| Some((col, self.fire.cell(row * spec.cols + col)?)));
                let mut burnt = 0;
                for (col, cell) in cells {
                    burnt += 1;
                    into.0[col] = cell.arrival_s as f32;
                    into.1[col] = cell.rate_of_spread_mps as f32;
                    into.2[col] = cell.flame_length_m as f32;
                    into.3[col] = cell.fireline_intensity_kw_m as f32;
                    into.4[col] = match cell.fire_type {
                        FireType::Surface => 0.0,
                        FireType::PassiveCrown => 1.0,
                        FireType::ActiveCrown => 2.0,
                    };
                }
                burnt
            })
            .sum();
        let names = [ARRIVAL, RATE, FLAME, INTENSITY, TYPE];
        let grid = |cells| Arc::new(Grid { spec: spec.clone(), cells });
        Snapshot {
            time_s: self.fire.clock_s(),
            agents: None,
            fields: names.into_iter().map(FieldKey::new).zip(fields.map(grid)).collect(),
            scalars: BTreeMap::from([(BURNT_AREA.to_owned(), burnt as f64 * spec.cell_width() * spec.cell_height())]),
        }
    }
}
