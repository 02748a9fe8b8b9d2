//! Geometry by column: a million parcels are four arrays, not a million little vectors.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ShapeKind {
    /// A row without geometry.
    Empty,
    Point,
    Line,
    Polygon,
}

/// The geometries of a table, one feature after another.
///
/// A feature has parts, a part has rings, a ring has points. A polygon part is an outer ring (counter-clockwise)
/// and its holes (clockwise), each closed: the last point repeats the first. A line part is one ring of its
/// vertices; a multi-point has one part per point.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Shapes {
    kinds: Vec<ShapeKind>,
    xy: Vec<[f64; 2]>,
    /// Heights in metres, as long as `xy`, or empty when there are none.
    z: Vec<f64>,
    /// End of each ring in `xy`, of each part in `ring_ends`, of each feature in `part_ends`.
    ring_ends: Vec<u32>,
    part_ends: Vec<u32>,
    feature_ends: Vec<u32>,
}

/// One feature's geometry, borrowed.
#[derive(Debug, Clone, Copy)]
pub struct Shape<'a> {
    shapes: &'a Shapes,
    row: usize,
}

impl Shapes {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    #[must_use]
    pub fn has_z(&self) -> bool {
        !self.z.is_empty()
    }

    #[must_use]
    pub fn vertex_count(&self) -> usize {
        self.xy.len()
    }

    #[must_use]
    pub fn get(&self, row: usize) -> Shape<'_> {
        Shape { shapes: self, row }
    }

    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Shape<'_>> {
        (0..self.len()).map(|row| self.get(row))
    }

    /// All vertices, in order; for transforming coordinates in place.
    pub fn xy_mut(&mut self) -> &mut [[f64; 2]] {
        &mut self.xy
    }

    #[must_use]
    pub fn xy(&self) -> &[[f64; 2]] {
        &self.xy
    }

    /// (min x, min y, max x, max y) of everything with finite coordinates.
    #[must_use]
    pub fn bounds(&self) -> Option<[f64; 4]> {
        bounds_of(&self.xy)
    }

    /// The kind of the first feature that has geometry.
    #[must_use]
    pub fn main_kind(&self) -> ShapeKind {
        self.kinds.iter().copied().find(|k| *k != ShapeKind::Empty).unwrap_or(ShapeKind::Empty)
    }

    pub fn push_empty(&mut self) {
        self.finish_feature(ShapeKind::Empty);
    }

    pub fn push_point(&mut self, xy: [f64; 2]) {
        self.push_parts(ShapeKind::Point, &[&[&[xy]]]);
    }

    pub fn push_line(&mut self, line: &[[f64; 2]]) {
        self.push_parts(ShapeKind::Line, &[&[line]]);
    }

    /// A polygon of one part: outer ring first, then holes.
    pub fn push_polygon(&mut self, rings: &[&[[f64; 2]]]) {
        self.push_parts(ShapeKind::Polygon, &[rings]);
    }

    /// A feature of any kind, as parts of rings of points.
    pub fn push_parts(&mut self, kind: ShapeKind, parts: &[&[&[[f64; 2]]]]) {
        for rings in parts {
            for ring in *rings {
                self.xy.extend_from_slice(ring);
                self.finish_ring();
            }
            self.finish_part();
        }
        self.finish_feature(kind);
    }

    /// Building blocks for readers that stream: points, then the end of their ring, part and feature.
    pub fn add_point(&mut self, xy: [f64; 2]) {
        self.xy.push(xy);
    }

    /// Like [`Self::add_point`] for many.
    pub fn add_points(&mut self, points: impl Iterator<Item = [f64; 2]>) {
        self.xy.extend(points);
    }

    /// Like [`Self::add_point`] with a height; use one of the two for the whole table.
    pub fn add_point_z(&mut self, xy: [f64; 2], z: f64) {
        self.xy.push(xy);
        self.z.push(z);
    }

    pub fn finish_ring(&mut self) {
        self.ring_ends.push(to_u32(self.xy.len()));
    }

    pub fn finish_part(&mut self) {
        self.part_ends.push(to_u32(self.ring_ends.len()));
    }

    pub fn finish_feature(&mut self, kind: ShapeKind) {
        self.kinds.push(kind);
        self.feature_ends.push(to_u32(self.part_ends.len()));
    }

    /// Appends a copy of another table's feature.
    pub fn push_shape(&mut self, shape: Shape<'_>) {
        for part in shape.parts() {
            for ring in part.rings() {
                self.xy.extend_from_slice(ring.points());
                self.z.extend_from_slice(ring.z());
                self.finish_ring();
            }
            self.finish_part();
        }
        self.finish_feature(shape.kind());
    }
}

/// The arrays behind [`Shapes`], for passing them on as they are. Kinds in the order of [`ShapeKind`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ShapeArrays {
    pub kinds: Vec<u8>,
    pub xy: Vec<[f64; 2]>,
    pub z: Vec<f64>,
    pub ring_ends: Vec<u32>,
    pub part_ends: Vec<u32>,
    pub feature_ends: Vec<u32>,
}

