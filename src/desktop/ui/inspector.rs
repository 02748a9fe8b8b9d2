//! The inspector: what lies under the click.

use egui::{Label, RichText, ScrollArea, TextEdit, Ui};
use egui_phosphor::regular as icon;

use super::context::{Cx, color32};
use super::rights_card;
use super::widgets::{icon_button, icon_button_sized, origin_chip, pair, swatch};
use crate::base::message::Message;
use crate::session::command::Command;
use crate::session::inspect::{AttributeRow, CellValue, Geometry, Inspection};
use crate::session::place::{site_box, title};
use crate::session::selection::{Hit, Selection};
use crate::session::view_state::CameraRequest;
use crate::text::number::format_short;

#[derive(Default)]
pub(super) struct Inspector {
    /// The cell that is being edited, and the text so far.
    editing: Option<(Hit, String, String)>,
}

impl Inspector {
    pub(super) fn show(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let (Some(selection), Some(inspection)) = (cx.session.selection(), cx.session.inspection()) else { return };
        ui.horizontal(|ui| {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if icon_button(ui, icon::X, &cx.tr("ui-inspector-close"), false).clicked() {
                    cx.push(Command::Select(None));
                }
                if icon_button(ui, icon::CROSSHAIR, &cx.tr("ui-inspector-zoom"), false).clicked() {
                    zoom_to(cx, inspection);
                }
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    let name = cx.feature_title(&inspection.title);
                    ui.add(Label::new(cx.heading(&name)).truncate()).on_hover_text(name);
                });
            });
        });
        ui.horizontal(|ui| {
            origin_chip(ui, cx, inspection.origin);
            ui.add(Label::new(cx.weak(cx.title(&inspection.layer_title))).truncate());
        });
        let plan = cx.session.plan();
        let beside = plan.beside.as_ref().filter(|_| selection.beside).map(|b| b.scenario.as_ref());
        if let Some(id) = beside.unwrap_or(plan.active.as_ref()) {
            let text = Message::new("ui-inspector-as-planned").with("plan", cx.plan_name(Some(id)));
            ui.add(Label::new(cx.weak(cx.say(&text))).wrap());
        }
        if selection.hits.len() > 1 {
            hit_list(ui, cx, selection);
        }
        ui.add_space(4.0);
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            if let Some(rights) = &inspection.rights {
                rights_card::show(ui, cx, rights);
                ui.add_space(8.0);
            }
            super::widgets::card(&cx.palette).show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.label(cx.heading(cx.tr("ui-inspector-attributes")));
                geometry(ui, cx, inspection);
                for row in &inspection.rows {
                    self.row(ui, cx, &inspection.hit, row);
                }
                if inspection.hidden > 0 {
                    let text = Message::new("gis-personal-hidden").with("count", inspection.hidden);
                    ui.add(Label::new(cx.weak(cx.say(&text))).wrap());
                    if ui.link(cx.tr("gis-personal-show")).clicked() {
                        cx.push(Command::ShowPersonal(true));
                    }
                }
                if !inspection.credit.is_empty() {
                    ui.add(Label::new(cx.weak(&inspection.credit)).wrap());
                }
            });
        });
    }

    fn row(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, hit: &Hit, row: &AttributeRow) {
        let label = row.label_key.as_deref().map_or_else(|| row.field.clone(), |key| cx.tr(key));
        if let Some((edited, field, text)) = &mut self.editing
            && edited == hit
            && *field == row.field
        {
            ui.label(cx.weak(label));
            let mut done = None;
            ui.horizontal(|ui| {
                let edit = ui.add(TextEdit::singleline(text).desired_width(ui.available_width() - 72.0));
                if edit.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter)) {
                    done = Some(true);
                }
                if icon_button(ui, icon::CHECK, &cx.tr("ui-cell-keep"), false).clicked() {
                    done = Some(true);
                }
                if icon_button(ui, icon::X, &cx.tr("ui-cell-discard"), false).clicked() {
                    done = Some(false);
                }
            });
            if let Some(keep) = done {
                if keep {
                    let (layer, feature) = (hit.layer.clone(), hit.feature);
                    cx.push(Command::SetCell { layer, feature, field: row.field.clone(), text: text.clone() });
                }
                self.editing = None;
            }
            return;
        }
        let value = value_text(cx, row);
        ui.horizontal_top(|ui| {
            let width = ui.available_width() - 56.0;
            ui.allocate_ui_with_layout(egui::vec2(width, 18.0), egui::Layout::top_down(egui::Align::Min), |ui| {
                ui.set_width(width);
                pair(ui, cx, &label, RichText::new(&value)).on_hover_text(&row.field);
                if let Some((meaning, color)) = &row.meaning {
                    ui.horizontal(|ui| {
                        swatch(ui, color32(*color), cx.palette.border);
                        ui.add(Label::new(cx.weak(title(meaning, cx.catalog.language()))).wrap());
                    });
                }
            });
            ui.spacing_mut().item_spacing.x = 0.0;
            let copy = cx.say(&Message::new("ui-cell-copy").with("field", label.as_str()));
            if icon_button_sized(ui, icon::COPY, &copy, false, 22.0).clicked() {
                ui.ctx().copy_text(value.clone());
            }
            let edit = cx.say(&Message::new("ui-cell-edit").with("field", label.as_str()));
            // A scenario's own values are changed by its edits.
            let of_plan = cx.session.plan().active.is_some();
            if !of_plan && icon_button_sized(ui, icon::PENCIL_SIMPLE, &edit, false, 22.0).clicked() {
                self.editing = Some((hit.clone(), row.field.clone(), edit_text(cx, &row.value)));
            }
        });
    }
}

