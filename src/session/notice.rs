//! What the program has to tell: kept until the user dismisses it.

use std::path::PathBuf;

use crate::base::message::Message;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Info,
    Warning,
    Error,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Ascending within a session.
    pub id: u64,
    pub level: Level,
    pub message: Message,
    /// For whoever has to find out why, not translated.
    pub detail: Option<String>,
    /// The file it is about.
    pub path: Option<PathBuf>,
}

/// Older notices go when there are more than this.
const MOST_NOTICES: usize = 200;

#[derive(Debug, Default)]
pub struct Notices {
    next_id: u64,
    list: Vec<Notice>,
}

impl Notices {
    /// The oldest first.
    #[must_use]
    pub fn list(&self) -> &[Notice] {
        &self.list
    }

    pub fn push(&mut self, level: Level, message: Message, detail: Option<String>, path: Option<PathBuf>) {
        self.next_id += 1;
        self.list.push(Notice { id: self.next_id, level, message, detail, path });
        let surplus = self.list.len().saturating_sub(MOST_NOTICES);
        self.list.drain(..surplus);
    }

    pub fn dismiss(&mut self, id: u64) {
        self.list.retain(|n| n.id != id);
    }

    pub fn clear(&mut self) {
        self.list.clear();
    }
}
