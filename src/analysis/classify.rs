//! Classes of a number for a graduated style, and colours for them.

use serde::{Deserialize, Serialize};

use super::statistics::quantile;
use crate::model::style::{Category, ColorRule, Rgba, Text2};
use crate::model::table::Column;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    /// As many features in each class.
    Quantile,
    /// As wide a range in each class.
    Equal,
    /// Least variance within classes: Fisher (1958), "On grouping for maximum homogeneity"; what GIS call Jenks.
    NaturalBreaks,
}

/// Colours that stay in order for colour-blind eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Palette {
    /// Smith & van der Walt (2015), matplotlib.
    Viridis,
    /// Nuñez, Anderton & Renslow (2018): looks the same to red-green-blind eyes.
    Cividis,
}

/// Values that natural breaks are computed on; more are thinned by quantiles, which keeps the breaks.
const MOST_VALUES: usize = 2000;

/// `classes + 1` ascending bounds from the smallest value to the largest; fewer when there are not so many different
/// values, none without any.
#[must_use]
pub fn breaks(column: &Column, method: Method, classes: usize) -> Vec<f64> {
    let mut values: Vec<f64> =
        (0..column.len()).filter_map(|row| column.get(row).as_f64()).filter(|v| v.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let (Some(&low), Some(&high)) = (values.first(), values.last()) else { return Vec::new() };
    let classes = classes.clamp(1, 32);
    let inner: Vec<f64> = match method {
        Method::Equal => (1..classes).map(|i| (high - low).mul_add(i as f64 / classes as f64, low)).collect(),
        Method::Quantile => (1..classes).map(|i| quantile(&values, i as f64 / classes as f64)).collect(),
        Method::NaturalBreaks => {
            let thinned: Vec<f64> = if values.len() > MOST_VALUES {
                (0..MOST_VALUES).map(|i| quantile(&values, i as f64 / (MOST_VALUES - 1) as f64)).collect()
            } else {
                values
            };
            natural_breaks(&thinned, classes)
        }
    };
    let mut bounds = vec![low];
    bounds.extend(inner);
    bounds.push(high);
    bounds.dedup();
    bounds
}

/// The first value of each class but the first, by dynamic programming over ascending values.
fn natural_breaks(sorted: &[f64], classes: usize) -> Vec<f64> {
    let n = sorted.len();
    let classes = classes.min(n);
    // Taken from the middle, so that squares of large numbers keep their digits.
    let middle = sorted[n / 2];
    let (mut sums, mut squares) = (vec![0.0; n + 1], vec![0.0; n + 1]);
    for (i, v) in sorted.iter().enumerate() {
        sums[i + 1] = sums[i] + (v - middle);
        squares[i + 1] = squares[i] + (v - middle).powi(2);
    }
    // Sum of squared deviations of values from..to.
    let cost = |from: usize, to: usize| {
        let sum: f64 = sums[to] - sums[from];
        (squares[to] - squares[from]) - sum * sum / (to - from) as f64
    };
    let mut best: Vec<f64> = (0..=n).map(|to| if to == 0 { 0.0 } else { cost(0, to) }).collect();
    let mut starts: Vec<Vec<usize>> = Vec::new();
    for class in 1..classes {
        let (mut next, mut start) = (vec![f64::INFINITY; n + 1], vec![0; n + 1]);
        for to in class + 1..=n {
            for (from, before) in best.iter().enumerate().take(to).skip(class) {
                let total = before + cost(from, to);
                if total < next[to] {
                    (next[to], start[to]) = (total, from);
                }
            }
        }
        best = next;
        starts.push(start);
    }
    let (mut to, mut found) = (n, Vec::new());
    for start in starts.iter().rev() {
        to = start[to];
        found.push(sorted[to]);
    }
    found.reverse();
    found
}

/// One colour a class, in steps: a ramp that does not change within a class.
#[must_use]
pub fn graduated(field: &str, bounds: &[f64], palette: Palette) -> ColorRule {
    let classes = bounds.len().saturating_sub(1).max(1);
    let stops = bounds
        .windows(2)
        .enumerate()
        .flat_map(|(i, w)| {
            let color = sample(palette, if classes > 1 { i as f64 / (classes - 1) as f64 } else { 0.5 });
            [(w[0], color), (w[1], color)]
        })
        .collect();
    ColorRule::Ramp { field: field.to_owned(), stops }
}

/// One colour a value, for the commonest values of a column; other values are grey.
#[must_use]
pub fn categorised(field: &str, values: &[String]) -> ColorRule {
    let classes = values
        .iter()
        .enumerate()
        .map(|(i, value)| Category { value: value.clone(), label: Text2::same(value), color: distinct(i) })
        .collect();
    ColorRule::Categories { field: field.to_owned(), classes, other: crate::model::landuse::UNKNOWN_COLOR }
}

/// Okabe & Ito (2008), then the same lighter: colours that colour-blind eyes keep apart.
fn distinct(i: usize) -> Rgba {
    const COLORS: [[u8; 3]; 7] =
        [[230, 159, 0], [86, 180, 233], [0, 158, 115], [240, 228, 66], [0, 114, 178], [213, 94, 0], [204, 121, 167]];
    let [r, g, b] = COLORS[i % COLORS.len()];
    let lighter = |v: u8| v + ((255 - v) / 4 * (i / COLORS.len()).min(3) as u8);
    Rgba::opaque(lighter(r), lighter(g), lighter(b))
}

/// The palette at 0 to 1, between nine samples of the published tables.
fn sample(palette: Palette, t: f64) -> Rgba {
    const VIRIDIS: [[u8; 3]; 9] = [
        [68, 1, 84],
        [71, 45, 123],
        [59, 82, 139],
        [44, 114, 142],
        [33, 145, 140],
        [40, 174, 128],
        [94, 201, 98],
        [173, 220, 48],
        [253, 231, 37],
    ];
    const CIVIDIS: [[u8; 3]; 9] = [
        [0, 34, 78],
        [18, 53, 112],
        [59, 73, 108],
        [87, 93, 109],
        [112, 113, 115],
        [138, 134, 120],
        [165, 156, 116],
        [195, 179, 105],
        [254, 232, 56],
    ];
    let table = match palette {
        Palette::Viridis => VIRIDIS,
        Palette::Cividis => CIVIDIS,
    };
    let at = t.clamp(0.0, 1.0) * 8.0;
    let (low, high) = (table[at.floor() as usize], table[at.ceil() as usize]);
    let mix = |i: usize| (at - at.floor()).mul_add(f64::from(high[i]) - f64::from(low[i]), f64::from(low[i])) as u8;
    Rgba::opaque(mix(0), mix(1), mix(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_cut_differently() {
        let column = Column::Real(vec![1.0, 2.0, 3.0, 10.0, 11.0, 12.0, 100.0, f64::NAN]);
        assert_eq!(breaks(&column, Method::NaturalBreaks, 3), [1.0, 10.0, 100.0]);
        assert_eq!(breaks(&column, Method::Equal, 3), [1.0, 34.0, 67.0, 100.0]);
        assert_eq!(breaks(&column, Method::Quantile, 2), [1.0, 10.0, 100.0]);
        assert_eq!(breaks(&Column::Real(vec![5.0; 4]), Method::Quantile, 4), [5.0]);
        assert!(breaks(&Column::Real(Vec::new()), Method::NaturalBreaks, 4).is_empty());
    }

    /// Every way of cutting a small set is tried: none has less variance.
    #[test]
    fn natural_breaks_are_the_best_there_are() {
        let rng = crate::base::rng::KeyedRng::new(9, 9);
        let mut values: Vec<f64> = (0..14).map(|i| rng.normal(0, i) + 441_000.0).collect();
        values.sort_by(f64::total_cmp);
        let variance = |part: &[f64]| {
            let mean = part.iter().sum::<f64>() / part.len() as f64;
            part.iter().map(|v| (v - mean).powi(2)).sum::<f64>()
        };
        let cut = |a: usize, b: usize| variance(&values[..a]) + variance(&values[a..b]) + variance(&values[b..]);
        let best = (1..13)
            .flat_map(|a| (a + 1..14).map(move |b| (a, b)))
            .map(|(a, b)| cut(a, b))
            .fold(f64::INFINITY, f64::min);
        let found = natural_breaks(&values, 3);
        let at = |v: f64| values.iter().position(|x| *x == v).unwrap();
        assert!((cut(at(found[0]), at(found[1])) - best).abs() < 1e-9);
    }

    #[test]
    fn colours_change_only_between_classes() {
        let ColorRule::Ramp { stops, .. } = graduated("DT", &[0.0, 10.0, 50.0], Palette::Viridis) else { panic!() };
        assert_eq!(stops.iter().map(|s| s.0).collect::<Vec<_>>(), [0.0, 10.0, 10.0, 50.0]);
        assert!(stops[0].1 == stops[1].1 && stops[1].1 != stops[2].1);
    }
}
