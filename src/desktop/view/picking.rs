//! What lies under a click: blocks by their height, polygons by the ground, points and lines by nearness.

use std::sync::Arc;

use bevy::prelude::{Camera, GlobalTransform, Vec2};

use super::camera::ground_under;
use super::resolve;
use super::stage::{self, BESIDE, MAIN};
use crate::desktop::bridge;
use crate::desktop::desk::Desk;
use crate::geo::measure;
use crate::model::layer::{Layer, LayerContent};
use crate::model::project::Project;
use crate::model::style::Symbol;
use crate::model::table::FeatureTable;
use crate::session::selection::{Hit, Selection};
use crate::session::spatial::Indexes;

/// Points and lines may be missed by this many pixels.
const SLOP_PIXELS: f64 = 8.0;

/// The features under a point of the screen, the topmost first; `None` when the ray leaves the island. Those of the plan
/// that is shown, or of the one `beside` it.
#[must_use]
pub fn pick(desk: &Desk, camera: &Camera, place: &GlobalTransform, pointer: Vec2, beside: bool) -> Option<Selection> {
    let session = &desk.session;
    let project = if beside { stage::project::<BESIDE>(session) } else { stage::project::<MAIN>(session) }?;
    let ray = camera.viewport_to_world(place, pointer).ok()?;
    let eye = bridge::site_from_world(ray.origin);
    let direction = bridge::site_from_world(*ray.direction);
    let ground = ground_under(desk, camera, place, pointer)?;
    let block = block_on_ray(project, desk.session.indexes(), eye, direction, ground);
    let at = block.as_ref().map_or(ground, |(_, at)| *at);
    let mut hits: Vec<Hit> = block.into_iter().map(|(hit, _)| hit).collect();
    hits.extend(hits_on_ground(project, desk.session.indexes(), at, slop_m(eye, at, camera)));
    (!hits.is_empty()).then_some(Selection { hits, active: 0, at, beside })
}

/// Metres that [`SLOP_PIXELS`] cover at a place.
fn slop_m(eye: [f64; 3], at: [f64; 3], camera: &Camera) -> f64 {
    let distance = (0..3).map(|i| (eye[i] - at[i]).powi(2)).sum::<f64>().sqrt();
    let height = camera.logical_viewport_size().map_or(900.0, |s| f64::from(s.y));
    SLOP_PIXELS * distance * 2.0 * (f64::from(super::camera::FIELD_OF_VIEW_RAD) / 2.0).tan() / height
}

/// Visible layers from the top of the drawing order down, with their tables.
fn visible(project: &Project) -> impl Iterator<Item = (&Arc<Layer>, &Arc<FeatureTable>)> {
    project.layers.iter().rev().filter(|l| l.visible).filter_map(|l| match &l.content {
        LayerContent::Features(table) => Some((l, table)),
        _ => None,
    })
}

/// The first block that the ray enters before it meets the ground.
fn block_on_ray(
    project: &Project,
    indexes: &Indexes,
    eye: [f64; 3],
    direction: [f64; 3],
    ground: [f64; 3],
) -> Option<(Hit, [f64; 3])> {
    const TALLEST_M: f64 = 250.0;
    let terrain = project.terrain()?;
    let reach = (0..3).map(|i| (ground[i] - eye[i]).powi(2)).sum::<f64>().sqrt();
    let at = |t: f64| [0, 1, 2].map(|i| t.mul_add(direction[i], eye[i]));
    // Only the last stretch runs low enough to meet a block.
    let stretch = (TALLEST_M / direction[2].abs().max(0.02)).min(4_000.0).min(reach);
    let steps = (stretch / 0.75).ceil() as usize;
    let layers: Vec<_> = visible(project)
        .filter_map(|(layer, table)| match &layer.style.symbol {
            Symbol::Extrude { height, .. } => {
                Some((layer, table, indexes.of(table), resolve::row_metres(table, height)))
            }
            _ => None,
        })
        .collect();
    if layers.is_empty() {
        return None;
    }
    for step in 0..=steps {
        let p = at(reach - stretch + stretch * step as f64 / steps.max(1) as f64);
        let crs = project.frame.crs_from_site([p[0], p[1]]);
        let ground = f64::from(terrain.bilinear(crs));
        for (layer, table, index, heights) in &layers {
            let row =
                index.containing(&table.geometry, crs).into_iter().find(|r| p[2] <= ground + f64::from(heights[*r]));
            if let Some(row) = row {
                return Some((Hit { layer: layer.id.clone(), feature: table.ids[row] }, p));
            }
        }
    }
    None
}

fn hits_on_ground(project: &Project, indexes: &Indexes, at: [f64; 3], slop: f64) -> Vec<Hit> {
    let crs = project.frame.crs_from_site([at[0], at[1]]);
    let mut near: Vec<(f64, Hit)> = Vec::new();
    let mut inside: Vec<Hit> = Vec::new();
    for (layer, table) in visible(project) {
        let index = indexes.of(table);
        let hit = |row: usize| Hit { layer: layer.id.clone(), feature: table.ids[row] };
        match &layer.style.symbol {
            Symbol::Points { .. } | Symbol::Stroke { .. } | Symbol::Tube { .. } => {
                near.extend(index.nearest(&table.geometry, crs, slop.max(1.0)).map(|(row, d)| (d, hit(row))));
            }
            Symbol::Fill { .. } => inside.extend(index.containing(&table.geometry, crs).into_iter().map(hit)),
            _ => {}
        }
    }
    near.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Parcels are what people click for: a road or a pipe beside the click does not hide them.
    let exact = slop * 0.35;
    let (close, beside): (Vec<_>, Vec<_>) = near.into_iter().partition(|(d, _)| *d <= exact);
    close.into_iter().map(|(_, h)| h).chain(inside).chain(beside.into_iter().map(|(_, h)| h)).collect()
}

/// A point that stands for a feature, site metres on the ground: where its label or its outline goes.
#[must_use]
pub fn anchor_of(project: &Project, table: &FeatureTable, row: usize) -> Option<[f64; 3]> {
    let crs = measure::anchor(table.geometry.get(row))?;
    let z = project.terrain().map_or(f32::NAN, |t| t.bilinear(crs));
    let [east, north] = project.frame.site_from_crs(crs);
    Some([east, north, if z.is_nan() { 0.0 } else { f64::from(z.max(0.0)) }])
}
