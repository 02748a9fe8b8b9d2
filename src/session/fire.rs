//! The wildfire study as the window and the session hold it: what is asked, what came of it, what is shown.

use std::sync::Arc;

use super::apply::Session;
use super::effects::Effects;
use super::error::SessionError;
use super::field_view::{FieldView, Front, Shade};
use super::io::IoFailure;
use super::jobs::{JobKind, Outcome};
use super::notice::Level;
use super::view_state::Tool;
use crate::base::cancel::CancelToken;
use crate::base::message::ToMessage;
use crate::base::progress::Progress;
use crate::geo::contour::perimeter;
use crate::geo::grid::Grid;
use crate::geo::measure::distance;
use crate::model::project::Project;
use crate::model::style::Rgba;
use crate::sim::fire::landscape::Weather;
use crate::sim::fire::simulation::ARRIVAL;
use crate::sim::fire::spotting::Spotting;
use crate::sim::run::StepContext;
use crate::study::fire::case::{FireCase, FireResult, point};
use crate::study::fire::compare::{Comparison, compare};
use crate::study::fire::error::FireStudyError;
use crate::study::fire::inputs::{FireInputs, FuelBreak, MoisturePreset};
use crate::study::fire::uncertainty::{Uncertainty, measure, spread};

/// Fires of the ensemble that tells how sure the figures are.
const MEMBERS: u32 = 20;
const SEED: u64 = 1;
/// A line of equal arrival so often.
const ISOCHRONE_S: f64 = 3600.0;

/// What the panel asks for, before it becomes the study's inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct FireForm {
    /// (east, north) in the site's CRS.
    pub ignitions: Vec<[f64; 2]>,
    pub wind_10m_mps: f64,
    /// Where the wind comes from, degrees clockwise from north.
    pub wind_from_deg: f64,
    pub moisture: MoisturePreset,
    pub hours: f64,
    /// 10 m cells instead of 30 m.
    pub fine: bool,
    pub spotting: bool,
    /// A strip without fuel, (east, north) in the site's CRS.
    pub fuel_break: Vec<[f64; 2]>,
    pub break_width_m: f64,
}

impl Default for FireForm {
    fn default() -> Self {
        Self {
            ignitions: Vec::new(),
            wind_10m_mps: 4.5,
            // The dry season's monsoon.
            wind_from_deg: 45.0,
            moisture: MoisturePreset::Low,
            hours: 12.0,
            fine: false,
            spotting: false,
            fuel_break: Vec::new(),
            break_width_m: 30.0,
        }
    }
}

/// Which of a fire's fields lies over the ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FireField {
    #[default]
    Arrival,
    FlameLength,
    Probability,
}

#[derive(Debug, Clone, PartialEq)]
pub enum FireCommand {
    SetOpen(bool),
    SetForm(Box<FireForm>),
    Start,
    /// Takes the result off the map.
    Forget,
    /// Seconds of the run.
    ShowTime(f64),
    ShowField(FireField),
}

/// A finished run and what was made of it.
#[derive(Debug)]
pub struct FireOutcome {
    /// What was asked.
    pub form: FireForm,
    pub case: FireCase,
    pub result: FireResult,
    /// With and without the fuel break.
    pub change: Option<Comparison>,
    /// Where to write an hour's line: seconds of the run, and (east, north) in the site's CRS.
    pub marks: Vec<(f64, [f64; 2])>,
    /// Comes some time after the result.
    pub certainty: Option<Uncertainty>,
}

#[derive(Debug, Default)]
pub struct FireDesk {
    pub open: bool,
    pub form: FireForm,
    pub outcome: Option<Box<FireOutcome>>,
    pub shown_s: f64,
    pub field: FireField,
}

impl FireDesk {
    /// What lies over the ground now.
    #[must_use]
    pub fn field_view(&self) -> Option<FieldView> {
        let outcome = self.outcome.as_ref()?;
        let fields = &outcome.result.last;
        let arrival_s = fields.field(ARRIVAL)?.clone();
        let front = Some(Front { arrival_s: arrival_s.clone(), now_s: self.shown_s, isochrone_s: ISOCHRONE_S });
        let (values, factor, shade, front) = match self.field {
            FireField::Arrival => (arrival_s, 1.0 / 3600.0, arrival_shade(outcome.result.impact.end_s), front),
            FireField::FlameLength => (fields.field("flame_length_m")?.clone(), 1.0, flame_shade(), front),
            FireField::Probability => {
                (outcome.certainty.as_ref()?.probability.clone(), 100.0, probability_shade(), None)
            }
        };
        Some(FieldView { values, factor, shade, front })
    }

