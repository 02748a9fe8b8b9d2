//! The answer of a search for a source as a map: how much of the probability the smallest area has gathered when it
//! reaches a place.

use crate::geo::crs::Crs;
use crate::geo::grid::{Grid, GridSpec};
use crate::sim::air::finding::{Cell, Finding};

/// Beyond this share of the probability the map stays empty.
pub const FARTHEST: f64 = 0.99;
/// Cells of the longer side, at most.
const CELLS: f64 = 400.0;

/// By cell: the smallest share of the probability whose area holds it, 0 to [`FARTHEST`]; NaN outside. `None`: nothing
/// was found.
#[must_use]
pub fn certainty(found: &Finding, crs: &Crs) -> Option<Grid<f32>> {
    let mut held = 0.0;
    let reached: Vec<(&Cell, f32)> = found
        .cells
        .iter()
        .map_while(|cell| {
            let before = held;
            held += cell.probability;
            (before < FARTHEST).then_some((cell, before as f32))
        })
        .collect();
    let corners = reached.iter().flat_map(|(c, _)| {
        let half = 0.5 * c.side_m;
        [[c.middle[0] - half, c.middle[1] - half], [c.middle[0] + half, c.middle[1] + half]]
    });
    let [west, south, east, north] = crate::geo::shape::bounds_of(&corners.collect::<Vec<_>>())?;
    let finest = reached.iter().map(|(c, _)| c.side_m).fold(f64::INFINITY, f64::min);
    let side = finest.max((east - west).max(north - south) / CELLS);
    // A cell around, so that the edge fades and is not cut off.
    let count = |from: f64, to: f64| ((to - from) / side).ceil() as usize + 2;
    let spec = GridSpec::north_up(crs.clone(), west - side, north + side, side, count(west, east), count(south, north));
    let mut grid = Grid::filled(spec, f32::NAN);
    for (cell, share) in reached {
        let half = 0.5 * cell.side_m;
        let place = |x: f64, y: f64| {
            let col = ((x - (west - side)) / side).floor().max(0.0) as usize;
            let row = (((north + side) - y) / side).floor().max(0.0) as usize;
            (col.min(grid.spec.cols - 1), row.min(grid.spec.rows - 1))
        };
        let inside = 1e-6 * side;
        let (first_col, first_row) = place(cell.middle[0] - half + inside, cell.middle[1] + half - inside);
        let (last_col, last_row) = place(cell.middle[0] + half - inside, cell.middle[1] - half + inside);
        for row in first_row..=last_row {
            for col in first_col..=last_col {
                // The more likely square, which came first, keeps a cell that both touch.
                if grid.get(col, row).is_nan() {
                    grid.set(col, row, share);
                }
            }
        }
    }
    Some(grid)
}

/// The edge of the area that holds the source with this probability, as pieces along the cells' sides.
#[must_use]
pub fn edge(map: &Grid<f32>, share: f32) -> Vec<[[f64; 2]; 2]> {
    let spec = &map.spec;
    let ([west, _, _, north], side) = (spec.bounds(), spec.cell_width());
    let inside = |col: usize, row: usize| col < spec.cols && row < spec.rows && map.get(col, row) < share;
    let corner = |col: usize, row: usize| [side.mul_add(col as f64, west), north - side * row as f64];
    let mut pieces = Vec::new();
    // Straight pieces are joined: first those from west to east, then those from north to south.
    for row in 0..=spec.rows {
        let parts = |col: usize| row > 0 && inside(col, row - 1) != inside(col, row) || row == 0 && inside(col, 0);
        for run in runs(spec.cols, parts) {
            pieces.push([corner(run.start, row), corner(run.end, row)]);
        }
    }
    for col in 0..=spec.cols {
        let parts = |row: usize| col > 0 && inside(col - 1, row) != inside(col, row) || col == 0 && inside(0, row);
        for run in runs(spec.rows, parts) {
            pieces.push([corner(col, run.start), corner(col, run.end)]);
        }
    }
    pieces
}

/// Stretches of numbers below `count` for which it holds.
fn runs(count: usize, holds: impl Fn(usize) -> bool) -> Vec<std::ops::Range<usize>> {
    let mut found: Vec<std::ops::Range<usize>> = Vec::new();
    for i in (0..count).filter(|i| holds(*i)) {
        match found.last_mut() {
            Some(run) if run.end == i => run.end = i + 1,
            _ => found.push(i..i + 1),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::air::finding::Verdict;

    #[test]
    fn a_place_is_told_by_how_much_of_the_probability_comes_before_it() {
        let cell = |x: f64, side_m, probability| Cell { middle: [x, 0.0], side_m, probability, rate_g_s: 1.0 };
        let found = Finding {
            verdict: Verdict::Found,
            cells: vec![
                cell(5.0, 10.0, 0.6),
                cell(15.0, 10.0, 0.35),
                cell(40.0, 40.0, 0.045),
                cell(500.0, 10.0, 0.005),
            ],
            credible: 2,
            credible_share: 0.9,
            area_m2: 200.0,
            searched_m2: 1e6,
            rate_g_s: [1.0; 3],
            background_ug_m3: 0.0,
            log_evidence: 10.0,
            misfit: 1.0,
            together: Vec::new(),
        };
        let map = certainty(&found, &Crs::VN2000_TM3_104_30).unwrap();
        let at = |x: f64| map.at([x, 0.0]).unwrap();
        assert_eq!((at(5.0), at(15.0), at(40.0)), (0.0, 0.6, 0.95));
        assert!(map.at([500.0, 0.0]).is_none_or(f32::is_nan), "beyond 99 %");
        assert_eq!(map.spec.cell_width(), 10.0);
        // Around the first square, which lies across two rows of cells; around the first two together.
        let length = |pieces: Vec<[[f64; 2]; 2]>| -> (usize, f64) {
            let of = |p: &[[f64; 2]; 2]| (p[1][0] - p[0][0]).hypot(p[1][1] - p[0][1]);
            (pieces.len(), pieces.iter().map(of).sum())
        };
        assert_eq!((length(edge(&map, 0.5)), length(edge(&map, 0.9))), ((4, 60.0), (4, 80.0)));
        assert!(certainty(&Finding { cells: Vec::new(), ..found }, &Crs::VN2000_TM3_104_30).is_none());
    }
}
