//! The air study as the window and the session hold it: what is asked, what came of it, what is shown.

use std::path::PathBuf;
use std::sync::Arc;

use super::air_coming::{AheadDesk, AheadForm};
use super::air_day::{AirDay, midnight_ms};
use super::air_finding::{FindDesk, FindForm};
use super::air_sources::{PlacedSource, sources};
use super::apply::Session;
use super::desks::Desk;
use super::effects::Effects;
use super::error::SessionError;
use super::field_view::{FieldView, Shade};
use super::io::IoFailure;
use super::jobs::{JobKind, Outcome};
use super::notice::Level;
use super::view_state::Tool;
use crate::base::cancel::CancelToken;
use crate::base::message::ToMessage;
use crate::base::progress::Progress;
use crate::geo::crs::Crs;
use crate::geo::grid::Grid;
use crate::geo::sun::sun_position;
use crate::geo::transform::Transform;
use crate::model::project::Project;
use crate::model::style::Rgba;
use crate::sim::air::meteorology::Meteorology;
use crate::sim::air::stability::{Sky, StabilityClass, turner};
use crate::sim::air::traffic_emission::RoadEmissions;
use crate::sim::run::StepContext;
use crate::study::air::case::{AirCase, AirResult, AtStation};
use crate::study::air::error::AirStudyError;
use crate::study::air::inputs::AirInputs;
use crate::study::air::receptors::Station;

/// Substances to choose from: those that the emission table knows.
pub const POLLUTANTS: [&str; 6] = ["no2", "nox", "co", "so2", "pm25", "pm10"];

/// What the panel asks for, before it becomes the study's inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct AirForm {
    pub pollutant: &'static str,
    pub wind_10m_mps: f64,
    /// Where the wind comes from, degrees clockwise from north.
    pub wind_from_deg: f64,
    /// `None`: by the sun of the shown hour, the cloud and the wind.
    pub stability: Option<StabilityClass>,
    /// Share of the sky.
    pub cloud: f64,
    /// Times the table's traffic; `None`: roads are left out.
    pub traffic: Option<f64>,
    pub background_ug_m3: f64,
    /// Sources that were set by clicks.
    pub placed: Vec<PlacedSource>,
    /// Smaller cells: 50 m instead of 150 m, of a day 100 m instead of 250 m.
    pub fine: bool,
    /// The clock's whole day hour by hour, carried over the hills, and not one steady hour.
    pub day: bool,
    /// Of a day: the winds that the live stations measured, where they did.
    pub live_wind: bool,
}

