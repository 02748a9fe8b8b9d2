//! Trips from a table: when, from where, to where, with what.

use std::path::Path;

use super::csv::Table;
use super::error::{Fault, GivenError};
use super::network::Given;
use crate::sim::traffic::control::nearest_where;

/// What trips may be made with, by the order of [`kind`].
pub const KINDS: [&str; 3] = ["car", "motorbike", "truck"];
/// A trip that begins or ends farther from a road is no trip on this network.
pub const FARTHEST_M: f64 = 500.0;
/// More vehicles in one row are a slip of the pen.
const MOST_VEHICLES: f64 = 10_000_000.0;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GivenTrip {
    pub depart_s: f64,
    pub from: u32,
    pub to: u32,
    /// Index into [`KINDS`].
    pub kind: u8,
    /// Line of the file.
    pub row: usize,
}

/// Columns: `depart_s`, `from`, `to` (nodes by name; or `from_x`, `from_y`, `to_x`, `to_y` in the network's
/// coordinates), and if wanted `kind` (car), `vehicles` (1) and `until_s` (`depart_s`): so many vehicles evenly over
/// that time.
///
/// # Errors
/// What is wrong, and in which line.
pub fn read(text: &str, path: &Path, given: &Given) -> Result<Vec<GivenTrip>, GivenError> {
    let table = Table::parse(text);
    let column = |names: &[&str]| table.column(names);
    let depart = column(&["depart_s", "depart", "departure", "departure_s", "time", "time_s", "begin"]);
    let until = column(&["until_s", "until", "end"]);
    let count = column(&["vehicles", "count", "number", "volume"]);
    let kind = column(&["kind", "class", "mode", "type", "vehicle"]);
    let ends = [
        (
            "from",
            column(&["from", "from_node", "origin", "o"]),
            [column(&["from_x", "from_lon"]), column(&["from_y", "from_lat"])],
        ),
        (
            "to",
            column(&["to", "to_node", "destination", "d"]),
            [column(&["to_x", "to_lon"]), column(&["to_y", "to_lat"])],
        ),
    ];
    let mut trips = Vec::new();
    for (line, fields) in &table.rows {
        let (line, row) = (*line, fields.as_slice());
        let fail = |fault: Fault| fault.at(line, path);
        let number = |c, name| table.number((line, row), c, name, path);
        let depart_s = number(depart, "depart_s")?.ok_or_else(|| fail(Fault::Missing { column: "depart_s" }))?;
        if depart_s < 0.0 {
            return Err(fail(Fault::Impossible { column: "depart_s", value: depart_s }));
        }
        let until_s = number(until, "until_s")?.unwrap_or(depart_s);
        if until_s < depart_s {
            return Err(fail(Fault::Impossible { column: "until_s", value: until_s }));
        }
        let vehicles = number(count, "vehicles")?.unwrap_or(1.0);
        if !(0.0..=MOST_VEHICLES).contains(&vehicles) {
            return Err(fail(Fault::Impossible { column: "vehicles", value: vehicles }));
        }
        let mut nodes = [0_u32; 2];
        for (node, (name, by_name, by_place)) in nodes.iter_mut().zip(&ends) {
            *node = match (table.text(row, *by_name), by_place) {
                (Some(id), _) => {
                    let unknown = || fail(Fault::Unknown { column: name, id: id.to_owned() });
                    *given.nodes.get(id).ok_or_else(unknown)?
                }
                (None, [x, y]) => {
                    let missing = || fail(Fault::Missing { column: name });
                    let at = [number(*x, name)?.ok_or_else(missing)?, number(*y, name)?.ok_or_else(missing)?];
                    let (node, metres) =
                        nearest_where(&given.network, given.local.metres(at), |_| true).ok_or_else(missing)?;
                    if metres > FARTHEST_M {
                        return Err(fail(Fault::FarFromRoads { column: name, metres }));
                    }
                    node
                }
            };
        }
        let kind = match table.text(row, kind) {
            None => 0,
            Some(text) => {
                self::kind(text).ok_or_else(|| fail(Fault::Unknown { column: "kind", id: text.to_owned() }))?
            }
        };
        let n = vehicles.round() as u64;
        for i in 0..n {
            let share = i as f64 / n as f64;
            let depart_s = depart_s + share * (until_s - depart_s);
            trips.push(GivenTrip { depart_s, from: nodes[0], to: nodes[1], kind, row: line });
        }
    }
    if trips.is_empty() {
        return Err(GivenError::NoTrips { path: path.to_owned() });
    }
    Ok(trips)
}

/// Index into [`KINDS`] by the names in use.
#[must_use]
pub fn kind(text: &str) -> Option<u8> {
    match text.to_lowercase().as_str() {
        "car" | "passenger" | "taxi" | "auto" | "default_vehtype" => Some(0),
        "motorbike" | "motorcycle" | "moped" | "bike" | "mc" => Some(1),
        "truck" | "bus" | "coach" | "trailer" => Some(2),
        _ => None,
    }
}
