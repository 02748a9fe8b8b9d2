//! Rasters that do not lie on the fire's grid, brought there.

use super::error::FireError;
use crate::geo::grid::{Grid, GridSpec};

/// A raster of numbers at the centres of another grid's cells, bilinear; missing beyond its edge.
///
/// # Errors
/// [`FireError::GridMismatch`] when the systems differ: transform first.
pub fn numbers(raster: &Grid<f32>, to: &GridSpec, what: &'static str) -> Result<Grid<f32>, FireError> {
    let cells = centres(&raster.spec, to, what)?.map(|p| raster.bilinear(p)).collect();
    Ok(Grid { spec: to.clone(), cells })
}

/// A raster of classes at the centres of another grid's cells: the class of the cell there, `outside` beyond its edge.
///
/// # Errors
/// As [`numbers`].
pub fn classes(raster: &Grid<u16>, to: &GridSpec, outside: u16, what: &'static str) -> Result<Grid<u16>, FireError> {
    let cells = centres(&raster.spec, to, what)?.map(|p| raster.at(p).unwrap_or(outside)).collect();
    Ok(Grid { spec: to.clone(), cells })
}

fn centres<'a>(
    from: &GridSpec,
    to: &'a GridSpec,
    what: &'static str,
) -> Result<impl Iterator<Item = [f64; 2]> + 'a, FireError> {
    if from.crs != to.crs {
        return Err(FireError::GridMismatch { what });
    }
    Ok((0..to.len()).map(|i| to.centre(i % to.cols, i / to.cols)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::crs::Crs;

    #[test]
    fn a_coarse_raster_lands_on_a_fine_grid() {
        let coarse = GridSpec::north_up(Crs::VN2000_TM3_104_30, 0.0, 20.0, 10.0, 2, 2);
        let fine = GridSpec::north_up(Crs::VN2000_TM3_104_30, -5.0, 20.0, 5.0, 3, 2);
        let kinds = Grid { spec: coarse.clone(), cells: vec![1, 2, 3, 4] };
        assert_eq!(classes(&kinds, &fine, 0, "land-cover").unwrap().cells, [0, 1, 1, 0, 1, 1]);
        let heights = Grid { spec: coarse.clone(), cells: vec![0.0, 10.0, 0.0, 10.0] };
        let there = numbers(&heights, &fine, "elevation").unwrap();
        assert!(there.cells[0].is_nan());
        assert_eq!(there.cells[2], 2.5);
        let elsewhere = GridSpec { crs: Crs::WGS84, ..fine };
        assert!(numbers(&heights, &elsewhere, "elevation").is_err());
    }
}
