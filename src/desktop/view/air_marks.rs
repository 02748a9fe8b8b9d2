//! What is written over an air study: the sources that were set, and the place that was asked.

use bevy::prelude::Vec2;
use bevy_egui::egui::{Color32, Painter, Pos2, Stroke};

use super::overlay::{draw_line, on_ground, seen, spot};
use crate::model::project::Project;
use crate::session::Session;
use crate::session::air_sources::SourceKind;

const STACK: Color32 = Color32::from_rgb(70, 60, 120);
const STATION: Color32 = Color32::from_rgb(20, 120, 90);
/// Of the areas that hold a sought source with 50 % and with 90 %.
const EDGE: Color32 = Color32::from_rgb(255, 236, 130);
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
    let at = seen(project, 1.0, to_screen);
    for placed in &desk.form.placed {
        let closing = placed.points.first().filter(|_| placed.kind() == SourceKind::Area);
        let line: Vec<[f64; 2]> = placed.points.iter().chain(closing).copied().collect();
        draw_line(painter, &on_ground(project, &line, 1.0), to_screen, STACK);
        for p in placed.points.iter().filter_map(|p| at(*p)) {
            spot(painter, p, STACK);
        }
    }
    if let Some(found) = desk.find.outcome.as_ref().filter(|_| desk.find.shown) {
        // Over the houses too: in a town the ground is hardly seen.
        for (pieces, width) in found.edges.iter().zip([2.5, 1.5]).rev() {
            for [a, b] in pieces {
                if let (Some(a), Some(b)) = (at(*a), at(*b)) {
                    painter.line_segment([a, b], Stroke::new(width + 2.0, Color32::from_black_alpha(110)));
                    painter.line_segment([a, b], Stroke::new(width, EDGE));
                }
            }
        }
        for p in found.stations.iter().filter_map(|p| at(*p)) {
            painter.circle(p, 4.5, STATION, Stroke::new(1.5, Color32::WHITE));
        }
        // Corners only: the likeliest spot of an area, not a culprit.
        if let Some(p) = found.finding.cells.first().and_then(|c| at(c.middle)) {
            for (x, y) in [(-1.0, -1.0), (-1.0, 1.0), (1.0, -1.0), (1.0, 1.0)] {
                let corner = Pos2::new(p.x + 13.0 * x, p.y + 13.0 * y);
                for end in [Pos2::new(corner.x - 8.0 * x, corner.y), Pos2::new(corner.x, corner.y - 8.0 * y)] {
                    painter.line_segment([corner, end], Stroke::new(4.0, Color32::from_black_alpha(150)));
                    painter.line_segment([corner, end], Stroke::new(2.0, Color32::WHITE));
                }
            }
        }
    }
    if let Some(p) = desk.probe.as_ref().and_then(|probe| at(probe.at)) {
        painter.circle_stroke(p, 8.0, Stroke::new(4.0, Color32::WHITE));
        painter.circle_stroke(p, 8.0, Stroke::new(2.0, PROBE));
        painter.circle_filled(p, 2.5, PROBE);
    }
}
