//! Tells others of alarms: posts every change of one to an address of theirs, and publishes it to a broker of theirs. On
//! a thread of its own, so that nobody who does not answer holds anything up. What could not be told yet is kept in the
//! history, so that it is told after the next start.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use serde_json::json;

use super::address::{Address, has_password, without_password};
use super::error::LiveError;
use super::fault;
use super::history::contract::{History, LogLine};
use super::history::keeper::Opener;
use super::mqtt::link::{LinkOptions, USUAL_PACKET};
use super::mqtt::publisher::Publisher;
use crate::base::digest::Digest;

/// Changes that may wait for somebody who does not answer.
const MOST_WAITING: usize = 1000;
const TIMEOUT: Duration = Duration::from_secs(10);
/// Waits between tries: doubled from the first to the longest while nobody answers.
const RETRY: (Duration, Duration) = (Duration::from_secs(15), Duration::from_mins(5));
/// A change that was refused so often is given up; who does not answer at all is tried for ever.
const REFUSALS: u32 = 20;
const TICK: Duration = Duration::from_millis(100);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeraldOptions {
    pub webhook: Option<String>,
    pub broker: Option<String>,
    pub topic: String,
    pub password: Option<String>,
}

pub struct Herald {
    lines: Sender<LogLine>,
}

impl Herald {
    /// # Errors
    /// When an address is not understood, or a password stands in it.
    pub fn start(options: HeraldOptions, keep: Option<Opener>) -> Result<Self, LiveError> {
        let mut post = None;
        if let Some(url) = &options.webhook {
            if has_password(url) {
                return Err(LiveError::PasswordInFile { url: without_password(url) });
            }
            if !url.starts_with("https://") && !url.starts_with("http://") {
                return Err(LiveError::BadWebAddress { url: url.clone() });
            }
            post = Some(Post {
                agent: agent(url)?,
                url: url.clone(),
                queue: Queue::new(url),
                refusals: 0,
                wait: RETRY.0,
                not_before: None,
            });
        }
        let mut publish = None;
        if let Some(url) = &options.broker {
            let link = LinkOptions {
                address: Address::mqtt(url)?,
                client_id: format!("island-twin-alarms-{}", std::process::id()),
                password: options.password.clone(),
                ca: None,
                persistent: false,
                largest_packet: USUAL_PACKET,
            };
            publish = Some((Publisher::start(link)?, Queue::new(url)));
        }
        let (lines, incoming) = channel();
        let work = Work { post, publish, topic: options.topic, store: Store { keep, history: None } };
        std::thread::Builder::new()
            .name("herald".to_owned())
            .spawn(move || work.run(&incoming))
            .map_err(|e| LiveError::Unreachable { reason: fault::of_network(&e), host: String::new() })?;
        Ok(Self { lines })
    }

    pub fn tell(&self, line: &LogLine) {
        let _ = self.lines.send(line.clone());
    }
}

fn agent(url: &str) -> Result<ureq::Agent, LiveError> {
    let mut builder = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).max_redirects(0);
    if url.starts_with("https://") {
        builder = builder.tls_config(super::sensorthings::tls_config(None)?);
    }
    Ok(builder.build().new_agent())
}

/// Where what waits is kept; without a history it waits in memory alone.
struct Store {
    keep: Option<Opener>,
    history: Option<Box<dyn History>>,
}

impl Store {
    fn open(&mut self) -> Option<&mut dyn History> {
        if self.history.is_none() {
            self.history = self.keep.as_mut().and_then(|open| open().ok()).map(|(history, _)| history);
        }
        self.history.as_mut().map(|h| &mut **h as &mut dyn History)
    }
}

fn known_as(address: &str) -> String {
    format!("{:016x}", Digest::of(address.as_bytes()).value())
}

/// What one of the others is still to be told, the oldest first.
struct Queue {
    /// Stands for the address, which may hold a key that does not belong into a history.
    whom: String,
    waiting: VecDeque<(Option<i64>, String)>,
}

impl Queue {
    fn new(address: &str) -> Self {
        Self { whom: known_as(address), waiting: VecDeque::new() }
    }

    /// What was left over when the program last ended.
    fn take_up(&mut self, store: &mut Store) {
        let left = store.open().and_then(|h| h.untold(&self.whom).ok()).unwrap_or_default();
        self.waiting.extend(left.into_iter().map(|(number, text)| (Some(number), text)));
    }

    fn push(&mut self, text: &str, store: &mut Store) {
        let number = store.open().and_then(|h| h.keep_untold(&self.whom, text).ok());
        self.waiting.push_back((number, text.to_owned()));
        if self.waiting.len() > MOST_WAITING {
            self.pop(store);
        }
    }

    fn first(&self) -> Option<&str> {
        self.waiting.front().map(|(_, text)| text.as_str())
    }

    fn pop(&mut self, store: &mut Store) {
        if let Some((Some(number), _)) = self.waiting.pop_front()
            && let Some(history) = store.open()
        {
            // If this fails it is told twice, which is better than never.
            let _ = history.told(number);
        }
    }
}

struct Post {
    agent: ureq::Agent,
    url: String,
    queue: Queue,
    refusals: u32,
    wait: Duration,
    not_before: Option<Instant>,
}

