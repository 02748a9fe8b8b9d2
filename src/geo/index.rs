//! Finding features by place: an R-tree over bounding boxes that is packed once, in the order of Hilbert's curve
//! (Kamel & Faloutsos 1993, "On packing R-trees").

use rayon::prelude::*;

use super::measure;
use super::shape::{ShapeKind, Shapes};

type Bounds = [f64; 4];

/// Children of a node.
const NODE: usize = 16;

/// Rows of a table by the boxes around their shapes.
#[derive(Debug, Clone, Default)]
pub struct FeatureIndex {
    /// The boxes of the leaves, then those of each level above, each over [`NODE`] of the level below.
    boxes: Vec<Bounds>,
    /// Where each level begins in `boxes`, the leaves first; and the end.
    levels: Vec<usize>,
    /// The row of each leaf.
    rows: Vec<u32>,
}

impl FeatureIndex {
    /// Rows without finite geometry are left out.
    #[must_use]
    pub fn build(shapes: &Shapes) -> Self {
        let entries: Vec<(Bounds, u32)> = (0..shapes.len())
            .into_par_iter()
            .with_min_len(4096)
            .filter_map(|row| Some((shapes.get(row).bounds()?, u32::try_from(row).ok()?)))
            .collect();
        Self::pack(&entries)
    }

    fn pack(entries: &[(Bounds, u32)]) -> Self {
        let Some(all) = entries.iter().map(|(b, _)| *b).reduce(around) else { return Self::default() };
        // The row makes every key another, so that the order is the same on any number of threads.
        let mut order: Vec<(u32, u32)> =
            (0..).zip(entries).map(|(at, (bounds, _))| (along_curve(*bounds, all), at)).collect();
        order.par_sort_unstable();
        let mut boxes: Vec<Bounds> = Vec::with_capacity(entries.len() + entries.len() / (NODE - 1) + 8);
        let mut rows = Vec::with_capacity(entries.len());
        for (_, at) in &order {
            let (bounds, row) = entries[*at as usize];
            boxes.push(bounds);
            rows.push(row);
        }
        let mut levels = vec![0, boxes.len()];
        while let [.., from, to] = levels[..]
            && to - from > 1
        {
            for first in (from..to).step_by(NODE) {
                let children = &boxes[first..(first + NODE).min(to)];
                let whole = children.iter().copied().reduce(around).unwrap_or(all);
                boxes.push(whole);
            }
            levels.push(boxes.len());
        }
        Self { boxes, levels, rows }
    }

    /// Rows whose boxes touch (west, south, east, north), in ascending order.
    #[must_use]
    pub fn in_box(&self, wanted: [f64; 4]) -> Vec<usize> {
        let mut found = Vec::new();
        self.each_in_box(wanted, |row| found.push(row));
        found.sort_unstable();
        found
    }

    fn each_in_box(&self, wanted: Bounds, mut each: impl FnMut(usize)) {
        let touches = |b: &Bounds| b[0] <= wanted[2] && b[2] >= wanted[0] && b[1] <= wanted[3] && b[3] >= wanted[1];
        let Some(top) = self.levels.len().checked_sub(2) else { return };
        // (level, place within it) of nodes whose box touches; the top level is one box.
        let mut open: Vec<(usize, usize)> = Vec::with_capacity(64);
        if self.boxes.get(self.levels[top]).is_some_and(touches) {
            open.push((top, 0));
        }
        while let Some((level, place)) = open.pop() {
            if level == 0 {
                each(self.rows[place] as usize);
                continue;
            }
            let below = self.levels[level - 1];
            let first = below + place * NODE;
            let last = (first + NODE).min(self.levels[level]);
            let touched = (first..last).filter(|at| touches(&self.boxes[*at]));
            open.extend(touched.map(|at| (level - 1, at - below)));
        }
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

fn around(a: Bounds, b: Bounds) -> Bounds {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}

/// How far along the curve the middle of a box lies, on a grid of 65,536 by 65,536 cells over `all`.
fn along_curve(b: Bounds, all: Bounds) -> u32 {
    let cell = |low: f64, high: f64, from: f64, to: f64| {
        let span = if to > from { to - from } else { 1.0 };
        ((f64::midpoint(low, high) - from) / span * 65_535.0) as u32
    };
    hilbert(cell(b[0], b[2], all[0], all[2]), cell(b[1], b[3], all[1], all[3]))
}

/// Hilbert's curve of order 16, bit by bit from the coarsest (Lam & Shapiro 1994).
fn hilbert(mut x: u32, mut y: u32) -> u32 {
    let mut along = 0;
    let mut side = 1 << 15;
    while side > 0 {
        let (right, up) = (u32::from(x & side > 0), u32::from(y & side > 0));
        along += side * side * ((3 * right) ^ up);
        if up == 0 {
            if right == 1 {
                (x, y) = (65_535 - x, 65_535 - y);
            }
            (x, y) = (y, x);
        }
        side /= 2;
    }
    along
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::KeyedRng;

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
        assert_eq!(FeatureIndex::build(&Shapes::new()).in_box([-1e9, -1e9, 1e9, 1e9]), [] as [usize; 0]);
    }

    #[test]
    fn the_tree_finds_what_asking_each_finds() {
        let rng = KeyedRng::new(5, 5);
        for n in [1, 2, 16, 17, 300, 5000] {
            let mut shapes = Shapes::new();
            for i in 0..n {
                let [x, y] = [rng.range(0, i, -1e6, 1e6), rng.range(1, i, 0.0, 10.0)];
                shapes.push_line(&[[x, y], [x + rng.range(2, i, 0.0, 1e5), y + rng.range(3, i, 0.0, 1.0)]]);
            }
            let index = FeatureIndex::build(&shapes);
            for k in 0..50 {
                let [x, y] = [rng.range(4, k, -1.1e6, 1.1e6), rng.range(5, k, -1.0, 11.0)];
                let wanted = [x, y, x + rng.range(6, k, 0.0, 3e5), y + rng.range(7, k, 0.0, 3.0)];
                let touches = |row: &usize| {
                    let b = shapes.get(*row).bounds().unwrap();
                    b[0] <= wanted[2] && b[2] >= wanted[0] && b[1] <= wanted[3] && b[3] >= wanted[1]
                };
                assert_eq!(index.in_box(wanted), (0..shapes.len()).filter(touches).collect::<Vec<_>>(), "{n} {k}");
            }
        }
    }

    #[test]
    fn the_curve_goes_everywhere_and_never_jumps() {
        // The first 4^5 places of the curve fill a square of 32 by 32, each beside the one before.
        let mut places: Vec<(u32, u32, u32)> =
            (0..32).flat_map(|x| (0..32).map(move |y| (hilbert(x, y), x, y))).collect();
        places.sort_unstable();
        for (i, pair) in places.windows(2).enumerate() {
            assert_eq!(pair[0].0, i as u32);
            assert_eq!(pair[0].1.abs_diff(pair[1].1) + pair[0].2.abs_diff(pair[1].2), 1);
        }
    }
}
