//! A zone as somebody is drawing it: what the norms say of its figures, what it would bring, what it takes.

use serde::Serialize;

use super::allowance::{Yield, yields};
use super::check::{Kind, Plot, Standing, Violation, judge};
use super::rules::PlanningNorms;
use super::street::street_setback;
use crate::analysis::overlay::overlay;
use crate::geo::index::FeatureIndex;
use crate::geo::measure::{anchor, ring_area, ring_contains};
use crate::geo::outline::{closed, inset};
use crate::geo::shape::{Shapes, bounds_of};
use crate::model::change::ZoneRule;
use crate::model::table::FeatureTable;
use crate::model::zoning::field;
use crate::study::effects::table::EffectTable;
use crate::study::effects::target;

/// A layer with its index.
pub type Indexed<'a> = (&'a FeatureTable, &'a FeatureIndex);

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Proposal {
    pub area_m2: f64,
    /// Under buildings.
    pub footprint_m2: f64,
    pub height_m: f64,
    /// The ring less its setback, closed: where buildings may stand. Empty where the setback leaves nothing.
    pub inner: Vec<[f64; 2]>,
    pub setback_m: f64,
    pub yields: Yield,
    /// What is more than the norms allow.
    pub violations: Vec<Violation>,
    /// Of the plan, what it covers: (code of the land use, m²), the most first.
    pub takes: Vec<(String, f64)>,
    /// Parcels whose middle lies in it.
    pub parcels: usize,
}

/// `ring` in the site's system, open or closed; `None` below three points.
#[must_use]
pub fn propose(
    ring: &[[f64; 2]],
    rule: &ZoneRule,
    plan: Option<Indexed<'_>>,
    parcels: Option<Indexed<'_>>,
    roads: Option<Indexed<'_>>,
    (norms, table): (&PlanningNorms, &EffectTable),
) -> Option<Proposal> {
    let ring = closed(ring.to_vec());
    if ring.len() < 4 {
        return None;
    }
    let area_m2 = ring_area(&ring).abs();
    let built = target(rule, area_m2, table);
    let (floor_m2, footprint_m2) = built.as_ref().map_or((0.0, 0.0), |t| (t.floor_m2, t.footprint_m2));
    let height_m = rule.max_height_m.unwrap_or_else(|| {
        let storeys = if footprint_m2 > 0.0 { (floor_m2 / footprint_m2).ceil() } else { 0.0 };
        storeys * table.storey_m
    });
    // What may be built counts, also where only a part of it will be.
    let allowed = target(&ZoneRule { built: None, ..rule.clone() }, area_m2, table);
    let standing = Standing {
        buildings: 1,
        footprint_m2: allowed.as_ref().map_or(0.0, |t| t.footprint_m2),
        floor_m2: allowed.as_ref().map_or(0.0, |t| t.floor_m2),
        height_m,
    };
    // A zone is held against the norms of zones, and its ratio against that of the plots that it will be parted into.
    let held = |in_plan| {
        let plot = Plot { feature: 0, in_plan, land_use: rule.land_use.clone(), area_m2 };
        judge(&plot, &standing, None, norms).into_iter().filter(move |v| in_plan || v.kind == Kind::PlotRatio)
    };
    let asked = roads.and_then(|roads| street_setback(&ring, height_m, roads, norms));
    let least = asked.as_ref().map_or(0.0, |b| b.value);
    let setback_m = rule.setback_m.unwrap_or(least);
    let too_near = asked.filter(|b| setback_m < b.value).map(|b| Violation {
        feature: 0,
        in_plan: true,
        land_use: rule.land_use.clone(),
        kind: Kind::Setback,
        found: setback_m,
        most: b.value,
        clause: b.clause,
        verify: b.verify,
    });
    let inner = if setback_m > 0.0 { inset(&ring, setback_m).unwrap_or_default() } else { ring.clone() };
    Some(Proposal {
        area_m2,
        inner,
        setback_m,
        footprint_m2,
        height_m,
        yields: yields(floor_m2, &rule.land_use, table),
        violations: held(true).chain(held(false)).chain(too_near).collect(),
        takes: plan.map_or_else(Vec::new, |plan| takes(&ring, plan)),
        parcels: parcels.map_or(0, |parcels| inside(&ring, parcels).len()),
    })
}

