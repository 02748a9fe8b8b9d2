//! The wildfire study: what is asked on top, what came of it below.

use egui::{Checkbox, ComboBox, DragValue, Label, RichText, ScrollArea, Slider, Ui};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::files::FileDialogs;
use super::study;
use super::widgets::{card, icon_button, primary_button};
use super::{fire_result, fire_weather};
use crate::base::message::Message;
use crate::model::layer::Origin;
use crate::model::scenario::ScenarioId;
use crate::session::command::Command;
use crate::session::fire::{FireCommand, FireForm};
use crate::session::jobs::JobKind;
use crate::session::view_state::Tool;

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>, files: &mut FileDialogs) {
    if study::head(ui, cx, (icon::FIRE, cx.palette.bad), ("ui-fire-title", "ui-fire-close"), Some(Origin::Simulated)) {
        cx.push(Command::Fire(FireCommand::SetOpen(false)));
    }
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let before = cx.session.fire().form.clone();
        let mut form = before.clone();
        card(&cx.palette).show(ui, |ui| {
            ui.set_width(ui.available_width());
            places(ui, cx, &mut form);
            ui.separator();
            fire_weather::show(ui, cx, files, &mut form);
            ui.separator();
            scenario(ui, cx, &mut form);
            extent(ui, cx, &mut form);
        });
        let changed = form != before;
        if changed {
            cx.push(Command::Fire(FireCommand::SetForm(Box::new(form))));
        }
        ui.add_space(6.0);
        run(ui, cx);
        ui.add_space(6.0);
        if let Some(outcome) = &cx.session.fire().outcome {
            fire_result::show(ui, cx, files, outcome);
        }
        ui.add_space(6.0);
        ui.add(Label::new(cx.weak(cx.tr("ui-fire-scope"))).wrap());
    });
}

fn places(ui: &mut Ui, cx: &mut Cx<'_>, form: &mut FireForm) {
    let tool = cx.session.view.tool;
    let pick = |ui: &mut Ui, cx: &mut Cx<'_>, this: Tool, sign: &str, key: &str| {
        let text = format!("{sign}  {}", cx.tr(key));
        if ui.add(egui::Button::selectable(tool == this, text)).clicked() {
            cx.push(Command::SetTool(if tool == this { Tool::Inspect } else { this }));
        }
    };
    ui.horizontal_wrapped(|ui| {
        pick(ui, cx, Tool::Ignite, icon::FIRE, "ui-fire-ignite");
        pick(ui, cx, Tool::IgniteLine, icon::LINE_SEGMENTS, "ui-fire-ignite-line");
        pick(ui, cx, Tool::FuelBreak, icon::PATH, "ui-fire-break");
    });
    let count = form.ignitions.len();
    let text = if count == 0 {
        cx.tr("ui-fire-no-ignition")
    } else {
        cx.say(&Message::new("ui-fire-ignitions").with("count", count))
    };
    list(ui, cx, &text, count > 0, "ui-fire-clear-ignitions", || form.ignitions.clear());
    each_fire(ui, cx, form);
    let points = form.fuel_break.len();
    if points > 0 || tool == Tool::FuelBreak {
        let text = if points < 2 {
            cx.tr("ui-fire-break-hint")
        } else {
            let length: f64 = form.fuel_break.windows(2).map(|w| crate::geo::measure::distance(w[0], w[1])).sum();
            cx.say(&Message::new("ui-fire-break-length").with("length", cx.number(length, 0, "m").as_str()))
        };
        list(ui, cx, &text, points > 0, "ui-fire-clear-break", || form.fuel_break.clear());
        ui.horizontal(|ui| {
            ui.label(cx.weak(cx.tr("ui-fire-break-width")));
            ui.add(
                DragValue::new(&mut form.break_width_m)
                    .range(5.0..=200.0)
                    .speed(1.0)
                    .custom_formatter(cx.formatter(0))
                    .suffix(" m"),
            );
        });
    }
}

fn list(ui: &mut Ui, cx: &Cx<'_>, text: &str, some: bool, clear: &str, mut on_clear: impl FnMut()) {
    ui.horizontal(|ui| {
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if some && icon_button(ui, icon::TRASH, &cx.tr(clear), false).clicked() {
                on_clear();
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                ui.add(Label::new(cx.weak(text)).wrap());
            });
        });
    });
}

