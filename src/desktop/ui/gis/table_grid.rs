//! The grid of the attribute table. Only the rows in sight are looked at, and places are counted in rows: a position in
//! pixels would lose its last digits beyond some hundred thousand rows.

use egui::{Color32, CursorIcon, Id, Label, Pos2, Rect, RichText, ScrollArea, Sense, TextEdit, Ui, pos2, vec2};
use egui_phosphor::regular as icon;

use super::super::context::Cx;
use super::super::theme::semibold;
use crate::model::layer::{Layer, LayerId};
use crate::model::mapping::is_personal;
use crate::model::table::{FeatureTable, FieldKind, Value};
use crate::session::command::Command;
use crate::session::fields::known_field;
use crate::session::search::selection_of;
use crate::session::table::{TableCommand, TableWish};
use crate::text::number::format_short;

const ROW: f32 = 24.0;
const HEAD: f32 = 28.0;
const NUMBER_WIDTH: f32 = 76.0;
const BAR: f32 = 12.0;

#[derive(Default)]
pub(super) struct Grid {
    /// The first row in sight, with its fraction.
    first: f64,
    /// What was selected when it was last looked at, so that the grid goes to a new one once.
    followed: Option<(LayerId, u64)>,
    /// Where a range that Shift marks begins.
    anchor: Option<usize>,
    editing: Option<Edit>,
}

struct Edit {
    feature: u64,
    field: String,
    text: String,
    /// The keyboard is given to it once.
    fresh: bool,
}

impl Grid {
    pub(super) fn show(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, layer: &Layer, table: &FeatureTable) {
        let columns: Vec<usize> = (0..table.schema.len())
            .filter(|&i| cx.session.view.show_personal || !is_personal(&table.schema[i].name))
            .collect();
        let widths: Vec<f32> = columns.iter().map(|&i| width_of(table, i)).collect();
        let area = ui.available_rect_before_wrap();
        let body = area.height() - HEAD - ui.spacing().scroll.bar_width - 4.0;
        let fitting = f64::from((body / ROW).max(1.0));
        let count = cx.session.table().rows.len();
        self.follow(cx, layer, table, fitting);
        let last = (count as f64 - fitting.floor()).max(0.0);
        if ui.rect_contains_pointer(area) {
            let wheel = ui.input(|i| i.smooth_scroll_delta.y);
            self.first -= f64::from(wheel / ROW);
        }
        self.first = self.first.clamp(0.0, last);
        let inner = Rect::from_min_max(area.min, pos2(area.right() - BAR, area.bottom()));
        self.scroll_bar(ui, cx, Rect::from_min_max(pos2(inner.right(), area.top() + HEAD), area.max), fitting, last);
        let mut child = ui.new_child(egui::UiBuilder::new().max_rect(inner));
        ScrollArea::horizontal().id_salt("table-grid").auto_shrink(false).show(&mut child, |ui| {
            let total = NUMBER_WIDTH + widths.iter().sum::<f32>();
            let (rect, _) = ui.allocate_exact_size(vec2(total.max(ui.available_width()), body + HEAD), Sense::hover());
            head(ui, cx, table, (&columns, &widths), rect.min);
            let shown = (self.first.floor() as usize)..((self.first + fitting).ceil() as usize).min(count);
            let clip = Rect::from_min_max(pos2(rect.left(), rect.top() + HEAD), rect.max);
            ui.set_clip_rect(ui.clip_rect().intersect(clip));
            for place in shown {
                let y = clip.top() + (place as f64 - self.first) as f32 * ROW;
                self.row(ui, cx, layer, table, (&columns, &widths), place, pos2(rect.left(), y));
            }
        });
        ui.advance_cursor_after_rect(area);
        if count == 0 {
            let text = cx.weak(cx.tr("gis-table-empty"));
            ui.put(Rect::from_center_size(area.center(), vec2(area.width(), 24.0)), Label::new(text));
        }
    }

    /// Goes to the row of a feature that was selected elsewhere.
    fn follow(&mut self, cx: &Cx<'_>, layer: &Layer, table: &FeatureTable, fitting: f64) {
        let hit = cx.session.selection().and_then(|s| s.active_hit());
        let now = hit.map(|h| (h.layer.clone(), h.feature));
        if now == self.followed {
            return;
        }
        self.followed = now;
        let Some(hit) = hit.filter(|h| h.layer == layer.id) else { return };
        let Some(row) = table.row_of(hit.feature) else { return };
        let Some(place) = cx.session.table().rows.iter().position(|r| *r as usize == row) else { return };
        let place = place as f64;
        if place < self.first || place + 1.0 > self.first + fitting {
            self.first = place - (fitting / 2.0).floor();
        }
    }

