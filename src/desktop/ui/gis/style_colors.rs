//! Which colour a feature gets: one for all, one a value, one a class of numbers, or the official palette.

use egui::{ComboBox, DragValue, Label, ScrollArea, Ui};

use super::super::context::Cx;
use super::style::{color_button, send};
use crate::analysis::classify::{Method, Palette};
use crate::model::landuse::land_use;
use crate::model::layer::Layer;
use crate::model::style::{ColorRule, Rgba};
use crate::model::table::{FeatureTable, FieldKind, Value};
use crate::session::command::Command;
use crate::session::fields::known_field;
use crate::session::legend::{color_rule, is_stepped};
use crate::session::styling::{Recipe, StyleCommand, recolored};
use crate::text::number::format_short;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Single,
    Categories,
    Graduated,
    LandUse,
}

/// What is chosen before it becomes classes.
pub(super) struct ColorForm {
    kind: Kind,
    field: String,
    method: Method,
    classes: usize,
    palette: Palette,
}

const DEFAULT_COLOR: Rgba = Rgba::opaque(0, 114, 178);

impl ColorForm {
    pub(super) fn of(layer: &Layer) -> Self {
        let (kind, field, classes) = match color_rule(&layer.style.symbol) {
            Some(ColorRule::Categories { field, .. }) => (Kind::Categories, field.clone(), 5),
            Some(ColorRule::Ramp { field, stops }) => (Kind::Graduated, field.clone(), (stops.len() / 2).clamp(2, 12)),
            Some(ColorRule::LandUse { field }) => (Kind::LandUse, field.clone(), 5),
            Some(ColorRule::Single(_)) | None => (Kind::Single, String::new(), 5),
        };
        Self { kind, field, method: Method::Quantile, classes, palette: Palette::Viridis }
    }

    fn recipe(&self, layer: &Layer) -> Recipe {
        let field = self.field.clone();
        match self.kind {
            Kind::Single => Recipe::Single(match color_rule(&layer.style.symbol) {
                Some(ColorRule::Single(color)) => *color,
                Some(ColorRule::Categories { classes, .. }) => classes.first().map_or(DEFAULT_COLOR, |c| c.color),
                _ => DEFAULT_COLOR,
            }),
            Kind::Categories => Recipe::Categories { field },
            Kind::Graduated => {
                let Self { method, classes, palette, .. } = *self;
                Recipe::Graduated { field, method, classes, palette }
            }
            Kind::LandUse => Recipe::LandUse { field },
        }
    }

    /// The field that such colours are usually by, unless the present one will do.
    fn settle_field(&mut self, table: &FeatureTable) {
        let suits = |name: &str| match self.kind {
            Kind::Single => true,
            Kind::Graduated => table.column(name).is_some_and(|c| c.kind() != FieldKind::Text),
            Kind::Categories => table.column(name).is_some(),
            Kind::LandUse => table.column(name).is_some_and(|column| {
                (0..column.len().min(50)).any(|r| matches!(column.get(r), Value::Text(t) if land_use(t).is_some()))
            }),
        };
        if !suits(&self.field) {
            self.field = table.schema.iter().find(|f| suits(&f.name)).map(|f| f.name.clone()).unwrap_or_default();
        }
    }
}

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>, layer: &Layer, form: &mut ColorForm) {
    let table = layer.content.features();
    let mut changed = false;
    if let Some(table) = table {
        ui.horizontal_wrapped(|ui| {
            for (kind, key) in [
                (Kind::Single, "gis-style-single"),
                (Kind::Categories, "gis-style-categories"),
                (Kind::Graduated, "gis-style-graduated"),
                (Kind::LandUse, "gis-style-land-use"),
            ] {
                if ui.selectable_label(form.kind == kind, cx.tr(key)).clicked() && form.kind != kind {
                    form.kind = kind;
                    form.settle_field(table);
                    changed = true;
                }
            }
        });
        if form.kind != Kind::Single {
            changed |= field_choice(ui, cx, table, form);
        }
        if form.kind == Kind::Graduated {
            changed |= classes(ui, cx, form);
        }
    }
    if changed && (form.kind == Kind::Single || !form.field.is_empty()) {
        let recipe = form.recipe(layer);
        cx.push(Command::Style(StyleCommand::Color { layer: layer.id.clone(), recipe }));
        return;
    }
    if form.kind == Kind::LandUse && form.field.is_empty() {
        ui.add(Label::new(cx.weak(cx.tr("gis-style-no-code"))).wrap());
    }
    ui.add_space(4.0);
    present(ui, cx, layer);
}

