//! Starting, changing and ending the sources of live readings.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};

use super::apply::Session;
use super::error::SessionError;
use super::live::{LiveMode, Running};
use super::live_place::whole;
use super::live_reader::Reader;
use super::notice::Level;
use crate::base::digest::Digest;
use crate::base::message::{Message, ToMessage};
use crate::live::address::without_password;
use crate::live::alarm::rule::Policy;
use crate::live::config::{self, StartOptions};
use crate::live::decode::SharedNetwork;
use crate::live::desk::{LiveDesk, Wish};
use crate::live::edge::HOUR_MS;
use crate::live::history::keeper::{Keeper, Retention};
use crate::live::history::place::{is_server, open_to_read, opener};
use crate::live::hub::Hub;
use crate::live::secret;
use crate::live::simulated::{Fault, FaultKind};
use crate::model::sensor::{SENSORS_VERSION, SensorConfig, SourceConfig};

/// Made-up readings for the time before the program started, so that means, indices and forecasts have something.
const BEFORE_MS: i64 = 72 * HOUR_MS;

impl Session {
    /// Starts what lies beside a project: its sensors, of which those that would contact anybody wait.
    pub(super) fn start_live(&mut self) {
        let before = std::mem::take(&mut self.live);
        self.live.mode = before.mode;
        let mode = self.live.mode.clone();
        let Some(file) = self.path.as_deref().and_then(beside).filter(|_| mode != LiveMode::Off) else { return };
        match config::load(&file) {
            Ok(config) => self.run_live(config, &file, &mode),
            Err(error) => self.notices.push(Level::Warning, error.to_message(), None, Some(file)),
        }
    }

    fn run_live(&mut self, config: SensorConfig, file: &Path, mode: &LiveMode) {
        let network = config::network(&config);
        let history = place_of_history(file, mode, &self.settings.get().histories);
        let mut keeper = None;
        if let Some(place) = &history {
            match Keeper::start(opener(place), network.clone(), Retention::default()) {
                Ok(started) => keeper = Some(started),
                Err(error) => tracing::warn!("no history: {error}"),
            }
        }
        let hub = Hub::new(network.clone(), Vec::new(), keeper, Policy::default());
        let (held_back, begin): (Vec<_>, Vec<_>) = config.sources.iter().cloned().partition(|s| s.contacts().is_some());
        let (tell, troubles) = channel();
        let (place, shared) = (history.clone(), network.clone());
        let prepare = move |hub: &mut Hub| {
            for trouble in prepare(hub, place.as_deref(), &begin, &shared) {
                let _ = tell.send(trouble);
            }
        };
        let started = LiveDesk::start(hub, prepare).and_then(|desk| Reader::start().map(|reader| (desk, reader)));
        match started {
            Ok((desk, reader)) => {
                self.live.network = Arc::new(network.read().unwrap_or_else(PoisonError::into_inner).clone());
                let troubles = Mutex::new(troubles);
                self.live.running = Some(Running {
                    desk,
                    network,
                    config,
                    changed: false,
                    other_source: false,
                    history,
                    held_back,
                    troubles,
                });
                self.live.reader = Some(reader);
                self.apply_notify();
            }
            Err(error) => {
                let error = SessionError::NoThread(error.to_string());
                self.notices.push(Level::Error, error.to_message(), None, None);
            }
        }
    }

    pub(super) fn connect_live(&mut self, password: Option<String>, remember: bool) {
        let Some(running) = &mut self.live.running else { return };
        let waiting = std::mem::take(&mut running.held_back);
        for source in waiting {
            self.begin_source(&source, password.as_deref(), remember, Vec::new());
        }
    }

    pub(super) fn disconnect_live(&mut self) {
        if let Some(running) = &mut self.live.running {
            running.desk.wish(Wish::DropSources);
            running.held_back.clone_from(&running.config.sources);
        }
    }

    /// Readings come from this source from now on, and from no other.
    pub(super) fn use_source(&mut self, source: SourceConfig, password: Option<String>, remember: bool) {
        if self.live.mode == LiveMode::Off || self.project().is_none() {
            return;
        }
        if self.live.running.is_none() {
            let empty = SensorConfig {
                version: SENSORS_VERSION,
                stations: Vec::new(),
                streams: Vec::new(),
                sources: Vec::new(),
            };
            let config = match &source {
                // Made-up readings need stations to be made up for.
                SourceConfig::Simulated(_) => config::demonstration().unwrap_or(empty),
                _ => empty,
            };
            let file = self.path.as_deref().and_then(beside_any).unwrap_or_else(|| PathBuf::from("island"));
            let mode = self.live.mode.clone();
            self.run_live(SensorConfig { sources: Vec::new(), ..config }, &file, &mode);
        }
        let Some(running) = &mut self.live.running else { return };
        running.desk.wish(Wish::DropSources);
        running.held_back.clear();
        running.other_source |= running.config.sources != [source.clone()];
        running.config.sources = vec![source.clone()];
        self.live.fault = None;
        self.begin_source(&source, password.as_deref(), remember, Vec::new());
    }

