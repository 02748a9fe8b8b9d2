//! The sea against exact answers, and `simulate transport` and `simulate water` as a user runs them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use island_twin::base::cancel::CancelToken;
use island_twin::base::progress::Progress;
use island_twin::geo::crs::Crs;
use island_twin::geo::frame::SiteFrame;
use island_twin::geo::grid::{Grid, GridSpec};
use island_twin::io::export::{RasterOptions, write_raster};
use island_twin::io::import::{SourceSpec, import};
use island_twin::model::layer::LayerContent;
use island_twin::sim::fields::Snapshot;
use island_twin::sim::run::{Simulation, StepContext};
use island_twin::sim::water::error::WaterError;
use island_twin::sim::water::outfall::Outfall;
use island_twin::sim::water::sea::{
    CONCENTRATION, IN_SEA, LET_IN, LEVEL, OIL_AFLOAT, OIL_EVAPORATED, OIL_LEFT_MAP, OIL_STRANDED,
};
use island_twin::sim::water::sea::{Floating, Spill, WaterSetup, WaterSimulation};
use island_twin::sim::water::shallow::{Sea, SeaSetup, Wind};
use island_twin::sim::water::tide::{Constituent, Name};

const SITE: Crs = Crs::VN2000_TM3_104_30;

fn basin(cols: usize, rows: usize, depth: impl Fn(usize, usize) -> f32, wind: Wind, tide: f64) -> SeaSetup {
    SeaSetup {
        cols,
        rows,
        cell_m: 100.0,
        depth_m: (0..cols * rows).map(|i| depth(i % cols, i / cols)).collect(),
        latitude_rad: 0.0,
        tide: vec![Constituent { name: Name::M2, amplitude_m: tide, phase_deg: 0.0 }],
        tide_from_rad: 0.0,
        start_unix_s: 1.7e9,
        wind,
    }
}

fn water(sea: SeaSetup, outfalls: Vec<Outfall>, t90_s: Option<f64>, hours: f64) -> WaterSetup {
    WaterSetup {
        spec: GridSpec::north_up(SITE, 440_000.0, 1_130_000.0, 100.0, sea.cols, sea.rows),
        sea,
        given: None,
        outfalls,
        spill: None,
        t90_s,
        diffusivity_m2ps: 2.0,
        span_s: hours * 3600.0,
        spin_up_s: 1800.0,
        step_s: 120.0,
        seed: 1,
    }
}

fn run(setup: WaterSetup, threads: usize) -> Snapshot {
    let mut sim = WaterSimulation::new(setup).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| (0..sim.step_count()).for_each(|_| sim.step(&StepContext::default()).unwrap()));
    sim.snapshot()
}

fn inner(n: usize) -> impl Fn(usize, usize) -> bool {
    move |c, r| c > 0 && r > 0 && c + 1 < n && r + 1 < n
}

/// In a closed basin a steady wind holds the surface at the slope τ / g ρ H.
#[test]
fn wind_raises_the_lee_of_a_closed_basin() {
    let inside = inner(30);
    let wind = Wind::from(10.0, 270.0_f64.to_radians());
    let setup = basin(30, 30, |c, r| if inside(c, r) { 8.0 } else { 0.0 }, wind, 0.0);
    let mut sea = Sea::new(&setup).unwrap();
    // The wind rises over twelve hours: a sudden one would leave the basin swinging for days.
    for minute in 0..15 * 60 {
        let strength = (f64::from(minute) / 720.0).min(1.0);
        sea.advance(f64::from(minute) * 60.0, f64::from(minute + 1) * 60.0, strength, &CancelToken::new()).unwrap();
    }
    let slope = (sea.level_m[15 * 30 + 24] - sea.level_m[15 * 30 + 5]) / 1900.0;
    let want = wind.stress()[0] / (9.81 * 8.0);
    println!("wind set-up: {slope:.3e}, exact {want:.3e}");
    assert!((slope / want - 1.0).abs() < 0.02, "{slope} {want}");
    assert!(sea.level_m.iter().sum::<f32>().abs() < 1e-2);
}

