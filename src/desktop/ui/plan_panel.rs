//! Plans: the tree of scenarios, the edits of the one that is shown, and two of them side by side.

use egui::{Button, ComboBox, Grid, Label, RichText, ScrollArea, Ui};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::plan_tree::PlanTree;
use super::widgets::{card, origin_chip, primary_button};
use super::{plan_edit, plan_maps, study};
use crate::base::message::Message;
use crate::model::layer::Origin;
use crate::model::scenario::{Scenario, ScenarioId};
use crate::session::command::Command;
use crate::session::jobs::JobKind;
use crate::session::plan::{PlanCommand, PlanOutcome};
use crate::session::plan_beside::BesideWish;
use crate::study::whatif::compare::{Comparison, Row, Verdict};
use crate::study::whatif::indicator::Figure;

/// What is being typed and chosen.
#[derive(Default)]
pub(super) struct PlanPanel {
    tree: PlanTree,
    first: Option<ScenarioId>,
    second: Option<ScenarioId>,
}

impl PlanPanel {
    pub(super) fn show(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        if study::head(ui, cx, (icon::TREE_STRUCTURE, cx.palette.accent), ("whatif-title", "whatif-close"), None) {
            cx.push(Command::Plan(PlanCommand::SetOpen(false)));
        }
        let Some(scenarios) = cx.session.project().map(|p| p.scenarios.clone()) else { return };
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            card(&cx.palette).show(ui, |ui| {
                ui.set_width(ui.available_width());
                if let Some(looked_at) = self.tree.show(ui, cx, &scenarios) {
                    // What is looked at is most likely what is compared next.
                    self.second = Some(looked_at);
                }
            });
            ui.add_space(6.0);
            plan_edit::show(ui, cx);
            ui.add_space(6.0);
            self.compare(ui, cx, &scenarios);
            ui.add_space(6.0);
            beside(ui, cx, &scenarios);
            ui.add_space(6.0);
            if let Some(outcome) = &cx.session.plan().outcome {
                result(ui, cx, outcome);
            }
        });
    }

    fn compare(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, scenarios: &[Scenario]) {
        let there = |id: &Option<ScenarioId>| id.as_ref().is_none_or(|id| scenarios.iter().any(|s| s.id == *id));
        if !there(&self.first) {
            self.first = None;
        }
        if !there(&self.second) {
            self.second = None;
        }
        ui.horizontal(|ui| {
            for (letter, chosen) in [("A", &mut self.first), ("B", &mut self.second)] {
                ui.label(cx.strong(letter));
                let name = cx.plan_name(chosen.as_ref());
                ComboBox::from_id_salt(letter).width(130.0).truncate().selected_text(name).show_ui(ui, |ui| {
                    ui.selectable_value(chosen, None, cx.tr("whatif-report-today"));
                    for scenario in scenarios {
                        ui.selectable_value(chosen, Some(scenario.id.clone()), cx.title(&scenario.name));
                    }
                });
            }
        });
        if study::running(ui, cx, JobKind::Plan) {
            return;
        }
        let palette = cx.palette;
        let ready = self.first != self.second;
        let text = cx.tr("whatif-compare");
        let button = ui.add_enabled_ui(ready, |ui| primary_button(ui, &palette, text)).inner;
        if button.on_disabled_hover_text(cx.tr("whatif-choose-two")).clicked() {
            let (first, second) = (self.first.clone(), self.second.clone());
            cx.push(Command::Plan(PlanCommand::Compare { first, second }));
        }
    }
}

/// Another scenario beside the one on the map, with a line between them that can be dragged.
fn beside(ui: &mut Ui, cx: &mut Cx<'_>, scenarios: &[Scenario]) {
    let active = cx.session.plan().active.clone();
    let now = cx.session.plan().beside.as_ref().map_or(BesideWish::Nothing, |b| BesideWish::Plan(b.scenario.clone()));
    ui.horizontal(|ui| {
        ui.label(cx.strong(cx.tr("whatif-wipe")));
        let text = match &now {
            BesideWish::Nothing => cx.tr("whatif-wipe-none"),
            BesideWish::Plan(id) => cx.plan_name(id.as_ref()),
        };
        let mut wanted = now.clone();
        ComboBox::from_id_salt("beside").width(200.0).selected_text(text).show_ui(ui, |ui| {
            ui.selectable_value(&mut wanted, BesideWish::Nothing, cx.tr("whatif-wipe-none"));
            if active.is_some() {
                ui.selectable_value(&mut wanted, BesideWish::Plan(None), cx.tr("whatif-report-today"));
            }
            for scenario in scenarios.iter().filter(|s| active.as_ref() != Some(&s.id)) {
                let wish = BesideWish::Plan(Some(scenario.id.clone()));
                ui.selectable_value(&mut wanted, wish, cx.title(&scenario.name));
            }
        });
        if wanted != now {
            cx.push(Command::Plan(PlanCommand::Beside(wanted)));
        }
    });
    let Some(halves) = cx.session.plan().beside.as_ref().map(|b| b.halves) else { return };
    ui.horizontal(|ui| {
        for (mode, key) in [(false, "whatif-wipe-line"), (true, "whatif-wipe-halves")] {
            if ui.add(Button::selectable(halves == mode, cx.tr(key))).clicked() {
                cx.push(Command::Plan(PlanCommand::SetHalves(mode)));
            }
        }
    });
}

