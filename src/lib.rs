//! A desktop digital twin of an island. ARCHITECTURE.md says what each room does and who may know whom.

pub mod analysis;
pub mod base;
pub mod cli;
pub mod demo;
#[cfg(feature = "desktop")]
pub mod desktop;
pub mod geo;
pub mod io;
pub mod live;
pub mod model;
pub mod report;
pub mod session;
pub mod sim;
pub mod study;
pub mod text;
