//! The camera: orbit, pan and zoom about the point under the pointer, and flights to a place.

use bevy::prelude::*;

use crate::desktop::bridge;
use crate::desktop::desk::Desk;
use crate::geo::terrain::intersect_ray;
use crate::session::command::Command;
use crate::session::view_state::{CameraPose, CameraRequest};

/// The camera that shows the island.
#[derive(Component)]
pub struct MainCamera;

pub const FIELD_OF_VIEW_RAD: f32 = 0.8;
const NEAR_M: f32 = 1.0;
const FAR_M: f32 = 400_000.0;
/// Steepest and flattest view, angle of the line of sight below the horizon.
const MIN_TILT: f64 = 0.02;
const MAX_TILT: f64 = 1.55;
const MIN_DISTANCE_M: f64 = 8.0;
const MAX_DISTANCE_M: f64 = 160_000.0;
/// The eye stays this far above the ground.
const CLEARANCE_M: f64 = 3.0;
const FLIGHT_S: f64 = 0.9;

/// Where the camera stands: it looks at `look` from `distance` away. Site metres and radians.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Orbit {
    pub look: [f64; 3],
    pub distance: f64,
    /// Direction of view, clockwise from north.
    pub heading: f64,
    /// Line of sight below the horizon.
    pub tilt: f64,
}

impl Orbit {
    #[must_use]
    pub fn from_pose(pose: &CameraPose) -> Self {
        let [dx, dy, dz] = [0, 1, 2].map(|i| pose.look[i] - pose.eye[i]);
        let flat = dx.hypot(dy);
        Self {
            look: pose.look,
            distance: flat.hypot(dz).clamp(MIN_DISTANCE_M, MAX_DISTANCE_M),
            heading: if flat > 1e-6 { dx.atan2(dy) } else { 0.0 },
            tilt: (-dz).atan2(flat).clamp(MIN_TILT, MAX_TILT),
        }
    }

    #[must_use]
    pub fn pose(&self) -> CameraPose {
        let (sin_t, cos_t) = self.tilt.sin_cos();
        let (sin_h, cos_h) = self.heading.sin_cos();
        let back = [-sin_h * cos_t, -cos_h * cos_t, sin_t];
        CameraPose { eye: [0, 1, 2].map(|i| back[i].mul_add(self.distance, self.look[i])), look: self.look }
    }

    /// Turns about a fixed point: it stays where it is on screen.
    pub fn turn_about(&mut self, pivot: [f64; 3], heading: f64, tilt: f64) {
        let before = self.pose();
        let new_tilt = (self.tilt + tilt).clamp(MIN_TILT, MAX_TILT);
        let tilt = new_tilt - self.tilt;
        // The axis of tilting is the camera's right hand.
        let (sin_h, cos_h) = self.heading.sin_cos();
        let right = [cos_h, -sin_h, 0.0];
        let moved = |p: [f64; 3]| {
            let d = [0, 1, 2].map(|i| p[i] - pivot[i]);
            let tilted = rotate(d, right, -tilt);
            let turned = rotate(tilted, [0.0, 0.0, 1.0], -heading);
            [0, 1, 2].map(|i| turned[i] + pivot[i])
        };
        let (eye, look) = (moved(before.eye), moved(before.look));
        *self = Self { distance: self.distance, ..Self::from_pose(&CameraPose { eye, look }) };
    }

    /// Scales the distance to a fixed point: below 1 comes nearer.
    pub fn zoom_about(&mut self, pivot: [f64; 3], factor: f64) {
        let factor = (self.distance * factor).clamp(MIN_DISTANCE_M, MAX_DISTANCE_M) / self.distance;
        self.distance *= factor;
        self.look = [0, 1, 2].map(|i| (self.look[i] - pivot[i]).mul_add(factor, pivot[i]));
    }

    /// Looks straight enough at (west, south, east, north) to have it all on screen.
    pub fn frame(&mut self, [west, south, east, north]: [f64; 4], ground: f64, aspect: f64) {
        let (width, depth) = ((east - west).max(60.0), (north - south).max(60.0));
        let half_angle = (f64::from(FIELD_OF_VIEW_RAD) / 2.0).tan();
        let tall = depth * self.tilt.sin().max(0.35) / half_angle / 2.0;
        let wide = width / (half_angle * aspect.max(0.2)) / 2.0;
        self.look = [f64::midpoint(west, east), f64::midpoint(south, north), ground];
        self.distance = (tall.max(wide) * 1.25).clamp(MIN_DISTANCE_M, MAX_DISTANCE_M);
    }

    /// Part of the way to another orbit: the distance in proportion, the heading the short way round.
    #[must_use]
    pub fn toward(&self, other: &Self, t: f64) -> Self {
        let lerp = |a: f64, b: f64| (b - a).mul_add(t, a);
        let turn = (other.heading - self.heading + std::f64::consts::PI).rem_euclid(std::f64::consts::TAU)
            - std::f64::consts::PI;
        Self {
            look: [0, 1, 2].map(|i| lerp(self.look[i], other.look[i])),
            distance: lerp(self.distance.ln(), other.distance.ln()).exp(),
            heading: turn.mul_add(t, self.heading),
            tilt: lerp(self.tilt, other.tilt),
        }
    }
}

