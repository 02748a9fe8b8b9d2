//! Beaches as receptors: what the sea brings to them.

use serde::Serialize;

use crate::base::message::Message;
use crate::geo::grid::{Grid, GridSpec};
use crate::geo::shape::ShapeKind;
use crate::model::norm::{Averaging, Medium, NormTable};
use crate::model::project::Project;
use crate::model::table::Value;
use crate::sim::fields::Snapshot;
use crate::sim::water::sea::{CONCENTRATION, HIGHEST};

/// Bathers swim so far from a beach's point.
const REACH_M: f64 = 500.0;
/// A beach's point may lie so far inland, as names on maps do: then its sea is what lies nearest, and a little around it.
const INLAND_M: f64 = 3000.0;
const AROUND_M: f64 = 250.0;
/// Names and kinds of places in office tables.
const NAME: &str = "TEN";
const KIND: &str = "LOAI";
const BEACH: &str = "Bãi biển";

/// Where the table of norms has no row for coliforms, CFU/100 mL.
const USUAL_LIMIT: f64 = 1000.0;

/// Most coliforms in the sea at a beach.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColiformLimit {
    pub cfu_per_100ml: f64,
    /// "QCVN 10:2023/BTNMT, 1"; empty where no row is in force.
    pub document: String,
    /// Somebody still has to verify it.
    pub verify: bool,
}

/// By the table of norms, on a local day such as "2026-03-20".
#[must_use]
pub fn coliform_limit(day: &str) -> ColiformLimit {
    let row = NormTable::standard(Medium::SeaWater).limit("coliform", Averaging::Instant, day);
    let row = row.filter(|l| l.high.is_some());
    ColiformLimit {
        cfu_per_100ml: row.and_then(|l| l.high).unwrap_or(USUAL_LIMIT),
        document: row.map_or_else(String::new, |l| format!("{}, {}", l.document, l.table)),
        verify: row.is_none_or(|l| l.verify),
    }
}

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
    /// How far from its point the sea begins that is told for it; 0 when it lies at the sea.
    pub inland_m: f64,
    /// (seconds of the run, mean off the beach), one a snapshot.
    pub course: Vec<(f64, f64)>,
    #[serde(skip)]
    cells: Vec<usize>,
}

/// All beaches of a project, and what there is to say of those whose point does not lie at the sea.
#[must_use]
pub fn beaches(project: &Project, spec: &GridSpec, depth: &[f32]) -> (Vec<Beach>, Vec<Message>) {
    let (mut found, mut notices) = (Vec::new(), Vec::new());
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
            let name = table.value(row, NAME).to_string();
            let Some((cells, inland_m)) = sea_off(at, spec, depth) else {
                let told = Message::new("water-beach-without-sea");
                notices.push(told.with("beach", name.as_str()).with("distance", INLAND_M / 1000.0));
                continue;
            };
            if inland_m > 0.0 {
                let told = Message::new("water-beach-inland").with("beach", name.as_str());
                notices.push(told.with("distance", (inland_m / 10.0).round() * 10.0));
            }
            found.push(Beach::at(name, at, inland_m, cells));
        }
    }
    (found, notices)
}

/// The cells of the sea off a place, and how far away they begin where that is beyond reach.
fn sea_off(at: [f64; 2], spec: &GridSpec, depth: &[f32]) -> Option<(Vec<usize>, f64)> {
    let far = |i: usize| {
        let [x, y] = spec.centre(i % spec.cols, i / spec.cols);
        (x - at[0]).hypot(y - at[1])
    };
    let within =
        |reach: f64| -> Vec<usize> { (0..spec.len()).filter(|i| depth[*i] > 0.0 && far(*i) <= reach).collect() };
    let cells = within(REACH_M);
    if !cells.is_empty() {
        return Some((cells, 0.0));
    }
    let nearest = (0..spec.len()).filter(|i| depth[*i] > 0.0).map(far).fold(f64::INFINITY, f64::min);
    (nearest <= INLAND_M).then(|| (within(nearest + AROUND_M), nearest))
}

impl Beach {
    /// Nothing has been read of it.
    pub(super) fn at(name: String, at: [f64; 2], inland_m: f64, cells: Vec<usize>) -> Self {
        let course = Vec::new();
        Self { name, at, highest: 0.0, highest_mean_s: 0.0, highest_mean: 0.0, inland_m, course, cells }
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::crs::Crs;

    #[test]
    fn a_limit_holds_from_its_first_day() {
        let now = coliform_limit("2026-03-20");
        assert_eq!((now.cfu_per_100ml, now.document.as_str(), now.verify), (1000.0, "QCVN 10:2023/BTNMT, 1", true));
        let before = coliform_limit("2023-09-11");
        assert!(before.document.is_empty() && before.verify && before.cfu_per_100ml == USUAL_LIMIT);
    }

    #[test]
    fn a_beach_whose_point_lies_inland_takes_the_nearest_sea() {
        // Sea in the west, land from 2 km on.
        let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, 0.0, 2000.0, 100.0, 60, 20);
        let depth: Vec<f32> = (0..spec.len()).map(|i| if i % 60 < 20 { 5.0 } else { 0.0 }).collect();
        let (cells, inland_m) = sea_off([2100.0, 1000.0], &spec, &depth).unwrap();
        assert!(inland_m == 0.0 && cells.len() > 10, "{inland_m}, {}", cells.len());
        let (cells, inland_m) = sea_off([3050.0, 1050.0], &spec, &depth).unwrap();
        assert!((inland_m - 1100.0).abs() < 1e-6, "{inland_m}");
        assert!(!cells.is_empty() && cells.iter().all(|i| depth[*i] > 0.0 && i % 60 >= 17), "{cells:?}");
        assert!(sea_off([5900.0, 1000.0], &spec, &depth).is_none());
    }
}
