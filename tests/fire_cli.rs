//! `island-twin simulate fire` on bare rasters, as a user runs it: what it writes, and what it says of bad input.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use island_twin::base::cancel::CancelToken;
use island_twin::base::progress::Progress;
use island_twin::geo::crs::Crs;
use island_twin::geo::frame::SiteFrame;
use island_twin::geo::grid::{Grid, GridSpec};
use island_twin::geo::measure::ring_area;
use island_twin::io::export::{RasterOptions, write_classes, write_raster};
use island_twin::io::import::{SourceSpec, import};
use island_twin::model::layer::LayerContent;

const N: usize = 121;
const SITE: Crs = Crs::VN2000_TM3_104_30;
/// The middle of the map, in its own system.
const MIDDLE: &str = "441815,1131815";
const WEATHER: [&str; 4] = ["--wind", "5@270", "--moisture", "1h=6,10h=7,100h=8,herb=60,woody=90"];

fn spec(cell: f64, n: usize) -> GridSpec {
    GridSpec::north_up(SITE, 440_000.0, 1_130_000.0 + cell * n as f64, cell, n, n)
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn fuel(&self, change: impl Fn(usize, usize) -> u16) -> PathBuf {
        let mut grid = Grid::filled(spec(30.0, N), 104);
        for i in 0..N * N {
            grid.cells[i] = change(i % N, i / N);
        }
        let path = self.path("fuel.tif");
        write_classes(&grid, &path).unwrap();
        path
    }

    fn run(&self, fuel: &Path, more: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_island-twin"));
        command.args(["simulate", "fire", "--lang", "en", "--fuel"]).arg(fuel).arg("--out").arg(self.path("out"));
        command.args(more).output().unwrap()
    }

    fn read(&self, name: &str) -> Grid<f32> {
        let source = SourceSpec::new(self.path("out").join(name));
        let frame = SiteFrame { crs: SITE, origin: [0.0; 2] };
        let read = import(&source, &frame, &Progress::new(), &CancelToken::new()).unwrap();
        match read.content {
            LayerContent::Raster(grid) => Grid::clone(&grid),
            other => panic!("{name} is {other:?}"),
        }
    }

    fn wrote_nothing(&self) -> bool {
        !self.path("out").exists()
    }
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

/// Uniform grass on flat ground: the head's and the back's times are those of `fire point`.
#[test]
fn a_uniform_fire_runs_at_its_rate_and_every_file_is_there() {
    let folder = Folder::new();
    let fuel = folder.fuel(|_, _| 104);
    let mut args = vec!["--xy", "--ignite", MIDDLE, "--hours", "1"];
    args.extend(WEATHER);
    let done = folder.run(&fuel, &args);
    assert!(done.status.success(), "{}", words(&done));
    assert!(words(&done).contains("taken as flat"), "{}", words(&done));
    for name in ["arrival_time.tif", "fire_type.tif", "fireline_intensity.tif", "perimeters.gpkg", "manifest.json"] {
        assert!(folder.path("out").join(name).exists(), "{name}");
    }
    let (arrival, rate) = (folder.read("arrival_time.tif"), folder.read("rate_of_spread.tif"));
    assert_eq!(arrival.spec, spec(30.0, N));
    let (col, row) = arrival.spec.cell_at([441_815.0, 1_131_815.0]).unwrap();
    assert_eq!(arrival.get(col, row), 0.0);
    // Straight downwind, to the east: at the head's rate.
    let head = f64::from(rate.get(col + 20, row));
    let there = 600.0 / head;
    assert!((f64::from(arrival.get(col + 20, row)) / there - 1.0).abs() < 1e-3, "{there}");
    assert!(arrival.get(col + 20, row) < arrival.get(col, row + 20) || arrival.get(col, row + 20).is_nan());
    assert!(arrival.cells.iter().all(|t| t.is_nan() || *t <= 3600.0));
    let flame = folder.read("flame_length.tif");
    assert_eq!(flame.get(0, 0).to_bits() >> 22, f32::NAN.to_bits() >> 22);
    assert!(flame.get(col + 20, row) > 0.5);
    let manifest = std::fs::read_to_string(folder.path("out/manifest.json")).unwrap();
    assert!(manifest.contains("fnv1a64:") && manifest.contains("fuel.tif"), "{manifest}");

    let source = SourceSpec::new(folder.path("out/perimeters.gpkg"));
    let frame = SiteFrame { crs: SITE, origin: [0.0; 2] };
    let read = import(&source, &frame, &Progress::new(), &CancelToken::new()).unwrap();
    let table = read.content.features().unwrap().clone();
    assert_eq!(table.len(), 1);
    assert_eq!(table.value(0, "time_s").as_f64(), Some(3600.0));
    let burnt = arrival.cells.iter().filter(|t| !t.is_nan()).count() as f64 * 900.0;
    let outline: f64 = table.geometry.get(0).rings().map(|r| ring_area(r.points())).sum();
    assert!((outline / burnt - 1.0).abs() < 0.05, "{outline} {burnt}");
}

#[test]
fn longitude_and_latitude_mean_the_same_place_and_threads_do_not_matter() {
    let folder = Folder::new();
    let fuel = folder.fuel(|col, _| if col % 7 == 0 { 122 } else { 104 });
    let mut args = vec!["--hours", "2", "--ignite", "103.970688,10.234304@30min", "--threads", "1"];
    args.extend(WEATHER);
    assert!(folder.run(&fuel, &args).status.success());
    let one = folder.read("arrival_time.tif");
    // From the place to the nearest cell's centre it takes a moment.
    assert!(one.range().is_some_and(|r| (1800.0..1900.0).contains(&r.0)), "{:?}", one.range());
    args[5] = "2";
    assert!(folder.run(&fuel, &args).status.success());
    let two = folder.read("arrival_time.tif");
    let bits = |g: &Grid<f32>| g.cells.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&one), bits(&two));
}

