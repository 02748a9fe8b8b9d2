//! A small made-up island for tests: everything that the view can draw, nothing read from a file.

use std::path::Path;
use std::sync::Arc;

use island_twin::base::cancel::CancelToken;
use island_twin::base::progress::Progress;
use island_twin::geo::crs::Crs;
use island_twin::geo::frame::SiteFrame;
use island_twin::geo::grid::{Grid, GridSpec};
use island_twin::io::import::{ImportError, Imported, SourceSpec};
use island_twin::model::layer::{Layer, LayerContent, LayerId, LayerRole, Origin, Provenance};
use island_twin::model::project::{PROJECT_VERSION, Project};
use island_twin::model::style::{ColorRule, LabelRule, Metres, PointSymbol, Rgba, Style, Symbol, Text2};
use island_twin::model::table::{FeatureTable, FieldKind, Value};
use island_twin::session::Session;
use island_twin::session::command::Command;
use island_twin::session::fire::{FireCommand, FireForm, FireSet};
use island_twin::session::io::{IoFailure, SessionIo, Warning};
use island_twin::session::settings::SettingsStore;

pub const ORIGIN: [f64; 2] = [440_000.0, 1_130_000.0];

/// A round island 2.4 km across with a hill of 160 m in its north.
pub fn project() -> Project {
    let mut layers = vec![
        layer("terrain", LayerRole::Terrain, LayerContent::Raster(Arc::new(terrain())), Symbol::Terrain),
        layer(
            "parcels",
            LayerRole::Parcels,
            features(parcels()),
            Symbol::Fill {
                color: ColorRule::LandUse { field: "MALOAIDAT".into() },
                outline: Some((Rgba(60, 60, 60, 255), 0.6)),
            },
        ),
        layer(
            "roads",
            LayerRole::Roads,
            features(roads()),
            Symbol::Stroke {
                color: ColorRule::Single(Rgba::opaque(250, 250, 245)),
                width: Metres::Fixed(12.0),
                casing: Some(Rgba::opaque(120, 110, 100)),
            },
        ),
        layer(
            "buildings",
            LayerRole::Buildings,
            features(buildings()),
            Symbol::Extrude {
                color: ColorRule::Single(Rgba::opaque(236, 190, 150)),
                height: Metres::Field { field: "CHIEUCAO".into(), factor: 1.0, fallback: 6.0 },
            },
        ),
        layer(
            "mains",
            LayerRole::WaterMains,
            features(roads()),
            Symbol::Tube {
                color: ColorRule::Single(Rgba::opaque(20, 90, 220)),
                diameter: Metres::Fixed(0.4),
                depth: Metres::Fixed(1.5),
            },
        ),
        layer(
            "trees",
            LayerRole::Plain,
            features(trees()),
            Symbol::Points {
                symbol: PointSymbol::Tree,
                color: ColorRule::Single(Rgba::opaque(60, 130, 60)),
                height: Metres::Fixed(12.0),
            },
        ),
    ];
    let mut places = layer("places", LayerRole::Plain, features(places()), Symbol::Hidden);
    places.style.label =
        Some(LabelRule { field: "TEN".into(), max_distance_m: 20_000.0, min_distance_m: 0.0, size: 15.0 });
    layers.push(places);
    Project {
        version: PROJECT_VERSION,
        title: Text2 { vi: "Đảo thử".into(), en: "Test island".into() },
        frame: SiteFrame { crs: Crs::VN2000_TM3_104_30, origin: ORIGIN },
        utc_offset_hours: 7.0,
        time: "2026-03-20T09:30:00+07:00".parse().expect("a valid time"),
        layers: layers.into_iter().map(Arc::new).collect(),
        bookmarks: Vec::new(),
        scenarios: Vec::new(),
    }
}

fn layer(id: &str, role: LayerRole, content: LayerContent, symbol: Symbol) -> Layer {
    Layer {
        id: LayerId::new(id),
        title: Text2::same(id),
        group: Text2::same("test"),
        source: Provenance { origin: Origin::Generated, ..Provenance::default() },
        content,
        style: Style::new(symbol),
        visible: true,
        role,
    }
}

fn features(table: FeatureTable) -> LayerContent {
    LayerContent::Features(Arc::new(table))
}

fn height(east: f64, north: f64) -> f32 {
    let shore = (1_200.0 - east.hypot(north)) / 60.0;
    let hill = 150.0 * (-((east - 100.0).powi(2) + (north - 650.0).powi(2)) / 90_000.0).exp();
    (shore.clamp(-20.0, 12.0) + hill) as f32
}

