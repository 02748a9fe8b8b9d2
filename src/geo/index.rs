//! Finding features by place: an R-tree over bounding boxes (Leutenegger et al. 1997, overlap-minimising bulk load,
//! in the `rstar` crate).

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::measure;
use super::shape::{ShapeKind, Shapes};

type Entry = GeomWithData<Rectangle<[f64; 2]>, u32>;

/// Rows of a table by the boxes around their shapes.
#[derive(Debug, Clone)]
pub struct FeatureIndex {
    tree: RTree<Entry>,
}

impl FeatureIndex {
    /// Rows without finite geometry are left out.
    #[must_use]
    pub fn build(shapes: &Shapes) -> Self {
        let entries = (0u32..)
            .zip(shapes.iter())
            .filter_map(|(row, shape)| {
                let [x0, y0, x1, y1] = shape.bounds()?;
                Some(Entry::new(Rectangle::from_corners([x0, y0], [x1, y1]), row))
            })
            .collect();
        Self { tree: RTree::bulk_load(entries) }
    }

    /// Rows whose boxes touch (west, south, east, north), in ascending order.
    #[must_use]
    pub fn in_box(&self, [west, south, east, north]: [f64; 4]) -> Vec<usize> {
        let envelope = AABB::from_corners([west, south], [east, north]);
        let mut rows: Vec<usize> =
            self.tree.locate_in_envelope_intersecting(&envelope).map(|e| e.data as usize).collect();
        rows.sort_unstable();
        rows
    }

    /// Polygons that contain a point, in ascending order of row.
    #[must_use]
    pub fn containing(&self, shapes: &Shapes, xy: [f64; 2]) -> Vec<usize> {
        self.in_box([xy[0], xy[1], xy[0], xy[1]])
            .into_iter()
            .filter(|&row| measure::contains(shapes.get(row), xy))
            .collect()
    }

    /// The point or line feature nearest to a point, within `reach` metres.
    #[must_use]
    pub fn nearest(&self, shapes: &Shapes, [x, y]: [f64; 2], reach: f64) -> Option<(usize, f64)> {
        self.in_box([x - reach, y - reach, x + reach, y + reach])
            .into_iter()
            .filter(|&row| shapes.get(row).kind() != ShapeKind::Polygon)
            .map(|row| {
                let shape = shapes.get(row);
                (
                    row,
                    shape.rings().map(|r| measure::distance_to_chain([x, y], r.points())).fold(f64::INFINITY, f64::min),
                )
            })
            .filter(|(_, d)| *d <= reach)
            .min_by(|a, b| a.1.total_cmp(&b.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_contains_and_what_is_near() {
        let mut shapes = Shapes::new();
        shapes.push_polygon(&[&[[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0], [0.0, 0.0]]]);
        shapes.push_empty();
        shapes.push_point([10.0, 0.0]);
        shapes.push_line(&[[0.0, 20.0], [20.0, 20.0]]);
        let index = FeatureIndex::build(&shapes);
        assert_eq!(index.containing(&shapes, [1.0, 1.0]), [0]);
        assert_eq!(index.containing(&shapes, [5.0, 1.0]), [] as [usize; 0]);
        assert_eq!(index.nearest(&shapes, [12.0, 0.0], 5.0), Some((2, 2.0)));
        assert_eq!(index.nearest(&shapes, [10.0, 17.0], 5.0), Some((3, 3.0)));
        assert_eq!(index.nearest(&shapes, [100.0, 100.0], 5.0), None);
    }
}
