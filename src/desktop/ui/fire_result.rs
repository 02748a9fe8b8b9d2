//! What a fire does, in plain words and figures with their ranges, and what that rests on.

use egui::{Align2, Context, Rect, RichText, Sense, Slider, Ui, vec2};
use egui_phosphor::regular as icon;

use super::context::{Cx, color32};
use super::files::FileDialogs;
use super::ramp::ramp;
use super::theme::semibold;
use super::widgets::{bullet, card as frame, icon_button, pair};
use crate::base::message::Message;
use crate::session::command::Command;
use crate::session::fire::{FireCommand, FireField, FireOutcome};
use crate::session::fire_shades::KINDS;
use crate::session::jobs::JobKind;
use crate::session::place::site_box;
use crate::session::view_state::CameraRequest;
use crate::study::fire::uncertainty::Range;

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>, files: &mut FileDialogs, outcome: &FireOutcome) {
    frame(&cx.palette).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            ui.label(cx.heading(cx.tr("ui-fire-result")));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let writing = cx.session.jobs().iter().any(|j| j.kind == JobKind::FireExport);
                let export = icon_button(ui, icon::DOWNLOAD_SIMPLE, &cx.tr("ui-fire-export"), writing);
                if export.clicked() && !writing {
                    files.pick_folder(cx, "ui-dialog-fire-folder", |folder| Command::Fire(FireCommand::Export(folder)));
                }
                if icon_button(ui, icon::CROSSHAIR, &cx.tr("ui-fire-zoom"), false).clicked() {
                    zoom(cx);
                }
            });
        });
        for line in &outcome.result.headlines {
            bullet(ui, cx, line, cx.palette.text);
        }
        if let Some(change) = &outcome.change {
            ui.separator();
            ui.label(cx.strong(cx.tr("ui-fire-change")));
            for line in &change.headlines {
                bullet(ui, cx, line, cx.palette.text);
            }
        }
        ui.separator();
        figures(ui, cx, outcome);
    });
    ui.add_space(6.0);
    frame(&cx.palette).show(ui, |ui| {
        ui.set_width(ui.available_width());
        field_choice(ui, cx, outcome);
    });
    ui.add_space(6.0);
    let heading = cx.strong(cx.tr("ui-fire-assumptions"));
    egui::CollapsingHeader::new(heading).id_salt("fire-assumptions").default_open(true).show(ui, |ui| {
        for line in outcome.result.notices.iter().chain(&outcome.result.assumptions) {
            bullet(ui, cx, line, cx.palette.weak);
        }
    });
}

fn zoom(cx: &mut Cx<'_>) {
    let Some((project, bounds)) = cx.session.project().zip(cx.session.fire().bounds()) else { return };
    let [w, s, e, n] = site_box(&project.frame, bounds);
    let margin = ((e - w).max(n - s) * 0.2).max(300.0);
    cx.push(Command::MoveCamera(CameraRequest::Frame([w - margin, s - margin, e + margin, n + margin])));
}

/// The figures up to the moment shown, and how far other wind and moisture move those of the end.
fn figures(ui: &mut Ui, cx: &Cx<'_>, outcome: &FireOutcome) {
    let shown = cx.session.fire().shown_s;
    let (buildings, residents) = outcome.result.impact.by(shown);
    let clock = cx.say(&outcome.case.clock().at(shown));
    ui.label(cx.weak(cx.say(&Message::new("ui-fire-by").with("clock", clock.as_str()))));
    pair(ui, cx, &cx.tr("ui-fire-buildings"), cx.number(buildings as f64, 0, ""));
    pair(ui, cx, &cx.tr("ui-fire-residents"), cx.number(f64::from(residents), 0, ""));
    match &outcome.certainty {
        Some(sure) => {
            let members = Message::new("ui-fire-range").with("members", i64::from(sure.members));
            ui.label(cx.weak(cx.say(&members)));
            for (key, range, unit) in [
                ("ui-fire-burnt", sure.burnt_ha, "ha"),
                ("ui-fire-buildings", sure.buildings, ""),
                ("ui-fire-residents", sure.residents, ""),
            ] {
                pair(ui, cx, &cx.tr(key), range_text(cx, range, unit));
            }
        }
        None if cx.session.jobs().iter().any(|j| j.kind == JobKind::FireCertainty) => {
            ui.horizontal(|ui| {
                ui.add(egui::Spinner::new().size(14.0));
                ui.label(cx.weak(cx.tr("ui-fire-measuring-range")));
            });
            ui.ctx().request_repaint_after_secs(0.2);
        }
        None => {}
    }
}

