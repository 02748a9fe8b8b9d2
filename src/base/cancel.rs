//! A token that a long job checks and a user trips.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The job was stopped by its user; nothing is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

/// Clones share one flag: trip any of them and every `check` fails.
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// # Errors
    /// [`Cancelled`] once any clone has been tripped.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tripping_one_clone_stops_all() {
        let token = CancelToken::new();
        let seen_by_job = token.clone();
        assert_eq!(seen_by_job.check(), Ok(()));
        token.cancel();
        assert_eq!(seen_by_job.check(), Err(Cancelled));
    }
}
