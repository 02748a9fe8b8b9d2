//! Floor 5: the generator of the demonstration data.

pub mod communes;
pub mod error;
pub mod hydrology;
pub mod lattice;
pub mod names;
pub mod noise;
pub mod parcels;
pub mod regions;
pub mod roads;
pub mod route;
pub mod shore;
pub mod source;
pub mod terrain;
pub mod towns;
