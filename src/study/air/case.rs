//! One air study in one project: made ready, run, and told.

use std::sync::Arc;

use serde::Serialize;

use super::commune_day::{self, CommuneDay, CommuneHours};
use super::day_headline;
use super::error::AirStudyError;
use super::exposure::{self, Exposure};
use super::headline;
use super::inputs::AirInputs;
use super::judged::Judged;
use super::limit::{self, ShownLimit};
use super::receptors::{self, Heights, Station};
use super::roads;
use crate::base::cancel::CancelToken;
use crate::base::digest::Digest;
use crate::base::message::Message;
use crate::geo::grid::{Grid, GridSpec};
use crate::model::layer::{LayerRole, Origin};
use crate::model::project::Project;
use crate::sim::air::error::AirError;
use crate::sim::air::line;
use crate::sim::air::matrix::{Receptors, UnitMatrix};
use crate::sim::air::meteorology::Meteorology;
use crate::sim::air::release::{Outlet, Release};
use crate::sim::air::simulation::{CONCENTRATION, MEAN, PlumeHour, PlumeSetup, PlumeSimulation};
use crate::sim::air::source::{Place, Source};
use crate::sim::air::store::{Matrices, MatrixStore};
use crate::sim::air::terrain::unit_on_hill;
use crate::sim::air::traffic_emission::RoadEmissions;
use crate::sim::fields::Snapshot;
use crate::sim::run::{InputDigest, Manifest, RunSpec, StepContext, start};
use crate::study::fire::clock::LocalClock;

/// An air study that is ready to run. Cheap to clone: the ground is shared.
#[derive(Debug, Clone)]
pub struct AirCase {
    pub project: Arc<Project>,
    pub inputs: AirInputs,
    pub table: Arc<RoadEmissions>,
    /// Roads by class first, then what the user gave.
    pub sources: Arc<Vec<Source>>,
    pub spec: GridSpec,
    receptors: Arc<Receptors>,
    heights: Option<Arc<Heights>>,
    matrices: Matrices,
    notices: Vec<Message>,
}

/// What a place gets, and from whom.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AtStation {
    pub id: String,
    pub name: String,
    pub at: [f64; 2],
    /// Mean of the run, background included.
    pub conc_ug_m3: f64,
    pub highest_hour_ug_m3: f64,
    /// Mean of each source, in the order of the sources.
    pub shares_ug_m3: Vec<f64>,
}

/// What is left of a run.
#[derive(Debug, Clone)]
pub struct AirResult {
    pub manifest: Manifest,
    pub last: Arc<Snapshot>,
    /// Mean over the hours, µg/m3: what is shown.
    pub field: Arc<Grid<f32>>,
    /// The limit that suits the run's length.
    pub limit: Option<ShownLimit>,
    /// What is held against the limit: at each place the highest mean over the limit's hours, or the run's own mean where
    /// it has not so many.
    pub judged: Arc<Grid<f32>>,
    pub stations: Vec<AtStation>,
    pub exposure: Exposure,
    /// The air of each commune day by day, where the run has hours enough to hold a day against a limit.
    pub days: Vec<CommuneDay>,
    pub headlines: Vec<Message>,
    pub assumptions: Vec<Message>,
    pub notices: Vec<Message>,
}

impl AirCase {
    /// Reads sources and ground from the project. Run it in a job.
    ///
    /// # Errors
    /// No source, no wind, calm air, a substance that the tables do not know, sizes that are not possible.
    pub fn prepare(project: &Arc<Project>, inputs: AirInputs, table: RoadEmissions) -> Result<Self, AirStudyError> {
        if inputs.hours.is_empty() {
            return Err(AirError::NoWind.into());
        }
        for air in &inputs.hours {
            if inputs.takes_calm { air.validate_with_calm() } else { air.validate() }?;
        }
        inputs.fate.validate()?;
        let mut notices = Vec::new();
        let mut sources = Vec::new();
        if let Some(load) = &inputs.roads {
            sources.extend(load.sources.iter().cloned());
        } else if let Some(times) = inputs.traffic {
            AirError::require("traffic", times, 0.0, 100.0)?;
            match roads::sources(project, &table, &inputs.pollutant) {
                Some(found) => {
                    if found.unknown > 0 {
                        notices.push(Message::new("air-roads-unknown").with("roads", found.unknown));
                    }
                    sources.extend(found.sources);
                }
                None if inputs.sources.is_empty() => {
                    let known: Vec<&str> = table.factors.iter().map(|f| f.pollutant.as_str()).collect();
                    return Err(AirStudyError::UnknownPollutant {
                        pollutant: inputs.pollutant.clone(),
                        known: known.join(", "),
                    });
                }
                None => notices
                    .push(Message::new("air-roads-no-factor").with("pollutant", limit::title_arg(&inputs.pollutant))),
            }
        }
        sources.extend(inputs.sources.iter().cloned());
        if sources.is_empty() {
            return Err(AirError::NoSource.into());
        }
        for source in &sources {
            source.validate()?;
        }
        if let Some(bounds) = project.bounds() {
            for source in &inputs.sources {
                inside(source, bounds)?;
            }
        }
        let spec = receptors::grid(project, &sources, inputs.cell_m)?;
        let terrain = project.terrain().filter(|_| inputs.relief);
        if inputs.relief && terrain.is_none() {
            notices.push(Message::new("air-no-terrain"));
        }
        let stable = inputs.hours.iter().any(|h| h.stability.nearest().is_stable());
        let heights = terrain.map(|t| Arc::new(Heights::new(t, stable)));
        let receptors = Arc::new(receptors::over(&spec, inputs.height_m, heights.as_deref()));
        let sources = Arc::new(sources);
        let carried = (spec.cell_width(), inputs.fate);
        let (ground, places) = (terrain.cloned(), Arc::clone(&receptors));
        let matrices = Matrices::new(MatrixStore::shared(), Arc::clone(&sources), places, ground, carried);
        Ok(Self {
            project: Arc::clone(project),
            inputs,
            table: Arc::new(table),
            sources,
            spec,
            receptors,
            heights,
            matrices,
            notices,
        })
    }

