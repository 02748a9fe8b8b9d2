//! Squares over the searched area, divided where a source is more likely.

use rayon::prelude::*;

use super::finding::Search;
use super::finding_fit::{Fit, Judge};
use super::table::PlumeTable;
use crate::base::cancel::{CancelToken, Cancelled};

/// Squares along the longer side at first.
const FIRST: f64 = 36.0;
/// The most squares that are looked at in all: so many readings of squares, within these bounds.
const MOST_READINGS: usize = 900_000;
const MOST_CELLS: [usize; 2] = [3200, 12_000];
/// Squares of a size that are divided, the most promising first.
const BEAM: usize = 96;
/// A square that holds less of the probability, as it is and as it promises, is not divided further.
const SMALL_SHARE: f64 = 0.004;
/// A square whose promise lies so much below the best likelihood, in logarithms, holds nothing.
const HOPELESS: f64 = 25.0;

pub(super) struct Leaf {
    pub(super) middle: [f64; 2],
    pub(super) level: usize,
    pub(super) fit: Fit,
}

fn first_side(search: &Search) -> f64 {
    let [w, s, e, n] = search.bounds;
    ((e - w).max(n - s) / FIRST).max(search.finest_m)
}

pub(super) fn side_at(search: &Search, level: usize) -> f64 {
    first_side(search) / (1_u64 << level) as f64
}

/// Squares over the searched area, finer where it is more likely. First size by size, so that a hill of probability
/// that is narrower than a square is not lost to the first one that was climbed; then wherever a square holds much.
pub(super) fn divide(judge: &Judge<'_>, cancel: &CancelToken) -> Result<Vec<Leaf>, Cancelled> {
    let search = judge.search;
    let [w, s, e, n] = search.bounds;
    let side = first_side(search);
    let (cols, rows) = (((e - w) / side).ceil().max(1.0) as usize, ((n - s) / side).ceil().max(1.0) as usize);
    let start: Vec<[f64; 2]> = (0..rows * cols)
        .map(|i| [side.mul_add((i % cols) as f64 + 0.5, w), side.mul_add((i / cols) as f64 + 0.5, s)])
        .collect();
    let mut tables = Vec::new();
    let mut leaves = look(judge, &mut tables, 0, &start, f64::NEG_INFINITY, cancel)?;
    let mut level = 0;
    while side_at(search, level) > search.finest_m {
        let mut ranked: Vec<usize> = (0..leaves.len()).filter(|i| leaves[*i].level == level).collect();
        ranked.sort_by(|a, b| leaves[*b].fit.promise.total_cmp(&leaves[*a].fit.promise).then(a.cmp(b)));
        ranked.truncate(BEAM);
        split(judge, &mut tables, &mut leaves, ranked, cancel)?;
        level += 1;
    }
    let most = (MOST_READINGS / judge.readings.len()).clamp(MOST_CELLS[0], MOST_CELLS[1]);
    while leaves.len() < most {
        let shares = shares(search, &leaves);
        let promised = promised(search, &leaves);
        let worth = |i: usize| shares[i].max(promised[i]);
        let mut ranked: Vec<usize> = (0..leaves.len())
            .filter(|i| worth(*i) > SMALL_SHARE && side_at(search, leaves[*i].level) > search.finest_m)
            .collect();
        if ranked.is_empty() {
            break;
        }
        ranked.sort_by(|a, b| worth(*b).total_cmp(&worth(*a)).then(a.cmp(b)));
        ranked.truncate(BEAM);
        split(judge, &mut tables, &mut leaves, ranked, cancel)?;
    }
    Ok(leaves)
}

/// What each leaf would hold if it kept its promise and all others hold what they do.
fn promised(search: &Search, leaves: &[Leaf]) -> Vec<f64> {
    let area = |l: &Leaf| 2.0 * side_at(search, l.level).ln();
    let top = leaves.iter().map(|l| l.fit.log_density + area(l)).fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = leaves.iter().map(|l| (l.fit.log_density + area(l) - top).exp()).sum();
    // Promises leave out what the strength's range takes away; the best leaf tells how much that is.
    let best = leaves.iter().max_by(|a, b| a.fit.log_density.total_cmp(&b.fit.log_density));
    let apart = best.map_or(0.0, |l| l.fit.log_density - l.fit.promise).min(0.0);
    let of = |l: &Leaf| {
        let own = (l.fit.promise + apart + area(l) - top).exp();
        own / (own + sum)
    };
    leaves.iter().map(of).collect()
}

/// Fits squares of a size, against the `best` likelihood so far; their tables made when first needed.
fn look(
    judge: &Judge<'_>,
    tables: &mut Vec<Vec<PlumeTable>>,
    level: usize,
    places: &[[f64; 2]],
    best: f64,
    cancel: &CancelToken,
) -> Result<Vec<Leaf>, Cancelled> {
    while tables.len() <= level {
        tables.push(judge.tables(side_at(judge.search, tables.len())));
    }
    let (own, side) = (&tables[level], side_at(judge.search, level));
    let one = |middle: &[f64; 2]| {
        cancel.check()?;
        let glance = judge.glance(*middle, own, side);
        let hopeless = glance.promise < best - HOPELESS;
        Ok(Leaf { middle: *middle, level, fit: if hopeless { judge.poor_fit(glance) } else { judge.fit(glance) } })
    };
    places.par_iter().map(one).collect()
}

/// Puts four quarters in the place of each of these leaves.
fn split(
    judge: &Judge<'_>,
    tables: &mut Vec<Vec<PlumeTable>>,
    leaves: &mut Vec<Leaf>,
    mut chosen: Vec<usize>,
    cancel: &CancelToken,
) -> Result<(), Cancelled> {
    // The best likelihood so far; strengths take a little off the promise of a square that is as fine as it gets.
    let best = leaves.iter().map(|l| l.fit.log_density).fold(f64::NEG_INFINITY, f64::max);
    chosen.sort_unstable();
    let mut quarters: std::collections::BTreeMap<usize, Vec<[f64; 2]>> = std::collections::BTreeMap::new();
    for i in chosen.into_iter().rev() {
        let leaf = leaves.remove(i);
        let finer = side_at(judge.search, leaf.level + 1);
        let [x, y] = leaf.middle;
        quarters.entry(leaf.level + 1).or_default().extend(
            [(-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5), (0.5, 0.5)]
                .map(|(a, b)| [finer.mul_add(a, x), finer.mul_add(b, y)]),
        );
    }
    for (level, places) in quarters {
        leaves.extend(look(judge, tables, level, &places, best, cancel)?);
    }
    Ok(())
}

/// Probability of each leaf.
pub(super) fn shares(search: &Search, leaves: &[Leaf]) -> Vec<f64> {
    let log = |l: &Leaf| l.fit.log_density + 2.0 * side_at(search, l.level).ln();
    let top = leaves.iter().map(log).fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = leaves.iter().map(|l| (log(l) - top).exp()).collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|w| w / sum).collect()
}
