//! Results kept under the digest of what they were made from: the same inputs are not run twice.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::WhatIfError;

/// A folder of results, or nowhere.
#[derive(Debug, Clone, Default)]
pub struct Cache {
    folder: Option<PathBuf>,
}

/// Changes when the form of a result does: older ones are then run anew.
const FORM: u32 = 4;

impl Cache {
    #[must_use]
    pub fn nowhere() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self { folder: Some(folder.to_owned()) }
    }

    fn path(&self, model: &str, digest: &str) -> Option<PathBuf> {
        let plain: String = digest.chars().filter(char::is_ascii_alphanumeric).collect();
        Some(self.folder.as_ref()?.join(format!("{model}-{plain}-{FORM}.run")))
    }

    /// A result, if one is there and can be read; one that cannot is as good as none.
    #[must_use]
    pub fn get<T: DeserializeOwned>(&self, model: &str, digest: &str) -> Option<T> {
        let bytes = std::fs::read(self.path(model, digest)?).ok()?;
        postcard::from_bytes(&bytes).ok()
    }

    /// # Errors
    /// [`WhatIfError::Cache`]; nothing is then left half.
    pub fn put<T: Serialize>(&self, model: &str, digest: &str, result: &T) -> Result<(), WhatIfError> {
        let Some(path) = self.path(model, digest) else { return Ok(()) };
        let failed = |detail: String| WhatIfError::Cache { detail, path: path.clone() };
        let bytes = postcard::to_stdvec(result).map_err(|e| failed(e.to_string()))?;
        let write = || -> std::io::Result<()> {
            let folder = path.parent().unwrap_or(Path::new("."));
            std::fs::create_dir_all(folder)?;
            let mut file = tempfile::Builder::new().prefix(".island-twin-").tempfile_in(folder)?;
            file.write_all(&bytes)?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|e| e.error)?;
            Ok(())
        };
        write().map_err(|e| failed(e.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_result_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::in_folder(folder.path());
        cache.put("fire", "fnv1a64:12", &vec![1.5_f64, 2.0]).unwrap();
        assert_eq!(cache.get::<Vec<f64>>("fire", "fnv1a64:12"), Some(vec![1.5, 2.0]));
        assert_eq!(cache.get::<Vec<f64>>("fire", "fnv1a64:13"), None);
        let file = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
        std::fs::write(file, [255]).unwrap();
        assert_eq!(cache.get::<Vec<f64>>("fire", "fnv1a64:12"), None);
        assert!(Cache::nowhere().put("fire", "x", &1).is_ok());
    }
}
