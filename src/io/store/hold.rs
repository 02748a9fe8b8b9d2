//! Who may write a project: the first that opens it; everybody else reads.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::StoreError;

/// The right to write a project, for as long as it lives. Kept by a lock beside the file, which ends with the process,
/// however that ends.
#[derive(Debug)]
pub struct Hold {
    lock: File,
    beside: PathBuf,
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".lock");
    path.with_file_name(name)
}

/// Takes the right to write; `None` when another instance has it.
///
/// # Errors
/// [`StoreError::Write`] when the folder cannot be written: the project can then only be read.
pub fn hold_project(path: &Path) -> Result<Option<Hold>, StoreError> {
    let beside = lock_path(path);
    let failed = |e: std::io::Error| StoreError::write(path, e);
    loop {
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&beside).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(e)) => return Err(failed(e)),
        }
        // Whoever had it before may have taken the file away after we opened it: then it guards nothing.
        if same_file(&lock, &beside) {
            return Ok(Some(Hold { lock, beside }));
        }
    }
}

fn same_file(lock: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (lock.metadata(), std::fs::metadata(path)) {
        (Ok(a), Ok(b)) => a.ino() == b.ino() && a.dev() == b.dev(),
        _ => false,
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        // While it is still locked, so that nobody locks a file that goes away.
        let _ = std::fs::remove_file(&self.beside);
        let _ = self.lock.unlock();
    }
}

/// Brings what a log beside the file still holds into the file, takes half a change back, and makes the file one that any
/// program reads, also from a folder that cannot be written. Call it only while holding the project, or for a copy.
///
/// # Errors
/// [`StoreError::Write`].
pub fn let_go(path: &Path) -> Result<(), StoreError> {
    let failed = |e: rusqlite::Error| StoreError::write(path, e);
    let database = Connection::open(path).map_err(failed)?;
    let mode: String = database.query_row("PRAGMA journal_mode", [], |row| row.get(0)).map_err(failed)?;
    if mode.eq_ignore_ascii_case("wal") {
        database.query_row("PRAGMA journal_mode=DELETE", [], |_| Ok(())).map_err(failed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_one_reads_and_the_next_one_writes_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.gpkg");
        let first = hold_project(&path).unwrap();
        assert!(first.is_some());
        assert!(hold_project(&path).unwrap().is_none());
        drop(first);
        assert!(!lock_path(&path).exists());
        assert!(hold_project(&path).unwrap().is_some());
    }
}
