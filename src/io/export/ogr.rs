//! Files of one layer that GDAL writes: FlatGeobuf, DXF.

use std::path::Path;

use gdal::DriverManager;
use gdal::vector::{Feature, Geometry, Layer, LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType};

use super::ExportError;
use crate::geo::crs::Crs;
use crate::geo::shape::{Shape, ShapeKind};
use crate::io::staging::Staging;
use crate::io::{crs, gdal_setup, wkb};
use crate::model::table::{FeatureTable, FieldKind, Value};

/// The OGR geometry type that holds every feature, and whether single features must be written as multi.
pub(super) fn layer_type(table: &FeatureTable) -> (OGRwkbGeometryType::Type, bool) {
    let kind = table.geometry.main_kind();
    let same_kind = table.geometry.iter().all(|s| matches!(s.kind(), k if k == kind || k == ShapeKind::Empty));
    let multi = table.geometry.iter().any(|s| s.parts().len() > 1);
    if same_kind {
        (wkb::type_code(kind, multi, table.geometry.has_z()), multi)
    } else {
        (OGRwkbGeometryType::wkbUnknown, false)
    }
}

pub(super) fn geometry_of(shape: Shape<'_>, multi: bool, z: bool) -> gdal::errors::Result<Option<Geometry>> {
    wkb::write(shape, multi || shape.parts().len() > 1, z).map(|bytes| Geometry::from_wkb(&bytes)).transpose()
}

pub(super) fn field_type(kind: FieldKind) -> OGRFieldType::Type {
    match kind {
        FieldKind::Text => OGRFieldType::OFTString,
        FieldKind::Integer => OGRFieldType::OFTInteger64,
        FieldKind::Real => OGRFieldType::OFTReal,
    }
}

/// Sets field `at` of a feature.
pub(super) fn set_field(feature: &mut Feature<'_>, at: usize, value: Value<'_>) -> gdal::errors::Result<()> {
    match value {
        Value::Null => feature.set_field_null(at),
        Value::Text(text) => feature.set_field_string(at, &text.replace('\0', "")),
        Value::Integer(value) => feature.set_field_integer64(at, value),
        Value::Real(value) => feature.set_field_double(at, value),
    }
}

/// Writes a file of one layer. DXF has no attributes: only outlines are kept.
pub(super) fn write(table: &FeatureTable, to: &Crs, path: &Path, driver: &str) -> Result<(), ExportError> {
    gdal_setup::prepare();
    gdal_setup::take_failure();
    let srs = crs::spatial_ref(to).map_err(ExportError::crs(path))?;
    let staging = Staging::beside(path).map_err(|e| ExportError::write(path, e))?;
    let name = path.file_stem().map_or_else(|| "layer".to_owned(), |s| s.to_string_lossy().into_owned());
    let (ty, multi) = layer_type(table);
    let attributes = driver != "DXF";
    let fill = || -> gdal::errors::Result<()> {
        let mut dataset = DriverManager::get_driver_by_name(driver)?.create_vector_only(staging.path())?;
        let made = dataset.create_layer(LayerOptions { name: &name, srs: Some(&srs), ty, options: None })?;
        if attributes {
            let fields: Vec<(&str, OGRFieldType::Type)> =
                table.schema.iter().map(|f| (f.name.as_str(), field_type(f.kind))).collect();
            made.create_defn_fields(&fields)?;
        }
        for row in 0..table.len() {
            add(&made, table, row, multi, attributes)?;
        }
        dataset.close()
    };
    fill().map_err(|e| {
        let detail = gdal_setup::take_failure().unwrap_or_else(|| e.to_string());
        ExportError::write(path, detail)
    })?;
    staging.commit(&[]).map_err(|e| ExportError::write(path, e))
}

fn add(layer: &Layer<'_>, table: &FeatureTable, row: usize, multi: bool, attributes: bool) -> gdal::errors::Result<()> {
    let Some(geometry) = geometry_of(table.geometry.get(row), multi, table.geometry.has_z())? else {
        // These formats have no rows without a place.
        return Ok(());
    };
    let mut feature = Feature::new(layer.defn())?;
    feature.set_geometry(geometry)?;
    if attributes {
        for (i, column) in table.columns.iter().enumerate() {
            set_field(&mut feature, i, column.get(row))?;
        }
    }
    feature.create(layer)
}
