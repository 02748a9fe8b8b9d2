//! div(D grad p) = wanted on a plane, p = 0 beyond its edge: conjugate gradients (Hestenes & Stiefel 1952) with one V-cycle
//! over coarser and coarser planes in the place of a diagonal (Trottenberg, Oosterlee & Schüller 2001, Multigrid, 7.8). Some
//! twenty rounds whatever the size, where the diagonal alone takes more than a thousand on an island. Sums are added in
//! one order.

use rayon::prelude::*;

use crate::base::cancel::{CancelToken, Cancelled};

/// Share of what is wanted that may be left.
const LEFT: f64 = 1e-8;
const MOST_ROUNDS: usize = 400;
/// Planes of fewer cells are only smoothed.
const COARSEST: usize = 8;
/// Of a step of Jacobi's, so that it smooths.
const DAMPING: f64 = 0.8;
const SMOOTHED: usize = 2;
/// Rows, and numbers, of one piece of work.
const BAND: usize = 32;
const CHUNK: usize = 8192;

/// One plane: D at the west faces (one more than cells in a row) and at the north faces (one row more).
#[derive(Debug)]
struct Plane {
    cols: usize,
    rows: usize,
    east: Vec<f64>,
    south: Vec<f64>,
    per_diagonal: Vec<f64>,
    /// Room of the V-cycle: what is left, and the answer.
    left: Vec<f64>,
    answer: Vec<f64>,
}

impl Plane {
    fn new(east: Vec<f64>, south: Vec<f64>, cols: usize, rows: usize) -> Self {
        let diagonal = |i: usize| {
            let e = i / cols * (cols + 1) + i % cols;
            1.0 / (east[e] + east[e + 1] + south[i] + south[i + cols])
        };
        let per_diagonal = (0..cols * rows).map(diagonal).collect();
        let room = || vec![0.0; cols * rows];
        Self { cols, rows, per_diagonal, left: room(), answer: room(), east, south }
    }

    /// Cells of four in one: through a face go the fluxes of two, over twice the distance.
    fn coarser(&self) -> Self {
        let (cols, rows) = (self.cols.div_ceil(2), self.rows.div_ceil(2));
        let mut east = vec![0.0; (cols + 1) * rows];
        let mut south = vec![0.0; cols * (rows + 1)];
        for row in 0..self.rows {
            for col in 0..=cols {
                east[row / 2 * (cols + 1) + col] += 0.5 * self.east[row * (self.cols + 1) + (2 * col).min(self.cols)];
            }
        }
        for row in 0..=rows {
            for col in 0..self.cols {
                south[row * cols + col / 2] += 0.5 * self.south[(2 * row).min(self.rows) * self.cols + col];
            }
        }
        Self::new(east, south, cols, rows)
    }

    /// `of` (what the negative operator makes of p here, and the cell) into `out`.
    fn each(&self, p: &[f64], out: &mut [f64], of: impl Fn(f64, usize) -> f64 + Sync) {
        let (cols, rows) = (self.cols, self.rows);
        out.par_chunks_mut(cols * BAND).enumerate().for_each(|(band, out)| {
            for (row, out) in (band * BAND..).zip(out.chunks_mut(cols)) {
                for (col, out) in out.iter_mut().enumerate() {
                    let (i, e) = (row * cols + col, row * (cols + 1) + col);
                    let west = if col > 0 { self.east[e] * p[i - 1] } else { 0.0 };
                    let east = if col + 1 < cols { self.east[e + 1] * p[i + 1] } else { 0.0 };
                    let north = if row > 0 { self.south[i] * p[i - cols] } else { 0.0 };
                    let south = if row + 1 < rows { self.south[i + cols] * p[i + cols] } else { 0.0 };
                    *out = of(p[i] / self.per_diagonal[i] - west - east - north - south, i);
                }
            }
        });
    }
}