fn hit_list(ui: &mut Ui, cx: &mut Cx<'_>, selection: &Selection) {
    let Some(project) = cx.session.shown().cloned() else { return };
    let text = cx.say(&Message::new("ui-inspector-hits").with("count", selection.hits.len()));
    ui.label(cx.weak(text));
    ui.horizontal_wrapped(|ui| {
        for (index, hit) in selection.hits.iter().enumerate().take(8) {
            let Some(layer) = project.layer(&hit.layer) else { continue };
            let name = RichText::new(cx.title(&layer.title)).size(12.5);
            if ui.selectable_label(index == selection.active, name).clicked() {
                cx.push(Command::ActivateHit(index));
            }
        }
    });
}

fn geometry(ui: &mut Ui, cx: &Cx<'_>, inspection: &Inspection) {
    let (key, value) = match inspection.geometry {
        Geometry::None => return,
        Geometry::Point([east, north]) => {
            let text = format!("{}; {}", cx.number(north, 2, ""), cx.number(east, 2, ""));
            ("ui-geometry-point", text)
        }
        Geometry::Line { length_m } => ("ui-geometry-length", cx.number(length_m, 1, "m")),
        Geometry::Polygon { area_m2 } => ("ui-geometry-area", cx.number(area_m2, 1, "m²")),
    };
    pair(ui, cx, &cx.tr(key), value);
}

fn value_text(cx: &Cx<'_>, row: &AttributeRow) -> String {
    let unit = row.unit.unwrap_or_default();
    match &row.value {
        CellValue::Empty => "–".to_owned(),
        CellValue::Text(text) => text.clone(),
        // Numbers without a unit are often names: sheets, years, codes. Those are not grouped.
        CellValue::Integer(i) if unit.is_empty() => i.to_string(),
        CellValue::Integer(i) => cx.number(*i as f64, 0, unit),
        CellValue::Real(r) => {
            let number = format_short(*r, 3, cx.catalog.language());
            if unit.is_empty() { number } else { format!("{number}\u{a0}{unit}") }
        }
    }
}

fn edit_text(cx: &Cx<'_>, value: &CellValue) -> String {
    match value {
        CellValue::Empty => String::new(),
        CellValue::Text(text) => text.clone(),
        CellValue::Integer(i) => i.to_string(),
        CellValue::Real(r) => format_short(*r, 6, cx.catalog.language()),
    }
}

fn zoom_to(cx: &mut Cx<'_>, inspection: &Inspection) {
    let (Some(bounds), Some(project)) = (inspection.bounds, cx.session.project()) else { return };
    let [w, s, e, n] = site_box(&project.frame, bounds);
    let margin = ((e - w).max(n - s) * 0.5).max(60.0);
    cx.push(Command::MoveCamera(CameraRequest::Frame([w - margin, s - margin, e + margin, n + margin])));
}
