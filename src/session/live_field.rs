//! What lies between the stations of a kind, laid over the ground, and where nobody can tell.

use std::sync::Arc;

use super::field_view::{FieldView, Shade};
use crate::analysis::kriging::{Kriging, Sample};
use crate::geo::grid::{Grid, GridSpec};
use crate::model::norm::Property;
use crate::model::style::Rgba;

/// Cells of the longer side.
const CELLS: f64 = 180.0;

/// A field between stations.
#[derive(Debug, Clone)]
pub struct StationField {
    pub property: &'static Property,
    pub values: Arc<Grid<f32>>,
    /// Standard deviation of `values`.
    pub deviation: Arc<Grid<f32>>,
    /// From this deviation on the stations say nothing.
    pub silent_from: f32,
    /// Root mean square error when each station is foretold by the others.
    pub error: f64,
    pub stations: usize,
    /// Lowest and highest measured value.
    pub range: (f64, f64),
}

impl StationField {
    #[must_use]
    pub fn view(&self) -> FieldView {
        FieldView { values: self.values.clone(), factor: 1.0, shade: self.shade(), front: None }
    }

    fn shade(&self) -> Shade {
        let (low, high) = self.range;
        let colors = [
            Rgba(38, 120, 178, 210),
            Rgba(110, 190, 160, 210),
            Rgba(250, 220, 110, 215),
            Rgba(230, 120, 60, 225),
            Rgba(150, 30, 70, 235),
        ];
        let at = |i: usize| (low + (high - low) * i as f64 / 4.0) as f32;
        let stops = colors.into_iter().enumerate().map(|(i, color)| (at(i), color)).collect();
        Shade { title: "session-live-field", unit: &self.property.unit, stops }
    }

    /// The value at a place of the site's system and its standard deviation; `None` beyond the field.
    #[must_use]
    pub fn at(&self, place: [f64; 2]) -> Option<(f64, f64)> {
        let pair = [&self.values, &self.deviation].map(|g| f64::from(g.bilinear(place)));
        pair.iter().all(|v| v.is_finite()).then_some((pair[0], pair[1]))
    }
}

/// Works the field out over the land within `bounds` (west, south, east, north).
pub(super) fn between(
    property: &'static Property,
    samples: &[Sample],
    bounds: [f64; 4],
    terrain: Option<&Grid<f32>>,
    frame: &crate::geo::frame::SiteFrame,
) -> Option<StationField> {
    let kriging = Kriging::fit(samples)?;
    let [west, south, east, north] = bounds;
    let cell = ((east - west).max(north - south) / CELLS).max(1.0);
    let (cols, rows) = (((east - west) / cell).ceil() as usize, ((north - south) / cell).ceil() as usize);
    let spec = GridSpec::north_up(frame.crs.clone(), west, north, cell, cols.max(1), rows.max(1));
    let (mut values, mut deviation) = (Grid::filled(spec.clone(), f32::NAN), Grid::filled(spec.clone(), f32::NAN));
    let (low, high) = property.range;
    for row in 0..spec.rows {
        for col in 0..spec.cols {
            let place = spec.centre(col, row);
            // Over the sea no station stands, and nobody breathes there.
            if terrain.is_some_and(|t| t.bilinear(place).is_nan() || t.bilinear(place) <= 0.0) {
                continue;
            }
            let (value, spread) = kriging.at(place);
            values.set(col, row, value.clamp(low, high) as f32);
            deviation.set(col, row, spread as f32);
        }
    }
    let range = samples
        .iter()
        .filter(|s| s.1.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), s| (a.min(s.1), b.max(s.1)));
    Some(StationField {
        property,
        values: Arc::new(values),
        deviation: Arc::new(deviation),
        silent_from: kriging.silent_from() as f32,
        error: kriging.error,
        stations: samples.len(),
        range,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::crs::Crs;
    use crate::geo::frame::SiteFrame;
    use crate::model::norm::PropertyTable;

    #[test]
    fn the_field_covers_the_land_and_owns_up_to_what_it_does_not_know() {
        let property = PropertyTable::standard().get("pm25").unwrap();
        let samples: Vec<Sample> =
            (0..16).map(|i| ([f64::from(i % 4) * 800.0, f64::from(i / 4) * 800.0], 20.0 + f64::from(i))).collect();
        let frame = SiteFrame { crs: Crs::VN2000_TM3_104_30, origin: [0.0, 0.0] };
        let spec = GridSpec::north_up(frame.crs.clone(), -1000.0, 60_000.0, 1000.0, 61, 61);
        let mut terrain = Grid::filled(spec, 5.0);
        terrain.set(60, 0, -3.0);
        let field =
            between(property, &samples, [-1000.0, -1000.0, 60_000.0, 60_000.0], Some(&terrain), &frame).unwrap();
        let (value, near) = field.at([1200.0, 1200.0]).unwrap();
        let (_, far) = field.at([40_000.0, 40_000.0]).unwrap();
        assert!((20.0..36.0).contains(&value));
        assert!(near < f64::from(field.silent_from) && far > f64::from(field.silent_from), "{near} {far}");
        assert!(field.at([59_900.0, 59_900.0]).is_none(), "the sea stays free");
        let shade = field.view().shade;
        assert_eq!((shade.unit, shade.range()), ("µg/m³", (20.0, 35.0)));
    }
}
