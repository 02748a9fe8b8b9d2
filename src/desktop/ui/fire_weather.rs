//! The weather of a wildfire: one wind by the dial, or wind and moisture by the hour in a table.

use egui::{ComboBox, DragValue, Grid, Label, ScrollArea, Slider, Ui};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::files::{FileDialogs, Pick};
use super::widgets::icon_button;
use super::wind_dial::{self, compass_key};
use crate::base::message::Message;
use crate::session::command::Command;
use crate::session::fire::{FireCommand, FireForm};
use crate::sim::fire::landscape::Weather;
use crate::study::fire::inputs::MoisturePreset;

pub(super) fn show(ui: &mut Ui, cx: &Cx<'_>, files: &mut FileDialogs, form: &mut FireForm) {
    if form.hourly.is_empty() {
        constant(ui, cx, form);
    } else {
        by_the_hour(ui, cx, form);
    }
    ui.horizontal_wrapped(|ui| {
        let key = if form.hourly.is_empty() { "ui-fire-hourly" } else { "ui-fire-add-hour" };
        if ui.button(format!("{}  {}", icon::PLUS, cx.tr(key))).clicked() {
            form.add_hour();
        }
        let from_file = format!("{}  {}", icon::FOLDER_OPEN, cx.tr("ui-fire-weather-file"));
        if ui.button(from_file).on_hover_text(cx.tr("ui-fire-weather-file-hint")).clicked() {
            let pick = Pick::open("ui-dialog-weather", "ui-filter-tables", &["csv", "txt"], |path| {
                Command::Fire(FireCommand::ReadWeather(path))
            });
            files.pick(cx, pick);
        }
        if !form.hourly.is_empty() && ui.button(cx.tr("ui-fire-constant")).clicked() {
            form.hourly.clear();
        }
    });
}

fn constant(ui: &mut Ui, cx: &Cx<'_>, form: &mut FireForm) {
    ui.horizontal(|ui| {
        wind_dial::show(ui, cx, &mut form.wind_from_deg);
        ui.vertical(|ui| {
            let from = cx.tr(compass_key(form.wind_from_deg));
            let degrees = cx.number(form.wind_from_deg, 0, "°").replace('\u{a0}', "");
            let text = Message::new("ui-fire-wind").with("from", from.as_str()).with("degrees", degrees.as_str());
            ui.add(Label::new(cx.strong(cx.say(&text))).wrap());
            ui.spacing_mut().slider_width = 110.0;
            let speed = Slider::new(&mut form.wind_10m_mps, 0.0..=20.0)
                .step_by(0.5)
                .custom_formatter(cx.formatter(1))
                .suffix(" m/s");
            ui.add(speed).on_hover_text(cx.tr("ui-fire-wind-speed"));
            ui.label(cx.weak(cx.tr("ui-fire-wind-height")));
        });
    });
    ui.horizontal(|ui| {
        ui.label(cx.weak(cx.tr("ui-fire-moisture")));
        ComboBox::from_id_salt("fire-moisture").width(170.0).selected_text(cx.tr(form.moisture.key())).show_ui(
            ui,
            |ui| {
                for preset in MoisturePreset::ALL {
                    ui.selectable_value(&mut form.moisture, preset, cx.tr(preset.key()));
                }
            },
        );
    });
}

/// A row an hour: when, wind speed, where it comes from, moisture of the finest fuel. The other moistures stay what the
/// preset or the file made them.
fn by_the_hour(ui: &mut Ui, cx: &Cx<'_>, form: &mut FireForm) {
    let mut gone = None;
    ScrollArea::vertical().id_salt("fire-hours").max_height(180.0).show(ui, |ui| {
        Grid::new("fire-hours").num_columns(5).spacing([8.0, 4.0]).striped(true).show(ui, |ui| {
            for key in ["ui-fire-column-hour", "ui-fire-column-speed", "ui-fire-column-from", "ui-fire-column-moisture"]
            {
                ui.label(cx.weak(cx.tr(key)));
            }
            ui.end_row();
            for (i, row) in form.hourly.iter_mut().enumerate() {
                if hour(ui, cx, row) {
                    gone = Some(i);
                }
                ui.end_row();
            }
        });
    });
    if let Some(gone) = gone {
        form.hourly.remove(gone);
    }
    // Hours that were changed out of order find their places again.
    form.hourly.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
}

/// Whether the row shall go.
fn hour(ui: &mut Ui, cx: &Cx<'_>, row: &mut Weather) -> bool {
    let field = |ui: &mut Ui, value: f64, decimals: usize, range: std::ops::RangeInclusive<f64>, suffix: &str| {
        let mut now = value;
        let speed = if decimals == 0 { 1.0 } else { 0.1 };
        ui.add(
            DragValue::new(&mut now).range(range).speed(speed).custom_formatter(cx.formatter(decimals)).suffix(suffix),
        );
        (now != value).then_some(now)
    };
    if let Some(hours) = field(ui, row.start_s / 3600.0, 1, 0.0..=240.0, " h") {
        row.start_s = hours * 3600.0;
    }
    if let Some(speed) = field(ui, row.wind_10m_mps, 1, 0.0..=40.0, " m/s") {
        row.wind_10m_mps = speed;
    }
    if let Some(degrees) = field(ui, row.wind_from_rad.to_degrees(), 0, 0.0..=360.0, "°") {
        row.wind_from_rad = degrees.to_radians();
    }
    if let Some(percent) = field(ui, row.moisture.dead_1h * 100.0, 0, 1.0..=60.0, " %") {
        // The coarser dead fuel stays as much wetter as it was.
        let more = percent / 100.0 - row.moisture.dead_1h;
        row.moisture.dead_1h += more;
        row.moisture.dead_10h = (row.moisture.dead_10h + more).max(0.0);
        row.moisture.dead_100h = (row.moisture.dead_100h + more).max(0.0);
    }
    icon_button(ui, icon::X, &cx.tr("ui-fire-remove-hour"), false).clicked()
}
