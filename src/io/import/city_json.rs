//! CityJSON 1.x and 2.0 (OGC 20-072r5) buildings: their footprints, with heights.

use std::path::Path;

use serde_json::{Map, Value as Json};

use super::ImportError;
use super::local::Read;
use super::source::{ImportReport, SourceSpec};
use crate::base::message::Message;
use crate::geo::crs::Crs;
use crate::geo::measure::ring_area;
use crate::geo::shape::{ShapeKind, Shapes};
use crate::model::layer::LayerContent;
use crate::model::table::{Column, FeatureTable, Field, FieldKind, Value};
use crate::model::zoning::field;

type Vertex = [f64; 3];
type Surface = Vec<Vec<Vertex>>;

/// # Errors
/// [`ImportError`] when the file is no CityJSON or does not say its system.
pub(super) fn read(copy: &Path, spec: &SourceSpec) -> Result<Read, ImportError> {
    let damaged = |detail: String| ImportError::Damaged { path: copy.to_owned(), detail };
    let bytes = std::fs::read(copy).map_err(|e| ImportError::io(copy, &e))?;
    let root: Json = serde_json::from_slice(&bytes).map_err(|e| damaged(e.to_string()))?;
    let objects = root.get("CityObjects").and_then(Json::as_object).ok_or_else(|| damaged("no CityObjects".into()))?;
    let vertices = vertices(&root).ok_or_else(|| damaged("no vertices".into()))?;
    let crs = spec.crs.clone().or_else(|| reference_system(&root));
    let crs = crs.ok_or_else(|| ImportError::NoCrs { path: copy.to_owned() })?;

    let mut report = ImportReport::default();
    let mut rows = Rows::default();
    for (name, object) in objects {
        let kind = object.get("type").and_then(Json::as_str).unwrap_or_default();
        if kind != "Building" && kind != "BuildingPart" {
            continue;
        }
        let surfaces = finest(object).map(|g| surfaces(g, &vertices)).unwrap_or_default();
        if surfaces.is_empty() {
            // A building whose parts carry the geometry is no fault.
            if object.get("children").is_none() {
                report.note(Some(rows.len()), Message::new("io-problem-record").with("detail", name.as_str()));
            }
            continue;
        }
        rows.push(name, kind, object.get("attributes").and_then(Json::as_object), &surfaces);
    }
    report.read = rows.len() as u64;
    let table = rows.into_table();
    Ok(Read { content: LayerContent::Features(table.into()), crs, encoding: None, report, leave_out: Vec::new() })
}

fn vertices(root: &Json) -> Option<Vec<Vertex>> {
    let triple = |value: &Json| -> Option<Vertex> {
        let list: Vec<f64> = value.as_array()?.iter().filter_map(Json::as_f64).collect();
        list.try_into().ok()
    };
    let transform = root.get("transform");
    let part = |name: &str, plain: Vertex| transform.and_then(|t| triple(t.get(name)?)).unwrap_or(plain);
    let (scale, translate) = (part("scale", [1.0; 3]), part("translate", [0.0; 3]));
    let all = root.get("vertices")?.as_array()?.iter();
    Some(
        all.map(|v| triple(v).map_or([f64::NAN; 3], |v| [0, 1, 2].map(|i| v[i].mul_add(scale[i], translate[i]))))
            .collect(),
    )
}

/// "https://www.opengis.net/def/crs/EPSG/0/7415" or "urn:ogc:def:crs:EPSG::7415".
fn reference_system(root: &Json) -> Option<Crs> {
    let text = root.get("metadata")?.get("referenceSystem")?.as_str()?;
    let code = text.rsplit(['/', ':']).next()?.parse().ok()?;
    text.contains("EPSG").then_some(Crs::Epsg(code))
}

/// The geometry of the highest level of detail.
fn finest(object: &Json) -> Option<&Json> {
    let level = |g: &Json| match g.get("lod") {
        Some(Json::String(text)) => text.parse().unwrap_or(0.0),
        Some(number) => number.as_f64().unwrap_or(0.0),
        None => 0.0,
    };
    object.get("geometry")?.as_array()?.iter().max_by(|a, b| level(a).total_cmp(&level(b)))
}

