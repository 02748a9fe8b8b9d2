//! The sea study: outfalls, bacteria and wind on top; what comes to the beaches below.

use egui::{Button, DragValue, Grid, Label, RichText, ScrollArea, Slider, Ui};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::files::FileDialogs;
use super::ramp::ramp;
use super::study;
use super::widgets::{bullet, card, icon_button, primary_button};
use super::wind_dial::{self, compass_key};
use crate::base::message::Message;
use crate::model::layer::Origin;
use crate::session::command::Command;
use crate::session::jobs::JobKind;
use crate::session::place::site_box;
use crate::session::sea::{SeaCommand, SeaForm, SeaOutcome, UNIT};
use crate::session::view_state::{CameraRequest, Tool};
use crate::sim::water::sea::{Floating, OIL_AFLOAT, OIL_EVAPORATED, OIL_STRANDED};

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>, files: &mut FileDialogs) {
    if study::head(ui, cx, (icon::WAVES, cx.palette.accent), ("ui-sea-title", "ui-sea-close"), Some(Origin::Simulated))
    {
        cx.push(Command::Sea(SeaCommand::SetOpen(false)));
    }
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let before = cx.session.sea().form.clone();
        let mut form = before.clone();
        card(&cx.palette).show(ui, |ui| {
            ui.set_width(ui.available_width());
            outfalls(ui, cx, &mut form);
            ui.separator();
            spill(ui, cx, &mut form);
            ui.separator();
            weather(ui, cx, &mut form);
        });
        if form != before {
            cx.push(Command::Sea(SeaCommand::SetForm(Box::new(form))));
        }
        ui.add_space(6.0);
        run(ui, cx);
        ui.add_space(6.0);
        if let Some(outcome) = &cx.session.sea().outcome {
            result(ui, cx, files, outcome);
        }
        ui.add_space(6.0);
        ui.add(Label::new(cx.weak(cx.tr("ui-sea-scope"))).wrap());
    });
}

fn outfalls(ui: &mut Ui, cx: &mut Cx<'_>, form: &mut SeaForm) {
    let tool = cx.session.view.tool;
    ui.horizontal(|ui| {
        let text = format!("{}  {}", icon::DROP, cx.tr("ui-sea-set-outfall"));
        if ui.add(Button::selectable(tool == Tool::SeaOutfall, text)).clicked() {
            cx.push(Command::SetTool(if tool == Tool::SeaOutfall { Tool::Inspect } else { Tool::SeaOutfall }));
        }
        ui.label(cx.weak(cx.say(&Message::new("ui-sea-outfalls").with("count", form.outfalls.len()))));
        if !form.outfalls.is_empty() && icon_button(ui, icon::TRASH, &cx.tr("ui-sea-clear"), false).clicked() {
            form.outfalls.clear();
        }
    });
    ui.horizontal(|ui| {
        ui.label(cx.weak(cx.tr("whatif-draw-flow")));
        let flow = DragValue::new(&mut form.flow_m3_day).range(1.0..=500_000.0).speed(50.0);
        ui.add(flow.custom_formatter(cx.formatter(0)).suffix(format!(" {}", cx.tr("ui-sea-flow-unit"))));
    });
    ui.horizontal(|ui| {
        ui.label(cx.weak(cx.tr("ui-sea-coliform")));
        ui.spacing_mut().slider_width = 90.0;
        ui.add(Slider::new(&mut form.coliform_log10, 2.0..=8.0).step_by(0.5).custom_formatter(cx.formatter(1)));
    });
    ui.horizontal(|ui| {
        ui.label(cx.weak(cx.tr("ui-sea-t90")));
        ui.spacing_mut().slider_width = 90.0;
        let hours = Slider::new(&mut form.t90_h, 0.5..=48.0).logarithmic(true).custom_formatter(cx.formatter(1));
        ui.add(hours.suffix(" h")).on_hover_text(cx.tr("ui-sea-t90-hint"));
    });
}

