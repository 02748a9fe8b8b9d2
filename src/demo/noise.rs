//! Gradient noise (Perlin 1985, "An image synthesizer", with the quintic fade of Perlin 2002), keyed so that every
//! value depends only on seed, stream and place.

use crate::base::rng::KeyedRng;

#[derive(Debug, Clone, Copy)]
pub struct Noise {
    rng: KeyedRng,
}

impl Noise {
    #[must_use]
    pub const fn new(seed: u64, stream: u64) -> Self {
        Self { rng: KeyedRng::new(seed, stream) }
    }

    /// About -0.7 to 0.7; one feature a unit.
    #[must_use]
    pub fn value(self, x: f64, y: f64) -> f64 {
        let (x0, y0) = (x.floor(), y.floor());
        let (fx, fy) = (x - x0, y - y0);
        let corner = |dx: f64, dy: f64| {
            let index = ((x0 + dx) as i64 as u64).wrapping_mul(0x1_0000_0001).wrapping_add((y0 + dy) as i64 as u64);
            let bits = self.rng.bits(0, index);
            let (gx, gy) = GRADIENTS[(bits >> 61) as usize];
            gx * (fx - dx) + gy * (fy - dy)
        };
        let fade = |t: f64| t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
        let lerp = |a: f64, b: f64, t: f64| (b - a).mul_add(t, a);
        let (u, v) = (fade(fx), fade(fy));
        lerp(lerp(corner(0.0, 0.0), corner(1.0, 0.0), u), lerp(corner(0.0, 1.0), corner(1.0, 1.0), u), v)
    }

    /// Sum of octaves, each of half the size and half the height of the one before.
    #[must_use]
    pub fn fractal(self, x: f64, y: f64, octaves: u32) -> f64 {
        let (mut sum, mut size, mut amplitude) = (0.0, 1.0, 1.0);
        for octave in 0..octaves {
            let shift = f64::from(octave) * 17.3;
            sum += amplitude * self.value(x * size + shift, y * size - shift);
            size *= 2.0;
            amplitude *= 0.5;
        }
        sum
    }

    /// 0 to 1 with sharp crests, as mountain ridges (Musgrave 1993).
    #[must_use]
    pub fn ridged(self, x: f64, y: f64, octaves: u32) -> f64 {
        let (mut sum, mut size, mut amplitude, mut total) = (0.0, 1.0, 1.0, 0.0);
        for octave in 0..octaves {
            let shift = f64::from(octave) * 31.7;
            let crest = 1.0 - (1.6 * self.value(x * size + shift, y * size - shift)).abs().min(1.0);
            sum += amplitude * crest * crest;
            total += amplitude;
            size *= 2.1;
            amplitude *= 0.5;
        }
        sum / total
    }
}

const D: f64 = std::f64::consts::FRAC_1_SQRT_2;
const GRADIENTS: [(f64, f64); 8] =
    [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0), (D, D), (-D, D), (D, -D), (-D, -D)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_smooth_and_centred() {
        let noise = Noise::new(1, 2);
        let n = 20_000;
        let values: Vec<f64> = (0..n).map(|i| noise.value(f64::from(i) * 0.013, f64::from(i % 97) * 0.31)).collect();
        let mean = values.iter().sum::<f64>() / f64::from(n);
        assert!(mean.abs() < 0.05, "{mean}");
        assert!((noise.value(3.0 - 1e-6, 0.4) - noise.value(3.0 + 1e-6, 0.4)).abs() < 1e-4);
        assert_eq!(noise.value(5.0, -7.0), 0.0);
    }
}
