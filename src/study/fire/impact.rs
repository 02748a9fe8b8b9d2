//! What a fire reached: areas by cover and by planned use, forest, houses and the people in them, roads and places.

use serde::{Deserialize, Serialize};

use super::ground::FireGround;
use crate::geo::fill::cells_inside;
use crate::geo::grid::Grid;
use crate::geo::shape::{Shape, ShapeKind};
use crate::model::landuse::land_use;
use crate::model::layer::{Layer, LayerId, LayerRole};
use crate::model::project::Project;
use crate::model::style::{Symbol, Text2};
use crate::model::table::{FeatureTable, Value};
use crate::sim::fire::impact::{burnt_by_class, first_arrival};
use crate::sim::fire::place::cells_along;

/// Field names of the layers that are asked; see data/README.md.
pub mod field {
    pub const NAME: &str = "TEN";
    pub const ROAD_WIDTH: &str = "BERONG";
    pub const RESIDENTS: &str = "SONGUOI";
}

/// Codes of forest in the land-use plan: special-use, protection, production.
pub const FOREST_CODES: [&str; 3] = ["RDD", "RPH", "RSX"];

/// A place counts as reached when the fire comes this near, metres.
const PLACE_REACH_M: f64 = 300.0;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BurntClass {
    /// Land-cover class or land-use code.
    pub code: String,
    pub title: Text2,
    pub hectares: f64,
}

/// A feature that the fire reached, and when: seconds of the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reached {
    pub layer: LayerId,
    pub feature: u64,
    /// Empty for houses.
    pub name: String,
    pub time_s: f64,
    /// Residents, of houses.
    pub residents: u32,
}

/// What a fire did by the end of its run. Lists of what was reached are in the order of time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Impact {
    pub end_s: f64,
    /// Cells that the front reached the middle of.
    pub burnt_ha: f64,
    /// What one cell covers: a fire may be smaller.
    pub cell_ha: f64,
    /// The largest first.
    pub by_cover: Vec<BurntClass>,
    /// By the land-use plan; ground without a plan is left out. The largest first.
    pub by_land_use: Vec<BurntClass>,
    /// Burnt land-cover classes that carry trees.
    pub forest_ha: f64,
    /// Of the plan's special-use forest ("rừng đặc dụng") and protection forest ("rừng phòng hộ").
    pub special_use_ha: f64,
    pub protection_ha: f64,
    pub buildings: Vec<Reached>,
    pub residents: u32,
    /// Each named road once.
    pub roads: Vec<Reached>,
    pub places: Vec<Reached>,
}

impl Impact {
    /// Buildings and residents reached by a moment.
    #[must_use]
    pub fn by(&self, time_s: f64) -> (usize, u32) {
        let n = self.buildings.partition_point(|b| b.time_s <= time_s);
        (n, self.buildings[..n].iter().map(|b| b.residents).sum())
    }

    /// From a field of arrival times on the ground's grid.
    #[must_use]
    pub fn of(project: &Project, ground: &FireGround, arrival_s: &Grid<f32>, end_s: f64) -> Self {
        let cell_ha = arrival_s.spec.cell_width() * arrival_s.spec.cell_height() / 10_000.0;
        let burnt = arrival_s.cells.iter().filter(|t| !t.is_nan()).count() as f64 * cell_ha;
        let by_cover = by_cover(ground, arrival_s);
        let tree = |code: &str| {
            let row = ground.table.classes.iter().find(|c| c.class.to_string() == code);
            row.is_some_and(|c| c.canopy.0 > 0.0)
        };
        let forest_ha = by_cover.iter().filter(|c| tree(&c.code)).map(|c| c.hectares).sum();
        let by_land_use = by_land_use(project, arrival_s, cell_ha);
        let planned = |code: &str| by_land_use.iter().find(|c| c.code == code).map_or(0.0, |c| c.hectares);
        let buildings = houses(project, arrival_s);
        Self {
            end_s,
            burnt_ha: burnt,
            cell_ha,
            forest_ha,
            special_use_ha: planned(FOREST_CODES[0]),
            protection_ha: planned(FOREST_CODES[1]),
            by_cover,
            residents: buildings.iter().map(|b| b.residents).sum(),
            buildings,
            roads: roads(project, arrival_s),
            places: places(project, arrival_s),
            by_land_use,
        }
    }
}