/// About what the negative operator has to be given to make `wanted`: the same linear and symmetric map every time.
fn v_cycle(planes: &mut [Plane], wanted: &[f64]) {
    let Some((plane, coarser)) = planes.split_first_mut() else { return };
    let (mut p, mut room) = (std::mem::take(&mut plane.answer), std::mem::take(&mut plane.left));
    p.iter_mut().zip(wanted.iter().zip(&plane.per_diagonal)).for_each(|(p, (w, d))| *p = DAMPING * w * d);
    let smooth = |plane: &Plane, p: &mut Vec<f64>, room: &mut Vec<f64>| {
        plane.each(p, room, |image, i| p[i] + DAMPING * (wanted[i] - image) * plane.per_diagonal[i]);
        std::mem::swap(p, room);
    };
    (1..SMOOTHED).for_each(|_| smooth(plane, &mut p, &mut room));
    if let Some(next) = coarser.first() {
        let (cols, below) = (plane.cols, next.cols);
        plane.each(&p, &mut room, |image, i| wanted[i] - image);
        let mut gathered = vec![0.0; below * next.rows];
        for (i, left) in room.iter().enumerate() {
            gathered[i / cols / 2 * below + i % cols / 2] += left;
        }
        v_cycle(coarser, &gathered);
        let found = &coarser[0].answer;
        p.iter_mut().enumerate().for_each(|(i, p)| *p += found[i / cols / 2 * below + i % cols / 2]);
    }
    (0..SMOOTHED).for_each(|_| smooth(plane, &mut p, &mut room));
    (plane.answer, plane.left) = (p, room);
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    let pairs = a.par_chunks(CHUNK).zip(b.par_chunks(CHUNK));
    let parts: Vec<f64> = pairs.map(|(a, b)| a.iter().zip(b).map(|(a, b)| a * b).sum()).collect();
    parts.iter().sum()
}

/// `east` and `south` are D at the faces, as [`Plane`] has them; all above zero.
///
/// # Errors
/// [`Cancelled`].
pub(super) fn solve(
    east: Vec<f64>,
    south: Vec<f64>,
    wanted: &[f64],
    [cols, rows]: [usize; 2],
    cancel: &CancelToken,
) -> Result<Vec<f64>, Cancelled> {
    let mut planes = vec![Plane::new(east, south, cols, rows)];
    while let Some(last) = planes.last().filter(|p| p.cols.min(p.rows) > COARSEST) {
        cancel.check()?;
        let next = last.coarser();
        planes.push(next);
    }
    let mut p = vec![0.0; cols * rows];
    let mut left: Vec<f64> = wanted.iter().map(|w| -w).collect();
    let enough = dot(&left, &left) * LEFT * LEFT;
    cancel.check()?;
    v_cycle(&mut planes, &left);
    let mut way = planes[0].answer.clone();
    let mut now = dot(&left, &way);
    let mut image = vec![0.0; cols * rows];
    for _ in 0..MOST_ROUNDS {
        cancel.check()?;
        if now == 0.0 || dot(&left, &left) <= enough {
            break;
        }
        planes[0].each(&way, &mut image, |image, _| image);
        cancel.check()?;
        let far = now / dot(&way, &image);
        p.iter_mut().zip(&way).for_each(|(p, w)| *p += far * w);
        left.iter_mut().zip(&image).for_each(|(r, i)| *r -= far * i);
        v_cycle(&mut planes, &left);
        let next = dot(&left, &planes[0].answer);
        let keep = next / now;
        way.iter_mut().zip(&planes[0].answer).for_each(|(w, s)| *w = s + keep * *w);
        now = next;
    }
    Ok(p)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::KeyedRng;

    #[test]
    fn the_answer_makes_what_is_wanted_over_rough_ground() {
        let (cols, rows) = (83, 47);
        let rng = KeyedRng::new(4, 4);
        let some = |stream: u64, n: usize| -> Vec<f64> {
            (0..n as u64).map(|i| rng.range(stream, i, 200.0, 2000.0)).collect()
        };
        let (east, south) = (some(0, (cols + 1) * rows), some(1, cols * (rows + 1)));
        let wanted: Vec<f64> = (0..(cols * rows) as u64).map(|i| rng.range(2, i, -1.0, 1.0)).collect();
        let token = CancelToken::new();
        let p = solve(east.clone(), south.clone(), &wanted, [cols, rows], &token).unwrap();
        let plane = Plane::new(east.clone(), south.clone(), cols, rows);
        let mut image = vec![0.0; cols * rows];
        plane.each(&p, &mut image, |image, _| image);
        let off = image.iter().zip(&wanted).map(|(i, w)| (i + w).powi(2)).sum::<f64>().sqrt();
        assert!(off < 1e-6, "{off}");
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        let again = pool.install(|| solve(east.clone(), south.clone(), &wanted, [cols, rows], &token)).unwrap();
        assert_eq!(p, again, "the same bits on any number of threads");
        token.cancel();
        assert!(solve(east, south, &wanted, [cols, rows], &token).is_err());
    }
}
