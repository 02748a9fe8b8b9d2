//! Sun, sky and haze by the date and the hour at the island.

use bevy::asset::RenderAssetUsages;
use bevy::camera::visibility::NoFrustumCulling;
use bevy::light::{CascadeShadowConfigBuilder, NotShadowCaster, NotShadowReceiver};
use bevy::mesh::{Indices, PrimitiveTopology};
use bevy::prelude::*;

use super::beside::BesideCamera;
use super::camera::MainCamera;
use super::effort::Effort;
use super::lit::LitMaterial;
use super::stage::{BESIDE, MAIN};
use crate::desktop::bridge;
use crate::desktop::desk::Desk;
use crate::geo::crs::Crs;
use crate::geo::sun::{SunPosition, sun_position};
use crate::geo::transform::Transform as CrsTransform;

const DOME_RADIUS_M: f32 = 300_000.0;
/// The camera's default exposure turns this much light on a white surface facing the sun into screen white.
const SUN_LUX: f32 = 2_300.0;
const SKY_CD_PER_M2: f32 = 430.0;

pub struct SkyPlugin;

impl Plugin for SkyPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Sky>().add_systems(Startup, spawn).add_systems(Update, (move_sun, follow_camera));
    }
}

/// What the sky looks like now; the sea mirrors it.
#[derive(Resource, Debug, Clone, PartialEq)]
pub struct Sky {
    /// Unit vector to the sun, Bevy's axes.
    pub to_sun: Vec3,
    pub zenith: LinearRgba,
    pub horizon: LinearRgba,
    /// Colour and strength of sunlight, 0 at night.
    pub sun: LinearRgba,
}

impl Default for Sky {
    fn default() -> Self {
        Self::at(SunPosition { azimuth: 2.2, elevation: 0.9 })
    }
}

impl Sky {
    /// Colours by the sun's elevation: chosen to look right, not computed from the physics of the air.
    #[must_use]
    pub fn at(sun: SunPosition) -> Self {
        let degrees = sun.elevation.to_degrees() as f32;
        let srgb = |r: u8, g: u8, b: u8| LinearRgba::from(Srgba::rgb_u8(r, g, b));
        // Elevation, zenith, horizon, sunlight.
        let stops = [
            (-12.0, srgb(8, 12, 28), srgb(16, 22, 40), LinearRgba::BLACK),
            (-4.0, srgb(30, 44, 84), srgb(120, 98, 104), LinearRgba::BLACK),
            (2.0, srgb(70, 104, 160), srgb(232, 178, 132), srgb(150, 92, 52)),
            (12.0, srgb(78, 134, 196), srgb(214, 218, 214), srgb(255, 214, 166)),
            (35.0, srgb(66, 132, 206), srgb(196, 218, 232), srgb(255, 246, 232)),
            (90.0, srgb(58, 126, 204), srgb(190, 216, 234), srgb(255, 250, 242)),
        ];
        let above = stops.iter().position(|s| s.0 > degrees).unwrap_or(stops.len() - 1).max(1);
        let (low, high) = (&stops[above - 1], &stops[above]);
        let t = ((degrees - low.0) / (high.0 - low.0)).clamp(0.0, 1.0);
        Self {
            to_sun: bridge::world_direction(sun.direction()),
            zenith: low.1.mix(&high.1, t),
            horizon: low.2.mix(&high.2, t),
            sun: low.3.mix(&high.3, t),
        }
    }

    fn luminance(&self) -> f32 {
        self.sun.red.max(self.sun.green)
    }
}

#[derive(Component)]
struct Dome;

#[derive(Component)]
struct Sun;

fn spawn(
    mut commands: Commands,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<LitMaterial>>,
    effort: Res<Effort>,
) {
    commands.spawn((
        Dome,
        Mesh3d(meshes.add(dome(&Sky::default()))),
        MeshMaterial3d(materials.add(LitMaterial::unlit())),
        Transform::default(),
        NoFrustumCulling,
        NotShadowCaster,
        NotShadowReceiver,
    ));
    // One for each stage: what stands on one throws no shadow on the other.
    for layers in [super::stage::layers::<MAIN>(), super::stage::layers::<BESIDE>()] {
        commands.spawn((
            Sun,
            layers,
            DirectionalLight { illuminance: SUN_LUX, shadow_maps_enabled: true, ..default() },
            CascadeShadowConfigBuilder {
                num_cascades: 2,
                minimum_distance: 2.0,
                first_cascade_far_bound: 350.0,
                maximum_distance: effort.shadow_reach_m,
                ..default()
            }
            .build(),
            Transform::default(),
        ));
    }
}

