//! What is written and drawn over the picture: names, the outline of what is selected, the measuring line.

use bevy::prelude::*;
use bevy_egui::egui::{self, Align2, Color32, FontId, LayerId, Order, Pos2, Stroke};
use bevy_egui::{EguiContexts, EguiPrimaryContextPass};

use super::beside::{self, BesidePicture};
use super::camera::MainCamera;
use super::labels::{self, Labels, Placed};
use super::marks::GroundedMarks;
use super::traffic_ribbons::GroundedRibbons;
use super::{air_marks, fire_marks, live_marks, plan_marks};
use crate::desktop::bridge;
use crate::desktop::desk::Desk;
use crate::desktop::map_area::MapArea;
use crate::geo::shape::ShapeKind;
use crate::model::project::Project;
use crate::session::view_state::Tool;

const SELECTED: Color32 = Color32::from_rgb(255, 214, 10);
const MEASURED: Color32 = Color32::from_rgb(255, 92, 60);

pub struct OverlayPlugin;

impl Plugin for OverlayPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Names>().add_systems(Update, collect_labels).add_systems(EguiPrimaryContextPass, draw);
    }
}

#[derive(Resource, Default)]
struct Names {
    all: Labels,
    placed: Vec<Placed>,
    /// Frames until they are chosen anew; in between those that were chosen move with the picture.
    rest: u32,
    /// Chosen since the camera stands still.
    settled: bool,
}

/// Choosing looks for clashes and hills in between, which is dear; nobody reads faster than this.
const FRAMES_A_CHOICE: u32 = 6;

fn collect_labels(desk: Res<Desk>, mut names: ResMut<Names>) {
    if let Some(project) = desk.session.project()
        && (desk.effects.project_replaced || !desk.effects.layers.is_empty())
    {
        *names = Names { all: Labels::collect(project), ..Names::default() };
    }
}

fn draw(
    mut contexts: EguiContexts,
    camera: Query<(&Camera, &GlobalTransform), With<MainCamera>>,
    desk: Res<Desk>,
    mut names: ResMut<Names>,
    area: Res<MapArea>,
    mut stood: Local<Option<(GlobalTransform, Rect)>>,
    mut marks: Local<GroundedMarks>,
    mut ribbons: Local<GroundedRibbons>,
    beside: Res<BesidePicture>,
) {
    let (Ok(ctx), Ok((camera, place))) = (contexts.ctx_mut().cloned(), camera.single()) else { return };
    let Some(project) = desk.session.project() else { return };
    let rect = area.rect.intersect(Rect::from_corners(Vec2::ZERO, camera.logical_viewport_size().unwrap_or_default()));
    let clip = egui::Rect::from_min_max(to_pos(rect.min), to_pos(rect.max));
    let painter = ctx.layer_painter(LayerId::new(Order::Background, egui::Id::new("map-overlay"))).with_clip_rect(clip);
    let project_point = |site: [f64; 3]| camera.world_to_viewport(place, bridge::world_from_site(site)).ok();

    let measure_text = |text: &str, size: f32| {
        let galley = painter.layout_no_wrap(text.to_owned(), FontId::proportional(size), Color32::WHITE);
        Vec2::new(galley.size().x, galley.size().y)
    };
    // Once more when the camera has come to rest, so that nothing stays out of place.
    let seen = (*place, rect);
    let rests = stood.replace(seen) == Some(seen);
    names.rest = names.rest.saturating_sub(1);
    if if rests { !names.settled } else { names.rest == 0 } {
        names.placed = labels::place(&names.all, project, (camera, place), rect, measure_text);
        names.rest = FRAMES_A_CHOICE;
    }
    names.settled = rests;
    let whole = egui::Rect::from_min_size(Pos2::ZERO, ctx.content_rect().size());
    beside::draw(&mut contexts, &beside, &desk, &painter, whole);
    ribbons.draw(&painter, &desk.session, project, &project_point);
    for label in &names.placed {
        if let Some(centre) = project_point(label.at).filter(|c| rect.contains(*c)) {
            write_label(&painter, label, to_pos(centre));
        }
    }
    air_marks::draw(&painter, &desk.session, project, &project_point);
    fire_marks::draw(&painter, &desk.session, project, &project_point);
    plan_marks::draw(&painter, &desk.session, project, area.pointer_is_on_map, &project_point);
    live_marks::draw(&painter, &desk.session, project, &project_point);
    marks.draw(&painter, &desk.session, project, &project_point);
    draw_selection(&painter, &desk, project, &project_point);
    draw_measure(&painter, &desk, project, &project_point);
}

