//! Why a comparison of plans gave nothing.

use std::path::PathBuf;

use crate::base::cancel::Cancelled;
use crate::base::message::{Message, ToMessage};
use crate::sim::air::error::AirError;
use crate::sim::fire::error::FireError;
use crate::sim::traffic::error::TrafficError;
use crate::study::air::error::AirStudyError;
use crate::study::effects::EffectError;
use crate::study::fire::error::FireStudyError;
use crate::study::water::case::WaterStudyError;

#[derive(Debug, thiserror::Error)]
pub enum WhatIfError {
    #[error(transparent)]
    Effect(#[from] EffectError),
    #[error(transparent)]
    Traffic(#[from] TrafficError),
    #[error(transparent)]
    Air(#[from] AirStudyError),
    #[error(transparent)]
    Fire(#[from] FireStudyError),
    #[error(transparent)]
    Water(#[from] WaterStudyError),
    #[error("the simulation needs a layer of roads; add one to the project")]
    NoRoads,
    #[error("cancelled")]
    Cancelled(Cancelled),
    #[error("results cannot be kept ({detail}); check the folder and the free space: {path}")]
    Cache { detail: String, path: PathBuf },
}

impl From<AirError> for WhatIfError {
    fn from(error: AirError) -> Self {
        Self::Air(error.into())
    }
}

impl From<FireError> for WhatIfError {
    fn from(error: FireError) -> Self {
        Self::Fire(error.into())
    }
}

impl From<Cancelled> for WhatIfError {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled)
    }
}

impl ToMessage for WhatIfError {
    fn to_message(&self) -> Message {
        match self {
            Self::Effect(error) => error.to_message(),
            Self::Traffic(error) => error.to_message(),
            Self::Air(error) => error.to_message(),
            Self::Fire(error) => error.to_message(),
            Self::Water(error) => error.to_message(),
            Self::NoRoads => Message::new("whatif-needs-layer").with("what", Message::new("whatif-layer-roads")),
            Self::Cancelled(_) => Message::new("sim-cancelled"),
            Self::Cache { detail, path } => {
                Message::new("whatif-cache").with("reason", detail.as_str()).with("path", path.as_path())
            }
        }
    }
}
