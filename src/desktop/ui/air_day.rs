//! A day of air hour by hour: what lies on the map, what each commune breathes, what a clicked place sees.

use egui::{Button, Grid, Label, RichText, Ui};

use super::air_result::{limit_line, save_head};
use super::context::Cx;
use super::files::FileDialogs;
use super::ramp::ramp;
use super::widgets::{aqi_chip, bullet, card, origin_chip, pair};
use crate::base::message::Message;
use crate::model::layer::Origin;
use crate::session::air::AirCommand;
use crate::session::air_day::AirDay;
use crate::session::command::Command;

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>, files: &mut FileDialogs, day: &AirDay) {
    card(&cx.palette).show(ui, |ui| {
        ui.set_width(ui.available_width());
        save_head(ui, cx, files);
        if day.generated && day.measured_hours > 0 {
            origin_chip(ui, cx, Origin::Generated);
        }
        ui.label(cx.strong(cx.tr("ui-fire-on-map")));
        let (mean, found) = (cx.session.air().day_mean, cx.session.air().find.shown);
        ui.horizontal_wrapped(|ui| {
            for (this, key) in [(false, "ui-sea-by-clock"), (true, "ui-air-day-mean")] {
                let button = Button::selectable(!found && mean == this, RichText::new(cx.tr(key)).size(13.0));
                if ui.add(button).clicked() {
                    cx.push(Command::Air(AirCommand::ShowDayMean(this)));
                }
            }
        });
        ui.label(cx.weak(cx.tr("session-air-field")));
        let shade = day.shade();
        ramp(ui, cx, &shade, day.limit.as_ref().map(|l| l.ug_m3 as f32));
        limit_line(ui, cx, day.limit.as_ref(), &shade);
        if let Some(second) = cx.session.second_of_day() {
            let fastest = cx.number(day.fastest(second), 1, "m/s");
            ui.add(Label::new(cx.weak(cx.say(&Message::new("ui-air-day-flow").with("speed", fastest)))).wrap());
        }
        ui.separator();
        place(ui, cx, day);
        ui.separator();
        communes(ui, cx, day);
        ui.separator();
        ui.collapsing(cx.tr("ui-air-assumptions"), |ui| {
            let measured = Message::new("ui-air-day-measured").with("hours", day.measured_hours);
            bullet(ui, cx, &measured, cx.palette.text);
            for message in &day.result.assumptions {
                bullet(ui, cx, message, cx.palette.text);
            }
        });
    });
}

/// What the clicked place breathes now, at most and on the mean.
fn place(ui: &mut Ui, cx: &Cx<'_>, day: &AirDay) {
    let Some(at) = cx.session.air().day_probe else {
        ui.add(Label::new(cx.weak(cx.tr("ui-air-day-probe-hint"))).wrap());
        return;
    };
    let course = day.course(at);
    if course.is_empty() {
        return;
    }
    let value = |v: f64| cx.number(v, if v >= 10.0 { 1 } else { 2 }, "µg/m³");
    let hour = cx.session.second_of_day().map_or(0, |s| (s / 3600.0) as usize).min(course.len() - 1);
    pair(ui, cx, &cx.tr("ui-air-here"), RichText::new(value(course[hour])).strong());
    let (worst, highest) = course.iter().enumerate().fold((0, 0.0), |m, (i, v)| if *v > m.1 { (i, *v) } else { m });
    let text = Message::new("ui-air-day-highest").with("hour", worst).with("next", worst + 1);
    pair(ui, cx, &cx.say(&text), value(highest));
    pair(ui, cx, &cx.tr("ui-air-day-mean"), value(course.iter().sum::<f64>() / course.len() as f64));
}

/// The communes, the worst first.
fn communes(ui: &mut Ui, cx: &Cx<'_>, day: &AirDay) {
    let mut order: Vec<_> = day.communes.iter().collect();
    order.sort_by(|a, b| b.mean_ug_m3.total_cmp(&a.mean_ug_m3).then_with(|| a.name.cmp(&b.name)));
    Grid::new("communes-of-a-day").num_columns(4).striped(true).spacing([8.0, 5.0]).show(ui, |ui| {
        for key in ["ui-air-day-commune", "ui-air-day-mean-short", "ui-air-day-most-short", "ui-air-day-aqi"] {
            ui.label(cx.strong(cx.tr(key)));
        }
        ui.end_row();
        for commune in order {
            let residents = Message::new("ui-air-day-residents").with("residents", commune.residents as f64);
            ui.label(RichText::new(&commune.name).size(12.5)).on_hover_text(cx.say(&residents));
            let color = if commune.above == Some(true) { cx.palette.bad } else { cx.palette.text };
            let decimals = |v: f64| if v >= 10.0 { 0 } else { 2 };
            let number = |v: f64| cx.number(v, decimals(v), "");
            ui.label(RichText::new(number(commune.mean_ug_m3)).color(color));
            ui.label(number(commune.highest_hour_ug_m3));
            match (commune.vn_aqi, commune.level) {
                (Some(index), Some(level)) => {
                    aqi_chip(ui, cx, &index.to_string(), level);
                }
                _ => {
                    ui.label("–");
                }
            }
            ui.end_row();
        }
    });
    ui.add(Label::new(cx.weak(cx.tr("ui-air-day-aqi-hint"))).wrap());
}