fn to_pos(v: Vec2) -> Pos2 {
    Pos2::new(v.x, v.y)
}

/// White letters with a dark rim: readable on forest, sand and sea.
fn write_label(painter: &egui::Painter, label: &Placed, at: Pos2) {
    let font = FontId::proportional(label.size);
    let rim = Color32::from_black_alpha((190.0 * label.strength) as u8);
    for (dx, dy) in
        [(-1.2, 0.0), (1.2, 0.0), (0.0, -1.2), (0.0, 1.2), (-0.9, -0.9), (0.9, 0.9), (0.9, -0.9), (-0.9, 0.9)]
    {
        let beside = Pos2::new(at.x + dx, at.y + dy);
        painter.text(beside, Align2::CENTER_CENTER, &label.text, font.clone(), rim);
    }
    let white = Color32::from_white_alpha((255.0 * label.strength) as u8);
    painter.text(at, Align2::CENTER_CENTER, &label.text, font, white);
}

/// Heights on the ground of a chain of points, dense enough to follow it.
pub(super) fn on_ground(project: &Project, chain: &[[f64; 2]], lift: f64) -> Vec<[f64; 3]> {
    super::solids::tubes::densify(chain)
        .into_iter()
        .map(|p| {
            let z = project.terrain().map_or(f32::NAN, |t| t.bilinear(p));
            let [east, north] = project.frame.site_from_crs(p);
            [east, north, if z.is_nan() { 0.0 } else { f64::from(z.max(0.0)) } + lift]
        })
        .collect()
}

fn draw_selection(
    painter: &egui::Painter,
    desk: &Desk,
    project: &Project,
    to_screen: &impl Fn([f64; 3]) -> Option<Vec2>,
) {
    let Some(hit) = desk.session.selection().and_then(|s| s.active_hit()) else { return };
    let Some(table) = project.layer(&hit.layer).and_then(|l| l.content.features()) else { return };
    let Some(row) = table.row_of(hit.feature) else { return };
    let shape = table.geometry.get(row);
    for ring in shape.rings() {
        let line = on_ground(project, ring.points(), 0.3);
        if shape.kind() == ShapeKind::Point {
            if let Some(at) = line.first().and_then(|p| to_screen(*p)) {
                painter.circle_stroke(to_pos(at), 11.0, Stroke::new(5.0, Color32::from_black_alpha(140)));
                painter.circle_stroke(to_pos(at), 11.0, Stroke::new(2.5, SELECTED));
            }
            continue;
        }
        draw_line(painter, &line, to_screen, SELECTED);
    }
}

fn draw_measure(
    painter: &egui::Painter,
    desk: &Desk,
    project: &Project,
    to_screen: &impl Fn([f64; 3]) -> Option<Vec2>,
) {
    let view = &desk.session.view;
    if view.measure.is_empty() {
        return;
    }
    let mut points = view.measure.clone();
    if view.tool == Tool::MeasureArea && points.len() > 2 {
        points.push(points[0]);
    }
    if view.tool == Tool::MeasureHeight {
        draw_line(painter, &points, to_screen, MEASURED);
    } else {
        let crs: Vec<[f64; 2]> = points.iter().map(|p| project.frame.crs_from_site([p[0], p[1]])).collect();
        draw_line(painter, &on_ground(project, &crs, 0.3), to_screen, MEASURED);
    }
    for at in view.measure.iter().filter_map(|p| to_screen(*p)) {
        painter.circle(to_pos(at), 4.5, MEASURED, Stroke::new(1.5, Color32::WHITE));
    }
}

pub(super) fn draw_line(
    painter: &egui::Painter,
    line: &[[f64; 3]],
    to_screen: &impl Fn([f64; 3]) -> Option<Vec2>,
    color: Color32,
) {
    for leg in line.windows(2) {
        if let (Some(a), Some(b)) = (to_screen(leg[0]), to_screen(leg[1])) {
            let ends = [to_pos(a), to_pos(b)];
            painter.line_segment(ends, Stroke::new(4.5, Color32::from_black_alpha(110)));
            painter.line_segment(ends, Stroke::new(2.2, color));
        }
    }
}
