//! Which reader takes a file: by its first bytes where they tell, else by its name.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::ImportError;
use super::gdal_vector::KML;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Format {
    /// The `.shp`; the user may have named a sibling.
    Shapefile(PathBuf),
    /// GDAL's drivers that may try.
    Vector(&'static [&'static str]),
    Raster(&'static [&'static str]),
    /// Holds vector layers or coverages.
    GeoPackage,
    CityJson,
    /// Map data packed: a zipped Shapefile, a KMZ.
    Archive,
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
    let extension = extension(path);
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head).trim_ascii_start();
    let is_tiff = [&b"II*\0"[..], b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| head.starts_with(magic));
    Ok(match extension.as_str() {
        "shp" | "shx" | "dbf" => Format::Shapefile(sibling(path, "shp")),
        _ if head.starts_with(b"SQLite format 3\0") => Format::GeoPackage,
        _ if is_tiff => Format::Raster(&["GTiff"]),
        "xlsx" => Format::Vector(&["XLSX"]),
        _ if head.starts_with(b"PK\x03\x04") => Format::Archive,
        "asc" => Format::Raster(&["AAIGrid"]),
        "hgt" => Format::Raster(&["SRTMHGT"]),
        "kml" => Format::Vector(&KML),
        "gml" | "xml" => Format::Vector(&["GML"]),
        "fgb" => Format::Vector(&["FlatGeobuf"]),
        "csv" | "tsv" => Format::Vector(&["CSV"]),
        "dxf" => Format::Vector(&["DXF"]),
        "tab" | "mif" => Format::Vector(&["MapInfo File"]),
        "dgn" => Format::Vector(&["DGN"]),
        "geojsonl" | "geojsons" => Format::Vector(&["GeoJSONSeq"]),
        _ if is_city_json(text) => Format::CityJson,
        _ if text.starts_with(b"{") => Format::Vector(&["GeoJSON", "GeoJSONSeq"]),
        // Named so but not so: their readers say what is wrong.
        "gpkg" => Format::GeoPackage,
        "tif" | "tiff" => Format::Raster(&["GTiff"]),
        "zip" | "kmz" => Format::Archive,
        "json" | "geojson" => Format::Vector(&["GeoJSON"]),
        _ => return Err(ImportError::UnknownFormat { path: path.to_owned() }),
    })
}

/// Files of a folder that a reader takes, each Shapefile once, in the order of their names; folders within are not
/// looked into.
#[must_use]
pub fn readable_files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_file() && extension(path) != "shx" && extension(path) != "dbf")
        .filter(|path| detect(path).is_ok())
        .collect();
    found.sort();
    found
}

pub(super) fn extension(path: &Path) -> String {
    path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase()
}

fn is_city_json(text: &[u8]) -> bool {
    // Writers that sort their keys put the type at the end.
    let names = |word: &[u8]| text.windows(word.len()).any(|w| w == word);
    text.starts_with(b"{") && (names(b"\"CityJSON\"") || names(b"\"CityObjects\""))
}

/// Whether a file begins with these bytes.
pub(super) fn starts_with(path: &Path, magic: &[u8]) -> bool {
    let mut head = vec![0; magic.len()];
    std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok_and(|()| head == magic)
}

/// The file of the same name with another ending, in either case as offices write it.
pub(in crate::io) fn sibling(path: &Path, extension: &str) -> PathBuf {
    let lower = path.with_extension(extension);
    let upper = path.with_extension(extension.to_ascii_uppercase());
    if !lower.exists() && upper.exists() { upper } else { lower }
}
