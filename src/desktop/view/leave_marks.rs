//! What is written over an evacuation: where people leave, and the roads that the fire closes.

use bevy::prelude::Vec2;
use bevy_egui::egui::{Color32, Painter, Pos2, Shape, Stroke};

use super::overlay::{on_ground, seen};
use crate::model::project::Project;
use crate::session::Session;

const EXIT: Color32 = Color32::from_rgb(20, 140, 70);
const CLOSED: Color32 = Color32::from_rgb(200, 20, 20);

pub(super) fn draw(
    painter: &Painter,
    session: &Session,
    project: &Project,
    to_screen: &impl Fn([f64; 3]) -> Option<Vec2>,
) {
    let Some(outcome) = session.traffic().leave.outcome.as_ref().filter(|_| session.traffic().open) else { return };
    let screen = |p: [f64; 3]| to_screen(p).map(|v| Pos2::new(v.x, v.y));
    for line in &outcome.closed {
        let points: Vec<Pos2> = on_ground(project, line, 2.0).into_iter().map_while(screen).collect();
        if points.len() > 1 {
            painter.add(Shape::line(points, Stroke::new(3.0, CLOSED)));
        }
    }
    for exit in &outcome.exits {
        if let Some(p) = seen(project, 2.0, to_screen)(*exit) {
            painter.circle(p, 8.0, EXIT, Stroke::new(2.5, Color32::WHITE));
            painter.circle_filled(p, 2.5, Color32::WHITE);
        }
    }
}
