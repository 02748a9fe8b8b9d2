//! Stations on the map: a shape and a colour for each state, so that neither is needed to tell them apart, with the sign
//! of the kind in it; the value that stands for the station; rings that swell around alarms.

use bevy::prelude::{Camera, GlobalTransform, Vec2};
use bevy_egui::egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2};
use egui_phosphor::regular as icon;

use super::live_cones;
use super::overlay::on_ground;
use crate::desktop::bridge;
use crate::desktop::station_sign::kind_icon;
use crate::live::board::StreamState;
use crate::model::project::Project;
use crate::model::sensor::StationKind;
use crate::session::Session;
use crate::session::live::StationNow;
use crate::session::place::{site_from_lon_lat, title};
use crate::text::number::format_fixed;

/// Half the width of a symbol, points; of one of the many small things that are well.
const RADIUS: f32 = 10.5;
const SMALL: f32 = 3.5;
/// Symbols nearer to each other than this, points, become one: the worst of them with how many they are.
const MERGED: f32 = 25.0;
/// A click may miss a symbol by so many points.
const SLOP: f32 = 4.0;
/// Small things that are well appear once 500 m are so wide on screen, points.
const NEAR: f32 = 60.0;
/// How often alarms are drawn anew, so that they swell.
const BEAT: std::time::Duration = std::time::Duration::from_millis(100);
const SLOW_BEAT: std::time::Duration = std::time::Duration::from_secs(2);

/// The colour of a state on the map.
#[must_use]
pub fn color(state: StreamState) -> Color32 {
    match state {
        StreamState::Ok => Color32::from_rgb(46, 160, 67),
        StreamState::Warning => Color32::from_rgb(240, 165, 20),
        StreamState::Alarm => Color32::from_rgb(215, 38, 56),
        StreamState::Stale => Color32::from_rgb(120, 110, 150),
        StreamState::NoData => Color32::from_rgb(150, 156, 162),
    }
}

/// Kinds of which there are many: drawn small while they are well, and without a value.
fn is_many(kind: StationKind) -> bool {
    matches!(kind, StationKind::Camera | StationKind::StreetLight | StationKind::WaterMeter)
}

fn is_small(now: &StationNow<'_>) -> bool {
    is_many(now.station.kind) && matches!(now.state, StreamState::Ok | StreamState::NoData)
}

/// Where a station stands, in the site's system.
pub(super) fn place_of(project: &Project, lon_lat: [f64; 2]) -> Option<[f64; 2]> {
    site_from_lon_lat(&project.frame, lon_lat).map(|site| project.frame.crs_from_site(site))
}

/// The screen's place of a point on the ground.
pub(super) fn on_screen(
    project: &Project,
    crs: [f64; 2],
    to_screen: &impl Fn([f64; 3]) -> Option<Vec2>,
) -> Option<Pos2> {
    on_ground(project, &[crs], 2.0).first().and_then(|p| to_screen(*p)).map(|v| pos2(v.x, v.y))
}

/// A station that is drawn, with the others that its symbol stands for.
struct Mark<'s> {
    at: Pos2,
    crs: [f64; 2],
    now: StationNow<'s>,
    /// Stations as bad or better beneath it, the worst first.
    beneath: Vec<&'s str>,
}

impl Mark<'_> {
    fn holds(&self, id: &str) -> bool {
        self.now.station.id == id || self.beneath.contains(&id)
    }
}

/// Stations that are drawn, with their places on screen; the worst last, so that it lies on top.
fn shown<'s>(session: &'s Session, project: &Project, to_screen: &impl Fn([f64; 3]) -> Option<Vec2>) -> Vec<Mark<'s>> {
    let live = session.live();
    let mut stations = live.stations();
    stations.sort_by_key(|now| std::cmp::Reverse(now.state.rank()));
    let mut shown: Vec<Mark<'s>> = Vec::new();
    for now in stations {
        let Some(crs) = place_of(project, now.station.at) else { continue };
        let Some(p) = on_screen(project, crs, to_screen) else { continue };
        let small = is_small(&now);
        let picked = live.picked.as_ref() == Some(&now.station.id);
        if small && !picked {
            let beside = on_screen(project, [crs[0] + 500.0, crs[1]], to_screen);
            if beside.is_none_or(|b| b.distance(p) < NEAR) {
                continue;
            }
        }
        let near = |mark: &&mut Mark<'s>| !is_small(&mark.now) && mark.at.distance(p) < MERGED;
        match shown.iter_mut().find(near).filter(|_| !small) {
            Some(mark) => mark.beneath.push(&now.station.id),
            None => shown.push(Mark { at: p, crs, now, beneath: Vec::new() }),
        }
    }
    shown.reverse();
    shown
}

