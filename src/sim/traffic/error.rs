//! What can be wrong with a road network or with trips. Rows are counted from 1, as editors do.

use std::path::PathBuf;

use super::assign::problem::SolveError;
use crate::base::cancel::Cancelled;
use crate::base::message::{Message, ToMessage};

/// What is wrong with one row of a file.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RowFault {
    #[error("{column} is missing")]
    Missing { column: &'static str },
    #[error("{column} is \"{text}\", not a number")]
    NotANumber { column: String, text: String },
    #[error("{column} is {value}; it cannot be negative")]
    Negative { column: &'static str, value: f64 },
    #[error("the capacity is 0, yet the time depends on it")]
    NoCapacity,
    #[error("there is no {what} {id}")]
    Unknown { what: &'static str, id: String },
    #[error("{text} is not understood here")]
    Unexpected { text: String },
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TrafficError {
    #[error("cannot read or write: {reason}: {path}")]
    File { reason: String, path: PathBuf },
    #[error("row {row}: {fault}: {path}")]
    Row { row: usize, fault: RowFault, path: PathBuf },
    /// `row` is where the file says so; `last` is the last row that was counted.
    #[error("row {row} says {said} {what}, but there are {found}, the last in row {last}: {path}")]
    Count { what: &'static str, said: usize, found: usize, row: usize, last: usize, path: PathBuf },
    #[error("row {row} says {said} zones, but the project has {found}: {path}")]
    ZoneCount { said: usize, found: usize, row: usize, path: PathBuf },
    #[error("<{name}> is missing before row {row}: {path}")]
    NoMetadata { name: &'static str, row: usize, path: PathBuf },
    #[error("the network has no links: {path}")]
    NoLinks { path: PathBuf },
    #[error("there are no trips: {path}")]
    NoTrips { path: PathBuf },
    #[error("{trips} trips want from {from} to {to}, but no way leads there; they are in row {row}: {path}")]
    Unconnected { from: u64, to: u64, trips: f64, row: usize, path: PathBuf },
    #[error("\"{text}\" is not understood; write it like {example}")]
    BadArgument { text: String, example: &'static str },
    #[error("the traffic table cannot be read: {reason}")]
    Table { reason: String },
    /// `at` is named as the table's file names it.
    #[error("in the traffic table, {at} is missing or not possible")]
    TableValue { at: String },
    #[error("the plan \"{plan}\" changes the road \"{road}\", which the road layer does not have")]
    NoSuchRoad { plan: String, road: String },
    #[error("\"{road}\" of the plan \"{plan}\" lies outside the road network: it was drawn for another place")]
    PlanElsewhere { plan: String, road: String },
    #[error("there is no plan \"{name}\"; there are {known}")]
    UnknownPlan { name: String, known: String },
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    #[error("no way leads from {from} to {to} for {trips} trips, near {at:?}")]
    NoWay { from: String, to: String, trips: f64, at: [f64; 2] },
}

impl ToMessage for RowFault {
    fn to_message(&self) -> Message {
        let column = |column: &str| Message::new(&format!("traffic-column-{}", column.replace('_', "-")));
        match self {
            Self::Missing { column: c } => Message::new("traffic-row-missing").with("column", column(c)),
            Self::NotANumber { column: c, text } => {
                Message::new("traffic-row-not-a-number").with("column", c.as_str()).with("text", text.as_str())
            }
            Self::Negative { column: c, value } => {
                Message::new("traffic-row-negative").with("column", column(c)).with("value", *value)
            }
            Self::NoCapacity => Message::new("traffic-row-no-capacity"),
            Self::Unknown { what, id } => {
                Message::new("traffic-row-unknown").with("column", column(what)).with("id", id.as_str())
            }
            Self::Unexpected { text } => Message::new("traffic-row-unexpected").with("text", text.as_str()),
        }
    }
}

impl ToMessage for TrafficError {
    fn to_message(&self) -> Message {
        match self {
            Self::File { reason, path } => {
                Message::new("traffic-file").with("reason", reason.as_str()).with("path", path.as_path())
            }
            Self::Row { row, fault, path } => Message::new("traffic-row")
                .with("row", *row)
                .with("fault", fault.to_message())
                .with("path", path.as_path()),
            Self::Count { what, said, found, row, last, path } => Message::new("traffic-count")
                .with("what", Message::new(&format!("traffic-count-{what}")))
                .with("said", *said)
                .with("found", *found)
                .with("row", *row)
                .with("last", *last)
                .with("path", path.as_path()),
            Self::ZoneCount { said, found, row, path } => Message::new("traffic-zone-count")
                .with("said", *said)
                .with("found", *found)
                .with("row", *row)
                .with("path", path.as_path()),
            Self::NoMetadata { name, row, path } => {
                Message::new("traffic-no-metadata").with("name", *name).with("row", *row).with("path", path.as_path())
            }
            Self::NoLinks { path } => Message::new("traffic-no-links").with("path", path.as_path()),
            Self::NoTrips { path } => Message::new("traffic-no-trips").with("path", path.as_path()),
            Self::Unconnected { from, to, trips, row, path } => Message::new("traffic-unconnected")
                .with("from", from.to_string())
                .with("to", to.to_string())
                .with("trips", *trips)
                .with("row", *row)
                .with("path", path.as_path()),
            Self::BadArgument { text, example } => {
                Message::new("traffic-bad-argument").with("text", text.as_str()).with("example", *example)
            }
            Self::Table { reason } => Message::new("traffic-table").with("reason", reason.as_str()),
            Self::TableValue { at } => Message::new("traffic-table-value").with("at", at.as_str()),
            Self::NoSuchRoad { plan, road } => {
                Message::new("traffic-no-such-road").with("plan", plan.as_str()).with("road", road.as_str())
            }
            Self::PlanElsewhere { plan, road } => {
                Message::new("traffic-plan-elsewhere").with("plan", plan.as_str()).with("road", road.as_str())
            }
            Self::UnknownPlan { name, known } => {
                Message::new("traffic-unknown-plan").with("name", name.as_str()).with("known", known.as_str())
            }
            Self::Cancelled(_) => Message::new("sim-cancelled"),
            Self::NoWay { from, to, trips, at } => Message::new("traffic-no-way")
                .with("from", from.as_str())
                .with("to", to.as_str())
                .with("trips", *trips)
                .with("east", at[0].round())
                .with("north", at[1].round()),
        }
    }
}

impl TrafficError {
    /// A solver's complaint about trips that a file brought; `row_of` finds where.
    #[must_use]
    pub fn from_solver(error: SolveError, name: impl Fn(u32) -> u64, row: usize, path: PathBuf) -> Self {
        match error {
            SolveError::Cancelled(c) => Self::Cancelled(c),
            SolveError::Unreachable(u) => {
                Self::Unconnected { from: name(u.from), to: name(u.to), trips: u.trips, row, path }
            }
        }
    }
}
