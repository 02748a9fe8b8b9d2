//! The generated things as feature tables, with the field names that Vietnamese offices use.

use super::island::Island;
use super::places::PLACES;
use super::regions::regions;
use super::sensors::Sensor;
use crate::geo::measure::length;
use crate::model::table::{FeatureTable, FieldKind, Value};
use crate::model::zoning::field;

use FieldKind::{Integer, Real, Text};

/// The number, from 1, by which tables name the thing at an index.
#[must_use]
pub fn number(index: usize) -> Value<'static> {
    Value::Integer(i64::try_from(index).map_or(i64::MAX, |n| n + 1))
}

/// Land in the area of the terrain; the foreign islands are marked.
#[must_use]
pub fn coast(island: &Island) -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[("TEN", Text), ("QUOCGIA", Text)]);
    let [west, south, east, north] = island.ground.height.spec.bounds();
    let near = |p: &[f64; 2]| p[0] > west && p[0] < east && p[1] > south && p[1] < north;
    for (i, land) in island.lands.iter().enumerate() {
        if land.ring.iter().any(near) {
            table.geometry.push_polygon(&[&land.ring]);
            let name = if i == 0 { Value::Text("Đảo Phú Quốc") } else { Value::Null };
            table.push_row(&[name, Value::Text(if land.foreign { "Campuchia" } else { "Việt Nam" })]);
        }
    }
    table
}

/// The register's communes; Thổ Châu lies 100 km off and has no boundary here.
#[must_use]
pub fn communes(island: &Island) -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[("MAXA", Text), ("TENXA", Text), ("DIENTICHHA", Real)]);
    let pieces = regions(&island.commune_of, 400);
    for (index, commune) in island.communes.iter().enumerate() {
        let own: Vec<_> = pieces.iter().filter(|r| usize::from(r.label) == index + 1).collect();
        let mut area = 0.0;
        for piece in &own {
            for (i, ring) in piece.rings.iter().enumerate() {
                area += crate::geo::measure::ring_area(ring).abs() * if i == 0 { 1.0 } else { -1.0 };
            }
        }
        if own.is_empty() {
            table.geometry.push_empty();
        } else {
            let rings: Vec<Vec<&[[f64; 2]]>> =
                own.iter().map(|r| r.rings.iter().map(Vec::as_slice).collect()).collect();
            let parts: Vec<&[&[[f64; 2]]]> = rings.iter().map(Vec::as_slice).collect();
            table.geometry.push_parts(crate::geo::shape::ShapeKind::Polygon, &parts);
        }
        let hectares = if own.is_empty() { Value::Null } else { Value::Real((area / 1000.0).round() / 10.0) };
        table.push_row(&[Value::Text(&commune.code), Value::Text(&commune.full_name), hectares]);
    }
    table
}

#[must_use]
pub fn places() -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[("TEN", Text), ("LOAI", Text)]);
    for (name, kind, x, y) in PLACES {
        table.geometry.push_point([x * 1000.0, y * 1000.0]);
        table.push_row(&[Value::Text(name), Value::Text(kind)]);
    }
    table
}

#[must_use]
pub fn roads(island: &Island) -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[
        ("TEN", Text),
        ("CAPDUONG", Text),
        ("SOLAN", Integer),
        ("TOCDO", Integer),
        ("BERONG", Real),
        ("MOTCHIEU", Integer),
        ("NUTDAU", Integer),
        ("NUTCUOI", Integer),
    ]);
    for edge in &island.roads.edges {
        let (lanes, speed, width) = edge.class.standard();
        table.geometry.push_line(&edge.line);
        table.push_row(&[
            Value::Text(&edge.name),
            Value::Text(edge.class.label()),
            Value::Integer(if edge.one_way { 1 } else { lanes }),
            Value::Integer(speed),
            Value::Real(width),
            Value::Integer(i64::from(edge.one_way)),
            number(edge.from),
            number(edge.to),
        ]);
    }
    table
}

#[must_use]
pub fn buildings(island: &Island) -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[
        ("LOAI", Text),
        ("SOTANG", Integer),
        ("CHIEUCAO", Real),
        ("MATHUA", Integer),
        ("SONGUOI", Integer),
    ]);
    for building in &island.buildings {
        table.geometry.push_polygon(&[&building.ring]);
        table.push_row(&[
            Value::Text(building.kind),
            Value::Integer(building.storeys),
            Value::Real(building.height_m),
            number(building.parcel),
            Value::Integer(building.residents),
        ]);
    }
    table
}

