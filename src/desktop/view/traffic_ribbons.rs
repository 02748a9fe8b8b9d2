//! Traffic over the roads: a ribbon for each direction, beside the middle of the road on the side that is driven on.

use std::sync::{Arc, Weak};

use bevy::prelude::Vec2;
use bevy_egui::egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, vec2};

use super::overlay::on_ground;
use crate::geo::measure::distance;
use crate::model::project::Project;
use crate::session::Session;
use crate::session::traffic_ribbons::Ribbons;

/// Nearer roads have no ribbon while vehicles drive on them.
const VEHICLES_M: f64 = 4000.0;
const PICKED: Color32 = Color32::from_rgb(20, 20, 30);

/// Ribbons with their heights on the ground, kept as long as they are shown.
#[derive(Default)]
pub(super) struct GroundedRibbons {
    of: Weak<Ribbons>,
    lines: Vec<Vec<[f64; 3]>>,
}

impl GroundedRibbons {
    pub(super) fn draw(
        &mut self,
        painter: &Painter,
        session: &Session,
        (project, beside): (&Project, bool),
        to_screen: &impl Fn([f64; 3]) -> Option<Vec2>,
    ) {
        let Some(ribbons) = session.ribbons(beside) else { return };
        if !std::ptr::eq(self.of.as_ptr(), Arc::as_ptr(ribbons)) {
            self.lines = ribbons.ribbons.iter().map(|r| on_ground(project, &r.line, 1.0)).collect();
            self.of = Arc::downgrade(ribbons);
        }
        let clip = painter.clip_rect();
        // A road is picked of a study's ribbons, not of a difference.
        let picked = session.traffic().picked.filter(|_| session.plan_map().is_none());
        // Near the eye the vehicles themselves are seen.
        let eye = session.moving_vehicles().map(|_| session.view.camera.eye);
        let is_near = |line: &[[f64; 3]]| {
            let near =
                |p: &[f64; 3]| eye.is_some_and(|e| distance([p[0], p[1]], [e[0], e[1]]).hypot(e[2]) < VEHICLES_M);
            eye.is_some() && line.iter().any(near)
        };
        let mut points: Vec<Pos2> = Vec::new();
        for (ribbon, line) in ribbons.ribbons.iter().zip(&self.lines) {
            if is_near(line) {
                continue;
            }
            points.clear();
            points.extend(line.iter().filter_map(|p| to_screen(*p)).map(|v| Pos2::new(v.x, v.y)));
            if points.len() < line.len() || !clip.intersects(Rect::from_points(&points)) {
                continue;
            }
            to_the_right(&mut points, ribbon.width / 2.0 + 0.5);
            let color = Color32::from_rgb(ribbon.color.0, ribbon.color.1, ribbon.color.2);
            if picked.is_some_and(|p| p.link == ribbon.link || p.opposite == Some(ribbon.link)) {
                painter.add(Shape::line(points.clone(), Stroke::new(ribbon.width + 5.0, Color32::WHITE)));
                painter.add(Shape::line(points.clone(), Stroke::new(ribbon.width + 2.5, PICKED)));
            }
            painter.add(Shape::line(points.clone(), Stroke::new(ribbon.width, color)));
        }
    }
}

/// Moves a line to its right: traffic keeps right here, and the two directions of a road lie side by side.
fn to_the_right(points: &mut [Pos2], by: f32) {
    let count = points.len();
    let shift: Vec<_> = (0..count)
        .map(|i| {
            let along = points[(i + 1).min(count - 1)] - points[i.saturating_sub(1)];
            // The screen's y points down: right of (x, y) is (-y, x).
            if along.length() > 0.01 { vec2(-along.y, along.x).normalized() * by } else { vec2(0.0, 0.0) }
        })
        .collect();
    for (point, shift) in points.iter_mut().zip(shift) {
        *point += shift;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_of_a_way_to_the_east_is_south() {
        let mut line = [Pos2::new(0.0, 0.0), Pos2::new(10.0, 0.0)];
        to_the_right(&mut line, 2.0);
        assert_eq!(line, [Pos2::new(0.0, 2.0), Pos2::new(10.0, 2.0)]);
    }
}
