//! A history as a table for others: CSV or Parquet, by the file's extension.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::contract::{History, HistoryError};
use super::parquet::{Cell, Kind, ParquetWriter};
use crate::base::message::{Message, ToMessage};
use crate::model::norm::PropertyTable;

#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error(transparent)]
    History(#[from] HistoryError),
    #[error("cannot be written: {reason}: {path}")]
    File { reason: String, path: std::path::PathBuf },
}

impl ToMessage for ExportError {
    fn to_message(&self) -> Message {
        match self {
            Self::History(error) => error.to_message(),
            Self::File { reason, path } => {
                Message::new("sensor-export-file").with("reason", reason.as_str()).with("path", path.as_path())
            }
        }
    }
}

/// Writes the readings of streams, one stream after another in the order of time; the file appears when it is whole.
/// Tells how many rows.
///
/// # Errors
/// When the history cannot be read or the file not written.
pub fn write(
    history: &mut dyn History,
    streams: &[String],
    from_ms: i64,
    to_ms: i64,
    path: &Path,
) -> Result<usize, ExportError> {
    let failed = |e: io::Error| ExportError::File { reason: e.to_string(), path: path.to_owned() };
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    let out = BufWriter::new(file);
    let parquet = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("parquet"));
    let mut table = if parquet { Table::parquet(out) } else { Table::csv(out) }.map_err(failed)?;
    let mut rows = 0;
    for stream in streams {
        let unit = unit_of(stream);
        for kept in history.series(stream, from_ms, to_ms)? {
            table.row(stream, kept.time_ms, kept.value, unit, &kept.flags.names()).map_err(failed)?;
            rows += 1;
        }
    }
    let file = table.finish().map_err(failed)?.into_inner().map_err(|e| failed(e.into_error()))?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|e| failed(e.error))?;
    Ok(rows)
}

fn unit_of(stream: &str) -> &'static str {
    let property = stream.rsplit('/').next().and_then(|code| PropertyTable::standard().get(code));
    property.map_or("", |p| p.unit.as_str())
}

enum Table<W: Write> {
    Csv(W),
    Parquet(ParquetWriter<W>),
}

impl<W: Write> Table<W> {
    fn csv(mut out: W) -> io::Result<Self> {
        writeln!(out, "time,stream,value,unit,flags")?;
        Ok(Self::Csv(out))
    }

    fn parquet(out: W) -> io::Result<Self> {
        let columns = [
            ("time", Kind::Moment),
            ("stream", Kind::Text),
            ("value", Kind::Real),
            ("unit", Kind::Text),
            ("flags", Kind::Text),
        ];
        ParquetWriter::new(out, &columns).map(Self::Parquet)
    }

    fn row(&mut self, stream: &str, time_ms: i64, value: f64, unit: &str, flags: &str) -> io::Result<()> {
        match self {
            Self::Csv(out) => {
                let time = jiff::Timestamp::from_millisecond(time_ms).unwrap_or_default();
                writeln!(out, "{time},{},{value},{unit},{flags}", quoted(stream))
            }
            Self::Parquet(writer) => writer.row(&[
                Cell::Moment(time_ms),
                Cell::Text(stream),
                Cell::Real(value),
                Cell::Text(unit),
                Cell::Text(flags),
            ]),
        }
    }

    fn finish(self) -> io::Result<W> {
        match self {
            Self::Csv(mut out) => {
                out.flush()?;
                Ok(out)
            }
            Self::Parquet(writer) => writer.finish(),
        }
    }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