fn range_text(cx: &Cx<'_>, range: Range, unit: &str) -> String {
    // Most fires here are of a hectare or less.
    let decimals = if !unit.is_empty() && range.high < 10.0 { 2 } else { 0 };
    format!(
        "{} ({}–{})",
        cx.number(range.middle, decimals, unit),
        cx.catalog.number(range.low, decimals),
        cx.catalog.number(range.high, decimals)
    )
}

fn field_choice(ui: &mut Ui, cx: &mut Cx<'_>, outcome: &FireOutcome) {
    ui.label(cx.strong(cx.tr("ui-fire-on-map")));
    let now = cx.session.fire().field;
    ui.horizontal_wrapped(|ui| {
        for (field, key, ready) in [
            (FireField::Arrival, "session-fire-field-arrival", true),
            (FireField::FlameLength, "session-fire-field-flame", true),
            (FireField::RateOfSpread, "session-fire-field-rate", true),
            (FireField::Intensity, "session-fire-field-intensity", true),
            (FireField::FireType, "session-fire-field-type", true),
            (FireField::Probability, "session-fire-field-probability", outcome.certainty.is_some()),
        ] {
            let button = egui::Button::selectable(field == now, RichText::new(cx.tr(key)).size(13.0));
            if ui.add_enabled(ready, button).clicked() {
                cx.push(Command::Fire(FireCommand::ShowField(field)));
            }
        }
    });
    if now == FireField::FireType {
        kinds(ui, cx);
    } else if let Some(view) = cx.session.fire().field_view() {
        ramp(ui, cx, &view.shade, None);
    }
}

/// The kinds of fire with their colours.
fn kinds(ui: &mut Ui, cx: &Cx<'_>) {
    for (key, color) in KINDS {
        ui.horizontal(|ui| {
            let (rect, _) = ui.allocate_exact_size(vec2(16.0, 12.0), Sense::hover());
            ui.painter().rect_filled(rect, 3.0, color32(color));
            ui.label(cx.weak(cx.tr(key)));
        });
    }
}

/// Play, pause and the moment shown.
#[derive(Default)]
pub(super) struct FireTime {
    playing: bool,
}

/// While playing, this share of the run passes in a second.
const RUN_PER_SECOND: f64 = 0.1;

impl FireTime {
    pub(super) fn show(&mut self, ctx: &Context, cx: &mut Cx<'_>, free: Rect) {
        let Some(outcome) = &cx.session.fire().outcome else { return };
        let (end, mut shown) = (outcome.result.impact.end_s, cx.session.fire().shown_s);
        let clock = cx.say(&outcome.case.clock().at(shown));
        let palette = cx.palette;
        super::card::show(ctx, &palette, "fire-time", free, (Align2::CENTER_BOTTOM, vec2(0.0, -72.0)), |ui| {
            ui.horizontal(|ui| {
                ui.label(RichText::new(icon::FIRE).size(18.0).color(palette.bad));
                let (sign, key) =
                    if self.playing { (icon::PAUSE, "ui-fire-pause") } else { (icon::PLAY, "ui-fire-play") };
                if icon_button(ui, sign, &cx.tr(key), self.playing).clicked() {
                    self.playing = !self.playing;
                    if self.playing && shown >= end - 1.0 {
                        shown = 0.0;
                    }
                }
                if self.playing {
                    shown += f64::from(ui.input(|i| i.stable_dt).min(0.25)) * RUN_PER_SECOND * end;
                    self.playing = shown < end;
                    ui.ctx().request_repaint();
                }
                ui.label(RichText::new(clock).font(semibold(16.0)));
                ui.spacing_mut().slider_width = 260.0;
                ui.add(Slider::new(&mut shown, 0.0..=end).show_value(false)).on_hover_text(cx.tr("ui-fire-time"));
                let hours = cx.number(shown / 3600.0, 1, "h");
                ui.label(cx.weak(cx.say(&Message::new("ui-fire-after").with("hours", hours.as_str()))));
            });
        });
        if (shown - cx.session.fire().shown_s).abs() > 0.5 {
            cx.push(Command::Fire(FireCommand::ShowTime(shown.min(end))));
        }
    }
}
