//! What is written over a sea study: the outfalls, and arrows of the current.

use bevy::prelude::Vec2;
use bevy_egui::egui::{Color32, Painter, Pos2, Stroke};

use crate::model::project::Project;
use crate::session::Session;

const OUTFALL: Color32 = Color32::from_rgb(150, 60, 30);
const ARROW: Color32 = Color32::from_rgba_premultiplied(180, 200, 215, 215);
/// Arrows to each side of the point that is looked at.
const ARROWS: i32 = 14;
/// An arrow of the fastest current is as long as this part of the way to the next one.
const LONGEST: f64 = 0.9;

pub(super) fn draw(
    painter: &Painter,
    session: &Session,
    project: &Project,
    to_screen: &impl Fn([f64; 3]) -> Option<Vec2>,
) {
    let desk = session.sea();
    if !desk.open {
        return;
    }
    let at = |p: [f64; 2]| {
        let [east, north] = project.frame.site_from_crs(p);
        to_screen([east, north, 0.5]).map(|v| Pos2::new(v.x, v.y))
    };
    currents(painter, session, project, &at);
    for p in desk.form.outfalls.iter().filter_map(|p| at(*p)) {
        painter.circle_filled(p, 9.0, Color32::from_black_alpha(120));
        painter.circle(p, 6.5, OUTFALL, Stroke::new(2.0, Color32::WHITE));
    }
}

fn currents(painter: &Painter, session: &Session, project: &Project, at: &impl Fn([f64; 2]) -> Option<Pos2>) {
    let Some((outcome, second)) = session.sea().outcome.as_ref().zip(session.second_of_day()) else { return };
    let Some([east, north]) = outcome.current(second) else { return };
    let camera = session.view.camera;
    let distance = (0..3).map(|k| (camera.eye[k] - camera.look[k]).powi(2)).sum::<f64>().sqrt();
    let spacing = (distance / 16.0).max(east.spec.cell_width());
    let look = project.frame.crs_from_site([camera.look[0], camera.look[1]]);
    // Places that stay where they are while the view moves.
    let first = look.map(|v| (v / spacing).round());
    let speeds: Vec<(f64, [f64; 2], [f64; 2])> = (-ARROWS..=ARROWS)
        .flat_map(|row| (-ARROWS..=ARROWS).map(move |col| (col, row)))
        .filter_map(|(col, row)| {
            let place = [(first[0] + f64::from(col)) * spacing, (first[1] + f64::from(row)) * spacing];
            let of = |grid: &crate::geo::grid::Grid<f32>| grid.at(place).filter(|v| !v.is_nan()).map(f64::from);
            let [u, v] = [of(east)?, of(north)?];
            Some((u.hypot(v), place, [u, v]))
        })
        .collect();
    let fastest = outcome.fastest(second);
    for (speed, place, [u, v]) in speeds.into_iter().filter(|s| s.0 > 0.02 * fastest && s.0 > 0.0) {
        // Square roots keep slow water in sight.
        let length = LONGEST * spacing * (speed / fastest).sqrt();
        let end = [place[0] + u / speed * length, place[1] + v / speed * length];
        if let (Some(a), Some(b)) = (at(place), at(end)) {
            painter.line_segment([a, b], Stroke::new(1.6, ARROW));
            let along = (b - a).normalized() * 5.0;
            for side in [along.rot90(), -along.rot90()] {
                painter.line_segment([b, b - along + side * 0.6], Stroke::new(1.6, ARROW));
            }
        }
    }
}
