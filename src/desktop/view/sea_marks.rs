//! What is written over a sea study: the outfalls, and what floats.

use bevy::prelude::Vec2;
use bevy_egui::egui::{Color32, Painter};

use super::overlay::{seen, spot};
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
    let at = seen(project, 0.5, to_screen);
    if let (Some(outcome), Some(second)) = (&desk.outcome, session.second_of_day())
        && let Some(adrift) = outcome.adrift(second)
    {
        let oil = outcome.form.floating == Floating::Oil;
        for (place, state) in &adrift.particles {
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
        spot(painter, p, OIL);
    }
    for p in desk.form.outfalls.iter().filter_map(|p| at(*p)) {
        spot(painter, p, OUTFALL);
    }
}
