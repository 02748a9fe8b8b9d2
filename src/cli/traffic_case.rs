//! A network and trips from files, for `traffic meso` and `traffic micro`.

use std::path::Path;

use serde_json::{Value, json};

use super::files::Files;
use super::traffic_args::DrawnArgs;
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::geo::crs::Crs;
use crate::geo::frame::SiteFrame;
use crate::io::export::geojson_text;
use crate::io::import::{SourceSpec, import_isolated};
use crate::io::scene::partial;
use crate::model::layer::LayerContent;
use crate::sim::traffic::audit::{Oddity, audit};
use crate::sim::traffic::given::error::GivenError;
use crate::sim::traffic::given::geojson;
use crate::sim::traffic::given::gmns::{self, Gmns};
use crate::sim::traffic::given::network::Given;
use crate::sim::traffic::given::sumo::{self, SumoVehicle};
use crate::sim::traffic::given::trips::{self, GivenTrip};
use crate::sim::traffic::meso::error::MesoError;
use crate::sim::traffic::noding::NodingOptions;

/// Trips by their ends, or with the ways that they take.
pub(super) enum Wishes {
    Trips(Vec<GivenTrip>),
    Ways(Vec<SumoVehicle>),
}

pub(super) fn read(path: &Path) -> Result<String, Message> {
    std::fs::read_to_string(path)
        .map_err(|e| GivenError::File { reason: e.to_string(), path: path.to_owned() }.to_message())
}

/// A file's extension in small letters.
fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

fn is_xml(path: &Path) -> bool {
    extension(path) == "xml"
}

pub(super) fn network(path: &Path, drawn: DrawnArgs) -> Result<Given, Message> {
    let options = NodingOptions { tolerance_m: drawn.tolerance, shortest_m: drawn.shortest };
    let given = match extension(path).as_str() {
        "xml" => sumo::read_net(&read(path)?, path),
        "csv" => {
            let beside = |name: &str| path.with_file_name(name);
            let (nodes, movements) = (beside("node.csv"), beside("movement.csv"));
            let there = |path: &Path| std::fs::read_to_string(path).ok();
            let (links, places) = (read(path)?, read(&nodes)?);
            let (config, turns) = (there(&beside("config.csv")), there(&movements));
            let movements = turns.as_deref().map(|text| (text, movements.as_path()));
            gmns::read(Gmns { links: &links, nodes: &places, config: config.as_deref(), movements }, path, &nodes)
        }
        "geojson" | "json" | "" => geojson::read(&read(path)?, path, options),
        _ => return layer(path, options),
    };
    given.map_err(|e| e.to_message())
}

/// Roads from any vector file that can be imported.
fn layer(path: &Path, options: NodingOptions) -> Result<Given, Message> {
    let files = Files::new()?;
    let frame = SiteFrame { crs: Crs::WGS84, origin: [0.0; 2] };
    let (progress, cancel, mut answer) = (Progress::new(), CancelToken::new(), None);
    let sources = [SourceSpec::new(path)];
    import_isolated(&sources, &frame, files.worker(), &progress, &cancel, |_, r| answer = Some(r));
    let none = || GivenError::NoLinks { path: path.to_owned() }.to_message();
    let imported = answer.ok_or_else(none)?.map_err(|e| e.to_message())?;
    let LayerContent::Features(table) = &imported.content else { return Err(none()) };
    let mut given = geojson::read(&geojson_text(table), path, options).map_err(|e| e.to_message())?;
    given.notices.extend(partial(&imported, path).map(|w| w.message));
    Ok(given)
}

/// What is odd about a network: all for the file of results, and what to tell: the first of each kind.
pub(super) fn oddities(given: &Given) -> (Vec<Value>, Vec<Message>) {
    let found = audit(&given.network);
    let told = [(Oddity::Disconnected, "vehicles-odd-disconnected"), (Oddity::WrongWay, "vehicles-odd-wrong-way")];
    let told = told.iter().filter_map(|(oddity, key)| {
        let mut all = found.iter().filter(|f| f.oddity == *oddity);
        let first = given.local.as_given(all.next()?.at);
        // Degrees to a metre, metres to a centimetre.
        let digits = if given.local.origin.is_some() { 5 } else { 2 };
        let cell = |k: usize| format!("{:.digits$}", first[k]);
        Some(Message::new(key).with("count", all.count() + 1).with("x", cell(0)).with("y", cell(1)))
    });
    let told = told.collect();
    let row = |f: &crate::sim::traffic::audit::Finding| json!({ "oddity": f.oddity, "at": given.local.as_given(f.at), "row": f.feature, "nodes": f.nodes });
    (found.iter().map(row).collect(), told)
}

/// Trips, and what to tell of them: those that end where they begin need no road and are left out.
pub(super) fn wishes(path: &Path, given: &Given) -> Result<(Wishes, Vec<Message>), Message> {
    let text = read(path)?;
    if is_xml(path) {
        let (ways, without) = sumo::read_routes(&text, path, given).map_err(|e| e.to_message())?;
        let told = (without > 0).then(|| Message::new("vehicles-no-way").with("vehicles", without).with("path", path));
        return Ok((Wishes::Ways(ways), told.into_iter().collect()));
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

/// An input that cannot be, told with the file and the line of it: the model counts trips and links, people count lines
/// and know roads by name. `net` and `trips` are where they come from.
pub(super) fn complaint(error: MesoError, wishes: &Wishes, given: &Given, (net, trips): (&Path, &Path)) -> Message {
    let line = |row: usize| match wishes {
        Wishes::Trips(trips) => trips.get(row - 1).map_or(row, |t| t.row),
        Wishes::Ways(_) => row,
    };
    let named = |id: u64| {
        let by_id = |n: &&u32| given.network.nodes.get(**n as usize).is_some_and(|node| node.id == id);
        let found = given.nodes.iter().find(|(_, n)| by_id(n));
        found.map_or_else(|| id.to_string(), |(name, _)| name.clone())
    };
    let (error, path) = match error {
        MesoError::BadTrip { row, what, value } => (MesoError::BadTrip { row: line(row), what, value }, trips),
        MesoError::Unconnected { row, from, to } => {
            return Message::new("vehicles-unconnected")
                .with("row", line(row))
                .with("from", named(from))
                .with("to", named(to))
                .with("path", trips);
        }
        MesoError::BadLink { link, what, value } => {
            let found = given.network.links.iter().find(|l| l.id == link);
            return Message::new("vehicles-bad-link-of")
                .with("link", found.map_or_else(|| link.to_string(), |l| l.name.clone()))
                .with("what", Message::new(&format!("vehicles-what-{what}")))
                .with("value", value)
                .with("path", net);
        }
        other @ (MesoError::NoLinks | MesoError::NoExit { .. }) => (other, net),
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
