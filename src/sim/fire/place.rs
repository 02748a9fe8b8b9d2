//! Lines and areas on the grid.

use crate::geo::grid::GridSpec;
use crate::geo::measure::{distance, distance_to_segment};

/// The cells that a chain of points passes through, each with the metres along the chain to where it is entered. Closed
/// against diagonal steps: consecutive cells share a side, or the march's own rule closes the corner between them.
#[must_use]
pub fn cells_along(spec: &GridSpec, line: &[[f64; 2]]) -> Vec<(usize, f64)> {
    let mut cells: Vec<(usize, f64)> = Vec::new();
    let step = spec.cell_width().min(spec.cell_height()) / 8.0;
    let mut before = 0.0;
    for leg in line.windows(2) {
        let length = distance(leg[0], leg[1]);
        let steps = (length / step).ceil().max(1.0) as usize;
        for i in 0..=steps {
            let t = i as f64 / steps as f64;
            let at = [(leg[1][0] - leg[0][0]).mul_add(t, leg[0][0]), (leg[1][1] - leg[0][1]).mul_add(t, leg[0][1])];
            if let Some((col, row)) = spec.cell_at(at) {
                let cell = row * spec.cols + col;
                if cells.last().is_none_or(|last| last.0 != cell) {
                    cells.push((cell, before + t * length));
                }
            }
        }
        before += length;
    }
    cells
}

/// Cells whose centre lies within `reach` of a chain of points; a cell beside two legs comes twice.
#[must_use]
pub fn cells_near(spec: &GridSpec, line: &[[f64; 2]], reach: f64) -> Vec<usize> {
    let mut cells = Vec::new();
    for leg in line.windows(2) {
        let [a, b] = [leg[0], leg[1]];
        let [c0, r0] = spec.cell_coordinates([a[0].min(b[0]) - reach, a[1].max(b[1]) + reach]);
        let [c1, r1] = spec.cell_coordinates([a[0].max(b[0]) + reach, a[1].min(b[1]) - reach]);
        let clamp = |v: f64, n: usize| v.clamp(0.0, n as f64) as usize;
        for row in clamp(r0.floor(), spec.rows)..clamp(r1.ceil(), spec.rows) {
            for col in clamp(c0.floor(), spec.cols)..clamp(c1.ceil(), spec.cols) {
                if distance_to_segment(spec.centre(col, row), a, b) <= reach {
                    cells.push(row * spec.cols + col);
                }
            }
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::crs::Crs;

    #[test]
    fn a_line_gives_its_cells_in_order_with_their_distance() {
        let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, 0.0, 100.0, 10.0, 10, 10);
        let cells = cells_along(&spec, &[[5.0, 95.0], [45.0, 95.0], [45.0, 75.0]]);
        let numbers: Vec<usize> = cells.iter().map(|c| c.0).collect();
        assert_eq!(numbers, [0, 1, 2, 3, 4, 14, 24]);
        assert!((cells[4].1 - 35.0).abs() < 2.0 && (cells[6].1 - 55.0).abs() < 2.0);
    }

    #[test]
    fn a_strip_is_as_wide_as_asked() {
        let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, 0.0, 100.0, 10.0, 10, 10);
        let cells = cells_near(&spec, &[[50.0, -20.0], [50.0, 120.0]], 15.0);
        assert_eq!(cells.len(), 40);
        assert!(cells.iter().all(|c| (3..=6).contains(&(c % 10))));
        assert!(cells_near(&spec, &[[f64::NAN, 0.0], [50.0, 120.0]], 15.0).is_empty());
    }
}
