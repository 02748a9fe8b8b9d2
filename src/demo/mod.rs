//! Floor 5: the generator of the demonstration data.

pub mod buildings;
pub mod cadastre;
pub mod communes;
pub mod drains;
pub mod error;
pub mod hydrology;
pub mod island;
pub mod landcover;
pub mod lattice;
pub mod names;
pub mod noise;
pub mod parcels;
pub mod pipes;
pub mod places;
pub mod plan;
pub mod points;
pub mod regions;
pub mod roads;
pub mod route;
pub mod sensors;
pub mod shore;
pub mod source;
pub mod tables;
pub mod terrain;
pub mod towns;
pub mod write;
