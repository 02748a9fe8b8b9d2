//! How far from its streets a building must stay.

use super::allowance::Bound;
use super::rules::PlanningNorms;
use crate::analysis::near::distance;
use crate::geo::index::FeatureIndex;
use crate::geo::shape::{Shapes, bounds_of};
use crate::model::table::FeatureTable;

/// Field of the road layer for the width between the plots, metres.
const WIDTH: &str = "BERONG";
/// A street is a plot's own up to so far beyond its edge: pavements, verges and what surveys differ by. Assumed.
const VERGE_M: f64 = 12.0;
const WIDEST_M: f64 = 120.0;

/// The largest setback that the streets along a closed ring ask for, and the clause; `None` where none runs along it.
#[must_use]
pub fn street_setback(
    ring: &[[f64; 2]],
    height_m: f64,
    (roads, index): (&FeatureTable, &FeatureIndex),
    norms: &PlanningNorms,
) -> Option<Bound> {
    let [west, south, east, north] = bounds_of(ring)?;
    let reach = WIDEST_M / 2.0 + VERGE_M;
    let mut own = Shapes::new();
    own.push_polygon(&[ring]);
    let mut most: Option<Bound> = None;
    for row in index.in_box([west - reach, south - reach, east + reach, north + reach]) {
        let Some(width) = roads.value(row, WIDTH).as_f64().filter(|w| *w > 0.0) else { continue };
        let Some((metres, rule)) = norms.setback(width, height_m) else { continue };
        let more = metres > 0.0 && most.as_ref().is_none_or(|m| metres > m.value);
        if more && distance(own.get(0), roads.geometry.get(row)) <= width / 2.0 + VERGE_M {
            let clause = format!("{}, {}", norms.document, rule.clause);
            most = Some(Bound { value: metres, clause, verify: rule.verify });
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::table::{FieldKind, Value};

    #[test]
    fn the_street_that_asks_for_most_counts_and_far_ones_do_not() {
        let mut roads = FeatureTable::with_fields(&[(WIDTH, FieldKind::Real)]);
        for (x, width) in [(-10.0, 12.0), (130.0, 12.0)] {
            roads.geometry.push_line(&[[x, -50.0], [x, 150.0]]);
            roads.push_row(&[Value::Real(width)]);
        }
        let index = FeatureIndex::build(&roads.geometry);
        let ring = |x: f64| [[x, 0.0], [x + 20.0, 0.0], [x + 20.0, 20.0], [x, 20.0], [x, 0.0]];
        let norms = PlanningNorms::shipped();
        let of = |x: f64, height: f64| street_setback(&ring(x), height, (&roads, &index), norms).map(|b| b.value);
        assert_eq!(of(0.0, 21.0), Some(3.0));
        assert_eq!(of(60.0, 21.0), None);
        // Low houses may stand at the street.
        assert_eq!(of(0.0, 10.0), None);
    }
}
