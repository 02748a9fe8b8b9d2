//! What is beyond its limit, who knows of it, and since when.

pub mod desk;
pub mod rule;
pub mod service;
