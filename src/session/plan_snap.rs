//! Drawing on what is there: a point near a corner or a border of a parcel, a zone or a road is put onto it.

use std::ops::Range;

use super::apply::Session;
use crate::geo::index::FeatureIndex;
use crate::geo::measure::{distance, nearest_on_segment};
use crate::geo::shape::ShapeKind;
use crate::model::layer::LayerRole;
use crate::model::table::FeatureTable;

/// How far a point is drawn to another, metres: a hundredth of the way to the eye, within these.
const SNAP: Range<f64> = 0.5..60.0;
const OF_WAY: f64 = 0.012;
/// Where more features lie near a point nobody can tell them apart.
const MOST: usize = 400;

impl Session {
    /// Where a point of a drawing goes that is put down here (site metres): (east, north) in the site's CRS. `moved` is
    /// the point of the drawing that is being moved.
    #[must_use]
    pub fn snapped(&self, point: [f64; 3], moved: Option<usize>) -> [f64; 2] {
        let Some(project) = self.shown() else { return [point[0], point[1]] };
        let at = project.frame.crs_from_site([point[0], point[1]]);
        let reach = reach_at(self.view.camera.eye, point);
        // The drawing's own points first: a ring is closed on its first one.
        let own = self.plan().drawing.as_ref().map(|d| d.points.as_slice()).unwrap_or_default();
        let others = own.iter().enumerate().filter(|(i, _)| Some(*i) != moved).map(|(_, p)| *p);
        if let Some(near) = nearest(others, at, reach) {
            return near;
        }
        let mut corner: Option<[f64; 2]> = None;
        let mut side: Option<[f64; 2]> = None;
        for role in [LayerRole::Parcels, LayerRole::LandUsePlan, LayerRole::Roads] {
            let Some(layer) = project.with_role(role).filter(|l| l.visible) else { continue };
            let Some(table) = layer.content.features() else { continue };
            let (c, s) = on_table(table, &self.indexes().of(table), at, reach);
            corner = nearest(corner.into_iter().chain(c), at, reach);
            side = nearest(side.into_iter().chain(s), at, reach);
        }
        corner.or(side).unwrap_or(at)
    }
}

/// How far from a place a click still means it.
pub(super) fn reach_at(eye: [f64; 3], at: [f64; 3]) -> f64 {
    let way = (eye[0] - at[0]).hypot(eye[1] - at[1]).hypot(eye[2] - at[2]);
    (way * OF_WAY).clamp(SNAP.start, SNAP.end)
}

/// The nearest corner and the nearest point of a border within reach.
fn on_table(
    table: &FeatureTable,
    index: &FeatureIndex,
    at: [f64; 2],
    reach: f64,
) -> (Option<[f64; 2]>, Option<[f64; 2]>) {
    let rows = index.in_box([at[0] - reach, at[1] - reach, at[0] + reach, at[1] + reach]);
    if rows.len() > MOST {
        return (None, None);
    }
    let (mut corner, mut side) = (None, None);
    for row in rows {
        let shape = table.geometry.get(row);
        if shape.kind() == ShapeKind::Point {
            continue;
        }
        for ring in shape.rings() {
            let points = ring.points();
            corner = nearest(points.iter().copied().chain(corner), at, reach);
            let feet = points.windows(2).map(|leg| nearest_on_segment(at, leg[0], leg[1]));
            side = nearest(feet.chain(side), at, reach);
        }
    }
    (corner, side)
}

fn nearest(points: impl Iterator<Item = [f64; 2]>, at: [f64; 2], reach: f64) -> Option<[f64; 2]> {
    let near = points.map(|p| (distance(p, at), p)).filter(|(d, _)| *d <= reach);
    near.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, p)| p)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::shape::Shapes;

    #[test]
    fn a_corner_goes_before_a_border_and_what_is_far_leaves_the_point_alone() {
        let mut geometry = Shapes::new();
        geometry.push_polygon(&[&[[0.0, 0.0], [100.0, 0.0], [100.0, 100.0], [0.0, 0.0]]]);
        let table = FeatureTable { ids: vec![1], geometry, ..FeatureTable::default() };
        let index = FeatureIndex::build(&table.geometry);
        let near = |at| on_table(&table, &index, at, 5.0);
        assert_eq!(near([98.0, 1.0]), (Some([100.0, 0.0]), Some([98.0, 0.0])));
        assert_eq!(near([50.0, -3.0]), (None, Some([50.0, 0.0])));
        assert_eq!(near([50.0, 20.0]), (None, None));
    }
}
