//! The session's part in an import: files are read on a thread, looked at, read again, and become layers.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::accept::accept;
use super::desk::{ImportCommand, ImportDesk};
use super::new_layer::free_id;
use super::place::{Looked, look};
use super::review::{Review, ReviewState};
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::io::import::{ImportError, Imported, SourceSpec, readable_files};
use crate::io::template::{read_template, write_template};
use crate::model::layer::Layer;
use crate::model::project::Project;
use crate::model::style::Text2;
use crate::report::import::FileReport;
use crate::session::Session;
use crate::session::edit;
use crate::session::effects::Effects;
use crate::session::error::SessionError;
use crate::session::io::SessionIo;
use crate::session::jobs::{JobKind, Outcome};
use crate::session::notice::Level;
use crate::session::place::site_box;
use crate::session::spatial::Indexes;
use crate::session::view_state::CameraRequest;

impl Session {
    /// Puts files on the desk and reads them; folders stand for the files in them.
    pub(in crate::session) fn begin_import(&mut self, paths: Vec<PathBuf>) -> Result<(), SessionError> {
        if self.project().is_none() {
            return Err(SessionError::NoProject);
        }
        let files = paths.into_iter().flat_map(|p| if p.is_dir() { readable_files(&p) } else { vec![p] });
        let fresh: Vec<Review> = files
            .filter(|p| self.importing.reviews.iter().all(|r| r.spec.path != *p))
            .map(|path| Review::new(SourceSpec::new(path)))
            .collect();
        let first = self.importing.reviews.len();
        self.importing.reviews.extend(fresh);
        self.checks.open = false;
        self.read_reviews((first..self.importing.reviews.len()).collect())
    }

    pub(in crate::session) fn command_import(&mut self, command: ImportCommand) -> Result<Effects, SessionError> {
        match command {
            ImportCommand::AddSource(source) => self.add_source(*source)?,
            ImportCommand::Activate(file) => self.importing.active = file,
            ImportCommand::SetWanted { file, wanted } => self.change(file, |r| r.wanted = wanted),
            ImportCommand::SetSystem { file, crs, swap_xy } => {
                self.change(file, |r| r.choose_system(crs, swap_xy));
                self.read_reviews(vec![file])?;
            }
            ImportCommand::SetEncoding { file, field, encoding } => {
                self.change(file, |r| r.spec.set_encoding(field, encoding));
                self.read_reviews(vec![file])?;
            }
            ImportCommand::SetCase { file, field, case } => self.change(file, |r| r.set_case(&field, case)),
            ImportCommand::AddSublayers(file) => self.add_sublayers(file)?,
            ImportCommand::SetMapped { file, mapped } => self.change(file, |r| r.mapped = mapped),
            ImportCommand::SetTarget { file, source, target } => {
                self.change(file, |r| r.set_target(&source, &target));
            }
            ImportCommand::LoadTemplate { file, path } => match read_template(&path) {
                Ok(template) => self.change(file, |r| {
                    r.template = template;
                    r.mapped = true;
                }),
                Err(error) => self.notices.push(Level::Error, error.to_message(), None, Some(path)),
            },
            ImportCommand::SaveTemplate { file, path } => self.save_template(file, path),
            ImportCommand::ZoomTo { file, reading } => self.zoom_to_reading(file, reading),
            ImportCommand::Accept => self.accept_reviews()?,
            ImportCommand::Close => {
                self.jobs.cancel(|j| j.kind == JobKind::Read);
                self.importing = ImportDesk::default();
            }
        }
        Ok(Effects::default())
    }

    fn add_source(&mut self, source: SourceSpec) -> Result<(), SessionError> {
        if self.project().is_none() {
            return Err(SessionError::NoProject);
        }
        self.importing.reviews.push(Review::new(source));
        self.importing.active = self.importing.reviews.len() - 1;
        self.checks.open = false;
        self.read_reviews(vec![self.importing.active])
    }

    fn change(&mut self, file: usize, change: impl FnOnce(&mut Review)) {
        if let Some(review) = self.importing.reviews.get_mut(file) {
            change(review);
        }
    }

