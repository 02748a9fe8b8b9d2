//! What may be built: the plan's own limits and the planning norms, plot by plot.

pub mod allowance;
pub mod check;
pub mod proposal;
pub mod rules;
pub mod street;
