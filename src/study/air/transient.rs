//! Air that changes by the hour in one project: the same sources as the plumes', carried over the hills.

use std::sync::Arc;

use super::case::AirCase;
use super::error::AirStudyError;
use super::exposure::{self, Exposure};
use super::judged::Judged;
use super::limit::ShownLimit;
use super::receptors::{self, Station};
use crate::base::message::Message;
use crate::geo::grid::{Grid, GridSpec};
use crate::sim::air::error::AirError;
use crate::sim::air::rise::Rise;
use crate::sim::air::sigma::Surroundings;
use crate::sim::air::terrain_wind::Ground;
use crate::sim::air::transient::{Emission, GROUND_MEAN, Hour, TransientSetup, TransientSimulation};
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

/// A station and what it sees: means of an hour, an entry an hour.
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
    /// The mean of each hour in the lowest air, µg/m3, without the background.
    pub hours: Vec<Arc<Grid<f32>>>,
    pub courses: Vec<Course>,
    /// The limit that suits the run's length.
    pub limit: Option<ShownLimit>,
    /// What is held against it, with the background: at each place the highest mean over the limit's hours, or the run's own
    /// mean where it has not so many.
    pub judged: Arc<Grid<f32>>,
    /// To the mean of all hours, with the background.
    pub exposure: Exposure,
    pub assumptions: Vec<Message>,
    pub notices: Vec<Message>,
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

/// Runs to the end on this thread; `besides`: places that are told like the project's stations.
///
/// # Errors
/// Why the run ended early.
pub fn run(case: &AirCase, besides: Vec<Station>, context: StepContext) -> Result<TransientResult, AirStudyError> {
    let setup = setup(case)?;
    let (span_s, spec) = (setup.span_s, setup.spec.clone());
    let ground: Vec<u8> = setup.ground.height_m.iter().flat_map(|v| v.to_le_bytes()).collect();
    let built = setup.ground.built.iter().flat_map(|b| [b.plan, b.frontal, b.height_m]).flat_map(f32::to_le_bytes);
    let inputs = case.digests(&[("ground", ground), ("buildings", built.collect())]);
    let simulation = TransientSimulation::new(setup)?;
    let mut assumptions = simulation.assumptions();
    assumptions.push(Message::new("air-transient-assumes-means"));
    assumptions.extend(case.assumed_of_sources());
    let mut notices = case.notices().to_vec();
    if case.inputs.hours.iter().any(|h| h.surroundings == Surroundings::Urban) {
        notices.push(Message::new("air-transient-no-urban"));
    }
    let stations = receptors::stations(&case.project).into_iter().chain(besides);
    let mut courses: Vec<Course> = stations.map(|station| Course { station, ug_m3: Vec::new() }).collect();
    let run = start(Box::new(simulation), 1, case.inputs.threads, context)?;
    let limit = case.limit();
    let mut judged = Judged::new(limit.as_ref().map_or(1, |l| l.averaging_hours as usize));
    let (mut snapshots, mut hours) = (Vec::new(), Vec::new());
    let mut before = Snapshot::default();
    while let Some(snapshot) = run.next() {
        if let Some(grid) = mean_of_hour(&before, &snapshot) {
            for course in &mut courses {
                let here = grid.at(course.station.at).map_or(f64::NAN, f64::from);
                course.ug_m3.push(here + case.inputs.background_ug_m3);
            }
            let grid = Arc::new(grid);
            judged.take(&grid);
            hours.push(grid);
        }
        before = Snapshot::clone(&snapshot);
        snapshots.push(snapshot);
    }
    run.finish()?;
    let empty = || Arc::new(Grid::filled(spec, f32::NAN));
    let mean = before.field(GROUND_MEAN).cloned().unwrap_or_else(empty);
    let with_background = |grid: &Grid<f32>| {
        let background = case.inputs.background_ug_m3 as f32;
        Arc::new(Grid { spec: grid.spec.clone(), cells: grid.cells.iter().map(|v| v + background).collect() })
    };
    let (judged, mean) = (with_background(&judged.grid(&mean)), with_background(&mean));
    let exposure = exposure::of(&case.project, &mean, limit.as_ref().map(|l| (&*judged, l.ug_m3)));
    let spec = RunSpec {
        version: 1,
        model: "transient".to_owned(),
        span_s,
        seed: 0,
        save_every: 1,
        threads: case.inputs.threads,
    };
    let manifest = Manifest { inputs, ..Manifest::new(spec, assumptions.clone()) };
    Ok(TransientResult { manifest, snapshots, hours, courses, limit, judged, exposure, assumptions, notices })
}

/// From the means since the start at the beginning and the end of it.
fn mean_of_hour(before: &Snapshot, after: &Snapshot) -> Option<Grid<f32>> {
    let (until, from_s) = (after.field(GROUND_MEAN)?, before.time_s);
    let earlier = before.field(GROUND_MEAN);
    let of = |(i, mean): (usize, &f32)| {
        let gone = earlier.map_or(0.0, |grid| f64::from(grid.cells[i]) * from_s);
        // What single precision rounds away must not become less than nothing.
        ((f64::from(*mean) * after.time_s - gone) / (after.time_s - from_s)).max(0.0) as f32
    };
    Some(Grid { spec: until.spec.clone(), cells: until.cells.iter().enumerate().map(of).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::crs::Crs;
    use crate::sim::fields::FieldKey;

    #[test]
    fn an_hour_is_told_by_its_mean() {
        let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, 0.0, 100.0, 100.0, 2, 1);
        let at = |hours: f64, cells: [f32; 2]| Snapshot {
            time_s: 3600.0 * hours,
            fields: [(FieldKey::new(GROUND_MEAN), Arc::new(Grid { spec: spec.clone(), cells: cells.to_vec() }))].into(),
            ..Snapshot::default()
        };
        let (first, second) = (at(1.0, [4.0, 2.0]), at(2.0, [5.0, 1.0]));
        assert_eq!(mean_of_hour(&Snapshot::default(), &first).unwrap().cells, [4.0, 2.0]);
        assert_eq!(mean_of_hour(&first, &second).unwrap().cells, [6.0, 0.0]);
    }
}
