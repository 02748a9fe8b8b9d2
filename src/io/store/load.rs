//! Reading a project.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::StoreError;
use super::cells::apply_waiting;
use super::hold::{hold_project, let_go};
use super::record::{ContentKind, KEY_PROJECT, KEY_VERSION, LayerRecord, ProjectRecord, TABLE};
use crate::base::cancel::CancelToken;
use crate::base::message::ToMessage;
use crate::base::progress::Progress;
use crate::geo::grid::Grid;
use crate::io::export::NO_CLASS;
use crate::io::import::{SourceSpec, WorkerProgram, import_isolated};
use crate::io::scene::{LoadWarning, partial};
use crate::model::layer::{Layer, LayerContent};
use crate::model::project::{PROJECT_VERSION, Project};

/// Whether a file is a database and so no scene.
#[must_use]
pub fn is_project(path: &Path) -> bool {
    let mut head = [0; 16];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head.starts_with(b"SQLite format 3")
}

/// Reads a saved project; a layer that cannot be read is left out and told.
///
/// # Errors
/// [`StoreError`]: no project, a newer one, or damaged.
pub fn load_project(
    path: &Path,
    worker: &WorkerProgram,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<(Project, Vec<LoadWarning>), StoreError> {
    recover(path);
    let ProjectRecord { title, frame, utc_offset_hours, time, bookmarks, scenarios, layers: records } =
        read_record(path)?;
    let time = time.parse().map_err(|e| StoreError::read(path, e))?;
    let sources: Vec<SourceSpec> = records
        .iter()
        .map(|r| SourceSpec { sublayer: Some(r.table.clone()), crs: Some(frame.crs.clone()), ..SourceSpec::new(path) })
        .collect();
    let mut results: Vec<_> = sources.iter().map(|_| None).collect();
    import_isolated(&sources, &frame, worker, progress, cancel, |i, result| results[i] = Some(result));
    let mut warnings = Vec::new();
    let mut layers = Vec::with_capacity(records.len());
    for (record, result) in records.into_iter().zip(results) {
        match result {
            Some(Ok(imported)) => {
                warnings.extend(partial(&imported, path));
                layers.push(Arc::new(layer(record, imported.content)));
            }
            Some(Err(error)) => warnings.push(LoadWarning { message: error.to_message(), path: path.to_owned() }),
            None => {}
        }
    }
    apply_waiting(path, &mut layers)?;
    let project =
        Project { version: PROJECT_VERSION, title, frame, utc_offset_hours, time, layers, bookmarks, scenarios };
    Ok((project, warnings))
}

/// After a crash a log may lie beside the file, or the journal of a change that was cut off. The one is brought in and the
/// other taken back before anything is read, unless another instance has the project open (its edits are in the file
/// whenever it is not writing) or the folder cannot be written.
fn recover(path: &Path) {
    if !(in_log_mode(path) || beside(path, JOURNAL).exists()) {
        return;
    }
    if let Ok(Some(_hold)) = hold_project(path) {
        // What cannot be mended shows when the record is read.
        let _ = let_go(path);
    }
}

/// Whether the file says that it is written through a log (bytes 18 and 19 of its head), or a log lies beside it.
fn in_log_mode(path: &Path) -> bool {
    let mut head = [0; 20];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
    (read.is_ok() && head[18] == 2) || beside(path, LOG).exists()
}

/// What a database keeps beside it: changes that are not in the file yet, and pages as they were before a change.
const LOG: &str = "-wal";
const JOURNAL: &str = "-journal";

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(ending);
    name.into()
}

/// A connection that only reads. A file that was last written through a log is opened by making an index beside it, which
/// a full disk and a folder that cannot be written refuse: without a log there is nothing to index, and the file is read
/// as it lies. With one, or with half a change in the file, it is not: it would tell of another state.
pub(super) fn open_to_read(path: &Path) -> rusqlite::Result<Connection> {
    let usual = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let Err(error) = usual.query_row("PRAGMA schema_version", [], |_| Ok(())) else { return Ok(usual) };
    let empty = |ending| std::fs::metadata(beside(path, ending)).map_or(0, |m| m.len()) == 0;
    let Some(name) = path.to_str().filter(|_| empty(LOG) && empty(JOURNAL)) else { return Err(error) };
    let name = name.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(format!("file:{name}?immutable=1"), flags)
}

fn read_record(path: &Path) -> Result<ProjectRecord, StoreError> {
    let failed = |e: rusqlite::Error| StoreError::read(path, e);
    let database = open_to_read(path).map_err(failed)?;
    let there: bool = database
        .query_row("SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1)", [TABLE], |r| {
            r.get(0)
        })
        .map_err(failed)?;
    if !there {
        return Err(StoreError::NotAProject { path: path.to_owned() });
    }
    let value = |key: &str| -> Result<String, StoreError> {
        database
            .query_row(&format!("SELECT value FROM {TABLE} WHERE key = ?1"), [key], |row| row.get(0))
            .optional()
            .map_err(failed)?
            .ok_or_else(|| StoreError::read(path, format!("no {key}")))
    };
    let version: u32 = value(KEY_VERSION)?.parse().map_err(|e| StoreError::read(path, e))?;
    if version > PROJECT_VERSION {
        return Err(StoreError::TooNew { path: path.to_owned(), found: version, known: PROJECT_VERSION });
    }
    serde_json::from_str(&value(KEY_PROJECT)?).map_err(|e| StoreError::read(path, e))
}

fn layer(record: LayerRecord, content: LayerContent) -> Layer {
    let LayerRecord { kind, schema, id, title, group, source, style, visible, role, .. } = record;
    let content = match (kind, content) {
        (ContentKind::Features, LayerContent::Features(mut table)) if table.schema.len() == schema.len() => {
            Arc::make_mut(&mut table).schema = schema;
            LayerContent::Features(table)
        }
        (ContentKind::Classes, LayerContent::Raster(grid)) => {
            let cells = grid.cells.iter().map(|v| if v.is_nan() { NO_CLASS } else { *v as u16 }).collect();
            LayerContent::Classes(Arc::new(Grid { spec: grid.spec.clone(), cells }))
        }
        (_, content) => content,
    };
    Layer { id, title, group, source, content, style, visible, role }
}
