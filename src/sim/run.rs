//! Runs a simulation on its own thread with its own workers, and hands out its snapshots.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::fields::Snapshot;
use crate::base::cancel::{CancelToken, Cancelled};
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
pub use crate::model::scenario::RunSpec;

/// Why a run ended early.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SimError {
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A fault of the program: the run is lost, the program goes on.
    #[error("the simulation stopped by a fault of the program: {reason}")]
    Panicked { reason: String },
    #[error("the computer gave no thread for the simulation: {reason}")]
    NoThread { reason: String },
    #[error("{0:?}")]
    Model(Message),
}

impl ToMessage for SimError {
    fn to_message(&self) -> Message {
        match self {
            Self::Cancelled(_) => Message::new("sim-cancelled"),
            Self::Panicked { reason } => Message::new("sim-panicked").with("reason", reason.as_str()),
            Self::NoThread { reason } => Message::new("sim-no-thread").with("reason", reason.as_str()),
            Self::Model(message) => message.clone(),
        }
    }
}

/// What a step may look at.
#[derive(Debug, Clone, Default)]
pub struct StepContext {
    pub cancel: CancelToken,
    pub progress: Progress,
}

/// A model that advances in steps of its own choosing.
pub trait Simulation: Send {
    fn step_count(&self) -> usize;

    /// Advances by one step; checks `cx.cancel` at least every 50 ms.
    ///
    /// # Errors
    /// [`SimError::Cancelled`], or what is wrong with the model's inputs.
    fn step(&mut self, cx: &StepContext) -> Result<(), SimError>;

    fn snapshot(&self) -> Snapshot;
}

/// What a finished run was made from, to be able to make it again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub program_version: String,
    pub spec: RunSpec,
    /// What went in, by digests: the same digests and the same program give the same result.
    #[serde(default)]
    pub inputs: Vec<InputDigest>,
    /// Assumptions in plain language, to be shown with the result.
    pub assumptions: Vec<Message>,
}

/// A file, a field or a table that went into a run; see [`crate::base::digest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputDigest {
    pub name: String,
    pub digest: String,
}

impl Manifest {
    #[must_use]
    pub fn new(spec: RunSpec, assumptions: Vec<Message>) -> Self {
        Self { program_version: env!("CARGO_PKG_VERSION").to_owned(), spec, inputs: Vec::new(), assumptions }
    }
}

/// Snapshots wait for a slow reader up to this many; then the run waits.
const CHANNEL_DEPTH: usize = 4;

/// A run in progress. Dropping it cancels the run and waits for its end.
#[derive(Debug)]
pub struct RunHandle {
    context: StepContext,
    snapshots: Receiver<Arc<Snapshot>>,
    thread: Option<JoinHandle<Result<(), SimError>>>,
}

impl RunHandle {
    #[must_use]
    pub fn progress(&self) -> &Progress {
        &self.context.progress
    }

    pub fn cancel(&self) {
        self.context.cancel.cancel();
    }

    /// A snapshot if one is ready: for a frame of the window.
    #[must_use]
    pub fn try_next(&self) -> Option<Arc<Snapshot>> {
        self.snapshots.try_recv().ok()
    }

    /// Waits for the next snapshot; `None` once the run has ended.
    #[must_use]
    pub fn next(&self) -> Option<Arc<Snapshot>> {
        self.snapshots.recv().ok()
    }

    /// Waits for the next snapshot for some time.
    ///
    /// # Errors
    /// As [`Receiver::recv_timeout`].
    pub fn next_within(&self, time: Duration) -> Result<Arc<Snapshot>, RecvTimeoutError> {
        self.snapshots.recv_timeout(time)
    }

    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Lets the run come to its end, dropping snapshots not taken yet.
    ///
    /// # Errors
    /// Why the run ended early.
    pub fn finish(mut self) -> Result<(), SimError> {
        while self.next().is_some() {}
        self.join()
    }

    fn join(&mut self) -> Result<(), SimError> {
        match self.thread.take().map(JoinHandle::join) {
            None => Ok(()),
            Some(Ok(result)) => result,
            Some(Err(payload)) => Err(SimError::Panicked { reason: panic_text(payload.as_ref()) }),
        }
    }
}

impl Drop for RunHandle {
    fn drop(&mut self) {
        // A run that has ended leaves its token alone: what comes after it may share it.
        if self.is_finished() {
            return;
        }
        self.cancel();
        // A thread that waits at the full channel sees the cancellation within its polling time.
        drop(self.join());
    }
}

