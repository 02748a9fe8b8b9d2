//! All members on this machine: so many at once as memory holds, the missing ones only, each written as it ends.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::error::EnsembleError;
use super::ready::Ready;
use crate::base::cancel::CancelToken;
use crate::base::progress::Progress;
use crate::sim::run::StepContext;

/// How often memory is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// A member may need so many times what the largest one so far did.
const MARGIN: f64 = 1.25;

/// What the machine gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    pub threads: usize,
    /// Bytes that the whole program may take.
    pub memory: u64,
}

/// Told after each member.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told {
    pub member: u32,
    pub done: u32,
    /// Of so many that were missing.
    pub of: u32,
    /// Members that may run at once.
    pub at_once: usize,
    /// Bytes that a member needs at most, as seen so far.
    pub need: u64,
    pub seconds_left: f64,
}

/// Who may begin, and what was seen.
struct State {
    /// Place in the list of the next member.
    next: usize,
    running: usize,
    /// The most that ran together: what they left in memory is not given back at once.
    together: usize,
    done: u32,
    /// Bytes a member; zero until the first one has ended.
    need: u64,
    first_ended: bool,
    failed: Option<(u32, EnsembleError)>,
}

struct Gate {
    state: Mutex<State>,
    changed: Condvar,
    base: u64,
    bounds: Bounds,
}

impl Gate {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first member runs alone, so that its need can be seen.
    fn at_once(&self, state: &State) -> usize {
        at_once(state.first_ended, state.need, self.base, self.bounds)
    }
}

fn at_once(first_ended: bool, need: u64, base: u64, bounds: Bounds) -> usize {
    if !first_ended {
        return 1;
    }
    let need = (need as f64 * MARGIN).max(1.0);
    let room = (bounds.memory.saturating_sub(base) as f64 / need).floor();
    (room.min(bounds.threads as f64) as usize).max(1)
}

/// Runs the members that have no whole result yet. A member that fails stops the rest; what is written stays.
///
/// # Errors
/// [`EnsembleError`] of the lowest member that failed; cancelled.
pub fn run(
    ready: &Ready,
    bounds: Bounds,
    cancel: &CancelToken,
    tell: &(impl Fn(Told) + Sync),
) -> Result<u32, EnsembleError> {
    let bounds = Bounds { threads: bounds.threads.max(1), ..bounds };
    let missing: Vec<u32> = (0..ready.spec.members).filter(|m| !ready.has(*m)).collect();
    if missing.is_empty() {
        return Ok(0);
    }
    let pool = |threads: usize| -> Result<ThreadPool, EnsembleError> {
        let built = ThreadPoolBuilder::new().num_threads(threads).build();
        built.map_err(|e| EnsembleError::Threads { detail: e.to_string() })
    };
    // One member alone uses all threads; several use one each.
    let whole = pool(bounds.threads)?;
    let singles = (0..bounds.threads.min(missing.len())).map(|_| pool(1)).collect::<Result<Vec<_>, _>>()?;
    let state = State { next: 0, running: 0, together: 1, done: 0, need: 0, first_ended: false, failed: None };
    let base = resident().unwrap_or(0);
    let gate = Gate { state: Mutex::new(state), changed: Condvar::new(), base, bounds };
    let begun = Instant::now();
    // Ours, so that one failure stops the others without tripping the caller's.
    let stop = CancelToken::new();
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| watch(&gate, cancel, &stop, missing.len()));
        let workers: Vec<_> = singles
            .iter()
            .map(|single| scope.spawn(|| work(ready, &gate, &missing, (&whole, single), &stop, begun, tell)))
            .collect();
        // All are waited for, whatever becomes of the first.
        let panicked = workers.into_iter().filter_map(|w| w.join().err()).count() > 0;
        stop.cancel();
        let _ = watcher.join();
        if panicked {
            return Err(EnsembleError::Threads { detail: "panic".to_owned() });
        }
        Ok(())
    })?;
    let state = gate.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    match state.failed {
        _ if cancel.is_cancelled() => Err(EnsembleError::Cancelled),
        Some((_, error)) => Err(error),
        None => Ok(state.done),
    }
}

