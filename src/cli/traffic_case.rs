//! A network and trips from files, for `traffic meso` and `traffic micro`.

use std::path::Path;

use crate::base::message::{Message, ToMessage};
use crate::sim::traffic::given::error::GivenError;
use crate::sim::traffic::given::geojson;
use crate::sim::traffic::given::gmns::{self, Gmns};
use crate::sim::traffic::given::network::Given;
use crate::sim::traffic::given::sumo::{self, SumoVehicle};
use crate::sim::traffic::given::trips::{self, GivenTrip};
use crate::sim::traffic::meso::error::MesoError;

/// Trips by their ends, or with the ways that they take.
pub(super) enum Wishes {
    Trips(Vec<GivenTrip>),
    Ways(Vec<SumoVehicle>),
}

pub(super) fn read(path: &Path) -> Result<String, Message> {
    std::fs::read_to_string(path)
        .map_err(|e| GivenError::File { reason: e.to_string(), path: path.to_owned() }.to_message())
}

fn is_xml(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("xml"))
}

pub(super) fn network(path: &Path) -> Result<Given, Message> {
    let text = read(path)?;
    let given = if is_xml(path) {
        sumo::read_net(&text, path)
    } else if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv")) {
        let beside = path.with_file_name("node.csv");
        let nodes = read(&beside)?;
        let config = std::fs::read_to_string(path.with_file_name("config.csv")).ok();
        gmns::read(Gmns { links: &text, nodes: &nodes, config: config.as_deref() }, path, &beside)
    } else {
        geojson::read(&text, path)
    };
    given.map_err(|e| e.to_message())
}

/// Trips, and what to tell of them: those that end where they begin need no road and are left out.
pub(super) fn wishes(path: &Path, given: &Given) -> Result<(Wishes, Vec<Message>), Message> {
    let text = read(path)?;
    if is_xml(path) {
        let ways = sumo::read_routes(&text, path, given).map_err(|e| e.to_message())?;
        return Ok((Wishes::Ways(ways), Vec::new()));
    }
    let mut trips = trips::read(&text, path, given).map_err(|e| e.to_message())?;
    let all = trips.len();
    trips.retain(|t| t.from != t.to);
    if trips.is_empty() {
        return Err(GivenError::NoTrips { path: path.to_owned() }.to_message());
    }
    let still = all - trips.len();
    let told = (still > 0).then(|| Message::new("vehicles-still").with("trips", still).with("path", path));
    Ok((Wishes::Trips(trips), told.into_iter().collect()))
}

/// An input that cannot be, told with the file and the line of it: the model counts trips, people count lines.
pub(super) fn complaint(error: MesoError, wishes: &Wishes, given: &Given, path: &Path) -> Message {
    let line = |row: usize| match wishes {
        Wishes::Trips(trips) => trips.get(row - 1).map_or(row, |t| t.row),
        Wishes::Ways(_) => row,
    };
    let named = |id: u64| {
        let by_id = |n: &&u32| given.network.nodes.get(**n as usize).is_some_and(|node| node.id == id);
        let found = given.nodes.iter().find(|(_, n)| by_id(n));
        found.map_or_else(|| id.to_string(), |(name, _)| name.clone())
    };
    let error = match error {
        MesoError::BadTrip { row, what, value } => MesoError::BadTrip { row: line(row), what, value },
        MesoError::Unconnected { row, from, to } => {
            return Message::new("vehicles-unconnected")
                .with("row", line(row))
                .with("from", named(from))
                .with("to", named(to))
                .with("path", path);
        }
        other => other,
    };
    GivenError::Input { error, path: path.to_owned() }.to_message()
}

/// Seconds that the program has computed so far, all threads together. From the kernel's counter in hundredths.
pub(super) fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2);
    ticks.filter_map(|t| t.parse::<f64>().ok()).sum::<f64>() / 100.0
}
