//! A second scenario beside the one that is shown, seen by the same camera and parted from it by a line.

use std::sync::Arc;

use super::apply::Session;
use super::error::SessionError;
use super::notice::Level;
use crate::base::message::ToMessage;
use crate::model::project::Project;
use crate::model::scenario::ScenarioId;
use crate::study::effects::resolve;
use crate::study::effects::table::EffectTable;

#[derive(Debug, Clone)]
pub struct Beside {
    /// `None` is what is there.
    pub scenario: Option<ScenarioId>,
    pub project: Arc<Project>,
    /// Where the line stands, 0 at the left of the map to 1 at its right; the other scenario is on its right.
    pub split: f32,
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

impl Session {
    pub(super) fn put_beside(&mut self, wish: BesideWish) -> Result<(), SessionError> {
        let BesideWish::Plan(scenario) = wish else {
            self.plan.beside = None;
            return Ok(());
        };
        let from = self.project().cloned().ok_or(SessionError::NoProject)?;
        let project = carried_out(&from, scenario.as_ref())?;
        let split = self.plan.beside.as_ref().map_or(0.5, |b| b.split);
        self.plan.beside = Some(Beside { scenario, project, split, from });
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
            Ok(shown) => self.plan.beside = Some(Beside { project: shown, from: project, ..beside }),
            Err(error) => self.notices.push(Level::Warning, error.to_message(), None, None),
        }
    }
}

fn carried_out(project: &Arc<Project>, scenario: Option<&ScenarioId>) -> Result<Arc<Project>, SessionError> {
    match scenario {
        None => Ok(project.clone()),
        Some(id) => Ok(resolve(project, Some(id), &EffectTable::shipped()?)?.project),
    }
}
