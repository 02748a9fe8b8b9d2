//! A town's street lattice: straight lines in (u along a curved main road, v across it), bent onto the ground.
//!
//! Everything that must fit together without gaps (streets, lots, crossings) is cut in (u, v), where neighbours share
//! exact numbers, and only then put on the map by one function: the same (u, v) gives the same millimetre.

use super::noise::Noise;
use super::source::round_mm;
use crate::geo::measure::distance;

/// A smooth curve by arc length.
#[derive(Debug, Clone)]
pub struct Spine {
    points: Vec<[f64; 2]>,
    normals: Vec<[f64; 2]>,
}

const SPACING_M: f64 = 10.0;

impl Spine {
    /// A uniform cubic B-spline over control points in kilometres; the ends are met exactly.
    #[must_use]
    pub fn new(control_km: &[(f64, f64)]) -> Self {
        let mut control: Vec<[f64; 2]> = control_km.iter().map(|(x, y)| [x * 1000.0, y * 1000.0]).collect();
        let beyond = |a: [f64; 2], b: [f64; 2]| [2.0 * a[0] - b[0], 2.0 * a[1] - b[1]];
        if let ([first, second, ..], [.., before, last]) = (&control[..], &control[..]) {
            let (head, tail) = (beyond(*first, *second), beyond(*last, *before));
            control.insert(0, head);
            control.push(tail);
        }
        let mut dense = Vec::new();
        for w in control.windows(4) {
            for step in 0..200 {
                dense.push(b_spline(w, f64::from(step) / 200.0));
            }
        }
        if let Some(w) = control.windows(4).last() {
            dense.push(b_spline(w, 1.0));
        }
        let points = resample(&dense, SPACING_M);
        let normals = (0..points.len())
            .map(|i| {
                let (a, b) = (points[i.saturating_sub(1)], points[(i + 1).min(points.len() - 1)]);
                let length = distance(a, b).max(1e-9);
                [-(b[1] - a[1]) / length, (b[0] - a[0]) / length]
            })
            .collect();
        Self { points, normals }
    }

    #[must_use]
    pub fn length(&self) -> f64 {
        (self.points.len() - 1) as f64 * SPACING_M
    }

    /// `v` metres to the left of the point at arc length `u`.
    #[must_use]
    pub fn place(&self, u: f64, v: f64) -> [f64; 2] {
        let last = self.points.len() - 1;
        let t = (u / SPACING_M).clamp(0.0, last as f64);
        let i = (t as usize).min(last.saturating_sub(1));
        let f = t - i as f64;
        let mix = |a: [f64; 2], b: [f64; 2]| [(b[0] - a[0]).mul_add(f, a[0]), (b[1] - a[1]).mul_add(f, a[1])];
        let (p, n) = (mix(self.points[i], self.points[i + 1]), mix(self.normals[i], self.normals[i + 1]));
        [v.mul_add(n[0], p[0]), v.mul_add(n[1], p[1])]
    }
}

/// de Boor (1978) for uniform knots.
fn b_spline(w: &[[f64; 2]], t: f64) -> [f64; 2] {
    let (t2, t3) = (t * t, t * t * t);
    let b = [
        (1.0 - t).powi(3) / 6.0,
        (3.0 * t3 - 6.0 * t2 + 4.0) / 6.0,
        (-3.0 * t3 + 3.0 * t2 + 3.0 * t + 1.0) / 6.0,
        t3 / 6.0,
    ];
    [0, 1].map(|axis| w.iter().zip(b).map(|(p, share)| p[axis] * share).sum())
}

/// Points every `spacing` metres along a chain.
#[must_use]
pub fn resample(chain: &[[f64; 2]], spacing: f64) -> Vec<[f64; 2]> {
    let Some(first) = chain.first() else { return Vec::new() };
    let mut points = vec![*first];
    let mut left = spacing;
    for w in chain.windows(2) {
        let (mut a, b) = (w[0], w[1]);
        let mut rest = distance(a, b);
        while rest >= left {
            let t = left / rest;
            a = [(b[0] - a[0]).mul_add(t, a[0]), (b[1] - a[1]).mul_add(t, a[1])];
            points.push(a);
            rest -= left;
            left = spacing;
        }
        left -= rest;
    }
    points
}

/// A street's centre line in the lattice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Street {
    pub at: f64,
    /// Half the width of the street land.
    pub half: f64,
}

/// A rectangle in (u, v).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    pub u0: f64,
    pub u1: f64,
    pub v0: f64,
    pub v1: f64,
}

impl Cell {
    #[must_use]
    pub fn corners(&self) -> [[f64; 2]; 4] {
        [[self.u0, self.v0], [self.u1, self.v0], [self.u1, self.v1], [self.u0, self.v1]]
    }

    #[must_use]
    pub fn centre(&self) -> [f64; 2] {
        [f64::midpoint(self.u0, self.u1), f64::midpoint(self.v0, self.v1)]
    }
}

#[derive(Debug, Clone)]
pub struct Lattice {
    pub spine: Spine,
    /// Streets across the main road, by u.
    pub cross: Vec<Street>,
    /// Streets along it, by v.
    pub along: Vec<Street>,
    /// Which of `along` is the main road (v = 0).
    pub main: usize,
    bend: Noise,
}

impl Lattice {
    #[must_use]
    pub const fn new(spine: Spine, cross: Vec<Street>, along: Vec<Street>, main: usize, bend: Noise) -> Self {
        Self { spine, cross, along, main, bend }
    }

    /// The place of (u, v) on the map, to the millimetre.
    #[must_use]
    pub fn place(&self, [u, v]: [f64; 2]) -> [f64; 2] {
        let p = self.spine.place(u, v);
        let shift = |s: f64| 26.0 * self.bend.value(p[0] / 640.0 + s, p[1] / 640.0 - s);
        round_mm([p[0] + shift(0.0), p[1] + shift(40.0)])
    }

    /// The block east of cross street `i` and left of street `j`, without its streets.
    #[must_use]
    pub fn block(&self, i: usize, j: usize) -> Option<Cell> {
        let (west, east) = (self.cross.get(i)?, self.cross.get(i + 1)?);
        let (right, left) = (self.along.get(j)?, self.along.get(j + 1)?);
        Some(Cell {
            u0: west.at + west.half,
            u1: east.at - east.half,
            v0: right.at + right.half,
            v1: left.at - left.half,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_left_of_a_northward_road_is_west() {
        let spine = Spine::new(&[(440.0, 1100.0), (440.0, 1101.0), (440.0, 1102.0)]);
        assert!((spine.length() - 2000.0).abs() < SPACING_M);
        let p = spine.place(500.0, 100.0);
        assert!((p[0] - 439_900.0).abs() < 1e-6 && (p[1] - 1_100_500.0).abs() < 1e-6, "{p:?}");
    }

    #[test]
    fn resampled_points_are_evenly_spaced() {
        let points = resample(&[[0.0, 0.0], [7.0, 0.0], [7.0, 9.0]], 2.0);
        assert_eq!(points.len(), 9);
        assert_eq!(points[4], [7.0, 1.0]);
    }
}
