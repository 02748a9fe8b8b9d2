//! The mesoscopic day: kinematic waves by link transmission, one packet a vehicle.

mod calendar;
mod chain;
pub mod diagram;
pub mod error;
pub mod evacuation;
pub mod gridlock;
pub mod guidance;
pub mod input;
pub mod learning;
pub mod level;
mod link_state;
pub mod loading;
mod node;
pub mod place;
mod queue;
pub mod record;
pub mod route;
pub mod signal;
mod stay;
