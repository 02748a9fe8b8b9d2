//! Map data inside a zip archive: a packed Shapefile, a KMZ, whatever else this program reads.

use std::path::{Path, PathBuf};

use super::ImportError;
use super::format::{extension, starts_with};
use crate::io::zip;

/// What may be the main file, the likelier first.
const MAIN: [&str; 16] = [
    "shp", "gpkg", "kml", "geojson", "fgb", "gml", "tab", "mif", "dxf", "dgn", "tif", "tiff", "asc", "hgt", "csv",
    "json",
];

/// What may belong to it.
const BESIDE: [&str; 12] = ["shx", "dbf", "prj", "cpg", "dat", "map", "id", "ind", "mid", "xsd", "tfw", "wld"];

/// Unpacks what can be map data into `folder` and says which file to read.
///
/// # Errors
/// [`ImportError`] when the archive is damaged, hostile, or holds nothing that is read.
pub(super) fn unpack(path: &Path, folder: &Path) -> Result<PathBuf, ImportError> {
    let bytes = std::fs::read(path).map_err(|e| ImportError::io(path, &e))?;
    let known = |name: &str| MAIN.iter().chain(&BESIDE).any(|known| extension(Path::new(name)) == *known);
    let hidden = |name: &str| name.split('/').any(|part| part.starts_with('.') || part == "__MACOSX");
    let written = zip::unpack_into(&bytes, folder, |entry| known(&entry.name) && !hidden(&entry.name))
        .map_err(|e| ImportError::damaged(path, e))?;
    let rank = |file: &PathBuf| MAIN.iter().position(|m| extension(file) == *m);
    // A KMZ's own document comes before what it links to.
    let order = |file: &PathBuf| (rank(file), file.file_name() != Some("doc.kml".as_ref()), file.clone());
    let main = written.iter().filter(|f| rank(f).is_some()).min_by_key(|f| order(f));
    main.cloned().ok_or_else(|| ImportError::UnknownFormat { path: path.to_owned() })
}

/// Bytes that an archive says it holds; what is no archive holds none.
pub(super) fn unpacked_size(path: &Path) -> u64 {
    // The directory stands at the end; archives of more than this are not looked into twice.
    const MOST: u64 = 1 << 30;
    let is_zip = std::fs::metadata(path).is_ok_and(|m| m.len() < MOST) && starts_with(path, b"PK\x03\x04");
    if !is_zip {
        return 0;
    }
    std::fs::read(path)
        .ok()
        .and_then(|bytes| zip::entries(&bytes).ok())
        .map_or(0, |all| all.iter().map(|e| e.size).sum())
}
