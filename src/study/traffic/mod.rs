//! Traffic in a project: its roads and zones from the layers, its demand, what an hour or a plan does to the roads.

pub mod case;
pub mod close;
mod costs;
pub mod day;
pub mod edited;
pub mod emissions;
pub mod evacuation;
pub mod evacuation_words;
pub mod given_demand;
pub mod headline;
pub mod hours;
pub mod isochrone;
mod layout;
pub mod links;
pub mod outcome;
pub mod plan;
pub mod roads;
pub mod tables;
pub mod totals;
pub mod tracks;
pub mod zones;
