//! Where readings come from and how it goes: connections, the choice of a source, counters, what was put aside, faults to
//! try out, and who else is told of alarms.

use egui::{Button, ComboBox, DragValue, Label, RichText, TextEdit, Ui};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::files::{FileDialogs, Pick};
use super::live_words::clock;
use super::widgets::{card, primary_button};
use crate::base::message::Message;
use crate::live::config::usual_topic;
use crate::live::simulated::FaultKind;
use crate::live::source::Condition;
use crate::model::sensor::{FolderSource, MqttSource, SensorThingsSource, SimulatedSource, SourceConfig, TopicMap};
use crate::session::command::Command;
use crate::session::live::LiveCommand;
use crate::session::live_notify::NotifySettings;

/// Put-aside messages that are listed.
const ASIDE_SHOWN: usize = 12;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Simulated,
    Folder,
    Mqtt,
    Things,
}

const KINDS: [(Kind, &str); 4] = [
    (Kind::Simulated, "ui-live-source-simulated"),
    (Kind::Folder, "ui-live-source-folder"),
    (Kind::Mqtt, "ui-live-source-mqtt"),
    (Kind::Things, "ui-live-source-things"),
];

/// What is being typed about a source.
pub(super) struct SourceForm {
    kind: Kind,
    url: String,
    topic: String,
    username: String,
    password: String,
    remember: bool,
    ca: String,
    version: String,
    speed: f64,
    fault: FaultKind,
    fault_at: String,
    notify: Option<NotifySettings>,
}

impl Default for SourceForm {
    fn default() -> Self {
        Self {
            kind: Kind::default(),
            url: String::new(),
            topic: usual_topic().topic,
            username: String::new(),
            password: String::new(),
            remember: false,
            ca: String::new(),
            version: "v1.1".to_owned(),
            speed: 60.0,
            fault: FaultKind::High,
            fault_at: "KK-01/pm25".to_owned(),
            notify: None,
        }
    }
}

impl SourceForm {
    pub(super) fn show(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, files: &mut FileDialogs) {
        connections(ui, cx);
        ui.add_space(6.0);
        self.choose(ui, cx, files);
        if cx.session.live().is_simulated() {
            ui.add_space(6.0);
            self.faults(ui, cx);
        }
        ui.add_space(6.0);
        counters(ui, cx);
        ui.add_space(6.0);
        self.others(ui, cx);
    }

