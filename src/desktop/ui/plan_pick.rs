//! What was clicked on the map, and what the shown scenario can do with it.

use egui::{Label, Ui};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::plan_edit::{road_fields, rule_fields};
use super::widgets::primary_button;
use crate::base::message::Message;
use crate::model::change::Edit;
use crate::model::layer::LayerRole;
use crate::session::command::Command;
use crate::session::plan::PlanCommand;
use crate::session::plan_draw::PlanForm;
use crate::session::plan_pick::Chosen;

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>, form: &mut PlanForm) {
    let chosen = cx.session.chosen();
    if chosen.is_empty() {
        ui.add(Label::new(cx.weak(cx.tr("whatif-draw-choose"))).wrap());
    }
    for (i, one) in chosen.into_iter().enumerate() {
        if i > 0 {
            ui.separator();
        }
        ui.push_id(i, |ui| match one {
            Chosen::Areas { role, ids, .. } => repaint(ui, cx, role, ids.len(), form),
            Chosen::Road(name) => road(ui, cx, &name, form),
            Chosen::Hydrant(feature) => {
                take_away(ui, cx, "whatif-pick-hydrant", &feature.to_string(), Edit::RemoveHydrant { feature });
            }
            Chosen::Sensor { layer, feature } => {
                let title = cx.session.project().and_then(|p| p.layer(&layer)).map(|l| cx.title(&l.title).to_owned());
                let name = format!("{} {feature}", title.unwrap_or_default());
                take_away(ui, cx, "whatif-pick-sensor", &name, Edit::RemoveSensor { layer: layer.0, feature });
            }
            Chosen::Own(number) => own(ui, cx, number),
            Chosen::Below(edit) => below(ui, cx, &edit),
        });
    }
}

fn add(cx: &mut Cx<'_>, edit: Edit) {
    if let Some(scenario) = cx.session.plan().active.clone() {
        cx.push(Command::Plan(PlanCommand::AddEdit { scenario, edit: Box::new(edit) }));
    }
}

fn take_away(ui: &mut Ui, cx: &mut Cx<'_>, key: &str, subject: &str, edit: Edit) {
    ui.add(Label::new(cx.strong(cx.say(&Message::new(key).with("subject", subject)))).wrap());
    if ui.button(format!("{}  {}", icon::TRASH, cx.tr("whatif-pick-remove"))).clicked() {
        add(cx, edit);
    }
}

fn road(ui: &mut Ui, cx: &mut Cx<'_>, name: &str, form: &mut PlanForm) {
    ui.add(Label::new(cx.strong(cx.say(&Message::new("whatif-pick-road").with("name", name)))).wrap());
    road_fields(ui, cx, form);
    let palette = cx.palette;
    ui.horizontal_wrapped(|ui| {
        let text = cx.tr("whatif-pick-upgrade");
        if primary_button(ui, &palette, text).clicked() {
            let edit = Edit::UpgradeRoad {
                name: name.to_owned(),
                lanes: Some(form.lanes),
                speed_kmh: Some(form.speed_kmh),
                width_m: Some(form.width_m),
                class: None,
            };
            add(cx, edit);
        }
        if ui.button(format!("{}  {}", icon::PROHIBIT, cx.tr("whatif-pick-close"))).clicked() {
            add(cx, Edit::CloseRoad { name: name.to_owned() });
        }
    });
}

/// Something that the shown scenario has drawn.
fn own(ui: &mut Ui, cx: &mut Cx<'_>, number: usize) {
    let active = cx.session.plan().active.clone();
    let Some((scenario, project)) = active.zip(cx.session.project().cloned()) else { return };
    let edits = project.scenarios.iter().find(|s| s.id == scenario).map(|s| s.edits.as_slice()).unwrap_or_default();
    let Some(edit) = edits.get(number - 1) else { return };
    ui.add(Label::new(cx.strong(format!("{number}. {}", cx.say(&edit.to_message())))).wrap());
    ui.horizontal_wrapped(|ui| {
        if ui.button(format!("{}  {}", icon::PENCIL_SIMPLE, cx.tr("whatif-reshape"))).clicked() {
            cx.push(Command::Plan(PlanCommand::Reshape(number)));
        }
        let is_zone = |e: &&Edit| matches!(e, Edit::Zone { .. });
        if is_zone(&edit) && edits.iter().filter(is_zone).count() > 1 {
            let text = format!("{}  {}", icon::UNITE, cx.tr("whatif-pick-join"));
            if ui.button(text).on_hover_text(cx.tr("whatif-pick-join-hint")).clicked() {
                cx.push(Command::Plan(PlanCommand::Join(number)));
            }
        }
        if ui.button(format!("{}  {}", icon::TRASH, cx.tr("whatif-remove-edit"))).clicked() {
            cx.push(Command::Plan(PlanCommand::RemoveEdit { scenario: scenario.clone(), number }));
        }
    });
}

/// A stack or an outfall of the scenario that the shown one rests on.
fn below(ui: &mut Ui, cx: &mut Cx<'_>, edit: &Edit) {
    let id = edit.id().unwrap_or_default().to_owned();
    let (key, gone) = match edit {
        Edit::AddEmitter(_) => ("whatif-pick-emitter", Edit::RemoveEmitter { id }),
        _ => ("whatif-pick-outlet", Edit::RemoveOutlet { id }),
    };
    take_away(ui, cx, key, &edit.subject(), gone);
}

/// Another rule for what was clicked or marked.
fn repaint(ui: &mut Ui, cx: &mut Cx<'_>, role: LayerRole, count: usize, form: &mut PlanForm) {
    let key = if role == LayerRole::Parcels { "whatif-draw-chosen-parcels" } else { "whatif-draw-chosen-zones" };
    ui.add(Label::new(cx.strong(cx.say(&Message::new(key).with("count", count)))).wrap());
    rule_fields(ui, cx, &mut form.rule);
    let palette = cx.palette;
    ui.horizontal_wrapped(|ui| {
        let text = cx.tr("whatif-draw-repaint");
        if primary_button(ui, &palette, text).clicked() {
            cx.push(Command::Plan(PlanCommand::SetForm(Box::new(form.clone()))));
            cx.push(Command::Plan(PlanCommand::Repaint));
        }
        let text = cx.tr(if count == 1 { "whatif-draw-outline" } else { "whatif-draw-outline-all" });
        if ui.button(text).clicked() {
            cx.push(Command::Plan(PlanCommand::OutlineChosen));
        }
    });
}
