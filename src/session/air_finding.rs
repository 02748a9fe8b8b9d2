//! Where does it come from? The session's side of the search: readings and winds of the live stations' history, and the
//! answer as a map of how sure it is.

use std::sync::Arc;

use super::air::AirCommand;
use super::air_finding_ask::Question;
use super::apply::Session;
use super::effects::Effects;
use super::error::SessionError;
use super::field_view::{FieldView, Shade};
use super::jobs::{JobKind, Outcome};
use super::place::site_from_lon_lat;
use super::view_state::CameraRequest;
use crate::base::message::Message;
use crate::geo::grid::Grid;
use crate::model::project::Project;
use crate::model::sensor::{Station, StationKind};
use crate::model::style::Rgba;
use crate::sim::air::finding::Finding;

/// Properties of the stations that may be sought for, as the table of properties calls them.
pub const SOUGHT: [&str; 5] = ["pm25", "pm10", "no2", "so2", "co"];
/// Stretches to choose from, hours.
pub const STRETCHES: [usize; 5] = [1, 3, 6, 12, 24];
/// Ground that is shown when the answer is flown to, at least, metres.
const LEAST_SHOWN_M: f64 = 800.0;

#[derive(Debug, Clone, PartialEq)]
pub struct FindForm {
    pub property: &'static str,
    pub hours: usize,
    /// Of the source above the ground, assumed.
    pub height_m: f64,
}

impl Default for FindForm {
    fn default() -> Self {
        Self { property: SOUGHT[0], hours: 6, height_m: 2.0 }
    }
}

/// A finished search.
#[derive(Debug)]
pub struct FindOutcome {
    pub form: FindForm,
    pub finding: Finding,
    /// In sentences, the verdict first.
    pub sentences: Vec<Message>,
    /// What it rests on.
    pub assumptions: Vec<Message>,
    /// Where the stations stand whose readings were taken, in the site's CRS.
    pub stations: Vec<[f64; 2]>,
    /// [`crate::study::air::finding_map::certainty`]; `None` where no source shows.
    pub map: Option<Arc<Grid<f32>>>,
    /// Edges of the areas that hold the source with 50 % and with 90 %, in the site's CRS.
    pub edges: [Vec<[[f64; 2]; 2]>; 2],
    /// Whether the readings are made up.
    pub generated: bool,
}

#[derive(Debug, Default)]
pub struct FindDesk {
    pub form: FindForm,
    pub outcome: Option<Box<FindOutcome>>,
    /// Whether the answer lies over the ground, and not the study's field.
    pub shown: bool,
}

impl FindDesk {
    #[must_use]
    pub fn field_view(&self) -> Option<FieldView> {
        let values = self.outcome.as_ref().filter(|_| self.shown)?.map.clone()?;
        let stops = vec![
            (0.0, Rgba(120, 10, 60, 235)),
            (50.0, Rgba(225, 80, 50, 225)),
            (90.0, Rgba(250, 200, 90, 190)),
            (99.0, Rgba(250, 235, 190, 60)),
        ];
        Some(FieldView {
            values,
            factor: 100.0,
            shade: Shade { title: "session-find-field", unit: "%", stops },
            front: None,
        })
    }
}

impl Session {
    /// Stations in the air that measure this.
    #[must_use]
    pub fn stations_with(&self, property: &str) -> usize {
        self.names_in_air(property).count()
    }

    pub(super) fn command_find(&mut self, command: AirCommand) -> Result<Effects, SessionError> {
        match command {
            AirCommand::SetFind(form) => self.air.find.form = form,
            AirCommand::Find => self.start_finding()?,
            AirCommand::ForgetFind => self.air.find.outcome = None,
            AirCommand::ShowFind(shown) => {
                self.air.show_study();
                self.air.find.shown = shown;
            }
            AirCommand::FlyToFind => self.fly_to_find(),
            _ => {}
        }
        Ok(Effects::default())
    }

    /// Streams in the air that measure this, and their stations; asked each frame, so without their places on the map.
    fn names_in_air(&self, property: &str) -> impl Iterator<Item = (String, &Station)> {
        let network = self.live().network();
        let stations = network.stations.iter();
        let in_air = stations.filter(|s| !matches!(s.kind, StationKind::SeaWater | StationKind::WasteWater));
        in_air.filter_map(move |station| {
            let name = format!("{}/{property}", station.id);
            network.find(&name).map(|_| (name, station))
        })
    }

    pub(super) fn streams_in_air(&self, project: &Project, property: &str) -> Vec<(String, [f64; 2])> {
        let placed = |(name, station): (String, &Station)| {
            let at = site_from_lon_lat(&project.frame, station.at)?;
            Some((name, project.frame.crs_from_site(at)))
        };
        self.names_in_air(property).filter_map(placed).collect()
    }

    /// Where the live stations' readings are kept, and the newest moment that may be taken of them.
    pub(super) fn history_until(&self, project: &Project) -> Result<(String, i64), SessionError> {
        let live = self.live();
        let history = live.running.as_ref().and_then(|r| r.history.clone());
        let until = if live.is_past() { project.time } else { jiff::Timestamp::now() };
        Ok((history.ok_or(SessionError::NoHistory)?, until.as_millisecond()))
    }

    fn start_finding(&mut self) -> Result<(), SessionError> {
        let project = self.project().cloned().ok_or(SessionError::NoProject)?;
        let (place, until_ms) = self.history_until(&project)?;
        let form = self.air.find.form.clone();
        let question = Question {
            stations: self.streams_in_air(&project, form.property),
            winds: self.streams_in_air(&project, "wind_speed"),
            generated: self.live().is_generated(),
            form,
            place,
            until_ms,
        };
        self.jobs.cancel(|j| j.kind == JobKind::AirFind);
        let title = project.title.vi.clone();
        self.start(JobKind::AirFind, title.as_ref(), move |_, cancel| {
            let outcome = question.answer(&project, cancel)?;
            Ok(Outcome::then(move |session| {
                session.air.show_study();
                session.air.find.shown = outcome.map.is_some();
                session.air.find.outcome = Some(outcome);
                Effects::default()
            }))
        })
    }

    fn fly_to_find(&mut self) {
        let map = self.air.find.outcome.as_ref().and_then(|o| o.map.clone());
        let Some((map, project)) = map.zip(self.project()) else { return };
        let [west, south, east, north] = map.spec.bounds();
        let middle = [0.5 * (west + east), 0.5 * (south + north)];
        let half = (east - west).max(north - south).max(LEAST_SHOWN_M) * 0.7;
        let [a, b] = [-half, half].map(|d| project.frame.site_from_crs([middle[0] + d, middle[1] + d]));
        self.view.camera_request = Some(CameraRequest::Frame([a[0], a[1], b[0], b[1]]));
    }
}
