//! What is written over a sea study: the outfalls.

use bevy::prelude::Vec2;
use bevy_egui::egui::{Color32, Painter, Pos2, Stroke};

use crate::model::project::Project;
use crate::session::Session;
use crate::sim::transport::particles::State;
use crate::sim::water::sea::Floating;

const OUTFALL: Color32 = Color32::from_rgb(150, 60, 30);

const OIL: Color32 = Color32::from_rgb(24, 20, 18);
const DEBRIS: Color32 = Color32::from_rgb(235, 225, 200);
const STRANDED: Color32 = Color32::from_rgb(214, 50, 40);

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
    if let (Some(outcome), Some(second)) = (&desk.outcome, session.second_of_day())
        && let Some(seen) = outcome.adrift(second)
    {
        let oil = outcome.form.floating == Floating::Oil;
        for (place, state) in &seen.particles {
            let color = match state {
                State::Afloat if oil => OIL,
                State::Afloat => DEBRIS,
                State::Stranded => STRANDED,
                State::Gone => continue,
            };
            if let Some(p) = at(place.map(f64::from)) {
                painter.circle_filled(p, 2.2, color);
            }
        }
    }
    if let Some(p) = desk.form.spill.and_then(&at) {
        painter.circle_filled(p, 9.0, Color32::from_black_alpha(120));
        painter.circle(p, 6.5, OIL, Stroke::new(2.0, Color32::WHITE));
    }
    for p in desk.form.outfalls.iter().filter_map(|p| at(*p)) {
        painter.circle_filled(p, 9.0, Color32::from_black_alpha(120));
        painter.circle(p, 6.5, OUTFALL, Stroke::new(2.0, Color32::WHITE));
    }
}
