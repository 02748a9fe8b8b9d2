//! What a camera or a watchman sees of the terrain, and what it cannot see.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::base::cancel::{CancelToken, Cancelled};
use crate::geo::grid::Grid;

/// Mean radius of the earth, metres (IUGG R1).
const EARTH_M: f64 = 6_371_008.8;

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Observer {
    /// In the terrain's system, metres.
    pub at: [f64; 2],
    /// Eye above the ground.
    pub height_m: f64,
    /// Of what is looked for above the ground: smoke over a forest.
    pub target_m: f64,
    /// How far the eye reaches.
    pub reach_m: f64,
    /// Refraction coefficient of the air; 0.13 by day (Brunner 1984). 0 for straight rays.
    pub refraction: f64,
}

/// Cells of the sea and cells without height are level 0: nothing hides behind them but by the earth's bend.
const SEA_LEVEL: f64 = 0.0;

/// 1 where at least one observer sees the place, 0 where none does, NaN where the terrain has no value.
///
/// A straight line of sight over the bilinear surface, sampled at every half cell (the "R3" of Franklin & Ray 1994,
/// exact where the others approximate), lowered by (1 - k) d² / 2R for the bend of the earth and of the light (Torge
/// & Müller 2012, "Geodesy", section 5.1).
///
/// # Errors
/// [`Cancelled`] when the user has had enough.
pub fn viewshed(terrain: &Grid<f32>, observers: &[Observer], cancel: &CancelToken) -> Result<Grid<f32>, Cancelled> {
    let cols = terrain.spec.cols;
    let eyes: Vec<(Observer, f64)> =
        observers.iter().map(|o| (*o, level(terrain, o.at) + o.height_m)).filter(|(_, z)| z.is_finite()).collect();
    let cells = terrain
        .cells
        .par_iter()
        .enumerate()
        .map(|(i, height)| {
            if height.is_nan() || cancel.is_cancelled() {
                return f32::NAN;
            }
            let place = terrain.spec.centre(i % cols, i / cols);
            f32::from(u8::from(
                eyes.iter().any(|(observer, eye)| sees(terrain, observer, *eye, place, f64::from(*height))),
            ))
        })
        .collect();
    cancel.check()?;
    Ok(Grid { spec: terrain.spec.clone(), cells })
}

/// Share of the cells with a value for which `counts` holds that are seen, and how many those are: "62 % of the
/// forest".
#[must_use]
pub fn seen_share(seen: &Grid<f32>, counts: impl Fn([f64; 2]) -> bool) -> Option<f64> {
    let (mut all, mut visible) = (0_u64, 0_u64);
    for (i, cell) in seen.cells.iter().enumerate().filter(|(_, c)| !c.is_nan()) {
        if counts(seen.spec.centre(i % seen.spec.cols, i / seen.spec.cols)) {
            all += 1;
            visible += u64::from(*cell > 0.0);
        }
    }
    (all > 0).then(|| visible as f64 / all as f64)
}

fn level(terrain: &Grid<f32>, at: [f64; 2]) -> f64 {
    let z = f64::from(terrain.bilinear(at));
    if z.is_nan() { SEA_LEVEL } else { z.max(SEA_LEVEL) }
}

fn sees(terrain: &Grid<f32>, observer: &Observer, eye: f64, place: [f64; 2], ground: f64) -> bool {
    let (dx, dy) = (place[0] - observer.at[0], place[1] - observer.at[1]);
    let far = dx.hypot(dy);
    if far > observer.reach_m {
        return false;
    }
    let bend = (1.0 - observer.refraction) / (2.0 * EARTH_M);
    let step = 0.5 * terrain.spec.cell_width().min(terrain.spec.cell_height());
    let top = ground.max(SEA_LEVEL) + observer.target_m - bend * far * far;
    let slope = (top - eye) / far;
    // The last half cell belongs to the place itself.
    let steps = ((far - step) / step).floor().max(0.0) as usize;
    (1..=steps).all(|i| {
        let d = i as f64 * step;
        let t = d / far;
        let here = level(terrain, [t.mul_add(dx, observer.at[0]), t.mul_add(dy, observer.at[1])]) - bend * d * d;
        here <= slope.mul_add(d, eye)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::crs::Crs;
    use crate::geo::grid::GridSpec;

    fn flat(cols: usize, cell: f64) -> Grid<f32> {
        Grid::filled(GridSpec::north_up(Crs::VN2000_TM3_104_30, 0.0, cell, cell, cols, 1), 0.0)
    }

    fn seen(terrain: &Grid<f32>, observer: Observer) -> Grid<f32> {
        viewshed(terrain, &[observer], &CancelToken::new()).unwrap()
    }

    fn observer(height_m: f64, target_m: f64) -> Observer {
        Observer { at: [0.5, 0.5], height_m, target_m, reach_m: 1e6, refraction: 0.0 }
    }

    /// A wall of 10 m at 50 m hides from an eye at 5 m everything behind it; from one at 20 m the shadow of the wall
    /// ends where the line over its top comes down: 20 / (20 - 10) * 50 = 100 m.
    #[test]
    fn a_wall_throws_a_shadow_of_the_right_length() {
        let mut terrain = flat(200, 1.0);
        terrain.set(50, 0, 10.0);
        let low = seen(&terrain, observer(5.0, 0.0));
        assert!(low.get(40, 0) == 1.0 && low.get(50, 0) == 1.0 && low.get(60, 0) == 0.0 && low.get(199, 0) == 0.0);
        let high = seen(&terrain, observer(20.0, 0.0));
        assert!(high.get(90, 0) == 0.0 && high.get(104, 0) == 1.0, "{:?}", &high.cells[85..110]);
    }

    /// The horizon of an eye 100 m up lies at sqrt(2 R h) = 35.7 km.
    #[test]
    fn the_earth_bends() {
        let terrain = flat(500, 100.0);
        let seen = seen(&terrain, Observer { at: [50.0, 50.0], ..observer(100.0, 0.0) });
        let horizon = seen.cells.iter().filter(|c| **c > 0.0).count() as f64 * 100.0;
        assert!((horizon - (2.0 * EARTH_M * 100.0).sqrt()).abs() < 300.0, "{horizon}");
        assert_eq!(seen_share(&seen, |p| p[0] < 30_000.0), Some(1.0));
        let share = seen_share(&seen, |_| true).unwrap();
        assert!((0.7..0.73).contains(&share), "{share}");
    }
}
