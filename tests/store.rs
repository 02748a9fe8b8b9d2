//! Saved projects: what goes in comes out, and other programs can open them.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gdal::Dataset;
use gdal::vector::LayerAccess;
use island_twin::base::cancel::CancelToken;
use island_twin::base::progress::Progress;
use island_twin::cli::info;
use island_twin::geo::crs::Crs;
use island_twin::geo::frame::SiteFrame;
use island_twin::geo::grid::{Grid, GridSpec};
use island_twin::geo::shape::ShapeKind;
use island_twin::io::import::WorkerProgram;
use island_twin::io::scene::{LoadError, LoadWarning, load_project};
use island_twin::io::store::{Commit, StoreError, commit_project, let_go, save_project};
use island_twin::model::layer::{Layer, LayerContent, LayerId, LayerRole, Origin, Provenance};
use island_twin::model::project::{Bookmark, PROJECT_VERSION, Project};
use island_twin::model::scenario::{Edit, Scenario, ScenarioId};
use island_twin::model::style::{ColorRule, LabelRule, Rgba, Style, Symbol, Text2};
use island_twin::model::table::{Column, FeatureTable, FieldKind, Value};
use island_twin::text::Language;

const SITE: Crs = Crs::VN2000_TM3_104_30;

fn save(project: &Project, path: &Path) -> Result<(), StoreError> {
    save_project(project, path, &Progress::new(), &CancelToken::new())
}

fn worker() -> WorkerProgram {
    WorkerProgram::at(PathBuf::from(env!("CARGO_BIN_EXE_island-twin")))
}

fn layer(id: &str, content: LayerContent, role: LayerRole) -> Arc<Layer> {
    let mut style = Style::new(Symbol::Fill {
        color: ColorRule::Ramp {
            field: "DT".into(),
            stops: vec![(0.1, Rgba(1, 2, 3, 4)), (1e9, Rgba::opaque(5, 6, 7))],
        },
        outline: Some((Rgba::opaque(9, 9, 9), 0.3)),
    });
    style.opacity = 0.7;
    style.label = Some(LabelRule { field: "TEN".into(), max_distance_m: 1200.0, min_distance_m: 0.0, size: 13.0 });
    Arc::new(Layer {
        id: LayerId::new(id),
        title: Text2 { vi: "Thửa đất".into(), en: "Parcels".into() },
        group: Text2::same("Địa chính"),
        source: Provenance {
            path: "thua.shp".into(),
            sublayer: None,
            crs: Some(SITE),
            encoding: Some("TCVN3".into()),
            origin: Origin::Generated,
            credit: "© ai đó".into(),
        },
        content,
        style,
        visible: id != "dem",
        role,
    })
}

fn parcels() -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[
        ("TEN", FieldKind::Text),
        ("fid", FieldKind::Integer),
        ("DT", FieldKind::Real),
        ("ten", FieldKind::Text),
    ]);
    let (x, y) = (441_000.1, 1_129_000.7);
    let ring = [[x, y], [x + 1.0 / 3.0, y], [x + 1.0, y + 1.0], [x, y]];
    let hole = [[x + 0.3, y + 0.1], [x + 0.4, y + 0.3], [x + 0.5, y + 0.2], [x + 0.3, y + 0.1]];
    table.geometry.push_polygon(&[&ring, &hole]);
    table.push_row(&[Value::Text("Đường \"Trần\""), Value::Integer(-5), Value::Real(0.1), Value::Text("")]);
    table.geometry.push_parts(ShapeKind::Polygon, &[&[&ring], &[&ring]]);
    table.push_row(&[Value::Null, Value::Null, Value::Null, Value::Text("b")]);
    table.geometry.push_empty();
    table.push_row(&[Value::Text("c"), Value::Integer(i64::MAX), Value::Real(1e300)]);
    table.ids = vec![3, 77, 12_345_678_901];
    table
}

