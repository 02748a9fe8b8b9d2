//! What floats over the map: tools, compass, the measurement's result.

use egui::{Align2, Context, Label, Pos2, Rect, RichText, Sense, Shape, Stroke, Ui, Vec2, vec2};
use egui_phosphor::regular as icon;

use super::card;
use super::context::Cx;
use super::theme::semibold;
use super::widgets::{icon_button, icon_button_sized, pair};
use crate::session::command::Command;
use crate::session::measure::{Measurement, measurement};
use crate::session::view_state::{CameraPose, CameraRequest, Tool};

/// (tool, icon, catalogue key, key on the keyboard).
pub(super) const TOOLS: [(Tool, &str, &str, &str); 4] = [
    (Tool::Inspect, icon::CURSOR, "ui-tool-inspect", "1"),
    (Tool::MeasureDistance, icon::RULER, "ui-tool-distance", "2"),
    (Tool::MeasureArea, icon::POLYGON, "ui-tool-area", "3"),
    (Tool::MeasureHeight, icon::ARROWS_VERTICAL, "ui-tool-height", "4"),
];

const BUTTON: f32 = 34.0;

pub(super) fn show(ctx: &Context, cx: &mut Cx<'_>, free: Rect) {
    let palette = cx.palette;
    card::show(ctx, &palette, "map-tools", free, (Align2::LEFT_TOP, vec2(12.0, 12.0)), |ui| {
        ui.horizontal(|ui| toolbar(ui, cx));
    });
    card::show(ctx, &palette, "compass", free, (Align2::RIGHT_TOP, vec2(-12.0, 12.0)), |ui| {
        ui.horizontal(|ui| orientation(ui, cx));
    });
    if matches!(cx.session.view.tool, Tool::MeasureDistance | Tool::MeasureArea | Tool::MeasureHeight) {
        card::show(ctx, &palette, "measure", free, (Align2::LEFT_TOP, vec2(12.0, 74.0)), |ui| result(ui, cx));
    }
}

fn toolbar(ui: &mut Ui, cx: &mut Cx<'_>) {
    ui.spacing_mut().item_spacing.x = 4.0;
    for (tool, sign, key, shortcut) in TOOLS {
        let name = format!("{} ({shortcut})", cx.tr(key));
        if icon_button_sized(ui, sign, &name, cx.session.view.tool == tool, BUTTON).clicked() {
            cx.push(Command::SetTool(tool));
        }
    }
    ui.separator();
    let xray = cx.session.view.xray;
    let name = format!("{} (X)", cx.tr("ui-tool-xray"));
    if icon_button_sized(ui, icon::SCAN, &name, xray, BUTTON).clicked() {
        cx.push(Command::SetXray(!xray));
    }
    let name = format!("{} (F)", cx.tr("ui-view-frame-all"));
    if icon_button_sized(ui, icon::CORNERS_OUT, &name, false, BUTTON).clicked() {
        cx.push(Command::MoveCamera(CameraRequest::FrameAll));
    }
}

fn orientation(ui: &mut Ui, cx: &mut Cx<'_>) {
    ui.spacing_mut().item_spacing.x = 4.0;
    let camera = cx.session.view.camera;
    let from_above = is_from_above(camera);
    let (label, name) = if from_above { ("3D", "ui-view-oblique") } else { ("2D", "ui-view-top") };
    let text = RichText::new(label).font(semibold(14.0));
    let button = egui::Button::new(text).frame(false).min_size(Vec2::splat(BUTTON));
    if ui.add(button).on_hover_text(cx.tr(name)).clicked() {
        let pose = if from_above { tilted(camera, 40.0) } else { tilted(camera, 89.9) };
        cx.push(Command::MoveCamera(CameraRequest::Pose(pose)));
    }
    if compass(ui, cx, heading(camera)).clicked() {
        cx.push(Command::MoveCamera(CameraRequest::NorthUp));
    }
}

/// A needle that shows where north is on screen.
fn compass(ui: &mut Ui, cx: &Cx<'_>, heading: f64) -> egui::Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(BUTTON), Sense::click());
    let p = &cx.palette;
    let painter = ui.painter();
    let fill = if response.hovered() { p.hover } else { p.card };
    painter.circle(rect.center(), BUTTON / 2.0 - 1.0, fill, Stroke::new(1.0, p.border));
    // Turning the camera to the right turns the needle to the left.
    let (sin, cos) = (-heading as f32).sin_cos();
    let at = |x: f32, y: f32| -> Pos2 { rect.center() + vec2(x * cos - y * sin, x * sin + y * cos) };
    let (long, wide) = (BUTTON * 0.38, BUTTON * 0.13);
    painter.add(Shape::convex_polygon(vec![at(0.0, -long), at(wide, 0.0), at(-wide, 0.0)], p.bad, Stroke::NONE));
    painter.add(Shape::convex_polygon(vec![at(0.0, long), at(-wide, 0.0), at(wide, 0.0)], p.weak, Stroke::NONE));
    let name = cx.tr("ui-view-north");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Button, true, &name));
    response.on_hover_text(format!("{name} (N)"))
}