    fn add_sublayers(&mut self, file: usize) -> Result<(), SessionError> {
        let Some(review) = self.importing.reviews.get(file) else { return Ok(()) };
        let all = review.imported().map(|i| i.report.sublayers.clone()).unwrap_or_default();
        let path = review.spec.path.clone();
        // The one that was read by itself is the first.
        let on_desk = |name: &String| {
            self.importing.reviews.iter().filter(|r| r.spec.path == path).any(|r| match &r.spec.sublayer {
                Some(read) => read == name,
                None => all.first() == Some(name),
            })
        };
        let fresh: Vec<Review> = all
            .iter()
            .filter(|name| !on_desk(name))
            .map(|name| Review::new(SourceSpec { sublayer: Some(name.clone()), ..SourceSpec::new(&path) }))
            .collect();
        let first = self.importing.reviews.len();
        self.importing.reviews.extend(fresh);
        self.read_reviews((first..self.importing.reviews.len()).collect())
    }

    fn save_template(&mut self, file: usize, path: PathBuf) {
        let Some(review) = self.importing.reviews.get_mut(file) else { return };
        review.template.name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match write_template(&review.template, &path) {
            Ok(()) => self.notices.push(Level::Info, Message::new("gis-import-template-saved"), None, Some(path)),
            Err(error) => self.notices.push(Level::Error, error.to_message(), None, Some(path)),
        }
    }

    /// Whether the first reading is what the file says, and not the best one.
    fn is_told(&self, file: usize) -> bool {
        let suspicion = self.importing.reviews.get(file).and_then(|r| r.suspicion.as_ref());
        suspicion.is_some_and(|s| s.declared.is_some())
    }

    fn zoom_to_reading(&mut self, file: usize, reading: usize) {
        let Some(bounds) = self.importing.reviews.get(file).and_then(|r| r.readings().get(reading)?.bounds) else {
            return;
        };
        if let Some(project) = self.project() {
            self.view.camera_request = Some(CameraRequest::Frame(site_box(&project.frame, bounds)));
        }
    }

    /// Reads files of the desk, all in one job.
    fn read_reviews(&mut self, files: Vec<usize>) -> Result<(), SessionError> {
        let project = self.project().cloned().ok_or(SessionError::NoProject)?;
        let sources: Vec<SourceSpec> =
            files.iter().filter_map(|&i| Some(self.importing.reviews.get(i)?.spec.clone())).collect();
        let Some(first) = sources.first().map(|s| s.path.clone()) else { return Ok(()) };
        for &file in &files {
            self.change(file, |r| r.state = ReviewState::Reading);
        }
        let (io, indexes) = (self.io.clone(), self.indexes.clone());
        self.start(JobKind::Read, &first, move |progress, cancel| {
            let looked = read_and_look(&*io, &sources, &project, &indexes, progress, cancel);
            // What was cancelled is left out, the rest is kept.
            Ok(Outcome::then(move |session| session.take_looked(sources, looked)))
        })
    }

    fn take_looked(&mut self, sources: Vec<SourceSpec>, looked: Vec<Looked>) -> Effects {
        let Some(frame) = self.project().map(|p| p.frame.clone()) else { return Effects::default() };
        for (source, looked) in sources.into_iter().zip(looked) {
            // What has been put away or asked anew meanwhile is not wanted any more.
            if let Some(review) = self.importing.reviews.iter_mut().find(|r| r.spec == source) {
                review.take(looked, &frame);
            }
        }
        // The first file whose place is in doubt is the one to look at.
        let doubtful = self.importing.reviews.iter().position(Review::is_doubtful);
        if let Some(file) = doubtful.filter(|_| !self.importing.shown_doubtful) {
            self.importing.shown_doubtful = true;
            self.importing.active = file;
            let best = usize::from(self.importing.reviews[file].readings().len() > 1 && self.is_told(file));
            self.zoom_to_reading(file, best);
        }
        Effects::default()
    }