/// Oil or debris on the water.
fn spill(ui: &mut Ui, cx: &mut Cx<'_>, form: &mut SeaForm) {
    let tool = cx.session.view.tool;
    ui.horizontal_wrapped(|ui| {
        let text = format!("{}  {}", icon::DROP_HALF, cx.tr("ui-sea-set-spill"));
        if ui.add(Button::selectable(tool == Tool::SeaSpill, text)).clicked() {
            cx.push(Command::SetTool(if tool == Tool::SeaSpill { Tool::Inspect } else { Tool::SeaSpill }));
        }
        if form.spill.is_some() {
            for (what, key) in [(Floating::Oil, "ui-sea-oil"), (Floating::Debris, "ui-sea-debris")] {
                ui.selectable_value(&mut form.floating, what, cx.tr(key));
            }
            if icon_button(ui, icon::TRASH, &cx.tr("ui-sea-clear-spill"), false).clicked() {
                form.spill = None;
            }
        }
    });
}

/// What has become of it at the clock's hour.
fn adrift(ui: &mut Ui, cx: &Cx<'_>, outcome: &SeaOutcome) {
    if outcome.form.spill.is_none() {
        return;
    }
    let Some(now) = cx.session.second_of_day().and_then(|second| outcome.at(second)) else { return };
    let share = |name: &str| cx.number(100.0 * now.scalars.get(name).copied().unwrap_or_default(), 0, "%");
    let key = if outcome.form.floating == Floating::Oil { "ui-sea-oil-now" } else { "ui-sea-debris-now" };
    let text = Message::new(key)
        .with("afloat", share(OIL_AFLOAT))
        .with("stranded", share(OIL_STRANDED))
        .with("evaporated", share(OIL_EVAPORATED));
    ui.add(Label::new(cx.say(&text)).wrap());
    ui.add(Label::new(cx.weak(cx.tr("ui-sea-spill-hint"))).wrap());
    ui.separator();
}

fn weather(ui: &mut Ui, cx: &Cx<'_>, form: &mut SeaForm) {
    ui.horizontal(|ui| {
        wind_dial::show(ui, cx, &mut form.wind_from_deg);
        ui.vertical(|ui| {
            let from = cx.tr(compass_key(form.wind_from_deg));
            let degrees = cx.number(form.wind_from_deg, 0, "°").replace('\u{a0}', "");
            let text = Message::new("ui-fire-wind").with("from", from.as_str()).with("degrees", degrees.as_str());
            ui.add(Label::new(cx.strong(cx.say(&text))).wrap());
            ui.spacing_mut().slider_width = 110.0;
            let speed = Slider::new(&mut form.wind_mps, 0.0..=20.0).step_by(0.5).custom_formatter(cx.formatter(1));
            ui.add(speed.suffix(" m/s")).on_hover_text(cx.tr("ui-fire-wind-speed"));
        });
    });
    ui.checkbox(&mut form.fine, cx.tr("ui-sea-fine")).on_hover_text(cx.tr("ui-air-fine-hint"));
}

fn run(ui: &mut Ui, cx: &mut Cx<'_>) {
    let desk = cx.session.sea();
    if study::running(ui, cx, JobKind::Sea) {
        return;
    }
    ui.horizontal(|ui| {
        let palette = cx.palette;
        let text = cx.tr(if desk.outcome.is_some() { "ui-fire-run-again" } else { "ui-fire-run" });
        let ready = !desk.form.outfalls.is_empty() || desk.form.spill.is_some();
        let button = ui.add_enabled_ui(ready, |ui| primary_button(ui, &palette, text)).inner;
        if button.on_disabled_hover_text(cx.tr("ui-sea-no-outfall")).clicked() {
            cx.push(Command::Sea(SeaCommand::Start));
        }
        if desk.outcome.is_some() && ui.button(cx.tr("ui-fire-forget")).clicked() {
            cx.push(Command::Sea(SeaCommand::Forget));
        }
    });
    if cx.session.project().is_some_and(|project| desk.is_stale(project)) {
        ui.add(Label::new(RichText::new(cx.tr("ui-air-stale")).size(12.5).color(cx.palette.warn)).wrap());
    }
}

