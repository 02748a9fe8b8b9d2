//! Vector layers: one call, eight formats.

use std::path::{Path, PathBuf};

use super::{ExportError, city_json, csv, geojson, geopackage, kml, ogr};
use crate::geo::crs::Crs;
use crate::io::crs::{Projector, esri_wkt};
use crate::io::encoding::TextEncoding;
use crate::io::shapefile::{dbf_write, shp_write};
use crate::io::staging::{Staging, write_together};
use crate::model::table::FeatureTable;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VectorFormat {
    /// `.shp`, `.shx`, `.dbf`, `.prj`, and `.cpg` for encodings that other programs know.
    Shapefile {
        encoding: TextEncoding,
    },
    /// A named layer, added to the file if it is there already.
    GeoPackage {
        layer: String,
    },
    /// RFC 7946: always WGS 84.
    GeoJson,
    /// OGC 12-007r2: always WGS 84.
    Kml,
    /// Attributes, and places as well-known text.
    Csv,
    FlatGeobuf,
    /// Outlines without attributes, for drawing programs.
    Dxf,
    /// Polygons as buildings, with the heights of their field [`crate::model::zoning::field::MAX_HEIGHT_M`].
    CityJson,
}

impl VectorFormat {
    /// What the ending of a file's name says; `layer` names the layer in a GeoPackage.
    #[must_use]
    pub fn of_path(path: &Path, layer: &str) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        Some(match extension.as_str() {
            _ if name.ends_with(".city.json") => Self::CityJson,
            "shp" => Self::Shapefile { encoding: TextEncoding::Utf8 },
            "gpkg" => Self::GeoPackage { layer: layer.to_owned() },
            "geojson" | "json" => Self::GeoJson,
            "kml" => Self::Kml,
            "csv" => Self::Csv,
            "fgb" => Self::FlatGeobuf,
            "dxf" => Self::Dxf,
            _ => return None,
        })
    }

    /// What `--format` calls it.
    #[must_use]
    pub fn named(name: &str, layer: &str) -> Option<Self> {
        let extension = match name.to_ascii_lowercase().as_str() {
            "shapefile" | "shp" => "shp",
            "geopackage" | "gpkg" => "gpkg",
            "geojson" => "geojson",
            "kml" => "kml",
            "csv" => "csv",
            "flatgeobuf" | "fgb" => "fgb",
            "dxf" => "dxf",
            "cityjson" => "city.json",
            _ => return None,
        };
        Self::of_path(Path::new(&format!("x.{extension}")), layer)
    }
}

/// Writes a table whose coordinates are in `from` to a file in `to`. The same table gives the same bytes.
///
/// # Errors
/// [`ExportError`]; the target is then as it was before.
pub fn write_features(
    table: &FeatureTable,
    from: &Crs,
    to: &Crs,
    path: &Path,
    format: &VectorFormat,
) -> Result<(), ExportError> {
    let to = if matches!(format, VectorFormat::GeoJson | VectorFormat::Kml) { &Crs::WGS84 } else { to };
    let moved;
    let table = if from == to {
        table
    } else {
        let mut copy = table.clone();
        Projector::between(from, to).map_err(ExportError::crs(path))?.apply_all(copy.geometry.xy_mut());
        moved = copy;
        &moved
    };
    match format {
        VectorFormat::Shapefile { encoding } => write_shapefile(table, to, path, *encoding),
        VectorFormat::GeoPackage { layer } => geopackage::write(table, to, path, layer),
        VectorFormat::GeoJson => write_text_file(&geojson::text(table), path),
        VectorFormat::Csv => write_text_file(&csv::text(table), path),
        VectorFormat::CityJson => write_text_file(&city_json::text(table, to), path),
        VectorFormat::Kml => {
            let name = path.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
            write_text_file(&kml::text(table, &name), path)
        }
        VectorFormat::FlatGeobuf => ogr::write(table, to, path, "FlatGeobuf"),
        VectorFormat::Dxf => ogr::write(table, to, path, "DXF"),
    }
}

/// Writes a text as a whole: a report, a table.
///
/// # Errors
/// [`ExportError`]; the file is then as it was before.
pub fn write_text_file(text: &str, path: &Path) -> Result<(), ExportError> {
    let staging = Staging::beside(path).map_err(|e| ExportError::write(path, e))?;
    std::fs::write(staging.path(), text).and_then(|()| staging.commit(&[])).map_err(|e| ExportError::write(path, e))
}

/// Writes texts that belong together, all or none.
///
/// # Errors
/// [`ExportError`]; the files are then as they were before.
pub fn write_text_files(files: &[(PathBuf, String)]) -> Result<(), ExportError> {
    write_together(files).map_err(|(path, e)| ExportError::write(&path, e))
}

/// A table as GeoJSON has it; coordinates are taken for WGS 84.
#[must_use]
pub fn geojson_text(table: &FeatureTable) -> String {
    geojson::text(table)
}

fn write_shapefile(table: &FeatureTable, crs: &Crs, path: &Path, encoding: TextEncoding) -> Result<(), ExportError> {
    let files = shp_write::write(&table.geometry).map_err(|e| ExportError::shp(path, e))?;
    let dbf = dbf_write::write(table, encoding).map_err(|e| ExportError::dbf(path, &e))?;
    let prj = esri_wkt(crs).map_err(ExportError::crs(path))?;
    // No program has a name for the font encodings.
    let cpg = match encoding {
        TextEncoding::Utf8 => Some("UTF-8"),
        TextEncoding::Windows1258 => Some("ANSI 1258"),
        TextEncoding::Windows1252 => Some("ANSI 1252"),
        TextEncoding::Tcvn3 | TextEncoding::VniWindows | TextEncoding::Viscii => None,
    };
    let write = || {
        let staging = Staging::beside(path)?;
        let staged = staging.path();
        std::fs::write(staged.with_extension("shx"), files.shx)?;
        std::fs::write(staged.with_extension("dbf"), dbf)?;
        std::fs::write(staged.with_extension("prj"), prj)?;
        if let Some(name) = cpg {
            std::fs::write(staged.with_extension("cpg"), name)?;
        }
        std::fs::write(&staged, files.shp)?;
        staging.commit(&["cpg", "sbn", "sbx", "qix"])
    };
    write().map_err(|e: std::io::Error| ExportError::write(path, e))
}
