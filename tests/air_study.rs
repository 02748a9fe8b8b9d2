//! Air in a project: its roads and a stack, who breathes it, what the stations read, what a change of traffic does;
//! and the subcommands on bare tables, as a user runs them.

mod common;

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use common::{ORIGIN, layer};
use island_twin::geo::crs::Crs;
use island_twin::geo::grid::{Grid, GridSpec};
use island_twin::model::layer::{LayerContent, LayerRole};
use island_twin::model::project::Project;
use island_twin::model::style::{ColorRule, Metres, PointSymbol, Rgba, Style, Symbol};
use island_twin::model::table::{FeatureTable, FieldKind, Value};
use island_twin::sim::air::error::AirError;
use island_twin::sim::air::meteorology::Meteorology;
use island_twin::sim::air::source::{Place, Source};
use island_twin::sim::air::stability::StabilityClass::{D, F};
use island_twin::sim::air::traffic_emission::RoadEmissions;
use island_twin::sim::run::StepContext;
use island_twin::study::air::case::{AirCase, AirResult};
use island_twin::study::air::contour;
use island_twin::study::air::error::AirStudyError;
use island_twin::study::air::inputs::AirInputs;

fn at(x: f64, y: f64) -> [f64; 2] {
    [ORIGIN[0] + x, ORIGIN[1] + y]
}

/// A main road from south to north at 1 km, a street beside it at 2 km; houses east of the road, a station each side.
fn project() -> Arc<Project> {
    let mut roads = FeatureTable::with_fields(&[
        ("TEN", FieldKind::Text),
        ("CAPDUONG", FieldKind::Text),
        ("TOCDO", FieldKind::Integer),
        ("BERONG", FieldKind::Real),
    ]);
    for (x, class, speed) in
        [(1000.0, "Đường chính đô thị", 40), (2000.0, "Đường nội bộ", 30), (2500.0, "Đường đất", 20)]
    {
        roads.geometry.push_line(&[at(x, 0.0), at(x, 3000.0)]);
        roads.push_row(&[Value::Text("x"), Value::Text(class), Value::Integer(speed), Value::Real(9.0)]);
    }
    let mut houses = FeatureTable::with_fields(&[("SONGUOI", FieldKind::Integer)]);
    for i in 0..10_i64 {
        let [e, n] = at(1050.0 + 100.0 * i as f64, 1500.0);
        houses.geometry.push_polygon(&[&[[e, n], [e + 8.0, n], [e + 8.0, n + 8.0], [e, n + 8.0], [e, n]]]);
        houses.push_row(&[Value::Integer(4)]);
    }
    let mut communes = FeatureTable::with_fields(&[("MAXA", FieldKind::Text), ("TENXA", FieldKind::Text)]);
    communes.geometry.push_polygon(&[&[
        at(0.0, 0.0),
        at(1500.0, 0.0),
        at(1500.0, 3000.0),
        at(0.0, 3000.0),
        at(0.0, 0.0),
    ]]);
    communes.push_row(&[Value::Text("1"), Value::Text("Dương Đông")]);
    let mut stations = FeatureTable::with_fields(&[("MA", FieldKind::Text), ("TEN", FieldKind::Text)]);
    for (x, code) in [(1030.0, "KK-01"), (900.0, "KK-02")] {
        stations.geometry.push_point(at(x, 1500.0));
        stations.push_row(&[Value::Text(code), Value::Text("Trạm")]);
    }
    let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, ORIGIN[0] - 5000.0, ORIGIN[1] + 9000.0, 100.0, 140, 140);
    let mut terrain = layer("terrain", "terrain", LayerRole::Terrain, FeatureTable::default());
    terrain.content = LayerContent::Raster(Arc::new(Grid::filled(spec, 2.0)));
    terrain.style = Style::new(Symbol::Terrain);
    let mut sensors = layer("air", "Trạm", LayerRole::Sensors, stations);
    let color = ColorRule::Single(Rgba::opaque(0, 0, 0));
    sensors.style = Style::new(Symbol::Points { symbol: PointSymbol::AirStation, color, height: Metres::Fixed(6.0) });
    let mut project = common::project();
    project.layers = vec![
        Arc::new(terrain),
        Arc::new(layer("roads", "Đường", LayerRole::Roads, roads)),
        Arc::new(layer("houses", "Nhà", LayerRole::Buildings, houses)),
        Arc::new(layer("communes", "Xã", LayerRole::Communes, communes)),
        Arc::new(sensors),
    ];
    Arc::new(project)
}

/// Wind from the west at 09:30 local time.
fn inputs() -> AirInputs {
    let air = Meteorology::new(3.0, 270_f64.to_radians(), D.into());
    let mut inputs = AirInputs::new(1_773_973_800, "NO2", vec![air]);
    inputs.cell_m = 50.0;
    inputs.threads = 1;
    inputs
}

fn prepare(inputs: AirInputs) -> Result<AirCase, AirStudyError> {
    AirCase::prepare(&project(), inputs, RoadEmissions::shipped().unwrap())
}

