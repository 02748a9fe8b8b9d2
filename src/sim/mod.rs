//! Floor 4: the simulations: what they speak (`fields`), what runs them (`run`), and one folder for each.

pub mod air;
pub mod fields;
pub mod fire;
pub mod run;
pub mod traffic;
