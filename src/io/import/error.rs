//! Why a file gave no layer.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::message::{Message, ToMessage};
use crate::io::crs::CrsError;

/// Every variant names the file; nothing on disk has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum ImportError {
    #[error("no such file; check the path: {path}")]
    Missing { path: PathBuf },
    #[error("the file cannot be read ({detail}); check its permissions: {path}")]
    Unreadable { path: PathBuf, detail: String },
    #[error("the file is damaged or not what its name says ({detail}); get a fresh copy: {path}")]
    Damaged { path: PathBuf, detail: String },
    #[error("no format that this program reads; convert it to GeoPackage, Shapefile, GeoJSON or GeoTIFF: {path}")]
    UnknownFormat { path: PathBuf },
    #[error("the file does not say its coordinate system; add its .prj or choose the system: {path}")]
    NoCrs { path: PathBuf },
    #[error("{source}: {path}")]
    Crs { path: PathBuf, source: CrsError },
    #[error("the file has no layer {wanted:?}, only {available}: {path}")]
    NoLayer { path: PathBuf, wanted: String, available: String },
    #[error("the file made its reader fail ({detail}); it is probably damaged: {path}")]
    WorkerFailed { path: PathBuf, detail: String },
    #[error("reading took longer than {seconds} s and was stopped; the file is probably damaged: {path}")]
    TooLong { path: PathBuf, seconds: u64 },
    #[error("cancelled: {path}")]
    Cancelled { path: PathBuf },
}

impl ImportError {
    pub(super) fn damaged(path: &Path, error: impl std::fmt::Display) -> Self {
        Self::Damaged { path: path.to_owned(), detail: error.to_string() }
    }

    pub(super) fn io(path: &Path, error: &std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::Missing { path: path.to_owned() },
            _ => Self::Unreadable { path: path.to_owned(), detail: error.to_string() },
        }
    }

    pub(super) fn crs(path: &Path) -> impl Fn(CrsError) -> Self + '_ {
        |source| Self::Crs { path: path.to_owned(), source }
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Missing { path }
            | Self::Unreadable { path, .. }
            | Self::Damaged { path, .. }
            | Self::UnknownFormat { path }
            | Self::NoCrs { path }
            | Self::Crs { path, .. }
            | Self::NoLayer { path, .. }
            | Self::WorkerFailed { path, .. }
            | Self::TooLong { path, .. }
            | Self::Cancelled { path } => path,
        }
    }

    /// The same error about the file that the user named, when a copy was read.
    pub(super) fn about(mut self, named: &Path) -> Self {
        match &mut self {
            Self::Missing { path }
            | Self::Unreadable { path, .. }
            | Self::Damaged { path, .. }
            | Self::UnknownFormat { path }
            | Self::NoCrs { path }
            | Self::Crs { path, .. }
            | Self::NoLayer { path, .. }
            | Self::WorkerFailed { path, .. }
            | Self::TooLong { path, .. }
            | Self::Cancelled { path } => named.clone_into(path),
        }
        self
    }
}

impl ToMessage for ImportError {
    fn to_message(&self) -> Message {
        let message = match self {
            Self::Missing { .. } => Message::new("io-file-missing"),
            Self::Unreadable { detail, .. } => Message::new("io-file-unreadable").with("detail", detail.as_str()),
            Self::Damaged { detail, .. } => Message::new("io-file-damaged").with("detail", detail.as_str()),
            Self::UnknownFormat { .. } => Message::new("io-format-unknown"),
            Self::NoCrs { .. } => Message::new("io-crs-missing"),
            Self::Crs { source, .. } => Message::new("io-import-crs").with("reason", source.to_message()),
            Self::NoLayer { wanted, available, .. } => Message::new("io-sublayer-missing")
                .with("wanted", wanted.as_str())
                .with("available", available.as_str()),
            Self::WorkerFailed { detail, .. } => Message::new("io-worker-failed").with("detail", detail.as_str()),
            Self::TooLong { seconds, .. } => {
                Message::new("io-too-long").with("seconds", i64::try_from(*seconds).unwrap_or(i64::MAX))
            }
            Self::Cancelled { .. } => Message::new("io-cancelled"),
        };
        message.with("path", self.path())
    }
}
