//! Which reader takes a file: by its first bytes where they tell, else by its name.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::ImportError;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Format {
    /// The `.shp`; the user may have named a sibling.
    Shapefile(PathBuf),
    /// GDAL's drivers that may try.
    Vector(&'static [&'static str]),
    Raster(&'static [&'static str]),
    /// Holds vector layers or coverages.
    GeoPackage,
}

/// # Errors
/// [`ImportError`] when there is no such file, it cannot be opened, or no reader knows it.
pub(super) fn detect(path: &Path) -> Result<Format, ImportError> {
    let mut head = Vec::with_capacity(512);
    let file = std::fs::File::open(path).map_err(|e| ImportError::io(path, &e))?;
    if !file.metadata().map_err(|e| ImportError::io(path, &e))?.is_file() {
        return Err(ImportError::UnknownFormat { path: path.to_owned() });
    }
    file.take(512).read_to_end(&mut head).map_err(|e| ImportError::io(path, &e))?;
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head).trim_ascii_start();
    let is_tiff = [&b"II*\0"[..], b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| head.starts_with(magic));
    Ok(match extension.as_str() {
        "shp" | "shx" | "dbf" => Format::Shapefile(sibling(path, "shp")),
        _ if head.starts_with(b"SQLite format 3\0") => Format::GeoPackage,
        _ if is_tiff => Format::Raster(&["GTiff"]),
        "kml" => Format::Vector(&["KML"]),
        "gml" | "xml" => Format::Vector(&["GML"]),
        "fgb" => Format::Vector(&["FlatGeobuf"]),
        "csv" => Format::Vector(&["CSV"]),
        "dxf" => Format::Vector(&["DXF"]),
        "tab" | "mif" => Format::Vector(&["MapInfo File"]),
        "dgn" => Format::Vector(&["DGN"]),
        "geojsonl" | "geojsons" => Format::Vector(&["GeoJSONSeq"]),
        _ if text.starts_with(b"{") => Format::Vector(&["GeoJSON", "GeoJSONSeq"]),
        // Named so but not so: their readers say what is wrong.
        "gpkg" => Format::GeoPackage,
        "tif" | "tiff" => Format::Raster(&["GTiff"]),
        "json" | "geojson" => Format::Vector(&["GeoJSON"]),
        _ => return Err(ImportError::UnknownFormat { path: path.to_owned() }),
    })
}

/// The file of the same name with another ending, in either case as offices write it.
pub(in crate::io) fn sibling(path: &Path, extension: &str) -> PathBuf {
    let lower = path.with_extension(extension);
    let upper = path.with_extension(extension.to_ascii_uppercase());
    if !lower.exists() && upper.exists() { upper } else { lower }
}
