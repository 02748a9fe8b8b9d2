//! The live side on a thread of its own: what the window and the command line hold in their hands.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::board::Board;
use super::herald::Herald;
use super::hub::Hub;
use super::source::SensorSource;

/// How often sources are asked.
const ROUND: Duration = Duration::from_millis(50);
/// How often a new board is laid out.
const SHOW_MS: i64 = 200;

/// What the live side is told to do.
pub enum Wish {
    Acknowledge {
        stream: String,
        rule: String,
        who: String,
        note: String,
    },
    AddSource(Box<dyn SensorSource>),
    DropSources,
    /// Who else is told of alarms, if anybody.
    Tell(Option<Herald>),
    /// Answers when all that has come is kept.
    Flush(Sender<()>),
}

pub struct LiveDesk {
    board: Arc<Mutex<Arc<Board>>>,
    wishes: Option<Sender<Wish>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl LiveDesk {
    /// `prepare` runs on the new thread before anything else: reading a long history takes its time.
    ///
    /// # Errors
    /// When there is no thread.
    pub fn start(hub: Hub, prepare: impl FnOnce(&mut Hub) + Send + 'static) -> std::io::Result<Self> {
        let board = Arc::new(Mutex::new(Arc::new(Board::default())));
        let (wishes, incoming) = channel();
        let shown = board.clone();
        let thread = std::thread::Builder::new().name("live".to_owned()).spawn(move || {
            let mut hub = hub;
            prepare(&mut hub);
            run(hub, &incoming, &shown);
        })?;
        Ok(Self { board, wishes: Some(wishes), thread: Some(thread) })
    }

    /// The newest board.
    #[must_use]
    pub fn board(&self) -> Arc<Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn wish(&self, wish: Wish) {
        if let Some(wishes) = &self.wishes {
            let _ = wishes.send(wish);
        }
    }

    /// Waits until all that has come is kept.
    pub fn flush(&self) {
        let (done, wait) = channel();
        self.wish(Wish::Flush(done));
        let _ = wait.recv_timeout(Duration::from_secs(30));
    }
}

impl Drop for LiveDesk {
    fn drop(&mut self) {
        self.wishes = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(mut hub: Hub, wishes: &Receiver<Wish>, shown: &Mutex<Arc<Board>>) {
    let (mut shown_ms, mut changed) = (i64::MIN, true);
    loop {
        let now_ms = jiff::Timestamp::now().as_millisecond();
        match wishes.recv_timeout(ROUND) {
            Ok(Wish::Acknowledge { stream, rule, who, note }) => {
                hub.acknowledge(&stream, &rule, &who, &note, now_ms);
                shown_ms = i64::MIN;
                changed = true;
            }
            Ok(Wish::AddSource(source)) => hub.add_source(source),
            Ok(Wish::DropSources) => hub.drop_sources(),
            Ok(Wish::Tell(herald)) => hub.set_herald(herald),
            Ok(Wish::Flush(done)) => {
                hub.step(now_ms);
                hub.flush();
                let _ = done.send(());
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        changed |= hub.step(now_ms);
        if changed && now_ms.saturating_sub(shown_ms.max(0)) >= SHOW_MS {
            *shown.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(hub.board().clone());
            (shown_ms, changed) = (now_ms, false);
        }
    }
}
