//! The question behind a search for a source: hourly readings and winds out of the history, laid beside their usual, and
//! what comes of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::air::by_sun;
use super::air_finding::{FindForm, FindOutcome};
use super::io::IoFailure;
use super::live_start::read_if_there;
use super::place::lon_lat_from_site;
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::live::history::contract::{History, HistoryError};
use crate::model::norm::PropertyTable;
use crate::model::project::Project;
use crate::sim::air::error::AirError;
use crate::sim::air::finding::{Reading, Search, Verdict, find};
use crate::sim::air::meteorology::{CALM_MPS, Meteorology};
use crate::sim::air::station_wind::{StationWind, mean};
use crate::study::air::excess::{DAY, Excess, StationHours, excess};
use crate::study::air::finding_map::{certainty, edge};
use crate::study::air::finding_words::sentences;

/// Days before that tell what is usual.
const DAYS_BEFORE: usize = 14;
const HOUR_MS: i64 = 3_600_000;
/// How far back the newest reading is looked for.
const OLDEST_MS: i64 = 50 * 366 * 24 * HOUR_MS;
/// Share of the sky, for the stability of each hour.
const ASSUMED_CLOUD: f64 = 0.4;

/// What is asked of the history, taken together on the session's thread.
pub(super) struct Question {
    pub(super) form: FindForm,
    pub(super) place: String,
    /// Streams of the property, and where they stand; the same of the winds.
    pub(super) stations: Vec<(String, [f64; 2])>,
    pub(super) winds: Vec<(String, [f64; 2])>,
    /// The newest moment that may be taken.
    pub(super) until_ms: i64,
    pub(super) generated: bool,
}

/// What the history answered.
struct Asked {
    hours: Vec<StationHours>,
    /// Of each asked hour: speed and where it came from, where a wind was measured.
    winds: Vec<Option<(f64, f64)>>,
    /// End of the stretch.
    until_ms: i64,
}

impl Question {
    /// # Errors
    /// No readings, no wind, calm air, too few stations; the user stopped it.
    pub(super) fn answer(&self, project: &Arc<Project>, cancel: &CancelToken) -> Result<Box<FindOutcome>, IoFailure> {
        let said = |e: AirError| IoFailure::from(e.to_message());
        let mut history = read_if_there(&self.place).ok_or_else(|| said(AirError::NoReadingWithWind))?;
        let asked = self.read(&mut *history, cancel)?.ok_or_else(|| said(AirError::NoReadingWithWind))?;
        let above = excess(&asked.hours, self.form.hours);
        let air = weather(project, &asked).map_err(said)?;
        let (readings, spread) = self.readings(&above, &air);
        let air: Vec<Meteorology> = air.into_iter().flatten().collect();
        let mut search = Search::around(&readings);
        search.height_m = self.form.height_m;
        search.floor_ug_m3 = search.floor_ug_m3.max(spread);
        let finding = find(&readings, &air, &search, cancel).map_err(said)??;
        let place = |at: [f64; 2]| {
            let [lon, lat] = lon_lat_from_site(&project.frame, project.frame.site_from_crs(at)).unwrap_or(at);
            format!("{lon:.5}, {lat:.5}")
        };
        let mut stations: Vec<[f64; 2]> = readings.iter().map(|r| r.at).collect();
        stations.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
        stations.dedup();
        let shows = finding.verdict != Verdict::NoSourceNeeded;
        let map = shows.then(|| certainty(&finding, &project.frame.crs)).flatten();
        let edges = [0.5, 0.9].map(|share| map.as_ref().map_or_else(Vec::new, |map| edge(map, share)));
        Ok(Box::new(FindOutcome {
            form: self.form.clone(),
            sentences: sentences(&finding, readings.len(), place),
            assumptions: self.assumptions(project, &asked, &above, stations.len(), air.len()),
            map: map.map(Arc::new),
            edges,
            stations,
            generated: self.generated,
            finding,
        }))
    }

    /// `None`: there is no reading, or no wind in any of the hours.
    fn read(&self, history: &mut dyn History, cancel: &CancelToken) -> Result<Option<Asked>, IoFailure> {
        let failed = |e: HistoryError| IoFailure::from(e.to_message());
        let newest = history.at(self.until_ms, OLDEST_MS).map_err(failed)?;
        let ours = newest.iter().filter(|(name, _)| self.stations.iter().any(|(n, _)| n == name));
        let Some(newest_ms) = ours.map(|(_, kept)| kept.time_ms).max() else { return Ok(None) };
        let until_ms = (newest_ms.div_euclid(HOUR_MS) + 1) * HOUR_MS;
        let asked = self.form.hours;
        let all = asked + DAYS_BEFORE * DAY;
        let from_ms = until_ms - all.cast_signed() as i64 * HOUR_MS;
        let mut hours = Vec::new();
        for (name, at) in &self.stations {
            cancel.check()?;
            let mut means = vec![None; all];
            for hour in history.hours(name, from_ms, until_ms).map_err(failed)? {
                if let Some(slot) = hour_of(hour.start_ms, from_ms).and_then(|h| means.get_mut(h)) {
                    *slot = Some(hour.mean);
                }
            }
            hours.push(StationHours { at: *at, means });
        }
        let from_ms = until_ms - asked.cast_signed() as i64 * HOUR_MS;
        let winds = winds_by_hour(history, &self.winds, from_ms, asked, cancel)?;
        let winds: Vec<Option<(f64, f64)>> = winds.iter().map(|w| (!w.is_empty()).then(|| mean(w))).collect();
        Ok(winds.iter().any(Option::is_some).then_some(Asked { hours, winds, until_ms }))
    }

