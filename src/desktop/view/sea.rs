//! The sea: a plane at height zero whose water knows how deep it is.

use bevy::asset::{RenderAssetUsages, embedded_asset};
use bevy::camera::visibility::NoFrustumCulling;
use bevy::light::{NotShadowCaster, NotShadowReceiver};
use bevy::pbr::{Material, MaterialPlugin};
use bevy::prelude::*;
use bevy::render::render_resource::{AsBindGroup, Extent3d, ShaderType, TextureDimension, TextureFormat};
use bevy::shader::ShaderRef;

use super::effort::Effort;
use super::sky::Sky;
use super::waves;
use crate::desktop::bridge;
use crate::desktop::desk::Desk;
use crate::geo::grid::Grid;
use crate::model::project::Project;

const HALF_SIDE_M: f32 = 250_000.0;
/// Metres of depth that a texel's 255 stand for.
const CHART_DEPTH_M: f32 = 25.5;
/// Longest side of the chart, texels.
const CHART_TEXELS: usize = 1024;

pub struct SeaPlugin;

impl Plugin for SeaPlugin {
    fn build(&self, app: &mut App) {
        embedded_asset!(app, "../../../assets/shaders/sea.wgsl");
        app.add_plugins(MaterialPlugin::<SeaMaterial>::default())
            .add_systems(Startup, spawn)
            .add_systems(Update, (chart_depths, mirror_sky, drain_for_x_ray));
    }
}

#[derive(Debug, Clone, Default, ShaderType)]
struct SeaUniform {
    /// Last: 1 where the waves move, 0 where they stand still.
    to_sun: Vec4,
    sun: Vec4,
    zenith: Vec4,
    horizon: Vec4,
    extent: Vec4,
}

#[derive(Asset, TypePath, AsBindGroup, Debug, Clone)]
struct SeaMaterial {
    #[uniform(0)]
    uniform: SeaUniform,
    #[texture(1)]
    #[sampler(2)]
    depths: Handle<Image>,
    #[texture(3)]
    #[sampler(4)]
    waves: Handle<Image>,
}

impl Material for SeaMaterial {
    fn fragment_shader() -> ShaderRef {
        "embedded://island_twin/desktop/view/../../../assets/shaders/sea.wgsl".into()
    }

    fn alpha_mode(&self) -> AlphaMode {
        AlphaMode::Blend
    }

    fn enable_prepass() -> bool {
        false
    }

    fn enable_shadows() -> bool {
        false
    }
}

#[derive(Component)]
struct Sea(Handle<SeaMaterial>);

fn spawn(
    mut commands: Commands,
    mut meshes: ResMut<Assets<Mesh>>,
    mut images: ResMut<Assets<Image>>,
    mut materials: ResMut<Assets<SeaMaterial>>,
) {
    let material = materials.add(SeaMaterial {
        uniform: SeaUniform { extent: Vec4::new(0.0, 0.0, 1.0, 1.0), ..default() },
        depths: images.add(chart_image(vec![255], 1, 1)),
        waves: images.add(waves::image()),
    });
    commands.spawn((
        Sea(material.clone()),
        Mesh3d(meshes.add(Plane3d::new(Vec3::Y, Vec2::splat(HALF_SIDE_M)).mesh().subdivisions(8))),
        MeshMaterial3d(material),
        Transform::default(),
        NoFrustumCulling,
        NotShadowCaster,
        NotShadowReceiver,
    ));
}

/// Makes the chart of depths when a project opens.
fn chart_depths(
    desk: Res<Desk>,
    sea: Query<&Sea>,
    mut images: ResMut<Assets<Image>>,
    mut materials: ResMut<Assets<SeaMaterial>>,
) {
    if !desk.effects.project_replaced {
        return;
    }
    let (Some(project), Ok(sea)) = (desk.session.project(), sea.single()) else { return };
    let (Some(terrain), Some(mut material)) = (project.terrain(), materials.get_mut(&sea.0)) else { return };
    material.depths = images.add(chart(terrain));
    material.uniform.extent = chart_extent(project, terrain);
}

/// (x, z) of the chart's north-western corner in the world, its width and its height.
fn chart_extent(project: &Project, terrain: &Grid<f32>) -> Vec4 {
    let [west, south, east, north] = terrain.spec.bounds();
    let [corner, far] = [[west, north], [east, south]].map(|p| {
        let [e, n] = project.frame.site_from_crs(p);
        bridge::world_from_site([e, n, 0.0])
    });
    Vec4::new(corner.x, corner.z, far.x - corner.x, far.z - corner.z)
}

/// Depths as 8 bits, fewer cells than the terrain has: water does not show more.
fn chart(terrain: &Grid<f32>) -> Image {
    let stride = terrain.spec.cols.max(terrain.spec.rows).div_ceil(CHART_TEXELS).max(1);
    let (cols, rows) = (terrain.spec.cols.div_ceil(stride), terrain.spec.rows.div_ceil(stride));
    let texels = (0..rows * cols)
        .map(|i| {
            let col = (i % cols * stride + stride / 2).min(terrain.spec.cols - 1);
            let row = (i / cols * stride + stride / 2).min(terrain.spec.rows - 1);
            let z = terrain.get(col, row);
            let depth = if z.is_nan() { CHART_DEPTH_M } else { (-z).clamp(0.0, CHART_DEPTH_M) };
            (depth / CHART_DEPTH_M * 255.0) as u8
        })
        .collect();
    chart_image(texels, cols, rows)
}

fn chart_image(texels: Vec<u8>, cols: usize, rows: usize) -> Image {
    let mut image = Image::new(
        Extent3d { width: cols as u32, height: rows as u32, depth_or_array_layers: 1 },
        TextureDimension::D2,
        texels,
        TextureFormat::R8Unorm,
        RenderAssetUsages::RENDER_WORLD,
    );
    image.sampler = bevy::image::ImageSampler::linear();
    image
}

/// Under ground that is glass there is no sea to be seen, only pipes before the dark.
fn drain_for_x_ray(desk: Res<Desk>, mut sea: Query<&mut Visibility, With<Sea>>, mut clear: ResMut<ClearColor>) {
    let (wanted, behind) = if desk.session.view.xray {
        (Visibility::Hidden, Color::srgb(0.09, 0.11, 0.14))
    } else {
        (Visibility::Inherited, Color::srgb(0.75, 0.84, 0.9))
    };
    if clear.0 != behind {
        clear.0 = behind;
    }
    for mut visibility in &mut sea {
        visibility.set_if_neq(wanted);
    }
}

fn mirror_sky(sky: Res<Sky>, effort: Res<Effort>, sea: Query<&Sea>, mut materials: ResMut<Assets<SeaMaterial>>) {
    if !sky.is_changed() {
        return;
    }
    let Some(mut material) = sea.single().ok().and_then(|s| materials.get_mut(&s.0)) else { return };
    material.uniform.to_sun = sky.to_sun.extend(f32::from(u8::from(effort.waves_move)));
    material.uniform.sun = sky.sun.to_vec4();
    material.uniform.zenith = sky.zenith.to_vec4();
    material.uniform.horizon = sky.horizon.to_vec4();
}
