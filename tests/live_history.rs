//! What a history must do, tried on a file and on a PostgreSQL server of our own; and what happens when the disk fails.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use island_twin::live::decode::SharedNetwork;
use island_twin::live::history::contract::{History, HistoryError, HourMean, Kept, LogLine, Piece, Revision, Tally};
use island_twin::live::history::export;
use island_twin::live::history::keeper::{Keeper, Opener, Retention, in_file};
use island_twin::live::history::postgres::PostgresHistory;
use island_twin::live::history::sqlite::SqliteHistory;
use island_twin::model::network::Network;
use island_twin::model::sensor::{Flags, Reading, Station, StationKind, StreamKey};
use island_twin::model::style::Text2;
use proptest::prelude::*;

const HOUR: i64 = 3_600_000;

fn reading(stream: u32, minute: i64, value: f64) -> Reading {
    Reading { stream: StreamKey(stream), time_ms: minute * 60_000, value, flags: Flags::default() }
}

/// Young enough to be kept as it is.
fn recent(value: f64) -> Reading {
    Reading { time_ms: jiff::Timestamp::now().as_millisecond(), ..reading(0, 0, value) }
}

fn name(key: StreamKey) -> Option<String> {
    Some(format!("S-{}/pm25", key.0))
}

fn append(history: &mut dyn History, readings: &[Reading]) -> Tally {
    history.append(readings, &mut name).unwrap()
}

/// Everything that a history must do.
fn contract(history: &mut dyn History) {
    let tally = append(history, &[reading(0, 1, 5.0), reading(0, 2, 6.0), reading(1, 1, 7.0)]);
    assert_eq!(tally, Tally { new: 3, doubles: 0, corrected: 0 });
    // Doubles, a correction, and a late one; several of one moment in a batch.
    let again = [reading(0, 2, 6.0), reading(0, 2, 6.5), reading(0, 2, 6.5), reading(0, 0, 4.0), reading(0, 2, 6.6)];
    assert_eq!(append(history, &again), Tally { new: 1, doubles: 2, corrected: 2 });
    let values: Vec<f64> = history.series("S-0/pm25", 0, HOUR).unwrap().iter().map(|k| k.value).collect();
    assert_eq!(values, [4.0, 5.0, 6.6]);
    let revisions: Vec<(u32, f64)> =
        history.revisions("S-0/pm25").unwrap().iter().map(|r| (r.revision, r.value)).collect();
    assert_eq!(revisions, [(0, 6.0), (1, 6.5)]);
    assert_eq!(history.series("nobody/pm25", 0, HOUR).unwrap(), []);
    assert_eq!(history.streams().unwrap(), ["S-0/pm25", "S-1/pm25"]);

    // Flags that last are kept; the clearer way of writing wins, whichever comes first.
    let flagged = |flags| Reading { flags, ..reading(2, 1, 1.0) };
    append(history, &[flagged(Flags::TEXT.with(Flags::CLOCK))]);
    assert_eq!(history.series("S-2/pm25", 0, HOUR).unwrap()[0].flags, Flags::TEXT);
    append(history, &[flagged(Flags::default())]);
    append(history, &[flagged(Flags::TEXT)]);
    assert!(history.series("S-2/pm25", 0, HOUR).unwrap()[0].flags.is_empty());

    // The whole map at a moment: the newest before it, and nothing that is too old.
    let at: BTreeMap<String, f64> =
        history.at(90_000, HOUR).unwrap().into_iter().map(|(name, kept)| (name, kept.value)).collect();
    assert_eq!(at, [("S-0/pm25", 5.0), ("S-1/pm25", 7.0), ("S-2/pm25", 1.0)].map(|(n, v)| (n.to_owned(), v)).into());
    assert!(history.at(HOUR, 60_000).unwrap().is_empty());

    // Many readings in few pieces, no peak lost, gaps left open.
    let year: Vec<Reading> = (0..20_000)
        .filter(|i| !(8000..9000).contains(i))
        .map(|i| reading(3, i, if i == 777 { 900.0 } else { (i % 7) as f64 }))
        .collect();
    append(history, &year);
    let pieces = history.pieces("S-3/pm25", 0, 20_000 * 60_000, 500).unwrap();
    assert!(pieces.len() <= 500 && pieces.iter().any(|p| p.high == 900.0));
    assert_eq!(pieces.iter().map(|p| u64::from(p.count)).sum::<u64>(), 19_000);
    assert!(pieces.windows(2).any(|w| w[1].from_ms - w[0].to_ms > 15 * HOUR));

    // Hourly means leave out what is out of range.
    append(history, &[reading(4, 0, 10.0), reading(4, 1, 20.0), Reading { flags: Flags::RANGE, ..reading(4, 2, 9e9) }]);
    let hours = history.hours("S-4/pm25", 0, HOUR).unwrap();
    assert_eq!((hours.len(), hours[0].mean, hours[0].count, hours[0].start_ms), (1, 15.0, 2, 0));

    // Old readings become hourly means, older means are forgotten; the chart goes on.
    let before = history.hours("S-3/pm25", 0, 20_000 * 60_000).unwrap();
    let gone = history.thin_out(100 * HOUR + HOUR / 2, 10 * HOUR).unwrap();
    assert!(gone > 6000);
    assert!(history.series("S-3/pm25", 0, 100 * HOUR - 1).unwrap().is_empty());
    assert_eq!(history.series("S-3/pm25", 100 * HOUR, 100 * HOUR).unwrap().len(), 1);
    let after = history.hours("S-3/pm25", 0, 20_000 * 60_000).unwrap();
    assert_eq!(after, before[10..]);
    assert!(history.pieces("S-3/pm25", 0, 20_000 * 60_000, 500).unwrap().len() > 200);

    let line = |event: &str, note: &str| LogLine {
        time_ms: 5,
        stream: "S-0/pm25".into(),
        rule: "QCVN 05:2023/BTNMT 24 h".into(),
        event: event.into(),
        value: 47.5,
        who: "Lan".into(),
        note: note.into(),
    };
    let lines = [line("raised", ""), line("acknowledged", "đã gọi trạm")];
    history.log(&lines).unwrap();
    assert_eq!(history.read_log().unwrap(), lines);

    // What somebody is still to be told.
    let first = history.keep_untold("https://office/alarms", "{\"event\":\"raised\"}").unwrap();
    let second = history.keep_untold("https://office/alarms", "{\"event\":\"đã hết\"}").unwrap();
    history.keep_untold("mqtt://broker", "{}").unwrap();
    let waiting = |history: &mut dyn History| history.untold("https://office/alarms").unwrap();
    assert_eq!(waiting(history)[1], (second, "{\"event\":\"đã hết\"}".to_owned()));
    history.told(first).unwrap();
    assert_eq!(waiting(history).len(), 1);
}

