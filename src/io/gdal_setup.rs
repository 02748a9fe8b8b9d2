//! GDAL's settings, made once a process: nothing beside the user's files is written, nothing is fetched.

use std::sync::Once;

/// What GDAL may read. Everything else is turned off in the import worker.
pub(crate) const DRIVERS: [&str; 16] = [
    "GTiff",
    "COG",
    "MEM",
    "VRT",
    "PNG",
    "Memory",
    "ESRI Shapefile",
    "GPKG",
    "GeoJSON",
    "GeoJSONSeq",
    "KML",
    "GML",
    "FlatGeobuf",
    "CSV",
    "DXF",
    "MapInfo File",
];

pub(crate) fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let options = [
            ("GDAL_PAM_ENABLED", "NO"),
            ("SHAPE_RESTORE_SHX", "NO"),
            ("GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR"),
            ("CPL_VSIL_CURL_ALLOWED_EXTENSIONS", "{nothing}"),
            ("CPL_VSIL_CURL_USE_HEAD", "NO"),
            ("GDAL_HTTP_CONNECTTIMEOUT", "1"),
            ("GDAL_HTTP_TIMEOUT", "1"),
            ("GML_SKIP_RESOLVE_ELEMS", "ALL"),
            ("GML_ATTRIBUTES_TO_OGR_FIELDS", "NO"),
            ("OSR_DEFAULT_AXIS_MAPPING_STRATEGY", "TRADITIONAL_GIS_ORDER"),
            ("GDAL_VRT_ENABLE_PYTHON", "NO"),
            ("OGR_SQLITE_LOAD_EXTENSIONS", ""),
        ];
        for (key, value) in options {
            if let Err(error) = gdal::config::set_config_option(key, value) {
                tracing::warn!("GDAL setting {key}: {error}");
            }
        }
        gdal::config::set_error_handler(|_, _, message| tracing::debug!("GDAL: {message}"));
    });
}