    /// (west, south, east, north) of what burns, in the site's CRS.
    #[must_use]
    pub fn bounds(&self) -> Option<[f64; 4]> {
        let arrival = self.outcome.as_ref()?.result.last.field(ARRIVAL)?;
        let burnt = arrival.cells.iter().enumerate().filter(|(_, t)| !t.is_nan());
        burnt.fold(None, |bounds: Option<[f64; 4]>, (i, _)| {
            let [x, y] = arrival.spec.centre(i % arrival.spec.cols, i / arrival.spec.cols);
            let [w, s, e, n] = bounds.unwrap_or([x, y, x, y]);
            Some([w.min(x), s.min(y), e.max(x), n.max(y)])
        })
    }
}

fn arrival_shade(end_s: f64) -> Shade {
    let end = (end_s / 3600.0) as f32;
    let colors = [Rgba::opaque(255, 236, 140), Rgba::opaque(250, 150, 50), Rgba::opaque(178, 40, 36)];
    let last = Rgba::opaque(66, 22, 40);
    let stops = colors.into_iter().chain([last]).enumerate().map(|(i, c)| (end * i as f32 / 3.0, c)).collect();
    Shade { title: "session-fire-field-arrival", unit: "h", stops }
}

/// Limits of the hauling chart: hand tools, machines, aircraft, nothing (Andrews & Rothermel 1982, INT-131; 4, 8, 11 ft).
fn flame_shade() -> Shade {
    Shade {
        title: "session-fire-field-flame",
        unit: "m",
        stops: vec![
            (0.0, Rgba::opaque(255, 245, 190)),
            (1.2, Rgba::opaque(253, 190, 80)),
            (2.4, Rgba::opaque(232, 90, 40)),
            (3.4, Rgba::opaque(160, 20, 60)),
            (6.0, Rgba::opaque(70, 8, 70)),
        ],
    }
}

fn probability_shade() -> Shade {
    Shade {
        title: "session-fire-field-probability",
        unit: "%",
        stops: vec![
            (2.5, Rgba::opaque(254, 240, 200)),
            (25.0, Rgba::opaque(252, 180, 110)),
            (50.0, Rgba::opaque(236, 100, 70)),
            (75.0, Rgba::opaque(180, 40, 70)),
            (100.0, Rgba::opaque(90, 10, 70)),
        ],
    }
}

impl Session {
    #[must_use]
    pub fn fire(&self) -> &FireDesk {
        &self.fire
    }

    pub(super) fn command_fire(&mut self, command: FireCommand) -> Result<Effects, SessionError> {
        match command {
            FireCommand::SetOpen(open) => {
                self.fire.open = open;
                if matches!(self.view.tool, Tool::Ignite | Tool::FuelBreak) != open {
                    self.view.tool = if open { Tool::Ignite } else { Tool::Inspect };
                }
            }
            FireCommand::SetForm(form) => self.fire.form = *form,
            FireCommand::Start => self.start_fire()?,
            FireCommand::Forget => self.fire.outcome = None,
            FireCommand::ShowTime(seconds) => self.fire.shown_s = seconds.max(0.0),
            FireCommand::ShowField(field) => self.fire.field = field,
        }
        Ok(Effects::default())
    }

    /// A click of the fire's tools on the ground.
    pub(super) fn click_for_fire(&mut self, [east, north, _]: [f64; 3]) {
        let Some(project) = self.project() else { return };
        let at = project.frame.crs_from_site([east, north]);
        match self.view.tool {
            Tool::Ignite => self.fire.form.ignitions.push(at),
            Tool::FuelBreak => self.fire.form.fuel_break.push(at),
            _ => {}
        }
    }

