//! Why a command could not be carried out.

use std::path::PathBuf;

use super::plan_draw::DrawFault;
use crate::analysis::expr::ExprError;
use crate::base::message::{Message, ToMessage};
use crate::model::layer::LayerId;
use crate::model::scenario::ScenarioError;
use crate::sim::fire::error::FireError;
use crate::study::effects::EffectError;

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SessionError {
    #[error("no project is open")]
    NoProject,
    #[error("no readings are kept")]
    NoHistory,
    #[error("there is no layer {0}")]
    NoLayer(LayerId),
    #[error("layer {layer} has no feature {feature}")]
    NoFeature { layer: LayerId, feature: u64 },
    #[error("layer {layer} has no field {field}")]
    NoField { layer: LayerId, field: String },
    #[error("{text:?} is not a number, but field {field} holds numbers")]
    NotANumber { field: String, text: String },
    #[error("there is no bookmark {0}")]
    NoBookmark(String),
    #[error("the site's coordinate system {0} is not one that this program converts to longitude and latitude")]
    UnknownCrs(String),
    #[error("the fire has no place to start: click on the map first")]
    NoIgnition,
    #[error("layer {0} has no table")]
    NoTable(LayerId),
    #[error("a new field needs a name")]
    NoName,
    #[error("{0}")]
    Expression(ExprError),
    #[error("nothing of that layer is chosen: click on the map or mark rows in the table first")]
    NothingChosen,
    #[error("there is no fire to write; run one first")]
    NoFire,
    #[error("there is no traffic to write")]
    NoTraffic,
    #[error("there is no air study to write; run one first")]
    NoAir,
    #[error("there is no day of the sea to write; run one first")]
    NoSea,
    #[error(transparent)]
    Fire(#[from] FireError),
    #[error("another instance has the project open; save under another name: {0}")]
    HeldByAnother(PathBuf),
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    #[error(transparent)]
    Effect(#[from] EffectError),
    #[error("the drawing is no edit yet: {0:?}")]
    Draw(DrawFault),
    #[error("no thread could be started for this: {0}")]
    NoThread(String),
}

impl ToMessage for SessionError {
    fn to_message(&self) -> Message {
        match self {
            Self::NoProject => Message::new("session-error-no-project"),
            Self::NoHistory => Message::new("session-error-no-history"),
            Self::NoLayer(layer) => Message::new("session-error-no-layer").with("layer", layer.to_string()),
            Self::NoFeature { layer, feature } => Message::new("session-error-no-feature")
                .with("layer", layer.to_string())
                .with("feature", feature.to_string()),
            Self::NoField { layer, field } => {
                Message::new("session-error-no-field").with("layer", layer.to_string()).with("field", field.as_str())
            }
            Self::NotANumber { field, text } => {
                Message::new("session-error-number").with("field", field.as_str()).with("text", text.as_str())
            }
            Self::NoBookmark(id) => Message::new("session-error-no-bookmark").with("id", id.as_str()),
            Self::UnknownCrs(crs) => Message::new("session-error-crs").with("crs", crs.as_str()),
            Self::NoIgnition => Message::new("session-error-no-ignition"),
            Self::NoTable(layer) => Message::new("gis-error-no-table").with("layer", layer.to_string()),
            Self::NoName => Message::new("gis-error-no-name"),
            Self::Expression(error) => error.to_message(),
            Self::NothingChosen => Message::new("gis-error-nothing-chosen"),
            Self::NoFire => Message::new("session-error-no-fire"),
            Self::NoTraffic => Message::new("session-error-no-traffic"),
            Self::NoAir => Message::new("session-error-no-air"),
            Self::NoSea => Message::new("session-error-no-sea"),
            Self::Fire(error) => error.to_message(),
            Self::HeldByAnother(path) => Message::new("whatif-held-by-another").with("path", path.as_path()),
            Self::Scenario(error) => error.to_message(),
            Self::Effect(error) => error.to_message(),
            Self::Draw(fault) => Message::new(fault.key()),
            Self::NoThread(reason) => Message::new("session-error-no-thread").with("reason", reason.as_str()),
        }
    }
}
