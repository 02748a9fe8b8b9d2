// Ground, blocks, tubes, models and sky: matt surfaces in sunlight, skylight and haze. Much smaller than a
// physically based shader, so that software drivers compile and draw it quickly too.

#import bevy_pbr::forward_io::VertexOutput
#import bevy_pbr::mesh_view_bindings::{view, lights, fog}
#import bevy_pbr::fog::exponential_squared_fog
#import bevy_pbr::shadows::fetch_directional_shadow
#import bevy_pbr::view_transformations::position_world_to_view

struct Lit {
    color: vec4<f32>,
    // 1: neither light nor haze, the colour as it is
    unlit: f32,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> lit: Lit;
@group(#{MATERIAL_BIND_GROUP}) @binding(1) var color_texture: texture_2d<f32>;
@group(#{MATERIAL_BIND_GROUP}) @binding(2) var color_sampler: sampler;

const PI: f32 = 3.14159265;

@fragment
fn fragment(in: VertexOutput) -> @location(0) vec4<f32> {
    var color = lit.color * textureSample(color_texture, color_sampler, in.uv);
#ifdef VERTEX_COLORS
    color *= in.color;
#endif
    if lit.unlit > 0.5 {
        return color;
    }
#ifdef SEE_THROUGH
    // The skirts of tiles end in normals of no length; through glass they would show as seams.
    if dot(in.world_normal, in.world_normal) < 0.95 {
        discard;
    }
#endif
    let normal = normalize(in.world_normal + vec3<f32>(0.0, 1e-4, 0.0));
    let sun = lights.directional_lights[0];
    let facing = max(dot(normal, sun.direction_to_light), 0.0);
    var shadow = 1.0;
    // Bit 0: shadows are on.
    if facing > 0.0 && (sun.flags & 1u) != 0u {
        let view_z = position_world_to_view(in.world_position.xyz).z;
        shadow = fetch_directional_shadow(0u, in.world_position, normal, view_z, in.position.xy);
    }
    let direct = sun.color.rgb * (view.exposure / PI) * facing * shadow;
    let sky = lights.ambient_color.rgb * view.exposure * (0.78 + 0.22 * normal.y);
    let bright = vec4<f32>(color.rgb * (direct + sky), color.a);
    let distance = length(view.world_position - in.world_position.xyz);
    return exponential_squared_fog(fog, bright, distance, vec3<f32>(0.0));
}