fn by_cover(ground: &FireGround, arrival_s: &Grid<f32>) -> Vec<BurntClass> {
    // Both are on the landscape's grid; if not there is nothing to say.
    let areas = burnt_by_class(arrival_s, &ground.cover).unwrap_or_default();
    let mut classes: Vec<BurntClass> = areas
        .into_iter()
        .map(|(class, m2)| {
            let known = ground.table.classes.iter().find(|c| c.class == class);
            let title = known.map_or_else(|| Text2::same(&class.to_string()), |c| c.title.clone());
            BurntClass { code: class.to_string(), title, hectares: m2 / 10_000.0 }
        })
        .collect();
    largest_first(&mut classes);
    classes
}

fn largest_first(classes: &mut [BurntClass]) {
    classes.sort_by(|a, b| b.hectares.total_cmp(&a.hectares).then_with(|| a.code.cmp(&b.code)));
}

/// By the zone that holds each burnt cell's centre.
fn by_land_use(project: &Project, arrival_s: &Grid<f32>, cell_ha: f64) -> Vec<BurntClass> {
    let Some(plan) = project.with_role(LayerRole::LandUsePlan).and_then(|l| l.content.features()) else {
        return Vec::new();
    };
    let mut taken = vec![false; arrival_s.cells.len()];
    let mut cells: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for (row, shape) in plan.geometry.iter().enumerate().filter(|(_, s)| s.kind() == ShapeKind::Polygon) {
        let code = plan.value(row, crate::model::zoning::field::CODE).to_string();
        let rings: Vec<Vec<[f64; 2]>> = shape.rings().map(|r| r.points().to_vec()).collect();
        for cell in cells_inside(&arrival_s.spec, &rings) {
            // Zones that overlap: the first has the cell.
            if !arrival_s.cells[cell].is_nan() && !std::mem::replace(&mut taken[cell], true) {
                *cells.entry(code.clone()).or_default() += 1;
            }
        }
    }
    let mut classes: Vec<BurntClass> = cells
        .into_iter()
        .map(|(code, n)| BurntClass {
            title: land_use(&code).map_or_else(|| Text2::same(&code), |l| l.name.clone()),
            code,
            hectares: n as f64 * cell_ha,
        })
        .collect();
    largest_first(&mut classes);
    classes
}

/// The cells from which a fire threatens a house: those that its outline touches, and their neighbours.
#[must_use]
pub fn house_cells(project: &Project, spec: &crate::geo::grid::GridSpec) -> Vec<(usize, Vec<u32>)> {
    let Some(layer) = project.with_role(LayerRole::Buildings) else { return Vec::new() };
    let Some(table) = layer.content.features() else { return Vec::new() };
    let of = |shape: Shape<'_>| -> Vec<u32> {
        let mut cells: Vec<u32> = Vec::new();
        for p in shape.points() {
            let Some((col, row)) = spec.cell_at(*p) else { continue };
            for r in row.saturating_sub(1)..=(row + 1).min(spec.rows - 1) {
                for c in col.saturating_sub(1)..=(col + 1).min(spec.cols - 1) {
                    cells.push((r * spec.cols + c) as u32);
                }
            }
        }
        cells.sort_unstable();
        cells.dedup();
        cells
    };
    table.geometry.iter().map(of).enumerate().filter(|(_, cells)| !cells.is_empty()).collect()
}

