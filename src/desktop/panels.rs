//! Runs the panels inside Bevy and tells the view which part of the window is left to the map.

use bevy::prelude::*;
use bevy::window::PrimaryWindow;
use bevy_egui::{EguiContexts, EguiPrimaryContextPass};

use super::desk::Desk;
use super::map_area::MapArea;
use super::ui::{self, Shell};

pub struct PanelsPlugin {
    /// Without panels only the fonts are set up, for the names on the map.
    pub shown: bool,
}

impl Plugin for PanelsPlugin {
    fn build(&self, app: &mut App) {
        if self.shown {
            app.init_resource::<Panels>()
                .add_systems(EguiPrimaryContextPass, show)
                .add_systems(PreUpdate, look_where_the_pointer_is_now)
                .add_systems(Update, scale_window);
        } else {
            app.add_systems(EguiPrimaryContextPass, set_fonts);
        }
    }
}

fn set_fonts(mut contexts: EguiContexts, mut done: Local<bool>) {
    if !*done && let Ok(ctx) = contexts.ctx_mut() {
        ui::install_fonts(ctx);
        *done = true;
    }
}

/// Made on the first frame, when egui's context is there.
#[derive(Resource, Default)]
struct Panels(Option<Shell>);

/// Asked when the frame begins, with the panels as they were drawn last: a pointer that jumps between two frames and
/// clicks must not hit the map through the panel it has come to.
fn look_where_the_pointer_is_now(
    mut contexts: EguiContexts,
    panels: Res<Panels>,
    windows: Query<&Window, With<PrimaryWindow>>,
    mut area: ResMut<MapArea>,
) {
    let (Some(shell), Ok(ctx), Ok(window)) = (&panels.0, contexts.ctx_mut(), windows.single()) else { return };
    if let Some(at) = window.cursor_position() {
        // egui counts docked panels' free middle as its own (bevy_egui#403): the shell knows better.
        area.pointer_is_on_map = !shell.claims_pointer(ctx, bevy_egui::egui::pos2(at.x, at.y));
    }
}

/// The user's size of everything is the window's own scale: panels, map and pointer then speak of the same points.
fn scale_window(desk: Res<Desk>, mut windows: Query<&mut Window, With<PrimaryWindow>>) {
    let Ok(mut window) = windows.single_mut() else { return };
    let scale = desk.session.settings().scale;
    let wanted = ((scale - 1.0).abs() > 0.001).then(|| window.resolution.base_scale_factor() * scale);
    if window.resolution.scale_factor_override() != wanted {
        window.resolution.set_scale_factor_override(wanted);
    }
}

fn show(mut contexts: EguiContexts, mut panels: ResMut<Panels>, mut desk: ResMut<Desk>, mut area: ResMut<MapArea>) {
    let Ok(ctx) = contexts.ctx_mut() else { return };
    let shell = panels.0.get_or_insert_with(|| Shell::new(ctx));
    let desk = desk.bypass_change_detection();
    let free = shell.show(ctx, &desk.session, &mut desk.commands);
    area.rect = Rect::new(free.min.x, free.min.y, free.max.x, free.max.y);
    area.keyboard_is_taken = shell.claims_keyboard(ctx);
}
