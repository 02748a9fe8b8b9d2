// Vehicles: boxes put where a texture says, drawn larger from afar so that they stay visible.

#import bevy_pbr::forward_io::{Vertex, VertexOutput}
#import bevy_pbr::mesh_view_bindings::{view, lights, fog}
#import bevy_pbr::fog::exponential_squared_fog
#import bevy_pbr::view_transformations::position_world_to_clip

// x: how many there are
@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> count: vec4<f32>;
// two texels each: east, up, south, heading (anticlockwise from east); kind, a number of its own, metres right of the middle
@group(#{MATERIAL_BIND_GROUP}) @binding(1) var places: texture_2d<f32>;

const PI: f32 = 3.14159265;
const TEXELS_A_ROW: u32 = 256u;
// From afar a vehicle is as long as this part of its distance, but at most so many times itself.
const LEAST_LENGTH: f32 = 0.006;
const LARGEST: f32 = 9.0;

fn texel(number: u32) -> vec4<f32> {
    return textureLoad(places, vec2<u32>(number % TEXELS_A_ROW, number / TEXELS_A_ROW), 0);
}

// Half length, height and half width of a car, a motorbike and a truck, metres.
fn size_of(kind: f32) -> vec3<f32> {
    if kind > 1.5 {
        return vec3<f32>(4.0, 2.9, 1.2);
    }
    if kind > 0.5 {
        return vec3<f32>(0.95, 1.5, 0.4);
    }
    return vec3<f32>(2.15, 1.5, 0.9);
}

@vertex
fn vertex(in: Vertex) -> VertexOutput {
    var out: VertexOutput;
    let number = u32(in.uv.x + 0.5);
    let place = texel(number * 2u);
    let traits = texel(number * 2u + 1u);
    let size = size_of(traits.x);
    let forward = vec3<f32>(cos(place.w), 0.0, -sin(place.w));
    let right = vec3<f32>(-forward.z, 0.0, forward.x);
    let away = distance(view.world_position, place.xyz);
    let larger = clamp(LEAST_LENGTH * away / (2.0 * size.x), 1.0, LARGEST);
    var corner = in.position * size * larger;
    // Narrower above: a cabin, a rider; trucks are boxes.
    if in.position.y > 0.5 && traits.x < 1.5 {
        corner *= select(vec3<f32>(0.55, 1.0, 0.86), vec3<f32>(0.35, 1.0, 0.8), traits.x > 0.5);
    }
    let world = place.xyz + right * (traits.z * min(larger, 2.5) + corner.z) + forward * corner.x
        + vec3<f32>(0.0, corner.y, 0.0);
    out.world_position = vec4<f32>(world, 1.0);
    out.world_normal = forward * in.normal.x + right * in.normal.z + vec3<f32>(0.0, in.normal.y, 0.0);
    out.uv = traits.xy;
    out.position = position_world_to_clip(world);
    if in.uv.x >= count.x {
        // Behind the eye.
        out.position = vec4<f32>(0.0, 0.0, -2.0, 1.0);
    }
    return out;
}

fn paint(kind: f32, own: f32) -> vec3<f32> {
    if kind > 1.5 {
        return mix(vec3<f32>(0.95, 0.66, 0.10), vec3<f32>(0.80, 0.33, 0.06), own);
    }
    if kind > 0.5 {
        return mix(vec3<f32>(0.90, 0.10, 0.16), vec3<f32>(0.62, 0.08, 0.20), own);
    }
    return mix(vec3<f32>(0.92, 0.93, 0.95), vec3<f32>(0.25, 0.30, 0.36), own * own);
}

@fragment
fn fragment(in: VertexOutput) -> @location(0) vec4<f32> {
    let color = paint(in.uv.x, in.uv.y);
    let normal = normalize(in.world_normal + vec3<f32>(0.0, 1e-4, 0.0));
    let sun = lights.directional_lights[0];
    let direct = sun.color.rgb * (view.exposure / PI) * max(dot(normal, sun.direction_to_light), 0.0);
    let sky = lights.ambient_color.rgb * view.exposure * (0.78 + 0.22 * normal.y);
    // Their lights by night: nobody drives unseen.
    let light = max(direct + sky, vec3<f32>(0.28));
    let away = distance(view.world_position, in.world_position.xyz);
    return exponential_squared_fog(fog, vec4<f32>(color * light, 1.0), away, vec3<f32>(0.0));
}
