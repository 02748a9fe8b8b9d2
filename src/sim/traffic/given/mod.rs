//! Networks and trips as files give them, without a scene: GeoJSON with CSV, and what SUMO writes.

pub mod csv;
pub mod error;
pub mod geojson;
pub mod gmns;
pub mod network;
pub mod sumo;
pub mod trips;
