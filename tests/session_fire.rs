//! The wildfire study through commands: set, run, shown, cancelled, forgotten.

mod common;

use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{FakeIo, ORIGIN, layer};
use island_twin::geo::crs::Crs;
use island_twin::geo::grid::{Grid, GridSpec};
use island_twin::model::layer::{Layer, LayerContent, LayerRole};
use island_twin::model::style::{ColorRule, Rgba, Style, Symbol};
use island_twin::model::table::FeatureTable;
use island_twin::session::Session;
use island_twin::session::command::Command;
use island_twin::session::fire::{FireCommand, FireField, FireForm};
use island_twin::session::settings::SettingsStore;
use island_twin::session::view_state::Tool;

const CELLS: usize = 80;

fn raster(id: &str, role: LayerRole, content: LayerContent) -> Arc<Layer> {
    let mut made = layer(id, id, role, FeatureTable::default());
    made.content = content;
    made.style = Style::new(Symbol::Raster { color: ColorRule::Single(Rgba::opaque(0, 0, 0)) });
    Arc::new(made)
}

/// 2.4 km by 2.4 km of grass on flat ground.
fn session() -> Session {
    let side = CELLS as f64 * 30.0;
    let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, ORIGIN[0], ORIGIN[1] + side, 30.0, CELLS, CELLS);
    let mut project = common::project();
    project.layers = vec![
        raster("terrain", LayerRole::Terrain, LayerContent::Raster(Arc::new(Grid::filled(spec.clone(), 5.0)))),
        raster("cover", LayerRole::LandCover, LayerContent::Classes(Arc::new(Grid::filled(spec, 6)))),
    ];
    let mut session = Session::new(Arc::new(FakeIo), SettingsStore::in_memory());
    session.install(project, None);
    session
}

fn fire(session: &mut Session, command: FireCommand) {
    session.apply(Command::Fire(command)).unwrap();
}

fn wait(session: &mut Session) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while session.is_working() {
        session.poll_jobs();
        assert!(Instant::now() < deadline, "the jobs do not end");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A fire in the middle, clicked on the map.
fn lit() -> Session {
    let mut session = session();
    fire(&mut session, FireCommand::SetOpen(true));
    assert_eq!(session.view.tool, Tool::Ignite);
    session.apply(Command::ToolClick([1_200.0, 1_200.0, 5.0])).unwrap();
    session
}

#[test]
fn a_click_a_run_and_the_fire_is_on_the_map_with_its_certainty() {
    let mut session = lit();
    assert_eq!(session.fire().form.ignitions.len(), 1);
    fire(&mut session, FireCommand::Start);
    wait(&mut session);
    assert!(session.notices().is_empty(), "{:?}", session.notices());
    let outcome = session.fire().outcome.as_ref().expect("there is a result");
    assert!(outcome.result.impact.burnt_ha > 1.0 && !outcome.result.headlines.is_empty());
    assert!(!outcome.result.assumptions.is_empty(), "what it rests on is told");
    let certainty = outcome.certainty.as_ref().expect("the ensemble has run");
    assert!(certainty.burnt_ha.low <= certainty.burnt_ha.high);
    assert_eq!(outcome.change.as_ref().map(|_| ()), None, "nothing was done against it");
    // Hours stand on their lines, one after the other further out.
    assert!(!outcome.marks.is_empty());
    let view = session.fire().field_view().expect("a field lies over the ground");
    assert_eq!(view.front.map(|f| f.now_s), Some(outcome.result.impact.end_s));

    fire(&mut session, FireCommand::ShowTime(1800.0));
    assert_eq!(session.fire().field_view().and_then(|v| v.front).map(|f| f.now_s), Some(1800.0));
    fire(&mut session, FireCommand::ShowField(FireField::Probability));
    let probability = session.fire().field_view().expect("the probability");
    assert!(probability.front.is_none() && probability.shade.unit == "%");
    assert!(probability.values.cells.iter().all(|p| p.is_nan() || (0.0..=1.0).contains(p)));
    let [w, s, e, n] = session.fire().bounds().expect("something burns");
    assert!(w < e && s < n);
    fire(&mut session, FireCommand::Forget);
    assert!(session.fire().field_view().is_none());
}

#[test]
fn a_fuel_break_gives_a_before_and_an_after() {
    let mut session = lit();
    session.apply(Command::SetTool(Tool::FuelBreak)).unwrap();
    // North-east wind: the fire runs to the south-west, into the strip.
    session.apply(Command::ToolClick([300.0, 1_200.0, 5.0])).unwrap();
    session.apply(Command::ToolClick([1_200.0, 300.0, 5.0])).unwrap();
    let form = FireForm { hours: 3.0, break_width_m: 60.0, ..session.fire().form.clone() };
    fire(&mut session, FireCommand::SetForm(Box::new(form)));
    fire(&mut session, FireCommand::Start);
    wait(&mut session);
    assert!(session.notices().is_empty(), "{:?}", session.notices());
    let outcome = session.fire().outcome.as_ref().expect("there is a result");
    let change = outcome.change.as_ref().expect("it was compared");
    assert!(change.after.burnt_ha < change.before.burnt_ha, "{} {}", change.after.burnt_ha, change.before.burnt_ha);
    assert!(!change.headlines.is_empty());
}

#[test]
fn without_a_place_to_start_nothing_runs_and_a_notice_says_why() {
    let mut session = session();
    session.perform(Command::Fire(FireCommand::Start));
    assert!(!session.is_working());
    assert_eq!(session.notices().len(), 1);
    // In the sea, outside the map: the job says so.
    let form = FireForm { ignitions: vec![[ORIGIN[0] - 5_000.0, ORIGIN[1]]], ..FireForm::default() };
    fire(&mut session, FireCommand::SetForm(Box::new(form)));
    fire(&mut session, FireCommand::Start);
    wait(&mut session);
    assert!(session.fire().outcome.is_none());
    assert_eq!(session.notices().len(), 2);
}

#[test]
fn cancelling_ends_a_fire_and_leaves_no_result() {
    let mut session = lit();
    let form = FireForm { fine: true, hours: 72.0, ..session.fire().form.clone() };
    fire(&mut session, FireCommand::SetForm(Box::new(form)));
    fire(&mut session, FireCommand::Start);
    session.apply(Command::CancelJobs).unwrap();
    wait(&mut session);
    assert!(session.fire().outcome.as_ref().is_none_or(|o| o.certainty.is_none()));
}

#[test]
fn another_project_begins_without_a_fire() {
    let mut session = lit();
    session.install(common::project(), None);
    assert!(session.fire().form.ignitions.is_empty() && !session.fire().open);
}
