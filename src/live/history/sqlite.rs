//! The history in one SQLite file, in WAL mode: readers never wait for the writer.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, params};

use super::contract::{History, HistoryError, HourMean, Kept, LogLine, Piece, Revision, Tally, lasting};
use super::thin::Thinner;
use crate::model::sensor::{Flags, Reading, StreamKey};

/// "itwh": marks the file as ours.
const APPLICATION_ID: i32 = 0x6974_7768;
const HOUR_MS: i64 = 3_600_000;
/// From so many streams on the whole map is read by several readers.
const MANY_STREAMS: usize = 256;
const READERS: usize = 4;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS stream (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE IF NOT EXISTS reading (stream INTEGER NOT NULL, time INTEGER NOT NULL, value REAL NOT NULL,
        flags INTEGER NOT NULL, PRIMARY KEY (stream, time)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS revision (stream INTEGER NOT NULL, time INTEGER NOT NULL, revision INTEGER NOT NULL,
        value REAL NOT NULL, flags INTEGER NOT NULL, PRIMARY KEY (stream, time, revision)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS hour (stream INTEGER NOT NULL, time INTEGER NOT NULL, mean REAL NOT NULL,
        low REAL NOT NULL, high REAL NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (stream, time)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS alarm (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, stream TEXT NOT NULL,
        rule TEXT NOT NULL, event TEXT NOT NULL, value REAL, who TEXT NOT NULL, note TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS untold (id INTEGER PRIMARY KEY, whom TEXT NOT NULL, text TEXT NOT NULL);
";

pub struct SqliteHistory {
    connection: Connection,
    path: PathBuf,
    /// Row numbers of streams by their keys.
    ids: Vec<Option<i64>>,
}

impl SqliteHistory {
    /// Opens a history or makes a new one. A damaged file is set aside under another name, never deleted; where, is the
    /// second answer.
    ///
    /// # Errors
    /// [`HistoryError::Open`] when there can be no file at all.
    pub fn open(path: &Path) -> Result<(Self, Option<PathBuf>), HistoryError> {
        match Self::try_open(path) {
            Ok(history) => Ok((history, None)),
            Err(HistoryError::Damaged { .. }) => {
                let aside =
                    set_aside(path).map_err(|e| HistoryError::Open { reason: e.to_string(), path: path.to_owned() })?;
                Ok((Self::try_open(path)?, Some(aside)))
            }
            Err(other) => Err(other),
        }
    }

    fn try_open(path: &Path) -> Result<Self, HistoryError> {
        let tell = |e: &rusqlite::Error| tell(e, path);
        if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)
                .map_err(|e| HistoryError::Open { reason: e.to_string(), path: path.to_owned() })?;
        }
        let connection = Connection::open(path).map_err(|e| tell(&e))?;
        let prepare = || -> rusqlite::Result<()> {
            connection.busy_timeout(std::time::Duration::from_secs(5))?;
            // Of a new file: half as many pages to look for when a month is read.
            connection.pragma_update(None, "page_size", 8192)?;
            connection.pragma_update(None, "journal_mode", "WAL")?;
            // Pages of every stream change all the time: the longer they gather in the log, the fewer are written twice.
            connection.pragma_update(None, "wal_autocheckpoint", 4000)?;
            connection.pragma_update(None, "synchronous", "NORMAL")?;
            connection.pragma_update(None, "cache_size", -16_000)?;
            connection.pragma_update(None, "application_id", APPLICATION_ID)?;
            connection.execute_batch(SCHEMA)?;
            // Touches every table: a damaged one shows here, not in the middle of the night.
            for table in ["stream", "reading", "revision", "hour", "alarm", "untold"] {
                connection
                    .query_row(&format!("SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT 100)"), [], |_| Ok(()))?;
            }
            Ok(())
        };
        prepare().map_err(|e| tell(&e))?;
        Ok(Self { connection, path: path.to_owned(), ids: Vec::new() })
    }

    /// For looking things up while another writes.
    ///
    /// # Errors
    /// When there is no such file, or it is damaged.
    pub fn open_to_read(path: &Path) -> Result<Self, HistoryError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(|e| tell(&e, path))?;
        connection.busy_timeout(std::time::Duration::from_secs(2)).map_err(|e| tell(&e, path))?;
        // Not mapped into memory: the system then reads 128 KB around every page, of which a stream's lie far apart.
        Ok(Self { connection, path: path.to_owned(), ids: Vec::new() })
    }

    /// Lets the file grow no further, as a full disk does not: for tests.
    ///
    /// # Errors
    /// When SQLite does not answer.
    pub fn limit_pages(&self, pages: u32) -> Result<(), HistoryError> {
        self.connection.pragma_update(None, "max_page_count", pages).map_err(|e| self.tell(&e))
    }

    fn tell(&self, error: &rusqlite::Error) -> HistoryError {
        tell(error, &self.path)
    }

    fn id_of(&self, name: &str) -> Result<Option<i64>, HistoryError> {
        let mut find =
            self.connection.prepare_cached("SELECT id FROM stream WHERE name = ?1").map_err(|e| self.tell(&e))?;
        find.query_row([name], |row| row.get(0)).optional().map_err(|e| self.tell(&e))
    }

    fn append_within(
        &mut self,
        readings: &[Reading],
        name: &mut dyn FnMut(StreamKey) -> Option<String>,
    ) -> rusqlite::Result<Tally> {
        let mut tally = Tally::default();
        let transaction = self.connection.unchecked_transaction()?;
        {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO reading (stream, time, value, flags) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            )?;
            let mut ordered: Vec<(i64, &Reading)> = Vec::with_capacity(readings.len());
            for reading in readings {
                let at = reading.stream.0 as usize;
                if self.ids.len() <= at {
                    self.ids.resize(at + 1, None);
                }
                let id = if let Some(id) = self.ids[at] {
                    id
                } else {
                    let Some(name) = name(reading.stream) else { continue };
                    transaction.execute("INSERT INTO stream (name) VALUES (?1) ON CONFLICT DO NOTHING", [&name])?;
                    let id = transaction.query_row("SELECT id FROM stream WHERE name = ?1", [&name], |r| r.get(0))?;
                    self.ids[at] = Some(id);
                    id
                };
                ordered.push((id, reading));
            }
            // In the order of the key every page is touched once; several of one moment stay in the order in which they
            // came, or another one would be the correction.
            ordered.sort_by_key(|(id, reading)| (*id, reading.time_ms));
            for (id, reading) in ordered {
                let flags = lasting(reading.flags);
                if insert.execute(params![id, reading.time_ms, reading.value, flags])? == 1 {
                    tally.new += 1;
                } else {
                    meet(&transaction, id, reading, flags, &mut tally)?;
                }
            }
        }
        transaction.commit()?;
        Ok(tally)
    }
}

/// A reading for a moment that has one.
fn meet(
    transaction: &rusqlite::Transaction<'_>,
    id: i64,
    reading: &Reading,
    flags: u16,
    tally: &mut Tally,
) -> rusqlite::Result<()> {
    let (value, before): (f64, u16) = transaction
        .prepare_cached("SELECT value, flags FROM reading WHERE stream = ?1 AND time = ?2")?
        .query_row(params![id, reading.time_ms], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if value == reading.value {
        tally.doubles += 1;
        // Of two ways in which the same was written the clearer counts, whichever came first.
        if before & flags != before {
            transaction
                .prepare_cached("UPDATE reading SET flags = ?3 WHERE stream = ?1 AND time = ?2")?
                .execute(params![id, reading.time_ms, before & flags])?;
        }
        return Ok(());
    }
    tally.corrected += 1;
    transaction
        .prepare_cached(
            "INSERT INTO revision (stream, time, revision, value, flags)
             SELECT ?1, ?2, (SELECT count(*) FROM revision WHERE stream = ?1 AND time = ?2), ?3, ?4",
        )?
        .execute(params![id, reading.time_ms, value, before])?;
    transaction
        .prepare_cached("UPDATE reading SET value = ?3, flags = ?4 WHERE stream = ?1 AND time = ?2")?
        .execute(params![id, reading.time_ms, reading.value, flags])?;
    Ok(())
}

fn tell(error: &rusqlite::Error, path: &Path) -> HistoryError {
    let (reason, path) = (error.to_string(), path.to_owned());
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => HistoryError::Damaged { reason, path },
        Some(ErrorCode::DiskFull) => HistoryError::Full { path },
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            HistoryError::Open { reason, path }
        }
        _ => HistoryError::Failed { reason },
    }
}

