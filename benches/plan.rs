//! How fast a plan answers: `cargo bench --no-default-features --bench plan`. The demonstration island, 60,000 plots and
//! more: a zone's corner dragged (volume, yield and violations looked at anew), an edit added, the shown scenario changed.

use std::path::Path;
use std::sync::Arc;

use divan::Bencher;
use island_twin::base::cancel::CancelToken;
use island_twin::base::progress::Progress;
use island_twin::cli::files::Files;
use island_twin::io::import::WorkerProgram;
use island_twin::io::scene::load_project;
use island_twin::model::change::{Edit, ZoneRule};
use island_twin::model::layer::LayerRole;
use island_twin::model::scenario::ScenarioId;
use island_twin::session::Session;
use island_twin::session::command::Command;
use island_twin::session::plan::PlanCommand;
use island_twin::session::plan_draw::Draft;
use island_twin::session::settings::SettingsStore;
use island_twin::study::zoning::check::check;
use island_twin::study::zoning::rules::PlanningNorms;

fn main() {
    divan::main();
}

/// The island with the resort's scenarios, the first of them shown.
fn planner() -> Session {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let worker = WorkerProgram::at(Path::new(env!("CARGO_BIN_EXE_island-twin")).to_path_buf());
    let scene = root.join("scenes/resort-in-the-forest.scene.ron");
    let project = load_project(&scene, &worker, &Progress::new(), &CancelToken::new()).unwrap().0;
    let mut session = Session::new(Arc::new(Files::new().unwrap()), SettingsStore::in_memory());
    session.install(project, None);
    show(&mut session, Some("khu-nghi-duong"));
    session
}

fn plan(session: &mut Session, command: PlanCommand) {
    session.apply(Command::Plan(command)).unwrap();
}

fn show(session: &mut Session, scenario: Option<&str>) {
    plan(session, PlanCommand::Activate(scenario.map(|s| ScenarioId(s.to_owned()))));
}

/// Corners of a square around Dương Đông's middle, site metres.
fn corners(session: &Session, side: f64) -> [[f64; 3]; 4] {
    let parcels = session.project().unwrap().with_role(LayerRole::Parcels).unwrap();
    let [w, s, e, n] = parcels.content.bounds().unwrap();
    let frame = &session.project().unwrap().frame;
    let [x, y] = frame.site_from_crs([f64::midpoint(w, e), f64::midpoint(s, n)]);
    [[0.0, 0.0], [side, 0.0], [side, side], [0.0, side]].map(|[dx, dy]| [x + dx, y + dy, 0.0])
}

#[divan::bench(sample_count = 20)]
fn a_corner_is_dragged(bencher: Bencher) {
    let mut session = planner();
    plan(&mut session, PlanCommand::Draw(Some(Draft::Zone)));
    let corners = corners(&session, 400.0);
    for corner in corners {
        session.apply(Command::ToolClick(corner)).unwrap();
    }
    let mut by = 0.0;
    bencher.bench_local(|| {
        by += 1.0;
        let [x, y, z] = corners[2];
        plan(&mut session, PlanCommand::MovePoint { index: 2, to: [x + by, y + by, z] });
        assert!(session.plan().proposal.is_some());
    });
}

#[divan::bench(sample_count = 10)]
fn a_zone_is_added_and_shown(bencher: Bencher) {
    let mut session = planner();
    let scenario = session.plan().active.clone().unwrap();
    let rule = ZoneRule { land_use: "TMD".to_owned(), coverage: Some(0.2), ..ZoneRule::default() };
    let mut number = 0;
    bencher.bench_local(|| {
        number += 1;
        let west = 103.99 + f64::from(number) * 1e-4;
        let ring = [[0.0, 0.0], [0.003, 0.0], [0.003, 0.003], [0.0, 0.003]].map(|[x, y]| [west + x, 10.2 + y]).to_vec();
        let zone = Edit::Zone { id: format!("z{number}"), name: String::new(), ring, rule: rule.clone() };
        plan(&mut session, PlanCommand::AddEdit { scenario: scenario.clone(), edit: Box::new(zone) });
        session.apply(Command::Undo).unwrap();
    });
}

#[divan::bench(sample_count = 10)]
fn another_scenario_is_shown(bencher: Bencher) {
    let mut session = planner();
    let mut turn = 0;
    bencher.bench_local(|| {
        turn += 1;
        show(&mut session, [Some("khu-nghi-duong"), Some("khu-nghi-duong-co-bang-can-lua"), None][turn % 3]);
    });
}

/// From the button to the first figures and the first map: layers counted and a hundred fires burnt in both plans.
#[divan::bench(sample_count = 3)]
fn the_first_figures_of_a_comparison_come(bencher: Bencher) {
    bencher.with_inputs(planner).bench_local_values(|mut session| {
        let second = session.plan().active.clone();
        plan(&mut session, PlanCommand::Compare { first: None, second });
        while session.plan().outcome.is_none() {
            std::thread::sleep(std::time::Duration::from_millis(1));
            session.poll_jobs();
        }
        session.apply(Command::CancelJobs).unwrap();
        session
    });
}

#[divan::bench(sample_count = 5)]
fn all_plots_are_judged(bencher: Bencher) {
    let session = planner();
    let project = session.shown().unwrap().clone();
    bencher.bench_local(|| check(&project, PlanningNorms::shipped()));
}
