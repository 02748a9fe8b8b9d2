//! Many small solids in few meshes: one for each square of the map and each layer.

use std::collections::BTreeMap;

use bevy::asset::RenderAssetUsages;
use bevy::math::Vec3;
use bevy::mesh::{Indices, Mesh, PrimitiveTopology};

use crate::desktop::bridge;

/// Vertices of one mesh, around its own centre.
#[derive(Debug, Default)]
pub struct Batch {
    positions: Vec<[f32; 3]>,
    normals: Vec<[f32; 3]>,
    uvs: Vec<[f32; 2]>,
    colors: Vec<[f32; 4]>,
    indices: Vec<u32>,
}

impl Batch {
    /// Adds a vertex and gives its number.
    pub fn vertex(&mut self, position: Vec3, normal: Vec3, uv: [f32; 2], color: [f32; 4]) -> u32 {
        self.positions.push(position.to_array());
        self.normals.push(normal.to_array());
        self.uvs.push(uv);
        self.colors.push(color);
        (self.positions.len() - 1) as u32
    }

    pub fn triangle(&mut self, a: u32, b: u32, c: u32) {
        self.indices.extend([a, b, c]);
    }

    #[must_use]
    pub fn triangle_count(&self) -> usize {
        self.indices.len() / 3
    }

    /// The mesh, and its lowest and highest corner.
    #[must_use]
    pub fn into_mesh(self) -> Option<(Mesh, Vec3, Vec3)> {
        let first = Vec3::from_array(*self.positions.first()?);
        let (low, high) = self
            .positions
            .iter()
            .fold((first, first), |(l, h), p| (l.min(Vec3::from_array(*p)), h.max(Vec3::from_array(*p))));
        let mesh = Mesh::new(PrimitiveTopology::TriangleList, RenderAssetUsages::RENDER_WORLD)
            .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, self.positions)
            .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, self.normals)
            .with_inserted_attribute(Mesh::ATTRIBUTE_UV_0, self.uvs)
            .with_inserted_attribute(Mesh::ATTRIBUTE_COLOR, self.colors)
            .with_inserted_indices(Indices::U32(self.indices));
        Some((mesh, low, high))
    }
}

/// Rows of a table by the square of the map that their anchor lies in; squares and rows in ascending order.
#[must_use]
pub fn rows_by_square(anchors: &[Option<[f64; 2]>], side_m: f64) -> BTreeMap<(i32, i32), Vec<usize>> {
    let mut squares = BTreeMap::<_, Vec<usize>>::new();
    for (row, anchor) in anchors.iter().enumerate() {
        if let Some([x, y]) = anchor.filter(|p| p[0].is_finite() && p[1].is_finite()) {
            squares.entry(((x / side_m).floor() as i32, (y / side_m).floor() as i32)).or_default().push(row);
        }
    }
    squares
}

/// Centre of a square in the world, at sea level; batches are built around it so that f32 keeps millimetres.
#[must_use]
pub fn square_centre((i, j): (i32, i32), side_m: f64) -> ([f64; 2], Vec3) {
    let site = [(f64::from(i) + 0.5) * side_m, (f64::from(j) + 0.5) * side_m];
    (site, bridge::world_from_site([site[0], site[1], 0.0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_go_to_the_square_of_their_anchor() {
        let anchors = [Some([10.0, 10.0]), None, Some([-1.0, 10.0]), Some([999.0, 1.0]), Some([f64::NAN, 0.0])];
        let squares = rows_by_square(&anchors, 1000.0);
        assert_eq!(squares[&(0, 0)], [0, 3]);
        assert_eq!(squares[&(-1, 0)], [2]);
        assert_eq!(squares.len(), 2);
    }

    #[test]
    fn an_empty_batch_is_no_mesh() {
        assert!(Batch::default().into_mesh().is_none());
    }
}
