//! One file on its way in: what was found in it, and what the technician changed.

use std::sync::Arc;

use super::accept::{LetterCase, Wishes, is_cadastre};
use super::place::{Looked, outlines};
use crate::analysis::mapping::{self, Suggestion};
use crate::analysis::zone::{Suspicion, Verdict, ZoneGuess};
use crate::base::message::{Message, ToMessage};
use crate::geo::crs::Crs;
use crate::geo::frame::SiteFrame;
use crate::io::import::{Imported, SourceSpec};
use crate::model::mapping::{FieldPair, MappingTemplate, TEMPLATE_VERSION, is_personal};
use crate::session::marks::{Mark, MarkKind};

#[derive(Debug, Clone)]
pub struct Review {
    /// The file, and what it is to be read as.
    pub spec: SourceSpec,
    pub state: ReviewState,
    /// How the coordinates fall; `None` where that cannot be judged.
    pub suspicion: Option<Suspicion>,
    /// The readings of [`Self::readings`] as they lie on the map.
    pub marks: Vec<Arc<Mark>>,
    pub suggestions: Vec<Suggestion>,
    /// Whether `template` is applied.
    pub mapped: bool,
    pub template: MappingTemplate,
    /// By the file's own field names; those that are not named stay as read.
    pub cases: Vec<(String, LetterCase)>,
    /// Whether the file becomes a layer when the technician says so.
    pub wanted: bool,
}

#[derive(Debug, Clone)]
pub enum ReviewState {
    Reading,
    Failed(Message),
    /// It was read, but in which system it is has to be chosen; the numbers are the file's own.
    NoSystem(Arc<Imported>),
    Ready(Arc<Imported>),
}

impl Review {
    #[must_use]
    pub fn new(spec: SourceSpec) -> Self {
        Self {
            spec,
            state: ReviewState::Reading,
            suspicion: None,
            marks: Vec::new(),
            suggestions: Vec::new(),
            mapped: false,
            template: MappingTemplate { version: TEMPLATE_VERSION, ..MappingTemplate::default() },
            cases: Vec::new(),
            wanted: true,
        }
    }

    /// Takes in what was read. What the technician has changed stays.
    pub fn take(&mut self, looked: Looked, frame: &SiteFrame) {
        let Looked { result, suspicion, raw } = looked;
        let first_time = self.suggestions.is_empty();
        // With a system that somebody chose, what was suspected before remains to be looked at.
        if self.spec.crs.is_none() {
            let own = match (&raw, &result) {
                (Some(raw), _) | (None, Ok(raw)) => raw.content.features(),
                (None, Err(_)) => None,
            };
            let readings = suspicion.as_ref().map(readings).unwrap_or_default();
            self.marks = own.map_or_else(Vec::new, |table| {
                let line = |g: &ZoneGuess| outlines(table, &g.crs, g.swapped, frame);
                readings.iter().enumerate().map(|(i, g)| Arc::new(Mark::lines(MarkKind::Reading(i), line(g)))).collect()
            });
            self.suspicion = suspicion;
        }
        self.state = match (result, raw) {
            (Ok(imported), _) => ReviewState::Ready(Arc::new(imported)),
            (Err(_), Some(raw)) => ReviewState::NoSystem(Arc::new(raw)),
            (Err(error), None) => ReviewState::Failed(error.to_message()),
        };
        if let Some(table) = self.imported().and_then(|i| i.content.features().cloned())
            && first_time
        {
            self.suggestions = mapping::suggest(&table);
            self.mapped = is_cadastre(&self.suggestions);
            self.template.fields = mapping::template("", &self.suggestions).fields;
        }
    }

    /// What was read, whether or not its system is known.
    #[must_use]
    pub fn imported(&self) -> Option<&Arc<Imported>> {
        match &self.state {
            ReviewState::Ready(imported) | ReviewState::NoSystem(imported) => Some(imported),
            ReviewState::Reading | ReviewState::Failed(_) => None,
        }
    }

    /// Whether it can become a layer as it is.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        matches!(self.state, ReviewState::Ready(_))
    }

    /// Whether the technician should look at where it lies.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        let verdict = self.suspicion.as_ref().map(|s| s.verdict);
        self.spec.crs.is_none() && verdict.is_some_and(|v| v != Verdict::Fits)
    }

    /// The ways in which the coordinates may be read: as the file says, then the best two others.
    #[must_use]
    pub fn readings(&self) -> Vec<&ZoneGuess> {
        self.suspicion.as_ref().map(readings).unwrap_or_default()
    }

    /// Which of [`Self::readings`] is in force.
    #[must_use]
    pub fn reading_in_force(&self) -> Option<usize> {
        let ReviewState::Ready(imported) = &self.state else { return None };
        self.readings().iter().position(|g| g.crs == imported.crs && g.swapped == self.spec.swap_xy)
    }

    /// The program's field for a field of the file; empty where it keeps its own name.
    #[must_use]
    pub fn target_of(&self, source: &str) -> &str {
        let pair = self.template.fields.iter().find(|p| p.source.eq_ignore_ascii_case(source));
        pair.map_or("", |p| &p.target)
    }

    /// A field of ours comes from one field of the file: another one that had it loses it.
    pub fn set_target(&mut self, source: &str, target: &str) {
        self.template.fields.retain(|p| !p.source.eq_ignore_ascii_case(source) && p.target != target);
        if !target.is_empty() {
            self.template.fields.push(FieldPair { source: source.to_owned(), target: target.to_owned() });
        }
        self.mapped = true;
    }

    pub fn set_case(&mut self, field: &str, case: LetterCase) {
        self.cases.retain(|(f, _)| f != field);
        if case != LetterCase::AsRead {
            self.cases.push((field.to_owned(), case));
        }
    }

    #[must_use]
    pub fn case_of(&self, field: &str) -> LetterCase {
        self.cases.iter().find(|(f, _)| f == field).map_or(LetterCase::AsRead, |(_, case)| *case)
    }

    /// Whether a field of the file is about people, by its own name or by what it is mapped to.
    #[must_use]
    pub fn is_personal(&self, source: &str) -> bool {
        is_personal(source) || is_personal(self.target_of(source))
    }

    pub(super) fn wishes(&self) -> Wishes {
        // An empty template keeps the file's names; without one the suggestions would be taken.
        let fields = if self.mapped { self.template.fields.clone() } else { Vec::new() };
        let template = MappingTemplate { fields, ..self.template.clone() };
        Wishes { template: Some(template), cases: self.cases.clone(), mend: false }
    }

    /// Reads it in this system from now on.
    pub(super) fn choose_system(&mut self, crs: Crs, swap_xy: bool) {
        self.spec.crs = Some(crs);
        self.spec.swap_xy = swap_xy;
    }
}

fn readings(suspicion: &Suspicion) -> Vec<&ZoneGuess> {
    let told = suspicion.declared.as_ref();
    let others = suspicion.guesses.iter().filter(|g| told.is_none_or(|t| (&t.crs, t.swapped) != (&g.crs, g.swapped)));
    told.into_iter().chain(others).collect()
}
