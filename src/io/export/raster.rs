//! Rasters as GeoTIFF, compressed and tiled.

use std::path::Path;

use gdal::raster::{Buffer, GdalType, RasterCreationOptions};
use gdal::{DriverManager, Metadata};

use super::ExportError;
use crate::geo::crs::Crs;
use crate::geo::grid::Grid;
use crate::io::staging::Staging;
use crate::io::{crs, warp};

/// The cell of a class raster that has no class.
pub const NO_CLASS: u16 = u16::MAX;

/// The height of GeoTIFF's tiles.
const TILE_ROWS: usize = 256;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RasterOptions {
    /// Values are rounded to so many decimals, which makes the file much smaller; `None` keeps every bit.
    pub decimals: Option<u8>,
}

/// Missing cells are NaN.
///
/// # Errors
/// [`ExportError`]; the target is then as it was before.
pub fn write_raster(grid: &Grid<f32>, path: &Path, options: RasterOptions) -> Result<(), ExportError> {
    write_raster_about(grid, path, options, &[])
}

/// As [`write_raster`], with what the values are (name, words) in the file's metadata.
///
/// # Errors
/// [`ExportError`]; the target is then as it was before.
pub fn write_raster_about(
    grid: &Grid<f32>,
    path: &Path,
    options: RasterOptions,
    about: &[(&str, &str)],
) -> Result<(), ExportError> {
    let Some(decimals) = options.decimals else { return write(grid, f64::NAN, "3", about, path) };
    let factor = 10_f64.powi(i32::from(decimals));
    let cells = grid.cells.iter().map(|v| ((f64::from(*v) * factor).round() / factor) as f32).collect();
    write(&Grid { spec: grid.spec.clone(), cells }, f64::NAN, "3", about, path)
}

/// Cells without a class are 65535.
///
/// # Errors
/// [`ExportError`]; the target is then as it was before.
pub fn write_classes(grid: &Grid<u16>, path: &Path) -> Result<(), ExportError> {
    write(grid, f64::from(NO_CLASS), "2", &[], path)
}

/// As [`write_raster`] in another system: between cells values are bilinear.
///
/// # Errors
/// [`ExportError`]; the target is then as it was before.
pub fn write_raster_in(grid: &Grid<f32>, to: &Crs, path: &Path, options: RasterOptions) -> Result<(), ExportError> {
    write_raster(&warp::values(grid.clone(), to).map_err(ExportError::crs(path))?, path, options)
}

/// As [`write_classes`] in another system: each cell takes the class of the one that holds its middle.
///
/// # Errors
/// [`ExportError`]; the target is then as it was before.
pub fn write_classes_in(grid: &Grid<u16>, to: &Crs, path: &Path) -> Result<(), ExportError> {
    write_classes(&warp::classes(grid.clone(), to).map_err(ExportError::crs(path))?, path)
}

fn write<T: GdalType + Copy>(
    grid: &Grid<T>,
    no_data: f64,
    predictor: &str,
    about: &[(&str, &str)],
    path: &Path,
) -> Result<(), ExportError> {
    let srs = crs::spatial_ref(&grid.spec.crs).map_err(ExportError::crs(path))?;
    let staging = Staging::beside(path).map_err(|e| ExportError::write(path, e))?;
    let (cols, rows) = (grid.spec.cols, grid.spec.rows);
    let fill = || -> gdal::errors::Result<()> {
        let mut options = RasterCreationOptions::new();
        for (name, value) in [
            ("COMPRESS", "DEFLATE"),
            // The highest level takes five times as long for a file that is 1.5 % smaller.
            ("ZLEVEL", "6"),
            ("PREDICTOR", predictor),
            ("TILED", "YES"),
            ("BIGTIFF", "IF_SAFER"),
        ] {
            options.set_name_value(name, value)?;
        }
        let driver = DriverManager::get_driver_by_name("GTiff")?;
        let mut dataset = driver.create_with_band_type_with_options::<T, _>(staging.path(), cols, rows, 1, &options)?;
        dataset.set_spatial_ref(&srs)?;
        dataset.set_geo_transform(&grid.spec.transform)?;
        for (name, words) in about {
            dataset.set_metadata_item(name, words, "")?;
        }
        let mut band = dataset.rasterband(1)?;
        band.set_no_data_value(Some(no_data))?;
        // By bands as high as a tile: the library wants a buffer of its own, and a raster may be large.
        for (i, cells) in grid.cells.chunks((TILE_ROWS * cols).max(1)).enumerate() {
            let size = (cols, cells.len() / cols);
            band.write((0, (i * TILE_ROWS).cast_signed()), size, &mut Buffer::new(size, cells.to_vec()))?;
        }
        dataset.close()
    };
    fill().map_err(|e| ExportError::write(path, e))?;
    staging.commit(&[]).map_err(|e| ExportError::write(path, e))
}
