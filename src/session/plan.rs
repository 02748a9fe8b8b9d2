//! Plans as the session holds them: the tree of scenarios, which one is shown, two of them compared.

use std::sync::{Arc, Mutex};

use super::apply::Session;
use super::desks::Desk;
use super::edit::Edit as Step;
use super::effects::Effects;
use super::error::SessionError;
use super::notice::Level;
use super::plan_beside::{Beside, BesideWish};
use super::plan_draw::{Draft, Drawing, PlanForm};
use super::plan_maps::{Frame, MapView, PlanMap, Runs};
use super::story::{Story, StoryCommand};
use crate::base::message::{Message, ToMessage};
use crate::model::change::Edit;
use crate::model::project::Project;
use crate::model::scenario::{ScenarioError, ScenarioId, edits_of, validate};
use crate::model::scenario_tree::{Conflict, Prefer, add, delete, find_mut, merge};
use crate::model::style::Text2;
use crate::study::effects::table::EffectTable;
use crate::study::effects::{Resolved, resolve};
use crate::study::whatif::compare::Comparison;
use crate::study::zoning::proposal::Proposal;

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
    /// Puts others in the place of the first of these edits and takes the rest away; the number after the last one adds
    /// them (undo).
    ReplaceEdits {
        scenario: ScenarioId,
        numbers: Vec<usize>,
        edits: Vec<Edit>,
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
    Story(StoryCommand),
    /// Puts another scenario beside the shown one, or takes it away.
    Beside(BesideWish),
    /// Where the line between them stands, 0 to 1.
    SetSplit(f32),
    /// Each in a half of its own, with the same middle, instead of a line over one picture.
    SetHalves(bool),
    /// Lays a map of the comparison over the ground: its number.
    ShowMap(Option<usize>),
    /// Shows each plan's own values or the difference, of the day or by the clock.
    SetMapView(MapView),
    /// Makes one zone of this one and the drawn ones that touch it (an edit of the active scenario, from 1).
    Join(usize),
    /// Begins a drawing for the active scenario, or drops it.
    Draw(Option<Draft>),
    SetForm(Box<PlanForm>),
    /// Takes the drawing's last point back.
    TakePointBack,
    /// Site metres (east, north, up).
    MovePoint {
        index: usize,
        to: [f64; 3],
    },
    /// Before the point of this number.
    InsertPoint {
        index: usize,
        at: [f64; 3],
    },
    /// Makes the drawing an edit.
    Finish,
    /// Takes an edit of the active scenario up again, to be changed.
    Reshape(usize),
    /// Gives the marked or clicked parcels or zones the rule of the form.
    Repaint,
    /// Draws the outline of the clicked zone or parcel, to be reshaped.
    OutlineChosen,
}

