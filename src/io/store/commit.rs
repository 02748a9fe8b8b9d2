//! An edit into the file, at once: one transaction in write-ahead mode, on the disk before it is called done.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params};

use super::StoreError;
use super::record::{CELLS, KEY_PROJECT, KEY_VERSION, LayerRecord, ProjectRecord, TABLE};
use crate::model::layer::{Layer, LayerContent};
use crate::model::project::Project;
use crate::model::table::{FeatureTable, Value};

/// What became of an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    Done,
    /// Layers came, or changed as a whole: the file must be saved anew.
    NeedsSave,
}

/// Another program that writes is waited for so long.
const PATIENCE: Duration = Duration::from_secs(5);

/// Brings a project's file from one state to the next: everything but the layers' contents, of which only single cells.
/// `before` is what the file holds.
///
/// # Errors
/// [`StoreError`]; the file is then as it was before.
pub fn commit_project(before: &Project, after: &Project, path: &Path) -> Result<Commit, StoreError> {
    let Some(cells) = changed_cells(before, after) else { return Ok(Commit::NeedsSave) };
    let failed = |e: rusqlite::Error| StoreError::write(path, e);
    let mut database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
    database.busy_timeout(PATIENCE).map_err(failed)?;
    // The mode stays in the file until the project is let go; every connection must ask for FULL by itself.
    database.query_row("PRAGMA journal_mode=WAL", [], |_| Ok(())).map_err(failed)?;
    database.execute_batch("PRAGMA synchronous=FULL").map_err(failed)?;
    let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let Some(mut record) = read(&transaction).map_err(failed)? else {
        return Err(StoreError::NotAProject { path: path.to_owned() });
    };
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
    write(&transaction, after.version, &json, &cells).map_err(failed)?;
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

fn write(transaction: &Transaction<'_>, version: u32, json: &str, cells: &[Cell]) -> rusqlite::Result<()> {
    let set = format!("INSERT OR REPLACE INTO {TABLE} (key, value) VALUES (?1, ?2)");
    transaction.execute(&set, params![KEY_VERSION, version.to_string()])?;
    transaction.execute(&set, params![KEY_PROJECT, json])?;
    if cells.is_empty() {
        return Ok(());
    }
    transaction.execute_batch(&format!(
        "CREATE TABLE IF NOT EXISTS {CELLS} (layer TEXT NOT NULL, feature INTEGER NOT NULL, field INTEGER NOT NULL,
         value TEXT NOT NULL, PRIMARY KEY (layer, feature, field))"
    ))?;
    let mut insert = transaction.prepare(&format!("INSERT OR REPLACE INTO {CELLS} VALUES (?1, ?2, ?3, ?4)"))?;
    for cell in cells {
        insert.execute(params![cell.layer, cell.feature, cell.field, cell.value])?;
    }
    Ok(())
}

struct Cell {
    layer: String,
    feature: i64,
    field: i64,
    /// JSON: null, a text, a number; a real as its bits in hexadecimal, which lose nothing.
    value: String,
}

/// `None` where more than cells changed.
fn changed_cells(before: &Project, after: &Project) -> Option<Vec<Cell>> {
    let mut cells = Vec::new();
    for layer in &after.layers {
        let old = before.layer(&layer.id)?;
        if old.content.same(&layer.content) {
            continue;
        }
        let (LayerContent::Features(a), LayerContent::Features(b)) = (&old.content, &layer.content) else {
            return None;
        };
        if a.schema != b.schema || a.ids != b.ids || a.geometry != b.geometry {
            return None;
        }
        compare(&layer.id.0, a, b, &mut cells);
    }
    Some(cells)
}

fn compare(layer: &str, a: &FeatureTable, b: &FeatureTable, cells: &mut Vec<Cell>) {
    for (field, (x, y)) in a.columns.iter().zip(&b.columns).enumerate() {
        for (row, id) in b.ids.iter().enumerate() {
            if x.get(row) != y.get(row) {
                let value = match y.get(row) {
                    Value::Null => serde_json::Value::Null,
                    Value::Text(text) => text.into(),
                    Value::Integer(i) => i.into(),
                    Value::Real(r) => serde_json::json!({ "bits": format!("{:016x}", r.to_bits()) }),
                };
                cells.push(Cell {
                    layer: layer.to_owned(),
                    feature: id.cast_signed(),
                    field: (field as u64).cast_signed(),
                    value: value.to_string(),
                });
            }
        }
    }
}

/// Puts the cells that were set since the last save into the layers.
pub(super) fn apply_cells(path: &Path, layers: &mut [Arc<Layer>]) -> Result<(), StoreError> {
    let failed = |e: rusqlite::Error| StoreError::read(path, e);
    let database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
    let there: bool = database
        .query_row("SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = ?1)", [CELLS], |row| row.get(0))
        .map_err(failed)?;
    if !there {
        return Ok(());
    }
    let mut select = database
        .prepare(&format!("SELECT layer, feature, field, value FROM {CELLS} ORDER BY layer, feature, field"))
        .map_err(failed)?;
    let rows = select
        .query_map([], |row| {
            Ok(Cell { layer: row.get(0)?, feature: row.get(1)?, field: row.get(2)?, value: row.get(3)? })
        })
        .map_err(failed)?;
    for cell in rows {
        let cell = cell.map_err(failed)?;
        let Some(layer) = layers.iter_mut().find(|l| l.id.0 == cell.layer) else { continue };
        let LayerContent::Features(table) = &mut Arc::make_mut(layer).content else { continue };
        let table = Arc::make_mut(table);
        let (Some(row), Ok(field)) = (table.row_of(cell.feature.cast_unsigned()), usize::try_from(cell.field)) else {
            continue;
        };
        let value: serde_json::Value = serde_json::from_str(&cell.value).map_err(|e| StoreError::read(path, e))?;
        if let Some(column) = table.columns.get_mut(field) {
            set(column, row, &value);
        }
    }
    Ok(())
}

fn set(column: &mut crate::model::table::Column, row: usize, value: &serde_json::Value) {
    use crate::model::table::Column;
    match column {
        Column::Text(cells) => cells.set(row, value.as_str()),
        Column::Integer(cells) => {
            if let Some(cell) = cells.get_mut(row) {
                *cell = value.as_i64();
            }
        }
        Column::Real(cells) => {
            let bits = value["bits"].as_str().and_then(|b| u64::from_str_radix(b, 16).ok());
            if let Some(cell) = cells.get_mut(row) {
                *cell = bits.map_or(f64::NAN, f64::from_bits);
            }
        }
    }
}
