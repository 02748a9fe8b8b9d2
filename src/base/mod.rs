//! Floor 1: what every room may use: messages, progress, cancellation, keyed random numbers, units.

pub mod cancel;
pub mod csv;
pub mod digest;
pub mod fold;
pub mod median;
pub mod message;
pub mod prefetch;
pub mod progress;
pub mod rng;
pub mod running;
pub mod units;