    fn accept_reviews(&mut self) -> Result<(), SessionError> {
        let project = self.project().cloned().ok_or(SessionError::NoProject)?;
        let chosen: Vec<Review> = self.importing.reviews.iter().filter(|r| r.wanted && r.is_ready()).cloned().collect();
        let Some(first) = chosen.first().map(|r| r.spec.path.clone()) else { return Ok(()) };
        self.start(JobKind::Check, &first, move |progress, cancel| {
            progress.stage(Message::new("gis-import-checking"), chosen.len() as u64);
            let mut growing = (*project).clone();
            let (mut layers, mut reports) = (Vec::new(), Vec::new());
            for review in &chosen {
                let ReviewState::Ready(imported) = &review.state else { continue };
                let (mut layer, mut report) =
                    accept(&review.spec.path, (**imported).clone(), &review.wishes(), &growing, cancel)?;
                // A server does not name what was taken from it.
                if let Some(name) = name_on_server(&review.spec, imported) {
                    layer.id = free_id(&name, &growing);
                    layer.title = Text2::same(&name);
                }
                report.suspicion.clone_from(&review.suspicion);
                growing.layers.push(Arc::new(layer.clone()));
                layers.push(layer);
                reports.push(report);
                progress.advance(1);
            }
            Ok(Outcome::then(move |session| session.take_accepted(layers, reports)))
        })
    }

    fn take_accepted(&mut self, layers: Vec<Layer>, mut reports: Vec<FileReport>) -> Effects {
        let Some(project) = self.project().cloned() else { return Effects::default() };
        for review in &self.importing.reviews {
            if let (true, ReviewState::Failed(message)) = (review.wanted, &review.state) {
                let path = review.spec.path.clone();
                reports.push(FileReport { path, error: Some(message.clone()), ..FileReport::default() });
            }
        }
        self.importing = ImportDesk::default();
        let edit = edit::add_layers(&project, layers);
        // A name may have been taken meanwhile.
        for (report, layer) in reports.iter_mut().zip(&edit.project.layers[project.layers.len()..]) {
            report.layer = Some(layer.id.0.clone());
        }
        self.notices.push(Level::Info, edit.label.clone(), None, None);
        let fresh = &edit.project.layers[project.layers.len()..];
        let bounds = fresh.iter().filter_map(|l| l.content.bounds());
        let all = bounds.reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]);
        if let Some(bounds) = all {
            self.view.camera_request = Some(CameraRequest::Frame(site_box(&project.frame, bounds)));
        }
        let effects = self.commit(edit);
        if let Some(project) = self.project() {
            self.indexes.warm(project);
        }
        self.checks.show(reports, self.state.as_ref().map(|s| &*s.project));
        effects
    }
}

fn name_on_server(source: &SourceSpec, imported: &Imported) -> Option<String> {
    let remote = source.remote.as_ref()?;
    let first = || imported.report.sublayers.first().cloned();
    Some(source.sublayer.clone().or_else(first).unwrap_or_else(|| remote.kind.name().to_owned()))
}

fn read_and_look(
    io: &dyn SessionIo,
    sources: &[SourceSpec],
    project: &Project,
    indexes: &Indexes,
    progress: &Progress,
    cancel: &CancelToken,
) -> Vec<Looked> {
    let cancelled = |path: &Path| Err(ImportError::Cancelled { path: path.to_owned() });
    let mut results: Vec<Result<Imported, ImportError>> = sources.iter().map(|s| cancelled(&s.path)).collect();
    let mut keep = |i: usize, result| {
        if let Some(place) = results.get_mut(i) {
            *place = result;
        }
    };
    io.read(sources, &project.frame, progress, cancel, &mut keep);
    let look_at = |(source, result): (&SourceSpec, Result<Imported, ImportError>)| {
        let mut again = |spec: SourceSpec| {
            let mut answer = None;
            let mut take = |_: usize, result: Result<Imported, ImportError>| answer = result.ok();
            io.read(&[spec], &project.frame, &Progress::new(), cancel, &mut take);
            answer
        };
        look(source, result, (project, indexes), &mut again)
    };
    sources.iter().zip(results).map(look_at).collect()
}
