//! Wildfire as a [`Simulation`]: what the runner steps and the views draw.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::crown::FireType;
use super::error::FireError;
use super::front::{CellFire, Fire, FireOptions, Ignition};
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
        // What a cancelled run has left is thrown away.
        let cell = |c: usize| if self.cancel.is_cancelled() { None } else { self.fire.cell(c) };
        let cells: Vec<Option<CellFire>> = (0..spec.len()).into_par_iter().map(cell).collect();
        let field = |value: fn(&CellFire) -> f64| {
            let values = cells.iter().map(|c| c.as_ref().map_or(f32::NAN, |c| value(c) as f32)).collect();
            Arc::new(Grid { spec: spec.clone(), cells: values })
        };
        let burnt = cells.iter().flatten().count() as f64;
        Snapshot {
            time_s: self.fire.clock_s(),
            fields: BTreeMap::from([
                (FieldKey::new(ARRIVAL), field(|c| c.arrival_s)),
                (FieldKey::new(RATE), field(|c| c.rate_of_spread_mps)),
                (FieldKey::new(FLAME), field(|c| c.flame_length_m)),
                (FieldKey::new(INTENSITY), field(|c| c.fireline_intensity_kw_m)),
                (
                    FieldKey::new(TYPE),
                    field(|c| match c.fire_type {
                        FireType::Surface => 0.0,
                        FireType::PassiveCrown => 1.0,
                        FireType::ActiveCrown => 2.0,
                    }),
                ),
            ]),
            scalars: BTreeMap::from([(BURNT_AREA.to_owned(), burnt * spec.cell_width() * spec.cell_height())]),
        }
    }
}
