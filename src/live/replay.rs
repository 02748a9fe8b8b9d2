//! A folder of CSV files, or one, as a source: what a logger wrote down, all at once or at a multiple of its own pace.
//!
//! Long form: columns `time`, `stream` ("KK-01/pm25"; or `station` and `property`), `value`, perhaps `unit`. Wide form: a
//! column `time`, perhaps `station`, and one column a quantity, "pm25" or "pm25 [mg/m3]"; without `station` the file's
//! name is it.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use super::batch::{Batch, Quarantined, Reason};
use super::decode::{SharedNetwork, find, learn, reason_of_time};
use super::error::LiveError;
use super::fault::{self, ConfigFault};
use super::moment::Clock;
use super::payload::{ValueError, text_number};
use super::source::{Condition, SensorSource, SourceReport};
use super::unit::reading_in;
use crate::base::message::Message;
use crate::model::norm::PropertyTable;
use crate::model::sensor::{Flags, FolderSource, Reading, StreamKey};

/// Larger files are not meant to be played.
const LARGEST_FILE: u64 = 512 * 1024 * 1024;
/// Readings handed over at once.
const PORTION: usize = 50_000;

pub struct ReplayFeed {
    waiting: VecDeque<Reading>,
    quarantined: Vec<Quarantined>,
    messages: u64,
    speed: f64,
    /// Clock and first moment of the data when the play began.
    began: Option<(i64, i64)>,
    report: SourceReport,
}

impl ReplayFeed {
    /// Reads all files. `learns`: takes streams that nobody has configured.
    ///
    /// # Errors
    /// When the place cannot be read; lines that cannot are put aside.
    pub fn open(config: &FolderSource, network: &SharedNetwork, clock: Clock, learns: bool) -> Result<Self, LiveError> {
        let mut reader = Reader { config, network, clock, learns, batch: Batch::default() };
        for file in files(&config.path)? {
            reader.file(&file)?;
        }
        let mut batch = reader.batch;
        batch.readings.sort_by_key(|r| (r.time_ms, r.stream));
        let mut report = SourceReport::new(&config.path.display().to_string());
        report.condition = Condition::Running;
        Ok(Self {
            waiting: batch.readings.into(),
            quarantined: batch.quarantined,
            messages: batch.messages,
            speed: config.speed,
            began: None,
            report,
        })
    }
}

fn files(path: &Path) -> Result<Vec<PathBuf>, LiveError> {
    let failed = |e: std::io::Error| LiveError::File { reason: fault::of_file(&e), path: path.to_owned() };
    if !path.is_dir() {
        std::fs::metadata(path).map_err(failed)?;
        return Ok(vec![path.to_owned()]);
    }
    let mut files: Vec<PathBuf> = std::fs::read_dir(path)
        .map_err(failed)?
        .filter_map(Result::ok)
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv")))
        .collect();
    files.sort();
    Ok(files)
}

struct Reader<'c> {
    config: &'c FolderSource,
    network: &'c SharedNetwork,
    clock: Clock,
    learns: bool,
    batch: Batch,
}

/// What a column holds.
enum Column {
    Time,
    Stream,
    Station,
    Property,
    Value,
    Unit,
    /// A quantity and its unit.
    Quantity(String, Option<String>),
    Other,
}