fn run(inputs: AirInputs) -> (AirCase, AirResult) {
    let case = prepare(inputs).unwrap();
    let result = case.run(StepContext::default(), |_| ()).unwrap();
    (case, result)
}

#[test]
fn roads_blow_on_those_who_live_in_their_lee() {
    let (case, result) = run(inputs());
    assert_eq!(
        case.sources.iter().map(|s| s.title.as_str()).collect::<Vec<_>>(),
        ["Đường chính đô thị", "Đường nội bộ"]
    );
    assert_eq!(result.notices.iter().map(|n| n.key.as_str()).collect::<Vec<_>>(), ["air-roads-unknown"]);
    let [lee, windward] = &result.stations[..] else { panic!("two stations") };
    assert!(lee.conc_ug_m3 > 0.0 && windward.conc_ug_m3 == 0.0, "{lee:?} {windward:?}");
    assert!((lee.shares_ug_m3.iter().sum::<f64>() - lee.conc_ug_m3).abs() < 1e-12);
    // An endless road across the wind, by hand: q / (sqrt(2 pi) u sigma z) (exp(-(z-h)²/2 sz²) + exp(-(z+h)²/2 sz²)), the
    // air well stirred to 1.5 m over the road (a virtual 22.8 m upwind in class D), read at 1.5 m from fumes let out at 0.5 m.
    let rate = case.rates(0)[0] / 3000.0 * 1e6;
    let sigma = island_twin::sim::air::sigma::of(Default::default(), D.into(), 30.0 + 22.8).z_m;
    let heights = [1.0_f64, 2.0].map(|d| (-d * d / (2.0 * sigma * sigma)).exp()).iter().sum::<f64>();
    let expected = rate * heights / ((2.0 * std::f64::consts::PI).sqrt() * 3.0 * sigma);
    assert!((lee.shares_ug_m3[0] / expected - 1.0).abs() < 0.1, "{} {expected}", lee.shares_ug_m3[0]);
    let all = &result.exposure.all;
    assert_eq!(all.residents, 40);
    assert!(all.mean_ug_m3 > 0.0 && all.mean_ug_m3 < all.highest_ug_m3);
    assert_eq!(
        result.exposure.communes.iter().map(|c| (c.name.as_str(), c.residents)).collect::<Vec<_>>(),
        [("Dương Đông", 20)]
    );
    assert_eq!(result.limit.as_ref().map(|l| (l.ug_m3, l.averaging_hours)), Some((200.0, 1)));
    assert!(result.assumptions.iter().any(|a| a.key == "air-assumes-traffic-verify"));
    assert_eq!(result.manifest.inputs.len(), 4);
}

/// A day's mean of NO2 is held against the limit of a day (100 µg/m3), not against that of an hour (200).
#[test]
fn a_day_is_held_against_the_limit_of_a_day() {
    let with = |hours: usize, rate: f64| {
        let mut with = inputs();
        with.hours = vec![with.hours[0]; hours];
        with.traffic = None;
        let place = Place::Point { at: at(900.0, 1500.0), height_m: 2.0, exhaust: None };
        with.sources.push(Source::single("lo", "Lò hơi", place, rate));
        run(with).1
    };
    let hour = with(1, 1.0);
    let rate = 150.0 / hour.exposure.all.highest_ug_m3;
    let (hour, part, day) = (with(1, rate), with(6, rate), with(24, rate));
    let limit = |r: &AirResult| r.limit.as_ref().map(|l| (l.ug_m3, l.averaging_hours));
    assert_eq!([limit(&hour), limit(&part), limit(&day)], [Some((200.0, 1)), Some((200.0, 1)), Some((100.0, 24))]);
    let above = |r: &AirResult| r.exposure.all.residents_above;
    assert!(above(&hour) == 0 && above(&part) == 0 && above(&day) > 0, "{:?}", [&hour, &part, &day].map(above));
    let keys = |r: &AirResult| r.headlines.iter().map(|m| m.key.clone()).collect::<Vec<_>>();
    assert!(
        keys(&part).contains(&"air-limit-highest-mean".to_owned())
            && !keys(&day).iter().any(|k| k.starts_with("air-limit-"))
    );
}

/// On a hill the map, the stations and a click say the same.
#[test]
fn a_place_on_a_hill_is_told_as_the_map_shows_it() {
    let mut with = project().as_ref().clone();
    let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, ORIGIN[0] - 5000.0, ORIGIN[1] + 9000.0, 50.0, 280, 280);
    let height = |i: usize| {
        let [x, y] = spec.centre(i % 280, i / 280);
        (150.0 - 0.15 * (x - ORIGIN[0] - 1500.0).hypot(y - ORIGIN[1] - 1500.0)).max(2.0) as f32
    };
    let cells = (0..spec.len()).map(height).collect();
    let mut terrain = with.layers[0].as_ref().clone();
    terrain.content = LayerContent::Raster(Arc::new(Grid { spec, cells }));
    with.layers[0] = Arc::new(terrain);
    let mut asked = inputs();
    asked.hours = vec![Meteorology::new(2.0, 270_f64.to_radians(), F.into())];
    asked.traffic = None;
    let place = Place::Point { at: at(25.0, 1525.0), height_m: 80.0, exhaust: None };
    asked.sources.push(Source::single("lo", "Lò hơi", place, 20.0));
    let case = AirCase::prepare(&Arc::new(with), asked, RoadEmissions::shipped().unwrap()).unwrap();
    let result = case.run(StepContext::default(), |_| ()).unwrap();
    let mut seen = 0;
    for x in [600.0, 900.0, 1100.0, 1300.0, 1500.0] {
        let (col, row) = result.field.spec.cell_at(at(x, 1510.0)).unwrap();
        let (here, map) = (result.field.spec.centre(col, row), f64::from(result.field.get(col, row)));
        let told = case.shares_at(here, 0)[0];
        assert!((told - map).abs() <= 0.005 * map + 1e-3, "{x}: {told} {map}");
        seen += usize::from(map > 100.0);
    }
    assert!(seen > 1, "the plume hits the hill");
}

