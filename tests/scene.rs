//! Opening scenes, whole and broken.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::path::{Path, PathBuf};

use island_twin::base::cancel::CancelToken;
use island_twin::base::message::ToMessage;
use island_twin::base::progress::Progress;
use island_twin::geo::crs::Crs;
use island_twin::geo::frame::SiteFrame;
use island_twin::geo::grid::{Grid, GridSpec};
use island_twin::io::encoding::TextEncoding;
use island_twin::io::export::{VectorFormat, write_classes, write_features};
use island_twin::io::import::WorkerProgram;
use island_twin::io::scene::{SceneError, open_scene, read_scene};
use island_twin::model::layer::{LayerContent, LayerRole, Origin};
use island_twin::model::project::Bookmark;
use island_twin::model::scenario::ScenarioError;
use island_twin::model::scene::{LayerRecipe, SCENE_VERSION, Scene};
use island_twin::model::style::{ColorRule, Rgba, Style, Symbol, Text2};
use island_twin::model::table::{FeatureTable, FieldKind, Value};

const SITE: Crs = Crs::VN2000_TM3_104_30;

fn worker() -> WorkerProgram {
    WorkerProgram::at(PathBuf::from(env!("CARGO_BIN_EXE_island-twin")))
}

fn recipe(id: &str, path: &str) -> LayerRecipe {
    LayerRecipe {
        id: id.to_owned(),
        title: Text2 { vi: format!("Lớp {id}"), en: format!("Layer {id}") },
        group: Text2::same("Nền"),
        path: path.into(),
        sublayer: None,
        crs: None,
        encoding: None,
        origin: Origin::Generated,
        credit: String::new(),
        role: LayerRole::Plain,
        visible: true,
        style: Style::new(Symbol::Fill { color: ColorRule::Single(Rgba::opaque(1, 2, 3)), outline: None }),
    }
}

fn scene(layers: Vec<LayerRecipe>) -> Scene {
    Scene {
        version: SCENE_VERSION,
        title: Text2::same("Thử"),
        frame: SiteFrame { crs: SITE, origin: [440_000.0, 1_130_000.0] },
        utc_offset_hours: 7.0,
        time: "2026-03-20T09:30:00+07:00".into(),
        extends: None,
        layers,
        bookmarks: vec![Bookmark {
            id: "b".into(),
            title: Text2::same("B"),
            eye: [103.97, 10.2, 500.0],
            look: [103.97, 10.21, 0.0],
        }],
        scenarios: Vec::new(),
    }
}

fn write_scene(folder: &Path, scene: &Scene) -> PathBuf {
    let path = folder.join("thu.scene.ron");
    std::fs::write(&path, ron::ser::to_string_pretty(scene, ron::ser::PrettyConfig::default()).unwrap()).unwrap();
    path
}

fn write_data(folder: &Path) {
    let mut table = FeatureTable::with_fields(&[("TEN", FieldKind::Text)]);
    table.geometry.push_point([441_000.0, 1_130_000.0]);
    table.push_row(&[Value::Text("Dương Đông")]);
    for name in ["a.shp", "b.shp"] {
        write_features(
            &table,
            &SITE,
            &SITE,
            &folder.join(name),
            &VectorFormat::Shapefile { encoding: TextEncoding::Tcvn3 },
        )
        .unwrap();
    }
    let mut dem = Grid::filled(GridSpec::north_up(SITE, 430_000.0, 1_150_000.0, 30.0, 20, 20), 603_u16);
    dem.set(0, 0, u16::MAX);
    write_classes(&dem, &folder.join("dem.tif")).unwrap();
}

fn open(path: &Path) -> (island_twin::model::project::Project, Vec<island_twin::io::scene::LoadWarning>) {
    open_scene(path, &worker(), &Progress::new(), &CancelToken::new()).unwrap()
}