    /// The choice of a source. Nothing is contacted before the button is pressed.
    pub(super) fn choose(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, files: &mut FileDialogs) {
        card(&cx.palette).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label(cx.strong(cx.tr("ui-live-choose-source")));
            ui.horizontal_wrapped(|ui| {
                for (kind, key) in KINDS {
                    ui.selectable_value(&mut self.kind, kind, cx.tr(key));
                }
            });
            match self.kind {
                Kind::Simulated => self.simulated(ui, cx),
                Kind::Folder => self.folder(ui, cx, files),
                Kind::Mqtt | Kind::Things => self.network(ui, cx),
            }
        });
    }

    fn simulated(&self, ui: &mut Ui, cx: &mut Cx<'_>) {
        ui.add(Label::new(cx.weak(cx.tr("ui-live-simulated-hint"))).wrap());
        if primary_button(ui, &cx.palette, cx.tr("ui-live-use")).clicked() {
            self.push(cx, SourceConfig::Simulated(SimulatedSource { seed: 1 }), None);
        }
    }

    fn folder(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, files: &mut FileDialogs) {
        ui.add(Label::new(cx.weak(cx.tr("ui-live-folder-hint"))).wrap());
        ui.horizontal(|ui| {
            ui.label(cx.weak(cx.tr("ui-live-speed")));
            let speed = DragValue::new(&mut self.speed).range(0.0..=100_000.0).speed(10.0);
            ui.add(speed.custom_formatter(cx.formatter(0)).prefix("× ")).on_hover_text(cx.tr("ui-live-speed-hint"));
        });
        let speed = self.speed;
        let then = move |path| {
            let source = SourceConfig::Folder(FolderSource { path, speed, unit: None, generated: false });
            Command::Live(LiveCommand::UseSource { source: Box::new(source), password: None, remember: false })
        };
        ui.horizontal_wrapped(|ui| {
            if ui.button(format!("{}  {}", icon::FILE_CSV, cx.tr("ui-live-pick-file"))).clicked() {
                files.pick(cx, Pick::open("ui-live-pick-file", "ui-filter-tables", &["csv", "txt"], then));
            }
            if ui.button(format!("{}  {}", icon::FOLDER_OPEN, cx.tr("ui-live-pick-folder"))).clicked() {
                files.pick_folder(cx, "ui-live-pick-folder", then);
            }
        });
    }

    fn network(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let mqtt = self.kind == Kind::Mqtt;
        let line = |ui: &mut Ui, name: String, text: &mut String, hint: &str, secret: bool| {
            ui.horizontal(|ui| {
                ui.allocate_ui(egui::vec2(92.0, 18.0), |ui| {
                    ui.set_width(92.0);
                    ui.label(cx.weak(name));
                });
                ui.add(TextEdit::singleline(text).hint_text(hint).password(secret).desired_width(f32::INFINITY));
            });
        };
        let hint = if mqtt { "mqtts://broker.example:8883" } else { "https://frost.example/FROST-Server" };
        line(ui, cx.tr("ui-live-address"), &mut self.url, hint, false);
        if mqtt {
            line(ui, cx.tr("ui-live-topic"), &mut self.topic, "phuquoc/{station}/{property}", false);
        } else {
            line(ui, cx.tr("ui-live-version"), &mut self.version, "v1.1", false);
        }
        line(ui, cx.tr("ui-live-username"), &mut self.username, "", false);
        line(ui, cx.tr("ui-live-password"), &mut self.password, "", true);
        line(ui, cx.tr("ui-live-ca"), &mut self.ca, "ca.pem", false);
        ui.checkbox(&mut self.remember, cx.tr("ui-live-remember"));
        let ready = !self.url.trim().is_empty();
        let palette = cx.palette;
        let text = cx.tr("ui-live-connect-to");
        let button = ui.add_enabled_ui(ready, |ui| primary_button(ui, &palette, text)).inner;
        if button.on_disabled_hover_text(cx.tr("ui-live-no-address")).clicked() {
            let password = Some(std::mem::take(&mut self.password)).filter(|p| !p.is_empty());
            self.push(cx, self.source(mqtt), password);
        }
    }

    fn source(&self, mqtt: bool) -> SourceConfig {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        let (url, username, ca) = (self.url.trim().to_owned(), given(&self.username), given(&self.ca).map(Into::into));
        if mqtt {
            let topics = vec![TopicMap { topic: self.topic.trim().to_owned(), ..usual_topic() }];
            return SourceConfig::Mqtt(MqttSource {
                url,
                client_id: None,
                username,
                ca,
                qos: 1,
                persistent: true,
                topics,
            });
        }
        let version = given(&self.version).unwrap_or_else(|| "v1.1".to_owned());
        let (every_s, page, backfill_h) = (60.0, 1000, 24.0);
        SourceConfig::SensorThings(SensorThingsSource { url, version, username, ca, every_s, page, backfill_h })
    }

    fn push(&self, cx: &mut Cx<'_>, source: SourceConfig, password: Option<String>) {
        let remember = self.remember;
        cx.push(Command::Live(LiveCommand::UseSource { source: Box::new(source), password, remember }));
    }

    /// Lets a made-up station fail, to see what the alarms do.
    fn faults(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let name = |kind: FaultKind| {
            let code = FaultKind::ALL.iter().find(|(k, _)| *k == kind).map_or("", |(_, name)| name);
            cx.tr(&format!("ui-live-fault-{code}"))
        };
        let tried = cx.session.live().fault.clone();
        let mut wish = None;
        card(&cx.palette).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label(cx.strong(cx.tr("ui-live-try-fault")));
            ui.horizontal(|ui| {
                ComboBox::from_id_salt("live-fault").width(130.0).selected_text(name(self.fault)).show_ui(ui, |ui| {
                    for (kind, _) in FaultKind::ALL {
                        ui.selectable_value(&mut self.fault, kind, name(kind));
                    }
                });
                ui.add(TextEdit::singleline(&mut self.fault_at).hint_text("KK-01/pm25").desired_width(100.0));
                if ui.add(Button::new(cx.tr("ui-live-fault-start"))).clicked() {
                    wish = Some(Some((self.fault, self.fault_at.trim().to_owned())));
                }
            });
            if let Some((kind, at)) = &tried {
                let text = Message::new("ui-live-fault-on").with("fault", name(*kind)).with("stream", at.as_str());
                ui.horizontal_wrapped(|ui| {
                    ui.label(RichText::new(cx.say(&text)).size(12.5).color(cx.palette.warn));
                    if ui.button(cx.tr("ui-live-fault-end")).clicked() {
                        wish = Some(None);
                    }
                });
            }
        });
        if let Some(wish) = wish {
            cx.push(Command::Live(LiveCommand::TryFault(wish)));
        }
    }

    /// Who else is told of alarms; nobody until the user says so.
    fn others(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let kept = cx.session.settings().notify.clone();
        let form = self.notify.get_or_insert_with(|| kept.clone());
        let mut apply = false;
        card(&cx.palette).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label(cx.strong(cx.tr("ui-live-notify")));
            apply |= ui.checkbox(&mut form.desktop, cx.tr("ui-live-notify-desktop")).changed();
            apply |= ui.checkbox(&mut form.sound, cx.tr("ui-live-notify-sound")).changed();
            apply |= ui.checkbox(&mut form.others, cx.tr("ui-live-notify-others")).changed();
            if form.others {
                let lines = [
                    ("ui-live-notify-webhook", &mut form.webhook, "https://office.example/alarms"),
                    ("ui-live-notify-broker", &mut form.broker, "mqtt://broker.example:1883"),
                    ("ui-live-topic", &mut form.topic, "island-twin/alarms"),
                ];
                for (key, text, hint) in lines {
                    ui.label(cx.weak(cx.tr(key)));
                    ui.add(TextEdit::singleline(text).hint_text(hint).desired_width(f32::INFINITY));
                }
                apply |= ui.add_enabled(*form != kept, Button::new(cx.tr("ui-live-notify-apply"))).clicked();
            }
        });
        if apply && *form != kept {
            cx.push(Command::Live(LiveCommand::SetNotify(Box::new(form.clone()))));
        }
    }
}

