//! Pollution of the air. Screening: a steady Gaussian plume by ISC3; air that changes: transport over the hills.

pub mod built;
pub mod error;
pub mod finding;
mod finding_fit;
mod finding_squares;
pub mod forecast;
mod fresh;
pub mod ground_wind;
pub mod line;
pub mod matrix;
pub mod meteorology;
pub mod nnls;
pub mod plume;
mod potential;
pub mod release;
pub mod rise;
pub mod sigma;
pub mod simulation;
pub mod source;
pub mod stability;
pub mod station_wind;
pub mod store;
pub mod table;
pub mod terrain;
pub mod terrain_wind;
pub mod traffic_emission;
pub mod transient;