#[test]
fn what_is_missing_is_told_and_the_rest_opens_in_order() {
    let dir = tempfile::tempdir().unwrap();
    write_data(dir.path());
    let mut terrain = recipe("dem", "dem.tif");
    terrain.role = LayerRole::Terrain;
    let mut odd = recipe("odd", "a.shp");
    odd.encoding = Some("KOI8-R".into());
    let mut nowhere = recipe("nowhere", "a.shp");
    nowhere.crs = Some("EPSG:999999".into());
    let layers = vec![recipe("z", "b.shp"), terrain, recipe("gone", "gone.gpkg"), odd, nowhere, recipe("a", "a.shp")];
    let (project, warnings) = open(&write_scene(dir.path(), &scene(layers)));

    let ids: Vec<_> = project.layers.iter().map(|l| l.id.to_string()).collect();
    assert_eq!(ids, ["z", "dem", "a"]);
    let mut keys: Vec<_> = warnings.iter().map(|w| w.message.key.as_str()).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["io-encoding-unknown", "io-file-missing", "io-import-crs"]);
    assert!(warnings.iter().any(|w| w.path == dir.path().join("gone.gpkg")));
    let first = &project.layers[0];
    assert_eq!(first.source.encoding.as_deref(), Some("TCVN3"));
    assert_eq!((&first.source.path, &first.source.crs), (&PathBuf::from("b.shp"), &Some(SITE)));
    let terrain = project.terrain().expect("whole metres are elevation all the same");
    assert!(terrain.get(0, 0).is_nan() && terrain.get(1, 0) == 603.0);
    assert!(matches!(project.layers[1].content, LayerContent::Raster(_)));
    assert_eq!(project.time.to_string(), "2026-03-20T02:30:00Z");
}

#[test]
fn scenes_that_cannot_be_read_say_why_and_where() {
    let dir = tempfile::tempdir().unwrap();
    let good = std::fs::read_to_string(write_scene(dir.path(), &scene(vec![]))).unwrap();
    let try_text = |text: &str| {
        let path = dir.path().join("bad.scene.ron");
        std::fs::write(&path, text).unwrap();
        let error = read_scene(&path).unwrap_err();
        assert!(error.to_string().contains("bad.scene.ron"), "{error}");
        error
    };
    let newer = good.replace("version: 1", "version: 2").replace("bookmarks:", "weather: 1, bookmarks:");
    assert!(matches!(try_text(&newer), SceneError::TooNew { found: 2, known: 1, .. }));
    let lonely =
        good.replace("scenarios: [", "scenarios: [(id: \"a\", name: (vi: \"a\", en: \"a\"), base: Some(\"b\")),");
    match try_text(&lonely) {
        SceneError::Scenario { reason, .. } => assert_eq!(reason, ScenarioError::Unknown("b".into())),
        other => panic!("{other}"),
    }
    let unknown = good.replace("bookmarks:", "bookmark_list:");
    match try_text(&unknown) {
        SceneError::Syntax { line, column, detail, .. } => {
            let at = unknown.lines().position(|l| l.contains("bookmark_list")).unwrap() + 1;
            assert!(line == at && column > 0 && detail.contains("bookmark_list"), "{line}:{column} {detail}");
        }
        other => panic!("{other}"),
    }
    assert!(matches!(try_text("(version: 1,"), SceneError::Syntax { .. }));
    assert!(matches!(try_text("\u{0}\u{1}"), SceneError::Syntax { .. }));
    let gone = read_scene(&dir.path().join("gone.ron")).unwrap_err();
    assert_eq!(gone.to_message().key, "io-scene-unreadable");
    let bad_time = Scene { time: "noon".into(), ..scene(vec![]) };
    let path = write_scene(dir.path(), &bad_time);
    let error = open_scene(&path, &worker(), &Progress::new(), &CancelToken::new()).unwrap_err();
    assert!(matches!(error, SceneError::Time { .. }));
}

#[test]
fn a_cancelled_scene_stops_at_once() {
    let dir = tempfile::tempdir().unwrap();
    write_data(dir.path());
    let cancel = CancelToken::new();
    cancel.cancel();
    let path = write_scene(dir.path(), &scene(vec![recipe("a", "a.shp")]));
    let (project, warnings) = open_scene(&path, &worker(), &Progress::new(), &cancel).unwrap();
    assert!(project.layers.is_empty());
    assert_eq!(warnings[0].message.key, "io-cancelled");
}
