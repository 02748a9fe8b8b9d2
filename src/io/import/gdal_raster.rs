//! Rasters through GDAL.

use std::path::Path;
use std::sync::Arc;

use gdal::raster::GdalDataType;
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};

use super::ImportError;
use super::gdal_vector::without_copy;
use super::local::Read;
use super::source::{ImportReport, SourceSpec};
use crate::base::message::Message;
use crate::geo::frame::SiteFrame;
use crate::geo::grid::{Grid, GridSpec};
use crate::io::export::NO_CLASS;
use crate::io::warp;
use crate::io::{crs, gdal_setup};
use crate::model::layer::LayerContent;

/// More cells than this are not read: 400 million are 1.6 GB.
const MAX_CELLS: usize = 400_000_000;

/// The first band: 8- and 16-bit whole numbers without a sign are classes, everything else is values.
///
/// # Errors
/// [`ImportError`] when the file is no raster, its system is not known, or it is turned against the axes.
pub(super) fn read(copy: &Path, drivers: &[&str], spec: &SourceSpec, frame: &SiteFrame) -> Result<Read, ImportError> {
    gdal_setup::prepare();
    gdal_setup::take_failure();
    let damaged = |e: gdal::errors::GdalError| ImportError::damaged(copy, without_copy(&e.to_string()));
    let table = spec.sublayer.as_ref().map(|name| format!("TABLE={name}"));
    let open_options = table.as_deref().filter(|_| drivers == ["GPKG"]).map(|t| [t]);
    let options = DatasetOptions {
        open_flags: GdalOpenFlags::GDAL_OF_RASTER,
        allowed_drivers: Some(drivers),
        open_options: open_options.as_ref().map(|o| &o[..]),
        ..DatasetOptions::default()
    };
    let dataset = Dataset::open_ex(copy, options).map_err(damaged)?;
    let (cols, rows) = dataset.raster_size();
    let cells = cols.checked_mul(rows).filter(|n| (1..=MAX_CELLS).contains(n));
    cells.ok_or_else(|| ImportError::damaged(copy, format!("{cols} x {rows} cells")))?;
    let transform = dataset.geo_transform().map_err(|_| ImportError::NoCrs { path: copy.to_owned() })?;
    let crs = match (&spec.crs, dataset.spatial_ref()) {
        (Some(crs), _) => crs.clone(),
        (None, Ok(found)) => {
            let wkt = dataset.projection();
            crs::identify(found, &wkt)
        }
        (None, Err(_)) => return Err(ImportError::NoCrs { path: copy.to_owned() }),
    };
    let upright = transform.iter().all(|v| v.is_finite())
        && transform[2] == 0.0
        && transform[4] == 0.0
        && transform[1] > 0.0
        && transform[5] != 0.0;
    if !upright {
        return Err(ImportError::damaged(copy, "the raster is turned against the axes; warp it to north-up"));
    }
    let from_south = transform[5] > 0.0;
    let north = if from_south { transform[5].mul_add(rows as f64, transform[3]) } else { transform[3] };
    let grid = GridSpec {
        crs: crs.clone(),
        transform: [transform[0], transform[1], 0.0, north, 0.0, -transform[5].abs()],
        cols,
        rows,
    };
    let own = SiteFrame { crs: crs.clone(), origin: [0.0; 2] };
    let frame = if spec.own_crs { &own } else { frame };
    let band = dataset.rasterband(1).map_err(damaged)?;
    let content = if matches!(band.band_type(), GdalDataType::UInt8 | GdalDataType::UInt16) {
        let (_, mut cells) = band.read_band_as::<u16>().map_err(damaged)?.into_shape_and_vec();
        if let Some(no_data) = band.no_data_value() {
            cells.iter_mut().filter(|v| f64::from(**v) == no_data).for_each(|v| *v = NO_CLASS);
        }
        let cells = upside_down(cells, cols, from_south);
        LayerContent::Classes(Arc::new(
            warp::classes(Grid { spec: grid, cells }, &frame.crs).map_err(ImportError::crs(copy))?,
        ))
    } else {
        let (_, mut cells) = band.read_band_as::<f32>().map_err(damaged)?.into_shape_and_vec();
        if let Some(no_data) = band.no_data_value() {
            cells.iter_mut().filter(|v| **v == no_data as f32).for_each(|v| *v = f32::NAN);
        }
        if let (Some(scale), offset) = (band.scale().filter(|s| *s != 1.0 && *s != 0.0), band.offset().unwrap_or(0.0)) {
            for value in &mut cells {
                *value = (f64::from(*value) * scale + offset) as f32;
            }
        }
        cells.iter_mut().filter(|v| v.is_infinite()).for_each(|v| *v = f32::NAN);
        let cells = upside_down(cells, cols, from_south);
        LayerContent::Raster(Arc::new(
            warp::values(Grid { spec: grid, cells }, &frame.crs).map_err(ImportError::crs(copy))?,
        ))
    };
    let mut report = ImportReport::default();
    // A tile that cannot be decoded is silently without data.
    if let Some(failure) = gdal_setup::take_failure() {
        report.note(None, Message::new("io-problem-gdal").with("detail", without_copy(&failure)));
    }
    Ok(Read { content, crs, encoding: None, report, leave_out: Vec::new() })
}

fn upside_down<T: Copy>(cells: Vec<T>, cols: usize, flip: bool) -> Vec<T> {
    if flip { cells.chunks(cols).rev().flatten().copied().collect() } else { cells }
}
