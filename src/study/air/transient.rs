//! Air that changes by the hour in one project: the same sources as the plumes', carried over the hills.

use std::sync::Arc;

use super::case::AirCase;
use super::error::AirStudyError;
use super::receptors::{self, Station};
use crate::base::message::Message;
use crate::geo::grid::GridSpec;
use crate::sim::air::error::AirError;
use crate::sim::air::rise::Rise;
use crate::sim::air::terrain_wind::Ground;
use crate::sim::air::transient::{Emission, GROUND_CONCENTRATION, Hour, TransientSetup, TransientSimulation};
use crate::sim::fields::Snapshot;
use crate::sim::run::{Manifest, RunSpec, StepContext, start};
use crate::sim::transport::rows::Shape;

/// Faces of the levels as shares of the air under the lid: 20 m at the ground, a third of all at the top.
const FACES: [f64; 11] = [0.0, 0.01, 0.025, 0.05, 0.085, 0.135, 0.205, 0.3, 0.43, 0.65, 1.0];
const LEAST_LID_M: f64 = 2000.0;
/// Air over the highest ground at least.
const OVER_SUMMIT_M: f64 = 1200.0;
const MOST_COLUMNS: f64 = 4e5;
const ROUGHNESS_M: f64 = 0.3;
/// Of the horizontal mixing that a 100 m grid does not see.
const DIFFUSIVITY_M2PS: f64 = 10.0;

/// A station and what it sees, an entry an hour.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    pub station: Station,
    pub ug_m3: Vec<f64>,
}

#[derive(Debug, Clone)]
pub struct TransientResult {
    pub manifest: Manifest,
    /// One an hour.
    pub snapshots: Vec<Arc<Snapshot>>,
    pub courses: Vec<Course>,
    pub assumptions: Vec<Message>,
}

/// What is simulated for a case.
///
/// # Errors
/// No terrain on the map, or too many cells.
pub fn setup(case: &AirCase) -> Result<TransientSetup, AirStudyError> {
    let project = &case.project;
    let cell_m = case.inputs.cell_m;
    let terrain = project.terrain().filter(|_| case.inputs.relief);
    let [west, south, east, north] = match terrain {
        Some(terrain) => terrain.spec.bounds(),
        None => case.spec.bounds(),
    };
    let count = |from: f64, to: f64| ((to - from) / cell_m).floor().max(3.0) as usize;
    let (cols, rows) = (count(west, east), count(south, north));
    // Ten levels of more columns than these would not fit beside the rest.
    let finest = cell_m * ((cols * rows) as f64 / MOST_COLUMNS).sqrt();
    AirError::require("cell", cell_m, if finest > cell_m { finest } else { 0.0 }, 2000.0)?;
    let spec = GridSpec::north_up(case.spec.crs.clone(), west, north, cell_m, cols, rows);
    let height = |i: usize| {
        let z = terrain.map_or(0.0, |t| t.bilinear(spec.centre(i % cols, i / cols)));
        if z.is_nan() { 0.0 } else { z.max(0.0) }
    };
    let height_m: Vec<f32> = (0..spec.len()).map(height).collect();
    let summit = height_m.iter().fold(0.0_f32, |m, h| m.max(*h));
    let ground = Ground {
        shape: Shape { cols, rows, levels: FACES.len() - 1 },
        cell_m,
        height_m,
        lid_m: LEAST_LID_M.max(f64::from(summit) + OVER_SUMMIT_M),
        faces: FACES.to_vec(),
        built: if case.inputs.no_buildings { Vec::new() } else { super::built::built(project, &spec) },
    };
    let hours = (0..case.inputs.hours.len()).map(|i| hour(case, i)).collect::<Vec<_>>();
    let fate = case.inputs.fate;
    Ok(TransientSetup {
        spec,
        ground: Arc::new(ground),
        span_s: 3600.0 * hours.len() as f64,
        hours,
        roughness_m: ROUGHNESS_M,
        diffusivity_m2ps: DIFFUSIVITY_M2PS,
        deposition_mps: fate.deposition_mps,
        decay_per_s: std::f64::consts::LN_2 / fate.half_life_s,
    })
}

fn hour(case: &AirCase, index: usize) -> Hour {
    let air = &case.inputs.hours[index];
    let mut emissions = Vec::new();
    for (source, rate_g_s) in case.sources.iter().zip(case.rates(index)) {
        for element in source.elements(case.inputs.cell_m) {
            let outlet = element.outlet;
            let rise = outlet.exhaust.map_or(0.0, |e| Rise::new(outlet.height_m, e, air).rise_m(1e5));
            emissions.push(Emission {
                at: element.at,
                height_m: outlet.height_m + rise,
                ug_per_s: rate_g_s * element.share * 1e6,
            });
        }
    }
    Hour {
        wind_mps: air.wind_mps,
        from_rad: air.wind_from_rad,
        mixing_height_m: air.mixing_height_m,
        emissions: Arc::new(emissions),
        stations: case.inputs.stations.get(index).cloned().unwrap_or_default(),
    }
}

/// Runs to the end on this thread.
///
/// # Errors
/// Why the run ended early.
pub fn run(case: &AirCase, context: StepContext) -> Result<TransientResult, AirStudyError> {
    let setup = setup(case)?;
    let span_s = setup.span_s;
    let simulation = TransientSimulation::new(setup)?;
    let mut assumptions = simulation.assumptions();
    assumptions.push(Message::new("air-assumes-background").with("background", case.inputs.background_ug_m3));
    let mut courses: Vec<Course> =
        receptors::stations(&case.project).into_iter().map(|station| Course { station, ug_m3: Vec::new() }).collect();
    let run = start(Box::new(simulation), 1, case.inputs.threads, context)?;
    let mut snapshots = Vec::new();
    while let Some(snapshot) = run.next() {
        if let Some(grid) = snapshot.field(GROUND_CONCENTRATION) {
            for course in &mut courses {
                let here = grid.at(course.station.at).map_or(f64::NAN, f64::from);
                course.ug_m3.push(here + case.inputs.background_ug_m3);
            }
        }
        snapshots.push(snapshot);
    }
    run.finish()?;
    let spec = RunSpec {
        version: 1,
        model: "transient".to_owned(),
        span_s,
        seed: 0,
        save_every: 1,
        threads: case.inputs.threads,
    };
    Ok(TransientResult { manifest: Manifest::new(spec, assumptions.clone()), snapshots, courses, assumptions })
}