    fn start_fire(&mut self) -> Result<(), SessionError> {
        let project = self.project().cloned().ok_or(SessionError::NoProject)?;
        let form = self.fire.form.clone();
        if form.ignitions.is_empty() {
            return Err(SessionError::NoIgnition);
        }
        self.jobs.cancel(|j| matches!(j.kind, JobKind::Fire | JobKind::FireCertainty));
        let title = project.title.vi.clone();
        self.start(JobKind::Fire, title.as_ref(), move |progress, cancel| {
            burn(&project, form, progress, cancel).map(|outcome| Outcome::Burnt(Box::new(outcome)))
        })
    }

    /// Puts a finished run on the map, and starts to measure how sure it is.
    pub(super) fn take_fire(&mut self, outcome: Box<FireOutcome>) {
        for notice in &outcome.result.notices {
            self.notices.push(Level::Warning, notice.clone(), None, None);
        }
        self.fire.shown_s = outcome.result.impact.end_s;
        if self.fire.field == FireField::Probability {
            self.fire.field = FireField::Arrival;
        }
        let case = outcome.case.clone();
        let title = case.project.title.vi.clone();
        self.fire.outcome = Some(outcome);
        let started = self.start(JobKind::FireCertainty, title.as_ref(), move |progress, cancel| {
            let context = StepContext { cancel: cancel.clone(), progress: progress.clone() };
            measure(&case, &spread(SEED, MEMBERS), &context).map(|u| Outcome::Certain(Box::new(u))).map_err(failure)
        });
        if let Err(error) = started {
            self.notices.push(Level::Error, error.to_message(), None, None);
        }
    }

    pub(super) fn take_certainty(&mut self, certainty: Uncertainty) {
        if let Some(outcome) = &mut self.fire.outcome {
            outcome.certainty = Some(certainty);
        }
    }
}

fn burn(
    project: &Arc<Project>,
    form: FireForm,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<FireOutcome, IoFailure> {
    let context = || StepContext { cancel: cancel.clone(), progress: progress.clone() };
    let case = FireCase::prepare(project, inputs(project, &form)).map_err(failure)?;
    cancel.check()?;
    let result = case.run(context(), |_| ()).map_err(failure)?;
    let change = if case.inputs.has_measures() {
        let before = case.without_measures().and_then(|c| c.run(context(), |_| ())).map_err(failure)?;
        compare(&before, &result)
    } else {
        None
    };
    let marks = result.last.field(ARRIVAL).map_or_else(Vec::new, |arrival| marks(arrival, &form));
    Ok(FireOutcome { form, case, result, change, marks, certainty: None })
}

/// On every hour's line the place farthest from where the fire began: there the lines lie widest apart.
fn marks(arrival: &Grid<f32>, form: &FireForm) -> Vec<(f64, [f64; 2])> {
    let Some(&start) = form.ignitions.first() else { return Vec::new() };
    (1..=form.hours.floor() as usize)
        .filter_map(|hour| {
            let time_s = hour as f64 * ISOCHRONE_S;
            let rings = perimeter(arrival, time_s);
            let far = rings.iter().flatten().max_by(|a, b| distance(**a, start).total_cmp(&distance(**b, start)));
            far.map(|p| (time_s, *p))
        })
        .collect()
}

fn inputs(project: &Project, form: &FireForm) -> FireInputs {
    let weather = Weather {
        start_s: 0.0,
        wind_10m_mps: form.wind_10m_mps,
        wind_from_rad: form.wind_from_deg.to_radians(),
        moisture: form.moisture.moisture(),
    };
    let ignitions = form.ignitions.iter().map(|p| point(*p)).collect();
    let mut inputs = FireInputs::new(project.time.as_second(), ignitions, vec![weather]);
    inputs.hours = form.hours;
    // One snapshot: its arrival times hold the whole run, and the timeline reads them.
    inputs.snapshot_minutes = form.hours * 60.0;
    inputs.cell_m = if form.fine { 10.0 } else { 30.0 };
    inputs.spotting = form.spotting.then(|| Spotting { seed: SEED, ..Spotting::default() });
    if form.fuel_break.len() > 1 {
        inputs.breaks.push(FuelBreak { line: form.fuel_break.clone(), width_m: form.break_width_m });
    }
    inputs
}

fn failure(error: FireStudyError) -> IoFailure {
    if error.is_cancelled() { IoFailure::Cancelled } else { error.to_message().into() }
}
