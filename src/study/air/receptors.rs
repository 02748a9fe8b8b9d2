//! Where the air is asked for: a grid over the land with its roads, and the stations.

use std::sync::Arc;

use rayon::prelude::*;

use crate::geo::grid::{Grid, GridSpec};
use crate::geo::shape::ShapeKind;
use crate::model::layer::{Layer, LayerRole};
use crate::model::project::Project;
use crate::model::style::{PointSymbol, Symbol};
use crate::model::table::Value;
use crate::sim::air::error::AirError;
use crate::sim::air::matrix::{Receptors, Relief};
use crate::sim::air::source::{Place, Source};
use crate::sim::air::terrain::Hills;

const FINEST_CELL_M: f64 = 10.0;
const COARSEST_CELL_M: f64 = 2000.0;
const MOST_CELLS: f64 = 4e6;
/// Beyond the outermost source and house, metres.
const MARGIN_M: f64 = 2000.0;

/// A named place that is told by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Station {
    pub id: String,
    pub name: String,
    pub at: [f64; 2],
}

/// Cells over everything that emits and everybody who lives there.
///
/// # Errors
/// A cell size that is not possible here.
pub fn grid(project: &Project, sources: &[Source], cell_m: f64) -> Result<GridSpec, AirError> {
    AirError::require("cell", cell_m, FINEST_CELL_M, COARSEST_CELL_M)?;
    let mut bounds: Option<[f64; 4]> = None;
    let mut widen = |[x, y]: [f64; 2]| {
        let [w, s, e, n] = bounds.unwrap_or([x, y, x, y]);
        bounds = Some([w.min(x), s.min(y), e.max(x), n.max(y)]);
    };
    for role in [LayerRole::Roads, LayerRole::Buildings] {
        if let Some([w, s, e, n]) = project.with_role(role).and_then(|l| l.content.bounds()) {
            widen([w, s]);
            widen([e, n]);
        }
    }
    for station in stations(project) {
        widen(station.at);
    }
    for (place, _) in sources.iter().flat_map(|s| &s.parts) {
        match place {
            Place::Point { at, .. } | Place::Volume { at, .. } => widen(*at),
            Place::Line { points, .. } => points.iter().for_each(|p| widen(*p)),
            Place::Area { ring, .. } => ring.iter().for_each(|p| widen(*p)),
        }
    }
    let [w, s, e, n] = bounds.ok_or(AirError::NoSource)?;
    // On whole cells, so that another source does not shift the map by half a cell.
    let down = |v: f64| ((v - MARGIN_M) / cell_m).floor() * cell_m;
    let up = |v: f64| ((v + MARGIN_M) / cell_m).ceil() * cell_m;
    let (cols, rows) = ((up(e) - down(w)) / cell_m, (up(n) - down(s)) / cell_m);
    let finest = cell_m * (cols * rows / MOST_CELLS).sqrt();
    AirError::require("cell", cell_m, FINEST_CELL_M.max(if finest > cell_m { finest } else { 0.0 }), COARSEST_CELL_M)?;
    Ok(GridSpec::north_up(
        project.frame.crs.clone(),
        down(w),
        up(n),
        cell_m,
        cols.round() as usize,
        rows.round() as usize,
    ))
}

/// The ground under a study, and the hills on it.
#[derive(Debug, Clone)]
pub struct Heights {
    terrain: Arc<Grid<f32>>,
    hills: Option<Hills>,
}

impl Heights {
    /// Hills hold only stable air back, so without any they are not looked for.
    #[must_use]
    pub fn new(terrain: &Arc<Grid<f32>>, stable: bool) -> Self {
        Self { terrain: Arc::clone(terrain), hills: stable.then(|| Hills::new(terrain)) }
    }

    /// Above the sea, metres.
    #[must_use]
    pub fn ground_m(&self, at: [f64; 2]) -> f64 {
        let z = f64::from(self.terrain.bilinear(at));
        if z.is_nan() { 0.0 } else { z.max(0.0) }
    }

    /// Of the hill that a place on such ground feels.
    #[must_use]
    pub fn hill_m(&self, at: [f64; 2], ground_m: f64) -> f64 {
        self.hills.as_ref().map_or(ground_m, |hills| hills.height_scale_m(at, ground_m))
    }
}

/// A receptor in every cell's middle; with relief where the project has terrain.
#[must_use]
pub fn over(spec: &GridSpec, height_m: f64, heights: Option<&Heights>) -> Receptors {
    let at: Vec<[f64; 2]> = (0..spec.len()).map(|i| spec.centre(i % spec.cols, i / spec.cols)).collect();
    let relief = heights.map(|heights| {
        let of = |p: &[f64; 2]| {
            let ground_m = heights.ground_m(*p);
            (ground_m as f32, heights.hill_m(*p, ground_m) as f32)
        };
        let (ground_m, hill_m) = at.par_iter().map(of).unzip();
        Relief { ground_m, hill_m }
    });
    Receptors { at, height_m, relief }
}

/// The project's air stations: layers of sensors that are drawn as such.
#[must_use]
pub fn stations(project: &Project) -> Vec<Station> {
    let air = |l: &&Arc<Layer>| {
        l.role == LayerRole::Sensors && matches!(l.style.symbol, Symbol::Points { symbol: PointSymbol::AirStation, .. })
    };
    let mut found = Vec::new();
    for layer in project.layers.iter().filter(air) {
        let Some(table) = layer.content.features() else { continue };
        for (row, shape) in table.geometry.iter().enumerate().filter(|(_, s)| s.kind() == ShapeKind::Point) {
            let Some(at) = shape.points().first() else { continue };
            let text = |field: &str| match table.value(row, field) {
                Value::Null => None,
                value => Some(value.to_string()),
            };
            let id = text("MA").unwrap_or_else(|| format!("{}-{}", layer.id, row + 1));
            found.push(Station { name: text("TEN").unwrap_or_else(|| id.clone()), id, at: *at });
        }
    }
    found
}