#[test]
fn a_change_of_traffic_is_a_product_and_the_same_as_a_run() {
    let (case, result) = run(inputs());
    let halved: Vec<f64> = case.rates(0).iter().map(|r| 0.5 * r).collect();
    let quick = case.what_if(0, &halved).unwrap();
    let mut changed = inputs();
    changed.traffic = Some(0.5);
    let (_, slow) = run(changed);
    for (a, b) in quick.cells.iter().zip(&slow.field.cells) {
        assert!((a - b).abs() <= 1e-6 * b.abs(), "{a} {b}");
    }
    assert!(result.exposure.all.mean_ug_m3 > slow.exposure.all.mean_ug_m3);
}

/// Two scenarios of one comparison: what both share is computed once.
#[test]
fn the_second_scenario_computes_only_what_differs() {
    use island_twin::sim::air::store::MatrixStore;
    let store = MatrixStore::new(1 << 28);
    let run = |inputs: AirInputs| {
        let case = prepare(inputs).unwrap().with_store(store.clone());
        let result = case.run(StepContext::default(), |_| ()).unwrap();
        (store.computed(), result)
    };
    let today = inputs();
    assert_eq!(run(today.clone()).0, 2, "two classes of road");
    let less_traffic = AirInputs { traffic: Some(0.5), ..today.clone() };
    assert_eq!(run(less_traffic).0, 2);
    let mut stack = today.clone();
    let place = Place::Point { at: at(1500.0, 1500.0), height_m: 15.0, exhaust: None };
    stack.sources.push(Source::single("lo", "Lò hơi", place, 5.0));
    let (computed, kept) = run(stack.clone());
    assert_eq!(computed, 3, "the stack alone");
    let fresh = prepare(stack).unwrap().with_store(MatrixStore::new(1 << 28));
    assert_eq!(fresh.run(StepContext::default(), |_| ()).unwrap().field, kept.field);
}

#[test]
fn a_stack_adds_and_its_contours_lie_in_its_lee() {
    let mut with = inputs();
    with.traffic = None;
    with.background_ug_m3 = 5.0;
    let place = Place::Point { at: at(200.0, 1500.0), height_m: 15.0, exhaust: None };
    with.sources.push(Source::single("lo", "Lò hơi", place, 20.0));
    let (_, result) = run(with);
    let levels = contour::levels(&result.field, Some(200.0));
    let areas = contour::table(&result.field, &levels, Some(200.0), "no2");
    assert!(areas.len() >= 3 && levels.is_sorted());
    for row in 1..areas.len() {
        assert!(areas.value(row, "area_ha").as_f64() <= areas.value(row - 1, "area_ha").as_f64());
    }
    let [west, _, _, _] = areas.geometry.get(areas.len() - 1).bounds().unwrap();
    assert!(west >= ORIGIN[0] + 150.0, "{west}");
    assert!(result.stations.iter().all(|s| s.conc_ug_m3 >= 5.0));
    let text = island_twin::text::Catalog::load(island_twin::text::Language::Vi);
    assert!(result.headlines.iter().all(|m| !text.text(m).contains("air-")));
}

#[test]
fn what_cannot_be_is_said_before_the_run() {
    let calm = AirInputs { hours: vec![Meteorology::new(0.3, 0.0, D.into())], ..inputs() };
    assert!(matches!(prepare(calm), Err(AirStudyError::Input(AirError::Calm { .. }))));
    let none = AirInputs { hours: Vec::new(), ..inputs() };
    assert!(matches!(prepare(none), Err(AirStudyError::Input(AirError::NoWind))));
    let nothing = AirInputs { traffic: None, ..inputs() };
    assert!(matches!(prepare(nothing), Err(AirStudyError::Input(AirError::NoSource))));
    for half_life_s in [-3600.0, 0.0] {
        let fate = island_twin::sim::air::release::Fate { half_life_s, deposition_mps: 0.0 };
        assert!(matches!(
            prepare(AirInputs { fate, ..inputs() }),
            Err(AirStudyError::Input(AirError::OutOfRange { .. }))
        ));
    }
    let unknown = AirInputs { pollutant: "xyz".to_owned(), ..inputs() };
    assert!(matches!(prepare(unknown), Err(AirStudyError::UnknownPollutant { .. })));
    let stack = |at, rate| Source::single("s", "s", Place::Point { at, height_m: 10.0, exhaust: None }, rate);
    let negative = AirInputs { sources: vec![stack(at(0.0, 0.0), -1.0)], ..inputs() };
    assert!(matches!(prepare(negative), Err(AirStudyError::Input(AirError::NegativeEmission { .. }))));
    let outside = AirInputs { sources: vec![stack([0.0, 0.0], 1.0)], ..inputs() };
    assert!(matches!(prepare(outside), Err(AirStudyError::OutsideMap { .. })));
}

