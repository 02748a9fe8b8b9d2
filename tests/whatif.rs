//! Plans: edits through the session with undo, what they change in the layers, and how they reach the file.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod common;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::sync::Arc;

use common::{ORIGIN, finish_jobs};
use island_twin::base::cancel::CancelToken;
use island_twin::base::progress::Progress;
use island_twin::cli::files::Files;
use island_twin::geo::crs::Crs;
use island_twin::geo::measure::area;
use island_twin::geo::transform::Transform;
use island_twin::io::import::WorkerProgram;
use island_twin::io::scene::load_project;
use island_twin::io::store::{Commit, commit_project, hold_project, save_project};
use island_twin::model::change::{Edit, SeaOutlet, ZoneRule};
use island_twin::model::layer::{LayerId, LayerRole};
use island_twin::model::project::Project;
use island_twin::model::scenario::ScenarioId;
use island_twin::model::scenario_tree::{Prefer, add, find_mut};
use island_twin::model::style::{ColorRule, Metres, PointSymbol, Rgba, Symbol};
use island_twin::model::table::{FeatureTable, FieldKind, Value};
use island_twin::session::Session;
use island_twin::session::command::Command;
use island_twin::session::plan::PlanCommand;
use island_twin::session::settings::SettingsStore;
use island_twin::study::effects::table::EffectTable;
use island_twin::study::effects::{EffectError, Input, resolve};
use island_twin::study::zoning::check::{Kind, Plots, check};
use island_twin::study::zoning::rules::PlanningNorms;

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_island-twin"))
}

fn load(path: &Path) -> Project {
    let worker = WorkerProgram::at(program().to_path_buf());
    let (project, warnings) = load_project(path, &worker, &Progress::new(), &CancelToken::new()).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    project
}

fn save(project: &Project, path: &Path) {
    save_project(project, path, &Progress::new(), &CancelToken::new()).unwrap();
}

/// Longitude and latitude of a place of the fixture.
fn lon_lat(x: f64, y: f64) -> [f64; 2] {
    Transform::between(&Crs::VN2000_TM3_104_30, &Crs::WGS84).unwrap().apply([ORIGIN[0] + x, ORIGIN[1] + y])
}

fn rule(land_use: &str, plot_ratio: f64, coverage: f64, height: f64) -> ZoneRule {
    ZoneRule {
        land_use: land_use.to_owned(),
        plot_ratio: Some(plot_ratio),
        coverage: Some(coverage),
        max_height_m: Some(height),
        ..ZoneRule::default()
    }
}

fn outlet(number: usize) -> Edit {
    Edit::AddOutlet(SeaOutlet {
        id: format!("o{number}"),
        name: String::new(),
        at: [103.95, 10.2],
        flow_m3_day: 10.0,
        cfu_per_100ml: 1e6,
    })
}

fn with_edits(edits: Vec<Edit>) -> (Project, ScenarioId) {
    let mut project = common::project();
    let id = add(&mut project.scenarios, "Thử", None).unwrap();
    find_mut(&mut project.scenarios, &id).unwrap().edits = edits;
    (project, id)
}

