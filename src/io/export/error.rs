//! What can go wrong when writing.

use std::path::{Path, PathBuf};

use crate::base::message::{Message, ToMessage};
use crate::io::crs::CrsError;
use crate::io::shapefile::dbf_write::DbfWriteError;
use crate::io::shapefile::shp_write::ShpWriteError;

/// The file that was to be written is as it was before, whatever went wrong.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("cannot write the file ({detail}); check the folder and the free space: {path}")]
    Write { path: PathBuf, detail: String },
    #[error("{detail}; write this layer as GeoPackage instead: {path}")]
    DoesNotFit { path: PathBuf, detail: String },
    #[error("{source}: {path}")]
    Crs { path: PathBuf, source: CrsError },
}

impl ExportError {
    pub(super) fn write(path: &Path, error: impl std::fmt::Display) -> Self {
        Self::Write { path: path.to_owned(), detail: error.to_string() }
    }

    pub(super) fn crs(path: &Path) -> impl Fn(CrsError) -> Self + '_ {
        |source| Self::Crs { path: path.to_owned(), source }
    }

    pub(super) fn dbf(path: &Path, error: &DbfWriteError) -> Self {
        Self::DoesNotFit { path: path.to_owned(), detail: error.to_string() }
    }

    pub(super) fn shp(path: &Path, error: ShpWriteError) -> Self {
        Self::DoesNotFit { path: path.to_owned(), detail: error.to_string() }
    }
}

impl ToMessage for ExportError {
    fn to_message(&self) -> Message {
        match self {
            Self::Write { path, detail } => {
                Message::new("io-export-failed").with("detail", detail.as_str()).with("path", path.as_path())
            }
            Self::DoesNotFit { path, detail } => {
                Message::new("io-export-does-not-fit").with("detail", detail.as_str()).with("path", path.as_path())
            }
            Self::Crs { path, source } => {
                Message::new("io-export-crs").with("reason", source.to_message()).with("path", path.as_path())
            }
        }
    }
}
