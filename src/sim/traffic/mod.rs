//! Traffic: one road graph for equilibrium, the day and every vehicle.

pub mod network;
pub mod road_class;
