//! Where the nodes of a grid lie in memory: in square tiles, so that a cell and its neighbours share a page. A front
//! that crosses a large map row by row would miss the processor's tables of pages at almost every step.

/// Cells along a tile's side.
const SIDE: usize = 8;
const TILE: usize = SIDE * SIDE;

/// The ring around a cell, counter-clockwise from the east on a map with y to the south.
pub const RING: [[f64; 2]; 8] =
    [[1.0, 0.0], [1.0, -1.0], [0.0, -1.0], [-1.0, -1.0], [-1.0, 0.0], [-1.0, 1.0], [0.0, 1.0], [1.0, 1.0]];

/// Cells with a border of at least one node around them that spares every bounds check of neighbours.
#[derive(Debug, Clone)]
pub struct Layout {
    pub cols: usize,
    pub rows: usize,
    /// Tiles in a row of tiles.
    across: u32,
    tiles: usize,
    /// By place in the tile and direction: what leads to the neighbour's index; backwards by wrapping.
    steps: Box<[[usize; 8]; TILE]>,
}

impl Layout {
    #[must_use]
    pub fn new(cols: usize, rows: usize) -> Self {
        let (across, down) = ((cols + 2).div_ceil(SIDE), (rows + 2).div_ceil(SIDE));
        let index = |x: usize, y: usize| (y / SIDE * across + x / SIDE) * TILE + y % SIDE * SIDE + x % SIDE;
        let mut steps = Box::new([[0; 8]; TILE]);
        for (place, row) in steps.iter_mut().enumerate() {
            // One tile in, so that no neighbour lies before the first.
            let (x, y) = (SIDE + place % SIDE, SIDE + place / SIDE);
            for (step, way) in row.iter_mut().zip(RING) {
                let there = index(x.wrapping_add_signed(way[0] as isize), y.wrapping_add_signed(way[1] as isize));
                *step = there.wrapping_sub(index(x, y));
            }
        }
        Self { cols, rows, across: across as u32, tiles: across * down, steps }
    }

    /// Nodes in all.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tiles * TILE
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tiles == 0
    }

    /// (x, y) of a node; the border's first column and row are 0.
    #[must_use]
    pub fn place(&self, node: usize) -> (u32, u32) {
        // 32-bit division is several times faster.
        let (tile, place) = ((node / TILE) as u32, (node % TILE) as u32);
        let side = SIDE as u32;
        (tile % self.across * side + place % side, tile / self.across * side + place / side)
    }

    /// Of a cell's row-major index.
    #[must_use]
    pub fn node_of(&self, cell: usize) -> usize {
        let (x, y) = (cell % self.cols + 1, cell / self.cols + 1);
        (y / SIDE * self.across as usize + x / SIDE) * TILE + y % SIDE * SIDE + x % SIDE
    }

    /// The inverse of [`Self::node_of`]; not for the border.
    #[must_use]
    pub fn cell_of(&self, node: usize) -> usize {
        let (x, y) = self.place(node);
        (y as usize - 1) * self.cols + x as usize - 1
    }

    #[must_use]
    pub fn is_border(&self, node: usize) -> bool {
        let (x, y) = self.place(node);
        x == 0 || y == 0 || x as usize > self.cols || y as usize > self.rows
    }

    /// The nodes of a node's row in its tile.
    #[must_use]
    pub fn row_of_tile(&self, node: usize) -> std::ops::Range<usize> {
        let first = node / SIDE * SIDE;
        first..first + SIDE
    }

    /// Only nodes inside the border may be asked, so none is off the array.
    #[must_use]
    pub fn neighbour(&self, node: usize, direction: usize) -> usize {
        node.wrapping_add(self.steps[node % TILE][direction % 8])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_has_its_node_and_its_neighbours() {
        let layout = Layout::new(19, 11);
        let mut seen = vec![false; layout.len()];
        for cell in 0..19 * 11 {
            let node = layout.node_of(cell);
            assert_eq!((layout.cell_of(node), layout.is_border(node)), (cell, false));
            assert!(!std::mem::replace(&mut seen[node], true));
            let (x, y) = layout.place(node);
            for (direction, way) in RING.iter().enumerate() {
                let beside = layout.neighbour(node, direction);
                let there = (f64::from(x) + way[0], f64::from(y) + way[1]);
                let (bx, by) = layout.place(beside);
                assert_eq!((f64::from(bx), f64::from(by)), there);
                let outside = there.0 < 1.0 || there.1 < 1.0 || there.0 > 19.0 || there.1 > 11.0;
                assert_eq!(layout.is_border(beside), outside);
            }
        }
    }
}
