//! One day of the sea in one project: made ready, run, and told.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::beach::{Beach, beaches};
use super::stranding::{self, Stranding};
use crate::base::digest::Digest;
use crate::base::message::{Message, ToMessage};
use crate::geo::crs::Crs;
use crate::geo::grid::{Grid, GridSpec};
use crate::geo::transform::Transform;
use crate::model::layer::{LayerRole, Origin};
use crate::model::project::Project;
use crate::sim::fields::Snapshot;
use crate::sim::run::{InputDigest, Manifest, RunSpec, SimError, StepContext, start};
use crate::sim::water::carry::require_time;
use crate::sim::water::error::WaterError;
use crate::sim::water::outfall::{Outfall, plume_dilution};
use crate::sim::water::sea::{Sighting, Spill, WaterSetup, WaterSimulation, wet_cell};
use crate::sim::water::shallow::{SeaSetup, Wind};
use crate::sim::water::tide::{ASSUMED, Constituent};
use crate::study::fire::clock::LocalClock;

/// Current and concentration exchange so often.
const STEP_S: f64 = 120.0;
/// The current runs so long before the first moment that is told.
const SPIN_UP_S: f64 = 6.0 * 3600.0;

/// Everything that decides the result, with the project. Coordinates are (east, north) in the site's CRS.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaterInputs {
    pub start_unix_s: i64,
    pub hours: f64,
    pub cell_m: f64,
    pub outfalls: Vec<Outfall>,
    pub spill: Option<Spill>,
    /// A steady current from a file, eastward and northward m/s, instead of tide and wind-driven flow.
    #[serde(skip)]
    pub current: Option<Arc<[Grid<f32>; 2]>>,
    /// Unit of the concentrations, as it is shown.
    pub unit: String,
    pub t90_s: Option<f64>,
    pub diffusivity_m2ps: f64,
    pub wind_mps: f64,
    pub wind_from_rad: f64,
    pub tide: Vec<Constituent>,
    /// Where the tide is from; `None` for the assumed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tide_file: Option<TideFile>,
    pub tide_from_rad: f64,
    /// To count hours above.
    pub limit: Option<f64>,
    pub snapshot_minutes: f64,
    pub threads: usize,
    pub seed: u64,
}

/// A table of a tide's constants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TideFile {
    pub name: String,
    /// See [`crate::base::digest`].
    pub digest: String,
}

impl WaterInputs {
    /// A day on 100 m cells with the assumed tide, no wind, and nothing let in yet.
    #[must_use]
    pub fn new(start_unix_s: i64) -> Self {
        Self {
            start_unix_s,
            hours: 24.0,
            cell_m: 100.0,
            outfalls: Vec::new(),
            spill: None,
            current: None,
            unit: String::new(),
            t90_s: None,
            diffusivity_m2ps: 1.0,
            wind_mps: 0.0,
            wind_from_rad: 0.0,
            tide: ASSUMED.to_vec(),
            tide_file: None,
            tide_from_rad: 225.0_f64.to_radians(),
            limit: None,
            snapshot_minutes: 60.0,
            threads: 0,
            seed: 1,
        }
    }
}

/// A sea that is ready to run.
#[derive(Debug, Clone)]
pub struct WaterCase {
    pub project: Arc<Project>,
    pub inputs: WaterInputs,
    pub spec: GridSpec,
    /// Still water; 0 on land.
    pub depth_m: Arc<Vec<f32>>,
}

