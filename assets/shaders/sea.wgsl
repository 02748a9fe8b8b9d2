// The sea: shallow water lets the sea floor through and turns turquoise, deep water mirrors the sky.

#import bevy_pbr::forward_io::VertexOutput
#import bevy_pbr::mesh_view_bindings::{view, globals, fog}
#import bevy_pbr::fog::exponential_squared_fog

struct Sea {
    // w: 1 where the waves move, 0 where they stand still
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
@group(#{MATERIAL_BIND_GROUP}) @binding(3) var waves_texture: texture_2d<f32>;
@group(#{MATERIAL_BIND_GROUP}) @binding(4) var waves_sampler: sampler;

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

    // Long and short waves run past each other. Far away the mip levels level them; they are gone before they flicker.
    let t = globals.time * sea.to_sun.w;
    let swell = textureSample(waves_texture, waves_sampler, world.xz / 173.0 + t * vec2<f32>(0.011, 0.006)).rgb;
    let ripple = textureSample(waves_texture, waves_sampler, world.zx / 47.0 - t * vec2<f32>(0.019, 0.013)).rgb;
    let calm = exp(-distance / 2500.0);
    let slope = ((swell.rg - 0.5) + (ripple.gr - 0.5) * 0.7) * 0.30 * calm;
    let h = (swell.b - 0.5) + (ripple.b - 0.5) * 0.5;
    let n = normalize(vec3<f32>(-slope.x, 1.0, -slope.y));

    let light = 0.25 + 0.75 * max(sea.sun.g, max(sea.zenith.b, 0.04));
    let shallow = vec3<f32>(0.10, 0.50, 0.50) * light;
    let deep = vec3<f32>(0.012, 0.105, 0.20) * light;
    let clear = exp(-depth * 0.20);
    let body = mix(deep, shallow, clear) * (1.0 + 0.22 * h * calm);

    let facing = clamp(dot(n, v), 0.0, 1.0);
    let fresnel = 0.02 + 0.98 * pow(1.0 - facing, 5.0);
    let mirrored = reflect(-v, n);
    let sky = mix(sea.horizon.rgb, sea.zenith.rgb, clamp(mirrored.y * 1.6, 0.0, 1.0));
    // What is a mirror nearby is thousands of tilted facets far away: their glitter is wide and faint.
    let shine = mix(40.0, 180.0, calm);
    let glint = pow(max(dot(mirrored, sea.to_sun.xyz), 0.0), shine) * mix(0.16, 1.1, calm);
    var color = mix(body, sky, fresnel * 0.75) + sea.sun.rgb * glint * step(0.0, sea.to_sun.y);

    // A thin light line where the waves run out.
    let foam = smoothstep(0.75, 0.0, depth) * (0.7 + 0.5 * h) * calm * light;
    color += vec3<f32>(foam * 0.35);

    let alpha = clamp(mix(1.0 - exp(-depth * 0.33), 1.0, fresnel) + foam * 0.3, 0.0, 1.0);
    let hazy = exponential_squared_fog(fog, vec4<f32>(color, 1.0), distance, vec3<f32>(0.0));
    return vec4<f32>(hazy.rgb, max(alpha, 1.0 - exp(-distance / 120000.0)));
}
