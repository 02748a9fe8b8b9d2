//! Readings from a broker: the connection is kept up, whatever happens to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::super::address::{Address, without_password};
use super::super::backoff::Backoff;
use super::super::batch::Batch;
use super::super::decode::Decoder;
use super::super::error::LiveError;
use super::super::fault;
use super::super::source::{Condition, Outbox, SensorSource, SourceReport};
use super::link::{ANY_PACKET, Ended, Happened, Link, LinkOptions, USUAL_PACKET};
use crate::base::digest::Digest;
use crate::base::message::{Message, ToMessage};
use crate::model::sensor::MqttSource;

/// Runs on a thread of its own until it is dropped.
pub struct MqttFeed {
    outbox: Outbox,
    stop: Arc<AtomicBool>,
}

impl MqttFeed {
    /// Starts to listen to a broker. The password comes from the user, never from a file.
    ///
    /// # Errors
    /// When the address cannot be understood, or there is no thread.
    pub fn start(config: &MqttSource, password: Option<String>, decoder: Decoder) -> Result<Self, LiveError> {
        let mut address = Address::mqtt(&config.url)?;
        if config.username.is_some() {
            address.username.clone_from(&config.username);
        }
        let host = format!("{}:{}", address.host, address.port);
        let client_id = config.client_id.clone().unwrap_or_else(|| own_client_id(&config.url));
        let options = LinkOptions {
            address,
            client_id,
            password,
            ca: config.ca.clone(),
            persistent: config.persistent,
            largest_packet: USUAL_PACKET,
        };
        let outbox = Outbox::new(&without_password(&config.url));
        let stop = Arc::new(AtomicBool::new(false));
        let keeper = Keeper { options, qos: config.qos, decoder, outbox: outbox.clone(), stop: stop.clone() };
        std::thread::Builder::new()
            .name("mqtt".to_owned())
            .spawn(move || keeper.run())
            .map_err(|e| LiveError::Unreachable { reason: fault::of_network(&e), host })?;
        Ok(Self { outbox, stop })
    }
}

impl Drop for MqttFeed {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

impl SensorSource for MqttFeed {
    fn poll(&mut self, _now_ms: i64, out: &mut Batch) {
        self.outbox.drain(out);
    }

    fn report(&self) -> SourceReport {
        self.outbox.report()
    }
}

/// The same for this machine, user and broker each time, so that a broker that keeps a session finds it again.
fn own_client_id(url: &str) -> String {
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let user = std::env::var("USER").unwrap_or_default();
    format!("island-twin-{:012x}", Digest::of(format!("{host}|{user}|{url}").as_bytes()).value() & 0xffff_ffff_ffff)
}

struct Keeper {
    options: LinkOptions,
    qos: u8,
    decoder: Decoder,
    outbox: Outbox,
    stop: Arc<AtomicBool>,
}

impl Keeper {
    fn run(mut self) {
        let mut backoff = Backoff::new(Digest::of(self.options.client_id.as_bytes()).value());
        while !self.stopped() {
            self.outbox.tell(|r| {
                r.connects += 1;
                // A trouble stays in sight until the connection stands.
                if !matches!(r.condition, Condition::Trouble(_)) {
                    r.condition = Condition::Connecting;
                }
            });
            let (ended, stood) = self.connection();
            if stood {
                // However short it lived: the broker is back, and the next wait is a second all the same.
                backoff.reset();
            }
            match ended {
                Ended::Closed if self.stopped() => break,
                Ended::Closed => {}
                Ended::TooLarge => {
                    self.options.largest_packet = ANY_PACKET;
                    self.outbox.condition(Condition::Trouble(Message::new("sensor-huge-packet")));
                }
                Ended::Error(error) if error.may_pass() => {
                    self.outbox.condition(Condition::Trouble(error.to_message()));
                }
                Ended::Error(error) => {
                    // A wrong password tried again and again locks accounts; a wrong certificate does not heal soon.
                    self.outbox.condition(Condition::Refused(error.to_message()));
                    return;
                }
            }
            self.wait(backoff.next_wait());
        }
    }

    /// One connection from beginning to end; whether it ever stood.
    fn connection(&mut self) -> (Ended, bool) {
        let mut link = match Link::new(&self.options) {
            Ok(link) => link,
            Err(error) => return (Ended::Error(error), false),
        };
        let handle = link.handle();
        let filters = self.decoder.filters();
        let mut stood = false;
        loop {
            if self.stopped() {
                handle.close();
                // Lets the farewell out; the broker need not answer.
                let _ = link.wait();
                return (Ended::Closed, stood);
            }
            match link.wait() {
                Ok(Happened::Connected) => {
                    stood = true;
                    // Always: a broker that lost its sessions does not say so.
                    if !filters.is_empty() && !handle.subscribe(&filters, self.qos) {
                        return (Ended::Closed, stood);
                    }
                }
                Ok(Happened::Subscribed { refused }) => self.outbox.tell(|r| {
                    r.connected += 1;
                    r.condition = if refused == 0 {
                        Condition::Running
                    } else {
                        Condition::Trouble(Message::new("sensor-subscription-refused").with("count", refused))
                    };
                }),
                Ok(Happened::Message { topic, payload }) => {
                    let now_ms = jiff::Timestamp::now().as_millisecond();
                    let decoder = &mut self.decoder;
                    self.outbox.fill(|batch| decoder.decode(&topic, &payload, now_ms, batch));
                    while self.outbox.is_full() && !self.stopped() {
                        std::thread::sleep(Duration::from_millis(5));
                    }
                }
                Ok(Happened::Delivered | Happened::Nothing) => {}
                Err(ended) => return (ended, stood),
            }
        }
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn wait(&self, time: Duration) {
        let end = Instant::now() + time;
        while !self.stopped() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(50).min(end.saturating_duration_since(Instant::now())));
        }
    }
}
