//! The sea study as the window and the session hold it: outfalls that are set by click, a day of tide, what comes to the
//! beaches.

use std::path::PathBuf;
use std::sync::Arc;

use super::air::shade;
use super::air_day::midnight_ms;
use super::apply::Session;
use super::desks::Desk;
use super::effects::Effects;
use super::error::SessionError;
use super::field_view::{FieldView, Shade};
use super::flow::fastest;
use super::io::IoFailure;
use super::jobs::{JobKind, Outcome};
use super::notice::Level;
use super::view_state::Tool;
use crate::base::message::ToMessage;
use crate::geo::grid::Grid;
use crate::model::project::Project;
use crate::sim::fields::Snapshot;
use crate::sim::run::{SimError, StepContext};
use crate::sim::water::outfall::Outfall;
use crate::sim::water::sea::{CONCENTRATION, EAST, Floating, HIGHEST, NORTH, Sighting, Spill};
use crate::study::fire::clock::LocalClock;
use crate::study::water::beach::{ColiformLimit, coliform_limit};
use crate::study::water::case::{WaterCase, WaterInputs, WaterResult, WaterStudyError};

/// As it is shown.
pub const UNIT: &str = "CFU/100 mL";
const HOUR_S: f64 = 3600.0;
/// They stand for a spill.
const PARTICLES: usize = 2000;
/// Assumed of a light crude oil and the sea about the island: share by weight that distils at 180 °C, and °C.
const LIGHT_SHARE: f64 = 0.3;
const WATER_CELSIUS: f64 = 29.0;

/// What the panel asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct SeaForm {
    /// (east, north) in the site's CRS.
    pub outfalls: Vec<[f64; 2]>,
    /// Of each of them.
    pub flow_m3_day: f64,
    /// Where something floats from midnight on, and what.
    pub spill: Option<[f64; 2]>,
    pub floating: Floating,
    /// Coliforms as a power of ten, CFU/100 mL.
    pub coliform_log10: f64,
    /// Hours until nine tenths of the bacteria are dead.
    pub t90_h: f64,
    pub wind_mps: f64,
    /// Where the wind comes from, degrees clockwise from north.
    pub wind_from_deg: f64,
    /// 100 m cells instead of 250 m.
    pub fine: bool,
}

