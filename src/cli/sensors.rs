//! `sensors publish` and `sensors watch`: readings to and from a broker, without a window.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use serde_json::json;

use super::run::{complain, say};
use super::sensors_args::{PublishArgs, WatchArgs};
use crate::base::message::{Message, ToMessage};
use crate::live::address::{Address, without_password};
use crate::live::alarm::desk::Alarm;
use crate::live::alarm::rule::Policy;
use crate::live::alarm::service;
use crate::live::batch::{Batch, Quarantined};
use crate::live::config::{StartOptions, demonstration, load, network, start, usual_topic};
use crate::live::decode::SharedNetwork;
use crate::live::history::keeper::{Keeper, Retention};
use crate::live::history::place::{is_server, open_to_read, opener};
use crate::live::hub::Hub;
use crate::live::mqtt::link::{LinkOptions, USUAL_PACKET};
use crate::live::mqtt::publisher::Publisher;
use crate::live::secret;
use crate::live::simulated::{Fault, FaultKind, Weather, readings};
use crate::live::source::{Condition, SensorSource};
use crate::model::network::Network;
use crate::model::sensor::{MqttSource, Reading, SensorConfig, SourceConfig, Stream};
use crate::text::{Catalog, Language};

const TICK: Duration = Duration::from_millis(20);
/// How long a publisher waits for its broker before it says so and goes on waiting.
const HELLO: Duration = Duration::from_secs(10);

fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

fn told<E: ToMessage>(error: E) -> Message {
    error.to_message()
}

fn config_of(path: Option<&std::path::Path>) -> Result<SensorConfig, Message> {
    path.map_or_else(demonstration, load).map_err(told)
}

fn faults(asked: &[(FaultKind, String)]) -> Vec<Fault> {
    let from_ms = now_ms();
    asked.iter().map(|(kind, stream)| Fault { kind: *kind, stream: stream.clone(), from_ms, to_ms: i64::MAX }).collect()
}

/// A reading as others like to read it: SensorThings' words.
fn payload(reading: &Reading, stream: &Stream) -> Vec<u8> {
    let time = jiff::Timestamp::from_millisecond(reading.time_ms).unwrap_or_default().to_string();
    let unit = stream.property().map_or("", |p| p.unit.as_str());
    json!({ "phenomenonTime": time, "result": reading.value, "unit": unit }).to_string().into_bytes()
}

/// Plays made-up stations to a broker until the time or the number asked for is over.
///
/// # Errors
/// When the broker refuses us, or never answers within the time.
pub fn publish(args: &PublishArgs, language: Language) -> Result<(), Message> {
    let catalog = Catalog::load(language);
    let config = config_of(args.config.as_deref())?;
    let network = Network::new(config.stations, &config.streams);
    let url = without_password(&args.broker);
    let options = LinkOptions {
        address: Address::mqtt(&args.broker).map_err(told)?,
        client_id: format!("island-twin-publish-{}", std::process::id()),
        password: secret::find(&url),
        ca: args.ca.clone(),
        persistent: false,
        largest_packet: USUAL_PACKET,
    };
    let publisher = Publisher::start(options).map_err(told)?;
    let mut player = Player { args, weather: Weather::new(args.seed), faults: faults(&args.fault), network, sent: 0 };
    let began = Instant::now();
    let over = |sent: u64| {
        (args.count > 0 && sent >= args.count) || (args.seconds > 0.0 && began.elapsed().as_secs_f64() >= args.seconds)
    };
    let mut complained = false;
    let mut played_ms: Option<i64> = None;
    while !over(player.sent) {
        if let Some((error, true)) = publisher.trouble() {
            return Err(told(error));
        }
        if !publisher.is_connected() {
            if began.elapsed() > HELLO
                && !complained
                && let Some((error, _)) = publisher.trouble()
            {
                complain(&catalog, std::iter::once(&told(error)));
                complained = true;
            }
            std::thread::sleep(TICK);
            continue;
        }
        let now = now_ms();
        if args.rate > 0 {
            player.flood(&publisher, now, began.elapsed().as_secs_f64());
        } else {
            // At first what every station says now, then each in its own rhythm.
            let from = played_ms.unwrap_or(i64::MIN);
            player.rhythm(&publisher, from, now);
            played_ms = Some(now);
        }
        std::thread::sleep(TICK);
    }
    wait_for_delivery(&publisher, args.qos, player.sent);
    let message = Message::new("cli-sensors-published")
        .with("count", player.sent as usize)
        .with("confirmed", publisher.delivered() as usize)
        .with("broker", url.as_str());
    say(&catalog.text(&message));
    if player.sent == 0
        && let Some((error, _)) = publisher.trouble()
    {
        return Err(told(error));
    }
    Ok(())
}