impl Shapes {
    /// Makes room for appending all of these at once, and no more.
    pub fn reserve_for<'a>(&mut self, others: impl Iterator<Item = &'a Self>) {
        let sums = others.fold([0; 5], |[features, parts, rings, points, heights], o| {
            [
                features + o.kinds.len(),
                parts + o.part_ends.len(),
                rings + o.ring_ends.len(),
                points + o.xy.len(),
                heights + o.z.len(),
            ]
        });
        self.kinds.reserve_exact(sums[0]);
        self.feature_ends.reserve_exact(sums[0]);
        self.part_ends.reserve_exact(sums[1]);
        self.ring_ends.reserve_exact(sums[2]);
        self.xy.reserve_exact(sums[3]);
        self.z.reserve_exact(sums[4]);
    }

    /// Appends all features of another table; both have heights or neither has.
    pub fn append(&mut self, other: &Self) {
        fn shift(ends: &mut Vec<u32>, more: &[u32], by: usize) {
            ends.extend(more.iter().map(|end| end.saturating_add(to_u32(by))));
        }
        shift(&mut self.feature_ends, &other.feature_ends, self.part_ends.len());
        shift(&mut self.part_ends, &other.part_ends, self.ring_ends.len());
        shift(&mut self.ring_ends, &other.ring_ends, self.xy.len());
        self.kinds.extend_from_slice(&other.kinds);
        self.xy.extend_from_slice(&other.xy);
        self.z.extend_from_slice(&other.z);
    }

    #[must_use]
    pub fn kinds(&self) -> &[ShapeKind] {
        &self.kinds
    }

    #[must_use]
    pub fn z(&self) -> &[f64] {
        &self.z
    }

    /// Ends of the rings, the parts and the features.
    #[must_use]
    pub fn ends(&self) -> [&[u32]; 3] {
        [&self.ring_ends, &self.part_ends, &self.feature_ends]
    }

    /// `None` when the arrays do not fit together.
    #[must_use]
    pub fn from_arrays(arrays: ShapeArrays) -> Option<Self> {
        let ShapeArrays { kinds, xy, z, ring_ends, part_ends, feature_ends } = arrays;
        let kinds: Vec<ShapeKind> = kinds
            .into_iter()
            .map(|kind| {
                [ShapeKind::Empty, ShapeKind::Point, ShapeKind::Line, ShapeKind::Polygon]
                    .get(usize::from(kind))
                    .copied()
            })
            .collect::<Option<_>>()?;
        let ends_at = |ends: &[u32], n: usize| ends.is_sorted() && ends.last().map_or(0, |end| *end as usize) == n;
        let fits = ends_at(&ring_ends, xy.len())
            && ends_at(&part_ends, ring_ends.len())
            && ends_at(&feature_ends, part_ends.len())
            && kinds.len() == feature_ends.len()
            && (z.is_empty() || z.len() == xy.len());
        fits.then_some(Self { kinds, xy, z, ring_ends, part_ends, feature_ends })
    }
}

/// Rings, parts and features are counted in 32 bits: 4 billion vertices are more than any memory here holds.
fn to_u32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn start(ends: &[u32], i: usize) -> usize {
    if i == 0 { 0 } else { ends[i - 1] as usize }
}

/// (min x, min y, max x, max y) over points with finite coordinates.
#[must_use]
pub fn bounds_of(points: &[[f64; 2]]) -> Option<[f64; 4]> {
    let mut bounds = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for &[x, y] in points {
        if x.is_finite() && y.is_finite() {
            bounds = [bounds[0].min(x), bounds[1].min(y), bounds[2].max(x), bounds[3].max(y)];
        }
    }
    (bounds[0] <= bounds[2]).then_some(bounds)
}

/// A polygon feature as the `geo` crate's algorithms take it; empty for other kinds.
#[must_use]
pub fn multi_polygon(shape: Shape<'_>) -> geo::MultiPolygon {
    if shape.kind() != ShapeKind::Polygon {
        return geo::MultiPolygon(Vec::new());
    }
    let line = |points: &[[f64; 2]]| geo::LineString(points.iter().map(|p| geo::Coord { x: p[0], y: p[1] }).collect());
    let polygons = shape.parts().map(|part| {
        let mut rings = part.rings().map(|r| line(r.points()));
        let outer = rings.next().unwrap_or_else(|| geo::LineString(Vec::new()));
        geo::Polygon::new(outer, rings.collect())
    });
    geo::MultiPolygon(polygons.collect())
}

#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    shapes: &'a Shapes,
    part: usize,
}

#[derive(Debug, Clone, Copy)]
pub struct Ring<'a> {
    shapes: &'a Shapes,
    from: usize,
    to: usize,
}

impl<'a> Shape<'a> {
    #[must_use]
    pub fn kind(self) -> ShapeKind {
        self.shapes.kinds[self.row]
    }

