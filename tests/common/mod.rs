//! A small project and a fake disk, for tests of the session and of the panels.
#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use island_twin::base::cancel::CancelToken;
use island_twin::base::message::Message;
use island_twin::base::progress::Progress;
use island_twin::geo::crs::Crs;
use island_twin::geo::frame::SiteFrame;
use island_twin::model::layer::{Layer, LayerContent, LayerId, LayerRole, Origin, Provenance};
use island_twin::model::project::{Bookmark, PROJECT_VERSION, Project};
use island_twin::model::style::{ColorRule, Metres, Rgba, Style, Symbol, Text2};
use island_twin::model::table::{FeatureTable, FieldKind, Value};
use island_twin::session::Session;
use island_twin::session::effects::Effects;
use island_twin::session::io::{IoFailure, SessionIo, Warning};
use island_twin::session::selection::{Hit, Selection};
use island_twin::session::settings::SettingsStore;

/// What the file name asks for is what the fake does.
pub struct FakeIo;

impl SessionIo for FakeIo {
    fn load(
        &self,
        path: &Path,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<(Project, Vec<Warning>), IoFailure> {
        act(path, progress, cancel)?;
        Ok((project(), vec![(Message::new("ui-notices-none"), path.join("roads.shp"))]))
    }

    fn import(
        &self,
        path: &Path,
        _project: &Project,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<(Vec<Layer>, Vec<Warning>), IoFailure> {
        act(path, progress, cancel)?;
        Ok((vec![layer("roads", "Đường", LayerRole::Plain, streets())], Vec::new()))
    }

    fn save(
        &self,
        _project: &Project,
        path: &Path,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<(), IoFailure> {
        act(path, progress, cancel)
    }
}

fn act(path: &Path, progress: &Progress, cancel: &CancelToken) -> Result<(), IoFailure> {
    let name = path.file_name().unwrap().to_string_lossy();
    assert!(!name.contains("panic"), "the fake was asked to panic");
    if name.contains("broken") {
        return Err(Message::new("session-error-no-project").into());
    }
    if name.contains("endless") {
        progress.stage(Message::new("ui-job-working"), 0);
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(20) {
            cancel.check()?;
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    Ok(())
}

pub fn text(vi: &str, en: &str) -> Text2 {
    Text2 { vi: vi.to_owned(), en: en.to_owned() }
}

pub fn layer(id: &str, title: &str, role: LayerRole, table: FeatureTable) -> Layer {
    Layer {
        id: LayerId::new(id),
        title: text(title, id),
        group: text("Đất đai", "Land"),
        source: Provenance {
            path: PathBuf::from(format!("data/{id}.shp")),
            origin: Origin::Generated,
            ..Provenance::default()
        },
        content: LayerContent::Features(Arc::new(table)),
        style: Style::new(Symbol::Fill { color: ColorRule::LandUse { field: "MALOAIDAT".to_owned() }, outline: None }),
        visible: true,
        role,
    }
}

/// The origin of the fixture's site, in VN-2000 / TM-3 104°30'.
pub const ORIGIN: [f64; 2] = [441_000.0, 1_130_000.0];

fn square(x: f64, y: f64, side: f64) -> [[f64; 2]; 5] {
    let [e, n] = [ORIGIN[0] + x, ORIGIN[1] + y];
    [[e, n], [e + side, n], [e + side, n + side], [e, n + side], [e, n]]
}

/// Two parcels of 20 m by 20 m, side by side.
pub fn parcels() -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[
        ("SOTO", FieldKind::Integer),
        ("SOTHUA", FieldKind::Integer),
        ("MALOAIDAT", FieldKind::Text),
        ("DIENTICH", FieldKind::Real),
        ("DOITUONG", FieldKind::Text),
        ("OBJECTID", FieldKind::Integer),
    ]);
    for (i, area) in [(0, 400.0), (1, f64::NAN)] {
        table.geometry.push_polygon(&[&square(f64::from(i) * 20.0, 0.0, 20.0)]);
        table.push_row(&[
            Value::Integer(12),
            Value::Integer(345 + i64::from(i)),
            Value::Text("ODT"),
            Value::Real(area),
            Value::Text("GDC"),
            Value::Integer(7),
        ]);
    }
    table
}

/// One zone over both parcels: coverage 60 %, plot ratio 2, 12 m, 3 storeys.
pub fn plan() -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[
        ("MALOAIDAT", FieldKind::Text),
        ("HESOSDD", FieldKind::Real),
        ("MATDOXD", FieldKind::Real),
        ("CHIEUCAO", FieldKind::Real),
        ("TANGCAO", FieldKind::Integer),
    ]);
    table.geometry.push_polygon(&[&square(-100.0, -100.0, 200.0)]);
    table.push_row(&[Value::Text("ODT"), Value::Real(2.0), Value::Real(60.0), Value::Real(12.0), Value::Integer(3)]);
    table
}

/// A house of 10 m by 10 m with two storeys on the first parcel.
pub fn buildings() -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[("SOTANG", FieldKind::Integer), ("CHIEUCAO", FieldKind::Real)]);
    table.geometry.push_polygon(&[&square(5.0, 5.0, 10.0)]);
    table.push_row(&[Value::Integer(2), Value::Real(7.0)]);
    table
}

