//! What is looked up for the live view: the chart, the map of a past moment, fields between stations, what cameras see.

use super::apply::Session;
use super::desks::Desk;
use super::effects::Effects;
use super::error::SessionError;
use super::live_chart::{self, Chart};
use super::live_field;
use super::live_reader::{Answer, Slot};
use super::live_seen;
use super::live_start::read_if_there;
use super::place::site_from_lon_lat;
use super::view_state::CameraRequest;
use crate::live::board::{StreamNow, StreamState};
use crate::live::history::contract::History;
use crate::model::network::Network;
use crate::model::norm::PropertyTable;
use crate::model::sensor::StationKind;

/// How old a reading may be that is shown for a moment of the past.
const PAST_WITHIN_MS: i64 = 2 * 3_600_000;
/// How often a chart that ends now, and a field, are made anew.
const KEEP_UP_MS: i64 = 15_000;

impl Session {
    /// Asks for the chart anew.
    pub(super) fn draw_chart(&mut self) {
        let now_ms = match self.project().filter(|_| self.live.follow_clock) {
            Some(project) => project.time.as_millisecond(),
            None => jiff::Timestamp::now().as_millisecond(),
        };
        let chart = &mut self.live.chart;
        chart.take_moment(now_ms);
        if chart.chosen.is_empty() {
            chart.curves.clear();
            return;
        }
        let wanted = chart.wish();
        let place = self.live.running.as_ref().and_then(|r| r.history.clone());
        let network = self.live.network.clone();
        let Some(reader) = &mut self.live.reader else { return };
        reader.ask(Slot::Chart, move || {
            let mut history = place.as_deref().and_then(read_if_there);
            Answer::Chart(live_chart::draw(&wanted, history.as_deref_mut().map(|h| h as &mut dyn History), &network))
        });
    }

    /// Asks for the map as it was at the moment of the clock.
    pub(super) fn look_back(&mut self) {
        let Some(time_ms) = self.project().filter(|_| self.live.follow_clock).map(|p| p.time.as_millisecond()) else {
            self.live.past = None;
            return;
        };
        let place = self.live.running.as_ref().and_then(|r| r.history.clone());
        let network = self.live.network.clone();
        let Some(reader) = &mut self.live.reader else { return };
        reader.ask(Slot::Past, move || {
            let mut history = place.as_deref().and_then(read_if_there);
            Answer::Past(history.as_deref_mut().map_or_else(Vec::new, |h| past(h, &network, time_ms)))
        });
    }

    pub(super) fn follow_clock(&mut self, on: bool) {
        self.live.follow_clock = on;
        self.live.past = None;
        self.live.field_ms = i64::MIN;
        self.look_back();
        self.draw_chart();
    }

