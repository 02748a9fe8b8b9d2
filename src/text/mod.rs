//! Floor 6: messages into Vietnamese or English sentences. Knows `base` only.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    #[default]
    Vi,
    En,
}