/// Starts a simulation.
///
/// # Errors
/// [`SimError::NoThread`] when the machine has no thread left.
pub fn start(
    mut simulation: Box<dyn Simulation>,
    save_every: usize,
    threads: usize,
    context: StepContext,
) -> Result<RunHandle, SimError> {
    let (sender, snapshots) = sync_channel(CHANNEL_DEPTH);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|i| format!("sim-{i}"))
        .build()
        .map_err(|e| SimError::NoThread { reason: e.to_string() })?;
    let cx = context.clone();
    let body = move || {
        catch_unwind(AssertUnwindSafe(|| pool.install(|| run(simulation.as_mut(), save_every, &sender, &cx))))
            .unwrap_or_else(|payload| Err(SimError::Panicked { reason: panic_text(payload.as_ref()) }))
    };
    let thread = std::thread::Builder::new()
        .name("simulation".to_owned())
        .spawn(body)
        .map_err(|e| SimError::NoThread { reason: e.to_string() })?;
    Ok(RunHandle { context, snapshots, thread: Some(thread) })
}

fn run(
    simulation: &mut dyn Simulation,
    save_every: usize,
    sender: &SyncSender<Arc<Snapshot>>,
    cx: &StepContext,
) -> Result<(), SimError> {
    let steps = simulation.step_count();
    cx.progress.stage(Message::new("sim-running"), steps as u64);
    for step in 1..=steps {
        cx.cancel.check()?;
        simulation.step(cx)?;
        if step == steps || step.is_multiple_of(save_every.max(1)) {
            send(sender, Arc::new(simulation.snapshot()), &cx.cancel)?;
        }
        cx.progress.set_done(step as u64);
    }
    Ok(())
}

/// Waits for room, but not past a cancellation.
fn send(
    sender: &SyncSender<Arc<Snapshot>>,
    mut snapshot: Arc<Snapshot>,
    cancel: &CancelToken,
) -> Result<(), Cancelled> {
    loop {
        cancel.check()?;
        match sender.try_send(snapshot) {
            Ok(()) => return Ok(()),
            // Nobody listens any more: the same as a cancellation.
            Err(TrySendError::Disconnected(_)) => return Err(Cancelled),
            Err(TrySendError::Full(back)) => snapshot = back,
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(|s| (*s).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    struct Counter {
        done: usize,
        panic_at: usize,
        endless: bool,
    }

    impl Simulation for Counter {
        fn step_count(&self) -> usize {
            10
        }

        fn step(&mut self, cx: &StepContext) -> Result<(), SimError> {
            self.done += 1;
            assert!(self.done != self.panic_at, "step {}", self.done);
            if !self.endless {
                return Ok(());
            }
            loop {
                cx.cancel.check()?;
                std::thread::sleep(Duration::from_millis(1));
            }
        }

        fn snapshot(&self) -> Snapshot {
            Snapshot { time_s: self.done as f64, ..Snapshot::default() }
        }
    }

    fn counter(panic_at: usize, endless: bool) -> RunHandle {
        start(Box::new(Counter { done: 0, panic_at, endless }), 4, 1, StepContext::default()).unwrap()
    }

    #[test]
    fn snapshots_come_every_so_often_and_at_the_end() {
        let run = counter(0, false);
        let mut times = Vec::new();
        while let Some(snapshot) = run.next() {
            times.push(snapshot.time_s);
        }
        assert_eq!(times, [4.0, 8.0, 10.0]);
        assert_eq!(run.progress().read().fraction(), Some(1.0));
        assert_eq!(run.finish(), Ok(()));
    }

    #[test]
    fn a_panic_is_an_error_not_the_end_of_the_program() {
        let run = counter(6, false);
        assert_eq!(run.next().map(|s| s.time_s), Some(4.0));
        assert_eq!(run.finish(), Err(SimError::Panicked { reason: "step 6".to_owned() }));
    }

    #[test]
    fn cancelling_ends_a_step_in_progress() {
        let run = counter(0, true);
        std::thread::sleep(Duration::from_millis(20));
        let asked = Instant::now();
        run.cancel();
        assert_eq!(run.finish(), Err(SimError::Cancelled(Cancelled)));
        assert!(asked.elapsed() < Duration::from_millis(100));
    }

    #[test]
    fn a_run_that_has_ended_does_not_cancel_what_shares_its_token() {
        let context = StepContext::default();
        let run = start(Box::new(Counter { done: 0, panic_at: 0, endless: false }), 4, 1, context.clone()).unwrap();
        assert_eq!(run.finish(), Ok(()));
        assert!(!context.cancel.is_cancelled());
    }

    #[test]
    fn dropping_a_run_that_nobody_reads_ends_it() {
        let many = start(Box::new(Counter { done: 0, panic_at: 0, endless: false }), 1, 1, StepContext::default());
        std::thread::sleep(Duration::from_millis(20));
        drop(many.unwrap());
    }
}