    fn scroll_bar(&mut self, ui: &mut Ui, cx: &Cx<'_>, rect: Rect, fitting: f64, last: f64) {
        if last <= 0.0 {
            return;
        }
        let track = rect.shrink2(vec2(2.0, 2.0));
        let share = (fitting / (last + fitting)) as f32;
        let thumb = (track.height() * share).max(24.0).min(track.height());
        let room = f64::from(track.height() - thumb).max(1.0);
        let response = ui.interact(track, ui.id().with("table-bar"), Sense::click_and_drag());
        if let Some(pointer) = response.interact_pointer_pos() {
            let at = f64::from(pointer.y - track.top() - thumb / 2.0) / room;
            self.first = at.clamp(0.0, 1.0) * last;
        }
        let top = track.top() + (self.first / last * room) as f32;
        let place = Rect::from_min_size(pos2(track.left(), top), vec2(track.width(), thumb));
        let color = if response.hovered() || response.dragged() { cx.palette.weak } else { cx.palette.border };
        ui.painter().rect_filled(track, 4.0, cx.palette.hover);
        ui.painter().rect_filled(place, 4.0, color);
    }

    #[expect(clippy::too_many_arguments, reason = "one row of one table at one place")]
    fn row(
        &mut self,
        ui: &mut Ui,
        cx: &mut Cx<'_>,
        layer: &Layer,
        table: &FeatureTable,
        (columns, widths): (&[usize], &[f32]),
        place: usize,
        at: Pos2,
    ) {
        let Some(row) = cx.session.table().rows.get(place).map(|r| *r as usize).filter(|r| *r < table.len()) else {
            return;
        };
        let feature = table.ids[row];
        let total = NUMBER_WIDTH + widths.iter().sum::<f32>();
        let line = Rect::from_min_size(at, vec2(total, ROW));
        let selected =
            cx.session.selection().is_some_and(|s| s.hits.iter().any(|h| h.layer == layer.id && h.feature == feature));
        let marked = cx.session.marked().is_some_and(|m| m.contains(&layer.id, feature));
        let fill = match (selected, marked, place % 2) {
            (true, ..) => cx.palette.accent_soft,
            (_, true, _) => cx.palette.warn_soft,
            (_, _, 1) => cx.palette.hover.gamma_multiply(0.5),
            _ => Color32::TRANSPARENT,
        };
        ui.painter().rect_filled(line, 0.0, fill);
        let response = ui.interact(line, Id::new(("table-row", place)), Sense::click());
        if response.clicked() {
            self.click(ui, cx, layer, table, place, row);
        }
        let number = RichText::new(cx.number((row + 1) as f64, 0, "")).size(12.5).color(cx.palette.weak);
        cell(ui, Rect::from_min_size(at, vec2(NUMBER_WIDTH, ROW)), number, true);
        let double = response.double_clicked().then(|| response.interact_pointer_pos()).flatten();
        let mut x = at.x + NUMBER_WIDTH;
        if double.is_some_and(|p| p.x < x)
            && let Some(bounds) = table.geometry.get(row).bounds()
        {
            cx.frame(bounds);
        }
        for (&column, &width) in columns.iter().zip(widths) {
            let place = Rect::from_min_size(pos2(x, at.y), vec2(width, ROW));
            x += width;
            let name = &table.schema[column].name;
            let value = table.columns[column].get(row);
            if double.is_some_and(|p| place.contains(p)) {
                let text = plain_text(cx, value);
                self.editing = Some(Edit { feature, field: name.clone(), text, fresh: true });
            }
            if self.editing.as_ref().is_some_and(|e| e.feature == feature && e.field == *name) {
                self.edit(ui, cx, &layer.id, place);
                continue;
            }
            let right = table.schema[column].kind != FieldKind::Text;
            cell(ui, place, RichText::new(value_text(cx, name, value)).size(13.0), right);
        }
    }

    /// A plain click selects, with Ctrl it marks one more, with Shift all in between.
    fn click(&mut self, ui: &Ui, cx: &mut Cx<'_>, layer: &Layer, table: &FeatureTable, place: usize, row: usize) {
        let modifiers = ui.input(|i| i.modifiers);
        let feature = table.ids[row];
        if modifiers.command || modifiers.shift {
            let before = cx.session.marked().filter(|m| m.layer == layer.id);
            let mut ids: Vec<u64> = before.map(|m| m.ids.to_vec()).unwrap_or_default();
            if modifiers.shift {
                let from = self.anchor.unwrap_or(place);
                let rows = &cx.session.table().rows;
                let range = from.min(place)..=from.max(place).min(rows.len().saturating_sub(1));
                ids.extend(rows[range].iter().filter_map(|r| table.ids.get(*r as usize)));
            } else if let Ok(at) = ids.binary_search(&feature) {
                ids.remove(at);
            } else {
                ids.push(feature);
            }
            cx.push(Command::Mark { layer: layer.id.clone(), ids });
            return;
        }
        self.anchor = Some(place);
        self.followed = Some((layer.id.clone(), feature));
        if let Some(selection) = cx.session.project().and_then(|p| selection_of(p, layer, table, row)) {
            cx.push(Command::Select(Some(selection)));
        }
    }

