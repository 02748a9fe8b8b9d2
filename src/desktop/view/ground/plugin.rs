//! The ground on screen: prepares layers, makes tiles on background threads, shows those that are ready.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy::asset::RenderAssetUsages;
use bevy::camera::primitives::{Aabb, Frustum};
use bevy::image::{ImageAddressMode, ImageFilterMode, ImageSampler, ImageSamplerDescriptor};
use bevy::light::NotShadowCaster;
use bevy::math::Affine3A;
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};
use bevy::tasks::{AsyncComputeTaskPool, Task, block_on, poll_once};

use super::drape::{self, DrapedLayer, Ground};
use super::paint::{self, TILE_PIXELS};
use super::quadtree::{self, TileKey, TreeExtent};
use super::tile_mesh;
use crate::desktop::bridge;
use crate::desktop::desk::Desk;
use crate::desktop::view::camera::MainCamera;
use crate::desktop::view::effort::Effort;
use crate::desktop::view::lit::LitMaterial;
use crate::desktop::view::stage::{self, BESIDE, MAIN, News, Watch};
use crate::model::project::Project;

/// Tiles kept beyond those in sight, so that turning back costs nothing.
const KEPT_TILES: usize = 320;

pub struct GroundPlugin;

impl Plugin for GroundPlugin {
    fn build(&self, app: &mut App) {
        add::<MAIN>(app);
        add::<BESIDE>(app);
    }
}

fn add<const STAGE: usize>(app: &mut App) {
    app.init_resource::<GroundTiles<STAGE>>().add_systems(
        Update,
        (prepare_layers::<STAGE>, collect_tiles::<STAGE>, show_tiles::<STAGE>, x_ray::<STAGE>).chain(),
    );
}

/// The tiles of a stage and the work under way.
#[derive(Resource, Default)]
pub struct GroundTiles<const STAGE: usize> {
    watch: Watch,
    ground: Option<Arc<Ground>>,
    extent: Option<TreeExtent>,
    /// Lowest and highest ground, metres: what a tile that is not made yet may fill.
    relief: (f32, f32),
    preparing: Option<Task<Vec<(Arc<DrapedLayer>, f32)>>>,
    /// The project changed while layers were being prepared.
    again: bool,
    tiles: BTreeMap<TileKey, Tile>,
    jobs: BTreeMap<TileKey, Task<Made>>,
    frame: u64,
    /// Whether tiles are see-through now.
    xray: bool,
}

impl<const STAGE: usize> GroundTiles<STAGE> {
    /// Work that is not on screen yet.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.jobs.len() + usize::from(self.preparing.is_some() || self.again)
    }
}

/// An entity that is a tile of a stage's ground.
#[derive(Component)]
pub struct GroundTile<const STAGE: usize>;

struct Tile {
    entity: Entity,
    material: Handle<LitMaterial>,
    low: f32,
    high: f32,
    version: u64,
    last_seen: u64,
}

/// What a painting thread hands back.
struct Made {
    /// Absent when only the texture was painted anew.
    mesh: Option<(Mesh, f32, f32)>,
    texture: Vec<u8>,
    version: u64,
}

/// Prepares the draped layers when the project or one of them changed.
fn prepare_layers<const STAGE: usize>(desk: Res<Desk>, mut state: ResMut<GroundTiles<STAGE>>, mut commands: Commands) {
    let state = &mut *state;
    let effects = &desk.effects;
    let news = state.watch.look::<STAGE>(&desk);
    if news == News::Replaced {
        state.jobs.clear();
        for tile in std::mem::take(&mut state.tiles).into_values() {
            commands.entity(tile.entity).despawn();
        }
        state.ground = None;
        state.extent = None;
        state.preparing = None;
        state.again = false;
    }
    let Some(project) = stage::project::<STAGE>(&desk.session) else { return };
    let changed = match news {
        News::Nothing => false,
        News::Changed if STAGE == MAIN => {
            effects.order
                || effects.layers.iter().any(|id| project.layer(id).is_none_or(|l| drape::is_draped(&l.style)))
        }
        News::Replaced | News::Changed => true,
    };
    // Without a terrain there is nothing to paint on; a terrain that comes later changes the layers.
    state.again = (state.again || changed) && project.terrain().is_some();
    if state.again && state.preparing.is_none() {
        state.again = false;
        let before: Vec<_> =
            state.ground.iter().flat_map(|g| g.layers.iter().map(|(layer, _)| layer.clone())).collect();
        let (project, indexes) = (project.clone(), desk.session.indexes().clone());
        state.preparing =
            Some(AsyncComputeTaskPool::get().spawn(async move { drape::prepare(&project, &indexes, &before) }));
    }
    if let Some(layers) = state.preparing.as_mut().and_then(|task| block_on(poll_once(task))) {
        state.preparing = None;
        adopt(state, project, layers);
    }
}

