//! Solid layers on screen: built on background threads, one mesh a map square, shown while the camera is near.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy::camera::primitives::Aabb;
use bevy::light::NotShadowCaster;
use bevy::prelude::*;
use bevy::tasks::{AsyncComputeTaskPool, Task, block_on, poll_once};

use super::batch::{Batch, rows_by_square, square_centre};
use super::extrude::{Block, add_block};
use super::{facade, models, points, tubes};
use crate::desktop::desk::Desk;
use crate::desktop::view::camera::MainCamera;
use crate::desktop::view::effort::Effort;
use crate::desktop::view::ground::tile_mesh::ground_height;
use crate::desktop::view::lit::LitMaterial;
use crate::desktop::view::resolve;
use crate::desktop::view::stage::{self, BESIDE, MAIN, News, Watch};
use crate::geo::grid::Grid;
use crate::geo::measure;
use crate::model::layer::{Layer, LayerContent, LayerId};
use crate::model::style::{Symbol, TUBE_EXAGGERATION};
use crate::model::table::FeatureTable;

/// Blocks lower than this many metres are a pixel from here on; their painted footprints take over.
const BLOCK_REACH_M: f32 = 14_000.0;
const TUBE_REACH_M: f32 = 9_000.0;

pub struct SolidsPlugin;

impl Plugin for SolidsPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Facade>().add_systems(Startup, make_facade).add_systems(Update, show_near_batches);
        add::<MAIN>(app);
        add::<BESIDE>(app);
    }
}

fn add<const STAGE: usize>(app: &mut App) {
    app.init_resource::<Solids<STAGE>>().add_systems(
        Update,
        (start_building::<STAGE>, collect_batches::<STAGE>, show_layers::<STAGE>).chain().before(show_near_batches),
    );
}

/// The texture of all walls.
#[derive(Resource, Default)]
struct Facade(Handle<Image>);

/// The solid layers of a stage.
#[derive(Resource, Default)]
pub struct Solids<const STAGE: usize> {
    watch: Watch,
    layers: BTreeMap<LayerId, SolidLayer>,
    jobs: BTreeMap<LayerId, (Arc<Layer>, Task<Vec<Built>>)>,
}

impl<const STAGE: usize> Solids<STAGE> {
    /// Layers that are not on screen yet.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.jobs.len()
    }
}

struct SolidLayer {
    source: Arc<Layer>,
    root: Entity,
    material: Handle<LitMaterial>,
}

/// One finished batch.
struct Built {
    centre: Vec3,
    mesh: Mesh,
    low: Vec3,
    high: Vec3,
}

/// How near the camera must be for a batch to show.
#[derive(Component)]
struct Reach(f32);

fn make_facade(mut made: ResMut<Facade>, mut images: ResMut<Assets<Image>>, effort: Res<Effort>) {
    made.0 = images.add(facade::image(effort.anisotropy));
}

fn is_solid(symbol: &Symbol) -> bool {
    matches!(symbol, Symbol::Extrude { .. } | Symbol::Tube { .. } | Symbol::Points { .. })
}

/// Starts a job for every visible solid layer whose content or symbol is not what stands on stage.
fn start_building<const STAGE: usize>(desk: Res<Desk>, mut solids: ResMut<Solids<STAGE>>, mut commands: Commands) {
    let solids = &mut *solids;
    let news = solids.watch.look::<STAGE>(&desk);
    if news == News::Nothing {
        return;
    }
    let project = stage::project::<STAGE>(&desk.session);
    let gone: Vec<LayerId> = solids
        .layers
        .keys()
        .filter(|id| {
            let layer = project.and_then(|p| p.layer(id));
            news == News::Replaced || layer.is_none_or(|l| !is_solid(&l.style.symbol))
        })
        .cloned()
        .collect();
    for id in gone {
        if let Some(layer) = solids.layers.remove(&id) {
            commands.entity(layer.root).despawn();
        }
        solids.jobs.remove(&id);
    }
    if news == News::Replaced {
        solids.jobs.clear();
    }
    let Some((project, terrain)) = project.and_then(|p| Some((p, p.terrain()?))) else { return };
    for layer in project.layers.iter().filter(|l| l.visible && is_solid(&l.style.symbol)) {
        let same = |other: &Arc<Layer>| other.content.same(&layer.content) && other.style.symbol == layer.style.symbol;
        let on_stage = solids.layers.get(&layer.id).is_some_and(|s| same(&s.source));
        let under_way = solids.jobs.get(&layer.id).is_some_and(|(source, _)| same(source));
        if on_stage || under_way {
            continue;
        }
        let (source, terrain, origin) = (layer.clone(), terrain.clone(), project.frame.origin);
        let task = AsyncComputeTaskPool::get().spawn(async move { build(&source, &terrain, origin) });
        solids.jobs.insert(layer.id.clone(), (layer.clone(), task));
    }
}

