//! What a camera sees of the ground.

use std::sync::Arc;

use super::field_view::{FieldView, Shade};
use crate::analysis::viewshed::{Observer, viewshed};
use crate::base::cancel::CancelToken;
use crate::geo::grid::{Grid, GridSpec};
use crate::model::sensor::ViewCone;
use crate::model::style::Rgba;

/// Where the camera hangs and what it looks for, metres above the ground: a watch tower and smoke over trees. Assumed.
pub const EYE_M: f64 = 20.0;
pub const TARGET_M: f64 = 15.0;
/// Cells of the longer side.
const MOST_CELLS: usize = 400;

#[derive(Debug, Clone)]
pub struct Seen {
    pub station: String,
    /// 1 where it sees, 0 where something is in the way, NaN where it does not look.
    pub grid: Arc<Grid<f32>>,
    /// Share of the land within its sector that it sees.
    pub share: f64,
}

impl Seen {
    #[must_use]
    pub fn view(&self) -> FieldView {
        let (hidden, seen) = (Rgba(70, 70, 80, 170), Rgba(80, 190, 255, 190));
        let shade = Shade {
            title: "session-live-seen",
            unit: "",
            stops: vec![(0.0, hidden), (0.5, hidden), (0.51, seen), (1.0, seen)],
        };
        FieldView { values: self.grid.clone(), factor: 1.0, shade, front: None }
    }
}

/// `at` in the terrain's system.
pub(super) fn seen(station: &str, at: [f64; 2], cone: ViewCone, terrain: &Grid<f32>) -> Option<Seen> {
    let around = crop(terrain, at, cone.range_m)?;
    let observer = Observer { at, height_m: EYE_M, target_m: TARGET_M, reach_m: cone.range_m, refraction: 0.13 };
    // Pools of their own keep the picture's threads free.
    let pool = rayon::ThreadPoolBuilder::new().build().ok()?;
    let mut grid = pool.install(|| viewshed(&around, &[observer], &CancelToken::new())).ok()?;
    let (mut all, mut visible) = (0_u64, 0_u64);
    for i in 0..grid.cells.len() {
        let place = grid.spec.centre(i % grid.spec.cols, i / grid.spec.cols);
        let cell = &mut grid.cells[i];
        if around.cells[i] <= 0.0 || !looks_there(cone, at, place) {
            *cell = f32::NAN;
        } else if !cell.is_nan() {
            all += 1;
            visible += u64::from(*cell > 0.0);
        }
    }
    (all > 0).then(|| Seen { station: station.to_owned(), grid: Arc::new(grid), share: visible as f64 / all as f64 })
}

/// Whether a place lies in the sector.
fn looks_there(cone: ViewCone, from: [f64; 2], place: [f64; 2]) -> bool {
    let (dx, dy) = (place[0] - from[0], place[1] - from[1]);
    if dx.hypot(dy) > cone.range_m {
        return false;
    }
    let off = (dx.atan2(dy).to_degrees() - cone.bearing_deg + 540.0).rem_euclid(360.0) - 180.0;
    off.abs() <= cone.opening_deg / 2.0
}

/// The terrain within reach, with larger cells where there would be too many.
fn crop(terrain: &Grid<f32>, at: [f64; 2], reach: f64) -> Option<Grid<f32>> {
    let [west, south, east, north] = terrain.spec.bounds();
    let (w, s, e, n) =
        (west.max(at[0] - reach), south.max(at[1] - reach), east.min(at[0] + reach), north.min(at[1] + reach));
    if w >= e || s >= n {
        return None;
    }
    let cell = terrain.spec.cell_width().max((e - w).max(n - s) / MOST_CELLS as f64);
    let (cols, rows) = (((e - w) / cell).ceil() as usize, ((n - s) / cell).ceil() as usize);
    let spec = GridSpec::north_up(terrain.spec.crs.clone(), w, n, cell, cols.max(1), rows.max(1));
    let cells = (0..spec.len()).map(|i| terrain.bilinear(spec.centre(i % spec.cols, i / spec.cols))).collect();
    Some(Grid { spec, cells })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::crs::Crs;

    #[test]
    fn a_camera_sees_its_sector_but_not_behind_a_ridge() {
        let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, 0.0, 4000.0, 20.0, 200, 200);
        let mut terrain = Grid::filled(spec, 1.0);
        for row in 0..200 {
            terrain.set(150, row, 300.0);
        }
        let cone = ViewCone { bearing_deg: 90.0, opening_deg: 60.0, range_m: 1900.0 };
        let seen = seen("CCR-01", [2000.0, 2000.0], cone, &terrain).unwrap();
        assert_eq!(seen.grid.bilinear([2500.0, 2000.0]), 1.0);
        assert_eq!(seen.grid.bilinear([3500.0, 2000.0]), 0.0, "behind the ridge");
        assert!(seen.grid.bilinear([1500.0, 2000.0]).is_nan(), "behind its back");
        assert!((0.2..0.6).contains(&seen.share), "{}", seen.share);
        let all_round = ViewCone { bearing_deg: 10.0, opening_deg: 360.0, range_m: 500.0 };
        assert!(looks_there(all_round, [0.0, 0.0], [-100.0, -20.0]));
    }
}