impl Reader<'_> {
    fn file(&mut self, path: &Path) -> Result<(), LiveError> {
        let failed = |reason: Message| LiveError::File { reason, path: path.to_owned() };
        let bytes = std::fs::metadata(path).map_err(|e| failed(fault::of_file(&e)))?.len();
        if bytes > LARGEST_FILE {
            return Err(failed(ConfigFault::TooLarge { bytes }.message()));
        }
        let bytes = std::fs::read(path).map_err(|e| failed(fault::of_file(&e)))?;
        let text = String::from_utf8_lossy(&bytes);
        let mut lines = text.trim_start_matches('\u{feff}').lines();
        let head = lines.next().unwrap_or_default();
        let separator = if head.matches(';').count() > head.matches(',').count() { ';' } else { ',' };
        let columns: Vec<Column> = split(head, separator).iter().map(|c| column(c)).collect();
        if !columns.iter().any(|c| matches!(c, Column::Time)) {
            return Err(failed(Message::new("sensor-file-no-time")));
        }
        let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        for (number, line) in lines.enumerate().filter(|(_, l)| !l.trim().is_empty()) {
            self.batch.messages += 1;
            let from = format!("{}:{}", path.display(), number + 2);
            self.line(&columns, &split(line, separator), &stem, &from, line);
        }
        Ok(())
    }

    fn line(&mut self, columns: &[Column], cells: &[String], stem: &str, from: &str, line: &str) {
        let now_ms = jiff::Timestamp::now().as_millisecond();
        let cell = |wanted: fn(&Column) -> bool| {
            columns.iter().position(wanted).and_then(|i| cells.get(i)).map(|c| c.trim()).filter(|c| !c.is_empty())
        };
        let mut aside =
            |reason, what: &str| self.batch.quarantined.push(Quarantined::new(reason, now_ms, from, what.as_bytes()));
        let Some(time) = cell(|c| matches!(c, Column::Time)) else { return aside(Reason::BadTime, line) };
        let (time_ms, flags) = match self.clock.read_text(time, now_ms) {
            Ok(time) => time,
            Err(error) => return aside(reason_of_time(error), line),
        };
        let station = cell(|c| matches!(c, Column::Station)).unwrap_or(stem);
        let unit = cell(|c| matches!(c, Column::Unit)).or(self.config.unit.as_deref());
        let mut taken = Vec::new();
        let mut refused = Vec::new();
        let mut take = |name: &str, text: &str, unit: Option<&str>| match reading(
            self.network,
            self.learns,
            name,
            text,
            unit,
            time_ms,
            flags,
        ) {
            Ok(reading) => taken.push(reading),
            Err(reason) => refused.push((reason, format!("{name}: {text}"))),
        };
        if columns.iter().any(|c| matches!(c, Column::Value)) {
            let property = cell(|c| matches!(c, Column::Property)).unwrap_or_default();
            let named =
                cell(|c| matches!(c, Column::Stream)).map_or_else(|| format!("{station}/{property}"), str::to_owned);
            take(&named, cell(|c| matches!(c, Column::Value)).unwrap_or_default(), unit);
        } else {
            for (column, text) in columns.iter().zip(cells) {
                if let Column::Quantity(property, own_unit) = column {
                    take(&format!("{station}/{property}"), text.trim(), own_unit.as_deref().or(unit));
                }
            }
        }
        for (reason, what) in refused {
            aside(reason, &what);
        }
        self.batch.readings.extend(taken);
    }
}

fn reading(
    network: &SharedNetwork,
    learns: bool,
    name: &str,
    text: &str,
    unit: Option<&str>,
    time_ms: i64,
    flags: Flags,
) -> Result<Reading, Reason> {
    let (station, code) = name.rsplit_once('/').ok_or(Reason::UnknownStream)?;
    let property = PropertyTable::standard().get(code).ok_or(Reason::UnknownStream)?;
    let known: Option<StreamKey> =
        find(network, name).or_else(|| if learns { learn(network, station, code) } else { None });
    let stream = known.ok_or(Reason::UnknownStream)?;
    let number = text_number(text).map_err(|e| match e {
        ValueError::Missing => Reason::Missing,
        ValueError::NotANumber => Reason::NotANumber,
    })?;
    if super::payload::is_sentinel(number) {
        return Err(Reason::Missing);
    }
    let (value, flags) = reading_in(property, number, unit.unwrap_or(&property.unit), flags)?;
    Ok(Reading { stream, time_ms, value, flags })
}

fn column(title: &str) -> Column {
    let title = title.trim().trim_matches('"');
    match title.to_lowercase().as_str() {
        "time" | "timestamp" | "datetime" | "phenomenontime" | "thời gian" => Column::Time,
        "stream" => Column::Stream,
        "station" | "trạm" => Column::Station,
        "property" => Column::Property,
        "value" | "result" => Column::Value,
        "unit" => Column::Unit,
        lower => {
            let (name, unit) = lower.split_once('[').map_or((lower, None), |(n, _)| {
                let unit = title.split_once('[').map(|(_, u)| u.trim_end_matches(']').trim().to_owned());
                (n.trim(), unit)
            });
            if PropertyTable::standard().get(name).is_some() {
                Column::Quantity(name.to_owned(), unit)
            } else {
                Column::Other
            }
        }
    }
}

