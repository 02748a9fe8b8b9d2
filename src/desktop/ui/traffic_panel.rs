//! The traffic study: hours and plan on top, what came of it below.

use egui::{ComboBox, Label, RichText, ScrollArea, Ui};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::files::FileDialogs;
use super::study;
use super::traffic_result;
use super::widgets::{card, primary_button};
use crate::model::layer::Origin;
use crate::session::command::Command;
use crate::session::jobs::JobKind;
use crate::session::traffic::{TrafficCommand, TrafficForm, plans};

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>, files: &mut FileDialogs) {
    if study::head(
        ui,
        cx,
        (icon::TRAFFIC_SIGNAL, cx.palette.accent),
        ("ui-traffic-title", "ui-traffic-close"),
        Some(Origin::Simulated),
    ) {
        cx.push(Command::Traffic(TrafficCommand::SetOpen(false)));
    }
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let before = cx.session.traffic().form.clone();
        let mut form = before.clone();
        card(&cx.palette).show(ui, |ui| {
            ui.set_width(ui.available_width());
            hours(ui, cx, &mut form);
            plan(ui, cx, &mut form);
        });
        if form != before {
            cx.push(Command::Traffic(TrafficCommand::SetForm(form)));
        }
        ui.add_space(6.0);
        run(ui, cx);
        ui.add_space(6.0);
        if let Some(outcome) = &cx.session.traffic().outcome {
            traffic_result::show(ui, cx, files, outcome);
        }
        ui.add_space(6.0);
        ui.add(Label::new(cx.weak(cx.tr("ui-traffic-scope"))).wrap());
    });
}

fn clock(hour: usize) -> String {
    format!("{hour:02}:00")
}

fn hours(ui: &mut Ui, cx: &Cx<'_>, form: &mut TrafficForm) {
    ui.horizontal(|ui| {
        ui.label(cx.weak(cx.tr("ui-traffic-from")));
        ComboBox::from_id_salt("first-hour-of-traffic").width(72.0).selected_text(clock(form.from)).show_ui(ui, |ui| {
            for hour in 0..24 {
                ui.selectable_value(&mut form.from, hour, clock(hour));
            }
        });
        form.to = form.to.max(form.from + 1);
        ui.label(cx.weak(cx.tr("ui-traffic-to")));
        ComboBox::from_id_salt("last-hour-of-traffic").width(72.0).selected_text(clock(form.to)).show_ui(ui, |ui| {
            for hour in form.from + 1..=24 {
                ui.selectable_value(&mut form.to, hour, clock(hour));
            }
        });
    });
}

/// The roads as they are, or a ready-made plan to compare with them.
fn plan(ui: &mut Ui, cx: &Cx<'_>, form: &mut TrafficForm) {
    let all = plans().unwrap_or_default();
    let none = cx.tr("ui-traffic-no-plan");
    let name = |id: &Option<String>| {
        let found = all.iter().find(|p| Some(&p.id) == id.as_ref());
        found.map_or_else(|| none.clone(), |p| cx.title(&p.title).to_owned())
    };
    ui.label(cx.weak(cx.tr("ui-traffic-plan")));
    let width = ui.available_width() - 16.0;
    ComboBox::from_id_salt("plan-of-traffic").width(width).truncate().selected_text(name(&form.plan)).show_ui(
        ui,
        |ui| {
            ui.selectable_value(&mut form.plan, None, none.as_str());
            for plan in &all {
                ui.selectable_value(&mut form.plan, Some(plan.id.clone()), cx.title(&plan.title));
            }
        },
    );
}

fn run(ui: &mut Ui, cx: &mut Cx<'_>) {
    let desk = cx.session.traffic();
    if study::running(ui, cx, JobKind::Traffic) {
        return;
    }
    ui.horizontal(|ui| {
        let palette = cx.palette;
        let text = cx.tr(if desk.outcome.is_some() { "ui-fire-run-again" } else { "ui-fire-run" });
        if primary_button(ui, &palette, text).clicked() {
            cx.push(Command::Traffic(TrafficCommand::Start));
        }
        if desk.outcome.is_some() && ui.button(cx.tr("ui-fire-forget")).clicked() {
            cx.push(Command::Traffic(TrafficCommand::Forget));
        }
    });
    if desk.outcome.as_ref().is_some_and(|o| o.form != desk.form) {
        ui.add(Label::new(RichText::new(cx.tr("ui-fire-stale")).size(12.5).color(cx.palette.warn)).wrap());
    }
}
