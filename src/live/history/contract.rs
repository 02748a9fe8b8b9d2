//! What a history must do, whatever holds it. The same tests run against every one.

use std::path::PathBuf;

use crate::base::message::{Message, ToMessage};
use crate::live::error::LiveError;
use crate::model::sensor::{Flags, Reading, StreamKey};

/// A value that was kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kept {
    pub time_ms: i64,
    pub value: f64,
    pub flags: Flags,
}

/// What became of readings that were handed in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub new: u64,
    /// The same value for the same moment was there.
    pub doubles: u64,
    /// Another value was there: it is kept as an earlier revision.
    pub corrected: u64,
}

impl Tally {
    pub fn add(&mut self, other: Self) {
        self.new += other.new;
        self.doubles += other.doubles;
        self.corrected += other.corrected;
    }
}

/// An earlier value of a moment that was corrected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Revision {
    pub time_ms: i64,
    /// 0 is the first that came.
    pub revision: u32,
    pub value: f64,
}

/// A piece of a long series for a chart: what lay in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Piece {
    /// Of its first and of its last reading.
    pub from_ms: i64,
    pub to_ms: i64,
    pub low: f64,
    pub high: f64,
    pub count: u32,
}

/// The mean of an hour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HourMean {
    pub start_ms: i64,
    pub mean: f64,
    pub count: u32,
}

/// One line of the log of alarms, as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct LogLine {
    pub time_ms: i64,
    pub stream: String,
    pub rule: String,
    /// "raised", "acknowledged", "escalated", "cleared", "foretold".
    pub event: String,
    pub value: f64,
    pub who: String,
    pub note: String,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum HistoryError {
    #[error("the history is damaged: {reason}: {path}")]
    Damaged { reason: String, path: PathBuf },
    #[error("there is no room left for the history; free some space: {path}")]
    Full { path: PathBuf },
    #[error("the history cannot be opened: {reason}: {path}")]
    Open { reason: String, path: PathBuf },
    #[error("the server offers no encryption; switch ssl on there, or use an encrypted tunnel and sslmode=disable")]
    NoEncryption,
    #[error(transparent)]
    Secure { error: LiveError },
    #[error("the history does not answer: {reason}")]
    Failed { reason: String },
}

impl ToMessage for HistoryError {
    fn to_message(&self) -> Message {
        match self {
            Self::Damaged { reason, path } => {
                Message::new("sensor-history-damaged").with("reason", reason.as_str()).with("path", path.as_path())
            }
            Self::Full { path } => Message::new("sensor-history-full").with("path", path.as_path()),
            Self::Open { reason, path } => {
                Message::new("sensor-history-open").with("reason", reason.as_str()).with("path", path.as_path())
            }
            Self::NoEncryption => Message::new("sensor-history-no-encryption"),
            Self::Secure { error } => error.to_message(),
            Self::Failed { reason } => Message::new("sensor-history-failed").with("reason", reason.as_str()),
        }
    }
}

/// Flags that say something about the reading itself; those that speak of its arrival are not kept, so that the order
/// of arrival leaves no trace.
pub(super) const LASTING: Flags =
    Flags(Flags::RANGE.0 | Flags::TEXT.0 | Flags::ZONE.0 | Flags::TIME.0 | Flags::ARRIVAL.0);

pub(super) fn lasting(flags: Flags) -> u16 {
    flags.0 & LASTING.0
}

pub trait History: Send {
    /// Keeps readings, all or none of them. `name` tells a stream's lasting name.
    ///
    /// # Errors
    /// When they cannot be kept; then they may be handed in again.
    fn append(
        &mut self,
        readings: &[Reading],
        name: &mut dyn FnMut(StreamKey) -> Option<String>,
    ) -> Result<Tally, HistoryError>;

    /// A stream's readings within [from, to], in the order of time.
    ///
    /// # Errors
    /// When it cannot be read.
    fn series(&mut self, stream: &str, from_ms: i64, to_ms: i64) -> Result<Vec<Kept>, HistoryError>;

    /// The same for a chart: at most so many pieces, each with its lowest and highest value.
    ///
    /// # Errors
    /// When it cannot be read.
    fn pieces(&mut self, stream: &str, from_ms: i64, to_ms: i64, most: usize) -> Result<Vec<Piece>, HistoryError>;

    /// The newest reading of every stream at a moment, none older than `within_ms`.
    ///
    /// # Errors
    /// When it cannot be read.
    fn at(&mut self, time_ms: i64, within_ms: i64) -> Result<Vec<(String, Kept)>, HistoryError>;

    /// Means of whole hours within [from, to).
    ///
    /// # Errors
    /// When it cannot be read.
    fn hours(&mut self, stream: &str, from_ms: i64, to_ms: i64) -> Result<Vec<HourMean>, HistoryError>;

    /// What was there before it was corrected.
    ///
    /// # Errors
    /// When it cannot be read.
    fn revisions(&mut self, stream: &str) -> Result<Vec<Revision>, HistoryError>;

    /// # Errors
    /// When it cannot be read.
    fn streams(&mut self) -> Result<Vec<String>, HistoryError>;

    /// Puts readings before a moment into hourly means, and forgets means before another. Tells how many readings went.
    ///
    /// # Errors
    /// When it cannot be done; then nothing has changed.
    fn thin_out(&mut self, readings_before_ms: i64, means_before_ms: i64) -> Result<u64, HistoryError>;

    /// # Errors
    /// When it cannot be kept.
    fn log(&mut self, lines: &[LogLine]) -> Result<(), HistoryError>;

    /// The log of alarms, the oldest first.
    ///
    /// # Errors
    /// When it cannot be read.
    fn read_log(&mut self) -> Result<Vec<LogLine>, HistoryError>;

    /// Keeps a message that somebody is still to be told; its number.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn keep_untold(&mut self, whom: &str, text: &str) -> Result<i64, HistoryError>;

    /// What somebody is still to be told, the oldest first.
    ///
    /// # Errors
    /// When it cannot be read.
    fn untold(&mut self, whom: &str) -> Result<Vec<(i64, String)>, HistoryError>;

    /// They were told.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn told(&mut self, number: i64) -> Result<(), HistoryError>;
}
