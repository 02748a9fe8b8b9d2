//! What keeps the live view from being whole: a source that does not answer, a history that is not written, a board that
//! stands still. In sight as long as it lasts, and told once when it begins.

use super::apply::Session;
use super::live::LiveState;
use super::notice::Level;
use crate::base::message::Message;
use crate::live::source::Condition;

/// A board that is older is not to be believed: it is laid out anew several times a second.
const STALLED_MS: i64 = 5_000;
/// What comes and goes is not told again before.
const AGAIN_MS: i64 = 10 * 60_000;

/// One thing that is wrong, with a lasting name.
#[derive(Debug, Clone, PartialEq)]
pub struct Trouble {
    pub(super) id: String,
    pub level: Level,
    pub message: Message,
}

/// A trouble that was told.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Told {
    id: String,
    lasts: bool,
    since_ms: i64,
}

impl LiveState {
    /// What is wrong beyond the stations themselves.
    #[must_use]
    pub fn troubles(&self) -> Vec<Trouble> {
        let mut found = Vec::new();
        let mut add = |id: &str, level, message| found.push(Trouble { id: id.to_owned(), level, message });
        if self.stalled {
            add("stalled", Level::Error, Message::new("session-live-stalled"));
        }
        for source in &self.board.sources {
            if let Condition::Trouble(reason) | Condition::Refused(reason) = &source.condition {
                let message = Message::new("session-live-source-trouble")
                    .with("source", source.title.as_str())
                    .with("reason", reason.clone());
                add(&format!("source {}", source.title), Level::Error, message);
            }
        }
        let Some(keeper) = &self.board.keeper else { return found };
        if let Some(trouble) = &keeper.trouble {
            add("history", Level::Error, trouble.clone());
        }
        if keeper.lost > 0 {
            let message = Message::new("session-live-lost").with("count", keeper.lost as usize);
            add("lost", Level::Error, message);
        }
        if let Some(path) = &keeper.set_aside {
            let message = Message::new("sensor-history-set-aside").with("path", path.as_path());
            add("set aside", Level::Warning, message);
        }
        found
    }

    /// Whether the live side has stopped working while the window goes on.
    pub(super) fn look_at_board(&mut self, now_ms: i64) {
        // When the whole program stood still (a notebook that was closed), the live side gets its turn before it is judged.
        let slept = self.looked_ms.is_some_and(|last| now_ms - last > STALLED_MS);
        self.looked_ms = (!slept).then_some(now_ms);
        if slept {
            return;
        }
        let board_ms = self.board.now_ms;
        self.stalled = board_ms > 0 && now_ms - board_ms > STALLED_MS;
    }
}

impl Session {
    /// Tells what has begun to be wrong since the last look.
    pub(super) fn tell_troubles(&mut self, now_ms: i64) {
        let troubles = self.live.troubles();
        for told in &mut self.live.told {
            told.lasts &= troubles.iter().any(|t| t.id == told.id);
        }
        for trouble in troubles {
            let told = self.live.told.iter_mut().find(|t| t.id == trouble.id);
            let is_new = if let Some(told) = told {
                let again = !told.lasts && now_ms - told.since_ms >= AGAIN_MS;
                told.lasts = true;
                if again {
                    told.since_ms = now_ms;
                }
                again
            } else {
                self.live.told.push(Told { id: trouble.id, lasts: true, since_ms: now_ms });
                true
            };
            if is_new {
                self.notices.push(trouble.level, trouble.message, None, None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::live::board::{Board, StreamNow, StreamState};
    use crate::live::history::keeper::KeeperReport;
    use crate::live::source::SourceReport;
    use crate::model::sensor::StreamKey;

    #[test]
    fn a_board_that_stands_still_makes_nothing_look_fine() {
        let now = |state| StreamNow { latest: Some((9_000, 5.0)), state, ..StreamNow::default() };
        let board = Board {
            now_ms: 10_000,
            streams: [StreamState::Ok, StreamState::Warning, StreamState::Alarm].map(now).to_vec(),
            ..Board::default()
        };
        let mut live = LiveState { board: Arc::new(board), ..LiveState::default() };
        live.look_at_board(12_000);
        assert!(live.troubles().is_empty() && live.stream_now(StreamKey(0)).state == StreamState::Ok);
        live.look_at_board(40_000);
        assert!(live.troubles().is_empty(), "the program itself stood still");
        live.look_at_board(41_000);
        let state = |key| live.stream_now(StreamKey(key)).state;
        assert_eq!([state(0), state(1), state(2)], [StreamState::Stale, StreamState::Stale, StreamState::Alarm]);
        assert!(live.stream_now(StreamKey(2)).silent);
        assert_eq!(live.troubles()[0].message.key, "session-live-stalled");
    }

    #[test]
    fn sources_and_history_tell_what_is_wrong_with_them() {
        let refused = Condition::Refused(Message::new("sensor-wrong-password"));
        let source = SourceReport { condition: refused, ..SourceReport::new("mqtts://broker") };
        let keeper = KeeperReport { lost: 7, trouble: Some(Message::new("sensor-history-full")), ..Default::default() };
        let board = Board { sources: vec![source], keeper: Some(keeper), ..Board::default() };
        let live = LiveState { board: Arc::new(board), ..LiveState::default() };
        let keys: Vec<String> = live.troubles().into_iter().map(|t| t.message.key).collect();
        assert_eq!(keys, ["session-live-source-trouble", "sensor-history-full", "session-live-lost"]);
    }
}
