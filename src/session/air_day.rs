//! A day of air hour by hour, carried over hills and between houses: what lies over the ground follows the clock.

use std::sync::Arc;

use super::air::{AirDesk, AirForm, by_sun, failure, inputs, shade};
use super::air_finding_ask::winds_by_hour;
use super::apply::Session;
use super::effects::Effects;
use super::error::SessionError;
use super::field_view::{FieldView, Shade};
use super::flow::fastest;
use super::io::IoFailure;
use super::jobs::{JobKind, Outcome};
use super::live_start::read_if_there;
use super::notice::Level;
use super::view_state::Tool;
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::geo::grid::Grid;
use crate::model::project::Project;
use crate::sim::air::meteorology::Meteorology;
use crate::sim::air::station_wind::{StationWind, mean};
use crate::sim::air::traffic_emission::RoadEmissions;
use crate::sim::air::transient::{GROUND_MEAN, WIND_EAST, WIND_NORTH};
use crate::sim::fields::Snapshot;
use crate::sim::run::StepContext;
use crate::study::air::case::AirCase;
use crate::study::air::commune_day::{self, CommuneDay};
use crate::study::air::limit::{self, ShownLimit};
use crate::study::air::transient::{self, TransientResult};

pub const HOURS: usize = 24;
const HOUR_MS: i64 = 3_600_000;
/// Of the grid, metres: fine and usual.
const CELLS_M: [f64; 2] = [100.0, 250.0];

/// A finished day and what was asked.
#[derive(Debug)]
pub struct AirDay {
    pub form: AirForm,
    pub case: AirCase,
    pub result: TransientResult,
    /// By commune: mean, highest hour, VN_AQI.
    pub communes: Vec<CommuneDay>,
    /// For an hour's field.
    pub limit: Option<ShownLimit>,
    /// Hours whose wind the live stations told.
    pub measured_hours: usize,
    /// Whether these readings are made up.
    pub generated: bool,
    /// Of all hours, for one legend through the day.
    highest: f32,
    /// Wind near the ground of each hour, m/s.
    fastest: Vec<f64>,
}

impl AirDay {
    /// The air at a second of the day.
    #[must_use]
    pub fn at(&self, second_of_day: f64) -> Option<&Arc<Snapshot>> {
        self.result.snapshots.get(self.hour(second_of_day)?)
    }

    /// The hour that the clock stands in: it ends with its snapshot.
    fn hour(&self, second_of_day: f64) -> Option<usize> {
        let last = self.result.snapshots.len().checked_sub(1)?;
        Some(((second_of_day / 3600.0).max(0.0) as usize).min(last))
    }

    /// Wind of the whole map near the ground at a second of the day, m/s.
    #[must_use]
    pub fn fastest(&self, second_of_day: f64) -> f64 {
        self.hour(second_of_day).and_then(|i| self.fastest.get(i)).copied().unwrap_or(0.0)
    }

    /// Eastward and northward wind near the ground at a second of the day, m/s.
    #[must_use]
    pub fn wind(&self, second_of_day: f64) -> Option<[&Arc<Grid<f32>>; 2]> {
        let fields = self.at(second_of_day)?;
        Some([fields.field(WIND_EAST)?, fields.field(WIND_NORTH)?])
    }

    #[must_use]
    pub fn shade(&self) -> Shade {
        shade(self.limit.as_ref().map(|l| l.ug_m3 as f32), self.highest)
    }

    /// Means of the hours at a place of the site's system, µg/m3, with the background.
    #[must_use]
    pub fn course(&self, at: [f64; 2]) -> Vec<f64> {
        let here = self.result.hours.iter().filter_map(|hour| hour.at(at));
        here.map(|v| f64::from(v) + self.form.background_ug_m3).collect()
    }
}

impl AirDesk {
    /// What lies over the ground of the day at this second: the hour, or the mean of all.
    pub(super) fn day_view(&self, second_of_day: Option<f64>) -> Option<FieldView> {
        let day = self.day.as_ref()?;
        let values = if self.day_mean {
            day.result.snapshots.last()?.field(GROUND_MEAN)?
        } else {
            day.result.hours.get(day.hour(second_of_day?)?)?
        };
        Some(FieldView { values: values.clone(), factor: 1.0, shade: day.shade(), front: None })
    }
}