/// Cells of a line; quotes protect separators, doubled quotes stand for one.
fn split(line: &str, separator: char) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            c if c == separator && !quoted => cells.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    cells.push(cell);
    cells
}

impl SensorSource for ReplayFeed {
    fn poll(&mut self, now_ms: i64, out: &mut Batch) {
        out.messages += std::mem::take(&mut self.messages);
        for quarantined in self.quarantined.drain(..) {
            self.report.quarantined += 1;
            out.put_aside(quarantined);
        }
        let Some(first) = self.waiting.front() else {
            self.report.condition = Condition::Finished;
            return;
        };
        let (clock, data) = *self.began.get_or_insert((now_ms, first.time_ms));
        let until = if self.speed > 0.0 { data + ((now_ms - clock) as f64 * self.speed) as i64 } else { i64::MAX };
        let ripe = self.waiting.partition_point(|r| r.time_ms <= until).min(PORTION);
        self.report.messages += ripe as u64;
        out.readings.extend(self.waiting.drain(..ripe));
    }

    fn report(&self) -> SourceReport {
        self.report.clone()
    }

    fn is_patient(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::network::Network;
    use std::sync::{Arc, RwLock};

    fn play(name: &str, text: &str) -> (Batch, SharedNetwork) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let network: SharedNetwork = Arc::new(RwLock::new(Network::default()));
        let config = FolderSource { path: folder.path().to_owned(), speed: 0.0, unit: None, generated: false };
        let mut feed = ReplayFeed::open(&config, &network, Clock::default(), true).unwrap();
        let mut out = Batch::default();
        feed.poll(0, &mut out);
        (out, network)
    }

    #[test]
    fn the_long_form_is_read_and_odd_lines_are_put_aside() {
        let (batch, network) = play(
            "x.csv",
            "time,stream,value,unit\n2026-11-21T00:00:00Z,KK-01/pm25,0.012,mg/m3\n2026-11-21T00:01:00Z,KK-01/pm25,-9999,\n\
             2026-11-21T00:02:00Z,KK-01/pm25,,\nnonsense\n2026-11-21T00:03:00Z,KK-01/joy,1,\n\"2026-11-21T00:04:00Z\",KK-01/no2,\"7,5\",\n",
        );
        let values: Vec<f64> = batch.readings.iter().map(|r| r.value).collect();
        assert_eq!(values, [12.0, 7.5]);
        let reasons: Vec<Reason> = batch.quarantined.iter().map(|q| q.reason).collect();
        assert_eq!(reasons, [Reason::Missing, Reason::Missing, Reason::BadTime, Reason::UnknownStream]);
        assert!(find(&network, "KK-01/no2").is_some());
    }

    #[test]
    fn the_wide_form_is_read_with_units_in_its_head_and_a_station_from_its_name() {
        let (batch, network) =
            play("NB-01.csv", "\u{feff}time;ph;temperature [K];comment\n21/11/2026 07:00;8,1;300.15;fine\n");
        let find = |name| find(&network, name).unwrap();
        let value = |key| batch.readings.iter().find(|r| r.stream == key).map(|r| (r.value * 100.0).round());
        assert_eq!(value(find("NB-01/ph")), Some(810.0));
        assert_eq!(value(find("NB-01/temperature")), Some(2700.0));
    }

    #[test]
    fn a_replay_keeps_its_pace() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let rows: Vec<String> = (0..10).map(|i| format!("2026-11-21T00:0{i}:00Z,A/pm25,{i}\n")).collect();
        std::fs::write(&path, format!("time,stream,value\n{}", rows.concat())).unwrap();
        let network: SharedNetwork = Arc::new(RwLock::new(Network::default()));
        let config = FolderSource { path, speed: 60.0, unit: None, generated: false };
        let mut feed = ReplayFeed::open(&config, &network, Clock::default(), true).unwrap();
        let mut out = Batch::default();
        feed.poll(1_000_000, &mut out);
        assert_eq!(out.readings.len(), 1);
        feed.poll(1_003_000, &mut out);
        assert_eq!(out.readings.len(), 4);
        feed.poll(1_100_000, &mut out);
        assert_eq!(out.readings.len(), 10);
    }
}
