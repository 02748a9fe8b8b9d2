//! The wildfire study through commands: set, run, shown, cancelled, forgotten.

mod common;

use std::sync::Arc;

use common::{FakeIo, ORIGIN, finish_jobs, layer};
use island_twin::geo::crs::Crs;
use island_twin::geo::grid::{Grid, GridSpec};
use island_twin::model::layer::{Layer, LayerContent, LayerRole};
use island_twin::model::scenario::{Edit, Scenario, ScenarioId};
use island_twin::model::style::{ColorRule, Rgba, Style, Symbol};
use island_twin::model::table::FeatureTable;
use island_twin::session::Session;
use island_twin::session::command::Command;
use island_twin::session::fire::{FireCommand, FireField, FireForm, FireSet};
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
    finish_jobs(&mut session);
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
    finish_jobs(&mut session);
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
    let form = FireForm { ignitions: vec![FireSet::point([ORIGIN[0] - 5_000.0, ORIGIN[1]])], ..FireForm::default() };
    fire(&mut session, FireCommand::SetForm(Box::new(form)));
    fire(&mut session, FireCommand::Start);
    finish_jobs(&mut session);
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
    finish_jobs(&mut session);
    assert!(session.fire().outcome.as_ref().is_none_or(|o| o.certainty.is_none()));
}

#[test]
fn another_project_begins_without_a_fire() {
    let mut session = lit();
    session.install(common::project(), None);
    assert!(session.fire().form.ignitions.is_empty() && !session.fire().open);
}

#[test]
fn lines_are_drawn_click_by_click_and_may_be_areas_with_their_own_hour() {
    let mut session = session();
    fire(&mut session, FireCommand::SetOpen(true));
    session.apply(Command::SetTool(Tool::IgniteLine)).unwrap();
    for place in [[600.0, 600.0], [900.0, 600.0], [900.0, 900.0]] {
        session.apply(Command::ToolClick([place[0], place[1], 5.0])).unwrap();
    }
    // Choosing the tool again begins another line.
    session.apply(Command::SetTool(Tool::IgniteLine)).unwrap();
    session.apply(Command::ToolClick([1_800.0, 1_800.0, 5.0])).unwrap();
    let mut form = session.fire().form.clone();
    assert_eq!(form.ignitions.iter().map(|f| f.points.len()).collect::<Vec<_>>(), [3, 1]);
    form.ignitions[0].area = true;
    form.ignitions[1].after_h = 1.0;
    fire(&mut session, FireCommand::SetForm(Box::new(FireForm { hours: 2.0, ..form })));
    fire(&mut session, FireCommand::Start);
    finish_jobs(&mut session);
    assert!(session.notices().is_empty(), "{:?}", session.notices());
    let arrival = session.fire().outcome.as_ref().unwrap().result.last.field("arrival_time_s").unwrap().clone();
    let at = |x: f64, y: f64| arrival.at([ORIGIN[0] + x, ORIGIN[1] + y]).unwrap();
    // Inside the triangle at once; the late fire not before its hour.
    assert_eq!(at(850.0, 700.0), 0.0);
    assert!(at(1_800.0, 1_800.0) >= 3600.0, "{}", at(1_800.0, 1_800.0));
}

#[test]
fn weather_by_the_hour_comes_from_a_table_and_is_burnt() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("gio.csv");
    std::fs::write(&table, "time_h;wind_10m_mps;wind_from_deg\n0;3;270\n1;6;180\n").unwrap();
    let mut session = lit();
    fire(&mut session, FireCommand::ReadWeather(table.clone()));
    let form = session.fire().form.clone();
    assert_eq!((form.hourly.len(), form.hourly[1].start_s, form.hourly[1].wind_10m_mps), (2, 3600.0, 6.0));
    assert_eq!(form.hourly[0].moisture, form.moisture.moisture());
    fire(&mut session, FireCommand::SetForm(Box::new(FireForm { hours: 2.0, ..form })));
    fire(&mut session, FireCommand::Start);
    finish_jobs(&mut session);
    assert_eq!(session.fire().outcome.as_ref().unwrap().case.inputs.weather.len(), 2);
    // A table that cannot be read changes nothing and is told.
    std::fs::write(&table, "time_h,wind_10m_mps\n0,NaN\n").unwrap();
    session.perform(Command::Fire(FireCommand::ReadWeather(table)));
    assert_eq!((session.fire().form.hourly.len(), session.notices().len()), (2, 1));
}

#[test]
fn a_result_is_shown_field_by_field_and_written_whole() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("chay");
    let mut session = lit();
    session.perform(Command::Fire(FireCommand::Export(target.clone())));
    assert_eq!(session.notices().len(), 1, "there is nothing to write yet");
    let form = FireForm { hours: 2.0, ..session.fire().form.clone() };
    fire(&mut session, FireCommand::SetForm(Box::new(form)));
    fire(&mut session, FireCommand::Start);
    finish_jobs(&mut session);
    for (field, unit) in [
        (FireField::RateOfSpread, "m/min"),
        (FireField::Intensity, "kW/m"),
        (FireField::FireType, ""),
        (FireField::FlameLength, "m"),
    ] {
        fire(&mut session, FireCommand::ShowField(field));
        let view = session.fire().field_view().expect("the field is there");
        assert_eq!(view.shade.unit, unit);
        assert!(view.front.is_some() && view.values.cells.iter().any(|v| !v.is_nan()), "{field:?}");
    }
    fire(&mut session, FireCommand::Export(target.clone()));
    finish_jobs(&mut session);
    assert!(session.notices().iter().any(|n| n.message.key == "session-fire-written"), "{:?}", session.notices());
    for name in [
        "arrival_time.tif",
        "rate_of_spread.tif",
        "flame_length.tif",
        "fireline_intensity.tif",
        "fire_type.tif",
        "burn_probability.tif",
        "perimeters.gpkg",
        "manifest.json",
        "report.json",
    ] {
        assert!(target.join(name).exists(), "{name}");
    }
    let report: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(target.join("report.json")).unwrap()).unwrap();
    assert!(report["impact"]["burnt_ha"].as_f64().unwrap() > 1.0 && report["headlines"][0].is_string());
}

#[test]
fn a_scenario_brings_its_fuel_breaks() {
    let mut session = lit();
    let [a, b] = [[300.0, 1_200.0], [1_200.0, 300.0]].map(|[x, y]| {
        island_twin::session::place::lon_lat_from_site(&session.project().unwrap().frame, [x, y]).unwrap()
    });
    let mut project = island_twin::model::project::Project::clone(session.project().unwrap());
    let id = ScenarioId("strip".into());
    project.scenarios = vec![Scenario {
        id: id.clone(),
        name: common::text("Băng", "Strip"),
        base: None,
        edits: vec![Edit::FuelBreak { line: vec![a, b], width_m: 60.0 }],
        runs: Vec::new(),
        story: Vec::new(),
    }];
    let form = session.fire().form.clone();
    session.install(project, None);
    fire(&mut session, FireCommand::SetForm(Box::new(FireForm { hours: 3.0, scenario: Some(id), ..form })));
    fire(&mut session, FireCommand::Start);
    finish_jobs(&mut session);
    assert!(session.notices().is_empty(), "{:?}", session.notices());
    let change = session.fire().outcome.as_ref().unwrap().change.as_ref().expect("it was compared");
    assert!(change.after.burnt_ha < change.before.burnt_ha);
}
