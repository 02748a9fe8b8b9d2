//! Fires from many places on a scenario's ground: the same places, the same weather, another plan.

use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::cache::Cache;
use super::error::WhatIfError;
use super::settings::Settings;
use crate::base::digest::Digest;
use crate::base::message::Message;
use crate::base::rng::KeyedRng;
use crate::geo::crs::Crs;
use crate::geo::grid::{Grid, GridSpec};
use crate::model::layer::LayerRole;
use crate::model::project::Project;
use crate::sim::fire::error::FireError;
use crate::sim::fire::front::{Fire, FireOptions, Ignition, IgnitionShape};
use crate::sim::fire::fuel_map::FuelTable;
use crate::sim::fire::landscape::{Landscape, Weather};
use crate::sim::run::{InputDigest, StepContext};
use crate::study::effects::Resolved;
use crate::study::fire::case::from_lon_lat;
use crate::study::fire::ground::FireGround;
use crate::study::fire::impact::{field, house_cells};
use crate::study::fire::inputs::{FireInputs, MoisturePreset};

/// What is left of the fires.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FireRun {
    pub digest: String,
    pub inputs: Vec<InputDigest>,
    pub fires: u32,
    pub median_ha: f64,
    pub p95_ha: f64,
    pub mean_ha: f64,
    /// Half-widths of the 95 % intervals that the fires' number gives for the median and the 95th percentile (order
    /// statistics: Conover, Practical Nonparametric Statistics, 1999, section 3.2).
    #[serde(default)]
    pub sure_ha: Option<[f64; 2]>,
    /// Reached by at least one of the fires.
    pub buildings: f64,
    pub residents: f64,
    /// Share of the fires that burn a cell; NaN where none does.
    pub probability: Grid<f32>,
    /// Cells that were reached within each hour after the fires broke out, each as often as fires reached it.
    pub reached: Vec<Vec<u32>>,
    pub assumptions: Vec<Message>,
    pub notices: Vec<Message>,
}

impl FireRun {
    /// No fire was asked for.
    pub(super) fn none() -> Self {
        let spec = GridSpec::north_up(Crs::WGS84, 0.0, 0.0, 1.0, 1, 1);
        Self {
            digest: String::new(),
            inputs: Vec::new(),
            fires: 0,
            median_ha: 0.0,
            p95_ha: 0.0,
            mean_ha: 0.0,
            sure_ha: None,
            buildings: 0.0,
            residents: 0.0,
            probability: Grid::filled(spec, f32::NAN),
            reached: Vec::new(),
            assumptions: Vec::new(),
            notices: Vec::new(),
        }
    }

    /// Share of the fires that burn a cell within the first hours; NaN where none does.
    #[must_use]
    pub fn probability_after(&self, hours: usize) -> Grid<f32> {
        let mut counts = vec![0_u32; self.probability.spec.len()];
        for cell in self.reached.iter().take(hours).flatten() {
            if let Some(count) = counts.get_mut(*cell as usize) {
                *count += 1;
            }
        }
        shares(&counts, self.fires as usize, &self.probability.spec)
    }
}

fn shares(counts: &[u32], fires: usize, spec: &GridSpec) -> Grid<f32> {
    let n = fires.max(1) as f64;
    let share = |c: &u32| if *c == 0 { f32::NAN } else { (f64::from(*c) / n) as f32 };
    Grid { spec: spec.clone(), cells: counts.iter().map(share).collect() }
}

/// A scenario's ground, made ready once for any number of runs that differ in weather and places.
pub(super) struct Ground {
    project: Arc<Project>,
    landscape: Arc<Landscape>,
    /// Where vegetation burns today: the fires of all scenarios start there.
    today: GridSpec,
    burns_today: Vec<u32>,
    digests: [String; 2],
    assumptions: Vec<Message>,
    notices: Vec<Message>,
}

impl Ground {
    pub(super) fn of(resolved: &Resolved, today: &Arc<Project>, settings: &Settings) -> Result<Self, WhatIfError> {
        let project = &resolved.project;
        let table = FuelTable::phu_quoc()?;
        let ground = FireGround::of(project, settings.fire_cell_m, table.clone())?;
        let mut asked = FireInputs::new(settings.midnight(project), Vec::new(), Vec::new());
        asked.breaks.clone_from(&resolved.breaks);
        let landscape = ground.with_measures(&asked)?;
        let before = if resolved.scenario.is_none() {
            Arc::clone(&ground.landscape)
        } else {
            FireGround::of(today, settings.fire_cell_m, table)?.landscape
        };
        let burns = |c: &usize| before.fuel_index(*c).is_some();
        Ok(Self {
            project: Arc::clone(project),
            today: before.spec().clone(),
            burns_today: (0..before.spec().len()).filter(burns).map(|c| c as u32).collect(),
            digests: [landscape.digest().to_string(), super::run::houses_digest(project)],
            landscape,
            assumptions: ground.assumptions,
            notices: ground.notices,
        })
    }

    /// The places where fires start.
    fn starts(&self, settings: &Settings) -> Result<Vec<[f64; 2]>, WhatIfError> {
        if !settings.fire_places.is_empty() {
            return settings.fire_places.iter().map(|at| Ok(from_lon_lat(&self.project, *at)?)).collect();
        }
        let rng = KeyedRng::new(settings.seed, 3);
        let place = |i: u32| {
            let number = settings.fire_first.wrapping_add(u64::from(i));
            let cell = self.burns_today[rng.below(0, number, self.burns_today.len() as u64) as usize] as usize;
            self.today.centre(cell % self.today.cols, cell / self.today.cols)
        };
        let fires = if self.burns_today.is_empty() { 0 } else { settings.fire_ignitions };
        Ok((0..fires).map(place).collect())
    }

