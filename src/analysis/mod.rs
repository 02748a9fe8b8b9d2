//! Floor 4: what a technician asks of tables: check, repair, map fields, filter, classify, spatial questions. Knows
//! no files.

pub mod check;
pub mod classify;
pub mod expr;
pub mod kriging;
pub mod mapping;
pub mod near;
pub mod overlay;
pub mod statistics;
pub mod trace;
pub mod viewshed;
pub mod zone;
