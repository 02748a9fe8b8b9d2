//! The small models of point layers, made of boxes, prisms and cones: a few triangles each, since there are
//! thousands of them.

use bevy::math::Vec3;

use super::batch::Batch;
use crate::model::style::PointSymbol;

/// A model at a place: foot of the model relative to the batch's centre, and its height.
pub struct Placed {
    pub foot: Vec3,
    pub height: f32,
    /// Linear RGBA of what distinguishes the feature.
    pub color: [f32; 4],
    /// Turn about the vertical, radians.
    pub turn: f32,
}

const STEEL: [f32; 4] = [0.32, 0.34, 0.36, 1.0];
const WHITE: [f32; 4] = [0.85, 0.86, 0.86, 1.0];
const BARK: [f32; 4] = [0.17, 0.11, 0.07, 1.0];
const LAMP: [f32; 4] = [1.0, 0.93, 0.72, 1.0];

/// From how far a model is worth drawing, metres.
#[must_use]
pub fn reach_m(symbol: PointSymbol) -> f32 {
    match symbol {
        PointSymbol::Tree => 5_000.0,
        PointSymbol::StreetLight => 1_500.0,
        PointSymbol::Hydrant | PointSymbol::Valve | PointSymbol::Meter | PointSymbol::Manhole => 1_200.0,
        _ => 60_000.0,
    }
}

pub fn add_model(batch: &mut Batch, symbol: PointSymbol, p: &Placed) {
    let h = p.height;
    match symbol {
        PointSymbol::Tree => {
            prism(batch, p.foot, 0.035 * h, 0.45 * h, 4, BARK);
            crown(batch, p.foot + Vec3::Y * 0.62 * h, 0.3 * h, 0.4 * h, p.turn, p.color);
        }
        PointSymbol::StreetLight => {
            prism(batch, p.foot, 0.09, h, 4, STEEL);
            let arm = Vec3::new(p.turn.cos(), 0.0, p.turn.sin());
            boxed(batch, p.foot + Vec3::Y * (h - 0.1) + arm * 0.9, Vec3::new(0.9, 0.06, 0.06), p.turn, STEEL);
            boxed(batch, p.foot + Vec3::Y * (h - 0.2) + arm * 1.7, Vec3::new(0.45, 0.08, 0.18), p.turn, LAMP);
        }
        PointSymbol::Hydrant => {
            prism(batch, p.foot, 0.22, h, 6, p.color);
            crown(batch, p.foot + Vec3::Y * h, 0.26, 0.2, 0.0, p.color);
        }
        PointSymbol::Valve | PointSymbol::Manhole => prism(batch, p.foot, 0.4, 0.12, 8, p.color),
        PointSymbol::Meter => boxed(batch, p.foot + Vec3::Y * 0.2, Vec3::new(0.2, 0.2, 0.15), p.turn, p.color),
        PointSymbol::Camera => {
            prism(batch, p.foot, 0.1, h, 5, STEEL);
            let ahead = Vec3::new(p.turn.cos(), 0.0, p.turn.sin());
            boxed(batch, p.foot + Vec3::Y * h + ahead * 0.5, Vec3::new(0.8, 0.35, 0.35), p.turn, p.color);
        }
        PointSymbol::FireWatch => {
            for (x, z) in [(-2.0, -2.0), (2.0, -2.0), (-2.0, 2.0), (2.0, 2.0)] {
                prism(batch, p.foot + Vec3::new(x, 0.0, z), 0.3, h, 4, STEEL);
            }
            boxed(batch, p.foot + Vec3::Y * h, Vec3::new(3.2, 1.6, 3.2), 0.0, p.color);
        }
        PointSymbol::Wifi => {
            prism(batch, p.foot, 0.12, h, 5, STEEL);
            crown(batch, p.foot + Vec3::Y * h, 0.7, 0.7, 0.0, p.color);
        }
        PointSymbol::AirStation => {
            boxed(batch, p.foot + Vec3::Y * 0.2 * h, Vec3::new(0.25 * h, 0.2 * h, 0.2 * h), p.turn, WHITE);
            prism(batch, p.foot, 0.1, h, 5, STEEL);
            crown(batch, p.foot + Vec3::Y * h, 0.22 * h, 0.22 * h, 0.0, p.color);
        }
        PointSymbol::SeaStation => {
            prism(batch, p.foot, 0.3 * h, 0.25 * h, 8, p.color);
            prism(batch, p.foot, 0.08 * h, h, 4, WHITE);
            crown(batch, p.foot + Vec3::Y * h, 0.14 * h, 0.14 * h, 0.0, LAMP);
        }
        PointSymbol::WastewaterStation | PointSymbol::WaterStation => {
            prism(batch, p.foot, 0.5 * h, 0.6 * h, 10, p.color);
            boxed(batch, p.foot + Vec3::new(0.9 * h, 0.25 * h, 0.0), Vec3::new(0.3, 0.25, 0.4) * h, 0.0, WHITE);
        }
        PointSymbol::Pin => {
            prism(batch, p.foot, 0.06 * h, 0.7 * h, 5, STEEL);
            crown(batch, p.foot + Vec3::Y * 0.8 * h, 0.2 * h, 0.2 * h, 0.0, p.color);
        }
    }
}

