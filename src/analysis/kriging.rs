//! What lies between stations: ordinary kriging (Matheron 1963, Econ. Geol. 58, 1246; Cressie 1993, "Statistics for
//! spatial data", section 3.2) with an exponential covariance, and its standard deviation at every place.
//!
//! Range and nugget are those, out of a few, under which each station is best foretold by the others (leave-one-out after
//! Dubrule 1983, Math. Geol. 15, 687); the error found thereby is the honest one to show.

/// Distances over which values are alike that are tried, metres.
const RANGES_M: [f64; 5] = [1_000.0, 2_500.0, 5_000.0, 10_000.0, 20_000.0];
/// Share of the variance that belongs to one station alone.
const NUGGETS: [f64; 3] = [0.05, 0.2, 0.5];
/// With fewer stations nothing is said about what lies between them.
const LEAST: usize = 4;

/// A measured value and where, metres.
pub type Sample = ([f64; 2], f64);

#[derive(Debug, Clone)]
pub struct Kriging {
    samples: Vec<Sample>,
    /// Inverse of the bordered covariance matrix, row by row.
    inverse: Vec<f64>,
    sill: f64,
    range_m: f64,
    nugget: f64,
    /// Root mean square error when each station is foretold by the others.
    pub error: f64,
}

impl Kriging {
    /// `None` with fewer than four places, or when all values are the same number.
    #[must_use]
    pub fn fit(samples: &[Sample]) -> Option<Self> {
        let mut kept: Vec<Sample> = Vec::new();
        for sample in samples.iter().filter(|s| s.1.is_finite()) {
            // Two stations on one spot would make the matrix singular.
            if kept.iter().all(|k| distance(k.0, sample.0) > 1.0) {
                kept.push(*sample);
            }
        }
        let n = kept.len();
        if n < LEAST {
            return None;
        }
        let mean = kept.iter().map(|s| s.1).sum::<f64>() / n as f64;
        let sill = kept.iter().map(|s| (s.1 - mean).powi(2)).sum::<f64>() / (n - 1) as f64;
        if sill <= 1e-12 * mean.abs().max(1.0) {
            return None;
        }
        let tries = RANGES_M.iter().flat_map(|range| NUGGETS.iter().map(move |nugget| (*range, *nugget)));
        let fitted = tries.filter_map(|(range, nugget)| Self::with(&kept, sill, range, nugget));
        fitted.min_by(|a, b| a.error.total_cmp(&b.error))
    }

    fn with(samples: &[Sample], sill: f64, range_m: f64, nugget: f64) -> Option<Self> {
        let n = samples.len();
        let size = n + 1;
        let mut matrix = vec![0.0; size * size];
        for i in 0..n {
            for j in 0..n {
                let same = if i == j { nugget * sill } else { 0.0 };
                let far = distance(samples[i].0, samples[j].0);
                matrix[i * size + j] = (1.0 - nugget) * sill * (-far / range_m).exp() + same;
            }
            matrix[i * size + n] = 1.0;
            matrix[n * size + i] = 1.0;
        }
        let inverse = invert(matrix, size)?;
        let mut square = 0.0;
        for i in 0..n {
            let row = &inverse[i * size..i * size + n];
            let residual = row.iter().zip(samples).map(|(w, s)| w * s.1).sum::<f64>() / row[i];
            square += residual * residual;
        }
        let error = (square / n as f64).sqrt();
        error.is_finite().then(|| Self { samples: samples.to_vec(), inverse, sill, range_m, nugget, error })
    }

    /// Variance of the stations' values.
    #[must_use]
    pub fn sill(&self) -> f64 {
        self.sill
    }

    /// The value at a place and its standard deviation.
    #[must_use]
    pub fn at(&self, place: [f64; 2]) -> (f64, f64) {
        let n = self.samples.len();
        let size = n + 1;
        let side: Vec<f64> = self
            .samples
            .iter()
            .map(|s| (1.0 - self.nugget) * self.sill * (-distance(s.0, place) / self.range_m).exp())
            .chain(std::iter::once(1.0))
            .collect();
        let (mut value, mut explained) = (0.0, 0.0);
        for i in 0..size {
            let weight: f64 = self.inverse[i * size..(i + 1) * size].iter().zip(&side).map(|(a, b)| a * b).sum();
            if i < n {
                value = weight.mul_add(self.samples[i].1, value);
            }
            explained = weight.mul_add(side[i], explained);
        }
        (value, (self.sill - explained).max(0.0).sqrt())
    }

