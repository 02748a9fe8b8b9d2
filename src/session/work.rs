//! The session's long work: what is started for a command, and what becomes of its end.

use std::path::{Path, PathBuf};

use super::apply::Session;
use super::effects::Effects;
use super::error::SessionError;
use super::io::{IoFailure, Warning};
use super::jobs::{Ending, Job, JobKind, Outcome, Then};
use super::notice::Level;
use crate::base::cancel::CancelToken;
use crate::base::message::Message;
use crate::base::progress::Progress;

impl Session {
    /// Takes in what jobs have finished; call it every frame.
    pub fn poll_jobs(&mut self) -> Effects {
        self.poll_live();
        self.keep_what_is_due();
        self.take_found();
        let mut effects = self.turn_page_when_due();
        for (job, ending) in self.jobs.take_ended() {
            effects.merge(self.finish(&job, ending));
        }
        self.refresh_plan_map();
        effects
    }

    pub(super) fn open(&mut self, path: &Path) -> Result<(), SessionError> {
        // Only the last one that was asked for matters.
        self.jobs.cancel(|j| j.kind == JobKind::Open);
        let (io, file) = (self.io.clone(), path.to_owned());
        self.start(JobKind::Open, path, move |progress, cancel| {
            let (project, warnings) = io.load(&file, progress, cancel)?;
            cancel.check()?;
            Ok(Outcome::Opened(Box::new(project), warnings))
        })
    }

    pub(super) fn save(&mut self, path: &Path) -> Result<(), SessionError> {
        let state = self.state.clone().ok_or(SessionError::NoProject)?;
        self.may_write(path)?;
        let (io, file) = (self.io.clone(), path.to_owned());
        self.start(JobKind::Save, path, move |progress, cancel| {
            io.save(&state.project, &file, progress, cancel)?;
            Ok(Outcome::Saved(state))
        })
    }

    pub(super) fn start(
        &mut self,
        kind: JobKind,
        path: &Path,
        work: impl FnOnce(&Progress, &CancelToken) -> Result<Outcome, IoFailure> + Send + 'static,
    ) -> Result<(), SessionError> {
        self.jobs.start(kind, path, work).map_err(|e| SessionError::NoThread(e.to_string()))
    }

    fn finish(&mut self, job: &Job, ending: Ending) -> Effects {
        let path = Some(job.path.clone());
        match ending {
            Ending::Done(Outcome::Opened(project, warnings)) => {
                if job.is_cancelled() {
                    return Effects::default();
                }
                let effects = self.install(*project, path);
                self.settings.remember(&job.path);
                self.warn(warnings);
                effects
            }
            Ending::Done(Outcome::Then(Then(step))) => step(self),
            Ending::Done(Outcome::Saved(saved)) => {
                self.saved_revision = saved.revision;
                let elsewhere = self.path != path;
                self.path.clone_from(&path);
                self.settings.remember(&job.path);
                self.notices.push(Level::Info, Message::new("session-saved"), None, path.clone());
                // Edits that were made while it was written go in now.
                self.after_save(path.as_deref(), saved);
                if let Some(path) = &path {
                    self.save_sensors(path, elsewhere);
                }
                Effects::default()
            }
            Ending::Done(Outcome::Blown(outcome)) => {
                self.take_air(outcome);
                Effects::default()
            }
            Ending::Done(Outcome::Burnt(outcome)) => {
                self.take_fire(outcome);
                Effects::default()
            }
            Ending::Done(Outcome::Certain(certainty)) => {
                self.take_certainty(*certainty);
                Effects::default()
            }
            Ending::Failed(failure) => {
                self.fail(failure, path);
                Effects::default()
            }
            Ending::Panicked(words) => {
                let detail = (!words.is_empty()).then_some(words);
                self.notices.push(Level::Error, Message::new("session-job-panicked"), detail, path);
                Effects::default()
            }
        }
    }

    fn warn(&mut self, warnings: Vec<Warning>) {
        for (message, path) in warnings {
            self.notices.push(Level::Warning, message, None, Some(path));
        }
    }

    pub(super) fn fail(&mut self, failure: IoFailure, path: Option<PathBuf>) {
        match failure {
            IoFailure::Cancelled => self.notices.push(Level::Info, Message::new("session-job-cancelled"), None, path),
            IoFailure::Failed { message, detail } => self.notices.push(Level::Error, message, detail, path),
        }
    }
}
