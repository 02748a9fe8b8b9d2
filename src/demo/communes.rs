//! Which commune a place belongs to. Names, codes, centres and bounding boxes are real; boundaries are not.

use super::noise::Noise;
use super::shore::coarser;
use super::source::Commune;
use super::terrain::Ground;
use crate::geo::grid::Grid;
use crate::geo::measure::distance;

/// 1-based index into the communes for each 60 m cell, 0 at sea. Land goes to the commune whose bounding box and
/// centre fit best.
#[must_use]
pub fn assign(seed: u64, ground: &Ground, communes: &[Commune]) -> Grid<u16> {
    let bend = Noise::new(seed, 500);
    let mut labels = Grid::filled(coarser(&ground.height.spec, 2), 0_u16);
    for row in 0..labels.spec.rows {
        for col in 0..labels.spec.cols {
            let p = labels.spec.centre(col, row);
            if ground.land.at(p).unwrap_or(false) {
                let bent = [
                    p[0] + 500.0 * bend.fractal(p[0] / 2500.0, p[1] / 2500.0, 3),
                    p[1] + 500.0 * bend.fractal(p[1] / 2500.0, p[0] / 2500.0, 3),
                ];
                labels.set(col, row, best(communes, bent));
            }
        }
    }
    labels
}

fn best(communes: &[Commune], p: [f64; 2]) -> u16 {
    let cost = |c: &Commune| {
        let [west, south, east, north] = c.bounds;
        let outside = (west - p[0]).max(p[0] - east).max(south - p[1]).max(p[1] - north).max(0.0);
        let middle = [f64::midpoint(west, east), f64::midpoint(south, north)];
        let size = (east - west).min(north - south);
        3.0 * outside + distance(p, middle) / size.sqrt() * 40.0
    };
    let nearest = (0..communes.len()).min_by(|a, b| cost(&communes[*a]).total_cmp(&cost(&communes[*b])));
    nearest.map_or(0, |i| i as u16 + 1)
}
