//! Layers out of the program, in the formats that others read.

mod city_json;
mod csv;
mod error;
mod features;
mod geojson;
mod geopackage;
mod glb;
mod kml;
mod netcdf;
mod ogr;
mod raster;

pub use error::ExportError;
pub use features::{VectorFormat, geojson_text, write_features, write_text_file, write_text_files};
pub(crate) use geopackage::append_layer;
pub use glb::{GlbCounts, GlbLayer, GlbScene, write_glb};
pub use netcdf::{NetcdfAbout, NetcdfField, write_netcdf};
pub use raster::{
    NO_CLASS, RasterOptions, write_classes, write_classes_in, write_raster, write_raster_about, write_raster_in,
};