/// The station under a click; of several under one symbol the worst, then with every click the next.
#[must_use]
pub fn station_under(session: &Session, camera: &Camera, place: &GlobalTransform, pointer: Vec2) -> Option<String> {
    if !session.live().is_running() {
        return None;
    }
    let project = session.project()?;
    let to_screen = |site: [f64; 3]| camera.world_to_viewport(place, bridge::world_from_site(site)).ok();
    let at = pos2(pointer.x, pointer.y);
    let hit = shown(session, project, &to_screen).into_iter().rev().find(|mark| {
        let reach = if is_small(&mark.now) { SMALL } else { RADIUS };
        mark.at.distance(at) <= reach + SLOP
    })?;
    let all: Vec<&str> = std::iter::once(hit.now.station.id.as_str()).chain(hit.beneath).collect();
    let picked = session.live().picked.as_deref();
    let next = all.iter().position(|id| Some(*id) == picked).map_or(0, |i| (i + 1) % all.len());
    Some(all[next].to_owned())
}

pub(super) fn draw(
    painter: &Painter,
    session: &Session,
    project: &Project,
    to_screen: &impl Fn([f64; 3]) -> Option<Vec2>,
) {
    let live = session.live();
    if !live.is_running() {
        return;
    }
    let clip = painter.clip_rect();
    let shown: Vec<_> = shown(session, project, to_screen).into_iter().filter(|m| clip.contains(m.at)).collect();
    for Mark { at, crs, now, .. } in &shown {
        let picked = live.picked.as_ref() == Some(&now.station.id);
        live_cones::draw(painter, project, now, *crs, *at, picked, to_screen);
    }
    let mut taken: Vec<Rect> = Vec::new();
    let mut pulses = false;
    for mark in &shown {
        let Mark { at: p, now, .. } = mark;
        if is_small(now) {
            painter.circle(*p, SMALL, color(now.state), Stroke::new(1.0, Color32::WHITE));
        } else {
            symbol(painter, *p, now);
            taken.push(Rect::from_center_size(*p, vec2(2.0 * RADIUS, 2.0 * RADIUS)));
        }
        if now.state == StreamState::Alarm {
            pulse(painter, *p);
            pulses = true;
        }
        if live.picked.as_ref().is_some_and(|id| mark.holds(id)) {
            painter.circle_stroke(*p, RADIUS + 4.5, Stroke::new(4.0, Color32::from_black_alpha(120)));
            painter.circle_stroke(*p, RADIUS + 4.5, Stroke::new(2.2, Color32::from_rgb(255, 214, 10)));
        }
    }
    // The worst first, so that it finds room.
    let worded = |mark: &&Mark<'_>| !is_many(mark.now.station.kind) || mark.now.state == StreamState::Alarm;
    for mark in shown.iter().rev().filter(worded) {
        label(painter, session, mark.at, &mark.now, &mut taken);
    }
    for mark in shown.iter().filter(|m| !m.beneath.is_empty()) {
        number(painter, mark.at, mark.beneath.len() + 1);
    }
    if pulses {
        // A driver for which a frame is work must not draw all day because something pulses.
        let frame = std::time::Duration::from_secs_f32((session.view.frame_time_ms.max(0.0) / 1000.0).min(1.0));
        painter.ctx().request_repaint_after((frame * 4).clamp(BEAT, SLOW_BEAT));
    }
}

/// How many stations one symbol stands for.
fn number(painter: &Painter, p: Pos2, count: usize) {
    let at = p + vec2(RADIUS, -RADIUS);
    let galley = painter.layout_no_wrap(count.to_string(), FontId::proportional(11.0), Color32::WHITE);
    let rect = Rect::from_center_size(at, vec2(galley.size().x.max(7.0) + 8.0, 15.0));
    painter.rect(rect, 7.5, Color32::from_rgb(28, 36, 48), Stroke::new(1.2, Color32::WHITE), StrokeKind::Middle);
    painter.galley(rect.center() - galley.size() / 2.0, galley, Color32::WHITE);
}