    /// The same study with what is computed kept in a store of its own, not in the one that all share.
    #[must_use]
    pub fn with_store(self, store: MatrixStore) -> Self {
        Self { matrices: self.matrices.in_store(store), ..self }
    }

    fn setup(&self) -> PlumeSetup {
        let hours = self
            .inputs
            .hours
            .iter()
            .enumerate()
            .map(|(i, air)| PlumeHour { air: *air, rates_g_s: self.rates(i) })
            .collect();
        PlumeSetup {
            sources: Arc::clone(&self.sources),
            spec: self.spec.clone(),
            hours,
            background_ug_m3: self.inputs.background_ug_m3,
            matrices: self.matrices.clone(),
        }
    }

    /// Emissions of an hour: roads by the hour of the day, the rest evenly.
    #[must_use]
    pub fn rates(&self, hour: usize) -> Vec<f64> {
        let traffic = self.inputs.traffic.unwrap_or(0.0) * self.table.hours[self.local_hour(hour)];
        let given = self.sources.len() - self.inputs.sources.len();
        let of_road = |i: usize| match &self.inputs.roads {
            Some(load) => load.hours.get(i).and_then(|h| h.get(self.local_hour(hour))).copied().unwrap_or(1.0),
            None => traffic,
        };
        let rate = |(i, s): (usize, &Source)| if i < given { s.rate_g_s * of_road(i) } else { s.rate_g_s };
        self.sources.iter().enumerate().map(rate).collect()
    }

    fn local_seconds(&self) -> f64 {
        self.inputs.start_unix_s as f64 + self.project.utc_offset_hours * 3600.0
    }

    /// Of the day, 0 to 23.
    #[must_use]
    pub fn local_hour(&self, hour: usize) -> usize {
        ((self.local_seconds() / 3600.0 + hour as f64).rem_euclid(24.0) as usize).min(23)
    }

    #[must_use]
    pub fn limit(&self) -> Option<ShownLimit> {
        limit::of(
            &self.inputs.pollutant,
            &LocalClock::new(&self.project, self.inputs.start_unix_s).day(),
            self.local_hour(0) as u8,
            self.inputs.hours.len(),
        )
    }

    /// Runs to the end; `each` gets every hour's snapshot as it comes.
    ///
    /// # Errors
    /// Why the run ended early.
    pub fn run(&self, context: StepContext, mut each: impl FnMut(&Arc<Snapshot>)) -> Result<AirResult, AirStudyError> {
        let simulation = PlumeSimulation::new(self.setup())?;
        let cancel = context.cancel.clone();
        let run = start(Box::new(simulation), 1, self.inputs.threads, context)?;
        let mut last: Arc<Snapshot> = Arc::default();
        let mut judged = Judged::new(self.limit().map_or(1, |l| l.averaging_hours as usize));
        let is_day = self.inputs.hours.len() >= commune_day::LEAST;
        let mut communes = is_day.then(|| CommuneHours::new(&self.project));
        while let Some(snapshot) = run.next() {
            each(&snapshot);
            if let Some(hour) = snapshot.field(CONCENTRATION) {
                judged.take(hour);
                if let Some(communes) = &mut communes {
                    communes.take(hour);
                }
            }
            last = snapshot;
        }
        run.finish()?;
        cancel.check()?;
        // The hours of plumes hold the background already.
        Ok(self.result(&last, judged, communes.map_or_else(Vec::new, |c| c.days(self, 0.0))))
    }

