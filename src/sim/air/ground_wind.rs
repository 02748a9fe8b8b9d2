//! The wind of the lowest level, as lines show it.

use super::terrain_wind::Ground;
use crate::sim::transport::layers::LayerRates;

/// Eastward and northward, m/s, in the order of the grid's cells; NaN where buildings leave no room. Between a cell's two
/// faces the mean of what goes through them, over the thickness that it goes through.
#[must_use]
pub fn ground_wind(ground: &Ground, rates: &LayerRates) -> [Vec<f32>; 2] {
    let shape = rates.shape;
    let mut wind = [vec![f32::NAN; shape.cols * shape.rows], vec![f32::NAN; shape.cols * shape.rows]];
    for row in 0..shape.rows {
        for col in 0..shape.cols {
            let here = shape.at(col, row);
            let room = rates.size[here];
            if room <= 0.0 {
                continue;
            }
            // Volumes are thicknesses a second of this cell's width.
            let speed = |first: f32, second: f32| 0.5 * (first + second) * ground.cell_m as f32 / room;
            let cell = row * shape.cols + col;
            wind[0][cell] = speed(rates.east[here], rates.east[here + 1]);
            wind[1][cell] = -speed(rates.south[here], rates.south[shape.at(col, row + 1)]);
        }
    }
    wind
}
