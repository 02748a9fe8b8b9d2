//! What is written and drawn over the picture: names, the outline of what is selected, the measuring line.

use std::sync::{Arc, Weak};

use bevy::prelude::*;
use bevy_egui::egui::{self, Align2, Color32, FontId, LayerId, Order, Pos2, Stroke};
use bevy_egui::{EguiContexts, EguiPrimaryContextPass};

use super::beside::{self, BesidePicture, Sides};
use super::camera::MainCamera;
use super::ground::plugin::GroundTiles;
use super::labels::{self, Labels, Placed};
use super::marks::GroundedMarks;
use super::solids::plugin::Solids;
use super::stage::{self, BESIDE, MAIN};
use super::streamlines::GroundedFlow;
use super::traffic_ribbons::GroundedRibbons;
use super::{air_marks, fire_marks, leave_marks, live_marks, plan_marks, sea_marks};
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

/// Of the shown plan, and of the one that stands beside it.
#[derive(Resource, Default)]
struct Names([SideNames; 2]);

#[derive(Default)]
struct SideNames {
    all: Labels,
    of: Weak<Project>,
    placed: Vec<Placed>,
    /// Frames until they are chosen anew; in between those that were chosen move with the picture.
    rest: u32,
    /// Chosen since the camera stands still.
    settled: bool,
}

/// Choosing looks for clashes and hills in between, which is dear; nobody reads faster than this.
const FRAMES_A_CHOICE: u32 = 6;

fn collect_labels(desk: Res<Desk>, mut names: ResMut<Names>) {
    let session = &desk.session;
    for (names, project) in names.0.iter_mut().zip([stage::project::<MAIN>(session), stage::project::<BESIDE>(session)])
    {
        let changed = project.is_some_and(|p| !std::ptr::eq(names.of.as_ptr(), Arc::as_ptr(p)));
        if changed && let Some(project) = project {
            *names = SideNames { all: Labels::collect(project), of: Arc::downgrade(project), ..SideNames::default() };
        }
    }
}

/// One plan's side of the map.
struct Side<'a> {
    painter: egui::Painter,
    project: &'a Project,
    rect: Rect,
    /// How far to the right of its place in the main camera's picture everything is, logical pixels.
    shift: f32,
    beside: bool,
}

/// What is drawn is kept, grounded, from frame to frame.
#[derive(Default)]
struct Grounded {
    marks: GroundedMarks,
    /// Of the shown plan, and of the one beside it.
    ribbons: [GroundedRibbons; 2],
    flow: [GroundedFlow; 2],
}

fn draw(
    mut contexts: EguiContexts,
    camera: Query<(&Camera, &GlobalTransform), With<MainCamera>>,
    desk: Res<Desk>,
    mut names: ResMut<Names>,
    area: Res<MapArea>,
    mut stood: Local<Option<(GlobalTransform, Rect)>>,
    mut grounded: Local<Grounded>,
    (beside, tiles, solids): (Res<BesidePicture>, Res<GroundTiles<BESIDE>>, Res<Solids<BESIDE>>),
) {
    let (Ok(ctx), Ok((camera, place))) = (contexts.ctx_mut().cloned(), camera.single()) else { return };
    let session = &desk.session;
    let Some(project) = stage::project::<MAIN>(session) else { return };
    let rect = area.rect.intersect(Rect::from_corners(Vec2::ZERO, camera.logical_target_size().unwrap_or_default()));
    let painter = ctx.layer_painter(LayerId::new(Order::Background, egui::Id::new("map-overlay")));
    let clipped = |r: Rect| painter.with_clip_rect(egui::Rect::from_min_max(to_pos(r.min), to_pos(r.max)));
    let whole = egui::Rect::from_min_size(Pos2::ZERO, ctx.content_rect().size());
    let painting = tiles.pending() + solids.pending() > 0;
    beside::draw(&mut contexts, &beside, &desk, &clipped(rect), (whole, painting));

    let side = |rect: Rect, project, shift, beside| Side { painter: clipped(rect), project, rect, shift, beside };
    let sides = match &session.plan().beside {
        Some(other) => {
            let Sides { border, shift } = Sides::of(other, rect);
            let (mut left, mut right) = (rect, rect);
            (left.max.x, right.min.x) = (border, border);
            vec![side(left, project, 0.0, false), side(right, &other.project, shift, true)]
        }
        None => vec![side(rect, project, 0.0, false)],
    };
    // Once more when the camera has come to rest, so that nothing stays out of place.
    let seen = (*place, rect);
    let rests = stood.replace(seen) == Some(seen);
    for side in &sides {
        let names = &mut names.0[usize::from(side.beside)];
        names.write(side, (camera, place), rests);
        draw_side(side, (camera, place), &desk, &mut grounded, names, area.pointer_is_on_map);
    }
}

