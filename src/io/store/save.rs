//! Writing a project.

use std::collections::BTreeSet;
use std::path::Path;

use gdal::DriverManager;
use gdal::raster::{Buffer, GdalType, RasterCreationOptions};
use gdal::spatial_ref::SpatialRef;

use super::StoreError;
use super::hold::let_go;
use super::load::is_project;
use super::record::{KEY_PROJECT, KEY_VERSION, LayerRecord, ProjectRecord, TABLE};
use crate::base::cancel::CancelToken;
use crate::base::message::Message;
use crate::base::progress::Progress;
use crate::geo::grid::Grid;
use crate::io::crs;
use crate::io::export::{NO_CLASS, append_layer};
use crate::io::staging::Staging;
use crate::model::layer::LayerContent;
use crate::model::project::Project;

/// A GeoPackage cannot say "NaN is no data": missing cells are the lowest number there is.
const NO_VALUE: f32 = f32::MIN;

/// Writes everything into one GeoPackage, which replaces the file when it is complete.
///
/// # Errors
/// [`StoreError`]; the file is then as it was before.
pub fn save_project(
    project: &Project,
    path: &Path,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<(), StoreError> {
    let staging = Staging::beside(path).map_err(|e| StoreError::write(path, e))?;
    let staged = staging.path();
    let crs_error = |source| StoreError::Crs { path: path.to_owned(), source };
    let site = crs::spatial_ref(&project.frame.crs).map_err(crs_error)?;
    let mut taken = BTreeSet::from([TABLE.to_owned()]);
    let mut layers = Vec::with_capacity(project.layers.len());
    let total = project.layers.iter().map(|l| weight(&l.content)).sum();
    let mut done = 0;
    for layer in &project.layers {
        cancel.check().map_err(|_| StoreError::Cancelled { path: path.to_owned() })?;
        progress.stage(Message::new("io-saving").with("layer", layer.id.to_string()), total);
        progress.set_done(done);
        done += weight(&layer.content);
        let table = table_name(&layer.id.0, &mut taken);
        match &layer.content {
            LayerContent::Features(features) => append_layer(features, &site, &staged, &table),
            LayerContent::Raster(grid) => {
                let cells = grid.cells.iter().map(|v| if v.is_nan() { NO_VALUE } else { *v }).collect();
                append_coverage(&Grid { spec: grid.spec.clone(), cells }, NO_VALUE.into(), &site, &staged, &table)
            }
            LayerContent::Classes(grid) => append_coverage(grid, NO_CLASS.into(), &site, &staged, &table),
        }
        .map_err(|e| StoreError::write(path, format!("{}: {e}", layer.id)))?;
        layers.push(LayerRecord::of(layer, &table));
    }
    if !staged.exists() {
        let made = DriverManager::get_driver_by_name("GPKG").and_then(|d| d.create_vector_only(&staged));
        made.and_then(gdal::Dataset::close).map_err(|e| StoreError::write(path, e))?;
    }
    let record = ProjectRecord {
        title: project.title.clone(),
        frame: project.frame.clone(),
        utc_offset_hours: project.utc_offset_hours,
        time: project.time.to_string(),
        bookmarks: project.bookmarks.clone(),
        scenarios: project.scenarios.clone(),
        layers,
    };
    let json = serde_json::to_string(&record).map_err(|e| StoreError::write(path, e))?;
    write_record(&staged, project.version, &json).map_err(|e| StoreError::write(path, e))?;
    // A log of edits beside the old file must not be taken for one of the new.
    if is_project(path) {
        let_go(path)?;
    }
    staging.commit(&[]).map_err(|e| StoreError::write(path, e))
}

/// About how long a layer takes to write, in features.
fn weight(content: &LayerContent) -> u64 {
    match content {
        LayerContent::Features(table) => table.len() as u64,
        // A raster is written in blocks, much faster than features.
        LayerContent::Raster(grid) => grid.spec.len() as u64 / 500,
        LayerContent::Classes(grid) => grid.spec.len() as u64 / 500,
    }
}

/// Letters, digits and underscores, unlike every other whatever the case.
fn table_name(id: &str, taken: &mut BTreeSet<String>) -> String {
    let plain: String =
        crate::base::fold::fold_accents(id).chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    // Names that start so belong to the format and the database.
    let reserved = ["gpkg", "rtree", "sqlite", "ogr"].iter().any(|p| plain.starts_with(p));
    let base = if reserved || plain.is_empty() { format!("layer_{plain}") } else { plain };
    let name = std::iter::once(base.clone())
        .chain((2..=taken.len() + 2).map(|i| format!("{base}_{i}")))
        .find(|name| !taken.contains(name))
        .unwrap_or(base);
    taken.insert(name.clone());
    name
}

/// A raster as a GeoPackage coverage: single precision as TIFF tiles, 16 bits as PNG tiles.
fn append_coverage<T: GdalType + Copy>(
    grid: &Grid<T>,
    no_data: f64,
    srs: &SpatialRef,
    path: &Path,
    table: &str,
) -> gdal::errors::Result<()> {
    let (cols, rows) = (grid.spec.cols, grid.spec.rows);
    let mut memory = DriverManager::get_driver_by_name("MEM")?.create_with_band_type::<T, _>("", cols, rows, 1)?;
    memory.set_spatial_ref(srs)?;
    memory.set_geo_transform(&grid.spec.transform)?;
    let mut band = memory.rasterband(1)?;
    band.set_no_data_value(Some(no_data))?;
    band.write((0, 0), (cols, rows), &mut Buffer::new((cols, rows), grid.cells.clone()))?;
    let mut options = RasterCreationOptions::new();
    options.set_name_value("RASTER_TABLE", table)?;
    options.set_name_value("APPEND_SUBDATASET", if path.exists() { "YES" } else { "NO" })?;
    memory.create_copy(&DriverManager::get_driver_by_name("GPKG")?, path, &options)?.close()
}

/// The table is registered as attributes, so that other programs list it and leave it alone.
fn write_record(path: &Path, version: u32, json: &str) -> rusqlite::Result<()> {
    let mut database = rusqlite::Connection::open(path)?;
    // The staged file is brought to the disk as a whole.
    database.pragma_update(None, "synchronous", "OFF")?;
    let change = database.transaction()?;
    change.execute_batch(&format!(
        "CREATE TABLE {TABLE} (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, value TEXT NOT NULL);
         INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id)
         VALUES ('{TABLE}', 'attributes', '{TABLE}', 'Layer order, styles, provenance and bookmarks of island-twin', 0);"
    ))?;
    for (key, value) in [(KEY_VERSION, version.to_string().as_str()), (KEY_PROJECT, json)] {
        change.execute(&format!("INSERT INTO {TABLE} (key, value) VALUES (?1, ?2)"), [key, value])?;
    }
    change.commit()?;
    database.close().map_err(|(_, error)| error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_names_are_plain_and_never_twice() {
        let mut taken = BTreeSet::from([TABLE.to_owned()]);
        let names = ["parcels", "Parcels", "Đường phố", "gpkg_contents", "", "twin_project"]
            .map(|id| table_name(id, &mut taken));
        assert_eq!(names, ["parcels", "parcels_2", "duong_pho", "layer_gpkg_contents", "layer_", "twin_project_2"]);
    }
}
