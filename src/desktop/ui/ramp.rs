//! What colours mean: their values below them.

use egui::{Align2, Color32, FontId, Pos2, Sense, Stroke, Ui, vec2};

use super::context::{Cx, color32};
use super::widgets::gradient;
use crate::model::style::Rgba;
use crate::session::field_view::Shade;

/// Letters of a unit that still stands beside the last value.
const LONG_UNIT: usize = 6;

/// The colours in steps of equal width, their values below, the limit as a dark line.
pub(super) fn ramp(ui: &mut Ui, cx: &Cx<'_>, shade: &Shade, limit: Option<f32>) {
    // A word is a key of the catalogues.
    let unit = if shade.unit.contains('-') { cx.tr(shade.unit) } else { shade.unit.to_owned() };
    // A long one stands below the values.
    let below = unit.chars().count() > LONG_UNIT;
    let height = if below { 46.0 } else { 34.0 };
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let inner = rect.shrink2(vec2(16.0, 0.0));
    let last = shade.stops.len().saturating_sub(1).max(1);
    let x = |i: usize| inner.left() + i as f32 / last as f32 * inner.width();
    let opaque = |c: Rgba| color32(Rgba::opaque(c.0, c.1, c.2));
    gradient(ui, rect.top(), shade.stops.iter().enumerate().map(|(i, (_, color))| (x(i), opaque(*color))));
    let painter = ui.painter();
    let font = FontId::proportional(11.5);
    if below {
        let at = Pos2::new(rect.right(), rect.top() + 30.0);
        painter.text(at, Align2::RIGHT_TOP, &unit, font.clone(), cx.palette.weak);
    }
    for (i, (value, _)) in shade.stops.iter().enumerate() {
        let decimals = match value.abs() {
            0.0 => 0,
            v if v >= 10.0 => 0,
            v if v >= 1.0 => 1,
            v if v >= 0.1 => 2,
            _ => 3,
        };
        let text = cx.number(f64::from(*value), decimals, if i == last && !below { &unit } else { "" });
        let anchor = if i == last { Align2::RIGHT_TOP } else { Align2::CENTER_TOP };
        let at = Pos2::new(if i == last { rect.right() } else { x(i) }, rect.top() + 16.0);
        painter.text(at, anchor, text, font.clone(), cx.palette.weak);
        if limit == Some(*value) {
            let stroke = Stroke::new(2.0, Color32::BLACK);
            painter.line_segment([Pos2::new(x(i), rect.top() - 2.0), Pos2::new(x(i), rect.top() + 15.0)], stroke);
        }
    }
}