    pub(super) fn run(
        &self,
        settings: &Settings,
        cache: &Cache,
        context: &StepContext,
    ) -> Result<FireRun, WhatIfError> {
        let mut moisture = MoisturePreset::Low.moisture();
        for dead in [&mut moisture.dead_1h, &mut moisture.dead_10h, &mut moisture.dead_100h] {
            *dead *= settings.fire_moisture;
        }
        let weather = Weather {
            start_s: 0.0,
            wind_10m_mps: settings.fire_wind_mps,
            wind_from_rad: settings.wind_from_deg.to_radians(),
            moisture,
        };
        let starts = self.starts(settings)?;
        let of = |name: &str, digest: String| InputDigest { name: name.to_owned(), digest };
        let [landscape, houses] = self.digests.clone();
        let inputs = vec![
            of("landscape", landscape),
            of("houses", houses),
            of("ignitions", Digest::of(format!("{starts:?}").as_bytes()).to_string()),
            of("settings", Digest::of(format!("{weather:?} {}", settings.fire_hours).as_bytes()).to_string()),
        ];
        let digest = super::run::digest_of(&inputs);
        if let Some(known) = cache.get("fire", &digest) {
            return Ok(known);
        }
        let burns = burn(&self.landscape, &weather, &starts, settings.fire_hours * 3600.0, context)?;
        let run = self.measure(&burns, digest, inputs);
        cache.put("fire", &run.digest, &run)?;
        Ok(run)
    }

    fn measure(&self, burns: &[Vec<Burnt>], digest: String, inputs: Vec<InputDigest>) -> FireRun {
        let (project, spec) = (&self.project, self.landscape.spec());
        let cell_ha = spec.cell_width() * spec.cell_height() / 10_000.0;
        let mut counts = vec![0_u32; spec.len()];
        let mut reached: Vec<Vec<u32>> = Vec::new();
        for (cell, hour) in burns.iter().flatten() {
            counts[*cell as usize] += 1;
            let hour = usize::from(*hour);
            if reached.len() <= hour {
                reached.resize_with(hour + 1, Vec::new);
            }
            reached[hour].push(*cell);
        }
        let mut areas: Vec<f64> = burns.iter().map(|b| b.len() as f64 * cell_ha).collect();
        areas.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = (areas.len().saturating_sub(1) as f64 * share).round() as usize;
            areas.get(place).copied().unwrap_or_default()
        };
        let sure = |share: f64| {
            let ranks = 1.96 * (share * (1.0 - share) / areas.len().max(1) as f64).sqrt();
            (at((share + ranks).min(1.0)) - at(share)).max(at(share) - at((share - ranks).max(0.0)))
        };
        let houses = project.with_role(LayerRole::Buildings).and_then(|l| l.content.features());
        let (mut buildings, mut residents) = (0.0, 0.0);
        for (row, cells) in house_cells(project, spec) {
            if cells.iter().any(|c| counts[*c as usize] > 0) {
                buildings += 1.0;
                let people = houses.and_then(|t| t.value(row, field::RESIDENTS).as_f64());
                residents += people.filter(|p| *p > 0.0).unwrap_or(0.0);
            }
        }
        FireRun {
            digest,
            inputs,
            fires: burns.len() as u32,
            median_ha: at(0.5),
            p95_ha: at(0.95),
            mean_ha: areas.iter().sum::<f64>() / burns.len().max(1) as f64,
            sure_ha: Some([sure(0.5), sure(0.95)]),
            buildings,
            residents,
            probability: shares(&counts, burns.len(), spec),
            reached,
            assumptions: self.assumptions.clone(),
            notices: self.notices.clone(),
        }
    }
}

const GROUP: usize = 8;

/// A cell and the hour in which it was reached, from 0.
type Burnt = (u32, u16);

/// The cells that each fire burns, in the order of the starts.
fn burn(
    landscape: &Arc<Landscape>,
    weather: &Weather,
    starts: &[[f64; 2]],
    span_s: f64,
    context: &StepContext,
) -> Result<Vec<Vec<Burnt>>, WhatIfError> {
    let last_hour = (span_s / 3600.0).ceil() - 1.0;
    let one = |start: &[f64; 2], fire: &mut Option<Fire>| -> Result<Vec<Burnt>, WhatIfError> {
        let ignition = [Ignition { time_s: 0.0, shape: IgnitionShape::Point(*start) }];
        let lit = match fire {
            Some(fire) => fire.relight(&[*weather], &ignition),
            None => Fire::new(landscape, &[*weather], &ignition, FireOptions::default()).map(|f| *fire = Some(f)),
        };
        match lit {
            Ok(()) => {}
            // The plan took what burns there: nothing starts.
            Err(FireError::NothingIgnites) => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        }
        let Some(fire) = fire else { return Ok(Vec::new()) };
        fire.advance(span_s, &context.cancel)?;
        let mut burnt = fire.take_trail();
        burnt.sort_unstable();
        burnt.dedup();
        let march = fire.march();
        let hour = |c: u32| {
            let arrival_s = march.arrival_s(c as usize);
            (arrival_s < f64::INFINITY).then(|| (c, (arrival_s / 3600.0).floor().clamp(0.0, last_hour) as u16))
        };
        Ok(burnt.into_iter().filter_map(hour).collect())
    };
    // Fires of a group follow each other in one memory; rayon keeps the order of what it collects.
    let groups: Vec<Vec<Vec<Burnt>>> = starts
        .par_chunks(GROUP)
        .map(|group| {
            let mut fire = None;
            group.iter().map(|start| one(start, &mut fire)).collect::<Result<_, WhatIfError>>()
        })
        .collect::<Result<_, _>>()?;
    Ok(groups.into_iter().flatten().collect())
}
