//! Wildfire: surface spread by Rothermel, arrival times by a Randers metric.

pub mod align;
pub mod crown;
pub mod danger;
mod edge;
pub mod ensemble;
pub mod error;
pub mod front;
pub mod fuel;
pub mod fuel_map;
pub mod impact;
pub mod landscape;
pub mod layout;
pub mod march;
pub mod metric;
mod nodes;
pub mod place;
mod queue;
pub mod rothermel;
pub mod simulation;
pub mod spotting;
pub mod weather_table;
pub mod wind;
