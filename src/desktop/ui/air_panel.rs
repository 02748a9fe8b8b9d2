//! The air study: what is asked on top, what came of it below.

use egui::{Checkbox, ComboBox, DragValue, Label, RichText, ScrollArea, Slider, Ui};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::files::FileDialogs;
use super::study;
use super::widgets::{card, primary_button};
use super::wind_dial;
use super::wind_dial::compass_key;
use super::{air_coming, air_day, air_finding, air_result, air_sources};
use crate::base::message::Message;
use crate::model::layer::Origin;
use crate::session::air::{AirCommand, AirForm, POLLUTANTS};
use crate::session::command::Command;
use crate::session::jobs::JobKind;
use crate::sim::air::stability::StabilityClass;
use crate::study::air::limit;

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>, files: &mut FileDialogs) {
    if study::head(ui, cx, (icon::WIND, cx.palette.accent), ("ui-air-title", "ui-air-close"), Some(Origin::Simulated)) {
        cx.push(Command::Air(AirCommand::SetOpen(false)));
    }
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let before = cx.session.air().form.clone();
        let mut form = before.clone();
        card(&cx.palette).show(ui, |ui| {
            ui.set_width(ui.available_width());
            span(ui, cx, &mut form);
            weather(ui, cx, &mut form);
            ui.separator();
            sources(ui, cx, &mut form);
            ui.separator();
            substance(ui, cx, &mut form);
        });
        if form != before {
            cx.push(Command::Air(AirCommand::SetForm(Box::new(form))));
        }
        ui.add_space(6.0);
        run(ui, cx);
        ui.add_space(6.0);
        if let Some(outcome) = &cx.session.air().outcome {
            air_result::show(ui, cx, files, outcome);
        }
        if let Some(day) = &cx.session.air().day {
            air_day::show(ui, cx, files, day);
        }
        ui.add_space(6.0);
        air_coming::show(ui, cx, files);
        ui.add_space(6.0);
        air_finding::show(ui, cx);
        ui.add_space(6.0);
        ui.add(
            Label::new(cx.weak(cx.tr(if cx.session.air().form.day { "ui-air-scope-day" } else { "ui-air-scope" })))
                .wrap(),
        );
    });
}

/// One steady hour, or the clock's whole day.
fn span(ui: &mut Ui, cx: &Cx<'_>, form: &mut AirForm) {
    ui.horizontal(|ui| {
        for (day, key) in [(false, "ui-air-span-hour"), (true, "ui-air-span-day")] {
            let button = egui::Button::selectable(form.day == day, cx.tr(key));
            if ui.add(button).on_hover_text(cx.tr(&format!("{key}-hint"))).clicked() {
                form.day = day;
            }
        }
    });
}

fn weather(ui: &mut Ui, cx: &Cx<'_>, form: &mut AirForm) {
    ui.horizontal(|ui| {
        wind_dial::show(ui, cx, &mut form.wind_from_deg);
        ui.vertical(|ui| {
            let from = cx.tr(compass_key(form.wind_from_deg));
            let degrees = cx.number(form.wind_from_deg, 0, "°").replace('\u{a0}', "");
            let text = Message::new("ui-fire-wind").with("from", from.as_str()).with("degrees", degrees.as_str());
            ui.add(Label::new(cx.strong(cx.say(&text))).wrap());
            ui.spacing_mut().slider_width = 110.0;
            let speed = Slider::new(&mut form.wind_10m_mps, 1.0..=15.0)
                .step_by(0.5)
                .custom_formatter(cx.formatter(1))
                .suffix(" m/s");
            ui.add(speed).on_hover_text(cx.tr("ui-fire-wind-speed"));
            ui.label(cx.weak(cx.tr("ui-fire-wind-height")));
        });
    });
    if form.day {
        let stations = cx.session.stations_with("wind_speed");
        let hint = cx.say(&Message::new("ui-air-live-wind-hint").with("stations", stations));
        let text = cx.tr("ui-air-live-wind");
        ui.add_enabled(stations > 0, Checkbox::new(&mut form.live_wind, text)).on_hover_text(hint);
    }
    let name = |class: Option<StabilityClass>| match class {
        None => cx.tr("ui-air-stability-sun"),
        Some(class) => cx.say(&Message::new("ui-air-stability-class").with("class", class.letter())),
    };
    ui.horizontal(|ui| {
        ui.label(cx.weak(cx.tr("ui-air-stability")));
        ComboBox::from_id_salt("stability-of-the-air").width(170.0).selected_text(name(form.stability)).show_ui(
            ui,
            |ui| {
                for class in std::iter::once(None).chain(StabilityClass::ALL.into_iter().map(Some)) {
                    ui.selectable_value(&mut form.stability, class, name(class));
                }
            },
        );
    });
    if form.stability.is_none() {
        ui.horizontal(|ui| {
            ui.label(cx.weak(cx.tr("ui-air-cloud")));
            ui.spacing_mut().slider_width = 120.0;
            let mut percent = form.cloud * 100.0;
            ui.add(Slider::new(&mut percent, 0.0..=100.0).step_by(10.0).custom_formatter(cx.formatter(0)).suffix(" %"));
            form.cloud = percent / 100.0;
        });
    }
}

