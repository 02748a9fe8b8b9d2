//! The live room: how the stations are, which moment is shown, and what can be looked at: alarms, stations, sources.

use std::time::Duration;

use egui::{Align, Button, Label, Layout, Panel, RichText, ScrollArea, Sense, Slider, TextEdit, Ui};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::files::FileDialogs;
use super::live_alarms::AlarmList;
use super::live_chart;
use super::live_sources::SourceForm;
use super::live_stations::StationList;
use super::live_words::{moment, state_color, state_icon, state_key};
use super::widgets::{card, icon_button, origin_chip, primary_button};
use crate::live::board::StreamState;
use crate::model::layer::Origin;
use crate::session::command::Command;
use crate::session::live::LiveCommand;
use crate::session::notice::Level;

/// How often the panel looks at the board.
const LOOK: Duration = Duration::from_secs(1);
/// How soon it looks again while the history is being read.
const SOON: Duration = Duration::from_millis(30);
/// Least and greatest height of the chart with its buttons and words.
const CHART_HEIGHT: (f32, f32) = (240.0, 340.0);
/// Of a chart that has nothing to show.
const CHART_EMPTY: f32 = 84.0;
/// How far the time slider reaches back.
const BACK_H: f64 = 168.0;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Page {
    #[default]
    Alarms,
    Stations,
    Sources,
}

/// What is being typed, and which page is open.
#[derive(Default)]
pub(super) struct LivePanel {
    page: Page,
    alarms: AlarmList,
    stations: StationList,
    sources: SourceForm,
    password: String,
    remember: bool,
    /// Station that was shown last: a click on the map turns to the stations' page.
    picked: Option<String>,
}

impl LivePanel {
    pub(super) fn show(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, files: &mut FileDialogs) {
        ui.ctx().request_repaint_after(if cx.session.live().is_reading() { SOON } else { LOOK });
        header(ui, cx);
        if !cx.session.live().is_running() {
            ui.add(Label::new(cx.weak(cx.tr("ui-live-nothing"))).wrap());
            ui.add_space(6.0);
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| self.sources.choose(ui, cx, files));
            return;
        }
        if troubles(ui, cx) {
            self.page = Page::Sources;
        }
        if let Some(state) = counts(ui, cx) {
            self.page = if state == StreamState::Alarm { Page::Alarms } else { Page::Stations };
            self.stations.only(state);
        }
        time_row(ui, cx);
        self.consent(ui, cx);
        let picked = cx.session.live().picked.clone();
        if picked != self.picked {
            if picked.is_some() {
                self.page = Page::Stations;
            }
            self.picked = picked;
        }
        ui.add_space(4.0);
        ui.horizontal(|ui| {
            for (page, key) in [
                (Page::Alarms, "ui-live-page-alarms"),
                (Page::Stations, "ui-live-page-stations"),
                (Page::Sources, "ui-live-page-sources"),
            ] {
                if ui.add(Button::selectable(self.page == page, cx.tr(key))).clicked() {
                    self.page = page;
                }
            }
        });
        ui.add_space(4.0);
        if !cx.session.live().chart.chosen.is_empty() {
            let frame = egui::Frame::new().fill(cx.palette.panel);
            let live = cx.session.live();
            let empty = !live.is_reading() && live.chart.curves.iter().all(|c| c.stretches.is_empty());
            let wished = (0.52 * ui.available_height()).clamp(CHART_HEIGHT.0, CHART_HEIGHT.1);
            let height = if empty { CHART_EMPTY } else { wished };
            Panel::bottom("live-chart").exact_size(height).frame(frame).show(ui, |ui| live_chart::show(ui, cx, height));
        }
        ScrollArea::vertical().id_salt(self.page as u8).auto_shrink(false).show(ui, |ui| match self.page {
            Page::Alarms => self.alarms.show(ui, cx),
            Page::Stations => self.stations.show(ui, cx),
            Page::Sources => self.sources.show(ui, cx, files),
        });
    }

    /// Whom the project would contact, and the question whether it may.
    fn consent(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let held_back = cx.session.live().held_back();
        if held_back.is_empty() {
            return;
        }
        ui.add_space(6.0);
        card(&cx.palette).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.add(Label::new(cx.strong(cx.tr("ui-live-consent"))).wrap());
            for url in &held_back {
                ui.add(Label::new(RichText::new(url).monospace()).wrap());
            }
            ui.horizontal(|ui| {
                ui.label(cx.weak(cx.tr("ui-live-password")));
                ui.add(TextEdit::singleline(&mut self.password).password(true).desired_width(140.0));
            });
            ui.checkbox(&mut self.remember, cx.tr("ui-live-remember"));
            if primary_button(ui, &cx.palette, cx.tr("ui-live-connect")).clicked() {
                let password = Some(std::mem::take(&mut self.password)).filter(|p| !p.is_empty());
                cx.push(Command::Live(LiveCommand::Connect { password, remember: self.remember }));
            }
        });
    }
}

