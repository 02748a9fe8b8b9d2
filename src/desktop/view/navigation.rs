//! Mouse and keys, as in QGIS's 3D view: drag to pan, right or middle drag to turn about the point under the
//! pointer, wheel to zoom there, arrows to walk, double click to fly.

use bevy::input::mouse::{AccumulatedMouseScroll, MouseScrollUnit};
use bevy::prelude::*;
use bevy::window::PrimaryWindow;

use super::beside::Sides;
use super::camera::{MainCamera, Rig, ground_under};
use super::{picking, plan_marks};
use crate::desktop::bridge;
use crate::desktop::desk::Desk;
use crate::desktop::map_area::MapArea;
use crate::session::command::Command;
use crate::session::live::LiveCommand;
use crate::session::plan::PlanCommand;
use crate::session::view_state::{CameraRequest, Tool};

/// A press that moves less than this is a click, logical pixels.
const CLICK_SLOP: f32 = 4.0;
const DOUBLE_CLICK_S: f32 = 0.35;
const TURN_RAD_PER_PIXEL: f64 = 0.005;

pub struct NavigationPlugin;

impl Plugin for NavigationPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Grip>().add_systems(Update, (read_pointer, drag, zoom, walk).chain());
    }
}

/// What the pointer holds.
#[derive(Resource, Default)]
pub struct Grip {
    /// Where the main camera has what the pointer is on: beside it in the right half of a divided map.
    pointer: Option<Vec2>,
    /// On the side of the plan that stands beside the shown one.
    beside: bool,
    /// The ground under the pointer now.
    ground: Option<[f64; 3]>,
    held: Option<Held>,
    last_click: Option<(f32, Vec2)>,
}

struct Held {
    button: MouseButton,
    /// The ground that was under the pointer when the button went down.
    anchor: Option<[f64; 3]>,
    start: Vec2,
    /// Where the pointer was a frame ago: remote desktops report places, not raw motion.
    last: Vec2,
    moved: bool,
    /// Point of a plan's drawing that goes along.
    point: Option<usize>,
}

fn read_pointer(
    window: Query<&Window, With<PrimaryWindow>>,
    camera: Query<(&Camera, &GlobalTransform), With<MainCamera>>,
    mut desk: ResMut<Desk>,
    mut grip: ResMut<Grip>,
    area: Res<MapArea>,
    mut last: Local<Option<(Vec2, GlobalTransform)>>,
) {
    let (Ok(window), Ok((camera, place))) = (window.single(), camera.single()) else { return };
    let pointer = window.cursor_position();
    let sides = desk.session.plan().beside.as_ref().map(|b| Sides::of(b, area.rect));
    // What is held stays on the side where it was taken.
    if grip.held.is_none() {
        grip.beside = sides.zip(pointer).is_some_and(|(sides, p)| p.x > sides.border);
    }
    let shift = sides.filter(|_| grip.beside).map_or(0.0, |s| s.shift);
    grip.pointer = pointer.map(|p| p - Vec2::X * shift);
    let seen = grip.pointer.map(|p| (p, *place));
    // The ray is only cast when the pointer or the camera moved.
    if seen != *last {
        *last = seen;
        grip.ground = grip.pointer.and_then(|p| ground_under(&desk, camera, place, p));
    }
    desk.bypass_change_detection().session.view.cursor = grip.ground;
}

fn drag(
    buttons: Res<ButtonInput<MouseButton>>,
    keys: Res<ButtonInput<KeyCode>>,
    time: Res<Time<Real>>,
    area: Res<MapArea>,
    camera: Query<(&Camera, &GlobalTransform), With<MainCamera>>,
    (mut desk, mut rig, mut grip): (ResMut<Desk>, ResMut<Rig>, ResMut<Grip>),
) {
    let (Some(pointer), Ok((camera, place))) = (grip.pointer, camera.single()) else { return };
    for button in [MouseButton::Left, MouseButton::Right, MouseButton::Middle] {
        if buttons.just_pressed(button) && area.pointer_is_on_map && grip.held.is_none() {
            rig.stop_flight();
            let point = (button == MouseButton::Left)
                .then(|| plan_marks::handle_under(&mut desk, camera, place, pointer, grip.ground))
                .flatten();
            let (start, last) = (pointer, pointer);
            grip.held = Some(Held { button, anchor: grip.ground, start, last, moved: false, point });
        }
    }
    let Some(mut held) = grip.held.take() else { return };
    if buttons.just_released(held.button) {
        // The last motion and the release may come in one frame.
        if let Some((index, to)) = held.point.zip(grip.ground).filter(|_| held.moved) {
            desk.commands.push(Command::Plan(PlanCommand::MovePoint { index, to }));
        }
        if !held.moved && held.button == MouseButton::Left {
            click(&mut desk, &mut grip, pointer, time.elapsed_secs(), (camera, place));
        }
        return;
    }
    held.moved |= held.start.distance(pointer) > CLICK_SLOP;
    let motion = pointer - std::mem::replace(&mut held.last, pointer);
    if held.moved && motion != Vec2::ZERO {
        let turning = held.button != MouseButton::Left
            || keys.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight, KeyCode::ControlLeft]);
        let delta = motion.as_dvec2() * TURN_RAD_PER_PIXEL;
        if let Some((index, to)) = held.point.zip(grip.ground) {
            desk.commands.push(Command::Plan(PlanCommand::MovePoint { index, to }));
        } else if turning {
            let pivot = held.anchor.unwrap_or(rig.orbit.look);
            rig.orbit.turn_about(pivot, delta.x, delta.y);
        } else if let Some(anchor) = held.anchor {
            pan(&mut rig, camera, place, pointer, anchor);
        }
    }
    grip.held = Some(held);
}

