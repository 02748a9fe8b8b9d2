//! The live side against a real Mosquitto and a small SensorThings service of our own.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

use island_twin::base::cancel::CancelToken;
use island_twin::base::progress::Progress;
use island_twin::geo::crs::Crs;
use island_twin::geo::frame::SiteFrame;
use island_twin::io::import::{ImportError, Imported, SourceSpec};
use island_twin::live::address::Address;
use island_twin::live::alarm::rule::Policy;
use island_twin::live::batch::{Batch, Reason};
use island_twin::live::config::{StartOptions, start, usual_topic};
use island_twin::live::decode::{Decoder, SharedNetwork};
use island_twin::live::history::contract::History;
use island_twin::live::history::keeper::{Keeper, Retention, in_file};
use island_twin::live::history::sqlite::SqliteHistory;
use island_twin::live::hub::Hub;
use island_twin::live::moment::Clock;
use island_twin::live::mqtt::link::{LinkOptions, USUAL_PACKET};
use island_twin::live::mqtt::publisher::Publisher;
use island_twin::live::mqtt::source::MqttFeed;
use island_twin::live::source::{Condition, SensorSource};
use island_twin::model::network::Network;
use island_twin::model::project::Project;
use island_twin::model::sensor::{
    MqttSource, SensorThingsSource, SourceConfig, Station, StationKind, StreamKey, TopicMap,
};
use island_twin::model::style::Text2;
use island_twin::session::Session;
use island_twin::session::command::Command as SessionCommand;
use island_twin::session::io::{IoFailure, SessionIo, Warning};
use island_twin::session::live::{LiveCommand, LiveMode};
use island_twin::session::settings::SettingsStore;

const MOSQUITTO: &str = "/usr/sbin/mosquitto";

