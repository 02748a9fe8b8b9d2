//! A scenario through every simulation, and two of them side by side.

mod air;
pub mod cache;
pub mod compare;
pub mod difference;
pub mod error;
mod fire;
pub mod indicator;
pub mod run;
pub mod settings;
mod still;
mod traffic;
mod water;

pub use air::AirRun;
pub use fire::FireRun;
pub use still::Still;
pub use traffic::TrafficRun;
pub use water::WaterRun;
