//! How far every cell is from the coast: positive on land, negative at sea.

use super::source::{Land, SITE};
use crate::geo::fill::cells_inside;
use crate::geo::grid::{Grid, GridSpec};
use crate::geo::measure::distance_to_segment;

/// Terrain, land cover and everything derived lie on this grid: the main island and the An Thới islets.
#[must_use]
pub fn island_grid() -> GridSpec {
    GridSpec::north_up(SITE, 424_800.0, 1_158_000.0, 30.0, 1080, 2120)
}

/// The same area in cells of `factor` times 30 m.
#[must_use]
pub fn coarser(spec: &GridSpec, factor: usize) -> GridSpec {
    let [west, _, _, north] = spec.bounds();
    let cell = spec.cell_width() * factor as f64;
    GridSpec::north_up(spec.crs.clone(), west, north, cell, spec.cols.div_ceil(factor), spec.rows.div_ceil(factor))
}

/// Cells whose centre lies on one of the lands.
#[must_use]
pub fn land_mask(spec: &GridSpec, lands: &[Land]) -> Grid<bool> {
    let mut mask = Grid::filled(spec.clone(), false);
    for land in lands {
        fill_ring(&mut mask, &land.ring, true);
    }
    mask
}

/// Sets every cell whose centre lies inside a closed ring.
pub fn fill_ring<T: Copy>(grid: &mut Grid<T>, ring: &[[f64; 2]], value: T) {
    for cell in cells_inside(&grid.spec, &[ring]) {
        grid.cells[cell] = value;
    }
}

/// Signed distance to the nearest coast in metres, negative at sea.
///
/// Every cell learns its nearest segment from its neighbours in two double sweeps (Danielsson 1980), then measures
/// the distance to that segment exactly.
#[must_use]
pub fn signed_distance(spec: &GridSpec, lands: &[Land]) -> Grid<f32> {
    let segments: Vec<[[f64; 2]; 2]> = lands.iter().flat_map(|l| l.ring.windows(2).map(|w| [w[0], w[1]])).collect();
    let mut nearest = Grid::filled(spec.clone(), u32::MAX);
    let mut distance = Grid::filled(spec.clone(), f64::INFINITY);
    for (id, [a, b]) in segments.iter().enumerate() {
        let steps = ((b[0] - a[0]).hypot(b[1] - a[1]) / (spec.cell_width() * 0.5)).ceil().max(1.0);
        for step in 0..=steps as usize {
            let t = step as f64 / steps;
            let p = [(b[0] - a[0]).mul_add(t, a[0]), (b[1] - a[1]).mul_add(t, a[1])];
            if let Some((col, row)) = spec.cell_at(p) {
                offer(&mut nearest, &mut distance, &segments, (col, row), id as u32);
            }
        }
    }
    let (cols, rows) = (spec.cols.cast_signed(), spec.rows.cast_signed());
    let learn =
        |nearest: &mut Grid<u32>, distance: &mut Grid<f64>, col: isize, row: isize, around: &[(isize, isize)]| {
            for (dc, dr) in around {
                let (c, r) = (col + dc, row + dr);
                if (0..cols).contains(&c) && (0..rows).contains(&r) {
                    let id = nearest.get(c as usize, r as usize);
                    if id != u32::MAX && id != nearest.get(col as usize, row as usize) {
                        offer(nearest, distance, &segments, (col as usize, row as usize), id);
                    }
                }
            }
        };
    for _ in 0..2 {
        for row in 0..rows {
            (0..cols).for_each(|c| learn(&mut nearest, &mut distance, c, row, &[(-1, 0), (-1, -1), (0, -1), (1, -1)]));
            (0..cols).rev().for_each(|c| learn(&mut nearest, &mut distance, c, row, &[(1, 0)]));
        }
        for row in (0..rows).rev() {
            (0..cols)
                .rev()
                .for_each(|c| learn(&mut nearest, &mut distance, c, row, &[(1, 0), (1, 1), (0, 1), (-1, 1)]));
            (0..cols).for_each(|c| learn(&mut nearest, &mut distance, c, row, &[(-1, 0)]));
        }
    }
    let mask = land_mask(spec, lands);
    let cells = distance.cells.iter().zip(&mask.cells).map(|(d, land)| if *land { *d } else { -d } as f32).collect();
    Grid { spec: spec.clone(), cells }
}

fn offer(
    nearest: &mut Grid<u32>,
    distance: &mut Grid<f64>,
    segments: &[[[f64; 2]; 2]],
    (col, row): (usize, usize),
    id: u32,
) {
    let [a, b] = segments[id as usize];
    let d = distance_to_segment(distance.spec.centre(col, row), a, b);
    if d < distance.get(col, row) {
        distance.set(col, row, d);
        nearest.set(col, row, id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_exact_around_a_square_island() {
        let ring = vec![[100.0, 100.0], [400.0, 100.0], [400.0, 400.0], [100.0, 400.0], [100.0, 100.0]];
        let spec = GridSpec::north_up(SITE, 0.0, 500.0, 10.0, 50, 50);
        let grid = signed_distance(&spec, &[Land { ring, foreign: false }]);
        for (p, expected) in [([255.0, 255.0], 145.0), ([55.0, 255.0], -45.0), ([55.0, 55.0], -(2.0_f32.sqrt() * 45.0))]
        {
            let got = grid.at(p).unwrap();
            assert!((got - expected).abs() < 0.01, "{p:?}: {got}");
        }
    }
}
