//! Reading in this very process: what the worker does for each source.

use std::path::Path;
use std::sync::Arc;

use super::format::{self, Format};
use super::remote::RemoteSource;
use super::source::{ImportReport, Imported, SourceSpec};
use super::{ImportError, archive, city_json, gdal_raster, gdal_vector, shapefile};
use crate::base::cancel::CancelToken;
use crate::base::message::Message;
use crate::base::progress::Progress;
use crate::geo::crs::Crs;
use crate::geo::frame::SiteFrame;
use crate::geo::shape::{ShapeKind, Shapes};
use crate::io::crs::Projector;
use crate::model::layer::LayerContent;
use crate::model::table::FeatureTable;

/// What a reader gives: coordinates still in the file's system, rasters already in the site's.
pub(super) struct Read {
    pub(super) content: LayerContent,
    pub(super) crs: Crs,
    pub(super) encoding: Option<String>,
    pub(super) report: ImportReport,
    /// Rows that must not be kept.
    pub(super) leave_out: Vec<usize>,
}

/// Reads one file into the site's CRS: outer rings counter-clockwise, holes clockwise, all closed. For a file of
/// unknown origin use [`super::import_isolated`]: a damaged one may take the process down.
///
/// # Errors
/// [`ImportError`] when the file gives no layer at all; what is wrong with single rows is in the report.
pub fn import(
    spec: &SourceSpec,
    frame: &SiteFrame,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<Imported, ImportError> {
    if format::detect(&spec.path)? == Format::Archive {
        let folder = tempfile::tempdir().map_err(|e| ImportError::io(&spec.path, &e))?;
        return import_archive(spec, folder.path(), frame, progress, cancel);
    }
    import_copy(spec, &spec.path, frame, progress, cancel)
}

/// An archive, unpacked into a folder of its own.
pub(super) fn import_archive(
    spec: &SourceSpec,
    folder: &Path,
    frame: &SiteFrame,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<Imported, ImportError> {
    let unpacked = archive::unpack(&spec.path, folder, spec.sublayer.as_deref())?;
    let within = SourceSpec { sublayer: spec.sublayer.clone().filter(|_| !unpacked.named), ..spec.clone() };
    let mut imported = import_copy(&within, &unpacked.main, frame, progress, cancel)?;
    if !unpacked.choices.is_empty() {
        imported.report.sublayers = unpacked.choices;
    }
    Ok(imported)
}

/// A source on a network, in a process that may reach it.
pub(super) fn import_remote(
    spec: &SourceSpec,
    remote: &RemoteSource,
    frame: &SiteFrame,
) -> Result<Imported, ImportError> {
    let cancel = CancelToken::new();
    let read = gdal_vector::read(remote.connection(), remote.drivers(), spec, &cancel).map_err(|e| e.about(&spec.path));
    finish(read?, spec, frame)
}

/// As [`import`], with GDAL reading a copy of the file at `copy`.
pub(super) fn import_copy(
    spec: &SourceSpec,
    copy: &Path,
    frame: &SiteFrame,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<Imported, ImportError> {
    cancel.check().map_err(|_| ImportError::Cancelled { path: spec.path.clone() })?;
    let name = spec.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    progress.stage(Message::new("io-reading").with("file", name), 0);
    let read = match format::detect(copy).map_err(|e| e.about(&spec.path))? {
        Format::CityJson => city_json::read(copy, spec),
        // Nothing is unpacked twice.
        Format::Archive => Err(ImportError::UnknownFormat { path: copy.to_owned() }),
        Format::Shapefile(shp) => shapefile::read(&shp, spec, cancel),
        Format::Vector(drivers) => gdal_vector::read(copy, drivers, spec, cancel),
        Format::Raster(drivers) => gdal_raster::read(copy, drivers, spec, frame),
        Format::GeoPackage => match gdal_vector::read(copy, &["GPKG"], spec, cancel) {
            // A coverage is not among the vector layers.
            Err(vector) => gdal_raster::read(copy, &["GPKG"], spec, frame).map_err(|_| vector),
            read => read,
        },
    }
    .map_err(|e| e.about(&spec.path))?;
    cancel.check().map_err(|_| ImportError::Cancelled { path: spec.path.clone() })?;
    finish(read, spec, frame)
}

/// What was read, in the site's system.
fn finish(read: Read, spec: &SourceSpec, frame: &SiteFrame) -> Result<Imported, ImportError> {
    let Read { content, crs, encoding, mut report, leave_out } = read;
    let content = match content {
        LayerContent::Features(table) => {
            let table = Arc::unwrap_or_clone(table);
            LayerContent::Features(Arc::new(into_site(table, &crs, frame, leave_out, spec, &mut report)?))
        }
        raster => raster,
    };
    report.kept = content.count() as u64;
    report.read = report.read.max(report.kept);
    Ok(Imported { content, crs, encoding, report })
}

/// Transforms, and leaves out rows without a place in the site's system.
fn into_site(
    mut table: FeatureTable,
    crs: &Crs,
    frame: &SiteFrame,
    mut leave_out: Vec<usize>,
    spec: &SourceSpec,
    report: &mut ImportReport,
) -> Result<FeatureTable, ImportError> {
    // Degrees beyond the globe would come back as some other place on it.
    let most = if crs.is_geographic() { [360.0, 90.0] } else { [f64::MAX; 2] };
    for point in table.geometry.xy_mut() {
        let known = point[0].is_finite() && point[1].is_finite();
        if known && (point[0].abs() > most[0] || point[1].abs() > most[1]) {
            *point = [f64::INFINITY; 2];
        }
    }
    let finite = |p: &[f64; 2]| p[0].is_finite() && p[1].is_finite();
    let nowhere = |table: &FeatureTable| -> Vec<usize> {
        if table.geometry.xy().iter().all(finite) {
            return Vec::new();
        }
        (0..table.len()).filter(|&row| !table.geometry.get(row).points().iter().all(finite)).collect()
    };
    if spec.swap_xy {
        table.geometry = swapped(&table.geometry);
    }
    let bad_in_file = nowhere(&table);
    for &row in &bad_in_file {
        report.note(Some(row), Message::new("io-problem-coordinates"));
    }
    if *crs != frame.crs {
        let projector = Projector::between(crs, &frame.crs).map_err(ImportError::crs(&spec.path))?;
        projector.apply_all(table.geometry.xy_mut());
    }
    let bad_in_site = nowhere(&table);
    for row in bad_in_site.iter().filter(|row| bad_in_file.binary_search(row).is_err()) {
        report.note(Some(*row), Message::new("io-problem-outside-crs").with("crs", crs.label()));
    }
    leave_out.extend(bad_in_site);
    leave_out.sort_unstable();
    leave_out.dedup();
    report.refused += leave_out.len() as u64;
    if leave_out.is_empty() {
        return Ok(table);
    }
    let kept: Vec<usize> = (0..table.len()).filter(|row| leave_out.binary_search(row).is_err()).collect();
    Ok(table.select(&kept))
}

/// x and y exchanged. That turns every ring the other way round, so rings are also walked backwards.
fn swapped(shapes: &Shapes) -> Shapes {
    let mut out = Shapes::new();
    for shape in shapes.iter() {
        for part in shape.parts() {
            for ring in part.rings() {
                let n = ring.points().len();
                for i in 0..n {
                    let at = if shape.kind() == ShapeKind::Polygon { n - 1 - i } else { i };
                    let [x, y] = ring.points()[at];
                    match ring.z().get(at) {
                        Some(z) => out.add_point_z([y, x], *z),
                        None => out.add_point([y, x]),
                    }
                }
                out.finish_ring();
            }
            out.finish_part();
        }
        out.finish_feature(shape.kind());
    }
    out
}
