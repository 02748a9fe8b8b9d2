//! Two towns with people and work in them, and the roads between: enough for traffic.

use std::sync::Arc;

use island_twin::model::layer::{Layer, LayerRole};
use island_twin::model::project::Project;
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