/// Elevation on another grid: resampled and told; in degrees as well.
#[test]
fn rasters_that_do_not_line_up_are_resampled_with_a_notice() {
    let folder = Folder::new();
    let fuel = folder.fuel(|_, _| 104);
    let plane = |spec: &GridSpec, rise: f64| -> Grid<f32> {
        let height = |i: usize| (spec.centre(i % spec.cols, i / spec.cols)[0] * rise) as f32;
        Grid { cells: (0..spec.len()).map(height).collect(), spec: spec.clone() }
    };
    let dem = folder.path("dem.tif");
    let coarse = GridSpec::north_up(SITE, 439_900.0, 1_134_000.0, 90.0, 50, 50);
    write_raster(&plane(&coarse, 0.3), &dem, RasterOptions::default()).unwrap();
    let mut args = vec!["--xy", "--ignite", MIDDLE, "--hours", "1", "--dem", dem.to_str().unwrap()];
    args.extend(["--wind", "0@0", "--moisture", WEATHER[3]]);
    let done = folder.run(&fuel, &args);
    assert!(done.status.success() && words(&done).contains("resampled"), "{}", words(&done));
    let arrival = folder.read("arrival_time.tif");
    // Upslope, to the east, it is faster.
    assert!(arrival.get(70, 60) < arrival.get(50, 60) || arrival.get(50, 60).is_nan());

    let degrees = GridSpec::north_up(Crs::WGS84, 103.9, 10.3, 0.001, 150, 150);
    write_raster(&plane(&degrees, 30_000.0), &dem, RasterOptions::default()).unwrap();
    let done = folder.run(&fuel, &args);
    assert!(done.status.success() && words(&done).contains("resampled"), "{}", words(&done));

    let elsewhere = GridSpec::north_up(SITE, 540_000.0, 1_134_000.0, 90.0, 50, 50);
    write_raster(&plane(&elsewhere, 0.0), &dem, RasterOptions::default()).unwrap();
    let done = folder.run(&fuel, &args);
    assert!(!done.status.success() && words(&done).contains("does not cover"), "{}", words(&done));
}

/// A fuel raster in degrees is brought to metres.
#[test]
fn a_fuel_raster_in_degrees_is_brought_to_utm() {
    let folder = Folder::new();
    let path = folder.path("degrees.tif");
    let spec = GridSpec::north_up(Crs::WGS84, 103.95, 10.25, 0.0003, 120, 120);
    write_raster(&Grid::filled(spec, 104.0), &path, RasterOptions::default()).unwrap();
    let mut args = vec!["--ignite", "103.968,10.232", "--hours", "1"];
    args.extend(WEATHER);
    let done = folder.run(&path, &args);
    assert!(done.status.success() && words(&done).contains("EPSG:32648"), "{}", words(&done));
    assert!(folder.path("out/arrival_time.tif").exists());
}

