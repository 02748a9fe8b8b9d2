//! Traffic: one road graph for equilibrium, the day and every vehicle.

pub mod assign;
pub mod audit;
pub mod control;
pub mod demand;
pub mod error;
pub mod given;
pub mod meso;
pub mod micro;
pub mod network;
pub mod noding;
pub mod road_class;
pub mod road_table;
pub mod tags;
pub mod tntp;