#[test]
fn a_cancelled_run_stops() {
    let case = prepare(inputs()).unwrap();
    let context = StepContext::default();
    context.cancel.cancel();
    assert!(case.run(context, |_| ()).is_err_and(|e| e.is_cancelled()));
}

fn program(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_island-twin")).args(args).args(["--lang", "en"]).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Nine stations, six hours, a source among them, without noise: found where it is.
#[test]
fn find_source_reads_tables_and_tells_how_sure_it_is() {
    use island_twin::sim::air::release::{Fate, Outlet, Release};
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let text = |p: &Path| p.to_str().unwrap().to_owned();
    let (mut stations, mut wind) =
        ("station,x_m,y_m,time,conc_ug_m3\n".to_owned(), "time,wind_m_s,wind_from_deg,stability\n".to_owned());
    let outlet = Outlet { height_m: 2.0, exhaust: None, initial_y_m: 0.0, initial_z_m: 0.0 };
    for hour in 0..6 {
        let from = f64::from(hour) * 60.0 + 20.0;
        wind += &format!("2026-03-20T{hour:02}:00:00+07:00,3,{from},D\n");
        let air = Meteorology::new(3.0, from.to_radians(), D.into());
        let release = Release::new(outlet, Fate::default(), &air);
        let [east, north] = air.downwind();
        for i in 0..9 {
            let at = [f64::from(i % 3) * 1000.0, f64::from(i / 3) * 1000.0];
            let d = [at[0] - 1300.0, at[1] - 800.0];
            let unit = release.unit(d[0] * east + d[1] * north, d[1] * east - d[0] * north, 3.0);
            stations += &format!("S{i},{},{},2026-03-20T{hour:02}:00:00+07:00,{}\n", at[0], at[1], 1.0 + 4e6 * unit);
        }
    }
    stations += "S9,0,0,2026-03-20T03:00:00+07:00,\n";
    std::fs::write(path("s.csv"), &stations).unwrap();
    std::fs::write(path("w.csv"), wind).unwrap();
    let out = text(&path("cells.csv"));
    let (s, w) = (text(&path("s.csv")), text(&path("w.csv")));
    let done = program(&["air", "find-source", "--stations", &s, "--wind", &w, "--json", "--out", &out]);
    assert!(done.status.success(), "{}", said(&done));
    assert!(said(&done).contains("1 readings"), "{}", said(&done));
    let found: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    let best: Vec<f64> = found["best"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    assert!((best[0] - 1300.0).hypot(best[1] - 800.0) < 120.0, "{best:?}");
    assert_eq!(found["verdict"], "Found");
    let rate = &found["rate_g_s"];
    assert!(rate["p05"].as_f64().unwrap() < 4.0 && rate["p95"].as_f64().unwrap() > 4.0, "{rate}");
    assert!(std::fs::read_to_string(&out).unwrap().lines().count() > 1000);
    // Few readings, calm air, a missing column: said, with exit code 1.
    std::fs::write(path("few.csv"), stations.lines().take(3).collect::<Vec<_>>().join("\n")).unwrap();
    std::fs::write(path("calm.csv"), "time,wind_m_s,wind_from_deg\n2026-03-20T00:00:00+07:00,0.2,10\n").unwrap();
    std::fs::write(path("no.csv"), "station,x_m,y_m,time,value\n").unwrap();
    std::fs::write(path("other.csv"), "time,wind_m_s,wind_from_deg\n2025-03-20T00:00:00+07:00,3,10\n").unwrap();
    std::fs::write(path("empty.csv"), "").unwrap();
    std::fs::write(path("below.csv"), format!("{stations}S9,0,0,2026-03-20T04:00:00+07:00,-3.5\n")).unwrap();
    let below = text(&path("below.csv"));
    let [few, calm, no, other] = ["few.csv", "calm.csv", "no.csv", "other.csv"].map(|n| text(&path(n)));
    let [empty, gone] = ["empty.csv", "gone.csv"].map(|n| text(&path(n)));
    for (s, w, words) in [
        (&few, &w, "too few"),
        (&s, &calm, "below 1 m/s"),
        (&no, &w, "conc_ug_m3"),
        (&s, &other, "None of the readings has a wind"),
        (&empty, &w, "has no rows"),
        (&below, &w, "Line 57: the reading is -3.5"),
        (&s, &gone, "no file"),
    ] {
        let failed = program(&["air", "find-source", "--stations", s, "--wind", w]);
        assert_eq!(failed.status.code(), Some(1));
        assert!(said(&failed).contains(words), "{}", said(&failed));
    }
}

#[test]
fn forecast_warns_before_the_limit_is_passed() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let mut rows = "station,time,conc_ug_m3,wind_m_s\n".to_owned();
    let start: jiff::Timestamp = "2026-03-01T00:00:00+07:00".parse().unwrap();
    for hour in 0..240_i64 {
        let time = start.checked_add(jiff::SignedDuration::from_hours(hour)).unwrap();
        // Clean until the last day and a half, then far above the daily limit of 45.
        let level = if hour < 200 { 15.0 } else { 90.0 };
        let value = level * (1.0 + 0.2 * ((hour % 24) as f64 / 24.0 * std::f64::consts::TAU).sin());
        rows += &format!("KK-01,{time},{value},2.5\n");
    }
    std::fs::write(path("h.csv"), rows).unwrap();
    let done = program(&["air", "forecast", "--history", &path("h.csv"), "--out", &path("f.csv")]);
    assert!(done.status.success(), "{}", said(&done));
    let told = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(told.contains("WARNING KK-01") && told.contains("QCVN 05:2023/BTNMT"), "{told}");
    assert!(said(&done).contains("persistence"), "{}", said(&done));
    let table = std::fs::read_to_string(path("f.csv")).unwrap();
    assert_eq!(table.lines().count(), 25);
    assert!(table.lines().nth(1).unwrap().starts_with("KK-01,2026-03-11T00:00:00+07:00,1,"), "{table}");
    std::fs::write(path("short.csv"), "station,time,conc_ug_m3\nKK-01,2026-03-01T00:00:00+07:00,5\n").unwrap();
    let failed = program(&["air", "forecast", "--history", &path("short.csv"), "--out", &path("none.csv")]);
    assert!(failed.status.code() == Some(1) && said(&failed).contains("too few to forecast"), "{}", said(&failed));
    assert!(!Path::new(&path("none.csv")).exists());
}

/// Hours of stations, each with its level and the hours that it has been silent for.
fn history(path: &str, stations: &[(&str, f64, i64)]) {
    let mut rows = "station,time,conc_ug_m3,wind_m_s\n".to_owned();
    let start: jiff::Timestamp = "2026-03-01T00:00:00+07:00".parse().unwrap();
    for (id, level, silent) in stations {
        for hour in 0..240 - silent {
            let time = start.checked_add(jiff::SignedDuration::from_hours(hour)).unwrap();
            let value = level * (1.0 + 0.1 * ((hour % 24) as f64 / 24.0 * std::f64::consts::TAU).sin());
            rows += &format!("\"{id}\",{time},{value},2.5\n");
        }
    }
    std::fs::write(path, rows).unwrap();
}

/// No false all-clear: a substance without a limit is said to have none, capital letters are known, and every averaging
/// time is looked at.
#[test]
fn forecast_holds_every_limit_and_says_when_there_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    history(&path("h.csv"), &[("KK,1", 130.0, 0)]);
    let of = |pollutant: &str| {
        let args = ["air", "forecast", "--history", &path("h.csv"), "--pollutant", pollutant, "--out", &path("f.csv")];
        let done = program(&args);
        assert!(done.status.success(), "{}", said(&done));
        (String::from_utf8_lossy(&done.stdout).into_owned(), std::fs::read_to_string(path("f.csv")).unwrap())
    };
    let (told, _) = of("PM25");
    assert!(told.contains("WARNING KK,1") && told.contains("45 µg/m³"), "{told}");
    let (told, table) = of("nox");
    assert!(told.contains("No limit of hours is known") && !told.contains("expected to be passed"), "{told}");
    assert_eq!(table.lines().count(), 25);
    // 130 µg/m3 of NO2: below the 200 of an hour, above the 100 of a day.
    let (told, table) = of("no2");
    assert!(told.contains("100 µg/m³ (24 h") && !told.contains("200 µg/m³ (1 h"), "{told}");
    assert_eq!(table.lines().count(), 49, "two limits an hour");
    assert!(table.lines().nth(1).unwrap().starts_with("\"KK,1\",2026-03-11T00:00:00+07:00,1,"), "{table}");
    let (told, _) = of("co");
    assert!(told.contains("no limit (1 h, 8 h) is expected to be passed"), "{told}");
}

