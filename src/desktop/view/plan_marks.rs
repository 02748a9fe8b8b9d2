//! What is drawn of a plan: the line under way with its handles, what may be built inside as a volume, and the places of
//! the shown scenario that no layer holds.

use bevy::prelude::{Camera, GlobalTransform, Vec2};
use bevy_egui::egui::{Align2, Color32, FontId, Mesh, Painter, Pos2, Shape, Stroke, vec2};
use geo::{LineString, Polygon, TriangulateEarcut};

use super::overlay::{draw_line, on_ground};
use crate::desktop::bridge;
use crate::desktop::desk::Desk;
use crate::geo::measure::{length, ring_area};
use crate::model::project::Project;
use crate::session::Session;
use crate::session::command::Command;
use crate::session::plan::PlanCommand;
use crate::session::plan_draw::{Draft, Drawing};
use crate::session::view_state::Tool;
use crate::text::number::format_fixed;

const LINE: Color32 = Color32::from_rgb(255, 120, 0);
const BROKEN: Color32 = Color32::from_rgb(225, 30, 60);
const VOLUME: Color32 = Color32::from_rgba_premultiplied(70, 45, 10, 80);
const STRIP: Color32 = Color32::from_rgb(60, 220, 255);
const PLACE: Color32 = Color32::from_rgb(140, 60, 200);
/// Reach of a handle, points.
const REACH: f32 = 10.0;

/// The point of the drawing under the pointer. Between two points a new one is made.
pub(super) fn handle_under(
    desk: &mut Desk,
    camera: &Camera,
    place: &GlobalTransform,
    pointer: Vec2,
    ground: Option<[f64; 3]>,
) -> Option<usize> {
    if desk.session.view.tool != Tool::PlanDraw {
        return None;
    }
    let project = desk.session.project()?;
    let drawing = desk.session.plan().drawing.as_ref()?;
    let near = |p: [f64; 2]| {
        let at = on_ground(project, &[p], 1.0);
        let at = at.first().and_then(|p| camera.world_to_viewport(place, bridge::world_from_site(*p)).ok());
        at.is_some_and(|at| at.distance(pointer) < REACH)
    };
    if let Some(index) = drawing.points.iter().position(|p| near(*p)) {
        return Some(index);
    }
    let between = middles(drawing).into_iter().find(|(_, p)| near(*p)).map(|(index, _)| index);
    let (index, at) = between.zip(ground)?;
    desk.commands.push(Command::Plan(PlanCommand::InsertPoint { index, at }));
    Some(index)
}

/// The middle of every side, with the number that a point there would have.
fn middles(drawing: &Drawing) -> Vec<(usize, [f64; 2])> {
    let closing = drawing.points.first().filter(|_| drawing.what.is_closed() && drawing.points.len() > 2);
    let line: Vec<[f64; 2]> = drawing.points.iter().chain(closing).copied().collect();
    let middle = |w: &[[f64; 2]]| [f64::midpoint(w[0][0], w[1][0]), f64::midpoint(w[0][1], w[1][1])];
    line.windows(2).enumerate().map(|(i, w)| (i + 1, middle(w))).collect()
}

/// The strips, stacks and outfalls of a plan: the one that is shown, or the one `beside` it.
pub(super) fn places(
    painter: &Painter,
    session: &Session,
    project: &Project,
    beside: bool,
    to_screen: &impl Fn([f64; 3]) -> Option<Vec2>,
) {
    let plan = session.plan();
    let of_beside = plan.beside.as_ref().and_then(|b| b.resolved.as_ref());
    let Some(shown) = (if beside { of_beside } else { plan.shown.as_ref().filter(|_| plan.open) }) else { return };
    for strip in &shown.breaks {
        draw_line(painter, &on_ground(project, &strip.line, 1.0), to_screen, STRIP);
    }
    let at = shown.emitters.iter().map(|e| e.at).chain(shown.outlets.iter().map(|o| o.at));
    for p in at.filter_map(|p| on_screen(project, p, to_screen)) {
        painter.circle_filled(p, 9.0, Color32::from_black_alpha(120));
        painter.circle(p, 6.5, PLACE, Stroke::new(2.0, Color32::WHITE));
    }
}

fn on_screen(project: &Project, at: [f64; 2], to_screen: &impl Fn([f64; 3]) -> Option<Vec2>) -> Option<Pos2> {
    on_ground(project, &[at], 1.0).first().and_then(|p| to_screen(*p)).map(|v| Pos2::new(v.x, v.y))
}

