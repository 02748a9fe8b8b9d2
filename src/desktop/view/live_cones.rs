//! The sectors that cameras look at.

use bevy::prelude::Vec2;
use bevy_egui::egui::{Color32, Painter, Pos2, Shape, Stroke};

use super::live_marks::{color, on_screen};
use crate::live::board::StreamState;
use crate::model::project::Project;
use crate::session::live::StationNow;

/// Cameras are many: their cones are drawn only when they are so wide on screen, points.
const LEAST: f32 = 14.0;

pub(super) fn draw(
    painter: &Painter,
    project: &Project,
    now: &StationNow<'_>,
    crs: [f64; 2],
    p: Pos2,
    picked: bool,
    to_screen: &impl Fn([f64; 3]) -> Option<Vec2>,
) {
    let Some(cone) = now.station.cone else { return };
    let steps = (cone.opening_deg / 6.0).ceil().max(2.0) as i32;
    let first = cone.bearing_deg - cone.opening_deg / 2.0;
    let edge: Vec<Pos2> = (0..=steps)
        .filter_map(|i| {
            let bearing = (first + cone.opening_deg * f64::from(i) / f64::from(steps)).to_radians();
            let at = [crs[0] + cone.range_m * bearing.sin(), crs[1] + cone.range_m * bearing.cos()];
            on_screen(project, at, to_screen)
        })
        .collect();
    if edge.iter().all(|e| e.distance(p) < LEAST) {
        return;
    }
    let tint = if now.state == StreamState::Ok { Color32::from_rgb(80, 170, 255) } else { color(now.state) };
    if cone.opening_deg < 180.0 {
        // The edge follows the ground, so the sector need not be convex: triangles from the camera.
        for pair in edge.windows(2) {
            let fill = tint.gamma_multiply(if picked { 0.35 } else { 0.2 });
            painter.add(Shape::convex_polygon(vec![p, pair[0], pair[1]], fill, Stroke::NONE));
        }
        let outline: Vec<Pos2> = std::iter::once(p).chain(edge).chain(std::iter::once(p)).collect();
        painter.line(outline, Stroke::new(1.0, tint.gamma_multiply(0.8)));
    } else if picked {
        painter.line(edge, Stroke::new(1.4, tint.gamma_multiply(0.8)));
    }
}
