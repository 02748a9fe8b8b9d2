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

/// What an archive held.
pub(super) struct Unpacked {
    /// The file to read.
    pub(super) main: PathBuf,
    /// What else could have been, and the one that was taken: the names that `--layer` knows; none for an archive of one.
    pub(super) choices: Vec<String>,
    /// It was asked for by its name.
    pub(super) named: bool,
}

/// Unpacks what can be map data into `folder` and says which file to read: the one that is named as `wanted`, else the
/// likeliest.
///
/// # Errors
/// [`ImportError`] when the archive is damaged, hostile, or holds nothing that is read.
pub(super) fn unpack(path: &Path, folder: &Path, wanted: Option<&str>) -> Result<Unpacked, ImportError> {
    let bytes = std::fs::read(path).map_err(|e| ImportError::io(path, &e))?;
    let known = |name: &str| MAIN.iter().chain(&BESIDE).any(|known| extension(Path::new(name)) == *known);
    let hidden = |name: &str| name.split('/').any(|part| part.starts_with('.') || part == "__MACOSX");
    let written = zip::unpack_into(&bytes, folder, |entry| known(&entry.name) && !hidden(&entry.name))
        .map_err(|e| ImportError::damaged(path, e))?;
    let rank = |file: &PathBuf| MAIN.iter().position(|m| extension(file) == *m);
    // A KMZ's own document comes before what it links to.
    let order = |file: &PathBuf| (rank(file), file.file_name() != Some("doc.kml".as_ref()), file.clone());
    let name = |file: &PathBuf| file.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
    let mains: Vec<&PathBuf> = written.iter().filter(|f| rank(f).is_some()).collect();
    let named = mains.iter().find(|file| wanted.is_some_and(|wanted| name(file).eq_ignore_ascii_case(wanted)));
    let main = named.or_else(|| mains.iter().min_by_key(|f| order(f)));
    let main = main.ok_or_else(|| ImportError::UnknownFormat { path: path.to_owned() })?;
    let mut choices: Vec<String> = mains.iter().map(|file| name(file)).collect();
    choices.sort();
    choices.dedup();
    if choices.len() < 2 {
        choices.clear();
    }
    Ok(Unpacked { main: (*main).clone(), choices, named: named.is_some() })
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