fn terrain() -> Grid<f32> {
    let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, ORIGIN[0] - 1_920.0, ORIGIN[1] + 1_920.0, 30.0, 128, 128);
    let mut grid = Grid::filled(spec, 0.0);
    for row in 0..128 {
        for col in 0..128 {
            let [x, y] = grid.spec.centre(col, row);
            grid.set(col, row, height(x - ORIGIN[0], y - ORIGIN[1]));
        }
    }
    grid
}

fn square(east: f64, north: f64, side: f64) -> [[f64; 2]; 5] {
    let (x, y) = (ORIGIN[0] + east, ORIGIN[1] + north);
    [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
}

/// 6 x 4 plots of 60 m in the south.
fn parcels() -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[
        ("SOTO", FieldKind::Integer),
        ("SOTHUA", FieldKind::Integer),
        ("MALOAIDAT", FieldKind::Text),
    ]);
    for i in 0..24_i32 {
        let (col, row) = (i % 6, i / 6);
        table.geometry.push_polygon(&[&square(f64::from(col) * 70.0 - 210.0, f64::from(row) * 70.0 - 500.0, 60.0)]);
        let code = ["ODT", "TMD", "DGD"][(i % 3) as usize];
        table.push_row(&[Value::Integer(1), Value::Integer(i64::from(i) + 1), Value::Text(code)]);
    }
    table
}

fn roads() -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[("TEN", FieldKind::Text)]);
    let at = |east: f64, north: f64| [ORIGIN[0] + east, ORIGIN[1] + north];
    table.geometry.push_line(&[at(-900.0, -150.0), at(0.0, -180.0), at(900.0, -120.0)]);
    table.push_row(&[Value::Text("Đường Thử")]);
    table
}

fn buildings() -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[("CHIEUCAO", FieldKind::Real)]);
    for i in 0..12_i32 {
        let (col, row) = (i % 6, i / 6);
        table.geometry.push_polygon(&[&square(f64::from(col) * 70.0 - 200.0, f64::from(row) * 140.0 - 490.0, 30.0)]);
        table.push_row(&[Value::Real(f64::from(i).mul_add(4.0, 8.0))]);
    }
    table
}

fn trees() -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[]);
    for i in 0..40_i32 {
        table.geometry.push_point([ORIGIN[0] + f64::from(i).mul_add(25.0, -500.0), ORIGIN[1] - 90.0]);
        table.push_row(&[]);
    }
    table
}

fn places() -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[("TEN", FieldKind::Text)]);
    table.geometry.push_point([ORIGIN[0] + 100.0, ORIGIN[1] + 650.0]);
    table.push_row(&[Value::Text("Núi Thử")]);
    table
}

/// The test island under grass, with a fire on the hill that has burnt for three hours in a north-east wind.
#[allow(dead_code, reason = "not every test burns")]
pub fn burning_session() -> Session {
    let ground = terrain();
    let cells = ground.cells.iter().map(|z| if *z > 0.5 { 6 } else { u16::MAX }).collect();
    let cover = LayerContent::Classes(Arc::new(Grid { spec: ground.spec, cells }));
    let mut project = project();
    project.layers.push(Arc::new(layer("cover", LayerRole::LandCover, cover, Symbol::Hidden)));
    let mut session = Session::new(Arc::new(NoFiles), SettingsStore::in_memory());
    session.install(project, None);
    let fires = vec![[ORIGIN[0] + 300.0, ORIGIN[1] + 600.0]];
    let form = FireForm {
        ignitions: fires.into_iter().map(FireSet::point).collect(),
        hours: 3.0,
        wind_10m_mps: 2.0,
        ..FireForm::default()
    };
    session.perform(Command::Fire(FireCommand::SetForm(Box::new(form))));
    session.perform(Command::Fire(FireCommand::Start));
    while session.is_working() {
        session.poll_jobs();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(session.fire().outcome.is_some(), "{:?}", session.notices());
    session
}

/// A session that shows the test island and can neither load nor save.
pub fn session() -> Session {
    let mut session = Session::new(Arc::new(NoFiles), SettingsStore::in_memory());
    session.install(project(), None);
    session
}

struct NoFiles;

impl SessionIo for NoFiles {
    fn load(&self, _: &Path, _: &Progress, _: &CancelToken) -> Result<(Project, Vec<Warning>), IoFailure> {
        Err(IoFailure::Cancelled)
    }

    fn read(
        &self,
        _: &[SourceSpec],
        _: &SiteFrame,
        _: &Progress,
        _: &CancelToken,
        _: &mut dyn FnMut(usize, Result<Imported, ImportError>),
    ) {
    }

    fn save(&self, _: &Project, _: &Path, _: &Progress, _: &CancelToken) -> Result<(), IoFailure> {
        Err(IoFailure::Cancelled)
    }
}
