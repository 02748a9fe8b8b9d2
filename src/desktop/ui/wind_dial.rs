//! The wind by a dial: drag the arrow to where the wind comes from.

use egui::{Align2, Response, Sense, Stroke, Ui, Vec2, WidgetInfo, vec2};

use super::context::Cx;
use super::theme::semibold;

const SIDE: f32 = 92.0;
/// Directions are set in steps of this many degrees.
const STEP_DEG: f64 = 5.0;

/// Shows the dial; a drag or a click changes `from_deg`, degrees clockwise from north.
pub(super) fn show(ui: &mut Ui, cx: &Cx<'_>, from_deg: &mut f64) -> Response {
    let (palette, name) = (&cx.palette, cx.tr("ui-fire-wind-from"));
    let (rect, mut response) = ui.allocate_exact_size(Vec2::splat(SIDE), Sense::click_and_drag());
    if let Some(at) = response.interact_pointer_pos() {
        let to = at - rect.center();
        if to.length() > 4.0 {
            let turned = f64::from(to.x).atan2(-f64::from(to.y)).to_degrees().rem_euclid(360.0);
            let stepped = (turned / STEP_DEG).round() * STEP_DEG % 360.0;
            if (stepped - *from_deg).abs() > 1e-9 {
                *from_deg = stepped;
                response.mark_changed();
            }
        }
    }
    response.widget_info(|| WidgetInfo::slider(ui.is_enabled(), *from_deg, &name));
    let painter = ui.painter();
    let (centre, radius) = (rect.center(), SIDE / 2.0 - 8.0);
    painter.circle(centre, radius, palette.hover, Stroke::new(1.0, palette.border));
    for k in 0..8 {
        let (sin, cos) = (std::f32::consts::FRAC_PI_4 * k as f32).sin_cos();
        let out = vec2(sin, -cos);
        painter.line_segment([centre + out * (radius - 5.0), centre + out * radius], Stroke::new(1.0, palette.weak));
    }
    let (sin, cos) = (*from_deg as f32).to_radians().sin_cos();
    let from = vec2(sin, -cos);
    let side = vec2(-from.y, from.x);
    // The arrow flies with the wind: from the rim to the other side.
    let (tail, tip) = (centre + from * (radius - 2.0), centre - from * (radius - 10.0));
    painter.line_segment([tail, tip], Stroke::new(2.5, palette.accent));
    for sign in [-1.0, 1.0] {
        painter.line_segment([tip, tip + from * 11.0 + side * (6.0 * sign)], Stroke::new(2.5, palette.accent));
    }
    painter.circle_filled(tail, 5.0, palette.accent);
    painter.text(
        centre - vec2(0.0, radius + 1.0),
        Align2::CENTER_CENTER,
        cx.tr("ui-compass-letter-n"),
        semibold(10.0),
        palette.text,
    );
    response
}

/// The key of the direction's name: one of eight.
pub(super) fn compass_key(degrees: f64) -> &'static str {
    const KEYS: [&str; 8] = [
        "ui-compass-n",
        "ui-compass-ne",
        "ui-compass-e",
        "ui-compass-se",
        "ui-compass-s",
        "ui-compass-sw",
        "ui-compass-w",
        "ui-compass-nw",
    ];
    KEYS[((degrees / 45.0).round().rem_euclid(8.0)) as usize % 8]
}

#[cfg(test)]
mod tests {
    use super::compass_key;

    #[test]
    fn every_direction_has_its_name() {
        assert_eq!(compass_key(0.0), "ui-compass-n");
        assert_eq!(compass_key(359.0), "ui-compass-n");
        assert_eq!(compass_key(240.0), "ui-compass-sw");
        assert_eq!(compass_key(-90.0), "ui-compass-w");
    }
}
