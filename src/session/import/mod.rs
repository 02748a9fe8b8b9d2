//! Files on their way into the project: what was found, what the technician changes, what becomes of it.

pub mod accept;
pub mod desk;
pub mod new_layer;
pub mod place;
pub mod review;
mod wizard;