pub fn streets() -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[("TEN", FieldKind::Text)]);
    for name in ["Trần Hưng Đạo", "Đường 30 Tháng 4", "Hùng Vương"] {
        table.geometry.push_line(&[ORIGIN, [ORIGIN[0] + 50.0, ORIGIN[1]]]);
        table.push_row(&[Value::Text(name)]);
    }
    table
}

pub fn project() -> Project {
    let mut houses = layer("buildings", "Công trình", LayerRole::Buildings, buildings());
    houses.style = Style::new(Symbol::Extrude {
        color: ColorRule::Single(Rgba::opaque(200, 180, 160)),
        height: Metres::Fixed(6.0),
    });
    let mut streets = layer("streets", "Tuyến đường", LayerRole::Roads, streets());
    streets.group = text("Giao thông", "Traffic");
    streets.source.origin = Origin::Measured;
    Project {
        version: PROJECT_VERSION,
        title: text("Đặc khu Phú Quốc", "Phu Quoc special zone"),
        frame: SiteFrame { crs: Crs::VN2000_TM3_104_30, origin: ORIGIN },
        utc_offset_hours: 7.0,
        time: "2026-03-20T09:30:00+07:00".parse().unwrap(),
        layers: vec![
            Arc::new(layer("plan", "Quy hoạch sử dụng đất", LayerRole::LandUsePlan, plan())),
            Arc::new(layer("parcels", "Thửa đất", LayerRole::Parcels, parcels())),
            Arc::new(streets),
            Arc::new(houses),
        ],
        bookmarks: vec![Bookmark {
            id: "duong-dong".to_owned(),
            title: text("Dương Đông", "Duong Dong"),
            eye: [103.96, 10.20, 900.0],
            look: [103.9667, 10.2167, 0.0],
        }],
    }
}

pub fn empty_session() -> Session {
    Session::new(Arc::new(FakeIo), SettingsStore::in_memory())
}

pub fn session() -> Session {
    let mut session = empty_session();
    session.install(project(), Some(PathBuf::from("/tmp/phu-quoc.gpkg")));
    session
}

/// A click on a parcel of the fixture: 1 or 2.
pub fn click_on_parcel(parcel: u64) -> Selection {
    Selection {
        hits: vec![
            Hit { layer: LayerId::new("parcels"), feature: parcel },
            Hit { layer: LayerId::new("plan"), feature: 1 },
        ],
        active: 0,
        at: [(parcel as f64).mul_add(20.0, -18.0), 2.0, 3.0],
    }
}

/// Waits for the session's jobs, at most 30 s.
pub fn finish_jobs(session: &mut Session) -> Effects {
    let (start, mut effects) = (Instant::now(), Effects::default());
    while !session.jobs().is_empty() {
        assert!(start.elapsed() < Duration::from_secs(30), "a job does not end");
        effects.merge(session.poll_jobs());
        std::thread::sleep(Duration::from_millis(1));
    }
    effects
}