    fn result(&self, last: &Arc<Snapshot>, judged: Judged, days: Vec<CommuneDay>) -> AirResult {
        let empty = || Arc::new(Grid::filled(self.spec.clone(), f32::NAN));
        let field = last.field(MEAN).cloned().unwrap_or_else(empty);
        let limit = self.limit();
        let judged = judged.grid(&field);
        let held = limit.as_ref().map(|l| (&*judged, l.ug_m3));
        let exposure = exposure::of(&self.project, &field, held);
        let stations: Vec<AtStation> = receptors::stations(&self.project).iter().map(|s| self.at_station(s)).collect();
        let assumptions = self.assumptions();
        let mut headlines = headline::of(self, (&field, &exposure), limit.as_ref().map(|l| (&*judged, l)), &stations);
        headlines.extend(day_headline::days_above(&days));
        AirResult {
            manifest: self.manifest(&assumptions),
            headlines,
            last: Arc::clone(last),
            field,
            limit,
            judged: Arc::clone(&judged),
            stations,
            exposure,
            days,
            assumptions,
            notices: self.notices.clone(),
        }
    }

    /// A place by the exact equations, hour by hour.
    #[must_use]
    pub fn at_station(&self, station: &Station) -> AtStation {
        let n = self.inputs.hours.len() as f64;
        let mut shares = vec![0.0; self.sources.len()];
        let mut highest = 0.0_f64;
        for hour in 0..self.inputs.hours.len() {
            let here = self.shares_at(station.at, hour);
            highest = highest.max(here.iter().sum::<f64>() + self.inputs.background_ug_m3);
            for (sum, value) in shares.iter_mut().zip(here) {
                *sum += value / n;
            }
        }
        AtStation {
            id: station.id.clone(),
            name: station.name.clone(),
            at: station.at,
            conc_ug_m3: shares.iter().sum::<f64>() + self.inputs.background_ug_m3,
            highest_hour_ug_m3: highest,
            shares_ug_m3: shares,
        }
    }

    /// What each source gives a place in an hour, µg/m3, by the exact equations: roads integrated along their lines, other
    /// plumes meeting hills as those of the map do.
    #[must_use]
    pub fn shares_at(&self, at: [f64; 2], hour: usize) -> Vec<f64> {
        let Some(air) = self.inputs.hours.get(hour) else { return Vec::new() };
        let rates = self.rates(hour);
        self.sources.iter().zip(rates).map(|(s, rate)| rate * 1e6 * self.exact(s, at, air)).collect()
    }

    fn exact(&self, source: &Source, at: [f64; 2], air: &Meteorology) -> f64 {
        let [east, north] = air.downwind();
        let heights = self.heights.as_deref();
        let ground_m = heights.map_or(0.0, |h| h.ground_m(at));
        let hill_m = heights.map_or(0.0, |h| h.hill_m(at, ground_m));
        let mut sum = 0.0;
        let mut road: Option<(Outlet, Release)> = None;
        for (place, share) in &source.parts {
            match place {
                Place::Line { points, width_m, height_m, initial_z_m } => {
                    let outlet = line::outlet(*width_m, *height_m, *initial_z_m);
                    if road.as_ref().is_none_or(|(o, _)| *o != outlet) {
                        road = Some((outlet, Release::new(outlet, self.inputs.fate, air)));
                    }
                    if let Some((_, release)) = &road {
                        sum += share * line::unit(points, release, at, self.inputs.height_m);
                    }
                }
                _ => {
                    for element in place.elements(*share, self.spec.cell_width().min(50.0)) {
                        let d = [at[0] - element.at[0], at[1] - element.at[1]];
                        let release = Release::new(element.outlet, self.inputs.fate, air);
                        let downwind = [d[0] * east + d[1] * north, d[1] * east - d[0] * north];
                        let foot_m = heights.map_or(0.0, |h| h.ground_m(element.at));
                        let (ground_m, hill_m) = (ground_m - foot_m, hill_m - foot_m);
                        sum += element.share * unit_on_hill(&release, downwind, self.inputs.height_m, ground_m, hill_m);
                    }
                }
            }
        }
        sum
    }

    /// What every source gives the map in an hour: kept from the run, or worked out again.
    fn matrix(&self, hour: usize) -> Option<UnitMatrix> {
        self.matrices.of(self.inputs.hours.get(hour)?, &CancelToken::new()).ok()?.ok()
    }

