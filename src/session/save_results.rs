//! Results of a study into a folder, as a job: all files, or none.

use std::path::{Path, PathBuf};

use super::apply::Session;
use super::effects::Effects;
use super::error::SessionError;
use super::io::IoFailure;
use super::jobs::{JobKind, Outcome};
use super::notice::Level;
use crate::base::message::{Message, ToMessage};
use crate::sim::run::StepContext;
use crate::study::folder::FolderError;
use crate::text::Catalog;

impl Session {
    /// `written`: the key of the notice that tells where it went. The words are in the language of the moment.
    pub(super) fn save_results(
        &mut self,
        folder: PathBuf,
        written: &'static str,
        write: impl FnOnce(&Path, &Catalog, &StepContext) -> Result<(), FolderError> + Send + 'static,
    ) -> Result<(), SessionError> {
        let language = self.language();
        let target = folder.clone();
        self.start(JobKind::Export, &folder, move |progress, cancel| {
            let context = StepContext { cancel: cancel.clone(), progress: progress.clone() };
            write(&target, &Catalog::load(language), &context)?;
            Ok(Outcome::then(move |session| {
                session.notices.push(Level::Info, Message::new(written), None, Some(target));
                Effects::default()
            }))
        })
    }
}

impl From<FolderError> for IoFailure {
    fn from(error: FolderError) -> Self {
        match error {
            FolderError::Cancelled(cancelled) => cancelled.into(),
            failed @ FolderError::Failed(_) => failed.to_message().into(),
        }
    }
}