/// The drawing under way; without one, what may be built on the parcel that was clicked.
pub(super) fn draw(
    painter: &Painter,
    session: &Session,
    project: &Project,
    pointer_is_on_map: bool,
    to_screen: &impl Fn([f64; 3]) -> Option<Vec2>,
) {
    let plan = session.plan();
    let at = |p: [f64; 2]| on_screen(project, p, to_screen);
    if plan.open
        && plan.drawing.is_none()
        && let Some(envelope) = session.inspection().and_then(|i| i.rights.as_ref()?.envelope.as_ref())
    {
        volume(painter, project, &envelope.ring, envelope.height_m, to_screen, LINE);
    }
    let Some(drawing) = &plan.drawing else { return };
    let mut line = drawing.points.clone();
    // The next point follows the pointer, there where it would be put.
    let follows = pointer_is_on_map && drawing.replaces.is_none();
    let next = session.view.cursor.filter(|_| follows).map(|cursor| session.snapped(cursor, None));
    line.extend(next);
    let closed = drawing.what.is_closed() && line.len() > 2;
    if closed {
        line.extend(line.first().copied());
    }
    let broken = plan.proposal.as_ref().is_some_and(|p| !p.violations.is_empty());
    let color = if broken { BROKEN } else { LINE };
    let height = plan.proposal.as_ref().map_or(0.0, |p| p.height_m);
    if let Some(found) = plan.proposal.as_ref().filter(|_| closed && drawing.what == Draft::Zone && height > 0.0) {
        // While the next point still follows the pointer, the whole; then what the setback leaves.
        let ring = if next.is_some() { &line } else { &found.inner };
        volume(painter, project, ring, height, to_screen, color);
    }
    draw_line(painter, &on_ground(project, &line, 0.6), to_screen, color);
    for (_, p) in middles(drawing) {
        if let Some(p) = at(p) {
            painter.circle(p, 3.0, Color32::from_white_alpha(150), Stroke::new(1.0, color));
        }
    }
    for p in drawing.points.iter().filter_map(|p| at(*p)) {
        painter.circle(p, 5.0, color, Stroke::new(1.5, Color32::WHITE));
    }
    if let Some(p) = next.and_then(at) {
        painter.circle_stroke(p, 6.0, Stroke::new(1.5, Color32::WHITE));
    }
    if let Some((p, text)) = line.last().and_then(|p| at(*p)).zip(extent(session, drawing, &line)) {
        let galley = painter.layout_no_wrap(text, FontId::proportional(13.0), Color32::WHITE);
        let rect = Align2::LEFT_BOTTOM.anchor_size(p + vec2(12.0, -12.0), galley.size() + vec2(10.0, 4.0));
        painter.rect_filled(rect, 4.0, Color32::from_black_alpha(190));
        painter.galley(rect.min + vec2(5.0, 2.0), galley, Color32::WHITE);
    }
}

/// How large it is by now: hectares, or metres.
fn extent(session: &Session, drawing: &Drawing, line: &[[f64; 2]]) -> Option<String> {
    let language = session.language();
    if drawing.what.is_closed() {
        return (line.len() > 3).then(|| format!("{} ha", format_fixed(ring_area(line).abs() / 1e4, 2, language)));
    }
    (line.len() > 1).then(|| format!("{} m", format_fixed(length(line), 0, language)))
}

/// What may be built, as a volume that follows the ground: walls and a lid one can look through.
fn volume(
    painter: &Painter,
    project: &Project,
    ring: &[[f64; 2]],
    height: f64,
    to_screen: &impl Fn([f64; 3]) -> Option<Vec2>,
    color: Color32,
) {
    let corners: Vec<[f64; 3]> = ring.iter().filter_map(|p| on_ground(project, &[*p], 0.3).first().copied()).collect();
    let screen = |p: [f64; 3]| to_screen(p).map(|v| Pos2::new(v.x, v.y));
    let foot: Option<Vec<Pos2>> = corners.iter().map(|p| screen(*p)).collect();
    let top: Option<Vec<Pos2>> = corners.iter().map(|[e, n, u]| screen([*e, *n, u + height])).collect();
    let Some((foot, top)) = foot.zip(top) else { return };
    let mut mesh = Mesh::default();
    for (low, high) in foot.windows(2).zip(top.windows(2)) {
        let first = mesh.vertices.len() as u32;
        for p in [low[0], low[1], high[1], high[0]] {
            mesh.colored_vertex(p, VOLUME);
        }
        mesh.add_triangle(first, first + 1, first + 2);
        mesh.add_triangle(first, first + 2, first + 3);
    }
    let outline: Vec<(f64, f64)> = ring.iter().map(|p| (p[0], p[1])).collect();
    let lid = Polygon::new(LineString::from(outline), Vec::new()).earcut_triangles_raw();
    let first = mesh.vertices.len() as u32;
    for p in &top {
        mesh.colored_vertex(*p, VOLUME);
    }
    for triangle in lid.triangle_indices.chunks_exact(3) {
        let corner = |i: usize| first + triangle[i] as u32;
        if triangle.iter().all(|i| *i < top.len()) {
            mesh.add_triangle(corner(0), corner(1), corner(2));
        }
    }
    painter.add(Shape::mesh(mesh));
    let edge = Stroke::new(1.5, color);
    for (low, high) in foot.iter().zip(&top) {
        painter.line_segment([*low, *high], edge);
    }
    for side in top.windows(2) {
        painter.line_segment([side[0], side[1]], edge);
    }
}
