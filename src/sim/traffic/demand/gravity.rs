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

/// Furness (1965), "Time function iteration", Traffic Engineering & Control 7: rows and columns are scaled in turn until
/// both sums hold to `tolerance` (a share). `attracted` is scaled to the sum of `produced` first. Returns the greatest
/// relative error left in a sum.
pub fn furness(matrix: &mut Matrix, produced: &[f64], attracted: &[f64], tolerance: f64) -> f64 {
    let n = matrix.n;
    let (made, drawn): (f64, f64) = (produced.iter().sum(), attracted.iter().sum());
    if made <= 0.0 || drawn <= 0.0 {
        matrix.cells.fill(0.0);
        return if made > 0.0 { 1.0 } else { 0.0 };
    }
    let mut factor = vec![1.0; n];
    let wanted: Vec<f64> = attracted.iter().map(|a| a * made / drawn).collect();
    let mut error = f64::INFINITY;
    for _ in 0..ROUNDS {
        let mut columns = vec![0.0; n];
        error = 0.0_f64;
        for (i, row) in matrix.cells.chunks_mut(n.max(1)).enumerate() {
            let mut sum = 0.0;
            for (cell, factor) in row.iter_mut().zip(&factor) {
                *cell *= factor;
                sum += *cell;
            }
            if produced[i] > 0.0 {
                error = error.max((sum / produced[i] - 1.0).abs());
            }
            let scale = if sum > 0.0 { produced[i] / sum } else { 0.0 };
            for (cell, column) in row.iter_mut().zip(&mut columns) {
                *cell *= scale;
                *column += *cell;
            }
        }
        for j in 0..n {
            factor[j] = if columns[j] > 0.0 { wanted[j] / columns[j] } else { 0.0 };
            if wanted[j] > 0.0 {
                error = error.max((columns[j] / wanted[j] - 1.0).abs());
            }
        }
        if error <= tolerance {
            break;
        }
    }
    error
}

/// A doubly constrained gravity model with exponential decay (Wilson 1967, "A statistical theory of spatial distribution
/// models", Transportation Research 1, eqs 1-5). Trips within a zone are part of it.
#[must_use]
pub fn gravity(
    cost_min: &Matrix,
    decay_per_min: f64,
    produced: &[f64],
    attracted: &[f64],
    tolerance: f64,
) -> (Matrix, f64) {
    let cells = cost_min.cells.iter().map(|c| (-decay_per_min * c).exp()).collect();
    let mut trips = Matrix { n: cost_min.n, cells };
    for (i, row) in trips.cells.chunks_mut(cost_min.n.max(1)).enumerate() {
        for (cell, drawn) in row.iter_mut().zip(attracted) {
            *cell *= produced[i] * drawn;
        }
    }
    let error = furness(&mut trips, produced, attracted, tolerance);
    (trips, error)
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
        let (trips, error) = gravity(&cost, 0.08, &produced, &attracted, 1e-9);
        assert!(error <= 1e-9, "{error}");
        let scale = produced.iter().sum::<f64>() / attracted.iter().sum::<f64>();
        for k in 0..n {
            let column: f64 = (0..n).map(|i| trips.at(i, k)).sum();
            assert!((trips.row(k).iter().sum::<f64>() - produced[k]).abs() <= 1e-6 * produced[k].max(1.0));
            assert!((column - attracted[k] * scale).abs() <= 1e-6 * column.max(1.0));
        }
        let mean = |t: &Matrix| t.cells.iter().zip(&cost.cells).map(|(t, c)| t * c).sum::<f64>() / t.sum();
        let (far, _) = gravity(&cost, 0.01, &produced, &attracted, 1e-9);
        assert!(mean(&trips) < mean(&far));
    }

    #[test]
    fn nothing_drawn_is_told() {
        let (trips, error) = gravity(&Matrix::filled(2, 1.0), 0.1, &[5.0, 0.0], &[0.0, 0.0], 1e-6);
        assert_eq!((trips.sum(), error), (0.0, 1.0));
    }
}
