//! Live speed: `cargo bench --no-default-features --bench live [-- ingest|subscriber|history]`.
//!
//! `ingest`: decode, map, keep and show, one core, no network. `subscriber`: processor time a message of a bare rumqttc
//! subscriber and of ours against one Mosquitto. `history`: a chart and the whole map out of a year; `STREAMS`, `DAYS` set
//! its size (1,000 and 365 take some 11 GB and a quarter of an hour to make).

use std::process::{Command, Stdio};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use island_twin::live::address::Address;
use island_twin::live::alarm::rule::Policy;
use island_twin::live::batch::Batch;
use island_twin::live::config::usual_topic;
use island_twin::live::decode::{Decoder, SharedNetwork};
use island_twin::live::history::contract::History;
use island_twin::live::history::sqlite::SqliteHistory;
use island_twin::live::hub::Hub;
use island_twin::live::moment::Clock;
use island_twin::live::mqtt::link::{LinkOptions, USUAL_PACKET};
use island_twin::live::mqtt::publisher::Publisher;
use island_twin::live::mqtt::source::MqttFeed;
use island_twin::live::source::{SensorSource, SourceReport};
use island_twin::model::network::Network;
use island_twin::model::sensor::{Flags, MqttSource, Reading, Station, StationKind, Stream, StreamKey};
use island_twin::model::style::Text2;

fn main() {
    if let Some((port, messages)) = std::env::var("FLOOD").ok().as_deref().and_then(|f| f.split_once(' ')) {
        return flood(port.parse().unwrap(), messages.parse().unwrap());
    }
    let which = std::env::args().skip(1).find(|a| !a.starts_with('-'));
    let wanted = |name: &str| which.as_deref().is_none_or(|w| w == name);
    if wanted("ingest") {
        ingest();
    }
    if wanted("subscriber") {
        subscriber();
    }
    if wanted("history") {
        history();
    }
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

/// Processor time of this process, all threads, seconds.
fn processor_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<f64> =
        stat.rsplit(')').next().unwrap_or("").split_whitespace().filter_map(|f| f.parse().ok()).collect();
    // utime and stime, in clock ticks of 10 ms; the state letter is no number.
    fields.get(10).zip(fields.get(11)).map_or(0.0, |(u, s)| (u + s) / 100.0)
}

/// Processor time of this thread, seconds.
fn own_processor_s() -> f64 {
    let words = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    words.split_whitespace().next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or_default() * 1e-9
}

/// Gives batches of messages as a broker's thread would have laid them down.
struct Prepared {
    decoder: Decoder,
    messages: Vec<(String, Vec<u8>)>,
    given: usize,
}

impl SensorSource for Prepared {
    fn poll(&mut self, now_ms: i64, out: &mut Batch) {
        let end = (self.given + BATCH).min(self.messages.len());
        for (topic, payload) in &self.messages[self.given..end] {
            self.decoder.decode(topic, payload, now_ms, out);
        }
        self.given = end;
    }

    fn report(&self) -> SourceReport {
        SourceReport::new("prepared")
    }
}

/// What comes in a tenth of a second at 200,000 a second: the time for which readings gather before they are written.
const BATCH: usize = 20_000;

