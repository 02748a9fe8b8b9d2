//! What stands on the ground or runs below it: blocks, tubes and small models, merged into few meshes.

pub mod batch;
pub mod extrude;
pub mod facade;
pub mod models;
pub mod plugin;
pub mod points;
pub mod tubes;