#[test]
fn edits_go_through_the_session_and_back() {
    let mut session = common::session();
    let plan = |session: &mut Session, command: PlanCommand| session.apply(Command::Plan(command));
    plan(&mut session, PlanCommand::Add { name: "Khu mới".to_owned(), base: None }).unwrap();
    let id = ScenarioId("khu-moi".to_owned());
    let close = || Box::new(Edit::CloseRoad { name: "Hùng Vương".to_owned() });
    plan(&mut session, PlanCommand::AddEdit { scenario: id.clone(), edit: close() }).unwrap();
    let branch = PlanCommand::Add { name: "Nhánh".to_owned(), base: Some(id.clone()) };
    plan(&mut session, branch).unwrap();
    assert!(plan(&mut session, PlanCommand::Delete(id.clone())).is_err());
    let bad = Box::new(Edit::CloseRoad { name: String::new() });
    assert!(plan(&mut session, PlanCommand::AddEdit { scenario: id.clone(), edit: bad }).is_err());
    let counts = |s: &Session| s.project().unwrap().scenarios.iter().map(|s| s.edits.len()).collect::<Vec<_>>();
    assert_eq!(counts(&session), [1, 0]);
    session.apply(Command::Undo).unwrap();
    session.apply(Command::Undo).unwrap();
    assert_eq!(counts(&session), [0]);
    session.apply(Command::Redo).unwrap();
    assert_eq!(counts(&session), [1]);

    // The road is closed only where the scenario is shown.
    let class = |s: &Session| {
        let table = s.shown().unwrap().layer(&LayerId::new("streets")).unwrap().content.features().unwrap().clone();
        table.len()
    };
    assert_eq!(class(&session), 3);
    let effects = plan(&mut session, PlanCommand::Activate(Some(id.clone()))).unwrap();
    assert!(effects.layers.contains(&LayerId::new("streets")));
    plan(&mut session, PlanCommand::RemoveEdit { scenario: id.clone(), number: 1 }).unwrap();
    assert!(session.plan().shown.as_ref().unwrap().edits.is_empty(), "the shown project follows its scenario");
    let same = plan(&mut session, PlanCommand::Merge { into: id.clone(), from: id, prefer: Prefer::Ours });
    assert!(same.is_ok() && session.plan().conflicts.is_empty());
}

#[test]
fn a_zone_changes_plan_parcels_and_buildings() {
    let ring = vec![lon_lat(-1.0, -1.0), lon_lat(41.0, -1.0), lon_lat(41.0, 21.0), lon_lat(-1.0, 21.0)];
    let zone = Edit::Zone { id: "z".to_owned(), name: "Khu".to_owned(), ring, rule: rule("TMD", 1.0, 0.4, 30.0) };
    let (project, id) = with_edits(vec![zone]);
    let resolved = resolve(&project, Some(&id), &EffectTable::shipped().unwrap()).unwrap();
    let table = |name: &str| resolved.project.layer(&LayerId::new(name)).unwrap().content.features().unwrap().clone();
    let (plan, parcels, houses) = (table("plan"), table("parcels"), table("buildings"));
    // The old zone has a hole of the new one's size, which is the last row.
    let (old, new) = (area(plan.geometry.get(0)), area(plan.geometry.get(1)));
    assert!((old + new - 40_000.0).abs() < 0.1 && (new - 42.0 * 22.0).abs() < 0.5, "{old} {new}");
    assert_eq!(plan.value(1, "MALOAIDAT"), Value::Text("TMD"));
    assert_eq!(plan.value(1, "MATDOXD"), Value::Real(40.0));
    assert_eq!(
        (parcels.value(0, "MALOAIDAT"), parcels.value(1, "MALOAIDAT")),
        (Value::Text("TMD"), Value::Text("TMD"))
    );
    // The house of 200 m² of floor grows to 400 on its plot of 400 m²; the empty plot gets one.
    assert_eq!((houses.len(), houses.value(0, "SOTANG")), (2, Value::Integer(4)));
    let touched: Vec<Input> = resolved.touched.keys().copied().collect();
    assert_eq!(touched, [Input::Plan, Input::Parcels, Input::Buildings, Input::Emitters]);
    assert!(!resolved.sources("nox").is_empty() && resolved.sources("so2").is_empty());
    // What is there stays as it is.
    assert_eq!(project.layer(&LayerId::new("buildings")).unwrap().content.features().unwrap().len(), 1);
}

