//! Layers in from files that somebody else made.

mod archive;
mod city_json;
mod coordinates;
pub(crate) mod dgn_text;
mod error;
mod format;
mod gdal_raster;
mod gdal_vector;
mod isolated;
mod isolation;
mod legacy_text;
mod local;
mod remote;
mod shapefile;
mod source;
mod wire;
mod worker;

pub use error::ImportError;
pub use format::readable_files;
pub use isolated::{WorkerProgram, import_isolated};
pub use local::import;
pub use remote::{RemoteKind, RemoteSource};
pub use source::{EncodingPreview, ImportReport, Imported, Problem, SourceSpec};
pub use worker::serve;
