//! The mesoscopic day: kinematic waves by link transmission, one packet a vehicle.

mod calendar;
pub mod diagram;
pub mod error;
pub mod evacuation;
pub mod gridlock;
pub mod guidance;
pub mod input;
pub mod learning;
pub mod level;
pub mod loading;
mod node;
pub mod place;
pub mod record;
pub mod route;
pub mod signal;
