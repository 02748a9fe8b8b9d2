//! Floor 6: the whole application without a window. State changes only through [`command::Command`]s.

pub mod command;
pub mod effects;
pub mod selection;
pub mod view_state;
