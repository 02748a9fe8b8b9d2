//! The files that a session reads and writes, joined to the importers and the store.

use std::any::Any;
use std::path::{Path, PathBuf};

use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::geo::frame::SiteFrame;
use crate::io::import::{ImportError, Imported, SourceSpec, WorkerProgram, import_isolated};
use crate::io::scene;
use crate::io::store::{Commit, Hold, StoreError, commit_project, hold_project, is_project, let_go, save_project};
use crate::model::project::Project;
use crate::session::io::{Committed, Held, IoFailure, SessionIo, Warning};

/// Every file that somebody else made is read by this program started again as a worker.
#[derive(Debug, Clone)]
pub struct Files {
    worker: WorkerProgram,
}

impl Files {
    /// Workers are this very program.
    ///
    /// # Errors
    /// When the running program cannot be found any more.
    pub fn new() -> Result<Self, Message> {
        let worker =
            WorkerProgram::current().map_err(|e| Message::new("cli-no-worker").with("reason", e.to_string()))?;
        Ok(Self { worker })
    }

    #[must_use]
    pub fn worker(&self) -> &WorkerProgram {
        &self.worker
    }

    /// Workers are another copy of the program: for benchmarks and tests.
    #[must_use]
    pub fn with_worker(program: &Path) -> Self {
        Self { worker: WorkerProgram::at(program.to_path_buf()) }
    }
}

/// A project that this instance may write; on letting it go the file is left as any program reads it.
struct Holding {
    path: PathBuf,
    _hold: Hold,
}

impl Drop for Holding {
    fn drop(&mut self) {
        // The lock goes after this. A file that cannot be put back now is put back when it is next opened; one that was
        // never written must not be made by this.
        if is_project(&self.path) {
            let _ = let_go(&self.path);
        }
    }
}

/// The right to write a project for as long as the answer lives. A command takes it before it reads what it will change:
/// what a window or another command writes in between would be lost.
///
/// # Errors
/// Another program has the project; the folder cannot be written.
pub(super) fn take(path: &Path) -> Result<Box<dyn Any>, Message> {
    let held = || Message::new("whatif-held-by-another").with("path", path);
    let hold = hold_project(path).map_err(|e| e.to_message())?.ok_or_else(held)?;
    if is_project(path) {
        let_go(path).map_err(|e| e.to_message())?;
    }
    Ok(Box::new(Holding { path: path.to_owned(), _hold: hold }))
}

fn failed(error: &impl ToMessage) -> IoFailure {
    IoFailure::from(error.to_message())
}

impl SessionIo for Files {
    fn load(
        &self,
        path: &Path,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<(Project, Vec<Warning>), IoFailure> {
        let (project, warnings) = scene::load_project(path, &self.worker, progress, cancel).map_err(|e| failed(&e))?;
        cancel.check()?;
        Ok((project, warnings.into_iter().map(|w| (w.message, w.path)).collect()))
    }

    fn read(
        &self,
        sources: &[SourceSpec],
        frame: &SiteFrame,
        progress: &Progress,
        cancel: &CancelToken,
        each: &mut dyn FnMut(usize, Result<Imported, ImportError>),
    ) {
        import_isolated(sources, frame, &self.worker, progress, cancel, each);
    }

    fn hold(&self, path: &Path) -> Held {
        if !is_project(path) {
            return Held::NotAProject;
        }
        match hold_project(path) {
            Ok(Some(hold)) => Held::Mine(Box::new(Holding { path: path.to_owned(), _hold: hold })),
            Ok(None) => Held::Other,
            Err(error) => Held::Cannot(error.to_message()),
        }
    }

    fn commit(&self, before: &Project, after: &Project, path: &Path) -> Result<Committed, IoFailure> {
        match commit_project(before, after, path) {
            Ok(Commit::Done) => Ok(Committed::Done),
            Ok(Commit::NeedsSave) => Ok(Committed::NeedsSave),
            Err(error) => Err(failed(&error)),
        }
    }

    fn save(&self, project: &Project, path: &Path, progress: &Progress, cancel: &CancelToken) -> Result<(), IoFailure> {
        save_project(project, path, progress, cancel).map_err(|error| match error {
            StoreError::Cancelled { .. } => IoFailure::Cancelled,
            other => failed(&other),
        })
    }
}