#[test]
fn a_setback_keeps_the_new_house_away_from_the_border() {
    let ring = vec![lon_lat(41.0, 30.0), lon_lat(81.0, 30.0), lon_lat(81.0, 70.0), lon_lat(41.0, 70.0)];
    let house = |setback_m| {
        let rule = ZoneRule { setback_m, ..rule("TMD", 2.0, 0.9, 30.0) };
        let zone = Edit::Zone { id: "z".to_owned(), name: "Khu".to_owned(), ring: ring.clone(), rule };
        let (project, id) = with_edits(vec![zone]);
        let resolved = resolve(&project, Some(&id), &EffectTable::shipped().unwrap()).unwrap();
        let table = resolved.project.layer(&LayerId::new("buildings")).unwrap().content.features().unwrap().clone();
        assert_eq!(table.len(), 2);
        area(table.geometry.get(1))
    };
    assert!((house(None) - 0.9 * 1600.0).abs() < 1.0);
    // A plot of twenty metres is left; a house fills it but for a hand's breadth.
    assert!((380.0..400.5).contains(&house(Some(10.0))), "{}", house(Some(10.0)));
}

#[test]
fn a_planned_station_stands_in_its_layer_and_watches_those_who_live_near() {
    let mut project = common::project();
    let mut table = FeatureTable::with_fields(&[("TEN", FieldKind::Text)]);
    table.geometry.push_point([ORIGIN[0] + 9000.0, ORIGIN[1]]);
    table.push_row(&[Value::Text("Xa")]);
    let mut stations = common::layer("air", "Trạm", LayerRole::Sensors, table);
    stations.style.symbol = Symbol::Points {
        symbol: PointSymbol::AirStation,
        color: ColorRule::Single(Rgba::opaque(1, 2, 3)),
        height: Metres::Fixed(5.0),
    };
    project.layers.push(Arc::new(stations));
    let id = add(&mut project.scenarios, "Thử", None).unwrap();
    let sensor =
        |layer: &str| Edit::Sensor { layer: layer.to_owned(), name: "Mới".to_owned(), at: lon_lat(0.0, 0.0) };
    let gone = Edit::RemoveSensor { layer: "air".to_owned(), feature: 1 };
    find_mut(&mut project.scenarios, &id).unwrap().edits = vec![sensor("air"), gone];
    let effects = EffectTable::shipped().unwrap();
    let resolved = resolve(&project, Some(&id), &effects).unwrap();
    let stations = resolved.project.layer(&LayerId::new("air")).unwrap().content.features().unwrap().clone();
    assert_eq!((stations.len(), stations.value(0, "TEN")), (1, Value::Text("Mới")));
    assert_eq!(resolved.touched.get(&Input::Sensors), Some(&vec![1, 2]));
    // Parcels are no layer of stations.
    find_mut(&mut project.scenarios, &id).unwrap().edits = vec![sensor("parcels")];
    assert!(resolve(&project, Some(&id), &effects).is_err());
}

#[test]
fn an_edit_of_something_that_is_not_there_names_itself() {
    let table = EffectTable::shipped().unwrap();
    let (project, id) = with_edits(vec![outlet(1), Edit::RemoveOutlet { id: "o2".to_owned() }]);
    let error = resolve(&project, Some(&id), &table).unwrap_err();
    assert_eq!(error, EffectError::NotThere { edit: 2, name: "o2".to_owned() });
    let (project, id) = with_edits(vec![Edit::Repaint { parcels: vec![99], rule: rule("ODT", 1.0, 0.4, 10.0) }]);
    assert_eq!(
        resolve(&project, Some(&id), &table).unwrap_err(),
        EffectError::NotThere { edit: 1, name: "99".to_owned() }
    );
    let (project, id) = with_edits(vec![outlet(1), Edit::RemoveOutlet { id: "o1".to_owned() }]);
    assert!(resolve(&project, Some(&id), &table).unwrap().outlets.is_empty());
}