/// Looks at memory, and at whether the user has had enough.
fn watch(gate: &Gate, cancel: &CancelToken, stop: &CancelToken, all: usize) {
    while !stop.is_cancelled() {
        if cancel.is_cancelled() {
            stop.cancel();
            gate.changed.notify_all();
            return;
        }
        {
            let mut state = gate.lock();
            if state.running > 0
                && let Some(now) = resident()
            {
                let each = now.saturating_sub(gate.base) / state.together as u64;
                state.need = state.need.max(each);
            }
            if state.done as usize >= all {
                return;
            }
        }
        std::thread::sleep(LOOK);
    }
}

fn work(
    ready: &Ready,
    gate: &Gate,
    missing: &[u32],
    (whole, single): (&ThreadPool, &ThreadPool),
    stop: &CancelToken,
    begun: Instant,
    tell: &(impl Fn(Told) + Sync),
) {
    loop {
        let (member, alone) = {
            let mut state = gate.lock();
            while state.running >= gate.at_once(&state) && !stop.is_cancelled() && state.next < missing.len() {
                state = gate.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            let Some(&member) = missing.get(state.next).filter(|_| !stop.is_cancelled()) else {
                gate.changed.notify_all();
                return;
            };
            state.next += 1;
            state.running += 1;
            state.together = state.together.max(state.running);
            (member, gate.at_once(&state) == 1)
        };
        let context = StepContext { cancel: stop.clone(), progress: Progress::new() };
        let (pool, threads) = if alone { (whole, gate.bounds.threads) } else { (single, 1) };
        let outcome = pool.install(|| ready.run(member, threads, &context));
        let mut state = gate.lock();
        state.running -= 1;
        state.first_ended = true;
        match outcome {
            Ok(_) => {
                state.done += 1;
                let left = missing.len() as f64 - f64::from(state.done);
                tell(Told {
                    member,
                    done: state.done,
                    of: missing.len() as u32,
                    at_once: gate.at_once(&state),
                    need: state.need,
                    seconds_left: begun.elapsed().as_secs_f64() / f64::from(state.done) * left,
                });
            }
            Err(EnsembleError::Cancelled) => {}
            Err(error) => {
                if state.failed.as_ref().is_none_or(|f| member < f.0) {
                    state.failed = Some((member, error));
                }
                stop.cancel();
            }
        }
        drop(state);
        gate.changed.notify_all();
    }
}

/// A line of one of the system's files: `VmRSS:   1234 kB`, as bytes.
fn bytes_of(file: &str, name: &str) -> Option<u64> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|l| l.strip_prefix(name))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}

/// Bytes of memory that the program has now (proc(5)); `None` where the system does not tell.
fn resident() -> Option<u64> {
    bytes_of("/proc/self/status", "VmRSS:")
}

/// Bytes that the program may come to: what the machine has free, or a container's limit, with what the program has
/// already; `None` where the system does not tell.
#[must_use]
pub fn available() -> Option<u64> {
    let free = bytes_of("/proc/meminfo", "MemAvailable:")? + resident().unwrap_or(0);
    let limit = std::fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|t| t.trim().parse().ok());
    Some(limit.map_or(free, |limit: u64| limit.min(free)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_run_at_once_as_memory_holds() {
        const MB: u64 = 1 << 20;
        let bounds = Bounds { threads: 8, memory: 1000 * MB };
        assert_eq!(at_once(false, 0, 200 * MB, bounds), 1, "the first one runs alone");
        assert_eq!(at_once(true, 100 * MB, 200 * MB, bounds), 6);
        assert_eq!(at_once(true, 10 * MB, 200 * MB, bounds), 8, "no more than threads");
        assert_eq!(at_once(true, 900 * MB, 200 * MB, bounds), 1, "one always runs");
        assert_eq!(at_once(true, 0, 2000 * MB, bounds), 1);
    }

    #[test]
    fn the_memory_of_this_program_is_seen() {
        let mine = resident().unwrap();
        assert!(mine > 1 << 20);
        assert!(available().unwrap() > 1 << 20);
    }
}
