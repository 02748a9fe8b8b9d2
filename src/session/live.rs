//! The live side as the window and the session hold it: what runs, what it shows, what was chosen.

use std::path::PathBuf;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};

use super::apply::Session;
use super::desks::Desk;
use super::effects::Effects;
use super::error::SessionError;
use super::field_view::FieldView;
use super::live_chart::Chart;
use super::live_field::StationField;
use super::live_health::Told;
use super::live_notify::NotifySettings;
use super::live_place::Placing;
use super::live_reader::Reader;
use super::live_seen::Seen;
use super::notice::Level;
use crate::base::message::Message;
use crate::geo::grid::Grid;
use crate::live::address::without_password;
use crate::live::board::{Board, StreamNow, StreamState};
use crate::live::decode::SharedNetwork;
use crate::live::desk::{LiveDesk, Wish};
use crate::live::simulated::FaultKind;
use crate::live::source::Condition;
use crate::model::network::Network;
use crate::model::sensor::{SensorConfig, SourceConfig, Station, StationKind, Stream, StreamKey};

#[derive(Debug, Clone, PartialEq)]
pub enum LiveCommand {
    SetOpen(bool),
    /// The user allows the sources of the open project to be contacted, with this password if one is needed.
    Connect {
        password: Option<String>,
        remember: bool,
    },
    /// Takes readings from this source and from no other; choosing one that is on the network is the user's word that it
    /// may be contacted.
    UseSource {
        source: Box<SourceConfig>,
        password: Option<String>,
        remember: bool,
    },
    Disconnect,
    /// Lets a made-up stream ("KK-01/pm25") or station fail from now on; `None` heals all.
    TryFault(Option<(FaultKind, String)>),
    Acknowledge {
        stream: String,
        rule: String,
        who: String,
        note: String,
    },
    /// Looks at one station: its values in the panel, the one that stands for it in the chart.
    Pick(Option<String>),
    /// Puts a stream into the chart, or takes it out.
    Choose(StreamKey),
    ClearChart,
    /// Hours of the chart, up to the moment that is shown.
    SetSpan(f64),
    /// A stretch of the chart, milliseconds since 1970: the user zoomed or dragged.
    SetWindow {
        from_ms: i64,
        to_ms: i64,
    },
    FlyTo {
        station: String,
    },
    /// Shows the whole map as it was at the moment of the clock.
    FollowClock(bool),
    /// Sets the clock to a moment, milliseconds since 1970, and shows the whole map as it was then; `None`: the present.
    ShowAt(Option<i64>),
    /// What lies between the stations that measure this, over the ground.
    ShowField(Option<String>),
    /// What a camera sees.
    ShowSeen(Option<String>),
    /// Who else is told of alarms.
    SetNotify(Box<NotifySettings>),
    /// Looks at what is new in the chart.
    Refresh,
    /// The next click on the ground says where a station stands that nobody has placed; `None`: not after all.
    Place(Option<Placing>),
}

/// What runs for the open project.
pub(super) struct Running {
    pub(super) desk: LiveDesk,
    pub(super) network: SharedNetwork,
    pub(super) config: SensorConfig,
    /// Stations were placed that the sensor file does not know.
    pub(super) changed: bool,
    /// Another source was chosen; Save takes it along, and nobody is asked about it at the end.
    pub(super) other_source: bool,
    /// A file, or the words that name a server.
    pub(super) history: Option<String>,
    /// Sources that wait for the user's word.
    pub(super) held_back: Vec<SourceConfig>,
    /// What went wrong while the history was read and sources were started, on their thread. In a lock only so that a
    /// session can be shared between threads.
    pub(super) troubles: Mutex<Receiver<Message>>,
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
    /// The history is where these words say: a file, or a PostgreSQL server.
    At(String),
}

