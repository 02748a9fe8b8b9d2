//! The window under a flood: 10,000 messages a second with QoS 1 over a real Mosquitto, the whole demonstration island on
//! screen and the live room open. What is measured is the time that the window's own thread spends on a processor for a
//! frame; a software driver draws on other threads, and other programs on the machine do not count.

use std::path::Path;
use std::process::{Child, Command as Process, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use island_twin::base::cancel::CancelToken;
use island_twin::base::progress::Progress;
use island_twin::cli::files::Files;
use island_twin::desktop::off_screen::OffScreen;
use island_twin::live::address::Address;
use island_twin::live::config::usual_topic;
use island_twin::live::mqtt::link::{LinkOptions, USUAL_PACKET};
use island_twin::live::mqtt::publisher::Publisher;
use island_twin::model::sensor::{MqttSource, SourceConfig, Stream};
use island_twin::session::Session;
use island_twin::session::command::Command;
use island_twin::session::io::SessionIo;
use island_twin::session::live::{LiveCommand, LiveMode};
use island_twin::session::settings::SettingsStore;

const RATE: f64 = 10_000.0;
const MEASURED: Duration = Duration::from_secs(40);

struct Broker(Child, tempfile::TempDir, u16);

impl Broker {
    fn start() -> Option<Self> {
        let folder = tempfile::tempdir().ok()?;
        let port = 16_000 + (std::process::id() % 900) as u16;
        let config = folder.path().join("m.conf");
        let words = format!("listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nuser root\n");
        std::fs::write(&config, words).ok()?;
        let child = Process::new("/usr/sbin/mosquitto").arg("-c").arg(&config).stderr(Stdio::null()).spawn().ok()?;
        Some(Self(child, folder, port))
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Time of this thread on a processor.
fn own_time() -> Duration {
    let words = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(words.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or_default())
}

/// Sends until it is told to stop.
fn flood(port: u16, streams: Vec<String>, stop: Arc<AtomicBool>, sent: Arc<AtomicUsize>) {
    let options = LinkOptions {
        address: Address::mqtt(&format!("mqtt://127.0.0.1:{port}")).unwrap(),
        client_id: "stations".into(),
        password: None,
        ca: None,
        persistent: false,
        largest_packet: USUAL_PACKET,
    };
    let publisher = Publisher::start(options).unwrap();
    let (began, start_ms) = (Instant::now(), jiff::Timestamp::now().as_millisecond());
    let mut count = 0;
    while !stop.load(Ordering::Relaxed) {
        let due = (began.elapsed().as_secs_f64() * RATE) as usize;
        while count < due {
            let time = jiff::Timestamp::from_millisecond(start_ms + (count / streams.len()) as i64).unwrap();
            let payload = format!("{{\"result\":{}.5,\"phenomenonTime\":\"{time}\"}}", 10 + count % 40);
            if !publisher.send(&format!("phuquoc/{}", streams[count % streams.len()]), payload.into_bytes(), 1) {
                break;
            }
            count += 1;
        }
        sent.store(count, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Frames for a while: their times, sorted, and the longest look at the live side alone.
fn frames(stage: &mut OffScreen, lasting: Duration) -> (Vec<Duration>, Duration) {
    let (began, mut times, mut look) = (Instant::now(), Vec::new(), Duration::ZERO);
    while began.elapsed() < lasting {
        let start = own_time();
        stage.session().poll_jobs();
        let looked = own_time();
        stage.update();
        times.push(own_time() - start);
        look = look.max(looked - start);
        stage.wait_for_gpu();
    }
    times.sort_unstable();
    (times, look)
}

#[test]
#[ignore = "some minutes: 10,000 messages a second while the demonstration island is on screen"]
fn no_frame_is_long_under_ten_thousand_messages_a_second() {
    let Some(broker) = Broker::start() else {
        println!("skipped: Mosquitto is not installed here");
        return;
    };
    let scene = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenes/phu-quoc.scene.ron");
    let files = || Files::with_worker(Path::new(env!("CARGO_BIN_EXE_island-twin")));
    let (project, _) = files().load(&scene, &Progress::new(), &CancelToken::new()).unwrap();
    let mut session = Session::new(Arc::new(files()), SettingsStore::in_memory());
    session.enable_live(LiveMode::At(broker.1.path().join("h.db").display().to_string()));
    session.install(project, Some(scene));
    session.wait_for_live(Duration::from_mins(2));
    session.perform(Command::Live(LiveCommand::SetOpen(true)));
    let streams: Vec<String> = session.live().network().streams().iter().map(Stream::name).collect();
    let Ok(mut stage) = OffScreen::new(session, [1280, 720], true) else {
        println!("skipped: no graphics driver here");
        return;
    };
    stage.settle(Instant::now() + Duration::from_mins(10)).expect("the scene settles");
    // The first frames bring textures and letters to the driver.
    frames(&mut stage, Duration::from_secs(5));
    let tell = |what: &str, (times, look): &(Vec<Duration>, Duration)| {
        let ms = |t: Duration| t.as_secs_f64() * 1e3;
        let at = |share: usize| ms(times[(times.len() * share / 100).min(times.len() - 1)]);
        println!(
            "{what}: {} frames, median {:.1}, 95 of 100 within {:.1}, longest {:.1} ms; longest look at the live side {:.2} ms",
            times.len(),
            at(50),
            at(95),
            ms(times[times.len() - 1]),
            ms(*look)
        );
    };
    tell("without messages", &frames(&mut stage, Duration::from_secs(15)));
    let source = SourceConfig::Mqtt(MqttSource {
        url: format!("mqtt://127.0.0.1:{}", broker.2),
        client_id: Some("window".into()),
        username: None,
        ca: None,
        qos: 1,
        persistent: false,
        topics: vec![usual_topic()],
    });
    let use_it = LiveCommand::UseSource { source: Box::new(source), password: None, remember: false };
    stage.session().perform(Command::Live(use_it));
    let (stop, sent) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let sender = {
        let (stop, sent, port) = (stop.clone(), sent.clone(), broker.2);
        std::thread::spawn(move || flood(port, streams, stop, sent))
    };
    frames(&mut stage, Duration::from_secs(3));
    let before = stage.session().live().board().messages;
    let began = Instant::now();
    let found = frames(&mut stage, MEASURED);
    let came = stage.session().live().board().messages - before;
    stop.store(true, Ordering::Relaxed);
    sender.join().unwrap();
    println!(
        "{:.0} messages/s came, {} sent",
        came as f64 / began.elapsed().as_secs_f64(),
        sent.load(Ordering::Relaxed)
    );
    tell("under the flood", &found);
    assert!(found.0.last().is_some_and(|longest| *longest < Duration::from_millis(33)));
}
