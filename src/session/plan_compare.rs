//! Two scenarios run and held against each other. What is known first is shown first: fires take a second, traffic most
//! of the rest.

use std::sync::{Arc, PoisonError};

use super::apply::Session;
use super::effects::Effects;
use super::error::SessionError;
use super::io::IoFailure;
use super::jobs::{JobKind, Outcome};
use super::plan::PlanOutcome;
use super::plan_maps::{Runs, plan_maps};
use crate::base::message::ToMessage;
use crate::model::scenario::ScenarioId;
use crate::sim::run::StepContext;
use crate::study::whatif::cache::Cache;
use crate::study::whatif::compare::compare;
use crate::study::whatif::error::WhatIfError;
use crate::study::whatif::run::{Model, Setup};

/// What is known after each step; layers are counted before the first.
const STEPS: [&[Model]; 3] = [&[Model::Fire], &[Model::Fire, Model::Traffic], &Model::ALL];

impl Session {
    pub(super) fn start_comparison(
        &mut self,
        first: Option<ScenarioId>,
        second: Option<ScenarioId>,
    ) -> Result<(), SessionError> {
        let project = self.project().cloned().ok_or(SessionError::NoProject)?;
        if self.plan.runs.is_none() {
            self.plan.runs = tempfile::tempdir().ok().map(Arc::new);
        }
        let runs = self.plan.runs.clone();
        self.jobs.cancel(|j| j.kind == JobKind::Plan);
        // A slot of its own: a comparison that was cancelled must not show what it still finds.
        self.plan.found = Arc::default();
        let found = self.plan.found.clone();
        let title = project.title.vi.clone();
        self.start(JobKind::Plan, title.as_ref(), move |progress, cancel| {
            let failure = |error: WhatIfError| {
                if cancel.is_cancelled() { IoFailure::Cancelled } else { IoFailure::from(error.to_message()) }
            };
            let mut setup = Setup::shipped().map_err(failure)?;
            setup.cache = runs.as_ref().map_or_else(Cache::nowhere, |folder| Cache::in_folder(folder.path()));
            let context = StepContext { cancel: cancel.clone(), progress: progress.clone() };
            let ready = |id: &Option<ScenarioId>| {
                let prepared = setup.prepare(&project, id.as_ref()).and_then(|p| p.with_ground(&setup.settings));
                prepared.map_err(failure)
            };
            let (a, b) = rayon::join(|| ready(&first), || ready(&second));
            let both = [a?, b?];
            let after = |models: &[Model]| -> Result<Box<PlanOutcome>, IoFailure> {
                let one = |i: usize| both[i].run(&setup.settings, models, |_| &setup.cache, &context).map_err(failure);
                let (a, b) = (one(0)?, one(1)?);
                let mut comparison = compare(&a, &b, &setup.effects.uncertainty_percent);
                let known = |model| model == Model::Layers || models.contains(&model);
                comparison.rows.retain(|row| known(row.why.model));
                let runs: Runs = Arc::new([a, b]);
                let mut maps = plan_maps(&runs);
                maps.retain(|map| known(map.model));
                let unfinished = models.len() < Model::ALL.len();
                let names = [first.clone(), second.clone()];
                Ok(Box::new(PlanOutcome { names, comparison, runs, maps, unfinished }))
            };
            let [steps @ .., last] = &STEPS;
            for models in steps {
                let known = after(models)?;
                *found.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
            }
            let all = after(last)?;
            Ok(Outcome::then(move |session| {
                session.show_comparison(all);
                Effects::default()
            }))
        })
    }

    /// What a comparison has found since the last look.
    pub(super) fn take_found(&mut self) {
        let found = self.plan.found.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(found) = found {
            self.show_comparison(found);
        }
    }

    /// The map that is shown stays the same one as long as the two scenarios do.
    fn show_comparison(&mut self, outcome: Box<PlanOutcome>) {
        let shown = self.plan.outcome.as_ref().filter(|old| old.names == outcome.names);
        let name = shown.and_then(|old| old.maps.get(self.plan.map?)).map(|m| m.name.clone());
        self.plan.map = outcome.maps.iter().position(|m| Some(&m.name) == name.as_ref());
        *self.plan.found.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.plan.outcome = Some(outcome);
    }
}