fn move_sun(
    desk: Res<Desk>,
    mut sky: ResMut<Sky>,
    mut ambient: ResMut<GlobalAmbientLight>,
    mut sun: Query<(&mut Transform, &mut DirectionalLight), With<Sun>>,
    dome_mesh: Query<&Mesh3d, With<Dome>>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut commands: Commands,
    camera: Query<Entity, Or<(With<MainCamera>, With<BesideCamera>)>>,
    mut shown: Local<Option<Sky>>,
) {
    let now = desk.session.project().and_then(|project| {
        let to_wgs84 = CrsTransform::between(&project.frame.crs, &Crs::WGS84)?;
        let [lon, lat] = to_wgs84.apply(project.frame.origin);
        Some(Sky::at(sun_position(project.time, lon, lat)?))
    });
    let now = now.unwrap_or_default();
    if shown.as_ref() == Some(&now) {
        return;
    }
    for (mut place, mut light) in &mut sun {
        *place = Transform::default().looking_to(-now.to_sun, Vec3::Y);
        let strength = now.luminance().max(1e-4);
        light.color = LinearRgba::rgb(now.sun.red / strength, now.sun.green / strength, now.sun.blue / strength).into();
        light.illuminance = SUN_LUX * strength;
        // At night there is no sun to throw shadows, and no cascade to pay for.
        light.shadow_maps_enabled = now.to_sun.y > 0.0 && strength > 0.01;
    }
    let sky_light = now.zenith.mix(&now.horizon, 0.6);
    let strength = sky_light.red.max(sky_light.green).max(sky_light.blue).max(1e-4);
    ambient.color = LinearRgba::rgb(sky_light.red / strength, sky_light.green / strength, sky_light.blue / strength)
        .mix(&LinearRgba::WHITE, 0.5)
        .into();
    // Never quite dark: a planner at night still wants to read the map.
    ambient.brightness = SKY_CD_PER_M2 * (strength * 1.25).clamp(0.16, 1.0);
    if let Some(mut mesh) = dome_mesh.single().ok().and_then(|m| meshes.get_mut(&m.0)) {
        *mesh = dome(&now);
    }
    for entity in &camera {
        commands.entity(entity).insert(DistanceFog {
            color: Color::LinearRgba(now.horizon),
            falloff: FogFalloff::ExponentialSquared { density: 1.0 / 150_000.0 },
            ..default()
        });
    }
    *shown = Some(now.clone());
    *sky = now;
}

fn follow_camera(camera: Query<&GlobalTransform, With<MainCamera>>, mut dome: Query<&mut Transform, With<Dome>>) {
    if let (Ok(eye), Ok(mut place)) = (camera.single(), dome.single_mut()) {
        place.translation = Vec3::new(eye.translation().x, 0.0, eye.translation().z);
    }
}

/// The inside of a sphere, painted from the horizon to the zenith, brighter around the sun.
fn dome(sky: &Sky) -> Mesh {
    const RINGS: usize = 24;
    const SPOKES: usize = 48;
    let (mut positions, mut colors, mut indices) = (Vec::new(), Vec::new(), Vec::new());
    for ring in 0..=RINGS {
        // Dense near the horizon, and a little below it.
        let share = ring as f32 / RINGS as f32;
        let elevation = -0.06 + (std::f32::consts::FRAC_PI_2 + 0.06) * share * share;
        for spoke in 0..=SPOKES {
            let (sin_a, cos_a) = (std::f32::consts::TAU * spoke as f32 / SPOKES as f32).sin_cos();
            let direction = Vec3::new(elevation.cos() * cos_a, elevation.sin(), elevation.cos() * sin_a);
            positions.push((direction * DOME_RADIUS_M).to_array());
            let height = elevation.max(0.0) / std::f32::consts::FRAC_PI_2;
            let base = sky.horizon.mix(&sky.zenith, 1.0 - (1.0 - height).powi(4));
            let glow = direction.dot(sky.to_sun).max(0.0).powi(24) * 0.45;
            colors.push((base + sky.sun * glow).to_f32_array());
        }
    }
    let row = SPOKES + 1;
    for ring in 0..RINGS {
        for spoke in 0..SPOKES {
            let a = (ring * row + spoke) as u32;
            let (b, c, d) = (a + 1, a + row as u32, a + row as u32 + 1);
            indices.extend([a, b, c, b, d, c]);
        }
    }
    let normals = vec![[0.0, 1.0, 0.0]; positions.len()];
    let uvs = vec![[0.0, 0.0]; positions.len()];
    Mesh::new(PrimitiveTopology::TriangleList, RenderAssetUsages::default())
        .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, positions)
        .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, normals)
        .with_inserted_attribute(Mesh::ATTRIBUTE_UV_0, uvs)
        .with_inserted_attribute(Mesh::ATTRIBUTE_COLOR, colors)
        .with_inserted_indices(Indices::U32(indices))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noon_is_brighter_than_dusk_and_night_has_no_sun() {
        let at = |degrees: f64| Sky::at(SunPosition { azimuth: 3.0, elevation: degrees.to_radians() });
        assert!(at(60.0).luminance() > at(5.0).luminance());
        assert_eq!(at(-30.0).luminance(), 0.0);
        assert!(at(60.0).zenith.blue > at(-30.0).zenith.blue);
    }
}