/// Surfaces of a solid, a shell or several, with the type that the semantics give each.
fn surfaces(geometry: &Json, vertices: &[Vertex]) -> Vec<(Surface, Option<String>)> {
    let depth = match geometry.get("type").and_then(Json::as_str) {
        Some("MultiSurface" | "CompositeSurface") => 1,
        Some("Solid") => 2,
        Some("MultiSolid" | "CompositeSolid") => 3,
        _ => return Vec::new(),
    };
    let types: Vec<&str> = geometry
        .get("semantics")
        .and_then(|s| s.get("surfaces"))
        .and_then(Json::as_array)
        .map(|all| all.iter().map(|s| s.get("type").and_then(Json::as_str).unwrap_or_default()).collect())
        .unwrap_or_default();
    let mut found = Vec::new();
    let values = geometry.get("semantics").and_then(|s| s.get("values"));
    if let Some(boundaries) = geometry.get("boundaries") {
        collect(boundaries, values, depth, vertices, &types, &mut found);
    }
    found
}

fn collect(
    boundary: &Json,
    value: Option<&Json>,
    depth: u32,
    vertices: &[Vertex],
    types: &[&str],
    found: &mut Vec<(Surface, Option<String>)>,
) {
    if depth > 0 {
        for (i, inner) in boundary.as_array().into_iter().flatten().enumerate() {
            collect(inner, value.and_then(|v| v.get(i)), depth - 1, vertices, types, found);
        }
        return;
    }
    let ring = |ring: &Json| -> Option<Vec<Vertex>> {
        ring.as_array()?.iter().map(|i| vertices.get(usize::try_from(i.as_u64()?).ok()?).copied()).collect()
    };
    let rings: Option<Surface> = boundary.as_array().into_iter().flatten().map(ring).collect();
    if let Some(rings) = rings.filter(|r| r.first().is_some_and(|outer| outer.len() >= 3)) {
        let kind = value.and_then(Json::as_u64).and_then(|i| types.get(i as usize)).map(|t| (*t).to_owned());
        found.push((rings, kind));
    }
}

#[derive(Default)]
struct Rows {
    geometry: Shapes,
    names: Vec<(String, String)>,
    heights: Vec<f64>,
    attributes: Vec<Map<String, Json>>,
}

impl Rows {
    fn len(&self) -> usize {
        self.names.len()
    }

    fn push(
        &mut self,
        name: &str,
        kind: &str,
        attributes: Option<&Map<String, Json>>,
        all: &[(Surface, Option<String>)],
    ) {
        let heights = || all.iter().flat_map(|(s, _)| s.iter().flatten()).map(|v| v[2]).filter(|z| z.is_finite());
        let (low, high) = (heights().fold(f64::INFINITY, f64::min), heights().fold(f64::NEG_INFINITY, f64::max));
        let named_ground: Vec<&Surface> =
            all.iter().filter(|(_, t)| t.as_deref() == Some("GroundSurface")).map(|(s, _)| s).collect();
        // Without semantics the ground is what lies flat at the bottom.
        let at_bottom = |s: &Surface| s.iter().flatten().all(|v| v[2] - low <= 0.1);
        let ground = if named_ground.is_empty() {
            all.iter().map(|(s, _)| s).filter(|s| at_bottom(s)).collect()
        } else {
            named_ground
        };
        for surface in &ground {
            for (i, ring) in surface.iter().enumerate() {
                let mut points: Vec<[f64; 2]> = ring.iter().map(|v| [v[0], v[1]]).collect();
                points.extend(points.first().copied());
                if (ring_area(&points) > 0.0) != (i == 0) {
                    points.reverse();
                }
                for point in points {
                    self.geometry.add_point(point);
                }
                self.geometry.finish_ring();
            }
            self.geometry.finish_part();
        }
        self.geometry.finish_feature(if ground.is_empty() { ShapeKind::Empty } else { ShapeKind::Polygon });
        self.names.push((name.to_owned(), kind.to_owned()));
        self.heights.push(if high >= low { high - low } else { f64::NAN });
        self.attributes.push(attributes.cloned().unwrap_or_default());
    }

