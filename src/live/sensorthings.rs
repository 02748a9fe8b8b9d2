//! OGC SensorThings API 1.1 (OGC 18-088) over HTTP: the Datastreams of a service, then their new Observations, page by
//! page.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

use super::address::{has_password, without_password};
use super::backoff::Backoff;
use super::batch::{Batch, Quarantined, Reason};
use super::decode::{SharedNetwork, find, learn, reason_of_time};
use super::error::LiveError;
use super::fault;
use super::moment::Clock;
use super::payload::{ValueError, number};
use super::source::{Condition, Outbox, SensorSource, SourceReport};
use super::tls;
use super::unit::reading_in;
use crate::base::digest::Digest;
use crate::base::message::{Message, ToMessage};
use crate::model::norm::{Property, PropertyTable};
use crate::model::sensor::{Reading, SensorThingsSource, StreamKey};

const LARGEST_ANSWER: u64 = 32 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_secs(30);
/// A service whose pages never end is not followed for ever.
const MOST_PAGES: usize = 10_000;
/// Readings that may come late are asked for again; what is known is a double.
const OVERLAP_MS: i64 = 10 * 60_000;

/// One series of a service.
#[derive(Debug, Clone, PartialEq)]
struct Datastream {
    /// As it stands in a path: `12` or `'a b'`.
    id: String,
    stream: StreamKey,
    property: &'static Property,
    unit: String,
    /// Where the next question begins.
    since_ms: i64,
}

/// Asks a service.
pub struct Service {
    agent: ureq::Agent,
    root: String,
    host: String,
    authorization: Option<String>,
    page: u32,
}