/// Gives a damaged file and what belongs to it another name: "history.db.damaged-20261128-061500".
fn set_aside(path: &Path) -> std::io::Result<PathBuf> {
    let stamp = jiff::Timestamp::now().strftime("%Y%m%d-%H%M%S%3f").to_string();
    let named = |suffix: &str, tail: &str| {
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(suffix);
        name.push(tail);
        path.with_file_name(name)
    };
    let tail = format!(".damaged-{stamp}");
    let aside = named("", &tail);
    std::fs::rename(path, &aside)?;
    for suffix in ["-wal", "-shm"] {
        let file = named(suffix, "");
        if file.exists() {
            std::fs::rename(&file, named(suffix, &tail))?;
        }
    }
    Ok(aside)
}

impl History for SqliteHistory {
    fn append(
        &mut self,
        readings: &[Reading],
        name: &mut dyn FnMut(StreamKey) -> Option<String>,
    ) -> Result<Tally, HistoryError> {
        self.append_within(readings, name).map_err(|e| {
            // What was rolled back may have been a stream's row.
            self.ids.clear();
            self.tell(&e)
        })
    }

    fn series(&mut self, stream: &str, from_ms: i64, to_ms: i64) -> Result<Vec<Kept>, HistoryError> {
        let Some(id) = self.id_of(stream)? else { return Ok(Vec::new()) };
        let read = || -> rusqlite::Result<Vec<Kept>> {
            self.connection
                .prepare_cached(
                    "SELECT time, value, flags FROM reading WHERE stream = ?1 AND time BETWEEN ?2 AND ?3 ORDER BY time",
                )?
                .query_map(params![id, from_ms, to_ms], kept)?
                .collect()
        };
        read().map_err(|e| self.tell(&e))
    }

