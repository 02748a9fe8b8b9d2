//! Files are written beside their target and renamed into place when complete: never half a file.

use std::io;
use std::path::{Path, PathBuf};

/// What a folder of results was made from.
const MANIFEST: &str = "manifest.json";
/// The key in it under which its files are named.
const FILES: &str = "files";

/// Several files that belong together, written into a folder of their own and moved when all are complete.
#[derive(Debug)]
pub struct FolderStaging {
    folder: tempfile::TempDir,
    target: PathBuf,
}

impl FolderStaging {
    /// For files that will stand in `target`, which is made, with its parents, if need be.
    ///
    /// # Errors
    /// When the folder cannot be made or written.
    pub fn inside(target: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(target)?;
        let folder = tempfile::Builder::new().prefix(".island-twin-").tempdir_in(target)?;
        Ok(Self { folder, target: target.to_owned() })
    }

    /// Where to write a file.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// As [`Self::commit`], with a `manifest.json` that also names all files. Those that only the manifest of an earlier
    /// run there names are removed, so that its hours do not stand among these; no other file is touched.
    ///
    /// # Errors
    /// As there.
    pub fn commit_listed(self, mut manifest: serde_json::Value) -> io::Result<()> {
        let mut files = self.names()?;
        files.push(MANIFEST.to_owned());
        files.sort();
        if let Some(manifest) = manifest.as_object_mut() {
            manifest.insert(FILES.to_owned(), files.clone().into());
        }
        let earlier = listed(&self.target.join(MANIFEST));
        let text = serde_json::to_string_pretty(&manifest).map_err(io::Error::other)? + "\n";
        std::fs::write(self.path(MANIFEST), text)?;
        let target = self.target.clone();
        self.commit()?;
        for name in earlier.iter().filter(|name| !files.contains(name)) {
            match std::fs::remove_file(target.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Files written so far.
    fn names(&self) -> io::Result<Vec<String>> {
        let name = |e: io::Result<std::fs::DirEntry>| e.map(|e| e.file_name().to_string_lossy().into_owned());
        std::fs::read_dir(self.folder.path())?.map(name).collect()
    }

    /// Moves all files into the target, in the order of their names.
    ///
    /// # Errors
    /// When a file cannot be renamed.
    pub fn commit(self) -> io::Result<()> {
        let mut names: Vec<_> =
            std::fs::read_dir(self.folder.path())?.map(|e| e.map(|e| e.file_name())).collect::<io::Result<_>>()?;
        names.sort();
        for name in names {
            let from = self.folder.path().join(&name);
            std::fs::File::open(&from)?.sync_all()?;
            std::fs::rename(from, self.target.join(name))?;
        }
        Ok(())
    }
}

/// Plain names of files beside a manifest that it lists; none where there is no such manifest.
fn listed(manifest: &Path) -> Vec<String> {
    let Ok(bytes) = std::fs::read(manifest) else { return Vec::new() };
    let Ok(manifest) = serde_json::from_slice::<serde_json::Value>(&bytes) else { return Vec::new() };
    let is_plain = |name: &&str| Path::new(name).file_name().is_some_and(|n| n == *name) && !name.contains(['/', '\\']);
    let names = manifest.get(FILES).and_then(serde_json::Value::as_array).into_iter().flatten();
    names.filter_map(serde_json::Value::as_str).filter(is_plain).map(str::to_owned).collect()
}

/// Writes a text file as a whole or not at all.
///
/// # Errors
/// When it cannot be written; an old file is then as it was.
pub fn write_whole(text: &str, target: &Path) -> io::Result<()> {
    write_bytes(text.as_bytes(), target)
}

/// As [`write_whole`] for any bytes.
///
/// # Errors
/// As there.
pub fn write_bytes(bytes: &[u8], target: &Path) -> io::Result<()> {
    let staging = Staging::beside(target)?;
    std::fs::write(staging.path(), bytes)?;
    staging.commit(&[])
}

/// Writes text files that belong together, wherever each shall stand: none is put in its place before all are written.
///
/// # Errors
/// Which file cannot be written; the old files are then as they were.
pub fn write_together(files: &[(PathBuf, String)]) -> Result<(), (PathBuf, io::Error)> {
    let mut staged = Vec::with_capacity(files.len());
    for (n, (target, text)) in files.iter().enumerate() {
        let write = || {
            if target.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            if files[..n].iter().any(|(other, _)| other == target) {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            let staging = Staging::beside(target)?;
            std::fs::write(staging.path(), text)?;
            Ok(staging)
        };
        staged.push(write().map_err(|e| (target.clone(), e))?);
    }
    for (staging, (target, _)) in staged.into_iter().zip(files) {
        staging.commit(&[]).map_err(|e| (target.clone(), e))?;
    }
    Ok(())
}

/// A folder beside the target; gone, with what is left in it, when dropped.
pub(crate) struct Staging {
    folder: tempfile::TempDir,
    target: PathBuf,
}

impl Staging {
    /// # Errors
    /// When the target's folder does not exist or cannot be written.
    pub(crate) fn beside(target: &Path) -> io::Result<Self> {
        let parent = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if target.file_name().is_none() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "no file name"));
        }
        let folder = tempfile::Builder::new().prefix(".island-twin-").tempdir_in(parent)?;
        Ok(Self { folder, target: target.to_owned() })
    }

    /// Where to write the file that will stand at `target`, or, with another extension, one of its siblings.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join(self.target.file_name().unwrap_or_default())
    }

