//! The 3D view: Bevy plugins that project the session onto the screen.

mod air_marks;
pub mod beside;
pub mod camera;
pub mod effort;
pub mod field;
mod fire_marks;
pub mod ground;
pub mod labels;
mod leave_marks;
pub mod lit;
mod live_cones;
pub mod live_marks;
mod marks;
pub mod navigation;
pub mod overlay;
pub mod picking;
mod plan_marks;
pub mod resolve;
pub mod sea;
mod sea_marks;
pub mod sky;
pub mod solids;
pub mod stage;
mod streamlines;
mod traffic_ribbons;
pub mod vehicles;
pub mod waves;
