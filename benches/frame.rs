//! CPU time of a frame (everything before the GPU: ECS, culling, panels, encoding), of the demo scene and of a
//! million blocks. `cargo bench --bench frame`
//!
//! Each frame the camera moves a little, so that nothing is cached. Between frames the driver finishes its work, and
//! that is not counted. A software driver draws on the same cores while the frame still runs, so its threads' time on a
//! processor is counted apart: `ours` is what all other threads of the process spent on one frame together, an upper
//! bound of the frame's length with a graphics card; `driver` is what the software driver spent. `main` is the part up to
//! where the render world takes over (ECS, culling, panels), `render` the rest; in the window the two run side by side.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use island_twin::base::cancel::CancelToken;
use island_twin::base::progress::Progress;
use island_twin::cli::files::Files;
use island_twin::desktop::off_screen::OffScreen;
use island_twin::geo::grid::Grid;
use island_twin::model::layer::{Layer, LayerContent, LayerId, LayerRole, Provenance};
use island_twin::model::project::Project;
use island_twin::model::style::{ColorRule, Metres, Rgba, Style, Symbol, Text2};
use island_twin::model::table::{FeatureTable, FieldKind, Value};
use island_twin::session::Session;
use island_twin::session::command::Command;
use island_twin::session::io::SessionIo;
use island_twin::session::settings::SettingsStore;
use island_twin::session::view_state::{CameraPose, CameraRequest};

const FRAMES: usize = 40;
const BLOCKS: usize = 1_000_000;

fn main() {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|a| a == "--test") {
        return;
    }
    let scene = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenes/phu-quoc.scene.ron");
    let (project, _) = files().load(&scene, &Progress::new(), &CancelToken::new()).expect("the demo scene opens");
    println!(
        "{:28} {:>9} {:>9} {:>9} {:>9} {:>9} {:>7} {:>9}",
        "scene", "ours", "ours p95", "main", "render", "driver", "meshes", "peak RSS"
    );
    for bookmark in project.bookmarks.iter().take(3) {
        measure(&format!("demo, {}", bookmark.id), &project, &bookmark.id);
    }
    let crowded = with_many_blocks(project);
    for bookmark in crowded.bookmarks.iter().take(2) {
        measure(&format!("{BLOCKS} blocks, {}", bookmark.id), &crowded, &bookmark.id);
    }
}

fn files() -> Files {
    Files::with_worker(Path::new(env!("CARGO_BIN_EXE_island-twin")))
}

fn measure(name: &str, project: &Project, bookmark: &str) {
    let mut session = Session::new(Arc::new(files()), SettingsStore::in_memory());
    session.install(project.clone(), None);
    session.perform(Command::GoToBookmark { id: bookmark.to_owned() });
    let Ok(mut stage) = OffScreen::new(session, [320, 180], true) else {
        println!("{name}: no graphics driver here");
        return;
    };
    stage.settle(Instant::now() + Duration::from_mins(10)).expect("the scene settles");
    for _ in 0..10 {
        stage.update();
    }
    let meshes = stage.meshes_in_sight();
    let (mut main, mut render, mut ours, mut driver) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for frame in 0..FRAMES {
        let CameraPose { eye, look } = stage.session().view.camera;
        let swing = if frame % 2 == 0 { 0.5 } else { -0.5 };
        let pose = CameraPose { eye: [eye[0] + swing, eye[1], eye[2]], look };
        stage.push(Command::MoveCamera(CameraRequest::Pose(pose)));
        stage.wait_for_gpu();
        let before = processor_time();
        let [first, second] = stage.update_timed();
        main.push(first);
        render.push(second);
        let after_frame = processor_time();
        stage.wait_for_gpu();
        ours.push(after_frame.ours.saturating_sub(before.ours));
        driver.push(processor_time().driver.saturating_sub(before.driver));
    }
    let ms = |times: &mut Vec<Duration>, share: usize| {
        times.sort_unstable();
        format!("{:.2} ms", times[(FRAMES * share / 100).min(FRAMES - 1)].as_secs_f64() * 1e3)
    };
    println!(
        "{name:28} {:>9} {:>9} {:>9} {:>9} {:>9} {meshes:>7} {:>6} MB",
        ms(&mut ours, 50),
        ms(&mut ours, 95),
        ms(&mut main, 50),
        ms(&mut render, 50),
        ms(&mut driver, 50),
        peak_memory_mb()
    );
}

