//! A wildfire in a project: its ground, its run, what it reaches and when, and what a fuel break would change.

pub mod case;
pub mod clock;
pub mod compare;
pub mod error;
pub mod files;
pub mod ground;
pub mod headline;
pub mod impact;
pub mod inputs;
pub mod scenario;
pub mod uncertainty;
