//! The equations of one sweep: van Leer's flux along a row and across rows, and diffusion likewise.
//!
//! Flux form: a cell's mass is its size m times its concentration c. Through a face that passes the volume M in a step,
//! the mass F = M (c + (1 - M/m) h) leaves the upwind cell, h being half its limited slope (van Leer 1974, J. Comput.
//! Phys. 14, 361, eq. 66: the harmonic mean of both differences; van Leer 1977, J. Comput. Phys. 23, 276, eq. 13 for the
//! flux). Sizes are carried along: m' = m - (M_out - M_in) and c' = (m c - (F_out - F_in)) / m', so that a uniform
//! concentration stays uniform in every sweep (Easter 1993, Mon. Wea. Rev. 121, 297, eq. 8 to 11). What leaves a cell
//! in a sweep stays below its mass while the volume that leaves is at most its size, so nothing becomes negative.
//!
//! No fused multiply-add is asked for: every processor gives the same bits.

// Several rows are walked in step, and the loops have to end up in one function to be compiled for wide registers.
#![allow(clippy::needless_range_loop, clippy::inline_always)]

use super::real::Real;

/// Half of van Leer's limited slope from the differences on both sides.
#[inline(always)]
pub fn half_slope<T: Real>(a: T, b: T) -> T {
    // Worked out whatever the signs are: a choice between two numbers, not a branch.
    let mean = a * (b / (a + b));
    if a * b > T::ZERO { mean } else { T::ZERO }
}

/// The mass through a face: `left` and `right` are (concentration, half slope, one over size).
#[inline(always)]
pub fn flux<T: Real>(m: T, left: (T, T, T), right: (T, T, T)) -> T {
    // Choices between two numbers, not branches: half the arithmetic of working out both.
    let eastward = m > T::ZERO;
    let pick = |left: T, right: T| if eastward { left } else { right };
    let (c, half, inverse) = (pick(left.0, right.0), pick(left.1, right.1), pick(left.2, right.2));
    // |M|: eastward M (c + (1 - M/m) h), westward M (c - (1 + M/m) h).
    let size = pick(m, -m);
    m * c + (size - size * inverse * size) * half
}

/// Loops that may run beyond their end run a multiple of so many cells: what is left over would go one by one.
const LANES: usize = 8;
/// Cells beyond a window that may be read.
pub const SPARE: usize = 2 * LANES;

#[inline(always)]
fn whole(n: usize) -> usize {
    n.next_multiple_of(LANES)
}

// Slices of one length, one for each neighbour: so the compiler sees that no index leaves them and the loop over them has
// nothing left over. `array::map` over them hides that, since it is not always taken apart.

/// n numbers from `k` on, and from the next one.
#[inline(always)]
fn two<T>(v: &[T], k: usize, n: usize) -> (&[T], &[T]) {
    (&v[k..][..n], &v[k + 1..][..n])
}

/// n numbers from `k` on, and from the next two.
#[inline(always)]
fn three<T>(v: &[T], k: usize, n: usize) -> (&[T], &[T], &[T]) {
    (&v[k..][..n], &v[k + 1..][..n], &v[k + 2..][..n])
}

/// One line of cells in the middle of a step.
#[derive(Debug)]
pub struct Line<T> {
    pub c: Vec<T>,
    pub size: Vec<T>,
    pub inverse: Vec<T>,
}

impl<T: Real> Line<T> {
    #[must_use]
    pub fn new(length: usize) -> Self {
        Self { c: vec![T::ZERO; length], size: vec![T::ONE; length], inverse: vec![T::ONE; length] }
    }
}

/// What a row of cells is advected from. For a window of n cells: `c` begins two cells before it (n + 4), `open` one
/// face before (n + 3), `size` and `inverse` one cell before (n + 2), `volume` at its first face (n + 1). All have [`SPARE`]
/// numbers more.
#[derive(Debug, Clone, Copy)]
pub struct Along<'a, T> {
    pub c: &'a [T],
    pub open: &'a [T],
    pub volume: &'a [T],
    pub size: &'a [T],
    pub inverse: &'a [T],
}

