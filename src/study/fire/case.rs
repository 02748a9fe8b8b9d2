//! One fire in one project: made ready, run, and told.

use std::sync::Arc;

use super::clock::LocalClock;
use super::error::FireStudyError;
use super::ground::FireGround;
use super::headline;
use super::impact::Impact;
use super::inputs::FireInputs;
use crate::base::digest::Digest;
use crate::base::message::Message;
use crate::geo::crs::Crs;
use crate::geo::transform::Transform;
use crate::model::project::Project;
use crate::sim::fields::Snapshot;
use crate::sim::fire::error::FireError;
use crate::sim::fire::front::{Ignition, IgnitionShape};
use crate::sim::fire::fuel_map::FuelTable;
use crate::sim::fire::landscape::Landscape;
use crate::sim::fire::simulation::{ARRIVAL, FireSetup, FireSimulation};
use crate::sim::run::{InputDigest, Manifest, RunHandle, RunSpec, SimError, StepContext, start};

/// A fire that is ready to run. Cheap to clone: ground and project are shared.
#[derive(Debug, Clone)]
pub struct FireCase {
    pub project: Arc<Project>,
    pub inputs: FireInputs,
    pub ground: Arc<FireGround>,
    /// The ground with what is done against the fire.
    pub landscape: Arc<Landscape>,
}

/// What is left of a run.
#[derive(Debug, Clone)]
pub struct FireResult {
    pub manifest: Manifest,
    /// The fire at the end: its arrival times are those of the whole run.
    pub last: Arc<Snapshot>,
    pub impact: Impact,
    /// What to tell first, the most important on top.
    pub headlines: Vec<Message>,
    /// What the result rests on; to be shown with it.
    pub assumptions: Vec<Message>,
    /// What was wrong with the inputs without stopping the run.
    pub notices: Vec<Message>,
}

impl FireCase {
    /// Reads the ground from the project's layers: up to a second for the whole island on 30 m cells. Run it in a job.
    ///
    /// # Errors
    /// [`FireStudyError`]: no land cover, an ignition outside the map, weather or sizes that are not possible.
    pub fn prepare(project: &Arc<Project>, inputs: FireInputs) -> Result<Self, FireStudyError> {
        Self::prepare_with(project, inputs, FuelTable::phu_quoc()?)
    }

    /// As [`Self::prepare`] with the user's own table of fuels.
    ///
    /// # Errors
    /// As [`Self::prepare`].
    pub fn prepare_with(project: &Arc<Project>, inputs: FireInputs, table: FuelTable) -> Result<Self, FireStudyError> {
        let ground = Arc::new(FireGround::of(project, inputs.cell_m, table)?);
        Self::on(project, ground, inputs)
    }

    /// The same ground with other inputs: at once, where the cell size is the same.
    ///
    /// # Errors
    /// As [`Self::prepare`].
    pub fn with_inputs(&self, inputs: FireInputs) -> Result<Self, FireStudyError> {
        if inputs.cell_m != self.inputs.cell_m {
            return Self::prepare_with(&self.project, inputs, FuelTable::clone(&self.ground.table));
        }
        Self::on(&self.project, Arc::clone(&self.ground), inputs)
    }

    fn on(project: &Arc<Project>, ground: Arc<FireGround>, inputs: FireInputs) -> Result<Self, FireStudyError> {
        FireError::require("hours", inputs.hours, 0.01, 10_000.0)?;
        FireError::require("snapshot", inputs.snapshot_minutes, 0.1, 1e6)?;
        for ignition in &inputs.ignitions {
            let inside = |p: &[f64; 2]| ground.landscape.spec().cell_at(*p).is_some();
            if !corners(&ignition.shape).any(inside) {
                return Err(FireStudyError::OutsideMap);
            }
        }
        let landscape = ground.with_measures(&inputs)?;
        // What else is wrong with the inputs shows now, not when the run has begun.
        let case = Self { project: Arc::clone(project), inputs, ground, landscape };
        FireSimulation::new(case.setup())?;
        Ok(case)
    }

    /// The same fire with nothing done against it: the "before" of a comparison.
    ///
    /// # Errors
    /// None that this case did not give.
    pub fn without_measures(&self) -> Result<Self, FireStudyError> {
        self.with_inputs(self.inputs.without_measures())
    }

    #[must_use]
    pub fn setup(&self) -> FireSetup {
        self.inputs.setup(Arc::clone(&self.landscape))
    }

    #[must_use]
    pub fn clock(&self) -> LocalClock {
        LocalClock::new(&self.project, self.inputs.start_unix_s)
    }

