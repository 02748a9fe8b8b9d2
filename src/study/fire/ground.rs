//! The ground of a fire from a project's layers: fuel from land cover, slope from terrain, roads and houses as gaps.

use std::sync::Arc;

use super::error::FireStudyError;
use super::inputs::FireInputs;
use crate::base::message::Message;
use crate::geo::grid::{Grid, GridSpec};
use crate::geo::shape::ShapeKind;
use crate::model::layer::{Layer, LayerContent, LayerRole, Origin};
use crate::model::project::Project;
use crate::sim::fire::align;
use crate::sim::fire::error::FireError;
use crate::sim::fire::fuel::FuelSet;
use crate::sim::fire::fuel_map::{Evidence, FuelTable, NO_CLASS};
use crate::sim::fire::landscape::Landscape;

/// Cells of a side at most this small are refused: the whole island would not fit into memory.
const FINEST_CELL_M: f64 = 5.0;
const COARSEST_CELL_M: f64 = 500.0;
/// Cells in all: 10 m over the whole island are 6 million on land and 16 million with the sea around.
const MOST_CELLS: usize = 40_000_000;

/// A project as a fire sees it, before anything is done against it.
#[derive(Debug, Clone)]
pub struct FireGround {
    pub landscape: Arc<Landscape>,
    /// Land-cover classes on the landscape's grid.
    pub cover: Arc<Grid<u16>>,
    pub table: Arc<FuelTable>,
    /// What the map had to be told: missing terrain, unknown classes.
    pub notices: Vec<Message>,
    /// What this ground rests on.
    pub assumptions: Vec<Message>,
}

impl FireGround {
    /// # Errors
    /// [`FireStudyError::NoLandCover`]; a cell size that is not possible; what [`Landscape::new`] says.
    pub fn of(project: &Project, cell_m: f64, table: FuelTable) -> Result<Self, FireStudyError> {
        FireError::require("cell", cell_m, FINEST_CELL_M, COARSEST_CELL_M)?;
        let layer = project.with_role(LayerRole::LandCover).ok_or(FireStudyError::NoLandCover)?;
        let LayerContent::Classes(cover) = &layer.content else { return Err(FireStudyError::NoLandCover) };
        let spec = land(cover, cell_m).ok_or(FireStudyError::NoLandCover)?;
        if spec.len() > MOST_CELLS {
            FireError::require(
                "cell",
                cell_m,
                cell_m * (spec.len() as f64 / MOST_CELLS as f64).sqrt(),
                COARSEST_CELL_M,
            )?;
        }
        let mut notices = Vec::new();
        let here = align::classes(cover, &spec, NO_CLASS, "land-cover")?;
        let map = table.apply(&here);
        if map.unknown_cells > 0 {
            let hectares = map.unknown_cells as f64 * cell_m * cell_m / 10_000.0;
            notices.push(Message::new("study-fire-unknown-cover").with("hectares", hectares.round()));
        }
        let dem = project.terrain().map(|t| align::numbers(t, &spec, "elevation")).transpose()?;
        if dem.is_none() {
            notices.push(Message::new("study-fire-no-terrain"));
        }
        let mut landscape = Landscape::new(&map.fuel, dem.as_ref(), FuelSet::standard())?
            .with_canopy(&map.canopy_cover, &map.canopy_height_m)?;
        cut_roads(project, table.barriers.road_width_m, &mut landscape);
        cut_buildings(project, &mut landscape);
        let assumptions = assumptions(project, layer, &table, &here);
        Ok(Self { landscape: Arc::new(landscape), cover: Arc::new(here), table: Arc::new(table), notices, assumptions })
    }

    /// The same ground with fuel breaks cut and suppression lines planned.
    ///
    /// # Errors
    /// [`FireError::OutOfRange`] for a width, time or rate that is not possible.
    pub fn with_measures(&self, inputs: &FireInputs) -> Result<Arc<Landscape>, FireError> {
        if !inputs.has_measures() {
            return Ok(Arc::clone(&self.landscape));
        }
        let mut landscape = Landscape::clone(&self.landscape);
        for strip in &inputs.breaks {
            FireError::require("break-width", strip.width_m, 0.0, 2000.0)?;
            landscape.cut_strip(&strip.line, strip.width_m);
        }
        for line in &inputs.lines {
            FireError::require("time", line.start_s, 0.0, 1e9)?;
            FireError::require("line-rate", line.rate_mps, 1e-4, 100.0)?;
            landscape.build_line(&line.line, line.start_s, line.rate_mps);
        }
        Ok(Arc::new(landscape))
    }
}