fn sources(ui: &mut Ui, cx: &mut Cx<'_>, form: &mut AirForm) {
    let mut roads = form.traffic.is_some();
    ui.horizontal(|ui| {
        ui.add(Checkbox::new(&mut roads, cx.tr("ui-air-roads"))).on_hover_text(cx.tr("ui-air-roads-hint"));
        let mut percent = form.traffic.unwrap_or(1.0) * 100.0;
        let amount = DragValue::new(&mut percent).range(0.0..=500.0).speed(5.0);
        ui.add_enabled(roads, amount.custom_formatter(cx.formatter(0)).suffix(" %"));
        form.traffic = roads.then_some(percent / 100.0);
    });
    air_sources::show(ui, cx, form);
}

fn substance(ui: &mut Ui, cx: &Cx<'_>, form: &mut AirForm) {
    let name = |code: &str| cx.title(&limit::title(code)).to_owned();
    ui.horizontal(|ui| {
        ui.label(cx.weak(cx.tr("ui-air-substance")));
        ComboBox::from_id_salt("substance-in-the-air").width(170.0).selected_text(name(form.pollutant)).show_ui(
            ui,
            |ui| {
                for code in POLLUTANTS {
                    ui.selectable_value(&mut form.pollutant, code, name(code));
                }
            },
        );
    });
    ui.horizontal(|ui| {
        ui.label(cx.weak(cx.tr("ui-air-background")));
        let background = DragValue::new(&mut form.background_ug_m3).range(0.0..=1000.0).speed(0.5);
        ui.add(background.custom_formatter(cx.formatter(1)).suffix(" µg/m³"));
    });
    let fine = cx.tr(if form.day { "ui-air-fine-day" } else { "ui-air-fine" });
    ui.add(Checkbox::new(&mut form.fine, fine)).on_hover_text(cx.tr("ui-air-fine-hint"));
}

fn run(ui: &mut Ui, cx: &mut Cx<'_>) {
    let desk = cx.session.air();
    if study::running(ui, cx, JobKind::Air) {
        return;
    }
    ui.horizontal(|ui| {
        let ready = desk.form.traffic.is_some() || !desk.form.placed.is_empty();
        let palette = cx.palette;
        let known = desk.outcome.is_some() || desk.day.is_some();
        let text = cx.tr(if known { "ui-fire-run-again" } else { "ui-fire-run" });
        let button = ui.add_enabled_ui(ready, |ui| primary_button(ui, &palette, text)).inner;
        if button.on_disabled_hover_text(cx.tr("ui-air-no-source")).clicked() {
            cx.push(Command::Air(AirCommand::Start));
        }
        if known && ui.button(cx.tr("ui-fire-forget")).clicked() {
            cx.push(Command::Air(AirCommand::Forget));
        }
    });
    if cx.session.project().is_some_and(|project| desk.is_stale(project)) {
        ui.add(Label::new(RichText::new(cx.tr("ui-air-stale")).size(12.5).color(cx.palette.warn)).wrap());
    }
}
