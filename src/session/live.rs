//! The live side as the window and the session hold it: what runs, what it shows, what was chosen.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use super::apply::Session;
use super::effects::Effects;
use super::error::SessionError;
use super::live_chart::{self, Chart};
use super::notice::Level;
use super::place::site_from_lon_lat;
use super::view_state::CameraRequest;
use crate::base::digest::Digest;
use crate::base::message::ToMessage;
use crate::live::address::without_password;
use crate::live::alarm::rule::Policy;
use crate::live::board::{Board, StreamNow, StreamState};
use crate::live::config::{self, StartOptions};
use crate::live::decode::SharedNetwork;
use crate::live::desk::{LiveDesk, Wish};
use crate::live::edge::HOUR_MS;
use crate::live::history::contract::History;
use crate::live::history::keeper::{Keeper, Retention, in_file};
use crate::live::history::sqlite::SqliteHistory;
use crate::live::hub::Hub;
use crate::live::secret;
use crate::model::sensor::{Network, SensorConfig, SourceConfig, Station, Stream, StreamKey};

/// Made-up readings for the time before the program started, so that means, indices and forecasts have something.
const BEFORE_MS: i64 = 72 * HOUR_MS;
/// How old a reading may be that is shown for a moment of the past.
const PAST_WITHIN_MS: i64 = 2 * HOUR_MS;

#[derive(Debug, Clone, PartialEq)]
pub enum LiveCommand {
    SetOpen(bool),
    /// The user allows the sources of the open project to be contacted, with this password if one is needed.
    Connect {
        password: Option<String>,
        remember: bool,
    },
    Disconnect,
    Acknowledge {
        stream: String,
        rule: String,
        who: String,
        note: String,
    },
    /// Puts a stream into the chart, or takes it out.
    Choose(StreamKey),
    ClearChart,
    /// Hours of the chart.
    SetSpan(f64),
    FlyTo {
        station: String,
    },
    /// Shows the whole map as it was at the moment of the clock.
    FollowClock(bool),
    /// Looks at what is new; the window sends it from time to time.
    Refresh,
}

/// What runs for the open project.
struct Running {
    desk: LiveDesk,
    network: SharedNetwork,
    config: SensorConfig,
    history: Option<PathBuf>,
    /// Sources that wait for the user's word.
    held_back: Vec<SourceConfig>,
}

/// Where live readings may be kept, and whether they may be shown at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum LiveMode {
    /// Nothing is started: tests, pictures, conversions.
    #[default]
    Off,
    /// Started, and nothing is kept.
    WithoutHistory,
    /// Histories lie in this folder.
    Kept(PathBuf),
}

#[derive(Default)]
pub struct LiveState {
    pub mode: LiveMode,
    pub open: bool,
    pub follow_clock: bool,
    running: Option<Running>,
    board: Arc<Board>,
    /// The network, copied whenever the board changes: stations and streams by number.
    network: Arc<Network>,
    /// What was shown at the moment of the clock.
    past: Option<Vec<StreamNow>>,
    pub chart: Chart,
}

/// A station as it is shown: the worst of its streams, and one value that stands for it.
#[derive(Debug, Clone, PartialEq)]
pub struct StationNow<'a> {
    pub station: &'a Station,
    pub state: StreamState,
    pub main: Option<(StreamKey, &'a Stream, StreamNow)>,
}

impl LiveState {
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    #[must_use]
    pub fn board(&self) -> &Board {
        &self.board
    }

    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Whom the project wants to contact and may not yet.
    #[must_use]
    pub fn held_back(&self) -> Vec<String> {
        let sources = self.running.iter().flat_map(|r| &r.held_back);
        sources.filter_map(SourceConfig::contacts).map(without_password).collect()
    }

    /// Whether any reading is made up by the program.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        let sources = self.running.iter().flat_map(|r| &r.config.sources);
        sources.into_iter().any(|s| matches!(s, SourceConfig::Simulated(_)))
    }

    #[must_use]
    pub fn stream_now(&self, key: StreamKey) -> StreamNow {
        match &self.past {
            Some(past) => past.get(key.0 as usize).copied().unwrap_or_default(),
            None => self.board.stream(key),
        }
    }

    /// All stations with their states, in the order of the file.
    #[must_use]
    pub fn stations(&self) -> Vec<StationNow<'_>> {
        let mut found: Vec<StationNow<'_>> = self
            .network
            .stations
            .iter()
            .map(|station| StationNow { station, state: StreamState::NoData, main: None })
            .collect();
        let places: std::collections::BTreeMap<&str, usize> =
            self.network.stations.iter().enumerate().map(|(i, s)| (s.id.as_str(), i)).collect();
        for (i, stream) in self.network.streams().iter().enumerate() {
            let key = StreamKey(i as u32);
            let Some(&at) = places.get(stream.station.as_str()) else { continue };
            let now = self.stream_now(key);
            let place = &mut found[at];
            if place.main.is_none() || now.state.rank() > place.state.rank() && now.state == StreamState::Alarm {
                place.main = Some((key, stream, now));
            }
            if now.state.rank() > place.state.rank() {
                place.state = now.state;
            }
        }
        found
    }

    /// Streams in each state.
    #[must_use]
    pub fn counts(&self) -> [usize; 5] {
        let mut counts = [0; 5];
        for i in 0..self.network.streams().len() {
            let state = self.stream_now(StreamKey(i as u32)).state;
            if let Some(at) = StreamState::ALL.iter().position(|s| *s == state) {
                counts[at] += 1;
            }
        }
        counts
    }

    fn history(&self) -> Option<SqliteHistory> {
        let path = self.running.as_ref()?.history.as_ref()?;
        SqliteHistory::open_to_read(path).ok()
    }
}

