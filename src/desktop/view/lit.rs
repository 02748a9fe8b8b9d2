//! The material of everything solid: matt, lit by sun and sky, lost in haze far away.

use bevy::asset::embedded_asset;
use bevy::mesh::MeshVertexBufferLayoutRef;
use bevy::pbr::{Material, MaterialPipeline, MaterialPipelineKey, MaterialPlugin};
use bevy::prelude::*;
use bevy::render::render_resource::{AsBindGroup, RenderPipelineDescriptor, ShaderType, SpecializedMeshPipelineError};
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
#[bind_group_data(LitKey)]
pub struct LitMaterial {
    #[uniform(0)]
    uniform: LitUniform,
    #[texture(1)]
    #[sampler(2)]
    texture: Option<Handle<Image>>,
    see_through: bool,
}

/// What needs a shader of its own: one that may discard pixels is drawn without the early test of depth, which costs a
/// software driver every hidden pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LitKey {
    see_through: bool,
}

impl From<&LitMaterial> for LitKey {
    fn from(material: &LitMaterial) -> Self {
        Self { see_through: material.see_through }
    }
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

    fn specialize(
        _: &MaterialPipeline,
        descriptor: &mut RenderPipelineDescriptor,
        _: &MeshVertexBufferLayoutRef,
        key: MaterialPipelineKey<Self>,
    ) -> Result<(), SpecializedMeshPipelineError> {
        if let Some(fragment) = descriptor.fragment.as_mut().filter(|_| key.bind_group_data.see_through) {
            fragment.shader_defs.push("SEE_THROUGH".into());
        }
        Ok(())
    }
}