fn adopt<const STAGE: usize>(state: &mut GroundTiles<STAGE>, project: &Project, layers: Vec<(Arc<DrapedLayer>, f32)>) {
    let Some(terrain) = project.terrain() else { return };
    let version = state.ground.as_ref().map_or(1, |g| g.version + 1);
    if state.extent.is_none() {
        let [w, s, e, n] = terrain.spec.bounds();
        let [[w, s], [e, n]] = [[w, s], [e, n]].map(|p| project.frame.site_from_crs(p));
        state.extent = Some(TreeExtent::covering([w, s, e, n], terrain.spec.cell_width()));
        let (low, high) = terrain.range().unwrap_or((0.0, 0.0));
        state.relief = (low.min(tile_mesh::ABYSS_M), high);
    }
    state.ground = Some(Arc::new(Ground { terrain: terrain.clone(), origin: project.frame.origin, layers, version }));
}

/// Puts finished tiles on stage.
fn collect_tiles<const STAGE: usize>(
    mut state: ResMut<GroundTiles<STAGE>>,
    mut commands: Commands,
    mut meshes: ResMut<Assets<Mesh>>,
    mut images: ResMut<Assets<Image>>,
    mut materials: ResMut<Assets<LitMaterial>>,
    effort: Res<Effort>,
) {
    let state = &mut *state;
    let Some(extent) = state.extent else { return };
    let done: Vec<(TileKey, Made)> =
        state.jobs.iter_mut().filter_map(|(key, task)| block_on(poll_once(task)).map(|made| (*key, made))).collect();
    for (key, made) in done {
        state.jobs.remove(&key);
        let texture = images.add(tile_image(made.texture, effort.anisotropy));
        if let Some(tile) = state.tiles.get_mut(&key) {
            tile.version = made.version;
            if let Some(mut material) = materials.get_mut(&tile.material) {
                material.set_texture(texture);
            }
            continue;
        }
        let Some((mesh, low, high)) = made.mesh else { continue };
        let mut look = LitMaterial::new(Some(texture));
        see_through(&mut look, state.xray);
        let material = materials.add(look);
        let [w, s, e, n] = extent.bounds(key);
        let half = (e - w) as f32 / 2.0;
        let centre = bridge::world_from_site([f64::midpoint(w, e), f64::midpoint(s, n), 0.0]);
        let entity = commands
            .spawn((
                Mesh3d(meshes.add(mesh)),
                MeshMaterial3d(material.clone()),
                Transform::from_translation(centre),
                Visibility::Hidden,
                Aabb::from_min_max(Vec3::new(-half, low, -half), Vec3::new(half, high, half)),
                NotShadowCaster,
                stage::layers::<STAGE>(),
                GroundTile::<STAGE>,
            ))
            .id();
        let last_seen = state.frame;
        state.tiles.insert(key, Tile { entity, material, low, high, version: made.version, last_seen });
    }
}

