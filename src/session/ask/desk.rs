//! The question that is on the desk, and its answer.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::answer::{Finding, answer};
use super::form::{AskForm, Question};
use crate::base::message::{Message, ToMessage};
use crate::io::export::write_text_file;
use crate::session::Session;
use crate::session::edit;
use crate::session::effects::Effects;
use crate::session::error::SessionError;
use crate::session::inspect::FeatureTitle;
use crate::session::jobs::{JobKind, Outcome};
use crate::session::marks::{Mark, MarkKind};
use crate::session::notice::Level;

#[derive(Debug, Default)]
pub struct AskDesk {
    pub open: bool,
    pub form: AskForm,
    pub finding: Option<Finding>,
    pub(in crate::session) mark: Option<Arc<Mark>>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum AskCommand {
    SetOpen(bool),
    /// Turns to a question, with the layers that it is usually about.
    Turn(Question),
    SetForm(Box<AskForm>),
    Run,
    /// Takes the answer off the map.
    Forget,
    /// Writes the lines of the answer as a table (CSV).
    Save(PathBuf),
}

impl Session {
    #[must_use]
    pub fn ask(&self) -> &AskDesk {
        &self.ask
    }

    pub(in crate::session) fn command_ask(&mut self, command: AskCommand) -> Result<Effects, SessionError> {
        match command {
            AskCommand::SetOpen(open) => {
                self.ask.open = open;
                if open && self.ask.form.layer.is_none() {
                    self.turn_to(self.ask.form.question);
                }
            }
            AskCommand::Turn(question) => self.turn_to(question),
            AskCommand::SetForm(form) => self.ask.form = *form,
            AskCommand::Run => self.start_ask()?,
            AskCommand::Forget => {
                self.ask.finding = None;
                self.ask.mark = None;
                self.marked = None;
                self.arrange_if_marked_only()?;
            }
            AskCommand::Save(path) => self.save_answer(path),
        }
        Ok(Effects::default())
    }

    fn turn_to(&mut self, question: Question) {
        if let Some(project) = self.project() {
            self.ask.form = AskForm::usual(question, project);
            self.ask.finding = None;
            self.ask.mark = None;
        }
    }

    /// The features of the asked layer that are marked, or else the one that is selected.
    fn chosen_for(&self, form: &AskForm) -> Option<Vec<u64>> {
        let layer = form.layer.as_ref()?;
        let marked = self.marked.as_ref().filter(|m| m.layer == *layer).map(|m| m.ids.to_vec());
        let selected = self.selection().and_then(|s| s.hits.iter().find(|h| h.layer == *layer));
        // What was clicked last is meant where a single thing is asked about.
        if form.question == Question::Trace {
            return selected.map(|h| vec![h.feature]);
        }
        marked.or_else(|| selected.map(|h| vec![h.feature]))
    }

    fn start_ask(&mut self) -> Result<(), SessionError> {
        let project = self.project().cloned().ok_or(SessionError::NoProject)?;
        let form = self.ask.form.clone();
        let chosen = match form.question {
            Question::Trace => Some(self.chosen_for(&form).ok_or(SessionError::NothingChosen)?),
            _ if form.chosen_only => Some(self.chosen_for(&form).ok_or(SessionError::NothingChosen)?),
            _ => None,
        };
        self.jobs.cancel(|j| j.kind == JobKind::Ask);
        let indexes = self.indexes.clone();
        self.start(JobKind::Ask, Path::new(""), move |progress, cancel| {
            progress.stage(Message::new("gis-asking"), 0);
            let found = answer(&project, &form, chosen.as_deref(), &indexes, cancel)?;
            Ok(Outcome::then(move |session| session.take_finding(&form, found)))
        })
    }

    fn take_finding(&mut self, form: &AskForm, found: Finding) -> Effects {
        let mut effects = Effects::default();
        self.ask.mark = match &found {
            Finding::Nearest { links, .. } => Some(Arc::new(Mark::lines(MarkKind::Link, links.clone()))),
            Finding::Trace { stopped_at, .. } => {
                let dots = stopped_at.iter().map(|p| vec![*p]).collect();
                Some(Arc::new(Mark::lines(MarkKind::Link, dots)))
            }
            _ => None,
        };
        if let Some((layer, ids)) = found.features(form)
            && let Ok(more) = self.mark_features(layer, ids)
        {
            effects.merge(more);
        }
        if let (Finding::Unseen(unseen), Some(project)) = (&found, self.project()) {
            // An answer replaces the one before it.
            let mut next = (**project).clone();
            next.layers.retain(|l| l.id != unseen.layer.id);
            let mut added = edit::add_layers(&next, vec![unseen.layer.clone()]);
            added.label = Message::new("gis-undo-ask");
            effects.merge(self.commit(added));
        }
        self.ask.finding = Some(found);
        effects
    }

    fn save_answer(&mut self, path: PathBuf) {
        let Some(text) = self.ask.finding.as_ref().and_then(as_csv) else { return };
        match write_text_file(&text, &path) {
            Ok(()) => self.notices.push(Level::Info, Message::new("gis-answer-saved"), None, Some(path)),
            Err(error) => self.notices.push(Level::Error, error.to_message(), None, Some(path)),
        }
    }
}

/// The lines of an answer, for a spreadsheet.
fn as_csv(found: &Finding) -> Option<String> {
    // The mark in front tells spreadsheets that it is UTF-8.
    let mut out = String::from("\u{feff}");
    match found {
        Finding::Shares(shares) => {
            out.push_str("id,feature,zone,area_m2,percent\n");
            for line in &shares.lines {
                let (title, zone) = (quoted(&plain(&line.title)), quoted(&line.zone));
                let _ = writeln!(out, "{},{title},{zone},{:.2},{:.2}", line.id, line.area_m2, line.percent);
            }
        }
        Finding::Nearest { lines, .. } => {
            out.push_str("id,feature,nearest_id,nearest,distance_m\n");
            for line in lines {
                let (title, other) = (quoted(&plain(&line.title)), quoted(&plain(&line.other_title)));
                let _ = writeln!(out, "{},{title},{},{other},{:.2}", line.id, line.other, line.distance_m);
            }
        }
        Finding::Features { ids, .. } | Finding::Trace { ids, .. } => {
            out.push_str("id\n");
            for id in ids {
                let _ = writeln!(out, "{id}");
            }
        }
        Finding::Unseen(_) => return None,
    }
    Some(out)
}

fn plain(title: &FeatureTitle) -> String {
    match title {
        FeatureTitle::Parcel { sheet, parcel } => format!("{sheet}/{parcel}"),
        FeatureTitle::Named(name) => name.clone(),
        FeatureTitle::Numbered(id) => id.to_string(),
    }
}

/// RFC 4180; what a spreadsheet would take for a formula is made text.
fn quoted(text: &str) -> String {
    let safe = if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.to_owned() };
    format!("\"{}\"", safe.replace('"', "\"\""))
}
