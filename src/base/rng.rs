//! Random numbers keyed by (seed, stream, step, index): any number can be drawn in any order, on any thread,
//! and is always the same.
//!
//! The mixing function is SplitMix64's finaliser (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number
//! generators", fig. 14, constants of Stafford's variant 13), applied once per key part.

/// A source of random numbers for one purpose (`stream`) of one run (`seed`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyedRng {
    key: u64,
}

impl KeyedRng {
    #[must_use]
    pub const fn new(seed: u64, stream: u64) -> Self {
        Self { key: mix(mix(seed).wrapping_add(stream)) }
    }

    /// 64 random bits for (step, index).
    #[must_use]
    pub const fn bits(self, step: u64, index: u64) -> u64 {
        mix(mix(self.key.wrapping_add(step)).wrapping_add(index))
    }

    /// Uniform in [0, 1).
    #[must_use]
    pub fn unit(self, step: u64, index: u64) -> f64 {
        (self.bits(step, index) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform in [low, high).
    #[must_use]
    pub fn range(self, step: u64, index: u64, low: f64, high: f64) -> f64 {
        self.unit(step, index).mul_add(high - low, low)
    }

    /// Uniform integer in [0, n); `n` must not be 0.
    #[must_use]
    pub fn below(self, step: u64, index: u64, n: u64) -> u64 {
        // The high half of a 128-bit product; the bias is below n / 2^64.
        ((u128::from(self.bits(step, index)) * u128::from(n)) >> 64) as u64
    }

    /// Standard normal (Box & Muller 1958); uses two draws of its own stream.
    #[must_use]
    pub fn normal(self, step: u64, index: u64) -> f64 {
        let second = Self { key: mix(self.key ^ 0x6e6f_726d_616c) };
        let radius = (-2.0 * (1.0 - self.unit(step, index)).ln()).sqrt();
        radius * (std::f64::consts::TAU * second.unit(step, index)).cos()
    }
}

const fn mix(key: u64) -> u64 {
    let mut z = key.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unit_draws_have_the_uniform_mean_and_variance() {
        let rng = KeyedRng::new(7, 1);
        let n = 100_000_u32;
        let draws: Vec<f64> = (0..n).map(|i| rng.unit(3, u64::from(i))).collect();
        let mean = draws.iter().sum::<f64>() / f64::from(n);
        let variance = draws.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / f64::from(n);
        // Standard errors: 0.0009 and 0.0002.
        assert!((mean - 0.5).abs() < 0.005, "{mean}");
        assert!((variance - 1.0 / 12.0).abs() < 0.001, "{variance}");
    }

    #[test]
    fn normal_draws_have_unit_variance() {
        let rng = KeyedRng::new(7, 2);
        let n = 100_000_u32;
        let mean_square = (0..n).map(|i| rng.normal(0, u64::from(i)).powi(2)).sum::<f64>() / f64::from(n);
        assert!((mean_square - 1.0).abs() < 0.02, "{mean_square}");
    }

    #[test]
    fn key_parts_do_not_stand_in_for_each_other() {
        let a = KeyedRng::new(1, 2);
        assert_ne!(a.bits(3, 4), a.bits(4, 3));
        assert_ne!(a.bits(3, 4), KeyedRng::new(2, 1).bits(3, 4));
        assert_eq!(a.bits(3, 4), KeyedRng::new(1, 2).bits(3, 4));
        assert!((0..1000).all(|i| a.below(0, i, 7) < 7));
    }
}