fn project() -> Project {
    let spec = GridSpec::north_up(SITE, 430_000.5, 1_150_000.25, 30.0, 301, 257);
    let heights = Grid {
        cells: (0..spec.len()).map(|i| if i % 7 == 0 { f32::NAN } else { (i as f32).sin() * 600.0 }).collect(),
        spec: spec.clone(),
    };
    let uses =
        Grid { cells: (0..spec.len()).map(|i| if i % 5 == 0 { u16::MAX } else { (i % 300) as u16 }).collect(), spec };
    Project {
        version: PROJECT_VERSION,
        title: Text2 { vi: "Phú Quốc".into(), en: "Phu Quoc".into() },
        frame: SiteFrame { crs: SITE, origin: [440_000.1, 1_130_000.0] },
        utc_offset_hours: 7.0,
        time: "2026-03-20T02:30:00Z".parse().unwrap(),
        layers: vec![
            layer("Zửa", LayerContent::Features(parcels().into()), LayerRole::Parcels),
            layer("dem", LayerContent::Raster(heights.into()), LayerRole::Terrain),
            layer("lop", LayerContent::Classes(uses.into()), LayerRole::LandCover),
            layer(
                "trong",
                LayerContent::Features(FeatureTable::with_fields(&[("A", FieldKind::Real)]).into()),
                LayerRole::Plain,
            ),
        ],
        bookmarks: vec![Bookmark {
            id: "duong-dong".into(),
            title: Text2::same("Dương Đông"),
            eye: [103.967_1, 10.217_3, 500.0],
            look: [103.96, 10.21, 0.0],
        }],
        scenarios: vec![Scenario {
            id: ScenarioId("bang-trang".into()),
            name: Text2::same("Băng trắng"),
            base: None,
            edits: vec![Edit::FuelBreak { line: vec![[103.97, 10.2], [103.98, 10.21]], width_m: 30.0 }],
            runs: Vec::new(),
            story: Vec::new(),
        }],
    }
}

fn load(path: &Path) -> Result<(Project, Vec<LoadWarning>), LoadError> {
    load_project(path, &worker(), &Progress::new(), &CancelToken::new())
}

#[test]
fn a_project_comes_back_as_it_was_saved() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("du-an.gpkg");
    let saved = project();
    save(&saved, &path).unwrap();
    let (got, warnings) = load(&path).unwrap();
    assert_eq!(warnings, []);
    assert_eq!(
        (&got.title, &got.frame, got.utc_offset_hours, got.time, &got.bookmarks, &got.scenarios),
        (&saved.title, &saved.frame, saved.utc_offset_hours, saved.time, &saved.bookmarks, &saved.scenarios)
    );
    assert_eq!(got.layers.len(), saved.layers.len());
    for (got, saved) in got.layers.iter().zip(&saved.layers) {
        assert_eq!(
            (&got.id, &got.title, &got.group, &got.source, &got.style, got.visible, got.role),
            (&saved.id, &saved.title, &saved.group, &saved.source, &saved.style, saved.visible, saved.role)
        );
        match (&got.content, &saved.content) {
            (LayerContent::Features(a), LayerContent::Features(b)) => {
                assert_eq!((&a.schema, &a.ids, &a.geometry), (&b.schema, &b.ids, &b.geometry));
                for (a, b) in a.columns.iter().zip(&b.columns) {
                    for row in 0..b.len() {
                        assert_eq!(a.get(row), b.get(row));
                    }
                }
            }
            (LayerContent::Raster(a), LayerContent::Raster(b)) => {
                assert_same_place(&a.spec, &b.spec);
                assert!(
                    a.cells.iter().zip(&b.cells).all(|(a, b)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()))
                );
            }
            (LayerContent::Classes(a), LayerContent::Classes(b)) => {
                assert_same_place(&a.spec, &b.spec);
                assert!(a.cells == b.cells, "classes differ");
            }
            _ => panic!("{} is of another kind", saved.id),
        }
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "something was left beside the project");
}

fn assert_same_place(a: &GridSpec, b: &GridSpec) {
    assert_eq!((&a.crs, a.cols, a.rows), (&b.crs, b.cols, b.rows));
    assert!(a.transform.iter().zip(b.transform).all(|(a, b)| (a - b).abs() < 1e-9), "{a:?} {b:?}");
}

#[test]
fn gdal_opens_a_project_without_complaint() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("du-an.gpkg");
    save(&project(), &path).unwrap();
    let dataset = Dataset::open(&path).unwrap();
    let names: Vec<String> = dataset.layers().map(|l| l.name()).collect();
    assert_eq!(names, ["zua", "trong", "twin_project"]);
    let mut parcels = dataset.layer_by_name("zua").unwrap();
    assert_eq!(parcels.spatial_ref().unwrap().auth_code().unwrap(), 9207);
    let ids: Vec<_> = parcels.features().map(|f| f.fid().unwrap()).collect();
    assert_eq!(ids, [3, 77, 12_345_678_901]);
    let x = parcels.feature(3).unwrap().geometry().unwrap().get_geometry(0).get_geometry(0).get_point(1).0;
    assert!((x - (441_000.1 + 1.0 / 3.0)).abs() < 1e-9);
}