/// Time on a processor since their start, of the software driver's threads and of all others of this process.
#[derive(Clone, Copy, Default)]
struct ProcessorTime {
    ours: Duration,
    driver: Duration,
}

/// Mesa's rasterisers are called llvmpipe-0 and so on; its queue has no name of its own and so bears the process's.
fn processor_time() -> ProcessorTime {
    let mut time = ProcessorTime::default();
    let main = std::process::id().to_string();
    let name_of = |task: &Path| std::fs::read_to_string(task.join("comm")).unwrap_or_default();
    let main_name = name_of(&Path::new("/proc/self/task").join(&main));
    for task in std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        let spent = std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        let spent = spent.split(' ').next().and_then(|t| t.parse().ok()).unwrap_or(0);
        let name = name_of(&task.path());
        let is_queue = name == main_name && task.file_name() != main.as_str();
        let is_driver = name.starts_with("llvmpipe") || is_queue;
        *(if is_driver { &mut time.driver } else { &mut time.ours }) += Duration::from_nanos(spent);
    }
    time
}

/// High-water mark of this process's memory; it never falls, so the crowded scene comes last.
fn peak_memory_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// The demo scene with a million square blocks instead of its buildings, on land below 60 m.
fn with_many_blocks(mut project: Project) -> Project {
    const SIDE_M: f64 = 8.0;
    let terrain = project.terrain().expect("the demo scene has a terrain").clone();
    let spacing = spacing_for(&terrain, BLOCKS);
    let mut table = FeatureTable::with_fields(&[("H", FieldKind::Real)]);
    let [west, south, east, north] = terrain.spec.bounds();
    let (columns, rows) = (((east - west) / spacing) as usize, ((north - south) / spacing) as usize);
    for i in 0..columns * rows {
        let x = ((i % columns) as f64).mul_add(spacing, west);
        let y = ((i / columns) as f64).mul_add(spacing, south);
        if table.len() < BLOCKS && is_lowland(terrain.bilinear([x, y])) {
            let (x1, y1) = (x + SIDE_M, y + SIDE_M);
            table.geometry.push_polygon(&[&[[x, y], [x1, y], [x1, y1], [x, y1], [x, y]]]);
            table.push_row(&[Value::Real(4.0 + (x + y) % 17.0)]);
        }
    }
    println!("made {} blocks, {spacing:.1} m apart", table.len());
    project.layers.retain(|l| l.role != LayerRole::Buildings);
    project.layers.push(Arc::new(Layer {
        id: LayerId::new("blocks"),
        title: Text2::same("blocks"),
        group: Text2::same("bench"),
        source: Provenance::default(),
        content: LayerContent::Features(Arc::new(table)),
        style: Style::new(Symbol::Extrude {
            color: ColorRule::Single(Rgba::opaque(230, 200, 170)),
            height: Metres::Field { field: "H".into(), factor: 1.0, fallback: 5.0 },
        }),
        visible: true,
        role: LayerRole::Buildings,
    }));
    project
}

fn is_lowland(z: f32) -> bool {
    (1.0..60.0).contains(&z)
}

fn spacing_for(terrain: &Grid<f32>, wanted: usize) -> f64 {
    let cells = terrain.cells.iter().filter(|z| is_lowland(**z)).count();
    let area = cells as f64 * terrain.spec.cell_width() * terrain.spec.cell_height();
    (area / wanted as f64).sqrt() * 0.99
}
