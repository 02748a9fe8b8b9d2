//! What can be wrong with what an air study is given.

use std::path::PathBuf;

use crate::base::message::{Message, ToMessage};

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AirError {
    #[error("{what} is {value}, which is not possible; give a value from {low} to {high}")]
    OutOfRange { what: &'static str, value: f64, low: f64, high: f64 },
    #[error("no wind is given, so nothing is known of where the air goes; give one like 3.5@45")]
    NoWind,
    #[error("the wind is {value} m/s: below {least} m/s a plume has no direction; use the transient model")]
    Calm { value: f64, least: f64 },
    #[error("the emission of {source_id} is {value}; an emission cannot be negative")]
    NegativeEmission { source_id: String, value: f64 },
    #[error("the source {source_id} cannot be: {why}")]
    BadShape { source_id: String, why: &'static str },
    #[error("\"{text}\" has no unit; write it like {example}")]
    UnitMissing { text: String, example: &'static str },
    #[error("\"{text}\" is not understood; write it like {example}")]
    BadArgument { text: String, example: &'static str },
    #[error("line {line}: {what} is missing or not a number: {path}")]
    BadRow { line: usize, what: String, path: PathBuf },
    #[error("cannot read or write: {reason}: {path}")]
    File { reason: String, path: PathBuf },
    #[error("there is no source: no road with traffic and none given")]
    NoSource,
    #[error("the table {table} cannot be read: {reason}")]
    Table { table: &'static str, reason: String },
    #[error("{readings} hourly readings are too few to forecast from; {least} are needed")]
    TooFewHours { readings: usize, least: usize },
    #[error("the last reading is of {last}, {hours} hours before the newest one of all stations")]
    Silent { last: String, hours: usize },
    #[error("none of the readings has a wind: the times of the two tables differ")]
    NoReadingWithWind,
    #[error("there is no file {path}")]
    NoFile { path: PathBuf },
    #[error("the file has no rows: {path}")]
    EmptyFile { path: PathBuf },
    #[error("the file has the names of its columns and no row: {path}")]
    NoRows { path: PathBuf },
    #[error("line {line}: the reading is {value}; a concentration cannot be negative: {path}")]
    NegativeReading { line: usize, value: f64, path: PathBuf },
    #[error("{readings} readings are too few to look for a source; {least} are needed")]
    TooFewReadings { readings: usize, least: usize },
}

impl AirError {
    /// `Err` when `value` is NaN or outside [low, high].
    ///
    /// # Errors
    /// [`AirError::OutOfRange`].
    pub fn require(what: &'static str, value: f64, low: f64, high: f64) -> Result<(), Self> {
        if value >= low && value <= high { Ok(()) } else { Err(Self::OutOfRange { what, value, low, high }) }
    }
}

impl ToMessage for AirError {
    fn to_message(&self) -> Message {
        match self {
            Self::OutOfRange { what, value, low, high } if high.is_infinite() => Message::new("air-too-low")
                .with("what", Message::new(&format!("air-input-{what}")))
                .with("value", *value)
                .with("low", *low),
            Self::OutOfRange { what, value, low, high } => Message::new("air-out-of-range")
                .with("what", Message::new(&format!("air-input-{what}")))
                .with("value", *value)
                .with("low", *low)
                .with("high", *high),
            Self::NoWind => Message::new("air-no-wind"),
            Self::Calm { value, least } => Message::new("air-calm").with("value", *value).with("least", *least),
            Self::NegativeEmission { source_id, value } => {
                Message::new("air-negative-emission").with("source", source_id.as_str()).with("value", *value)
            }
            Self::BadShape { source_id, why } => {
                Message::new(&format!("air-shape-{why}")).with("source", source_id.as_str())
            }
            Self::UnitMissing { text, example } => {
                Message::new("air-unit-missing").with("text", text.as_str()).with("example", *example)
            }
            Self::BadArgument { text, example } => {
                Message::new("air-bad-argument").with("text", text.as_str()).with("example", *example)
            }
            Self::BadRow { line, what, path } => {
                Message::new("air-bad-row").with("line", *line).with("what", what.as_str()).with("path", path.as_path())
            }
            Self::File { reason, path } => {
                Message::new("air-file").with("reason", reason.as_str()).with("path", path.as_path())
            }
            Self::NoSource => Message::new("air-no-source"),
            Self::Table { table, reason } => {
                Message::new("air-table").with("table", *table).with("reason", reason.as_str())
            }
            Self::TooFewHours { readings, least } => {
                Message::new("air-too-few-hours").with("readings", *readings).with("least", *least)
            }
            Self::Silent { last, hours } => {
                Message::new("air-forecast-silent").with("time", last.as_str()).with("hours", *hours)
            }
            Self::NoReadingWithWind => Message::new("air-no-reading-with-wind"),
            Self::NoFile { path } => Message::new("air-no-file").with("path", path.as_path()),
            Self::EmptyFile { path } => Message::new("air-empty-file").with("path", path.as_path()),
            Self::NoRows { path } => Message::new("air-no-rows").with("path", path.as_path()),
            Self::NegativeReading { line, value, path } => Message::new("air-negative-reading")
                .with("line", *line)
                .with("value", *value)
                .with("path", path.as_path()),
            Self::TooFewReadings { readings, least } => {
                Message::new("air-too-few-readings").with("readings", *readings).with("least", *least)
            }
        }
    }
}
