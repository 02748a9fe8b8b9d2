//! Demand: who travels from where to where, by what, and when.

pub mod day;
pub mod gravity;
pub mod modes;
pub mod table;
