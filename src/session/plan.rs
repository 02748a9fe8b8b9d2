//! Plans as the session holds them: the tree of scenarios, which one is shown, two of them compared.

use std::sync::Arc;

use super::apply::Session;
use super::desks::Desk;
use super::edit::Edit as Step;
use super::effects::Effects;
use super::error::SessionError;
use super::io::IoFailure;
use super::jobs::{JobKind, Outcome};
use super::notice::Level;
use crate::base::message::{Message, ToMessage};
use crate::model::change::Edit;
use crate::model::project::Project;
use crate::model::scenario::{ScenarioError, ScenarioId, edits_of, validate};
use crate::model::scenario_tree::{Conflict, Prefer, add, delete, find_mut, merge};
use crate::model::style::Text2;
use crate::sim::run::StepContext;
use crate::study::effects::table::EffectTable;
use crate::study::effects::{Resolved, resolve};
use crate::study::whatif::cache::Cache;
use crate::study::whatif::compare::{Comparison, compare};
use crate::study::whatif::run::Setup;

/// Everything that can be done with plans. Those marked (undo) can be undone.
#[derive(Debug, Clone, PartialEq)]
pub enum PlanCommand {
    SetOpen(bool),
    /// On top of another scenario, or of what is there (undo).
    Add {
        name: String,
        base: Option<ScenarioId>,
    },
    /// (undo)
    Rename {
        id: ScenarioId,
        name: String,
    },
    /// (undo)
    Delete(ScenarioId),
    /// (undo)
    AddEdit {
        scenario: ScenarioId,
        edit: Box<Edit>,
    },
    /// The first is 1 (undo).
    RemoveEdit {
        scenario: ScenarioId,
        number: usize,
    },
    /// Takes the edits of one scenario over into another; where both changed the same, `prefer` says whose stands (undo).
    Merge {
        into: ScenarioId,
        from: ScenarioId,
        prefer: Prefer,
    },
    /// Shows the project as a scenario would have it; `None` shows what is there.
    Activate(Option<ScenarioId>),
    /// Runs what is not known yet of two scenarios and puts them side by side; `None` is what is there.
    Compare {
        first: Option<ScenarioId>,
        second: Option<ScenarioId>,
    },
    Forget,
}

#[derive(Debug)]
pub struct PlanOutcome {
    pub names: [Option<ScenarioId>; 2],
    pub comparison: Comparison,
}

#[derive(Debug, Default)]
pub struct PlanDesk {
    pub open: bool,
    pub active: Option<ScenarioId>,
    /// The project with the active scenario carried out.
    pub shown: Option<Resolved>,
    /// The project that it was carried out on.
    from: Option<Arc<Project>>,
    pub outcome: Option<Box<PlanOutcome>>,
    /// Where the last merge found both to have changed the same.
    pub conflicts: Vec<Conflict>,
    /// Results of runs, gone with the session.
    runs: Option<Arc<tempfile::TempDir>>,
}

/// The next project for a command on plans; `None` when the command is no edit.
pub(super) fn edit(project: &Project, command: &PlanCommand) -> Result<Option<Step>, SessionError> {
    let mut next = project.clone();
    let all = &mut next.scenarios;
    let name_of =
        |id: &ScenarioId| project.scenarios.iter().find(|s| s.id == *id).map_or("", |s| &s.name.vi).to_owned();
    let label = match command {
        PlanCommand::Add { name, base } => {
            add(all, name, base.as_ref())?;
            Message::new("whatif-undo-add").with("name", name.trim())
        }
        PlanCommand::Rename { id, name } => {
            if name.trim().is_empty() {
                return Err(ScenarioError::NoName.into());
            }
            find_mut(all, id)?.name = Text2::same(name.trim());
            Message::new("whatif-undo-rename").with("name", name_of(id))
        }
        PlanCommand::Delete(id) => {
            delete(all, id)?;
            Message::new("whatif-undo-delete").with("name", name_of(id))
        }
        PlanCommand::AddEdit { scenario, edit } => {
            find_mut(all, scenario)?.edits.push(Edit::clone(edit));
            Message::new("whatif-undo-edit").with("name", name_of(scenario)).with("edit", edit.to_message())
        }
        PlanCommand::RemoveEdit { scenario, number } => {
            let edits = &mut find_mut(all, scenario)?.edits;
            let at = number.checked_sub(1).filter(|at| *at < edits.len());
            let at = at.ok_or_else(|| ScenarioError::NoEdit(scenario.to_string(), *number))?;
            let gone = edits.remove(at);
            Message::new("whatif-undo-remove-edit").with("name", name_of(scenario)).with("edit", gone.to_message())
        }
        PlanCommand::Merge { into, from, prefer } => {
            let merged = merge(all, into, from, *prefer)?;
            find_mut(all, into)?.edits.extend(merged.edits);
            Message::new("whatif-undo-merge").with("name", name_of(from)).with("into", name_of(into))
        }
        PlanCommand::SetOpen(_) | PlanCommand::Activate(_) | PlanCommand::Compare { .. } | PlanCommand::Forget => {
            return Ok(None);
        }
    };
    validate(&next.scenarios)?;
    Ok(Some(Step { project: next, label, merge: None }))
}

