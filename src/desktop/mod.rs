//! Floor 7: the window. The only room that names bevy or egui.

pub mod app;
pub mod bridge;
pub mod clock;
pub mod desk;
pub mod hand;
pub mod in_line;
pub mod map_area;
pub mod off_screen;
pub mod pace;
pub mod panels;
pub mod quick_keys;
pub mod shot;
pub mod station_sign;
pub mod ui;
pub mod view;
