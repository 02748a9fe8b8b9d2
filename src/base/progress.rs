//! How far a long job is: written by the job, read by whoever shows it.

use std::sync::{Arc, Mutex, PoisonError};

use super::message::Message;

/// A reading of a [`Progress`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProgressState {
    /// What is being done now.
    pub stage: Option<Message>,
    pub done: u64,
    /// Zero while the amount of work is not known.
    pub total: u64,
}

impl ProgressState {
    /// 0 to 1, or `None` while the amount of work is not known.
    #[must_use]
    pub fn fraction(&self) -> Option<f32> {
        (self.total > 0).then(|| (self.done as f32 / self.total as f32).min(1.0))
    }
}

/// Clones share one state.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Mutex<ProgressState>>);

impl Progress {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts a stage of `total` steps (0: unknown).
    pub fn stage(&self, stage: Message, total: u64) {
        self.update(|s| *s = ProgressState { stage: Some(stage), done: 0, total });
    }

    pub fn advance(&self, steps: u64) {
        self.update(|s| s.done += steps);
    }

    pub fn set_done(&self, done: u64) {
        self.update(|s| s.done = done);
    }

    #[must_use]
    pub fn read(&self) -> ProgressState {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn update(&self, change: impl FnOnce(&mut ProgressState)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_reads_what_the_job_writes() {
        let job = Progress::new();
        let shown = job.clone();
        assert_eq!(shown.read().fraction(), None);
        job.stage(Message::new("loading"), 4);
        job.advance(1);
        assert_eq!(shown.read().fraction(), Some(0.25));
    }
}
