//! Networks and trips as files give them, without a scene: GeoJSON with CSV, and what SUMO writes.

mod controls;
pub mod csv;
mod drawn;
pub mod error;
mod feature;
pub mod geojson;
pub mod gmns;
mod named;
pub mod network;
mod places;
pub mod sumo;
pub mod trips;
