//! Arrows of what flows over the ground: currents of the sea, the wind of a day.

use bevy::prelude::Vec2;
use bevy_egui::egui::{Color32, Painter, Pos2, Stroke};

use super::overlay::ground_point;
use crate::geo::grid::Grid;
use crate::model::project::Project;
use crate::session::Session;

const ARROW: Color32 = Color32::from_rgba_premultiplied(180, 200, 215, 215);
/// Arrows to each side of the point that is looked at.
const ARROWS: i32 = 14;
/// An arrow of the fastest flow is as long as this part of the way to the next one.
const LONGEST: f64 = 0.9;
/// Over the ground or the water, metres.
const ABOVE_M: f64 = 4.0;

pub(super) fn draw(
    painter: &Painter,
    session: &Session,
    project: &Project,
    to_screen: &impl Fn([f64; 3]) -> Option<Vec2>,
) {
    let Some(arrows) = session.arrows() else { return };
    let [east, north] = arrows.towards;
    let camera = session.view.camera;
    let distance = (0..3).map(|k| (camera.eye[k] - camera.look[k]).powi(2)).sum::<f64>().sqrt();
    let spacing = (distance / 16.0).max(east.spec.cell_width());
    let look = project.frame.crs_from_site([camera.look[0], camera.look[1]]);
    // Places that stay where they are while the view moves.
    let first = look.map(|v| (v / spacing).round());
    let fastest = arrows.fastest_mps;
    for (row, col) in (-ARROWS..=ARROWS).flat_map(|row| (-ARROWS..=ARROWS).map(move |col| (row, col))) {
        let place = [(first[0] + f64::from(col)) * spacing, (first[1] + f64::from(row)) * spacing];
        let of = |grid: &Grid<f32>| grid.at(place).filter(|v| !v.is_nan()).map(f64::from);
        let Some((u, v)) = of(east).zip(of(north)) else { continue };
        let speed = u.hypot(v);
        if speed <= 0.02 * fastest || speed <= 0.0 {
            continue;
        }
        // Square roots keep slow flow in sight.
        let length = LONGEST * spacing * (speed / fastest).sqrt();
        let end = [place[0] + u / speed * length, place[1] + v / speed * length];
        let at = |p: [f64; 2]| to_screen(ground_point(project, p, ABOVE_M)).map(|v| Pos2::new(v.x, v.y));
        if let (Some(a), Some(b)) = (at(place), at(end)) {
            painter.line_segment([a, b], Stroke::new(1.6, ARROW));
            let along = (b - a).normalized() * 5.0;
            for side in [along.rot90(), -along.rot90()] {
                painter.line_segment([b, b - along + side * 0.6], Stroke::new(1.6, ARROW));
            }
        }
    }
}