impl Service {
    /// # Errors
    /// When the address or the certificates cannot be used.
    pub fn new(config: &SensorThingsSource, password: Option<&str>) -> Result<Self, LiveError> {
        let bad = || LiveError::BadAddress { url: without_password(&config.url) };
        let secure = match config.url.split_once("://") {
            Some(("https", _)) => true,
            Some(("http", _)) => false,
            _ => return Err(bad()),
        };
        if has_password(&config.url) {
            return Err(LiveError::PasswordInFile { url: without_password(&config.url) });
        }
        let host = config.url.split('/').nth(2).filter(|h| !h.is_empty()).ok_or_else(bad)?.to_owned();
        let mut builder = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false);
        if secure {
            builder = builder.tls_config(tls_config(config.ca.as_deref())?);
        }
        let authorization = config
            .username
            .as_ref()
            .map(|name| format!("Basic {}", base64(format!("{name}:{}", password.unwrap_or_default()).as_bytes())));
        let root = format!("{}/{}", config.url.trim_end_matches('/'), config.version.trim_matches('/'));
        Ok(Self { agent: builder.build().new_agent(), root, host, authorization, page: config.page.clamp(1, 100_000) })
    }

    /// All entries of a collection, following its pages; they must stay on the service they came from.
    fn all(&self, question: &str, take: &mut dyn FnMut(&Value)) -> Result<(), LiveError> {
        let mut next = Some(format!("{}/{question}", self.root));
        let mut seen = BTreeSet::new();
        while let Some(url) = next.take() {
            if !seen.insert(Digest::of(url.as_bytes()).value()) || seen.len() > MOST_PAGES {
                return Err(self.protocol("its pages go round in circles"));
            }
            let page = self.get(&url)?;
            let Some(values) = page.get("value").and_then(Value::as_array) else {
                return Err(self.protocol("no list of values in the answer"));
            };
            values.iter().for_each(&mut *take);
            next = page.get("@iot.nextLink").and_then(Value::as_str).map(str::to_owned);
            if let Some(link) = &mut next {
                // Some services stand behind another name than they know of; credentials go to no other host.
                let path = link
                    .split_once("://")
                    .and_then(|(_, rest)| rest.split_once('/'))
                    .map(|(h, p)| (h.to_owned(), p.to_owned()));
                match path {
                    Some((host, _)) if host == self.host => {}
                    Some((_, path)) => {
                        let scheme = self.root.split("://").next().unwrap_or("https");
                        *link = format!("{scheme}://{}/{path}", self.host);
                    }
                    None => *link = format!("{}/{}", self.root, link.trim_start_matches('/')),
                }
            }
        }
        Ok(())
    }

    fn get(&self, url: &str) -> Result<Value, LiveError> {
        let mut request = self.agent.get(url).header("Accept", "application/json");
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        let mut answer = request.call().map_err(|e| self.explain(&e))?;
        match answer.status().as_u16() {
            200..=299 => {}
            401 | 403 => return Err(LiveError::WrongPassword { host: self.host.clone() }),
            status => return Err(self.protocol(&format!("HTTP {status}"))),
        }
        let body = answer.body_mut().with_config().limit(LARGEST_ANSWER).read_to_vec().map_err(|e| self.explain(&e))?;
        super::payload::parse(&body).map_err(|e| self.protocol(&format!("not JSON: {e}")))
    }

    fn protocol(&self, reason: &str) -> LiveError {
        LiveError::Protocol { reason: reason.to_owned(), host: self.host.clone() }
    }

    fn unreachable(&self, reason: &str) -> LiveError {
        LiveError::Unreachable { reason: Message::new(reason), host: self.host.clone() }
    }

    fn explain(&self, error: &ureq::Error) -> LiveError {
        match error {
            ureq::Error::Rustls(error) => tls::explain(error, &self.host),
            ureq::Error::Io(error) => tls::explain_io(error, &self.host),
            ureq::Error::HostNotFound => self.unreachable("sensor-net-no-name"),
            ureq::Error::ConnectionFailed => self.unreachable("sensor-net-refused"),
            ureq::Error::Timeout(_) => self.unreachable("sensor-net-slow"),
            other => LiveError::Protocol { reason: other.to_string(), host: self.host.clone() },
        }
    }

    /// The Datastreams whose station and quantity are known, with what was not taken and why.
    fn datastreams(
        &self,
        network: &SharedNetwork,
        learns: bool,
        since_ms: i64,
        out: &mut Batch,
    ) -> Result<Vec<Datastream>, LiveError> {
        let mut found = Vec::new();
        let question = "Datastreams?$expand=Thing,ObservedProperty&$top=100";
        self.all(question, &mut |entry| {
            if let Some(stream) = datastream(entry, network, learns, since_ms) {
                found.push(stream);
            } else {
                let name = entry.get("name").and_then(Value::as_str).unwrap_or("?");
                let from = format!("{} Datastream {name}", self.host);
                out.put_aside(Quarantined::new(Reason::UnknownStream, now_ms(), &from, entry.to_string().as_bytes()));
            }
        })?;
        Ok(found)
    }

    /// New observations of one Datastream.
    fn observations(&self, stream: &mut Datastream, clock: Clock, out: &mut Batch) -> Result<(), LiveError> {
        let since = jiff::Timestamp::from_millisecond(stream.since_ms - OVERLAP_MS).unwrap_or_default();
        let question = format!(
            "Datastreams({})/Observations?$filter=phenomenonTime%20gt%20{since}&$orderby=phenomenonTime%20asc\
             &$select=result,phenomenonTime&$top={}",
            stream.id, self.page
        );
        let from = format!("{} Datastreams({})", self.host, stream.id);
        let mut newest = stream.since_ms;
        let result = self.all(&question, &mut |entry| {
            out.messages += 1;
            match reading(entry, stream, clock) {
                Ok(reading) => {
                    newest = newest.max(reading.time_ms.min(now_ms()));
                    out.readings.push(reading);
                }
                Err(reason) => out.put_aside(Quarantined::new(reason, now_ms(), &from, entry.to_string().as_bytes())),
            }
        });
        stream.since_ms = newest;
        result
    }
}