/// A port that no other test of this program gets. The system's own choice (port 0) is given again to the next who asks
/// as soon as it is let go, so two tests at a time could be told the same; these lie below the range it chooses from.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 18_000 + (std::process::id() % 1_000) as u16 * 10;
    loop {
        let port = first + NEXT.fetch_add(1, Ordering::Relaxed);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A broker in a folder of its own, on this machine only.
struct Broker {
    folder: tempfile::TempDir,
    port: u16,
    child: Option<Child>,
}

impl Broker {
    fn start(extra: &str) -> Option<Self> {
        if !Path::new(MOSQUITTO).exists() {
            println!("skipped: Mosquitto is not installed here");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let tls = if extra.contains("certfile") { "" } else { "allow_anonymous true\n" };
        let config = format!(
            "listener {port} 127.0.0.1\n{tls}max_queued_messages 0\nmax_inflight_messages 0\nuser root\n{extra}"
        );
        std::fs::write(folder.path().join("mosquitto.conf"), config).unwrap();
        Some(Self { folder, port, child: None })
    }

    fn up(&mut self) -> &mut Self {
        let child = Command::new(MOSQUITTO)
            .arg("-c")
            .arg(self.folder.path().join("mosquitto.conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.child = Some(child);
        let end = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < end, "Mosquitto did not start");
            std::thread::sleep(Duration::from_millis(10));
        }
        self
    }

    /// As a power cut does it.
    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    fn url(&self) -> String {
        format!("mqtt://127.0.0.1:{}", self.port)
    }

    fn publisher(&self) -> Publisher {
        let publisher = Publisher::start(LinkOptions {
            address: Address::mqtt(&self.url()).unwrap(),
            client_id: "a-station".into(),
            password: None,
            ca: None,
            persistent: false,
            largest_packet: USUAL_PACKET,
        })
        .unwrap();
        wait_until(10.0, "the publisher's connection", || publisher.is_connected());
        publisher
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
    }
}

/// How much longer things take here than on a machine with nothing else to do: a limit that holds there is given so many
/// times over on a busy one.
fn slowness() -> f64 {
    let words = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let mut words = words.split([' ', '/']);
    let load: f64 = words.next().and_then(|w| w.parse().ok()).unwrap_or(0.0);
    // Ready to run at this moment.
    let ready: f64 = words.nth(2).and_then(|w| w.parse().ok()).unwrap_or(0.0);
    let cores = std::thread::available_parallelism().map_or(1.0, |n| n.get() as f64);
    (load.max(ready) / cores).max(1.0)
}

/// Waits for what may take so long on a quiet machine; how long it took. A limit that is a promise is held against the
/// answer by the caller.
#[track_caller]
fn wait_until(seconds: f64, what: &str, mut done: impl FnMut() -> bool) -> f64 {
    let (began, limit) = (Instant::now(), 4.0 * seconds * slowness());
    while !done() {
        assert!(began.elapsed().as_secs_f64() < limit, "{what} did not come within {limit:.0} s");
        std::thread::sleep(Duration::from_millis(5));
    }
    began.elapsed().as_secs_f64()
}

fn network(stations: usize) -> SharedNetwork {
    let station = |i| Station {
        id: format!("KK-{i:03}"),
        title: Text2::default(),
        kind: StationKind::Air,
        at: [104.0, 10.2],
        cone: None,
    };
    Arc::new(RwLock::new(Network::new((0..stations).map(station).collect(), &[])))
}

fn mqtt(url: &str, topics: Vec<TopicMap>) -> MqttSource {
    MqttSource {
        url: url.to_owned(),
        client_id: Some(format!("desk-{}", url.len() + topics.len())),
        username: None,
        ca: None,
        qos: 1,
        persistent: true,
        topics,
    }
}

fn feed(broker: &Broker, network: &SharedNetwork) -> MqttFeed {
    let decoder = Decoder::new(network.clone(), &[usual_topic()], Clock::default()).unwrap();
    MqttFeed::start(&mqtt(&broker.url(), vec![usual_topic()]), None, decoder).unwrap()
}

fn message(value: f64, time_ms: i64) -> Vec<u8> {
    let time = jiff::Timestamp::from_millisecond(time_ms).unwrap();
    format!("{{\"result\":{value},\"phenomenonTime\":\"{time}\"}}").into_bytes()
}

fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

fn running(feed: &MqttFeed) -> bool {
    feed.report().condition == Condition::Running
}

/// Kills and restarts the broker; how long each time until the subscriptions were back.
fn restarts(times: usize) -> (Vec<f64>, f64, u64) {
    let Some(mut broker) = Broker::start("") else { return (Vec::new(), 0.0, 0) };
    broker.up();
    let network = network(1);
    let mut feed = feed(&broker, &network);
    wait_until(5.0, "the subscription", || running(&feed));
    let (began, mut waits) = (Instant::now(), Vec::new());
    for i in 0..times {
        let known = feed.report().connected;
        broker.kill();
        wait_until(5.0, "the complaint", || matches!(feed.report().condition, Condition::Trouble(_)));
        std::thread::sleep(Duration::from_millis(100 + 37 * (i as u64 % 20)));
        broker.up();
        let back = Instant::now();
        wait_until(5.0, "the subscription after a restart", || running(&feed) && feed.report().connected > known);
        waits.push(back.elapsed().as_secs_f64());
        let publisher = broker.publisher();
        assert!(publisher.send("phuquoc/KK-000/pm25", message(i as f64, now_ms() - 1000), 1));
        let mut batch = Batch::default();
        wait_until(5.0, "a reading after the restart", || {
            feed.poll(0, &mut batch);
            batch.readings.iter().any(|r| r.value == i as f64)
        });
    }
    (waits, began.elapsed().as_secs_f64(), feed.report().connects)
}

#[test]
fn subscriptions_are_back_within_five_seconds_of_the_brokers_return() {
    let (waits, _, _) = restarts(2);
    assert!(waits.iter().all(|w| *w < 5.0 * slowness()), "{waits:?}");
}

#[test]
#[ignore = "some minutes: a hundred restarts"]
fn a_hundred_restarts() {
    let (waits, took, connects) = restarts(100);
    let slowest = waits.iter().copied().fold(0.0, f64::max);
    println!("{} restarts in {took:.0} s, slowest return {slowest:.2} s, {connects} connects", waits.len());
    assert!(slowest < 5.0 && connects as f64 <= took);
}

#[test]
fn a_broker_that_is_not_there_is_asked_at_most_once_a_second() {
    // A port that nobody can take in between.
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let tries = Arc::new(AtomicUsize::new(0));
    let count = tries.clone();
    // Takes every connection and hangs up at once.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            count.fetch_add(1, Ordering::Relaxed);
            drop(stream);
        }
    });
    let network = network(1);
    let decoder = Decoder::new(network.clone(), &[usual_topic()], Clock::default()).unwrap();
    let feed = MqttFeed::start(&mqtt(&format!("mqtt://127.0.0.1:{port}"), vec![usual_topic()]), None, decoder).unwrap();
    std::thread::sleep(Duration::from_secs(5));
    let tries = tries.load(Ordering::Relaxed);
    // Waits are at least a second, however slow the machine; and it does try again.
    assert!((2..=5).contains(&tries) || (tries == 1 && slowness() > 2.0), "{tries} connects in 5 s");
    assert!(matches!(feed.report().condition, Condition::Trouble(_)));
}

