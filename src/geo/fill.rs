//! Areas on a grid.

use super::grid::GridSpec;
use super::shape::bounds_of;

/// Cells whose centre lies inside closed rings, by the even-odd rule, ascending. Each row of centres is cut with the edges
/// that it crosses, so that a large area costs its cells and its outline, not their product.
#[must_use]
pub fn cells_inside(spec: &GridSpec, rings: &[impl AsRef<[[f64; 2]]>]) -> Vec<usize> {
    let points = rings.iter().flat_map(AsRef::as_ref).copied().collect::<Vec<_>>();
    let Some([west, south, east, north]) = bounds_of(&points) else { return Vec::new() };
    let [c0, r0] = spec.cell_coordinates([west, north]);
    let [c1, r1] = spec.cell_coordinates([east, south]);
    let clamp = |v: f64, n: usize| v.clamp(0.0, n as f64) as usize;
    let rows = clamp(r0.floor(), spec.rows)..clamp(r1.ceil(), spec.rows);
    let cols = clamp(c0.floor(), spec.cols)..clamp(c1.ceil(), spec.cols);
    let mut crossings: Vec<Vec<f64>> = vec![Vec::new(); rows.len()];
    for edge in rings.iter().flat_map(|ring| ring.as_ref().windows(2)) {
        let ([x0, y0], [x1, y1]) = (edge[0], edge[1]);
        let [_, top] = spec.cell_coordinates([x0, y0.max(y1)]);
        let [_, bottom] = spec.cell_coordinates([x0, y0.min(y1)]);
        // One row more on either side: whether an edge crosses a centre's line is decided as everywhere.
        let near = clamp(top - 1.0, spec.rows).max(rows.start)..clamp(bottom + 1.0, spec.rows).min(rows.end);
        for row in near {
            let y = spec.centre(0, row)[1];
            if (y0 > y) != (y1 > y) {
                crossings[row - rows.start].push((x1 - x0) * (y - y0) / (y1 - y0) + x0);
            }
        }
    }
    let mut cells = Vec::new();
    for (row, mut xs) in rows.zip(crossings) {
        xs.sort_unstable_by(f64::total_cmp);
        let mut passed = 0;
        for col in cols.clone() {
            let x = spec.centre(col, row)[0];
            while passed < xs.len() && xs[passed] <= x {
                passed += 1;
            }
            if passed == xs.len() {
                break;
            }
            if (xs.len() - passed) % 2 == 1 {
                cells.push(row * spec.cols + col);
            }
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::crs::Crs;
    use crate::geo::measure::ring_contains;

    #[test]
    fn a_ring_outside_the_map_is_clipped() {
        let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, 0.0, 100.0, 10.0, 10, 10);
        let ring = vec![[-50.0, 80.0], [20.0, 80.0], [20.0, 200.0], [-50.0, 200.0], [-50.0, 80.0]];
        assert_eq!(cells_inside(&spec, &[ring]), [0, 1, 10, 11]);
    }

    #[test]
    fn the_cells_of_an_area_are_those_whose_centres_lie_inside() {
        let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, 0.0, 600.0, 10.0, 50, 60);
        let rng = crate::base::rng::KeyedRng::new(5, 5);
        for shape in 0..40 {
            // Any chain of points is closed; edges cross each other, run through centres and out of the map.
            let ring = |of: u64, n: u64| -> Vec<[f64; 2]> {
                let at = |i: u64| {
                    let [x, y] = [0, 1].map(|axis| rng.below(shape * 10 + of, i * 2 + axis, 140) as f64 * 5.0 - 55.0);
                    [x, y]
                };
                (0..n).chain([0]).map(at).collect()
            };
            let rings = [ring(0, 3 + shape % 9), ring(1, 4)];
            let inside = |cell: &usize| {
                let centre = spec.centre(cell % spec.cols, cell / spec.cols);
                rings.iter().fold(false, |inside, ring| inside ^ ring_contains(ring, centre))
            };
            let expected: Vec<usize> = (0..spec.len()).filter(inside).collect();
            assert_eq!(cells_inside(&spec, &rings), expected, "{rings:?}");
        }
        assert!(cells_inside(&spec, &[[[f64::NAN, 0.0], [50.0, 50.0], [f64::NAN, 0.0]]]).is_empty());
    }
}
