//! The material of everything solid: matt, lit by sun and sky, lost in haze far away.

use bevy::asset::embedded_asset;
use bevy::pbr::{Material, MaterialPlugin};
use bevy::prelude::*;
use bevy::render::render_resource::{AsBindGroup, ShaderType};
use bevy::shader::ShaderRef;

pub struct LitPlugin;

impl Plugin for LitPlugin {
    fn build(&self, app: &mut App) {
        embedded_asset!(app, "../../../assets/shaders/lit.wgsl");
        app.add_plugins(MaterialPlugin::<LitMaterial>::default());
    }
}

#[derive(Debug, Clone, ShaderType)]
struct LitUniform {
    color: Vec4,
    unlit: f32,
}

/// A texture times the vertex colours times one colour.
#[derive(Asset, TypePath, AsBindGroup, Debug, Clone)]
pub struct LitMaterial {
    #[uniform(0)]
    uniform: LitUniform,
    #[texture(1)]
    #[sampler(2)]
    texture: Option<Handle<Image>>,
    see_through: bool,
}

impl LitMaterial {
    #[must_use]
    pub fn new(texture: Option<Handle<Image>>) -> Self {
        Self { uniform: LitUniform { color: Vec4::ONE, unlit: 0.0 }, texture, see_through: false }
    }

    /// The vertex colours as they are, by day and by night.
    #[must_use]
    pub fn unlit() -> Self {
        Self { uniform: LitUniform { color: Vec4::ONE, unlit: 1.0 }, texture: None, see_through: false }
    }

    pub fn set_texture(&mut self, texture: Handle<Image>) {
        self.texture = Some(texture);
    }

    #[must_use]
    pub fn alpha(&self) -> f32 {
        self.uniform.color.w
    }

    /// 1 is opaque.
    pub fn set_alpha(&mut self, alpha: f32) {
        self.uniform.color.w = alpha;
        self.see_through = alpha < 0.999;
    }
}

impl Material for LitMaterial {
    fn fragment_shader() -> ShaderRef {
        "embedded://island_twin/desktop/view/../../../assets/shaders/lit.wgsl".into()
    }

    fn alpha_mode(&self) -> AlphaMode {
        if self.see_through { AlphaMode::Blend } else { AlphaMode::Opaque }
    }
}
