//! GDAL's settings, made once a process: nothing is written beside the user's files, nothing is fetched.

use std::cell::RefCell;
use std::sync::Once;

use gdal::DriverManager;
use gdal::errors::CplErrType;

/// What GDAL may read in the import worker; everything else is taken out.
const DRIVERS: [&str; 17] = [
    "GTiff",
    "GPKG",
    "GeoJSON",
    "GeoJSONSeq",
    "LIBKML",
    "KML",
    "GML",
    "FlatGeobuf",
    "CSV",
    "DXF",
    "MapInfo File",
    "DGN",
    "XLSX",
    "AAIGrid",
    "SRTMHGT",
    // Tiles within a GeoPackage; never opened by themselves.
    "PNG",
    "JPEG",
];

thread_local! {
    static FAILURE: RefCell<Option<String>> = const { RefCell::new(None) };
}

pub(crate) fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let options = [
            ("GDAL_PAM_ENABLED", "NO"),
            ("SHAPE_RESTORE_SHX", "NO"),
            ("OSR_DEFAULT_AXIS_MAPPING_STRATEGY", "TRADITIONAL_GIS_ORDER"),
            ("OGR_GEOMETRY_ACCEPT_UNCLOSED_RING", "YES"),
            // Databases are only written in a staging folder, and brought to the disk before they are renamed.
            ("OGR_SQLITE_SYNCHRONOUS", "OFF"),
            ("GML_SKIP_RESOLVE_ELEMS", "ALL"),
            // Drawings in other code pages are made readable before.
            ("DXF_ENCODING", "UTF-8"),
            ("GDAL_VRT_ENABLE_PYTHON", "NO"),
            // No file is worth a network: every request goes to a door that nobody opens. Only a source that the user
            // names has its host in the environment's `no_proxy`, and is asked directly.
            ("GDAL_HTTP_PROXY", "127.0.0.1:9"),
            ("GDAL_HTTPS_PROXY", "127.0.0.1:9"),
            ("GDAL_HTTP_CONNECTTIMEOUT", "10"),
            ("GDAL_HTTP_TIMEOUT", "120"),
            ("GDAL_HTTP_MAX_RETRY", "0"),
            ("CPL_VSIL_CURL_ALLOWED_EXTENSIONS", "{none}"),
        ];
        for (key, value) in options {
            if let Err(error) = gdal::config::set_config_option(key, value) {
                tracing::warn!("GDAL setting {key}: {error}");
            }
        }
        gdal::config::set_error_handler(|kind, _, message| {
            tracing::debug!("GDAL: {message}");
            // The gdal crate cannot tell a missing geometry but by asking it.
            let missing_geometry = message.contains("Pointer 'hGeom' is NULL");
            if matches!(kind, CplErrType::Failure | CplErrType::Fatal) && !missing_geometry {
                FAILURE.with_borrow_mut(|last| *last = Some(message.to_owned()));
            }
        });
    });
}

/// The last failure on this thread since the last call.
pub(crate) fn take_failure() -> Option<String> {
    FAILURE.with_borrow_mut(Option::take)
}

/// Leaves only the drivers of the formats that are read here.
pub(crate) fn keep_allowed_drivers() {
    keep_drivers(&DRIVERS);
}

/// Leaves only these.
pub(crate) fn keep_drivers(wanted: &[&str]) {
    prepare();
    // Collected first: taking one out moves the others up.
    for driver in DriverManager::all().collect::<Vec<_>>() {
        if !wanted.contains(&driver.short_name().as_str()) {
            DriverManager::deregister_driver(&driver);
        }
    }
}
