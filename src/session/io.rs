//! The reading and writing that a session asks for. The program passes in the real thing; tests pass in fakes.

use std::any::Any;
use std::path::{Path, PathBuf};

use crate::base::cancel::{CancelToken, Cancelled};
use crate::base::message::Message;
use crate::base::progress::Progress;
use crate::geo::frame::SiteFrame;
use crate::io::import::{ImportError, Imported, SourceSpec};
use crate::model::project::Project;

/// Something that did not go well without stopping the rest, and the file it is about.
pub type Warning = (Message, PathBuf);

#[derive(Debug, Clone, PartialEq)]
pub enum IoFailure {
    Cancelled,
    /// A sentence for the user, and a detail for whoever looks into it.
    Failed {
        message: Message,
        detail: Option<String>,
    },
}

impl From<Cancelled> for IoFailure {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

impl From<Message> for IoFailure {
    fn from(message: Message) -> Self {
        Self::Failed { message, detail: None }
    }
}

/// What came of asking for the right to write a file.
pub enum Held {
    /// A scene or something else that edits do not go into.
    NotAProject,
    /// Ours until this is dropped.
    Mine(Box<dyn Any + Send + Sync>),
    /// Another instance has it.
    Other,
    /// Nobody can write there.
    Cannot(Message),
}

/// What became of an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    Done,
    /// The file must be saved as a whole.
    NeedsSave,
}

/// Called on threads of their own; each call checks its token often.
pub trait SessionIo: Send + Sync + 'static {
    /// Reads a scene or a saved project.
    ///
    /// # Errors
    /// When nothing of it can be opened; single layers that fail are warnings.
    fn load(
        &self,
        path: &Path,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<(Project, Vec<Warning>), IoFailure>;

    /// Reads files as layers in the system of a site; `each` is called once for every source, with its index, as soon
    /// as its result is there.
    fn read(
        &self,
        sources: &[SourceSpec],
        frame: &SiteFrame,
        progress: &Progress,
        cancel: &CancelToken,
        each: &mut dyn FnMut(usize, Result<Imported, ImportError>),
    );

    /// Writes a project into one file; an old file is replaced only when the new one is complete.
    ///
    /// # Errors
    /// When it cannot be written.
    fn save(&self, project: &Project, path: &Path, progress: &Progress, cancel: &CancelToken) -> Result<(), IoFailure>;

    /// Takes the right to write a saved project. Called on the session's own thread, and quick.
    fn hold(&self, _path: &Path) -> Held {
        Held::NotAProject
    }

    /// Brings a held file from one state of the project to the next; on the disk when it returns. Called on the
    /// session's own thread.
    ///
    /// # Errors
    /// When it cannot be written; the file is then as it was before.
    fn commit(&self, _before: &Project, _after: &Project, _path: &Path) -> Result<Committed, IoFailure> {
        Ok(Committed::NeedsSave)
    }
}
