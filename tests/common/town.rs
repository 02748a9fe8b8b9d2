//! Two towns with people and work in them, and the roads between: enough for traffic. And a shore.

use std::sync::Arc;

use island_twin::geo::crs::Crs;
use island_twin::geo::grid::{Grid, GridSpec};
use island_twin::geo::transform::Transform;
use island_twin::model::change::Edit;
use island_twin::model::layer::{Layer, LayerContent, LayerId, LayerRole};
use island_twin::model::project::Project;
use island_twin::model::scenario_tree::{add, find_mut};
use island_twin::model::table::{FeatureTable, FieldKind, Value};

use super::{ORIGIN, layer};

pub fn at(x: f64, y: f64) -> [f64; 2] {
    [ORIGIN[0] + x, ORIGIN[1] + y]
}

/// Two towns 4 km apart, joined by a highway and a byway; a dead end, and an alley drawn the wrong way.
fn roads() -> Layer {
    use FieldKind::{Integer, Text};
    let mut table = FeatureTable::with_fields(&[
        ("TEN", Text),
        ("CAPDUONG", Text),
        ("SOLAN", Integer),
        ("TOCDO", Integer),
        ("MOTCHIEU", Integer),
    ]);
    let mut road = |name: &str, class: &str, lanes: i64, speed: i64, one_way: i64, line: &[[f64; 2]]| {
        table.geometry.push_line(line);
        table.push_row(&[
            Value::Text(name),
            Value::Text(class),
            Value::Integer(lanes),
            Value::Integer(speed),
            Value::Integer(one_way),
        ]);
    };
    for town in [0.0, 4000.0] {
        for k in 0..4 {
            let d = f64::from(k) * 300.0;
            road("Phố", "Đường nội bộ", 2, 30, 0, &[at(town, d), at(town + 900.0, d)]);
            road("Phố", "Đường nội bộ", 2, 30, 0, &[at(town + d, 0.0), at(town + d, 900.0)]);
        }
    }
    road("Quốc lộ", "Đường tỉnh", 2, 70, 0, &[at(900.0, 300.0), at(4000.0, 300.0)]);
    road("Đường vòng", "Đường gom", 2, 40, 0, &[at(900.0, 900.0), at(2500.0, 1500.0), at(4000.0, 900.0)]);
    road("Ngõ cụt", "Đường nội bộ", 2, 30, 0, &[at(0.0, 0.0), at(-200.0, 0.0)]);
    road("Ngõ ngược", "Đường nội bộ", 1, 30, 1, &[at(0.0, 900.0), at(0.0, 1200.0)]);
    layer("roads", "Đường", LayerRole::Roads, table)
}

fn buildings(far_away: bool) -> Layer {
    use FieldKind::{Integer, Text};
    let mut table = FeatureTable::with_fields(&[("LOAI", Text), ("SOTANG", Integer), ("SONGUOI", Integer)]);
    let mut house = |kind: &str, storeys: i64, residents: i64, [x, y]: [f64; 2], side: f64| {
        let ring = [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]];
        table.geometry.push_polygon(&[&ring]);
        table.push_row(&[Value::Text(kind), Value::Integer(storeys), Value::Integer(residents)]);
    };
    for i in 0..10_usize {
        for j in 0..10_usize {
            let (x, y) = (i as f64 * 85.0 + 20.0, j as f64 * 85.0 + 20.0);
            house("Nhà ở", 2, 60, at(x, y), 15.0);
            house(["Nhà phố", "Cơ quan", "Trường học", "Chợ"][(i + j) % 4], 2, 0, at(4000.0 + x, y), 20.0);
        }
    }
    house("Khách sạn", 8, 0, at(4500.0, 450.0), 40.0);
    if far_away {
        house("Nhà ở", 2, 40, at(30_000.0, 30_000.0), 15.0);
    }
    layer("buildings", "Nhà", LayerRole::Buildings, table)
}

pub fn town(far_away: bool) -> Project {
    let mut project = super::project();
    project.layers = vec![roads(), buildings(far_away)].into_iter().map(Arc::new).collect();
    project
}

/// The towns of the traffic tests on land that burns, and two plans: nothing, and a fuel break.
pub fn burning_town() -> Project {
    let mut project = town(false);
    let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, ORIGIN[0] - 1500.0, ORIGIN[1] + 3000.0, 30.0, 260, 150);
    // Grass all over.
    let cells = vec![6; spec.len()];
    let cover = Layer {
        id: LayerId::new("cover"),
        role: LayerRole::LandCover,
        content: LayerContent::Classes(Arc::new(Grid { spec, cells })),
        ..Layer::clone(&project.layers[0])
    };
    project.layers.push(Arc::new(cover));
    let degrees = Transform::between(&Crs::VN2000_TM3_104_30, &Crs::WGS84).unwrap();
    let lon_lat = |x: f64, y: f64| degrees.apply(at(x, y));
    let nothing = add(&mut project.scenarios, "Không đổi", None).unwrap();
    assert_eq!(nothing.0, "khong-doi");
    let id = add(&mut project.scenarios, "Băng", None).unwrap();
    find_mut(&mut project.scenarios, &id).unwrap().edits =
        vec![Edit::FuelBreak { line: vec![lon_lat(1500.0, -1400.0), lon_lat(1500.0, 2900.0)], width_m: 90.0 }];
    project
}

/// Land in the east from the middle on, 10 m deep water in the west, a beach where they meet.
pub fn shore() -> Project {
    let mut project = super::project();
    let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, ORIGIN[0] - 5000.0, ORIGIN[1] + 4000.0, 100.0, 100, 80);
    let cells = (0..spec.len()).map(|i| if i % 100 < 50 { -10.0 } else { 5.0 }).collect();
    let terrain = Layer {
        id: LayerId::new("relief"),
        role: LayerRole::Terrain,
        content: LayerContent::Raster(Arc::new(Grid { spec, cells })),
        ..Layer::clone(&project.layers[0])
    };
    let mut beach = FeatureTable::with_fields(&[("TEN", FieldKind::Text), ("LOAI", FieldKind::Text)]);
    beach.geometry.push_point([ORIGIN[0] - 100.0, ORIGIN[1]]);
    beach.push_row(&[Value::Text("Bãi Thử"), Value::Text("Bãi biển")]);
    project.layers.retain(|l| l.role != LayerRole::Terrain);
    project.layers.push(Arc::new(terrain));
    project.layers.push(Arc::new(layer("places", "Địa danh", LayerRole::Plain, beach)));
    project
}
