//! What is written over a fire: where it was set, the strip without fuel, and the hours on their lines.

use bevy::prelude::Vec2;
use bevy_egui::egui::{Align2, Color32, FontId, Painter, Pos2, Stroke, vec2};

use super::overlay::{draw_line, on_ground, seen, spot};
use crate::base::units::hours_minutes;
use crate::model::project::Project;
use crate::session::Session;
use crate::session::fire::FireField;

const FLAME: Color32 = Color32::from_rgb(255, 110, 30);
/// Hours are written at least so far apart, points.
const MARK_SPACING: f32 = 44.0;
const STRIP: Color32 = Color32::from_rgb(60, 220, 255);

pub(super) fn draw(
    painter: &Painter,
    session: &Session,
    project: &Project,
    to_screen: &impl Fn([f64; 3]) -> Option<Vec2>,
) {
    let desk = session.fire();
    if !desk.open && desk.outcome.is_none() {
        return;
    }
    let at = seen(project, 1.0, to_screen);
    let strip = on_ground(project, &desk.form.fuel_break, 1.0);
    draw_line(painter, &strip, to_screen, STRIP);
    for p in desk.form.fuel_break.iter().filter_map(|p| at(*p)) {
        painter.circle(p, 4.0, STRIP, Stroke::new(1.5, Color32::WHITE));
    }
    for fire in &desk.form.ignitions {
        let closing = fire.points.first().filter(|_| fire.area && fire.points.len() > 2);
        let line: Vec<[f64; 2]> = fire.points.iter().chain(closing).copied().collect();
        draw_line(painter, &on_ground(project, &line, 1.0), to_screen, FLAME);
        for p in fire.points.iter().filter_map(|p| at(*p)) {
            spot(painter, p, FLAME);
        }
    }
    let Some(outcome) = desk.outcome.as_ref().filter(|_| desk.field != FireField::Probability) else { return };
    let start = outcome.case.inputs.start_unix_s as f64 + project.utc_offset_hours * 3600.0;
    let mut last: Option<Pos2> = None;
    for (seconds, place) in outcome.marks.iter().filter(|(seconds, _)| *seconds <= desk.shown_s) {
        let Some(p) = at(*place).filter(|p| last.is_none_or(|l| l.distance(*p) > MARK_SPACING)) else { continue };
        last = Some(p);
        let text = hours_minutes((start + seconds).rem_euclid(86_400.0));
        let galley = painter.layout_no_wrap(text, FontId::proportional(12.0), Color32::WHITE);
        let rect = Align2::CENTER_BOTTOM.anchor_size(p, galley.size() + vec2(8.0, 2.0));
        painter.rect_filled(rect, 4.0, Color32::from_rgba_unmultiplied(90, 10, 10, 215));
        painter.galley(rect.min + vec2(4.0, 1.0), galley, Color32::WHITE);
    }
}
