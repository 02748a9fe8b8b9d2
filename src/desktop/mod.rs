//! Floor 7: the window. The only room that names bevy or egui.

pub mod ui;
pub mod view;
