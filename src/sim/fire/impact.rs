//! What a fire did, from its arrival times: areas by class, and what it reached when.

use std::collections::BTreeMap;

use super::error::FireError;
use crate::geo::grid::Grid;

/// Burnt area in m² by class (land use, forest type). Arrival times are NaN where nothing burnt.
///
/// # Errors
/// [`FireError::GridMismatch`] when the rasters do not line up.
pub fn burnt_by_class(arrival_s: &Grid<f32>, classes: &Grid<u16>) -> Result<BTreeMap<u16, f64>, FireError> {
    if arrival_s.spec != classes.spec {
        return Err(FireError::GridMismatch { what: "land-cover" });
    }
    let mut cells: BTreeMap<u16, usize> = BTreeMap::new();
    for (_, class) in arrival_s.cells.iter().zip(&classes.cells).filter(|(t, _)| !t.is_nan()) {
        *cells.entry(*class).or_default() += 1;
    }
    let area = arrival_s.spec.cell_width() * arrival_s.spec.cell_height();
    Ok(cells.into_iter().map(|(class, n)| (class, n as f64 * area)).collect())
}

/// When the fire reaches each of some outlines (a building, a stretch of road): the earliest arrival in a cell that
/// the outline or its points touch; `None` when it does not. A building's own cell may hold no fuel, so its
/// neighbours within `reach` cells count as well.
#[must_use]
pub fn reached<'a>(
    arrival_s: &Grid<f32>,
    outlines: impl IntoIterator<Item = &'a [[f64; 2]]>,
    reach: usize,
) -> Vec<Option<f64>> {
    let spec = &arrival_s.spec;
    outlines
        .into_iter()
        .map(|points| {
            let cells = points.iter().filter_map(|p| spec.cell_at(*p));
            let around = cells.flat_map(|(col, row)| {
                let rows = row.saturating_sub(reach)..=(row + reach).min(spec.rows - 1);
                let cols = col.saturating_sub(reach)..=(col + reach).min(spec.cols - 1);
                rows.flat_map(move |r| cols.clone().map(move |c| (c, r)))
            });
            let earliest =
                around.map(|(c, r)| arrival_s.get(c, r)).filter(|t| !t.is_nan()).fold(f32::INFINITY, f32::min);
            earliest.is_finite().then_some(f64::from(earliest))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::crs::Crs;
    use crate::geo::grid::GridSpec;

    #[test]
    fn areas_and_arrivals_come_from_burnt_cells_only() {
        let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, 0.0, 30.0, 10.0, 3, 3);
        let mut arrival = Grid::filled(spec.clone(), f32::NAN);
        arrival.set(0, 0, 60.0);
        arrival.set(1, 0, 30.0);
        let mut classes = Grid::filled(spec, 7);
        classes.set(1, 0, 9);
        assert_eq!(burnt_by_class(&arrival, &classes), Ok(BTreeMap::from([(7, 100.0), (9, 100.0)])));
        let here: &[[f64; 2]] = &[[5.0, 15.0]];
        let far: &[[f64; 2]] = &[[25.0, 5.0]];
        assert_eq!(reached(&arrival, [here, far], 0), [None, None]);
        assert_eq!(reached(&arrival, [here, far], 1), [Some(30.0), None]);
    }
}