    /// Lets made-up stations fail from now on, or heals them.
    pub(super) fn try_fault(&mut self, fault: Option<(FaultKind, String)>) {
        if !self.live.is_simulated() {
            return;
        }
        let Some(running) = &mut self.live.running else { return };
        let Some(source) = running.config.sources.iter().find(|s| matches!(s, SourceConfig::Simulated(_))).cloned()
        else {
            return;
        };
        running.desk.wish(Wish::DropSources);
        running.config.sources = vec![source.clone()];
        running.held_back.clear();
        let from_ms = jiff::Timestamp::now().as_millisecond();
        let faults = fault
            .iter()
            .map(|(kind, stream)| Fault { kind: *kind, stream: stream.clone(), from_ms, to_ms: i64::MAX })
            .collect();
        self.live.fault = fault;
        self.begin_source(&source, None, false, faults);
    }

    fn begin_source(&mut self, source: &SourceConfig, password: Option<&str>, remember: bool, faults: Vec<Fault>) {
        let Some(running) = &self.live.running else { return };
        let url = source.contacts().map(without_password);
        let mut unkept = false;
        if let Some((url, word)) = url.as_ref().zip(password).filter(|_| remember) {
            // Without a secret store it is asked for again.
            unkept = !secret::store(url, word);
        }
        let password = password.map(str::to_owned).or_else(|| url.as_deref().and_then(secret::find));
        let learns = !matches!(source, SourceConfig::Simulated(_));
        // A fault begins now; what was before it is there already.
        let simulated_before_ms = if faults.is_empty() { HOUR_MS } else { 0 };
        let options = StartOptions { password, faults, simulated_before_ms, learns };
        match config::start(source, &running.network, &options) {
            Ok(started) => running.desk.wish(Wish::AddSource(started)),
            Err(error) => self.notices.push(Level::Error, error.to_message(), None, None),
        }
        if unkept {
            self.notices.push(Level::Warning, Message::new("session-live-no-secret-store"), None, None);
        }
    }
}

/// Takes up where the last session ended and starts the sources that contact nobody; what went wrong thereby.
fn prepare(hub: &mut Hub, place: Option<&str>, begin: &[SourceConfig], network: &SharedNetwork) -> Vec<Message> {
    let now_ms = jiff::Timestamp::now().as_millisecond();
    let (mut before_ms, mut troubles) = (BEFORE_MS, Vec::new());
    if let Some(mut kept) = place.and_then(read_if_there) {
        if let Err(error) = hub.warm_up(&mut *kept, now_ms) {
            troubles.push(error.to_message());
        }
        if let Ok(newest) = kept.at(now_ms, BEFORE_MS) {
            before_ms = newest.iter().map(|(_, k)| now_ms - k.time_ms).min().unwrap_or(BEFORE_MS).max(HOUR_MS);
        }
    }
    let options = StartOptions { simulated_before_ms: before_ms, ..StartOptions::default() };
    for source in begin {
        match config::start(source, network, &options) {
            Ok(started) => hub.add_source(started),
            Err(error) => troubles.push(error.to_message()),
        }
    }
    troubles
}

fn place_of_history(file: &Path, mode: &LiveMode, known: &BTreeMap<PathBuf, PathBuf>) -> Option<String> {
    match mode {
        LiveMode::Kept(folder) => {
            let name = whole(file);
            // A project that was saved under another name goes on with its history.
            if let Some(place) = known.get(&name) {
                return Some(place.to_string_lossy().into_owned());
            }
            let digest = Digest::of(name.as_os_str().as_encoded_bytes()).value();
            Some(folder.join(format!("{digest:016x}.db")).to_string_lossy().into_owned())
        }
        LiveMode::At(place) => Some(place.clone()),
        LiveMode::Off | LiveMode::WithoutHistory => None,
    }
}

/// A history file that is not there yet is no trouble.
pub(super) fn read_if_there(place: &str) -> Option<Box<dyn crate::live::history::contract::History>> {
    if !is_server(place) && !Path::new(place).exists() {
        return None;
    }
    open_to_read(place).ok()
}

/// "island.scene.ron" -> "island.sensors.ron", when there is such a file.
fn beside(path: &Path) -> Option<PathBuf> {
    beside_any(path).filter(|p| p.is_file())
}

/// The same, whether there is such a file or not.
pub(super) fn beside_any(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let stem = name.strip_suffix(".scene.ron").or_else(|| name.strip_suffix(".gpkg"))?;
    Some(path.with_file_name(format!("{stem}.sensors.ron")))
}