/// How each source is, and the way to end them.
fn connections(ui: &mut Ui, cx: &mut Cx<'_>) {
    let sources = cx.session.live().board().sources.clone();
    card(&cx.palette).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.label(cx.strong(cx.tr("ui-live-sources")));
        if sources.is_empty() {
            ui.add(Label::new(cx.weak(cx.tr("ui-live-no-source"))).wrap());
        }
        for source in &sources {
            let state = match &source.condition {
                Condition::Idle => Message::new("sensor-condition-idle"),
                Condition::Connecting => Message::new("sensor-condition-connecting"),
                Condition::Running => Message::new("sensor-condition-running"),
                Condition::Finished => Message::new("sensor-condition-finished"),
                Condition::Trouble(message) | Condition::Refused(message) => message.clone(),
            };
            let (sign, color) = match &source.condition {
                Condition::Running | Condition::Finished => (icon::PLUGS_CONNECTED, cx.palette.good),
                Condition::Idle | Condition::Connecting => (icon::HOURGLASS, cx.palette.warn),
                Condition::Trouble(_) | Condition::Refused(_) => (icon::PLUGS, cx.palette.bad),
            };
            let title = if source.title == "demo" { cx.tr("ui-live-source-simulated") } else { source.title.clone() };
            let text = RichText::new(format!("{sign}  {title}: {}", cx.say(&state))).color(color);
            ui.add(Label::new(text).wrap());
            if source.connects > 0 {
                let tries = Message::new("ui-live-connects")
                    .with("connects", source.connects as usize)
                    .with("connected", source.connected as usize)
                    .with("messages", source.messages as usize);
                ui.add(Label::new(cx.weak(cx.say(&tries))).wrap());
            }
        }
        if !sources.is_empty() && ui.button(cx.tr("ui-live-disconnect")).clicked() {
            cx.push(Command::Live(LiveCommand::Disconnect));
        }
    });
}

/// What was taken, kept, lost and put aside.
fn counters(ui: &mut Ui, cx: &Cx<'_>) {
    let board = cx.session.live().board();
    let local = super::live_words::offset(cx);
    card(&cx.palette).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.label(cx.strong(cx.tr("ui-live-counters")));
        let message = Message::new("ui-live-taken")
            .with("messages", board.messages as usize)
            .with("taken", board.taken as usize)
            .with("doubles", board.doubles as usize);
        ui.add(Label::new(cx.weak(cx.say(&message))).wrap());
        if let Some(keeper) = &board.keeper {
            let message = Message::new("ui-live-kept")
                .with("kept", keeper.kept.new as usize)
                .with("corrected", keeper.kept.corrected as usize)
                .with("waiting", keeper.waiting)
                .with("lost", keeper.lost as usize);
            ui.add(Label::new(cx.weak(cx.say(&message))).wrap());
            if let Some(path) = &keeper.set_aside {
                let told = Message::new("sensor-history-set-aside").with("path", path.as_path());
                ui.add(Label::new(RichText::new(cx.say(&told)).color(cx.palette.warn)).wrap());
            }
            if let Some(trouble) = &keeper.trouble {
                ui.add(Label::new(RichText::new(cx.say(trouble)).color(cx.palette.bad)).wrap());
            }
        } else {
            ui.add(Label::new(cx.weak(cx.tr("ui-live-not-kept"))).wrap());
        }
        let aside = Message::new("ui-live-aside").with("count", board.put_aside() as usize);
        let color = if board.put_aside() > 0 { cx.palette.warn } else { cx.palette.weak };
        ui.add(Label::new(RichText::new(cx.say(&aside)).size(12.5).color(color)).wrap());
        for (reason, count) in &board.reasons {
            ui.add(Label::new(cx.weak(format!("{count} × {}", cx.say(&reason.message())))).wrap());
        }
        for aside in board.quarantine.iter().rev().take(ASIDE_SHOWN) {
            let words = format!("{} {}: {}", clock(aside.arrival_ms, local), aside.from, aside.excerpt);
            let text = RichText::new(&words).size(11.5).color(cx.palette.weak);
            ui.add(Label::new(text).truncate()).on_hover_text(format!("{words}\n{}", cx.say(&aside.reason.message())));
        }
    });
}
