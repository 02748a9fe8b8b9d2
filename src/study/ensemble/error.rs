//! Why an ensemble cannot be run or told.

use std::path::{Path, PathBuf};

use crate::base::message::{Message, ToMessage};
use crate::model::scenario::ScenarioError;
use crate::study::whatif::error::WhatIfError;

#[derive(Debug, thiserror::Error)]
pub enum EnsembleError {
    #[error("not an ensemble: {reason}")]
    Spec { reason: String },
    #[error("the ensemble has version {found}, this program reads {known}; update the program")]
    Version { found: u32, known: u32 },
    #[error("{found} members; 1 to {most} are possible")]
    Members { found: u32, most: u32 },
    #[error("name at least one scenario, or `today`")]
    NoScenario,
    #[error("scenario {name} is named twice; leave one")]
    ScenarioTwice { name: String },
    #[error("name at least one model")]
    NoModel,
    #[error("air needs traffic; add Traffic to the models")]
    AirWithoutTraffic,
    #[error("{name} cannot vary so; check its numbers")]
    Spread { name: &'static str },
    #[error("fires cannot start so; give 1 to 100,000 fires, or places as (longitude, latitude)")]
    Ignitions,
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    #[error("there is no member {member}; the ensemble has 0 to {last}")]
    NoMember { member: u32, last: u32 },
    #[error("member {member}: {source}")]
    Member { member: u32, source: WhatIfError },
    #[error(transparent)]
    WhatIf(#[from] WhatIfError),
    #[error("cancelled")]
    Cancelled,
    #[error("no member is there; run the ensemble first: {path}")]
    Nothing { path: PathBuf },
    #[error("the result cannot be written ({detail}); check the folder and the free space: {path}")]
    Write { detail: String, path: PathBuf },
    #[error("the result cannot be read ({detail}); check the folder: {path}")]
    Read { detail: String, path: PathBuf },
    #[error("threads cannot be started ({detail}); close other programs")]
    Threads { detail: String },
}

impl EnsembleError {
    pub(super) fn write(path: &Path, error: &impl ToString) -> Self {
        Self::Write { detail: error.to_string(), path: path.to_owned() }
    }
}

impl ToMessage for EnsembleError {
    fn to_message(&self) -> Message {
        match self {
            Self::Spec { reason } => Message::new("ensemble-spec").with("reason", reason.as_str()),
            Self::Version { found, known } => {
                Message::new("ensemble-version").with("found", *found).with("known", *known)
            }
            Self::Members { found, most } => Message::new("ensemble-members").with("found", *found).with("most", *most),
            Self::NoScenario => Message::new("ensemble-no-scenario"),
            Self::ScenarioTwice { name } => Message::new("ensemble-scenario-twice").with("name", name.as_str()),
            Self::NoModel => Message::new("ensemble-no-model"),
            Self::AirWithoutTraffic => Message::new("ensemble-air-without-traffic"),
            Self::Spread { name } => Message::new("ensemble-spread").with("name", *name),
            Self::Ignitions => Message::new("ensemble-ignitions"),
            Self::Scenario(error) => error.to_message(),
            Self::NoMember { member, last } => {
                Message::new("ensemble-no-member").with("member", *member).with("last", *last)
            }
            Self::Member { member, source } => {
                Message::new("ensemble-member-failed").with("member", *member).with("reason", source.to_message())
            }
            Self::WhatIf(error) => error.to_message(),
            Self::Cancelled => Message::new("sim-cancelled"),
            Self::Nothing { path } => Message::new("ensemble-nothing").with("path", path.as_path()),
            Self::Write { detail, path } => {
                Message::new("ensemble-write").with("reason", detail.as_str()).with("path", path.as_path())
            }
            Self::Read { detail, path } => {
                Message::new("ensemble-read").with("reason", detail.as_str()).with("path", path.as_path())
            }
            Self::Threads { detail } => Message::new("sim-no-thread").with("reason", detail.as_str()),
        }
    }
}
