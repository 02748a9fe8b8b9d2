//! The members that are there as one table: medians, ranges, differences by the same draws, and burn probability.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::digest::{PREFIX, SUFFIX, file_name};
use super::error::EnsembleError;
use super::member::{MemberResult, ScenarioResult};
use super::spec::Spec;
use crate::base::digest::Digest;
use crate::base::message::Message;
use crate::geo::grid::{Grid, GridSpec};
use crate::model::layer::Origin;
use crate::study::whatif::indicator::{Better, Figure};
use crate::study::whatif::run::Model;

/// How a figure is spread over members.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Members that have it.
    pub members: u32,
    pub mean: f64,
    pub median: f64,
    pub p05: f64,
    pub p95: f64,
}

impl Summary {
    /// Of values in the order of the members; the sum is taken in that order. `None` of nothing.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        if values.is_empty() {
            return None;
        }
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let [p05, median, p95] = [0.05, 0.5, 0.95].map(|share| quantile(&sorted, share));
        Some(Self { members: values.len() as u32, mean, median, p05, p95 })
    }
}

/// Linear between order statistics (Hyndman & Fan 1996, definition 7).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (low, part) = (place.floor() as usize, place.fract());
    let high = (low + 1).min(sorted.len() - 1);
    if part == 0.0 { sorted[low] } else { (sorted[high] - sorted[low]).mul_add(part, sorted[low]) }
}

/// A scenario against the first one, member by member.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub summary: Summary,
    /// Share of the members in which it is better, and in which it is worse; `None` where nobody says what is better.
    pub better: Option<f64>,
    pub worse: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub key: String,
    pub about: String,
    pub unit: String,
    pub decimals: usize,
    pub origin: Origin,
    pub better: Better,
    pub target: Option<f64>,
    pub model: Model,
    /// In the order of the spec's scenarios.
    pub scenarios: Vec<Option<Summary>>,
    /// Each later scenario minus the first.
    pub changes: Vec<Option<Change>>,
}

impl Row {
    /// The name of its figure.
    #[must_use]
    pub fn name(&self) -> Message {
        Figure {
            key: self.key.clone(),
            about: self.about.clone(),
            unit: self.unit.clone(),
            decimals: self.decimals,
            value: 0.0,
            plus_minus: None,
            origin: self.origin,
            better: self.better,
            target: self.target,
            model: self.model,
        }
        .name()
    }
}

/// What an ensemble gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Merged {
    pub scenarios: Vec<String>,
    pub there: u32,
    /// By number: no whole result is there.
    pub missing: Vec<u32>,
    /// Of those, files that are cut off or changed.
    pub damaged: Vec<u32>,
    /// Results of other inputs in the same folder, which do not count.
    pub others: usize,
    pub rows: Vec<Row>,
    /// Share of all fires that burn a cell, a grid for each scenario; NaN where none does. Empty without fire.
    pub burnt: Vec<Grid<f32>>,
    pub fires: u64,
    pub assumptions: Vec<Message>,
}

/// What is collected of one figure.
struct Column {
    first: Figure,
    /// For each scenario: values by member, in order.
    values: Vec<Vec<(u32, f64)>>,
}

/// Reads the members that are in a folder.
///
/// # Errors
/// [`EnsembleError::Nothing`] when none is; a folder that cannot be read.
pub fn merge(spec: &Spec, shared: Digest, folder: &Path) -> Result<Merged, EnsembleError> {
    let n = spec.scenarios.len();
    let mut order: Vec<(String, String)> = Vec::new();
    let mut columns: BTreeMap<(String, String), Column> = BTreeMap::new();
    let mut burnt: Vec<Counts> = (0..n).map(|_| Counts::default()).collect();
    let (mut missing, mut damaged, mut assumptions) = (Vec::new(), Vec::new(), Vec::new());
    for member in 0..spec.members {
        let result = match MemberResult::read(&folder.join(file_name(shared, member)), member) {
            Ok(Some(result)) if result.scenarios.len() == n => result,
            found => {
                missing.push(member);
                if !matches!(found, Ok(None)) {
                    damaged.push(member);
                }
                continue;
            }
        };
        for (side, scenario) in result.scenarios.into_iter().enumerate() {
            let ScenarioResult { figures, burnt: cells, assumptions: told, .. } = scenario;
            for figure in figures {
                let key = (figure.key.clone(), figure.about.clone());
                let value = (member, figure.value);
                let column = columns.entry(key.clone()).or_insert_with(|| {
                    order.push(key);
                    Column { first: figure, values: vec![Vec::new(); n] }
                });
                column.values[side].push(value);
            }
            if let Some(cells) = cells {
                burnt[side].add(cells.spec, cells.fires, &cells.runs);
            }
            for message in told {
                if !assumptions.contains(&message) {
                    assumptions.push(message);
                }
            }
        }
    }
    let there = spec.members - missing.len() as u32;
    if there == 0 {
        return Err(EnsembleError::Nothing { path: folder.to_owned() });
    }
    let rows = order.iter().filter_map(|key| columns.get(key)).map(row).collect();
    let fires = burnt.first().map_or(0, |b| b.fires);
    let burnt = burnt.into_iter().filter_map(Counts::shares).collect();
    let others = others(shared, folder)?;
    Ok(Merged { scenarios: spec.scenarios.clone(), there, missing, damaged, others, rows, burnt, fires, assumptions })
}

