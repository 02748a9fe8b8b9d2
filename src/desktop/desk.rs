//! The session inside the ECS: one resource that every panel and view system reads.

use bevy::ecs::resource::Resource;

use crate::session::Session;
use crate::session::command::Command;
use crate::session::effects::Effects;

#[derive(Resource)]
pub struct Desk {
    pub session: Session,
    /// What changed since the last frame.
    pub effects: Effects,
    /// Pushed by panels and tools, applied together before the view looks.
    pub commands: Vec<Command>,
}

impl Desk {
    #[must_use]
    pub fn new(session: Session) -> Self {
        Self { session, effects: Effects::default(), commands: Vec::new() }
    }
}
