//! What the wildfire panel asks for, before it becomes the study's inputs.

use crate::model::project::Project;
use crate::model::scenario::ScenarioId;
use crate::sim::fire::crown::Crown;
use crate::sim::fire::front::{FireOptions, Ignition, IgnitionShape};
use crate::sim::fire::fuel_map::FuelTable;
use crate::sim::fire::landscape::Weather;
use crate::sim::fire::spotting::Spotting;
use crate::study::fire::error::FireStudyError;
use crate::study::fire::inputs::{FireInputs, FuelBreak, MoisturePreset};
use crate::study::fire::scenario::strips;

pub(super) const SEED: u64 = 1;

/// Melaleuca as a crown fire sees it: low branches, light crowns, leaves at 100 %. Expert judgement.
const CROWN: Crown = Crown { base_height_m: 2.0, bulk_density_kg_m3: 0.1, foliar_moisture: 1.0 };

/// A fire as it was drawn: one point, a line, or what a closed line holds. Places are (east, north) in the site's CRS.
#[derive(Debug, Clone, PartialEq)]
pub struct FireSet {
    pub points: Vec<[f64; 2]>,
    /// The line is closed, and what is inside burns.
    pub area: bool,
    /// Hours after the run's beginning.
    pub after_h: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct FireForm {
    pub ignitions: Vec<FireSet>,
    pub wind_10m_mps: f64,
    /// Where the wind comes from, degrees clockwise from north.
    pub wind_from_deg: f64,
    pub moisture: MoisturePreset,
    /// Wind and moisture by the hour; they go before the three above when there are any.
    pub hourly: Vec<Weather>,
    pub hours: f64,
    /// 10 m cells instead of 30 m.
    pub fine: bool,
    pub spotting: bool,
    /// The fire may climb into the trees.
    pub crown: bool,
    /// A strip without fuel, (east, north) in the site's CRS.
    pub fuel_break: Vec<[f64; 2]>,
    pub break_width_m: f64,
    /// Whose fuel breaks and roads are there as well.
    pub scenario: Option<ScenarioId>,
}

impl Default for FireForm {
    fn default() -> Self {
        Self {
            ignitions: Vec::new(),
            wind_10m_mps: 4.5,
            // The dry season's monsoon.
            wind_from_deg: 45.0,
            moisture: MoisturePreset::Low,
            hourly: Vec::new(),
            hours: 12.0,
            fine: false,
            spotting: false,
            crown: false,
            fuel_break: Vec::new(),
            break_width_m: 30.0,
            scenario: None,
        }
    }
}

impl FireSet {
    #[must_use]
    pub fn point(at: [f64; 2]) -> Self {
        Self { points: vec![at], area: false, after_h: 0.0 }
    }

    fn ignition(&self) -> Option<Ignition> {
        let shape = match self.points[..] {
            [] => return None,
            [only] => IgnitionShape::Point(only),
            [first, ..] if self.area && self.points.len() > 2 => {
                IgnitionShape::Area(vec![self.points.iter().copied().chain([first]).collect()])
            }
            _ => IgnitionShape::Line(self.points.clone()),
        };
        Some(Ignition { time_s: self.after_h * 3600.0, shape })
    }
}

impl FireForm {
    /// Weather of the dial and the preset, from the run's beginning on.
    #[must_use]
    pub fn constant_weather(&self) -> Weather {
        Weather {
            start_s: 0.0,
            wind_10m_mps: self.wind_10m_mps,
            wind_from_rad: self.wind_from_deg.to_radians(),
            moisture: self.moisture.moisture(),
        }
    }

    /// Adds an hour to the weather by the hour: one later than the last, with the same weather.
    pub fn add_hour(&mut self) {
        let next = self.hourly.last().map(|last| Weather { start_s: last.start_s + 3600.0, ..*last });
        self.hourly.push(next.unwrap_or_else(|| self.constant_weather()));
    }

    /// # Errors
    /// A scenario that is not there.
    pub(super) fn inputs(&self, project: &Project) -> Result<FireInputs, FireStudyError> {
        let ignitions = self.ignitions.iter().filter_map(FireSet::ignition).collect();
        let weather = if self.hourly.is_empty() { vec![self.constant_weather()] } else { self.hourly.clone() };
        let mut inputs = FireInputs::new(project.time.as_second(), ignitions, weather);
        inputs.hours = self.hours;
        // One snapshot: its arrival times hold the whole run, and the timeline reads them.
        inputs.snapshot_minutes = self.hours * 60.0;
        inputs.cell_m = if self.fine { 10.0 } else { 30.0 };
        inputs.options = FireOptions { limit_wind: false, crown: self.crown.then_some(CROWN) };
        inputs.spotting = self.spotting.then(|| Spotting { seed: SEED, ..Spotting::default() });
        if self.fuel_break.len() > 1 {
            inputs.breaks.push(FuelBreak { line: self.fuel_break.clone(), width_m: self.break_width_m });
        }
        if let Some(scenario) = &self.scenario {
            let road_width_m = FuelTable::phu_quoc()?.barriers.road_width_m;
            inputs.breaks.extend(strips(project, scenario, road_width_m)?);
            inputs.scenario = Some(scenario.clone());
        }
        Ok(inputs)
    }
}
