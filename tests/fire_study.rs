//! A fire in a project: its ground from the layers, what it reaches and when, before and after a fuel break.

mod common;

use std::sync::Arc;

use common::{ORIGIN, layer, text};
use island_twin::base::message::Message;
use island_twin::geo::crs::Crs;
use island_twin::geo::grid::{Grid, GridSpec};
use island_twin::model::layer::{Layer, LayerContent, LayerRole, Origin};
use island_twin::model::project::Project;
use island_twin::model::style::{ColorRule, LabelRule, Rgba, Style, Symbol};
use island_twin::model::table::{FeatureTable, FieldKind, Value};
use island_twin::sim::fire::error::FireError;
use island_twin::sim::fire::front::{Ignition, IgnitionShape};
use island_twin::sim::fire::landscape::Weather;
use island_twin::sim::fire::simulation::ARRIVAL;
use island_twin::sim::fire::spotting::Spotting;
use island_twin::sim::run::{SimError, StepContext};
use island_twin::study::fire::case::{FireCase, FireResult, from_lon_lat, point};
use island_twin::study::fire::compare::compare;
use island_twin::study::fire::error::FireStudyError;
use island_twin::study::fire::inputs::{FireInputs, FuelBreak, MoisturePreset, SuppressionLine};
use island_twin::study::fire::uncertainty;
use island_twin::text::{Catalog, Language};

const CELLS: usize = 100;
const SEA: u16 = u16::MAX;

fn at(x: f64, y: f64) -> [f64; 2] {
    [ORIGIN[0] + x, ORIGIN[1] + y]
}

fn raster(id: &str, role: LayerRole, content: LayerContent) -> Layer {
    let mut made = layer(id, id, role, FeatureTable::default());
    made.content = content;
    made.source.origin = Origin::Generated;
    made.style = Style::new(Symbol::Raster { color: ColorRule::Single(Rgba::opaque(0, 0, 0)) });
    made
}

/// 3 km by 3 km: grass in the west, melaleuca in the middle, houses in the east, sea all around; a road from north to
/// south at 2 km that is wide, and a lane.
fn project() -> Arc<Project> {
    let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, ORIGIN[0], ORIGIN[1] + 3000.0, 30.0, CELLS, CELLS);
    let class = |i: usize| {
        let (col, row) = (i % CELLS, i / CELLS);
        if !(2..98).contains(&col) || !(2..98).contains(&row) {
            SEA
        } else if (40..50).contains(&col) {
            3
        } else {
            6
        }
    };
    let cover = Grid { spec: spec.clone(), cells: (0..spec.len()).map(class).collect() };
    let height = |i: usize| (i % CELLS) as f32 * 0.5;
    let terrain = Grid { cells: (0..spec.len()).map(height).collect(), spec };
    let mut roads = FeatureTable::with_fields(&[("TEN", FieldKind::Text), ("BERONG", FieldKind::Real)]);
    for (x, name, width) in [(1000.0, "Hẻm 5", 3.0), (2000.0, "Đường Bãi Thơm", 9.0)] {
        roads.geometry.push_line(&[at(x, 300.0), at(x, 2700.0)]);
        roads.push_row(&[Value::Text(name), Value::Real(width)]);
    }
    let mut houses = FeatureTable::with_fields(&[("SONGUOI", FieldKind::Integer)]);
    for i in 0..10_i64 {
        let [e, n] = at(1500.0 + 100.0 * i as f64, 1500.0);
        houses.geometry.push_polygon(&[&[[e, n], [e + 8.0, n], [e + 8.0, n + 8.0], [e, n + 8.0], [e, n]]]);
        houses.push_row(&[Value::Integer(4)]);
    }
    let mut plan = FeatureTable::with_fields(&[("MALOAIDAT", FieldKind::Text)]);
    plan.geometry.push_polygon(&[&[at(0.0, 0.0), at(1500.0, 0.0), at(1500.0, 3000.0), at(0.0, 3000.0), at(0.0, 0.0)]]);
    plan.push_row(&[Value::Text("RDD")]);
    let mut names = FeatureTable::with_fields(&[("TEN", FieldKind::Text)]);
    names.geometry.push_point(at(1200.0, 1500.0));
    names.push_row(&[Value::Text("Rạch Tràm")]);
    let mut places = layer("places", "Địa danh", LayerRole::Plain, names);
    places.style = Style::new(Symbol::Hidden);
    places.style.label =
        Some(LabelRule { field: "TEN".to_owned(), max_distance_m: 1000.0, min_distance_m: 0.0, size: 12.0 });
    let mut project = common::project();
    project.title = text("Thử", "Trial");
    project.layers = vec![
        Arc::new(raster("terrain", LayerRole::Terrain, LayerContent::Raster(Arc::new(terrain)))),
        Arc::new(raster("cover", LayerRole::LandCover, LayerContent::Classes(Arc::new(cover)))),
        Arc::new(layer("plan", "Quy hoạch", LayerRole::LandUsePlan, plan)),
        Arc::new(layer("roads", "Đường", LayerRole::Roads, roads)),
        Arc::new(layer("houses", "Nhà", LayerRole::Buildings, houses)),
        Arc::new(places),
    ];
    Arc::new(project)
}

