//! How much of each feature lies in which zone: parcels by the land-use plan.

use geo::{Area, BooleanOps};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::geo::index::FeatureIndex;
use crate::geo::measure::area;
use crate::geo::shape::{ShapeKind, Shapes, multi_polygon};

/// One zone's share of one feature.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Share {
    pub row: usize,
    pub zone: usize,
    pub area_m2: f64,
    /// Of the feature's own area, 0 to 100.
    pub percent: f64,
}

/// Shares below this are rounding of the borders, square metres.
const LEAST_M2: f64 = 0.01;

/// Shares of the given rows in all zones, by row, then zone.
#[must_use]
pub fn overlay(shapes: &Shapes, rows: &[usize], zones: &Shapes, zone_index: &FeatureIndex) -> Vec<Share> {
    rows.par_iter()
        .with_min_len(64)
        .flat_map_iter(|&row| {
            let shape = shapes.get(row);
            let whole = area(shape);
            let candidates = match shape.bounds() {
                Some(bounds) if shape.kind() == ShapeKind::Polygon && whole > 0.0 => zone_index.in_box(bounds),
                _ => Vec::new(),
            };
            let own = multi_polygon(shape);
            candidates.into_iter().filter_map(move |zone| {
                let other = zones.get(zone);
                if other.kind() != ShapeKind::Polygon {
                    return None;
                }
                let area_m2 = own.intersection(&multi_polygon(other)).unsigned_area();
                (area_m2 > LEAST_M2).then_some(Share { row, zone, area_m2, percent: 100.0 * area_m2 / whole })
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, side: f64) -> [[f64; 2]; 5] {
        [[x, 0.0], [x + side, 0.0], [x + side, side], [x, side], [x, 0.0]]
    }

    #[test]
    fn a_parcel_across_a_border_is_shared_out() {
        let mut parcels = Shapes::new();
        parcels.push_polygon(&[&square(441_000.0, 20.0)]);
        parcels.push_point([441_001.0, 1.0]);
        let mut zones = Shapes::new();
        zones.push_polygon(&[&square(440_905.0, 100.0)]);
        zones.push_polygon(&[&square(441_005.0, 100.0)]);
        zones.push_polygon(&[&square(441_020.0, 100.0)]);
        let shares = overlay(&parcels, &[0, 1], &zones, &FeatureIndex::build(&zones));
        let rounded: Vec<_> = shares.iter().map(|s| (s.row, s.zone, s.area_m2.round(), s.percent.round())).collect();
        assert_eq!(rounded, [(0, 0, 100.0, 25.0), (0, 1, 300.0, 75.0)]);
    }
}
