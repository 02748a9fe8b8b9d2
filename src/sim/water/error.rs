//! What can be wrong with what is asked of the sea.

use crate::base::message::{Message, ToMessage};
use crate::sim::transport::error::TransportError;

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum WaterError {
    #[error(transparent)]
    Transport(#[from] TransportError),
    #[error("{what} is {value}, which is not possible; give a value from {low} to {high}")]
    OutOfRange { what: &'static str, value: f64, low: f64, high: f64 },
    #[error("outfall {number} lies on land; put it into the sea (the nearest is {distance_m} m away)")]
    OnLand { number: usize, distance_m: f64 },
    #[error("outfall {number} lies outside the map")]
    OutsideMap { number: usize },
    #[error(
        "a diffusivity of {value} m²/s on cells of {cell_m} m takes {parts} parts of every step; give {most} at most, or \
         cells of {least_cell_m} m and more"
    )]
    TooDiffusive { value: f64, cell_m: f64, parts: f64, most: f64, least_cell_m: f64 },
    #[error("there is no sea on the map: no cell lies below zero")]
    NoSea,
}

impl WaterError {
    /// `Err` when `value` is NaN or outside [low, high].
    ///
    /// # Errors
    /// [`WaterError::OutOfRange`].
    pub fn require(what: &'static str, value: f64, low: f64, high: f64) -> Result<(), Self> {
        if value >= low && value <= high { Ok(()) } else { Err(Self::OutOfRange { what, value, low, high }) }
    }
}

impl ToMessage for WaterError {
    fn to_message(&self) -> Message {
        match self {
            Self::Transport(error) => error.to_message(),
            Self::OutOfRange { what, value, low, high } => Message::new("water-out-of-range")
                .with("what", Message::new(&format!("water-input-{what}")))
                .with("value", *value)
                .with("low", *low)
                .with("high", *high),
            Self::OnLand { number, distance_m } => {
                Message::new("water-on-land").with("number", *number).with("distance", distance_m.round())
            }
            Self::OutsideMap { number } => Message::new("water-outside-map").with("number", *number),
            Self::TooDiffusive { value, cell_m, parts, most, least_cell_m } => Message::new("water-too-diffusive")
                .with("value", *value)
                .with("cell", *cell_m)
                .with("parts", parts.ceil())
                .with("most", most.floor())
                .with("least", least_cell_m.ceil()),
            Self::NoSea => Message::new("water-no-sea"),
        }
    }
}