impl SideNames {
    /// Chooses them.
    fn write(&mut self, side: &Side<'_>, (camera, place): (&Camera, &GlobalTransform), rests: bool) {
        let measure_text = |text: &str, size: f32| {
            let galley = side.painter.layout_no_wrap(text.to_owned(), FontId::proportional(size), Color32::WHITE);
            Vec2::new(galley.size().x, galley.size().y)
        };
        self.rest = self.rest.saturating_sub(1);
        if if rests { !self.settled } else { self.rest == 0 } {
            let mut there = side.rect;
            there.min.x -= side.shift;
            there.max.x -= side.shift;
            self.placed = labels::place(&self.all, side.project, (camera, place), there, measure_text);
            self.rest = FRAMES_A_CHOICE;
        }
        self.settled = rests;
    }

    fn draw(&self, side: &Side<'_>, (camera, place): (&Camera, &GlobalTransform)) {
        for label in &self.placed {
            if let Some(centre) = side.on_screen(camera, place, label.at).filter(|c| side.rect.contains(*c)) {
                write_label(&side.painter, label, to_pos(centre));
            }
        }
    }
}

impl Side<'_> {
    fn on_screen(&self, camera: &Camera, place: &GlobalTransform, site: [f64; 3]) -> Option<Vec2> {
        let at = camera.world_to_viewport(place, bridge::world_from_site(site)).ok()?;
        Some(at + Vec2::X * self.shift)
    }
}

fn draw_side(
    side: &Side<'_>,
    (camera, place): (&Camera, &GlobalTransform),
    desk: &Desk,
    grounded: &mut Grounded,
    names: &SideNames,
    pointer_is_on_map: bool,
) {
    let (painter, session, project) = (&side.painter, &desk.session, side.project);
    let to_screen = |site: [f64; 3]| side.on_screen(camera, place, site);
    grounded.ribbons[usize::from(side.beside)].draw(painter, session, (project, side.beside), &to_screen);
    // Below the marks: an alarm is never covered by the name of a village.
    names.draw(side, (camera, place));
    air_marks::draw(painter, session, project, &to_screen);
    fire_marks::draw(painter, session, project, &to_screen);
    grounded.flow[usize::from(side.beside)].draw(painter, session, project, &to_screen);
    sea_marks::draw(painter, session, project, &to_screen);
    leave_marks::draw(painter, session, project, &to_screen);
    plan_marks::places(painter, session, project, side.beside, &to_screen);
    plan_marks::draw(painter, session, project, pointer_is_on_map, &to_screen);
    live_marks::draw(painter, session, project, &to_screen);
    grounded.marks.draw(painter, session, project, &to_screen);
    draw_selection(painter, desk, project, &to_screen);
    draw_measure(painter, desk, project, &to_screen);
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
    super::solids::tubes::densify(chain).into_iter().map(|p| ground_point(project, p, lift)).collect()
}

/// The same of a single place.
pub(super) fn ground_point(project: &Project, p: [f64; 2], lift: f64) -> [f64; 3] {
    let z = project.terrain().map_or(f32::NAN, |t| t.bilinear(p));
    let [east, north] = project.frame.site_from_crs(p);
    [east, north, if z.is_nan() { 0.0 } else { f64::from(z.max(0.0)) } + lift]
}

/// Where a place of the site's system, so high over the ground, is on the screen.
pub(super) fn seen<'a>(
    project: &'a Project,
    lift: f64,
    to_screen: &'a impl Fn([f64; 3]) -> Option<Vec2>,
) -> impl Fn([f64; 2]) -> Option<Pos2> + 'a {
    move |p| to_screen(ground_point(project, p, lift)).map(to_pos)
}

/// A spot that was set by a click.
pub(super) fn spot(painter: &egui::Painter, at: Pos2, color: Color32) {
    painter.circle_filled(at, 9.0, Color32::from_black_alpha(120));
    painter.circle(at, 6.5, color, Stroke::new(2.0, Color32::WHITE));
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
