//! A layer of a GeoPackage, through GDAL.

use std::path::Path;

use gdal::config::{clear_thread_local_config_option, set_thread_local_config_option};
use gdal::vector::{Feature, LayerAccess, LayerOptions, OGRFieldType};
use gdal::{Dataset, DatasetOptions, DriverManager, GdalOpenFlags};

use super::{ExportError, ogr};
use crate::geo::crs::Crs;
use crate::io::crs;
use crate::io::staging::Staging;
use crate::model::table::FeatureTable;

/// The date of last change that is written: the same data shall give the same bytes.
const DATE: &str = "2026-01-01T00:00:00Z";

pub(super) fn write(table: &FeatureTable, to: &Crs, path: &Path, layer: &str) -> Result<(), ExportError> {
    let srs = crs::spatial_ref(to).map_err(ExportError::crs(path))?;
    let staging = Staging::beside(path).map_err(|e| ExportError::write(path, e))?;
    if path.exists() {
        std::fs::copy(path, staging.path()).map_err(|e| ExportError::write(path, e))?;
    }
    set_thread_local_config_option("OGR_CURRENT_DATE", DATE)
        .and_then(|()| {
            let done = append_layer(table, &srs, &staging.path(), layer);
            clear_thread_local_config_option("OGR_CURRENT_DATE").and(done)
        })
        .map_err(|e| ExportError::write(path, e))?;
    staging.commit(&[]).map_err(|e| ExportError::write(path, e))
}

/// Adds a layer to a GeoPackage, which is made if it is not there. Feature ids are kept as its `fid`.
pub(crate) fn append_layer(
    table: &FeatureTable,
    srs: &gdal::spatial_ref::SpatialRef,
    path: &Path,
    layer: &str,
) -> gdal::errors::Result<()> {
    let mut dataset = if path.exists() {
        let open_flags = GdalOpenFlags::GDAL_OF_VECTOR | GdalOpenFlags::GDAL_OF_UPDATE;
        Dataset::open_ex(path, DatasetOptions { open_flags, allowed_drivers: Some(&["GPKG"]), ..Default::default() })?
    } else {
        DriverManager::get_driver_by_name("GPKG")?.create_vector_only(path)?
    };
    let (ty, multi) = ogr::layer_type(table);
    let z = table.geometry.has_z();
    let options = ["FID=fid", "GEOMETRY_NAME=geom", "OVERWRITE=YES"];
    let transaction = dataset.start_transaction()?;
    {
        let mut transaction = transaction;
        let made =
            transaction.create_layer(LayerOptions { name: layer, srs: Some(srs), ty, options: Some(&options) })?;
        // An integer field named like the id column sets the id.
        let mut fields = vec![("fid", OGRFieldType::OFTInteger64)];
        let names = column_names(table);
        fields.extend(names.iter().zip(&table.schema).map(|(name, f)| (name.as_str(), ogr::field_type(f.kind))));
        made.create_defn_fields(&fields)?;
        for (row, shape) in table.geometry.iter().enumerate() {
            let mut feature = Feature::new(made.defn())?;
            if let Some(geometry) = ogr::geometry_of(shape, multi, z)? {
                feature.set_geometry(geometry)?;
            }
            feature.set_field_integer64(0, i64::try_from(table.ids[row]).unwrap_or(i64::MAX))?;
            for (i, column) in table.columns.iter().enumerate() {
                ogr::set_field(&mut feature, i + 1, column.get(row))?;
            }
            feature.create(&made)?;
        }
        transaction.commit()?;
    }
    dataset.close()
}

/// The fields' names, none of them one of the format's own two and none twice in whatever case.
fn column_names(table: &FeatureTable) -> Vec<String> {
    let mut taken = vec!["fid".to_owned(), "geom".to_owned()];
    for field in &table.schema {
        let free = |name: &String| taken.iter().all(|t| !t.eq_ignore_ascii_case(name));
        let numbered = (1..=taken.len()).map(|i| format!("{}_{i}", field.name));
        let name = std::iter::once(field.name.clone()).chain(numbered).find(free);
        taken.push(name.unwrap_or_default());
    }
    taken.split_off(2)
}