    /// Starts the run: snapshots, progress and cancelling through the handle.
    ///
    /// # Errors
    /// [`SimError::NoThread`].
    pub fn start(&self, context: StepContext) -> Result<RunHandle, FireStudyError> {
        let simulation = FireSimulation::new(self.setup())?;
        Ok(start(Box::new(simulation), 1, self.inputs.threads, context)?)
    }

    /// Runs to the end on this thread; `each` gets every snapshot as it comes.
    ///
    /// # Errors
    /// Why the run ended early.
    pub fn run(
        &self,
        context: StepContext,
        mut each: impl FnMut(&Arc<Snapshot>),
    ) -> Result<FireResult, FireStudyError> {
        let run = self.start(context)?;
        // While the fire burns: a digest of millions of cells takes its time.
        let told = self.told();
        let mut last = Arc::default();
        while let Some(snapshot) = run.next() {
            each(&snapshot);
            last = snapshot;
        }
        run.finish()?;
        Ok(self.made_of(&last, told))
    }

    /// What the last snapshot of a run means.
    #[must_use]
    pub fn result(&self, last: &Arc<Snapshot>) -> FireResult {
        self.made_of(last, self.told())
    }

    fn told(&self) -> (Manifest, Vec<Message>) {
        let assumptions = self.assumptions();
        (self.manifest(&assumptions), assumptions)
    }

    fn made_of(&self, last: &Arc<Snapshot>, (manifest, assumptions): (Manifest, Vec<Message>)) -> FireResult {
        let impact = last
            .field(ARRIVAL)
            .map(|arrival| Impact::of(&self.project, &self.ground, arrival, last.time_s))
            .unwrap_or_default();
        FireResult {
            manifest,
            last: Arc::clone(last),
            headlines: headline::of(&impact, &self.project, &self.clock()),
            impact,
            assumptions,
            notices: self.ground.notices.clone(),
        }
    }

    fn assumptions(&self) -> Vec<Message> {
        let mut told = FireSimulation::new(self.setup()).map(|s| s.assumptions()).unwrap_or_default();
        if self.inputs.weather.len() == 1 {
            told.push(Message::new("study-fire-assumes-constant-weather"));
        }
        told.extend(self.ground.assumptions.iter().cloned());
        told
    }

    fn manifest(&self, assumptions: &[Message]) -> Manifest {
        let spec = RunSpec {
            version: 1,
            model: "fire".to_owned(),
            span_s: self.inputs.hours * 3600.0,
            seed: self.inputs.spotting.map_or(0, |s| s.seed),
            save_every: 1,
            threads: self.inputs.threads,
        };
        let mut manifest = Manifest::new(spec, assumptions.to_vec());
        let cover: Vec<u8> = self.ground.cover.cells.iter().flat_map(|c| c.to_le_bytes()).collect();
        let slope = self.landscape.digest();
        let asked = serde_json::to_vec(&self.inputs).unwrap_or_default();
        let table = serde_json::to_vec(&*self.ground.table).unwrap_or_default();
        manifest.inputs = [
            ("land cover", Digest::of(&cover)),
            ("landscape", slope),
            ("fuel table", Digest::of(&table)),
            ("inputs", Digest::of(&asked)),
        ]
        .map(|(name, digest)| InputDigest { name: name.to_owned(), digest: digest.to_string() })
        .to_vec();
        manifest
    }
}

/// The points that an ignition names.
fn corners(shape: &IgnitionShape) -> Box<dyn Iterator<Item = &[f64; 2]> + '_> {
    match shape {
        IgnitionShape::Point(p) => Box::new(std::iter::once(p)),
        IgnitionShape::Line(line) => Box::new(line.iter()),
        IgnitionShape::Area(rings) => Box::new(rings.iter().flatten()),
    }
}

/// (east, north) in the site's CRS of a longitude and latitude in degrees (WGS 84).
///
/// # Errors
/// [`FireStudyError::NoLonLat`] for a site whose system this program cannot transform by itself;
/// [`FireStudyError::OutsideMap`] for a place that the system does not reach.
pub fn from_lon_lat(project: &Project, lon_lat: [f64; 2]) -> Result<[f64; 2], FireStudyError> {
    let crs = &project.frame.crs;
    let transform =
        Transform::between(&Crs::WGS84, crs).ok_or_else(|| FireStudyError::NoLonLat { crs: crs.to_string() })?;
    let place = transform.apply(lon_lat);
    if place.iter().all(|v| v.is_finite()) { Ok(place) } else { Err(FireStudyError::OutsideMap) }
}

/// A fire that starts at a point when the run begins.
#[must_use]
pub fn point(at: [f64; 2]) -> Ignition {
    Ignition { time_s: 0.0, shape: IgnitionShape::Point(at) }
}

impl FireStudyError {
    /// Whether the user stopped it: nothing to complain of.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Run(SimError::Cancelled(_)))
    }
}
