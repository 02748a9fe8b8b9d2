//! The repeating picture of waves that the sea bends light with: drawn once, since a shader that made waves for every
//! pixel would keep a software driver busier than all the rest of the picture.

use bevy::image::{Image, ImageAddressMode};
use bevy::render::render_resource::{Extent3d, TextureFormat};

use super::ground::paint::with_mips;
use super::ground::plugin::mipped_image;
use crate::base::rng::KeyedRng;

const PIXELS: usize = 128;
const WAVES: u64 = 28;

/// Slope towards +x and +z, and height: bytes about 128. Far away the mip levels calm it by themselves.
#[must_use]
pub fn image() -> Image {
    let mut image = mipped_image(
        with_mips(texels(), PIXELS),
        Extent3d { width: PIXELS as u32, height: PIXELS as u32, depth_or_array_layers: 1 },
        ImageAddressMode::Repeat,
        1,
    );
    image.texture_descriptor.format = TextureFormat::Rgba8Unorm;
    image
}

/// A sum of sines whose lengths divide the picture's side, so that it repeats without a seam.
fn texels() -> Vec<u8> {
    let rng = KeyedRng::new(11, 0);
    let waves: Vec<[f32; 4]> = (0..WAVES)
        .map(|i| {
            // More long waves than short ones; heights fall with the length, as at sea.
            let number = rng.range(0, i, 1.0, 4.6).exp2();
            let heading = rng.range(1, i, 0.0, std::f64::consts::TAU);
            let [kx, ky] = [(number * heading.cos()).round(), (number * heading.sin()).round()];
            let height = 1.0 / kx.hypot(ky).max(1.0);
            [kx, ky, rng.range(2, i, 0.0, std::f64::consts::TAU), height].map(|v| v as f32)
        })
        .collect();
    let spread = |of: fn(&[f32; 4]) -> f32| waves.iter().map(|w| of(w).powi(2)).sum::<f32>().sqrt().max(1e-6);
    let (steepness, swell) = (spread(|w| w[3] * w[0].hypot(w[1])), spread(|w| w[3]));
    let byte = |v: f32| (v * 90.0 + 128.0).clamp(0.0, 255.0) as u8;
    (0..PIXELS * PIXELS)
        .flat_map(|i| {
            let [x, y] = [i % PIXELS, i / PIXELS].map(|v| v as f32 / PIXELS as f32 * std::f32::consts::TAU);
            let (mut slope_x, mut slope_y, mut height) = (0.0, 0.0, 0.0);
            for [kx, ky, phase, high] in &waves {
                let (sin, cos) = (kx * x + ky * y + phase).sin_cos();
                slope_x += high * kx * cos;
                slope_y += high * ky * cos;
                height += high * sin;
            }
            [byte(slope_x / steepness), byte(slope_y / steepness), byte(height / swell), 255]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waves_repeat_without_a_seam_and_are_level_in_the_mean() {
        let texels = texels();
        let at = |x: usize, y: usize, k: usize| i32::from(texels[(y * PIXELS + x) * 4 + k]);
        for k in 0..3 {
            let mean = (0..PIXELS * PIXELS).map(|i| i32::from(texels[i * 4 + k])).sum::<i32>() as f32;
            assert!((mean / (PIXELS * PIXELS) as f32 - 128.0).abs() < 4.0, "channel {k}");
            let inside = (0..PIXELS).map(|y| (at(63, y, k) - at(64, y, k)).abs()).max();
            let seam = (0..PIXELS).map(|y| (at(PIXELS - 1, y, k) - at(0, y, k)).abs()).max();
            assert!(seam <= inside.map(|d| d * 2 + 8), "channel {k}: {seam:?} after {inside:?}");
        }
    }
}