/// Chooses what to show and starts making what is missing.
fn show_tiles<const STAGE: usize>(
    mut state: ResMut<GroundTiles<STAGE>>,
    camera: Query<(&GlobalTransform, &Camera), With<MainCamera>>,
    mut visibilities: Query<&mut Visibility>,
    mut commands: Commands,
    effort: Res<Effort>,
) {
    let most_cells = effort.tile_cells;
    let state = &mut *state;
    state.frame += 1;
    let (Some(extent), Some(ground), Ok((place, camera))) = (state.extent, state.ground.clone(), camera.single())
    else {
        return;
    };
    let frustum = Frustum(bevy::math::primitives::ViewFrustum::from_clip_from_world(
        &(camera.clip_from_view() * place.affine().inverse()),
    ));
    let eye = bridge::site_from_world(place.translation());
    let aabb = |key: TileKey| {
        let [w, s, e, n] = extent.bounds(key);
        let (low, high) = state.tiles.get(&key).map_or(state.relief, |t| (t.low, t.high));
        Aabb::from_min_max(
            bridge::world_from_site([w, n, f64::from(low)]),
            bridge::world_from_site([e, s, f64::from(high)]),
        )
    };
    let visible = |key| frustum.intersects_obb(&aabb(key), &Affine3A::IDENTITY, true, false);
    let distance = |key: TileKey| {
        let [w, s, e, n] = extent.bounds(key);
        let (low, high) = state.tiles.get(&key).map_or((0.0, 0.0), |t| (t.low, t.high));
        let gap = [
            eye[0] - eye[0].clamp(w, e),
            eye[1] - eye[1].clamp(s, n),
            eye[2] - eye[2].clamp(f64::from(low), f64::from(high)),
        ];
        gap.iter().map(|d| d * d).sum::<f64>().sqrt()
    };
    let selection = quadtree::select(&extent, visible, distance, |key| state.tiles.contains_key(&key));

    for (key, tile) in &mut state.tiles {
        let shown = selection.show.contains(key);
        if shown {
            tile.last_seen = state.frame;
        }
        if let Ok(mut visibility) = visibilities.get_mut(tile.entity) {
            visibility.set_if_neq(if shown { Visibility::Inherited } else { Visibility::Hidden });
        }
    }
    let stale = selection.show.iter().filter(|k| state.tiles.get(k).is_some_and(|t| t.version != ground.version));
    let wanted: Vec<TileKey> = selection.want.iter().chain(stale).copied().collect();
    // Few at a time, so that what is wanted when the camera has moved on is not behind a long queue.
    let at_once = AsyncComputeTaskPool::get().thread_num() * 2;
    for key in wanted {
        if state.jobs.len() >= at_once {
            break;
        }
        if !state.jobs.contains_key(&key) {
            let with_mesh = !state.tiles.contains_key(&key);
            let (ground, bounds) = (ground.clone(), extent.bounds(key));
            let job = AsyncComputeTaskPool::get().spawn(async move {
                Made {
                    mesh: with_mesh.then(|| tile_mesh::build(&ground.terrain, ground.origin, bounds, most_cells)),
                    texture: paint::paint_tile(&ground, bounds),
                    version: ground.version,
                }
            });
            state.jobs.insert(key, job);
        }
    }
    forget_old_tiles(state, &mut commands);
}

/// The ground as glass, so that pipes show.
fn x_ray<const STAGE: usize>(
    desk: Res<Desk>,
    mut state: ResMut<GroundTiles<STAGE>>,
    mut materials: ResMut<Assets<LitMaterial>>,
) {
    let wanted = desk.session.view.xray;
    if state.xray == wanted {
        return;
    }
    state.xray = wanted;
    for tile in state.tiles.values() {
        if let Some(mut material) = materials.get_mut(&tile.material) {
            see_through(&mut material, wanted);
        }
    }
}

fn see_through(material: &mut LitMaterial, on: bool) {
    material.set_alpha(if on { 0.38 } else { 1.0 });
}

fn forget_old_tiles<const STAGE: usize>(state: &mut GroundTiles<STAGE>, commands: &mut Commands) {
    if state.tiles.len() <= KEPT_TILES {
        return;
    }
    // A parent must outlive its children: the walk from the root would stop at a missing one.
    let mut leaves: Vec<(u64, TileKey)> = state
        .tiles
        .iter()
        .filter(|(key, tile)| {
            tile.last_seen != state.frame && key.children().iter().all(|c| !state.tiles.contains_key(c))
        })
        .map(|(key, tile)| (tile.last_seen, *key))
        .collect();
    leaves.sort_unstable();
    for (_, key) in leaves.into_iter().take(state.tiles.len() - KEPT_TILES) {
        if let Some(tile) = state.tiles.remove(&key) {
            commands.entity(tile.entity).despawn();
        }
    }
}

fn tile_image(with_mips: Vec<u8>, anisotropy: u16) -> Image {
    let size = Extent3d { width: TILE_PIXELS, height: TILE_PIXELS, depth_or_array_layers: 1 };
    mipped_image(with_mips, size, ImageAddressMode::ClampToEdge, anisotropy)
}

/// An sRGB image from bytes that hold all mip levels.
#[must_use]
pub fn mipped_image(with_mips: Vec<u8>, size: Extent3d, address: ImageAddressMode, anisotropy: u16) -> Image {
    let mut image =
        Image::new_uninit(size, TextureDimension::D2, TextureFormat::Rgba8UnormSrgb, RenderAssetUsages::RENDER_WORLD);
    image.texture_descriptor.mip_level_count = size.width.ilog2() + 1;
    image.data = Some(with_mips);
    image.sampler = ImageSampler::Descriptor(ImageSamplerDescriptor {
        mag_filter: ImageFilterMode::Linear,
        min_filter: ImageFilterMode::Linear,
        mipmap_filter: ImageFilterMode::Linear,
        address_mode_u: address,
        address_mode_v: address,
        anisotropy_clamp: anisotropy,
        ..default()
    });
    image
}
