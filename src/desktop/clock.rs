//! One place where the frame begins: commands are applied, finished jobs come in, effects are handed out.

use bevy::prelude::*;

use super::desk::Desk;

pub struct ClockPlugin;

impl Plugin for ClockPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(PreUpdate, apply_commands).add_systems(Last, forget_effects);
    }
}

/// Applies what panels and tools pushed during the last frame.
pub fn apply_commands(mut desk: ResMut<Desk>) {
    let desk = &mut *desk;
    for command in std::mem::take(&mut desk.commands) {
        desk.effects.merge(desk.session.perform(command));
    }
    desk.effects.merge(desk.session.poll_jobs());
}

fn forget_effects(mut desk: ResMut<Desk>) {
    desk.effects = crate::session::effects::Effects::default();
}