/// Rodrigues' rotation of `v` about the unit axis `k`.
fn rotate(v: [f64; 3], k: [f64; 3], angle: f64) -> [f64; 3] {
    let (sin, cos) = angle.sin_cos();
    let dot: f64 = (0..3).map(|i| k[i] * v[i]).sum();
    let cross = [k[1] * v[2] - k[2] * v[1], k[2] * v[0] - k[0] * v[2], k[0] * v[1] - k[1] * v[0]];
    [0, 1, 2].map(|i| v[i] * cos + cross[i] * sin + k[i] * dot * (1.0 - cos))
}

/// The camera's state, and the flight under way.
#[derive(Resource)]
pub struct Rig {
    pub orbit: Orbit,
    flight: Option<Flight>,
    /// Arrive at once: without a window nobody watches the flight.
    pub instant: bool,
}

struct Flight {
    from: Orbit,
    to: Orbit,
    elapsed_s: f64,
}

impl Default for Rig {
    fn default() -> Self {
        Self { orbit: Orbit::from_pose(&CameraPose::default()), flight: None, instant: false }
    }
}

impl Rig {
    pub fn stop_flight(&mut self) {
        self.flight = None;
    }

    #[must_use]
    pub fn is_flying(&self) -> bool {
        self.flight.is_some()
    }

    fn go(&mut self, to: Orbit) {
        if self.instant {
            self.orbit = to;
        } else {
            self.flight = Some(Flight { from: self.orbit, to, elapsed_s: 0.0 });
        }
    }
}

pub struct CameraPlugin;

impl Plugin for CameraPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Rig>().add_systems(
            PreUpdate,
            (look_at_new_project, take_requests, fly, place_camera)
                .chain()
                .after(crate::desktop::clock::apply_commands),
        );
    }
}

/// What every main camera has; the app adds its target.
#[must_use]
pub fn bundle() -> impl Bundle {
    (MainCamera, super::stage::seen::<{ super::stage::MAIN }>(), lens())
}

/// What every camera on the island has.
pub(super) fn lens() -> impl Bundle {
    (
        Camera3d::default(),
        // The sun is the only light: one cluster holds all that there is.
        bevy::light::cluster::ClusterConfig::Single,
        Projection::Perspective(PerspectiveProjection {
            fov: FIELD_OF_VIEW_RAD,
            near: NEAR_M,
            far: FAR_M,
            ..default()
        }),
        // Land-use colours must come out as the law prints them.
        bevy::core_pipeline::tonemapping::Tonemapping::None,
    )
}

/// A project that has just been opened is seen from its first bookmark, or whole.
fn look_at_new_project(mut desk: ResMut<Desk>) {
    if !desk.effects.project_replaced || desk.session.view.camera_request.is_some() {
        return;
    }
    let session = &mut desk.bypass_change_detection().session;
    match session.project().and_then(|p| p.bookmarks.first()).map(|b| b.id.clone()) {
        Some(id) => {
            session.perform(Command::GoToBookmark { id });
        }
        None => session.view.camera_request = Some(CameraRequest::FrameAll),
    }
}

fn take_requests(mut desk: ResMut<Desk>, mut rig: ResMut<Rig>, camera: Query<&Camera, With<MainCamera>>) {
    let bounds = desk.session.project().and_then(|p| {
        let [w, s, e, n] = p.bounds()?;
        let [[w, s], [e, n]] = [[w, s], [e, n]].map(|q| p.frame.site_from_crs(q));
        Some([w, s, e, n])
    });
    let Some(request) = desk.session.view.camera_request else { return };
    desk.bypass_change_detection().session.view.camera_request = None;
    let size = camera.single().ok().and_then(Camera::logical_viewport_size).unwrap_or(Vec2::new(16.0, 9.0));
    let aspect = f64::from(size.x / size.y.max(1.0));
    let mut to = rig.orbit;
    match request {
        CameraRequest::Pose(pose) => to = Orbit::from_pose(&pose),
        CameraRequest::Frame(bounds) => to.frame(bounds, height_at(&desk, bounds), aspect),
        CameraRequest::FrameAll => {
            let Some(bounds) = bounds else { return };
            to = Orbit { look: [0.0; 3], distance: 1.0, heading: 0.0, tilt: 0.95 };
            to.frame(bounds, 0.0, aspect);
        }
        CameraRequest::FlyTo(place) => {
            to.look = place;
            to.distance = (to.distance * 0.35).max(150.0);
        }
        CameraRequest::NorthUp => to.heading = 0.0,
    }
    rig.go(to);
}

