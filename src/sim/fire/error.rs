//! What can be wrong with a fire's inputs.

use std::path::PathBuf;

use crate::base::message::{Message, ToMessage};

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FireError {
    #[error("fuel model {number} is not known; use 1-13, 101-204 or define it")]
    UnknownFuelModel { number: u32 },
    #[error("{what} is {value}, which is not possible; give a value from {low} to {high}")]
    OutOfRange { what: &'static str, value: f64, low: f64, high: f64 },
    #[error("line {line}: {what} is missing or not a number: {path}")]
    BadRow { line: usize, what: String, path: PathBuf },
    #[error("\"{text}\" is not understood; write it like {example}")]
    BadArgument { text: String, example: &'static str },
    #[error("cannot read or write: {reason}: {path}")]
    File { reason: String, path: PathBuf },
    #[error("the {what} raster does not lie on the fuel raster's grid; resample it first")]
    GridMismatch { what: &'static str },
    #[error("nothing can burn where the fire was set; set it on vegetation inside the map")]
    NothingIgnites,
    #[error("a fire needs at least one ignition")]
    NoIgnition,
    #[error("the weather has no hours")]
    NoWeather,
    #[error("the fuel table cannot be read: {reason}")]
    FuelTable { reason: String },
}

impl FireError {
    /// `Err` when `value` is NaN or outside [low, high].
    ///
    /// # Errors
    /// [`FireError::OutOfRange`].
    pub fn require(what: &'static str, value: f64, low: f64, high: f64) -> Result<(), Self> {
        if value >= low && value <= high { Ok(()) } else { Err(Self::OutOfRange { what, value, low, high }) }
    }
}

impl ToMessage for FireError {
    fn to_message(&self) -> Message {
        match self {
            Self::UnknownFuelModel { number } => Message::new("sim-fire-unknown-fuel").with("number", *number),
            Self::OutOfRange { what, value, low, high } => Message::new("sim-fire-out-of-range")
                .with("what", Message::new(&format!("sim-fire-input-{what}")))
                .with("value", *value)
                .with("low", *low)
                .with("high", *high),
            Self::BadRow { line, what, path } => Message::new("sim-fire-bad-row")
                .with("line", *line)
                .with("what", what.as_str())
                .with("path", path.as_path()),
            Self::BadArgument { text, example } => {
                Message::new("sim-fire-bad-argument").with("text", text.as_str()).with("example", *example)
            }
            Self::File { reason, path } => {
                Message::new("sim-fire-file").with("reason", reason.as_str()).with("path", path.as_path())
            }
            Self::GridMismatch { what } => {
                Message::new("sim-fire-grid-mismatch").with("what", Message::new(&format!("sim-fire-input-{what}")))
            }
            Self::NothingIgnites => Message::new("sim-fire-nothing-ignites"),
            Self::NoIgnition => Message::new("sim-fire-no-ignition"),
            Self::NoWeather => Message::new("sim-fire-no-weather"),
            Self::FuelTable { reason } => Message::new("sim-fire-fuel-table").with("reason", reason.as_str()),
        }
    }
}