/// Circle, triangle, diamond, square, crossed ring: readable without any colour; the sign of the kind in it. A diamond
/// with a red rim and the colour of silence: an alarm of which nothing is heard any more.
fn symbol(painter: &Painter, p: Pos2, now: &StationNow<'_>) {
    let r = RADIUS;
    let silent = now.state == StreamState::Alarm && now.main.is_some_and(|(_, _, main)| main.silent);
    let rim = if silent { Stroke::new(3.0, color(StreamState::Alarm)) } else { Stroke::new(1.8, Color32::WHITE) };
    let fill = color(if silent { StreamState::Stale } else { now.state });
    let mut sign_at = p;
    let mut sign_color = Color32::WHITE;
    match now.state {
        StreamState::Ok => {
            painter.circle(p, r * 0.92, fill, rim);
        }
        StreamState::Warning => {
            let points = vec![p + vec2(0.0, -r * 1.35), p + vec2(r * 1.3, r * 0.85), p + vec2(-r * 1.3, r * 0.85)];
            painter.add(Shape::convex_polygon(points, fill, rim));
            sign_at.y += r * 0.18;
            sign_color = Color32::from_rgb(40, 26, 0);
        }
        StreamState::Alarm => {
            let d = r * 1.45;
            let points = vec![p + vec2(0.0, -d), p + vec2(d, 0.0), p + vec2(0.0, d), p + vec2(-d, 0.0)];
            painter.add(Shape::convex_polygon(points, fill, rim));
        }
        StreamState::Stale => {
            let rect = Rect::from_center_size(p, vec2(r * 1.7, r * 1.7));
            painter.rect(rect, 1.0, fill, rim, StrokeKind::Middle);
        }
        StreamState::NoData => {
            painter.circle(p, r * 0.92, Color32::from_white_alpha(200), Stroke::new(2.0, fill));
            sign_color = fill;
        }
    }
    let size = if now.state == StreamState::Warning { r * 1.05 } else { r * 1.3 };
    painter.text(sign_at, Align2::CENTER_CENTER, kind_icon(now.station.kind), FontId::proportional(size), sign_color);
    if now.state == StreamState::NoData {
        let d = r * 0.65;
        painter.line_segment([p + vec2(-d, d), p + vec2(d, -d)], Stroke::new(2.2, fill));
    }
}

/// A ring that swells once a second and a half.
fn pulse(painter: &Painter, p: Pos2) {
    let phase = (painter.ctx().input(|i| i.time) / 1.5).fract() as f32;
    let ring = color(StreamState::Alarm).gamma_multiply(1.0 - phase);
    painter.circle_stroke(p, 12.0 + 18.0 * phase, Stroke::new(3.0, ring));
}

fn label(painter: &Painter, session: &Session, p: Pos2, now: &StationNow<'_>, taken: &mut Vec<Rect>) {
    let utc_offset_hours = session.project().map_or(7.0, |p| p.utc_offset_hours);
    let Some((_, stream, value)) = &now.main else { return };
    let live = session.live();
    let aqi = live.board().aqi.get(&now.station.id).and_then(|a| a.hourly.as_ref()).filter(|_| !live.is_past());
    let mut parts = Vec::new();
    if let Some(aqi) = aqi {
        parts.push(format!("VN_AQI {}", aqi.index));
    }
    if is_many(now.station.kind) {
        // Of lamps, meters and cameras it matters which one it is.
        parts.push(now.station.id.clone());
    } else if let Some((_, number)) = value.latest {
        let (decimals, unit) = stream.property().map_or((1, ""), |p| (p.decimals, p.unit.as_str()));
        let number = format_fixed(number, decimals, session.language());
        let name = stream.property().map_or("", |p| title(&p.title, session.language()));
        parts.push(format!("{name} {number} {unit}"));
    }
    if value.silent
        && let Some((time_ms, _)) = value.latest
    {
        // A value that is old says from when it is.
        let local = time_ms.saturating_add((utc_offset_hours * 3_600_000.0) as i64);
        let local = jiff::Timestamp::from_millisecond(local).unwrap_or_default();
        parts.push(format!("{} {}", icon::CLOCK_COUNTER_CLOCKWISE, local.strftime("%H:%M")));
    }
    if parts.is_empty() {
        return;
    }
    let galley = painter.layout_no_wrap(parts.join("  ·  "), FontId::proportional(12.0), Color32::WHITE);
    let size = galley.size() + vec2(14.0, 4.0);
    let sides = [
        Align2::LEFT_CENTER.anchor_size(p + vec2(17.0, 0.0), size),
        Align2::RIGHT_CENTER.anchor_size(p - vec2(17.0, 0.0), size),
    ];
    let own = Rect::from_center_size(p, vec2(2.0 * RADIUS, 2.0 * RADIUS));
    let free = |rect: &Rect| taken.iter().all(|t| *t == own || !t.intersects(rect.expand(1.0)));
    let Some(rect) = sides.into_iter().find(free) else { return };
    taken.push(rect);
    let ground = match now.state {
        StreamState::Alarm => Color32::from_rgb(150, 20, 34),
        StreamState::Stale => Color32::from_rgb(84, 78, 104),
        _ => Color32::from_rgb(28, 36, 48),
    };
    painter.rect_filled(rect, 5.0, ground);
    if let Some(aqi) = aqi {
        // The colour that the decision prescribes for the level, as a bar beside the number.
        let [r, g, b] = aqi.level.rgb();
        let bar = Rect::from_min_size(rect.min, vec2(5.0, rect.height()));
        painter.rect_filled(bar, 2.0, Color32::from_rgb(r, g, b));
    }
    painter.galley(rect.min + vec2(9.0, 2.0), galley, Color32::WHITE);
}
