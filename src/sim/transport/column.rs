//! Up and down columns of levels: van Leer's sweep and implicit diffusion with deposition at the bottom, for a few columns
//! of a row side by side, all that they need in the nearest cache.
//!
//! Sizes are thicknesses here. Diffusion and deposition are backward Euler: m c' = m c + g_up (c'_up - c') - g_down
//! (c' - c'_down), with g = K dt / dz at the faces and v_d dt at the ground, whatever the step; solved by Thomas'
//! algorithm (Press et al. 2007, Numerical Recipes, 2.4), positive because all of g is.

// As in `line`.
#![allow(clippy::needless_range_loop, clippy::inline_always)]

use super::line::{flux, half_slope};
use super::real::Real;

/// What moves up and down; padded arrays. No air passes the ground or the lid.
#[derive(Debug)]
pub struct ColumnFlow<T> {
    /// Upward through the lower face of each cell in half a step: a thickness.
    pub up: Vec<T>,
    /// K dt / dz of each cell's lower face, dt being one of twice `parts` parts of a step; in the lowest level, deposition
    /// velocity times dt.
    pub exchange: Vec<T>,
    /// Equal parts of the mixing of half a step: backward differences are of first order, and a step is long.
    pub parts: usize,
}

/// A level's numbers of N columns.
type Lanes<T, const N: usize> = [T; N];

/// N columns of a row; their levels one above the other.
#[derive(Debug)]
pub struct Columns<T, const N: usize> {
    /// Concentrations, and masses.
    pub c: Vec<Lanes<T, N>>,
    pub q: Vec<Lanes<T, N>>,
    size: Vec<Lanes<T, N>>,
    up: Vec<Lanes<T, N>>,
    /// One over sizes.
    inverse: Vec<Lanes<T, N>>,
    /// What a part of the mixing makes of a cell: of a mass in it, of its concentration, of that below it and of that above.
    of_mass: Vec<Lanes<T, N>>,
    keep: Vec<Lanes<T, N>>,
    below: Vec<Lanes<T, N>>,
    above: Vec<Lanes<T, N>>,
}

impl<T: Real, const N: usize> Columns<T, N> {
    #[must_use]
    pub fn new(levels: usize) -> Self {
        // With a level of zeros at the top: nothing comes from above it.
        let room = || vec![[T::ZERO; N]; levels + 1];
        Self {
            c: room(),
            q: room(),
            size: room(),
            up: room(),
            inverse: room(),
            of_mass: room(),
            keep: room(),
            below: room(),
            above: room(),
        }
    }

    #[inline(always)]
    fn levels(&self) -> usize {
        self.c.len() - 1
    }

    /// The columns whose lowest cells begin at `at`, levels a `stride` apart; `size` are thicknesses at the end of a step.
    #[inline(always)]
    pub fn load(&mut self, flow: &ColumnFlow<T>, size: &[T], at: usize, stride: usize) {
        let levels = self.levels();
        let mut share = [T::ZERO; N];
        for k in 0..levels {
            let at = at + k * stride;
            let m = lanes(size, at);
            self.size[k] = m;
            if k > 0 {
                self.up[k] = lanes(&flow.up, at);
            }
            // The equations of a part of the mixing, made triangular; below the lowest level lies the ground, which takes
            // and gives nothing back.
            let down: Lanes<T, N> = lanes(&flow.exchange, at);
            let up = if k + 1 < levels { lanes(&flow.exchange, at + stride) } else { [T::ZERO; N] };
            let (mut of_mass, mut keep, mut below) = ([T::ZERO; N], [T::ZERO; N], [T::ZERO; N]);
            for i in 0..N {
                let pivot = T::ONE / (m[i] + up[i] + down[i] - down[i] * share[i]);
                share[i] = up[i] * pivot;
                of_mass[i] = pivot;
                keep[i] = m[i] * pivot;
                below[i] = down[i] * pivot;
            }
            (self.of_mass[k], self.keep[k], self.below[k], self.above[k]) = (of_mass, keep, below, share);
        }
    }

