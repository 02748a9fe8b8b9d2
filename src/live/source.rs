//! Where readings come from, whatever it is.

use std::sync::{Arc, Mutex, PoisonError};

use super::batch::Batch;
use crate::base::message::Message;

/// How a source is.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Not asked to do anything yet.
    Idle,
    Connecting,
    /// Readings may come.
    Running,
    /// It has given all it had.
    Finished,
    /// Why it does not work now; it goes on trying.
    Trouble(Message),
    /// Why it was stopped for good: trying again would not help.
    Refused(Message),
}

/// What a source tells about itself.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceReport {
    /// "mqtts://broker:8883", "demo", a path.
    pub title: String,
    pub condition: Condition,
    /// Attempts to connect since the start.
    pub connects: u64,
    /// Connections that came about.
    pub connected: u64,
    pub messages: u64,
    pub quarantined: u64,
}

impl SourceReport {
    #[must_use]
    pub fn new(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            condition: Condition::Idle,
            connects: 0,
            connected: 0,
            messages: 0,
            quarantined: 0,
        }
    }
}

/// Gives readings when asked; never waits.
pub trait SensorSource: Send {
    /// Hands over what has come since the last call.
    fn poll(&mut self, now_ms: i64, out: &mut Batch);

    fn report(&self) -> SourceReport;

    /// Whether it has a heap of old readings to hand over and can wait until the history has room for them.
    fn is_patient(&self) -> bool {
        false
    }
}

/// What the thread of a source and its owner share.
#[derive(Clone)]
pub struct Outbox(Arc<Mutex<Shelf>>);

struct Shelf {
    batch: Batch,
    report: SourceReport,
}

impl Outbox {
    /// Readings that may wait before a source has to.
    const MOST_WAITING: usize = 400_000;

    #[must_use]
    pub fn new(title: &str) -> Self {
        Self(Arc::new(Mutex::new(Shelf { batch: Batch::default(), report: SourceReport::new(title) })))
    }

    /// Changes the report.
    pub fn tell(&self, change: impl FnOnce(&mut SourceReport)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).report);
    }

    pub fn condition(&self, condition: Condition) {
        self.tell(|r| r.condition = condition);
    }

    /// Lets the source write into the waiting batch.
    pub fn fill(&self, write: impl FnOnce(&mut Batch)) {
        write(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).batch);
    }

    /// Whether so much waits that the source should stop reading until it is fetched.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).batch.readings.len() >= Self::MOST_WAITING
    }

    pub fn drain(&self, out: &mut Batch) {
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Shelf { batch, report } = &mut *shelf;
        report.messages += batch.messages;
        report.quarantined += batch.quarantined.len() as u64 + batch.not_kept;
        if out.is_empty() {
            std::mem::swap(out, batch);
        } else {
            out.absorb(batch);
        }
    }

    #[must_use]
    pub fn report(&self) -> SourceReport {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).report.clone()
    }
}
