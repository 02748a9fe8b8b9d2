//! What a column holds, in numbers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::table::{Column, Value};

/// NaN never stands here: what cannot be told is `None`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statistics {
    pub count: usize,
    pub missing: usize,
    pub distinct: usize,
    pub numbers: Option<NumberStatistics>,
    /// The commonest values, at most [`MOST_VALUES`], the commoner first.
    pub common: Vec<(String, usize)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct NumberStatistics {
    pub sum: f64,
    pub mean: f64,
    /// Of the sample (n - 1); 0 for a single value.
    pub standard_deviation: f64,
    pub min: f64,
    /// First quartile, median, third quartile: linear between order statistics (Hyndman & Fan 1996, definition 7).
    pub quartiles: [f64; 3],
    pub max: f64,
}

pub const MOST_VALUES: usize = 20;

/// Over some rows of a column, in their order.
#[must_use]
pub fn statistics(column: &Column, rows: impl Iterator<Item = usize>) -> Statistics {
    let (mut numbers, mut values, mut count, mut missing) = (Vec::new(), BTreeMap::<String, usize>::new(), 0, 0);
    for row in rows {
        count += 1;
        let value = column.get(row);
        if value == Value::Null {
            missing += 1;
            continue;
        }
        if let (Value::Integer(_) | Value::Real(_), Some(n)) = (value, value.as_f64()) {
            numbers.push(n);
        }
        *values.entry(value.to_string()).or_default() += 1;
    }
    let distinct = values.len();
    let mut common: Vec<(String, usize)> = values.into_iter().collect();
    common.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    common.truncate(MOST_VALUES);
    Statistics { count, missing, distinct, numbers: of_numbers(numbers), common }
}

fn of_numbers(mut values: Vec<f64>) -> Option<NumberStatistics> {
    values.retain(|v| v.is_finite());
    let n = values.len();
    let sum: f64 = values.iter().sum();
    let mean = sum / n as f64;
    let spread: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    values.sort_by(f64::total_cmp);
    let (min, max) = (*values.first()?, *values.last()?);
    let standard_deviation = if n > 1 { (spread / (n - 1) as f64).sqrt() } else { 0.0 };
    let quartiles = [0.25, 0.5, 0.75].map(|q| quantile(&values, q));
    Some(NumberStatistics { sum, mean, standard_deviation, min, quartiles, max })
}

/// Of ascending values, at least one.
pub(super) fn quantile(sorted: &[f64], q: f64) -> f64 {
    let at = q * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    (at - at.floor()).mul_add(high - low, low)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R: `x <- c(2, 4, 4, 4, 5, 5, 7, 9); sd(x); quantile(x)`.
    #[test]
    fn agrees_with_r() {
        let values = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0, f64::NAN];
        let found = statistics(&Column::Real(values.to_vec()), 0..9);
        let numbers = found.numbers.unwrap();
        assert_eq!((found.count, found.missing, found.distinct), (9, 1, 5));
        assert!((numbers.standard_deviation - 2.138_089_935).abs() < 1e-9);
        assert_eq!((numbers.mean, numbers.quartiles), (5.0, [4.0, 4.5, 5.5]));
        assert_eq!(found.common[0], ("4".to_owned(), 3));
    }

    #[test]
    fn nothing_has_no_numbers() {
        assert_eq!(statistics(&Column::Integer(vec![None, None]), 0..2).numbers, None);
    }
}
