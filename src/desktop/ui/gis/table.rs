//! The attribute table: its bar with the filter, and the grid below it.

use egui::{Checkbox, Label, Popup, PopupCloseBehavior, RichText, TextEdit, Ui};
use egui_phosphor::regular as icon;

use super::super::context::Cx;
use super::super::widgets::icon_button;
use super::export::ExportDialog;
use super::statistics;
use super::table_grid::Grid;
use crate::analysis::expr::{ExprError, Expression};
use crate::base::message::{Message, ToMessage};
use crate::model::layer::{Layer, LayerId};
use crate::model::mapping::is_personal;
use crate::model::table::FeatureTable;
use crate::session::command::Command;
use crate::session::jobs::JobKind;
use crate::session::table::{TableCommand, TableWish};

#[derive(Default)]
pub(super) struct TablePanel {
    grid: Grid,
    /// The filter as it is being typed, and the layer it is for.
    filter: String,
    /// The filter that was sent last: another one in the session was set by somebody else.
    sent: String,
    typed_at: f64,
    layer: Option<LayerId>,
    column: NewColumn,
}

#[derive(Default)]
struct NewColumn {
    name: String,
    expression: String,
}

/// The filter is applied when typing rests this long, seconds.
const REST_S: f64 = 0.35;

impl TablePanel {
    pub(super) fn show(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, export: &mut ExportDialog) {
        let Some(project) = cx.session.project().cloned() else { return };
        let desk = cx.session.table();
        let Some(layer) = desk.layer.as_ref().and_then(|id| project.layer(id)) else { return };
        let Some(table) = layer.content.features() else { return };
        if self.layer.as_ref() != Some(&layer.id) {
            *self = Self { layer: Some(layer.id.clone()), ..Self::default() };
        }
        ui.horizontal(|ui| self.bar(ui, cx, layer, table, export));
        self.filter_line(ui, cx, table);
        ui.add_space(2.0);
        if desk.statistics.is_some() {
            egui::Panel::right("statistics")
                .resizable(false)
                .exact_size(270.0)
                .frame(egui::Frame::NONE)
                .show(ui, |ui| statistics::show(ui, cx));
        }
        self.grid.show(ui, cx, layer, table);
    }

    fn bar(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, layer: &Layer, table: &FeatureTable, export: &mut ExportDialog) {
        let desk = cx.session.table();
        ui.label(RichText::new(icon::TABLE).size(16.0).color(cx.palette.accent));
        ui.add(Label::new(cx.heading(cx.title(&layer.title))).truncate());
        let counts = Message::new("gis-table-counts").with("shown", desk.rows.len()).with("all", table.len());
        ui.label(cx.weak(cx.say(&counts)));
        if cx.session.jobs().iter().any(|j| j.kind == JobKind::Table) {
            ui.add(egui::Spinner::new().size(14.0));
            ui.ctx().request_repaint_after_secs(0.1);
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if icon_button(ui, icon::X, &cx.tr("gis-table-close"), false).clicked() {
                cx.push(Command::Table(TableCommand::Open(None)));
            }
            if icon_button(ui, icon::EXPORT, &cx.tr("gis-export"), false).clicked() {
                export.open(cx, &layer.id);
            }
            let name = cx.tr("gis-table-add-column");
            let button = icon_button(ui, icon::COLUMNS_PLUS_RIGHT, &name, false);
            Popup::menu(&button).close_behavior(PopupCloseBehavior::CloseOnClickOutside).width(340.0).show(|ui| {
                self.column.show(ui, cx, &layer.id, table);
            });
            if icon_button(ui, icon::SELECTION_ALL, &cx.tr("gis-table-mark-shown"), false).clicked() {
                cx.push(Command::Table(TableCommand::MarkShown));
            }
            let marked = cx.session.marked().filter(|m| m.layer == layer.id).map_or(0, |m| m.ids.len());
            if marked > 0 {
                let (layer, ids) = (layer.id.clone(), Vec::new());
                if icon_button(ui, icon::SELECTION_SLASH, &cx.tr("gis-table-unmark"), false).clicked() {
                    cx.push(Command::Mark { layer, ids });
                }
                let text = cx.say(&Message::new("gis-table-marked-only").with("count", marked));
                let mut only = desk.wish.marked_only;
                if ui.add(Checkbox::new(&mut only, text)).changed() {
                    cx.push(Command::Table(TableCommand::Arrange(TableWish {
                        marked_only: only,
                        ..desk.wish.clone()
                    })));
                }
            }
            if table.schema.iter().any(|f| is_personal(&f.name)) {
                let shown = cx.session.view.show_personal;
                let (sign, key) =
                    if shown { (icon::EYE, "gis-personal-hide") } else { (icon::EYE_SLASH, "gis-personal-show") };
                if icon_button(ui, sign, &cx.tr(key), shown).clicked() {
                    cx.push(Command::ShowPersonal(!shown));
                }
            }
        });
    }

    fn filter_line(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, table: &FeatureTable) {
        let desk = cx.session.table();
        if desk.wish.filter != self.sent {
            self.filter.clone_from(&desk.wish.filter);
            self.sent.clone_from(&desk.wish.filter);
        }
        ui.horizontal(|ui| {
            ui.label(RichText::new(icon::FUNNEL).size(16.0).color(cx.palette.weak));
            let clear = if self.filter.is_empty() { 0.0 } else { 36.0 };
            let edit = TextEdit::singleline(&mut self.filter)
                .id_salt("table-filter")
                .hint_text(cx.tr("gis-table-filter-hint"))
                .desired_width(ui.available_width() - clear - 40.0);
            let edit = ui.add(edit);
            if edit.changed() {
                self.typed_at = ui.input(|i| i.time);
            }
            if !self.filter.is_empty() && icon_button(ui, icon::X, &cx.tr("gis-table-filter-clear"), false).clicked() {
                self.filter.clear();
            }
            icon_button(ui, icon::QUESTION, &cx.tr("gis-table-filter-help"), false);
        });
        if self.filter != desk.wish.filter {
            let rested = ui.input(|i| i.time) - self.typed_at;
            if rested >= REST_S {
                self.sent.clone_from(&self.filter);
                let wish = TableWish { filter: self.filter.clone(), ..desk.wish.clone() };
                cx.push(Command::Table(TableCommand::Arrange(wish)));
            } else {
                ui.ctx().request_repaint_after_secs((REST_S - rested) as f32);
            }
        } else if let Some(error) = &desk.error {
            mistake(ui, cx, &self.filter, table, error);
        }
    }
}

