//! Tells others of alarms: posts every change of one to an address of theirs, and publishes it to a broker of theirs. On
//! a thread of its own, so that nobody who does not answer holds anything up.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use serde_json::json;

use super::address::{Address, has_password, without_password};
use super::error::LiveError;
use super::history::contract::LogLine;
use super::mqtt::link::{LinkOptions, USUAL_PACKET};
use super::mqtt::publisher::Publisher;

/// Changes that may wait for somebody who does not answer.
const MOST_WAITING: usize = 1000;
const TIMEOUT: Duration = Duration::from_secs(10);
const RETRY: Duration = Duration::from_secs(30);
/// A change that could not be told for so often is given up.
const TRIES: u32 = 20;
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
    pub fn start(options: HeraldOptions) -> Result<Self, LiveError> {
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
                waiting: VecDeque::new(),
                tries: 0,
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
            publish = Some((Publisher::start(link)?, VecDeque::new()));
        }
        let (lines, incoming) = channel();
        let work = Work { post, publish, topic: options.topic };
        std::thread::Builder::new()
            .name("herald".to_owned())
            .spawn(move || work.run(&incoming))
            .map_err(|e| LiveError::Unreachable { reason: e.to_string(), host: String::new() })?;
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

struct Post {
    agent: ureq::Agent,
    url: String,
    waiting: VecDeque<String>,
    tries: u32,
    not_before: Option<Instant>,
}

impl Post {
    fn go_on(&mut self) {
        if self.not_before.is_some_and(|at| Instant::now() < at) {
            return;
        }
        let Some(text) = self.waiting.front() else { return };
        let answer = self.agent.post(&self.url).header("Content-Type", "application/json").send(text.as_bytes());
        self.tries += 1;
        if answer.is_ok() || self.tries >= TRIES {
            self.waiting.pop_front();
            (self.tries, self.not_before) = (0, None);
        } else {
            self.not_before = Some(Instant::now() + RETRY);
        }
    }
}

struct Work {
    post: Option<Post>,
    publish: Option<(Publisher, VecDeque<String>)>,
    topic: String,
}

impl Work {
    fn run(mut self, incoming: &Receiver<LogLine>) {
        loop {
            match incoming.recv_timeout(TICK) {
                Ok(line) => {
                    let text = as_json(&line);
                    if let Some(post) = &mut self.post {
                        keep(&mut post.waiting, text.clone());
                    }
                    if let Some((_, waiting)) = &mut self.publish {
                        keep(waiting, text);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if let Some(post) = &mut self.post {
                post.go_on();
            }
            if let Some((publisher, waiting)) = &mut self.publish {
                while waiting.front().is_some_and(|text| publisher.send(&self.topic, text.clone().into_bytes(), 1)) {
                    waiting.pop_front();
                }
            }
        }
    }
}

fn keep(waiting: &mut VecDeque<String>, text: String) {
    waiting.push_back(text);
    if waiting.len() > MOST_WAITING {
        waiting.pop_front();
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
        let herald = Herald::start(HeraldOptions { webhook: Some(url), ..HeraldOptions::default() }).unwrap();
        herald.tell(&line("raised"));
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut text = String::new();
        let mut buffer = [0; 4096];
        while !text.contains("81.5") {
            let count = stream.read(&mut buffer).unwrap();
            assert!(count > 0, "{text}");
            text.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
        stream.write_all(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n").unwrap();
        let body: serde_json::Value = serde_json::from_str(text.split("\r\n\r\n").nth(1).unwrap()).unwrap();
        assert_eq!((body["event"].as_str(), body["stream"].as_str()), (Some("raised"), Some("KK-01/pm25")));
        assert_eq!(body["time"], "2026-11-28T00:00:00Z");
        assert!(text.starts_with("POST /alarms "));
    }

    #[test]
    fn an_address_that_is_none_or_holds_a_password_is_refused() {
        let start = |webhook: &str| {
            Herald::start(HeraldOptions { webhook: Some(webhook.into()), ..HeraldOptions::default() }).err()
        };
        assert!(matches!(start("office/alarms"), Some(LiveError::BadWebAddress { .. })));
        assert!(matches!(start("https://duty:secret@office/alarms"), Some(LiveError::PasswordInFile { .. })));
        let broker = HeraldOptions { broker: Some("nonsense".into()), ..HeraldOptions::default() };
        assert!(matches!(Herald::start(broker).err(), Some(LiveError::BadAddress { .. })));
    }
}