    /// The field of an hour under other emissions: a product with what the run has kept. `None` for no hour of it.
    #[must_use]
    pub fn what_if(&self, hour: usize, rates_g_s: &[f64]) -> Option<Grid<f32>> {
        let matrix = self.matrix(hour)?;
        let mut cells = matrix.product(rates_g_s);
        for cell in &mut cells {
            *cell += self.inputs.background_ug_m3 as f32;
        }
        Some(Grid { spec: self.spec.clone(), cells })
    }

    /// What one source gives over the whole map in an hour.
    #[must_use]
    pub fn of_source(&self, hour: usize, source: usize) -> Option<Grid<f32>> {
        let rate = *self.rates(hour).get(source)?;
        let matrix = self.matrix(hour)?;
        let cells = matrix.of_source(source).iter().map(|unit| (rate * f64::from(*unit)) as f32).collect();
        Some(Grid { spec: self.spec.clone(), cells })
    }

    /// What was noticed when the study was made ready.
    #[must_use]
    pub fn notices(&self) -> &[Message] {
        &self.notices
    }

    fn assumptions(&self) -> Vec<Message> {
        let mut told = vec![Message::new("air-assumes-steady")];
        told.extend(self.assumed_of_sources());
        if told.iter().any(|m| m.key.starts_with("air-assumes-traffic")) {
            told.push(Message::new("air-assumes-roads-follow-ground"));
        }
        let stable = self.inputs.hours.iter().all(|h| h.stability.nearest().is_stable());
        if !stable {
            let lid = self.inputs.hours.first().map_or(0.0, |h| h.mixing_height_m);
            told.push(Message::new("air-assumes-lid").with("height", lid.round()));
        }
        told
    }

    /// What is assumed of emissions and of what comes from elsewhere, however the air carries it.
    pub(super) fn assumed_of_sources(&self) -> Vec<Message> {
        let mut told = vec![Message::new("air-assumes-background").with("background", self.inputs.background_ug_m3)];
        if self.inputs.roads.is_some() {
            told.push(Message::new("whatif-assumes-road-load"));
        }
        if self.inputs.roads.is_none()
            && self.inputs.traffic.is_some()
            && self.table.factor(&self.inputs.pollutant).is_some()
        {
            let key = if self.table.to_verify(&self.inputs.pollutant) {
                "air-assumes-traffic-verify"
            } else {
                "air-assumes-traffic"
            };
            told.push(Message::new(key).with("dated", self.table.dated.as_str()));
        }
        if self.inputs.pollutant == "no2" {
            told.push(Message::new("air-assumes-no2"));
        }
        let made_up = |role| {
            self.project.with_role(role).is_some_and(|l| matches!(l.source.origin, Origin::Generated | Origin::Assumed))
        };
        if made_up(LayerRole::Roads) || made_up(LayerRole::Buildings) {
            told.push(Message::new("air-assumes-generated"));
        }
        told
    }

    fn manifest(&self, assumptions: &[Message]) -> Manifest {
        let spec = RunSpec {
            version: 1,
            model: "plume".to_owned(),
            span_s: self.inputs.hours.len() as f64 * 3600.0,
            seed: 0,
            save_every: 1,
            threads: self.inputs.threads,
        };
        let mut manifest = Manifest::new(spec, assumptions.to_vec());
        let relief: Vec<u8> = self
            .receptors
            .relief
            .iter()
            .flat_map(|r| r.ground_m.iter().chain(&r.hill_m).flat_map(|v| v.to_le_bytes()))
            .collect();
        manifest.inputs = self.digests(&[("relief", relief)]);
        manifest
    }

    /// Of what decides the result: asked, emitted, and what else the way of carrying it needs.
    pub(super) fn digests(&self, besides: &[(&str, Vec<u8>)]) -> Vec<InputDigest> {
        let of =
            |(name, bytes): (&str, &[u8])| InputDigest { name: name.to_owned(), digest: Digest::of(bytes).to_string() };
        let own =
            [("inputs", json(&self.inputs)), ("sources", json(&*self.sources)), ("emission table", json(&*self.table))];
        own.iter().chain(besides).map(|(name, bytes)| of((name, bytes))).collect()
    }
}

/// All of it: what lies beyond the map would be carried by nobody.
///
/// # Errors
/// [`AirStudyError::OutsideMap`] naming the source.
fn inside(source: &Source, [w, s, e, n]: [f64; 4]) -> Result<(), AirStudyError> {
    let within = |p: &[f64; 2]| p[0] >= w && p[0] <= e && p[1] >= s && p[1] <= n;
    let all = source.parts.iter().all(|(place, _)| match place {
        Place::Point { at, .. } | Place::Volume { at, .. } => within(at),
        Place::Line { points, .. } => points.iter().all(within),
        Place::Area { ring, .. } => ring.iter().all(within),
    });
    if all { Ok(()) } else { Err(AirStudyError::OutsideMap { source_id: source.id.clone() }) }
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}
