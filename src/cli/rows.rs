//! Rows of a comma-separated table by column name, and cells that are written to one.

pub(super) use crate::base::csv::quoted;
pub(super) use crate::study::air::rows::{Row, Rows};
