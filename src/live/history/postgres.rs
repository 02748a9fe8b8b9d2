//! The history in an office's PostgreSQL; where the extension TimescaleDB is there, its table of readings becomes a
//! hypertable.

use std::path::Path;

use postgres::config::{Host, SslMode};
use postgres::types::ToSql;
use postgres::{Client, Config, NoTls, Transaction};

use super::contract::{History, HistoryError, HourMean, Kept, LogLine, Piece, Revision, Tally, lasting};
use super::pg_tls::{self, Wish};
use super::thin::Thinner;
use crate::live::secret;
use crate::model::sensor::{Flags, Reading, StreamKey};

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS stream (id SERIAL PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE IF NOT EXISTS reading (stream INT NOT NULL, time BIGINT NOT NULL, value FLOAT8 NOT NULL,
        flags INT NOT NULL, PRIMARY KEY (stream, time));
    CREATE TABLE IF NOT EXISTS revision (stream INT NOT NULL, time BIGINT NOT NULL, revision INT NOT NULL,
        value FLOAT8 NOT NULL, flags INT NOT NULL, PRIMARY KEY (stream, time, revision));
    CREATE TABLE IF NOT EXISTS hour (stream INT NOT NULL, time BIGINT NOT NULL, mean FLOAT8 NOT NULL, low FLOAT8 NOT NULL,
        high FLOAT8 NOT NULL, count INT NOT NULL, PRIMARY KEY (stream, time));
    CREATE TABLE IF NOT EXISTS alarm (id BIGSERIAL PRIMARY KEY, time BIGINT NOT NULL, stream TEXT NOT NULL,
        rule TEXT NOT NULL, event TEXT NOT NULL, value FLOAT8 NOT NULL, who TEXT NOT NULL, note TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS untold (id BIGSERIAL PRIMARY KEY, whom TEXT NOT NULL, text TEXT NOT NULL);
";
const HOUR_MS: i64 = 3_600_000;
/// A week in a chunk.
const TIMESCALE: &str =
    "SELECT create_hypertable('reading', 'time', chunk_time_interval => 604800000, if_not_exists => TRUE)";

pub struct PostgresHistory {
    client: Client,
    ids: Vec<Option<i32>>,
}

fn failed(error: &postgres::Error) -> HistoryError {
    let told = error.as_db_error().map_or_else(|| error.to_string(), |e| e.message().to_owned());
    HistoryError::Failed { reason: told }
}

impl PostgresHistory {
    /// Connects by a connection string, "host=db dbname=island user=duty"; tables are made where they are missing. The
    /// password comes from the environment or the desktop's secret store. With sslmode=require (or verify-full) and, for an
    /// authority of the office's own, sslrootcert=ca.pem the connection is encrypted and the server's certificate checked.
    ///
    /// # Errors
    /// When the server does not answer or lets us do nothing.
    pub fn connect(parameters: &str) -> Result<Self, HistoryError> {
        let wish = Wish::read(parameters);
        let mut config: Config = wish.rest.parse().map_err(|e| failed(&e))?;
        if config.get_password().is_none()
            && let Some(word) = secret::find(parameters)
        {
            config.password(word);
        }
        // Kept until the connection stands.
        let mut door = None;
        // What never leaves the machine is not encrypted, as everywhere with PostgreSQL.
        if let Some(Host::Tcp(host)) = config.get_hosts().first().filter(|_| wish.encrypted) {
            let port = config.get_ports().first().copied().unwrap_or(pg_tls::PORT);
            let folder = pg_tls::open(host, port, wish.ca.as_deref())?;
            config = behind(&config, folder.path());
            door = Some(folder);
        }
        let mut client = config.connect(NoTls).map_err(|e| failed(&e))?;
        drop(door);
        client.batch_execute("SET client_min_messages = warning").map_err(|e| failed(&e))?;
        client.batch_execute(SCHEMA).map_err(|e| failed(&e))?;
        let timescale = client
            .query_opt("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'", &[])
            .map_err(|e| failed(&e))?;
        if timescale.is_some() {
            client.batch_execute(TIMESCALE).map_err(|e| failed(&e))?;
        }
        Ok(Self { client, ids: Vec::new() })
    }

    fn id_of(&mut self, name: &str) -> Result<Option<i32>, HistoryError> {
        let row = self.client.query_opt("SELECT id FROM stream WHERE name = $1", &[&name]).map_err(|e| failed(&e))?;
        Ok(row.map(|r| r.get(0)))
    }

    fn rows(&mut self, query: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<Vec<postgres::Row>, HistoryError> {
        self.client.query(query, parameters).map_err(|e| failed(&e))
    }
}

/// The same connection through a socket in a folder.
fn behind(config: &Config, folder: &Path) -> Config {
    let mut behind = Config::new();
    behind.host_path(folder).port(pg_tls::PORT).ssl_mode(SslMode::Disable);
    if let Some(user) = config.get_user() {
        behind.user(user);
    }
    if let Some(password) = config.get_password() {
        behind.password(password);
    }
    if let Some(name) = config.get_dbname().or(config.get_user()) {
        behind.dbname(name);
    }
    if let Some(options) = config.get_options() {
        behind.options(options);
    }
    if let Some(name) = config.get_application_name() {
        behind.application_name(name);
    }
    behind
}

/// A batch in columns, as `unnest` takes it.
#[derive(Default)]
struct Columns {
    streams: Vec<i32>,
    times: Vec<i64>,
    values: Vec<f64>,
    flags: Vec<i32>,
}

impl Columns {
    fn push(&mut self, stream: i32, reading: &Reading) {
        self.streams.push(stream);
        self.times.push(reading.time_ms);
        self.values.push(reading.value);
        self.flags.push(i32::from(lasting(reading.flags)));
    }
}

/// Several readings of one moment within one batch are handed in one round after another: `unnest` sees each key once.
fn rounds(readings: &[(i32, &Reading)]) -> Vec<Columns> {
    let mut times: std::collections::BTreeMap<(i32, i64), usize> = std::collections::BTreeMap::new();
    let mut rounds: Vec<Columns> = Vec::new();
    for (stream, reading) in readings {
        let round = times.entry((*stream, reading.time_ms)).and_modify(|n| *n += 1).or_insert(0);
        if rounds.len() <= *round {
            rounds.resize_with(*round + 1, Columns::default);
        }
        rounds[*round].push(*stream, reading);
    }
    rounds
}

fn insert(transaction: &mut Transaction<'_>, columns: &Columns) -> Result<Tally, postgres::Error> {
    let Columns { streams, times, values, flags } = columns;
    let all: [&(dyn ToSql + Sync); 4] = [streams, times, values, flags];
    let new = transaction.execute(
        "INSERT INTO reading (stream, time, value, flags)
         SELECT * FROM unnest($1::int[], $2::bigint[], $3::float8[], $4::int[]) ON CONFLICT DO NOTHING",
        &all,
    )?;
    let mut tally = Tally { new, ..Tally::default() };
    if new as usize == streams.len() {
        return Ok(tally);
    }
    transaction.execute(
        "UPDATE reading r SET flags = r.flags & n.flags
         FROM unnest($1::int[], $2::bigint[], $3::float8[], $4::int[]) AS n(stream, time, value, flags)
         WHERE r.stream = n.stream AND r.time = n.time AND r.value = n.value AND r.flags & n.flags <> r.flags",
        &all,
    )?;
    transaction.execute(
        "INSERT INTO revision (stream, time, revision, value, flags)
         SELECT r.stream, r.time, (SELECT count(*) FROM revision v WHERE v.stream = r.stream AND v.time = r.time), r.value, r.flags
         FROM reading r JOIN unnest($1::int[], $2::bigint[], $3::float8[], $4::int[]) AS n(stream, time, value, flags)
         ON r.stream = n.stream AND r.time = n.time WHERE r.value <> n.value",
        &all,
    )?;
    tally.corrected = transaction.execute(
        "UPDATE reading r SET value = n.value, flags = n.flags
         FROM unnest($1::int[], $2::bigint[], $3::float8[], $4::int[]) AS n(stream, time, value, flags)
         WHERE r.stream = n.stream AND r.time = n.time AND r.value <> n.value",
        &all,
    )?;
    tally.doubles = streams.len() as u64 - new - tally.corrected;
    Ok(tally)
}

impl History for PostgresHistory {
    fn append(
        &mut self,
        readings: &[Reading],
        name: &mut dyn FnMut(StreamKey) -> Option<String>,
    ) -> Result<Tally, HistoryError> {
        let mut keyed = Vec::with_capacity(readings.len());
        let mut write = || -> Result<Tally, postgres::Error> {
            let mut transaction = self.client.transaction()?;
            for reading in readings {
                let at = reading.stream.0 as usize;
                if self.ids.len() <= at {
                    self.ids.resize(at + 1, None);
                }
                if self.ids[at].is_none() {
                    let Some(name) = name(reading.stream) else { continue };
                    transaction.execute("INSERT INTO stream (name) VALUES ($1) ON CONFLICT DO NOTHING", &[&name])?;
                    let row = transaction.query_one("SELECT id FROM stream WHERE name = $1", &[&name])?;
                    self.ids[at] = Some(row.get(0));
                }
                keyed.extend(self.ids[at].map(|id| (id, reading)));
            }
            let mut tally = Tally::default();
            for columns in rounds(&keyed) {
                tally.add(insert(&mut transaction, &columns)?);
            }
            transaction.commit()?;
            Ok(tally)
        };
        let result = write().map_err(|e| failed(&e));
        if result.is_err() {
            self.ids.clear();
        }
        result
    }

    fn series(&mut self, stream: &str, from_ms: i64, to_ms: i64) -> Result<Vec<Kept>, HistoryError> {
        let Some(id) = self.id_of(stream)? else { return Ok(Vec::new()) };
        let query = "SELECT time, value, flags FROM reading WHERE stream = $1 AND time BETWEEN $2 AND $3 ORDER BY time";
        Ok(self.rows(query, &[&id, &from_ms, &to_ms])?.iter().map(|r| kept(r, 0)).collect())
    }

    fn pieces(&mut self, stream: &str, from_ms: i64, to_ms: i64, most: usize) -> Result<Vec<Piece>, HistoryError> {
        let Some(id) = self.id_of(stream)? else { return Ok(Vec::new()) };
        let mut thinner = Thinner::new(from_ms, to_ms, most);
        let old = "SELECT time, low, high, count FROM hour WHERE stream = $1 AND time BETWEEN $2 AND $3 ORDER BY time";
        for row in self.rows(old, &[&id, &from_ms, &to_ms])? {
            thinner.push(row.get(0), row.get(1), row.get(2), row.get::<_, i32>(3).unsigned_abs());
        }
        let new = "SELECT time, value FROM reading WHERE stream = $1 AND time BETWEEN $2 AND $3 ORDER BY time";
        for row in self.rows(new, &[&id, &from_ms, &to_ms])? {
            thinner.push(row.get(0), row.get(1), row.get(1), 1);
        }
        Ok(thinner.finish())
    }

    fn at(&mut self, time_ms: i64, within_ms: i64) -> Result<Vec<(String, Kept)>, HistoryError> {
        let query = "SELECT s.name, r.time, r.value, r.flags FROM stream s CROSS JOIN LATERAL
            (SELECT time, value, flags FROM reading WHERE stream = s.id AND time BETWEEN $1 AND $2
             ORDER BY time DESC LIMIT 1) r ORDER BY s.id";
        let from = time_ms.saturating_sub(within_ms);
        Ok(self.rows(query, &[&from, &time_ms])?.iter().map(|r| (r.get(0), kept(r, 1))).collect())
    }

    fn hours(&mut self, stream: &str, from_ms: i64, to_ms: i64) -> Result<Vec<HourMean>, HistoryError> {
        let Some(id) = self.id_of(stream)? else { return Ok(Vec::new()) };
        let range = i32::from(Flags::RANGE.0);
        let query = "SELECT time AS start, mean, count FROM hour WHERE stream = $1 AND time >= $2 AND time < $3
             UNION ALL
             SELECT time / 3600000 * 3600000 AS start, avg(value), count(*)::int FROM reading
             WHERE stream = $1 AND time >= $2 AND time < $3 AND flags & $4 = 0 GROUP BY 1 ORDER BY 1";
        let mean = |r: &postgres::Row| HourMean {
            start_ms: r.get(0),
            mean: r.get(1),
            count: r.get::<_, i32>(2).unsigned_abs(),
        };
        Ok(self.rows(query, &[&id, &from_ms, &to_ms, &range])?.iter().map(mean).collect())
    }

    fn revisions(&mut self, stream: &str) -> Result<Vec<Revision>, HistoryError> {
        let Some(id) = self.id_of(stream)? else { return Ok(Vec::new()) };
        let query = "SELECT time, revision, value FROM revision WHERE stream = $1 ORDER BY time, revision";
        let revision = |r: &postgres::Row| Revision {
            time_ms: r.get(0),
            revision: r.get::<_, i32>(1).unsigned_abs(),
            value: r.get(2),
        };
        Ok(self.rows(query, &[&id])?.iter().map(revision).collect())
    }

    fn streams(&mut self) -> Result<Vec<String>, HistoryError> {
        let mut names: Vec<String> = self.rows("SELECT name FROM stream", &[])?.iter().map(|r| r.get(0)).collect();
        // By bytes, whatever the database's collation.
        names.sort();
        Ok(names)
    }

    fn thin_out(&mut self, readings_before_ms: i64, means_before_ms: i64) -> Result<u64, HistoryError> {
        let edge = readings_before_ms.div_euclid(HOUR_MS) * HOUR_MS;
        let range = i32::from(Flags::RANGE.0);
        let mut thin = || -> Result<u64, postgres::Error> {
            let mut transaction = self.client.transaction()?;
            let means = transaction.prepare(
                "INSERT INTO hour (stream, time, mean, low, high, count)
                 SELECT stream, time / 3600000 * 3600000, avg(value), min(value), max(value), count(*)::int
                 FROM reading WHERE stream = $3 AND time < $1 AND flags & $2 = 0 GROUP BY 1, 2
                 ON CONFLICT (stream, time) DO UPDATE SET mean = excluded.mean, low = excluded.low,
                 high = excluded.high, count = excluded.count",
            )?;
            let readings = transaction.prepare("DELETE FROM reading WHERE stream = $1 AND time < $2")?;
            let hours = transaction.prepare("DELETE FROM hour WHERE stream = $1 AND time < $2")?;
            let mut gone = 0;
            // Stream by stream, as the key is ordered: what stays is not looked at, however much it is.
            for row in transaction.query("SELECT id FROM stream", &[])? {
                let id: i32 = row.get(0);
                transaction.execute(&means, &[&edge, &range, &id])?;
                gone += transaction.execute(&readings, &[&id, &edge])?;
                transaction.execute(&hours, &[&id, &means_before_ms])?;
            }
            transaction.commit()?;
            Ok(gone)
        };
        thin().map_err(|e| failed(&e))
    }

    fn log(&mut self, lines: &[LogLine]) -> Result<(), HistoryError> {
        let mut write = || -> Result<(), postgres::Error> {
            let mut transaction = self.client.transaction()?;
            for l in lines {
                transaction.execute(
                    "INSERT INTO alarm (time, stream, rule, event, value, who, note) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    &[&l.time_ms, &l.stream, &l.rule, &l.event, &l.value, &l.who, &l.note],
                )?;
            }
            transaction.commit()
        };
        write().map_err(|e| failed(&e))
    }

    fn read_log(&mut self) -> Result<Vec<LogLine>, HistoryError> {
        let query = "SELECT time, stream, rule, event, value, who, note FROM alarm ORDER BY id";
        let line = |r: &postgres::Row| LogLine {
            time_ms: r.get(0),
            stream: r.get(1),
            rule: r.get(2),
            event: r.get(3),
            value: r.get(4),
            who: r.get(5),
            note: r.get(6),
        };
        Ok(self.rows(query, &[])?.iter().map(line).collect())
    }

    fn keep_untold(&mut self, whom: &str, text: &str) -> Result<i64, HistoryError> {
        let query = "INSERT INTO untold (whom, text) VALUES ($1, $2) RETURNING id";
        Ok(self.client.query_one(query, &[&whom, &text]).map_err(|e| failed(&e))?.get(0))
    }

    fn untold(&mut self, whom: &str) -> Result<Vec<(i64, String)>, HistoryError> {
        let rows = self.rows("SELECT id, text FROM untold WHERE whom = $1 ORDER BY id", &[&whom])?;
        Ok(rows.iter().map(|r| (r.get(0), r.get(1))).collect())
    }

    fn told(&mut self, number: i64) -> Result<(), HistoryError> {
        self.client.execute("DELETE FROM untold WHERE id = $1", &[&number]).map(|_| ()).map_err(|e| failed(&e))
    }
}

fn kept(row: &postgres::Row, from: usize) -> Kept {
    let flags: i32 = row.get(from + 2);
    Kept { time_ms: row.get(from), value: row.get(from + 1), flags: Flags(flags as u16) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_for_encryption_is_not_served_without() {
        // Nobody listens there: whatever the reason, nothing was sent in the open.
        let answer = PostgresHistory::connect("host=127.0.0.1 port=9 dbname=island sslmode=require");
        let told = answer.err();
        assert!(matches!(told, Some(HistoryError::Failed { .. } | HistoryError::Secure { .. })), "{told:?}");
    }
}
