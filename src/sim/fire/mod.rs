//! Wildfire: surface spread by Rothermel, arrival times by a Randers metric.

pub mod error;
pub mod front;
pub mod fuel;
pub mod landscape;
pub mod march;
pub mod metric;
pub mod place;
pub mod rothermel;
pub mod wind;
