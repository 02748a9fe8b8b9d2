//! Undo and redo: states of the project with the name of the step between them.

use std::sync::Arc;

use crate::base::message::Message;
use crate::model::layer::{LayerContent, LayerId};
use crate::model::project::Project;

/// More steps than anybody goes back; each costs some pointers.
const MOST_STEPS: usize = 500;
/// And what it alone keeps alive: an edit of one cell keeps the whole table before it. Older steps go when all together
/// hold more than this, bytes.
const MOST_BYTES: u64 = 2 << 30;
/// Steps that are kept whatever they hold.
const LEAST_STEPS: usize = 3;

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
    Style(LayerId),
}

#[derive(Debug)]
struct Step {
    label: Message,
    /// The state on the other side of the step.
    other: State,
    merge: Option<MergeKey>,
    /// Bytes that only this step keeps.
    weight: u64,
}

#[derive(Debug, Default)]
pub struct History {
    past: Vec<Step>,
    future: Vec<Step>,
}

impl History {
    /// Notes that `before` was left by a step, and how many bytes that keeps which nothing else does.
    pub fn push(&mut self, label: Message, before: State, merge: Option<MergeKey>, weight: u64) {
        self.future.clear();
        if merge.is_some() && self.past.last().is_some_and(|last| last.merge == merge) {
            return;
        }
        self.past.push(Step { label, other: before, merge, weight });
        let mut kept = 0_u64;
        let light = self.past.iter().rev().enumerate().take_while(|(i, step)| {
            kept = kept.saturating_add(step.weight);
            *i < LEAST_STEPS || (*i < MOST_STEPS && kept <= MOST_BYTES)
        });
        let surplus = self.past.len() - light.count();
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
        to.push(Step { label: step.label, other: present, merge: None, weight: step.weight });
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

/// About how many bytes of `before` are not in `after` any more.
pub fn weight_of_change(before: &Project, after: &Project) -> u64 {
    let stays = |content: &LayerContent| after.layers.iter().any(|l| l.content.same(content));
    let bytes = |content: &LayerContent| match content {
        // Coordinates, and a number or the place of a text a cell.
        LayerContent::Features(table) => 16 * (table.geometry.vertex_count() + table.len() * table.columns.len()),
        LayerContent::Raster(grid) => 4 * grid.spec.len(),
        LayerContent::Classes(grid) => 2 * grid.spec.len(),
    };
    before.layers.iter().map(|l| &l.content).filter(|c| !stays(c)).map(|c| bytes(c) as u64).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(revision: u64) -> State {
        let project = Project {
            version: 1,
            title: crate::model::style::Text2::default(),
            frame: crate::geo::frame::SiteFrame { crs: crate::geo::crs::Crs::WGS84, origin: [0.0; 2] },
            utc_offset_hours: 0.0,
            time: jiff::Timestamp::UNIX_EPOCH,
            layers: Vec::new(),
            bookmarks: Vec::new(),
            scenarios: Vec::new(),
        };
        State { project: Arc::new(project), revision }
    }

    #[test]
    fn heavy_steps_push_out_the_oldest_but_never_all() {
        let depth = |weights: &[u64]| {
            let mut history = History::default();
            for (i, weight) in weights.iter().enumerate() {
                history.push(Message::new("x"), state(i as u64), None, *weight);
            }
            history.past.len()
        };
        assert_eq!(depth(&[10; 40]), 40);
        assert_eq!(depth(&[MOST_BYTES / 4; 40]), 4);
        assert_eq!(depth(&[MOST_BYTES * 2; 40]), LEAST_STEPS);
        assert_eq!(depth(&[0; 600]), MOST_STEPS);
    }
}