#[test]
fn saving_again_replaces_and_saving_nowhere_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("du-an.gpkg");
    save(&project(), &path).unwrap();
    let mut smaller = project();
    smaller.layers.truncate(1);
    save(&smaller, &path).unwrap();
    assert_eq!(load(&path).unwrap().0.layers.len(), 1);
    let before = std::fs::read(&path).unwrap();
    let mut odd = project();
    odd.frame.crs = Crs::Epsg(999_999);
    assert!(matches!(save(&odd, &path), Err(StoreError::Crs { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert!(save(&project(), Path::new("/nowhere/du-an.gpkg")).is_err());
}

#[test]
fn newer_foreign_and_broken_projects_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("du-an.gpkg");
    save(&project(), &path).unwrap();
    let change = |sql: &str| {
        let database = rusqlite::Connection::open(&path).unwrap();
        database.execute_batch(sql).unwrap();
    };
    change("DROP TABLE zua");
    let (rest, warnings) = load(&path).unwrap();
    assert_eq!((rest.layers.len(), warnings.len()), (3, 1));
    change("UPDATE twin_project SET value = '{' WHERE key = 'project'");
    assert!(matches!(load(&path), Err(LoadError::Store(StoreError::Read { .. }))));
    change("UPDATE twin_project SET value = '2' WHERE key = 'version'");
    assert!(matches!(load(&path), Err(LoadError::Store(StoreError::TooNew { found: 2, known: 1, .. }))));
    change("DROP TABLE twin_project");
    assert!(matches!(load(&path), Err(LoadError::Store(StoreError::NotAProject { .. }))));
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..3000]).unwrap();
    assert!(matches!(load(&path), Err(LoadError::Store(_))));
}

#[test]
fn info_tells_what_is_in_a_project() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("du-an.gpkg");
    save(&project(), &path).unwrap();
    let told = info::run(&path, true, Language::En, &worker()).unwrap();
    assert_eq!(told.warnings, []);
    let json: serde_json::Value = serde_json::from_str(&told.text).unwrap();
    let parcels = &json["layers"][0];
    assert_eq!((parcels["id"].as_str(), parcels["count"].as_u64()), (Some("Zửa"), Some(3)));
    assert_eq!(parcels["source"]["encoding"], "TCVN3");
    assert_eq!(parcels["source"]["origin"], "Generated");
    assert_eq!(json["crs"], "EPSG:9207");
    // `cs2cs EPSG:9207 EPSG:4326` of (441000, 1129000) is 103.9632652, 10.2088260.
    let west = parcels["extent_lon_lat"][0].as_f64().unwrap();
    assert!((west - 103.963_266).abs() < 2e-6, "{west}");
    assert!(json["layers"][3]["extent"].is_null());
    let people = info::run(&path, false, Language::Vi, &worker()).unwrap().text;
    assert!(people.contains("Thửa đất") && people.contains("VN-2000 / TM-3 104°30'"), "{people}");
    assert_eq!(
        info::run(&dir.path().join("gone"), true, Language::Vi, &worker()).unwrap_err().key,
        "io-scene-unreadable"
    );
}

#[test]
fn a_cancelled_save_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("du-an.gpkg");
    std::fs::write(&path, b"old").unwrap();
    let cancel = CancelToken::new();
    cancel.cancel();
    let answer = save_project(&project(), &path, &Progress::new(), &cancel);
    assert_eq!(answer, Err(StoreError::Cancelled { path: path.clone() }));
    assert_eq!(std::fs::read(&path).unwrap(), b"old");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
}

