//! Small parts that several panels share.

use egui::{
    Align2, Button, Color32, CornerRadius, FontId, Frame, Margin, Mesh, Pos2, Rect, Response, RichText, Sense, Shape,
    Stroke, StrokeKind, Ui, Vec2, WidgetInfo, WidgetType, vec2,
};

use super::context::{Cx, origin_keys};
use super::theme::{CARD_RADIUS, Palette, WIDGET_RADIUS, semibold};
use crate::base::message::Message;
use crate::model::aqi::AqiLevel;
use crate::model::layer::Origin;

/// A square button with an icon; `name` is its tooltip and what a screen reader says.
pub(super) fn icon_button(ui: &mut Ui, icon: &str, name: &str, selected: bool) -> Response {
    icon_button_sized(ui, icon, name, selected, 28.0)
}

pub(super) fn icon_button_sized(ui: &mut Ui, icon: &str, name: &str, selected: bool, size: f32) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(size), Sense::click());
    response.widget_info(|| WidgetInfo::selected(WidgetType::Button, ui.is_enabled(), selected, name));
    if ui.is_rect_visible(rect) {
        let visuals = ui.visuals();
        let (fill, color) = match (ui.is_enabled(), selected, response.hovered() || response.has_focus()) {
            (false, _, _) => (Color32::TRANSPARENT, visuals.weak_text_color().gamma_multiply(0.5)),
            (_, true, _) => (visuals.selection.bg_fill, visuals.selection.stroke.color),
            (_, false, true) => (visuals.widgets.hovered.bg_fill, visuals.text_color()),
            (_, false, false) => (Color32::TRANSPARENT, visuals.text_color()),
        };
        ui.painter().rect_filled(rect, CornerRadius::same(WIDGET_RADIUS), fill);
        let font = FontId::proportional((size * 0.62).round());
        ui.painter().text(rect.center(), Align2::CENTER_CENTER, icon, font, color);
    }
    response.on_hover_text(name)
}

/// The one thing to do here: filled with the accent colour.
pub(super) fn primary_button(ui: &mut Ui, palette: &Palette, text: impl Into<String>) -> Response {
    let text = RichText::new(text).font(semibold(14.0)).color(palette.on_accent);
    ui.add(Button::new(text).fill(palette.accent).stroke(Stroke::NONE).min_size(vec2(0.0, 32.0)))
}

/// A word on a coloured ground.
pub(super) fn chip(ui: &mut Ui, text: &str, color: Color32, fill: Color32) -> Response {
    let galley = ui.painter().layout_no_wrap(text.to_owned(), FontId::proportional(12.0), color);
    let (rect, response) = ui.allocate_exact_size(galley.size() + vec2(16.0, 4.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, ui.is_enabled(), text));
    ui.painter().rect_filled(rect, rect.height() / 2.0, fill);
    ui.painter().galley(rect.min + vec2(8.0, 2.0), galley, color);
    response
}

/// Says where data come from: real, generated, and so on.
pub(super) fn origin_chip(ui: &mut Ui, cx: &Cx<'_>, origin: Origin) -> Response {
    let p = &cx.palette;
    let (color, fill) = match origin {
        Origin::Measured => (p.good, p.good.gamma_multiply(0.14)),
        Origin::Generated | Origin::Assumed => (p.warn, p.warn_soft),
        Origin::Simulated => (p.accent, p.accent_soft),
        Origin::Unknown => (p.weak, p.hover),
    };
    let (word, hint) = origin_keys(origin);
    chip(ui, &cx.tr(word), color, fill).on_hover_text(cx.tr(hint))
}

/// An air quality index on the colour that the decision prescribes for its level, which the pointer names.
pub(super) fn aqi_chip(ui: &mut Ui, cx: &Cx<'_>, text: &str, level: AqiLevel) -> Response {
    let [r, g, b] = level.rgb();
    // Dark letters on the light colours, light ones on the dark.
    let bright = 0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b) > 120.0;
    let letters = if bright { Color32::BLACK } else { Color32::WHITE };
    let name = cx.tr(&format!("ui-live-aqi-{}", format!("{level:?}").to_lowercase()));
    chip(ui, text, letters, Color32::from_rgb(r, g, b)).on_hover_text(name)
}

pub(super) fn card(palette: &Palette) -> Frame {
    Frame::new()
        .fill(palette.card)
        .stroke(Stroke::new(1.0, palette.border))
        .corner_radius(CornerRadius::same(CARD_RADIUS))
        .inner_margin(Margin::same(12))
}

/// A card that floats over the map.
pub(super) fn floating_card(ui_style: &egui::Style, palette: &Palette) -> Frame {
    card(palette).inner_margin(Margin::same(8)).shadow(ui_style.visuals.popup_shadow)
}

/// A swatch of a legend or a layer.
pub(super) fn swatch(ui: &mut Ui, color: Color32, border: Color32) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(16.0, 12.0), Sense::hover());
    let radius = CornerRadius::same(3);
    ui.painter().rect(rect, radius, color, Stroke::new(1.0, border), StrokeKind::Inside);
    response
}

/// A bar that shows how much of a limit is used; beyond the limit it turns red.
pub(super) fn usage_bar(ui: &mut Ui, palette: &Palette, share: f64) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 6.0), Sense::hover());
    let radius = CornerRadius::same(3);
    ui.painter().rect_filled(rect, radius, palette.hover);
    let color = match share {
        s if s > 1.01 => palette.bad,
        s if s > 0.9 => palette.warn,
        _ => palette.accent,
    };
    let width = rect.width() * share.clamp(0.0, 1.0) as f32;
    ui.painter().rect_filled(Rect::from_min_size(rect.min, vec2(width, rect.height())), radius, color);
}

/// A name on the left, a value on the right that wraps.
pub(super) fn pair(ui: &mut Ui, cx: &Cx<'_>, name: &str, value: impl Into<egui::WidgetText>) -> Response {
    ui.horizontal_top(|ui| {
        let width = (ui.available_width() * 0.46).floor();
        ui.allocate_ui_with_layout(vec2(width, 18.0), egui::Layout::top_down(egui::Align::Min), |ui| {
            ui.set_width(width);
            ui.add(egui::Label::new(cx.weak(name)).wrap());
        });
        ui.add(egui::Label::new(value).wrap())
    })
    .inner
}

/// One sentence of a list.
pub(super) fn bullet(ui: &mut Ui, cx: &Cx<'_>, message: &Message, color: Color32) {
    ui.horizontal_top(|ui| {
        ui.label(RichText::new("•").color(cx.palette.accent));
        ui.add(egui::Label::new(RichText::new(cx.say(message)).size(13.0).color(color)).wrap());
    });
}

/// A bar from colour to colour: where each stands, from left to right.
pub(super) fn gradient(ui: &Ui, top: f32, stops: impl IntoIterator<Item = (f32, Color32)>) {
    let mut mesh = Mesh::default();
    for (i, (x, color)) in (0..).zip(stops) {
        mesh.colored_vertex(Pos2::new(x, top), color);
        mesh.colored_vertex(Pos2::new(x, top + 12.0), color);
        if i > 0 {
            let k = (i - 1) * 2;
            mesh.add_triangle(k, k + 1, k + 2);
            mesh.add_triangle(k + 1, k + 3, k + 2);
        }
    }
    ui.painter().add(Shape::mesh(mesh));
}
