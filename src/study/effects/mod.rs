//! The one place that says how a change of the plan changes what every simulation is given: land use to buildings,
//! people, ground and emissions; roads to the network and to gaps in the fuel; traffic to emissions along the roads.

mod error;
mod ground;
mod lots;
mod resolved;
mod rows;
mod scenario;
pub mod table;
pub mod traffic_air;

pub use error::EffectError;
pub use lots::target;
pub use resolved::{Input, Resolved};
pub use scenario::resolve;
