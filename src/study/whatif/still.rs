//! What can be counted without simulating: floors, people, forest.

use serde::{Deserialize, Serialize};

use crate::geo::measure::area;
use crate::model::layer::{LayerContent, LayerRole, Origin};
use crate::model::project::Project;
use crate::sim::fire::fuel_map::FuelTable;
use crate::study::zoning::check::Violations;

/// Counted from the layers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Still {
    pub residents: f64,
    pub floor_m2: f64,
    pub buildings: f64,
    pub forest_ha: f64,
    /// Plots that break a norm, and the clauses: (clause, plots).
    pub violations: f64,
    pub clauses: Vec<(String, usize)>,
    pub origin: Origin,
}

impl Still {
    #[must_use]
    pub fn of(project: &Project, violations: &Violations) -> Self {
        let mut still =
            Self { violations: violations.plots() as f64, clauses: violations.by_clause(), ..Self::default() };
        if let Some(layer) = project.with_role(LayerRole::Buildings)
            && let Some(table) = layer.content.features()
        {
            still.origin = layer.source.origin;
            still.buildings = table.len() as f64;
            for (row, shape) in table.geometry.iter().enumerate() {
                let storeys = table.value(row, "SOTANG").as_f64().filter(|s| *s >= 1.0).unwrap_or(1.0);
                still.floor_m2 += area(shape) * storeys;
                still.residents += table.value(row, "SONGUOI").as_f64().filter(|r| *r > 0.0).unwrap_or(0.0);
            }
        }
        still.forest_ha = forest_ha(project);
        still
    }
}

/// Land-cover classes that carry trees.
fn forest_ha(project: &Project) -> f64 {
    let Some(layer) = project.with_role(LayerRole::LandCover) else { return 0.0 };
    let LayerContent::Classes(grid) = &layer.content else { return 0.0 };
    let Ok(table) = FuelTable::phu_quoc() else { return 0.0 };
    let mut trees = vec![false; usize::from(u16::MAX) + 1];
    for class in table.classes.iter().filter(|c| c.canopy.0 > 0.0) {
        trees[usize::from(class.class)] = true;
    }
    let cells = grid.cells.iter().filter(|c| trees[usize::from(**c)]).count();
    cells as f64 * grid.spec.cell_width() * grid.spec.cell_height() / 10_000.0
}