    fn edit(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, layer: &LayerId, place: Rect) {
        let Some(edit) = &mut self.editing else { return };
        let response = ui.put(place.shrink(1.0), TextEdit::singleline(&mut edit.text).margin(vec2(4.0, 1.0)));
        if std::mem::take(&mut edit.fresh) {
            response.request_focus();
            return;
        }
        let (enter, escape) = ui.input(|i| (i.key_pressed(egui::Key::Enter), i.key_pressed(egui::Key::Escape)));
        if escape {
            self.editing = None;
        } else if (response.lost_focus() || enter)
            && let Some(Edit { feature, field, text, .. }) = self.editing.take()
        {
            cx.push(Command::SetCell { layer: layer.clone(), feature, field, text });
        }
    }
}

fn head(ui: &mut Ui, cx: &mut Cx<'_>, table: &FeatureTable, (columns, widths): (&[usize], &[f32]), at: Pos2) {
    let wish = cx.session.table().wish.clone();
    let total = NUMBER_WIDTH + widths.iter().sum::<f32>();
    let line = Rect::from_min_size(at, vec2(total.max(ui.available_width()), HEAD));
    ui.painter().rect_filled(line, 0.0, cx.palette.card);
    ui.painter().hline(line.x_range(), line.bottom(), egui::Stroke::new(1.0, cx.palette.border));
    let mut x = at.x + NUMBER_WIDTH;
    for (&column, &width) in columns.iter().zip(widths) {
        let field = &table.schema[column];
        let place = Rect::from_min_size(pos2(x, at.y), vec2(width, HEAD));
        x += width;
        let known = known_field(&field.name);
        let label = known.as_ref().map_or_else(|| field.name.clone(), |(key, _)| cx.tr(key));
        let sorted = wish.sort.as_ref().filter(|(name, _)| *name == field.name).map(|(_, largest)| *largest);
        let sign = match sorted {
            Some(true) => format!("  {}", icon::CARET_DOWN),
            Some(false) => format!("  {}", icon::CARET_UP),
            None => String::new(),
        };
        let response = ui.interact(place, ui.id().with(("head", column)), Sense::click());
        if response.hovered() {
            ui.painter().rect_filled(place, 0.0, cx.palette.hover);
        }
        let text = RichText::new(format!("{label}{sign}")).font(semibold(13.0)).color(cx.palette.text);
        cell(ui, place, text, field.kind != FieldKind::Text);
        let unit = known.and_then(|(_, unit)| unit).map(|u| format!(" ({u})")).unwrap_or_default();
        let hint = format!("{}{unit}\n{}", field.name, cx.tr("gis-table-head-hint"));
        let response = response.on_hover_text(hint).on_hover_cursor(CursorIcon::PointingHand);
        if response.clicked() {
            // Smallest first, largest first, as the table has them.
            let sort = match sorted {
                None => Some((field.name.clone(), false)),
                Some(false) => Some((field.name.clone(), true)),
                Some(true) => None,
            };
            cx.push(Command::Table(TableCommand::Arrange(TableWish { sort, ..wish.clone() })));
        }
        response.context_menu(|ui| {
            if ui.button(format!("{}  {}", icon::CHART_BAR, cx.tr("gis-statistics"))).clicked() {
                cx.push(Command::Table(TableCommand::Statistics(Some(field.name.clone()))));
                ui.close();
            }
        });
    }
}

fn cell(ui: &mut Ui, place: Rect, text: RichText, right: bool) {
    let layout = if right {
        egui::Layout::right_to_left(egui::Align::Center)
    } else {
        egui::Layout::left_to_right(egui::Align::Center)
    };
    let builder = egui::UiBuilder::new().max_rect(place.shrink2(vec2(6.0, 0.0))).layout(layout);
    let mut child = ui.new_child(builder);
    child.add(Label::new(text).truncate().selectable(false));
}

/// As people read it: years and codes without separators, other numbers with.
fn value_text(cx: &Cx<'_>, field: &str, value: Value<'_>) -> String {
    match value {
        Value::Null => String::new(),
        Value::Text(text) => text.replace('\n', " "),
        Value::Integer(i) if known_field(field).is_none_or(|(_, unit)| unit.is_none()) => i.to_string(),
        Value::Integer(i) => cx.number(i as f64, 0, ""),
        Value::Real(r) => format_short(r, 3, cx.catalog.language()),
    }
}

/// As it is typed into a cell.
fn plain_text(cx: &Cx<'_>, value: Value<'_>) -> String {
    match value {
        Value::Real(r) => format_short(r, 9, cx.catalog.language()),
        other => other.to_string(),
    }
}

fn width_of(table: &FeatureTable, column: usize) -> f32 {
    let step = table.len().div_ceil(60).max(1);
    let cells = &table.columns[column];
    let longest = (0..table.len()).step_by(step).map(|row| cells.get(row).to_string().chars().count()).max();
    let letters = longest.unwrap_or(0).max(table.schema[column].name.chars().count() + 3);
    (letters as f32).mul_add(7.6, 18.0).clamp(84.0, 260.0)
}
