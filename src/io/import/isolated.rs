//! The parent's side of an isolated import: a child process per batch, killed when it is no longer wanted.

use std::io::{self, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::remote::RemoteSource;
use super::source::{Imported, SourceSpec};
use super::wire::{self, Reply, Request};
use super::worker::size_of;
use super::{ImportError, archive};
use crate::base::cancel::CancelToken;
use crate::base::message::Message;
use crate::base::progress::Progress;
use crate::geo::frame::SiteFrame;

/// The program that is started as the worker, and how long and large it may grow.
#[derive(Debug, Clone)]
pub struct WorkerProgram {
    pub program: PathBuf,
    pub args: Vec<String>,
    /// Seconds of computing for a batch, and one more for each MB of it. On the clock six times as long: a busy machine is
    /// no fault of the file.
    pub seconds: u64,
    /// Address space; eight more bytes for each byte of the batch.
    pub memory_bytes: u64,
}

impl WorkerProgram {
    /// This very program, as `island-twin import-worker`.
    ///
    /// # Errors
    /// When the running program cannot be found.
    pub fn current() -> io::Result<Self> {
        Ok(Self::at(std::env::current_exe()?))
    }

    #[must_use]
    pub fn at(program: PathBuf) -> Self {
        Self { program, args: vec!["import-worker".to_owned()], seconds: 2, memory_bytes: 512 << 20 }
    }
}

/// Imports files in a child process without network and with limits; `each` is called with the index of a source
/// and its result as soon as that is there, once for every source. A file that takes the child down costs only
/// itself: the others are read again, each in a child of its own.
pub fn import_isolated(
    sources: &[SourceSpec],
    frame: &SiteFrame,
    worker: &WorkerProgram,
    progress: &Progress,
    cancel: &CancelToken,
    mut each: impl FnMut(usize, Result<Imported, ImportError>),
) {
    let kilobytes = |source: &SourceSpec| 1 + size_of(&source.path) / 1024;
    progress.stage(Message::new("io-importing").with("files", sources.len()), sources.iter().map(kilobytes).sum());
    let mut done = vec![false; sources.len()];
    let mut report = |i: usize, result, done: &mut Vec<bool>| {
        if let (Some(seen @ false), Some(source)) = (done.get_mut(i), sources.get(i)) {
            *seen = true;
            progress.advance(kilobytes(source));
            each(i, result);
        }
    };
    // Whoever may reach a network reads nothing else.
    let files: Vec<usize> = (0..sources.len()).filter(|&i| sources[i].remote.is_none()).collect();
    let mut failure = run_batch(sources, &files, frame, worker, cancel, |i, result| report(i, result, &mut done)).err();
    let left: Vec<usize> = (0..sources.len()).filter(|&i| !done[i]).collect();
    let tried = files.len() == 1;
    for i in left {
        let path = &sources[i].path;
        if cancel.is_cancelled() {
            report(i, Err(ImportError::Cancelled { path: path.clone() }), &mut done);
            continue;
        }
        if !tried || sources[i].remote.is_some() {
            failure = run_batch(sources, &[i], frame, worker, cancel, |i, result| report(i, result, &mut done)).err();
        }
        if !done[i] {
            let failure = failure.take().unwrap_or(Failure::Died("no answer".to_owned()));
            report(i, Err(failure.of(path)), &mut done);
        }
    }
}

/// Why a batch ended before its last answer.
enum Failure {
    Cancelled,
    TooLong(u64),
    Died(String),
}

impl Failure {
    fn of(self, path: &Path) -> ImportError {
        let path = path.to_owned();
        match self {
            Self::Cancelled => ImportError::Cancelled { path },
            Self::TooLong(seconds) => ImportError::TooLong { path, seconds },
            Self::Died(detail) => ImportError::WorkerFailed { path, detail },
        }
    }
}

/// Kills the child and collects it, whatever happens.
struct Reaped(Child);

impl Reaped {
    fn end(&mut self) -> io::Result<ExitStatus> {
        self.0.kill()?;
        self.0.wait()
    }
}

impl Drop for Reaped {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::warn!("import worker: {error}");
        }
    }
}

/// Computing for a source on a network, and its address space beyond a file's.
const REMOTE_SECONDS: u64 = 60;
const REMOTE_MEMORY: u64 = 3 << 29;