#[test]
fn what_breaks_a_norm_is_listed_with_its_clause() {
    // 10 m by 10 m on 400 m²: coverage 25 %; five storeys of 20 m where the plan says 12 m and a ratio of 2.
    let mut project = common::project();
    let norms = PlanningNorms::shipped();
    assert!(check(&project, norms).list.is_empty());
    let layer = project.layers.iter_mut().find(|l| l.id.0 == "buildings").unwrap();
    let mut table = island_twin::model::table::FeatureTable::clone(layer.content.features().unwrap());
    table.columns[0] = island_twin::model::table::Column::Integer(vec![Some(9)]);
    table.columns[1] = island_twin::model::table::Column::Real(vec![20.0]);
    Arc::make_mut(layer).content = island_twin::model::layer::LayerContent::Features(Arc::new(table));
    let found = check(&project, norms);
    let kinds: Vec<(Kind, &str)> = found.list.iter().map(|v| (v.kind, v.clause.as_str())).collect();
    assert_eq!(kinds, [(Kind::PlotRatio, "QHSDĐ"), (Kind::Height, "QHSDĐ")]);
    assert_eq!((found.plots(), found.list[0].feature), (1, 1));
    let plots = Plots::of(&project);
    let at = [ORIGIN[0] + 10.0, ORIGIN[1] + 10.0];
    let effects = EffectTable::shipped().unwrap();
    let most = island_twin::study::zoning::allowance::most(&project, &plots, at, norms, &effects).unwrap();
    // Houses on 400 m²: 55 % by QCVN, stricter than the plan's 60 %.
    assert!((most.coverage.as_ref().unwrap().value - 0.55).abs() < 1e-9);
    assert!(most.coverage.unwrap().clause.starts_with("QCVN"));
    assert_eq!(most.storeys, 3.0);
    assert!((most.yields.floor_m2 - 660.0).abs() < 1e-6, "{}", most.yields.floor_m2);
}

#[test]
fn an_edit_is_in_the_file_when_the_command_returns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("du-an.gpkg");
    save(&common::project(), &path);
    let open = |path: &Path| {
        let mut session = Session::new(Arc::new(Files::with_worker(program())), SettingsStore::in_memory());
        session.apply(Command::Open(path.to_path_buf())).unwrap();
        finish_jobs(&mut session);
        session
    };
    let mut first = open(&path);
    assert!(!first.is_read_only());
    let add = |name: &str| Command::Plan(PlanCommand::Add { name: name.to_owned(), base: None });
    first.apply(add("Một")).unwrap();
    let cell = |text: &str| Command::SetCell {
        layer: LayerId::new("parcels"),
        feature: 1,
        field: "DIENTICH".to_owned(),
        text: text.to_owned(),
    };
    first.apply(cell("402,5")).unwrap();
    assert!(!first.is_modified(), "nothing is left to save");

    // A second window reads the same and says that it only reads.
    let mut second = open(&path);
    assert!(second.is_read_only());
    assert_eq!(second.project().unwrap().scenarios.len(), 1);
    let parcels =
        |s: &Session| s.project().unwrap().layer(&LayerId::new("parcels")).unwrap().content.features().unwrap().clone();
    assert_eq!(parcels(&second).value(0, "DIENTICH"), Value::Real(402.5));
    assert!(second.notices().iter().any(|n| n.message.key == "whatif-read-only-other"));
    second.apply(add("Hai")).unwrap();
    assert!(second.is_modified());
    assert!(second.apply(Command::SaveAs(path.clone())).is_err());

    // Undo goes in as well, and a whole save takes in what was set cell by cell.
    first.apply(Command::Undo).unwrap();
    assert_eq!(load(&path).scenarios.len(), 1);
    first.apply(Command::SaveAs(path.clone())).unwrap();
    finish_jobs(&mut first);
    first.apply(add("Ba")).unwrap();
    drop(first);
    let names: Vec<String> = load(&path).scenarios.iter().map(|s| s.name.vi.clone()).collect();
    assert_eq!(names, ["Một", "Ba"]);
    let left: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|f| f.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(left, ["du-an.gpkg"], "no log and no lock stay behind");
}

