//! Cells that were set, into the layers' standard tables: QGIS sees them as soon as they are on the disk.

use std::path::Path;
use std::sync::Arc;

use rusqlite::config::DbConfig;
use rusqlite::types::Value as Stored;
use rusqlite::{Connection, Transaction, params_from_iter};

use super::StoreError;
use super::load::open_to_read;
use super::record::{CELLS, LayerRecord};
use crate::model::layer::{Layer, LayerContent, LayerId};
use crate::model::project::Project;
use crate::model::table::{Column, FeatureTable, Value};

/// More than these are written with their layer as a whole, beside the window and not under its hand.
const MOST: usize = 20_000;

pub(super) struct Cell {
    layer: LayerId,
    feature: u64,
    field: usize,
    value: Stored,
}

/// `None` where more than some cells changed.
pub(super) fn changed(before: &Project, after: &Project) -> Option<Vec<Cell>> {
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
        compare(&layer.id, a, b, &mut cells);
    }
    (cells.len() <= MOST).then_some(cells)
}

fn compare(layer: &LayerId, a: &FeatureTable, b: &FeatureTable, cells: &mut Vec<Cell>) {
    for (field, (x, y)) in a.columns.iter().zip(&b.columns).enumerate() {
        for (row, id) in b.ids.iter().enumerate() {
            if x.get(row) != y.get(row) {
                cells.push(Cell { layer: layer.clone(), feature: *id, field, value: stored(y.get(row)) });
            }
        }
    }
}

fn stored(value: Value<'_>) -> Stored {
    match value {
        Value::Null => Stored::Null,
        // As a whole save writes it: a zero ends a text for other programs.
        Value::Text(text) => Stored::Text(text.replace('\0', "")),
        Value::Integer(i) => Stored::Integer(i),
        Value::Real(r) => Stored::Real(r),
    }
}

/// Indexes of places have triggers that call functions of GDAL and QGIS; setting an attribute moves nothing, so that
/// they need not run. Call it before the transaction.
pub(super) fn without_triggers(database: &Connection) -> rusqlite::Result<()> {
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false).map(|_| ())
}

/// Whether all could be written: no feature or field has gone from the file.
pub(super) fn write(transaction: &Transaction<'_>, layers: &[LayerRecord], cells: &[Cell]) -> rusqlite::Result<bool> {
    let mut columns: Option<(&LayerId, &str, Vec<String>)> = None;
    for cell in cells {
        if columns.as_ref().is_none_or(|(id, ..)| *id != &cell.layer) {
            let Some(record) = layers.iter().find(|r| r.id == cell.layer) else { return Ok(false) };
            let names = attribute_columns(transaction, &record.table)?;
            if names.len() != record.schema.len() {
                return Ok(false);
            }
            columns = Some((&cell.layer, &record.table, names));
            touch(transaction, &record.table)?;
        }
        let Some((_, table, names)) = &columns else { return Ok(false) };
        let Some(name) = names.get(cell.field) else { return Ok(false) };
        let set = format!("UPDATE {} SET {} = ?1 WHERE fid = ?2", quoted(table), quoted(name));
        let key = Stored::Integer(i64::try_from(cell.feature).unwrap_or(i64::MAX));
        let changed = transaction.prepare_cached(&set)?.execute(params_from_iter([&cell.value, &key]))?;
        if changed != 1 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// In the table's order, which is the schema's.
fn attribute_columns(transaction: &Transaction<'_>, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut select = transaction.prepare(
        "SELECT name FROM pragma_table_info(?1) WHERE pk = 0 AND name NOT IN
         (SELECT column_name FROM gpkg_geometry_columns WHERE lower(table_name) = lower(?1)) ORDER BY cid",
    )?;
    select.query_map([table], |row| row.get(0))?.collect()
}

/// The standard's date of last change.
fn touch(transaction: &Transaction<'_>, table: &str) -> rusqlite::Result<()> {
    let now = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";
    let set = format!("UPDATE gpkg_contents SET last_change = {now} WHERE lower(table_name) = lower(?1)");
    transaction.execute(&set, [table]).map(|_| ())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Earlier versions of this program kept cells in a table of their own until the next whole save. They go into the
/// layers, and that table goes. `false` where one no longer fits: a whole save then writes all as it was read.
pub(super) fn bring_in_waiting(transaction: &Transaction<'_>, layers: &[LayerRecord]) -> rusqlite::Result<bool> {
    for (layer, feature, field, value) in waiting(transaction)? {
        let Some(record) = layers.iter().find(|r| r.id.0 == layer) else { continue };
        let Ok(field) = usize::try_from(field) else { return Ok(false) };
        let Some(of) = record.schema.get(field) else { return Ok(false) };
        let mut one = Column::new(of.kind);
        one.resize(1);
        set(&mut one, 0, &value);
        let cell = Cell { layer: record.id.clone(), feature, field, value: stored(one.get(0)) };
        if !write(transaction, layers, &[cell])? {
            return Ok(false);
        }
    }
    transaction.execute_batch(&format!("DROP TABLE IF EXISTS {CELLS}"))?;
    Ok(true)
}

/// The same for layers that were read from such a file.
pub(super) fn apply_waiting(path: &Path, layers: &mut [Arc<Layer>]) -> Result<(), StoreError> {
    let failed = |e: rusqlite::Error| StoreError::read(path, e);
    let database = open_to_read(path).map_err(failed)?;
    for (id, feature, field, value) in waiting(&database).map_err(failed)? {
        let Some(layer) = layers.iter_mut().find(|l| l.id.0 == id) else { continue };
        let LayerContent::Features(table) = &mut Arc::make_mut(layer).content else { continue };
        let table = Arc::make_mut(table);
        let (Some(row), Ok(field)) = (table.row_of(feature), usize::try_from(field)) else { continue };
        if let Some(column) = table.columns.get_mut(field) {
            set(column, row, &value);
        }
    }
    Ok(())
}

/// Layer, feature, field, value.
type Waiting = (String, u64, i64, serde_json::Value);

fn waiting(database: &Connection) -> rusqlite::Result<Vec<Waiting>> {
    let exists = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1)";
    if !database.query_row(exists, [CELLS], |row| row.get(0))? {
        return Ok(Vec::new());
    }
    let mut select = database
        .prepare(&format!("SELECT layer, feature, field, value FROM {CELLS} ORDER BY layer, feature, field"))?;
    let rows = select.query_map([], |row| {
        let (id, json): (i64, String) = (row.get(1)?, row.get(3)?);
        let value = serde_json::from_str(&json)
            .map_err(|e| rusqlite::Error::FromSqlConversionFailure(3, rusqlite::types::Type::Text, e.into()))?;
        Ok((row.get(0)?, id.cast_unsigned(), row.get(2)?, value))
    })?;
    rows.collect()
}

/// A text, an integer, or a real as its bits in hexadecimal.
fn set(column: &mut Column, row: usize, value: &serde_json::Value) {
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