fn houses(project: &Project, arrival_s: &Grid<f32>) -> Vec<Reached> {
    let Some(layer) = project.with_role(LayerRole::Buildings) else { return Vec::new() };
    let Some(table) = layer.content.features() else { return Vec::new() };
    let mut reached: Vec<Reached> = house_cells(project, &arrival_s.spec)
        .into_iter()
        .filter_map(|(row, cells)| {
            let time_s = first_arrival(arrival_s, &cells)?;
            Some(reached_row(layer, table, row, String::new(), time_s))
        })
        .collect();
    in_order(&mut reached);
    reached
}

fn reached_row(layer: &Layer, table: &FeatureTable, row: usize, name: String, time_s: f64) -> Reached {
    let residents = table.value(row, field::RESIDENTS).as_f64().filter(|r| *r > 0.0).map_or(0, |r| r as u32);
    let feature = table.ids.get(row).copied().unwrap_or_default();
    Reached { layer: layer.id.clone(), feature, name, time_s, residents }
}

fn in_order(reached: &mut [Reached]) {
    reached.sort_by(|a, b| a.time_s.total_cmp(&b.time_s).then(a.feature.cmp(&b.feature)));
}

/// When each named road has fire beside it for the first time.
fn roads(project: &Project, arrival_s: &Grid<f32>) -> Vec<Reached> {
    let Some(layer) = project.with_role(LayerRole::Roads) else { return Vec::new() };
    let Some(table) = layer.content.features() else { return Vec::new() };
    let spec = &arrival_s.spec;
    let mut first: std::collections::BTreeMap<String, Reached> = std::collections::BTreeMap::new();
    for (row, shape) in table.geometry.iter().enumerate().filter(|(_, s)| s.kind() == ShapeKind::Line) {
        let Value::Text(name) = table.value(row, field::NAME) else { continue };
        // The road's own cells may hold no fuel, so its neighbours count.
        let cells: Vec<u32> = shape
            .rings()
            .flat_map(|line| cells_along(spec, line.points()))
            .flat_map(|(cell, _)| around(spec.cols, spec.rows, cell, 1))
            .collect();
        let Some(time_s) = first_arrival(arrival_s, &cells) else { continue };
        let found = reached_row(layer, table, row, name.to_owned(), time_s);
        match first.get_mut(name) {
            Some(known) if known.time_s <= time_s => {}
            Some(known) => *known = found,
            None => drop(first.insert(name.to_owned(), found)),
        }
    }
    let mut reached: Vec<Reached> = first.into_values().collect();
    in_order(&mut reached);
    reached
}

fn around(cols: usize, rows: usize, cell: usize, reach: usize) -> impl Iterator<Item = u32> {
    let (col, row) = (cell % cols, cell / cols);
    let columns = col.saturating_sub(reach)..=(col + reach).min(cols - 1);
    (row.saturating_sub(reach)..=(row + reach).min(rows - 1))
        .flat_map(move |r| columns.clone().map(move |c| (r * cols + c) as u32))
}

/// Named points that are only names on the map: towns, villages, beaches.
fn places(project: &Project, arrival_s: &Grid<f32>) -> Vec<Reached> {
    let spec = &arrival_s.spec;
    let reach = (PLACE_REACH_M / spec.cell_width()).ceil() as usize;
    let mut reached = Vec::new();
    for layer in project.layers.iter().filter(|l| matches!(l.style.symbol, Symbol::Hidden)) {
        let (Some(table), Some(label)) = (layer.content.features(), &layer.style.label) else { continue };
        for (row, shape) in table.geometry.iter().enumerate().filter(|(_, s)| s.kind() == ShapeKind::Point) {
            let Value::Text(name) = table.value(row, &label.field) else { continue };
            let Some((col, line)) = shape.points().first().and_then(|p| spec.cell_at(*p)) else { continue };
            let near: Vec<u32> = around(spec.cols, spec.rows, line * spec.cols + col, reach).collect();
            if let Some(time_s) = first_arrival(arrival_s, &near) {
                reached.push(reached_row(layer, table, row, name.to_owned(), time_s));
            }
        }
    }
    in_order(&mut reached);
    reached
}