fn collect_batches<const STAGE: usize>(
    mut solids: ResMut<Solids<STAGE>>,
    facade: Res<Facade>,
    mut commands: Commands,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<LitMaterial>>,
    effort: Res<Effort>,
) {
    let solids = &mut *solids;
    let done: Vec<(LayerId, Vec<Built>)> = solids
        .jobs
        .iter_mut()
        .filter_map(|(id, (_, task))| block_on(poll_once(task)).map(|built| (id.clone(), built)))
        .collect();
    for (id, batches) in done {
        let Some((source, _)) = solids.jobs.remove(&id) else { continue };
        if let Some(old) = solids.layers.remove(&id) {
            commands.entity(old.root).despawn();
        }
        let symbol = &source.style.symbol;
        let walls = matches!(symbol, Symbol::Extrude { .. }).then(|| facade.0.clone());
        let material = materials.add(LitMaterial::new(walls));
        let reach = match symbol {
            Symbol::Points { symbol, .. } => models::reach_m(*symbol),
            Symbol::Tube { .. } => TUBE_REACH_M,
            _ => BLOCK_REACH_M,
        };
        let casts_shadow = matches!(symbol, Symbol::Extrude { .. } | Symbol::Points { .. }) && reach > 2_000.0;
        let root = commands.spawn((Transform::default(), Visibility::Hidden)).id();
        for built in batches {
            let mut batch = commands.spawn((
                Mesh3d(meshes.add(built.mesh)),
                MeshMaterial3d(material.clone()),
                Transform::from_translation(built.centre),
                Visibility::Inherited,
                Aabb::from_min_max(built.low, built.high),
                Reach(reach * effort.reach),
                stage::layers::<STAGE>(),
                ChildOf(root),
            ));
            if !casts_shadow {
                batch.insert(NotShadowCaster);
            }
        }
        solids.layers.insert(id, SolidLayer { source, root, material });
    }
}

/// Visibility and opacity of whole layers.
fn show_layers<const STAGE: usize>(
    desk: Res<Desk>,
    solids: Res<Solids<STAGE>>,
    mut visibilities: Query<&mut Visibility>,
    mut materials: ResMut<Assets<LitMaterial>>,
) {
    let Some(project) = stage::project::<STAGE>(&desk.session) else { return };
    let xray = desk.session.view.xray;
    for (id, solid) in &solids.layers {
        let Some(layer) = project.layer(id) else { continue };
        // What lies under opaque ground need not be drawn at all.
        let buried = matches!(layer.style.symbol, Symbol::Tube { .. }) && !xray;
        let shown = if layer.visible && !buried { Visibility::Inherited } else { Visibility::Hidden };
        if let Ok(mut visibility) = visibilities.get_mut(solid.root) {
            visibility.set_if_neq(shown);
        }
        let see_through = matches!(layer.style.symbol, Symbol::Extrude { .. }) && xray;
        let alpha = layer.style.opacity * if see_through { 0.3 } else { 1.0 };
        let differs = materials.get(&solid.material).is_some_and(|m| (m.alpha() - alpha).abs() > 1e-3);
        if differs && let Some(mut material) = materials.get_mut(&solid.material) {
            material.set_alpha(alpha);
        }
    }
}

fn show_near_batches(
    camera: Query<&GlobalTransform, With<MainCamera>>,
    mut batches: Query<(&Transform, &Aabb, &Reach, &mut Visibility)>,
) {
    let Ok(eye) = camera.single() else { return };
    for (place, aabb, reach, mut visibility) in &mut batches {
        let centre = place.translation + Vec3::from(aabb.center);
        let gap = (eye.translation() - centre).abs() - Vec3::from(aabb.half_extents);
        let near = gap.max(Vec3::ZERO).length() < reach.0;
        visibility.set_if_neq(if near { Visibility::Inherited } else { Visibility::Hidden });
    }
}