/// From the west with the wind, at 09:30 local time.
fn inputs() -> FireInputs {
    let weather = Weather {
        start_s: 0.0,
        wind_10m_mps: 6.0,
        wind_from_rad: 270_f64.to_radians(),
        moisture: MoisturePreset::Low.moisture(),
    };
    let mut inputs = FireInputs::new(1_773_973_800, vec![point(at(300.0, 1500.0))], vec![weather]);
    inputs.hours = 6.0;
    inputs.threads = 1;
    inputs
}

fn run(inputs: FireInputs) -> FireResult {
    FireCase::prepare(&project(), inputs).unwrap().run(StepContext::default(), |_| ()).unwrap()
}

#[test]
fn a_fire_smaller_than_a_cell_is_not_told_as_nothing() {
    let mut inputs = inputs();
    inputs.hours = 0.01;
    let result = run(inputs);
    assert!(result.impact.burnt_ha < result.impact.cell_ha, "{}", result.impact.burnt_ha);
    assert_eq!(result.headlines[0].key, "study-fire-within-a-cell");
}

#[test]
fn a_fire_is_told_by_what_it_reaches_and_when() {
    let result = run(inputs());
    let impact = &result.impact;
    assert!(impact.burnt_ha > 50.0 && impact.burnt_ha < 900.0, "{}", impact.burnt_ha);
    let by_cover: f64 = impact.by_cover.iter().map(|c| c.hectares).sum();
    assert!((by_cover - impact.burnt_ha).abs() < 1e-6);
    // Melaleuca has trees, grass has none.
    let melaleuca = impact.by_cover.iter().find(|c| c.code == "3").unwrap();
    assert_eq!(melaleuca.hectares, impact.forest_ha);
    assert_eq!(melaleuca.title.vi, "Rừng tràm");
    assert!(impact.special_use_ha > 0.0 && impact.special_use_ha < impact.burnt_ha);
    // The road at 2 km holds the fire: houses before it are reached, those behind it are not.
    assert!(!impact.buildings.is_empty() && impact.buildings.len() <= 6, "{}", impact.buildings.len());
    assert_eq!(impact.residents, 4 * impact.buildings.len() as u32);
    assert!(impact.buildings.windows(2).all(|w| w[0].time_s <= w[1].time_s));
    let (by_half, people) = impact.by(impact.buildings[0].time_s);
    assert!(by_half >= 1 && people == 4 * by_half as u32);
    assert_eq!(impact.by(0.0), (0, 0));
    assert_eq!(impact.places[0].name, "Rạch Tràm");
    let names: Vec<&str> = impact.roads.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["Hẻm 5", "Đường Bãi Thơm"]);

    let told = |language| {
        let catalog = Catalog::load(language);
        result.headlines.iter().map(|m| catalog.text(m)).collect::<Vec<_>>().join("\n")
    };
    let (vi, en) = (told(Language::Vi), told(Language::En));
    assert!(vi.contains("Cháy tới Đường Bãi Thơm lúc 1"), "{vi}");
    assert!(en.contains("reaches Đường Bãi Thơm at 1") && !en.contains("Hẻm 5"), "{en}");
    let catalog = Catalog::load(Language::En);
    let assumed: Vec<String> = result.assumptions.iter().map(|m| catalog.text(m)).collect();
    for words in ["Melaleuca", "peat", "not validated", "demonstration data", "stay the same"] {
        assert!(assumed.iter().any(|a| a.contains(words)), "{words}: {assumed:?}");
    }
    assert!(result.notices.is_empty());
    assert_eq!(result.manifest.inputs.len(), 4);
}

#[test]
fn a_fuel_break_spares_what_lies_behind_it() {
    let strip = FuelBreak { line: vec![at(900.0, 0.0), at(900.0, 3000.0)], width_m: 60.0 };
    let case = FireCase::prepare(&project(), FireInputs { breaks: vec![strip], ..inputs() }).unwrap();
    let after = case.run(StepContext::default(), |_| ()).unwrap();
    let before = case.without_measures().unwrap().run(StepContext::default(), |_| ()).unwrap();
    assert!(after.impact.buildings.is_empty());
    let change = compare(&before, &after).unwrap();
    assert_eq!(before.impact.buildings.len(), run(inputs()).impact.buildings.len());
    let spared = change.spared.cells.iter().filter(|t| !t.is_nan()).count() as f64 * 0.09;
    assert!((spared - (before.impact.burnt_ha - after.impact.burnt_ha)).abs() < 1e-6);
    // Nothing burns sooner behind a break. Cells are settled in another order in the two fires, which moves arrivals by up
    // to 3 s of these six hours.
    assert!(change.delay.cells.iter().all(|d| d.is_nan() || *d >= -5.0));
    assert_eq!(change.headlines.len(), 3);
    let line = SuppressionLine { line: vec![at(900.0, 0.0), at(900.0, 3000.0)], start_s: 0.0, rate_mps: 50.0 };
    let held = run(FireInputs { lines: vec![line], ..inputs() });
    assert!(held.impact.buildings.is_empty());
}