/// Hours ahead are counted from the newest reading of all, and a wind belongs to the hour that stands beside it.
#[test]
fn forecast_counts_from_one_moment_for_all_stations() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    history(&path("h.csv"), &[("KK-01", 30.0, 0), ("KK-02", 30.0, 5), ("KK-03", 90.0, 40)]);
    let wind = |name: &str, first: &str| {
        let mut rows = "time,wind_m_s\n".to_owned();
        let first: jiff::Timestamp = first.parse().unwrap();
        for hour in (0..24).rev() {
            rows += &format!("{},3\n", first.checked_add(jiff::SignedDuration::from_hours(hour)).unwrap());
        }
        std::fs::write(path(name), rows).unwrap();
        let args = ["air", "forecast", "--history", &path("h.csv"), "--wind", &path(name), "--out", &path("f.csv")];
        program(&args)
    };
    let done = wind("w.csv", "2026-03-11T00:00:00+07:00");
    assert!(done.status.success(), "{}", said(&done));
    let notices = said(&done);
    assert!(notices.contains("KK-03 is left out") && notices.contains("40 h before"), "{notices}");
    assert!(!notices.contains("The wind forecast lacks"), "{notices}");
    let table = std::fs::read_to_string(path("f.csv")).unwrap();
    for station in ["KK-01", "KK-02"] {
        let first = table.lines().find(|l| l.starts_with(station)).unwrap();
        assert!(first.starts_with(&format!("{station},2026-03-11T00:00:00+07:00,1,")), "{first}");
    }
    let done = wind("late.csv", "2026-03-11T20:00:00+07:00");
    assert!(said(&done).contains("lacks 20 of the 24 hours"), "{}", said(&done));
}