pub(super) fn tls_config(ca: Option<&Path>) -> Result<TlsConfig, LiveError> {
    let path = match ca {
        Some(path) => path.to_owned(),
        None => tls::system_bundle()?,
    };
    let roots: Vec<Certificate<'static>> =
        tls::authorities(&path)?.iter().map(|c| Certificate::from_der(c).to_owned()).collect();
    Ok(TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .root_certs(RootCerts::new_with_certs(&roots))
        .build())
}

fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

fn datastream(entry: &Value, network: &SharedNetwork, learns: bool, since_ms: i64) -> Option<Datastream> {
    let id = match entry.get("@iot.id")? {
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("'{}'", text.replace('\'', "''").replace(' ', "%20")),
        _ => return None,
    };
    let thing = entry.get("Thing")?;
    let text = |v: &Value, key: &str| v.get(key).and_then(Value::as_str).map(str::to_owned);
    let observed = entry.get("ObservedProperty")?;
    let names = [text(observed, "name"), text(observed, "definition"), text(entry, "name")];
    let property = names.iter().flatten().find_map(|name| property_called(name))?;
    // A Thing is a station by its code where it has one, else by its name.
    let codes = [thing.pointer("/properties/code"), thing.pointer("/properties/id"), thing.get("name")];
    let stations: Vec<&str> = codes.iter().filter_map(|c| c.and_then(Value::as_str)).collect();
    let known = stations.iter().find_map(|s| find(network, &format!("{s}/{}", property.code)));
    let stream = known.or_else(|| if learns { learn(network, stations.first()?, &property.code) } else { None })?;
    let unit = entry.get("unitOfMeasurement")?;
    let unit = text(unit, "symbol").or_else(|| text(unit, "name")).unwrap_or_default();
    Some(Datastream { id, stream, property, unit, since_ms })
}

/// The property that a service means by a name: "PM2.5", "http://…/pm25", "Air Temperature".
#[must_use]
pub fn property_called(name: &str) -> Option<&'static Property> {
    let plain = |text: &str| -> String {
        let last = text.rsplit(['/', '#']).next().unwrap_or(text);
        last.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let wanted = plain(name);
    let table = &PropertyTable::standard().properties;
    let same = |p: &&Property| plain(&p.code) == wanted || plain(&p.title.en) == wanted || plain(&p.title.vi) == wanted;
    table.iter().find(same).or_else(|| {
        const ALIASES: [(&str, &str); 10] = [
            ("ozone", "o3"),
            ("nitrogendioxide", "no2"),
            ("sulphurdioxide", "so2"),
            ("sulfurdioxide", "so2"),
            ("carbonmonoxide", "co"),
            ("relativehumidity", "humidity"),
            ("temp", "temperature"),
            ("windspeed", "wind_speed"),
            ("winddirection", "wind_from"),
            ("dissolvedoxygen", "do"),
        ];
        let code = ALIASES.iter().find(|(alias, _)| *alias == wanted)?.1;
        PropertyTable::standard().get(code)
    })
}

fn reading(entry: &Value, stream: &Datastream, clock: Clock) -> Result<Reading, Reason> {
    let time = entry.get("phenomenonTime").ok_or(Reason::BadTime)?;
    let (time_ms, flags) = clock.read(time, now_ms()).map_err(reason_of_time)?;
    let (value, doubt) = number(entry.get("result").ok_or(Reason::NoValue)?).map_err(|e| match e {
        ValueError::Missing => Reason::Missing,
        ValueError::NotANumber => Reason::NotANumber,
    })?;
    let (value, flags) = reading_in(stream.property, value, &stream.unit, flags.with(doubt))?;
    Ok(Reading { stream: stream.stream, time_ms, value, flags })
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |w, b| w << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            let digit = DIGITS[(word >> (18 - 6 * i) & 63) as usize];
            text.push(if i <= chunk.len() { digit as char } else { '=' });
        }
    }
    text
}

/// Asks a service again and again, on a thread of its own until it is dropped.
pub struct SensorThingsFeed {
    outbox: Outbox,
    stop: Arc<AtomicBool>,
}

