//! The coming day of the communes: what is asked, read from the live stations' history, and what lies over the ground.

use std::path::Path;
use std::sync::Arc;

use super::air::{AirCommand, shade};
use super::apply::Session;
use super::effects::Effects;
use super::error::SessionError;
use super::field_view::FieldView;
use super::io::IoFailure;
use super::jobs::{JobKind, Outcome};
use super::live_start::read_if_there;
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::geo::grid::Grid;
use crate::live::history::contract::{History, HistoryError};
use crate::model::norm::PropertyTable;
use crate::model::project::Project;
use crate::sim::air::error::AirError;
use crate::sim::air::forecast::{LEAST_HOURS, Past};
use crate::study::air::coming::{Ahead, HOURS, ahead};
use crate::study::air::station_past::StationPast;
use crate::study::air::wind_ahead::WindAhead;
use crate::study::air::{coming_map, coming_words};

/// Properties of the stations that may be foretold, as the table of properties calls them.
pub const FORETOLD: [&str; 6] = ["pm25", "pm10", "no2", "so2", "co", "o3"];
/// Days that a forecast is made from.
const DAYS: usize = 28;
const HOUR_MS: i64 = 3_600_000;
/// How far back the newest reading is looked for.
const OLDEST_MS: i64 = 50 * 366 * 24 * HOUR_MS;

/// A wind forecast of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenWind {
    pub name: String,
    pub wind: Arc<WindAhead>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct AheadForm {
    pub property: &'static str,
    /// `None`: the last day's wind again.
    pub wind: Option<GivenWind>,
}

impl Default for AheadForm {
    fn default() -> Self {
        Self { property: FORETOLD[0], wind: None }
    }
}

#[derive(Debug)]
pub struct AheadOutcome {
    pub form: AheadForm,
    pub ahead: Ahead,
    /// Warnings first.
    pub sentences: Vec<Message>,
    pub assumptions: Vec<Message>,
    pub map: Option<Arc<Grid<f32>>>,
    /// Whether the readings are made up.
    pub generated: bool,
}

impl AheadOutcome {
    /// The limit that the map's colours mark: that of the day for dust, of the hour for gases.
    #[must_use]
    pub fn limit_ug_m3(&self) -> Option<f64> {
        let hours = if coming_map::by_mean(self.form.property) { 24 } else { 1 };
        self.ahead.all.limits.iter().find(|l| l.averaging_h == hours).map(|l| l.limit_ug_m3)
    }
}

#[derive(Debug, Default)]
pub struct AheadDesk {
    pub form: AheadForm,
    pub outcome: Option<Box<AheadOutcome>>,
    /// Whether the forecast lies over the ground.
    pub shown: bool,
}

impl AheadDesk {
    #[must_use]
    pub fn field_view(&self) -> Option<FieldView> {
        let outcome = self.outcome.as_ref().filter(|_| self.shown)?;
        let values = outcome.map.clone()?;
        let highest = values.range().map_or(1.0, |(_, most)| most);
        let mut shade = shade(outcome.limit_ug_m3().map(|l| l as f32), highest);
        shade.title =
            if coming_map::by_mean(outcome.form.property) { "session-ahead-mean" } else { "session-ahead-hour" };
        Some(FieldView { values, factor: 1.0, shade, front: None })
    }
}

/// What is asked of the history, taken together on the session's thread.
struct Question {
    form: AheadForm,
    place: String,
    /// Streams of the property and where they stand; streams of the wind.
    stations: Vec<(String, [f64; 2])>,
    winds: Vec<String>,
    /// The newest moment that may be taken.
    until_ms: i64,
    generated: bool,
}

impl Session {
    pub(super) fn command_ahead(&mut self, command: AirCommand) -> Result<Effects, SessionError> {
        match command {
            AirCommand::SetAhead(form) => self.air.ahead.form = form,
            AirCommand::ReadWindAhead(path) => self.read_wind_ahead(&path)?,
            AirCommand::LookAhead => self.start_looking_ahead()?,
            AirCommand::ForgetAhead => self.air.ahead.outcome = None,
            AirCommand::ShowAhead(shown) => {
                self.air.show_study();
                self.air.ahead.shown = shown;
            }
            _ => {}
        }
        Ok(Effects::default())
    }

    fn read_wind_ahead(&mut self, path: &Path) -> Result<(), SessionError> {
        let file = path.to_owned();
        self.start(JobKind::AirAhead, path, move |_, _| {
            let wind = WindAhead::read(&file).map_err(|e| IoFailure::from(e.to_message()))?;
            let name = file.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
            Ok(Outcome::then(move |session| {
                session.air.ahead.form.wind = Some(GivenWind { name, wind: Arc::new(wind) });
                Effects::default()
            }))
        })
    }

    fn start_looking_ahead(&mut self) -> Result<(), SessionError> {
        let project = self.project().cloned().ok_or(SessionError::NoProject)?;
        let (place, until_ms) = self.history_until(&project)?;
        let form = self.air.ahead.form.clone();
        let question = Question {
            stations: self.streams_in_air(&project, form.property),
            winds: self.streams_in_air(&project, "wind_speed").into_iter().map(|(name, _)| name).collect(),
            generated: self.live().is_generated(),
            form,
            place,
            until_ms,
        };
        self.jobs.cancel(|j| j.kind == JobKind::AirAhead);
        let title = project.title.vi.clone();
        self.start(JobKind::AirAhead, title.as_ref(), move |_, cancel| {
            let outcome = question.answer(&project, cancel)?;
            Ok(Outcome::then(move |session| {
                session.air.show_study();
                session.air.ahead.shown = outcome.map.is_some();
                session.air.ahead.outcome = Some(outcome);
                Effects::default()
            }))
        })
    }
}

