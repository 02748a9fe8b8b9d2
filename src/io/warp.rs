//! Rasters from one coordinate system into another.

use rayon::prelude::*;

use crate::geo::crs::Crs;
use crate::geo::grid::{Grid, GridSpec};
use crate::io::crs::{CrsError, Projector};
use crate::io::export::NO_CLASS;

/// Bilinear between cell centres.
///
/// # Errors
/// [`CrsError`] when there is no way between the two systems.
pub(crate) fn values(grid: Grid<f32>, to: &Crs) -> Result<Grid<f32>, CrsError> {
    warp(grid, to, Grid::bilinear)
}

/// The class of the cell that holds the place.
///
/// # Errors
/// [`CrsError`] when there is no way between the two systems.
pub(crate) fn classes(grid: Grid<u16>, to: &Crs) -> Result<Grid<u16>, CrsError> {
    warp(grid, to, |grid, xy| grid.at(xy).unwrap_or(NO_CLASS))
}

fn warp<T: Copy + Send + Sync>(
    grid: Grid<T>,
    to: &Crs,
    sample: impl Fn(&Grid<T>, [f64; 2]) -> T + Sync,
) -> Result<Grid<T>, CrsError> {
    if grid.spec.crs == *to {
        return Ok(grid);
    }
    let spec = target(&grid.spec, to)?;
    let back = Projector::between(to, &grid.spec.crs)?;
    let mut places: Vec<[f64; 2]> =
        (0..spec.len()).into_par_iter().map(|i| spec.centre(i % spec.cols, i / spec.cols)).collect();
    back.apply_all(&mut places);
    let cells = places.into_par_iter().map(|xy| sample(&grid, xy)).collect();
    Ok(Grid { spec, cells })
}

/// Points along each edge of the source that are transformed to find the target's extent.
const EDGE_STEPS: usize = 32;

/// About as many cells as the source, square, over its extent in the target's system.
fn target(source: &GridSpec, to: &Crs) -> Result<GridSpec, CrsError> {
    let no_path =
        |detail: &str| CrsError::NoPath { from: source.crs.to_string(), to: to.to_string(), detail: detail.to_owned() };
    let [west, south, east, north] = source.bounds();
    let mut edge: Vec<[f64; 2]> = (0..=EDGE_STEPS)
        .flat_map(|i| {
            let t = i as f64 / EDGE_STEPS as f64;
            let (x, y) = (west + (east - west) * t, south + (north - south) * t);
            [[x, south], [x, north], [west, y], [east, y]]
        })
        .collect();
    Projector::between(&source.crs, to)?.apply_all(&mut edge);
    if edge.iter().flatten().any(|v| !v.is_finite()) {
        return Err(no_path("part of the raster lies outside the system"));
    }
    let [west, south, east, north] = crate::geo::shape::bounds_of(&edge).ok_or_else(|| no_path("no extent"))?;
    let cell = ((east - west) * (north - south) / source.len() as f64).sqrt();
    if !(cell.is_finite() && cell > 0.0) {
        return Err(no_path("no extent"));
    }
    let count = |length: f64| ((length / cell).ceil() as usize).max(1);
    let (cols, rows) = (count(east - west), count(north - south));
    if cols.saturating_mul(rows) > 4 * source.len() + 1024 {
        return Err(no_path("the extent is out of proportion"));
    }
    Ok(GridSpec::north_up(to.clone(), west, north, cell, cols, rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::transform::Transform;

    #[test]
    fn a_slope_in_degrees_is_the_same_slope_in_metres() {
        let site = Crs::VN2000_TM3_104_30;
        let spec = GridSpec::north_up(Crs::WGS84, 103.9, 10.3, 0.001, 200, 200);
        let cells = (0..spec.len()).map(|i| (spec.centre(i % 200, i / 200)[0] * 1000.0) as f32).collect();
        let warped = values(Grid { spec, cells }, &site).unwrap();
        let to_degrees = Transform::between(&site, &Crs::WGS84).unwrap();
        let (mut checked, mut worst) = (0, 0.0_f64);
        for row in 0..warped.spec.rows {
            for col in 0..warped.spec.cols {
                let lon = to_degrees.apply(warped.spec.centre(col, row))[0];
                let value = f64::from(warped.get(col, row));
                if (103.901..104.099).contains(&lon) && !value.is_nan() {
                    worst = worst.max((value - lon * 1000.0).abs());
                    checked += 1;
                }
            }
        }
        // f32 holds 103,900 to 1/128.
        assert!(checked > 30_000 && worst < 0.02, "{checked} {worst}");
    }

    #[test]
    fn classes_are_never_mixed() {
        let spec = GridSpec::north_up(Crs::WGS84, 103.9, 10.3, 0.01, 20, 20);
        let cells = (0..spec.len()).map(|i| if i % 2 == 0 { 3 } else { 40 }).collect();
        let warped = classes(Grid { spec, cells }, &Crs::VN2000_TM3_104_30).unwrap();
        assert!(warped.cells.iter().all(|c| [3, 40, NO_CLASS].contains(c)));
    }
}
