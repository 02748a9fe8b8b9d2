//! A simulation's field over the ground: the tiles are drawn once more with a see-through material that knows the field.

use std::sync::Arc;

use bevy::asset::{RenderAssetUsages, embedded_asset};
use bevy::image::{ImageSampler, ImageSamplerDescriptor};
use bevy::light::{NotShadowCaster, NotShadowReceiver};
use bevy::pbr::{Material, MaterialPlugin};
use bevy::prelude::*;
use bevy::render::render_resource::{AsBindGroup, Extent3d, ShaderType, TextureDimension, TextureFormat};
use bevy::shader::ShaderRef;

use super::ground::plugin::GroundTile;
use super::resolve::ramp_color;
use super::stage::{self, BESIDE, MAIN};
use crate::desktop::bridge;
use crate::desktop::desk::Desk;
use crate::geo::grid::Grid;
use crate::model::project::Project;
use crate::session::field_view::{FieldView, Shade};

const OPACITY: f32 = 0.78;
/// What a missing cell is in the texture; NaN does not survive every driver.
const MISSING: f32 = -1e30;
const RAMP_TEXELS: u32 = 256;

pub struct FieldPlugin;

impl Plugin for FieldPlugin {
    fn build(&self, app: &mut App) {
        embedded_asset!(app, "../../../assets/shaders/field.wgsl");
        app.add_plugins(MaterialPlugin::<FieldMaterial>::default())
            .init_resource::<Shown<MAIN>>()
            .init_resource::<Shown<BESIDE>>()
            .add_systems(Update, (refresh::<MAIN>, cover_tiles::<MAIN>).chain())
            .add_systems(Update, (refresh::<BESIDE>, cover_tiles::<BESIDE>).chain());
    }
}

#[derive(Debug, Clone, Default, PartialEq, ShaderType)]
struct FieldUniform {
    extent: Vec4,
    size: Vec2,
    range: Vec2,
    now_s: f32,
    isochrone_s: f32,
    factor: f32,
    opacity: f32,
    /// From this uncertainty on the field is hatched; 0: nowhere.
    doubt: Vec4,
}

#[derive(Asset, TypePath, AsBindGroup, Debug, Clone)]
struct FieldMaterial {
    #[uniform(0)]
    uniform: FieldUniform,
    #[texture(1, sample_type = "float", filterable = false)]
    values: Handle<Image>,
    #[texture(2, sample_type = "float", filterable = false)]
    arrivals: Handle<Image>,
    #[texture(3)]
    #[sampler(4)]
    ramp: Handle<Image>,
}

impl Material for FieldMaterial {
    fn fragment_shader() -> ShaderRef {
        "embedded://island_twin/desktop/view/../../../assets/shaders/field.wgsl".into()
    }

    fn alpha_mode(&self) -> AlphaMode {
        AlphaMode::Blend
    }

    fn depth_bias(&self) -> f32 {
        // After the tile itself, before the sea.
        1.0
    }

    fn enable_prepass() -> bool {
        false
    }

    fn enable_shadows() -> bool {
        false
    }
}

/// What lies over the ground of a stage now, to see when it changes.
#[derive(Resource, Default)]
struct Shown<const STAGE: usize> {
    material: Option<Handle<FieldMaterial>>,
    values: Option<Arc<Grid<f32>>>,
    arrivals: Option<Arc<Grid<f32>>>,
    shade: Option<Shade>,
}

/// The second drawing of a tile.
#[derive(Component)]
struct Cover<const STAGE: usize>;

fn refresh<const STAGE: usize>(
    desk: Res<Desk>,
    mut shown: ResMut<Shown<STAGE>>,
    mut images: ResMut<Assets<Image>>,
    mut materials: ResMut<Assets<FieldMaterial>>,
) {
    let Some((project, view)) = desk.session.project().zip(desk.session.field_view(STAGE == BESIDE)) else {
        if shown.material.is_some() {
            *shown = Shown::<STAGE>::default();
        }
        return;
    };
    let same = |kept: &Option<Arc<Grid<f32>>>, now: Option<&Arc<Grid<f32>>>| match (kept, now) {
        (Some(a), Some(b)) => Arc::ptr_eq(a, b),
        (None, None) => true,
        _ => false,
    };
    // A front's arrivals and the uncertainty of a field between stations take turns in one texture: no field has both.
    let doubt = desk.session.field_doubt().filter(|_| STAGE == MAIN);
    let arrivals = view.front.as_ref().map(|f| &f.arrival_s).or(doubt.as_ref().map(|d| &d.0));
    let unchanged = shown.material.is_some()
        && same(&shown.values, Some(&view.values))
        && same(&shown.arrivals, arrivals)
        && shown.shade.as_ref() == Some(&view.shade);
    let uniform = uniform(project, &view, doubt.as_ref().map_or(0.0, |d| d.1));
    if unchanged {
        let Some(handle) = &shown.material else { return };
        if materials.get(handle).is_some_and(|m| m.uniform != uniform)
            && let Some(mut material) = materials.get_mut(handle)
        {
            material.uniform = uniform;
        }
        return;
    }
    let values = images.add(cells(&view.values));
    let arrival_image = arrivals.map_or_else(|| values.clone(), |grid| images.add(cells(grid)));
    let material = FieldMaterial { uniform, values, arrivals: arrival_image, ramp: images.add(ramp(&view.shade)) };
    *shown = Shown::<STAGE> {
        material: Some(materials.add(material)),
        values: Some(view.values.clone()),
        arrivals: arrivals.cloned(),
        shade: Some(view.shade),
    };
}

