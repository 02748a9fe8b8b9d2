//! What a wildfire study is asked: where and when it burns, in which weather, and what is done against it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::scenario::ScenarioId;
use crate::sim::fire::front::{FireOptions, Ignition};
use crate::sim::fire::landscape::{Landscape, Weather};
use crate::sim::fire::rothermel::Moisture;
use crate::sim::fire::simulation::FireSetup;
use crate::sim::fire::spotting::Spotting;

/// Everything that decides the result, with the project. Coordinates are (east, north) in the site's CRS; times are
/// seconds since `start_unix_s`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FireInputs {
    /// When the run begins: seconds since 1970 (UTC). Results are told in the project's local time.
    pub start_unix_s: i64,
    pub hours: f64,
    pub ignitions: Vec<Ignition>,
    /// One entry is constant weather; several are hourly (or any other) changes.
    pub weather: Vec<Weather>,
    /// Side of a cell of the fire's grid, metres: 30 or 10.
    pub cell_m: f64,
    /// A snapshot so often.
    pub snapshot_minutes: f64,
    pub options: FireOptions,
    pub spotting: Option<Spotting>,
    /// Strips without fuel.
    pub breaks: Vec<FuelBreak>,
    pub lines: Vec<SuppressionLine>,
    /// Whose strips are among the breaks.
    #[serde(default)]
    pub scenario: Option<ScenarioId>,
    /// 0: as many as the machine has. Does not change the result.
    pub threads: usize,
}

/// A strip from which the fuel is taken before the fire comes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FuelBreak {
    pub line: Vec<[f64; 2]>,
    pub width_m: f64,
}

/// A line that a crew builds from its first point on while the fire burns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SuppressionLine {
    pub line: Vec<[f64; 2]>,
    pub start_s: f64,
    pub rate_mps: f64,
}

impl FireInputs {
    /// Twelve hours on 30 m cells, a snapshot an hour, nothing done against the fire.
    #[must_use]
    pub fn new(start_unix_s: i64, ignitions: Vec<Ignition>, weather: Vec<Weather>) -> Self {
        Self {
            start_unix_s,
            hours: 12.0,
            ignitions,
            weather,
            cell_m: 30.0,
            snapshot_minutes: 60.0,
            options: FireOptions::default(),
            spotting: None,
            breaks: Vec::new(),
            lines: Vec::new(),
            scenario: None,
            threads: 0,
        }
    }

    /// For the simulation, on a ground.
    #[must_use]
    pub fn setup(&self, landscape: Arc<Landscape>) -> FireSetup {
        FireSetup {
            landscape,
            weather: self.weather.clone(),
            ignitions: self.ignitions.clone(),
            options: self.options,
            spotting: self.spotting,
            span_s: self.hours * 3600.0,
            step_s: self.snapshot_minutes * 60.0,
        }
    }

    /// Whether anything is done against the fire, so that there is a before and an after.
    #[must_use]
    pub fn has_measures(&self) -> bool {
        !self.breaks.is_empty() || !self.lines.is_empty()
    }

    /// The same fire with nothing done against it.
    #[must_use]
    pub fn without_measures(&self) -> Self {
        Self { breaks: Vec::new(), lines: Vec::new(), scenario: None, ..self.clone() }
    }
}

/// Fuel moistures to choose from: the dead and live scenarios of Scott & Burgan (2005), RMRS-GTR-153, tables 3 and 4,
/// paired D1L1 to D4L4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MoisturePreset {
    VeryLow,
    Low,
    Moderate,
    High,
}

impl MoisturePreset {
    pub const ALL: [Self; 4] = [Self::VeryLow, Self::Low, Self::Moderate, Self::High];

    #[must_use]
    pub fn moisture(self) -> Moisture {
        let (dead, herb, woody) = match self {
            Self::VeryLow => (0.03, 0.3, 0.6),
            Self::Low => (0.06, 0.6, 0.9),
            Self::Moderate => (0.09, 0.9, 1.2),
            Self::High => (0.12, 1.2, 1.5),
        };
        Moisture { dead_1h: dead, dead_10h: dead + 0.01, dead_100h: dead + 0.02, live_herb: herb, live_woody: woody }
    }

    /// Key of its name in the catalogues.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::VeryLow => "study-fire-moisture-very-low",
            Self::Low => "study-fire-moisture-low",
            Self::Moderate => "study-fire-moisture-moderate",
            Self::High => "study-fire-moisture-high",
        }
    }
}