/// Nothing leaves a closed basin: what is let in is there; with decay, what the exact balance leaves.
#[test]
fn what_is_let_in_is_in_the_sea() {
    let inside = inner(40);
    let sea = || basin(40, 40, |c, r| if inside(c, r) { 5.0 + r as f32 / 8.0 } else { 0.0 }, Wind::from(6.0, 0.4), 0.0);
    let outfall = Outfall { at: [442_050.0, 1_128_050.0], flow_m3ps: 0.2, concentration: 1e4 };
    let kept = run(water(sea(), vec![outfall], None, 3.0), 1).scalars;
    println!("closed basin: in the sea over let in {}", kept[IN_SEA] / kept[LET_IN]);
    assert!((kept[IN_SEA] / kept[LET_IN] - 1.0).abs() < 1e-5);
    assert!((kept[LET_IN] - 0.2 * 1e4 * 3.0 * 3600.0).abs() < 1.0);
    let t90 = 2.0 * 3600.0;
    let dying = run(water(sea(), vec![outfall], Some(t90), 3.0), 2).scalars;
    let k = std::f64::consts::LN_10 / t90;
    let want = 0.2 * 1e4 / k * (1.0 - (-k * 3.0 * 3600.0).exp());
    assert!((dying[IN_SEA] / want - 1.0).abs() < 0.03, "{} {want}", dying[IN_SEA]);
}

#[test]
fn a_tide_comes_over_the_edge_and_threads_do_not_change_a_bit() {
    // A coast in the north, the sea open elsewhere.
    let depth = |_: usize, r: usize| if r < 4 { 0.0 } else { 4.0 + r as f32 / 4.0 };
    let outfall = Outfall { at: [442_050.0, 1_128_850.0], flow_m3ps: 0.5, concentration: 100.0 };
    let setup = || water(basin(40, 40, depth, Wind::from(5.0, 1.0), 0.5), vec![outfall], None, 4.0);
    let one = run(setup(), 1);
    let (level, concentration) = (one.field(LEVEL).unwrap(), one.field(CONCENTRATION).unwrap());
    let at = one.time_s;
    let want = 0.5 * (Name::M2.argument_deg(1.7e9 + at)).to_radians().cos();
    assert!((f64::from(level.get(20, 20)) - want).abs() < 0.1, "{} {want}", level.get(20, 20));
    assert!(level.get(3, 2).is_nan() && concentration.get(3, 2).is_nan());
    assert!(concentration.cells.iter().all(|c| c.is_nan() || *c >= 0.0));
    assert!(one.scalars[IN_SEA] > 0.0 && one.scalars[IN_SEA] <= one.scalars[LET_IN] * 1.000_01);
    let two = run(setup(), 3);
    let bits = |s: &Snapshot| s.field(CONCENTRATION).unwrap().cells.iter().map(|c| c.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&one), bits(&two));
}

/// A current from a file carries as it says, keeps depths and mass, and what is not a current is refused.
#[test]
fn a_given_current_carries_what_is_let_in() {
    let outfall = Outfall { at: [440_450.0, 1_127_950.0], flow_m3ps: 0.5, concentration: 100.0 };
    let mut setup = water(basin(40, 40, |_, _| 8.0, Wind::default(), 0.5), vec![outfall], None, 1.0);
    let steady = |east: f32| Some(Arc::new([vec![east; 1600], vec![0.0; 1600]]));
    setup.given = steady(0.2);
    let done = run(setup.clone(), 2);
    let (here, level) = (done.field(CONCENTRATION).unwrap(), done.field(LEVEL).unwrap());
    assert!(level.cells.iter().all(|l| *l == 0.0), "no tide where the current is given");
    // 720 m in an hour: cells of 100 m, from column 4 on.
    let [behind, on_the_way, beyond] = [2, 8, 20].map(|col| here.get(col, 20));
    assert!(on_the_way > 0.1, "{on_the_way}");
    // What gets against the current or before it is the scheme's own spreading.
    assert!(behind < 1e-2 * on_the_way && beyond < 1e-3 * on_the_way, "{behind} {on_the_way} {beyond}");
    assert!((done.scalars[IN_SEA] / done.scalars[LET_IN] - 1.0).abs() < 1e-5, "{:?}", done.scalars);
    setup.given = steady(f32::NAN);
    assert!(matches!(WaterSimulation::new(setup), Err(WaterError::OutOfRange { what: "current", .. })));
}

