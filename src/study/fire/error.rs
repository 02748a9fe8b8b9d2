//! Why a wildfire study gave nothing.

use crate::base::cancel::Cancelled;
use crate::base::message::{Message, ToMessage};
use crate::model::scenario::ScenarioError;
use crate::sim::fire::error::FireError;
use crate::sim::run::SimError;

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FireStudyError {
    #[error(transparent)]
    Input(#[from] FireError),
    #[error(transparent)]
    Run(#[from] SimError),
    #[error("the project has no land-cover layer, so nothing is known of the fuel; add one with the role LandCover")]
    NoLandCover,
    #[error("the fire starts outside the island's map; choose a place on land")]
    OutsideMap,
    #[error("longitude and latitude cannot be worked out in the site's system {crs}")]
    NoLonLat { crs: String },
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
}

impl From<Cancelled> for FireStudyError {
    fn from(cancelled: Cancelled) -> Self {
        Self::Run(SimError::Cancelled(cancelled))
    }
}

impl ToMessage for FireStudyError {
    fn to_message(&self) -> Message {
        match self {
            Self::Input(error) => error.to_message(),
            Self::Run(error) => error.to_message(),
            Self::NoLandCover => Message::new("study-fire-no-land-cover"),
            Self::OutsideMap => Message::new("study-fire-outside-map"),
            Self::NoLonLat { crs } => Message::new("study-fire-no-lon-lat").with("crs", crs.as_str()),
            Self::Scenario(error) => error.to_message(),
        }
    }
}
