//! Layers in from files that somebody else made.

mod archive;
mod city_json;
mod coordinates;
mod error;
mod format;
mod gdal_raster;
mod gdal_vector;
mod isolated;
mod isolation;
mod local;
mod shapefile;
mod source;
mod warp;
mod wire;
mod worker;

pub use error::ImportError;
pub use format::readable_files;
pub use isolated::{WorkerProgram, import_isolated};
pub use local::import;
pub use source::{EncodingPreview, ImportReport, Imported, Problem, SourceSpec};
pub use worker::serve;
