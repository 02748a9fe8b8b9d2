//! Lines to tubes: water mains and drains at their depth.

use bevy::math::Vec3;

use super::batch::Batch;
use crate::geo::measure;

const SIDES: usize = 6;
/// Between two points of a tube, so that it follows the ground above it.
const STEP_M: f64 = 25.0;

/// Adds one tube along a chain of (east, north, up) points relative to the batch's centre.
pub fn add_tube(batch: &mut Batch, chain: &[[f64; 3]], radius: f32, color: [f32; 4]) {
    let points: Vec<Vec3> = chain.iter().map(|p| Vec3::new(p[0] as f32, p[2] as f32, -p[1] as f32)).collect();
    let mut before: Option<Vec<u32>> = None;
    for (i, &point) in points.iter().enumerate() {
        let ahead = points.get(i + 1).copied().unwrap_or(point);
        let behind = i.checked_sub(1).map_or(point, |b| points[b]);
        let along = (ahead - behind).normalize_or_zero();
        if along == Vec3::ZERO {
            continue;
        }
        let side = along.cross(Vec3::Y).normalize_or(Vec3::X);
        let up = side.cross(along);
        let ring: Vec<u32> = (0..SIDES)
            .map(|k| {
                let (sin, cos) = (std::f32::consts::TAU * k as f32 / SIDES as f32).sin_cos();
                let normal = side * cos + up * sin;
                batch.vertex(point + normal * radius, normal, [0.02, 0.02], color)
            })
            .collect();
        if let Some(last) = before {
            for k in 0..SIDES {
                let next = (k + 1) % SIDES;
                batch.triangle(last[k], ring[k], last[next]);
                batch.triangle(last[next], ring[k], ring[next]);
            }
        }
        before = Some(ring);
    }
}

/// Points along a line at most [`STEP_M`] apart, the line's own vertices among them.
#[must_use]
pub fn densify(line: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut out = Vec::with_capacity(line.len());
    for leg in line.windows(2) {
        let steps = (measure::distance(leg[0], leg[1]) / STEP_M).ceil().clamp(1.0, 10_000.0) as usize;
        out.extend((0..steps).map(|i| {
            let t = i as f64 / steps as f64;
            [0, 1].map(|k| (leg[1][k] - leg[0][k]).mul_add(t, leg[0][k]))
        }));
    }
    out.extend(line.last());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_legs_are_divided_and_ends_kept() {
        let dense = densify(&[[0.0, 0.0], [100.0, 0.0], [100.0, 10.0]]);
        assert_eq!((dense.first(), dense.last()), (Some(&[0.0, 0.0]), Some(&[100.0, 10.0])));
        assert_eq!(dense.len(), 6);
    }

    #[test]
    fn a_tube_of_two_points_is_one_sleeve() {
        let mut batch = Batch::default();
        add_tube(&mut batch, &[[0.0, 0.0, -1.0], [10.0, 0.0, -1.0]], 0.5, [1.0; 4]);
        assert_eq!(batch.triangle_count(), SIDES * 2);
        let (_, low, high) = batch.into_mesh().unwrap();
        assert!(low.y < -1.0 && high.y > -1.0 && high.y < 0.0);
    }
}