fn row(column: &Column) -> Row {
    let f = &column.first;
    let only = |values: &[(u32, f64)]| values.iter().map(|v| v.1).collect::<Vec<f64>>();
    let change = |values: &Vec<(u32, f64)>| -> Option<Change> {
        let first: BTreeMap<u32, f64> = column.values[0].iter().copied().collect();
        let differences: Vec<f64> = values.iter().filter_map(|(m, v)| first.get(m).map(|a| v - a)).collect();
        let summary = Summary::of(&differences)?;
        let share = |of: &dyn Fn(f64) -> bool| {
            (f.better != Better::Neither)
                .then(|| differences.iter().filter(|d| of(**d)).count() as f64 / differences.len() as f64)
        };
        let sign = if f.better == Better::More { 1.0 } else { -1.0 };
        Some(Change { summary, better: share(&|d| d * sign > 0.0), worse: share(&|d| d * sign < 0.0) })
    };
    Row {
        key: f.key.clone(),
        about: f.about.clone(),
        unit: f.unit.clone(),
        decimals: f.decimals,
        origin: f.origin,
        better: f.better,
        target: f.target,
        model: f.model,
        scenarios: column.values.iter().map(|v| Summary::of(&only(v))).collect(),
        changes: column.values.iter().skip(1).map(change).collect(),
    }
}

/// How many fires burn each cell.
#[derive(Default)]
struct Counts {
    spec: Option<GridSpec>,
    cells: Vec<u64>,
    fires: u64,
}

impl Counts {
    /// Members of one ensemble have one grid; what is no part of it is left out.
    fn add(&mut self, spec: GridSpec, fires: u32, runs: &[[u32; 3]]) {
        if self.spec.is_none() {
            self.cells = vec![0; spec.len()];
            self.spec = Some(spec);
        }
        self.fires += u64::from(fires);
        for [first, count, n] in runs {
            let range = *first as usize..(*first as usize).saturating_add(*count as usize);
            self.cells.get_mut(range).into_iter().flatten().for_each(|c| *c += u64::from(*n));
        }
    }

    fn shares(self) -> Option<Grid<f32>> {
        let fires = self.fires.max(1) as f64;
        let share = |c: &u64| if *c == 0 { f32::NAN } else { (*c as f64 / fires) as f32 };
        Some(Grid { spec: self.spec?, cells: self.cells.iter().map(share).collect() })
    }
}

/// Members' files in a folder that are not of these inputs.
fn others(shared: Digest, folder: &Path) -> Result<usize, EnsembleError> {
    let failed = |e: std::io::Error| EnsembleError::Read { detail: e.to_string(), path: folder.to_owned() };
    let mut count = 0;
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        let Some(rest) = name.strip_prefix(PREFIX).filter(|r| r.ends_with(SUFFIX)) else { continue };
        let number = rest.split('-').next().and_then(|n| n.parse().ok());
        // More of the same, from when more members were asked for, are no strangers.
        if number.is_none_or(|m: u32| file_name(shared, m) != name) {
            count += 1;
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_r_and_numpy() {
        // numpy.quantile([3, 1, 4, 1, 5, 9, 2, 6], [.05, .5, .95]) = 1.0, 3.5, 7.95
        let s = Summary::of(&[3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0]).unwrap();
        assert_eq!((s.members, s.p05, s.median, s.mean), (8, 1.0, 3.5, 3.875));
        assert!((s.p95 - 7.95).abs() < 1e-12);
        assert_eq!(Summary::of(&[2.0]).map(|s| (s.p05, s.median, s.p95)), Some((2.0, 2.0, 2.0)));
        assert_eq!(Summary::of(&[]), None);
    }

    #[test]
    fn a_run_that_leaves_the_grid_is_left_out() {
        let mut counts = Counts::default();
        let spec = GridSpec::north_up(crate::geo::crs::Crs::WGS84, 0.0, 0.0, 1.0, 3, 2);
        counts.add(spec.clone(), 2, &[[1, 2, 2], [5, 1, 1], [5, 9, 1]]);
        counts.add(spec, 2, &[[2, 1, 1]]);
        let shares = counts.shares().unwrap().cells;
        assert_eq!(shares[1..3], [0.5, 0.75]);
        assert_eq!(shares[5], 0.25);
        assert!(shares[0].is_nan() && shares[3].is_nan());
    }
}
