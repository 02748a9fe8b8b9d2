//! Keeps what comes on a thread of its own, so that a slow or full disk never stops the live view.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::contract::{History, HistoryError, LogLine, Tally};
use super::sqlite::SqliteHistory;
use crate::base::message::{Message, ToMessage};
use crate::live::decode::SharedNetwork;
use crate::model::sensor::Reading;

/// Readings that may wait for the disk: 24 MB of them.
const MOST_WAITING: usize = 1_000_000;
/// How long to let readings gather before they are written.
const GATHER: Duration = Duration::from_millis(100);
const GATHERED: usize = 50_000;
const RETRY: Duration = Duration::from_secs(5);
const HOUSEKEEPING: Duration = Duration::from_hours(1);

/// What is kept for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// After so many days readings become hourly means.
    pub readings_days: i64,
    pub means_days: i64,
}

impl Default for Retention {
    fn default() -> Self {
        Self { readings_days: 2 * 366, means_days: 20 * 366 }
    }
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct KeeperReport {
    pub kept: Tally,
    /// Readings that wait for the disk.
    pub waiting: usize,
    /// Readings that could not wait any longer and are in no history.
    pub lost: u64,
    pub trouble: Option<Message>,
    /// A damaged file that was given another name.
    pub set_aside: Option<PathBuf>,
}

enum Order {
    Keep(Vec<Reading>),
    Log(Vec<LogLine>),
    /// Answers when all before it was written, or could not be.
    Flush(SyncSender<()>),
}

/// Opens a history; where a damaged one was put is the second answer. Asked again after a trouble that reopening heals.
pub type Opener = Box<dyn FnMut() -> Result<(Box<dyn History>, Option<PathBuf>), HistoryError> + Send>;

/// A history in a file.
#[must_use]
pub fn in_file(path: &Path) -> Opener {
    let path = path.to_owned();
    Box::new(move || SqliteHistory::open(&path).map(|(history, aside)| (Box::new(history) as Box<dyn History>, aside)))
}

pub struct Keeper {
    orders: Option<Sender<Order>>,
    report: Arc<Mutex<KeeperReport>>,
    thread: Option<std::thread::JoinHandle<()>>,
    /// Readings on their way to the thread, so that they can be bounded.
    under_way: Arc<std::sync::atomic::AtomicUsize>,
}

impl Keeper {
    /// # Errors
    /// When there is no thread.
    pub fn start(open: Opener, network: SharedNetwork, retention: Retention) -> std::io::Result<Self> {
        let (orders, incoming) = channel();
        let report = Arc::new(Mutex::new(KeeperReport::default()));
        let under_way = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let work = Work {
            open,
            history: None,
            network,
            retention,
            waiting: Vec::new(),
            log: Vec::new(),
            report: report.clone(),
            under_way: under_way.clone(),
            retry: None,
            cleaned: None,
        };
        let thread = std::thread::Builder::new().name("history".to_owned()).spawn(move || work.run(&incoming))?;
        Ok(Self { orders: Some(orders), report, thread: Some(thread), under_way })
    }

    /// Hands readings over; those that find no room any more are counted as lost.
    pub fn keep(&self, readings: Vec<Reading>) {
        use std::sync::atomic::Ordering::Relaxed;
        if readings.is_empty() {
            return;
        }
        let count = readings.len();
        if self.under_way.fetch_add(count, Relaxed) + count > MOST_WAITING {
            self.under_way.fetch_sub(count, Relaxed);
            self.report.lock().unwrap_or_else(PoisonError::into_inner).lost += count as u64;
            return;
        }
        self.order(Order::Keep(readings));
    }

    pub fn log(&self, lines: Vec<LogLine>) {
        if !lines.is_empty() {
            self.order(Order::Log(lines));
        }
    }

    /// Waits until what was handed over is written, or cannot be.
    pub fn flush(&self) {
        let (done, wait) = sync_channel(1);
        self.order(Order::Flush(done));
        let _ = wait.recv_timeout(Duration::from_secs(30));
    }

    fn order(&self, order: Order) {
        if let Some(orders) = &self.orders {
            let _ = orders.send(order);
        }
    }

    /// Whether so much waits for the disk that old readings had better not be handed over now.
    #[must_use]
    pub fn is_crowded(&self) -> bool {
        self.under_way.load(std::sync::atomic::Ordering::Relaxed) > MOST_WAITING / 4
    }