fn header(ui: &mut Ui, cx: &mut Cx<'_>) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(icon::BROADCAST).size(18.0).color(cx.palette.accent));
        ui.label(cx.heading(cx.tr("ui-live-title")));
        if cx.session.live().is_running() {
            let origin = if cx.session.live().is_generated() { Origin::Generated } else { Origin::Measured };
            origin_chip(ui, cx, origin);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if icon_button(ui, icon::X, &cx.tr("ui-live-close"), false).clicked() {
                cx.push(Command::Live(LiveCommand::SetOpen(false)));
            }
        });
    });
}

/// What is wrong beyond the stations: nobody should have to look for it on a page. Always one line high, so that nothing
/// below moves away under the hand; a click asks for all of it.
fn troubles(ui: &mut Ui, cx: &Cx<'_>) -> bool {
    let troubles = cx.session.live().troubles();
    let Some(worst) = troubles.iter().find(|t| t.level == Level::Error).or(troubles.first()) else {
        let text = format!("{}  {}", icon::CHECK_CIRCLE, cx.tr("ui-live-no-trouble"));
        ui.add(Label::new(RichText::new(text).size(13.0).color(cx.palette.weak)).truncate());
        return false;
    };
    let color = if worst.level == Level::Error { cx.palette.bad } else { cx.palette.warn };
    let more = if troubles.len() > 1 { format!("  (+{})", troubles.len() - 1) } else { String::new() };
    let text = format!("{}{more}  {}", icon::WARNING_CIRCLE, cx.say(&worst.message));
    let label = Label::new(RichText::new(text).size(13.0).color(color)).truncate().sense(Sense::click());
    let all: Vec<String> = troubles.iter().map(|t| cx.say(&t.message)).collect();
    ui.add(label).on_hover_text(all.join("\n")).clicked()
}

/// How many streams are in which state: the legend of the map's shapes as well. A click asks which they are.
fn counts(ui: &mut Ui, cx: &Cx<'_>) -> Option<StreamState> {
    let counts = cx.session.live().counts();
    let mut wanted = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        ui.label(cx.weak(cx.tr("ui-live-streams")));
        for (state, count) in StreamState::ALL.into_iter().zip(counts) {
            // Never broken apart at a line's end.
            let text = format!("{} {count} {}", state_icon(state), cx.tr(&state_key(state))).replace(' ', "\u{a0}");
            let label = Label::new(RichText::new(text).size(12.5).color(state_color(state))).sense(Sense::click());
            if ui.add(label).on_hover_text(cx.tr("ui-live-state-hint")).clicked() {
                wanted = Some(state);
            }
        }
    });
    wanted
}

/// Which moment the map shows: now, or as the history kept it.
fn time_row(ui: &mut Ui, cx: &mut Cx<'_>) {
    let live = cx.session.live();
    let now_ms = jiff::Timestamp::now().as_millisecond();
    let shown_ms = cx.session.project().filter(|_| live.follow_clock).map_or(now_ms, |p| p.time.as_millisecond());
    let past = live.follow_clock;
    let mut hours = ((shown_ms - now_ms) as f64 / 3_600_000.0).clamp(-BACK_H, 0.0);
    ui.horizontal(|ui| {
        if ui.add(Button::selectable(!past, cx.tr("ui-live-now"))).clicked() && past {
            cx.push(Command::Live(LiveCommand::ShowAt(None)));
        }
        ui.spacing_mut().slider_width = (ui.available_width() - 138.0).max(60.0);
        let slider = ui.add(Slider::new(&mut hours, -BACK_H..=0.0).show_value(false));
        // No steps of the slider's own: it would round what it is given, call that a change, and walk back by itself.
        if slider.on_hover_text(cx.tr("ui-live-time-hint")).changed() {
            // Whole ten minutes: readings of all rhythms are there.
            let time_ms = ((now_ms as f64 + hours * 3_600_000.0) / 600_000.0).round() as i64 * 600_000;
            let wanted = if hours > -0.2 { None } else { Some(time_ms) };
            cx.push(Command::Live(LiveCommand::ShowAt(wanted)));
        }
        let text = if past { cx.strong(moment(cx, shown_ms)) } else { cx.weak(moment(cx, now_ms)) };
        ui.label(text.size(12.5));
    });
    if past {
        ui.add(Label::new(RichText::new(cx.tr("ui-live-past")).size(12.5).color(cx.palette.warn)).wrap());
    }
}
