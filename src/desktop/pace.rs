//! How often the window asks to be drawn: always with a graphics card, whose waves move; with a software driver only
//! while something moves, because drawing takes the cores that simulations and tiles want. Panels ask for themselves.

use std::time::Duration;

use bevy::prelude::*;
use bevy::winit::{UpdateMode, WinitSettings};

use super::desk::Desk;
use super::view::camera::Rig;
use super::view::effort::Effort;
use crate::session::effects::Effects;

/// Frames drawn after the last change: a click becomes a command, the command a change, the change a picture.
const AFTERGLOW: u32 = 4;
/// Input, jobs and egui's animations ask for a frame themselves; this is for what nobody announces. Much longer than a
/// frame takes: it counts from the start of one to the start of the next.
const REST: Duration = Duration::from_secs(5);
/// While stations report, one that falls silent must not look fine for longer.
const REST_LIVE: Duration = Duration::from_secs(1);

pub struct PacePlugin;

impl Plugin for PacePlugin {
    fn build(&self, app: &mut App) {
        app.insert_resource(WinitSettings::continuous()).add_systems(PostUpdate, choose);
    }
}

fn choose(
    effort: Res<Effort>,
    rig: Res<Rig>,
    desk: Res<Desk>,
    buttons: Res<ButtonInput<MouseButton>>,
    keys: Res<ButtonInput<KeyCode>>,
    mut settings: ResMut<WinitSettings>,
    mut last: Local<Option<super::view::camera::Orbit>>,
    mut calm: Local<u32>,
) {
    let session = &desk.session;
    let moves = last.replace(rig.orbit) != Some(rig.orbit)
        || rig.is_flying()
        || session.view.tiles_pending > 0
        || session.is_working()
        || buttons.get_pressed().len() + keys.get_pressed().len() > 0;
    let something = moves || !desk.commands.is_empty() || desk.effects != Effects::default();
    *calm = if something { 0 } else { calm.saturating_add(1) };
    let busy = *calm < AFTERGLOW;
    let rest = if session.live().is_running() { REST_LIVE } else { REST };
    let draw_if = |on, otherwise| if on { UpdateMode::Continuous } else { otherwise };
    *settings = WinitSettings {
        focused_mode: draw_if(busy || effort.waves_move, UpdateMode::reactive(rest)),
        unfocused_mode: draw_if(busy, UpdateMode::reactive_low_power(rest)),
    };
}
