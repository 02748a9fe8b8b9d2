//! Edits into the project's file as they are made, while this instance holds it.

use std::any::Any;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::apply::Session;
use super::error::SessionError;
use super::history::State;
use super::io::{Committed, Held};
use super::jobs::JobKind;
use super::notice::Level;
use crate::base::message::{Message, ToMessage};
use crate::model::project::Project;

/// What a drag changes is kept this long after its last move, so that the disk does not slow the hand.
const PAUSE: Duration = Duration::from_millis(400);

/// The open project's file, where it is one that edits go into.
#[derive(Default)]
pub struct Keeper {
    /// The right to write; ends with the session.
    held: Option<Box<dyn Any + Send + Sync>>,
    /// What the file holds.
    in_file: Option<Arc<Project>>,
    /// Somebody else has it, or the folder cannot be written.
    pub read_only: bool,
    due: Option<Instant>,
}

impl Session {
    /// Whether the open project can only be read; edits then wait for "save as".
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.keeper.read_only
    }

    /// Takes hold of the file of a project that was just opened or saved as it is now.
    pub(super) fn take_hold(&mut self, path: Option<&Path>) {
        // The old file is let go first: it may be the same one.
        self.keeper = Keeper::default();
        let (Some(path), Some(project)) = (path, self.project().cloned()) else { return };
        match self.io.hold(path) {
            Held::NotAProject => {}
            Held::Mine(held) => {
                self.keeper.held = Some(held);
                self.keeper.in_file = Some(project);
            }
            Held::Other => {
                self.keeper.read_only = true;
                let message = Message::new("whatif-read-only-other");
                self.notices.push(Level::Warning, message, None, Some(path.to_owned()));
            }
            Held::Cannot(reason) => {
                self.keeper.read_only = true;
                let message = Message::new("whatif-read-only-folder").with("reason", reason);
                self.notices.push(Level::Warning, message, None, Some(path.to_owned()));
            }
        }
    }

    /// Whether edits go into the project's file as they are made.
    pub(super) fn holds_file(&self) -> bool {
        self.keeper.held.is_some()
    }

    /// After a whole save: the file is ours, and edits that were made while it was written go in.
    pub(super) fn after_save(&mut self, path: Option<&Path>, saved: State) {
        self.take_hold(path);
        if self.keeper.held.is_some() {
            self.keeper.in_file = Some(saved.project);
            if self.is_modified() {
                self.keep_now();
            }
        }
    }

    /// # Errors
    /// [`SessionError::HeldByAnother`] for a project that another instance has open.
    pub(super) fn may_write(&self, path: &Path) -> Result<(), SessionError> {
        let ours = self.keeper.held.is_some() && self.path.as_deref() == Some(path);
        match self.io.hold(path) {
            Held::Other if !ours => Err(SessionError::HeldByAnother(path.to_owned())),
            _ => Ok(()),
        }
    }

    /// Puts an edit into the file: at once, or when a drag has come to rest.
    pub(super) fn keep(&mut self, dragging: bool) {
        if self.keeper.held.is_none() {
            return;
        }
        if dragging {
            self.keeper.due = Some(Instant::now() + PAUSE);
        } else {
            self.keep_now();
        }
    }

    /// What waited for the end of a drag.
    pub(super) fn keep_what_is_due(&mut self) {
        if self.keeper.due.is_some_and(|due| due <= Instant::now()) {
            self.keep_now();
        }
    }

    /// Before the file is let go: nothing waits any longer.
    pub(super) fn keep_what_waits(&mut self) {
        if self.keeper.due.is_some() {
            self.keep_now();
        }
    }

    fn keep_now(&mut self) {
        self.keeper.due = None;
        let (Some(before), Some(path)) = (self.keeper.in_file.clone(), self.path.clone()) else { return };
        let Some((project, revision)) = self.state.as_ref().map(|s| (Arc::clone(&s.project), s.revision)) else {
            return;
        };
        // A whole save is under way; it will be followed by another one.
        if self.jobs.running().iter().any(|j| j.kind == JobKind::Save) {
            self.keeper.due = Some(Instant::now() + PAUSE);
            return;
        }
        match self.io.commit(&before, &project, &path) {
            Ok(Committed::Done) => {
                self.saved_revision = revision;
                self.keeper.in_file = Some(project);
            }
            Ok(Committed::NeedsSave) => {
                if let Err(error) = self.save(&path) {
                    self.notices.push(Level::Error, error.to_message(), None, Some(path));
                }
            }
            Err(failure) => self.fail(failure, Some(path)),
        }
    }
}
