// The sea: shallow water lets the sea floor through and turns turquoise, deep water mirrors the sky.

#import bevy_pbr::forward_io::VertexOutput
#import bevy_pbr::mesh_view_bindings::{view, globals, fog}
#import bevy_pbr::fog::exponential_squared_fog

struct Sea {
    to_sun: vec4<f32>,
    sun: vec4<f32>,
    zenith: vec4<f32>,
    horizon: vec4<f32>,
    // x, z of the depth texture's north-western corner in the world; its width and height, metres
    extent: vec4<f32>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> sea: Sea;
@group(#{MATERIAL_BIND_GROUP}) @binding(1) var depth_texture: texture_2d<f32>;
@group(#{MATERIAL_BIND_GROUP}) @binding(2) var depth_sampler: sampler;

fn hash(p: vec2<f32>) -> f32 {
    var q = fract(p * vec2<f32>(123.34, 456.21));
    q += dot(q, q + 45.32);
    return fract(q.x * q.y);
}

fn noise(p: vec2<f32>) -> f32 {
    let i = floor(p);
    let f = fract(p);
    let u = f * f * (3.0 - 2.0 * f);
    let a = mix(hash(i), hash(i + vec2<f32>(1.0, 0.0)), u.x);
    let b = mix(hash(i + vec2<f32>(0.0, 1.0)), hash(i + vec2<f32>(1.0, 1.0)), u.x);
    return mix(a, b, u.y);
}

fn waves(p: vec2<f32>, time: f32) -> f32 {
    return noise(p * 0.055 + vec2<f32>(time * 0.10, time * 0.06))
        + 0.5 * noise(p * 0.16 - vec2<f32>(time * 0.16, time * 0.09))
        + 0.25 * noise(p * 0.43 + vec2<f32>(time * 0.21, -time * 0.17));
}

@fragment
fn fragment(in: VertexOutput) -> @location(0) vec4<f32> {
    let world = in.world_position.xyz;
    let to_eye = view.world_position - world;
    let distance = length(to_eye);
    let v = to_eye / max(distance, 1.0);

    // Depth in metres; beyond the chart it is deep. Alpha 0.25 a metre of the texture's 8 bits.
    let uv = (world.xz - sea.extent.xy) / sea.extent.zw;
    let inside = all(uv > vec2<f32>(0.0)) && all(uv < vec2<f32>(1.0));
    var depth = textureSampleLevel(depth_texture, depth_sampler, uv, 0.0).r * 25.5;
    // Towards the chart's edge the sea floor falls away, so that the edge does not show.
    let margin = min(min(uv.x, 1.0 - uv.x), min(uv.y, 1.0 - uv.y));
    depth = mix(25.5, depth, select(0.0, smoothstep(0.0, 0.07, margin), inside));

    // Waves die out with distance, where they would only flicker.
    let calm = exp(-distance / 2500.0);
    let e = 1.6;
    let t = globals.time;
    let h = waves(world.xz, t);
    let dx = waves(world.xz + vec2<f32>(e, 0.0), t) - h;
    let dz = waves(world.xz + vec2<f32>(0.0, e), t) - h;
    let n = normalize(vec3<f32>(-dx * 0.5 * calm, 1.0, -dz * 0.5 * calm));

    let light = 0.25 + 0.75 * max(sea.sun.g, max(sea.zenith.b, 0.04));
    let shallow = vec3<f32>(0.10, 0.50, 0.50) * light;
    let deep = vec3<f32>(0.012, 0.105, 0.20) * light;
    let clear = exp(-depth * 0.20);
    let body = mix(deep, shallow, clear) * (0.92 + 0.16 * (h - 0.87) * calm);

    let facing = clamp(dot(n, v), 0.0, 1.0);
    let fresnel = 0.02 + 0.98 * pow(1.0 - facing, 5.0);
    let mirrored = reflect(-v, n);
    let sky = mix(sea.horizon.rgb, sea.zenith.rgb, clamp(mirrored.y * 1.6, 0.0, 1.0));
    let glint = pow(max(dot(mirrored, sea.to_sun.xyz), 0.0), 180.0) * 1.2;
    var color = mix(body, sky, fresnel * 0.75) + sea.sun.rgb * glint * step(0.0, sea.to_sun.y);

    // A thin light line where the waves run out.
    let foam = smoothstep(0.75, 0.0, depth) * (0.35 + 0.4 * h) * calm * light;
    color += vec3<f32>(foam * 0.35);

    let alpha = clamp(mix(1.0 - exp(-depth * 0.33), 1.0, fresnel) + foam * 0.3, 0.0, 1.0);
    let hazy = exponential_squared_fog(fog, vec4<f32>(color, 1.0), distance, vec3<f32>(0.0));
    return vec4<f32>(hazy.rgb, max(alpha, 1.0 - exp(-distance / 120000.0)));
}
