//! Questions about places: what is near, what lies in which zone, where the water comes from, what a camera sees.

pub mod answer;
pub mod desk;
pub mod form;
mod unseen;
