//! How much the graphics driver is asked for: a software driver draws with the same cores that everything else needs.

use bevy::light::ShadowFilteringMethod;
use bevy::prelude::*;
use bevy::render::renderer::RenderAdapterInfo;
use wgpu_types::DeviceType;

use super::camera::MainCamera;

/// Chosen once, by the kind of driver.
#[derive(Resource, Debug, Clone, Copy, PartialEq)]
pub struct Effort {
    /// Samples of a texture seen at a flat angle; dear in software.
    pub anisotropy: u16,
    /// Texels along a shadow cascade.
    pub shadow_texels: usize,
    /// Shadows reach this far from the eye, metres.
    pub shadow_reach_m: f32,
    pub soft_shadows: bool,
    /// Samples a pixel for smooth edges.
    pub smooth_edges: bool,
    /// Solid things are drawn up to this share of the distance from which they can be told.
    pub reach: f32,
    /// Cells across a large tile of the ground.
    pub tile_cells: usize,
    /// The sea moves, so every frame is drawn.
    pub waves_move: bool,
}

impl Effort {
    const GPU: Self = Self {
        anisotropy: 8,
        shadow_texels: 4096,
        shadow_reach_m: 6_000.0,
        soft_shadows: true,
        smooth_edges: true,
        reach: 1.0,
        tile_cells: 64,
        waves_move: true,
    };
    const SOFTWARE: Self = Self {
        anisotropy: 1,
        shadow_texels: 2048,
        shadow_reach_m: 2_500.0,
        soft_shadows: false,
        smooth_edges: false,
        reach: 0.4,
        tile_cells: 32,
        waves_move: false,
    };
}

pub struct EffortPlugin;

impl Plugin for EffortPlugin {
    fn build(&self, app: &mut App) {
        app.insert_resource(Effort::GPU).add_systems(PreStartup, choose).add_systems(PreUpdate, set_up_camera);
    }
}

fn choose(
    adapter: Option<Res<RenderAdapterInfo>>,
    mut effort: ResMut<Effort>,
    mut shadows: ResMut<bevy::light::DirectionalLightShadowMap>,
) {
    if adapter.is_some_and(|a| a.device_type == DeviceType::Cpu) {
        *effort = Effort::SOFTWARE;
    }
    shadows.size = effort.shadow_texels;
}

fn set_up_camera(effort: Res<Effort>, cameras: Query<Entity, Added<MainCamera>>, mut commands: Commands) {
    for camera in &cameras {
        commands.entity(camera).insert(of_camera(&effort));
    }
}

/// What every camera on the island asks of the driver.
pub(super) fn of_camera(effort: &Effort) -> impl Bundle {
    (
        if effort.soft_shadows { ShadowFilteringMethod::Gaussian } else { ShadowFilteringMethod::Hardware2x2 },
        if effort.smooth_edges { Msaa::Sample4 } else { Msaa::Off },
    )
}
