//! The coming day as a map: what dust is on the mean, what gases are in their highest hour, between the stations.

use super::between::Between;
use super::coming::StationCourse;
use crate::geo::grid::{Grid, GridSpec};
use crate::model::aqi::Pollutant;
use crate::model::layer::LayerRole;
use crate::model::project::Project;
use crate::sim::air::forecast::Expected;

/// Cells of the longer side.
const CELLS: f64 = 180.0;

/// Whether a pollutant is told by the mean of a day and not by its highest hour.
#[must_use]
pub fn by_mean(pollutant: &str) -> bool {
    [Pollutant::Pm10, Pollutant::Pm25].into_iter().any(|p| p.code() == pollutant)
}

/// The middle of the forecast over the land, µg/m³; nothing where the stations say nothing, or where there are none.
#[must_use]
pub fn map(project: &Project, pollutant: &str, stations: &[StationCourse]) -> Option<Grid<f32>> {
    let value = |station: &StationCourse| {
        let hours: Vec<&Expected> = station.coming.iter().flatten().collect();
        let middles = hours.iter().map(|e| e.p50);
        let value =
            if by_mean(pollutant) { middles.sum::<f64>() / hours.len() as f64 } else { middles.fold(0.0, f64::max) };
        (!hours.is_empty()).then_some((station.at, value))
    };
    let between = Between::new(&stations.iter().filter_map(value).collect::<Vec<_>>())?;
    let communes = project.with_role(LayerRole::Communes).and_then(|l| l.content.bounds());
    let [west, south, east, north] = communes.or_else(|| project.bounds())?;
    let cell = ((east - west).max(north - south) / CELLS).max(1.0);
    let count = |from: f64, to: f64| ((to - from) / cell).ceil().max(1.0) as usize;
    let spec = GridSpec::north_up(project.frame.crs.clone(), west, north, cell, count(west, east), count(south, north));
    let terrain = project.terrain();
    let mut field = Grid::filled(spec.clone(), f32::NAN);
    for (row, col) in (0..spec.rows).flat_map(|row| (0..spec.cols).map(move |col| (row, col))) {
        let place = spec.centre(col, row);
        // Over the sea no station stands, and nobody breathes there.
        if terrain.is_some_and(|t| t.bilinear(place).is_nan() || t.bilinear(place) <= 0.0) {
            continue;
        }
        let (ln, deviation) = between.at(place);
        if !between.says_nothing(deviation) {
            field.set(col, row, ln.exp() as f32);
        }
    }
    Some(field)
}
