//! A pointer for the stage without a window: what a mouse would do, for tests of the whole program.

use bevy::input::ButtonState;
use bevy::input::mouse::{MouseButton, MouseButtonInput};
use bevy::prelude::*;
use bevy::window::PrimaryWindow;
use bevy_egui::PrimaryEguiContext;
use bevy_egui::egui::{Event, Modifiers, PointerButton, Pos2};
use bevy_egui::input::EguiInputEvent;

use super::off_screen::OffScreen;
use super::view::camera::{Orbit, Rig};

impl OffScreen {
    /// Moves the pointer to a place of the picture, logical pixels, and shows one frame.
    pub fn point_at(&mut self, x: f32, y: f32) {
        self.jump_to(x, y);
        self.update();
    }

    /// Moves the pointer between two frames.
    pub fn jump_to(&mut self, x: f32, y: f32) {
        let world = self.app.world_mut();
        let mut windows = world.query_filtered::<&mut Window, With<PrimaryWindow>>();
        if let Ok(mut window) = windows.single_mut(world) {
            window.set_cursor_position(Some(Vec2::new(x, y)));
        }
        self.tell_panels(Event::PointerMoved(Pos2::new(x, y)));
    }

    /// Presses or lets go a button where the pointer is, and shows one frame.
    pub fn button(&mut self, button: MouseButton, pressed: bool) {
        let world = self.app.world_mut();
        let mut windows = world.query_filtered::<(Entity, &Window), With<PrimaryWindow>>();
        let Ok((window, at)) = windows.single(world).map(|(e, w)| (e, w.cursor_position().unwrap_or_default())) else {
            return;
        };
        let state = if pressed { ButtonState::Pressed } else { ButtonState::Released };
        world.write_message(MouseButtonInput { button, state, window });
        let button = if button == MouseButton::Right { PointerButton::Secondary } else { PointerButton::Primary };
        let modifiers = Modifiers::NONE;
        self.tell_panels(Event::PointerButton { pos: Pos2::new(at.x, at.y), button, pressed, modifiers });
        self.update();
    }

    /// Where the camera is.
    #[must_use]
    pub fn orbit(&self) -> Orbit {
        self.app.world().resource::<Rig>().orbit
    }

    fn tell_panels(&mut self, event: Event) {
        let world = self.app.world_mut();
        if let Ok(context) = world.query_filtered::<Entity, With<PrimaryEguiContext>>().single(world) {
            world.write_message(EguiInputEvent { context, event });
        }
    }
}