#[test]
fn poison_is_put_aside_and_the_next_good_value_comes_within_two_seconds() {
    let Some(mut broker) = Broker::start("") else { return };
    broker.up();
    let network = network(1);
    let mut feed = feed(&broker, &network);
    wait_until(5.0, "the subscription", || running(&feed));
    let publisher = broker.publisher();
    let topic = "phuquoc/KK-000/pm25";
    let mut poison: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"\0\x01\xff garbage".to_vec(),
        vec![b'['; 20_000],
        vec![b'x'; 300_000],
        vec![b'y'; 5_000_000],
    ];
    poison.extend(oracle_payloads().into_iter().map(|(_, bytes)| bytes));
    for bytes in &poison {
        assert!(publisher.send(topic, bytes.clone(), 1));
    }
    let sent = Instant::now();
    assert!(publisher.send(topic, message(4711.0, now_ms()), 1));
    let mut batch = Batch::default();
    let took = wait_until(2.0, "the good value", || {
        feed.poll(0, &mut batch);
        batch.readings.iter().any(|r| r.value == 4711.0)
    });
    println!("good value after {:?}", sent.elapsed());
    assert!(took < 2.0 * slowness(), "{took} s");
    assert_eq!(batch.messages as usize, poison.len() + 1, "every message is counted");
    assert!(batch.quarantined.len() >= 5);
    assert!(batch.quarantined.iter().any(|q| q.reason == Reason::TooLarge));
    assert!(batch.readings.iter().all(|r| r.value != 0.0), "nothing became 0");
    assert_eq!(feed.report().connects, 1, "the connection held");
}

/// A packet larger than is taken in as a matter of course: plain rumqttc reconnects for ever.
#[test]
fn a_huge_packet_does_not_stand_in_the_way_for_ever() {
    let Some(mut broker) = Broker::start("") else { return };
    broker.up();
    let network = network(1);
    let mut feed = feed(&broker, &network);
    wait_until(5.0, "the subscription", || running(&feed));
    // Our own publisher refuses to send such a thing; a raw client does not.
    let mut raw = RawClient::connect(broker.port);
    raw.publish("phuquoc/KK-000/pm25", &vec![b'z'; 17 * 1024 * 1024]);
    raw.publish("phuquoc/KK-000/pm25", &message(4711.0, now_ms()));
    let mut batch = Batch::default();
    wait_until(15.0, "the good value behind the huge one", || {
        feed.poll(0, &mut batch);
        batch.readings.iter().any(|r| r.value == 4711.0)
    });
    assert!(batch.quarantined.iter().any(|q| q.reason == Reason::TooLarge));
    assert!(feed.report().connects <= 3, "{}", feed.report().connects);
}

/// The least that an MQTT client can be: sends with QoS 1 and waits for nothing but its acknowledgement.
struct RawClient(TcpStream);

impl RawClient {
    fn connect(port: u16) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.write_all(&[0x10, 15, 0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 60, 0, 3, b'r', b'a', b'w']).unwrap();
        let mut answer = [0; 4];
        stream.read_exact(&mut answer).unwrap();
        Self(stream)
    }

    fn publish(&mut self, topic: &str, payload: &[u8]) {
        let mut rest = (topic.len() + 4 + payload.len()) as u32;
        let mut packet = vec![0x32];
        loop {
            let byte = (rest % 128) as u8;
            rest /= 128;
            packet.push(if rest > 0 { byte | 0x80 } else { byte });
            if rest == 0 {
                break;
            }
        }
        packet.extend((topic.len() as u16).to_be_bytes());
        packet.extend(topic.as_bytes());
        packet.extend([0, 7]);
        packet.extend(payload);
        self.0.write_all(&packet).unwrap();
        let mut answer = [0; 4];
        self.0.read_exact(&mut answer).unwrap();
    }
}

fn oracle_payloads() -> Vec<(String, Vec<u8>)> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let folder = above.map(|a| a.join("shared/oracles/iot-payloads")).find(|f| f.is_dir()).unwrap_or_default();
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: no oracle");
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|e| e.ok().map(|e| e.path()))
        .filter(|p| p.extension().is_some_and(|e| e == "json"))
        .collect();
    files.sort();
    files.iter().map(|p| (p.file_stem().unwrap().to_string_lossy().into_owned(), std::fs::read(p).unwrap())).collect()
}

