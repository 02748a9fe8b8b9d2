//! What a link costs at a volume: the curves of the Bureau of Public Roads and of Spiess.
//!
//! Time and volume have the units of the problem: minutes and vehicles an hour in most published networks, seconds
//! and PCU an hour in ours.

use serde::{Deserialize, Serialize};

/// A volume-delay curve of one link.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LinkCost {
    /// Cost of an empty link, what does not depend on the volume (tolls, distance) included.
    pub free: f64,
    /// What the curve below is multiplied by.
    scale: f64,
    per_capacity: f64,
    power: f64,
    curve: Curve,
}

/// By which curve links fill.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Delay {
    /// As each link says.
    #[default]
    Bpr,
    /// Of this steepness, wherever a link's time depends on its volume.
    Conical(f64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Curve {
    Constant,
    /// Power 4, by far the most common.
    Fourth,
    Power,
    Conical,
    /// The conical curve's marginal cost.
    ConicalMarginal,
}

impl LinkCost {
    /// t = t0 (1 + b (v / c)^p) (Bureau of Public Roads 1964, Traffic Assignment Manual), for b, p >= 0.
    #[must_use]
    pub fn bpr(free_time: f64, b: f64, power: f64, capacity: f64) -> Self {
        let scale = free_time * b;
        if scale == 0.0 || power == 0.0 {
            // v^0 is 1, at no volume too.
            let free = if power == 0.0 { free_time + scale } else { free_time };
            return Self { free, scale: 0.0, per_capacity: 0.0, power: 0.0, curve: Curve::Constant };
        }
        let curve = if power == 4.0 { Curve::Fourth } else { Curve::Power };
        Self { free: free_time, scale, per_capacity: 1.0 / capacity, power, curve }
    }

    /// t = t0 (2 + sqrt(a² (1 - v/c)² + b²) - a (1 - v/c) - b), b = (2a - 1) / (2a - 2) (Spiess 1990,
    /// Transportation Science 24(2), eq. 11), for a > 1: twice the free time at capacity, and no steeper than a
    /// straight line beyond. t at no volume is t0.
    #[must_use]
    pub fn conical(free_time: f64, a: f64, capacity: f64) -> Self {
        Self { free: free_time, scale: free_time, per_capacity: 1.0 / capacity, power: a, curve: Curve::Conical }
    }

    /// Adds what does not depend on the volume.
    #[must_use]
    pub fn plus(self, fixed: f64) -> Self {
        Self { free: self.free + fixed, ..self }
    }

    /// t + v t': an equilibrium of these costs is a system optimum (Beckmann, McGuire & Winsten 1956, ch. 4).
    #[must_use]
    pub fn marginal(self) -> Self {
        match self.curve {
            Curve::Constant => self,
            Curve::Fourth | Curve::Power => Self { scale: self.scale * (self.power + 1.0), ..self },
            Curve::Conical | Curve::ConicalMarginal => Self { curve: Curve::ConicalMarginal, ..self },
        }
    }

    #[must_use]
    pub fn is_constant(&self) -> bool {
        self.curve == Curve::Constant
    }

    /// Whether the curve starts upright, so that a tangent at no volume says nothing.
    #[must_use]
    pub fn starts_upright(&self) -> bool {
        self.curve == Curve::Power && self.power < 1.0
    }

    #[must_use]
    #[inline]
    pub fn cost(&self, volume: f64) -> f64 {
        self.cost_and_slope(volume).0
    }

    /// Cost, and its derivative by the volume.
    #[must_use]
    #[inline]
    pub fn cost_and_slope(&self, volume: f64) -> (f64, f64) {
        let r = volume * self.per_capacity;
        match self.curve {
            Curve::Constant => (self.free, 0.0),
            Curve::Fourth => {
                let third = self.scale * r * r * r;
                (third.mul_add(r, self.free), 4.0 * third * self.per_capacity)
            }
            Curve::Power => {
                let below = self.scale * r.powf(self.power - 1.0);
                // 0^-0.5 is infinite, and infinity times 0 is not a number.
                let cost = if r > 0.0 { below.mul_add(r, self.free) } else { self.free };
                (cost, self.power * below * self.per_capacity)
            }
            Curve::Conical => {
                let (f, slope, _) = self.cone(r);
                ((f - 1.0).mul_add(self.scale, self.free), slope * self.scale * self.per_capacity)
            }
            Curve::ConicalMarginal => {
                let (f, slope, bend) = self.cone(r);
                let cost = (f - 1.0 + r * slope).mul_add(self.scale, self.free);
                (cost, bend.mul_add(r, 2.0 * slope) * self.scale * self.per_capacity)
            }
        }
    }

    /// The cost summed over all vehicles up to this volume: the link's part of Beckmann's objective.
    #[must_use]
    pub fn integral(&self, volume: f64) -> f64 {
        let r = volume * self.per_capacity;
        match self.curve {
            Curve::Constant => self.free * volume,
            Curve::Fourth => volume * (self.scale * r * r * r * r / 5.0 + self.free),
            Curve::Power => volume * (self.scale * r.powf(self.power) / (self.power + 1.0) + self.free),
            Curve::Conical => {
                let (a, b) = self.cone_parameters();
                // The integral of sqrt(a² u² + b²) with u = 1 - r.
                let under = |u: f64| {
                    let s = (a * a).mul_add(u * u, b * b).sqrt();
                    u * s / 2.0 + b * b / (2.0 * a) * (a * u / b).asinh()
                };
                let area = (1.0 - b) * r - a * (r - r * r / 2.0) + under(1.0) - under(1.0 - r);
                area.mul_add(self.scale / self.per_capacity, self.free * volume)
            }
            Curve::ConicalMarginal => {
                let (f, _, _) = self.cone(r);
                (f - 1.0).mul_add(self.scale, self.free) * volume
            }
        }
    }

    fn cone_parameters(&self) -> (f64, f64) {
        let a = self.power;
        (a, (2.0 * a - 1.0) / (2.0 * a - 2.0))
    }

    /// Spiess's curve at r = v / c with its first two derivatives by r.
    fn cone(&self, r: f64) -> (f64, f64, f64) {
        let (a, b) = self.cone_parameters();
        let u = 1.0 - r;
        let s = (a * a).mul_add(u * u, b * b).sqrt();
        (2.0 + s - a * u - b, a - a * a * u / s, a * a * b * b / (s * s * s))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curves() -> [LinkCost; 7] {
        [
            LinkCost::bpr(6.0, 0.15, 4.0, 25_900.0).plus(0.5),
            LinkCost::bpr(2.0, 0.8, 4.4472, 900.0),
            LinkCost::bpr(1.0, 2.0, 1.0, 10.0),
            LinkCost::bpr(1.0, 2.0, 0.5, 10.0),
            LinkCost::conical(3.0, 6.0, 1200.0),
            LinkCost::conical(3.0, 6.0, 1200.0).marginal(),
            LinkCost::bpr(2.0, 0.15, 4.0, 900.0).marginal(),
        ]
    }

    #[test]
    fn known_values() {
        assert!((LinkCost::bpr(6.0, 0.15, 4.0, 1000.0).cost(1000.0) - 6.9).abs() < 1e-12);
        let cone = LinkCost::conical(3.0, 4.0, 1000.0).plus(1.0);
        assert!((cone.cost(0.0) - 4.0).abs() < 1e-12 && (cone.cost(1000.0) - 7.0).abs() < 1e-12);
        // No curve at all: no free time, b or power of nought; a capacity of nought is then no harm.
        assert_eq!(LinkCost::bpr(0.0, 0.15, 4.0, 0.0).cost(9.0), 0.0);
        assert_eq!(LinkCost::bpr(5.0, 0.0, 0.0, 0.0).cost(9.0), 5.0);
        assert_eq!(LinkCost::bpr(5.0, 0.2, 0.0, 0.0).cost(0.0), 6.0);
    }

    #[test]
    fn slopes_and_integrals_fit_the_costs() {
        for (i, curve) in curves().iter().enumerate() {
            for volume in [300.0, 700.0, 4000.0] {
                let h = volume * 1e-6;
                let slope = (curve.cost(volume + h) - curve.cost(volume - h)) / (2.0 * h);
                let close = |a: f64, b: f64| (a - b).abs() <= 1e-6 * a.abs().max(1e-6);
                assert!(close(curve.cost_and_slope(volume).1, slope), "slope {i} at {volume}");
                let cost = (curve.integral(volume + h) - curve.integral(volume - h)) / (2.0 * h);
                assert!(close(curve.cost(volume), cost), "integral {i} at {volume}");
                assert!(curve.integral(0.0).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn marginal_costs_are_what_one_vehicle_more_costs_all() {
        for (i, curve) in curves()[..5].iter().enumerate() {
            let total = |v: f64| v * curve.cost(v);
            let (v, h) = (800.0, 1e-3);
            let one_more = (total(v + h) - total(v - h)) / (2.0 * h);
            assert!((curve.marginal().cost(v) - one_more).abs() < 1e-5 * one_more, "{i}");
        }
    }
}
