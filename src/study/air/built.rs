//! The buildings of a project as the wind over a coarse grid feels them.

use crate::geo::grid::GridSpec;
use crate::geo::measure::{anchor, area};
use crate::geo::shape::ShapeKind;
use crate::model::layer::LayerRole;
use crate::model::project::Project;
use crate::sim::air::built::{Built, DENSEST};

/// Where only storeys are known, and where nothing is.
const STOREY_M: f64 = 3.3;

/// One entry a cell; none where no building counts. A building belongs to the cell that it is labelled in, and its walls
/// face the wind as a square's would.
#[must_use]
pub fn built(project: &Project, spec: &GridSpec) -> Vec<Built> {
    let Some(table) = project.with_role(LayerRole::Buildings).and_then(|l| l.content.features()) else {
        return Vec::new();
    };
    let ground_m2 = spec.cell_width() * spec.cell_height();
    let mut sums = vec![[0.0_f64; 3]; spec.len()];
    for (row, shape) in table.geometry.iter().enumerate().filter(|(_, s)| s.kind() == ShapeKind::Polygon) {
        let Some((col, line)) = anchor(shape).and_then(|at| spec.cell_at(at)) else { continue };
        let number = |name: &str| table.value(row, name).as_f64().filter(|v| *v > 0.0 && *v < 1000.0);
        let height = number("CHIEUCAO").unwrap_or_else(|| STOREY_M * number("SOTANG").unwrap_or(1.0));
        let footprint = area(shape);
        let sum = &mut sums[line * spec.cols + col];
        sum[0] += footprint;
        sum[1] += height * footprint.sqrt();
        sum[2] += height * footprint;
    }
    let cell = |[footprint, walls, volume]: [f64; 3]| {
        if footprint <= 0.0 {
            return Built::default();
        }
        Built {
            plan: ((footprint / ground_m2) as f32).min(DENSEST),
            frontal: ((walls / ground_m2) as f32).min(DENSEST),
            height_m: (volume / footprint) as f32,
        }
    };
    let cells: Vec<Built> = sums.into_iter().map(cell).collect();
    if cells.iter().any(Built::counts) { cells } else { Vec::new() }
}
