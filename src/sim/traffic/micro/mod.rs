//! Every vehicle on the road: car following, lane changes, junctions, motorbikes between the queues.

pub mod agents;
pub mod check;
pub mod drive;
pub mod driver;
mod engine;
mod follow;
mod insert;
mod junction;
mod lateral;
pub mod simulation;
pub mod streets;
pub mod vehicle;
pub mod window;
