//! The traffic study as the window and the session hold it: what is asked, what came of it, what is shown.

use std::sync::Arc;

use super::apply::Session;
use super::desks::Desk;
use super::effects::Effects;
use super::error::SessionError;
use super::io::IoFailure;
use super::jobs::{JobKind, Outcome};
use super::notice::Level;
use super::traffic_ribbons::{RibbonColor, Ribbons, nearest_link, ribbons};
use super::view_state::Tool;
use crate::base::cancel::CancelToken;
use crate::base::message::ToMessage;
use crate::base::progress::Progress;
use crate::model::project::Project;
use crate::sim::run::StepContext;
use crate::sim::traffic::assign::equilibrium::Stop;
use crate::sim::traffic::demand::table::DemandTable;
use crate::sim::traffic::error::TrafficError;
use crate::sim::traffic::road_table::RoadTable;
use crate::study::traffic::case::Tables;
use crate::study::traffic::outcome::{Base, TrafficResult};
use crate::study::traffic::plan::Plan;

/// Near enough for a picture and for figures of three digits.
const STOP: Stop = Stop { gap: 1e-6, iterations: 500 };

/// What the panel asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrafficForm {
    /// Whole hours of the day: the first, and when the last one ends.
    pub from: usize,
    pub to: usize,
    /// A ready-made plan by its id; none: the roads as they are.
    pub plan: Option<String>,
}

impl Default for TrafficForm {
    fn default() -> Self {
        Self { from: 16, to: 19, plan: None }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum TrafficCommand {
    SetOpen(bool),
    SetForm(TrafficForm),
    Start,
    /// Takes the result off the map.
    Forget,
    /// An hour of the day; others than those of the result are not shown.
    ShowHour(usize),
    ShowColor(RibbonColor),
    ForgetLink,
}

/// A finished run and what was asked.
#[derive(Debug)]
pub struct TrafficOutcome {
    pub form: TrafficForm,
    pub result: TrafficResult,
}

/// A road that was clicked: one direction of it, and the other where there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PickedLink {
    pub link: usize,
    pub opposite: Option<usize>,
}

#[derive(Debug, Default)]
pub struct TrafficDesk {
    pub open: bool,
    pub form: TrafficForm,
    pub outcome: Option<Box<TrafficOutcome>>,
    /// Number of the hour that is shown, among those of the result.
    pub shown: usize,
    pub color: RibbonColor,
    pub picked: Option<PickedLink>,
    ribbons: Option<Arc<Ribbons>>,
    /// The roads as they are, kept for the next plan, and the project that they are of.
    base: Option<(Arc<Project>, Arc<Base>)>,
}

impl TrafficDesk {
    /// What lies over the roads now.
    #[must_use]
    pub fn ribbons(&self) -> Option<&Arc<Ribbons>> {
        self.ribbons.as_ref()
    }

    fn redraw(&mut self) {
        self.ribbons = self.outcome.as_ref().map(|o| Arc::new(ribbons(&o.result, self.shown, self.color)));
    }
}

/// The plans to choose from.
///
/// # Errors
/// [`TrafficError::Table`].
pub fn plans() -> Result<Vec<Plan>, TrafficError> {
    Plan::shipped()
}

impl Session {
    #[must_use]
    pub fn traffic(&self) -> &TrafficDesk {
        &self.traffic
    }

    pub(super) fn command_traffic(&mut self, command: TrafficCommand) -> Result<Effects, SessionError> {
        match command {
            TrafficCommand::SetOpen(open) => {
                self.traffic.open = open;
                if open {
                    self.open_only(Desk::Traffic);
                    self.view.tool = Tool::TrafficProbe;
                } else if self.view.tool == Tool::TrafficProbe {
                    self.view.tool = Tool::Inspect;
                }
            }
            TrafficCommand::SetForm(form) => {
                let from = form.from.min(23);
                self.traffic.form = TrafficForm { from, to: form.to.clamp(from + 1, 24), ..form };
            }
            TrafficCommand::Start => self.start_traffic()?,
            TrafficCommand::Forget => {
                self.traffic.outcome = None;
                self.traffic.picked = None;
                self.traffic.redraw();
            }
            TrafficCommand::ShowHour(hour) => self.show_traffic_at(hour),
            TrafficCommand::ShowColor(color) => {
                let planned = self.traffic.outcome.as_ref().is_some_and(|o| o.result.plan.is_some());
                if color != RibbonColor::Change || planned {
                    self.traffic.color = color;
                    self.traffic.redraw();
                }
            }
            TrafficCommand::ForgetLink => self.traffic.picked = None,
        }
        Ok(Effects::default())
    }