/// What becomes of each odd payload: a reason, or a value with its flags. `T` is a temperature, all else a dust.
#[test]
fn odd_payloads_are_put_aside_with_a_reason_or_taken_with_a_flag() {
    let network = network(1);
    let mut decoder = Decoder::new(network, &[usual_topic()], Clock::default()).unwrap();
    let arrival = "2026-11-28T00:00:00Z".parse::<jiff::Timestamp>().unwrap().as_millisecond();
    for (file, payload) in oracle_payloads() {
        for property in ["pm25", "no2", "temperature"] {
            let mut batch = Batch::default();
            decoder.decode(&format!("phuquoc/KK-000/{property}"), &payload, arrival, &mut batch);
            assert_eq!(batch.readings.len() + batch.quarantined.len(), 1, "{file} {property}");
            for reading in &batch.readings {
                let fine = ["obs_12", "obs_28", "obs_30"].contains(&file.as_str());
                assert!(reading.value != 0.0, "{file}: {reading:?}");
                assert!(fine || !reading.flags.is_empty(), "{file}: taken without a flag: {reading:?}");
            }
        }
    }
}

/// 10,000 messages a second with QoS 1, kept and shown; how it went.
fn load(rate: f64, seconds: f64, burst: usize, alone: bool) {
    let Some(mut broker) = Broker::start("") else { return };
    broker.up();
    let network = network(100);
    let feed = feed(&broker, &network);
    wait_until(5.0, "the subscription", || running(&feed));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    let keeper = Keeper::start(in_file(&path), network.clone(), Retention::default()).unwrap();
    let mut hub = Hub::new(network.clone(), vec![Box::new(feed)], Some(keeper), Policy::default());
    let streams: Vec<String> = network.read().unwrap().streams().iter().map(|s| s.name()).collect();
    let publisher = broker.publisher();
    let stop = Arc::new(AtomicUsize::new(0));
    let sender = {
        let (streams, stop) = (streams.clone(), stop.clone());
        std::thread::spawn(move || {
            let began = Instant::now();
            let start_ms = now_ms() - 3_600_000;
            let mut sent = 0_usize;
            let send = |sent: usize| {
                let topic = format!("phuquoc/{}", streams[sent % streams.len()]);
                publisher.send(&topic, message(1.0 + (sent % 50) as f64, start_ms + (sent / streams.len()) as i64), 1)
            };
            while began.elapsed().as_secs_f64() < seconds {
                let due = (began.elapsed().as_secs_f64() * rate) as usize;
                while sent < due && send(sent) {
                    sent += 1;
                }
                std::thread::sleep(Duration::from_millis(2));
            }
            for _ in 0..burst {
                while !send(sent) {
                    std::thread::sleep(Duration::from_millis(1));
                }
                sent += 1;
            }
            stop.store(sent, Ordering::Relaxed);
            // Kept until everything was confirmed.
            let end = Instant::now() + Duration::from_secs(120);
            while (publisher.delivered() as usize) < sent && Instant::now() < end {
                std::thread::sleep(Duration::from_millis(20));
            }
        })
    };
    let memory = resident_mib();
    let (mut most, mut longest, mut rounds) = (memory, Duration::ZERO, 0_u64);
    let began = Instant::now();
    let sent = loop {
        let round = Instant::now();
        hub.step(now_ms());
        longest = longest.max(round.elapsed());
        rounds += 1;
        if rounds % 50 == 0 {
            most = most.max(resident_mib());
        }
        let sent = stop.load(Ordering::Relaxed);
        if sent > 0 && hub.board().messages as usize >= sent {
            break sent;
        }
        let limit = seconds + 180.0 * slowness();
        assert!(began.elapsed().as_secs_f64() < limit, "{} of {sent}", hub.board().messages);
        std::thread::sleep(Duration::from_millis(16));
    };
    let took = began.elapsed().as_secs_f64();
    sender.join().unwrap();
    hub.flush();
    let report = hub.board().keeper.clone().unwrap_or_default();
    println!(
        "{sent} messages in {took:.1} s; longest round {longest:?}; memory {memory:.0} -> {most:.0} MiB; lost {}",
        report.lost
    );
    let kept: usize = {
        let mut history = SqliteHistory::open_to_read(&path).unwrap();
        streams.iter().map(|s| history.series(s, 0, i64::MAX).unwrap().len()).sum()
    };
    assert_eq!(kept, sent, "every message is in the history");
    assert_eq!(hub.board().put_aside(), 0);
    // Beside other tests of this program their memory would be counted, too.
    assert!(!alone || most - memory < 64.0, "memory grew by {} MiB", most - memory);
}

fn resident_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap_or("0 kB");
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) / 1024.0
}

#[test]
fn a_flood_and_a_burst_are_kept_whole() {
    load(4000.0, 2.0, 5000, false);
}

