//! Floor 6: messages into Vietnamese or English sentences. Knows `base` only.

use serde::{Deserialize, Serialize};

pub mod catalog;
pub mod number;
mod sources;

pub use catalog::Catalog;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    #[default]
    Vi,
    En,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::Vi, Self::En];

    /// BCP 47: "vi", "en".
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }
}
