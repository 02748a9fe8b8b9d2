//! Pollution of the air. Screening: a steady Gaussian plume by ISC3.

pub mod error;
pub mod finding;
pub mod forecast;
pub mod line;
pub mod matrix;
pub mod meteorology;
pub mod nnls;
pub mod plume;
pub mod release;
pub mod rise;
pub mod sigma;
pub mod simulation;
pub mod source;
pub mod stability;
pub mod table;
pub mod terrain;
pub mod traffic_emission;
