//! Assignment: which ways trips take when every road gets slower the more use it.

pub mod bush;
mod core;
pub mod equilibrium;
pub mod frank_wolfe;
pub mod link_cost;
pub mod logit;
pub mod problem;
pub mod shortest;
pub mod warm;
pub mod ways;
mod within;
