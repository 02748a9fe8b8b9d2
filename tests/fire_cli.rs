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

/// What burns, as (cells, earliest and latest arrival).
fn burnt(folder: &Folder) -> (usize, (f32, f32)) {
    let arrival = folder.read("arrival_time.tif");
    (arrival.cells.iter().filter(|t| !t.is_nan()).count(), arrival.range().unwrap())
}

#[test]
fn fires_come_from_files_and_at_different_times() {
    let folder = Folder::new();
    let fuel = folder.fuel(|_, _| 104);
    let file = folder.path("fires.geojson");
    // About 440 m in the middle: a square perimeter; a line in the north; a point in the south.
    let feature = |kind: &str, coordinates: &str| {
        format!(r#"{{"type":"Feature","properties":{{}},"geometry":{{"type":"{kind}","coordinates":{coordinates}}}}}"#)
    };
    let all = [
        feature("Polygon", "[[[103.969,10.233],[103.973,10.233],[103.973,10.237],[103.969,10.237],[103.969,10.233]]]"),
        feature("LineString", "[[103.965,10.245],[103.975,10.245]]"),
        feature("Point", "[103.97,10.224]"),
    ];
    let one = |n: usize| {
        let text = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, all[n]);
        std::fs::write(&file, text).unwrap();
        let mut args = vec!["--ignite-file", file.to_str().unwrap(), "--hours", "0.5"];
        args.extend(WEATHER);
        let done = folder.run(&fuel, &args);
        assert!(done.status.success(), "{}", words(&done));
        let arrival = folder.read("arrival_time.tif");
        let at_once = arrival.cells.iter().filter(|t| **t == 0.0).count();
        (at_once, burnt(&folder).0)
    };
    let (area, line, point) = (one(0), one(1), one(2));
    assert!((200..260).contains(&area.0), "{area:?}");
    assert!(point.0 <= 1 && point.1 < line.1 && line.1 < area.1, "{point:?} {line:?} {area:?}");

    // The same and a later one by hand; beside one another they burn what both burn.
    let mut args = vec!["--ignite-file", file.to_str().unwrap(), "--hours", "0.5", "--ignite", "103.98,10.245@20min"];
    args.extend(WEATHER);
    assert!(folder.run(&fuel, &args).status.success());
    let both = burnt(&folder);
    assert!(both.0 > point.1, "{both:?} {point:?}");
    let late = folder.read("arrival_time.tif");
    let there = late.cells.iter().filter(|t| !t.is_nan() && **t >= 1200.0).count();
    assert!(there > 3, "{there}");

    std::fs::write(&file, "not a map").unwrap();
    let done = folder.run(&fuel, &args);
    assert!(!done.status.success() && words(&done).contains("fires.geojson"), "{}", words(&done));
}

#[test]
fn trees_shelter_and_carry_crown_fires() {
    let folder = Folder::new();
    let fuel = folder.fuel(|_, _| 165);
    let [cover, height] = ["cover.tif", "height.tif"].map(|name| folder.path(name));
    write_raster(&Grid::filled(spec(30.0, N), 70.0), &cover, RasterOptions::default()).unwrap();
    write_raster(&Grid::filled(spec(30.0, N), 15.0), &height, RasterOptions::default()).unwrap();
    let trees = ["--canopy-cover", cover.to_str().unwrap(), "--canopy-height", height.to_str().unwrap()];
    let windy = ["--xy", "--ignite", MIDDLE, "--hours", "1", "--wind", "12@270", "--moisture", WEATHER[3]];
    let run = |more: &[&str]| {
        let done = folder.run(&fuel, &[&windy[..], more].concat());
        assert!(done.status.success(), "{}", words(&done));
        let most = |name: &str| folder.read(name).range().unwrap().1;
        (burnt(&folder).0, most("flame_length.tif"), most("fireline_intensity.tif"))
    };
    let open = run(&[]);
    let sheltered = run(&trees);
    assert!(sheltered.0 < open.0, "{sheltered:?} {open:?}");
    let crown = run(&[&trees[..], &["--crown", "base=0.5,density=0.2,foliar=100"]].concat());
    assert!(crown.0 > sheltered.0 && crown.1 > 2.0 * sheltered.1 && crown.2 > 2.0 * sheltered.2, "{crown:?}");
    let types = SourceSpec::new(folder.path("out/fire_type.tif"));
    let frame = SiteFrame { crs: SITE, origin: [0.0; 2] };
    let read = import(&types, &frame, &Progress::new(), &CancelToken::new()).unwrap();
    let LayerContent::Classes(kinds) = read.content else { panic!("fire types are classes") };
    assert!(kinds.cells.contains(&2));

    let wrong = |more: &[&str], expected: &str| {
        let done = folder.run(&fuel, &[&windy[..], more].concat());
        assert!(!done.status.success() && words(&done).contains(expected), "{}", words(&done));
    };
    wrong(&["--crown", "base=2"], "base=2,density=0.1,foliar=100");
    wrong(&["--crown", "base=NaN,density=0.1,foliar=100"], "not possible");
    wrong(&["--canopy-cover", cover.to_str().unwrap()], "--canopy-height");
}