    /// The half step before the end of a step: `q` holds masses; `c` concentrations then.
    #[inline(always)]
    pub fn arrive(&mut self, parts: usize) {
        for k in 0..self.levels() {
            let (m, q, up, down) = (self.size[k], self.q[k], self.up[k + 1], self.up[k]);
            let (mut inverse, mut c) = ([T::ZERO; N], [T::ZERO; N]);
            for i in 0..N {
                inverse[i] = T::ONE / (m[i] + (up[i] - down[i]));
                c[i] = q[i] * inverse[i];
            }
            (self.inverse[k], self.c[k]) = (inverse, c);
        }
        self.rise();
        for part in 0..parts {
            self.mix(part == 0);
        }
    }

    /// The half step after it: `c` holds concentrations; `q` masses then.
    #[inline(always)]
    pub fn leave(&mut self, parts: usize) {
        for _ in 0..parts {
            self.mix(false);
        }
        for k in 0..self.levels() {
            let (m, c) = (self.size[k], self.c[k]);
            let (mut inverse, mut q) = ([T::ZERO; N], [T::ZERO; N]);
            for i in 0..N {
                inverse[i] = T::ONE / m[i];
                q[i] = c[i] * m[i];
            }
            (self.inverse[k], self.q[k]) = (inverse, q);
        }
        self.rise();
    }

    /// Sizes after [`Self::leave`].
    #[must_use]
    #[inline(always)]
    pub fn left(&self, k: usize) -> Lanes<T, N> {
        let (mut m, up, down) = (self.size[k], self.up[k + 1], self.up[k]);
        for i in 0..N {
            m[i] = m[i] - (up[i] - down[i]);
        }
        m
    }

    /// The sweep up and down for half a step.
    #[inline(always)]
    fn rise(&mut self) {
        let top = self.levels() - 1;
        let (mut slope, mut through) = ([T::ZERO; N], [T::ZERO; N]);
        for k in 0..top {
            let (here, above) = (self.c[k], self.c[k + 1]);
            // Nothing slopes at the lid.
            let next = if k + 1 < top { self.c[k + 2] } else { above };
            let (low, high) = (self.inverse[k], self.inverse[k + 1]);
            let (volume, mut q) = (self.up[k + 1], self.q[k]);
            for i in 0..N {
                let steep = half_slope(above[i] - here[i], next[i] - above[i]);
                let f = flux(volume[i], (here[i], slope[i], low[i]), (above[i], steep, high[i]));
                q[i] = some(q[i] - (f - through[i]));
                (slope[i], through[i]) = (steep, f);
            }
            self.q[k] = q;
        }
        let mut q = self.q[top];
        for i in 0..N {
            q[i] = some(q[i] + through[i]);
        }
        self.q[top] = q;
    }

    /// A part of the mixing, from masses or from concentrations to concentrations.
    #[inline(always)]
    fn mix(&mut self, masses: bool) {
        let levels = self.levels();
        let mut carry = [T::ZERO; N];
        for k in 0..levels {
            let (from, keep) = if masses { (self.q[k], self.of_mass[k]) } else { (self.c[k], self.keep[k]) };
            let below = self.below[k];
            for i in 0..N {
                carry[i] = keep[i] * from[i] + below[i] * carry[i];
            }
            self.c[k] = carry;
        }
        carry = [T::ZERO; N];
        for k in (0..levels).rev() {
            let (c, above) = (self.c[k], self.above[k]);
            for i in 0..N {
                carry[i] = c[i] + above[i] * carry[i];
            }
            self.c[k] = carry;
        }
    }
}

#[inline(always)]
fn lanes<T: Real, const N: usize>(from: &[T], at: usize) -> Lanes<T, N> {
    let mut lanes = [T::ZERO; N];
    lanes.copy_from_slice(&from[at..at + N]);
    lanes
}

/// What is too small becomes nothing.
#[inline(always)]
fn some<T: Real>(mass: T) -> T {
    if mass > T::FLOOR { mass } else { T::ZERO }
}
