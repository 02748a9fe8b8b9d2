//! Where trips go: the more a zone draws and the nearer it is, the more go there; sums balanced to what zones make and
//! draw.

/// A matrix of trips or costs, row by row: from zone `i` to zone `j` at `i * n + j`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Matrix {
    pub n: usize,
    pub cells: Vec<f64>,
}

impl Matrix {
    #[must_use]
    pub fn filled(n: usize, value: f64) -> Self {
        Self { n, cells: vec![value; n * n] }
    }

    #[must_use]
    pub fn at(&self, i: usize, j: usize) -> f64 {
        self.cells[i * self.n + j]
    }

    #[must_use]
    pub fn sum(&self) -> f64 {
        self.cells.iter().sum()
    }

    #[must_use]
    pub fn row(&self, i: usize) -> &[f64] {
        &self.cells[i * self.n..(i + 1) * self.n]
    }
}

/// Rounds of balancing at most; a matrix that can be balanced needs some tens.
const ROUNDS: usize = 500;
/// Sums of a row run side by side in so many parts, added in their order: quick, and always the same.
const LANES: usize = 8;

/// A matrix whose sums were balanced.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Balanced {
    pub trips: Matrix,
    /// What each column was multiplied by: a start for balancing a matrix that is much like this one.
    pub factor: Vec<f64>,
    /// The greatest relative error that is left in a sum.
    pub error: f64,
}

/// Furness (1965), "Time function iteration", Traffic Engineering & Control 7: rows and columns are scaled in turn until
/// both sums hold to `tolerance` (a share). `attracted` is scaled to the sum of `produced` first. `start` are the
/// columns' factors of an earlier balance, or nothing.
#[must_use]
pub fn furness(mut matrix: Matrix, produced: &[f64], attracted: &[f64], start: &[f64], tolerance: f64) -> Balanced {
    let n = matrix.n;
    let (made, drawn): (f64, f64) = (produced.iter().sum(), attracted.iter().sum());
    if made <= 0.0 || drawn <= 0.0 {
        matrix.cells.fill(0.0);
        return Balanced { trips: matrix, factor: Vec::new(), error: if made > 0.0 { 1.0 } else { 0.0 } };
    }
    let wanted: Vec<f64> = attracted.iter().map(|a| a * made / drawn).collect();
    // A column that the earlier balance had nothing for begins as all do.
    let mut factor = if start.len() == n { start.to_vec() } else { vec![1.0; n] };
    factor.iter_mut().filter(|f| **f <= 0.0).for_each(|f| *f = 1.0);
    let mut scale = vec![0.0; n];
    let mut columns = vec![0.0; n];
    let mut error = f64::INFINITY;
    for round in 0..ROUNDS {
        columns.fill(0.0);
        for ((row, scale), produced) in matrix.cells.chunks(n).zip(&mut scale).zip(produced) {
            let sum = dot(row, &factor);
            *scale = if sum > 0.0 { produced / sum } else { 0.0 };
            for (column, cell) in columns.iter_mut().zip(row) {
                *column += cell * *scale;
            }
        }
        error = 0.0_f64;
        for ((column, factor), wanted) in columns.iter().zip(&factor).zip(&wanted) {
            if *wanted > 0.0 {
                error = error.max((column * factor / wanted - 1.0).abs());
            }
        }
        // The rows hold to the last digit by now.
        if error <= tolerance || round + 1 == ROUNDS {
            break;
        }
        for ((column, factor), wanted) in columns.iter().zip(&mut factor).zip(&wanted) {
            *factor = if *column > 0.0 { wanted / column } else { 0.0 };
        }
    }
    for (row, scale) in matrix.cells.chunks_mut(n).zip(&scale) {
        for (cell, factor) in row.iter_mut().zip(&factor) {
            *cell *= scale * factor;
        }
    }
    Balanced { trips: matrix, factor, error }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let (a, b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f64 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a.zip(b) {
        for (lane, (a, b)) in lanes.iter_mut().zip(a.iter().zip(b)) {
            *lane += a * b;
        }
    }
    lanes.iter().sum::<f64>() + rest
}

/// A doubly constrained gravity model with exponential decay (Wilson 1967, "A statistical theory of spatial distribution
/// models", Transportation Research 1, eqs 1-5). Trips within a zone are part of it. `start` as for [`furness`].
#[must_use]
pub fn gravity(
    cost_min: &Matrix,
    decay_per_min: f64,
    produced: &[f64],
    attracted: &[f64],
    start: &[f64],
    tolerance: f64,
) -> Balanced {
    let cells = cost_min.cells.iter().map(|c| (-decay_per_min * c).exp()).collect();
    let mut trips = Matrix { n: cost_min.n, cells };
    for (i, row) in trips.cells.chunks_mut(cost_min.n.max(1)).enumerate() {
        for (cell, drawn) in row.iter_mut().zip(attracted) {
            *cell *= produced[i] * drawn;
        }
    }
    furness(trips, produced, attracted, start, tolerance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::KeyedRng;

    #[test]
    fn sums_hold_and_the_near_draw_more() {
        let n = 40;
        let rng = KeyedRng::new(5, 1);
        let cost = Matrix { n, cells: (0..n * n).map(|i| rng.range(0, i as u64, 1.0, 60.0)).collect() };
        let produced: Vec<f64> = (0..n).map(|i| rng.range(1, i as u64, 0.0, 900.0).floor()).collect();
        let attracted: Vec<f64> = (0..n).map(|i| rng.range(2, i as u64, 0.0, 90.0).floor()).collect();
        let Balanced { trips, factor, error } = gravity(&cost, 0.08, &produced, &attracted, &[], 1e-9);
        assert!(error <= 1e-9, "{error}");
        let scale = produced.iter().sum::<f64>() / attracted.iter().sum::<f64>();
        for k in 0..n {
            let column: f64 = (0..n).map(|i| trips.at(i, k)).sum();
            assert!((trips.row(k).iter().sum::<f64>() - produced[k]).abs() <= 1e-6 * produced[k].max(1.0));
            assert!((column - attracted[k] * scale).abs() <= 1e-6 * column.max(1.0));
        }
        let mean = |t: &Matrix| t.cells.iter().zip(&cost.cells).map(|(t, c)| t * c).sum::<f64>() / t.sum();
        let far = gravity(&cost, 0.01, &produced, &attracted, &[], 1e-9).trips;
        assert!(mean(&trips) < mean(&far));
        // Begun at its own end, it stays there.
        let again = gravity(&cost, 0.08, &produced, &attracted, &factor, 1e-9);
        assert!(again.trips.cells.iter().zip(&trips.cells).all(|(a, b)| (a - b).abs() <= 1e-6 * b.max(1e-3)));
        assert_eq!(again.factor, factor);
    }

    #[test]
    fn nothing_drawn_is_told() {
        let nothing = gravity(&Matrix::filled(2, 1.0), 0.1, &[5.0, 0.0], &[0.0, 0.0], &[], 1e-6);
        assert_eq!((nothing.trips.sum(), nothing.error), (0.0, 1.0));
    }
}
