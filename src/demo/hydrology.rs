//! Where water runs, and the valleys that it cuts.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::geo::grid::Grid;

/// The way of water over a terrain.
#[derive(Debug, Clone)]
pub struct Flow {
    /// Cell that each cell drains into; itself for sea cells.
    pub receiver: Vec<u32>,
    /// Land cells, each after the cell that it drains into.
    pub upstream_order: Vec<u32>,
    /// Drained area of each cell, itself included, m².
    pub area_m2: Vec<f64>,
}

const AROUND: [(isize, isize, f64); 8] = [
    (-1, 0, 1.0),
    (1, 0, 1.0),
    (0, -1, 1.0),
    (0, 1, 1.0),
    (-1, -1, std::f64::consts::SQRT_2),
    (1, -1, std::f64::consts::SQRT_2),
    (-1, 1, std::f64::consts::SQRT_2),
    (1, 1, std::f64::consts::SQRT_2),
];

/// The (cell, distance in cells) around a cell.
pub fn neighbours(cell: usize, cols: usize, rows: usize) -> impl Iterator<Item = (usize, f64)> {
    let (c, r) = (cell % cols, cell / cols);
    AROUND.iter().filter_map(move |(dc, dr, length)| {
        let (c, r) = (c.checked_add_signed(*dc)?, r.checked_add_signed(*dr)?);
        (c < cols && r < rows).then_some((r * cols + c, *length))
    })
}

/// Raises every land cell that could not drain, and finds the way of water; sea cells are below or at 0.
///
/// Priority-Flood (Barnes, Lehman & Mulla 2014, "Priority-flood", algorithm 1) from the sea inwards; then D8
/// (O'Callaghan & Mark 1984): each cell drains to its steepest neighbour that was reached before it.
pub fn fill_and_route(terrain: &mut Grid<f32>, land: &Grid<bool>) -> Flow {
    let (cols, rows) = (terrain.spec.cols, terrain.spec.rows);
    let n = cols * rows;
    let mut receiver: Vec<u32> = (0..n as u32).collect();
    let mut rank = vec![u32::MAX; n];
    let mut queue = BinaryHeap::new();
    for (cell, rank) in rank.iter_mut().enumerate() {
        if !land.cells[cell] {
            *rank = 0;
            if neighbours(cell, cols, rows).any(|(next, _)| land.cells[next]) {
                queue.push(Reverse((0_u32, cell as u32)));
            }
        }
    }
    let mut reached = rank.iter().map(|r| *r == 0).collect::<Vec<bool>>();
    let mut upstream_order = Vec::new();
    while let Some(Reverse((_, cell))) = queue.pop() {
        let cell = cell as usize;
        if land.cells[cell] {
            upstream_order.push(cell as u32);
            rank[cell] = upstream_order.len() as u32;
            receiver[cell] = steepest(terrain, &rank, cell, receiver[cell]);
        }
        let level = terrain.cells[cell].max(0.0);
        for (next, _) in neighbours(cell, cols, rows) {
            if !reached[next] {
                reached[next] = true;
                receiver[next] = cell as u32;
                terrain.cells[next] = terrain.cells[next].max(level);
                // Heights are not negative here, so their bits sort as they do.
                queue.push(Reverse((terrain.cells[next].to_bits(), next as u32)));
            }
        }
    }
    let cell_area = terrain.spec.cell_width() * terrain.spec.cell_height();
    let mut area_m2 = vec![cell_area; n];
    for cell in upstream_order.iter().rev() {
        area_m2[receiver[*cell as usize] as usize] += area_m2[*cell as usize];
    }
    Flow { receiver, upstream_order, area_m2 }
}

/// The steepest way down among cells reached earlier, or `parent` on flats.
fn steepest(terrain: &Grid<f32>, rank: &[u32], cell: usize, parent: u32) -> u32 {
    let here = terrain.cells[cell];
    let mut best = (0.0, parent);
    for (next, length) in neighbours(cell, terrain.spec.cols, terrain.spec.rows) {
        let slope = f64::from(here - terrain.cells[next].max(0.0)) / length;
        if rank[next] < rank[cell] && slope > best.0 {
            best = (slope, next as u32);
        }
    }
    best.1
}

