//! Non-negative least squares: Lawson & Hanson (1974), "Solving least squares problems", algorithm NNLS (23.10).

/// The x >= 0 that makes |A x - b| least. `columns` are those of A, each as long as `b`.
#[must_use]
pub fn nnls(columns: &[Vec<f64>], b: &[f64]) -> Vec<f64> {
    let n = columns.len();
    let dot = |p: &[f64], q: &[f64]| p.iter().zip(q).map(|(p, q)| p * q).sum::<f64>();
    let mut x = vec![0.0; n];
    let mut passive: Vec<usize> = Vec::new();
    let scale = columns.iter().map(|c| dot(c, b).abs()).fold(0.0, f64::max);
    // Every round either ends or makes the misfit smaller; the bound is against rounding.
    for _ in 0..3 * n + 10 {
        let residual = misfit(columns, b, &x);
        let free = (0..n).filter(|i| !passive.contains(i));
        let steepest = free.map(|i| (i, dot(&columns[i], &residual))).max_by(|a, b| a.1.total_cmp(&b.1));
        let Some((enter, gain)) = steepest else { break };
        if gain <= 1e-12 * scale {
            break;
        }
        passive.push(enter);
        while let Some(trial) = solve(columns, b, &passive) {
            if trial.iter().all(|v| *v > 0.0) {
                for (i, v) in passive.iter().zip(&trial) {
                    x[*i] = *v;
                }
                break;
            }
            // Only as far towards the solution as nothing turns negative; what gets to 0 first leaves. It is taken out by
            // its place and not by its value, which rounding may leave a little above 0 for ever.
            let ratio = |(i, v): (&usize, &f64)| (*v <= 0.0).then(|| (*i, x[*i] / (x[*i] - v)));
            let blocking = passive.iter().zip(&trial).filter_map(ratio).min_by(|a, b| a.1.total_cmp(&b.1));
            let Some((leaves, step)) = blocking else { break };
            // Where both are 0 there is no way between them.
            let step = if step.is_nan() { 0.0 } else { step };
            for (i, v) in passive.iter().zip(&trial) {
                x[*i] += step * (v - x[*i]);
            }
            passive.retain(|i| *i != leaves && x[*i] > 0.0);
            for i in (0..n).filter(|i| !passive.contains(i)) {
                x[i] = 0.0;
            }
            if passive.is_empty() {
                break;
            }
        }
    }
    x
}

/// b - A x.
#[must_use]
pub fn misfit(columns: &[Vec<f64>], b: &[f64], x: &[f64]) -> Vec<f64> {
    let mut rest = b.to_vec();
    for (column, weight) in columns.iter().zip(x).filter(|(_, w)| **w != 0.0) {
        for (r, a) in rest.iter_mut().zip(column) {
            *r -= weight * a;
        }
    }
    rest
}

/// Least squares over some columns by Cholesky's factors of the normal equations; `None` when they hang together.
fn solve(columns: &[Vec<f64>], b: &[f64], chosen: &[usize]) -> Option<Vec<f64>> {
    let n = chosen.len();
    let dot = |p: &[f64], q: &[f64]| p.iter().zip(q).map(|(p, q)| p * q).sum::<f64>();
    let mut lower = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let before: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
            let value = dot(&columns[chosen[i]], &columns[chosen[j]]) - before;
            if i == j {
                let least = 1e-12 * dot(&columns[chosen[i]], &columns[chosen[i]]);
                lower[i][i] = Some(value).filter(|v| *v > least)?.sqrt();
            } else {
                lower[i][j] = value / lower[j][j];
            }
        }
    }
    let mut y = vec![0.0; n];
    for i in 0..n {
        let before: f64 = (0..i).map(|k| lower[i][k] * y[k]).sum();
        y[i] = (dot(&columns[chosen[i]], b) - before) / lower[i][i];
    }
    for i in (0..n).rev() {
        let after: f64 = (i + 1..n).map(|k| lower[k][i] * y[k]).sum();
        y[i] = (y[i] - after) / lower[i][i];
    }
    Some(y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::KeyedRng;

    #[test]
    fn an_unconstrained_answer_that_is_positive_is_kept() {
        let columns = vec![vec![1.0, 0.0, 1.0], vec![0.0, 2.0, 1.0]];
        let x = nnls(&columns, &[3.0, 4.0, 5.0]);
        assert!((x[0] - 3.0).abs() < 1e-9 && (x[1] - 2.0).abs() < 1e-9, "{x:?}");
        assert_eq!(nnls(&columns, &[-1.0, -1.0, -1.0]), [0.0, 0.0]);
    }

    /// Kuhn and Tucker: no column that is left out could still help, none that is in is pulled.
    #[test]
    fn the_answer_is_the_best_there_is() {
        let rng = KeyedRng::new(3, 3);
        for trial in 0..50_u64 {
            let column = |i: u64| (0..20).map(|k| rng.range(trial, i * 100 + k, -0.3, 1.0)).collect::<Vec<f64>>();
            let columns: Vec<Vec<f64>> = (0..12).map(column).collect();
            let b: Vec<f64> = (0..20).map(|k| rng.range(trial, 9000 + k, -1.0, 2.0)).collect();
            let x = nnls(&columns, &b);
            let rest = misfit(&columns, &b, &x);
            for (column, value) in columns.iter().zip(&x) {
                let pull: f64 = column.iter().zip(&rest).map(|(a, r)| a * r).sum();
                assert!(*value >= 0.0 && pull < 1e-8 && (*value == 0.0 || pull.abs() < 1e-8), "{trial} {value} {pull}");
            }
        }
    }
}
