//! Polygons to blocks: walls with a facade, a flat roof.

use bevy::math::Vec3;
use geo::{LineString, Polygon, TriangulateEarcut};

use super::batch::Batch;
use super::facade::{BAY_WIDTH_M, STOREY_HEIGHT_M};
use crate::base::rng::KeyedRng;
use crate::geo::measure;
use crate::geo::shape::Part;

/// Where blocks stand, and how large they are.
pub struct Block<'a> {
    pub part: Part<'a>,
    /// Lowest ground at the footprint, metres above the sea.
    pub base_m: f32,
    /// Top of the roof.
    pub top_m: f32,
    /// Linear RGBA.
    pub color: [f32; 4],
    /// Row in its table: keeps the small differences between neighbours the same every time.
    pub row: usize,
}

/// Adds one block. `to_local` brings coordinates of the table into metres east and north of the batch's centre.
pub fn add_block(batch: &mut Batch, block: &Block<'_>, to_local: impl Fn([f64; 2]) -> [f64; 2] + Copy) {
    let rings: Vec<Vec<[f64; 2]>> = block
        .part
        .rings()
        .map(|r| r.points().iter().map(|p| to_local(*p)).collect::<Vec<_>>())
        .filter(|ring| ring.len() >= 4 && ring.iter().all(|p| p[0].is_finite() && p[1].is_finite()))
        .collect();
    let Some(outer) = rings.first() else { return };
    let shade = KeyedRng::new(1, 0x62_6c6f_636b).range(0, block.row as u64, 0.9, 1.06) as f32;
    let tint = |gain: f32| {
        let [r, g, b, a] = block.color;
        [r * gain * shade, g * gain * shade, b * gain * shade, a]
    };
    let (wall, roof) = (tint(0.92), tint(0.8));
    for (i, ring) in rings.iter().enumerate() {
        // Walls face away from the block: outer rings run counter-clockwise, holes clockwise.
        let outwards = (measure::ring_area(ring) > 0.0) == (i == 0);
        add_walls(batch, block, ring, outwards, wall);
    }
    add_roof(batch, block.top_m, outer, &rings[1..], roof);
}

fn add_walls(batch: &mut Batch, block: &Block<'_>, ring: &[[f64; 2]], outwards: bool, color: [f32; 4]) {
    let storeys = ((block.top_m - block.base_m) / STOREY_HEIGHT_M).round().max(1.0);
    for side in ring.windows(2) {
        let (from, to) = if outwards { (side[0], side[1]) } else { (side[1], side[0]) };
        let length = measure::distance(from, to) as f32;
        if length < 1e-3 {
            continue;
        }
        let bays = (length / BAY_WIDTH_M).round().max(0.0);
        let direction = Vec3::new((to[0] - from[0]) as f32, 0.0, -(to[1] - from[1]) as f32) / length;
        let normal = direction.cross(Vec3::Y);
        let at = |p: [f64; 2], y: f32| Vec3::new(p[0] as f32, y, -p[1] as f32);
        // A facade of no bays is the plain edge of the texture.
        let (u0, u1) = if bays < 1.0 { (0.02, 0.02) } else { (0.0, bays) };
        let a = batch.vertex(at(from, block.base_m), normal, [u0, storeys], color);
        let b = batch.vertex(at(to, block.base_m), normal, [u1, storeys], color);
        let c = batch.vertex(at(to, block.top_m), normal, [u1, 0.0], color);
        let d = batch.vertex(at(from, block.top_m), normal, [u0, 0.0], color);
        batch.triangle(a, b, c);
        batch.triangle(a, c, d);
    }
}

/// The corner of the facade's texture, where it is plain wall.
const PLAIN_UV: [f32; 2] = [0.02, 0.02];

fn add_roof(batch: &mut Batch, top: f32, outer: &[[f64; 2]], holes: &[Vec<[f64; 2]>], color: [f32; 4]) {
    let mut vertex = |p: [f64; 2]| batch.vertex(Vec3::new(p[0] as f32, top, -p[1] as f32), Vec3::Y, PLAIN_UV, color);
    let open = &outer[..outer.len() - 1];
    if holes.is_empty() && is_convex(open) {
        let counter_clockwise = measure::ring_area(outer) > 0.0;
        let corners: Vec<u32> = open.iter().map(|p| vertex(*p)).collect();
        for i in 1..corners.len() - 1 {
            let (b, c) = if counter_clockwise { (i, i + 1) } else { (i + 1, i) };
            batch.triangle(corners[0], corners[b], corners[c]);
        }
        return;
    }
    let line = |ring: &[[f64; 2]]| LineString::from(ring.to_vec());
    let polygon = Polygon::new(line(outer), holes.iter().map(|h| line(h)).collect());
    let triangles = polygon.earcut_triangles_raw();
    let corners: Vec<u32> = triangles.vertices.iter().map(|p| vertex(*p)).collect();
    for t in triangles.triangle_indices.chunks_exact(3) {
        let [a, b, c] = [triangles.vertices[t[0]], triangles.vertices[t[1]], triangles.vertices[t[2]]];
        let up = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) > 0.0;
        let (second, third) = if up { (t[1], t[2]) } else { (t[2], t[1]) };
        batch.triangle(corners[t[0]], corners[second], corners[third]);
    }
}

fn is_convex(open: &[[f64; 2]]) -> bool {
    let n = open.len();
    let turn = |i: usize| {
        let (a, b, c) = (open[i], open[(i + 1) % n], open[(i + 2) % n]);
        (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])
    };
    (0..n).all(|i| turn(i) >= 0.0) || (0..n).all(|i| turn(i) <= 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::shape::Shapes;

    fn block_of(ring: &[[f64; 2]]) -> (usize, f32, f32) {
        let mut shapes = Shapes::new();
        shapes.push_polygon(&[ring]);
        let mut batch = Batch::default();
        for part in shapes.get(0).parts() {
            let block = Block { part, base_m: 2.0, top_m: 12.0, color: [1.0; 4], row: 0 };
            add_block(&mut batch, &block, |p| p);
        }
        let triangles = batch.triangle_count();
        let (_, low, high) = batch.into_mesh().unwrap();
        (triangles, low.y, high.y)
    }

    #[test]
    fn a_box_has_eight_wall_triangles_and_two_on_the_roof() {
        let square = [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0], [0.0, 0.0]];
        assert_eq!(block_of(&square), (10, 2.0, 12.0));
    }

    #[test]
    fn an_l_shape_is_not_covered_by_a_fan() {
        let ell = [[0.0, 0.0], [4.0, 0.0], [4.0, 2.0], [2.0, 2.0], [2.0, 4.0], [0.0, 4.0], [0.0, 0.0]];
        assert_eq!(block_of(&ell).0, 6 * 2 + 4);
    }
}
