//! Rasters: a regular grid of cells, row 0 in the north, each value standing for its whole cell (pixel-is-area).

use serde::{Deserialize, Serialize};

use super::crs::Crs;

/// Where a grid lies. North-up only: `transform` is GDAL's with both rotations zero.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GridSpec {
    pub crs: Crs,
    /// (west edge, cell width, 0, north edge, 0, -cell height), in the units of `crs`.
    pub transform: [f64; 6],
    pub cols: usize,
    pub rows: usize,
}

impl GridSpec {
    /// A grid of square cells with its north-west corner at (west, north).
    #[must_use]
    pub fn north_up(crs: Crs, west: f64, north: f64, cell: f64, cols: usize, rows: usize) -> Self {
        Self { crs, transform: [west, cell, 0.0, north, 0.0, -cell], cols, rows }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.cols * self.rows
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Cell width, in the units of the CRS.
    #[must_use]
    pub fn cell_width(&self) -> f64 {
        self.transform[1]
    }

    /// Cell height, positive.
    #[must_use]
    pub fn cell_height(&self) -> f64 {
        -self.transform[5]
    }

    /// Centre of a cell.
    #[must_use]
    pub fn centre(&self, col: usize, row: usize) -> [f64; 2] {
        [
            self.transform[1].mul_add(col as f64 + 0.5, self.transform[0]),
            self.transform[5].mul_add(row as f64 + 0.5, self.transform[3]),
        ]
    }

    /// (column, row) as real numbers: (0.5, 0.5) is the centre of the north-western cell.
    #[must_use]
    pub fn cell_coordinates(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [(x - self.transform[0]) / self.transform[1], (y - self.transform[3]) / self.transform[5]]
    }

    /// The cell that holds a point, or `None` outside.
    #[must_use]
    pub fn cell_at(&self, xy: [f64; 2]) -> Option<(usize, usize)> {
        let [c, r] = self.cell_coordinates(xy);
        let cell = |v: f64, n: usize| (v >= 0.0 && v < n as f64).then_some(v as usize);
        Some((cell(c, self.cols)?, cell(r, self.rows)?))
    }

    /// (west, south, east, north).
    #[must_use]
    pub fn bounds(&self) -> [f64; 4] {
        let t = &self.transform;
        [t[0], t[5].mul_add(self.rows as f64, t[3]), t[1].mul_add(self.cols as f64, t[0]), t[3]]
    }
}

/// Values on a grid, row by row from the north-west. Missing values are NaN (or `None`), never a magic number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grid<T> {
    pub spec: GridSpec,
    pub cells: Vec<T>,
}

impl<T: Copy> Grid<T> {
    #[must_use]
    pub fn filled(spec: GridSpec, value: T) -> Self {
        let cells = vec![value; spec.len()];
        Self { spec, cells }
    }

    #[must_use]
    pub fn get(&self, col: usize, row: usize) -> T {
        self.cells[row * self.spec.cols + col]
    }

    pub fn set(&mut self, col: usize, row: usize, value: T) {
        self.cells[row * self.spec.cols + col] = value;
    }

    /// The value of the cell that holds a point.
    #[must_use]
    pub fn at(&self, xy: [f64; 2]) -> Option<T> {
        self.spec.cell_at(xy).map(|(c, r)| self.get(c, r))
    }
}

impl Grid<f32> {
    /// Bilinear between cell centres, held constant over the outer half cell; NaN outside or beside missing cells.
    #[must_use]
    pub fn bilinear(&self, xy: [f64; 2]) -> f32 {
        let [c, r] = self.spec.cell_coordinates(xy);
        let (cols, rows) = (self.spec.cols as f64, self.spec.rows as f64);
        if !(c >= 0.0 && r >= 0.0 && c <= cols && r <= rows) {
            return f32::NAN;
        }
        let (c, r) = ((c - 0.5).clamp(0.0, cols - 1.0), (r - 0.5).clamp(0.0, rows - 1.0));
        let (c0, r0) = (c as usize, r as usize);
        let (c1, r1) = ((c0 + 1).min(self.spec.cols - 1), (r0 + 1).min(self.spec.rows - 1));
        let (fc, fr) = ((c - c0 as f64) as f32, (r - r0 as f64) as f32);
        let lerp = |a: f32, b: f32, t: f32| (b - a).mul_add(t, a);
        lerp(lerp(self.get(c0, r0), self.get(c1, r0), fc), lerp(self.get(c0, r1), self.get(c1, r1), fc), fr)
    }

    /// Smallest and largest value, missing cells left out.
    #[must_use]
    pub fn range(&self) -> Option<(f32, f32)> {
        self.cells
            .iter()
            .filter(|v| !v.is_nan())
            .fold(None, |range, &v| Some(range.map_or((v, v), |(low, high): (f32, f32)| (low.min(v), high.max(v)))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_by_two() -> Grid<f32> {
        let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, 100.0, 220.0, 10.0, 2, 2);
        Grid { spec, cells: vec![0.0, 10.0, 20.0, 30.0] }
    }

    #[test]
    fn row_zero_is_north() {
        let grid = two_by_two();
        assert_eq!(grid.at([101.0, 219.0]), Some(0.0));
        assert_eq!(grid.at([119.0, 201.0]), Some(30.0));
        assert_eq!(grid.at([120.0, 201.0]), None);
        assert_eq!(grid.spec.bounds(), [100.0, 200.0, 120.0, 220.0]);
    }

    #[test]
    fn bilinear_meets_cell_centres_and_halves_between() {
        let grid = two_by_two();
        assert_eq!(grid.bilinear([105.0, 215.0]), 0.0);
        assert_eq!(grid.bilinear([110.0, 210.0]), 15.0);
        assert_eq!(grid.bilinear([100.0, 220.0]), 0.0);
        assert!(grid.bilinear([99.0, 210.0]).is_nan());
        assert!(grid.bilinear([f64::NAN, 210.0]).is_nan());
    }
}
