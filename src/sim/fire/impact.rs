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

/// When the fire reaches a feature: the earliest arrival in any of its cells; `None` when it does not.
#[must_use]
pub fn first_arrival(arrival_s: &Grid<f32>, cells: &[u32]) -> Option<f64> {
    let times = cells.iter().filter_map(|c| arrival_s.cells.get(*c as usize));
    let earliest = times.filter(|t| !t.is_nan()).copied().fold(f32::INFINITY, f32::min);
    earliest.is_finite().then_some(f64::from(earliest))
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
        assert_eq!(first_arrival(&arrival, &[0, 1, 8]), Some(30.0));
        assert_eq!(first_arrival(&arrival, &[8]), None);
    }
}
