//! Two stages for one view: the project as it is shown, and the scenario that is put beside it. Each has its ground and
//! its solid layers on a layer of rendering of its own; sky and sea are on both, a sun shines on each.

use std::sync::{Arc, Weak};

use bevy::camera::visibility::RenderLayers;

use crate::desktop::desk::Desk;
use crate::model::project::Project;
use crate::session::Session;

pub const MAIN: usize = 0;
pub const BESIDE: usize = 1;

/// What stands on a stage.
#[must_use]
pub fn project<const STAGE: usize>(session: &Session) -> Option<&Arc<Project>> {
    if STAGE == MAIN { session.shown() } else { session.plan().beside.as_ref().map(|b| &b.project) }
}

/// Of the things on a stage.
#[must_use]
pub fn layers<const STAGE: usize>() -> RenderLayers {
    RenderLayers::layer(STAGE + 1)
}

/// Of the camera that looks at a stage.
#[must_use]
pub fn seen<const STAGE: usize>() -> RenderLayers {
    RenderLayers::from_layers(&[0, STAGE + 1])
}

/// What is new on a stage since it was looked at last.
#[derive(Debug, Default)]
pub struct Watch(Option<Weak<Project>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    Nothing,
    /// Layers may have changed.
    Changed,
    /// Nothing of what stood there stays.
    Replaced,
}

impl Watch {
    pub fn look<const STAGE: usize>(&mut self, desk: &Desk) -> News {
        let now = project::<STAGE>(&desk.session).map(Arc::downgrade);
        let before = std::mem::replace(&mut self.0, now.clone());
        let same = match (&before, &now) {
            (Some(a), Some(b)) => Weak::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        };
        if desk.effects.project_replaced || (STAGE == BESIDE && (before.is_none() != now.is_none())) {
            News::Replaced
        } else if !same || STAGE == MAIN && (desk.effects.order || !desk.effects.layers.is_empty()) {
            News::Changed
        } else {
            News::Nothing
        }
    }
}