#[derive(Default)]
pub struct LiveState {
    pub mode: LiveMode,
    pub open: bool,
    pub follow_clock: bool,
    pub(super) running: Option<Running>,
    pub(super) board: Arc<Board>,
    /// The network, copied whenever the board changes: stations and streams by number.
    pub(super) network: Arc<Network>,
    /// What was shown at the moment of the clock.
    pub(super) past: Option<Vec<StreamNow>>,
    pub(super) reader: Option<Reader>,
    pub chart: Chart,
    pub picked: Option<String>,
    /// Property whose field lies over the ground, and the field once it is there.
    pub field_of: Option<String>,
    pub field: Option<StationField>,
    pub seen_of: Option<String>,
    pub seen: Option<Seen>,
    /// The station that the next click places.
    pub placing: Option<Placing>,
    /// The fault that is being tried.
    pub fault: Option<(FaultKind, String)>,
    /// When the field and the chart were last asked for, on the board's clock.
    pub(super) field_ms: i64,
    /// Newest alarm that was told outside the window.
    pub(super) told_ms: Option<i64>,
    /// The live side has stopped working: what it last said is not to be believed.
    pub(super) stalled: bool,
    /// When the board was looked at last; `None` after a look that was let pass.
    pub(super) looked_ms: Option<i64>,
    /// Troubles that were told.
    pub(super) told: Vec<Told>,
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

    /// Whether something is being looked up in the history.
    #[must_use]
    pub fn is_reading(&self) -> bool {
        self.reader.as_ref().is_some_and(Reader::is_busy)
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

    /// The sources that are chosen, waiting ones among them.
    #[must_use]
    pub fn sources(&self) -> &[SourceConfig] {
        self.running.as_ref().map_or(&[], |r| &r.config.sources)
    }

    /// Whether any reading is made up: by the program, or in a file that says so.
    #[must_use]
    pub fn is_generated(&self) -> bool {
        let made_up = |s: &SourceConfig| matches!(s, SourceConfig::Folder(from) if from.generated);
        self.is_simulated() || self.sources().iter().any(made_up)
    }

    /// Whether any reading is made up by the program.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        self.sources().iter().any(|s| matches!(s, SourceConfig::Simulated(_)))
    }

    /// Whether the map shows a moment of the past; until it was looked up it shows nothing rather than the present.
    #[must_use]
    pub fn is_past(&self) -> bool {
        self.follow_clock
    }