/// The grid over all cells that have a class, with a border of one old cell.
fn land(cover: &Grid<u16>, cell_m: f64) -> Option<GridSpec> {
    let (cols, rows) = (cover.spec.cols, cover.spec.rows);
    let mut range = [cols, rows, 0, 0];
    for (row, line) in cover.cells.chunks(cols.max(1)).enumerate() {
        let first = line.iter().position(|c| *c != NO_CLASS);
        if let (Some(first), Some(last)) = (first, line.iter().rposition(|c| *c != NO_CLASS)) {
            range = [range[0].min(first), range[1].min(row), range[2].max(last + 1), range[3].max(row + 1)];
        }
    }
    let [west, north, east, south] = range;
    if east == 0 {
        return None;
    }
    let (west, north) = (west.saturating_sub(1), north.saturating_sub(1));
    let (east, south) = ((east + 1).min(cols), (south + 1).min(rows));
    let t = &cover.spec.transform;
    let corner = [t[1].mul_add(west as f64, t[0]), t[5].mul_add(north as f64, t[3])];
    let count = |cells: usize, size: f64| ((cells as f64 * size / cell_m - 1e-6).ceil() as usize).max(1);
    Some(GridSpec::north_up(
        cover.spec.crs.clone(),
        corner[0],
        corner[1],
        cell_m,
        count(east - west, cover.spec.cell_width()),
        count(south - north, cover.spec.cell_height()),
    ))
}

/// Wide roads hold a front: the fuel goes from every cell that they touch.
fn cut_roads(project: &Project, width_m: f64, landscape: &mut Landscape) {
    let Some(table) = project.with_role(LayerRole::Roads).and_then(|l| l.content.features()) else { return };
    for (row, shape) in table.geometry.iter().enumerate() {
        let width = table.value(row, super::impact::field::ROAD_WIDTH).as_f64();
        if shape.kind() == ShapeKind::Line && width.is_some_and(|w| w >= width_m) {
            shape.rings().for_each(|line| landscape.cut(line.points()));
        }
    }
}

/// A cell whose centre lies in a house has no vegetation.
fn cut_buildings(project: &Project, landscape: &mut Landscape) {
    let Some(table) = project.with_role(LayerRole::Buildings).and_then(|l| l.content.features()) else { return };
    for shape in table.geometry.iter().filter(|s| s.kind() == ShapeKind::Polygon) {
        let rings: Vec<Vec<[f64; 2]>> = shape.rings().map(|r| r.points().to_vec()).collect();
        landscape.cut_area(&rings);
    }
}

/// Where the fuel is judgement and where layers were made up.
fn assumptions(project: &Project, cover: &Layer, table: &FuelTable, here: &Grid<u16>) -> Vec<Message> {
    let mut present = vec![false; usize::from(u16::MAX) + 1];
    here.cells.iter().for_each(|c| present[usize::from(*c)] = true);
    let mut told: Vec<Message> = table
        .classes
        .iter()
        .filter(|c| c.evidence == Evidence::ExpertJudgement && present[usize::from(c.class)])
        .filter_map(|c| {
            let fuel = c.fuel.as_ref()?;
            Some(Message::new("study-fire-assumes-judgement").with("cover", &c.title).with("fuel", fuel.as_str()))
        })
        .collect();
    let made_up = |layer: &Layer| matches!(layer.source.origin, Origin::Generated | Origin::Assumed);
    if made_up(cover) {
        told.push(Message::new("study-fire-assumes-generated-cover"));
    }
    if project.with_role(LayerRole::Terrain).is_some_and(|l| made_up(l)) {
        told.push(Message::new("study-fire-assumes-generated-terrain"));
    }
    told.push(Message::new("study-fire-assumes-roads").with("width", table.barriers.road_width_m));
    told
}
