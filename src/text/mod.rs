//! Floor 6: messages into Vietnamese or English sentences. Knows `base` only.

pub mod catalog;
mod language;
pub mod number;
mod sources;

pub use catalog::Catalog;
pub use language::Language;