/// All batches of a layer.
fn build(layer: &Layer, terrain: &Grid<f32>, origin: [f64; 2]) -> Vec<Built> {
    use rayon::prelude::*;
    let LayerContent::Features(table) = &layer.content else { return Vec::new() };
    let side = match &layer.style.symbol {
        Symbol::Points { symbol, .. } => f64::from(models::reach_m(*symbol)).clamp(1_000.0, 2_500.0),
        _ => 2_500.0,
    };
    let anchors: Vec<Option<[f64; 2]>> = table
        .geometry
        .iter()
        .map(|shape| measure::anchor(shape).map(|p| [p[0] - origin[0], p[1] - origin[1]]))
        .collect();
    let looks = Looks::of(table, &layer.style.symbol);
    rows_by_square(&anchors, side)
        .into_par_iter()
        .filter_map(|(square, rows)| {
            let (site, centre) = square_centre(square, side);
            let local_origin = [site[0] + origin[0], site[1] + origin[1]];
            let mut batch = Batch::default();
            for row in rows {
                add_row(&mut batch, table, row, &layer.style.symbol, &looks, terrain, local_origin);
            }
            let (mesh, low, high) = batch.into_mesh()?;
            Some(Built { centre, mesh, low, high })
        })
        .collect()
}

/// Colour and size of every row.
struct Looks {
    colors: Vec<[f32; 4]>,
    /// Height of blocks and models, radius of tubes; metres.
    sizes: Vec<f32>,
    depths: Vec<f32>,
}

impl Looks {
    fn of(table: &FeatureTable, symbol: &Symbol) -> Self {
        let (color, size, depth) = match symbol {
            Symbol::Extrude { color, height } | Symbol::Points { color, height, .. } => (color, height, None),
            Symbol::Tube { color, diameter, depth } => (color, diameter, Some(depth)),
            _ => return Self { colors: Vec::new(), sizes: Vec::new(), depths: Vec::new() },
        };
        Self {
            colors: resolve::row_colors(table, color).into_iter().map(resolve::linear).collect(),
            sizes: resolve::row_metres(table, size),
            depths: depth.map_or_else(Vec::new, |d| resolve::row_metres(table, d)),
        }
    }
}

fn add_row(
    batch: &mut Batch,
    table: &FeatureTable,
    row: usize,
    symbol: &Symbol,
    looks: &Looks,
    terrain: &Grid<f32>,
    local_origin: [f64; 2],
) {
    let shape = table.geometry.get(row);
    let to_local = |p: [f64; 2]| [p[0] - local_origin[0], p[1] - local_origin[1]];
    let (color, size) = (looks.colors[row], looks.sizes[row]);
    match symbol {
        Symbol::Extrude { .. } => {
            let grounds = shape.points().iter().map(|p| ground_height(terrain, *p));
            let (low, high) = grounds.fold((f32::MAX, f32::MIN), |(l, h), z| (l.min(z), h.max(z)));
            if low > high {
                return;
            }
            // On a slope the block stands on the middle and its walls reach down to the lowest ground.
            let top_m = f32::midpoint(low, high) + size.max(0.5);
            for part in shape.parts() {
                add_block(batch, &Block { part, base_m: low - 0.5, top_m, color, row }, to_local);
            }
        }
        Symbol::Tube { .. } => {
            let depth = looks.depths[row];
            let radius = (size / 2.0 * TUBE_EXAGGERATION).clamp(0.8, 5.0);
            for ring in shape.rings() {
                let chain: Vec<[f64; 3]> = tubes::densify(ring.points())
                    .into_iter()
                    .map(|p| {
                        let [x, y] = to_local(p);
                        [x, y, f64::from(ground_height(terrain, p) - depth)]
                    })
                    .collect();
                tubes::add_tube(batch, &chain, radius, color);
            }
        }
        Symbol::Points { symbol, .. } => {
            for &p in shape.points() {
                let [x, y] = to_local(p);
                // A buoy floats.
                let foot = Vec3::new(x as f32, ground_height(terrain, p).max(0.0), -y as f32);
                points::add_point(batch, *symbol, foot, size, color, table.ids[row]);
            }
        }
        _ => {}
    }
}
