//! The sea: tide and wind move it, and it carries what is let into it.

pub mod carry;
pub mod error;
pub mod outfall;
pub mod sea;
pub mod shallow;
pub mod tide;
pub mod waves;