    #[must_use]
    pub fn parts(self) -> impl ExactSizeIterator<Item = Part<'a>> + Clone {
        let ends = &self.shapes.feature_ends;
        (start(ends, self.row)..ends[self.row] as usize).map(move |part| Part { shapes: self.shapes, part })
    }

    /// Every ring of every part.
    pub fn rings(self) -> impl Iterator<Item = Ring<'a>> + Clone {
        self.parts().flat_map(Part::rings)
    }

    /// All vertices of the feature.
    #[must_use]
    pub fn points(self) -> &'a [[f64; 2]] {
        let s = self.shapes;
        let parts = start(&s.feature_ends, self.row)..s.feature_ends[self.row] as usize;
        let ring = |part_end: usize| start(&s.part_ends, part_end);
        &s.xy[start(&s.ring_ends, ring(parts.start))..start(&s.ring_ends, ring(parts.end))]
    }

    #[must_use]
    pub fn bounds(self) -> Option<[f64; 4]> {
        bounds_of(self.points())
    }
}

impl<'a> Part<'a> {
    #[must_use]
    pub fn rings(self) -> impl ExactSizeIterator<Item = Ring<'a>> + Clone {
        let s = self.shapes;
        (start(&s.part_ends, self.part)..s.part_ends[self.part] as usize).map(move |ring| Ring {
            shapes: s,
            from: start(&s.ring_ends, ring),
            to: s.ring_ends[ring] as usize,
        })
    }
}

impl<'a> Ring<'a> {
    #[must_use]
    pub fn points(self) -> &'a [[f64; 2]] {
        &self.shapes.xy[self.from..self.to]
    }

    /// Heights of the points, or nothing when the table has none.
    #[must_use]
    pub fn z(self) -> &'a [f64] {
        if self.shapes.has_z() { &self.shapes.z[self.from..self.to] } else { &[] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: [[f64; 2]; 5] = [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0], [0.0, 0.0]];
    const HOLE: [[f64; 2]; 5] = [[1.0, 1.0], [1.0, 2.0], [2.0, 2.0], [2.0, 1.0], [1.0, 1.0]];

    #[test]
    fn features_come_back_as_they_went_in() {
        let mut shapes = Shapes::new();
        shapes.push_point([9.0, 8.0]);
        shapes.push_empty();
        shapes.push_parts(ShapeKind::Polygon, &[&[&SQUARE, &HOLE], &[&SQUARE]]);
        shapes.push_line(&[[0.0, 0.0], [1.0, 1.0]]);
        assert_eq!(shapes.len(), 4);
        assert_eq!(shapes.get(1).points(), &[] as &[[f64; 2]]);
        let polygon = shapes.get(2);
        assert_eq!(polygon.kind(), ShapeKind::Polygon);
        let rings: Vec<usize> = polygon.parts().map(|p| p.rings().len()).collect();
        assert_eq!(rings, [2, 1]);
        assert_eq!(polygon.points().len(), 15);
        assert_eq!(polygon.rings().nth(1).unwrap().points(), HOLE);
        assert_eq!(shapes.get(3).points().len(), 2);
        let mut copy = Shapes::new();
        shapes.iter().for_each(|s| copy.push_shape(s));
        assert_eq!(copy, shapes);
    }

    #[test]
    fn tables_are_joined_and_taken_apart() {
        let mut first = Shapes::new();
        first.push_polygon(&[&SQUARE, &HOLE]);
        first.push_empty();
        let mut second = Shapes::new();
        second.push_parts(ShapeKind::Polygon, &[&[&SQUARE], &[&SQUARE, &HOLE]]);
        let mut joined = first.clone();
        joined.append(&second);
        let mut copy = first.clone();
        second.iter().for_each(|s| copy.push_shape(s));
        assert_eq!(joined, copy);

        let [ring_ends, part_ends, feature_ends] = joined.ends().map(<[u32]>::to_vec);
        let kinds = joined.kinds().iter().map(|k| *k as u8).collect();
        let arrays = ShapeArrays { kinds, xy: joined.xy().to_vec(), z: Vec::new(), ring_ends, part_ends, feature_ends };
        assert_eq!(Shapes::from_arrays(arrays.clone()), Some(joined));
        assert_eq!(Shapes::from_arrays(ShapeArrays { xy: vec![[0.0; 2]; 3], ..arrays.clone() }), None);
        assert_eq!(Shapes::from_arrays(ShapeArrays { kinds: vec![9; 3], ..arrays.clone() }), None);
        assert_eq!(Shapes::from_arrays(ShapeArrays { part_ends: vec![2, 1, 5], ..arrays }), None);
    }

    #[test]
    fn bounds_pass_over_nan() {
        assert_eq!(bounds_of(&[[f64::NAN, 1.0], [2.0, 3.0], [-1.0, 5.0]]), Some([-1.0, 3.0, 2.0, 5.0]));
        assert_eq!(bounds_of(&[]), None);
    }
}