    fn show_traffic_at(&mut self, hour: usize) {
        let desk = &mut self.traffic;
        let found = desk.outcome.as_ref().and_then(|o| o.result.shown().1.iter().position(|h| h.hour == hour));
        if let Some(shown) = found.filter(|shown| *shown != desk.shown) {
            desk.shown = shown;
            desk.redraw();
        }
    }

    /// The clock was moved: the traffic of its hour is shown, where it is known.
    pub(super) fn traffic_follows_clock(&mut self) {
        let Some(project) = self.project() else { return };
        let second = project.time.as_second() as f64 + project.utc_offset_hours * 3600.0;
        self.show_traffic_at((second.rem_euclid(86_400.0) / 3600.0) as usize);
    }

    /// A click of the traffic's tool on the ground.
    pub(super) fn click_for_traffic(&mut self, [east, north, _]: [f64; 3]) {
        let Some(project) = self.project() else { return };
        let at = project.frame.crs_from_site([east, north]);
        let desk = &mut self.traffic;
        if let Some(outcome) = &desk.outcome {
            desk.picked = nearest_link(&outcome.result, desk.shown, at);
        }
    }

    fn start_traffic(&mut self) -> Result<(), SessionError> {
        let project = self.project().cloned().ok_or(SessionError::NoProject)?;
        let form = self.traffic.form.clone();
        self.jobs.cancel(|j| j.kind == JobKind::Traffic);
        let title = project.title.vi.clone();
        let known =
            self.traffic.base.as_ref().filter(|(of, _)| same_ground(of, &project)).map(|(_, base)| base.clone());
        self.start(JobKind::Traffic, title.as_ref(), move |progress, cancel| {
            let result = drive(&project, &form, known, progress, cancel)?;
            Ok(Outcome::then(move |session| {
                session.take_traffic(project, Box::new(TrafficOutcome { form, result }));
                Effects::default()
            }))
        })
    }

    /// Puts a finished run on the map.
    fn take_traffic(&mut self, project: Arc<Project>, outcome: Box<TrafficOutcome>) {
        for notice in &outcome.result.shown().0.notices {
            self.notices.push(Level::Warning, notice.clone(), None, None);
        }
        let desk = &mut self.traffic;
        desk.base = Some((project, outcome.result.base.clone()));
        let hours = outcome.result.shown().1;
        desk.shown = crate::study::traffic::hours::busiest(hours).unwrap_or(0);
        if desk.color == RibbonColor::Change && outcome.result.plan.is_none() {
            desk.color = RibbonColor::default();
        }
        desk.picked = None;
        desk.outcome = Some(outcome);
        desk.redraw();
    }
}

/// Whether two states of a project have the same layers, however those are drawn.
fn same_ground(a: &Project, b: &Project) -> bool {
    let same = |(a, b): (&Arc<_>, &Arc<_>)| {
        let (a, b): (&crate::model::layer::Layer, &crate::model::layer::Layer) = (a, b);
        a.id == b.id && a.role == b.role && a.content.same(&b.content)
    };
    a.layers.len() == b.layers.len() && a.layers.iter().zip(&b.layers).all(same)
}

fn drive(
    project: &Project,
    form: &TrafficForm,
    known: Option<Arc<Base>>,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<TrafficResult, IoFailure> {
    let pool = rayon::ThreadPoolBuilder::new().build();
    let pool = pool.map_err(|e| IoFailure::from(SessionError::NoThread(e.to_string()).to_message()))?;
    let cx = StepContext { cancel: cancel.clone(), progress: progress.clone() };
    pool.install(|| study(project, form, known, &cx)).map_err(|e| match e {
        TrafficError::Cancelled(_) => IoFailure::Cancelled,
        other => other.to_message().into(),
    })
}

fn study(
    project: &Project,
    form: &TrafficForm,
    known: Option<Arc<Base>>,
    cx: &StepContext,
) -> Result<TrafficResult, TrafficError> {
    let span = form.from..form.to;
    let plan = match &form.plan {
        None => None,
        Some(id) => {
            let all = plans()?;
            let known: Vec<&str> = all.iter().map(|p| p.id.as_str()).collect();
            let missing = TrafficError::UnknownPlan { name: id.clone(), known: known.join(", ") };
            Some(all.into_iter().find(|p| p.id == *id).ok_or(missing)?)
        }
    };
    let base = match known {
        Some(base) if base.span() == span => base,
        Some(base) => Arc::new(Base::of(base.case.clone(), span, STOP, cx)?),
        None => {
            let tables = Tables { roads: RoadTable::standard()?, demand: DemandTable::standard()? };
            Arc::new(Base::prepare(project, tables, span, STOP, cx)?)
        }
    };
    TrafficResult::with(base, plan, STOP, cx)
}