#[test]
fn oil_is_blown_ashore_and_bad_places_are_named() {
    let depth = |c: usize, _: usize| if c > 30 { 0.0 } else { 6.0 };
    let mut setup = water(basin(40, 40, depth, Wind::from(10.0, 270.0_f64.to_radians()), 0.0), Vec::new(), None, 2.0);
    let spill = |x: f64| Spill {
        what: Floating::Oil,
        at: [x, 1_128_000.0],
        particles: 500,
        light_share: 0.3,
        water_celsius: 29.0,
        amount: None,
    };
    setup.spill = Some(spill(442_500.0));
    let told = run(setup.clone(), 2).scalars;
    assert!(told[OIL_STRANDED] > 0.5, "{told:?}");
    let all = told[OIL_STRANDED] + told[OIL_AFLOAT] + told[OIL_EVAPORATED] + told[OIL_LEFT_MAP];
    assert!((all - 1.0).abs() < 1e-9 && told[OIL_EVAPORATED] > 0.1, "{told:?}");
    setup.spill = Some(spill(443_750.0));
    assert!(matches!(WaterSimulation::new(setup.clone()), Err(WaterError::OnLand { number: 1, .. })));
    setup.spill = Some(spill(500_000.0));
    assert_eq!(WaterSimulation::new(setup.clone()).err(), Some(WaterError::OutsideMap { number: 1 }));
    setup.spill = None;
    setup.outfalls = vec![Outfall { at: [441_000.0, 1_128_000.0], flow_m3ps: -1.0, concentration: 1.0 }];
    assert!(matches!(WaterSimulation::new(setup.clone()), Err(WaterError::OutOfRange { what: "flow", .. })));
    setup.sea.depth_m.fill(0.0);
    assert_eq!(WaterSimulation::new(setup).err(), Some(WaterError::NoSea));
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn raster(&self, name: &str, cols: usize, rows: usize, value: impl Fn(usize, usize) -> f32) -> PathBuf {
        let spec = GridSpec::north_up(SITE, 440_000.0, 1_130_000.0, 10.0, cols, rows);
        let cells = (0..cols * rows).map(|i| value(i % cols, i / cols)).collect();
        let path = self.path(name);
        write_raster(&Grid { spec, cells }, &path, RasterOptions::default()).unwrap();
        path
    }

    fn carry(&self, more: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_island-twin"));
        command.args(["simulate", "transport", "--lang", "en", "--velocity"]).arg(self.path("u.tif"));
        command.arg(self.path("v.tif")).arg("--initial").arg(self.path("c0.tif")).arg("--out").arg(self.path("c.tif"));
        command.args(more).output().unwrap()
    }
}

