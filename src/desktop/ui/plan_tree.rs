//! The tree of scenarios: shown, added, renamed, deleted, one brought into another; and the edits of the one that is shown.

use egui::{Button, ComboBox, Label, RichText, TextEdit, Ui};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::widgets::{icon_button, primary_button};
use crate::base::message::Message;
use crate::model::scenario::{Scenario, ScenarioId};
use crate::model::scenario_tree::{Prefer, in_order, merge};
use crate::session::command::Command;
use crate::session::plan::PlanCommand;
use crate::session::story::StoryCommand;

/// What is being typed and chosen.
#[derive(Default)]
pub(super) struct PlanTree {
    name: String,
    /// The new name of the shown scenario.
    renamed: Option<String>,
    /// What is to be brought into the shown scenario.
    from: Option<ScenarioId>,
}

impl PlanTree {
    /// Returns the scenario that was chosen to be shown.
    pub(super) fn show(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, scenarios: &[Scenario]) -> Option<ScenarioId> {
        let active = cx.session.plan().active.clone();
        let mut looked_at = None;
        if ui.add(Button::selectable(active.is_none(), cx.tr("whatif-report-today"))).clicked() {
            cx.push(Command::Plan(PlanCommand::Activate(None)));
        }
        for (depth, scenario) in in_order(scenarios) {
            ui.horizontal(|ui| {
                ui.add_space(14.0 * (depth + 1) as f32);
                let chosen = active.as_ref() == Some(&scenario.id);
                if chosen && self.renamed.is_some() {
                    self.rename(ui, cx, scenario);
                    return;
                }
                if ui.add(Button::selectable(chosen, cx.title(&scenario.name)).truncate()).clicked() {
                    looked_at = Some(scenario.id.clone());
                    (self.renamed, self.from) = (None, None);
                    cx.push(Command::Plan(PlanCommand::Activate(Some(scenario.id.clone()))));
                }
                if chosen && icon_button(ui, icon::PENCIL_SIMPLE, &cx.tr("whatif-rename"), false).clicked() {
                    self.renamed = Some(cx.title(&scenario.name).to_owned());
                }
                if chosen && icon_button(ui, icon::TRASH, &cx.tr("whatif-delete"), false).clicked() {
                    cx.push(Command::Plan(PlanCommand::Delete(scenario.id.clone())));
                }
            });
        }
        ui.horizontal(|ui| {
            let width = ui.available_width() - 40.0;
            ui.add(TextEdit::singleline(&mut self.name).hint_text(cx.tr("whatif-new-name")).desired_width(width));
            if icon_button(ui, icon::PLUS, &cx.tr("whatif-add"), false).clicked() && !self.name.trim().is_empty() {
                let name = std::mem::take(&mut self.name);
                cx.push(Command::Plan(PlanCommand::Add { name, base: active.clone() }));
            }
        });
        if let Some(scenario) = scenarios.iter().find(|s| active.as_ref() == Some(&s.id)) {
            self.bring_in(ui, cx, scenario, scenarios);
            edits(ui, cx, scenario);
        }
        looked_at
    }

    fn rename(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, scenario: &Scenario) {
        let Some(name) = &mut self.renamed else { return };
        let edit = ui.add(TextEdit::singleline(name).desired_width(ui.available_width() - 72.0));
        let entered = edit.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
        let kept = icon_button(ui, icon::CHECK, &cx.tr("ui-cell-keep"), false).clicked() || entered;
        if kept && !name.trim().is_empty() {
            let rename = PlanCommand::Rename { id: scenario.id.clone(), name: name.trim().to_owned() };
            cx.push(Command::Plan(rename));
        }
        if icon_button(ui, icon::X, &cx.tr("ui-cell-discard"), false).clicked() || kept {
            self.renamed = None;
        }
    }

