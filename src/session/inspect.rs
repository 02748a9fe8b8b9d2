//! What a panel tells about the feature that was clicked.

use super::fields::known_field;
use super::rights::{BuildingRights, building_rights};
use super::selection::{Hit, Selection};
use super::spatial::Indexes;
use crate::geo::measure::{area, length};
use crate::geo::shape::{Shape, ShapeKind};
use crate::model::landuse::land_use;
use crate::model::layer::{Layer, LayerRole, Origin};
use crate::model::mapping::is_personal;
use crate::model::project::Project;
use crate::model::style::{Rgba, Text2};
use crate::model::table::{FeatureTable, FieldKind, Value};
use crate::model::zoning;

#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    pub hit: Hit,
    pub layer_title: Text2,
    pub origin: Origin,
    pub credit: String,
    pub title: FeatureTitle,
    pub rows: Vec<AttributeRow>,
    /// Fields about people that are not shown.
    pub hidden: usize,
    pub geometry: Geometry,
    /// (west, south, east, north) in the site's CRS.
    pub bounds: Option<[f64; 4]>,
    /// For a parcel.
    pub rights: Option<BuildingRights>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum FeatureTitle {
    /// Map sheet and parcel number.
    Parcel {
        sheet: String,
        parcel: String,
    },
    Named(String),
    /// Nothing but the feature's id.
    Numbered(u64),
}

#[derive(Debug, Clone, PartialEq)]
pub struct AttributeRow {
    pub field: String,
    /// A catalogue key, for fields that this program knows.
    pub label_key: Option<String>,
    pub kind: FieldKind,
    pub value: CellValue,
    pub unit: Option<&'static str>,
    /// What a code stands for, and its colour on the map.
    pub meaning: Option<(Text2, Rgba)>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum CellValue {
    Empty,
    Text(String),
    Integer(i64),
    Real(f64),
}

impl From<Value<'_>> for CellValue {
    fn from(value: Value<'_>) -> Self {
        match value {
            Value::Null => Self::Empty,
            Value::Text(text) => Self::Text(text.to_owned()),
            Value::Integer(i) => Self::Integer(i),
            Value::Real(r) => Self::Real(r),
        }
    }
}

/// Measured on the map's plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Geometry {
    None,
    /// (east, north) in the site's CRS.
    Point([f64; 2]),
    Line {
        length_m: f64,
    },
    Polygon {
        area_m2: f64,
    },
}

/// `None` when the active hit is no feature of the project.
#[must_use]
pub fn inspect(project: &Project, selection: &Selection, indexes: &Indexes, show_personal: bool) -> Option<Inspection> {
    let hit = selection.active_hit()?;
    let layer = project.layer(&hit.layer)?;
    let table = layer.content.features()?;
    let row = table.row_of(hit.feature)?;
    let shape = table.geometry.get(row);
    let rights = (layer.role == LayerRole::Parcels)
        .then(|| building_rights(project, layer, row, [selection.at[0], selection.at[1]], indexes));
    Some(Inspection {
        hit: hit.clone(),
        layer_title: layer.title.clone(),
        origin: layer.source.origin,
        credit: layer.source.credit.clone(),
        title: feature_title(layer, table, row),
        hidden: table.schema.iter().filter(|f| !show_personal && is_personal(&f.name)).count(),
        rows: rows(table, row, show_personal),
        geometry: geometry(shape),
        bounds: shape.bounds(),
        rights: rights.flatten(),
    })
}

fn rows(table: &FeatureTable, row: usize, show_personal: bool) -> Vec<AttributeRow> {
    table
        .schema
        .iter()
        .zip(&table.columns)
        .filter(|(field, _)| show_personal || !is_personal(&field.name))
        .map(|(field, column)| {
            let value = column.get(row);
            let (label_key, unit) = known_field(&field.name).map_or((None, None), |(key, unit)| (Some(key), unit));
            AttributeRow {
                field: field.name.clone(),
                label_key,
                kind: field.kind,
                value: value.into(),
                unit,
                meaning: meaning(&field.name, value),
            }
        })
        .collect()
}

fn meaning(field: &str, value: Value<'_>) -> Option<(Text2, Rgba)> {
    match value {
        Value::Text(code) if field.eq_ignore_ascii_case(zoning::field::CODE) => {
            land_use(code).map(|l| (l.name.clone(), l.color))
        }
        _ => None,
    }
}

fn geometry(shape: Shape<'_>) -> Geometry {
    match shape.kind() {
        ShapeKind::Empty => Geometry::None,
        ShapeKind::Point => shape.points().first().map_or(Geometry::None, |p| Geometry::Point(*p)),
        ShapeKind::Line => Geometry::Line { length_m: shape.rings().map(|r| length(r.points())).sum() },
        ShapeKind::Polygon => Geometry::Polygon { area_m2: area(shape) },
    }
}

/// Fields that name a feature, the best first.
const NAME_FIELDS: [&str; 12] =
    ["TEN", "NAME", "TENDUONG", "TENXA", "TEN_XA", "NAME_VI", "DIACHI", "MA", "CODE", "ID", "MATRAM", "MALOAIDAT"];

pub(super) fn feature_title(layer: &Layer, table: &FeatureTable, row: usize) -> FeatureTitle {
    let text = |name: &str| Some(table.value(row, name).to_string()).filter(|t| !t.trim().is_empty());
    if let (Some(sheet), Some(parcel)) = (text("SOTO"), text("SOTHUA")) {
        return FeatureTitle::Parcel { sheet, parcel };
    }
    let label = layer.style.label.as_ref().map(|l| l.field.as_str());
    let name = label.into_iter().chain(NAME_FIELDS).filter(|field| !is_personal(field)).find_map(text);
    name.map_or_else(|| FeatureTitle::Numbered(table.ids.get(row).copied().unwrap_or_default()), FeatureTitle::Named)
}