fn takes(ring: &[[f64; 2]], (plan, index): Indexed<'_>) -> Vec<(String, f64)> {
    let mut own = Shapes::new();
    own.push_polygon(&[ring]);
    let mut found: Vec<(String, f64)> = Vec::new();
    for share in overlay(&own, &[0], &plan.geometry, index) {
        let code = plan.value(share.zone, field::CODE).to_string();
        match found.iter_mut().find(|(known, _)| *known == code) {
            Some((_, area)) => *area += share.area_m2,
            None => found.push((code, share.area_m2)),
        }
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    found
}

/// Rows of a layer whose middle lies in a closed ring.
#[must_use]
pub fn inside(ring: &[[f64; 2]], (table, index): Indexed<'_>) -> Vec<usize> {
    let Some(bounds) = bounds_of(ring) else { return Vec::new() };
    let within = |row: &usize| anchor(table.geometry.get(*row)).is_some_and(|at| ring_contains(ring, at));
    index.in_box(bounds).into_iter().filter(within).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::table::{Column, Field, FieldKind, TextColumn};

    const SQUARE: [[f64; 2]; 4] = [[0.0, 0.0], [200.0, 0.0], [200.0, 100.0], [0.0, 100.0]];

    fn of(rule: ZoneRule) -> Proposal {
        let table = EffectTable::shipped().unwrap();
        propose(&SQUARE, &rule, None, None, None, (PlanningNorms::shipped(), &table)).unwrap()
    }

    #[test]
    fn a_resort_has_its_floors_and_hears_of_the_limit_of_its_coverage() {
        let rule = ZoneRule {
            land_use: "TMD".to_owned(),
            plot_ratio: Some(1.0),
            coverage: Some(0.2),
            max_height_m: Some(20.0),
            ..ZoneRule::default()
        };
        let modest = of(rule.clone());
        assert_eq!((modest.area_m2, modest.footprint_m2, modest.yields.floor_m2), (20_000.0, 4_000.0, 20_000.0));
        assert_eq!(modest.violations, []);
        let greedy = of(ZoneRule { coverage: Some(0.5), ..rule });
        let [only] = greedy.violations.as_slice() else { panic!("{:?}", greedy.violations) };
        assert_eq!((only.found, only.most), (0.5, 0.25));
    }

    #[test]
    fn what_is_only_half_built_is_judged_by_what_is_allowed() {
        let rule =
            ZoneRule { land_use: "TMD".to_owned(), coverage: Some(0.5), built: Some(0.4), ..ZoneRule::default() };
        let half = of(rule);
        assert_eq!(half.violations.len(), 1);
        assert!(half.yields.floor_m2 < 0.5 * 20_000.0);
    }

    #[test]
    fn what_the_plan_loses_is_added_up_by_use() {
        let mut geometry = Shapes::new();
        geometry.push_polygon(&[&[[-50.0, 0.0], [50.0, 0.0], [50.0, 100.0], [-50.0, 100.0], [-50.0, 0.0]]]);
        geometry.push_polygon(&[&[[50.0, 0.0], [150.0, 0.0], [150.0, 100.0], [50.0, 100.0], [50.0, 0.0]]]);
        let mut codes = TextColumn::default();
        codes.push(Some("RDD"));
        codes.push(Some("ODT"));
        let plan = FeatureTable {
            ids: vec![1, 2],
            schema: vec![Field { name: field::CODE.to_owned(), kind: FieldKind::Text }],
            columns: vec![Column::Text(codes)],
            geometry,
        };
        let index = FeatureIndex::build(&plan.geometry);
        let table = EffectTable::shipped().unwrap();
        let rule = ZoneRule { land_use: "TMD".to_owned(), ..ZoneRule::default() };
        let found =
            propose(&SQUARE, &rule, Some((&plan, &index)), None, None, (PlanningNorms::shipped(), &table)).unwrap();
        assert_eq!(found.takes.len(), 2);
        assert_eq!(found.takes[0].0, "ODT");
        assert!((found.takes[0].1 - 10_000.0).abs() < 1e-6 && (found.takes[1].1 - 5_000.0).abs() < 1e-6);
    }
    #[test]
    fn a_tall_house_keeps_its_distance_from_the_street() {
        use crate::model::table::Value;
        let mut roads = FeatureTable::with_fields(&[("BERONG", FieldKind::Real)]);
        roads.geometry.push_line(&[[-10.0, -8.0], [210.0, -8.0]]);
        roads.push_row(&[Value::Real(12.0)]);
        let index = FeatureIndex::build(&roads.geometry);
        let table = EffectTable::shipped().unwrap();
        let of = |setback_m| {
            let rule = ZoneRule {
                land_use: "TMD".to_owned(),
                coverage: Some(0.2),
                max_height_m: Some(21.0),
                setback_m,
                ..ZoneRule::default()
            };
            let at = (PlanningNorms::shipped(), &table);
            propose(&SQUARE, &rule, None, None, Some((&roads, &index)), at).unwrap()
        };
        // What nobody sets is what the norm asks for.
        let usual = of(None);
        assert_eq!((usual.setback_m, usual.violations.len()), (3.0, 0));
        assert!((ring_area(&usual.inner).abs() - 194.0 * 94.0).abs() < 1e-6);
        let near = of(Some(1.0));
        let [only] = near.violations.as_slice() else { panic!("{:?}", near.violations) };
        assert_eq!((only.kind, only.found, only.most), (Kind::Setback, 1.0, 3.0));
        assert_eq!(of(Some(60.0)).inner, Vec::<[f64; 2]>::new());
    }
}