    fn pieces(&mut self, stream: &str, from_ms: i64, to_ms: i64, most: usize) -> Result<Vec<Piece>, HistoryError> {
        let Some(id) = self.id_of(stream)? else { return Ok(Vec::new()) };
        let read = || -> rusqlite::Result<Vec<Piece>> {
            let mut thinner = Thinner::new(from_ms, to_ms, most);
            let mut old = self.connection.prepare_cached(
                "SELECT time, low, high, count FROM hour WHERE stream = ?1 AND time BETWEEN ?2 AND ?3 ORDER BY time",
            )?;
            let mut rows = old.query(params![id, from_ms, to_ms])?;
            while let Some(row) = rows.next()? {
                thinner.push(row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            }
            let mut new = self.connection.prepare_cached(
                "SELECT time, value FROM reading WHERE stream = ?1 AND time BETWEEN ?2 AND ?3 ORDER BY time",
            )?;
            let mut rows = new.query(params![id, from_ms, to_ms])?;
            while let Some(row) = rows.next()? {
                let value: f64 = row.get(1)?;
                thinner.push(row.get(0)?, value, value, 1);
            }
            Ok(thinner.finish())
        };
        read().map_err(|e| self.tell(&e))
    }

    fn at(&mut self, time_ms: i64, within_ms: i64) -> Result<Vec<(String, Kept)>, HistoryError> {
        let list = || -> rusqlite::Result<Vec<(i64, String)>> {
            let mut names = self.connection.prepare_cached("SELECT id, name FROM stream ORDER BY id")?;
            names.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        let mut names = list().map_err(|e| self.tell(&e))?;
        let within = (time_ms.saturating_sub(within_ms), time_ms);
        if names.len() < MANY_STREAMS {
            return newest_of(&self.connection, names, within).map_err(|e| self.tell(&e));
        }
        // Every stream's page lies elsewhere: several readers, each with its part of the streams, wait for the disk at once.
        let part = names.len().div_ceil(READERS);
        let mut parts = Vec::new();
        while !names.is_empty() {
            let rest = names.split_off(part.min(names.len()));
            parts.push(std::mem::replace(&mut names, rest));
        }
        let path = &self.path;
        let read = |part| {
            let own = Self::open_to_read(path)?;
            newest_of(&own.connection, part, within).map_err(|e| own.tell(&e))
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = parts.into_iter().map(|part| scope.spawn(move || read(part))).collect();
            let mut found = Vec::new();
            for thread in threads {
                let ended = thread.join().map_err(|_| HistoryError::Failed { reason: "a reader ended".to_owned() })?;
                found.extend(ended?);
            }
            Ok(found)
        })
    }

    fn hours(&mut self, stream: &str, from_ms: i64, to_ms: i64) -> Result<Vec<HourMean>, HistoryError> {
        let Some(id) = self.id_of(stream)? else { return Ok(Vec::new()) };
        let read = || -> rusqlite::Result<Vec<HourMean>> {
            self.connection
                .prepare_cached(
                    "SELECT time, mean, count FROM hour WHERE stream = ?1 AND time >= ?2 AND time < ?3
                     UNION ALL
                     SELECT time / 3600000 * 3600000 AS start, avg(value), count(*) FROM reading
                     WHERE stream = ?1 AND time >= ?2 AND time < ?3 AND flags & ?4 = 0 GROUP BY start ORDER BY 1",
                )?
                .query_map(params![id, from_ms, to_ms, Flags::RANGE.0], |row| {
                    Ok(HourMean { start_ms: row.get(0)?, mean: row.get(1)?, count: row.get(2)? })
                })?
                .collect()
        };
        read().map_err(|e| self.tell(&e))
    }

    fn revisions(&mut self, stream: &str) -> Result<Vec<Revision>, HistoryError> {
        let Some(id) = self.id_of(stream)? else { return Ok(Vec::new()) };
        let read = || -> rusqlite::Result<Vec<Revision>> {
            self.connection
                .prepare_cached("SELECT time, revision, value FROM revision WHERE stream = ?1 ORDER BY time, revision")?
                .query_map([id], |row| {
                    Ok(Revision { time_ms: row.get(0)?, revision: row.get(1)?, value: row.get(2)? })
                })?
                .collect()
        };
        read().map_err(|e| self.tell(&e))
    }

    fn streams(&mut self) -> Result<Vec<String>, HistoryError> {
        let read = || -> rusqlite::Result<Vec<String>> {
            self.connection
                .prepare_cached("SELECT name FROM stream ORDER BY name")?
                .query_map([], |r| r.get(0))?
                .collect()
        };
        read().map_err(|e| self.tell(&e))
    }

    fn thin_out(&mut self, readings_before_ms: i64, means_before_ms: i64) -> Result<u64, HistoryError> {
        // Whole hours only: half an hour's mean could not be completed later.
        let edge = readings_before_ms.div_euclid(HOUR_MS) * HOUR_MS;
        let thin = || -> rusqlite::Result<u64> {
            let transaction = self.connection.unchecked_transaction()?;
            let ids: Vec<i64> =
                transaction.prepare("SELECT id FROM stream")?.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?;
            let mut gone = 0;
            // Stream by stream, as the key is ordered: what stays is not looked at, however much it is.
            for id in ids {
                transaction
                    .prepare_cached(
                        "INSERT OR REPLACE INTO hour (stream, time, mean, low, high, count)
                         SELECT stream, time / 3600000 * 3600000 AS start, avg(value), min(value), max(value), count(*)
                         FROM reading WHERE stream = ?3 AND time < ?1 AND flags & ?2 = 0 GROUP BY start",
                    )?
                    .execute(params![edge, Flags::RANGE.0, id])?;
                gone += transaction
                    .prepare_cached("DELETE FROM reading WHERE stream = ?1 AND time < ?2")?
                    .execute([id, edge])?;
                transaction
                    .prepare_cached("DELETE FROM hour WHERE stream = ?1 AND time < ?2")?
                    .execute([id, means_before_ms])?;
            }
            transaction.commit()?;
            Ok(gone as u64)
        };
        thin().map_err(|e| self.tell(&e))
    }

    fn log(&mut self, lines: &[LogLine]) -> Result<(), HistoryError> {
        let write = || -> rusqlite::Result<()> {
            let transaction = self.connection.unchecked_transaction()?;
            for l in lines {
                transaction
                    .prepare_cached(
                        "INSERT INTO alarm (time, stream, rule, event, value, who, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    )?
                    .execute(params![l.time_ms, l.stream, l.rule, l.event, l.value, l.who, l.note])?;
            }
            transaction.commit()
        };
        write().map_err(|e| self.tell(&e))
    }

    fn read_log(&mut self) -> Result<Vec<LogLine>, HistoryError> {
        let read = || -> rusqlite::Result<Vec<LogLine>> {
            self.connection
                .prepare_cached("SELECT time, stream, rule, event, value, who, note FROM alarm ORDER BY id")?
                .query_map([], |row| {
                    Ok(LogLine {
                        time_ms: row.get(0)?,
                        stream: row.get(1)?,
                        rule: row.get(2)?,
                        event: row.get(3)?,
                        value: row.get::<_, Option<f64>>(4)?.unwrap_or(f64::NAN),
                        who: row.get(5)?,
                        note: row.get(6)?,
                    })
                })?
                .collect()
        };
        read().map_err(|e| self.tell(&e))
    }

    fn keep_untold(&mut self, whom: &str, text: &str) -> Result<i64, HistoryError> {
        self.connection
            .execute("INSERT INTO untold (whom, text) VALUES (?1, ?2)", [whom, text])
            .map_err(|e| self.tell(&e))?;
        Ok(self.connection.last_insert_rowid())
    }

    fn untold(&mut self, whom: &str) -> Result<Vec<(i64, String)>, HistoryError> {
        let read = || -> rusqlite::Result<Vec<(i64, String)>> {
            self.connection
                .prepare_cached("SELECT id, text FROM untold WHERE whom = ?1 ORDER BY id")?
                .query_map([whom], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        };
        read().map_err(|e| self.tell(&e))
    }

    fn told(&mut self, number: i64) -> Result<(), HistoryError> {
        let gone = self.connection.execute("DELETE FROM untold WHERE id = ?1", [number]);
        gone.map(|_| ()).map_err(|e| self.tell(&e))
    }
}

/// The newest reading of each of some streams within (from, to).
fn newest_of(
    connection: &Connection,
    streams: Vec<(i64, String)>,
    (from_ms, to_ms): (i64, i64),
) -> rusqlite::Result<Vec<(String, Kept)>> {
    let mut newest = connection.prepare_cached(
        "SELECT time, value, flags FROM reading WHERE stream = ?1 AND time BETWEEN ?2 AND ?3
         ORDER BY time DESC LIMIT 1",
    )?;
    let mut found = Vec::new();
    for (id, name) in streams {
        if let Some(kept) = newest.query_row([id, from_ms, to_ms], kept).optional()? {
            found.push((name, kept));
        }
    }
    Ok(found)
}

fn kept(row: &rusqlite::Row<'_>) -> rusqlite::Result<Kept> {
    Ok(Kept { time_ms: row.get(0)?, value: row.get(1)?, flags: Flags(row.get(2)?) })
}