impl Session {
    #[must_use]
    pub fn live(&self) -> &LiveState {
        &self.live
    }

    /// Allows live readings from now on.
    pub fn enable_live(&mut self, mode: LiveMode) {
        self.live.mode = mode;
    }

    /// Waits until the first readings are on the board and kept, as a picture needs it.
    pub fn wait_for_live(&mut self, longest: std::time::Duration) {
        let end = std::time::Instant::now() + longest;
        while self.live.is_running() && std::time::Instant::now() < end {
            if let Some(running) = &self.live.running {
                running.desk.flush();
            }
            self.poll_live();
            if self.live.board.taken > 0 && self.live.board.streams.iter().any(|s| s.latest.is_some()) {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        // What is in alarm goes into the chart; with none, the first stream does.
        let first = self.live.board.alarms.first().map_or(StreamKey(0), |a| a.stream);
        if self.live.is_running() {
            self.live.chart.toggle(first);
            self.draw_chart();
        }
    }

    pub(super) fn command_live(&mut self, command: LiveCommand) -> Result<Effects, SessionError> {
        match command {
            LiveCommand::SetOpen(open) => self.live.open = open,
            LiveCommand::Connect { password, remember } => self.connect_live(password, remember),
            LiveCommand::Disconnect => {
                if let Some(running) = &mut self.live.running {
                    running.desk.wish(Wish::DropSources);
                    running.held_back.clone_from(&running.config.sources);
                }
            }
            LiveCommand::Acknowledge { stream, rule, who, note } => {
                if let Some(running) = &self.live.running {
                    running.desk.wish(Wish::Acknowledge { stream, rule, who, note });
                }
            }
            LiveCommand::Choose(key) => {
                self.live.chart.toggle(key);
                self.draw_chart();
            }
            LiveCommand::ClearChart => self.live.chart = Chart { span_h: self.live.chart.span_h, ..Chart::default() },
            LiveCommand::SetSpan(hours) => {
                self.live.chart.span_h = hours.clamp(1.0, 24.0 * 366.0);
                self.draw_chart();
            }
            LiveCommand::FlyTo { station } => self.fly_to_station(&station)?,
            LiveCommand::FollowClock(on) => {
                self.live.follow_clock = on;
                self.look_back();
            }
            LiveCommand::Refresh => self.draw_chart(),
        }
        Ok(Effects::default())
    }

    /// Takes over what is new; called every frame.
    pub(super) fn poll_live(&mut self) {
        let Some(running) = &self.live.running else { return };
        let board = running.desk.board();
        if !Arc::ptr_eq(&board, &self.live.board) {
            let network = running.network.read().unwrap_or_else(PoisonError::into_inner);
            if network.streams().len() != self.live.network.streams().len() {
                self.live.network = Arc::new(network.clone());
            }
            self.live.board = board;
        }
    }

    /// Starts what lies beside a project: its sensors, of which those that would contact anybody wait.
    pub(super) fn start_live(&mut self) {
        let mode = std::mem::take(&mut self.live).mode;
        self.live.mode = mode.clone();
        let Some(file) = self.path.as_deref().and_then(beside).filter(|_| mode != LiveMode::Off) else { return };
        match config::load(&file) {
            Ok(config) => self.run_live(config, &file, &mode),
            Err(error) => self.notices.push(Level::Warning, error.to_message(), None, Some(file)),
        }
    }

    fn run_live(&mut self, config: SensorConfig, file: &Path, mode: &LiveMode) {
        let network = config::network(&config);
        let history = match mode {
            LiveMode::Kept(folder) => {
                let name = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
                Some(folder.join(format!("{:016x}.db", Digest::of(name.as_os_str().as_encoded_bytes()).value())))
            }
            _ => None,
        };
        let now_ms = jiff::Timestamp::now().as_millisecond();
        let mut before_ms = BEFORE_MS;
        let mut keeper = None;
        if let Some(path) = &history {
            match Keeper::start(in_file(path), network.clone(), Retention::default()) {
                Ok(started) => keeper = Some(started),
                Err(error) => tracing::warn!("no history: {error}"),
            }
        }
        let mut hub = Hub::new(network.clone(), Vec::new(), keeper, Policy::default());
        if let Some(mut kept) = history.as_ref().and_then(|p| SqliteHistory::open_to_read(p).ok()) {
            if let Err(error) = hub.warm_up(&mut kept, now_ms) {
                tracing::warn!("history not read: {error}");
            }
            if let Ok(newest) = kept.at(now_ms, BEFORE_MS) {
                before_ms = newest.iter().map(|(_, k)| now_ms - k.time_ms).min().unwrap_or(BEFORE_MS).max(HOUR_MS);
            }
        }
        let options = StartOptions { simulated_before_ms: before_ms, ..StartOptions::default() };
        let (mut held_back, mut failed) = (Vec::new(), Vec::new());
        for source in &config.sources {
            if source.contacts().is_some() {
                held_back.push(source.clone());
                continue;
            }
            match config::start(source, &network, &options) {
                Ok(started) => hub.add_source(started),
                Err(error) => failed.push(error),
            }
        }
        for error in failed {
            self.notices.push(Level::Warning, error.to_message(), None, Some(file.to_owned()));
        }
        match LiveDesk::start(hub) {
            Ok(desk) => {
                self.live.network = Arc::new(network.read().unwrap_or_else(PoisonError::into_inner).clone());
                self.live.running = Some(Running { desk, network, config, history, held_back });
            }
            Err(error) => {
                let error = SessionError::NoThread(error.to_string());
                self.notices.push(Level::Error, error.to_message(), None, None);
            }
        }
    }

    fn connect_live(&mut self, password: Option<String>, remember: bool) {
        let Some(running) = &mut self.live.running else { return };
        let mut failed = Vec::new();
        for source in std::mem::take(&mut running.held_back) {
            let url = source.contacts().map(without_password).unwrap_or_default();
            if let Some(word) = password.as_ref().filter(|_| remember) {
                // Without a secret store it is asked for again.
                let _ = secret::store(&url, word);
            }
            let password = password.clone().or_else(|| secret::find(&url));
            let options = StartOptions { password, ..StartOptions::default() };
            match config::start(&source, &running.network, &options) {
                Ok(started) => running.desk.wish(Wish::AddSource(started)),
                Err(error) => failed.push(error),
            }
        }
        for error in failed {
            self.notices.push(Level::Error, error.to_message(), None, None);
        }
    }

    fn draw_chart(&mut self) {
        let end_ms = match self.project().filter(|_| self.live.follow_clock) {
            Some(project) => project.time.as_millisecond(),
            None => jiff::Timestamp::now().as_millisecond(),
        };
        let mut history = self.live.history();
        let network = self.live.network.clone();
        live_chart::draw(&mut self.live.chart, history.as_mut().map(|h| h as &mut dyn History), &network, end_ms);
    }

    /// The map as it was at the moment of the clock.
    pub(super) fn look_back(&mut self) {
        self.live.past = None;
        let Some(time_ms) = self.project().filter(|_| self.live.follow_clock).map(|p| p.time.as_millisecond()) else {
            return;
        };
        let Some(mut history) = self.live.history() else { return };
        let Ok(found) = history.at(time_ms, PAST_WITHIN_MS) else { return };
        let network = &self.live.network;
        let mut past = vec![StreamNow::default(); network.streams().len()];
        for (name, kept) in found {
            let Some(key) = network.find(&name) else { continue };
            let Some(stream) = network.stream(key) else { continue };
            let stale = time_ms - kept.time_ms > stream.stale_after_ms();
            let state = if stale { StreamState::Stale } else { live_chart::state_of(network, key, kept, time_ms) };
            past[key.0 as usize] = StreamNow {
                latest: Some((kept.time_ms, kept.value)),
                flags: kept.flags,
                state,
                heard_ms: Some(kept.time_ms),
            };
        }
        self.live.past = Some(past);
    }

    fn fly_to_station(&mut self, id: &str) -> Result<(), SessionError> {
        let project = self.project().ok_or(SessionError::NoProject)?;
        let at = self.live.network.station(id).and_then(|s| site_from_lon_lat(&project.frame, s.at));
        if let Some([east, north]) = at {
            self.view.camera_request =
                Some(CameraRequest::Frame([east - 400.0, north - 400.0, east + 400.0, north + 400.0]));
        }
        Ok(())
    }
}

/// "island.scene.ron" -> "island.sensors.ron", when there is such a file.
fn beside(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let stem = name.strip_suffix(".scene.ron").or_else(|| name.strip_suffix(".gpkg"))?;
    Some(path.with_file_name(format!("{stem}.sensors.ron"))).filter(|p| p.is_file())
}