impl SensorThingsFeed {
    /// # Errors
    /// When the address or the certificates cannot be used, or there is no thread.
    pub fn start(
        config: &SensorThingsSource,
        password: Option<&str>,
        network: SharedNetwork,
        clock: Clock,
        learns: bool,
    ) -> Result<Self, LiveError> {
        let service = Service::new(config, password)?;
        let outbox = Outbox::new(&without_password(&config.url));
        let stop = Arc::new(AtomicBool::new(false));
        let host = service.host.clone();
        let asker = Asker {
            service,
            network,
            clock,
            learns,
            every: Duration::from_secs_f64(config.every_s.clamp(0.2, 86_400.0)),
            since_ms: now_ms() - (config.backfill_h * 3_600_000.0) as i64,
            outbox: outbox.clone(),
            stop: stop.clone(),
        };
        std::thread::Builder::new()
            .name("sensorthings".to_owned())
            .spawn(move || asker.run())
            .map_err(|e| LiveError::Unreachable { reason: fault::of_network(&e), host })?;
        Ok(Self { outbox, stop })
    }
}

impl Drop for SensorThingsFeed {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

impl SensorSource for SensorThingsFeed {
    fn poll(&mut self, _now_ms: i64, out: &mut Batch) {
        self.outbox.drain(out);
    }

    fn report(&self) -> SourceReport {
        self.outbox.report()
    }
}

struct Asker {
    service: Service,
    network: SharedNetwork,
    clock: Clock,
    learns: bool,
    every: Duration,
    since_ms: i64,
    outbox: Outbox,
    stop: Arc<AtomicBool>,
}

impl Asker {
    fn run(mut self) {
        let mut backoff = Backoff::new(Digest::of(self.service.root.as_bytes()).value());
        let mut known: Option<BTreeMap<String, Datastream>> = None;
        while !self.stop.load(Ordering::Relaxed) {
            self.outbox.tell(|r| r.connects += 1);
            let pause = match self.round(&mut known) {
                Ok(()) => {
                    backoff.reset();
                    self.outbox.tell(|r| {
                        r.connected += 1;
                        r.condition = Condition::Running;
                    });
                    self.every
                }
                Err(error) if error.may_pass() => {
                    self.outbox.condition(Condition::Trouble(error.to_message()));
                    backoff.next_wait()
                }
                Err(error) => {
                    self.outbox.condition(Condition::Refused(error.to_message()));
                    return;
                }
            };
            let end = Instant::now() + pause;
            while !self.stop.load(Ordering::Relaxed) && Instant::now() < end {
                std::thread::sleep(Duration::from_millis(50).min(end.saturating_duration_since(Instant::now())));
            }
        }
    }

    fn round(&mut self, known: &mut Option<BTreeMap<String, Datastream>>) -> Result<(), LiveError> {
        let mut batch = Batch::default();
        let streams = if let Some(streams) = known {
            streams
        } else {
            let found = self.service.datastreams(&self.network, self.learns, self.since_ms, &mut batch)?;
            known.insert(found.into_iter().map(|d| (d.id.clone(), d)).collect())
        };
        let mut result = Ok(());
        for stream in streams.values_mut() {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            result = self.service.observations(stream, self.clock, &mut batch);
            self.outbox.fill(|waiting| waiting.absorb(&mut batch));
            if result.is_err() {
                break;
            }
        }
        self.outbox.fill(|waiting| waiting.absorb(&mut batch));
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn properties_are_known_by_many_names() {
        for (name, code) in [
            ("PM2.5", "pm25"),
            ("http://example.org/props#PM10", "pm10"),
            ("Nitrogen Dioxide", "no2"),
            ("Độ đục", "turbidity"),
            ("Air temperature", "temperature"),
        ] {
            assert_eq!(property_called(name).map(|p| p.code.as_str()), Some(code), "{name}");
        }
        assert!(property_called("happiness").is_none());
    }
}
