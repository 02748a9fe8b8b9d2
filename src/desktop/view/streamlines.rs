//! Lines along what flows over the ground: currents of the sea, the wind of a day. Wider is faster.

use std::sync::{Arc, Weak};

use bevy::prelude::Vec2;
use bevy_egui::egui::{Color32, Painter, Pos2, Shape, Stroke, vec2};

use super::overlay::ground_point;
use crate::geo::grid::Grid;
use crate::geo::streamline::{Flow, streamlines};
use crate::model::project::Project;
use crate::session::Session;

const LINE: Color32 = Color32::from_rgba_premultiplied(180, 200, 215, 215);
const RIM: Color32 = Color32::from_rgba_premultiplied(0, 0, 0, 70);
/// Lines to each side of the point that is looked at, and how far one may look away before they are traced anew.
const LINES: f64 = 16.0;
const AWAY: f64 = 4.0;
/// Points, of the slowest and the fastest.
const WIDTHS: [f32; 2] = [1.0, 2.8];
/// Over the ground or the water, metres.
const ABOVE_M: f64 = 4.0;

/// Lines with their heights on the ground, kept while flow and view stay.
#[derive(Default)]
pub(super) struct GroundedFlow {
    of: Weak<Grid<f32>>,
    /// Whole multiples of the spacing, and the spacing.
    at: ([i64; 2], f64),
    lines: Vec<(Vec<[f64; 3]>, f64)>,
}

impl GroundedFlow {
    pub(super) fn draw(
        &mut self,
        painter: &Painter,
        session: &Session,
        project: &Project,
        to_screen: &impl Fn([f64; 3]) -> Option<Vec2>,
    ) {
        let Some(flow) = session.flow() else {
            *self = Self::default();
            return;
        };
        let [east, north] = flow.towards;
        let camera = session.view.camera;
        let distance = (0..3).map(|k| (camera.eye[k] - camera.look[k]).powi(2)).sum::<f64>().sqrt();
        // By twos, so that lines stay while one comes a little nearer.
        let finest = east.spec.cell_width();
        let spacing = finest * (distance / 16.0 / finest).max(1.0).log2().round().exp2();
        let look = project.frame.crs_from_site([camera.look[0], camera.look[1]]);
        let at = (look.map(|v| (v / (AWAY * spacing)).round() as i64), spacing);
        if !std::ptr::eq(self.of.as_ptr(), Arc::as_ptr(east)) || self.at != at {
            let middle = at.0.map(|v| v as f64 * AWAY * spacing);
            let shown = Flow { towards: [&**east, &**north], fastest: flow.fastest_mps };
            let ground = |p: [f64; 2]| ground_point(project, p, ABOVE_M);
            let lines = streamlines(shown, middle, LINES * spacing, spacing).into_iter();
            self.lines = lines.map(|l| (l.points.into_iter().map(ground).collect(), l.speed)).collect();
            (self.of, self.at) = (Arc::downgrade(east), at);
        }
        let clip = painter.clip_rect().expand(20.0);
        for (line, speed) in &self.lines {
            let seen = |p: &[f64; 3]| to_screen(*p).map(|v| Pos2::new(v.x, v.y)).filter(|p| clip.contains(*p));
            let points: Vec<Pos2> = line.iter().filter_map(seen).collect();
            let [slow, fast] = WIDTHS;
            let width = slow + (fast - slow) * (speed / flow.fastest_mps).sqrt().min(1.0) as f32;
            write(painter, &points, width);
        }
    }
}

/// A line with a head in its middle, so that long ones tell their way too.
fn write(painter: &Painter, points: &[Pos2], width: f32) {
    let middle = points.len() / 2;
    if middle == 0 {
        return;
    }
    painter.add(Shape::line(points.to_vec(), Stroke::new(width + 1.6, RIM)));
    painter.add(Shape::line(points.to_vec(), Stroke::new(width, LINE)));
    let along = (points[middle] - points[middle - 1]).normalized() * (3.0 + 2.0 * width);
    if along.x.is_finite() && along.y.is_finite() {
        let (tip, side) = (points[middle] + along * 0.5, vec2(-along.y, along.x) * 0.55);
        let head = vec![tip, tip - along + side, tip - along - side];
        painter.add(Shape::convex_polygon(head, LINE, Stroke::new(0.8, RIM)));
    }
}