/// What is left of a run.
#[derive(Debug, Clone)]
pub struct WaterResult {
    pub manifest: Manifest,
    pub snapshots: Vec<Arc<Snapshot>>,
    pub beaches: Vec<Beach>,
    /// Where what floats was at each snapshot.
    pub tracks: Vec<Sighting>,
    /// What has become of it at the end.
    pub stranding: Option<Stranding>,
    pub headlines: Vec<Message>,
    pub assumptions: Vec<Message>,
    pub notices: Vec<Message>,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum WaterStudyError {
    #[error(transparent)]
    Input(#[from] WaterError),
    #[error(transparent)]
    Run(#[from] SimError),
    #[error("the project has no terrain with the sea floor, so nothing is known of the depth; add one")]
    NoTerrain,
}

impl ToMessage for WaterStudyError {
    fn to_message(&self) -> Message {
        match self {
            Self::Input(error) => error.to_message(),
            Self::Run(error) => error.to_message(),
            Self::NoTerrain => Message::new("water-no-terrain"),
        }
    }
}

impl WaterCase {
    /// Reads the depths from the project's terrain.
    ///
    /// # Errors
    /// [`WaterStudyError`]: no terrain, no sea, an outfall on land, numbers that cannot be.
    pub fn prepare(project: &Arc<Project>, inputs: WaterInputs) -> Result<Self, WaterStudyError> {
        WaterError::require("cell", inputs.cell_m, 20.0, 2000.0)?;
        WaterError::require("snapshot", inputs.snapshot_minutes, 2.0, 1e6)?;
        if !inputs.outfalls.is_empty() {
            require_time(inputs.diffusivity_m2ps, inputs.cell_m, STEP_S)?;
        }
        let terrain = project.terrain().ok_or(WaterStudyError::NoTerrain)?;
        let [west, south, east, north] = terrain.spec.bounds();
        let count = |from: f64, to: f64| ((to - from) / inputs.cell_m).floor().max(1.0) as usize;
        let (cols, rows) = (count(west, east), count(south, north));
        WaterError::require("cells", (cols * rows) as f64, 9.0, 4e6)?;
        let spec = GridSpec::north_up(terrain.spec.crs.clone(), west, north, inputs.cell_m, cols, rows);
        // The mean of a few places in the cell: an islet or a channel counts by its share.
        let cell = |i: usize| {
            let [x, y] = spec.centre(i % cols, i / cols);
            let places = [[-0.25, -0.25], [0.25, -0.25], [-0.25, 0.25], [0.25, 0.25]];
            let heights = places.map(|[a, b]| terrain.bilinear([x + a * inputs.cell_m, y + b * inputs.cell_m]));
            let mean = heights.iter().sum::<f32>() / 4.0;
            // Where the terrain says nothing there is no water either.
            if mean < 0.0 { -mean } else { 0.0 }
        };
        let depth_m = Arc::new((0..spec.len()).map(cell).collect());
        let case = Self { project: Arc::clone(project), inputs, spec, depth_m };
        WaterSimulation::new(case.setup())?;
        Ok(case)
    }

    #[must_use]
    pub fn setup(&self) -> WaterSetup {
        let inputs = &self.inputs;
        let [west, south, east, north] = self.spec.bounds();
        let middle = [f64::midpoint(west, east), f64::midpoint(south, north)];
        let latitude = Transform::between(&self.spec.crs, &Crs::WGS84).map_or(10.2, |t| t.apply(middle)[1]);
        WaterSetup {
            spec: self.spec.clone(),
            sea: SeaSetup {
                cols: self.spec.cols,
                rows: self.spec.rows,
                cell_m: inputs.cell_m,
                depth_m: self.depth_m.to_vec(),
                latitude_rad: latitude.to_radians(),
                tide: inputs.tide.clone(),
                tide_from_rad: inputs.tide_from_rad,
                start_unix_s: inputs.start_unix_s as f64,
                wind: Wind::from(inputs.wind_mps, inputs.wind_from_rad),
            },
            given: self.given(),
            outfalls: inputs.outfalls.clone(),
            spill: inputs.spill,
            t90_s: inputs.t90_s,
            diffusivity_m2ps: inputs.diffusivity_m2ps,
            span_s: inputs.hours * 3600.0,
            spin_up_s: SPIN_UP_S,
            step_s: STEP_S,
            seed: inputs.seed,
        }
    }

    /// The current of a file at this sea's cells; nothing moves where the file says nothing.
    fn given(&self) -> Option<Arc<[Vec<f32>; 2]>> {
        let current = self.inputs.current.as_ref()?;
        let at = |grid: &Grid<f32>, i: usize| {
            let place = self.spec.centre(i % self.spec.cols, i / self.spec.cols);
            let value = grid.bilinear(place);
            if value.is_nan() { grid.at(place).filter(|v| !v.is_nan()).unwrap_or(0.0) } else { value }
        };
        Some(Arc::new([0, 1].map(|k| (0..self.spec.len()).map(|i| at(&current[k], i)).collect())))
    }

    /// Cells of the sea for which the file has no current.
    fn without_current(&self) -> usize {
        let Some(current) = &self.inputs.current else { return 0 };
        let unknown = |i: &usize| {
            let place = self.spec.centre(i % self.spec.cols, i / self.spec.cols);
            self.depth_m[*i] > 0.0 && current.iter().any(|grid| grid.at(place).is_none_or(f32::is_nan))
        };
        (0..self.spec.len()).filter(unknown).count()
    }

    #[must_use]
    pub fn clock(&self) -> LocalClock {
        LocalClock::new(&self.project, self.inputs.start_unix_s)
    }

    /// Runs to the end on this thread; `each` gets every snapshot as it comes.
    ///
    /// # Errors
    /// Why the run ended early.
    pub fn run(
        &self,
        context: StepContext,
        mut each: impl FnMut(&Arc<Snapshot>),
    ) -> Result<WaterResult, WaterStudyError> {
        let simulation = WaterSimulation::new(self.setup())?;
        let mut assumptions = simulation.assumptions();
        assumptions.extend(self.assumptions());
        let tracks = simulation.tracks();
        let every = (self.inputs.snapshot_minutes * 60.0 / STEP_S).round().max(1.0) as usize;
        let run = start(Box::new(simulation), every, self.inputs.threads, context)?;
        let (mut beaches, mut notices) = beaches(&self.project, &self.spec, &self.depth_m);
        let mut snapshots = Vec::new();
        while let Some(snapshot) = run.next() {
            each(&snapshot);
            for beach in &mut beaches {
                beach.read(&snapshot);
            }
            snapshots.push(snapshot);
        }
        run.finish()?;
        let unknown = self.without_current();
        if unknown > 0 {
            notices.push(Message::new("water-no-current-cells").with("cells", unknown));
        }
        if self.inputs.wind_mps == 0.0 && self.inputs.current.is_none() {
            notices.push(Message::new("water-no-wind"));
        }
        if beaches.is_empty() {
            notices.push(Message::new("water-no-beaches"));
        }
        let mut headlines = self.headlines(&beaches);
        let tracks = std::mem::take(&mut *tracks.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        let spill = self.inputs.spill.as_ref();
        let stranding = spill.and_then(|s| stranding::of(&self.project, &self.spec, &beaches, s, &tracks));
        if let (Some(stranding), Some(spill)) = (&stranding, spill) {
            headlines.extend(stranding.headlines(spill, &self.clock()));
        }
        Ok(WaterResult {
            tracks,
            stranding,
            manifest: self.manifest(&assumptions),
            snapshots,
            beaches,
            headlines,
            assumptions,
            notices,
        })
    }

    /// Dilution of each outfall's water when it reaches the surface.
    #[must_use]
    pub fn dilutions(&self) -> Vec<f64> {
        let depth = |o: &Outfall| {
            wet_cell(&self.spec, &self.depth_m, o.at, 1).map_or(0.0, |(c, r)| self.depth_m[r * self.spec.cols + c])
        };
        self.inputs.outfalls.iter().map(|o| plume_dilution(o.flow_m3ps, f64::from(depth(o)))).collect()
    }

    fn headlines(&self, beaches: &[Beach]) -> Vec<Message> {
        let mut told: Vec<Message> = self
            .dilutions()
            .into_iter()
            .enumerate()
            .map(|(i, times)| Message::new("water-dilution").with("number", i + 1).with("times", times.round()))
            .collect();
        let mut worst: Vec<&Beach> = beaches.iter().filter(|b| b.highest > 0.0).collect();
        worst.sort_by(|a, b| b.highest_mean.total_cmp(&a.highest_mean));
        if let (Some(beach), false) = (worst.first(), self.inputs.outfalls.is_empty()) {
            let unit = self.inputs.unit.as_str();
            let least = least_told(unit);
            let told_as = Message::new(if beach.highest_mean < least { "water-no-beach" } else { "water-worst-beach" });
            told.push(
                told_as
                    .with("beach", beach.name.as_str())
                    .with("least", least.to_string())
                    .with("value", format!("{:.3e}", beach.highest_mean))
                    .with("unit", unit)
                    .with("clock", self.clock().at(beach.highest_mean_s)),
            );
        }
        if let Some(limit) = self.inputs.limit.filter(|_| !self.inputs.outfalls.is_empty()) {
            let above = beaches.iter().filter(|b| b.hours_above(limit) > 0.0).count();
            told.push(
                Message::new("water-beaches-above")
                    .with("above", above)
                    .with("beaches", beaches.len())
                    .with("limit", format!("{limit}"))
                    .with("unit", self.inputs.unit.as_str()),
            );
        }
        told
    }

    fn assumptions(&self) -> Vec<Message> {
        let mut told = vec![Message::new("water-assumes-wind").with("wind", self.inputs.wind_mps)];
        if self.inputs.current.is_none() {
            told.push(match &self.inputs.tide_file {
                Some(file) => {
                    let names: Vec<&str> = self.inputs.tide.iter().map(|c| c.name.code()).collect();
                    Message::new("water-tide-from-file")
                        .with("names", names.join(", "))
                        .with("file", file.name.as_str())
                }
                None => Message::new("water-assumes-tide"),
            });
        }
        let made_up = |origin: Origin| matches!(origin, Origin::Generated | Origin::Assumed);
        if self.project.with_role(LayerRole::Terrain).is_some_and(|l| made_up(l.source.origin)) {
            told.push(Message::new("water-assumes-generated-depth"));
        }
        told.push(Message::new("water-assumes-not-validated"));
        told
    }

    fn manifest(&self, assumptions: &[Message]) -> Manifest {
        let spec = RunSpec {
            version: 1,
            model: "water".to_owned(),
            span_s: self.inputs.hours * 3600.0,
            seed: self.inputs.seed,
            save_every: 1,
            threads: self.inputs.threads,
        };
        let mut manifest = Manifest::new(spec, assumptions.to_vec());
        let depth: Vec<u8> = self.depth_m.iter().flat_map(|d| d.to_le_bytes()).collect();
        let asked = serde_json::to_vec(&self.inputs).unwrap_or_default();
        manifest.inputs = [("depth", Digest::of(&depth)), ("inputs", Digest::of(&asked))]
            .map(|(name, digest)| InputDigest { name: name.to_owned(), digest: digest.to_string() })
            .to_vec();
        if let Some(file) = &self.inputs.tide_file {
            manifest.inputs.push(InputDigest { name: format!("tide from {}", file.name), digest: file.digest.clone() });
        }
        if let Some(current) = &self.inputs.current {
            let bytes: Vec<u8> = current.iter().flat_map(|g| &g.cells).flat_map(|v| v.to_le_bytes()).collect();
            let digest = Digest::of(&bytes).to_string();
            manifest.inputs.push(InputDigest { name: "current".to_owned(), digest });
        }
        manifest
    }
}

/// What is told as "below": no germ in a sample, or less than a laboratory finds.
fn least_told(unit: &str) -> f64 {
    match unit {
        "kg/m3" => 1e-6,
        "mg/L" | "ug/L" => 1e-3,
        _ => 1.0,
    }
}
