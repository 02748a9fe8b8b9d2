//! The bare ground under all layers: colours by height, a little broken up so that large flats do not look dead.

use crate::base::rng::KeyedRng;
use crate::geo::grid::Grid;
use crate::model::style::Rgba;

use super::super::resolve::ramp_color;
use super::tile_mesh::ground_height;

/// Sea floor, beach, lowland, forest, ridge.
const STOPS: [(f64, Rgba); 9] = [
    (-30.0, Rgba::opaque(38, 78, 96)),
    (-8.0, Rgba::opaque(112, 158, 152)),
    (-1.5, Rgba::opaque(205, 205, 165)),
    (0.5, Rgba::opaque(232, 218, 178)),
    (3.0, Rgba::opaque(196, 204, 148)),
    (30.0, Rgba::opaque(142, 176, 112)),
    (150.0, Rgba::opaque(98, 146, 88)),
    (400.0, Rgba::opaque(78, 124, 76)),
    (600.0, Rgba::opaque(108, 132, 92)),
];

/// Opaque RGBA of a square of the ground, row 0 in the north.
#[must_use]
pub fn paint(terrain: &Grid<f32>, crs_bounds: [f64; 4], pixels: usize) -> Vec<u8> {
    let [west, _, east, north] = crs_bounds;
    let step = (east - west) / pixels as f64;
    let mut out = Vec::with_capacity(pixels * pixels * 4);
    for row in 0..pixels {
        let y = (row as f64 + 0.5).mul_add(-step, north);
        for col in 0..pixels {
            let x = (col as f64 + 0.5).mul_add(step, west);
            let color = ramp_color(&STOPS, f64::from(ground_height(terrain, [x, y])));
            out.extend([color.0, color.1, color.2, 255]);
        }
    }
    out
}

/// Darkens and lightens the ground by some per cent in soft patches of two sizes, the same at every zoom. Four by
/// four texels share a value: the patches are far larger, and noise is dear.
pub fn grain(rgba: &mut [u8], crs_bounds: [f64; 4], pixels: usize) {
    const BLOCK: usize = 4;
    let [west, _, east, north] = crs_bounds;
    let step = (east - west) / pixels as f64;
    let fine = step < 0.6;
    let blocks = pixels.div_ceil(BLOCK);
    let middle = |i: usize| ((i * BLOCK) as f64 + BLOCK as f64 / 2.0) * step;
    let gains: Vec<f32> = (0..blocks * blocks)
        .map(|i| {
            let (x, y) = (west + middle(i % blocks), north - middle(i / blocks));
            let soft = 0.07 * value_noise(x / 130.0, y / 130.0);
            (1.0 + soft + if fine { 0.06 * value_noise(x / 9.0, y / 9.0) } else { 0.0 }) as f32
        })
        .collect();
    for (i, pixel) in rgba.chunks_exact_mut(4).enumerate() {
        let gain = gains[i / pixels / BLOCK * blocks + i % pixels / BLOCK];
        for channel in &mut pixel[..3] {
            *channel = (f32::from(*channel) * gain).min(255.0) as u8;
        }
    }
}

/// -1 to 1, smooth between random values at whole numbers.
fn value_noise(x: f64, y: f64) -> f64 {
    const RNG: KeyedRng = KeyedRng::new(1, 0x67_7261_696e);
    let (x0, y0) = (x.floor(), y.floor());
    let smooth = |t: f64| t * t * 2.0f64.mul_add(-t, 3.0);
    let (fx, fy) = (smooth(x - x0), smooth(y - y0));
    let at = |dx: f64, dy: f64| RNG.range((x0 + dx) as i64 as u64, (y0 + dy) as i64 as u64, -1.0, 1.0);
    let lerp = |a: f64, b: f64, t: f64| (b - a).mul_add(t, a);
    lerp(lerp(at(0.0, 0.0), at(1.0, 0.0), fx), lerp(at(0.0, 1.0), at(1.0, 1.0), fx), fy)
}