impl Post {
    fn go_on(&mut self, store: &mut Store) {
        if self.not_before.is_some_and(|at| Instant::now() < at) {
            return;
        }
        let Some(text) = self.queue.first() else { return };
        let post = self.agent.post(&self.url).header("Content-Type", "application/json");
        let answer = post.send(text.as_bytes());
        if matches!(answer, Err(ureq::Error::StatusCode(_))) {
            self.refusals += 1;
        }
        if answer.is_ok() || self.refusals >= REFUSALS {
            self.queue.pop(store);
            (self.refusals, self.wait, self.not_before) = (0, RETRY.0, None);
        } else {
            self.not_before = Some(Instant::now() + self.wait);
            self.wait = (self.wait * 2).min(RETRY.1);
        }
    }
}

struct Work {
    post: Option<Post>,
    publish: Option<(Publisher, Queue)>,
    topic: String,
    store: Store,
}

impl Work {
    fn run(mut self, incoming: &Receiver<LogLine>) {
        let queues = self.post.iter_mut().map(|p| &mut p.queue).chain(self.publish.iter_mut().map(|(_, q)| q));
        for queue in queues {
            queue.take_up(&mut self.store);
        }
        loop {
            match incoming.recv_timeout(TICK) {
                Ok(line) => self.push(&line),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            // All of a burst is safe before anybody is waited for.
            for line in incoming.try_iter() {
                self.push(&line);
            }
            if let Some(post) = &mut self.post {
                post.go_on(&mut self.store);
            }
            if let Some((publisher, queue)) = &mut self.publish {
                while queue.first().is_some_and(|text| publisher.send(&self.topic, text.as_bytes().to_vec(), 1)) {
                    queue.pop(&mut self.store);
                }
            }
        }
    }

    fn push(&mut self, line: &LogLine) {
        let text = as_json(line);
        if let Some(post) = &mut self.post {
            post.queue.push(&text, &mut self.store);
        }
        if let Some((_, queue)) = &mut self.publish {
            queue.push(&text, &mut self.store);
        }
    }
}

fn as_json(line: &LogLine) -> String {
    let time = jiff::Timestamp::from_millisecond(line.time_ms).unwrap_or_default().to_string();
    json!({
        "time": time, "event": line.event, "stream": line.stream, "rule": line.rule, "value": line.value,
        "who": line.who, "note": line.note,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::super::history::keeper::in_file;

    fn line(event: &str) -> LogLine {
        LogLine {
            time_ms: 1_795_824_000_000,
            stream: "KK-01/pm25".into(),
            rule: "QCVN 05:2023/BTNMT 24 h".into(),
            event: event.into(),
            value: 81.5,
            who: String::new(),
            note: String::new(),
        }
    }

    #[test]
    fn an_alarm_is_posted_as_json_with_everything_that_is_known() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/alarms", listener.local_addr().unwrap());
        let herald = Herald::start(HeraldOptions { webhook: Some(url), ..HeraldOptions::default() }, None).unwrap();
        herald.tell(&line("raised"));
        let text = take_post(&listener);
        let body: serde_json::Value = serde_json::from_str(text.split("\r\n\r\n").nth(1).unwrap()).unwrap();
        assert_eq!((body["event"].as_str(), body["stream"].as_str()), (Some("raised"), Some("KK-01/pm25")));
        assert_eq!(body["time"], "2026-11-28T00:00:00Z");
        assert!(text.starts_with("POST /alarms "));
    }

    /// Takes one request and answers it; what was in it.
    fn take_post(listener: &TcpListener) -> String {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let (mut text, mut buffer) = (String::new(), [0; 4096]);
        while !text.contains("81.5") {
            let count = stream.read(&mut buffer).unwrap();
            assert!(count > 0, "{text}");
            text.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
        stream.write_all(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
        text
    }

    /// Nobody answers, the program ends; after the next start it is told, once.
    #[test]
    fn what_could_not_be_told_is_told_after_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("h.db");
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/alarms", listener.local_addr().unwrap());
        let options = HeraldOptions { webhook: Some(url.clone()), ..HeraldOptions::default() };
        let waiting = || {
            let history = super::super::history::sqlite::SqliteHistory::open(&path);
            history.map_or(usize::MAX, |(mut h, _)| h.untold(&known_as(&url)).map_or(usize::MAX, |u| u.len()))
        };
        let until = |what: usize| {
            let end = Instant::now() + Duration::from_secs(20);
            while waiting() != what {
                assert!(Instant::now() < end, "{} wait, not {what}", waiting());
                std::thread::sleep(Duration::from_millis(20));
            }
        };
        let herald = Herald::start(options.clone(), Some(in_file(&path))).unwrap();
        herald.tell(&line("raised"));
        herald.tell(&line("cleared"));
        // The first try is hung up on; the next one would come after a while.
        drop(listener.accept().unwrap());
        until(2);
        drop(herald);
        let herald = Herald::start(options, Some(in_file(&path))).unwrap();
        for event in ["raised", "cleared"] {
            let told = take_post(&listener);
            assert!(told.contains(&format!("\"event\":\"{event}\"")), "{told}");
        }
        until(0);
        drop(herald);
    }

    #[test]
    fn an_address_that_is_none_or_holds_a_password_is_refused() {
        let start = |webhook: &str| {
            Herald::start(HeraldOptions { webhook: Some(webhook.into()), ..HeraldOptions::default() }, None).err()
        };
        assert!(matches!(start("office/alarms"), Some(LiveError::BadWebAddress { .. })));
        assert!(matches!(start("https://duty:secret@office/alarms"), Some(LiveError::PasswordInFile { .. })));
        let broker = HeraldOptions { broker: Some("nonsense".into()), ..HeraldOptions::default() };
        assert!(matches!(Herald::start(broker, None).err(), Some(LiveError::BadAddress { .. })));
    }
}