#[test]
fn finer_cells_tell_the_same_fire() {
    let (coarse, fine) = (run(inputs()), run(FireInputs { cell_m: 10.0, ..inputs() }));
    let ratio = fine.impact.burnt_ha / coarse.impact.burnt_ha;
    assert!((0.85..1.15).contains(&ratio), "{ratio}");
}

#[test]
fn the_result_is_the_same_on_any_number_of_threads_and_its_manifest_says_so() {
    let spotted = FireInputs { spotting: Some(Spotting { seed: 5, ..Spotting::default() }), ..inputs() };
    let (one, two) = (run(spotted.clone()), run(FireInputs { threads: 2, ..spotted }));
    let bits =
        |r: &FireResult| -> Vec<u32> { r.last.field(ARRIVAL).unwrap().cells.iter().map(|t| t.to_bits()).collect() };
    assert_eq!(bits(&one), bits(&two));
    assert_eq!(one.impact, two.impact);
    let digest = |r: &FireResult| r.manifest.inputs.iter().map(|d| d.digest.clone()).collect::<Vec<_>>();
    assert_eq!(digest(&one)[..3], digest(&two)[..3]);
    let wetter = FireInputs { cell_m: 60.0, ..inputs() };
    assert_ne!(digest(&one)[1], digest(&run(wetter))[1]);
}

#[test]
fn other_winds_and_moistures_give_a_range_and_a_probability() {
    let case = FireCase::prepare(&project(), FireInputs { hours: 2.0, ..inputs() }).unwrap();
    let plain = case.run(StepContext::default(), |_| ()).unwrap();
    let u = uncertainty::measure(&case, &uncertainty::spread(3, 20), &StepContext::default()).unwrap();
    assert!(u.burnt_ha.low < u.burnt_ha.middle && u.burnt_ha.middle < u.burnt_ha.high, "{:?}", u.burnt_ha);
    assert!(u.burnt_ha.low < plain.impact.burnt_ha && plain.impact.burnt_ha < u.burnt_ha.high * 1.5);
    let most = u.probability.range().unwrap();
    assert!(most.0 >= 0.05 && most.1 == 1.0, "{most:?}");
    assert!(!u.headlines.is_empty());
    let cancelled = StepContext::default();
    cancelled.cancel.cancel();
    let stopped = uncertainty::measure(&case, &uncertainty::spread(3, 20), &cancelled).unwrap_err();
    assert!(stopped.is_cancelled());
}

#[test]
fn what_cannot_burn_is_a_clear_error() {
    let fire = |inputs: FireInputs| FireCase::prepare(&project(), inputs).err();
    let place = |p: [f64; 2]| FireInputs { ignitions: vec![point(p)], ..inputs() };
    assert_eq!(fire(place(at(-9000.0, 0.0))), Some(FireStudyError::OutsideMap));
    assert_eq!(fire(place([f64::NAN; 2])), Some(FireStudyError::OutsideMap));
    // In the sea, but on the map: known when the run begins.
    let case = FireCase::prepare(&project(), place(at(45.0, 1500.0))).unwrap();
    let sea = case.run(StepContext::default(), |_| ()).unwrap_err();
    assert!(
        matches!(sea, FireStudyError::Run(SimError::Model(Message { key, .. })) if key == "sim-fire-nothing-ignites")
    );
    assert!(fire(FireInputs { ignitions: Vec::new(), ..inputs() }).is_some());
    assert!(fire(FireInputs { hours: f64::NAN, ..inputs() }).is_some());
    assert!(fire(FireInputs { cell_m: 0.01, ..inputs() }).is_some());
    let mut gale = inputs();
    gale.weather[0].wind_10m_mps = f64::NAN;
    assert!(matches!(fire(gale), Some(FireStudyError::Input(FireError::OutOfRange { what: "wind", .. }))));
    let strip = FuelBreak { line: vec![at(0.0, 0.0), at(9.0, 9.0)], width_m: -1.0 };
    assert!(fire(FireInputs { breaks: vec![strip], ..inputs() }).is_some());
    let mut bare = Project::clone(&project());
    bare.layers.retain(|l| l.role != LayerRole::LandCover);
    assert_eq!(FireCase::prepare(&Arc::new(bare), inputs()).err(), Some(FireStudyError::NoLandCover));
    let mut flat = Project::clone(&project());
    flat.layers.retain(|l| l.role != LayerRole::Terrain);
    assert_eq!(FireCase::prepare(&Arc::new(flat), inputs()).unwrap().ground.notices.len(), 1);
    assert!(from_lon_lat(&project(), [104.0, 10.2]).is_ok());
}

#[test]
fn inputs_survive_a_file() {
    let mut asked = inputs();
    asked.ignitions.push(Ignition { time_s: 60.0, shape: IgnitionShape::Line(vec![at(0.0, 0.0), at(1.0, 1.0)]) });
    let text = serde_json::to_string(&asked).unwrap();
    assert_eq!(serde_json::from_str::<FireInputs>(&text).unwrap(), asked);
}