impl Question {
    fn answer(&self, project: &Project, cancel: &CancelToken) -> Result<Box<AheadOutcome>, IoFailure> {
        let said = |e: AirError| IoFailure::from(e.to_message());
        let too_few = || said(AirError::TooFewHours { readings: 0, least: LEAST_HOURS });
        let mut history = read_if_there(&self.place).ok_or_else(too_few)?;
        let newest = history.at(self.until_ms, OLDEST_MS).map_err(|e| IoFailure::from(e.to_message()))?;
        let ours = newest.iter().filter(|(name, _)| self.stations.iter().any(|(n, _)| n == name));
        // An hour that is not over has no mean yet.
        let over = self.until_ms.div_euclid(HOUR_MS) - 1;
        let now = ours.map(|(_, kept)| kept.time_ms.div_euclid(HOUR_MS)).max().ok_or_else(too_few)?.min(over);
        let pasts = self.pasts(project, &mut *history, now, cancel)?;
        let wind = self.form.wind.as_ref().map(|w| &*w.wind);
        let mut assumptions: Vec<Message> = WindAhead::notices(wind, now, HOURS);
        let mut courses = Vec::new();
        let mut wrong = None;
        for (station, at) in &pasts {
            cancel.check()?;
            match station.outlook(now, HOURS, wind) {
                Ok(outlook) => {
                    assumptions.extend(station.notice(&outlook));
                    courses.push(station.course(*at, now, &outlook));
                }
                Err(error) => {
                    assumptions.push(station.left_out(&error));
                    wrong = Some(error);
                }
            }
        }
        if courses.is_empty() {
            return Err(wrong.map_or_else(too_few, said));
        }
        let nobody = || IoFailure::from(Message::new("air-ahead-nobody"));
        let ahead = ahead(project, self.form.property, now, &courses, cancel)?.ok_or_else(nobody)?;
        assumptions.extend(coming_words::assumptions(&ahead));
        let offset_ms = (project.utc_offset_hours * HOUR_MS as f64) as i64;
        let until = jiff::Timestamp::from_millisecond((now + 1) * HOUR_MS + offset_ms).unwrap_or_default();
        let mut sentences = coming_words::sentences(&ahead, self.form.property);
        let until = until.strftime("%Y-%m-%d %H:%M").to_string();
        sentences.push(Message::new("session-ahead-from").with("stations", courses.len()).with("time", until));
        Ok(Box::new(AheadOutcome {
            form: self.form.clone(),
            sentences,
            assumptions,
            map: coming_map::map(project, self.form.property, &courses).map(Arc::new),
            generated: self.generated,
            ahead,
        }))
    }

    /// Every station's hours up to its last reading, µg/m³, with its own wind or the mean of all.
    fn pasts(
        &self,
        project: &Project,
        history: &mut dyn History,
        now: i64,
        cancel: &CancelToken,
    ) -> Result<Vec<(StationPast, [f64; 2])>, IoFailure> {
        let first = now + 1 - (DAYS * 24).cast_signed() as i64;
        let mut hours = |name: &str| -> Result<Vec<Option<f64>>, IoFailure> {
            cancel.check()?;
            let mut means = vec![None; DAYS * 24];
            let read = history.hours(name, first * HOUR_MS, (now + 1) * HOUR_MS);
            for hour in read.map_err(|e: HistoryError| IoFailure::from(e.to_message()))? {
                let slot = usize::try_from(hour.start_ms.div_euclid(HOUR_MS) - first).ok();
                if let Some(slot) = slot.and_then(|i| means.get_mut(i)) {
                    *slot = Some(hour.mean);
                }
            }
            Ok(means)
        };
        let winds: Vec<Vec<Option<f64>>> = self.winds.iter().map(|name| hours(name)).collect::<Result<_, _>>()?;
        let mean_wind = |hour: usize| {
            let here: Vec<f64> = winds.iter().filter_map(|w| w[hour]).collect();
            (!here.is_empty()).then(|| here.iter().sum::<f64>() / here.len() as f64)
        };
        let property = PropertyTable::standard().get(self.form.property);
        let to_ug_m3 = if property.is_some_and(|p| p.unit == "mg/m³") { 1000.0 } else { 1.0 };
        let mut pasts = Vec::new();
        for (name, at) in &self.stations {
            let means = hours(name)?;
            let Some(begin) = means.iter().position(Option::is_some) else { continue };
            let end = means.iter().rposition(Option::is_some).unwrap_or(begin);
            let id = name.split('/').next().unwrap_or_default();
            let own = self.winds.iter().position(|w| w.split('/').next() == Some(id));
            let wind = |hour: usize| own.and_then(|i| winds[i][hour]).or_else(|| mean_wind(hour));
            let first_local = first + begin.cast_signed() as i64 + project.utc_offset_hours.floor() as i64;
            let past = Past {
                conc_ug_m3: means[begin..=end].iter().map(|v| v.map(|v| v * to_ug_m3)).collect(),
                wind_mps: (begin..=end).map(wind).collect(),
                first_hour: first_local.rem_euclid(24) as usize,
            };
            pasts.push((StationPast { id: id.to_owned(), past, last: first + end.cast_signed() as i64 }, *at));
        }
        Ok(pasts)
    }
}
