//! Traffic in a project: its roads and zones from the layers, its demand, what an hour or a plan does to the roads.

pub mod case;
pub mod links;
pub mod plan;
pub mod roads;
pub mod zones;