#[test]
fn bad_input_is_named_and_nothing_is_written() {
    let folder = Folder::new();
    let fuel = folder.fuel(|_, row| if row < 20 { 98 } else { 104 });
    let try_ = |more: &[&str], expected: &str| {
        let done = folder.run(&fuel, more);
        assert!(!done.status.success(), "{more:?}: {}", words(&done));
        assert!(words(&done).contains(expected), "{more:?}: {}", words(&done));
        assert!(folder.wrote_nothing(), "{more:?}");
    };
    let moist = ["--moisture", WEATHER[3]];
    let at = ["--xy", "--ignite", MIDDLE];
    try_(&[&at[..], &["--wind", "NaN@0"], &moist].concat(), "NaN@0");
    try_(&[&at[..], &["--wind", "-3@0"], &moist].concat(), "not possible");
    try_(&[&at[..], &["--wind", "5@0", "--moisture", "1h=3"]].concat(), "1h=3,10h=4");
    try_(&[&at[..], &["--wind", "5@0"]].concat(), "no weather");
    try_(&[&at[..], &moist].concat(), "no weather");
    try_(&[&at[..], &WEATHER, &["--hours", "0"]].concat(), "not possible");
    // Water in the north, and outside the map.
    try_(&[&["--xy", "--ignite", "441815,1133500"][..], &WEATHER].concat(), "Nothing can burn");
    try_(&[&["--xy", "--ignite", "400000,1133500"][..], &WEATHER].concat(), "Nothing can burn");
    try_(&[&["--ignite", "441815,1131815"][..], &WEATHER].concat(), "--xy");
    try_(&[&["--ignite", "here"][..], &WEATHER].concat(), "here");
    try_(&WEATHER, "no ignition");
    let missing = folder.path("none.tif");
    try_(&[&at[..], &WEATHER, &["--dem", missing.to_str().unwrap()]].concat(), "none.tif");
    let table = folder.path("weather.csv");
    std::fs::write(&table, "time_h,wind_10m_mps\n0,NaN\n").unwrap();
    try_(&[&at[..], &["--weather", table.to_str().unwrap()]].concat(), "weather.csv");

    let unknown = folder.fuel(|col, _| if col == 3 { 14 } else { 104 });
    let done = folder.run(&unknown, &[&at[..], &WEATHER].concat());
    assert!(!done.status.success() && words(&done).contains("14") && words(&done).contains("fuel.tif"));
    let half = folder.path("half.tif");
    write_raster(&Grid::filled(spec(30.0, N), 4.5), &half, RasterOptions::default()).unwrap();
    let done = folder.run(&half, &[&at[..], &WEATHER].concat());
    assert!(!done.status.success() && words(&done).contains("4.5"), "{}", words(&done));
    std::fs::write(&half, b"II*\0 not a raster").unwrap();
    assert!(!folder.run(&half, &[&at[..], &WEATHER].concat()).status.success());
    assert!(folder.wrote_nothing());
}

#[test]
fn breaks_embers_crowns_and_hours_are_taken() {
    let folder = Folder::new();
    let fuel = folder.fuel(|_, _| 104);
    let burnt = |more: &[&str]| {
        let done = folder.run(&fuel, &[&["--xy", "--ignite", MIDDLE, "--hours", "2"][..], more].concat());
        assert!(done.status.success(), "{}", words(&done));
        folder.read("arrival_time.tif").cells.iter().filter(|t| !t.is_nan()).count()
    };
    let free = burnt(&WEATHER);
    let held = burnt(&[&WEATHER[..], &["--break-line", "442000,1130000;442000,1134000@60"]].concat());
    assert!(held < free, "{held} {free}");
    let late = burnt(&[&WEATHER[..], &["--suppression-line", "442000,1130000;442000,1134000@1@10h"]].concat());
    assert_eq!(late, free);
    let spotted = burnt(
        &[&WEATHER[..], &["--break-line", "442000,1130000;442000,1134000@30", "--spotting", "--seed", "3"]].concat(),
    );
    assert!(spotted >= held);
    let table = folder.path("weather.csv");
    let header = "time_h,wind_10m_mps,wind_from_deg,m_1h_pct,m_10h_pct,m_100h_pct,m_live_herb_pct,m_live_woody_pct";
    std::fs::write(&table, format!("{header}\n0,5,270,6,7,8,60,90\n1,5,270,6,7,8,60,90\n")).unwrap();
    let hourly = burnt(&["--weather", table.to_str().unwrap()]);
    assert!(hourly.abs_diff(free) * 100 <= free, "{hourly} {free}");
    let twenty_feet = burnt(&["--wind-20ft", "4.347826m/s@270", "--moisture", WEATHER[3]]);
    assert_eq!(twenty_feet, free);
    let line = folder.run(
        &fuel,
        &[&["--xy", "--ignite", "441000,1131000;441500,1131000", "--hours", "1", "--ensemble", "8"][..], &WEATHER]
            .concat(),
    );
    assert!(line.status.success(), "{}", words(&line));
    assert!(folder.read("burn_probability.tif").range().is_some_and(|r| r.0 >= 0.125 && r.1 <= 1.0));
}
