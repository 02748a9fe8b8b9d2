//! Sources of the air that were set by clicks: how much each lets out, how high, how hot.

use egui::{Button, Checkbox, DragValue, Ui};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::widgets::icon_button;
use crate::base::message::Message;
use crate::session::air::AirForm;
use crate::session::air_sources::{HOT, PlacedSource, SourceKind};
use crate::session::command::Command;
use crate::session::view_state::Tool;

const FREEZING_K: f64 = 273.15;

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>, form: &mut AirForm) {
    let tool = cx.session.view.tool;
    ui.horizontal_wrapped(|ui| {
        for (this, sign, key) in [
            (Tool::AirSource, icon::FACTORY, "ui-air-set-stack"),
            (Tool::AirLine, icon::POLYGON, "ui-air-set-line"),
            (Tool::AirProbe, icon::CROSSHAIR, "ui-air-probe"),
        ] {
            let text = format!("{sign}  {}", cx.tr(key));
            let button = ui.add(Button::selectable(tool == this, text));
            if button.on_hover_text(cx.tr(&format!("{key}-hint"))).clicked() {
                cx.push(Command::SetTool(if tool == this { Tool::Inspect } else { this }));
            }
        }
    });
    let mut gone = None;
    for (i, placed) in form.placed.iter_mut().enumerate() {
        ui.push_id(("placed-source", i), |ui| {
            if each(ui, cx, i + 1, placed) {
                gone = Some(i);
            }
        });
    }
    if let Some(gone) = gone {
        form.placed.remove(gone);
    }
}

/// True when it shall go.
fn each(ui: &mut Ui, cx: &Cx<'_>, number: usize, placed: &mut PlacedSource) -> bool {
    let mut gone = false;
    ui.horizontal_wrapped(|ui| {
        ui.label(cx.strong(cx.say(&Message::new(placed.kind().key()).with("number", number))));
        let rate = DragValue::new(&mut placed.rate_g_s).range(0.0..=10_000.0).speed(0.5);
        ui.add(rate.custom_formatter(cx.formatter(1)).suffix(" g/s")).on_hover_text(cx.tr("ui-air-rate"));
        let height = DragValue::new(&mut placed.height_m).range(0.0..=250.0).speed(1.0);
        ui.add(height.custom_formatter(cx.formatter(0)).suffix(" m")).on_hover_text(cx.tr("ui-air-height"));
        gone = icon_button(ui, icon::X, &cx.tr("ui-air-remove-source"), false).clicked();
        if placed.points.len() > 2 {
            ui.add(Checkbox::new(&mut placed.area, cx.tr("ui-air-is-area")));
        }
        if placed.kind() == SourceKind::Stack {
            let mut hot = placed.exhaust.is_some();
            ui.add(Checkbox::new(&mut hot, cx.tr("ui-air-hot"))).on_hover_text(cx.tr("ui-air-hot-hint"));
            placed.exhaust = hot.then(|| placed.exhaust.unwrap_or(HOT));
        }
    });
    if let Some(exhaust) = &mut placed.exhaust {
        ui.horizontal_wrapped(|ui| {
            let wide = DragValue::new(&mut exhaust.diameter_m).range(0.1..=20.0).speed(0.1);
            ui.add(wide.custom_formatter(cx.formatter(1)).suffix(" m")).on_hover_text(cx.tr("ui-air-hot-diameter"));
            let fast = DragValue::new(&mut exhaust.velocity_mps).range(0.1..=60.0).speed(0.5);
            ui.add(fast.custom_formatter(cx.formatter(1)).suffix(" m/s")).on_hover_text(cx.tr("ui-air-hot-velocity"));
            let mut celsius = exhaust.temperature_k - FREEZING_K;
            let warm = DragValue::new(&mut celsius).range(0.0..=1200.0).speed(5.0);
            ui.add(warm.custom_formatter(cx.formatter(0)).suffix(" °C")).on_hover_text(cx.tr("ui-air-hot-temperature"));
            exhaust.temperature_k = celsius + FREEZING_K;
        });
    }
    gone
}
