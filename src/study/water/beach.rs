//! Beaches as receptors: what the sea brings to them.

use serde::Serialize;

use crate::geo::grid::{Grid, GridSpec};
use crate::geo::shape::ShapeKind;
use crate::model::project::Project;
use crate::model::table::Value;
use crate::sim::fields::Snapshot;
use crate::sim::water::sea::{CONCENTRATION, HIGHEST};

/// Bathers swim so far from a beach's point.
const REACH_M: f64 = 500.0;
/// Names and kinds of places in office tables.
const NAME: &str = "TEN";
const KIND: &str = "LOAI";
const BEACH: &str = "Bãi biển";

/// A beach and the concentrations off it.
#[derive(Debug, Clone, Serialize)]
pub struct Beach {
    pub name: String,
    /// (east, north) in the site's CRS.
    pub at: [f64; 2],
    /// Greatest anywhere off the beach at any time.
    pub highest: f64,
    /// When the mean off the beach was greatest, seconds of the run.
    pub highest_mean_s: f64,
    pub highest_mean: f64,
    /// (seconds of the run, mean off the beach), one a snapshot.
    pub course: Vec<(f64, f64)>,
    #[serde(skip)]
    cells: Vec<usize>,
}

/// All beaches of a project that have sea within reach.
#[must_use]
pub fn beaches(project: &Project, spec: &GridSpec, depth: &[f32]) -> Vec<Beach> {
    let mut found = Vec::new();
    for table in project.layers.iter().filter_map(|l| l.content.features()) {
        if table.field_index(NAME).is_none() || table.field_index(KIND).is_none() {
            continue;
        }
        for (row, shape) in table.geometry.iter().enumerate() {
            let kind = table.value(row, KIND);
            let at = shape
                .points()
                .first()
                .filter(|_| shape.kind() == ShapeKind::Point && matches!(kind, Value::Text(BEACH)));
            let Some(at) = at.copied() else { continue };
            let near = |i: &usize| {
                let [x, y] = spec.centre(i % spec.cols, i / spec.cols);
                depth[*i] > 0.0 && (x - at[0]).hypot(y - at[1]) <= REACH_M
            };
            let cells: Vec<usize> = (0..spec.len()).filter(near).collect();
            if !cells.is_empty() {
                let name = table.value(row, NAME).to_string();
                found.push(Beach {
                    name,
                    at,
                    highest: 0.0,
                    highest_mean_s: 0.0,
                    highest_mean: 0.0,
                    course: Vec::new(),
                    cells,
                });
            }
        }
    }
    found
}

impl Beach {
    /// Reads a snapshot.
    pub fn read(&mut self, snapshot: &Snapshot) {
        let values = |grid: &Grid<f32>| -> Vec<f64> { self.cells.iter().map(|i| f64::from(grid.cells[*i])).collect() };
        if let Some(grid) = snapshot.field(HIGHEST) {
            self.highest = values(grid).into_iter().fold(self.highest, f64::max);
        }
        if let Some(grid) = snapshot.field(CONCENTRATION) {
            let mean = values(grid).iter().sum::<f64>() / self.cells.len() as f64;
            self.course.push((snapshot.time_s, mean));
            if mean > self.highest_mean {
                (self.highest_mean, self.highest_mean_s) = (mean, snapshot.time_s);
            }
        }
    }

    /// Hours in which the mean off the beach was above a limit: as many snapshots, times what lies between two.
    #[must_use]
    pub fn hours_above(&self, limit: f64) -> f64 {
        let mut before = 0.0;
        let mut hours = 0.0;
        for (time, mean) in &self.course {
            if *mean > limit {
                hours += (time - before) / 3600.0;
            }
            before = *time;
        }
        hours
    }
}
