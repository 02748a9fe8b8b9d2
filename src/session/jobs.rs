//! Long work on threads of its own: it reports progress, can be cancelled, and a panic in it becomes a notice.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::sync::{Mutex, PoisonError};

use super::air::AirOutcome;
use super::apply::Session;
use super::effects::Effects;
use super::fire::FireOutcome;
use super::history::State;
use super::io::{IoFailure, Warning};
use crate::base::cancel::CancelToken;
use crate::base::progress::{Progress, ProgressState};
use crate::model::project::Project;
use crate::study::fire::uncertainty::Uncertainty;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    Open,
    /// Files are read and looked at before they are imported.
    Read,
    Save,
    Check,
    /// The rows of the attribute table are filtered and sorted.
    Table,
    /// A question about places.
    Ask,
    Export,
    Air,
    /// Where what stations measured comes from.
    AirFind,
    /// The coming day of the communes.
    AirAhead,
    Fire,
    /// The ensemble that tells how sure a fire's figures are.
    FireCertainty,
    FireExport,
    /// Two scenarios are run and compared.
    Plan,
    Sea,
    Traffic,
    TrafficExport,
    /// Every vehicle of the traffic's hours.
    TrafficVehicles,
    /// Some minutes of traffic around a place, driven one by one.
    TrafficClose,
    /// Everybody leaves a commune.
    TrafficLeave,
    /// How far one gets from a place.
    TrafficReach,
}

/// What a job brought.
#[derive(Debug)]
pub(super) enum Outcome {
    Opened(Box<Project>, Vec<Warning>),
    /// What remains to be done where the session is.
    Then(Then),
    /// The state of the project that is now in the file.
    Saved(State),
    Blown(Box<AirOutcome>),
    Burnt(Box<FireOutcome>),
    Certain(Box<Uncertainty>),
}

/// The last step of a job, on the session's own thread.
pub(super) struct Then(pub(super) Box<dyn FnOnce(&mut Session) -> Effects + Send>);

impl std::fmt::Debug for Then {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Then")
    }
}

impl Outcome {
    pub(super) fn then(step: impl FnOnce(&mut Session) -> Effects + Send + 'static) -> Self {
        Self::Then(Then(Box::new(step)))
    }
}

/// How it ended: well, badly, or by a panic with its words.
pub(super) enum Ending {
    Done(Outcome),
    Failed(IoFailure),
    Panicked(String),
}

pub struct Job {
    pub kind: JobKind,
    /// The file, or the first of several.
    pub path: PathBuf,
    progress: Progress,
    cancel: CancelToken,
    /// In a lock only so that a session can be shared between threads.
    ending: Mutex<Receiver<Ending>>,
}

impl Job {
    #[must_use]
    pub fn progress(&self) -> ProgressState {
        self.progress.read()
    }

    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }
}

#[derive(Default)]
pub(super) struct Jobs {
    running: Vec<Job>,
}

impl Jobs {
    pub(super) fn running(&self) -> &[Job] {
        &self.running
    }

    pub(super) fn start(
        &mut self,
        kind: JobKind,
        path: &Path,
        work: impl FnOnce(&Progress, &CancelToken) -> Result<Outcome, IoFailure> + Send + 'static,
    ) -> std::io::Result<()> {
        let (progress, cancel) = (Progress::new(), CancelToken::new());
        let (sender, ending) = channel();
        let (job_progress, job_cancel) = (progress.clone(), cancel.clone());
        std::thread::Builder::new().name(format!("{kind:?}").to_lowercase()).spawn(move || {
            let ending = match catch_unwind(AssertUnwindSafe(|| work(&job_progress, &job_cancel))) {
                Ok(Ok(outcome)) => Ending::Done(outcome),
                Ok(Err(failure)) => Ending::Failed(failure),
                Err(panic) => Ending::Panicked(panic_words(panic.as_ref())),
            };
            // Nobody listens when the session is gone; then the result is not wanted either.
            let _ = sender.send(ending);
        })?;
        self.running.push(Job { kind, path: path.to_owned(), progress, cancel, ending: Mutex::new(ending) });
        Ok(())
    }

    pub(super) fn cancel(&self, which: impl Fn(&Job) -> bool) {
        self.running.iter().filter(|j| which(j)).for_each(|j| j.cancel.cancel());
    }

    /// Jobs that have ended since the last call.
    pub(super) fn take_ended(&mut self) -> Vec<(Job, Ending)> {
        let (mut still, mut ended) = (Vec::new(), Vec::new());
        for job in self.running.drain(..) {
            let answer = job.ending.lock().unwrap_or_else(PoisonError::into_inner).try_recv();
            match answer {
                Ok(ending) => ended.push((job, ending)),
                Err(TryRecvError::Empty) => still.push(job),
                Err(TryRecvError::Disconnected) => ended.push((job, Ending::Panicked(String::new()))),
            }
        }
        self.running = still;
        ended
    }
}

fn panic_words(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|s| (*s).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}
