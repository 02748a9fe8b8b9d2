//! The wildfire study as the window and the session hold it: what is asked, what came of it, what is shown.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::apply::Session;
use super::desks::Desk;
use super::effects::Effects;
use super::error::SessionError;
use super::field_view::{FieldView, Front};
use super::fire_form::SEED;
pub use super::fire_form::{FireForm, FireSet};
use super::fire_report::Findings;
use super::fire_shades as shades;
use super::io::IoFailure;
use super::jobs::{JobKind, Outcome};
use super::notice::Level;
use super::view_state::Tool;
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::geo::contour::perimeter;
use crate::geo::grid::Grid;
use crate::geo::measure::distance;
use crate::model::project::Project;
use crate::sim::fire::error::FireError;
use crate::sim::fire::simulation::{ARRIVAL, FLAME, INTENSITY, RATE, TYPE};
use crate::sim::fire::weather_table;
use crate::sim::run::StepContext;
use crate::study::fire::case::{FireCase, FireResult};
use crate::study::fire::compare::{Comparison, compare};
use crate::study::fire::error::FireStudyError;
use crate::study::fire::uncertainty::{Uncertainty, measure, spread};
use crate::text::Catalog;

/// Fires of the ensemble that tells how sure the figures are.
const MEMBERS: u32 = 20;
/// A line of equal arrival so often.
const ISOCHRONE_S: f64 = 3600.0;

/// Which of a fire's fields lies over the ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FireField {
    #[default]
    Arrival,
    FlameLength,
    RateOfSpread,
    Intensity,
    FireType,
    Probability,
}

#[derive(Debug, Clone, PartialEq)]
pub enum FireCommand {
    SetOpen(bool),
    SetForm(Box<FireForm>),
    Start,
    /// Takes the result off the map.
    Forget,
    /// Takes the weather by the hour from a table.
    ReadWeather(PathBuf),
    /// Writes the result into a folder: rasters, perimeters, manifest and report.
    Export(PathBuf),
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
    /// The next click goes on with the last line of the form.
    pub(super) drawing: bool,
}

impl FireDesk {
    /// When the shown result's front arrives, seconds from the outbreak; NaN where it never does.
    #[must_use]
    pub fn arrival(&self) -> Option<&Arc<Grid<f32>>> {
        self.outcome.as_ref()?.result.last.field(ARRIVAL)
    }

    /// What lies over the ground now.
    #[must_use]
    pub fn field_view(&self) -> Option<FieldView> {
        let outcome = self.outcome.as_ref()?;
        let fields = &outcome.result.last;
        let arrival_s = fields.field(ARRIVAL)?.clone();
        let front = Some(Front { arrival_s: arrival_s.clone(), now_s: self.shown_s, isochrone_s: ISOCHRONE_S });
        let value = |key: &str| fields.field(key).cloned();
        let (values, factor, shade, front) = match self.field {
            FireField::Arrival => (arrival_s, 1.0 / 3600.0, shades::arrival_shade(outcome.result.impact.end_s), front),
            FireField::FlameLength => (value(FLAME)?, 1.0, shades::flame_shade(), front),
            FireField::RateOfSpread => (value(RATE)?, 60.0, shades::rate_shade(), front),
            FireField::Intensity => (value(INTENSITY)?, 1.0, shades::intensity_shade(), front),
            FireField::FireType => (value(TYPE)?, 1.0, shades::type_shade(), front),
            FireField::Probability => {
                (outcome.certainty.as_ref()?.probability.clone(), 100.0, shades::probability_shade(), None)
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

impl Session {
    #[must_use]
    pub fn fire(&self) -> &FireDesk {
        &self.fire
    }

    pub(super) fn command_fire(&mut self, command: FireCommand) -> Result<Effects, SessionError> {
        match command {
            FireCommand::SetOpen(open) => {
                if open {
                    self.open_only(Desk::Fire);
                }
                self.fire.open = open;
                if self.view.tool.is_of_fire() != open {
                    self.view.tool = if open { Tool::Ignite } else { Tool::Inspect };
                }
            }
            FireCommand::SetForm(form) => self.fire.form = *form,
            FireCommand::ReadWeather(path) => {
                let unreadable = |e: std::io::Error| FireError::File { reason: e.to_string(), path: path.clone() };
                let otherwise = self.fire.form.moisture.moisture();
                let text = std::fs::read_to_string(&path).map_err(unreadable)?;
                self.fire.form.hourly = weather_table::parse(&text, &path, Some(otherwise))?;
            }
            FireCommand::Export(folder) => self.export_fire(&folder)?,
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
        let FireDesk { form, drawing, .. } = &mut self.fire;
        match self.view.tool {
            Tool::Ignite => form.ignitions.push(FireSet::point(at)),
            Tool::IgniteLine => {
                if let Some(line) = form.ignitions.last_mut().filter(|_| *drawing) {
                    line.points.push(at);
                } else {
                    form.ignitions.push(FireSet::point(at));
                    *drawing = true;
                }
            }
            Tool::FuelBreak => form.fuel_break.push(at),
            _ => {}
        }
    }

    /// Writes what is on the map into a folder, in the language of the moment.
    fn export_fire(&mut self, folder: &Path) -> Result<(), SessionError> {
        let outcome = self.fire.outcome.as_ref().ok_or(SessionError::NoFire)?;
        let (case, result) = (outcome.case.clone(), outcome.result.clone());
        let (change, sure) = (outcome.change.clone(), outcome.certainty.clone());
        let (language, target) = (self.language(), folder.to_owned());
        self.start(JobKind::FireExport, folder, move |_, cancel| {
            cancel.check()?;
            let findings = Findings { case: &case, result: &result, change: change.as_ref(), sure: sure.as_ref() };
            findings.write(&Catalog::load(language), &target)?;
            Ok(Outcome::then(|session| {
                session.notices.push(Level::Info, Message::new("session-fire-written"), None, Some(target));
                Effects::default()
            }))
        })
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
    let case = FireCase::prepare(project, form.inputs(project).map_err(failure)?).map_err(failure)?;
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
    let Some(&start) = form.ignitions.first().and_then(|f| f.points.first()) else { return Vec::new() };
    (1..=form.hours.floor() as usize)
        .filter_map(|hour| {
            let time_s = hour as f64 * ISOCHRONE_S;
            let rings = perimeter(arrival, time_s);
            let far = rings.iter().flatten().max_by(|a, b| distance(**a, start).total_cmp(&distance(**b, start)));
            far.map(|p| (time_s, *p))
        })
        .collect()
}

fn failure(error: FireStudyError) -> IoFailure {
    if error.is_cancelled() { IoFailure::Cancelled } else { error.to_message().into() }
}
