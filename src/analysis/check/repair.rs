//! Repairs that change no boundary: what is returned is a new table, the old one stays as it was.

use geo::{BooleanOps, MultiPolygon};

use super::issue::Repair;
use super::rings::is_flat;
use crate::geo::measure::{area, ring_area};
use crate::geo::shape::{Shape, ShapeKind, Shapes, multi_polygon};
use crate::model::table::FeatureTable;

/// A repaired table, and what was done to which row (counted from 1).
#[derive(Debug, Clone)]
pub struct Repaired {
    pub table: FeatureTable,
    pub done: Vec<(u64, Repair)>,
}

/// Applies these repairs, as [`super::Issue::row`] and [`super::Issue::repair`] name them. Rows keep their ids and
/// attributes.
#[must_use]
pub fn repair(table: &FeatureTable, wanted: &[(u64, Repair)]) -> Repaired {
    let mut wanted = wanted.to_vec();
    // Rings are closed before duplicates are dropped and crossings cut.
    wanted.sort_by_key(|(row, repair)| (*row, *repair as u8));
    wanted.dedup();
    let mut geometry = Shapes::new();
    let mut done = Vec::new();
    let mut next = wanted.as_slice();
    for (row, shape) in table.geometry.iter().enumerate() {
        let here = next.iter().take_while(|(r, _)| *r == row as u64 + 1).count();
        let (repairs, rest) = next.split_at(here);
        next = rest;
        if repairs.is_empty() || table.geometry.has_z() && repairs.iter().any(|(_, r)| *r == Repair::Untangle) {
            geometry.push_shape(shape);
            continue;
        }
        let mut current = Shapes::new();
        current.push_shape(shape);
        for (row, repair) in repairs {
            if let Some(fixed) = apply(current.get(0), *repair) {
                current = fixed;
                done.push((*row, *repair));
            }
        }
        geometry.push_shape(current.get(0));
    }
    Repaired { table: FeatureTable { geometry, ..table.clone() }, done }
}

fn apply(shape: Shape<'_>, repair: Repair) -> Option<Shapes> {
    match repair {
        Repair::CloseRing => Some(rebuilt(shape, |points| {
            let open = shape.kind() == ShapeKind::Polygon && points.first() != points.last();
            (0..points.len()).chain(open.then_some(0)).collect()
        })),
        Repair::DropDuplicateVertices => {
            Some(rebuilt(shape, |p| (0..p.len()).filter(|&i| i == 0 || p[i] != p[i - 1]).collect()))
        }
        Repair::DropEmptyRings => {
            Some(rebuilt(shape, |p| if is_flat(p) { Vec::new() } else { (0..p.len()).collect() }))
        }
        Repair::Untangle => untangled(shape),
    }
}

/// A copy with only some points of each ring, heights with them; rings and parts without points are left out.
fn rebuilt(shape: Shape<'_>, keep: impl Fn(&[[f64; 2]]) -> Vec<usize>) -> Shapes {
    let mut out = Shapes::new();
    let mut any = false;
    for part in shape.parts() {
        let mut rings = 0;
        for (i, ring) in part.rings().enumerate() {
            let kept = keep(ring.points());
            if kept.is_empty() {
                // Without its outer ring a part's holes are holes in nothing.
                if i == 0 {
                    break;
                }
                continue;
            }
            for at in kept {
                match ring.z().get(at) {
                    Some(z) => out.add_point_z(ring.points()[at], *z),
                    None => out.add_point(ring.points()[at]),
                }
            }
            out.finish_ring();
            rings += 1;
        }
        if rings > 0 {
            out.finish_part();
            any = true;
        }
    }
    out.finish_feature(if any { shape.kind() } else { ShapeKind::Empty });
    out
}

/// The polygon cut at its own crossings (Martinez, Rueda & Feito 2009; the `i_overlay` engine of the `geo` crate):
/// inside is what an odd number of rings goes around, as [`area`] counts it.
pub(super) fn untangled(shape: Shape<'_>) -> Option<Shapes> {
    if shape.kind() != ShapeKind::Polygon || area(shape).is_nan() {
        return None;
    }
    let cut = multi_polygon(shape).union(&MultiPolygon(Vec::new()));
    let mut out = Shapes::new();
    for polygon in &cut.0 {
        for (i, ring) in std::iter::once(polygon.exterior()).chain(polygon.interiors()).enumerate() {
            let mut points: Vec<[f64; 2]> = ring.0.iter().map(|c| [c.x, c.y]).collect();
            let forwards = (ring_area(&points) > 0.0) == (i == 0);
            if !forwards {
                points.reverse();
            }
            for point in points {
                out.add_point(point);
            }
            out.finish_ring();
        }
        out.finish_part();
    }
    if cut.0.is_empty() {
        return None;
    }
    out.finish_feature(ShapeKind::Polygon);
    Some(out)
}
