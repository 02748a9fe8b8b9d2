//! All checks of a table, in one report.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::attributes::{self, AttributeRule, default_rules};
use super::gaps::{self, GapLimits};
use super::issue::{CheckReport, Issue, IssueKind};
use super::{mosaic, rings};
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
            || gaps::gaps(table, &sound, limits),
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
    issues.sort_by_key(|i| (i.row, i.kind, i.other_row));
    let mut counts: BTreeMap<IssueKind, u64> = BTreeMap::new();
    issues.retain(|issue| {
        let n = counts.entry(issue.kind).or_default();
        *n += 1;
        *n <= most as u64
    });
    CheckReport { rows: rows as u64, issues, counts: counts.into_iter().collect() }
}

#[cfg(test)]
mod tests {
    use super::super::{Repair, repair};
    use super::*;
    use crate::geo::measure::area;
    use crate::geo::shape::Shapes;
    use crate::model::table::{FieldKind, Value};

    type Ring = Vec<[f64; 2]>;

    fn square(x: f64, y: f64, side: f64) -> Ring {
        vec![[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
    }

    /// A table of polygons without attributes, far from the origin as real ones are.
    fn table(polygons: &[Vec<Ring>]) -> FeatureTable {
        let mut table = FeatureTable::default();
        for rings in polygons {
            let moved: Vec<Ring> =
                rings.iter().map(|r| r.iter().map(|p| [p[0] + 441_000.0, p[1] + 1_129_000.0]).collect()).collect();
            let borrowed: Vec<&[[f64; 2]]> = moved.iter().map(Vec::as_slice).collect();
            table.geometry.push_polygon(&borrowed);
            table.push_row(&[]);
        }
        table
    }

    fn found(table: &FeatureTable, mosaic: bool) -> Vec<(IssueKind, u64)> {
        let options = CheckOptions { mosaic, ..CheckOptions::default() };
        check(table, &options, &CancelToken::new()).unwrap().counts
    }

    #[test]
    fn each_fault_of_a_ring_is_found_by_its_name() {
        let turned = |mut ring: Ring| {
            ring.reverse();
            ring
        };
        let cases: [(Vec<Ring>, &[(IssueKind, u64)]); 9] = [
            (vec![square(0.0, 0.0, 10.0)], &[]),
            (vec![square(0.0, 0.0, 10.0), turned(square(2.0, 2.0, 3.0))], &[]),
            (vec![square(0.0, 0.0, 10.0)[..4].to_vec()], &[(IssueKind::RingNotClosed, 1)]),
            (
                vec![vec![[0.0, 0.0], [5.0, 5.0], [9.0, 9.0], [0.0, 0.0]]],
                &[(IssueKind::RingWithoutArea, 1), (IssueKind::SelfIntersection, 2)],
            ),
            (
                vec![vec![[0.0, 0.0], [4.0, 4.0], [4.0, 0.0], [0.0, 4.0], [0.0, 0.0]]],
                &[(IssueKind::SelfIntersection, 1)],
            ),
            (
                vec![vec![[0.0, 0.0], [4.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 0.0]]],
                &[(IssueKind::DuplicateVertex, 1)],
            ),
            (vec![square(0.0, 0.0, 10.0), turned(square(20.0, 2.0, 3.0))], &[(IssueKind::HoleOutside, 1)]),
            (
                vec![square(0.0, 0.0, 10.0), turned(square(1.0, 1.0, 8.0)), turned(square(2.0, 2.0, 3.0))],
                &[(IssueKind::NestedHole, 1)],
            ),
            (vec![vec![[0.0, 0.0], [f64::NAN, 0.0], [4.0, 4.0], [0.0, 0.0]]], &[(IssueKind::NotANumber, 1)]),
        ];
        for (rings, wanted) in cases {
            assert_eq!(found(&table(std::slice::from_ref(&rings)), false), wanted, "{rings:?}");
        }
        let mut empty = FeatureTable::default();
        empty.geometry.push_empty();
        empty.push_row(&[]);
        assert_eq!(found(&empty, true), [(IssueKind::EmptyGeometry, 1)]);
    }

    #[test]
    fn neighbours_with_common_borders_do_not_overlap() {
        // The second has a corner in the middle of the first one's side; the third touches in a corner.
        let second = vec![[10.0, 0.0], [20.0, 0.0], [20.0, 10.0], [10.0, 10.0], [10.0, 5.0], [10.0, 0.0]];
        let cells = [vec![square(0.0, 0.0, 10.0)], vec![second], vec![square(20.0, 10.0, 5.0)]];
        assert_eq!(found(&table(&cells), true), []);
    }

    #[test]
    fn every_way_of_overlapping_is_found() {
        let base = square(0.0, 0.0, 10.0);
        // Crossing, within, the same, around, half of it along its diagonal, through two of its corners.
        let others: [(Ring, f64); 6] = [
            (square(8.0, 8.0, 10.0), 4.0),
            (square(2.0, 2.0, 3.0), 9.0),
            (base.clone(), 100.0),
            (square(-5.0, -5.0, 30.0), 100.0),
            (vec![[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 0.0]], 50.0),
            (vec![[-40.0, -40.0], [10.0, 10.0], [30.0, 30.0], [30.0, -40.0], [-40.0, -40.0]], 50.0),
        ];
        for (other, shared) in others {
            let cells = table(&[vec![base.clone()], vec![other.clone()]]);
            let options = CheckOptions { mosaic: true, ..CheckOptions::default() };
            let report = check(&cells, &options, &CancelToken::new()).unwrap();
            assert_eq!(report.count(IssueKind::Overlap), 1, "{other:?}");
            let issue = &report.issues[0];
            assert!((issue.area_m2.unwrap() - shared).abs() < 1e-3, "{other:?}: {issue:?}");
            assert_eq!((issue.row, issue.other_row), (1, Some(2)));
        }
        // A millimetre is rounding.
        assert_eq!(found(&table(&[vec![base.clone()], vec![square(9.999, 0.0, 10.0)]]), true), []);
    }

    #[test]
    fn gaps_are_found_and_yards_are_not() {
        // Four cells around a slit of 0.2 m by 10 m, and around a yard of 10 m by 10 m.
        let around = |width: f64| {
            table(&[
                vec![vec![[0.0, 0.0], [20.0 + width, 0.0], [20.0 + width, 5.0], [0.0, 5.0], [0.0, 0.0]]],
                vec![vec![[0.0, 15.0], [20.0 + width, 15.0], [20.0 + width, 20.0], [0.0, 20.0], [0.0, 15.0]]],
                vec![vec![[0.0, 5.0], [10.0, 5.0], [10.0, 15.0], [0.0, 15.0], [0.0, 5.0]]],
                vec![vec![
                    [10.0 + width, 5.0],
                    [20.0 + width, 5.0],
                    [20.0 + width, 15.0],
                    [10.0 + width, 15.0],
                    [10.0 + width, 5.0],
                ]],
            ])
        };
        assert_eq!(found(&around(0.2), true), [(IssueKind::Gap, 1)]);
        assert_eq!(found(&around(10.0), true), []);
        assert_eq!(found(&around(0.0), true), []);
    }

    #[test]
    fn attributes_are_judged() {
        let mut parcels = FeatureTable::with_fields(&[
            ("SOTO", FieldKind::Integer),
            ("SOTHUA", FieldKind::Integer),
            ("MALOAIDAT", FieldKind::Text),
            ("DIENTICH", FieldKind::Real),
        ]);
        for (i, (parcel, code, area)) in [
            (Value::Integer(1), Value::Text("ODT"), 100.0),
            (Value::Integer(1), Value::Text("XYZ"), 100.0),
            (Value::Null, Value::Text(""), 150.0),
            (Value::Integer(-4), Value::Text("CLN"), f64::NAN),
        ]
        .into_iter()
        .enumerate()
        {
            parcels.geometry.push_polygon(&[&square(20.0 * i as f64, 0.0, 10.0)]);
            parcels.push_row(&[Value::Integer(12), parcel, code, Value::Real(area)]);
        }
        let wanted = [
            (IssueKind::DuplicateParcel, 1),
            (IssueKind::MissingValue, 2),
            (IssueKind::OutOfRange, 1),
            (IssueKind::UnknownCode, 1),
            (IssueKind::AreaDiffers, 1),
        ];
        assert_eq!(found(&parcels, CheckOptions::for_table(&parcels).mosaic), wanted);
    }

    #[test]
    fn repairs_mend_what_they_say_and_nothing_else() {
        // Not closed and a point twice; a small loop at a corner; sound.
        let open = vec![[0.0, 0.0], [10.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]];
        let crossed = vec![
            [20.0, 0.0],
            [30.0, 0.0],
            [30.0, 10.0],
            [29.9, 9.95],
            [29.9, 10.05],
            [30.0, 10.0],
            [20.0, 10.0],
            [20.0, 0.0],
        ];
        let before = table(&[vec![open], vec![crossed], vec![square(40.0, 0.0, 10.0)]]);
        let report = check(&before, &CheckOptions::default(), &CancelToken::new()).unwrap();
        let wanted: Vec<(u64, Repair)> = report.issues.iter().filter_map(|i| Some((i.row, i.repair?))).collect();
        assert!(wanted.contains(&(1, Repair::CloseRing)) && wanted.contains(&(1, Repair::DropDuplicateVertices)));
        let after = repair(&before, &wanted);
        assert_eq!(after.table.geometry.get(0).points().len(), 5);
        assert_eq!(area(after.table.geometry.get(0)), 100.0);
        assert_eq!(after.table.geometry.get(2).points(), before.geometry.get(2).points());
        assert_eq!(after.table.ids, before.ids);
        assert_eq!(check(&after.table, &CheckOptions::default(), &CancelToken::new()).unwrap().repairable(), 0);
        assert_ne!(after.table.geometry, before.geometry);
    }

    #[test]
    fn the_report_is_the_same_on_one_thread() {
        let rng = crate::base::rng::KeyedRng::new(4, 4);
        let mut shapes = Shapes::new();
        for i in 0..600 {
            let [x, y] = [rng.range(0, i, 0.0, 100.0), rng.range(1, i, 0.0, 100.0)];
            shapes.push_polygon(&[&square(x, y, rng.range(2, i, 1.0, 9.0))]);
        }
        let cells = FeatureTable { ids: (1..=600).collect(), geometry: shapes, ..FeatureTable::default() };
        let options = CheckOptions { mosaic: true, ..CheckOptions::default() };
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| check(&cells, &options, &CancelToken::new()).unwrap())
        };
        assert!(on(1).count(IssueKind::Overlap) > 500);
        assert_eq!(on(1), on(3));
    }
}