fn wait_for_delivery(publisher: &Publisher, qos: u8, sent: u64) {
    let end = Instant::now() + Duration::from_secs(20);
    while qos > 0 && publisher.delivered() < sent && Instant::now() < end {
        std::thread::sleep(TICK);
    }
    if qos == 0 {
        std::thread::sleep(Duration::from_millis(300));
    }
}

struct Player<'a> {
    args: &'a PublishArgs,
    weather: Weather,
    faults: Vec<Fault>,
    network: Network,
    sent: u64,
}

impl Player<'_> {
    fn send(&mut self, publisher: &Publisher, reading: &Reading) -> bool {
        let Some(stream) = self.network.stream(reading.stream) else { return true };
        let topic = self.args.topic.replace("{station}", &stream.station).replace("{property}", &stream.property);
        let sent = publisher.send(&topic, payload(reading, stream), self.args.qos);
        self.sent += u64::from(sent);
        sent
    }

    fn rhythm(&mut self, publisher: &Publisher, from_ms: i64, now: i64) {
        let first = from_ms == i64::MIN;
        let longest = self.network.streams().iter().map(|s| s.period_s).fold(1.0, f64::max);
        let from = if first { now - (longest * 1000.0) as i64 } else { from_ms };
        let made = readings(&self.network, &self.weather, &self.faults, from, now);
        for (i, reading) in made.iter().enumerate() {
            let newest = made.get(i + 1).is_none_or(|next| next.stream != reading.stream);
            let enough = self.args.count > 0 && self.sent >= self.args.count;
            if (!first || newest) && !enough {
                self.send(publisher, reading);
            }
        }
    }

    /// As many a second as was asked for, one stream after another.
    fn flood(&mut self, publisher: &Publisher, now: i64, elapsed_s: f64) {
        let due = (elapsed_s * f64::from(self.args.rate)) as u64;
        let due = if self.args.count > 0 { due.min(self.args.count) } else { due };
        let streams = self.network.streams().len().max(1) as u64;
        // A stream that comes round again within a millisecond gets the next one.
        while self.sent < due {
            let key = crate::model::sensor::StreamKey((self.sent % streams) as u32);
            let Some(stream) = self.network.stream(key) else { return };
            let value = self.weather.value(&stream.station, &stream.property, now);
            let time_ms = now - 1000 + (self.sent / streams % 1000).cast_signed();
            let reading = Reading { stream: key, time_ms, value, flags: crate::model::sensor::Flags::default() };
            if !self.send(publisher, &reading) {
                return;
            }
        }
    }
}

/// Takes up where the last watch over this history ended.
fn warm_up(hub: &mut Hub, place: &str, catalog: &Catalog) {
    if !is_server(place) && !std::path::Path::new(place).exists() {
        return;
    }
    let read = open_to_read(place).and_then(|mut history| hub.warm_up(&mut *history, now_ms()));
    if let Err(error) = read {
        complain(catalog, std::iter::once(&told(error)));
    }
}

