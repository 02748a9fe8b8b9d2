//! A small project and a fake disk, for tests of the session and of the panels.
#![allow(dead_code)]

pub mod town;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use island_twin::base::cancel::CancelToken;
use island_twin::base::message::Message;
use island_twin::base::progress::Progress;
use island_twin::geo::crs::Crs;
use island_twin::geo::frame::SiteFrame;
use island_twin::geo::transform::Transform;
use island_twin::io::encoding::TextEncoding;
use island_twin::io::import::{EncodingPreview, ImportError, ImportReport, Imported, SourceSpec};
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

    fn read(
        &self,
        sources: &[SourceSpec],
        frame: &SiteFrame,
        progress: &Progress,
        cancel: &CancelToken,
        each: &mut dyn FnMut(usize, Result<Imported, ImportError>),
    ) {
        for (i, source) in sources.iter().enumerate() {
            each(i, fake_import(source, frame, progress, cancel));
        }
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

/// Names say what is in a file: "sheet" is a cadastral sheet, "lost" does not say its system, others hold streets.
fn fake_import(
    source: &SourceSpec,
    frame: &SiteFrame,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<Imported, ImportError> {
    let path = source.path.clone();
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    act(&path, progress, cancel).map_err(|failure| match failure {
        IoFailure::Cancelled => ImportError::Cancelled { path: path.clone() },
        IoFailure::Failed { .. } => ImportError::Damaged { path: path.clone(), detail: "broken".to_owned() },
    })?;
    if name.contains("lost") && source.crs.is_none() {
        return Err(ImportError::NoCrs { path });
    }
    let mut table = if name.contains("sheet") { sheet() } else { streets() };
    if source.swap_xy {
        table.geometry.xy_mut().iter_mut().for_each(|p| p.swap(0, 1));
    }
    let crs = source.crs.clone().unwrap_or_else(|| frame.crs.clone());
    if name.contains("lost") {
        // The file's own numbers are those of the zone beside the site's.
        let out = Transform::between(&frame.crs, &Crs::Epsg(9208)).unwrap();
        table.geometry.xy_mut().iter_mut().for_each(|p| *p = out.apply(*p));
        let back = Transform::between(&crs, &frame.crs).unwrap();
        table.geometry.xy_mut().iter_mut().for_each(|p| *p = back.apply(*p));
    }
    let encoding = source.encoding.unwrap_or(TextEncoding::Tcvn3);
    let preview = EncodingPreview {
        field: "TENCHU".to_owned(),
        encoding: source.field_encodings.first().map_or(encoding, |(_, e)| *e),
        score: 0.98,
        runner_up: TextEncoding::Windows1258,
        runner_up_score: 0.1,
        examples: vec![("nguyễn văn an".to_owned(), "nguyÔn v¨n an".to_owned())],
    };
    let rows = table.len() as u64;
    let previews = if name.contains("sheet") { vec![preview] } else { Vec::new() };
    let report = ImportReport { read: rows, kept: rows, previews, ..ImportReport::default() };
    Ok(Imported { content: LayerContent::Features(Arc::new(table)), crs, encoding: Some(encoding.to_string()), report })
}

/// A sheet of five parcels as an office has it: one outline has a point twice, two have one number.
pub fn sheet() -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[
        ("SHBANDO", FieldKind::Integer),
        ("SHTHUA", FieldKind::Integer),
        ("KHLOAIDAT", FieldKind::Text),
        ("TENCHU", FieldKind::Text),
        ("DIENTICH", FieldKind::Real),
    ]);
    for i in 0..5_u8 {
        let mut ring = square(200.0 + f64::from(i) * 20.0, 0.0, 20.0).to_vec();
        if i == 2 {
            ring.insert(1, ring[0]);
        }
        table.geometry.push_polygon(&[&ring]);
        table.push_row(&[
            Value::Integer(7),
            Value::Integer(if i == 4 { 1 } else { i64::from(i) + 1 }),
            Value::Text(["ODT", "CLN"][usize::from(i) % 2]),
            Value::Text("nguyễn văn an"),
            Value::Real(400.0),
        ]);
    }
    table
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
        scenarios: Vec::new(),
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
        beside: false,
    }
}

/// Waits for the session's jobs, at most two minutes.
pub fn finish_jobs(session: &mut Session) -> Effects {
    let (start, mut effects) = (Instant::now(), Effects::default());
    while !session.jobs().is_empty() {
        assert!(start.elapsed() < Duration::from_secs(120), "a job does not end");
        effects.merge(session.poll_jobs());
        std::thread::sleep(Duration::from_millis(1));
    }
    effects
}

/// Stations around the fixture's site: two for air, one in the sea, noise, a street light, a camera, a meter.
pub const SENSORS: &str = r#"(version: 1, stations: [
    (id: "KK-01", title: (vi: "Trạm không khí chợ", en: "Air station market"), kind: Air, at: (103.9667, 10.2167)),
    (id: "ON-01", title: (vi: "Trạm ồn cảng", en: "Noise station port"), kind: Noise, at: (103.9640, 10.2190)),
    (id: "ON-02", title: (vi: "Trạm ồn cầu", en: "Noise station bridge"), kind: Noise, at: (103.9690, 10.2150)),
    (id: "ON-03", title: (vi: "Trạm ồn trường", en: "Noise station school"), kind: Noise, at: (103.9650, 10.2140)),
    (id: "NB-01", title: (vi: "Trạm nước biển", en: "Sea station"), kind: SeaWater, at: (103.9560, 10.2180)),
    (id: "DEN-1", title: (vi: "Đèn 1", en: "Light 1"), kind: StreetLight, at: (103.9668, 10.2160)),
    (id: "CAM-1", title: (vi: "Camera 1", en: "Camera 1"), kind: Camera, at: (103.9660, 10.2170),
     cone: Some((bearing_deg: 90.0, opening_deg: 60.0, range_m: 800.0))),
], sources: [SOURCES])"#;

/// The same project beside a file of sensors, with readings of the last three days and one alarm that has been open for
/// an hour. `sources` in RON.
pub fn live_session(folder: &Path, sources: &str) -> Session {
    use island_twin::live::history::contract::{History, LogLine};
    use island_twin::live::history::sqlite::SqliteHistory;
    use island_twin::session::live::LiveMode;
    std::fs::write(folder.join("x.sensors.ron"), SENSORS.replace("SOURCES", sources)).unwrap();
    let place = folder.join("history.db");
    let (mut history, _) = SqliteHistory::open(&place).unwrap();
    let raised = LogLine {
        time_ms: island_now_ms() - 3_600_000,
        stream: "NB-01/ph".into(),
        rule: "QCVN 10:2023/BTNMT".into(),
        event: "raised".into(),
        value: 9.1,
        who: String::new(),
        note: String::new(),
    };
    history.log(&[raised]).unwrap();
    drop(history);
    let mut session = empty_session();
    session.enable_live(LiveMode::At(place.to_string_lossy().into_owned()));
    session.install(project(), Some(folder.join("x.scene.ron")));
    session.wait_for_live(Duration::from_secs(60));
    session
}

pub fn island_now_ms() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64
}

/// The files that the manifest of a folder of results names, each of them there.
pub fn listed(folder: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    let files = manifest["files"].as_array().unwrap().iter().map(|f| f.as_str().unwrap().to_owned());
    let files: Vec<String> = files.collect();
    assert!(files.iter().all(|f| folder.join(f).is_file()), "{files:?}");
    files
}
