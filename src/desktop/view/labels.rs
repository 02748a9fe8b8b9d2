//! Which names to write where: the important ones first, none over another, none behind a mountain.

use std::sync::Arc;

use bevy::prelude::{Camera, GlobalTransform, Rect, Vec2};

use super::picking::anchor_of;
use crate::desktop::bridge;
use crate::geo::grid::Grid;
use crate::model::project::Project;

/// At most this many on screen.
const MOST: usize = 60;
/// The same name (a street has many links) again only this far away, logical pixels.
const REPEAT_PIXELS: f32 = 420.0;

/// A name and its place.
#[derive(Debug, Clone)]
pub struct Label {
    /// Site metres.
    pub at: [f64; 3],
    pub text: Arc<str>,
    pub size: f32,
    pub max_distance_m: f64,
}

/// A label that will be drawn.
#[derive(Debug, Clone)]
pub struct Shown {
    pub text: Arc<str>,
    pub size: f32,
    pub centre: Vec2,
    /// 0 to 1: fades out before its distance limit.
    pub strength: f32,
}

/// All labels of the visible layers, large ones first.
#[must_use]
pub fn collect(project: &Project) -> Vec<Label> {
    let mut labels = Vec::new();
    for layer in project.layers.iter().filter(|l| l.visible) {
        let (Some(rule), Some(table)) = (&layer.style.label, layer.content.features()) else { continue };
        for row in 0..table.len() {
            let text = table.value(row, &rule.field).to_string();
            if text.is_empty() {
                continue;
            }
            if let Some(at) = anchor_of(project, table, row) {
                labels.push(Label {
                    at,
                    text: text.into(),
                    size: rule.size,
                    max_distance_m: f64::from(rule.max_distance_m),
                });
            }
        }
    }
    labels.sort_by(|a, b| b.size.total_cmp(&a.size));
    labels
}

/// Those that fit on screen. `measure` gives the size of a text in logical pixels.
pub fn place(
    labels: &[Label],
    project: &Project,
    (camera, eye): (&Camera, &GlobalTransform),
    area: Rect,
    mut measure: impl FnMut(&str, f32) -> Vec2,
) -> Vec<Shown> {
    let eye_site = bridge::site_from_world(eye.translation());
    let mut near: Vec<(f64, &Label)> = labels
        .iter()
        .filter_map(|label| {
            let distance = (0..3).map(|i| (label.at[i] - eye_site[i]).powi(2)).sum::<f64>().sqrt();
            (distance < label.max_distance_m).then_some((distance, label))
        })
        .collect();
    near.sort_by(|a, b| b.1.size.total_cmp(&a.1.size).then(a.0.total_cmp(&b.0)));
    let mut taken: Vec<Rect> = Vec::new();
    let mut shown: Vec<Shown> = Vec::new();
    for (distance, label) in near {
        if shown.len() >= MOST {
            break;
        }
        let Ok(centre) = camera.world_to_viewport(eye, bridge::world_from_site(label.at)) else { continue };
        if !area.contains(centre) {
            continue;
        }
        let size = measure(&label.text, label.size);
        let rect = Rect::from_center_size(centre, size + Vec2::new(10.0, 6.0));
        let clash = taken.iter().any(|t| !t.intersect(rect).is_empty());
        let repeat = shown.iter().any(|s| s.text == label.text && s.centre.distance(centre) < REPEAT_PIXELS);
        if clash || repeat || is_hidden(project, label.at, eye_site) {
            continue;
        }
        taken.push(rect);
        let strength = (1.0 - (distance / label.max_distance_m - 0.8).max(0.0) / 0.2) as f32;
        shown.push(Shown { text: label.text.clone(), size: label.size, centre, strength });
    }
    shown
}

fn is_hidden(project: &Project, at: [f64; 3], eye: [f64; 3]) -> bool {
    project.terrain().is_some_and(|terrain| blocks_view(terrain, project, at, eye))
}

/// Whether the ground rises above the line from a little over the place to the eye.
fn blocks_view(terrain: &Grid<f32>, project: &Project, at: [f64; 3], eye: [f64; 3]) -> bool {
    const STEPS: usize = 48;
    const ABOVE_M: f64 = 25.0;
    let from = [at[0], at[1], at[2] + ABOVE_M];
    (1..STEPS).any(|step| {
        // Closer together near the place, where hills matter most.
        let t = (step as f64 / STEPS as f64).powi(2);
        let p = [0, 1, 2].map(|i| (eye[i] - from[i]).mul_add(t, from[i]));
        let ground = terrain.bilinear(project.frame.crs_from_site([p[0], p[1]]));
        f64::from(ground) > p[2]
    })
}