    /// Attributes that are numbers wherever they are given become numbers.
    fn into_table(self) -> FeatureTable {
        let mut names: Vec<String> = self.attributes.iter().flat_map(|a| a.keys().cloned()).collect();
        names.sort();
        names.dedup();
        names.truncate(MOST_ATTRIBUTES);
        let own = [("id", FieldKind::Text), ("type", FieldKind::Text), (field::MAX_HEIGHT_M, FieldKind::Real)];
        let mut table = FeatureTable::with_fields(&own);
        for (name, kind) in &self.names {
            table.push_row(&[Value::Text(name), Value::Text(kind)]);
        }
        table.columns[2] = Column::Real(self.heights);
        for name in names.iter().filter(|n| table.field_index(n).is_none()).collect::<Vec<_>>() {
            let values = || self.attributes.iter().filter_map(|a| a.get(name)).filter(|v| !v.is_null());
            let kind = if values().all(Json::is_i64) {
                FieldKind::Integer
            } else if values().all(Json::is_number) {
                FieldKind::Real
            } else {
                FieldKind::Text
            };
            let mut column = Column::new(kind);
            for attributes in &self.attributes {
                match attributes.get(name) {
                    None | Some(Json::Null) => column.push(Value::Null),
                    Some(Json::String(text)) => column.push(Value::Text(text)),
                    Some(Json::Number(n)) if kind == FieldKind::Integer => {
                        column.push(n.as_i64().map_or(Value::Null, Value::Integer));
                    }
                    Some(Json::Number(n)) if kind == FieldKind::Real => {
                        column.push(n.as_f64().map_or(Value::Null, Value::Real));
                    }
                    Some(other) => column.push(Value::Text(&other.to_string())),
                }
            }
            table.schema.push(Field { name: name.clone(), kind });
            table.columns.push(column);
        }
        table.geometry = self.geometry;
        table
    }
}

/// More columns than this are no table.
const MOST_ATTRIBUTES: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_building_gives_its_ground_and_its_height() {
        let text = r#"{"type":"CityJSON","version":"2.0","metadata":{"referenceSystem":"https://www.opengis.net/def/crs/EPSG/0/9207"},
            "transform":{"scale":[0.01,0.01,0.01],"translate":[441000,1130000,0]},
            "vertices":[[0,0,500],[1000,0,500],[1000,1000,500],[0,1000,500],[0,0,1700],[1000,0,1700],[1000,1000,1700],[0,1000,1700]],
            "CityObjects":{"nha-1":{"type":"Building","attributes":{"ten":"Chợ","tang":3},
              "geometry":[{"type":"Solid","lod":"1.2","boundaries":[[[[3,2,1,0]],[[4,5,6,7]],[[0,1,5,4]],[[1,2,6,5]],[[2,3,7,6]],[[3,0,4,7]]]]}]},
              "cay":{"type":"SolitaryVegetationObject"}}}"#;
        let file = tempfile::Builder::new().suffix(".json").tempfile().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let read = read(file.path(), &SourceSpec::new(file.path())).unwrap();
        assert_eq!(read.crs, Crs::Epsg(9207));
        let LayerContent::Features(table) = read.content else { panic!() };
        assert_eq!(table.len(), 1);
        assert_eq!(table.value(0, "CHIEUCAO"), Value::Real(12.0));
        assert_eq!((table.value(0, "ten"), table.value(0, "tang")), (Value::Text("Chợ"), Value::Integer(3)));
        let ring = table.geometry.get(0).points();
        assert_eq!((ring_area(ring), ring.len(), ring[0]), (100.0, 5, [441_000.0, 1_130_010.0]));
    }
}
