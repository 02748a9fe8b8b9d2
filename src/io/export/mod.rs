//! Layers out of the program, in the formats that others read.

mod error;
mod features;
mod geojson;
mod geopackage;
mod raster;

pub use error::ExportError;
pub use features::{VectorFormat, write_features};
pub(crate) use geopackage::append_layer;
pub use raster::{NO_CLASS, RasterOptions, write_classes, write_raster};