    #[must_use]
    pub fn stream_now(&self, key: StreamKey) -> StreamNow {
        match &self.past {
            Some(past) => past.get(key.0 as usize).copied().unwrap_or_default(),
            None if self.follow_clock => StreamNow::default(),
            None if self.stalled => {
                let now = self.board.stream(key);
                let state = match now.state {
                    StreamState::Ok | StreamState::Warning => StreamState::Stale,
                    other => other,
                };
                StreamNow { state, silent: true, ..now }
            }
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

    /// The streams of a station.
    #[must_use]
    pub fn streams_of(&self, station: &str) -> Vec<(StreamKey, &Stream)> {
        let all = self.network.streams().iter().enumerate();
        all.filter(|(_, s)| s.station == station).map(|(i, s)| (StreamKey(i as u32), s)).collect()
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

    /// Stations of a kind in each state.
    #[must_use]
    pub fn counts_of(&self, kind: StationKind) -> [usize; 5] {
        let mut counts = [0; 5];
        for now in self.stations().iter().filter(|s| s.station.kind == kind) {
            if let Some(at) = StreamState::ALL.iter().position(|s| *s == now.state) {
                counts[at] += 1;
            }
        }
        counts
    }

    /// What the live side lays over the ground: what a camera sees, or what lies between stations.
    #[must_use]
    pub fn field_view(&self) -> Option<FieldView> {
        self.seen.as_ref().map(Seen::view).or_else(|| self.field.as_ref().map(StationField::view))
    }
}

impl Session {
    /// How uncertain the field over the ground is, and from where on it says nothing; for fields between stations.
    #[must_use]
    pub fn field_doubt(&self) -> Option<(Arc<Grid<f32>>, f32)> {
        let shown = self.live.open && self.live.seen.is_none();
        let field = self.live.field.as_ref().filter(|_| shown)?;
        Some((field.deviation.clone(), field.silent_from))
    }

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
            let catching_up = self.live.board.sources.iter().any(|s| s.condition == Condition::Connecting);
            if !catching_up && self.live.board.streams.iter().any(|s| s.latest.is_some()) {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        self.wait_for_reading(end.saturating_duration_since(std::time::Instant::now()));
    }

    /// Waits until all that was asked of the history is answered.
    pub fn wait_for_reading(&mut self, longest: std::time::Duration) {
        let end = std::time::Instant::now() + longest;
        self.poll_live();
        while self.live.is_reading() && std::time::Instant::now() < end {
            std::thread::sleep(std::time::Duration::from_millis(5));
            self.poll_live();
        }
    }

    pub(super) fn command_live(&mut self, command: LiveCommand) -> Result<Effects, SessionError> {
        match command {
            LiveCommand::SetOpen(open) => self.open_live(open),
            LiveCommand::Connect { password, remember } => self.connect_live(password, remember),
            LiveCommand::UseSource { source, password, remember } => self.use_source(*source, password, remember),
            LiveCommand::Disconnect => self.disconnect_live(),
            LiveCommand::TryFault(fault) => self.try_fault(fault),
            LiveCommand::Acknowledge { stream, rule, who, note } => {
                if let Some(running) = &self.live.running {
                    running.desk.wish(Wish::Acknowledge { stream, rule, who, note });
                }
            }
            LiveCommand::Pick(station) => return Ok(self.pick_station(station)),
            LiveCommand::Choose(key) => {
                self.live.chart.toggle(key);
                self.draw_chart();
            }
            LiveCommand::ClearChart => self.live.chart.clear(),
            LiveCommand::SetSpan(hours) => {
                self.live.chart.set_span(hours);
                self.draw_chart();
            }
            LiveCommand::SetWindow { from_ms, to_ms } => {
                self.live.chart.set_window(from_ms, to_ms);
                self.draw_chart();
            }
            LiveCommand::FlyTo { station } => self.fly_to_station(&station)?,
            LiveCommand::FollowClock(on) => self.follow_clock(on),
            LiveCommand::ShowAt(time_ms) => return self.show_at(time_ms),
            LiveCommand::ShowField(property) => self.show_field(property),
            LiveCommand::ShowSeen(station) => self.show_seen(station)?,
            LiveCommand::SetNotify(notify) => self.set_notify(*notify),
            LiveCommand::Refresh => self.draw_chart(),
            LiveCommand::Place(placing) => self.begin_placing(placing),
        }
        Ok(Effects::default())
    }

    fn open_live(&mut self, open: bool) {
        self.live.open = open;
        if open {
            self.open_only(Desk::Live);
        }
    }

    /// Takes over what is new; called every frame.
    pub(super) fn poll_live(&mut self) {
        let Some(running) = &self.live.running else { return };
        let troubles = running.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        for trouble in troubles.try_iter() {
            self.notices.push(Level::Warning, trouble, None, None);
        }
        drop(troubles);
        let (board, shared) = (running.desk.board(), running.network.clone());
        let now_ms = jiff::Timestamp::now().as_millisecond();
        let changed = !Arc::ptr_eq(&board, &self.live.board);
        if changed {
            let network = shared.read().unwrap_or_else(PoisonError::into_inner);
            if network.revision() != self.live.network.revision() {
                self.live.network = Arc::new(network.clone());
            }
            drop(network);
            self.live.board = board;
            self.tell_new_alarms();
        }
        let stalled = self.live.stalled;
        self.live.look_at_board(now_ms);
        if changed || stalled != self.live.stalled {
            self.tell_troubles(now_ms);
        }
        self.take_answers();
        self.keep_up();
    }
}