#[test]
fn simulate_air_says_what_is_missing_before_it_reads_a_scene() {
    let failed = program(&["simulate", "air", "--scene", "nowhere.scene.ron", "--out", "nowhere"]);
    assert_eq!(failed.status.code(), Some(1));
    assert!(said(&failed).contains("No wind"), "{}", said(&failed));
    assert!(!Path::new("nowhere").exists());
}

/// A logger that writes four times an hour is not taken by its last word, nonsense is told with its line, and no table
/// that is needed is overwritten.
#[test]
fn forecast_takes_means_of_hours_and_keeps_its_inputs() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let start: jiff::Timestamp = "2026-03-01T00:00:00+07:00".parse().unwrap();
    let mut rows = "station,time,conc_ug_m3,wind_m_s\n".to_owned();
    for quarter in 0..4 * 120_i64 {
        let time = start.checked_add(jiff::SignedDuration::from_mins(15 * quarter)).unwrap();
        rows += &format!("KK-01,{time},{},2.5\n", if quarter % 4 == 3 { 70 } else { 10 });
    }
    std::fs::write(path("h.csv"), &rows).unwrap();
    let (history, out) = (path("h.csv"), path("f.csv"));
    let done = program(&["air", "forecast", "--history", &history, "--out", &out]);
    assert!(done.status.success(), "{}", said(&done));
    let told = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(!told.contains("WARNING") && told.contains("up to 25"), "{told}");
    let over = program(&["air", "forecast", "--history", &history, "--out", &history]);
    assert!(over.status.code() == Some(1) && said(&over).contains("overwritten"), "{}", said(&over));
    assert_eq!(std::fs::read_to_string(&history).unwrap(), rows);
    for (row, words) in [
        ("KK-01,2026-03-07T00:00:00+07:00,-5,2", "cannot be negative"),
        ("KK-01,2026-03-07T00:00:00+07:00,5,900", "wind_m_s"),
    ] {
        std::fs::write(path("bad.csv"), format!("{rows}{row}\n")).unwrap();
        let failed = program(&["air", "forecast", "--history", &path("bad.csv"), "--out", &path("none.csv")]);
        assert!(failed.status.code() == Some(1) && said(&failed).contains(words), "{}", said(&failed));
        assert!(said(&failed).contains("482") && !Path::new(&path("none.csv")).exists(), "{}", said(&failed));
    }
    // Silent for the last thirty hours though its rows are there: beside another it is left out.
    let silent: String =
        rows.lines().skip(1).take(4 * 90).map(|l| format!("{}\n", l.replace("KK-01", "KK-02"))).collect();
    let empty: String = (90..120)
        .map(|hour| format!("KK-02,{},,\n", start.checked_add(jiff::SignedDuration::from_hours(hour)).unwrap()))
        .collect();
    std::fs::write(path("silent.csv"), format!("{rows}{silent}{empty}")).unwrap();
    let done = program(&["air", "forecast", "--history", &path("silent.csv"), "--out", &out]);
    assert!(done.status.success() && said(&done).contains("KK-02 is left out"), "{}", said(&done));
}

