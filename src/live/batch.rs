//! What sources hand over: readings, and what was not taken with the reason why.

use crate::base::message::Message;
use crate::model::sensor::Reading;

/// Why a message, or one value of it, was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// No mapping speaks of its topic.
    NoMapping,
    TooLarge,
    Empty,
    NotJson,
    /// The mapping's path leads nowhere.
    NoValue,
    /// null, NaN, -9999 and the like: the station says that it has nothing.
    Missing,
    NotANumber,
    UnknownUnit,
    WrongUnit,
    Impossible,
    BadTime,
    AmbiguousTime,
    ClockUnset,
    ClockAhead,
    /// A station or quantity that nobody has told us of.
    UnknownStream,
    /// A line of a table that is none.
    BadRow,
}

impl Reason {
    pub const ALL: [Self; 16] = [
        Self::NoMapping,
        Self::TooLarge,
        Self::Empty,
        Self::NotJson,
        Self::NoValue,
        Self::Missing,
        Self::NotANumber,
        Self::UnknownUnit,
        Self::WrongUnit,
        Self::Impossible,
        Self::BadTime,
        Self::AmbiguousTime,
        Self::ClockUnset,
        Self::ClockAhead,
        Self::UnknownStream,
        Self::BadRow,
    ];

    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoMapping => "no-mapping",
            Self::TooLarge => "too-large",
            Self::Empty => "empty",
            Self::NotJson => "not-json",
            Self::NoValue => "no-value",
            Self::Missing => "missing",
            Self::NotANumber => "not-a-number",
            Self::UnknownUnit => "unknown-unit",
            Self::WrongUnit => "wrong-unit",
            Self::Impossible => "impossible",
            Self::BadTime => "bad-time",
            Self::AmbiguousTime => "ambiguous-time",
            Self::ClockUnset => "clock-unset",
            Self::ClockAhead => "clock-ahead",
            Self::UnknownStream => "unknown-stream",
            Self::BadRow => "bad-row",
        }
    }

    #[must_use]
    pub fn message(self) -> Message {
        Message::new(&format!("sensor-reason-{}", self.code()))
    }
}

/// A message that was put aside, or the part of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Quarantined {
    pub arrival_ms: i64,
    pub reason: Reason,
    /// Topic, address or file and line.
    pub from: String,
    /// The beginning of what was in it.
    pub excerpt: String,
}

impl Quarantined {
    /// Bytes of a payload that are kept to look at.
    const EXCERPT: usize = 120;

    #[must_use]
    pub fn new(reason: Reason, arrival_ms: i64, from: &str, payload: &[u8]) -> Self {
        let shown = &payload[..payload.len().min(Self::EXCERPT)];
        let excerpt = String::from_utf8_lossy(shown).chars().map(|c| if c.is_control() { '·' } else { c }).collect();
        Self { arrival_ms, reason, from: from.to_owned(), excerpt }
    }
}

/// What a source brought since it was last asked.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    pub readings: Vec<Reading>,
    pub quarantined: Vec<Quarantined>,
    /// Messages that came, taken or not.
    pub messages: u64,
    /// Of `quarantined`, those that were counted but not kept, since there were too many at once.
    pub not_kept: u64,
}

impl Batch {
    /// Messages put aside that one batch keeps to be looked at.
    const MOST_KEPT: usize = 1000;

    pub fn put_aside(&mut self, quarantined: Quarantined) {
        if self.quarantined.len() < Self::MOST_KEPT {
            self.quarantined.push(quarantined);
        } else {
            self.not_kept += 1;
        }
    }

    pub fn absorb(&mut self, other: &mut Self) {
        self.readings.append(&mut other.readings);
        for quarantined in other.quarantined.drain(..) {
            self.put_aside(quarantined);
        }
        self.messages += std::mem::take(&mut other.messages);
        self.not_kept += std::mem::take(&mut other.not_kept);
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.readings.is_empty() && self.quarantined.is_empty() && self.messages == 0
    }
}
