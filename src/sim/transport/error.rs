//! What can be wrong with what is to be transported.

use crate::base::cancel::Cancelled;
use crate::base::message::{Message, ToMessage};

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TransportError {
    #[error("{what} is {value}, which is not possible; give a value from {low} to {high}")]
    OutOfRange { what: &'static str, value: f64, low: f64, high: f64 },
    #[error("{cells} cells have no {what} or one that is not a number; fill them or mark them as closed")]
    NotANumber { what: &'static str, cells: usize },
    #[error("{cells} cells have a negative {what}; there is no such thing")]
    Negative { what: &'static str, cells: usize },
    #[error("a step of {dt_s} s would need {needed} sub-steps to stay stable; shorten it to {longest_s} s or less")]
    TooLong { dt_s: f64, needed: f64, longest_s: f64 },
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl TransportError {
    /// `Err` when `value` is NaN or outside [low, high].
    ///
    /// # Errors
    /// [`TransportError::OutOfRange`].
    pub fn require(what: &'static str, value: f64, low: f64, high: f64) -> Result<(), Self> {
        if value >= low && value <= high { Ok(()) } else { Err(Self::OutOfRange { what, value, low, high }) }
    }
}

impl ToMessage for TransportError {
    fn to_message(&self) -> Message {
        let what = |name: &str| Message::new(&format!("transport-input-{name}"));
        match self {
            Self::OutOfRange { what: name, value, low, high } => Message::new("transport-out-of-range")
                .with("what", what(name))
                .with("value", *value)
                .with("low", *low)
                .with("high", *high),
            Self::NotANumber { what: name, cells } => {
                Message::new("transport-not-a-number").with("what", what(name)).with("cells", *cells)
            }
            Self::Negative { what: name, cells } => {
                Message::new("transport-negative").with("what", what(name)).with("cells", *cells)
            }
            Self::TooLong { dt_s, needed, longest_s } => Message::new("transport-too-long")
                .with("step", *dt_s)
                .with("needed", needed.ceil())
                .with("longest", *longest_s),
            Self::Cancelled(_) => Message::new("sim-cancelled"),
        }
    }
}
