//! The layer panel: groups, visibility, opacity, legends, order.

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{Label, RichText, ScrollArea, Sense, Slider, TextEdit, Ui};
use egui_phosphor::regular as icon;

use super::bookmarks::Bookmarks;
use super::context::Cx;
use super::gis::desk::GisDesk;
use super::legend::LegendCache;
use super::results::Search;
use super::widgets::{icon_button_sized, origin_chip};
use crate::base::message::Message;
use crate::model::layer::{Layer, LayerContent, LayerId};
use crate::model::project::Project;
use crate::session::checks::CheckCommand;
use crate::session::command::Command;
use crate::session::table::TableCommand;

#[derive(Default)]
pub(super) struct LayerPanel {
    search: Search,
    legends: LegendCache,
    bookmarks: Bookmarks,
    show_bookmarks: bool,
    /// Layers whose details are shown.
    open: BTreeSet<LayerId>,
    /// Groups, by their Vietnamese title, that are folded.
    folded: BTreeSet<String>,
    renaming: Option<(LayerId, String)>,
}

const EYE: f32 = 24.0;

impl LayerPanel {
    pub(super) fn show(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, gis: &mut GisDesk) {
        ui.horizontal(|ui| {
            for (bookmarks, sign, key) in [(false, icon::STACK, "ui-layers"), (true, icon::BOOKMARKS, "ui-bookmarks")] {
                let text = RichText::new(format!("{sign}  {}", cx.tr(key)));
                if ui.selectable_label(self.show_bookmarks == bookmarks, text).clicked() {
                    self.show_bookmarks = bookmarks;
                }
            }
        });
        ui.add_space(2.0);
        if self.show_bookmarks {
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| self.bookmarks.show(ui, cx));
            return;
        }
        self.search.box_ui(ui, cx);
        ui.add_space(4.0);
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            if self.search.is_active() {
                self.search.results_ui(ui, cx);
            } else if let Some(project) = cx.session.project().cloned() {
                self.tree(ui, cx, gis, &project);
            }
        });
    }

    /// The topmost layer first, as people read a map's legend; a group stands where its topmost layer is.
    fn tree(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, gis: &mut GisDesk, project: &Project) {
        let mut groups: Vec<(&Arc<Layer>, Vec<&Arc<Layer>>)> = Vec::new();
        for layer in project.layers.iter().rev() {
            match groups.iter_mut().find(|(first, _)| first.group == layer.group) {
                Some((_, members)) => members.push(layer),
                None => groups.push((layer, vec![layer])),
            }
        }
        for (first, members) in groups {
            self.group(ui, (cx, gis), project, first, &members);
        }
    }

    fn group(
        &mut self,
        ui: &mut Ui,
        (cx, gis): (&mut Cx<'_>, &mut GisDesk),
        project: &Project,
        first: &Layer,
        members: &[&Arc<Layer>],
    ) {
        let key = first.group.vi.clone();
        let folded = self.folded.contains(&key);
        let any = members.iter().any(|l| l.visible);
        ui.add_space(4.0);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let name = cx.title(&first.group).to_owned();
            let eye = cx.say(&Message::new("ui-group-eye").with("group", name.as_str()));
            if icon_button_sized(ui, if any { icon::EYE } else { icon::EYE_SLASH }, &eye, false, EYE).clicked() {
                let layers = members.iter().map(|l| l.id.clone()).collect();
                cx.push(Command::SetVisible { layers, visible: !any });
            }
            let caret = if folded { icon::CARET_RIGHT } else { icon::CARET_DOWN };
            let text =
                RichText::new(format!("{name}  {caret}")).font(super::theme::semibold(13.0)).color(cx.palette.weak);
            if ui.add(Label::new(text).truncate().sense(Sense::click())).clicked() {
                if folded {
                    self.folded.remove(&key);
                } else {
                    self.folded.insert(key);
                }
            }
        });
        if !folded {
            for layer in members {
                self.layer(ui, cx, gis, project, layer);
            }
        }
    }

    fn layer(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, gis: &mut GisDesk, project: &Project, layer: &Arc<Layer>) {
        let open = self.open.contains(&layer.id);
        let title = cx.title(&layer.title).to_owned();
        let row = ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            handle(ui, cx, layer, &title);
            let eye = cx.say(&Message::new("ui-layer-eye").with("layer", title.as_str()));
            let sign = if layer.visible { icon::EYE } else { icon::EYE_SLASH };
            if icon_button_sized(ui, sign, &eye, false, EYE).clicked() {
                cx.push(Command::SetVisible { layers: vec![layer.id.clone()], visible: !layer.visible });
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let more = cx.say(&Message::new("ui-layer-more").with("layer", title.as_str()));
                let caret = if open { icon::CARET_DOWN } else { icon::CARET_RIGHT };
                if icon_button_sized(ui, caret, &more, false, EYE).clicked() {
                    self.toggle(&layer.id);
                }
                ui.label(cx.weak(count_text(cx, layer)));
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| self.name(ui, cx, layer, &title));
            });
        });
        drop_here(ui, cx, project, layer, row.response.rect);
        row.response.context_menu(|ui| self.menu(ui, cx, gis, project, layer));
        if open {
            ui.indent(("details", &layer.id.0), |ui| self.details(ui, cx, gis, layer));
        }
    }

    fn name(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, layer: &Layer, title: &str) {
        if let Some((id, text)) = &mut self.renaming
            && *id == layer.id
        {
            let edit = ui.add(TextEdit::singleline(text).desired_width(ui.available_width()));
            edit.request_focus();
            if ui.input(|i| i.key_pressed(egui::Key::Enter)) {
                if !text.trim().is_empty() {
                    cx.push(Command::RenameLayer { layer: layer.id.clone(), title: text.clone() });
                }
                self.renaming = None;
            } else if ui.input(|i| i.key_pressed(egui::Key::Escape)) || edit.clicked_elsewhere() {
                self.renaming = None;
            }
            return;
        }
        let color = if layer.visible { cx.palette.text } else { cx.palette.weak };
        let label = Label::new(RichText::new(title).color(color)).truncate().sense(Sense::click());
        let label = ui.add(label).on_hover_text(title);
        if label.clicked() {
            self.toggle(&layer.id);
        }
        if label.double_clicked() {
            cx.push(Command::ZoomToLayer(layer.id.clone()));
        }
    }

    fn toggle(&mut self, id: &LayerId) {
        if !self.open.remove(id) {
            self.open.insert(id.clone());
        }
    }

    fn details(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, gis: &mut GisDesk, layer: &Arc<Layer>) {
        ui.horizontal(|ui| {
            origin_chip(ui, cx, layer.source.origin);
            let zoom = cx.tr("ui-layer-zoom");
            if icon_button_sized(ui, icon::CROSSHAIR, &zoom, false, EYE).clicked() {
                cx.push(Command::ZoomToLayer(layer.id.clone()));
            }
            let is_table = layer.content.features().is_some();
            if is_table && icon_button_sized(ui, icon::TABLE, &cx.tr("gis-table"), false, EYE).clicked() {
                cx.push(Command::Table(TableCommand::Open(Some(layer.id.clone()))));
            }
            if icon_button_sized(ui, icon::PALETTE, &cx.tr("gis-style"), false, EYE).clicked() {
                gis.edit_style(&layer.id);
            }
        });
        ui.horizontal(|ui| {
            ui.label(cx.weak(cx.tr("ui-layer-opacity")));
            let mut percent = layer.style.opacity * 100.0;
            ui.spacing_mut().slider_width = (ui.available_width() - 64.0).max(40.0);
            let slider = Slider::new(&mut percent, 0.0..=100.0).suffix(" %").fixed_decimals(0);
            if ui.add(slider).changed() {
                cx.push(Command::SetOpacity { layer: layer.id.clone(), opacity: percent / 100.0 });
            }
        });
        self.legends.show(ui, cx, layer);
        let source = &layer.source;
        if !source.path.as_os_str().is_empty() {
            let file = source.path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
            let text = cx.say(&Message::new("ui-layer-file").with("file", file));
            ui.add(Label::new(cx.weak(text)).truncate()).on_hover_text(source.path.display().to_string());
        }
        if !source.credit.is_empty() {
            ui.add(Label::new(cx.weak(&source.credit)).wrap());
        }
        ui.add_space(6.0);
    }

    fn menu(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, gis: &mut GisDesk, project: &Project, layer: &Layer) {
        let at = project.layers.iter().position(|l| l.id == layer.id).unwrap_or(0);
        let entry = |ui: &mut Ui, sign: &str, text: String, enabled: bool| {
            let clicked = ui.add_enabled(enabled, egui::Button::new(format!("{sign}  {text}"))).clicked();
            if clicked {
                ui.close();
            }
            clicked
        };
        if entry(ui, icon::CROSSHAIR, cx.tr("ui-layer-zoom"), true) {
            cx.push(Command::ZoomToLayer(layer.id.clone()));
        }
        if entry(ui, icon::PENCIL_SIMPLE, cx.tr("ui-layer-rename"), true) {
            self.renaming = Some((layer.id.clone(), cx.title(&layer.title).to_owned()));
        }
        if layer.content.features().is_some() {
            if entry(ui, icon::TABLE, cx.tr("gis-table"), true) {
                cx.push(Command::Table(TableCommand::Open(Some(layer.id.clone()))));
            }
            if entry(ui, icon::CLIPBOARD_TEXT, cx.tr("gis-layer-check"), true) {
                cx.push(Command::Check(CheckCommand::Check(layer.id.clone())));
            }
        }
        if entry(ui, icon::PALETTE, cx.tr("gis-style"), true) {
            gis.edit_style(&layer.id);
        }
        if entry(ui, icon::EXPORT, cx.tr("gis-export"), true) {
            gis.export(cx, &layer.id);
        }
        ui.separator();
        // The list shows the topmost layer first: up is towards the end of the drawing order.
        if entry(ui, icon::ARROW_UP, cx.tr("ui-layer-up"), at + 1 < project.layers.len()) {
            cx.push(Command::MoveLayer { layer: layer.id.clone(), to: at + 1 });
        }
        if entry(ui, icon::ARROW_DOWN, cx.tr("ui-layer-down"), at > 0) {
            cx.push(Command::MoveLayer { layer: layer.id.clone(), to: at.saturating_sub(1) });
        }
        ui.separator();
        if entry(ui, icon::TRASH, cx.tr("ui-layer-remove"), true) {
            cx.push(Command::RemoveLayer(layer.id.clone()));
        }
    }
}