fn run_batch(
    sources: &[SourceSpec],
    batch: &[usize],
    frame: &SiteFrame,
    worker: &WorkerProgram,
    cancel: &CancelToken,
    mut each: impl FnMut(usize, Result<Imported, ImportError>),
) -> Result<(), Failure> {
    if batch.is_empty() {
        return Ok(());
    }
    let died = |e: io::Error| Failure::Died(e.to_string());
    let bytes: u64 = batch.iter().filter_map(|&i| sources.get(i)).map(|s| size_of_all(&s.path)).sum();
    let remote = batch.iter().filter_map(|&i| sources.get(i)).find_map(|s| s.remote.as_ref());
    let (seconds, memory_bytes) = match remote {
        // Nobody knows how much will come.
        Some(_) => (REMOTE_SECONDS, worker.memory_bytes.saturating_add(REMOTE_MEMORY)),
        None => (worker.seconds + bytes / 1_000_000, worker.memory_bytes.saturating_add(bytes.saturating_mul(8))),
    };
    let scratch = tempfile::Builder::new().prefix("island-twin-").tempdir().map_err(died)?;
    let request = Request {
        sources: batch.iter().filter_map(|&i| sources.get(i).cloned()).collect(),
        frame: frame.clone(),
        scratch: scratch.path().to_owned(),
        memory_bytes,
        cpu_seconds: seconds,
        file_bytes: bytes + (64 << 20),
    };
    let mut command = Command::new(&worker.program);
    if let Some(host) = remote.and_then(RemoteSource::http_host) {
        // Every other address goes to the door that nobody opens (see `gdal_setup`).
        command.env("no_proxy", host).env_remove("NO_PROXY");
    }
    let child = command
        .args(&worker.args)
        // Each of glibc's heaps takes 64 MiB of addresses, used or not, and there is one a thread.
        .env("MALLOC_ARENA_MAX", "2")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(died)?;
    let mut child = Reaped(child);
    let deadline = Instant::now() + Duration::from_secs(6 * seconds);
    let (Some(stdin), Some(mut stdout), Some(mut stderr)) =
        (child.0.stdin.take(), child.0.stdout.take(), child.0.stderr.take())
    else {
        return Err(Failure::Died("no pipes".to_owned()));
    };
    ask(stdin, &request).map_err(died)?;
    std::thread::scope(|scope| {
        let complaints = scope.spawn(move || last_words(&mut stderr));
        let (sender, answers) = mpsc::channel();
        scope.spawn(move || {
            loop {
                let answer = receive(&mut stdout);
                let last = answer.is_err();
                if sender.send(answer).is_err() || last {
                    return;
                }
            }
        });
        let mut left = batch.len();
        let failure = loop {
            if left == 0 {
                break None;
            }
            if cancel.is_cancelled() {
                break Some(Failure::Cancelled);
            }
            match answers.recv_timeout(Duration::from_millis(20)) {
                Ok(Ok((source, result))) => {
                    if let Some(&i) = batch.get(source) {
                        left -= 1;
                        each(i, result);
                    }
                }
                Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => break Some(Failure::Died(String::new())),
                Err(RecvTimeoutError::Timeout) if Instant::now() > deadline => break Some(Failure::TooLong(seconds)),
                Err(RecvTimeoutError::Timeout) => {}
            }
        };
        // A child that closed its pipe by itself is given a moment to say how it ended.
        let status = match failure {
            Some(Failure::Died(_)) => wait_a_moment(&mut child.0),
            _ => child.end().ok(),
        };
        let words = if status.is_some() { complaints.join().unwrap_or_default() } else { String::new() };
        match failure {
            Some(Failure::Died(_)) => {
                if status.and_then(|s| s.signal()) == Some(SIGXCPU) {
                    return Err(Failure::TooLong(seconds));
                }
                let ending = status.map_or_else(|| "no answer".to_owned(), |s| s.to_string());
                let _ = child.end();
                Err(Failure::Died([ending, words].join(" ").trim().to_owned()))
            }
            Some(other) => Err(other),
            None => Ok(()),
        }
    })
}

/// How a process ends that has used up its computing time.
const SIGXCPU: i32 = rustix::process::Signal::XCPU.as_raw();

/// The file and what may belong to it.
fn size_of_all(path: &Path) -> u64 {
    let dbf = path.with_extension("dbf");
    size_of(path) + archive::unpacked_size(path) + if dbf == path { 0 } else { size_of(&dbf) }
}

fn ask(mut stdin: ChildStdin, request: &Request) -> io::Result<()> {
    wire::write_message(&mut stdin, request)
}

fn receive(stdout: &mut impl Read) -> io::Result<(usize, Result<Imported, ImportError>)> {
    let Reply { source, result } = wire::read_message(stdout)?;
    let result = match result {
        Ok(header) => Ok(wire::read_content(stdout, header)?),
        Err(error) => Err(error),
    };
    Ok((source as usize, result))
}

/// The end of what the child wrote to its standard error.
fn last_words(stderr: &mut impl Read) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(n @ 1..) = stderr.read(&mut buffer) {
        kept.extend_from_slice(&buffer[..n]);
        let surplus = kept.len().saturating_sub(2000);
        kept.drain(..surplus);
    }
    String::from_utf8_lossy(&kept).lines().last().unwrap_or_default().trim().to_owned()
}

fn wait_a_moment(child: &mut Child) -> Option<ExitStatus> {
    for _ in 0..50 {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    None
}