/// The logged morning of smoke: the communes' coming day, the town before the quiet north.
#[test]
fn forecast_tells_the_coming_day_of_the_communes() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let logged = include_str!("../data/phu-quoc/smoke.csv");
    let rows: Vec<String> = logged
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            format!("{},{},{},{}\n", cells[1], cells[0], cells[2], cells[3])
        })
        .collect();
    std::fs::write(path("h.csv"), format!("station,time,conc_ug_m3,wind_m_s\n{}", rows.concat())).unwrap();
    let scene = concat!(env!("CARGO_MANIFEST_DIR"), "/scenes/phu-quoc.scene.ron");
    let (history, out, communes) = (path("h.csv"), path("f.csv"), path("c.csv"));
    let args = ["air", "forecast", "--history", &history, "--out", &out, "--scene", scene, "--communes", &communes];
    let done = program(&args);
    assert!(done.status.success(), "{}", said(&done));
    let table = std::fs::read_to_string(&communes).unwrap();
    let head: Vec<&str> = table.lines().next().unwrap().split(',').collect();
    let column = |row: &str, name: &str| -> f64 {
        let at = head.iter().position(|h| *h == name).unwrap();
        row.split(',').nth(at).unwrap().parse().unwrap()
    };
    let row = |name: &str| table.lines().find(|l| l.contains(name)).unwrap_or_else(|| panic!("{name}: {table}"));
    let (town, all) = (row("Dương Đông"), row(",all,"));
    let [low, middle, high] = ["mean_p10_ug_m3", "mean_p50_ug_m3", "mean_p90_ug_m3"].map(|name| column(town, name));
    assert!(0.0 < low && low < middle && middle < high, "{town}");
    assert!(column(town, "vn_aqi_p10") < column(town, "vn_aqi_p90") && column(town, "averaging_h") == 24.0);
    assert!((0.0..=1.0).contains(&column(town, "chance_above")));
    assert!(column(all, "residents_above_p10") <= column(all, "residents_above_expected"));
    let told = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(told.contains("Residents above the limit of 45") && told.contains("kriged"), "{told}");
    // Stations that the scene does not have: told, and nothing is written.
    let other = std::fs::read_to_string(&history).unwrap().replace("KK-", "XX-");
    std::fs::write(path("other.csv"), other).unwrap();
    let (other, none, no_communes) = (path("other.csv"), path("n.csv"), path("m.csv"));
    let args = ["air", "forecast", "--history", &other, "--out", &none, "--scene", scene, "--communes", &no_communes];
    let done = program(&args);
    assert!(done.status.code() == Some(1) && said(&done).contains("must be those of the scene"), "{}", said(&done));
    assert!(!Path::new(&none).exists() && !Path::new(&no_communes).exists());
    assert_eq!(
        program(&["air", "forecast", "--history", &history, "--out", &out, "--scene", scene]).status.code(),
        Some(2)
    );
}

