//! What can be counted without simulating: floors, people, forest.

use serde::{Deserialize, Serialize};

use crate::geo::measure::{anchor, area, distance};
use crate::model::layer::{LayerContent, LayerRole, Origin};
use crate::model::project::Project;
use crate::sim::fire::fuel_map::FuelTable;
use crate::study::air::receptors::stations;
use crate::study::zoning::check::Violations;

/// How far the air at a station stands for: within the neighbourhood scale, 0.5 to 4 km, of 40 CFR Part 58, appendix D,
/// section 1.2. Assumed.
pub const STATION_REACH_M: f64 = 2000.0;

/// Counted from the layers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Still {
    pub residents: f64,
    pub floor_m2: f64,
    pub buildings: f64,
    pub forest_ha: f64,
    /// Residents who have an air station within [`STATION_REACH_M`]; `None` without such stations.
    #[serde(default)]
    pub near_station: Option<f64>,
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
            let stations = stations(project);
            let near = |at: [f64; 2]| stations.iter().any(|s| distance(s.at, at) <= STATION_REACH_M);
            let mut reached = 0.0;
            for (row, shape) in table.geometry.iter().enumerate() {
                let storeys = table.value(row, "SOTANG").as_f64().filter(|s| *s >= 1.0).unwrap_or(1.0);
                still.floor_m2 += area(shape) * storeys;
                let residents = table.value(row, "SONGUOI").as_f64().filter(|r| *r > 0.0).unwrap_or(0.0);
                still.residents += residents;
                if residents > 0.0 && anchor(shape).is_some_and(near) {
                    reached += residents;
                }
            }
            still.near_station = (!stations.is_empty()).then_some(reached);
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
