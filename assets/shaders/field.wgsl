// A simulation's field over the ground: coloured values, shown where a front has come, with lines of equal arrival.

#import bevy_pbr::forward_io::VertexOutput
#import bevy_pbr::mesh_view_bindings::view

struct Field {
    // x, z of the field's north-western corner in the world; its width and height, metres
    extent: vec4<f32>,
    // columns, rows
    size: vec2<f32>,
    // of the values, where the ramp begins and ends
    range: vec2<f32>,
    // seconds of the run: the moment shown, seconds between lines; 0: no lines
    now_s: f32,
    isochrone_s: f32,
    // values are multiplied by this
    factor: f32,
    opacity: f32,
    // x: from this uncertainty on (in the second texture then) the field is hatched; 0: nowhere
    doubt: vec4<f32>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> field: Field;
@group(#{MATERIAL_BIND_GROUP}) @binding(1) var values: texture_2d<f32>;
@group(#{MATERIAL_BIND_GROUP}) @binding(2) var arrivals: texture_2d<f32>;
@group(#{MATERIAL_BIND_GROUP}) @binding(3) var ramp: texture_2d<f32>;
@group(#{MATERIAL_BIND_GROUP}) @binding(4) var ramp_sampler: sampler;

// The cells' value at a place between their centres, and the share of cells that have one. Missing cells are -1e30.
fn at(cells: texture_2d<f32>, p: vec2<f32>) -> vec2<f32> {
    let low = floor(p - 0.5);
    let t = p - 0.5 - low;
    var sum = vec2<f32>(0.0);
    for (var i = 0u; i < 4u; i++) {
        let step = vec2<f32>(f32(i & 1u), f32(i >> 1u));
        let cell = clamp(low + step, vec2<f32>(0.0), field.size - 1.0);
        let value = textureLoad(cells, vec2<i32>(cell), 0).r;
        let weights = mix(1.0 - t, t, step);
        let weight = select(0.0, weights.x * weights.y, value > -1e29);
        sum += vec2<f32>(value * weight, weight);
    }
    return vec2<f32>(sum.x / max(sum.y, 1e-6), sum.y);
}

@fragment
fn fragment(in: VertexOutput) -> @location(0) vec4<f32> {
    let p = (in.world_position.xz - field.extent.xy) / field.extent.zw * field.size;
    let arrival = at(arrivals, p);
    let lines = arrival.x / max(field.isochrone_s, 1.0);
    let step = fwidth(lines);
    let value = at(values, p);
    if any(p < vec2<f32>(0.0)) || any(p > field.size) || value.y < 0.5 || dot(in.world_normal, in.world_normal) < 0.95 {
        discard;
    }
    let reading = value.x * field.factor;
    var color = textureSampleLevel(ramp, ramp_sampler,
        vec2<f32>((reading - field.range.x) / (field.range.y - field.range.x), 0.5), 0.0).rgb;
    var alpha = field.opacity;
    if field.isochrone_s > 0.0 {
        if arrival.y < 0.5 || arrival.x > field.now_s {
            discard;
        }
        // The flames: what was reached just now glows.
        let glow = exp(-(field.now_s - arrival.x) / (field.isochrone_s * 0.12));
        color = mix(color, vec3<f32>(1.0, 0.82, 0.25), glow * 0.9);
        alpha = mix(alpha, 0.95, glow);
        let off = abs(fract(lines + 0.5) - 0.5);
        let line = 1.0 - smoothstep(step * 0.6, step * 1.5, off);
        color = mix(color, vec3<f32>(0.08, 0.02, 0.02), line * 0.75 * select(0.0, 1.0, lines > 0.5));
        alpha = max(alpha, line * 0.9 * select(0.0, 1.0, lines > 0.5));
    } else if reading < field.range.x {
        discard;
    }
    if field.doubt.x > 0.0 && arrival.y >= 0.5 && arrival.x > field.doubt.x {
        // Nobody knows: grey stripes, half see-through.
        let stripe = fract((in.position.x + in.position.y) / 12.0);
        color = mix(color, vec3<f32>(0.45, 0.45, 0.45), 0.75);
        alpha = select(0.12, 0.6, stripe < 0.4);
    }
    // Slopes keep their shape under the colour.
    return vec4<f32>(color * (0.55 + 0.45 * in.world_normal.y), alpha);
}