    /// Readings of the hours that have a wind, in µg/m3, and what they are uncertain by from day to day.
    fn readings(&self, above: &Excess, air: &[Option<Meteorology>]) -> (Vec<Reading>, f64) {
        let property = PropertyTable::standard().get(self.form.property);
        let to_ug_m3 = if property.is_some_and(|p| p.unit == "mg/m³") { 1000.0 } else { 1.0 };
        let number = |hour: usize| air[..hour].iter().flatten().count();
        let with_wind = above.readings.iter().filter(|r| air.get(r.hour).is_some_and(Option::is_some));
        let readings =
            with_wind.map(|r| Reading { hour: number(r.hour), conc_ug_m3: r.conc_ug_m3 * to_ug_m3, ..*r }).collect();
        (readings, above.spread_ug_m3 * to_ug_m3)
    }

    fn assumptions(
        &self,
        project: &Project,
        asked: &Asked,
        above: &Excess,
        stations: usize,
        hours: usize,
    ) -> Vec<Message> {
        let offset_ms = (project.utc_offset_hours * HOUR_MS as f64) as i64;
        let until = jiff::Timestamp::from_millisecond(asked.until_ms.saturating_add(offset_ms)).unwrap_or_default();
        let mut lines = vec![
            Message::new("session-find-readings")
                .with("stations", stations)
                .with("hours", hours)
                .with("until", until.strftime("%Y-%m-%d %H:%M").to_string()),
            match above.usual_days {
                0 => Message::new("session-find-no-usual"),
                days => Message::new("session-find-usual").with("days", days),
            },
            Message::new("session-find-wind").with("height", self.form.height_m),
        ];
        let left_out = asked.winds.len() - hours;
        if left_out > 0 {
            lines.push(Message::new("session-find-left-out").with("hours", left_out));
        }
        lines
    }
}

/// The air of each asked hour; `None` without a wind, or with one that goes nowhere: such an hour tells nothing.
fn weather(project: &Project, asked: &Asked) -> Result<Vec<Option<Meteorology>>, AirError> {
    let count = asked.winds.len().cast_signed() as i64;
    let mut air = Vec::new();
    for (hour, wind) in (0..).zip(&asked.winds) {
        let Some((speed, from)) = wind.filter(|w| w.0 >= CALM_MPS) else {
            air.push(None);
            continue;
        };
        let middle_ms = asked.until_ms - (count - hour) * HOUR_MS + HOUR_MS / 2;
        let class = by_sun(project, middle_ms, speed, ASSUMED_CLOUD)?;
        air.push(Some(Meteorology::new(speed, from, class.into())));
    }
    if air.iter().all(Option::is_none) {
        let value = asked.winds.iter().flatten().map(|w| w.0).fold(0.0, f64::max);
        return Err(AirError::Calm { value, least: CALM_MPS });
    }
    Ok(air)
}

fn hour_of(time_ms: i64, from_ms: i64) -> Option<usize> {
    usize::try_from((time_ms - from_ms).div_euclid(HOUR_MS)).ok()
}

/// What each hour's winds were at the stations: for every station the mean of its arrows.
pub(super) fn winds_by_hour(
    history: &mut dyn History,
    stations: &[(String, [f64; 2])],
    from_ms: i64,
    hours: usize,
    cancel: &CancelToken,
) -> Result<Vec<Vec<StationWind>>, IoFailure> {
    let failed = |e: HistoryError| IoFailure::from(e.to_message());
    let until_ms = from_ms + hours.cast_signed() as i64 * HOUR_MS - 1;
    let mut winds: Vec<Vec<StationWind>> = vec![Vec::new(); hours];
    for (name, at) in stations {
        cancel.check()?;
        // Directions cannot be averaged as numbers: speed and direction of a moment make an arrow.
        let mut series = |name: &str| history.series(name, from_ms, until_ms).map_err(failed);
        let speeds = series(name)?;
        let directions = series(&name.replace("/wind_speed", "/wind_from"))?;
        let from: BTreeMap<i64, f64> = directions.into_iter().map(|k| (k.time_ms, k.value)).collect();
        let mut arrows: Vec<Vec<StationWind>> = vec![Vec::new(); hours];
        for speed in speeds {
            let slot = hour_of(speed.time_ms, from_ms).and_then(|h| arrows.get_mut(h));
            if let Some((slot, from)) = slot.zip(from.get(&speed.time_ms)) {
                slot.push(StationWind::from(*at, speed.value, from.to_radians()));
            }
        }
        for (slot, arrows) in winds.iter_mut().zip(arrows).filter(|(_, a)| !a.is_empty()) {
            let (speed, from) = mean(&arrows);
            slot.push(StationWind::from(*at, speed, from));
        }
    }
    Ok(winds)
}