#[test]
fn without_a_place_an_ensemble_tells_where_it_burns_most() {
    let folder = Folder::new();
    let fuel = folder.fuel(|col, _| if col < 60 { 104 } else { 98 });
    let mut args = vec!["--ensemble", "24", "--hours", "0.5", "--seed", "5", "--threads", "2", "--json"];
    args.extend(WEATHER);
    let done = folder.run(&fuel, &args);
    assert!(done.status.success(), "{}", words(&done));
    let many = folder.read("burn_probability.tif");
    assert!(many.range().is_some_and(|r| r.0 > 0.0 && r.1 <= 1.0), "{:?}", many.range());
    assert!((0..N * N).all(|i| i % N < 60 || many.cells[i].is_nan()));
    assert!(!folder.path("out/arrival_time.tif").exists());
    args[7] = "1";
    assert!(folder.run(&fuel, &args).status.success());
    let again = folder.read("burn_probability.tif");
    assert!(many.cells.iter().zip(&again.cells).all(|(a, b)| a.to_bits() == b.to_bits()));
}

#[test]
fn own_fuel_models_burn_and_points_take_them_too() {
    let folder = Folder::new();
    let own = folder.path("own.csv");
    let header = "number,code,dynamic,depth_ft,extinction_pct,heat_btu_lb,load_unit,load_1h,load_10h,load_100h,load_herb,\
                  load_woody,savr_1h,savr_herb,savr_woody,name";
    std::fs::write(&own, format!("{header}\n14,TR1,no,2.0,30,8000,ton/acre,3.0,1.0,0.5,0.0,2.0,1800,1500,1500,Tram\n"))
        .unwrap();
    let fuel = folder.fuel(|_, _| 14);
    let mut args = vec!["--xy", "--ignite", MIDDLE, "--hours", "1", "--fuel-models", own.to_str().unwrap()];
    args.extend(WEATHER);
    let done = folder.run(&fuel, &args);
    assert!(done.status.success(), "{}", words(&done));

    let rows = folder.path("rows.csv");
    let columns = "fuel_model_number,m_1h_pct,m_10h_pct,m_100h_pct,m_live_herb_pct,m_live_woody_pct,midflame_wind_mph,\
                   wind_blows_to_deg_cw_from_upslope,slope_rise_over_run";
    std::fs::write(&rows, format!("{columns}\n14,6,7,8,60,90,5,0,0.2\n98,6,7,8,60,90,5,0,0.2\n")).unwrap();
    let out = folder.path("answers.csv");
    let point = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_island-twin"));
        command.args(["fire", "point", "--in"]).arg(&rows).arg("--out").arg(&out);
        command.args(more).output().unwrap()
    };
    assert!(!point(&[]).status.success() && !out.exists(), "14 is no standard model");
    assert!(point(&["--fuel-models", own.to_str().unwrap()]).status.success());
    let answers = std::fs::read_to_string(&out).unwrap();
    let rates: Vec<f64> = answers.lines().skip(1).map(|l| l.split(',').nth(9).unwrap().parse().unwrap()).collect();
    assert!(rates[0] > 1.0 && rates[1] == 0.0, "{answers}");
}

/// A scene of one layer and two scenarios, through the whole program.
#[test]
fn a_scenario_of_a_scene_is_burnt_and_compared() {
    let folder = Folder::new();
    let cover = Grid::filled(spec(30.0, N), 6_u16);
    write_classes(&cover, &folder.path("cover.tif")).unwrap();
    let scene = folder.path("s.scene.ron");
    let text = r#"(version: 1, title: (vi: "Thử", en: "Test"), frame: (crs: Epsg(9207), origin: (440000.0, 1130000.0)),
        utc_offset_hours: 7.0, time: "2026-03-20T09:30:00+07:00",
        layers: [(id: "cover", title: (vi: "Lớp phủ", en: "Cover"), group: (vi: "", en: ""), path: "cover.tif",
            origin: Generated, role: LandCover, style: (symbol: Hidden, opacity: 1.0, label: None))],
        bookmarks: [],
        scenarios: [
            (id: "strip", name: (vi: "Băng", en: "Strip"),
             edits: [FuelBreak(line: [(103.967, 10.20), (103.967, 10.26)], width_m: 60.0)]),
            (id: "road", name: (vi: "Đường", en: "Road"), base: Some("strip"),
             edits: [Road(line: [(103.96, 10.2325), (103.98, 10.2325)], width_m: 12.0)]),
        ])"#;
    std::fs::write(&scene, text).unwrap();
    let run = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_island-twin"));
        command.args(["simulate", "fire", "--lang", "en", "--json", "--scene"]).arg(&scene);
        command.args(["--ignite", "103.9702,10.2343@10:00", "--wind", "4@90", "--hours", "3", "--out"]);
        command.arg(folder.path("out")).args(more).output().unwrap()
    };
    let done = run(&["--scenario", "strip"]);
    assert!(done.status.success(), "{}", words(&done));
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    let [before, after] = ["before", "after"].map(|k| report["change"][k]["burnt_ha"].as_f64().unwrap());
    assert!(after < before, "{report:#}");
    assert!(report["simulation_s"].is_number() && report["scenario"] == "strip");
    assert!(folder.path("out/delay.tif").exists() && folder.path("out/report.json").exists());
    // Half an hour after the scene's time.
    assert!(burnt(&folder).1.0 >= 1800.0);
    let more = run(&["--scenario", "road"]);
    let report: serde_json::Value = serde_json::from_slice(&more.stdout).unwrap();
    assert!(report["change"]["after"]["burnt_ha"].as_f64().unwrap() < after, "the base and the road hold more");
    let done = run(&["--scenario", "none"]);
    assert!(!done.status.success() && words(&done).contains("strip, road"), "{}", words(&done));
}