/// When each fire starts, and whether a line of it is the edge of an area.
fn each_fire(ui: &mut Ui, cx: &Cx<'_>, form: &mut FireForm) {
    let mut gone = None;
    for (i, fire) in form.ignitions.iter_mut().enumerate() {
        ui.horizontal(|ui| {
            let kind = match (fire.points.len(), fire.area) {
                (0 | 1, _) => "ui-fire-kind-point",
                (3.., true) => "ui-fire-kind-area",
                _ => "ui-fire-kind-line",
            };
            ui.label(cx.weak(format!("{}. {}", i + 1, cx.tr(kind))));
            if fire.points.len() > 2 {
                ui.add(Checkbox::new(&mut fire.area, cx.tr("ui-fire-area")));
            }
            ui.label(cx.weak(cx.tr("ui-fire-starts-after")));
            let after = DragValue::new(&mut fire.after_h)
                .range(0.0..=240.0)
                .speed(0.1)
                .custom_formatter(cx.formatter(1))
                .suffix(" h");
            ui.add(after);
            if icon_button(ui, icon::X, &cx.tr("ui-fire-remove"), false).clicked() {
                gone = Some(i);
            }
        });
    }
    if let Some(gone) = gone {
        form.ignitions.remove(gone);
    }
}

/// A planner's scenario: its fuel breaks and roads are there.
fn scenario(ui: &mut Ui, cx: &Cx<'_>, form: &mut FireForm) {
    let Some(project) = cx.session.project().filter(|p| !p.scenarios.is_empty()) else { return };
    let none = cx.tr("ui-fire-no-scenario");
    let name = |id: &Option<ScenarioId>| {
        let found = project.scenarios.iter().find(|s| Some(&s.id) == id.as_ref());
        found.map_or_else(|| none.clone(), |s| cx.title(&s.name).to_owned())
    };
    ui.horizontal(|ui| {
        ui.label(cx.weak(cx.tr("ui-fire-scenario")));
        ComboBox::from_id_salt("fire-scenario").width(200.0).truncate().selected_text(name(&form.scenario)).show_ui(
            ui,
            |ui| {
                ui.selectable_value(&mut form.scenario, None, none.as_str());
                for scenario in &project.scenarios {
                    ui.selectable_value(&mut form.scenario, Some(scenario.id.clone()), cx.title(&scenario.name));
                }
            },
        );
    });
}

fn extent(ui: &mut Ui, cx: &Cx<'_>, form: &mut FireForm) {
    ui.horizontal(|ui| {
        ui.label(cx.weak(cx.tr("ui-fire-hours")));
        ui.spacing_mut().slider_width = 120.0;
        ui.add(Slider::new(&mut form.hours, 1.0..=72.0).step_by(1.0).custom_formatter(cx.formatter(0)).suffix(" h"));
    });
    ui.add(Checkbox::new(&mut form.spotting, cx.tr("ui-fire-spotting"))).on_hover_text(cx.tr("ui-fire-spotting-hint"));
    ui.add(Checkbox::new(&mut form.crown, cx.tr("ui-fire-crown"))).on_hover_text(cx.tr("ui-fire-crown-hint"));
    ui.add(Checkbox::new(&mut form.fine, cx.tr("ui-fire-fine"))).on_hover_text(cx.tr("ui-fire-fine-hint"));
}

fn run(ui: &mut Ui, cx: &mut Cx<'_>) {
    let desk = cx.session.fire();
    if study::running(ui, cx, JobKind::Fire) {
        return;
    }
    ui.horizontal(|ui| {
        let ready = !desk.form.ignitions.is_empty();
        let palette = cx.palette;
        let text = cx.tr(if desk.outcome.is_some() { "ui-fire-run-again" } else { "ui-fire-run" });
        let button = ui.add_enabled_ui(ready, |ui| primary_button(ui, &palette, text)).inner;
        if button.on_disabled_hover_text(cx.tr("ui-fire-no-ignition")).clicked() {
            cx.push(Command::Fire(FireCommand::Start));
        }
        if desk.outcome.is_some() && ui.button(cx.tr("ui-fire-forget")).clicked() {
            cx.push(Command::Fire(FireCommand::Forget));
        }
    });
    if desk.outcome.as_ref().is_some_and(|o| o.form != desk.form) {
        ui.add(Label::new(RichText::new(cx.tr("ui-fire-stale")).size(12.5).color(cx.palette.warn)).wrap());
    }
}