fn height_at(desk: &Desk, [w, s, e, n]: [f64; 4]) -> f64 {
    let Some(project) = desk.session.project() else { return 0.0 };
    let centre = project.frame.crs_from_site([f64::midpoint(w, e), f64::midpoint(s, n)]);
    let z = project.terrain().map_or(f32::NAN, |t| t.bilinear(centre));
    if z.is_nan() { 0.0 } else { f64::from(z.max(0.0)) }
}

fn fly(time: Res<Time>, mut rig: ResMut<Rig>) {
    let Some(mut flight) = rig.flight.take() else { return };
    flight.elapsed_s += time.delta_secs_f64();
    let t = (flight.elapsed_s / FLIGHT_S).min(1.0);
    let eased = t * t * 2.0f64.mul_add(-t, 3.0);
    rig.orbit = flight.from.toward(&flight.to, eased);
    if t < 1.0 {
        rig.flight = Some(flight);
    }
}

/// Puts the camera where the rig says, but never under the ground.
fn place_camera(mut desk: ResMut<Desk>, rig: Res<Rig>, mut camera: Query<&mut Transform, With<MainCamera>>) {
    let Ok(mut transform) = camera.single_mut() else { return };
    let mut pose = rig.orbit.pose();
    if let Some(project) = desk.session.project()
        && let Some(terrain) = project.terrain()
    {
        let ground = terrain.bilinear(project.frame.crs_from_site([pose.eye[0], pose.eye[1]]));
        let ground = if ground.is_nan() { 0.0 } else { f64::from(ground.max(0.0)) };
        pose.eye[2] = pose.eye[2].max(ground + CLEARANCE_M);
    }
    let (eye, look) = (bridge::world_from_site(pose.eye), bridge::world_from_site(pose.look));
    // Perpendicular to the line of sight, so that it holds straight above too.
    let ((sin_h, cos_h), (sin_t, cos_t)) = (rig.orbit.heading.sin_cos(), rig.orbit.tilt.sin_cos());
    let up = bridge::world_direction([sin_h * sin_t, cos_h * sin_t, cos_t]);
    transform.set_if_neq(Transform::from_translation(eye).looking_at(look, up));
    desk.bypass_change_detection().session.view.camera = pose;
}

/// The ground under a point of the screen, site metres.
#[must_use]
pub fn ground_under(desk: &Desk, camera: &Camera, place: &GlobalTransform, pointer: Vec2) -> Option<[f64; 3]> {
    let project = desk.session.project()?;
    let terrain = project.terrain()?;
    let ray = camera.viewport_to_world(place, pointer).ok()?;
    let origin = bridge::site_from_world(ray.origin);
    let [x, y] = project.frame.crs_from_site([origin[0], origin[1]]);
    let direction = bridge::site_from_world(*ray.direction);
    let hit = intersect_ray(terrain, [x, y, origin[2]], direction, 0.0, 250_000.0)?;
    let [east, north] = project.frame.site_from_crs([hit[0], hit[1]]);
    Some([east, north, hit[2]])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn orbit() -> Orbit {
        Orbit { look: [100.0, 200.0, 10.0], distance: 1000.0, heading: 0.7, tilt: 0.6 }
    }

    #[test]
    fn pose_and_orbit_are_the_same_place() {
        let there = Orbit::from_pose(&orbit().pose());
        assert!((there.heading - 0.7).abs() < 1e-9 && (there.tilt - 0.6).abs() < 1e-9);
        assert!((there.distance - 1000.0).abs() < 1e-6);
    }

    #[test]
    fn turning_keeps_the_distance_to_the_pivot() {
        let pivot = [300.0, -50.0, 40.0];
        let far = |o: &Orbit| {
            let eye = o.pose().eye;
            (0..3).map(|i| (eye[i] - pivot[i]).powi(2)).sum::<f64>().sqrt()
        };
        let mut turned = orbit();
        turned.turn_about(pivot, 0.4, 0.2);
        assert!((far(&turned) - far(&orbit())).abs() < 1e-6);
        assert!((turned.tilt - 0.8).abs() < 1e-9, "{}", turned.tilt);
        assert!((turned.heading - 1.1).abs() < 1e-9, "{}", turned.heading);
    }

    #[test]
    fn zooming_moves_towards_the_pivot_and_stops_at_its_limit() {
        let mut near = orbit();
        near.zoom_about([0.0; 3], 0.5);
        assert_eq!((near.distance, near.look), (500.0, [50.0, 100.0, 5.0]));
        near.zoom_about([0.0; 3], 1e-9);
        assert_eq!(near.distance, MIN_DISTANCE_M);
    }

    #[test]
    fn flights_take_the_short_way_round() {
        let (a, b) = (Orbit { heading: 3.0, ..orbit() }, Orbit { heading: -3.0, ..orbit() });
        let middle = a.toward(&b, 0.5).heading.rem_euclid(std::f64::consts::TAU);
        assert!((middle - std::f64::consts::PI).abs() < 1e-9);
        let start = a.toward(&b, 0.0);
        assert!((start.distance - a.distance).abs() < 1e-9 && start.look == a.look && start.heading == a.heading);
    }
}
