//! The traffic study as the window and the session hold it: what is asked, what came of it, what is shown.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::apply::Session;
use super::desks::Desk;
use super::effects::Effects;
use super::error::SessionError;
use super::io::IoFailure;
use super::jobs::{JobKind, Outcome};
use super::notice::Level;
use super::traffic_leave::{LeaveDesk, LeaveForm};
use super::traffic_moving::{HowFar, Moving};
use super::traffic_ribbons::{RibbonColor, Ribbons, nearest_link, ribbons};
use super::view_state::Tool;
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::geo::crs::Crs;
use crate::io::export::{VectorFormat, write_features};
use crate::io::staging::FolderStaging;
use crate::model::project::Project;
use crate::sim::run::StepContext;
use crate::sim::traffic::assign::equilibrium::Stop;
use crate::sim::traffic::demand::table::DemandTable;
use crate::sim::traffic::error::TrafficError;
use crate::sim::traffic::road_table::RoadTable;
use crate::study::traffic::case::{Hour, Tables, TrafficCase};
use crate::study::traffic::outcome::{Base, TrafficResult};
use crate::study::traffic::plan::Plan;
use crate::study::traffic::tables::{emissions_csv, links_csv, links_table, od_csv, zones_csv, zones_table};

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
    /// Every vehicle on its way.
    ShowVehicles(bool),
    /// Drives the vehicles around what is looked at one by one, from the clock's second on.
    LookClosely,
    SetLeave(LeaveForm),
    /// Everybody leaves the commune of the form.
    Leave,
    ForgetLeave,
    /// Clicks ask how far one gets from there, and not how a road flows.
    AskHowFar(bool),
    ForgetLink,
    /// Writes the hours into a folder: GeoPackage and tables.
    Export(PathBuf),
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
    pub outcome: Option<Arc<TrafficOutcome>>,
    /// Number of the hour that is shown, among those of the result.
    pub shown: usize,
    pub color: RibbonColor,
    pub picked: Option<PickedLink>,
    pub leave: LeaveDesk,
    pub moving: Moving,
    pub how_far: HowFar,
    ribbons: Option<Arc<Ribbons>>,
    /// Another study has the map: ribbons wait until this one is opened again.
    pub(super) covered: bool,
    /// The roads as they are, kept for the next plan, and the project that they are of.
    base: Option<(Arc<Project>, Arc<Base>)>,
}