#[test]
fn another_layer_needs_a_whole_save() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gpkg");
    let before = common::project();
    save(&before, &path);
    let mut after = before.clone();
    after.layers.remove(0);
    assert_eq!(commit_project(&before, &after, &path).unwrap(), Commit::Done);
    assert_eq!(load(&path).layers.len(), before.layers.len() - 1);
    assert_eq!(commit_project(&after, &before, &path).unwrap(), Commit::NeedsSave);
}

/// The child of the test below: makes edits until it is killed, and says each when it is on the disk.
#[test]
#[ignore = "only as a child"]
fn child_that_edits() {
    let Ok(path) = std::env::var("ISLAND_TWIN_TEST_PROJECT") else { return };
    let path = PathBuf::from(path);
    let _hold = hold_project(&path).unwrap().unwrap();
    let mut project = load(&path);
    let id = ScenarioId("thu".to_owned());
    for number in 0..100_000 {
        let before = project.clone();
        find_mut(&mut project.scenarios, &id).unwrap().edits.push(outlet(number));
        assert_eq!(commit_project(&before, &project, &path).unwrap(), Commit::Done);
        println!("edit {}", project.scenarios[0].edits.len());
    }
}

/// Kills (SIGKILL) a program that edits, at all kinds of moments: the file is whole, and what was acknowledged is in it.
#[test]
fn nothing_that_was_acknowledged_is_lost_when_the_program_is_killed() {
    let rounds: u64 = std::env::var("ISLAND_TWIN_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(12);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gpkg");
    let (mut project, _) = with_edits(Vec::new());
    // Layers are not what is tried here, and take a process each to read.
    project.layers.clear();
    save(&project, &path);
    let mut known = 0;
    for round in 0..rounds {
        let mut child = Process::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "child_that_edits", "--nocapture"])
            .env("ISLAND_TWIN_TEST_PROJECT", &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let wanted = 1 + round % 5;
        let mut seen = 0;
        let mut last = known;
        while seen < wanted {
            let line = lines.next().expect("the child ended by itself").unwrap();
            if let Some(number) = line.rsplit("edit ").next().and_then(|n| n.trim().parse().ok()) {
                last = number;
                seen += 1;
            }
        }
        // Into the middle of the next one.
        std::thread::sleep(std::time::Duration::from_micros(round * 977 % 9000));
        child.kill().unwrap();
        // What it still said before it died was acknowledged too.
        for line in lines.map_while(Result::ok) {
            last = line.rsplit("edit ").next().and_then(|n| n.trim().parse().ok()).unwrap_or(last);
        }
        child.wait().unwrap();
        let now = load(&path).scenarios[0].edits.len();
        assert!(now >= last && now <= last + 1, "round {round}: {last} acknowledged, {now} in the file");
        let database = rusqlite::Connection::open(&path).unwrap();
        let fine: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(fine, "ok");
        known = now;
    }
    assert!(known >= usize::try_from(rounds).unwrap());
}

#[test]
fn the_examples_open_and_can_be_carried_out() {
    let worker = WorkerProgram::at(program().to_path_buf());
    let table = EffectTable::shipped().unwrap();
    for name in ["resort-in-the-forest", "outfall-moved", "bypass-road"] {
        let scenes = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenes");
        let path = scenes.join(format!("{name}.scene.ron"));
        let (project, _) = load_project(&path, &worker, &Progress::new(), &CancelToken::new()).unwrap();
        // Its own two, after those of the scene that it rests on.
        assert!(project.layers.len() > 15 && project.scenarios.len() == 4, "{name}");
        for scenario in &project.scenarios[2..] {
            assert!(!scenario.story.is_empty(), "{} has no story", scenario.id);
            let resolved = resolve(&project, Some(&scenario.id), &table).unwrap();
            let lost = resolved.notices.iter().find(|m| m.key == "whatif-road-does-not-join");
            assert!(lost.is_none(), "{}: {lost:?}", scenario.id);
        }
    }
}
