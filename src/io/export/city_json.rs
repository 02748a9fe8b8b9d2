//! Polygons with heights as CityJSON 2.0 buildings of LoD 1.2: prisms on flat ground, to the millimetre.

use serde_json::{Map, Value as Json, json};

use crate::geo::crs::Crs;
use crate::geo::shape::{Part, ShapeKind};
use crate::model::table::{FeatureTable, Value};
use crate::model::zoning::field;

/// Height of a building whose table gives none, metres.
const ASSUMED_HEIGHT_M: f64 = 3.3;

/// Coordinates in a projected system in metres.
pub(super) fn text(table: &FeatureTable, crs: &Crs) -> String {
    let origin = table.geometry.bounds().map_or([0.0; 2], |b| [b[0].floor(), b[1].floor()]);
    let millimetres = |v: f64| (v * 1000.0).round() as i64;
    let mut vertices: Vec<[i64; 3]> = Vec::new();
    let mut objects = Map::new();
    for (row, shape) in table.geometry.iter().enumerate().filter(|(_, s)| s.kind() == ShapeKind::Polygon) {
        if !shape.points().iter().flatten().all(|v| v.is_finite()) {
            continue;
        }
        let height = table.value(row, field::MAX_HEIGHT_M).as_f64().filter(|h| *h > 0.0).unwrap_or(ASSUMED_HEIGHT_M);
        let solids: Vec<Json> = shape
            .parts()
            .map(|part| {
                let mut vertex = |p: [f64; 2], z: f64| {
                    vertices.push([millimetres(p[0] - origin[0]), millimetres(p[1] - origin[1]), millimetres(z)]);
                    vertices.len() - 1
                };
                prism(part, height, &mut vertex)
            })
            .collect();
        let mut attributes = Map::new();
        for (field, column) in table.schema.iter().zip(&table.columns) {
            let value = match column.get(row) {
                Value::Text(text) => json!(text),
                Value::Integer(i) => json!(i),
                Value::Real(r) if r.is_finite() => json!(r),
                Value::Real(_) | Value::Null => continue,
            };
            attributes.insert(field.name.clone(), value);
        }
        let geometry: Vec<Json> =
            solids.into_iter().map(|shell| json!({"type": "Solid", "lod": "1.2", "boundaries": [shell]})).collect();
        objects.insert(
            format!("{}", table.ids[row]),
            json!({"type": "Building", "attributes": attributes, "geometry": geometry}),
        );
    }
    let mut metadata = Map::new();
    if let Crs::Epsg(code) = crs {
        metadata.insert("referenceSystem".to_owned(), json!(format!("https://www.opengis.net/def/crs/EPSG/0/{code}")));
    }
    json!({
        "type": "CityJSON",
        "version": "2.0",
        "metadata": metadata,
        "transform": {"scale": [0.001, 0.001, 0.001], "translate": [origin[0], origin[1], 0.0]},
        "CityObjects": objects,
        "vertices": vertices,
    })
    .to_string()
}

/// Floor, roof and walls; outer rings seen from outside turn left.
fn prism(part: Part<'_>, height: f64, vertex: &mut impl FnMut([f64; 2], f64) -> usize) -> Json {
    let mut floor: Vec<Vec<usize>> = Vec::new();
    let mut roof: Vec<Vec<usize>> = Vec::new();
    for ring in part.rings() {
        let corners = ring.points().split_last().map_or(&[][..], |(_, rest)| rest);
        floor.push(corners.iter().map(|p| vertex(*p, 0.0)).collect());
        roof.push(corners.iter().map(|p| vertex(*p, height)).collect());
    }
    let mut surfaces: Vec<Json> = Vec::new();
    for (low, high) in floor.iter().zip(&roof) {
        for i in 0..low.len() {
            let j = (i + 1) % low.len();
            surfaces.push(json!([[low[i], low[j], high[j], high[i]]]));
        }
    }
    for ring in &mut floor {
        ring.reverse();
    }
    surfaces.push(json!(floor));
    surfaces.push(json!(roof));
    json!(surfaces)
}