    /// Whether the stations say next to nothing about a place with this standard deviation: less than a fifth of the
    /// variance is explained.
    #[must_use]
    pub fn says_nothing(&self, deviation: f64) -> bool {
        deviation > self.silent_from()
    }

    /// The standard deviation from which on it is silence.
    #[must_use]
    pub fn silent_from(&self) -> f64 {
        (0.8 * self.sill).sqrt()
    }
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// Gauss and Jordan with the largest pivot; `None` when there is no inverse.
fn invert(mut a: Vec<f64>, size: usize) -> Option<Vec<f64>> {
    let mut inverse = vec![0.0; size * size];
    for i in 0..size {
        inverse[i * size + i] = 1.0;
    }
    for column in 0..size {
        let pivot = (column..size).max_by(|i, j| a[i * size + column].abs().total_cmp(&a[j * size + column].abs()))?;
        if a[pivot * size + column].abs() < 1e-12 {
            return None;
        }
        for k in 0..size {
            a.swap(column * size + k, pivot * size + k);
            inverse.swap(column * size + k, pivot * size + k);
        }
        let scale = a[column * size + column];
        for k in 0..size {
            a[column * size + k] /= scale;
            inverse[column * size + k] /= scale;
        }
        for row in (0..size).filter(|r| *r != column) {
            let factor = a[row * size + column];
            for k in 0..size {
                a[row * size + k] -= factor * a[column * size + k];
                inverse[row * size + k] -= factor * inverse[column * size + k];
            }
        }
    }
    Some(inverse)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hill of values over 30 stations.
    fn hill() -> Vec<Sample> {
        (0..30)
            .map(|i| {
                let at = [f64::from(i % 6) * 1500.0, f64::from(i / 6) * 1500.0];
                (at, truth(at))
            })
            .collect()
    }

    fn truth([x, y]: [f64; 2]) -> f64 {
        20.0 + 30.0 * (-((x - 4000.0).powi(2) + (y - 3000.0).powi(2)) / 8e6).exp()
    }

    #[test]
    fn between_stations_the_truth_is_met_within_what_is_promised() {
        let field = Kriging::fit(&hill()).unwrap();
        for at in [[750.0, 750.0], [3900.0, 2600.0], [6600.0, 5000.0]] {
            let (value, deviation) = field.at(at);
            assert!((value - truth(at)).abs() < 3.0, "{at:?}: {value} {}", truth(at));
            assert!(deviation < 8.0 && !field.says_nothing(deviation), "{deviation}");
        }
        assert!(field.error < 4.0, "{}", field.error);
    }

    #[test]
    fn far_from_all_stations_it_says_the_mean_and_that_it_knows_nothing() {
        let field = Kriging::fit(&hill()).unwrap();
        let (value, deviation) = field.at([500_000.0, 0.0]);
        assert!(field.says_nothing(deviation) && deviation > 0.9 * field.sill().sqrt());
        assert!((15.0..45.0).contains(&value), "{value}");
    }

    /// Leaving a station out by the short formula is the same as leaving it out.
    #[test]
    fn the_error_is_that_of_leaving_each_station_out() {
        let samples = &hill()[..9];
        let whole = Kriging::with(samples, 40.0, 5000.0, 0.1).unwrap();
        let mut square = 0.0;
        for i in 0..samples.len() {
            let mut others = samples.to_vec();
            let (at, value) = others.remove(i);
            square += (Kriging::with(&others, 40.0, 5000.0, 0.1).unwrap().at(at).0 - value).powi(2);
        }
        assert!((whole.error - (square / 9.0).sqrt()).abs() < 1e-9);
    }

    #[test]
    fn with_too_few_or_equal_values_nothing_is_said() {
        assert!(Kriging::fit(&hill()[..3]).is_none());
        let equal: Vec<Sample> = hill().into_iter().map(|s| (s.0, 7.0)).collect();
        assert!(Kriging::fit(&equal).is_none());
        let one_spot = vec![([0.0, 0.0], 1.0), ([0.0, 0.5], 2.0), ([0.2, 0.0], 3.0), ([0.0, 0.0], 4.0)];
        assert!(Kriging::fit(&one_spot).is_none());
    }
}
