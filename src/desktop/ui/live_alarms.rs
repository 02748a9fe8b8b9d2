//! The list of alarms: what, since when, how bad; who has taken notice; where it is. Below, what is likely soon.

use egui::{Button, Label, RichText, TextEdit, Ui};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::live_words::{clock, offset, rule_name, state_color, state_icon, stream_name, value_of};
use super::widgets::{card, chip};
use crate::base::fold::fold_accents;
use crate::base::message::Message;
use crate::live::alarm::desk::Alarm;
use crate::live::board::{EarlyWarning, StreamState};
use crate::session::command::Command;
use crate::session::live::LiveCommand;

const MOST: usize = 60;

#[derive(Default)]
pub(super) struct AlarmList {
    filter: String,
    only_open: bool,
    /// The alarm that is being acknowledged, by whom and with which words.
    acknowledging: Option<(String, String)>,
    who: String,
    note: String,
}

impl AlarmList {
    pub(super) fn show(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let board = cx.session.live().board();
        let (alarms, warnings) = (board.alarms.clone(), board.warnings.clone());
        ui.horizontal(|ui| {
            let hint = cx.tr("ui-live-filter");
            ui.add(TextEdit::singleline(&mut self.filter).hint_text(hint).desired_width(150.0));
            ui.checkbox(&mut self.only_open, cx.tr("ui-live-only-open"));
        });
        let wanted = fold_accents(&self.filter);
        let shown: Vec<&Alarm> = alarms
            .iter()
            .filter(|a| !self.only_open || a.acknowledged.is_none())
            .filter(|a| {
                let words = format!("{} {} {}", a.name, stream_name(cx, a.stream), rule_name(cx, a.stream, &a.rule));
                wanted.is_empty() || fold_accents(&words).contains(&wanted)
            })
            .collect();
        ui.add_space(4.0);
        // The map and the legend above count streams, the list what is wrong with them.
        let streams: std::collections::BTreeSet<_> = alarms.iter().map(|a| a.stream).collect();
        let count = Message::new("ui-live-alarms").with("shown", shown.len()).with("count", alarms.len());
        let count = count.with("streams", streams.len());
        ui.label(cx.strong(cx.say(&count)));
        if alarms.is_empty() {
            ui.add(Label::new(cx.weak(cx.tr("ui-live-no-alarms"))).wrap());
        }
        for alarm in shown.into_iter().take(MOST) {
            ui.add_space(4.0);
            self.alarm(ui, cx, alarm);
        }
        ui.add_space(8.0);
        ui.label(cx.strong(cx.tr("ui-live-early-title")));
        if warnings.is_empty() {
            ui.add(Label::new(cx.weak(cx.tr("ui-live-no-early"))).wrap());
        }
        for warning in warnings.iter().take(12) {
            early(ui, cx, warning);
        }
    }