#[test]
#[ignore = "eleven minutes, or SOAK_SECONDS: 10,000 messages a second, then 100,000 at once"]
fn ten_minutes_of_ten_thousand_a_second_and_a_burst() {
    let seconds = std::env::var("SOAK_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(600.0);
    load(10_000.0, seconds, 100_000, true);
}

/// Certificates for one host name from one authority, and broken ones.
fn certificates(folder: &Path) -> Option<()> {
    let script = r#"
set -e
cd "$1"
ca() { openssl req -x509 -newkey rsa:2048 -nodes -keyout $1.key -out $1.pem -days 30 -subj "/CN=$1" >/dev/null 2>&1; }
leaf() { # name, subject alternative name, not before, not after
  openssl req -newkey rsa:2048 -nodes -keyout $1.key -out $1.csr -subj "/CN=$1" >/dev/null 2>&1
  printf "subjectAltName=%s\nbasicConstraints=CA:FALSE\n" "$2" > $1.ext
  mkdir -p db-$1; : > db-$1/index; echo 01 > db-$1/serial
  printf "[ca]\ndefault_ca=d\n[d]\ndatabase=db-$1/index\nserial=db-$1/serial\nnew_certs_dir=db-$1\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n" > $1.cnf
  openssl ca -batch -config $1.cnf -cert ours.pem -keyfile ours.key -in $1.csr -out $1.pem -extfile $1.ext -startdate $3 -enddate $4 >/dev/null 2>&1
}
ca ours; ca others
leaf good IP:127.0.0.1,DNS:localhost 20200101000000Z 20400101000000Z
leaf expired IP:127.0.0.1,DNS:localhost 20200101000000Z 20210101000000Z
leaf elsewhere DNS:broker.example 20200101000000Z 20400101000000Z
mosquitto_passwd -b -c passwords duty right >/dev/null 2>&1 || { : > passwords; }
chmod 644 *.key passwords
"#;
    let status = Command::new("bash").args(["-c", script, "certificates"]).arg(folder).status().ok()?;
    status.success().then_some(())
}

#[test]
fn tls_refuses_the_wrong_and_says_which() {
    let made = tempfile::tempdir().unwrap();
    if certificates(made.path()).is_none() {
        println!("skipped: openssl is not installed here");
        return;
    }
    let cases = [
        ("good", "ours.pem", "right", None),
        ("good", "others.pem", "right", Some("sensor-unknown-authority")),
        ("expired", "ours.pem", "right", Some("sensor-expired")),
        ("elsewhere", "ours.pem", "right", Some("sensor-wrong-host")),
        ("good", "ours.pem", "wrong", Some("sensor-wrong-password")),
    ];
    for (certificate, ca, password, refused) in cases {
        let extra = format!(
            "certfile MADE/{certificate}.pem\nkeyfile MADE/{certificate}.key\nallow_anonymous false\npassword_file MADE/passwords\n"
        );
        let Some(mut broker) = Broker::start(&extra.replace("MADE", &made.path().display().to_string())) else {
            return;
        };
        broker.up();
        let source = MqttSource {
            username: Some("duty".into()),
            ca: Some(made.path().join(ca)),
            ..mqtt(&format!("mqtts://127.0.0.1:{}", broker.port), vec![usual_topic()])
        };
        let options = StartOptions { password: Some(password.to_owned()), ..StartOptions::default() };
        let feed = start(&SourceConfig::Mqtt(source), &network(1), &options).unwrap();
        let told = |c: &Condition| match c {
            Condition::Running => Some(None),
            Condition::Refused(message) => Some(Some(message.key.clone())),
            _ => None,
        };
        wait_until(10.0, certificate, || told(&feed.report().condition).is_some());
        assert_eq!(told(&feed.report().condition), Some(refused.map(str::to_owned)), "{certificate} {ca} {password}");
        std::thread::sleep(Duration::from_millis(300));
        assert_eq!(feed.report().connects, 1, "what is refused is not tried again and again");
    }
}

#[test]
fn the_program_plays_to_a_broker_and_watches_it() {
    let Some(mut broker) = Broker::start("") else { return };
    broker.up();
    let program = env!("CARGO_BIN_EXE_island-twin");
    let folder = tempfile::tempdir().unwrap();
    let history = folder.path().join("h.db");
    let mut watch = Command::new(program)
        .args([
            "--lang",
            "en",
            "sensors",
            "watch",
            "--broker",
            &broker.url(),
            "--count",
            "200",
            "--seconds",
            "120",
            "--json",
        ])
        .arg("--history")
        .arg(&history)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // What is sent before it listens would be lost: it says when it does.
    let mut told = BufReader::new(watch.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("running") {
        line.clear();
        assert!(told.read_line(&mut line).unwrap() > 0, "it ended before it listened");
    }
    let rest = std::thread::spawn(move || std::io::copy(&mut told, &mut std::io::sink()));
    let publish = Command::new(program)
        .args(["--lang", "en", "sensors", "publish", "--broker", &broker.url(), "--count", "250"])
        .output()
        .unwrap();
    assert!(publish.status.success(), "{publish:?}");
    assert!(String::from_utf8_lossy(&publish.stdout).contains("250 confirmed"), "{publish:?}");
    let output = watch.wait_with_output().unwrap();
    assert!(output.status.success());
    rest.join().unwrap().unwrap();
    let lines: Vec<serde_json::Value> =
        String::from_utf8_lossy(&output.stdout).lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 200);
    assert!(
        lines.iter().any(|l| l["stream"] == "KK-01/pm25" && l["unit"] == "µg/m³" && l["value"].as_f64().unwrap() > 1.0)
    );
    assert!(SqliteHistory::open_to_read(&history).unwrap().streams().unwrap().len() > 150);

    // A broker that is not there is said to be so.
    let nobody = format!("mqtt://127.0.0.1:{}", free_port());
    let watch = Command::new(program)
        .args(["--lang", "en", "sensors", "watch", "--broker", &nobody, "--seconds", "2"])
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&watch.stderr).contains("Nobody answers"), "{watch:?}");
}

