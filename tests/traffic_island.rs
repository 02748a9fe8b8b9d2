//! Traffic of the demonstration island: as many trips as an island of its size makes, full where its road is narrow,
//! and plans that are felt.

use std::path::Path;
use std::sync::OnceLock;

use island_twin::base::cancel::CancelToken;
use island_twin::base::progress::Progress;
use island_twin::io::import::WorkerProgram;
use island_twin::io::scene::load_project;
use island_twin::model::project::Project;
use island_twin::sim::air::traffic_emission::RoadEmissions;
use island_twin::sim::traffic::assign::equilibrium::Stop;
use island_twin::sim::traffic::demand::day::Vehicles;
use island_twin::sim::traffic::demand::table::DemandTable;
use island_twin::sim::traffic::road_table::RoadTable;
use island_twin::study::traffic::case::{Hour, PEAK, Tables, TrafficCase};
use island_twin::study::traffic::emissions::link_emissions;
use island_twin::study::traffic::plan::{Plan, RoadEdit};

const STOP: Stop = Stop { gap: 1e-6, iterations: 1000 };

fn project() -> &'static Project {
    static PROJECT: OnceLock<Project> = OnceLock::new();
    PROJECT.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let worker = WorkerProgram::at(Path::new(env!("CARGO_BIN_EXE_island-twin")).to_path_buf());
        let scene = root.join("scenes/phu-quoc.scene.ron");
        load_project(&scene, &worker, &Progress::new(), &CancelToken::new()).unwrap().0
    })
}

fn base() -> &'static (TrafficCase, Hour) {
    static BASE: OnceLock<(TrafficCase, Hour)> = OnceLock::new();
    BASE.get_or_init(|| {
        let tables = Tables { roads: RoadTable::standard().unwrap(), demand: DemandTable::standard().unwrap() };
        let case = TrafficCase::prepare(project(), tables, None, &CancelToken::new()).unwrap();
        let hour = case.hour(PEAK, STOP, None, &CancelToken::new()).unwrap();
        (case, hour)
    })
}

/// Vehicle kilometres and hours on the roads for which `of` holds.
fn driven(case: &TrafficCase, hour: &Hour, of: impl Fn(&str) -> bool) -> [f64; 2] {
    let links = case.network.links.iter().zip(&hour.links).filter(|(l, _)| of(&l.name));
    links.fold([0.0; 2], |[km, h], (l, s)| {
        let vehicles = s.vehicles.sum();
        [km + vehicles * l.length_m / 1000.0, h + vehicles * s.time_s / 3600.0]
    })
}

#[test]
fn a_day_and_its_evening_peak_are_plausible() {
    let (case, peak) = base();
    let of = |hour| case.demand.hour(hour, &case.tables.roads).iter().map(Vehicles::sum).sum::<f64>();
    let day: f64 = (0..24).map(of).sum();
    assert!((300_000.0..500_000.0).contains(&day), "{day}");
    let share = of(PEAK) / day;
    assert!((0.07..0.14).contains(&share), "{share}");
    assert!(case.demand.margin_error <= 1e-6 && peak.solution.relative_gap <= 1e-6);
    assert!(case.notices.is_empty(), "{:?}", case.notices);
    // Nobody is lost at a junction: what flows in flows out, or ends and begins there.
    let mut balance = vec![0.0; case.graph.nodes];
    for (l, volume) in peak.solution.volume.iter().enumerate() {
        balance[case.graph.from[l] as usize] -= volume;
        balance[case.graph.to[l] as usize] += volume;
    }
    let worst = balance[..case.network.nodes.len()].iter().fold(0.0_f64, |w, b| w.max(b.abs()));
    assert!(worst <= 1e-6, "{worst}");
    let [km, hours] = driven(case, peak, |_| true);
    assert!((25.0..50.0).contains(&(km / hours)), "{} km/h", km / hours);
    // Full where it is narrow, and nowhere beyond belief.
    let fullest = peak.links.iter().map(|s| s.volume_to_capacity).fold(0.0, f64::max);
    assert!((0.8..2.0).contains(&fullest), "{fullest}");
}

#[test]
fn every_ready_made_plan_is_felt_on_its_road() {
    let (case, before) = base();
    let cancel = CancelToken::new();
    for plan in Plan::shipped().unwrap() {
        let (after, hour) = case.after(&plan, PEAK, before.into(), STOP, &cancel).unwrap();
        let named = |e: &RoadEdit| match e {
            RoadEdit::Upgrade { name, .. } | RoadEdit::Close { name } | RoadEdit::Add { name, .. } => name.clone(),
            RoadEdit::Rail { name, .. } => name.clone(),
        };
        let names: Vec<String> = plan.edits.iter().map(named).collect();
        let built = |name: &str| names.iter().any(|n| n == name);
        let [was, is] = [driven(case, before, built)[0], driven(&after, &hour, built)[0]];
        if plan.id == "lrt-18km" {
            assert!(hour.pcu < before.pcu, "{} {}", hour.pcu, before.pcu);
        } else {
            assert!(is > was * 1.05 + 1000.0, "{}: {was} {is} vehicle km", plan.id);
        }
    }
}

#[test]
fn what_the_roads_emit_is_by_volume_and_speed() {
    let (case, peak) = base();
    let table = RoadEmissions::shipped().unwrap();
    let found = link_emissions(case, peak, &table, "nox").unwrap();
    assert!(found.len() > 1000 && link_emissions(case, peak, &table, "o3").is_none());
    let grams: f64 = found.iter().map(|e| e.grams_per_h()).sum();
    let km: f64 = found.iter().map(|e| e.vehicles_per_h * e.link.length_m / 1000.0).sum();
    assert!((0.05..1.0).contains(&(grams / km)), "{} g/km", grams / km);
    let most = found.iter().max_by(|a, b| a.grams_per_km_h.total_cmp(&b.grams_per_km_h)).unwrap();
    assert!((most.grams_per_m_s() * 3.6e6 - most.grams_per_km_h).abs() < 1e-9 && most.vehicles_per_h > 1000.0);
}
