//! A folder of results while it is written: told file by file, stopped when asked, in its place only when complete.

use std::path::{Path, PathBuf};

use crate::base::cancel::Cancelled;
use crate::base::message::{Message, ToMessage};
use crate::geo::crs::Crs;
use crate::geo::grid::Grid;
use crate::io::export::{
    NetcdfAbout, NetcdfField, RasterOptions, VectorFormat, write_features, write_netcdf, write_raster_about,
};
use crate::io::staging::FolderStaging;
use crate::model::table::FeatureTable;
use crate::sim::run::StepContext;

/// Why there is no folder of results.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FolderError {
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    #[error("{0:?}")]
    Failed(Message),
}

impl ToMessage for FolderError {
    fn to_message(&self) -> Message {
        match self {
            Self::Cancelled(_) => Message::new("sim-cancelled"),
            Self::Failed(message) => message.clone(),
        }
    }
}

/// Nothing of it stands in the target before [`Self::finish`].
#[derive(Debug)]
pub struct ResultFolder<'a> {
    staging: FolderStaging,
    target: &'a Path,
    context: &'a StepContext,
}

impl<'a> ResultFolder<'a> {
    /// Makes the target, with its parents, if need be; about so many `files` will be written.
    ///
    /// # Errors
    /// [`FolderError::Failed`] when the folder cannot be made or written.
    pub fn new(target: &'a Path, files: usize, context: &'a StepContext) -> Result<Self, FolderError> {
        context.progress.stage(Message::new("study-writing"), files as u64);
        let staging = FolderStaging::inside(target).map_err(|e| unwritten(&e, target))?;
        Ok(Self { staging, target, context })
    }

    /// Where the next file is to be written.
    fn next(&self, name: &str) -> Result<PathBuf, FolderError> {
        self.context.cancel.check()?;
        self.context.progress.advance(1);
        Ok(self.staging.path(name))
    }

    /// # Errors
    /// Cancelled, or what could not be written; so for all that write.
    pub fn raster(
        &self,
        name: &str,
        grid: &Grid<f32>,
        options: RasterOptions,
        about: &[(&str, &str)],
    ) -> Result<(), FolderError> {
        write_raster_about(grid, &self.next(name)?, options, about).map_err(|e| FolderError::Failed(e.to_message()))
    }

    /// A layer of a GeoPackage; several may share a file.
    ///
    /// # Errors
    /// As [`Self::raster`].
    pub fn layer(&self, name: &str, layer: &str, table: &FeatureTable, crs: &Crs) -> Result<(), FolderError> {
        let format = VectorFormat::GeoPackage { layer: layer.to_owned() };
        write_features(table, crs, crs, &self.next(name)?, &format).map_err(|e| FolderError::Failed(e.to_message()))
    }

    /// # Errors
    /// As [`Self::raster`].
    pub fn netcdf(&self, name: &str, fields: &[NetcdfField<'_>], about: NetcdfAbout<'_>) -> Result<(), FolderError> {
        write_netcdf(fields, about, &self.next(name)?).map_err(|e| FolderError::Failed(e.to_message()))
    }

    /// # Errors
    /// As [`Self::raster`].
    pub fn text(&self, name: &str, text: &str) -> Result<(), FolderError> {
        std::fs::write(self.next(name)?, text).map_err(|e| unwritten(&e, self.target))
    }

    /// Puts all files in their place, with a `manifest.json` that lists them.
    ///
    /// # Errors
    /// As [`Self::raster`].
    pub fn finish(self, manifest: serde_json::Value) -> Result<(), FolderError> {
        self.context.cancel.check()?;
        self.staging.commit_listed(manifest).map_err(|e| unwritten(&e, self.target))
    }
}

fn unwritten(error: &std::io::Error, target: &Path) -> FolderError {
    FolderError::Failed(Message::new("study-fire-write").with("reason", error.to_string()).with("path", target))
}

/// A start as NetCDF wants it.
#[must_use]
pub fn utc(unix_s: i64) -> String {
    jiff::Timestamp::from_second(unix_s)
        .map_or_else(|_| "1970-01-01 00:00:00".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_complete_or_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("new/results");
        let context = StepContext::default();
        let files = ResultFolder::new(&out, 2, &context).unwrap();
        files.text("a.csv", "1\n").unwrap();
        assert_eq!(context.progress.read().fraction(), Some(0.5));
        context.cancel.cancel();
        assert_eq!(files.text("b.csv", "2\n"), Err(FolderError::Cancelled(Cancelled)));
        assert_eq!(files.finish(serde_json::json!({})), Err(FolderError::Cancelled(Cancelled)));
        assert_eq!(std::fs::read_dir(&out).unwrap().count(), 0, "nothing is left of it");

        let context = StepContext::default();
        let files = ResultFolder::new(&out, 1, &context).unwrap();
        files.text("a.csv", "1\n").unwrap();
        files.finish(serde_json::json!({ "run": 1 })).unwrap();
        let manifest = std::fs::read_to_string(out.join("manifest.json")).unwrap();
        assert!(manifest.contains("a.csv") && out.join("a.csv").exists(), "{manifest}");
        let blocked = ResultFolder::new(&out.join("a.csv/deeper"), 1, &context).unwrap_err();
        assert_eq!(blocked.to_message().key, "study-fire-write");
    }
}