    pub(super) fn show_at(&mut self, time_ms: Option<i64>) -> Result<Effects, SessionError> {
        let Some(time) = time_ms.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok()) else {
            self.follow_clock(false);
            return Ok(Effects::default());
        };
        self.live.follow_clock = true;
        let effects = self.set_time(time)?;
        self.draw_chart();
        Ok(effects)
    }

    pub(super) fn pick_station(&mut self, station: Option<String>) -> Effects {
        let known = station.filter(|id| self.live.network.station(id).is_some());
        self.live.picked.clone_from(&known);
        let Some(id) = known else { return Effects::default() };
        self.open_only(Desk::Live);
        let main = self.live.stations().iter().find(|s| s.station.id == id).and_then(|s| s.main.as_ref().map(|m| m.0));
        if let Some(key) = main {
            self.live.chart = Chart { chosen: vec![key], ..self.live.chart.emptied() };
            self.draw_chart();
        }
        self.select(None)
    }

    pub(super) fn show_field(&mut self, property: Option<String>) {
        self.live.field_of = property;
        self.live.field = None;
        if self.live.field_of.is_some() {
            (self.live.seen_of, self.live.seen) = (None, None);
            self.ask_field();
        }
    }

    fn ask_field(&mut self) {
        let Some(property) = self.live.field_of.as_deref().and_then(|code| PropertyTable::standard().get(code)) else {
            return;
        };
        let Some(project) = self.project().cloned() else { return };
        let Some(bounds) = project.bounds() else { return };
        self.live.field_ms = self.live.board.now_ms;
        let mut samples = Vec::new();
        for station in self.live.network.stations.iter().filter(|s| s.kind != StationKind::SeaWater) {
            let Some(key) = self.live.network.find(&format!("{}/{}", station.id, property.code)) else { continue };
            let now = self.live.stream_now(key);
            let sound = !matches!(now.state, StreamState::Stale | StreamState::NoData) && !now.flags.is_unreliable();
            let at = site_from_lon_lat(&project.frame, station.at).map(|p| project.frame.crs_from_site(p));
            if let Some((at, (_, value))) = at.zip(now.latest).filter(|_| sound) {
                samples.push((at, value));
            }
        }
        let Some(reader) = &mut self.live.reader else { return };
        reader.ask(Slot::Field, move || {
            let terrain = project.terrain().map(AsRef::as_ref);
            Answer::Field(live_field::between(property, &samples, bounds, terrain, &project.frame))
        });
    }

    pub(super) fn show_seen(&mut self, station: Option<String>) -> Result<(), SessionError> {
        self.live.seen = None;
        self.live.seen_of = station;
        let Some(id) = self.live.seen_of.clone() else { return Ok(()) };
        (self.live.field_of, self.live.field) = (None, None);
        let project = self.project().cloned().ok_or(SessionError::NoProject)?;
        let camera = self.live.network.station(&id).and_then(|s| s.cone.map(|cone| (s.at, cone)));
        let Some((at, cone)) = camera else { return Ok(()) };
        let Some(at) = site_from_lon_lat(&project.frame, at).map(|p| project.frame.crs_from_site(p)) else {
            return Ok(());
        };
        let Some(reader) = &mut self.live.reader else { return Ok(()) };
        reader.ask(Slot::Seen, move || {
            Answer::Seen(project.terrain().and_then(|terrain| live_seen::seen(&id, at, cone, terrain)))
        });
        Ok(())
    }

    pub(super) fn take_answers(&mut self) {
        let Some(reader) = &mut self.live.reader else { return };
        for answer in reader.take() {
            match answer {
                Answer::Chart(curves) => self.live.chart.curves = curves,
                Answer::Past(past) if self.live.follow_clock => {
                    self.live.past = Some(past);
                    self.live.field_ms = i64::MIN;
                }
                Answer::Past(_) => {}
                Answer::Field(field) => {
                    self.live.field = field.filter(|f| self.live.field_of.as_deref() == Some(f.property.code.as_str()));
                }
                Answer::Seen(seen) => {
                    self.live.seen = seen.filter(|s| self.live.seen_of.as_deref() == Some(s.station.as_str()));
                }
            }
        }
    }

    /// Makes anew what has grown old.
    pub(super) fn keep_up(&mut self) {
        let now_ms = self.live.board.now_ms;
        let asking = |s: &Self, slot| s.live.reader.as_ref().is_none_or(|r| r.is_asking(slot));
        let chart = &self.live.chart;
        let old = chart.follows && !self.live.follow_clock && now_ms - chart.end_ms > KEEP_UP_MS;
        if old && self.live.open && !chart.chosen.is_empty() && !asking(self, Slot::Chart) {
            self.draw_chart();
        }
        let old = now_ms.saturating_sub(self.live.field_ms) > KEEP_UP_MS
            && (!self.live.follow_clock || self.live.field_ms == i64::MIN);
        if old && self.live.field_of.is_some() && !asking(self, Slot::Field) {
            self.ask_field();
        }
    }

    pub(super) fn fly_to_station(&mut self, id: &str) -> Result<(), SessionError> {
        let project = self.project().ok_or(SessionError::NoProject)?;
        let at = self.live.network.station(id).and_then(|s| site_from_lon_lat(&project.frame, s.at));
        if let Some([east, north]) = at {
            self.view.camera_request =
                Some(CameraRequest::Frame([east - 400.0, north - 400.0, east + 400.0, north + 400.0]));
        }
        Ok(())
    }
}

fn past(history: &mut dyn History, network: &Network, time_ms: i64) -> Vec<StreamNow> {
    let mut past = vec![StreamNow::default(); network.streams().len()];
    for (name, kept) in history.at(time_ms, PAST_WITHIN_MS).unwrap_or_default() {
        let Some((key, stream)) = network.find(&name).and_then(|k| network.stream(k).map(|s| (k, s))) else { continue };
        let stale = time_ms - kept.time_ms > stream.stale_after_ms();
        let state = if stale { StreamState::Stale } else { live_chart::state_of(network, key, kept, time_ms) };
        if let Some(now) = past.get_mut(key.0 as usize) {
            *now = StreamNow {
                latest: Some((kept.time_ms, kept.value)),
                flags: kept.flags,
                state,
                silent: stale,
                heard_ms: Some(kept.time_ms),
            };
        }
    }
    past
}
