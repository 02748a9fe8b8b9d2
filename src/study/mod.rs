//! Floor 5: from a project to a run, and from a run to what it means for people, places and plans.

pub mod air;
pub mod effects;
pub mod ensemble;
pub mod fire;
pub mod folder;
pub mod traffic;
pub mod water;
pub mod whatif;
pub mod zoning;
