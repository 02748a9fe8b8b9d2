//! Roads as sources: one for each class, so that a change of its traffic is one number.

use std::collections::BTreeMap;

use crate::geo::measure::length;
use crate::geo::shape::ShapeKind;
use crate::model::layer::LayerRole;
use crate::model::project::Project;
use crate::model::table::Value;
use crate::sim::air::source::{Place, Source};
use crate::sim::air::traffic_emission::RoadEmissions;

/// Field names of the road layer; see data/README.md.
mod field {
    pub const CLASS: &str = "CAPDUONG";
    pub const SPEED: &str = "TOCDO";
    pub const WIDTH: &str = "BERONG";
    /// Vehicles an hour, where somebody counted them.
    pub const VOLUME: &str = "LUULUONG";
}

/// Exhaust leaves here above the road; behind vehicles it mixes up to some metres (EPA-454/R-92-010's roads).
const HEIGHT_M: f64 = 0.5;
const INITIAL_Z_M: f64 = 1.5;
const USUAL_SPEED_KMH: f64 = 40.0;
const USUAL_WIDTH_M: f64 = 7.0;

/// Roads by class, and what was assumed.
#[derive(Debug, Clone, Default)]
pub struct RoadSources {
    pub sources: Vec<Source>,
    /// Roads whose traffic the layer counts.
    pub counted: usize,
    /// Roads whose class has an assumed traffic.
    pub assumed: usize,
    /// Roads of a class that the table does not know: they emit nothing.
    pub unknown: usize,
}

/// At the day's mean volume. `None` for a substance that the table does not have.
#[must_use]
pub fn sources(project: &Project, table: &RoadEmissions, pollutant: &str) -> Option<RoadSources> {
    table.factor(pollutant)?;
    let mut found = RoadSources::default();
    let Some(roads) = project.with_role(LayerRole::Roads).and_then(|l| l.content.features()) else {
        return Some(found);
    };
    let mut classes: BTreeMap<String, Vec<(Place, f64)>> = BTreeMap::new();
    for (row, shape) in roads.geometry.iter().enumerate().filter(|(_, s)| s.kind() == ShapeKind::Line) {
        let class = match roads.value(row, field::CLASS) {
            Value::Text(class) => class.to_owned(),
            _ => String::new(),
        };
        let positive = |name: &str| roads.value(row, name).as_f64().filter(|v| *v > 0.0 && v.is_finite());
        let volume = match (positive(field::VOLUME), table.volume(&class)) {
            (Some(counted), _) => {
                found.counted += 1;
                counted
            }
            (None, Some(assumed)) => {
                found.assumed += 1;
                assumed.vehicles_h
            }
            (None, None) => {
                found.unknown += 1;
                continue;
            }
        };
        let speed = positive(field::SPEED).unwrap_or(USUAL_SPEED_KMH);
        let rate_g_m_s = table.line_rate_g_m_s(pollutant, volume, speed).unwrap_or_default();
        let width_m = positive(field::WIDTH).unwrap_or(USUAL_WIDTH_M).clamp(1.0, 100.0);
        for line in shape.rings() {
            let points = line.points().to_vec();
            let rate = rate_g_m_s * length(&points);
            let place = Place::Line { points, width_m, height_m: HEIGHT_M, initial_z_m: INITIAL_Z_M };
            classes.entry(class.clone()).or_default().push((place, rate));
        }
    }
    for (i, (class, mut parts)) in classes.into_iter().enumerate() {
        let rate_g_s: f64 = parts.iter().map(|p| p.1).sum();
        if rate_g_s > 0.0 {
            for part in &mut parts {
                part.1 /= rate_g_s;
            }
            found.sources.push(Source { id: format!("roads-{}", i + 1), title: class, parts, rate_g_s });
        }
    }
    Some(found)
}