/// Direction of view, clockwise from north, radians.
fn heading(camera: CameraPose) -> f64 {
    (camera.look[0] - camera.eye[0]).atan2(camera.look[1] - camera.eye[1])
}

fn is_from_above(camera: CameraPose) -> bool {
    let [e, n, u] = [0, 1, 2].map(|i| camera.eye[i] - camera.look[i]);
    u > 0.0 && e.hypot(n) < u * 0.05
}

/// The same place from the same distance, seen `degrees` below the horizontal, the heading kept.
fn tilted(camera: CameraPose, degrees: f64) -> CameraPose {
    let [e, n, u] = [0, 1, 2].map(|i| camera.eye[i] - camera.look[i]);
    let distance = e.hypot(n).hypot(u);
    let heading = heading(camera);
    let (sin, cos) = degrees.to_radians().sin_cos();
    let flat = distance * cos;
    let [x, y, z] = camera.look;
    let eye = [x - flat * heading.sin(), y - flat * heading.cos(), distance.mul_add(sin, z)];
    CameraPose { eye, look: camera.look }
}

fn result(ui: &mut Ui, cx: &mut Cx<'_>) {
    ui.set_width(260.0);
    let view = &cx.session.view;
    let (key, hint) = match view.tool {
        Tool::Inspect
        | Tool::Ignite
        | Tool::IgniteLine
        | Tool::FuelBreak
        | Tool::AirSource
        | Tool::AirLine
        | Tool::AirProbe
        | Tool::SeaOutfall
        | Tool::SeaSpill
        | Tool::TrafficProbe
        | Tool::PlaceStation
        | Tool::PlanDraw => return,
        Tool::MeasureDistance => ("ui-tool-distance", "ui-measure-hint-distance"),
        Tool::MeasureArea => ("ui-tool-area", "ui-measure-hint-area"),
        Tool::MeasureHeight => ("ui-tool-height", "ui-measure-hint-height"),
    };
    ui.horizontal(|ui| {
        ui.label(cx.strong(cx.tr(key)));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if icon_button(ui, icon::X, &cx.tr("ui-measure-end"), false).clicked() {
                cx.push(Command::SetTool(Tool::Inspect));
            }
            if !cx.session.view.measure.is_empty()
                && icon_button(ui, icon::TRASH, &cx.tr("ui-measure-clear"), false).clicked()
            {
                cx.push(Command::ClearMeasure);
            }
        });
    });
    let Some(measured) = measurement(view.tool, &view.measure) else {
        ui.add(Label::new(cx.weak(cx.tr(hint))).wrap());
        return;
    };
    for (key, value) in lines(cx, measured) {
        pair(ui, cx, &cx.tr(key), RichText::new(value).font(semibold(14.0)));
    }
    ui.add(Label::new(cx.weak(cx.tr("ui-measure-plane-note"))).wrap());
}

fn lines(cx: &Cx<'_>, measured: Measurement) -> Vec<(&'static str, String)> {
    match measured {
        Measurement::Distance { plane_m, slope_m, segments } => vec![
            ("ui-measure-plane", length_text(cx, plane_m)),
            ("ui-measure-slope", length_text(cx, slope_m)),
            ("ui-measure-segments", cx.number(segments as f64, 0, "")),
        ],
        Measurement::Area { area_m2, perimeter_m } => vec![
            ("ui-measure-area", cx.number(area_m2, 1, "m²")),
            ("ui-measure-area-ha", cx.number(area_m2 / crate::base::units::M2_PER_HECTARE, 3, "ha")),
            ("ui-measure-perimeter", length_text(cx, perimeter_m)),
        ],
        Measurement::Height { rise_m, plane_m } => {
            vec![("ui-measure-rise", cx.number(rise_m, 2, "m")), ("ui-measure-plane", length_text(cx, plane_m))]
        }
    }
}

fn length_text(cx: &Cx<'_>, metres: f64) -> String {
    if metres.abs() >= 10_000.0 { cx.number(metres / 1000.0, 3, "km") } else { cx.number(metres, 2, "m") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tilting_keeps_place_distance_and_heading() {
        let camera = CameraPose { eye: [-300.0, -400.0, 500.0], look: [0.0, 0.0, 0.0] };
        for degrees in [20.0, 60.0, 89.9] {
            let pose = tilted(camera, degrees);
            let distance = pose.eye[0].hypot(pose.eye[1]).hypot(pose.eye[2]);
            assert!((distance - 500.0_f64.hypot(500.0)).abs() < 1e-6);
            assert!((heading(pose) - heading(camera)).abs() < 1e-6);
        }
        assert!(is_from_above(tilted(camera, 89.9)) && !is_from_above(camera));
    }
}
