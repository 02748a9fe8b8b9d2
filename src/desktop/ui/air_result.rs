//! What came of an air study: in sentences, by colour with the limit marked, and source by source at a clicked place.

use egui::{Label, RichText, Ui};

use super::context::Cx;
use super::files::FileDialogs;
use super::ramp::ramp;
use super::study;
use super::widgets::{bullet, card, pair, usage_bar};
use crate::base::message::Message;
use crate::session::air::{AirCommand, AirOutcome};
use crate::session::air_sources::placed;
use crate::session::command::Command;
use crate::session::field_view::Shade;
use crate::session::jobs::JobKind;
use crate::study::air::case::AtStation;
use crate::study::air::limit::ShownLimit;

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>, files: &mut FileDialogs, outcome: &AirOutcome) {
    card(&cx.palette).show(ui, |ui| {
        ui.set_width(ui.available_width());
        save_head(ui, cx, files);
        for message in &outcome.result.headlines {
            bullet(ui, cx, message, cx.palette.text);
        }
        ui.label(cx.weak(cx.say(&Message::new("ui-air-class").with("class", outcome.class.letter()))));
        ui.separator();
        legend(ui, cx, outcome);
        ui.separator();
        source_choice(ui, cx, outcome);
        ui.separator();
        probe(ui, cx, outcome);
        ui.separator();
        ui.collapsing(cx.tr("ui-air-assumptions"), |ui| {
            for message in &outcome.result.assumptions {
                bullet(ui, cx, message, cx.palette.text);
            }
        });
    });
}

/// The head of a result that can be written.
pub(super) fn save_head(ui: &mut Ui, cx: &mut Cx<'_>, files: &mut FileDialogs) {
    if study::result_head(ui, cx, JobKind::Export, "ui-air-export") {
        files.pick_folder(cx, "ui-dialog-air-folder", |folder| Command::Air(AirCommand::Save(folder)));
    }
}

fn legend(ui: &mut Ui, cx: &Cx<'_>, outcome: &AirOutcome) {
    let Some(view) = cx.session.air().study_view() else { return };
    let limit = outcome.result.limit.as_ref();
    ui.label(cx.strong(cx.tr(view.shade.title)));
    ramp(ui, cx, &view.shade, limit.map(|l| l.ug_m3 as f32));
    limit_line(ui, cx, limit, &view.shade);
}

/// Which limit the line in the colours marks; or that all lies far below it, and there is no line.
pub(super) fn limit_line(ui: &mut Ui, cx: &Cx<'_>, limit: Option<&ShownLimit>, shade: &Shade) {
    let Some(limit) = limit else { return };
    let marked = shade.stops.iter().any(|(value, _)| *value == limit.ug_m3 as f32);
    let text = Message::new(&study::limit_key("ui-air-limit", marked, limit.verify))
        .with("value", cx.number(limit.ug_m3, 0, "µg/m³").as_str())
        .with("hours", limit.averaging_hours)
        .with("document", limit.document.as_str());
    ui.add(Label::new(cx.weak(cx.say(&text))).wrap());
}

/// All sources together, or one alone.
fn source_choice(ui: &mut Ui, cx: &mut Cx<'_>, outcome: &AirOutcome) {
    ui.label(cx.strong(cx.tr("ui-fire-on-map")));
    let alone = cx.session.air().alone.as_ref().map(|(i, _)| *i);
    ui.horizontal_wrapped(|ui| {
        let all = std::iter::once((None, cx.tr("ui-air-all-sources")));
        let each = (0..outcome.case.sources.len()).map(|i| (Some(i), source_name(cx, outcome, i)));
        for (source, name) in all.chain(each).collect::<Vec<_>>() {
            let button = egui::Button::selectable(alone == source, RichText::new(name).size(13.0));
            if ui.add(button).clicked() {
                cx.push(Command::Air(AirCommand::ShowSource(source)));
            }
        }
    });
}

fn source_name(cx: &Cx<'_>, outcome: &AirOutcome, i: usize) -> String {
    let source = &outcome.case.sources[i];
    match placed(&outcome.form, source) {
        Some((kind, number)) => cx.say(&Message::new(kind.key()).with("number", number)),
        None => source.title.clone(),
    }
}

fn probe(ui: &mut Ui, cx: &mut Cx<'_>, outcome: &AirOutcome) {
    let Some(probe) = &cx.session.air().probe else {
        ui.add(Label::new(cx.weak(cx.tr("ui-air-probe-hint"))).wrap());
        return;
    };
    ui.label(cx.strong(cx.tr("ui-air-probe")));
    shares(ui, cx, outcome, probe);
}

fn shares(ui: &mut Ui, cx: &Cx<'_>, outcome: &AirOutcome, probe: &AtStation) {
    let decimals = |v: f64| if v >= 10.0 { 1 } else { 2 };
    let value = |v: f64| cx.number(v, decimals(v), "µg/m³");
    pair(ui, cx, &cx.tr("ui-air-here"), RichText::new(value(probe.conc_ug_m3)).strong());
    if let Some(limit) = &outcome.result.limit {
        usage_bar(ui, &cx.palette, probe.conc_ug_m3 / limit.ug_m3);
    }
    let mut order: Vec<usize> = (0..probe.shares_ug_m3.len()).collect();
    order.sort_by(|a, b| probe.shares_ug_m3[*b].total_cmp(&probe.shares_ug_m3[*a]));
    for i in order.into_iter().take(6) {
        let share = probe.shares_ug_m3[i];
        let percent = if probe.conc_ug_m3 > 0.0 { 100.0 * share / probe.conc_ug_m3 } else { 0.0 };
        let text = format!("{} ({})", value(share), cx.number(percent, 0, "%"));
        pair(ui, cx, &source_name(cx, outcome, i), text);
    }
    if outcome.form.background_ug_m3 > 0.0 {
        pair(ui, cx, &cx.tr("ui-air-background"), value(outcome.form.background_ug_m3));
    }
}
