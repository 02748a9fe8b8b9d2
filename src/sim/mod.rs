//! Floor 4: the simulations: what they speak (`fields`), what runs them (`run`), one folder for each, and what air and
//! water share (`transport`).

pub mod air;
pub mod fields;
pub mod fire;
pub mod run;
pub mod traffic;
pub mod transport;
pub mod water;
