//! What can go wrong with a saved project.

use std::path::{Path, PathBuf};

use crate::base::message::{Message, ToMessage};
use crate::io::crs::CrsError;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    #[error("the project cannot be saved ({detail}); check the folder and the free space: {path}")]
    Write { path: PathBuf, detail: String },
    #[error("the project cannot be read ({detail}); get a fresh copy: {path}")]
    Read { path: PathBuf, detail: String },
    #[error("a GeoPackage, but not a saved project; import it as layers instead: {path}")]
    NotAProject { path: PathBuf },
    #[error("the project has version {found}, this program reads up to {known}; update the program: {path}")]
    TooNew { path: PathBuf, found: u32, known: u32 },
    #[error("saving was cancelled; the file is as it was before: {path}")]
    Cancelled { path: PathBuf },
    #[error("{source}: {path}")]
    Crs { path: PathBuf, source: CrsError },
}

impl StoreError {
    pub(super) fn write(path: &Path, error: impl std::fmt::Display) -> Self {
        Self::Write { path: path.to_owned(), detail: error.to_string() }
    }

    pub(super) fn read(path: &Path, error: impl std::fmt::Display) -> Self {
        Self::Read { path: path.to_owned(), detail: error.to_string() }
    }
}

impl ToMessage for StoreError {
    fn to_message(&self) -> Message {
        match self {
            Self::Write { path, detail } => {
                Message::new("io-project-not-saved").with("detail", detail.as_str()).with("path", path.as_path())
            }
            Self::Read { path, detail } => {
                Message::new("io-project-unreadable").with("detail", detail.as_str()).with("path", path.as_path())
            }
            Self::NotAProject { path } => Message::new("io-project-none").with("path", path.as_path()),
            Self::TooNew { path, found, known } => Message::new("io-project-too-new")
                .with("found", *found)
                .with("known", *known)
                .with("path", path.as_path()),
            Self::Cancelled { path } => Message::new("io-project-save-cancelled").with("path", path.as_path()),
            Self::Crs { path, source } => {
                Message::new("io-export-crs").with("reason", source.to_message()).with("path", path.as_path())
            }
        }
    }
}
