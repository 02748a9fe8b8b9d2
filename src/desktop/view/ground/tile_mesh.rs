//! The mesh of one terrain tile: a lattice of heights with a skirt that hides the seams between levels.

use bevy::asset::RenderAssetUsages;
use bevy::mesh::{Indices, Mesh, PrimitiveTopology};

use crate::geo::grid::Grid;

/// Depth of the sea floor where the terrain says nothing: far below what the water lets through, metres.
pub const ABYSS_M: f32 = -60.0;

/// Height of the ground in site metres, the sea floor below zero.
#[must_use]
pub fn ground_height(terrain: &Grid<f32>, crs_xy: [f64; 2]) -> f32 {
    let z = terrain.bilinear(crs_xy);
    if z.is_nan() { ABYSS_M } else { z }
}

/// Cells across a tile: as many as the terrain has, but at least 16 and at most `most`.
#[must_use]
pub fn lattice_cells(side_m: f64, terrain_cell_m: f64, most: usize) -> usize {
    ((side_m / terrain_cell_m).ceil() as usize).next_power_of_two().clamp(16, most.max(16))
}

/// The mesh around its own centre (x east, y up, z south), and lowest and highest vertex.
#[must_use]
pub fn build(
    terrain: &Grid<f32>,
    crs_origin: [f64; 2],
    [west, south, east, north]: [f64; 4],
    most_cells: usize,
) -> (Mesh, f32, f32) {
    let cells = lattice_cells(east - west, terrain.spec.cell_width(), most_cells);
    let n = cells + 1;
    let step = (east - west) / cells as f64;
    let centre = [f64::midpoint(west, east), f64::midpoint(south, north)];
    // One ring more than the tile, for the normals at its edge.
    let padded = n + 2;
    let place = |i: usize, from: f64| (i as f64 - 1.0).mul_add(step, from);
    let heights: Vec<f32> = (0..padded * padded)
        .map(|k| {
            let (x, y) = (place(k % padded, west), place(k / padded, south));
            ground_height(terrain, [x + crs_origin[0], y + crs_origin[1]])
        })
        .collect();
    let height = |i: usize, j: usize| heights[(j + 1) * padded + i + 1];
    let normal = |i: usize, j: usize| {
        let h = |di: usize, dj: usize| heights[(j + dj) * padded + i + di];
        let (dx, dy) = (h(2, 1) - h(0, 1), h(1, 2) - h(1, 0));
        let v = bevy::math::Vec3::new(-dx, 2.0 * step as f32, dy);
        v.normalize().to_array()
    };

    let mut positions = Vec::with_capacity(n * n + 4 * n);
    let mut normals = Vec::with_capacity(n * n + 4 * n);
    let mut uvs = Vec::with_capacity(n * n + 4 * n);
    let mut push = |i: usize, j: usize, drop: f32| {
        let x = (i as f64).mul_add(step, west) - centre[0];
        let y = (j as f64).mul_add(step, south) - centre[1];
        positions.push([x as f32, height(i, j) - drop, -y as f32]);
        // No length at the foot of a skirt: `lit.wgsl` knows skirts by it.
        normals.push(if drop > 0.0 { [0.0; 3] } else { normal(i, j) });
        uvs.push([i as f32 / cells as f32, 1.0 - j as f32 / cells as f32]);
    };
    for j in 0..n {
        for i in 0..n {
            push(i, j, 0.0);
        }
    }
    let mut indices: Vec<u32> = Vec::with_capacity(cells * cells * 6 + cells * 24);
    let at = |i: usize, j: usize| (j * n + i) as u32;
    for j in 0..cells {
        for i in 0..cells {
            indices.extend([at(i, j), at(i + 1, j), at(i, j + 1), at(i + 1, j), at(i + 1, j + 1), at(i, j + 1)]);
        }
    }
    // Skirts: each edge once more, lower, joined by quads that face outwards.
    let drop = (step as f32 * 1.5).max(1.0);
    let edges: [Vec<(usize, usize)>; 4] = [
        (0..n).map(|i| (i, 0)).collect(),
        (0..n).map(|j| (cells, j)).collect(),
        (0..n).rev().map(|i| (i, cells)).collect(),
        (0..n).rev().map(|j| (0, j)).collect(),
    ];
    let mut next = (n * n) as u32;
    for edge in &edges {
        for (k, &(i, j)) in edge.iter().enumerate() {
            push(i, j, drop);
            if k > 0 {
                let (a, b) = (at(edge[k - 1].0, edge[k - 1].1), at(i, j));
                let (c, d) = (next + k as u32 - 1, next + k as u32);
                indices.extend([a, c, b, b, c, d]);
            }
        }
        next += n as u32;
    }
    let (low, high) = positions.iter().fold((f32::MAX, f32::MIN), |(l, h), p| (l.min(p[1]), h.max(p[1])));
    let mesh = Mesh::new(PrimitiveTopology::TriangleList, RenderAssetUsages::RENDER_WORLD)
        .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, positions)
        .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, normals)
        .with_inserted_attribute(Mesh::ATTRIBUTE_UV_0, uvs)
        .with_inserted_indices(Indices::U32(indices));
    (mesh, low, high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::crs::Crs;
    use crate::geo::grid::GridSpec;

    #[test]
    fn a_flat_tile_is_flat_and_looks_up() {
        let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, 0.0, 3000.0, 30.0, 100, 100);
        let (mesh, low, high) = build(&Grid::filled(spec, 12.0), [0.0, 0.0], [300.0, 300.0, 780.0, 780.0], 64);
        assert_eq!(high, 12.0);
        assert!(low < 12.0, "the skirt hangs below");
        let normals = mesh.attribute(Mesh::ATTRIBUTE_NORMAL).and_then(|a| a.as_float3()).unwrap();
        assert!(normals[..17 * 17].iter().all(|n| n[1] > 0.999));
        assert_eq!(mesh.count_vertices(), 17 * 17 + 4 * 17);
    }

    #[test]
    fn triangles_face_up() {
        let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, 0.0, 3000.0, 30.0, 100, 100);
        let (mesh, _, _) = build(&Grid::filled(spec, 0.0), [0.0, 0.0], [0.0, 0.0, 480.0, 480.0], 64);
        let positions = mesh.attribute(Mesh::ATTRIBUTE_POSITION).and_then(|a| a.as_float3()).unwrap();
        let indices: Vec<usize> = mesh.indices().unwrap().iter().take(3).collect();
        let [a, b, c] = [0, 1, 2].map(|k| bevy::math::Vec3::from_array(positions[indices[k]]));
        assert!((b - a).cross(c - a).y > 0.0);
    }
}