impl<T: Real> Along<'_, T> {
    /// Fluxes through the n + 1 faces; `slope` is room for n + 2 numbers.
    #[inline(always)]
    fn fluxes(&self, n: usize, slope: &mut [T], flux_out: &mut [T]) {
        let cells = whole(n + 2);
        let (west, here, east) = three(self.c, 0, cells);
        let (open_west, open_east) = two(self.open, 0, cells);
        let to = &mut slope[..cells];
        for i in 0..cells {
            to[i] = half_slope((here[i] - west[i]) * open_west[i], (east[i] - here[i]) * open_east[i]);
        }
        let faces = whole(n + 1);
        let (west, east) = two(self.c, 1, faces);
        let (slope_west, slope_east) = two(slope, 0, faces);
        let (inverse_west, inverse_east) = two(self.inverse, 0, faces);
        let (volume, f) = (&self.volume[..faces], &mut flux_out[..faces]);
        for i in 0..faces {
            let left = (west[i], slope_west[i], inverse_west[i]);
            f[i] = flux(volume[i], left, (east[i], slope_east[i], inverse_east[i]));
        }
    }

    /// The first sweep of a step: what it leaves is between two sweeps.
    #[inline(always)]
    pub fn first(&self, n: usize, slope: &mut [T], f: &mut [T], out: &mut Line<T>) {
        self.fluxes(n, slope, f);
        let n = whole(n);
        let (c, size) = (&self.c[2..][..n], &self.size[1..][..n]);
        let (volume_west, volume_east) = two(self.volume, 0, n);
        let (in_west, out_east) = two(f, 0, n);
        let (to, to_size, to_inverse) = (&mut out.c[..n], &mut out.size[..n], &mut out.inverse[..n]);
        for i in 0..n {
            let left = size[i] - (volume_east[i] - volume_west[i]);
            let inverse = T::ONE / left;
            to[i] = (size[i] * c[i] - (out_east[i] - in_west[i])) * inverse;
            to_size[i] = left;
            to_inverse[i] = inverse;
        }
    }

    /// The last sweep: `after` is one over the sizes at the end of the step, times what decay leaves.
    #[inline(always)]
    pub fn last(&self, n: usize, slope: &mut [T], f: &mut [T], after: &[T], end: End<T>, out: &mut [T]) {
        self.fluxes(n, slope, f);
        let (c, size) = (&self.c[2..][..n], &self.size[1..][..n]);
        let (in_west, out_east) = two(f, 0, n);
        let (after, out) = (&after[..n], &mut out[..n]);
        for i in 0..n {
            out[i] = end.of((size[i] * c[i] - (out_east[i] - in_west[i])) * after[i]);
        }
    }
}

/// What happens to a concentration at the end of a step.
#[derive(Debug, Clone, Copy)]
pub struct End<T> {
    /// What first-order decay leaves of 1.
    pub remains: T,
    /// What is smaller becomes 0.
    pub floor: T,
}

impl<T: Real> End<T> {
    #[inline(always)]
    pub(super) fn of(self, c: T) -> T {
        let left = c * self.remains;
        if left > self.floor { left } else { T::ZERO }
    }
}