#[must_use]
pub fn plan(island: &Island) -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[
        (field::CODE, Text),
        ("TEN", Text),
        (field::PLOT_RATIO, Real),
        (field::COVERAGE_PERCENT, Integer),
        (field::MAX_HEIGHT_M, Real),
        (field::MAX_STOREYS, Integer),
    ]);
    for (region, rule) in &island.plan.zones {
        let rings: Vec<&[[f64; 2]]> = region.rings.iter().map(Vec::as_slice).collect();
        table.geometry.push_polygon(&rings);
        table.push_row(&[
            Value::Text(rule.code),
            Value::Text(rule.name),
            Value::Real(rule.plot_ratio),
            Value::Integer(rule.coverage_percent),
            Value::Real(rule.height_m),
            Value::Integer(rule.storeys),
        ]);
    }
    table
}

#[must_use]
pub fn mains(island: &Island) -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[
        ("DUONGKINH", Integer),
        ("VATLIEU", Text),
        ("DOSAU", Real),
        ("CHIEUDAI", Real),
        ("NUTDAU", Integer),
        ("NUTCUOI", Integer),
    ]);
    for main in &island.water.mains {
        let edge = &island.roads.edges[main.edge];
        table.geometry.push_line(&main.line);
        table.push_row(&[
            Value::Integer(main.diameter_mm),
            Value::Text(main.material),
            Value::Real(main.depth_m),
            Value::Real((length(&main.line) * 10.0).round() / 10.0),
            number(edge.from),
            number(edge.to),
        ]);
    }
    table
}

#[must_use]
pub fn valves(island: &Island) -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[("DUONGKINH", Integer)]);
    for valve in &island.water.valves {
        table.geometry.push_point(valve.at);
        table.push_row(&[Value::Integer(valve.diameter_mm)]);
    }
    table
}

#[must_use]
pub fn hydrants(island: &Island) -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[("DUONGKINH", Integer)]);
    for hydrant in &island.water.hydrants {
        table.geometry.push_point(hydrant.at);
        table.push_row(&[Value::Integer(hydrant.diameter_mm)]);
    }
    table
}

#[must_use]
pub fn meters(island: &Island) -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[("DUONGKINH", Integer), ("MATHUA", Integer)]);
    for (meter, building) in &island.water.meters {
        table.geometry.push_point(meter.at);
        table.push_row(&[Value::Integer(meter.diameter_mm), number(island.buildings[*building].parcel)]);
    }
    table
}

#[must_use]
pub fn drains(island: &Island) -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[("DUONGKINH", Integer), ("DOSAU", Real), ("CUAXA", Integer)]);
    for drain in &island.drainage.drains {
        table.geometry.push_line(&drain.line);
        table.push_row(&[
            Value::Integer(drain.diameter_mm),
            Value::Real(drain.depth_m),
            Value::Integer(i64::from(drain.outfall)),
        ]);
    }
    table
}

#[must_use]
pub fn manholes(island: &Island) -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[("DOSAU", Real), ("CUAXA", Integer)]);
    for (at, depth, outfall) in &island.drainage.manholes {
        table.geometry.push_point(*at);
        table.push_row(&[Value::Real(*depth), Value::Integer(i64::from(*outfall))]);
    }
    table
}

#[must_use]
pub fn lights(island: &Island) -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[("CHIEUCAO", Real), ("CONGSUAT", Integer), ("TRANGTHAI", Text)]);
    for light in &island.lights {
        table.geometry.push_point(light.at);
        table.push_row(&[Value::Real(light.height_m), Value::Integer(light.watts), Value::Text(light.state)]);
    }
    table
}

#[must_use]
pub fn trees(island: &Island) -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[("LOAICAY", Text), ("CHIEUCAO", Real)]);
    for tree in &island.trees {
        table.geometry.push_point(tree.at);
        table.push_row(&[Value::Text(tree.species), Value::Real(tree.height_m)]);
    }
    table
}

#[must_use]
pub fn sensors(list: &[Sensor]) -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[("MA", Text), ("TEN", Text)]);
    for sensor in list {
        table.geometry.push_point(sensor.at);
        table.push_row(&[Value::Text(&sensor.code), Value::Text(&sensor.name)]);
    }
    table
}