impl TrafficDesk {
    /// What lies over the roads now.
    #[must_use]
    pub fn ribbons(&self) -> Option<&Arc<Ribbons>> {
        self.ribbons.as_ref().filter(|_| !self.covered)
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
                let desk = &mut self.traffic;
                (desk.outcome, desk.picked, desk.how_far.minutes) = (None, None, None);
                desk.moving.forget();
                desk.redraw();
            }
            TrafficCommand::ShowHour(hour) => {
                self.show_traffic_at(hour);
                return self.clock_to_traffic();
            }
            TrafficCommand::ShowColor(color) => {
                let planned = self.traffic.outcome.as_ref().is_some_and(|o| o.result.plan.is_some());
                if color != RibbonColor::Change || planned {
                    self.traffic.color = color;
                    self.traffic.redraw();
                }
            }
            TrafficCommand::ShowVehicles(wanted) => self.show_vehicles(wanted)?,
            TrafficCommand::LookClosely => self.look_closely()?,
            TrafficCommand::SetLeave(form) => self.traffic.leave.form = form,
            TrafficCommand::Leave => self.start_leaving()?,
            TrafficCommand::ForgetLeave => self.traffic.leave.outcome = None,
            TrafficCommand::AskHowFar(wanted) => self.ask_how_far(wanted),
            TrafficCommand::ForgetLink => self.traffic.picked = None,
            TrafficCommand::Export(folder) => self.export_traffic(&folder)?,
        }
        Ok(Effects::default())
    }

    fn show_traffic_at(&mut self, hour: usize) {
        let desk = &mut self.traffic;
        let found = desk.outcome.as_ref().and_then(|o| o.result.shown().1.iter().position(|h| h.hour == hour));
        if let Some(shown) = found.filter(|shown| *shown != desk.shown) {
            desk.shown = shown;
            desk.redraw();
            // That no thread can be had is told where the user asks for something.
            let _ = self.find_how_far();
        }
    }

    /// The clock was moved: the traffic of its hour is shown, where it is known.
    pub(super) fn traffic_follows_clock(&mut self) {
        if let Some(hour) = self.clock_hour() {
            self.show_traffic_at(hour);
        }
    }

    /// The hour of the day that the clock shows, 0 to 23.
    #[must_use]
    pub fn clock_hour(&self) -> Option<usize> {
        Some((self.second_of_day()? / 3600.0) as usize)
    }

    /// The other way round: the clock goes to the hour that is shown, on the same day.
    fn clock_to_traffic(&mut self) -> Result<Effects, SessionError> {
        let desk = &self.traffic;
        let shown = desk.outcome.as_ref().and_then(|o| Some(o.result.shown().1.get(desk.shown)?.hour));
        let (Some(hour), Some(project)) = (shown, self.project()) else { return Ok(Effects::default()) };
        let hour = i64::try_from(hour).unwrap_or_default();
        let local = (project.time.as_second() + (project.utc_offset_hours * 3600.0) as i64).rem_euclid(86_400);
        if local / 3600 == hour {
            return Ok(Effects::default());
        }
        let time = project.time + jiff::SignedDuration::from_secs(hour * 3600 - local);
        self.set_time(time)
    }

    /// Writes the hours that are shown into a folder.
    fn export_traffic(&mut self, folder: &Path) -> Result<(), SessionError> {
        let (Some(outcome), Some(project)) = (&self.traffic.outcome, self.project()) else {
            return Err(SessionError::NoTraffic);
        };
        let (outcome, crs) = (outcome.clone(), project.frame.crs.clone());
        let target = folder.to_owned();
        self.start(JobKind::TrafficExport, folder, move |_, cancel| {
            cancel.check()?;
            let (case, hours) = outcome.result.shown();
            write_hours(case, hours, &crs, &target)
                .map_err(|reason| IoFailure::from(TrafficError::File { reason, path: target.clone() }.to_message()))?;
            Ok(Outcome::then(|session| {
                session.notices.push(Level::Info, Message::new("session-traffic-written"), None, Some(target));
                Effects::default()
            }))
        })?;
        Ok(())
    }

    /// A click of the traffic's tool on the ground.
    pub(super) fn click_for_traffic(&mut self, [east, north, _]: [f64; 3]) -> Result<(), SessionError> {
        let Some(project) = self.project() else { return Ok(()) };
        let at = project.frame.crs_from_site([east, north]);
        let desk = &mut self.traffic;
        if desk.how_far.wanted {
            desk.how_far.from = Some(at);
            return self.find_how_far();
        }
        if let Some(outcome) = &desk.outcome {
            desk.picked = nearest_link(&outcome.result, desk.shown, at);
        }
        Ok(())
    }

    fn start_traffic(&mut self) -> Result<(), SessionError> {
        let project = self.project().cloned().ok_or(SessionError::NoProject)?;
        let form = self.traffic.form.clone();
        self.jobs.cancel(|j| j.kind == JobKind::Traffic);
        let title = project.title.vi.clone();
        let known = self
            .traffic
            .base
            .as_ref()
            .map(|(of, base)| Known { base: base.clone(), edited: !same_ground(of, &project) });
        self.start(JobKind::Traffic, title.as_ref(), move |progress, cancel| {
            let result = drive(&project, &form, known, progress, cancel)?;
            Ok(Outcome::then(move |session| session.take_traffic(project, Arc::new(TrafficOutcome { form, result }))))
        })
    }

    /// Puts a finished run on the map.
    fn take_traffic(&mut self, project: Arc<Project>, outcome: Arc<TrafficOutcome>) -> Effects {
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
        desk.moving.forget();
        desk.leave.outcome = None;
        desk.how_far.minutes = None;
        desk.outcome = Some(outcome);
        desk.redraw();
        let effects = self.clock_to_traffic().unwrap_or_default();
        for begun in [self.find_tracks(), self.find_how_far()] {
            if let Err(error) = begun {
                self.notices.push(Level::Warning, error.to_message(), None, None);
            }
        }
        effects
    }
}

fn write_hours(case: &TrafficCase, hours: &[Hour], crs: &Crs, folder: &Path) -> Result<(), String> {
    let staging = FolderStaging::inside(folder).map_err(|e| e.to_string())?;
    let csv = [
        ("links.csv", links_csv(case, hours)),
        ("emissions.csv", emissions_csv(case, hours)),
        ("zones.csv", zones_csv(case, hours)),
        ("od.csv", od_csv(case, hours)),
    ];
    for (name, text) in csv {
        std::fs::write(staging.path(name), text).map_err(|e| e.to_string())?;
    }
    for (layer, table) in [("links", links_table(case, hours)), ("zones", zones_table(case, hours))] {
        let format = VectorFormat::GeoPackage { layer: layer.to_owned() };
        write_features(&table, crs, crs, &staging.path("traffic.gpkg"), &format).map_err(|e| e.to_string())?;
    }
    staging.commit().map_err(|e| e.to_string())
}

/// An earlier result to begin from.
struct Known {
    base: Arc<Base>,
    /// The layers were edited since: what the edit left alone is carried over.
    edited: bool,
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
    known: Option<Known>,
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
    known: Option<Known>,
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
    let edited = match &known {
        Some(known) if known.edited => known.base.edited(project, STOP, cx)?.map(Arc::new),
        Some(known) => Some(known.base.clone()),
        None => None,
    };
    let base = match edited {
        Some(base) if base.span() == span => base,
        Some(base) => Arc::new(Base::of(base.case.clone(), span, STOP, cx)?),
        None => {
            let tables = Tables { roads: RoadTable::standard()?, demand: DemandTable::standard()? };
            Arc::new(Base::prepare(project, tables, span, STOP, cx)?)
        }
    };
    TrafficResult::with(base, plan, STOP, cx)
}
