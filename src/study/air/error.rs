//! Why an air study gave nothing.

use crate::base::cancel::Cancelled;
use crate::base::message::{Message, ToMessage};
use crate::sim::air::error::AirError;
use crate::sim::run::SimError;
use crate::sim::transport::error::TransportError;

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AirStudyError {
    #[error(transparent)]
    Input(#[from] AirError),
    #[error(transparent)]
    Run(#[from] SimError),
    #[error(transparent)]
    Transport(#[from] TransportError),
    #[error("nothing is known of emissions of {pollutant}; known are {known}")]
    UnknownPollutant { pollutant: String, known: String },
    #[error("the source {source_id} lies outside the map")]
    OutsideMap { source_id: String },
}

impl From<Cancelled> for AirStudyError {
    fn from(cancelled: Cancelled) -> Self {
        Self::Run(SimError::Cancelled(cancelled))
    }
}

impl AirStudyError {
    /// Whether the user stopped it: nothing to complain of.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Run(SimError::Cancelled(_)))
    }
}

impl ToMessage for AirStudyError {
    fn to_message(&self) -> Message {
        match self {
            Self::Input(error) => error.to_message(),
            Self::Run(error) => error.to_message(),
            Self::Transport(error) => error.to_message(),
            Self::UnknownPollutant { pollutant, known } => Message::new("air-unknown-pollutant")
                .with("pollutant", pollutant.as_str())
                .with("known", known.as_str()),
            Self::OutsideMap { source_id } => Message::new("air-source-outside").with("source", source_id.as_str()),
        }
    }
}