/// Three neighbouring rows, from which the middle one's slope comes, and the two faces of the middle one: all of the
/// same n cells.
#[derive(Debug, Clone, Copy)]
pub struct Across<'a, T> {
    /// Row r - 1, r, r + 1.
    pub c: [&'a [T]; 3],
    /// Faces r and r + 1 (north of rows r and r + 1).
    pub open: [&'a [T]; 2],
    /// Volumes through faces r - 1 and r.
    pub volume: [&'a [T]; 2],
    /// Rows r - 1 and r.
    pub size: &'a [T],
    pub inverse: [&'a [T]; 2],
}

/// Carried from row to row.
#[derive(Debug)]
pub struct Carried<T> {
    pub slope: Vec<T>,
    pub flux: Vec<T>,
}

impl<T: Real> Carried<T> {
    #[must_use]
    pub fn new(length: usize) -> Self {
        Self { slope: vec![T::ZERO; length], flux: vec![T::ZERO; length] }
    }
}

impl<T: Real> Across<'_, T> {
    /// Row r - 1 after the first sweep of a step.
    #[inline(always)]
    pub fn first(&self, n: usize, carried: &mut Carried<T>, out: &mut Line<T>) {
        let n = whole(n);
        let (north, here, south) = (&self.c[0][..n], &self.c[1][..n], &self.c[2][..n]);
        let (open, open_south) = (&self.open[0][..n], &self.open[1][..n]);
        let (volume_north, volume) = (&self.volume[0][..n], &self.volume[1][..n]);
        let (inverse_north, inverse_here) = (&self.inverse[0][..n], &self.inverse[1][..n]);
        let size = &self.size[..n];
        let (slope, f) = (&mut carried.slope[..n], &mut carried.flux[..n]);
        let (to, to_size, to_inverse) = (&mut out.c[..n], &mut out.size[..n], &mut out.inverse[..n]);
        for i in 0..n {
            let steep = half_slope((here[i] - north[i]) * open[i], (south[i] - here[i]) * open_south[i]);
            let through = flux(volume[i], (north[i], slope[i], inverse_north[i]), (here[i], steep, inverse_here[i]));
            let left = size[i] - (volume[i] - volume_north[i]);
            let inverse = T::ONE / left;
            to[i] = (size[i] * north[i] - (through - f[i])) * inverse;
            to_size[i] = left;
            to_inverse[i] = inverse;
            slope[i] = steep;
            f[i] = through;
        }
    }

    /// Row r - 1 at the end of a step.
    #[inline(always)]
    pub fn last(&self, n: usize, carried: &mut Carried<T>, after: &[T], end: End<T>, out: &mut [T]) {
        let (north, here, south) = (&self.c[0][..n], &self.c[1][..n], &self.c[2][..n]);
        let (open, open_south) = (&self.open[0][..n], &self.open[1][..n]);
        let volume = &self.volume[1][..n];
        let (inverse_north, inverse_here) = (&self.inverse[0][..n], &self.inverse[1][..n]);
        let (size, after, out) = (&self.size[..n], &after[..n], &mut out[..n]);
        let (slope, f) = (&mut carried.slope[..n], &mut carried.flux[..n]);
        for i in 0..n {
            let steep = half_slope((here[i] - north[i]) * open[i], (south[i] - here[i]) * open_south[i]);
            let through = flux(volume[i], (north[i], slope[i], inverse_north[i]), (here[i], steep, inverse_here[i]));
            out[i] = end.of((size[i] * north[i] - (through - f[i])) * after[i]);
            slope[i] = steep;
            f[i] = through;
        }
    }
}

/// Diffusion along a row, explicit: c + (g_e (c_e - c) - g_w (c - c_w)) / m with g = m K dt / dx² at the faces. `c`
/// begins one cell before the window of n, `g` at its first face.
#[inline(always)]
pub fn diffuse_along<T: Real>(n: usize, c: &[T], g: &[T], inverse: &[T], out: &mut [T]) {
    let n = whole(n);
    let (west, here, east) = three(c, 0, n);
    let (g_west, g_east) = two(g, 0, n);
    let (inverse, out) = (&inverse[..n], &mut out[..n]);
    for i in 0..n {
        out[i] = here[i] + inverse[i] * (g_east[i] * (east[i] - here[i]) - g_west[i] * (here[i] - west[i]));
    }
}

/// Diffusion across rows: `c` are rows r - 1, r, r + 1, `g` faces r and r + 1.
#[inline(always)]
pub fn diffuse_across<T: Real>(n: usize, c: [&[T]; 3], g: [&[T]; 2], inverse: &[T], out: &mut [T]) {
    let n = whole(n);
    let (north, here, south) = (&c[0][..n], &c[1][..n], &c[2][..n]);
    let (g_north, g_south) = (&g[0][..n], &g[1][..n]);
    let (inverse, out) = (&inverse[..n], &mut out[..n]);
    for i in 0..n {
        out[i] = here[i] + inverse[i] * (g_south[i] * (south[i] - here[i]) - g_north[i] * (here[i] - north[i]));
    }
}
