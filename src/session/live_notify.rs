//! Who is told of alarms beside the window: the desktop, and others over the network. All of it is off until the user
//! says otherwise, and the words are the user's own, never a project's.

use std::process::{Command as Process, Stdio};

use serde::{Deserialize, Serialize};

use super::apply::Session;
use super::notice::Level;
use crate::base::message::{Message, ToMessage};
use crate::live::alarm::desk::Alarm;
use crate::live::alarm::service;
use crate::live::desk::Wish;
use crate::live::herald::{Herald, HeraldOptions};
use crate::live::history::place::opener;
use crate::live::secret;
use crate::model::sensor::Stream;
use crate::text::Catalog;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NotifySettings {
    /// A message of the desktop for every new alarm.
    pub desktop: bool,
    pub sound: bool,
    /// Whether others are told at all.
    pub others: bool,
    /// "https://office.example/alarms": every change of an alarm is posted there as JSON.
    pub webhook: String,
    /// "mqtt://broker:1883": the same is published there.
    pub broker: String,
    pub topic: String,
}

/// At most so many messages of the desktop at once.
const MOST_MESSAGES: usize = 3;

impl Session {
    pub(super) fn set_notify(&mut self, notify: NotifySettings) {
        self.settings.change(|s| s.notify = notify);
        self.apply_notify();
    }

    /// Starts or ends telling others, as the settings say.
    pub(super) fn apply_notify(&mut self) {
        let notify = self.settings.get().notify.clone();
        let Some(running) = &self.live.running else { return };
        if !notify.others {
            running.desk.wish(Wish::Tell(None));
            return;
        }
        let options = HeraldOptions {
            webhook: Some(notify.webhook.trim().to_owned()).filter(|w| !w.is_empty()),
            broker: Some(notify.broker.trim().to_owned()).filter(|b| !b.is_empty()),
            topic: if notify.topic.trim().is_empty() { "island-twin/alarms".to_owned() } else { notify.topic.clone() },
            password: Some(notify.broker.as_str()).filter(|b| !b.is_empty()).and_then(secret::find),
        };
        let keep = running.history.as_deref().map(opener);
        match Herald::start(options, keep) {
            Ok(herald) => running.desk.wish(Wish::Tell(Some(herald))),
            Err(error) => self.notices.push(Level::Error, error.to_message(), None, None),
        }
    }

    /// Tells the desktop of alarms that were raised since the last look.
    pub(super) fn tell_new_alarms(&mut self) {
        let newest = self.live.board.alarms.iter().map(|a| a.raised_ms).max().unwrap_or(i64::MIN);
        // What was open when the program started is on the screen; it is not told again.
        let Some(told) = self.live.told_ms else {
            if self.live.board.now_ms > 0 {
                self.live.told_ms = Some(newest.max(self.live.board.now_ms));
            }
            return;
        };
        if newest <= told {
            return;
        }
        self.live.told_ms = Some(newest);
        let notify = self.settings.get().notify.clone();
        if !notify.desktop && !notify.sound {
            return;
        }
        let catalog = Catalog::load(self.language());
        let fresh: Vec<&Alarm> = self.live.board.alarms.iter().filter(|a| a.raised_ms > told).collect();
        if notify.desktop {
            for alarm in fresh.iter().take(MOST_MESSAGES) {
                let property = self.live.network.stream(alarm.stream).and_then(Stream::property);
                let (decimals, unit) = property.map_or((1, ""), |p| (p.decimals, p.unit.as_str()));
                let words = Message::new("session-live-alarm")
                    .with("stream", alarm.name.as_str())
                    .with("value", format!("{} {unit}", catalog.number(alarm.value, decimals)))
                    .with(
                        "rule",
                        service::message(&alarm.rule).map_or_else(|| alarm.rule.clone(), |m| catalog.text(&m)),
                    );
                desktop_message(&catalog.get("session-live-alarm-title"), &catalog.text(&words));
            }
        }
        if notify.sound {
            ring();
        }
    }
}

/// Where the desktop has no such tool, nothing happens: the alarm is in the window.
fn desktop_message(title: &str, text: &str) {
    start(Process::new("notify-send").args(["--app-name=island-twin", "--urgency=critical", "--", title, text]));
}

fn ring() {
    if !start(Process::new("canberra-gtk-play").args(["--id=alarm-clock-elapsed"])) {
        start(Process::new("paplay").arg("/usr/share/sounds/freedesktop/stereo/alarm-clock-elapsed.oga"));
    }
}

fn start(process: &mut Process) -> bool {
    let child = process.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let Ok(mut child) = child else { return false };
    // Somebody has to wait for it, or it stays behind as a zombie; the picture must not.
    let waiter = std::thread::Builder::new().name("notify".to_owned()).spawn(move || child.wait().map(|_| ()));
    waiter.is_ok()
}
