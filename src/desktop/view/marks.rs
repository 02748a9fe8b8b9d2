//! What the session wants to be seen for a while: readings of a file, faults, features that were found.

use std::sync::{Arc, Weak};

use bevy::prelude::Vec2;
use bevy_egui::egui::{Color32, Painter, Pos2, Stroke};

use super::overlay::on_ground;
use crate::model::project::Project;
use crate::session::Session;
use crate::session::marks::{Mark, MarkKind, READING_COLORS};

const FOUND: Color32 = Color32::from_rgb(255, 170, 0);
const FAULT: Color32 = Color32::from_rgb(255, 40, 90);
const LINK: Color32 = Color32::from_rgb(60, 220, 255);

type Places = Vec<Vec<[f64; 3]>>;

/// Marks with their heights on the ground, kept as long as they are shown.
#[derive(Default)]
pub(super) struct GroundedMarks(Vec<(Weak<Mark>, Arc<Places>, Arc<Places>)>);

impl GroundedMarks {
    pub(super) fn draw(
        &mut self,
        painter: &Painter,
        session: &Session,
        project: &Project,
        to_screen: &impl Fn([f64; 3]) -> Option<Vec2>,
    ) {
        self.0.retain(|(mark, ..)| mark.strong_count() > 0);
        for mark in session.marks() {
            let known = self.0.iter().find(|(m, ..)| std::ptr::eq(m.as_ptr(), Arc::as_ptr(&mark)));
            let (lines, dots) = if let Some((_, lines, dots)) = known {
                (lines.clone(), dots.clone())
            } else {
                let lines: Places = mark.lines.iter().map(|line| on_ground(project, line, 0.4)).collect();
                let dots: Places = mark.dots.iter().map(|dot| on_ground(project, &[*dot], 0.4)).collect();
                let (lines, dots) = (Arc::new(lines), Arc::new(dots));
                self.0.push((Arc::downgrade(&mark), lines.clone(), dots.clone()));
                (lines, dots)
            };
            let color = match mark.kind {
                MarkKind::Reading(i) => {
                    let color = READING_COLORS[i % READING_COLORS.len()];
                    Color32::from_rgb(color.0, color.1, color.2)
                }
                MarkKind::Found => FOUND,
                MarkKind::Fault => FAULT,
                MarkKind::Link => LINK,
            };
            let clip = painter.clip_rect();
            let place = |p: &[f64; 3]| to_screen(*p).map(|v| Pos2::new(v.x, v.y));
            for leg in lines.iter().flat_map(|line| line.windows(2)) {
                if let (Some(a), Some(b)) = (place(&leg[0]), place(&leg[1]))
                    && clip.intersects(bevy_egui::egui::Rect::from_two_pos(a, b))
                {
                    painter.line_segment([a, b], Stroke::new(4.0, Color32::from_black_alpha(90)));
                    painter.line_segment([a, b], Stroke::new(2.0, color));
                }
            }
            for dot in dots.iter().flatten().filter_map(place).filter(|p| clip.contains(*p)) {
                painter.circle(dot, 4.0, color, Stroke::new(1.2, Color32::from_black_alpha(150)));
            }
        }
    }
}
