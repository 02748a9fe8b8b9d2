//! What can be wrong with a file of roads or trips.

use std::path::PathBuf;

use crate::base::message::{Message, ToMessage};
use crate::sim::traffic::meso::error::MesoError;

/// What is wrong with one row (of a table), feature (of a map) or element (of XML), counted from 1.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Fault {
    #[error("{column} is missing")]
    Missing { column: &'static str },
    #[error("{column} is \"{text}\", not a number")]
    NotANumber { column: &'static str, text: String },
    #[error("{column} is {value}, which is not possible")]
    Impossible { column: &'static str, value: f64 },
    #[error("{column} is \"{id}\", which is not in the network")]
    Unknown { column: &'static str, id: String },
    #[error("{column} is \"{id}\", which was there before")]
    Twice { column: &'static str, id: String },
    #[error("{column} lies {metres:.0} m from the nearest road")]
    FarFromRoads { column: &'static str, metres: f64 },
    #[error("a line needs at least two different points")]
    NoLine,
    #[error("signal \"{id}\" has a phase of {value} s")]
    Phase { id: String, value: f64 },
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GivenError {
    #[error("cannot read: {reason}: {path}")]
    File { reason: String, path: PathBuf },
    #[error("there is no FeatureCollection: {path}")]
    NoCollection { path: PathBuf },
    #[error("the file ends too soon: {path}")]
    Cut { path: PathBuf },
    #[error("coordinates could be degrees or metres; say which by a crs member: {path}")]
    WhichCoordinates { path: PathBuf },
    #[error("the coordinate system \"{name}\" is not known: {path}")]
    UnknownSystem { name: String, path: PathBuf },
    #[error("row {row}: {fault}: {path}")]
    Row { row: usize, fault: Fault, path: PathBuf },
    #[error("there are no roads: {path}")]
    NoLinks { path: PathBuf },
    #[error("there are no trips: {path}")]
    NoTrips { path: PathBuf },
    #[error("{error}: {path}")]
    Input { error: MesoError, path: PathBuf },
}

impl Fault {
    #[must_use]
    pub fn at(self, row: usize, path: &std::path::Path) -> GivenError {
        GivenError::Row { row, fault: self, path: path.to_owned() }
    }
}

impl ToMessage for Fault {
    fn to_message(&self) -> Message {
        match self {
            Self::Missing { column } => Message::new("vehicles-row-missing").with("column", *column),
            Self::NotANumber { column, text } => {
                Message::new("vehicles-row-not-a-number").with("column", *column).with("text", text.as_str())
            }
            Self::Impossible { column, value } => {
                Message::new("vehicles-row-impossible").with("column", *column).with("value", *value)
            }
            Self::Unknown { column, id } => {
                Message::new("vehicles-row-unknown").with("column", *column).with("id", id.as_str())
            }
            Self::Twice { column, id } => {
                Message::new("vehicles-row-twice").with("column", *column).with("id", id.as_str())
            }
            Self::FarFromRoads { column, metres } => {
                Message::new("vehicles-row-far").with("column", *column).with("metres", metres.round())
            }
            Self::NoLine => Message::new("vehicles-row-no-line"),
            Self::Phase { id, value } => {
                Message::new("vehicles-row-phase").with("id", id.as_str()).with("value", *value)
            }
        }
    }
}

impl ToMessage for GivenError {
    fn to_message(&self) -> Message {
        match self {
            Self::File { reason, path } => {
                Message::new("vehicles-file").with("reason", reason.as_str()).with("path", path.as_path())
            }
            Self::NoCollection { path } => Message::new("vehicles-no-collection").with("path", path.as_path()),
            Self::Cut { path } => Message::new("vehicles-cut").with("path", path.as_path()),
            Self::WhichCoordinates { path } => Message::new("vehicles-which-coordinates").with("path", path.as_path()),
            Self::UnknownSystem { name, path } => {
                Message::new("vehicles-unknown-system").with("name", name.as_str()).with("path", path.as_path())
            }
            Self::Row { row, fault, path } => Message::new("vehicles-row")
                .with("row", *row)
                .with("fault", fault.to_message())
                .with("path", path.as_path()),
            Self::NoLinks { path } => Message::new("vehicles-no-roads").with("path", path.as_path()),
            Self::NoTrips { path } => Message::new("vehicles-no-trips").with("path", path.as_path()),
            Self::Input { error, path } => {
                Message::new("vehicles-input").with("error", error.to_message()).with("path", path.as_path())
            }
        }
    }
}