#[test]
fn a_file_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/history.db");
    let (mut history, aside) = SqliteHistory::open(&path).unwrap();
    assert_eq!(aside, None);
    contract(&mut history);
    drop(history);
    // What was kept is there when the program starts again; readers need no writer.
    assert_eq!(SqliteHistory::open_to_read(&path).unwrap().read_log().unwrap().len(), 2);
}

/// A cluster of our own on a socket in a temporary folder; nothing listens on the network.
struct Cluster {
    folder: tempfile::TempDir,
    bin: PathBuf,
}

impl Cluster {
    fn start() -> Option<Self> {
        Self::started(|_| String::new())
    }

    /// `extra` prepares the folder and gives further settings.
    fn started(extra: impl Fn(&Path) -> String) -> Option<Self> {
        let bin =
            std::fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(|e| Some(e.ok()?.path().join("bin"))).max()?;
        let folder = tempfile::tempdir().ok()?;
        let extra = extra(folder.path());
        let cluster = Self { folder, bin };
        let data = cluster.data();
        let root = Command::new("id").arg("-u").output().ok()?.stdout == b"0\n";
        if root {
            // PostgreSQL refuses to run as root.
            Command::new("chown").args(["-R", "postgres"]).arg(cluster.folder.path()).status().ok()?;
        }
        let run = |program: &str, arguments: &[&str]| {
            let program = cluster.bin.join(program);
            let mut command = if root { Command::new("runuser") } else { Command::new(&program) };
            if root {
                command.args(["-u", "postgres", "--"]).arg(&program);
            }
            command.args(arguments).current_dir("/").output().is_ok_and(|o| o.status.success())
        };
        let socket = format!("-k {} -c listen_addresses= -c fsync=off {extra}", cluster.folder.path().display());
        let up = run("initdb", &["-D", &data, "-U", "duty", "--auth=trust", "--no-sync"])
            && run("pg_ctl", &["-D", &data, "-o", &socket, "-l", &format!("{data}.log"), "-w", "start"]);
        up.then_some(cluster)
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn parameters(&self) -> String {
        format!("host={} user=duty dbname=postgres", self.folder.path().display())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let pid = std::fs::read_to_string(format!("{}/postmaster.pid", self.data())).unwrap_or_default();
        if let Some(pid) = pid.lines().next() {
            let _ = Command::new("kill").args(["-INT", pid]).status();
            let end = Instant::now() + Duration::from_secs(10);
            while Path::new(&format!("{}/postmaster.pid", self.data())).exists() && Instant::now() < end {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
}

#[test]
fn a_postgresql_server_keeps_the_same_contract() {
    let Some(cluster) = Cluster::start() else {
        println!("skipped: PostgreSQL is not installed here, or cannot be started");
        return;
    };
    contract(&mut PostgresHistory::connect(&cluster.parameters()).unwrap());
    assert_eq!(PostgresHistory::connect(&cluster.parameters()).unwrap().read_log().unwrap().len(), 2);
    assert!(matches!(PostgresHistory::connect("host=/nowhere user=x"), Err(HistoryError::Failed { .. })));
    // The command line keeps and reads the same way.
    let program = env!("CARGO_BIN_EXE_island-twin");
    let run =
        |arguments: &[&str]| Command::new(program).args(["--lang", "en", "sensors"]).args(arguments).output().unwrap();
    let watch = run(&["watch", "--seconds", "2", "--quiet", "--history", &cluster.parameters()]);
    assert!(watch.status.success() && String::from_utf8_lossy(&watch.stderr).contains("new"), "{watch:?}");
    let table = cluster.folder.path().join("x.csv");
    let export =
        run(&["export", "--history", &cluster.parameters(), "--stream", "KK-01/pm25", &table.display().to_string()]);
    assert!(export.status.success(), "{export:?}");
    assert!(std::fs::read_to_string(&table).unwrap().lines().count() > 4);
}

/// A server with a certificate for 127.0.0.1 from an authority of its own, and another authority that it has not.
fn with_certificates(folder: &Path, port: u16) -> String {
    let script = r#"
set -e
cd "$1"
for ca in ours others; do
  openssl req -x509 -newkey rsa:2048 -nodes -keyout $ca.key -out $ca.pem -days 30 -subj "/CN=$ca"
done
openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj "/CN=server"
printf "subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n" > server.ext
openssl x509 -req -in server.csr -CA ours.pem -CAkey ours.key -CAcreateserial -days 30 -extfile server.ext -out server.pem
chmod 600 server.key
"#;
    let made = Command::new("bash").args(["-c", script, "certificates"]).arg(folder).output();
    assert!(made.is_ok_and(|o| o.status.success()), "openssl makes certificates");
    let folder = folder.display();
    format!(
        "-c ssl=on -c ssl_cert_file={folder}/server.pem -c ssl_key_file={folder}/server.key -c listen_addresses=127.0.0.1 -c port={port}"
    )
}

#[test]
fn a_postgresql_server_keeps_it_over_an_encrypted_connection() {
    // Below the range from which the system chooses for others.
    let port = 17_000 + (std::process::id() % 900) as u16;
    let Some(cluster) = Cluster::started(|folder| with_certificates(folder, port)) else {
        println!("skipped: PostgreSQL is not installed here, or cannot be started");
        return;
    };
    let folder = cluster.folder.path().display().to_string();
    let parameters = |host: &str, ca: &str| {
        format!("host={host} port={port} user=duty dbname=postgres sslmode=verify-full sslrootcert={folder}/{ca}.pem")
    };
    let mut history = PostgresHistory::connect(&parameters("127.0.0.1", "ours")).unwrap();
    contract(&mut history);
    // The server itself says that the connection is encrypted.
    let told = Command::new(cluster.bin.join("psql"))
        .args(["-h", &folder, "-p", &port.to_string(), "-U", "duty", "postgres", "-Atc"])
        .arg("SELECT count(*) FROM pg_stat_ssl WHERE ssl")
        .output();
    assert_eq!(told.map(|o| o.stdout).unwrap_or_default(), b"1\n");
    let refused = |host: &str, ca: &str| PostgresHistory::connect(&parameters(host, ca)).err();
    let key = |error: Option<HistoryError>| error.map(|e| island_twin::base::message::ToMessage::to_message(&e).key);
    assert_eq!(key(refused("127.0.0.1", "others")).as_deref(), Some("sensor-unknown-authority"));
    assert_eq!(key(refused("localhost", "ours")).as_deref(), Some("sensor-wrong-host"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Late, shuffled, doubled, sent by clocks that are ahead: the same history, value for value.
    #[test]
    fn the_order_of_arrival_leaves_no_trace(
        order in proptest::collection::vec(any::<prop::sample::Index>(), 120),
        doubled in proptest::collection::vec(any::<prop::sample::Index>(), 40),
        ahead in proptest::collection::vec(any::<bool>(), 60),
        cut in 1_usize..40,
    ) {
        let original: Vec<Reading> = (0..60).map(|i| reading(i % 3, i64::from(i / 3), f64::from(i) * 0.5)).collect();
        let mut mixed = original.clone();
        for (i, target) in order.iter().enumerate() {
            let n = mixed.len();
            mixed.swap(i % n, target.index(n));
        }
        for (i, clock) in ahead.iter().enumerate().filter(|(_, a)| **a) {
            mixed[i].flags = if *clock { Flags::CLOCK } else { Flags::default() };
        }
        for again in &doubled {
            mixed.push(mixed[again.index(mixed.len())]);
        }
        let folder = tempfile::tempdir().unwrap();
        let everything = |file: &str, batches: &[&[Reading]]| {
            let (mut history, _) = SqliteHistory::open(&folder.path().join(file)).unwrap();
            for batch in batches {
                append(&mut history, batch);
            }
            (0..3).map(|s| history.series(&format!("S-{s}/pm25"), 0, HOUR).unwrap()).collect::<Vec<_>>()
        };
        let (first, rest) = mixed.split_at(cut);
        prop_assert_eq!(everything("a", &[&original]), everything("b", &[first, rest]));
    }
}

fn network() -> SharedNetwork {
    let station =
        Station { id: "KK-01".into(), title: Text2::default(), kind: StationKind::Air, at: [104.0, 10.2], cone: None };
    Arc::new(RwLock::new(Network::new(vec![station], &[])))
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(120);
    while !done() {
        assert!(Instant::now() < end, "{what} did not happen");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_damaged_file_is_set_aside_and_the_user_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    for junk in [&b"this is no database at all, but long enough to look like one"[..], &[0x53; 8192][..]] {
        std::fs::write(&path, junk).unwrap();
        let keeper = Keeper::start(in_file(&path), network(), Retention::default()).unwrap();
        keeper.keep(vec![recent(5.0)]);
        keeper.flush();
        let report = keeper.report();
        let aside = report.set_aside.expect("the old file has another name");
        assert_eq!(std::fs::read(&aside).unwrap(), junk, "not a byte of it was changed");
        assert_eq!((report.kept.new, report.lost, report.trouble), (1, 0, None));
        drop(keeper);
    }
    assert_eq!(SqliteHistory::open_to_read(&path).unwrap().series("KK-01/pm25", 0, i64::MAX).unwrap().len(), 1);
}

/// Damage that shows only while readings are written.
#[test]
fn a_file_that_is_damaged_while_it_is_open_is_set_aside_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let count = Arc::new(RwLock::new(0));
    let (opened, file) = (count.clone(), path.clone());
    let open: Opener = Box::new(move || {
        let mut opened = opened.write().unwrap();
        *opened += 1;
        if *opened == 1 {
            // The first one answers as a file with a broken page does.
            let broken = Failing(HistoryError::Damaged { reason: "page 7".into(), path: file.clone() });
            return Ok((Box::new(broken) as Box<dyn History>, None));
        }
        SqliteHistory::open(&file).map(|(h, a)| (Box::new(h) as Box<dyn History>, a))
    });
    let keeper = Keeper::start(open, network(), Retention::default()).unwrap();
    keeper.keep(vec![reading(0, 1, 5.0)]);
    wait_until("the second file", || keeper.report().kept.new == 1);
    assert_eq!(*count.read().unwrap(), 2);
}

/// A history that always fails in the same way.
struct Failing(HistoryError);

impl History for Failing {
    fn append(&mut self, _: &[Reading], _: &mut dyn FnMut(StreamKey) -> Option<String>) -> Result<Tally, HistoryError> {
        Err(self.0.clone())
    }
    fn series(&mut self, _: &str, _: i64, _: i64) -> Result<Vec<Kept>, HistoryError> {
        Err(self.0.clone())
    }
    fn pieces(&mut self, _: &str, _: i64, _: i64, _: usize) -> Result<Vec<Piece>, HistoryError> {
        Err(self.0.clone())
    }
    fn at(&mut self, _: i64, _: i64) -> Result<Vec<(String, Kept)>, HistoryError> {
        Err(self.0.clone())
    }
    fn hours(&mut self, _: &str, _: i64, _: i64) -> Result<Vec<HourMean>, HistoryError> {
        Err(self.0.clone())
    }
    fn revisions(&mut self, _: &str) -> Result<Vec<Revision>, HistoryError> {
        Err(self.0.clone())
    }
    fn streams(&mut self) -> Result<Vec<String>, HistoryError> {
        Err(self.0.clone())
    }
    fn thin_out(&mut self, _: i64, _: i64) -> Result<u64, HistoryError> {
        Err(self.0.clone())
    }
    fn log(&mut self, _: &[LogLine]) -> Result<(), HistoryError> {
        Err(self.0.clone())
    }
    fn read_log(&mut self) -> Result<Vec<LogLine>, HistoryError> {
        Err(self.0.clone())
    }
    fn keep_untold(&mut self, _: &str, _: &str) -> Result<i64, HistoryError> {
        Err(self.0.clone())
    }
    fn untold(&mut self, _: &str) -> Result<Vec<(i64, String)>, HistoryError> {
        Err(self.0.clone())
    }
    fn told(&mut self, _: i64) -> Result<(), HistoryError> {
        Err(self.0.clone())
    }
}

/// A file that may not grow, as on a full disk: readings wait, the user is told, and when there is room again all is kept.
#[test]
fn a_full_disk_loses_nothing_that_can_wait() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let full = Arc::new(RwLock::new(true));
    let (still_full, file) = (full.clone(), path.clone());
    let open: Opener = Box::new(move || {
        let (history, aside) = SqliteHistory::open(&file)?;
        if *still_full.read().unwrap() {
            history.limit_pages(12)?;
        }
        Ok((Box::new(history) as Box<dyn History>, aside))
    });
    let keeper = Keeper::start(open, network(), Retention::default()).unwrap();
    let many: Vec<Reading> = (0..20_000).map(|i| reading(0, i, i as f64)).collect();
    let began = Instant::now();
    for part in many.chunks(1000) {
        keeper.keep(part.to_vec());
    }
    assert!(began.elapsed() < Duration::from_secs(3), "handing over never waits for the disk");
    wait_until("the complaint", || keeper.report().trouble.is_some_and(|t| t.key == "sensor-history-full"));
    let report = keeper.report();
    assert_eq!((report.kept.new as usize + report.waiting, report.lost), (20_000, 0));
    drop(keeper);
}

/// A slow disk: handing over does not wait, memory is bounded, and what found no room is counted.
#[test]
fn a_slow_disk_never_holds_up_the_live_view() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("h.db");
    let open: Opener = Box::new(move || {
        std::thread::sleep(Duration::from_millis(1500));
        SqliteHistory::open(&file).map(|(h, a)| (Box::new(h) as Box<dyn History>, a))
    });
    let keeper = Keeper::start(open, network(), Retention::default()).unwrap();
    let mut slowest = Duration::ZERO;
    for i in 0..1100 {
        let part: Vec<Reading> = (0..1000).map(|j| reading(0, i * 1000 + j, 1.0)).collect();
        let began = Instant::now();
        keeper.keep(part);
        slowest = slowest.max(began.elapsed());
    }
    // Whoever waits for this disk waits for a second and a half; less is the scheduler of a busy machine.
    assert!(slowest < Duration::from_millis(700), "{slowest:?}");
    let report = keeper.report();
    assert!(report.waiting <= 1_000_000 && report.lost >= 100_000, "{report:?}");
    drop(keeper);
}

#[test]
fn a_history_becomes_tables_for_others() {
    let folder = tempfile::tempdir().unwrap();
    let (mut history, _) = SqliteHistory::open(&folder.path().join("h.db")).unwrap();
    append(&mut history, &[reading(0, 1, 5.25), Reading { flags: Flags::RANGE, ..reading(1, 2, 7.0) }]);
    let streams = history.streams().unwrap();
    let csv = folder.path().join("x.csv");
    assert_eq!(export::write(&mut history, &streams, 0, HOUR, &csv).unwrap(), 2);
    let text = std::fs::read_to_string(&csv).unwrap();
    assert_eq!(
        text,
        "time,stream,value,unit,flags\n1970-01-01T00:01:00Z,S-0/pm25,5.25,µg/m³,\n1970-01-01T00:02:00Z,S-1/pm25,7,µg/m³,range\n"
    );
    let parquet = folder.path().join("x.parquet");
    assert_eq!(export::write(&mut history, &streams, 0, HOUR, &parquet).unwrap(), 2);
    let bytes = std::fs::read(&parquet).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    assert!(export::write(&mut history, &streams, 0, HOUR, Path::new("/nowhere/x.csv")).is_err());
}