fn uniform(project: &Project, view: &FieldView, doubt_from: f32) -> FieldUniform {
    let spec = &view.values.spec;
    let [west, south, east, north] = spec.bounds();
    let [corner, far] = [[west, north], [east, south]].map(|p| {
        let [e, n] = project.frame.site_from_crs(p);
        bridge::world_from_site([e, n, 0.0])
    });
    let (low, high) = view.shade.range();
    FieldUniform {
        extent: Vec4::new(corner.x, corner.z, far.x - corner.x, far.z - corner.z),
        size: Vec2::new(spec.cols as f32, spec.rows as f32),
        range: Vec2::new(low, high),
        now_s: view.front.as_ref().map_or(0.0, |f| f.now_s as f32),
        isochrone_s: view.front.as_ref().map_or(0.0, |f| f.isochrone_s as f32),
        factor: view.factor,
        opacity: OPACITY,
        doubt: Vec4::new(doubt_from, 0.0, 0.0, 0.0),
    }
}

/// Every tile gets its cover while there is a field, and loses it afterwards.
fn cover_tiles<const STAGE: usize>(
    shown: Res<Shown<STAGE>>,
    tiles: Query<(Entity, &Mesh3d, Option<&Children>), With<GroundTile<STAGE>>>,
    mut covers: Query<(Entity, &mut MeshMaterial3d<FieldMaterial>), With<Cover<STAGE>>>,
    mut commands: Commands,
) {
    let Some(material) = &shown.material else {
        for (cover, _) in &covers {
            commands.entity(cover).despawn();
        }
        return;
    };
    if shown.is_changed() {
        for (_, mut worn) in &mut covers {
            worn.0 = material.clone();
        }
    }
    for (tile, mesh, children) in &tiles {
        if children.is_none_or(Children::is_empty) {
            commands.spawn((
                Cover::<STAGE>,
                Mesh3d(mesh.0.clone()),
                MeshMaterial3d(material.clone()),
                Transform::default(),
                NotShadowCaster,
                NotShadowReceiver,
                stage::layers::<STAGE>(),
                ChildOf(tile),
            ));
        }
    }
}

fn cells(grid: &Grid<f32>) -> Image {
    let bytes = grid.cells.iter().flat_map(|v| if v.is_nan() { MISSING } else { *v }.to_le_bytes()).collect();
    let (width, height) = (grid.spec.cols as u32, grid.spec.rows as u32);
    Image::new(
        Extent3d { width, height, depth_or_array_layers: 1 },
        TextureDimension::D2,
        bytes,
        TextureFormat::R32Float,
        RenderAssetUsages::RENDER_WORLD,
    )
}

fn ramp(shade: &Shade) -> Image {
    let (low, high) = shade.range();
    let stops: Vec<_> = shade.stops.iter().map(|(v, color)| (f64::from(*v), *color)).collect();
    let bytes = (0..RAMP_TEXELS)
        .flat_map(|i| {
            let value = (high - low).mul_add((i as f32 + 0.5) / RAMP_TEXELS as f32, low);
            let color = ramp_color(&stops, f64::from(value));
            [color.0, color.1, color.2, 255]
        })
        .collect();
    let mut image = Image::new(
        Extent3d { width: RAMP_TEXELS, height: 1, depth_or_array_layers: 1 },
        TextureDimension::D2,
        bytes,
        TextureFormat::Rgba8UnormSrgb,
        RenderAssetUsages::RENDER_WORLD,
    );
    image.sampler = ImageSampler::Descriptor(ImageSamplerDescriptor::linear());
    image
}
