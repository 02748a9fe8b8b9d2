//! What a scenario comes to when it is carried out, and which inputs of the simulations it touched.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::message::Message;
use crate::model::change::{Edit, Emitter, SeaOutlet};
use crate::model::project::Project;
use crate::model::scenario::ScenarioId;
use crate::sim::air::source::{Place, Source};
use crate::study::fire::inputs::FuelBreak;

/// What of a simulation's inputs an edit may touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Input {
    Plan,
    Parcels,
    Buildings,
    LandCover,
    Roads,
    Breaks,
    Emitters,
    Outlets,
    Hydrants,
    Sensors,
}

impl Input {
    /// Key of its name in the catalogues.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Plan => "whatif-input-plan",
            Self::Parcels => "whatif-input-parcels",
            Self::Buildings => "whatif-input-buildings",
            Self::LandCover => "whatif-input-land-cover",
            Self::Roads => "whatif-input-roads",
            Self::Breaks => "whatif-input-breaks",
            Self::Emitters => "whatif-input-emitters",
            Self::Outlets => "whatif-input-outlets",
            Self::Hydrants => "whatif-input-hydrants",
            Self::Sensors => "whatif-input-sensors",
        }
    }
}

/// A project with a scenario carried out. Places are (east, north) in the site's system.
#[derive(Debug, Clone)]
pub struct Resolved {
    pub scenario: Option<ScenarioId>,
    pub project: Arc<Project>,
    /// All edits, those of the bases first.
    pub edits: Vec<Edit>,
    pub breaks: Vec<FuelBreak>,
    pub emitters: Vec<Emitter>,
    /// Zones that emit: (name, outline, rates in g/s).
    pub zones: Vec<(String, Vec<[f64; 2]>, Vec<(String, f64)>)>,
    pub outlets: Vec<SeaOutlet>,
    /// Which edits (from 1) touched which input.
    pub touched: BTreeMap<Input, Vec<usize>>,
    pub notices: Vec<Message>,
}

impl Resolved {
    /// Sources of a substance besides the roads.
    #[must_use]
    pub fn sources(&self, pollutant: &str) -> Vec<Source> {
        let rate = |rates: &[(String, f64)]| {
            rates.iter().find(|(name, _)| name.eq_ignore_ascii_case(pollutant)).map_or(0.0, |r| r.1)
        };
        let stacks = self.emitters.iter().map(|e| {
            let place = Place::Point { at: e.at, height_m: e.height_m, exhaust: None };
            Source::single(&e.id, if e.name.is_empty() { &e.id } else { &e.name }, place, rate(&e.rates_g_s))
        });
        let areas = self.zones.iter().enumerate().map(|(i, (name, ring, rates))| {
            let place = Place::Area { ring: ring.clone(), height_m: 6.0, initial_z_m: 3.0 };
            Source::single(&format!("zone-{}", i + 1), name, place, rate(rates))
        });
        stacks.chain(areas).filter(|s| s.rate_g_s > 0.0).collect()
    }
}
