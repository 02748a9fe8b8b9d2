//! Undo and redo: states of the project with the name of the step between them.

use std::sync::Arc;

use crate::base::message::Message;
use crate::model::layer::LayerId;
use crate::model::project::Project;

/// More steps than anybody goes back; each costs some pointers.
const MOST_STEPS: usize = 500;

/// A state of the project. `revision` tells whether it is the one that was saved.
#[derive(Debug, Clone)]
pub struct State {
    pub project: Arc<Project>,
    pub revision: u64,
}

/// Steps with equal keys that follow each other are one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MergeKey {
    Opacity(LayerId),
}

#[derive(Debug)]
struct Step {
    label: Message,
    /// The state on the other side of the step.
    other: State,
    merge: Option<MergeKey>,
}

#[derive(Debug, Default)]
pub struct History {
    past: Vec<Step>,
    future: Vec<Step>,
}

impl History {
    /// Notes that `before` was left by a step.
    pub fn push(&mut self, label: Message, before: State, merge: Option<MergeKey>) {
        self.future.clear();
        if merge.is_some() && self.past.last().is_some_and(|last| last.merge == merge) {
            return;
        }
        self.past.push(Step { label, other: before, merge });
        let surplus = self.past.len().saturating_sub(MOST_STEPS);
        self.past.drain(..surplus);
    }

    /// The next step starts its own entry, whatever it is.
    pub fn stop_merging(&mut self) {
        if let Some(last) = self.past.last_mut() {
            last.merge = None;
        }
    }

    /// The state before the last step, given the present one.
    pub fn undo(&mut self, present: State) -> Option<State> {
        Self::cross(&mut self.past, &mut self.future, present)
    }

    pub fn redo(&mut self, present: State) -> Option<State> {
        Self::cross(&mut self.future, &mut self.past, present)
    }

    fn cross(from: &mut Vec<Step>, to: &mut Vec<Step>, present: State) -> Option<State> {
        let step = from.pop()?;
        to.push(Step { label: step.label, other: present, merge: None });
        Some(step.other)
    }

    pub fn clear(&mut self) {
        self.past.clear();
        self.future.clear();
    }

    pub fn undo_label(&self) -> Option<&Message> {
        self.past.last().map(|s| &s.label)
    }

    pub fn redo_label(&self) -> Option<&Message> {
        self.future.last().map(|s| &s.label)
    }
}