fn read(path: &Path) -> Grid<f32> {
    let frame = SiteFrame { crs: SITE, origin: [0.0; 2] };
    let read = import(&SourceSpec::new(path), &frame, &Progress::new(), &CancelToken::new()).unwrap();
    match read.content {
        LayerContent::Raster(grid) => Grid::clone(&grid),
        other => panic!("{} is {other:?}", path.display()),
    }
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

#[test]
fn rasters_are_carried_eastward_and_northward() {
    let folder = Folder::new();
    folder.raster("u.tif", 60, 50, |_, _| 1.0);
    folder.raster("v.tif", 60, 50, |_, _| 0.5);
    let hill = |c: f64, r: f64| (-((c - 15.0).powi(2) + (r - 35.0).powi(2)) / 18.0).exp() as f32;
    folder.raster("c0.tif", 60, 50, |c, r| hill(c as f64, r as f64));
    for more in [&["--precision", "f32"][..], &["--precision", "f64", "--boundary", "open"][..]] {
        let mut args = vec!["--diffusivity", "0", "--dt", "5", "--steps", "40"];
        args.extend(more);
        let done = folder.carry(&args);
        assert!(done.status.success(), "{}", words(&done));
        let end = read(&folder.path("c.tif"));
        // 200 m eastward and 100 m northward: 20 columns, and 10 rows up.
        let off = (0..3000).map(|i| (end.cells[i] - hill((i % 60) as f64 - 20.0, (i / 60) as f64 + 10.0)).abs());
        let off = off.fold(0.0_f32, f32::max);
        // The limiter flattens the top of so narrow a hill; its middle comes where it should.
        assert!(off < 0.2, "{off}");
        let [mut mass, mut col, mut row] = [0.0; 3];
        for (i, c) in end.cells.iter().map(|c| f64::from(*c)).enumerate() {
            (mass, col, row) = (mass + c, col + c * (i % 60) as f64, row + c * (i / 60) as f64);
        }
        assert!((col / mass - 35.0).abs() < 0.1 && (row / mass - 25.0).abs() < 0.1, "{} {}", col / mass, row / mass);
        let sum = |g: &Grid<f32>| g.cells.iter().map(|c| f64::from(*c)).sum::<f64>();
        assert!((sum(&end) / sum(&read(&folder.path("c0.tif"))) - 1.0).abs() < 1e-6);
        assert!(end.cells.iter().all(|c| *c >= 0.0));
    }
}

#[test]
fn what_cannot_be_carried_is_told() {
    let folder = Folder::new();
    folder.raster("u.tif", 20, 20, |_, _| 3.0);
    folder.raster("v.tif", 20, 20, |_, _| 0.0);
    folder.raster("c0.tif", 20, 20, |c, r| if c == 5 && r == 5 { 1.0 } else { 0.0 });
    let fails = |args: &[&str], word: &str| {
        let done = folder.carry(args);
        assert!(!done.status.success() && words(&done).contains(word), "{args:?}: {}", words(&done));
        assert!(!folder.path("c.tif").exists());
    };
    fails(&["--dt", "1e6", "--steps", "2"], "Courant");
    fails(&["--dt", "-1", "--steps", "2"], "Time step");
    fails(&["--dt", "1", "--steps", "2", "--diffusivity", "-1"], "Diffusivity");
    folder.raster("v.tif", 20, 20, |c, _| if c == 3 { f32::NAN } else { 0.0 });
    fails(&["--dt", "1", "--steps", "2"], "Velocity");
    folder.raster("v.tif", 20, 19, |_, _| 0.0);
    fails(&["--dt", "1", "--steps", "2"], "same cells");
    folder.raster("v.tif", 20, 20, |_, _| 0.0);
    folder.raster("c0.tif", 20, 20, |c, _| if c == 5 { -1.0 } else { 0.0 });
    fails(&["--dt", "1", "--steps", "2"], "below zero");
    // A wall without a value: nothing passes it, and it stays without one.
    folder.raster("c0.tif", 20, 20, |c, _| if c == 10 { f32::NAN } else { f32::from(u8::from(c < 5)) });
    let done = folder.carry(&["--dt", "20", "--steps", "20", "--json"]);
    assert!(done.status.success(), "{}", words(&done));
    assert!(words(&done).contains("closed") && words(&done).contains("cut into"), "{}", words(&done));
    let end = read(&folder.path("c.tif"));
    assert!(end.get(10, 3).is_nan() && end.get(11, 3) == 0.0 && end.get(9, 3) > 1.0);
    assert!((end.cells.iter().filter(|c| !c.is_nan()).sum::<f32>() - 100.0).abs() < 1e-3);
}

/// Two hours on the demonstration island: every file is there, and what is wrong with places and units is told.
#[test]
fn a_sea_on_the_island_is_written_whole() {
    let folder = Folder::new();
    let scene = concat!(env!("CARGO_MANIFEST_DIR"), "/scenes/phu-quoc.scene.ron");
    let sea = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_island-twin"));
        command.args(["simulate", "water", "--lang", "en", "--scene", scene, "--out"]).arg(folder.path("sea"));
        command.args(args).output().unwrap()
    };
    let fails = |args: &[&str], word: &str| {
        let done = sea(args);
        assert!(!done.status.success() && words(&done).contains(word), "{args:?}: {}", words(&done));
        assert!(!folder.path("sea").exists());
    };
    fails(&["--outfall", "103.95,10.21@0.2@1e6CFU/100mL"], "unit");
    fails(&["--outfall", "104.0,10.3@0.2m3/s@1e6CFU/100mL"], "on land");
    fails(&["--amount", "20t"], "--oil");
    fails(&["--oil", "103.94,10.2", "--amount", "20"], "unit");
    let tide = folder.path("tide.csv");
    let tide = tide.to_str().unwrap();
    std::fs::write(tide, "constituent,amplitude_m,phase_deg\nK1,30,52\n").unwrap();
    fails(&["--tide", tide], "half the height");
    std::fs::write(tide, "constituent,amplitude_m,phase_deg\nK1,0.3,52\nO1,0.2,20\n").unwrap();
    let done = sea(&[
        "--outfall",
        "103.945,10.215@0.2m3/s@1e6CFU/100mL",
        "--t90",
        "6h",
        "--wind",
        "5@60",
        "--hours",
        "2",
        "--cell",
        "400",
        "--oil",
        "103.94,10.2",
        "--particles",
        "200",
        "--amount",
        "20t",
        "--tide",
        tide,
        "--limit",
        "1",
    ]);
    assert!(done.status.success(), "{}", words(&done));
    for name in [
        "concentration_02h00.tif",
        "current_east_01h00.tif",
        "concentration_max.tif",
        "particles.csv",
        "spill.csv",
        "tracks.gpkg",
        "sea.nc",
    ] {
        assert!(folder.path("sea").join(name).exists(), "{name}");
    }
    let beaches = std::fs::read_to_string(folder.path("sea/beaches.csv")).unwrap();
    assert!(beaches.contains("Bãi Trường") && beaches.starts_with("beach,x_m,y_m,unit"), "{beaches}");
    let manifest = std::fs::read_to_string(folder.path("sea/manifest.json")).unwrap();
    assert!(!manifest.contains("water-assumes-tide") && manifest.contains("tide from tide.csv"), "{manifest}");
    assert!(words(&done).contains("K1, O1 from tide.csv"), "{}", words(&done));
    // All 20 t are somewhere.
    let spill = std::fs::read_to_string(folder.path("sea/spill.csv")).unwrap();
    let of = |line: &str, n: usize| line.split(',').nth(n).and_then(|v| v.parse::<f64>().ok()).unwrap_or(0.0);
    let [shares, amounts] = [3, 5].map(|n| spill.lines().skip(1).map(|l| of(l, n)).sum::<f64>());
    assert!((shares - 1.0).abs() < 1e-5 && (amounts - 20_000.0).abs() < 0.1, "{spill}");
    assert!(beaches.lines().next().unwrap().ends_with("stranded_amount,amount_unit,first_stranded_at_s"), "{beaches}");
    let end = read(&folder.path("sea/concentration_02h00.tif"));
    assert!(end.range().is_some_and(|(least, most)| least >= 0.0 && most > 0.0));
}
