//! How one layer looks: colours, outline, labels, styles of QGIS.

use egui::{Label, RichText, ScrollArea, Slider, Ui};
use egui_phosphor::regular as icon;

use super::super::context::{Cx, color32};
use super::super::files::{FileDialogs, Pick};
use super::super::widgets::{card, icon_button};
use super::style_colors::ColorForm;
use super::{style_colors, style_labels};
use crate::model::layer::{Layer, LayerId};
use crate::model::style::{Metres, Rgba, Style, Symbol};
use crate::session::command::Command;
use crate::session::styling::StyleCommand;

#[derive(Default)]
pub(super) struct StylePanel {
    pub(super) layer: Option<LayerId>,
    /// What is being chosen, for the layer that it was read from.
    form: Option<(LayerId, ColorForm)>,
}

impl StylePanel {
    pub(super) fn is_open(&self, cx: &Cx<'_>) -> bool {
        self.layer.as_ref().is_some_and(|id| cx.session.project().is_some_and(|p| p.layer(id).is_some()))
    }

    pub(super) fn show(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, files: &mut FileDialogs) {
        let (Some(project), Some(id)) = (cx.session.project().cloned(), self.layer.clone()) else { return };
        let Some(layer) = project.layer(&id) else { return };
        ui.horizontal(|ui| {
            ui.label(RichText::new(icon::PALETTE).size(18.0).color(cx.palette.accent));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if icon_button(ui, icon::X, &cx.tr("gis-style-close"), false).clicked() {
                    self.layer = None;
                }
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    ui.add(Label::new(cx.heading(cx.title(&layer.title))).truncate());
                });
            });
        });
        if layer.content.features().is_some()
            && ui.button(format!("{}  {}", icon::FOLDER_OPEN, cx.tr("gis-style-load"))).clicked()
        {
            let then = move |path| Command::Style(StyleCommand::Load { layer: id, path });
            files.pick(cx, Pick::open("gis-style-load", "gis-filter-qml", &["qml"], then));
        }
        ui.add_space(4.0);
        ScrollArea::vertical().id_salt("style").auto_shrink(false).show(ui, |ui| {
            card(&cx.palette).show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.label(cx.strong(cx.tr("gis-style-colors")));
                if self.form.as_ref().is_none_or(|(of, _)| *of != layer.id) {
                    self.form = Some((layer.id.clone(), ColorForm::of(layer)));
                }
                if let Some((_, form)) = &mut self.form {
                    style_colors::show(ui, cx, layer, form);
                }
            });
            ui.add_space(6.0);
            card(&cx.palette).show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.label(cx.strong(cx.tr("gis-style-symbol")));
                symbol(ui, cx, layer);
            });
            if layer.content.features().is_some() {
                ui.add_space(6.0);
                card(&cx.palette).show(ui, |ui| {
                    ui.set_width(ui.available_width());
                    ui.label(cx.strong(cx.tr("gis-style-labels")));
                    style_labels::show(ui, cx, layer);
                });
            }
        });
    }
}

/// Sends the style that came out of a widget; while the pointer is down, changes belong together.
pub(super) fn send(ui: &Ui, cx: &mut Cx<'_>, layer: &Layer, style: Style) {
    if style != layer.style {
        let live = ui.input(|i| i.pointer.any_down());
        cx.push(Command::Style(StyleCommand::Set { layer: layer.id.clone(), style: Box::new(style), live }));
    }
}

/// A button with a colour that opens a chooser; `true` when it was changed.
pub(super) fn color_button(ui: &mut Ui, name: &str, color: &mut Rgba) -> bool {
    let mut value = color32(*color);
    let response = ui.color_edit_button_srgba(&mut value).on_hover_text(name);
    if response.changed() {
        let [r, g, b, a] = value.to_srgba_unmultiplied();
        *color = Rgba(r, g, b, a);
    }
    response.changed()
}

fn symbol(ui: &mut Ui, cx: &mut Cx<'_>, layer: &Layer) {
    let mut style = layer.style.clone();
    let metres = |ui: &mut Ui, cx: &Cx<'_>, key: &str, value: &mut f32, most: f32| {
        ui.horizontal(|ui| {
            ui.label(cx.weak(cx.tr(key)));
            ui.add(Slider::new(value, 0.1..=most).logarithmic(true).custom_formatter(cx.formatter(1)).suffix(" m"));
        });
    };
    match &mut style.symbol {
        Symbol::Fill { outline, .. } => {
            let mut drawn = outline.is_some();
            if ui.checkbox(&mut drawn, cx.tr("gis-style-outline")).changed() {
                *outline = drawn.then_some((Rgba(40, 40, 40, 230), 0.8));
            }
            if let Some((color, width)) = outline {
                ui.horizontal(|ui| {
                    color_button(ui, &cx.tr("gis-style-outline-color"), color);
                    ui.add(Slider::new(width, 0.2..=6.0).custom_formatter(cx.formatter(1)).suffix(" px"));
                });
            }
        }
        Symbol::Stroke { width: Metres::Fixed(width), .. } => metres(ui, cx, "gis-style-width", width, 60.0),
        Symbol::Points { height: Metres::Fixed(height), .. }
        | Symbol::Extrude { height: Metres::Fixed(height), .. } => {
            metres(ui, cx, "gis-style-height", height, 120.0);
        }
        _ => {}
    }
    ui.horizontal(|ui| {
        ui.label(cx.weak(cx.tr("ui-layer-opacity")));
        let mut percent = style.opacity * 100.0;
        if ui.add(Slider::new(&mut percent, 0.0..=100.0).suffix(" %").fixed_decimals(0)).changed() {
            style.opacity = percent / 100.0;
        }
    });
    send(ui, cx, layer, style);
}