fn field_choice(ui: &mut Ui, cx: &Cx<'_>, table: &FeatureTable, form: &mut ColorForm) -> bool {
    let before = form.field.clone();
    let text = |name: &str| known_field(name).map_or_else(|| name.to_owned(), |(key, _)| cx.tr(&key));
    ui.horizontal(|ui| {
        ui.label(cx.weak(cx.tr("gis-style-field")));
        ComboBox::from_id_salt("style-field").width(190.0).selected_text(text(&form.field)).show_ui(ui, |ui| {
            for field in &table.schema {
                if form.kind == Kind::Graduated && field.kind == FieldKind::Text {
                    continue;
                }
                ui.selectable_value(&mut form.field, field.name.clone(), text(&field.name));
            }
        });
    });
    form.field != before
}

fn classes(ui: &mut Ui, cx: &Cx<'_>, form: &mut ColorForm) -> bool {
    let mut changed = false;
    ui.horizontal(|ui| {
        let key = |method: Method| match method {
            Method::Quantile => "gis-style-quantile",
            Method::Equal => "gis-style-equal",
            Method::NaturalBreaks => "gis-style-natural",
        };
        ComboBox::from_id_salt("method").width(150.0).selected_text(cx.tr(key(form.method))).show_ui(ui, |ui| {
            for method in [Method::Quantile, Method::Equal, Method::NaturalBreaks] {
                changed |= ui.selectable_value(&mut form.method, method, cx.tr(key(method))).changed();
            }
        });
        let classes = DragValue::new(&mut form.classes).range(2..=12).speed(0.1);
        changed |= ui.add(classes).on_hover_text(cx.tr("gis-style-classes")).changed();
        ui.label(cx.weak(cx.tr("gis-style-classes")));
    });
    ui.horizontal(|ui| {
        ui.label(cx.weak(cx.tr("gis-style-ramp")));
        for (palette, name) in [(Palette::Viridis, "Viridis"), (Palette::Cividis, "Cividis")] {
            changed |= ui.selectable_value(&mut form.palette, palette, name).changed();
        }
    });
    ui.add(Label::new(cx.weak(cx.tr("gis-style-ramp-hint"))).wrap());
    changed
}

/// The colours as they are, each to be changed by hand.
fn present(ui: &mut Ui, cx: &mut Cx<'_>, layer: &Layer) {
    let Some(rule) = color_rule(&layer.style.symbol) else { return };
    let mut rule = rule.clone();
    let language = cx.catalog.language();
    let mut changed = false;
    match &mut rule {
        ColorRule::Single(color) => {
            ui.horizontal(|ui| {
                changed = color_button(ui, &cx.tr("gis-style-color"), color);
                ui.label(cx.tr("gis-style-color"));
            });
        }
        ColorRule::Categories { classes, other, .. } => {
            ScrollArea::vertical().id_salt("classes").max_height(260.0).show(ui, |ui| {
                for class in classes.iter_mut() {
                    ui.horizontal(|ui| {
                        changed |= color_button(ui, &class.value, &mut class.color);
                        ui.add(Label::new(crate::session::place::title(&class.label, language)).truncate());
                    });
                }
                ui.horizontal(|ui| {
                    changed |= color_button(ui, &cx.tr("ui-legend-other"), other);
                    ui.label(cx.tr("ui-legend-other"));
                });
            });
        }
        ColorRule::Ramp { stops, .. } => {
            let number = |v: f64| format_short(v, 2, language);
            let stepped = is_stepped(stops);
            for chunk in stops.chunks_mut(if stepped { 2 } else { 1 }) {
                ui.horizontal(|ui| {
                    let (mut color, from) = (chunk[0].1, chunk[0].0);
                    let to = chunk.last().map_or(from, |s| s.0);
                    let text = if stepped { format!("{} – {}", number(from), number(to)) } else { number(from) };
                    if color_button(ui, &text, &mut color) {
                        for stop in chunk.iter_mut() {
                            stop.1 = color;
                        }
                        changed = true;
                    }
                    ui.label(text);
                });
            }
        }
        ColorRule::LandUse { .. } => {
            ui.add(Label::new(cx.weak(cx.tr("gis-style-land-use-hint"))).wrap());
        }
    }
    if changed {
        let mut style = layer.style.clone();
        style.symbol = recolored(&style.symbol, rule);
        send(ui, cx, layer, style);
    }
}
