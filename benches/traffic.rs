//! Traffic speed: `cargo bench --no-default-features --bench traffic`. Published networks are measured where
//! `../shared/oracles/traffic` is there; parsed data, a gap of 1e-6, two threads.

use std::path::Path;

use divan::Bencher;
use island_twin::base::cancel::CancelToken;
use island_twin::base::progress::Progress;
use island_twin::io::import::WorkerProgram;
use island_twin::io::scene::load_project;
use island_twin::model::project::Project;
use island_twin::sim::traffic::assign::equilibrium::{Stop, solve};
use island_twin::sim::traffic::demand::table::DemandTable;
use island_twin::sim::traffic::road_table::RoadTable;
use island_twin::sim::traffic::tntp::{TntpNetwork, TntpTripTable};
use island_twin::study::traffic::case::{PEAK, Tables, TrafficCase};
use island_twin::study::traffic::plan::{Plan, RoadEdit};

fn main() {
    divan::main();
}

const STOP: Stop = Stop { gap: 1e-6, iterations: 1000 };

fn pool() -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap()
}

#[divan::bench(args = ["SiouxFalls", "Anaheim", "Barcelona", "Chicago-Sketch"], sample_count = 5, sample_size = 1)]
fn equilibrium(bencher: Bencher, folder: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/oracles/traffic/tntp").join(folder);
    let file = |what: &str| root.join(format!("{}_{what}.tntp", folder.replace('-', "")));
    let (Ok(net), Ok(trips)) = (std::fs::read_to_string(file("net")), std::fs::read_to_string(file("trips"))) else {
        return;
    };
    let (toll, distance) = if folder == "Chicago-Sketch" { (0.02, 0.04) } else { (0.0, 0.0) };
    let graph = TntpNetwork::parse(&net, &root).unwrap().graph(toll, distance, &root).unwrap();
    let demand = TntpTripTable::parse(&trips, &root).unwrap().demand();
    let (pool, cancel) = (pool(), CancelToken::new());
    bencher.bench(|| pool.install(|| solve(&graph, &demand, STOP, Vec::new(), &cancel)).unwrap());
}

fn island() -> Option<Project> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let worker = WorkerProgram::at(Path::new(env!("CARGO_BIN_EXE_island-twin")).to_path_buf());
    let scene = root.join("scenes/phu-quoc.scene.ron");
    load_project(&scene, &worker, &Progress::new(), &CancelToken::new()).ok().map(|p| p.0)
}

fn tables() -> Tables {
    Tables { roads: RoadTable::standard().unwrap(), demand: DemandTable::standard().unwrap() }
}

/// The evening peak of the demonstration island: from the layers, demand and its feedback included; and from demand
/// that is there.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn island_from_layers(bencher: Bencher) {
    let Some(project) = island() else { return };
    let (pool, cancel) = (pool(), CancelToken::new());
    bencher.bench(|| {
        pool.install(|| {
            let case = TrafficCase::prepare(&project, tables(), None, &cancel).unwrap();
            case.hour(PEAK, STOP, None, &cancel).unwrap()
        })
    });
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn island_cold(bencher: Bencher) {
    let Some(project) = island() else { return };
    let (pool, cancel) = (pool(), CancelToken::new());
    let case = pool.install(|| TrafficCase::prepare(&project, tables(), None, &cancel)).unwrap();
    bencher.bench(|| pool.install(|| case.hour(PEAK, STOP, None, &cancel)).unwrap());
}

/// One road gets two more lanes: network, demand and equilibrium anew.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn island_after_an_edit(bencher: Bencher) {
    let Some(project) = island() else { return };
    let (pool, cancel) = (pool(), CancelToken::new());
    let plan = Plan {
        id: "wider".to_owned(),
        title: island_twin::model::style::Text2::same("wider"),
        edits: vec![RoadEdit::Upgrade { name: "ĐT 47".to_owned(), lanes: Some(4), speed_kmh: None, class: None }],
    };
    let case = pool.install(|| TrafficCase::prepare(&project, tables(), None, &cancel)).unwrap();
    let before = pool.install(|| case.hour(PEAK, STOP, None, &cancel)).unwrap();
    bencher.bench(|| pool.install(|| case.after(&plan, PEAK, (&before).into(), STOP, &cancel)).unwrap());
}
