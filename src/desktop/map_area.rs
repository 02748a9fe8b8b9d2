//! The part of the window that the map has to itself, and whether the pointer is on it.

use bevy::ecs::resource::Resource;
use bevy::math::{Rect, Vec2};

/// Written by the panels each frame, read by the tools of the view. Logical pixels of the window.
#[derive(Debug, Clone, Copy, Resource)]
pub struct MapArea {
    pub rect: Rect,
    /// No panel, menu or card lies under the pointer, and no slider is being dragged.
    pub pointer_is_on_map: bool,
    /// A text field has the keyboard.
    pub keyboard_is_taken: bool,
}

impl Default for MapArea {
    fn default() -> Self {
        Self {
            rect: Rect::from_corners(Vec2::ZERO, Vec2::splat(f32::MAX)),
            pointer_is_on_map: true,
            keyboard_is_taken: false,
        }
    }
}