    /// Moves everything that was written into place, the target itself last. Siblings in `stale` (extensions) that
    /// were not written again are removed: an old .cpg would lie about a new table.
    ///
    /// # Errors
    /// When a file cannot be renamed.
    pub(crate) fn commit(self, stale: &[&str]) -> io::Result<()> {
        let staged = self.path();
        let mut names: Vec<_> =
            std::fs::read_dir(self.folder.path())?.map(|e| e.map(|e| e.path())).collect::<io::Result<_>>()?;
        names.sort_by_key(|path| (*path == staged, path.clone()));
        for from in &names {
            std::fs::File::open(from)?.sync_all()?;
            std::fs::rename(from, self.target.with_file_name(from.file_name().unwrap_or_default()))?;
        }
        for extension in stale {
            let sibling = self.target.with_extension(extension);
            if !names.contains(&staged.with_extension(extension)) && sibling.exists() {
                std::fs::remove_file(sibling)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_an_earlier_run_go_and_those_of_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let write = |names: &[&str]| {
            let staging = FolderStaging::inside(folder.path()).unwrap();
            for name in names {
                std::fs::write(staging.path(name), name).unwrap();
            }
            staging.commit_listed(serde_json::json!({ "run": 1 })).unwrap();
        };
        let there = || {
            let names =
                std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
            let mut names: Vec<String> = names.collect();
            names.sort();
            names
        };
        std::fs::write(folder.path().join("notes.txt"), "mine").unwrap();
        write(&["01h.tif", "02h.tif"]);
        write(&["01h.tif"]);
        assert_eq!(there(), ["01h.tif", "manifest.json", "notes.txt"]);
        // A manifest that points elsewhere leads nobody astray.
        let outside = folder.path().parent().unwrap().join("island-twin-outside.txt");
        std::fs::write(&outside, "x").unwrap();
        let bad = r#"{"files": ["../island-twin-outside.txt", "..", "", "a/b", 7]}"#;
        std::fs::write(folder.path().join("manifest.json"), bad).unwrap();
        write(&["01h.tif"]);
        assert!(outside.exists());
        std::fs::remove_file(outside).unwrap();
        let text = std::fs::read_to_string(folder.path().join("manifest.json")).unwrap();
        assert!(text.contains("\"files\": [\n    \"01h.tif\",\n    \"manifest.json\"\n  ]"), "{text}");
    }
}
