//! A scenario's outlets in a day of tide: what reaches the beaches.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::cache::Cache;
use super::error::WhatIfError;
use super::settings::Settings;
use crate::base::digest::Digest;
use crate::base::message::Message;
use crate::geo::grid::Grid;
use crate::sim::run::{InputDigest, StepContext};
use crate::sim::water::outfall::Outfall;
use crate::sim::water::sea::{CONCENTRATION, HIGHEST};
use crate::study::effects::Resolved;
use crate::study::fire::clock::LocalClock;
use crate::study::water::beach::coliform_limit;
use crate::study::water::case::{WaterCase, WaterInputs};

const UNIT: &str = "CFU/100mL";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaterRun {
    pub digest: String,
    pub inputs: Vec<InputDigest>,
    /// (beach, greatest mean off it, hours above the limit).
    pub beaches: Vec<(String, f64, f64)>,
    pub limit: f64,
    /// Greatest of the day, CFU/100 mL.
    pub highest: Grid<f32>,
    /// At the end of each hour, on the cells of `highest`, from midnight on.
    pub hours: Vec<Vec<f32>>,
    pub assumptions: Vec<Message>,
    pub notices: Vec<Message>,
}

/// `None` where the scenario has no outlet: nothing of the sea is known then.
pub(super) fn run(
    resolved: &Resolved,
    settings: &Settings,
    cache: &Cache,
    context: &StepContext,
) -> Result<Option<WaterRun>, WhatIfError> {
    if resolved.outlets.is_empty() {
        return Ok(None);
    }
    let project = &resolved.project;
    let begins = settings.midnight(project);
    let limited = coliform_limit(&LocalClock::new(project, begins).day());
    let limit = limited.cfu_per_100ml;
    let mut asked = WaterInputs::new(begins);
    UNIT.clone_into(&mut asked.unit);
    asked.hours = settings.water_hours;
    asked.cell_m = settings.water_cell_m;
    asked.t90_s = Some(settings.water_t90_s);
    asked.wind_mps = settings.wind_mps;
    asked.wind_from_rad = settings.wind_from_deg.to_radians();
    asked.limit = Some(limit);
    asked.seed = settings.seed;
    asked.outfalls = resolved
        .outlets
        .iter()
        .map(|o| Outfall { at: o.at, flow_m3ps: o.flow_m3_day / 86_400.0, concentration: o.cfu_per_100ml })
        .collect();
    let of = |name: &str, digest: String| InputDigest { name: name.to_owned(), digest };
    let inputs = vec![
        of("outlets", Digest::of(format!("{:?}", asked.outfalls).as_bytes()).to_string()),
        of("terrain", super::run::terrain_digest(project)),
        of(
            "settings",
            Digest::of(&serde_json::to_vec(&WaterInputs { outfalls: Vec::new(), ..asked.clone() }).unwrap_or_default())
                .to_string(),
        ),
    ];
    let digest = super::run::digest_of(&inputs);
    if let Some(known) = cache.get("water", &digest) {
        return Ok(Some(known));
    }
    asked.threads = settings.threads;
    let case = WaterCase::prepare(&Arc::clone(project), asked)?;
    let result = case.run(context.clone(), |_| ())?;
    let highest = result
        .snapshots
        .last()
        .and_then(|s| s.field(HIGHEST))
        .map_or_else(|| Grid::filled(case.spec.clone(), f32::NAN), |g| Grid::clone(g));
    let held = Message::new(if limited.verify { "whatif-limit-sea-verify" } else { "whatif-limit-sea" })
        .with("limit", limit)
        .with("document", limited.document);
    let run = WaterRun {
        digest,
        inputs,
        beaches: result.beaches.iter().map(|b| (b.name.clone(), b.highest_mean, b.hours_above(limit))).collect(),
        limit,
        highest,
        hours: result
            .snapshots
            .iter()
            .filter(|s| s.time_s > 0.0)
            .filter_map(|s| Some(s.field(CONCENTRATION)?.cells.clone()))
            .collect(),
        assumptions: result.assumptions.into_iter().chain([held]).collect(),
        notices: result.notices,
    };
    cache.put("water", &run.digest, &run)?;
    Ok(Some(run))
}
