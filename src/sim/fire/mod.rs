//! Wildfire: surface spread by Rothermel, arrival times by a Randers metric.

pub mod error;
pub mod fuel;
pub mod rothermel;
pub mod wind;