/// Prints readings, alarms and what was put aside, as they come.
///
/// # Errors
/// When nothing can be watched.
pub fn watch(args: &WatchArgs, language: Language) -> Result<(), Message> {
    let catalog = Catalog::load(language);
    let (config, learns) = match &args.broker {
        Some(url) => (broker_config(args, url), true),
        None => (config_of(args.config.as_deref())?, false),
    };
    let network = network(&config);
    let keeper = match &args.history {
        Some(path) => Some(
            Keeper::start(opener(path), network.clone(), Retention::default())
                .map_err(|e| Message::new("sensor-history-failed").with("reason", e.to_string()))?,
        ),
        None => None,
    };
    let mut sources = Vec::new();
    for source in &config.sources {
        let url = source.contacts().map(without_password);
        let options = StartOptions {
            password: url.as_deref().and_then(secret::find),
            faults: faults(&args.fault),
            simulated_before_ms: args.before.map_or(300_000, |hours| (hours * 3_600_000.0) as i64),
            learns,
        };
        sources.push(start(source, &network, &options).map_err(told)?);
    }
    let mut hub = Hub::new(network.clone(), Vec::new(), keeper, Policy::default());
    if let Some(path) = &args.history {
        warm_up(&mut hub, path, &catalog);
    }
    let printer = Printer { args, network: &network, catalog: &catalog };
    let refused = printer.run(&mut sources, &mut hub);
    hub.flush();
    hub.review(now_ms());
    printer.indices(&hub);
    if let Some(report) = hub.report() {
        let told: Vec<Message> = report
            .set_aside
            .iter()
            .map(|p| Message::new("sensor-history-set-aside").with("path", p.as_path()))
            .chain(report.trouble.clone())
            .collect();
        complain(&catalog, told.iter());
        let kept = Message::new("cli-sensors-kept")
            .with("new", report.kept.new as usize)
            .with("doubles", report.kept.doubles as usize)
            .with("corrected", report.kept.corrected as usize);
        complain(&catalog, std::iter::once(&kept));
    }
    refused.map_or(Ok(()), Err)
}

fn broker_config(args: &WatchArgs, url: &str) -> SensorConfig {
    let mqtt = MqttSource {
        url: url.to_owned(),
        client_id: args.client_id.clone().or_else(|| Some(format!("island-twin-watch-{}", std::process::id()))),
        username: None,
        ca: args.ca.clone(),
        qos: args.qos,
        persistent: args.client_id.is_some(),
        topics: vec![crate::model::sensor::TopicMap { topic: args.topic.clone(), ..usual_topic() }],
    };
    SensorConfig { version: 1, stations: Vec::new(), streams: Vec::new(), sources: vec![SourceConfig::Mqtt(mqtt)] }
}

struct Printer<'a> {
    args: &'a WatchArgs,
    network: &'a SharedNetwork,
    catalog: &'a Catalog,
}

