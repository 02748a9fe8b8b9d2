//! Why a plan could not be turned into inputs.

use crate::base::message::{Message, ToMessage};
use crate::model::scenario::ScenarioError;

/// Why a plan could not be turned into inputs.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EffectError {
    #[error("the table of effects is not possible: {reason}")]
    Table { reason: String },
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    #[error("longitude and latitude cannot be worked out in the site's system {crs}")]
    NoLonLat { crs: String },
    #[error("the project has no layer of {what}, which edit {edit} needs; add one")]
    NoLayer { what: &'static str, edit: usize },
    #[error("edit {edit} names {name:?}, which is not there")]
    NotThere { edit: usize, name: String },
}

impl ToMessage for EffectError {
    fn to_message(&self) -> Message {
        match self {
            Self::Table { reason } => Message::new("whatif-bad-table").with("reason", reason.as_str()),
            Self::Scenario(error) => error.to_message(),
            Self::NoLonLat { crs } => Message::new("study-fire-no-lon-lat").with("crs", crs.as_str()),
            Self::NoLayer { what, edit } => {
                Message::new("whatif-no-layer").with("what", Message::new(what)).with("edit", *edit)
            }
            Self::NotThere { edit, name } => {
                Message::new("whatif-not-there").with("name", name.as_str()).with("edit", *edit)
            }
        }
    }
}