    #[must_use]
    pub fn report(&self) -> KeeperReport {
        let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner).clone();
        report.waiting = self.under_way.load(std::sync::atomic::Ordering::Relaxed);
        report
    }
}

impl Drop for Keeper {
    /// Writes what waits before the program goes.
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Work {
    open: Opener,
    history: Option<Box<dyn History>>,
    network: SharedNetwork,
    retention: Retention,
    waiting: Vec<Reading>,
    log: Vec<LogLine>,
    report: Arc<Mutex<KeeperReport>>,
    under_way: Arc<std::sync::atomic::AtomicUsize>,
    /// Not before then.
    retry: Option<Instant>,
    cleaned: Option<Instant>,
}

impl Work {
    fn run(mut self, incoming: &Receiver<Order>) {
        let mut gathering: Option<Instant> = None;
        loop {
            let flush = match incoming.recv_timeout(GATHER) {
                Ok(Order::Keep(readings)) => {
                    self.waiting.extend(readings);
                    gathering.get_or_insert_with(Instant::now);
                    None
                }
                Ok(Order::Log(lines)) => {
                    self.log.extend(lines);
                    None
                }
                Ok(Order::Flush(done)) => Some(done),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => {
                    self.retry = None;
                    self.write();
                    return;
                }
            };
            let ripe = gathering.is_some_and(|g| g.elapsed() >= GATHER) || self.waiting.len() >= GATHERED;
            if flush.is_some() || ripe || (gathering.is_none() && !self.log.is_empty()) {
                self.write();
                gathering = (!self.waiting.is_empty()).then(Instant::now);
            }
            if let Some(done) = flush {
                let _ = done.send(());
            }
            self.clean();
        }
    }

    fn write(&mut self) {
        if self.retry.is_some_and(|at| Instant::now() < at) || (self.waiting.is_empty() && self.log.is_empty()) {
            return;
        }
        if let Err(error) = self.try_write() {
            let damaged = matches!(error, HistoryError::Damaged { .. });
            self.tell(|r| r.trouble = Some(error.to_message()));
            // A damaged file is set aside when it is opened anew; a connection that was lost comes back the same way.
            if !matches!(error, HistoryError::Full { .. }) {
                self.history = None;
            }
            self.retry = Some(Instant::now() + if damaged { Duration::ZERO } else { RETRY });
            return;
        }
        self.retry = None;
        self.tell(|r| r.trouble = None);
    }

    fn try_write(&mut self) -> Result<(), HistoryError> {
        if self.history.is_none() {
            let (history, aside) = (self.open)()?;
            self.history = Some(history);
            if aside.is_some() {
                self.tell(|r| r.set_aside = aside);
            }
        }
        let Some(history) = &mut self.history else { return Ok(()) };
        if !self.log.is_empty() {
            history.log(&self.log)?;
            self.log.clear();
        }
        let network = self.network.clone();
        let mut name = |key| {
            let network = network.read().unwrap_or_else(PoisonError::into_inner);
            network.stream(key).map(crate::model::sensor::Stream::name)
        };
        while !self.waiting.is_empty() {
            let count = self.waiting.len().min(GATHERED);
            let tally = history.append(&self.waiting[..count], &mut name)?;
            self.waiting.drain(..count);
            self.under_way.fetch_sub(count, std::sync::atomic::Ordering::Relaxed);
            self.report.lock().unwrap_or_else(PoisonError::into_inner).kept.add(tally);
        }
        Ok(())
    }

    /// Once an hour old readings become means.
    fn clean(&mut self) {
        if self.cleaned.is_some_and(|at| at.elapsed() < HOUSEKEEPING) {
            return;
        }
        let Some(history) = &mut self.history else { return };
        self.cleaned = Some(Instant::now());
        let now_ms = jiff::Timestamp::now().as_millisecond();
        let day = 86_400_000;
        let result =
            history.thin_out(now_ms - self.retention.readings_days * day, now_ms - self.retention.means_days * day);
        if let Err(error) = result {
            self.tell(|r| r.trouble = Some(error.to_message()));
        }
    }

    fn tell(&self, change: impl FnOnce(&mut KeeperReport)) {
        change(&mut self.report.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