impl PlanDesk {
    /// The shown project with other looks, where neither the layers' contents nor the scenario's edits changed: a slider
    /// that is dragged must not carry out a scenario at every step.
    fn restyled(&self, project: &Project, id: &ScenarioId) -> Option<Project> {
        let (from, shown) = self.from.as_ref().zip(self.shown.as_ref())?;
        let edits = edits_of(&project.scenarios, id).ok()?;
        let same_layers = project.layers.iter().all(|l| from.layer(&l.id).is_some_and(|o| o.content.same(&l.content)));
        if !same_layers || !edits.iter().copied().eq(&shown.edits) {
            return None;
        }
        let mut styled = project.clone();
        for layer in &mut styled.layers {
            let changed = shown.project.layer(&layer.id).filter(|o| !o.content.same(&layer.content));
            if let Some(content) = changed.map(|o| o.content.clone()) {
                Arc::make_mut(layer).content = content;
            }
        }
        Some(styled)
    }
}

impl Session {
    #[must_use]
    pub fn plan(&self) -> &PlanDesk {
        &self.plan
    }

    /// The project as it is shown: with the active scenario carried out.
    #[must_use]
    pub fn shown(&self) -> Option<&Arc<Project>> {
        self.plan.shown.as_ref().map(|r| &r.project).or_else(|| self.project())
    }

    pub(super) fn command_plan(&mut self, command: PlanCommand) -> Result<Effects, SessionError> {
        match command {
            PlanCommand::SetOpen(true) => self.open_only(Desk::Plan),
            PlanCommand::SetOpen(false) => self.plan.open = false,
            PlanCommand::Activate(id) => return self.activate(id),
            PlanCommand::Compare { first, second } => self.start_comparison(first, second)?,
            PlanCommand::Forget => self.plan.outcome = None,
            // Edits; without a project there is nothing to edit.
            _ => return Err(SessionError::NoProject),
        }
        Ok(Effects::default())
    }

    /// Where a merge that is about to be done clashes.
    pub(super) fn note_conflicts(&mut self, command: &PlanCommand) {
        if let PlanCommand::Merge { into, from, prefer } = command
            && let Some(project) = self.project()
        {
            let found = merge(&project.scenarios, into, from, *prefer).map(|m| m.conflicts).unwrap_or_default();
            self.plan.conflicts = found;
        }
    }

    fn activate(&mut self, id: Option<ScenarioId>) -> Result<Effects, SessionError> {
        let project = self.project().cloned().ok_or(SessionError::NoProject)?;
        let before = self.shown().cloned();
        self.plan.shown = match &id {
            Some(_) => Some(resolve(&project, id.as_ref(), &EffectTable::shipped()?)?),
            None => None,
        };
        self.plan.from = self.plan.shown.is_some().then_some(project);
        self.plan.active = id;
        let now = self.shown().cloned();
        Ok(before.zip(now).map_or_else(Effects::default, |(a, b)| Effects::between(&a, &b)))
    }

    /// After the project changed: the active scenario is carried out on it anew.
    pub(super) fn follow_scenario(&mut self) -> Effects {
        let Some(id) = self.plan.active.clone() else { return Effects::default() };
        let Some(project) = self.project().cloned() else { return Effects::default() };
        let before = self.shown().cloned();
        if let Some(styled) = self.plan.restyled(&project, &id) {
            if let Some(shown) = &mut self.plan.shown {
                shown.project = Arc::new(styled);
            }
            self.plan.from = Some(project);
            let now = self.shown().cloned();
            return before.zip(now).map_or_else(Effects::default, |(a, b)| Effects::between(&a, &b));
        }
        let resolved = EffectTable::shipped().and_then(|table| resolve(&project, Some(&id), &table));
        match resolved {
            Ok(resolved) => {
                self.plan.shown = Some(resolved);
                self.plan.from = Some(project);
            }
            Err(error) => {
                self.plan.active = None;
                self.plan.shown = None;
                self.notices.push(Level::Warning, error.to_message(), None, None);
            }
        }
        let now = self.shown().cloned();
        before.zip(now).map_or_else(Effects::default, |(a, b)| Effects::between(&a, &b))
    }

    fn start_comparison(&mut self, first: Option<ScenarioId>, second: Option<ScenarioId>) -> Result<(), SessionError> {
        let project = self.project().cloned().ok_or(SessionError::NoProject)?;
        if self.plan.runs.is_none() {
            self.plan.runs = tempfile::tempdir().ok().map(Arc::new);
        }
        let runs = self.plan.runs.clone();
        self.jobs.cancel(|j| j.kind == JobKind::Plan);
        let title = project.title.vi.clone();
        self.start(JobKind::Plan, title.as_ref(), move |progress, cancel| {
            let failure = |error: crate::study::whatif::error::WhatIfError| {
                if cancel.is_cancelled() { IoFailure::Cancelled } else { IoFailure::from(error.to_message()) }
            };
            let mut setup = Setup::shipped().map_err(failure)?;
            setup.cache = runs.as_ref().map_or_else(Cache::nowhere, |folder| Cache::in_folder(folder.path()));
            let context = StepContext { cancel: cancel.clone(), progress: progress.clone() };
            let a = setup.run(&project, first.as_ref(), &context).map_err(failure)?;
            let b = setup.run(&project, second.as_ref(), &context).map_err(failure)?;
            let comparison = compare(&a, &b, &setup.effects.uncertainty_percent);
            Ok(Outcome::then(move |session| {
                session.plan.outcome = Some(Box::new(PlanOutcome { names: [first, second], comparison }));
                Effects::default()
            }))
        })
    }
}
