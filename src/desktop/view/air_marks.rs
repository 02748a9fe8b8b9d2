//! What is written over an air study: the stacks, and the place that was asked.

use bevy::prelude::Vec2;
use bevy_egui::egui::{Color32, Painter, Pos2, Stroke};

use super::overlay::on_ground;
use crate::model::project::Project;
use crate::session::Session;

const STACK: Color32 = Color32::from_rgb(70, 60, 120);
const PROBE: Color32 = Color32::from_rgb(20, 120, 220);

pub(super) fn draw(
    painter: &Painter,
    session: &Session,
    project: &Project,
    to_screen: &impl Fn([f64; 3]) -> Option<Vec2>,
) {
    let desk = session.air();
    if !desk.open {
        return;
    }
    let at = |p: [f64; 2]| {
        let place = on_ground(project, &[p], 1.0);
        place.first().and_then(|p| to_screen(*p)).map(|v| Pos2::new(v.x, v.y))
    };
    for p in desk.form.stacks.iter().filter_map(|p| at(*p)) {
        painter.circle_filled(p, 9.0, Color32::from_black_alpha(120));
        painter.circle(p, 6.5, STACK, Stroke::new(2.0, Color32::WHITE));
    }
    if let Some(p) = desk.probe.as_ref().and_then(|probe| at(probe.at)) {
        painter.circle_stroke(p, 8.0, Stroke::new(4.0, Color32::WHITE));
        painter.circle_stroke(p, 8.0, Stroke::new(2.0, PROBE));
        painter.circle_filled(p, 2.5, PROBE);
    }
}