/// A project with some cells of its parcels set: (row, field, what). All else is the same data.
fn with_cells(project: &Project, cells: &[(usize, usize, Value<'_>)]) -> Project {
    let mut project = project.clone();
    let LayerContent::Features(table) = &mut Arc::make_mut(&mut project.layers[0]).content else { panic!("features") };
    let table = Arc::make_mut(table);
    for &(row, field, value) in cells {
        match (&mut table.columns[field], value) {
            (Column::Text(column), Value::Text(text)) => column.set(row, Some(text)),
            (Column::Text(column), _) => column.set(row, None),
            (Column::Integer(column), Value::Integer(i)) => column[row] = Some(i),
            (Column::Real(column), Value::Real(r)) => column[row] = r,
            other => panic!("{other:?}"),
        }
    }
    project
}

fn assert_same_cells(path: &Path, wanted: &Project) {
    let (got, warnings) = load(path).unwrap();
    assert_eq!(warnings, []);
    let (LayerContent::Features(a), LayerContent::Features(b)) = (&got.layers[0].content, &wanted.layers[0].content)
    else {
        panic!("features")
    };
    assert_eq!((&a.schema, &a.ids, &a.geometry), (&b.schema, &b.ids, &b.geometry));
    for (field, (a, b)) in a.columns.iter().zip(&b.columns).enumerate() {
        (0..b.len()).for_each(|row| assert_eq!(a.get(row), b.get(row), "field {field} row {row}"));
    }
}

const SET: [(usize, usize, Value<'static>); 5] = [
    (0, 0, Value::Text("Đường 'Ba' \"Hai\"")),
    (0, 3, Value::Null),
    (1, 1, Value::Integer(i64::MIN)),
    (2, 2, Value::Real(0.1 + 0.2)),
    (2, 3, Value::Text("ở đây")),
];

#[test]
fn a_cell_that_was_set_is_in_the_standard_table_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("du-an.gpkg");
    let before = project();
    let after = with_cells(&before, &SET);
    save(&before, &path).unwrap();
    assert_eq!(commit_project(&before, &after, &path).unwrap(), Commit::Done);
    {
        // As QGIS sees it, while the project is still open here.
        let dataset = Dataset::open(&path).unwrap();
        let parcels = dataset.layer_by_name("zua").unwrap();
        let feature = parcels.feature(3).unwrap();
        assert_eq!(feature.field_as_string(0).unwrap().as_deref(), Some("Đường 'Ba' \"Hai\""));
        assert_eq!(parcels.feature(77).unwrap().field_as_integer64(1).unwrap(), Some(i64::MIN));
        assert_eq!(parcels.feature(12_345_678_901).unwrap().field_as_string(3).unwrap().as_deref(), Some("ở đây"));
    }
    assert_same_cells(&path, &after);
    assert_eq!(commit_project(&after, &before, &path).unwrap(), Commit::Done);
    assert_same_cells(&path, &before);
    let_go(&path).unwrap();
    let database = rusqlite::Connection::open(&path).unwrap();
    let whole: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    let triggers: i64 = database
        .query_row("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'zua'", [], |r| r.get(0))
        .unwrap();
    assert_eq!(whole, "ok");
    assert!(triggers >= 6, "the index of places keeps its triggers: {triggers}");
}

#[test]
fn cells_that_an_earlier_version_left_waiting_go_into_the_layers() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("du-an.gpkg");
    let saved = project();
    save(&saved, &path).unwrap();
    {
        let database = rusqlite::Connection::open(&path).unwrap();
        database
            .execute_batch(
                "CREATE TABLE twin_cells (layer TEXT NOT NULL, feature INTEGER NOT NULL, field INTEGER NOT NULL,
                 value TEXT NOT NULL, PRIMARY KEY (layer, feature, field));
                 INSERT INTO twin_cells VALUES ('Zửa', 77, 0, '\"chờ\"'), ('Zửa', 77, 2, '{\"bits\":\"3ff8000000000000\"}');",
            )
            .unwrap();
    }
    let read = with_cells(&saved, &[(1, 0, Value::Text("chờ")), (1, 2, Value::Real(1.5))]);
    assert_same_cells(&path, &read);
    // A later edit of one of them is not undone by what had waited.
    let after = with_cells(&read, &[(1, 0, Value::Text("mới"))]);
    assert_eq!(commit_project(&read, &after, &path).unwrap(), Commit::Done);
    assert_same_cells(&path, &after);
    let database = rusqlite::Connection::open(&path).unwrap();
    let left: i64 =
        database.query_row("SELECT count(*) FROM sqlite_master WHERE name = 'twin_cells'", [], |r| r.get(0)).unwrap();
    assert_eq!(left, 0);
}

#[test]
fn an_edit_that_finds_its_row_gone_changes_nothing_and_asks_for_a_whole_save() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("du-an.gpkg");
    let before = project();
    save(&before, &path).unwrap();
    let count = "SELECT count(*) FROM zua WHERE TEN = 'x'";
    {
        let database = rusqlite::Connection::open(&path).unwrap();
        database.execute_batch("DROP TRIGGER rtree_zua_geom_delete; DELETE FROM zua WHERE fid = 12345678901").unwrap();
    }
    let after = with_cells(&before, &[(0, 0, Value::Text("x")), (2, 0, Value::Text("x"))]);
    assert_eq!(commit_project(&before, &after, &path).unwrap(), Commit::NeedsSave);
    let database = rusqlite::Connection::open(&path).unwrap();
    let set: i64 = database.query_row(count, [], |row| row.get(0)).unwrap();
    assert_eq!(set, 0, "half an edit");
}