    fn alarm(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, alarm: &Alarm) {
        let local = offset(cx);
        let key = (alarm.name.clone(), alarm.rule.clone());
        let now = cx.session.live().board().stream(alarm.stream);
        card(&cx.palette).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal_wrapped(|ui| {
                let sign = RichText::new(state_icon(StreamState::Alarm)).color(state_color(StreamState::Alarm));
                ui.label(sign);
                ui.label(cx.strong(stream_name(cx, alarm.stream)));
                let bad = alarm.back_ms.is_none() && !now.silent;
                let color = state_color(if bad { StreamState::Alarm } else { StreamState::Stale });
                ui.label(cx.strong(value(cx, alarm, alarm.value)).color(color));
                if alarm.escalated && alarm.acknowledged.is_none() {
                    chip(ui, &cx.tr("ui-live-escalated"), cx.palette.bad, cx.palette.bad.gamma_multiply(0.14));
                }
            });
            let since = Message::new("ui-live-since")
                .with("time", clock(alarm.raised_ms, local))
                .with("rule", rule_name(cx, alarm.stream, &alarm.rule))
                .with("worst", value(cx, alarm, alarm.worst));
            ui.add(Label::new(cx.weak(cx.say(&since))).wrap());
            let mut tell = |key: &str, time_ms: i64| {
                let message = Message::new(key).with("time", clock(time_ms, local));
                ui.add(Label::new(RichText::new(cx.say(&message)).size(12.5).color(cx.palette.warn)).wrap());
            };
            match (now.silent, alarm.back_ms) {
                (true, _) => tell("ui-live-alarm-silent", now.latest.map_or(alarm.raised_ms, |l| l.0)),
                (false, Some(back_ms)) => tell("ui-live-alarm-back", back_ms),
                (false, None) => {}
            }
            self.buttons(ui, cx, alarm, &key);
            if let Some(by) = &alarm.acknowledged {
                let message = Message::new("ui-live-acknowledged")
                    .with("who", by.who.as_str())
                    .with("time", clock(by.time_ms, local))
                    .with("note", by.note.as_str());
                ui.add(Label::new(cx.weak(cx.say(&message))).wrap());
            } else if self.acknowledging.as_ref() == Some(&key) {
                self.form(ui, cx, key);
            }
        });
    }

    fn buttons(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, alarm: &Alarm, key: &(String, String)) {
        let station = alarm.name.split('/').next().unwrap_or_default().to_owned();
        ui.horizontal_wrapped(|ui| {
            if ui.add(Button::new(format!("{}  {}", icon::MAP_PIN, cx.tr("ui-live-fly")))).clicked() {
                cx.push(Command::Live(LiveCommand::FlyTo { station }));
            }
            let charted = cx.session.live().chart.chosen.contains(&alarm.stream);
            let text = format!("{}  {}", icon::CHART_LINE, cx.tr("ui-live-chart"));
            if ui.add(Button::selectable(charted, text)).clicked() {
                cx.push(Command::Live(LiveCommand::Choose(alarm.stream)));
            }
            if alarm.acknowledged.is_none() && self.acknowledging.as_ref() != Some(key) {
                let text = format!("{}  {}", icon::CHECK, cx.tr("ui-live-acknowledge"));
                if ui.add(Button::new(text)).clicked() {
                    self.acknowledging = Some(key.clone());
                }
            }
        });
    }

    fn form(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, key: (String, String)) {
        ui.add(TextEdit::singleline(&mut self.who).hint_text(cx.tr("ui-live-who")).desired_width(f32::INFINITY));
        ui.add(TextEdit::singleline(&mut self.note).hint_text(cx.tr("ui-live-note")).desired_width(f32::INFINITY));
        ui.horizontal(|ui| {
            let ready = !self.who.trim().is_empty();
            if ui.add_enabled(ready, Button::new(cx.tr("ui-live-acknowledge-now"))).clicked() {
                let (stream, rule) = key;
                let (who, note) = (self.who.clone(), std::mem::take(&mut self.note));
                cx.push(Command::Live(LiveCommand::Acknowledge { stream, rule, who, note }));
                self.acknowledging = None;
            }
            if ui.button(cx.tr("ui-live-back")).clicked() {
                self.acknowledging = None;
            }
        });
    }
}

/// The flow of a night is in another unit than the meter's index.
fn value(cx: &Cx<'_>, alarm: &Alarm, value: f64) -> String {
    if alarm.rule == crate::live::alarm::service::NIGHT_FLOW {
        return cx.number(value, 3, "m³/h");
    }
    value_of(cx, alarm.stream, value)
}

fn early(ui: &mut Ui, cx: &mut Cx<'_>, warning: &EarlyWarning) {
    let (low, high) = warning.outlook.range();
    let message = Message::new("ui-live-early")
        .with("stream", stream_name(cx, warning.stream))
        .with("hours", warning.outlook.hours)
        .with("low", value_of(cx, warning.stream, low.max(0.0)))
        .with("high", value_of(cx, warning.stream, high))
        .with("limit", value_of(cx, warning.stream, warning.limit))
        .with("rule", rule_name(cx, warning.stream, &warning.rule));
    ui.horizontal_top(|ui| {
        ui.label(RichText::new(state_icon(StreamState::Warning)).color(state_color(StreamState::Warning)));
        let label = ui.add(Label::new(cx.weak(cx.say(&message))).wrap().sense(egui::Sense::click()));
        if label.clicked() {
            cx.push(Command::Live(LiveCommand::Choose(warning.stream)));
        }
    });
}