impl Default for SeaForm {
    fn default() -> Self {
        Self {
            outfalls: Vec::new(),
            flow_m3_day: 5000.0,
            spill: None,
            floating: Floating::Oil,
            coliform_log10: 6.0,
            t90_h: 6.0,
            wind_mps: 3.0,
            // The dry season's monsoon.
            wind_from_deg: 45.0,
            fine: false,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum SeaCommand {
    SetOpen(bool),
    SetForm(Box<SeaForm>),
    Start,
    /// Writes what came of it into a folder.
    Save(PathBuf),
    /// Takes the result off the map.
    Forget,
    /// The greatest of the day, or what is there as the clock goes.
    ShowHighest(bool),
}

/// A finished day and what was asked.
#[derive(Debug)]
pub struct SeaOutcome {
    pub form: SeaForm,
    pub case: WaterCase,
    pub result: WaterResult,
    pub limit: f64,
    /// Where the limit stands, of the day that was run.
    pub limited: ColiformLimit,
    /// Current of each snapshot, m/s.
    fastest: Vec<f64>,
}

#[derive(Debug, Default)]
pub struct SeaDesk {
    pub open: bool,
    pub form: SeaForm,
    pub outcome: Option<Arc<SeaOutcome>>,
    pub highest: bool,
}

impl SeaDesk {
    /// Whether the result is of another form than the one shown, or of another day than the clock's.
    #[must_use]
    pub fn is_stale(&self, project: &Project) -> bool {
        let same_day = |o: &SeaOutcome| o.case.inputs.start_unix_s * 1000 == midnight_ms(project);
        self.outcome.as_ref().is_some_and(|o| o.form != self.form || !same_day(o))
    }
}

impl SeaOutcome {
    /// The sea at a second of the day.
    #[must_use]
    pub fn at(&self, second_of_day: f64) -> Option<&Arc<Snapshot>> {
        self.result.snapshots.get(self.number_at(second_of_day)?)
    }

    /// Where what floats is at a second of the day.
    #[must_use]
    pub fn adrift(&self, second_of_day: f64) -> Option<&Sighting> {
        self.result.tracks.get(self.number_at(second_of_day)?)
    }

    /// Eastward and northward current at a second of the day, m/s.
    #[must_use]
    pub fn current(&self, second_of_day: f64) -> Option<[&Arc<Grid<f32>>; 2]> {
        let fields = self.at(second_of_day)?;
        Some([fields.field(EAST)?, fields.field(NORTH)?])
    }

    /// Of the whole sea at a second of the day, m/s.
    #[must_use]
    pub fn fastest(&self, second_of_day: f64) -> f64 {
        self.number_at(second_of_day).and_then(|i| self.fastest.get(i)).copied().unwrap_or(0.0)
    }

    fn number_at(&self, second_of_day: f64) -> Option<usize> {
        let snapshots = &self.result.snapshots;
        let near = |i: &usize| (snapshots[*i].time_s - second_of_day).abs();
        (0..snapshots.len()).min_by(|a, b| near(a).total_cmp(&near(b)))
    }

    #[must_use]
    pub fn shade(&self) -> Shade {
        let most = self.result.snapshots.last().and_then(|s| s.field(HIGHEST)?.range()).map_or(1.0, |r| r.1);
        Shade { title: "whatif-map-sea", unit: UNIT, ..shade(Some(self.limit as f32), most) }
    }
}

impl Session {
    #[must_use]
    pub fn sea(&self) -> &SeaDesk {
        &self.sea
    }

    pub(super) fn sea_field(&self) -> Option<FieldView> {
        let outcome = self.sea.outcome.as_ref().filter(|_| self.sea.open)?;
        let values = if self.sea.highest {
            outcome.result.snapshots.last()?.field(HIGHEST)?
        } else {
            outcome.at(self.second_of_day()?)?.field(CONCENTRATION)?
        };
        Some(FieldView { values: values.clone(), factor: 1.0, shade: outcome.shade(), front: None })
    }

    pub(super) fn command_sea(&mut self, command: SeaCommand) -> Result<Effects, SessionError> {
        match command {
            SeaCommand::SetOpen(open) => {
                self.sea.open = open;
                if open {
                    self.open_only(Desk::Sea);
                    self.view.tool = Tool::SeaOutfall;
                } else if matches!(self.view.tool, Tool::SeaOutfall | Tool::SeaSpill) {
                    self.view.tool = Tool::Inspect;
                }
            }
            SeaCommand::SetForm(form) => self.sea.form = *form,
            SeaCommand::Start => self.start_sea()?,
            SeaCommand::Save(folder) => self.save_sea(folder)?,
            SeaCommand::Forget => self.sea.outcome = None,
            SeaCommand::ShowHighest(highest) => self.sea.highest = highest,
        }
        Ok(Effects::default())
    }

    /// A click sets an outfall, or where something floats.
    pub(super) fn click_for_sea(&mut self, [east, north, _]: [f64; 3]) {
        if let Some(project) = self.project() {
            let at = project.frame.crs_from_site([east, north]);
            match self.view.tool {
                Tool::SeaSpill => self.sea.form.spill = Some(at),
                _ => self.sea.form.outfalls.push(at),
            }
        }
    }

    fn start_sea(&mut self) -> Result<(), SessionError> {
        let project = self.project().cloned().ok_or(SessionError::NoProject)?;
        let form = self.sea.form.clone();
        self.jobs.cancel(|j| j.kind == JobKind::Sea);
        let title = project.title.vi.clone();
        self.start(JobKind::Sea, title.as_ref(), move |progress, cancel| {
            let limited = coliform_limit(&LocalClock::new(&project, project.time.as_second()).day());
            let limit = limited.cfu_per_100ml;
            let context = StepContext { cancel: cancel.clone(), progress: progress.clone() };
            let inputs = inputs(&project, &form, limit);
            let case = WaterCase::prepare(&project, inputs).map_err(failure)?;
            let result = case.run(context, |_| ()).map_err(failure)?;
            cancel.check()?;
            let outcome = Arc::new(SeaOutcome {
                fastest: fastest(&result.snapshots, [EAST, NORTH]),
                form,
                case,
                result,
                limit,
                limited,
            });
            Ok(Outcome::then(move |session| {
                for notice in &outcome.result.notices {
                    session.notices.push(Level::Warning, notice.clone(), None, None);
                }
                session.sea.outcome = Some(outcome);
                Effects::default()
            }))
        })
    }
}

fn inputs(project: &Project, form: &SeaForm, limit: f64) -> WaterInputs {
    // From midnight on, so that the clock's hours are the run's.
    let mut inputs = WaterInputs::new(midnight_ms(project) / 1000);
    UNIT.clone_into(&mut inputs.unit);
    inputs.cell_m = if form.fine { 100.0 } else { 250.0 };
    inputs.t90_s = Some(form.t90_h * HOUR_S);
    inputs.wind_mps = form.wind_mps;
    inputs.wind_from_rad = form.wind_from_deg.to_radians();
    inputs.limit = Some(limit);
    let concentration = 10_f64.powf(form.coliform_log10);
    let outfall = |at: &[f64; 2]| Outfall { at: *at, flow_m3ps: form.flow_m3_day / 86_400.0, concentration };
    inputs.outfalls = form.outfalls.iter().map(outfall).collect();
    inputs.spill = form.spill.map(|at| Spill {
        what: form.floating,
        at,
        particles: PARTICLES,
        light_share: LIGHT_SHARE,
        water_celsius: WATER_CELSIUS,
        amount: None,
    });
    inputs
}

fn failure(error: WaterStudyError) -> IoFailure {
    match error {
        WaterStudyError::Run(SimError::Cancelled(_)) => IoFailure::Cancelled,
        other => other.to_message().into(),
    }
}