fn result(ui: &mut Ui, cx: &mut Cx<'_>, outcome: &PlanOutcome) {
    let names = [0, 1].map(|i: usize| cx.plan_name(outcome.names[i].as_ref()));
    ui.horizontal(|ui| {
        ui.label(cx.strong(format!("A: {}", names[0])));
        origin_chip(ui, cx, Origin::Simulated);
    });
    ui.label(cx.strong(format!("B: {}", names[1])));
    if outcome.unfinished {
        ui.add(Label::new(cx.weak(cx.tr("whatif-unfinished"))).wrap());
    }
    ui.add_space(4.0);
    // Names of their own: a click that began on one button must not end on another when results come in between.
    ui.push_id("maps", |ui| plan_maps::show(ui, cx, outcome));
    ui.add_space(4.0);
    Grid::new("plan-figures").num_columns(4).striped(true).spacing([8.0, 6.0]).show(ui, |ui| {
        for head in [String::new(), "A".to_owned(), "B".to_owned(), "B – A".to_owned()] {
            ui.label(cx.strong(head));
        }
        ui.end_row();
        for row in &outcome.comparison.rows {
            figure(ui, cx, row, &outcome.comparison);
        }
    });
    let forget = cx.tr("whatif-forget");
    if ui.push_id("forget", |ui| ui.button(forget)).inner.clicked() {
        cx.push(Command::Plan(PlanCommand::Forget));
    }
}

fn figure(ui: &mut Ui, cx: &Cx<'_>, row: &Row, comparison: &Comparison) {
    let Some(f) = row.figure() else { return };
    let unit = cx.tr(&f.unit);
    let hint = || comparison.reasons(row).iter().map(|m| cx.say(m)).collect::<Vec<_>>().join("\n");
    let name = cx.say(&f.name());
    ui.scope(|ui| {
        ui.set_max_width(150.0);
        let target = f.target.map_or_else(String::new, |t| {
            let value = Message::new("whatif-target").with("value", cx.number(t, f.decimals, ""));
            format!("; {}", cx.say(&value))
        });
        ui.vertical(|ui| {
            ui.add(Label::new(format!("{name} ({unit}{target})")).wrap()).on_hover_text(hint());
            bars(ui, cx, row);
        });
    });
    let value =
        |f: Option<&Figure>| f.map_or_else(|| "–".to_owned(), |f| with_range(cx, f.value, f.plus_minus, f.decimals));
    ui.label(value(row.first.as_ref()));
    ui.label(value(row.second.as_ref()));
    let color = match row.verdict {
        Verdict::Better => cx.palette.good,
        Verdict::Worse => cx.palette.bad,
        Verdict::Other => cx.palette.text,
        Verdict::Same => cx.palette.weak,
    };
    let change = row.change.map_or_else(String::new, |c| {
        let sign = if c > 0.0 && row.verdict != Verdict::Same { "+" } else { "" };
        let arrow = match row.arrow() {
            "↑" => icon::ARROW_UP,
            "↓" => icon::ARROW_DOWN,
            other => other,
        };
        format!("{arrow} {sign}{}", with_range(cx, c, row.plus_minus, f.decimals))
    });
    let verdict = cx.say(&Message::new(row.verdict.key()));
    ui.label(RichText::new(change).color(color)).on_hover_text(verdict);
    ui.end_row();
}

/// A above B, as long as their values.
fn bars(ui: &mut Ui, cx: &Cx<'_>, row: &Row) {
    let values = [&row.first, &row.second].map(|f| f.as_ref().map_or(0.0, |f| f.value.max(0.0)));
    let most = values[0].max(values[1]);
    if most <= 0.0 {
        return;
    }
    let (rect, _) = ui.allocate_exact_size(egui::vec2(140.0, 9.0), egui::Sense::hover());
    let color = match row.verdict {
        Verdict::Better => cx.palette.good,
        Verdict::Worse => cx.palette.bad,
        Verdict::Other | Verdict::Same => cx.palette.accent,
    };
    for (i, (value, color)) in values.into_iter().zip([cx.palette.weak, color]).enumerate() {
        let size = egui::vec2((value / most) as f32 * rect.width(), 3.5);
        let bar = egui::Rect::from_min_size(rect.min + egui::vec2(0.0, i as f32 * 4.5), size);
        ui.painter().rect_filled(bar, 1.5, color);
    }
}

fn with_range(cx: &Cx<'_>, value: f64, plus_minus: Option<f64>, decimals: usize) -> String {
    cx.catalog.estimate(value, plus_minus, decimals).replace(" ±", "\n±")
}
