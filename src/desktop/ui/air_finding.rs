//! Where does it come from? Asked of the live stations, answered with how sure that is.

use egui::{ComboBox, DragValue, Label, Ui};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::ramp::ramp;
use super::study;
use super::widgets::{bullet, card, origin_chip};
use crate::base::message::Message;
use crate::model::layer::Origin;
use crate::model::norm::PropertyTable;
use crate::session::air::AirCommand;
use crate::session::air_finding::{FindForm, FindOutcome, SOUGHT, STRETCHES};
use crate::session::command::Command;
use crate::session::jobs::JobKind;
use crate::sim::air::finding::LEAST_READINGS;

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>) {
    card(&cx.palette).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.label(cx.strong(format!("{}  {}", icon::MAGNIFYING_GLASS, cx.tr("ui-find-title"))));
        ui.push_id("find-source", |ui| {
            form(ui, cx);
            run(ui, cx);
            if let Some(outcome) = &cx.session.air().find.outcome {
                ui.separator();
                answer(ui, cx, outcome);
            }
        });
    });
}

fn form(ui: &mut Ui, cx: &mut Cx<'_>) {
    let before = cx.session.air().find.form.clone();
    let mut form = before.clone();
    let title = |code: &str| {
        let property = PropertyTable::standard().get(code);
        property.map_or_else(|| code.to_owned(), |p| cx.title(&p.title).to_owned())
    };
    let hours = |count: usize| cx.say(&Message::new("ui-find-hours").with("hours", count));
    ui.horizontal(|ui| {
        ComboBox::from_id_salt("substance").width(120.0).selected_text(title(form.property)).show_ui(ui, |ui| {
            for code in SOUGHT {
                ui.selectable_value(&mut form.property, code, title(code));
            }
        });
        ComboBox::from_id_salt("hours").width(130.0).selected_text(hours(form.hours)).show_ui(ui, |ui| {
            for count in STRETCHES {
                ui.selectable_value(&mut form.hours, count, hours(count));
            }
        });
    });
    ui.horizontal(|ui| {
        ui.label(cx.weak(cx.tr("ui-find-height")));
        let height = DragValue::new(&mut form.height_m).range(0.0..=250.0).speed(1.0);
        ui.add(height.custom_formatter(cx.formatter(0)).suffix(" m"));
    });
    if form != before {
        cx.push(Command::Air(AirCommand::SetFind(form)));
    }
}

fn run(ui: &mut Ui, cx: &mut Cx<'_>) {
    if study::running(ui, cx, JobKind::AirFind) {
        return;
    }
    let FindForm { property, .. } = cx.session.air().find.form;
    let stations = cx.session.stations_with(property);
    ui.horizontal(|ui| {
        let button = ui.add_enabled(stations >= LEAST_READINGS, egui::Button::new(cx.tr("ui-find-run")));
        let too_few = Message::new("ui-find-too-few").with("stations", stations).with("least", LEAST_READINGS);
        if button.on_disabled_hover_text(cx.say(&too_few)).clicked() {
            cx.push(Command::Air(AirCommand::Find));
        }
        if cx.session.air().find.outcome.is_some() && ui.button(cx.tr("ui-fire-forget")).clicked() {
            cx.push(Command::Air(AirCommand::ForgetFind));
        }
    });
    ui.add(Label::new(cx.weak(cx.say(&Message::new("ui-find-stations").with("stations", stations)))).wrap());
}

fn answer(ui: &mut Ui, cx: &mut Cx<'_>, outcome: &FindOutcome) {
    origin_chip(ui, cx, if outcome.generated { Origin::Generated } else { Origin::Simulated });
    if outcome.form != cx.session.air().find.form {
        let color = cx.palette.warn;
        ui.add(Label::new(egui::RichText::new(cx.tr("ui-fire-stale")).size(12.5).color(color)).wrap());
    }
    for message in &outcome.sentences {
        bullet(ui, cx, message, cx.palette.text);
    }
    if outcome.map.is_some() {
        let shown = cx.session.air().find.shown;
        ui.horizontal(|ui| {
            let on_map = egui::Button::selectable(shown, cx.tr("ui-find-on-map"));
            if ui.add(on_map).clicked() {
                cx.push(Command::Air(AirCommand::ShowFind(!shown)));
            }
            if ui.button(format!("{}  {}", icon::CROSSHAIR, cx.tr("ui-find-fly"))).clicked() {
                cx.push(Command::Air(AirCommand::FlyToFind));
            }
        });
        if let Some(view) = cx.session.air().find.field_view() {
            ui.add(Label::new(cx.weak(cx.tr("ui-find-legend"))).wrap());
            ramp(ui, cx, &view.shade, None);
        }
    }
    ui.collapsing(cx.tr("ui-air-assumptions"), |ui| {
        for message in &outcome.assumptions {
            bullet(ui, cx, message, cx.palette.text);
        }
    });
}