/// Moves the camera so that the ground that was gripped is under the pointer again.
fn pan(rig: &mut Rig, camera: &Camera, place: &GlobalTransform, pointer: Vec2, anchor: [f64; 3]) {
    let Ok(ray) = camera.viewport_to_world(place, pointer) else { return };
    let (eye, direction) = (bridge::site_from_world(ray.origin), bridge::site_from_world(*ray.direction));
    // Near the horizon the plane is far away: a drag may not throw the camera across the sea.
    if direction[2] > -0.01 {
        return;
    }
    let t = (anchor[2] - eye[2]) / direction[2];
    let limit = rig.orbit.distance * 2.0;
    for axis in 0..2 {
        let under_pointer = t.mul_add(direction[axis], eye[axis]);
        rig.orbit.look[axis] += (anchor[axis] - under_pointer).clamp(-limit, limit);
    }
}

fn click(desk: &mut Desk, grip: &mut Grip, pointer: Vec2, now: f32, (camera, place): (&Camera, &GlobalTransform)) {
    let double = grip.last_click.take().is_some_and(|(t, p)| now - t < DOUBLE_CLICK_S && p.distance(pointer) < 6.0);
    let Some(ground) = grip.ground else {
        desk.commands.push(Command::Select(None));
        return;
    };
    if double {
        desk.commands.push(Command::MoveCamera(CameraRequest::FlyTo(ground)));
        return;
    }
    grip.last_click = Some((now, pointer));
    match desk.session.view.tool {
        Tool::Inspect => {
            if let Some(station) = super::live_marks::station_under(&desk.session, camera, place, pointer) {
                desk.commands.push(Command::Live(LiveCommand::Pick(Some(station))));
                return;
            }
            let hit = picking::pick(desk, camera, place, pointer, grip.beside);
            desk.commands.push(Command::Select(hit));
        }
        _ => desk.commands.push(Command::ToolClick(ground)),
    }
}

fn zoom(scroll: Res<AccumulatedMouseScroll>, area: Res<MapArea>, grip: Res<Grip>, mut rig: ResMut<Rig>) {
    if scroll.delta.y == 0.0 || !area.pointer_is_on_map {
        return;
    }
    let notches = match scroll.unit {
        MouseScrollUnit::Line => f64::from(scroll.delta.y),
        MouseScrollUnit::Pixel => f64::from(scroll.delta.y) / 60.0,
    };
    rig.stop_flight();
    let pivot = grip.ground.unwrap_or(rig.orbit.look);
    rig.orbit.zoom_about(pivot, 0.85f64.powf(notches.clamp(-8.0, 8.0)));
}

/// Arrows walk, with Shift they turn; Page Up and Down zoom.
fn walk(keys: Res<ButtonInput<KeyCode>>, time: Res<Time<Real>>, area: Res<MapArea>, mut rig: ResMut<Rig>) {
    if area.keyboard_is_taken {
        return;
    }
    let axis = |minus, plus| f64::from(u8::from(keys.pressed(plus))) - f64::from(u8::from(keys.pressed(minus)));
    let (right, ahead) = (axis(KeyCode::ArrowLeft, KeyCode::ArrowRight), axis(KeyCode::ArrowDown, KeyCode::ArrowUp));
    let nearer = axis(KeyCode::PageDown, KeyCode::PageUp);
    if right == 0.0 && ahead == 0.0 && nearer == 0.0 {
        return;
    }
    rig.stop_flight();
    let dt = time.delta_secs_f64().min(0.1);
    let look = rig.orbit.look;
    if keys.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]) {
        rig.orbit.turn_about(look, right * dt, -ahead * dt);
    } else {
        let (sin, cos) = rig.orbit.heading.sin_cos();
        let step = rig.orbit.distance * 0.7 * dt;
        rig.orbit.look[0] += (right * cos + ahead * sin) * step;
        rig.orbit.look[1] += (ahead * cos - right * sin) * step;
    }
    rig.orbit.zoom_about(look, 0.35f64.powf(nearer * dt));
}