#[test]
fn a_file_is_explained_and_messages_are_tried_without_contacting_anybody() {
    let program = env!("CARGO_BIN_EXE_island-twin");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.sensors.ron");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::fs::write(&file, format!(r#"(version: 1, stations: [(id: "KK-01", kind: Air, at: (104.0, 10.2))], sources: [
        Mqtt((url: "mqtt://127.0.0.1:{port}", topics: [(topic: "pq/{{station}}/{{property}}", station: "{{station}}", time: "t",
            values: [(path: "v", property: "{{property}}", unit: None)])])),
        SensorThings((url: "http://127.0.0.1:{port}")),
    ])"#)).unwrap();
    std::fs::write(folder.path().join("good.json"), r#"{"v":12.5,"t":"2026-11-21T00:00:00Z"}"#).unwrap();
    std::fs::write(folder.path().join("bad.json"), r#"{"v":-9999}"#).unwrap();
    let check = Command::new(program)
        .args(["--lang", "en", "sensors", "check", "--json", "--topic", "pq/KK-01/pm25"])
        .arg(&file)
        .arg("--payload")
        .args([folder.path().join("good.json"), folder.path().join("bad.json")])
        .output()
        .unwrap();
    assert!(check.status.success(), "{check:?}");
    let told: serde_json::Value = serde_json::from_slice(&check.stdout).unwrap();
    assert_eq!(told["payloads"][0]["readings"][0]["value"], 12.5);
    assert_eq!(told["payloads"][1]["quarantined"][0], "missing");
    assert!(listener.accept().is_err(), "somebody was contacted");
    let plain = Command::new(program).args(["--lang", "vi", "sensors", "check"]).arg(&file).output().unwrap();
    let text = String::from_utf8_lossy(&plain.stdout).into_owned();
    assert!(text.contains("QCVN 05:2023/BTNMT 24 h") && text.contains("1 trạm"), "{text}");
    // A file that cannot work makes the command fail.
    std::fs::write(&file, r#"(version: 1, sources: [Mqtt((url: "broker", topics: []))])"#).unwrap();
    assert!(!Command::new(program).args(["sensors", "check"]).arg(&file).output().unwrap().status.success());
}

/// A SensorThings service: three Datastreams, observations by the page, a filter by time, faults on request.
struct Things {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    fail: Arc<AtomicUsize>,
}

impl Things {
    fn start(observations: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (asked, fail) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let (log, failing) = (asked.clone(), fail.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, failing) = (log.clone(), failing.clone());
                std::thread::spawn(move || Self::serve(stream, port, observations, &log, &failing));
            }
        });
        Self { port, asked, fail }
    }

    fn serve(mut stream: TcpStream, port: u16, observations: usize, log: &Mutex<Vec<String>>, fail: &AtomicUsize) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        loop {
            let mut request = String::new();
            if reader.read_line(&mut request).unwrap_or(0) == 0 {
                return;
            }
            let mut header = String::new();
            while reader.read_line(&mut header).unwrap_or(0) > 2 {
                header.clear();
            }
            let path = request.split(' ').nth(1).unwrap_or("/").to_owned();
            log.lock().unwrap().push(path.clone());
            let (status, body) = if fail.load(Ordering::Relaxed) > 0 {
                fail.fetch_sub(1, Ordering::Relaxed);
                ("503 Service Unavailable", String::new())
            } else {
                ("200 OK", Self::answer(&path, port, observations))
            };
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            if stream.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }

    fn answer(path: &str, port: u16, observations: usize) -> String {
        if path.starts_with("/sta/v9.9/Datastreams?") {
            let entry = |id: &str, thing: &str, observed: &str, unit: &str| {
                format!(
                    r#"{{"@iot.id":{id},"name":"{thing} {observed}","unitOfMeasurement":{{"symbol":"{unit}"}},"Thing":{{"name":"{thing}"}},"ObservedProperty":{{"name":"{observed}"}}}}"#
                )
            };
            let list = [
                entry("1", "KK-000", "PM2.5", "mg/m3"),
                entry("\"a b\"", "KK-000", "Ozone", "µg/m³"),
                entry("3", "KK-000", "Joy", ""),
            ];
            return format!(r#"{{"value":[{}]}}"#, list.join(","));
        }
        let query = path.replace("%20", " ");
        let Some(since) = query.split("phenomenonTime gt ").nth(1).and_then(|r| r.split('&').next()) else {
            return "{}".into();
        };
        let since = since.parse::<jiff::Timestamp>().unwrap().as_millisecond();
        let top: usize = query.split("$top=").nth(1).unwrap().split('&').next().unwrap().parse().unwrap();
        let skip: usize = query.split("$skip=").nth(1).map_or(0, |s| s.parse().unwrap());
        let base = now_ms() / 60_000 * 60_000 - 60_000;
        let times: Vec<i64> =
            (0..observations as i64).map(|i| base - i * 60_000).rev().filter(|t| *t > since).collect();
        let values: Vec<String> = times
            .iter()
            .skip(skip)
            .take(top)
            .map(|t| {
                let time = jiff::Timestamp::from_millisecond(*t).unwrap();
                let value = if t / 60_000 % 10 == 3 { "null".to_owned() } else { "0.012".to_owned() };
                format!(r#"{{"result":{value},"phenomenonTime":"{time}"}}"#)
            })
            .collect();
        let next = if skip + top < times.len() {
            // Under another name, as services behind a proxy do.
            let plain = path.split("&$skip=").next().unwrap();
            format!(r#","@iot.nextLink":"http://inner-name:{port}{plain}&$skip={}""#, skip + top)
        } else {
            String::new()
        };
        format!(r#"{{"value":[{}]{next}}}"#, values.join(","))
    }
}

#[test]
fn a_sensorthings_service_is_read_page_by_page_and_asked_only_for_what_is_new() {
    let things = Things::start(95);
    things.fail.store(1, Ordering::Relaxed);
    let config = SensorThingsSource {
        url: format!("http://127.0.0.1:{}/sta/", things.port),
        version: "v9.9".into(),
        username: None,
        ca: None,
        every_s: 0.3,
        page: 20,
        backfill_h: 24.0,
    };
    let network = network(1);
    let mut feed = start(&SourceConfig::SensorThings(config), &network, &StartOptions::default()).unwrap();
    wait_until(3.0, "the trouble of the first answer", || feed.report().connects > 0);
    let mut batch = Batch::default();
    wait_until(10.0, "two rounds", || {
        feed.poll(0, &mut batch);
        feed.report().connected >= 2
    });
    feed.poll(0, &mut batch);
    let times = |key: StreamKey| -> BTreeSet<i64> {
        batch.readings.iter().filter(|r| r.stream == key).map(|r| r.time_ms).collect()
    };
    let find = |name: &str| network.read().unwrap().find(name).unwrap();
    let (dust, ozone) = (times(find("KK-000/pm25")), times(find("KK-000/o3")));
    assert!((84..=87).contains(&dust.len()), "{}", dust.len());
    assert_eq!(dust, ozone);
    let value = batch.readings.iter().find(|r| r.stream == find("KK-000/pm25")).unwrap().value;
    assert!((value - 12.0).abs() < 1e-9, "mg/m³ became µg/m³");
    assert!(batch.quarantined.iter().any(|q| q.reason == Reason::UnknownStream && q.from.contains("Joy")));
    assert!(batch.quarantined.iter().any(|q| q.reason == Reason::Missing));
    let asked = things.asked.lock().unwrap();
    assert!(asked.iter().any(|p| p.contains("Datastreams('a%20b')/Observations")), "{asked:?}");
    assert!(asked.iter().any(|p| p.contains("$skip=80")));
    // The second round asks from where the first ended.
    let last = asked.iter().rev().find(|p| p.contains("Datastreams(1)")).unwrap();
    assert!(!last.contains("$skip"), "{last}");
}

/// Three days of made-up stations, one of them with a fault: an index for each air station, an alarm for the fault.
#[test]
fn the_made_up_stations_give_indices_and_alarms() {
    let program = env!("CARGO_BIN_EXE_island-twin");
    let output = Command::new(program)
        .args(["--lang", "en", "sensors", "watch", "--before", "50", "--seconds", "1", "--json", "--quiet"])
        .args(["--fault", "drift@NB-01/ph"])
        .output()
        .unwrap();
    let lines: Vec<serde_json::Value> =
        String::from_utf8_lossy(&output.stdout).lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let indices = |over: &str| lines.iter().filter(|l| l["vn_aqi"].is_u64() && l["over"] == over).count();
    assert_eq!((indices("hour"), indices("day")), (16, 16), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(lines.iter().filter(|l| l["vn_aqi"].is_u64()).all(|l| (1..300).contains(&l["vn_aqi"].as_u64().unwrap())));
}

#[test]
fn nothing_listens_and_nobody_is_contacted_by_default() {
    let program = env!("CARGO_BIN_EXE_island-twin");
    let mut watch = Command::new(program)
        .args(["sensors", "watch", "--seconds", "3", "--quiet"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    let sockets = std::fs::read_dir(format!("/proc/{}/fd", watch.id())).map_or(0, |fds| {
        fds.flatten()
            .filter(|f| std::fs::read_link(f.path()).is_ok_and(|t| t.to_string_lossy().starts_with("socket:")))
            .count()
    });
    assert_eq!(sockets, 0);
    assert!(watch.wait().unwrap().success());
}

/// Reads and writes nothing.
struct NoFiles;

impl SessionIo for NoFiles {
    fn load(&self, _: &Path, _: &Progress, _: &CancelToken) -> Result<(Project, Vec<Warning>), IoFailure> {
        Err(IoFailure::Cancelled)
    }

    fn read(
        &self,
        _: &[SourceSpec],
        _: &SiteFrame,
        _: &Progress,
        _: &CancelToken,
        _: &mut dyn FnMut(usize, Result<Imported, ImportError>),
    ) {
    }

    fn save(&self, _: &Project, _: &Path, _: &Progress, _: &CancelToken) -> Result<(), IoFailure> {
        Err(IoFailure::Cancelled)
    }
}

fn project() -> Project {
    Project {
        version: 1,
        title: Text2::same("Island"),
        frame: SiteFrame { crs: Crs::VN2000_TM3_104_30, origin: [441_000.0, 1_130_000.0] },
        utc_offset_hours: 7.0,
        time: jiff::Timestamp::now(),
        layers: Vec::new(),
        bookmarks: Vec::new(),
        scenarios: Vec::new(),
    }
}

#[test]
fn opening_a_strangers_project_contacts_nobody_until_the_user_says_so() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("mqtt://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("x.sensors.ron"),
        format!(
            r#"(version: 1, stations: [(id: "KK-01", kind: Air, at: (103.97, 10.22))], sources: [Simulated((seed: 1)),
            Mqtt((url: "{url}", topics: [(topic: "a/{{station}}", station: "{{station}}", values: [(path: "*", property: "{{key}}")])]))])"#
        ),
    )
    .unwrap();
    let mut session = Session::new(Arc::new(NoFiles), SettingsStore::in_memory());
    session.enable_live(LiveMode::Kept(folder.path().join("history")));
    session.install(project(), Some(folder.path().join("x.scene.ron")));
    session.wait_for_live(Duration::from_secs(20));
    assert!(session.live().is_running() && session.live().board().taken > 100);
    assert_eq!(session.live().held_back(), [url]);
    // What was made up is in the chart and on the map, now and as it was an hour ago.
    session.perform(SessionCommand::Live(LiveCommand::Choose(StreamKey(1))));
    session.wait_for_reading(Duration::from_secs(20));
    let curves = &session.live().chart.curves;
    assert!(curves.len() == 1 && curves.iter().all(|c| !c.stretches.is_empty() && c.outlook.len() == 24));
    session.perform(SessionCommand::SetTime(jiff::Timestamp::from_millisecond(now_ms() - 3_600_000).unwrap()));
    session.perform(SessionCommand::Live(LiveCommand::FollowClock(true)));
    session.wait_for_reading(Duration::from_secs(20));
    let past = session.live().stream_now(StreamKey(0)).latest.unwrap().0;
    assert!((now_ms() - 3_600_000 - past).abs() < 120_000);
    assert!(session.live().stations()[0].main.is_some());
    assert!(listener.accept().is_err(), "somebody was contacted");
    session.perform(SessionCommand::Live(LiveCommand::Connect { password: None, remember: false }));
    let _ = wait_until(5.0, "the contact that was allowed", || listener.accept().is_ok());
    assert!(session.live().held_back().is_empty());
}

#[test]
fn a_session_without_live_mode_starts_nothing() {
    let mut session = Session::new(Arc::new(NoFiles), SettingsStore::in_memory());
    let scene = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenes/phu-quoc.scene.ron");
    session.install(project(), Some(scene));
    assert!(!session.live().is_running());
}
