//! An edit into the file, at once: one transaction in write-ahead mode, on the disk before it is called done.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params};

use super::record::{KEY_PROJECT, KEY_VERSION, LayerRecord, ProjectRecord, TABLE};
use super::{StoreError, cells};
use crate::model::project::Project;

/// What became of an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    Done,
    /// Layers came, or changed as a whole: the file must be saved anew.
    NeedsSave,
}

/// Another program that writes is waited for so long.
const PATIENCE: Duration = Duration::from_secs(5);

/// Brings a project's file from one state to the next: everything but the layers' contents, of which only single cells,
/// which go into the layers' own tables. `before` is what the file holds.
///
/// # Errors
/// [`StoreError`]; the file is then as it was before.
pub fn commit_project(before: &Project, after: &Project, path: &Path) -> Result<Commit, StoreError> {
    let Some(changed) = cells::changed(before, after) else { return Ok(Commit::NeedsSave) };
    let failed = |e: rusqlite::Error| StoreError::write(path, e);
    let mut database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
    database.busy_timeout(PATIENCE).map_err(failed)?;
    // The mode stays in the file until the project is let go; every connection must ask for FULL by itself.
    database.query_row("PRAGMA journal_mode=WAL", [], |_| Ok(())).map_err(failed)?;
    database.execute_batch("PRAGMA synchronous=FULL").map_err(failed)?;
    cells::without_triggers(&database).map_err(failed)?;
    let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let Some(mut record) = read(&transaction).map_err(failed)? else {
        return Err(StoreError::NotAProject { path: path.to_owned() });
    };
    let waiting_in = cells::bring_in_waiting(&transaction, &record.layers).map_err(failed)?;
    if !(waiting_in && cells::write(&transaction, &record.layers, &changed).map_err(failed)?) {
        return Ok(Commit::NeedsSave);
    }
    let mut layers = Vec::with_capacity(after.layers.len());
    for layer in &after.layers {
        let Some(old) = record.layers.iter().find(|r| r.id == layer.id) else { return Ok(Commit::NeedsSave) };
        layers.push(LayerRecord::of(layer, &old.table));
    }
    record.layers = layers;
    record.title = after.title.clone();
    record.frame = after.frame.clone();
    record.utc_offset_hours = after.utc_offset_hours;
    record.time = after.time.to_string();
    record.bookmarks.clone_from(&after.bookmarks);
    record.scenarios.clone_from(&after.scenarios);
    let json = serde_json::to_string(&record).map_err(|e| StoreError::write(path, e))?;
    write(&transaction, after.version, &json).map_err(failed)?;
    transaction.commit().map_err(failed)?;
    Ok(Commit::Done)
}

fn read(transaction: &Transaction<'_>) -> rusqlite::Result<Option<ProjectRecord>> {
    let there: bool = transaction.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1)",
        [TABLE],
        |row| row.get(0),
    )?;
    if !there {
        return Ok(None);
    }
    let text: Option<String> = transaction
        .query_row(&format!("SELECT value FROM {TABLE} WHERE key = ?1"), [KEY_PROJECT], |row| row.get(0))
        .optional()?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

fn write(transaction: &Transaction<'_>, version: u32, json: &str) -> rusqlite::Result<()> {
    let set = format!("INSERT OR REPLACE INTO {TABLE} (key, value) VALUES (?1, ?2)");
    transaction.execute(&set, params![KEY_VERSION, version.to_string()])?;
    transaction.execute(&set, params![KEY_PROJECT, json])?;
    Ok(())
}
