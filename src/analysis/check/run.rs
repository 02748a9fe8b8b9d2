//! All checks of a table, in one report.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::attributes::{self, AttributeRule, default_rules};
use super::issue::{CheckReport, Issue, IssueKind};
use super::mosaic::{self, GapLimits};
use super::rings;
use crate::base::cancel::{CancelToken, Cancelled};
use crate::geo::index::FeatureIndex;
use crate::geo::shape::ShapeKind;
use crate::model::table::FeatureTable;

#[derive(Debug, Clone, PartialEq)]
pub struct CheckOptions {
    /// Whether the polygons should cover the ground once: parcels, zones of a plan.
    pub mosaic: bool,
    pub rules: Vec<AttributeRule>,
    /// Strips narrower than this are rounding, metres.
    pub tolerance_m: f64,
    /// Holes between parcels up to this size are gaps, square metres.
    pub gap_area_m2: f64,
    /// Larger ones too when they are narrower than this, metres.
    pub gap_width_m: f64,
    /// Findings of one kind that are listed; all are counted.
    pub most_issues: usize,
}

impl Default for CheckOptions {
    fn default() -> Self {
        Self {
            mosaic: false,
            rules: default_rules(),
            tolerance_m: 0.01,
            gap_area_m2: 5.0,
            gap_width_m: 0.3,
            most_issues: 1000,
        }
    }
}

impl CheckOptions {
    /// As for a layer whose fields say that it holds parcels.
    #[must_use]
    pub fn for_table(table: &FeatureTable) -> Self {
        let has = |names: &[&str]| names.iter().any(|n| table.field_index(n).is_some());
        let parcels = has(&["SOTHUA", "SHTHUA"]) && table.geometry.main_kind() == ShapeKind::Polygon;
        Self { mosaic: parcels, ..Self::default() }
    }
}

/// Rows on one thread at a time.
const CHUNK: usize = 4096;

/// Coordinates in metres. The same report on any number of threads.
///
/// # Errors
/// [`Cancelled`] when the user has had enough.
pub fn check(table: &FeatureTable, options: &CheckOptions, cancel: &CancelToken) -> Result<CheckReport, Cancelled> {
    let rows: Vec<usize> = (0..table.len()).collect();
    let mut issues: Vec<Issue> = rows
        .par_chunks(CHUNK)
        .flat_map_iter(|chunk| {
            let mut found = Vec::new();
            for &row in chunk {
                rings::check_shape(table.geometry.get(row), row, table.ids[row], &mut found);
            }
            found
        })
        .collect();
    cancel.check()?;
    attributes::values(table, &options.rules, &mut issues);
    attributes::duplicate_parcels(table, &mut issues);
    attributes::areas(table, &mut issues);
    cancel.check()?;
    if options.mosaic {
        let mut sound = vec![false; table.len()];
        for (row, shape) in table.geometry.iter().enumerate() {
            sound[row] = shape.kind() == ShapeKind::Polygon;
        }
        issues.iter().filter(|i| breaks_comparing(i.kind)).for_each(|i| sound[i.row as usize - 1] = false);
        let index = FeatureIndex::build(&table.geometry);
        cancel.check()?;
        let limits =
            GapLimits { tolerance_m: options.tolerance_m, area_m2: options.gap_area_m2, width_m: options.gap_width_m };
        let (overlaps, gaps) = rayon::join(
            || mosaic::overlaps(table, &index, &sound, options.tolerance_m),
            || mosaic::gaps(table, &index, &sound, limits),
        );
        issues.extend(overlaps);
        issues.extend(gaps);
        cancel.check()?;
    }
    Ok(report(table.len(), issues, options.most_issues))
}

/// Outlines that cross themselves or have no numbers cannot be laid over others.
fn breaks_comparing(kind: IssueKind) -> bool {
    matches!(kind, IssueKind::NotANumber | IssueKind::EmptyGeometry | IssueKind::RingNotClosed)
}

fn report(rows: usize, mut issues: Vec<Issue>, most: usize) -> CheckReport {
    issues.sort_by(|a, b| (a.row, a.kind, a.other_row).cmp(&(b.row, b.kind, b.other_row)));
    let mut counts: BTreeMap<IssueKind, u64> = BTreeMap::new();
    issues.retain(|issue| {
        let n = counts.entry(issue.kind).or_default();
        *n += 1;
        *n <= most as u64
    });
    CheckReport { rows: rows as u64, issues, counts: counts.into_iter().collect() }
}