/// What a layer is taken by to move it in the list.
fn handle(ui: &mut Ui, cx: &Cx<'_>, layer: &Layer, title: &str) {
    let name = cx.say(&Message::new("gis-layer-drag").with("layer", title));
    let (rect, response) = ui.allocate_exact_size(egui::vec2(12.0, EYE), Sense::drag());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Button, true, &name));
    let color = if response.hovered() || response.dragged() { cx.palette.accent } else { cx.palette.border };
    let font = egui::FontId::proportional(14.0);
    ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, icon::DOTS_SIX_VERTICAL, font, color);
    response.dnd_set_drag_payload(layer.id.clone());
    response.on_hover_cursor(egui::CursorIcon::Grab).on_hover_text(name);
}

/// A layer that is let go over another one takes its place: above it in the upper half of its line, else below.
fn drop_here(ui: &Ui, cx: &mut Cx<'_>, project: &Project, layer: &Layer, rect: egui::Rect) {
    let (Some(dragged), Some(pointer)) =
        (egui::DragAndDrop::payload::<LayerId>(ui.ctx()), ui.input(|i| i.pointer.interact_pos()))
    else {
        return;
    };
    if !rect.contains(pointer) || *dragged == layer.id {
        return;
    }
    let above = pointer.y < rect.center().y;
    let y = if above { rect.top() } else { rect.bottom() };
    ui.painter().hline(rect.x_range(), y, egui::Stroke::new(2.0, cx.palette.accent));
    if ui.input(|i| i.pointer.any_released())
        && let Some(payload) = egui::DragAndDrop::take_payload::<LayerId>(ui.ctx())
    {
        let at = |id: &LayerId| project.layers.iter().position(|l| l.id == *id);
        let (Some(from), Some(over)) = (at(&payload), at(&layer.id)) else { return };
        // Without the dragged one, what was above it lies one lower; the list shows the last first.
        let over = if from < over { over - 1 } else { over };
        let to = if above { over + 1 } else { over };
        if to != from {
            cx.push(Command::MoveLayer { layer: (*payload).clone(), to });
        }
    }
}

fn count_text(cx: &Cx<'_>, layer: &Layer) -> String {
    match &layer.content {
        LayerContent::Features(table) => cx.number(table.len() as f64, 0, ""),
        LayerContent::Raster(_) | LayerContent::Classes(_) => cx.tr("ui-layer-raster"),
    }
}