/// Lets rivers cut for one step of the stream power law, `dz/dt = -K A^0.5 S`, solved implicitly from the sea upwards
/// (Braun & Willett 2013, eq. 22). `strength` is K dt over the cell width, 1/m.
pub fn carve(terrain: &mut Grid<f32>, flow: &Flow, strength: f64) {
    for cell in &flow.upstream_order {
        let cell = *cell as usize;
        let below = f64::from(terrain.cells[flow.receiver[cell] as usize].max(0.0));
        let here = f64::from(terrain.cells[cell]);
        if here > below {
            let factor = strength * flow.area_m2[cell].sqrt();
            terrain.cells[cell] = ((here + factor * below) / (1.0 + factor)) as f32;
        }
    }
}

/// Hillslope creep: each land cell moves towards the mean of its four neighbours by `share`.
pub fn creep(terrain: &mut Grid<f32>, land: &Grid<bool>, share: f32) {
    let (cols, rows) = (terrain.spec.cols, terrain.spec.rows);
    let before = terrain.cells.clone();
    for cell in 0..cols * rows {
        let (c, r) = (cell % cols, cell / cols);
        if land.cells[cell] && c > 0 && r > 0 && c + 1 < cols && r + 1 < rows {
            let mean = (before[cell - 1] + before[cell + 1] + before[cell - cols] + before[cell + cols]).max(0.0) / 4.0;
            terrain.cells[cell] += share * (mean - before[cell]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::source::SITE;
    use crate::geo::grid::GridSpec;

    /// A cone with a pit in its side, in a sea.
    fn island() -> (Grid<f32>, Grid<bool>) {
        let spec = GridSpec::north_up(SITE, 0.0, 0.0, 30.0, 41, 41);
        let (mut terrain, mut land) = (Grid::filled(spec.clone(), -5.0), Grid::filled(spec, false));
        for row in 0..41_usize {
            for col in 0..41_usize {
                let d = (col as f32 - 20.0).hypot(row as f32 - 20.0);
                if d < 15.0 {
                    terrain.set(col, row, 5.0 * (15.0 - d));
                    land.set(col, row, true);
                }
            }
        }
        terrain.set(27, 20, 1.0);
        (terrain, land)
    }

    #[test]
    fn every_land_cell_drains_to_the_sea_and_all_area_arrives() {
        let (mut terrain, land) = island();
        let flow = fill_and_route(&mut terrain, &land);
        assert!(terrain.get(27, 20) > 1.0, "the pit is filled");
        let count = land.cells.iter().filter(|l| **l).count();
        assert_eq!(flow.upstream_order.len(), count);
        let arrived: f64 = (0..land.cells.len())
            .filter(|c| land.cells[*c] && !land.cells[flow.receiver[*c] as usize])
            .map(|c| flow.area_m2[c])
            .sum();
        assert!((arrived - count as f64 * 900.0).abs() < 1.0);
        let uphill = flow
            .upstream_order
            .iter()
            .filter(|c| terrain.cells[flow.receiver[**c as usize] as usize].max(0.0) > terrain.cells[**c as usize]);
        assert_eq!(uphill.count(), 0);
    }

    #[test]
    fn carving_lowers_and_never_turns_slopes_around() {
        let (mut terrain, land) = island();
        let flow = fill_and_route(&mut terrain, &land);
        let before = terrain.clone();
        carve(&mut terrain, &flow, 0.002);
        assert!(terrain.cells.iter().zip(&before.cells).all(|(a, b)| a <= b));
        assert!(terrain.get(20, 20) < before.get(20, 20));
        let order = &flow.upstream_order;
        assert!(
            order
                .iter()
                .all(|c| terrain.cells[*c as usize] >= terrain.cells[flow.receiver[*c as usize] as usize].max(0.0))
        );
    }
}