/// A day and an hour of plumes: each commune's day is held against the 24-hour limit, the hour after it is not.
#[test]
fn days_of_plumes_are_held_against_the_daily_limit() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("days");
    let scene = concat!(env!("CARGO_MANIFEST_DIR"), "/scenes/phu-quoc.scene.ron");
    let mut args = vec!["simulate", "air", "--scene", scene, "--wind", "3@45", "--hours", "25", "--no-roads", "--flat"];
    // An area on top of the town, and a road out of it, from a layer.
    let layer = folder.path().join("sources.geojson");
    let feature = |id: &str, geometry: &str, more: &str| {
        format!(r#"{{"type":"Feature","properties":{{"id":"{id}",{more}}},"geometry":{{{geometry}}}}}"#)
    };
    let ring = "[[[103.955,10.21],[103.975,10.21],[103.975,10.23],[103.955,10.23],[103.955,10.21]]]";
    let area = format!(r#""type":"Polygon","coordinates":{ring}"#);
    let line = r#""type":"LineString","coordinates":[[103.96,10.22],[103.98,10.2]]"#;
    let area = feature("field", &area, r#""rate_g_s":2000,"height_m":1,"name":"Cánh đồng""#);
    let line = feature("road", line, r#""rate_g_s":1,"height_m":0.5,"width_m":7,"sigma_z_m":1.5"#);
    let all = format!(r#"{{"type":"FeatureCollection","features":[{area},{line}]}}"#);
    std::fs::write(&layer, all).unwrap();
    let (out_text, layer) = (out.to_str().unwrap(), layer.to_str().unwrap());
    args.extend(["--cell", "500", "--stability", "D", "--background", "5", "--sources", layer, "--out", out_text]);
    let done = program(&args);
    assert!(done.status.success(), "{}", said(&done));
    assert!(
        String::from_utf8_lossy(&done.stdout).contains("commune-days"),
        "{}",
        String::from_utf8_lossy(&done.stdout)
    );
    let table = std::fs::read_to_string(out.join("communes.csv")).unwrap();
    let rows: Vec<Vec<&str>> = table.lines().skip(1).map(|l| l.split(',').collect()).collect();
    let of_day = |day: &str| rows.iter().filter(|r| r[3] == day).collect::<Vec<_>>();
    assert!(!of_day("1").is_empty() && of_day("1").len() == of_day("2").len(), "{table}");
    // The background is in the means once.
    assert!(of_day("1").iter().all(|r| r[4] == "24" && r[5].parse::<f64>().unwrap() >= 5.0), "{table}");
    assert!(of_day("1").iter().any(|r| r[9] == "true"), "{table}");
    assert!(of_day("2").iter().all(|r| r[4] == "1" && r[9].is_empty()), "{table}");
    let report: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(out.join("report.json")).unwrap()).unwrap();
    assert_eq!(report["days"].as_array().map(Vec::len), Some(1));
    assert_eq!(report["sources"][0]["title"], "Cánh đồng");
}

/// Two wind stations: the air follows both, a plume their mean, and what is wrong in the table is told with its line.
#[test]
fn several_wind_stations_lead_the_air() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let head = "hour,station,lon,lat,wind_m_s,wind_from_deg,stability\n";
    let good = format!("{head}1,A,103.97,10.25,4,270,D\n1,B,103.98,10.10,3,0,D\n2,A,103.97,10.25,4,270,D\n");
    std::fs::write(path("wind.csv"), &good).unwrap();
    let scene = concat!(env!("CARGO_MANIFEST_DIR"), "/scenes/phu-quoc.scene.ron");
    let source = "103.98,10.21;q=20g/s;h=10m";
    let run = |wind: &str, mode: &str, out: &str| {
        let (wind, out) = (path(wind), path(out));
        let mut args = vec!["simulate", "air", "--scene", scene, "--mode", mode, "--weather", &wind, "--out", &out];
        args.extend(["--source", source, "--no-roads", "--cell", "500"]);
        program(&args)
    };
    let done = run("wind.csv", "transient", "out");
    assert!(done.status.success(), "{}", said(&done));
    let manifest = std::fs::read_to_string(path("out/manifest.json")).unwrap();
    assert!(manifest.contains("air-transient-assumes-stations") && manifest.contains("\"stations\""));
    for told in ["air-transient-assumes-means", "air-assumes-background", "\"ground\"", "concentration_02h.tif"] {
        assert!(manifest.contains(told), "{told}: {manifest}");
    }
    let two = std::fs::read(path("out/concentration_01h.tif")).unwrap();
    // The same without the second station is another map.
    std::fs::write(path("one.csv"), format!("{head}1,A,103.97,10.25,4,270,D\n2,A,103.97,10.25,4,270,D\n")).unwrap();
    assert!(run("one.csv", "transient", "one").status.success());
    assert_ne!(two, std::fs::read(path("one/concentration_01h.tif")).unwrap());
    // A shorter run in the same folder leaves no hours of the longer one; places of a table are told by the hour, and an
    // option that does nothing here says so.
    let single = format!("{head}1,A,103.97,10.25,4,270,D\n");
    std::fs::write(path("single.csv"), single).unwrap();
    std::fs::write(path("places.csv"), "id,lon,lat,name\nP1,103.981,10.21,\"Chợ, bến\"\n").unwrap();
    std::fs::write(path("out/notes.txt"), "mine").unwrap();
    let (out, weather, places) = (path("out"), path("single.csv"), path("places.csv"));
    let mut args =
        vec!["simulate", "air", "--scene", scene, "--mode", "transient", "--weather", &weather, "--out", &out];
    args.extend(["--source", source, "--no-roads", "--cell", "500", "--receptors", &places, "--urban"]);
    let done = program(&args);
    assert!(done.status.success() && said(&done).contains("--urban"), "{}", said(&done));
    assert!(!Path::new(&path("out/concentration_02h.tif")).exists() && Path::new(&path("out/notes.txt")).exists());
    let table = std::fs::read_to_string(path("out/receptors.csv")).unwrap();
    let row = table.lines().find(|l| l.starts_with("P1,\"Chợ, bến\",")).unwrap();
    assert!(row.split(',').nth(6).is_some_and(|v| v.parse::<f64>().is_ok_and(|v| v > 0.0)), "{row}");
    // Calm air has no plume; hour by hour it is carried, a little and slowly.
    std::fs::write(path("calm.csv"), format!("{head}1,A,103.97,10.25,0.1,270,D\n")).unwrap();
    let calm = run("calm.csv", "transient", "calm");
    assert!(calm.status.success(), "{}", said(&calm));
    let calm = run("calm.csv", "plume", "calm-plume");
    assert!(calm.status.code() == Some(1) && said(&calm).contains("below 1 m/s"), "{}", said(&calm));
    let plume = run("wind.csv", "plume", "plume");
    assert!(plume.status.success() && said(&plume).contains("2 stations"), "{}", said(&plume));
    // Each file by itself says what it is of.
    for raster in ["plume/concentration.tif", "out/concentration_01h.tif"] {
        let bytes = String::from_utf8_lossy(&std::fs::read(path(raster)).unwrap()).into_owned();
        for words in ["POLLUTANT", "ug/m3", "simulated"] {
            assert!(bytes.contains(words), "{raster}: {words}");
        }
    }
    for file in ["out/contours.gpkg", "out/highest_mean_1h.tif", "plume/highest_mean_1h.tif"] {
        assert!(Path::new(&path(file)).exists(), "{file}");
    }
    assert!(!Path::new(&path("plume/communes.csv")).exists(), "two hours are no day");
    for table in ["plume/receptors.csv", "plume/exposure.csv", "out/receptors.csv", "out/exposure.csv"] {
        assert!(std::fs::read_to_string(path(table)).unwrap().lines().next().unwrap().contains("pollutant,origin"));
    }
    for (rows, words) in [
        ("1,A,,10.25,4,270,D\n", "line 2: lon"),
        ("1,A,103.97,10.25,-4,270,D\n", "Wind"),
        ("1,A,103.97,10.25,4,270,D\n2,A,103.97,10.25,4,270,D\n1,B,103.97,10.25,4,270,D\n", "line 4: hour"),
    ] {
        std::fs::write(path("bad.csv"), format!("{head}{rows}")).unwrap();
        let failed = run("bad.csv", "transient", "bad");
        assert_eq!(failed.status.code(), Some(1), "{rows}");
        assert!(said(&failed).to_lowercase().contains(&words.to_lowercase()), "{rows}: {}", said(&failed));
        assert!(!folder.path().join("bad").exists());
    }
}
