//! Which names to write where: the important ones first, none over another, none behind a mountain.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy::prelude::{Camera, GlobalTransform, Rect, Vec2};

use super::picking::anchor_of;
use crate::desktop::bridge;
use crate::geo::grid::Grid;
use crate::model::project::Project;

/// A table of so few names is a list of places; longer ones are streets or parcels, in any order.
const GAZETTEER_ROWS: usize = 500;
/// At most this many on screen.
const MOST: usize = 60;
/// The same name (a street has many links) again only this far away, logical pixels.
const REPEAT_PIXELS: f32 = 420.0;

/// A name and its place.
#[derive(Debug, Clone)]
struct Label {
    /// Site metres.
    at: [f64; 3],
    text: Arc<str>,
    size: f32,
    max_distance_m: f64,
    min_distance_m: f64,
    /// Of two names that fit only once the lower wins: gazetteers list the important places first.
    rank: usize,
}

/// A label that will be drawn.
#[derive(Debug, Clone)]
pub struct Placed {
    pub text: Arc<str>,
    pub size: f32,
    /// Site metres.
    pub at: [f64; 3],
    /// 0 to 1: fades out before its distance limit.
    pub strength: f32,
}

/// All labels of the visible layers, in squares as wide as they can be seen: only those around the eye are looked at.
#[derive(Debug, Default)]
pub struct Labels(Vec<LabelLayer>);

#[derive(Debug)]
struct LabelLayer {
    side_m: f64,
    squares: BTreeMap<(i32, i32), Vec<Label>>,
}

impl Labels {
    #[must_use]
    pub fn collect(project: &Project) -> Self {
        let mut layers = Vec::new();
        for layer in project.layers.iter().filter(|l| l.visible) {
            let (Some(rule), Some(table)) = (&layer.style.label, layer.content.features()) else { continue };
            let side_m = f64::from(rule.max_distance_m).max(1.0);
            let mut squares: BTreeMap<(i32, i32), Vec<Label>> = BTreeMap::new();
            let is_gazetteer = table.len() <= GAZETTEER_ROWS;
            for row in 0..table.len() {
                let text = table.value(row, &rule.field).to_string();
                let Some(at) = anchor_of(project, table, row).filter(|_| !text.is_empty()) else { continue };
                squares.entry(square_of(at, side_m)).or_default().push(Label {
                    at,
                    text: text.into(),
                    size: rule.size,
                    max_distance_m: side_m,
                    min_distance_m: f64::from(rule.min_distance_m),
                    rank: if is_gazetteer { row } else { usize::MAX },
                });
            }
            layers.push(LabelLayer { side_m, squares });
        }
        Self(layers)
    }

    /// With their distances: those that may be seen from a place.
    fn near(&self, eye: [f64; 3]) -> Vec<(f64, &Label)> {
        let mut near = Vec::new();
        for layer in &self.0 {
            let (x, y) = square_of(eye, layer.side_m);
            for square in (x - 1..=x + 1).flat_map(|x| (y - 1..=y + 1).map(move |y| (x, y))) {
                for label in layer.squares.get(&square).into_iter().flatten() {
                    let distance = (0..3).map(|i| (label.at[i] - eye[i]).powi(2)).sum::<f64>().sqrt();
                    if (label.min_distance_m..label.max_distance_m).contains(&distance) {
                        near.push((distance, label));
                    }
                }
            }
        }
        near
    }
}

fn square_of(at: [f64; 3], side_m: f64) -> (i32, i32) {
    ((at[0] / side_m).floor() as i32, (at[1] / side_m).floor() as i32)
}

/// Those that fit on screen. `measure` gives the size of a text in logical pixels.
pub fn place(
    labels: &Labels,
    project: &Project,
    (camera, eye): (&Camera, &GlobalTransform),
    area: Rect,
    mut measure: impl FnMut(&str, f32) -> Vec2,
) -> Vec<Placed> {
    let eye_site = bridge::site_from_world(eye.translation());
    let mut near = labels.near(eye_site);
    near.sort_by(|(far, a), (near, b)| b.size.total_cmp(&a.size).then(a.rank.cmp(&b.rank)).then(far.total_cmp(near)));
    let mut taken: Vec<Rect> = Vec::new();
    let mut shown: Vec<(Placed, Vec2)> = Vec::new();
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
        let repeat = shown.iter().any(|(s, at)| s.text == label.text && at.distance(centre) < REPEAT_PIXELS);
        if clash || repeat || is_hidden(project, label.at, eye_site) {
            continue;
        }
        taken.push(rect);
        let strength = (1.0 - (distance / label.max_distance_m - 0.8).max(0.0) / 0.2) as f32;
        shown.push((Placed { text: label.text.clone(), size: label.size, at: label.at, strength }, centre));
    }
    shown.into_iter().map(|(placed, _)| placed).collect()
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