impl Printer<'_> {
    /// Why nothing more can come, when all sources were refused.
    fn run(&self, sources: &mut [Box<dyn SensorSource>], hub: &mut Hub) -> Option<Message> {
        let mut began = Instant::now();
        let mut alarms: Vec<Alarm> = Vec::new();
        let mut conditions: Vec<Option<Condition>> = vec![None; sources.len()];
        let (mut shown, mut aside, mut messages) = (0_u64, 0_u64, 0_u64);
        let mut refused = None;
        loop {
            let mut batch = Batch::default();
            let crowded = hub.is_crowded();
            for (source, known) in sources.iter_mut().zip(&mut conditions) {
                if crowded && source.is_patient() {
                    continue;
                }
                source.poll(now_ms(), &mut batch);
                let report = source.report();
                if known.as_ref() != Some(&report.condition) {
                    self.condition(&report.title, &report.condition);
                    *known = Some(report.condition);
                }
            }
            messages += batch.messages;
            aside += batch.quarantined.len() as u64 + batch.not_kept;
            for quarantined in &batch.quarantined {
                self.quarantined(quarantined);
            }
            let room = if self.args.count > 0 { (self.args.count - shown) as usize } else { usize::MAX };
            for reading in batch.readings.iter().take(room) {
                self.reading(reading);
            }
            shown += batch.readings.len().min(room) as u64;
            hub.receive(&mut batch, now_ms());
            self.alarms(&mut alarms, &hub.board().alarms);
            // The days before now that stations are made up for do not count.
            if conditions.iter().zip(&*sources).any(|(c, s)| c == &Some(Condition::Connecting) && s.is_patient()) {
                began = Instant::now();
            }
            let late = self.args.seconds > 0.0 && began.elapsed().as_secs_f64() >= self.args.seconds;
            let enough = self.args.count > 0 && shown >= self.args.count;
            let all = |is: fn(&Condition) -> bool| conditions.iter().flatten().all(is);
            if all(|c| matches!(c, Condition::Finished | Condition::Refused(_))) {
                refused = conditions.into_iter().flatten().find_map(|c| match c {
                    Condition::Refused(message) => Some(message),
                    _ => None,
                });
                break;
            }
            if late || enough {
                break;
            }
            std::thread::sleep(TICK);
        }
        let summary = Message::new("cli-sensors-watched")
            .with("messages", messages as usize)
            .with("readings", shown as usize)
            .with("aside", aside as usize);
        complain(self.catalog, std::iter::once(&summary));
        refused
    }

    fn reading(&self, reading: &Reading) {
        if self.args.quiet {
            return;
        }
        let network = self.network.read().unwrap_or_else(PoisonError::into_inner);
        let Some(stream) = network.stream(reading.stream) else { return };
        let time = jiff::Timestamp::from_millisecond(reading.time_ms).unwrap_or_default().to_string();
        let unit = stream.property().map_or("", |p| p.unit.as_str());
        let flags = reading.flags.names();
        if self.args.json {
            let line =
                json!({ "time": time, "stream": stream.name(), "value": reading.value, "unit": unit, "flags": flags });
            say(&line.to_string());
        } else {
            let flags = if flags.is_empty() { String::new() } else { format!("  [{flags}]") };
            say(&format!("{time}  {}  {} {unit}{flags}", stream.name(), reading.value));
        }
    }

    /// What has changed among the open alarms.
    fn alarms(&self, known: &mut Vec<Alarm>, open: &[Alarm]) {
        let same = |a: &Alarm, b: &Alarm| a.name == b.name && a.rule == b.rule;
        let raised = open.iter().filter(|a| !known.iter().any(|k| same(k, a))).map(|a| ("raised", a));
        let cleared = known.iter().filter(|k| !open.iter().any(|a| same(k, a))).map(|a| ("cleared", a));
        for (event, alarm) in raised.chain(cleared) {
            if self.args.json {
                let line = json!({ "alarm": event, "stream": alarm.name, "rule": alarm.rule, "value": alarm.value });
                say(&line.to_string());
            } else {
                let message = Message::new(&format!("cli-sensors-alarm-{event}"))
                    .with("stream", alarm.name.as_str())
                    .with(
                        "rule",
                        service::message(&alarm.rule).map_or_else(|| alarm.rule.clone(), |m| self.catalog.text(&m)),
                    )
                    .with("value", alarm.value);
                say(&self.catalog.text(&message));
            }
        }
        if known.len() != open.len() || known.iter().zip(open).any(|(a, b)| !same(a, b)) {
            *known = open.to_vec();
        }
    }

    /// The national index of every air station that has one.
    fn indices(&self, hub: &Hub) {
        for (station, aqi) in &hub.board().aqi {
            for (over, index) in [("hour", &aqi.hourly), ("day", &aqi.daily)] {
                let Some(index) = index else { continue };
                let leading = index.leading.code();
                if self.args.json {
                    say(&json!({ "vn_aqi": index.index, "over": over, "station": station, "leading": leading })
                        .to_string());
                } else {
                    let message = Message::new(&format!("cli-sensors-aqi-{over}"))
                        .with("station", station.as_str())
                        .with("index", index.index)
                        .with("leading", leading);
                    complain(self.catalog, std::iter::once(&message));
                }
            }
        }
    }

    fn quarantined(&self, quarantined: &Quarantined) {
        if self.args.quiet {
            return;
        }
        if self.args.json {
            let line = json!({ "quarantined": quarantined.reason.code(), "from": quarantined.from, "excerpt": quarantined.excerpt });
            say(&line.to_string());
        } else {
            let message = Message::new("cli-sensors-quarantined")
                .with("reason", quarantined.reason.message())
                .with("from", quarantined.from.as_str())
                .with("excerpt", quarantined.excerpt.as_str());
            say(&self.catalog.text(&message));
        }
    }

    fn condition(&self, title: &str, condition: &Condition) {
        let state = match condition {
            Condition::Idle => Message::new("sensor-condition-idle"),
            Condition::Connecting => Message::new("sensor-condition-connecting"),
            Condition::Running => Message::new("sensor-condition-running"),
            Condition::Finished => Message::new("sensor-condition-finished"),
            Condition::Trouble(message) | Condition::Refused(message) => message.clone(),
        };
        let message = Message::new("cli-sensors-condition").with("source", title).with("state", state);
        complain(self.catalog, std::iter::once(&message));
    }
}