/// An upright prism without a bottom.
fn prism(batch: &mut Batch, foot: Vec3, radius: f32, height: f32, sides: usize, color: [f32; 4]) {
    let spoke = |k: usize| {
        let (sin, cos) = (std::f32::consts::TAU * k as f32 / sides as f32).sin_cos();
        Vec3::new(cos, 0.0, sin)
    };
    let ring = |batch: &mut Batch, y: f32| -> Vec<u32> {
        (0..sides)
            .map(|k| batch.vertex(foot + spoke(k) * radius + Vec3::Y * y, spoke(k), [0.02, 0.02], color))
            .collect()
    };
    let (bottom, top) = (ring(batch, 0.0), ring(batch, height));
    for k in 0..sides {
        let next = (k + 1) % sides;
        batch.triangle(bottom[k], top[k], bottom[next]);
        batch.triangle(bottom[next], top[k], top[next]);
    }
    let lid: Vec<u32> = (0..sides)
        .map(|k| batch.vertex(foot + spoke(k) * radius + Vec3::Y * height, Vec3::Y, [0.02, 0.02], color))
        .collect();
    for k in 1..sides - 1 {
        batch.triangle(lid[0], lid[k + 1], lid[k]);
    }
}

/// A rounded body: two rings between two poles, lit as an ellipsoid.
fn crown(batch: &mut Batch, centre: Vec3, radius: f32, half_height: f32, turn: f32, color: [f32; 4]) {
    const SIDES: usize = 6;
    let dark = [color[0] * 0.72, color[1] * 0.72, color[2] * 0.72, color[3]];
    let bottom = batch.vertex(centre - Vec3::Y * half_height, Vec3::NEG_Y, [0.02, 0.02], dark);
    let ring = |batch: &mut Batch, y: f32, r: f32, color: [f32; 4]| -> Vec<u32> {
        (0..SIDES)
            .map(|k| {
                let (sin, cos) = (std::f32::consts::TAU * k as f32 / SIDES as f32 + turn).sin_cos();
                let normal = Vec3::new(cos * r, y, sin * r).normalize();
                let at = centre + Vec3::new(cos * radius * r, y * half_height, sin * radius * r);
                batch.vertex(at, normal, [0.02, 0.02], color)
            })
            .collect()
    };
    let (low, high) = (ring(batch, -0.35, 0.95, dark), ring(batch, 0.45, 0.8, color));
    let top = batch.vertex(centre + Vec3::Y * half_height, Vec3::Y, [0.02, 0.02], color);
    for k in 0..SIDES {
        let next = (k + 1) % SIDES;
        batch.triangle(bottom, low[k], low[next]);
        batch.triangle(low[k], high[k], low[next]);
        batch.triangle(low[next], high[k], high[next]);
        batch.triangle(high[k], top, high[next]);
    }
}

/// A box around its centre, turned about the vertical; `half` are half its sides.
fn boxed(batch: &mut Batch, centre: Vec3, half: Vec3, turn: f32, color: [f32; 4]) {
    let (sin, cos) = turn.sin_cos();
    let axes = [Vec3::new(cos, 0.0, sin) * half.x, Vec3::Y * half.y, Vec3::new(-sin, 0.0, cos) * half.z];
    for (i, sign) in (0..3).flat_map(|i| [(i, 1.0), (i, -1.0)]) {
        let (out, u, v) = (axes[i] * sign, axes[(i + 1) % 3], axes[(i + 2) % 3]);
        let normal = out.normalize_or(Vec3::Y);
        let corners =
            [-u - v, u - v, u + v, -u + v].map(|d| batch.vertex(centre + out + d, normal, [0.02, 0.02], color));
        let faces_out = u.cross(v).dot(out) > 0.0;
        let [a, b, c, d] = if faces_out { corners } else { [corners[3], corners[2], corners[1], corners[0]] };
        batch.triangle(a, b, c);
        batch.triangle(a, c, d);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All symbols: triangles look outwards from the axis or upwards, none is huge.
    #[test]
    fn every_symbol_has_a_small_closed_model() {
        use PointSymbol as S;
        for symbol in [
            S::Tree,
            S::StreetLight,
            S::Hydrant,
            S::Valve,
            S::Meter,
            S::Manhole,
            S::Camera,
            S::FireWatch,
            S::Wifi,
            S::AirStation,
            S::SeaStation,
            S::WastewaterStation,
            S::WaterStation,
            S::Pin,
        ] {
            let mut batch = Batch::default();
            add_model(&mut batch, symbol, &Placed { foot: Vec3::ZERO, height: 8.0, color: WHITE, turn: 0.3 });
            assert!((4..=80).contains(&batch.triangle_count()), "{symbol:?}: {}", batch.triangle_count());
            let (_, low, high) = batch.into_mesh().unwrap();
            assert!(low.y > -2.0 && high.y < 12.0, "{symbol:?}");
        }
    }
}
