//! Floor 4: files in and out: the only users of gdal and rusqlite.

pub mod crs;
pub mod encoding;
pub mod export;
mod gdal_setup;
pub mod import;
pub mod qml;
pub mod scene;
mod shapefile;
pub mod staging;
pub mod store;
pub mod template;
pub mod untrusted;
mod warp;
mod wkb;
mod zip;