    /// The edits of another scenario brought into the shown one; where both changed the same, the user says whose stands.
    fn bring_in(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, into: &Scenario, scenarios: &[Scenario]) {
        let others: Vec<&Scenario> = scenarios.iter().filter(|s| s.id != into.id).collect();
        if others.is_empty() {
            return;
        }
        self.from.take_if(|from| !others.iter().any(|s| s.id == *from));
        let none = cx.tr("whatif-wipe-none");
        ui.horizontal(|ui| {
            ui.label(cx.weak(cx.tr("whatif-merge-from")));
            let name = self.from.as_ref().map_or_else(|| none.clone(), |id| cx.plan_name(Some(id)));
            ComboBox::from_id_salt("merge-from").width(180.0).truncate().selected_text(name).show_ui(ui, |ui| {
                ui.selectable_value(&mut self.from, None, &none);
                for other in others {
                    ui.selectable_value(&mut self.from, Some(other.id.clone()), cx.title(&other.name));
                }
            });
        });
        let Some(from) = self.from.clone() else { return };
        let Ok(found) = merge(scenarios, &into.id, &from, Prefer::Theirs) else { return };
        let told = Message::new("whatif-merge-brings")
            .with("edits", found.edits.len())
            .with("conflicts", found.conflicts.len());
        ui.add(Label::new(cx.weak(cx.say(&told))).wrap());
        for conflict in &found.conflicts {
            let told = Message::new("whatif-conflict")
                .with("what", conflict.target.to_string())
                .with("ours", conflict.ours.to_message())
                .with("theirs", conflict.theirs.to_message());
            let text = format!("{}  {}", icon::WARNING, cx.say(&told));
            ui.add(Label::new(RichText::new(text).size(13.0).color(cx.palette.warn)).wrap());
        }
        let mut prefer = None;
        let palette = cx.palette;
        ui.horizontal_wrapped(|ui| {
            if found.conflicts.is_empty() {
                let text = cx.tr("whatif-merge-do");
                let button = ui.add_enabled_ui(!found.edits.is_empty(), |ui| primary_button(ui, &palette, text)).inner;
                prefer = button.clicked().then_some(Prefer::Ours);
            } else {
                for (key, whose) in [("whatif-merge-ours", Prefer::Ours), ("whatif-merge-theirs", Prefer::Theirs)] {
                    if ui.button(cx.tr(key)).clicked() {
                        prefer = Some(whose);
                    }
                }
            }
        });
        if let Some(prefer) = prefer {
            self.from = None;
            cx.push(Command::Plan(PlanCommand::Merge { into: into.id.clone(), from, prefer }));
        }
    }
}

/// The story and the edits of the scenario that is shown.
fn edits(ui: &mut Ui, cx: &mut Cx<'_>, scenario: &Scenario) {
    ui.separator();
    if !scenario.story.is_empty() {
        let text = format!("{}  {}", icon::PRESENTATION, cx.tr("whatif-story-tell"));
        if ui.button(text).clicked() {
            cx.push(Command::Plan(PlanCommand::Story(StoryCommand::Start(scenario.id.clone()))));
        }
    }
    for page in &scenario.story {
        ui.add(Label::new(cx.weak(cx.title(&page.text))).wrap());
    }
    for (i, edit) in scenario.edits.iter().enumerate() {
        ui.horizontal(|ui| {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if edit.is_drawn() && icon_button(ui, icon::PENCIL_SIMPLE, &cx.tr("whatif-reshape"), false).clicked() {
                    cx.push(Command::Plan(PlanCommand::Reshape(i + 1)));
                }
                if icon_button(ui, icon::TRASH, &cx.tr("whatif-remove-edit"), false).clicked() {
                    let remove = PlanCommand::RemoveEdit { scenario: scenario.id.clone(), number: i + 1 };
                    cx.push(Command::Plan(remove));
                }
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    ui.add(Label::new(format!("{}. {}", i + 1, cx.say(&edit.to_message()))).wrap());
                });
            });
        });
    }
}