fn result(ui: &mut Ui, cx: &mut Cx<'_>, files: &mut FileDialogs, outcome: &SeaOutcome) {
    card(&cx.palette).show(ui, |ui| {
        ui.set_width(ui.available_width());
        if study::result_head(ui, cx, JobKind::Export, "ui-sea-export") {
            files.pick_folder(cx, "ui-dialog-sea-folder", |folder| Command::Sea(SeaCommand::Save(folder)));
        }
        for message in &outcome.result.headlines {
            bullet(ui, cx, message, cx.palette.text);
        }
        ui.separator();
        // Without an outfall there is nothing to count.
        let counts = !outcome.form.outfalls.is_empty();
        if counts {
            legend(ui, cx, outcome);
        }
        if let Some(second) = cx.session.second_of_day() {
            let fastest = cx.number(outcome.fastest(second), 2, "m/s");
            ui.add(Label::new(cx.weak(cx.say(&Message::new("ui-sea-flow").with("speed", fastest)))).wrap());
        }
        ui.separator();
        adrift(ui, cx, outcome);
        if counts {
            beaches(ui, cx, outcome);
        }
    });
    ui.add_space(6.0);
    let heading = cx.strong(cx.tr("ui-air-assumptions"));
    egui::CollapsingHeader::new(heading).id_salt("assumptions-of-the-sea").show(ui, |ui| {
        for line in &outcome.result.assumptions {
            bullet(ui, cx, line, cx.palette.weak);
        }
    });
}

/// The colours of the counts, and the limit among them.
fn legend(ui: &mut Ui, cx: &mut Cx<'_>, outcome: &SeaOutcome) {
    ui.label(cx.strong(cx.tr("ui-fire-on-map")));
    let highest = cx.session.sea().highest;
    ui.horizontal_wrapped(|ui| {
        for (this, key) in [(false, "ui-sea-by-clock"), (true, "ui-sea-highest")] {
            if ui.add(Button::selectable(highest == this, RichText::new(cx.tr(key)).size(13.0))).clicked() {
                cx.push(Command::Sea(SeaCommand::ShowHighest(this)));
            }
        }
    });
    let shade = outcome.shade();
    ramp(ui, cx, &shade, Some(outcome.limit as f32));
    let marked = shade.stops.iter().any(|(value, _)| *value == outcome.limit as f32);
    let limit = Message::new(&study::limit_key("ui-sea-limit", marked, outcome.limited.verify))
        .with("value", cx.number(outcome.limit, 0, UNIT))
        .with("document", outcome.limited.document.as_str());
    ui.add(Label::new(cx.weak(cx.say(&limit))).wrap());
}

/// The beaches, the worst first; a click leads there.
fn beaches(ui: &mut Ui, cx: &mut Cx<'_>, outcome: &SeaOutcome) {
    let mut order: Vec<_> = outcome.result.beaches.iter().collect();
    order.sort_by(|a, b| b.highest_mean.total_cmp(&a.highest_mean).then_with(|| a.name.cmp(&b.name)));
    Grid::new("beaches").num_columns(3).striped(true).spacing([8.0, 5.0]).show(ui, |ui| {
        for key in ["ui-sea-beach", "ui-sea-most", "ui-sea-hours-above"] {
            ui.label(cx.strong(cx.tr(key)));
        }
        ui.end_row();
        for beach in order {
            let link = ui.add(egui::Link::new(&beach.name));
            if link.clicked()
                && let Some(project) = cx.session.project()
            {
                let [x, y] = beach.at;
                let around = site_box(&project.frame, [x - 1500.0, y - 1500.0, x + 1500.0, y + 1500.0]);
                cx.push(Command::MoveCamera(CameraRequest::Frame(around)));
            }
            let above = beach.highest_mean > outcome.limit;
            let color = if above { cx.palette.bad } else { cx.palette.text };
            ui.label(RichText::new(amount(cx, beach.highest_mean)).color(color));
            ui.label(cx.number(beach.hours_above(outcome.limit), 0, "h"));
            ui.end_row();
        }
    });
}

/// Counts below one say nothing but that.
fn amount(cx: &Cx<'_>, value: f64) -> String {
    if value < 1.0 { cx.tr("ui-sea-below-one") } else { cx.number(value, 0, "") }
}