impl Default for AirForm {
    fn default() -> Self {
        Self {
            pollutant: POLLUTANTS[0],
            wind_10m_mps: 3.0,
            // The dry season's monsoon.
            wind_from_deg: 45.0,
            stability: None,
            cloud: 0.4,
            traffic: Some(1.0),
            background_ug_m3: 0.0,
            placed: Vec::new(),
            fine: false,
            day: false,
            live_wind: false,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum AirCommand {
    SetOpen(bool),
    SetForm(Box<AirForm>),
    Start,
    /// Writes what came of it into a folder.
    Save(PathBuf),
    /// Takes the result off the map.
    Forget,
    /// Shows the whole field, or what one source gives.
    ShowSource(Option<usize>),
    ForgetProbe,
    /// Of a day: the mean of all hours, and not the clock's.
    ShowDayMean(bool),
    SetFind(FindForm),
    /// Looks for a source in what the live stations measured.
    Find,
    ForgetFind,
    /// The answer of the search lies over the ground, and not the study's field.
    ShowFind(bool),
    FlyToFind,
    SetAhead(AheadForm),
    /// A wind forecast for it.
    ReadWindAhead(PathBuf),
    /// Foretells the coming day of the communes from the live stations.
    LookAhead,
    ForgetAhead,
    /// The forecast lies over the ground, and not the study's field.
    ShowAhead(bool),
}

/// A finished run and what was made of it.
#[derive(Debug)]
pub struct AirOutcome {
    /// What was asked.
    pub form: AirForm,
    pub case: AirCase,
    pub result: AirResult,
    /// Class that was used.
    pub class: StabilityClass,
}

#[derive(Debug, Default)]
pub struct AirDesk {
    pub open: bool,
    pub form: AirForm,
    pub outcome: Option<Arc<AirOutcome>>,
    /// What the last clicked place gets, source by source.
    pub probe: Option<AtStation>,
    /// Source whose part alone lies over the ground, and that part.
    pub alone: Option<(usize, Arc<Grid<f32>>)>,
    /// A day hour by hour; never together with `outcome`.
    pub day: Option<Arc<AirDay>>,
    pub day_mean: bool,
    /// The place of the day that was asked, in the site's CRS.
    pub day_probe: Option<[f64; 2]>,
    pub find: FindDesk,
    pub ahead: AheadDesk,
    /// Whether the next click goes on with the line begun last.
    pub(super) drawing: bool,
}

impl AirDesk {
    /// What lies over the ground at this second of the day.
    #[must_use]
    pub fn field_view(&self, second_of_day: Option<f64>) -> Option<FieldView> {
        let asked = self.find.field_view().or_else(|| self.ahead.field_view());
        asked.or_else(|| self.day_view(second_of_day)).or_else(|| self.study_view())
    }

    /// Whether the result is of another form than the one shown, or of another time than the clock's: its day, and of a
    /// steady study its hour.
    #[must_use]
    pub fn is_stale(&self, project: &Project) -> bool {
        if let Some(day) = &self.day {
            return day.form != self.form || day.case.inputs.start_unix_s * 1000 != midnight_ms(project);
        }
        let now_s = project.time.as_second();
        let same_hour = |from_s: i64| from_s.div_euclid(3600) == now_s.div_euclid(3600);
        self.outcome.as_ref().is_some_and(|o| o.form != self.form || !same_hour(o.case.inputs.start_unix_s))
    }

    /// The study lies over the ground, and nothing else that was asked.
    pub(super) fn show_study(&mut self) {
        (self.find.shown, self.ahead.shown) = (false, false);
    }

    /// Takes the results off the map, but for that of the search.
    pub(super) fn forget(&mut self) {
        self.outcome = None;
        self.day = None;
        self.probe = None;
        self.day_probe = None;
        self.alone = None;
        self.show_study();
    }

    /// What came of the study, whatever lies over the ground.
    #[must_use]
    pub fn study_view(&self) -> Option<FieldView> {
        let outcome = self.outcome.as_ref()?;
        let values = self.alone.as_ref().map_or_else(|| outcome.result.field.clone(), |(_, grid)| grid.clone());
        let highest = values.range().map_or(1.0, |(_, most)| most);
        let limit = outcome.result.limit.as_ref().map(|l| l.ug_m3 as f32);
        Some(FieldView { values, factor: 1.0, shade: shade(limit, highest), front: None })
    }
}

/// Green below, yellow at half the limit, red from the limit on; without a limit, or far below one, up to the highest.
pub(super) fn shade(limit: Option<f32>, highest: f32) -> Shade {
    let pale = Rgba(120, 170, 150, 0);
    let colors = [Rgba(96, 178, 108, 190), Rgba(250, 214, 90, 215), Rgba(224, 60, 48, 230), Rgba(110, 20, 70, 240)];
    let stops = match limit {
        Some(limit) if highest > 0.1 * limit => {
            let at = [0.1, 0.5, 1.0, 2.0].map(|part| part * limit);
            std::iter::once((0.01 * limit, pale)).chain(at.into_iter().zip(colors)).collect()
        }
        _ => {
            let highest = highest.max(1e-6);
            let at = [0.1, 0.4].map(|part| part * highest);
            std::iter::once((0.005 * highest, pale))
                .chain(at.into_iter().zip(colors))
                .chain([(highest, Rgba(240, 150, 60, 225))])
                .collect()
        }
    };
    Shade { title: "session-air-field", unit: "µg/m³", stops }
}

impl Session {
    #[must_use]
    pub fn air(&self) -> &AirDesk {
        &self.air
    }

    /// The field that lies over the ground of the shown plan, or of the one beside it: that of the panel which is open,
    /// else of the last study that has one.
    #[must_use]
    pub fn field_view(&self, beside: bool) -> Option<FieldView> {
        if self.plan_map().is_some() || beside {
            return self.plan_field(beside);
        }
        if self.live.open
            && let Some(view) = self.live.field_view()
        {
            return Some(view);
        }
        if let Some(view) = self.sea_field() {
            return Some(view);
        }
        if self.traffic.open
            && let Some(view) = self.traffic.how_far.field_view()
        {
            return Some(view);
        }
        if self.air.open {
            return self.air_field().or_else(|| self.fire().field_view());
        }
        self.fire().field_view().or_else(|| self.air_field())
    }

    fn air_field(&self) -> Option<FieldView> {
        self.air.field_view(self.second_of_day())
    }

    pub(super) fn command_air(&mut self, command: AirCommand) -> Result<Effects, SessionError> {
        match command {
            AirCommand::SetOpen(open) => {
                self.air.open = open;
                if open {
                    self.open_only(Desk::Air);
                    let asked = self.air.outcome.is_some() || self.air.day.is_some();
                    self.view.tool = if asked { Tool::AirProbe } else { Tool::AirSource };
                } else if self.view.tool.is_of_air() {
                    self.view.tool = Tool::Inspect;
                }
            }
            AirCommand::SetForm(form) => self.air.form = *form,
            AirCommand::Start if self.air.form.day => self.start_air_day()?,
            AirCommand::Start => self.start_air()?,
            AirCommand::Save(folder) => self.save_air(folder)?,
            AirCommand::Forget => self.air.forget(),
            AirCommand::ShowDayMean(mean) => {
                self.air.day_mean = mean;
                self.air.show_study();
            }
            AirCommand::ShowSource(source) => {
                let part = |i: usize| Some((i, Arc::new(self.air.outcome.as_ref()?.case.of_source(0, i)?)));
                self.air.alone = source.and_then(part);
                self.air.show_study();
            }
            AirCommand::ForgetProbe => (self.air.probe, self.air.day_probe) = (None, None),
            AirCommand::SetFind(_)
            | AirCommand::Find
            | AirCommand::ForgetFind
            | AirCommand::ShowFind(_)
            | AirCommand::FlyToFind => return self.command_find(command),
            ahead => return self.command_ahead(ahead),
        }
        Ok(Effects::default())
    }

    /// A click of the air's tools on the ground.
    pub(super) fn click_for_air(&mut self, [east, north, _]: [f64; 3]) {
        let Some(project) = self.project() else { return };
        let at = project.frame.crs_from_site([east, north]);
        match self.view.tool {
            Tool::AirSource => self.air.form.placed.push(PlacedSource::stack(at)),
            Tool::AirLine => {
                if let Some(line) = self.air.form.placed.last_mut().filter(|_| self.air.drawing) {
                    line.points.push(at);
                } else {
                    self.air.form.placed.push(PlacedSource::line(at));
                    self.air.drawing = true;
                }
            }
            Tool::AirProbe => {
                let station = Station { id: "probe".to_owned(), name: String::new(), at };
                self.air.day_probe = self.air.day.is_some().then_some(at);
                self.air.probe = self.air.outcome.as_ref().map(|o| o.case.at_station(&station));
            }
            _ => {}
        }
    }

    fn start_air(&mut self) -> Result<(), SessionError> {
        let project = self.project().cloned().ok_or(SessionError::NoProject)?;
        let form = self.air.form.clone();
        self.jobs.cancel(|j| j.kind == JobKind::Air);
        let title = project.title.vi.clone();
        self.start(JobKind::Air, title.as_ref(), move |progress, cancel| {
            blow(&project, form, progress, cancel).map(|outcome| Outcome::Blown(Box::new(outcome)))
        })
    }

    /// Puts a finished run on the map.
    pub(super) fn take_air(&mut self, outcome: Box<AirOutcome>) {
        for notice in &outcome.result.notices {
            self.notices.push(Level::Warning, notice.clone(), None, None);
        }
        self.air.forget();
        self.air.outcome = Some(outcome.into());
        if self.view.tool.is_of_air() {
            self.view.tool = Tool::AirProbe;
        }
    }
}

fn blow(
    project: &Arc<Project>,
    form: AirForm,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<AirOutcome, IoFailure> {
    let class = match form.stability {
        Some(class) => class,
        None => by_sun(project, project.time.as_millisecond(), form.wind_10m_mps, form.cloud)
            .map_err(|e| IoFailure::from(e.to_message()))?,
    };
    let air = Meteorology::new(form.wind_10m_mps, form.wind_from_deg.to_radians(), class.into());
    let table = RoadEmissions::shipped().map_err(|e| IoFailure::from(e.to_message()))?;
    let case = AirCase::prepare(project, inputs(project, &form, vec![air]), table).map_err(failure)?;
    let context = StepContext { cancel: cancel.clone(), progress: progress.clone() };
    let result = case.run(context, |_| ()).map_err(failure)?;
    Ok(AirOutcome { form, case, result, class })
}

/// Class of a moment by Turner; below the horizon where the sun cannot be worked out.
pub(super) fn by_sun(
    project: &Project,
    time_ms: i64,
    wind_10m_mps: f64,
    cloud: f64,
) -> Result<StabilityClass, crate::sim::air::error::AirError> {
    let place = Transform::between(&project.frame.crs, &Crs::WGS84).map(|t| t.apply(project.frame.origin));
    let sun = place
        .zip(jiff::Timestamp::from_millisecond(time_ms).ok())
        .and_then(|([lon, lat], time)| sun_position(time, lon, lat));
    let sky = Sky { sun_elevation_rad: sun.map_or(-0.1, |s| s.elevation), cloud, ceiling_m: f64::INFINITY };
    turner(sky, wind_10m_mps)
}

pub(super) fn inputs(project: &Project, form: &AirForm, hours: Vec<Meteorology>) -> AirInputs {
    let mut inputs = AirInputs::new(project.time.as_second(), form.pollutant, hours);
    inputs.traffic = form.traffic;
    inputs.background_ug_m3 = form.background_ug_m3;
    inputs.cell_m = if form.fine { 50.0 } else { 150.0 };
    inputs.sources = sources(form);
    inputs
}

pub(super) fn failure(error: AirStudyError) -> IoFailure {
    if error.is_cancelled() { IoFailure::Cancelled } else { error.to_message().into() }
}
