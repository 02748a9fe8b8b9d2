//! A second scenario beside the one that is shown, seen by the same camera and parted from it by a line.

use std::sync::Arc;

use super::apply::Session;
use super::error::SessionError;
use super::notice::Level;
use crate::base::message::ToMessage;
use crate::model::project::Project;
use crate::model::scenario::ScenarioId;
use crate::study::effects::table::EffectTable;
use crate::study::effects::{Resolved, resolve};

#[derive(Debug, Clone)]
pub struct Beside {
    /// `None` is what is there.
    pub scenario: Option<ScenarioId>,
    pub project: Arc<Project>,
    /// What no layer holds; `None` for what is there.
    pub resolved: Option<Resolved>,
    /// Where the line stands, 0 at the left of the map to 1 at its right; the other scenario is on its right.
    pub split: f32,
    /// Each has a half of the map and both have the same middle.
    pub halves: bool,
    /// What it was carried out on.
    from: Arc<Project>,
}

/// What is to stand beside the shown scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BesideWish {
    Nothing,
    /// `None` is what is there.
    Plan(Option<ScenarioId>),
}

impl Beside {
    /// Where one ends and the other begins, 0 to 1.
    #[must_use]
    pub fn border(&self) -> f32 {
        if self.halves { 0.5 } else { self.split }
    }
}

impl Session {
    pub(super) fn put_beside(&mut self, wish: BesideWish) -> Result<(), SessionError> {
        let BesideWish::Plan(scenario) = wish else {
            self.plan.beside = None;
            return Ok(());
        };
        let from = self.project().cloned().ok_or(SessionError::NoProject)?;
        // It stands there already, painted and all.
        if self.plan.beside.as_ref().is_some_and(|b| b.scenario == scenario && Arc::ptr_eq(&b.from, &from)) {
            return Ok(());
        }
        let (project, resolved) = carried_out(&from, scenario.as_ref())?;
        let (split, halves) = self.plan.beside.as_ref().map_or((0.5, false), |b| (b.split, b.halves));
        self.plan.beside = Some(Beside { scenario, project, resolved, split, halves, from });
        Ok(())
    }

    pub(super) fn move_split(&mut self, split: f32) {
        if let Some(beside) = self.plan.beside.as_mut().filter(|_| split.is_finite()) {
            beside.split = split.clamp(0.02, 0.98);
        }
    }

    /// After the project changed.
    pub(super) fn follow_beside(&mut self) {
        let Some(project) = self.project().cloned() else { return };
        let Some(beside) = self.plan.beside.take_if(|b| !Arc::ptr_eq(&b.from, &project)) else { return };
        match carried_out(&project, beside.scenario.as_ref()) {
            Ok((shown, resolved)) => {
                self.plan.beside = Some(Beside { project: shown, resolved, from: project, ..beside });
            }
            Err(error) => self.notices.push(Level::Warning, error.to_message(), None, None),
        }
    }
}

fn carried_out(
    project: &Arc<Project>,
    scenario: Option<&ScenarioId>,
) -> Result<(Arc<Project>, Option<Resolved>), SessionError> {
    let Some(id) = scenario else { return Ok((project.clone(), None)) };
    let resolved = resolve(project, Some(id), &EffectTable::shipped()?)?;
    Ok((resolved.project.clone(), Some(resolved)))
}