/// Decode, map, keep in SQLite and publish to the board on one thread: nothing is left for another core.
fn ingest() {
    const MESSAGES: usize = 600_000;
    let network = network(50);
    let names: Vec<String> = network.read().unwrap().streams().iter().map(Stream::name).collect();
    let now_ms = jiff::Timestamp::now().as_millisecond();
    let messages: Vec<(String, Vec<u8>)> = (0..MESSAGES)
        .map(|i| {
            let time = jiff::Timestamp::from_millisecond(now_ms - 3_600_000 + (i / names.len()) as i64 * 1000).unwrap();
            let payload = format!("{{\"phenomenonTime\":\"{time}\",\"result\":{}.5,\"unit\":\"\"}}", 10 + i % 40);
            (format!("phuquoc/{}", names[i % names.len()]), payload.replace(",\"unit\":\"\"", "").into_bytes())
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let (mut kept, _) = SqliteHistory::open(&folder.path().join("h.db")).unwrap();
    let decoder = Decoder::new(network.clone(), &[usual_topic()], Clock::default()).unwrap();
    let mut parts = [0.0; 3];
    let mut feed = Prepared { decoder, messages, given: 0 };
    let mut hub = Hub::new(network.clone(), Vec::new(), None, Policy::default());
    let (began, processor) = (Instant::now(), own_processor_s());
    let mut total = 0;
    while feed.given < MESSAGES {
        // As the clock goes: states, rules and alarms are looked at twice a second.
        let now_ms = now_ms + began.elapsed().as_millis() as i64;
        let mut batch = Batch::default();
        let start = own_processor_s();
        feed.poll(now_ms, &mut batch);
        let decoded = own_processor_s();
        let network = network.read().unwrap();
        kept.append(&batch.readings, &mut |key| network.stream(key).map(Stream::name)).unwrap();
        drop(network);
        let written = own_processor_s();
        total += batch.readings.len();
        hub.receive(&mut batch, now_ms);
        std::hint::black_box(hub.board().clone());
        for (part, time) in parts.iter_mut().zip([decoded - start, written - decoded, own_processor_s() - written]) {
            *part += time;
        }
    }
    let (took, worked) = (began.elapsed().as_secs_f64(), own_processor_s() - processor);
    let each = |seconds: f64| seconds / total as f64 * 1e6;
    println!(
        "ingest: {total} readings, one thread: {:.0} readings/s of processor ({:.2} s; {took:.2} s on the clock); µs a reading: decode and map {:.2}, keep {:.2}, judge and show {:.2}",
        total as f64 / worked,
        worked,
        each(parts[0]),
        each(parts[1]),
        each(parts[2]),
    );
}

/// A bare rumqttc subscriber and ours, one after the other, against one Mosquitto; messages sent by another process.
fn subscriber() {
    const MESSAGES: usize = 200_000;
    let Ok(listener) = std::net::TcpListener::bind("127.0.0.1:0") else { return };
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("m.conf");
    std::fs::write(&config, format!("listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"))
        .unwrap();
    let Ok(mut broker) = Command::new("/usr/sbin/mosquitto").arg("-c").arg(&config).stderr(Stdio::null()).spawn()
    else {
        println!("skipped: Mosquitto is not installed here");
        return;
    };
    std::thread::sleep(Duration::from_millis(500));
    let network = network(50);
    let flood = || {
        Command::new(std::env::current_exe().unwrap())
            .arg("flood")
            .env("FLOOD", format!("{port} {MESSAGES}"))
            .spawn()
            .unwrap()
    };
    // Bare: what the library costs by itself.
    let mut options = rumqttc::MqttOptions::new("bare", "127.0.0.1", port);
    options.set_max_packet_size(USUAL_PACKET, USUAL_PACKET);
    let (client, mut connection) = rumqttc::Client::new(options, 100);
    client.subscribe("phuquoc/#", rumqttc::QoS::AtMostOnce).unwrap();
    while !matches!(connection.recv(), Ok(Ok(rumqttc::Event::Incoming(rumqttc::Packet::SubAck(_))))) {}
    let mut sender = flood();
    let (mut count, mut first) = (0, None);
    while count < MESSAGES {
        match connection.recv_timeout(Duration::from_secs(3)) {
            Ok(Ok(rumqttc::Event::Incoming(rumqttc::Packet::Publish(_)))) => {
                first.get_or_insert_with(processor_s);
                count += 1;
            }
            Ok(_) => {}
            Err(_) => break,
        }
    }
    let bare = (processor_s() - first.unwrap_or_default()) / count as f64 * 1e6;
    sender.wait().unwrap();
    drop((client, connection));
    // Ours: decoded and mapped, on the source's thread.
    let source = MqttSource {
        url: format!("mqtt://127.0.0.1:{port}"),
        client_id: Some("ours".into()),
        username: None,
        ca: None,
        qos: 0,
        persistent: false,
        topics: vec![usual_topic()],
    };
    let decoder = Decoder::new(network, &[usual_topic()], Clock::default()).unwrap();
    let mut feed = MqttFeed::start(&source, None, decoder).unwrap();
    while feed.report().connected == 0 {
        std::thread::sleep(Duration::from_millis(10));
    }
    let mut sender = flood();
    let (mut ours, mut first, mut quiet) = (0, None, Instant::now());
    while ours < MESSAGES && quiet.elapsed() < Duration::from_secs(3) {
        let mut batch = Batch::default();
        feed.poll(0, &mut batch);
        if batch.messages > 0 {
            first.get_or_insert_with(processor_s);
            quiet = Instant::now();
        }
        ours += batch.messages as usize;
        std::thread::sleep(Duration::from_millis(5));
    }
    let mine = (processor_s() - first.unwrap_or_default()) / ours.max(1) as f64 * 1e6;
    sender.wait().unwrap();
    broker.kill().unwrap();
    broker.wait().unwrap();
    println!(
        "subscriber, QoS 0: bare rumqttc {bare:.1} µs of processor a message ({count}), ours with decoding and mapping {mine:.1} µs ({ours})"
    );
}

/// The other process of `subscriber`.
fn flood(port: u16, messages: usize) {
    let publisher = Publisher::start(LinkOptions {
        address: Address::mqtt(&format!("mqtt://127.0.0.1:{port}")).unwrap(),
        client_id: "flood".into(),
        password: None,
        ca: None,
        persistent: false,
        largest_packet: USUAL_PACKET,
    })
    .unwrap();
    while !publisher.is_connected() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let names: Vec<String> = network(50).read().unwrap().streams().iter().map(Stream::name).collect();
    let time = jiff::Timestamp::now();
    for i in 0..messages {
        let payload = format!("{{\"phenomenonTime\":\"{time}\",\"result\":{}.5}}", 10 + i % 40);
        while !publisher.send(&format!("phuquoc/{}", names[i % names.len()]), payload.clone().into_bytes(), 0) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    std::thread::sleep(Duration::from_secs(3));
}

fn history() {
    let number = |name: &str, usual: i64| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(usual);
    let (streams, days) = (number("STREAMS", 1000), number("DAYS", 30));
    let path = std::env::var("HISTORY").unwrap_or_else(|_| "/tmp/island-twin-bench-history.db".to_owned());
    let path = std::path::Path::new(&path);
    let name = |key: StreamKey| Some(format!("S-{:04}/pm25", key.0));
    if !path.exists() {
        let began = Instant::now();
        let (mut made, _) = SqliteHistory::open(path).unwrap();
        // Day by day over all streams: what belongs to one stream lies scattered in the file, as it does in life.
        for day in 0..days {
            let readings: Vec<Reading> = (0..streams * 1440)
                .map(|i| (i / 1440, day * 1440 + i % 1440))
                .map(|(stream, minute)| Reading {
                    stream: StreamKey(stream as u32),
                    time_ms: minute * 60_000,
                    value: 20.0 + ((minute * 7 + stream * 13) % 100) as f64 * 0.37,
                    flags: Flags::default(),
                })
                .collect();
            made.append(&readings, &mut |key| name(key)).unwrap();
        }
        drop(made);
        let size = std::fs::metadata(path).map_or(0, |m| m.len()) as f64 / 1e9;
        println!(
            "history: {} readings made in {:.0} s, {size:.1} GB",
            streams * days * 1440,
            began.elapsed().as_secs_f64()
        );
    }
    // Opened anew for every question, as the window does it; cold: with nothing of the file in memory.
    let measure = |what: &str, work: &dyn Fn(&mut SqliteHistory, i64)| {
        for cold in [true, false] {
            let mut times: Vec<f64> = (0..21)
                .map(|i| {
                    if cold {
                        let file = std::fs::File::open(path).unwrap();
                        file.sync_all().unwrap();
                        rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).unwrap();
                    }
                    let began = Instant::now();
                    work(&mut SqliteHistory::open_to_read(path).unwrap(), i);
                    began.elapsed().as_secs_f64() * 1000.0
                })
                .collect();
            times.sort_by(f64::total_cmp);
            let how = if cold { "cold" } else { "warm" };
            println!("history: {what}, {how}: {:.1} ms (median of 21; slowest {:.1})", times[10], times[20]);
        }
    };
    let month = 30 * 86_400_000;
    measure("chart of a stream and month", &|h, i| {
        let from = (i * 37 % days.max(31).saturating_sub(30).max(1)) * 86_400_000;
        let pieces = h.pieces(&format!("S-{:04}/pm25", i * 47 % streams), from, from + month, 2000).unwrap();
        assert!(pieces.len() > 100);
    });
    measure("the whole map at a moment", &|h, i| {
        let at = (i * 17 % days) * 86_400_000 + i * 3_601_000;
        assert!(h.at(at, 7_200_000).unwrap().len() as i64 == streams);
    });
}