impl NewColumn {
    fn show(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, layer: &LayerId, table: &FeatureTable) {
        ui.label(cx.strong(cx.tr("gis-table-add-column")));
        let name = TextEdit::singleline(&mut self.name).hint_text(cx.tr("gis-column-name"));
        ui.add(name.desired_width(f32::INFINITY));
        let text = TextEdit::multiline(&mut self.expression).desired_rows(2);
        ui.add(text.hint_text(cx.tr("gis-column-expression")).desired_width(f32::INFINITY));
        let parsed = Expression::parse(&self.expression, &table.schema);
        let sound = match &parsed {
            Ok(expression) => {
                let cells = (0..table.len().min(3)).map(|row| cell_text(&expression.value(table, row)));
                let example = cells.collect::<Vec<_>>().join(" · ");
                ui.add(Label::new(cx.weak(cx.say(&Message::new("gis-column-example").with("values", example)))).wrap());
                true
            }
            Err(error) => {
                if !self.expression.trim().is_empty() {
                    mistake(ui, cx, &self.expression, table, error);
                }
                false
            }
        };
        let field = self.name.trim().to_owned();
        let replaces = table.field_index(&field).is_some();
        if replaces {
            ui.add(Label::new(RichText::new(cx.tr("gis-column-replaces")).color(cx.palette.warn)).wrap());
        }
        let able = sound && !field.is_empty();
        if ui.add_enabled(able, egui::Button::new(cx.tr("gis-column-add"))).clicked() {
            let expression = std::mem::take(&mut self.expression);
            self.name.clear();
            cx.push(Command::AddColumn { layer: layer.clone(), name: field, expression });
            ui.close();
        }
    }
}

fn cell_text(cell: &crate::analysis::expr::Cell<'_>) -> String {
    use crate::analysis::expr::Cell;
    match cell {
        Cell::Null => "∅".to_owned(),
        Cell::Truth(t) => u8::from(*t).to_string(),
        Cell::Number(n) => n.to_string(),
        Cell::Text(text) => text.to_string(),
    }
}

/// What is wrong with an expression, and a pointer to the place where it begins to be.
fn mistake(ui: &mut Ui, cx: &Cx<'_>, text: &str, table: &FeatureTable, error: &ExprError) {
    let at = match error {
        ExprError::Unexpected { at, .. } => Some(at.saturating_sub(1)),
        ExprError::Unfinished => Some(text.chars().count()),
        ExprError::UnknownField { name, .. } | ExprError::UnknownFunction { name, .. } => {
            text.to_lowercase().find(&name.to_lowercase()).map(|byte| text[..byte.min(text.len())].chars().count())
        }
        ExprError::Arguments { .. } | ExprError::TooDeep => None,
    };
    ui.spacing_mut().item_spacing.y = 1.0;
    if let Some(at) = at {
        let before: String = text.chars().take(at).collect();
        let after: String = text.chars().skip(at).collect();
        let mut job = egui::text::LayoutJob::default();
        let font = egui::FontId::proportional(12.5);
        let format = |color| egui::TextFormat { font_id: font.clone(), color, ..Default::default() };
        job.append(&before, 0.0, format(cx.palette.weak));
        job.append(&format!("▸{after}"), 0.0, format(cx.palette.bad));
        ui.add(Label::new(job).truncate());
    }
    // The names that there are can be many.
    let known = table.schema.iter().filter(|f| cx.session.view.show_personal || !is_personal(&f.name));
    let message = match error {
        ExprError::UnknownField { name, .. } => {
            let known = known.map(|f| f.name.as_str()).collect::<Vec<_>>().join(", ");
            Message::new("analysis-expr-no-field").with("name", name.as_str()).with("known", known)
        }
        other => other.to_message(),
    };
    ui.add(Label::new(RichText::new(cx.say(&message)).color(cx.palette.bad).size(12.5)).wrap());
}
