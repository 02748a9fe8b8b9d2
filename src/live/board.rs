//! Everything that is known at a moment, as it is shown: one value that many can read while the next is made.

use std::collections::BTreeMap;

use super::alarm::desk::Alarm;
use super::batch::{Quarantined, Reason};
use super::forecast::Outlook;
use super::history::keeper::KeeperReport;
use super::quality::Sample;
use super::source::SourceReport;
use crate::model::aqi::Aqi;
use crate::model::sensor::{Flags, StreamKey};

/// How a stream is, the worst last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum StreamState {
    Ok,
    /// Near a limit, beyond it for less than its holding time, or doubtful.
    Warning,
    /// An alarm is open: it stands in the list of alarms.
    Alarm,
    /// Not heard of for too long.
    Stale,
    #[default]
    NoData,
}

impl StreamState {
    pub const ALL: [Self; 5] = [Self::Ok, Self::Warning, Self::Alarm, Self::Stale, Self::NoData];

    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Alarm => "alarm",
            Self::Stale => "stale",
            Self::NoData => "no-data",
        }
    }

    /// What a station shows that has streams in several states: an alarm before all, then silence.
    #[must_use]
    pub fn rank(self) -> u8 {
        match self {
            Self::NoData => 0,
            Self::Ok => 1,
            Self::Warning => 2,
            Self::Stale => 3,
            Self::Alarm => 4,
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct StreamNow {
    pub latest: Option<Sample>,
    pub flags: Flags,
    pub state: StreamState,
    /// Not heard of for too long, or never. An alarm stays an alarm then, and is shown as one that nobody knows of.
    pub silent: bool,
    pub heard_ms: Option<i64>,
}

/// A limit that will probably be passed in the next hours.
#[derive(Debug, Clone, PartialEq)]
pub struct EarlyWarning {
    pub stream: StreamKey,
    pub rule: String,
    pub limit: f64,
    pub outlook: Outlook,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct StationAqi {
    pub hourly: Option<Aqi>,
    /// Of the last whole day.
    pub daily: Option<Aqi>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Board {
    pub now_ms: i64,
    /// By [`StreamKey`].
    pub streams: Vec<StreamNow>,
    pub alarms: Vec<Alarm>,
    pub warnings: Vec<EarlyWarning>,
    /// By station.
    pub aqi: BTreeMap<String, StationAqi>,
    pub sources: Vec<SourceReport>,
    pub keeper: Option<KeeperReport>,
    /// Readings taken, doubles ignored.
    pub taken: u64,
    pub doubles: u64,
    pub messages: u64,
    /// What was put aside, the newest last, and how often for which reason.
    pub quarantine: Vec<Quarantined>,
    pub reasons: BTreeMap<Reason, u64>,
}

impl Board {
    #[must_use]
    pub fn stream(&self, key: StreamKey) -> StreamNow {
        self.streams.get(key.0 as usize).copied().unwrap_or_default()
    }

    #[must_use]
    pub fn put_aside(&self) -> u64 {
        self.reasons.values().sum()
    }
}