impl Session {
    pub(super) fn start_air_day(&mut self) -> Result<(), SessionError> {
        let project = self.project().cloned().ok_or(SessionError::NoProject)?;
        let form = self.air.form.clone();
        let live = self.live();
        let history = live.running.as_ref().and_then(|r| r.history.clone()).filter(|_| form.live_wind);
        let (stations, generated) = (self.streams_in_air(&project, "wind_speed"), live.is_generated());
        self.jobs.cancel(|j| j.kind == JobKind::Air);
        let title = project.title.vi.clone();
        self.start(JobKind::Air, title.as_ref(), move |progress, cancel| {
            let from_ms = midnight_ms(&project);
            let winds = match history.as_deref().and_then(read_if_there) {
                Some(mut history) => winds_by_hour(&mut *history, &stations, from_ms, HOURS, cancel)?,
                None => vec![Vec::new(); HOURS],
            };
            let day = blow_day(&project, form, &winds, generated, progress, cancel)?;
            Ok(Outcome::then(move |session| {
                session.take_air_day(Box::new(day));
                Effects::default()
            }))
        })
    }

    fn take_air_day(&mut self, day: Box<AirDay>) {
        if day.form.live_wind && day.measured_hours < HOURS {
            let told = Message::new("session-air-day-wind").with("hours", day.measured_hours);
            self.notices.push(Level::Info, told, None, None);
        }
        self.air.forget();
        self.air.day = Some(day.into());
        if self.view.tool.is_of_air() {
            self.view.tool = Tool::AirProbe;
        }
    }
}

/// The local midnight before the clock's moment.
pub(super) fn midnight_ms(project: &Project) -> i64 {
    let offset_ms = (project.utc_offset_hours * HOUR_MS as f64) as i64;
    let local_ms = project.time.as_millisecond() + offset_ms;
    local_ms - local_ms.rem_euclid(24 * HOUR_MS) - offset_ms
}

fn blow_day(
    project: &Arc<Project>,
    form: AirForm,
    winds: &[Vec<StationWind>],
    generated: bool,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<AirDay, IoFailure> {
    let from_ms = midnight_ms(project);
    let mut hours = Vec::new();
    for (hour, winds) in (0..).zip(winds) {
        let dial = (form.wind_10m_mps, form.wind_from_deg.to_radians());
        let (speed, from) = if winds.is_empty() { dial } else { mean(winds) };
        let class = match form.stability {
            Some(class) => class,
            None => by_sun(project, from_ms + hour * HOUR_MS + HOUR_MS / 2, speed, form.cloud)
                .map_err(|e| IoFailure::from(e.to_message()))?,
        };
        hours.push(Meteorology::new(speed, from, class.into()));
    }
    let mut asked = inputs(project, &form, hours);
    asked.start_unix_s = from_ms / 1000;
    asked.cell_m = CELLS_M[usize::from(!form.fine)];
    asked.takes_calm = true;
    if winds.iter().any(|w| !w.is_empty()) {
        asked.stations = winds.iter().map(|w| Arc::new(w.clone())).collect();
    }
    let table = RoadEmissions::shipped().map_err(|e| IoFailure::from(e.to_message()))?;
    let case = AirCase::prepare(project, asked, table).map_err(failure)?;
    let context = StepContext { cancel: cancel.clone(), progress: progress.clone() };
    let result = transient::run(&case, Vec::new(), context).map_err(failure)?;
    let fields: Vec<&Grid<f32>> = result.hours.iter().map(|hour| &**hour).collect();
    let communes = commune_day::days(&case, &fields);
    let highest = fields.iter().filter_map(|f| f.range()).fold(0.0, |most, (_, high)| high.max(most));
    let date = jiff::Timestamp::from_millisecond(from_ms + 12 * HOUR_MS).unwrap_or_default();
    Ok(AirDay {
        limit: limit::of(form.pollutant, &date.strftime("%Y-%m-%d").to_string(), 12, 1),
        measured_hours: winds.iter().filter(|w| !w.is_empty()).count(),
        form,
        case,
        communes,
        generated,
        fastest: fastest(&result.snapshots, [WIND_EAST, WIND_NORTH]),
        result,
        highest,
    })
}
