//! Floor 3: what a project is made of. Plain data with stable ids; no I/O.

pub mod aqi;
pub mod change;
pub mod landuse;
pub mod layer;
pub mod mapping;
pub mod network;
pub mod norm;
pub mod project;
pub mod resolve;
pub mod scenario;
pub mod scenario_tree;
pub mod scene;
pub mod sensor;
pub mod style;
pub mod table;
pub mod zoning;
