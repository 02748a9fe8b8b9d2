//! A scenario's day of air: its roads as its traffic loads them, its zones and stacks, and who breathes it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::cache::Cache;
use super::error::WhatIfError;
use super::settings::Settings;
use super::traffic::TrafficRun;
use crate::base::digest::Digest;
use crate::base::message::Message;
use crate::geo::grid::Grid;
use crate::sim::air::simulation::CONCENTRATION;
use crate::sim::air::traffic_emission::RoadEmissions;
use crate::sim::run::{InputDigest, StepContext};
use crate::study::air::case::AirCase;
use crate::study::air::inputs::AirInputs;
use crate::study::air::limit::title_arg;
use crate::study::effects::Resolved;
use crate::study::effects::traffic_air::road_load;

/// One substance's day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AirRun {
    pub pollutant: String,
    pub digest: String,
    pub inputs: Vec<InputDigest>,
    /// Mean of the day, µg/m3.
    pub field: Grid<f32>,
    /// Each hour's, on the cells of `field`, from midnight on.
    pub hours: Vec<Vec<f32>>,
    /// The limit that holds, µg/m3, over how many hours, and where it stands.
    pub limit: Option<(f64, u32, String)>,
    /// Persons times the day's mean at their houses.
    pub person_ug_m3: f64,
    pub mean_ug_m3: f64,
    pub residents_above: f64,
    /// Grams a day from roads, and from everything else.
    pub roads_g: f64,
    pub others_g: f64,
    pub assumptions: Vec<Message>,
    pub notices: Vec<Message>,
}

pub(super) fn run(
    resolved: &Resolved,
    traffic: &TrafficRun,
    pollutant: &str,
    settings: &Settings,
    cache: &Cache,
    context: &StepContext,
) -> Result<AirRun, WhatIfError> {
    let project = &resolved.project;
    let table = RoadEmissions::shipped()?;
    let mut inputs = AirInputs::new(settings.midnight(project), pollutant, settings.air(project)?);
    inputs.roads = road_load(&traffic.pieces, &table, pollutant);
    inputs.sources = resolved.sources(pollutant);
    inputs.traffic = None;
    inputs.cell_m = settings.air_cell_m;
    inputs.background_ug_m3 = settings.background_ug_m3;
    inputs.threads = settings.threads;
    let names = [
        ("traffic", traffic.digest.clone()),
        ("sources", Digest::of(&serde_json::to_vec(&inputs.sources).unwrap_or_default()).to_string()),
        ("emission table", Digest::of(&serde_json::to_vec(&table).unwrap_or_default()).to_string()),
        ("terrain", super::run::terrain_digest(project)),
        ("houses", super::run::houses_digest(project)),
        (
            "settings",
            Digest::of(
                format!("{:?} {pollutant} {} {}", inputs.hours, inputs.cell_m, inputs.background_ug_m3).as_bytes(),
            )
            .to_string(),
        ),
    ];
    let named: Vec<InputDigest> =
        names.into_iter().map(|(name, digest)| InputDigest { name: name.to_owned(), digest }).collect();
    let digest = super::run::digest_of(&named);
    if let Some(known) = cache.get("air", &digest) {
        return Ok(known);
    }
    let roads_g = inputs.roads.as_ref().map_or(0.0, |l| l.sources.iter().map(|s| s.rate_g_s * 86_400.0).sum());
    let others_g = inputs.sources.iter().map(|s| s.rate_g_s * 86_400.0).sum();
    let case = AirCase::prepare(&Arc::clone(project), inputs, table)?;
    let mut hours = Vec::new();
    let result = case.run(context.clone(), |s| hours.extend(s.field(CONCENTRATION).map(|grid| grid.cells.clone())))?;
    let all = &result.exposure.all;
    let held = result.limit.as_ref().map(|l| {
        Message::new(if l.verify { "whatif-limit-air-verify" } else { "whatif-limit-air" })
            .with("substance", title_arg(pollutant))
            .with("limit", l.ug_m3)
            .with("hours", l.averaging_hours)
            .with("document", l.document.as_str())
    });
    let run = AirRun {
        pollutant: pollutant.to_owned(),
        digest,
        inputs: named,
        field: Grid::clone(&result.field),
        hours,
        limit: result.limit.as_ref().map(|l| (l.ug_m3, l.averaging_hours, l.document.clone())),
        person_ug_m3: all.mean_ug_m3 * all.residents as f64,
        mean_ug_m3: all.mean_ug_m3,
        residents_above: all.residents_above as f64,
        roads_g,
        others_g,
        assumptions: result.assumptions.into_iter().chain(held).collect(),
        notices: result.notices,
    };
    cache.put("air", &run.digest, &run)?;
    Ok(run)
}