#[derive(Debug)]
pub struct PlanOutcome {
    pub names: [Option<ScenarioId>; 2],
    pub comparison: Comparison,
    pub runs: Runs,
    pub maps: Vec<PlanMap>,
    /// Some models have not run yet.
    pub unfinished: bool,
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
    /// Number of the comparison's map that lies over the ground.
    pub map: Option<usize>,
    pub map_view: MapView,
    pub(super) frame: Option<Frame>,
    /// Where the last merge found both to have changed the same.
    pub conflicts: Vec<Conflict>,
    pub beside: Option<Beside>,
    pub story: Option<Story>,
    pub drawing: Option<Drawing>,
    pub form: PlanForm,
    /// What the zone that is being drawn would bring and break.
    pub proposal: Option<Proposal>,
    /// The zone that the line being drawn shall part.
    pub(super) cut: Option<Drawing>,
    /// Results of runs, gone with the session.
    pub(super) runs: Option<Arc<tempfile::TempDir>>,
    /// What a comparison that still runs has found by now.
    pub(super) found: Arc<Mutex<Option<Box<PlanOutcome>>>>,
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
        PlanCommand::ReplaceEdits { scenario, numbers, edits } => {
            let all = &mut find_mut(all, scenario)?.edits;
            let number = numbers.first().copied().unwrap_or_default();
            let no_edit = || ScenarioError::NoEdit(scenario.to_string(), number);
            let at = number.checked_sub(1).filter(|at| *at <= all.len()).ok_or_else(no_edit)?;
            let first = edits.first().ok_or_else(no_edit)?.to_message();
            let kept = |gone: usize| !numbers.contains(&(gone + 1));
            let before = all[..at].iter().enumerate().filter(|(i, _)| kept(*i));
            let after = all.iter().enumerate().skip(at).filter(|(i, _)| kept(*i));
            *all = before.map(|e| e.1).chain(edits).chain(after.map(|e| e.1)).cloned().collect();
            Message::new("whatif-undo-edit").with("name", name_of(scenario)).with("edit", first)
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
        PlanCommand::SetOpen(_)
        | PlanCommand::Activate(_)
        | PlanCommand::Compare { .. }
        | PlanCommand::Forget
        | PlanCommand::Story(_)
        | PlanCommand::Beside(_)
        | PlanCommand::SetSplit(_)
        | PlanCommand::SetHalves(_)
        | PlanCommand::ShowMap(_)
        | PlanCommand::SetMapView(_)
        | PlanCommand::Join(_)
        | PlanCommand::Draw(_)
        | PlanCommand::SetForm(_)
        | PlanCommand::TakePointBack
        | PlanCommand::MovePoint { .. }
        | PlanCommand::InsertPoint { .. }
        | PlanCommand::Finish
        | PlanCommand::Reshape(_)
        | PlanCommand::Repaint
        | PlanCommand::OutlineChosen => return Ok(None),
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
        let staged = self.plan.story.as_ref().and_then(|s| s.staged.as_ref());
        staged.or(self.plan.shown.as_ref().map(|r| &r.project)).or_else(|| self.project())
    }

    pub(super) fn command_plan(&mut self, command: PlanCommand) -> Result<Effects, SessionError> {
        match command {
            PlanCommand::SetOpen(true) => self.open_only(Desk::Plan),
            PlanCommand::SetOpen(false) => {
                self.plan.open = false;
                self.begin_drawing(None)?;
            }
            PlanCommand::Activate(id) => return self.activate(id),
            PlanCommand::Compare { first, second } => self.start_comparison(first, second)?,
            PlanCommand::Forget => (self.plan.outcome, self.plan.map) = (None, None),
            PlanCommand::Story(command) => return self.command_story(command),
            PlanCommand::Beside(wish) => {
                self.put_beside(wish)?;
                self.refresh_selection();
            }
            PlanCommand::SetSplit(split) => self.move_split(split),
            PlanCommand::SetHalves(halves) => {
                if let Some(beside) = &mut self.plan.beside {
                    beside.halves = halves;
                }
            }
            PlanCommand::ShowMap(map) => self.plan.map = map,
            PlanCommand::SetMapView(view) => self.plan.map_view = view,
            PlanCommand::Join(number) => return self.join_zones(number),
            PlanCommand::Draw(what) => self.begin_drawing(what)?,
            PlanCommand::SetForm(form) => {
                self.plan.form = *form;
                self.judge_drawing();
            }
            PlanCommand::TakePointBack => self.take_point_back(),
            PlanCommand::MovePoint { index, to } => self.move_point(index, to),
            PlanCommand::InsertPoint { index, at } => self.insert_point(index, at),
            PlanCommand::Finish => return self.finish_drawing(),
            PlanCommand::Reshape(number) => self.reshape(number)?,
            PlanCommand::Repaint => return self.repaint(),
            PlanCommand::OutlineChosen => self.outline_chosen()?,
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

    pub(super) fn activate(&mut self, id: Option<ScenarioId>) -> Result<Effects, SessionError> {
        let project = self.project().cloned().ok_or(SessionError::NoProject)?;
        let before = self.shown().cloned();
        self.begin_drawing(None)?;
        self.plan.shown = match &id {
            Some(_) => Some(resolve(&project, id.as_ref(), &EffectTable::shipped()?)?),
            None => None,
        };
        self.plan.from = self.plan.shown.is_some().then_some(project);
        self.plan.active = id;
        self.refresh_selection();
        let now = self.shown().cloned();
        let effects = before.zip(now).map_or_else(Effects::default, |(a, b)| Effects::between(&a, &b));
        Ok(Effects { selection: true, ..effects })
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
}
