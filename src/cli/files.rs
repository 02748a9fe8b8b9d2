//! The files that a session reads and writes, joined to the importers and the store.

use std::path::Path;

use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::geo::frame::SiteFrame;
use crate::io::import::{ImportError, Imported, SourceSpec, WorkerProgram, import_isolated};
use crate::io::scene;
use crate::io::store::{StoreError, save_project};
use crate::model::project::Project;
use crate::session::io::{IoFailure, SessionIo, Warning};

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

    fn save(&self, project: &Project, path: &Path, progress: &Progress, cancel: &CancelToken) -> Result<(), IoFailure> {
        save_project(project, path, progress, cancel).map_err(|error| match error {
            StoreError::Cancelled { .. } => IoFailure::Cancelled,
            other => failed(&other),
        })
    }
}
