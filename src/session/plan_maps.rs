//! Maps of what a second plan changes against a first: fields over the ground and ribbons along the roads.

use std::sync::Arc;

use super::apply::Session;
use super::field_view::{FieldView, Shade};
use super::traffic_ribbons::{LESS, MORE, Ribbon, Ribbons, SAME, mixed};
use crate::base::message::Message;
use crate::geo::grid::Grid;
use crate::model::style::Rgba;
use crate::study::air::limit::title_arg;
use crate::study::whatif::difference::{difference, road_changes};
use crate::study::whatif::run::{Model, ScenarioRun};

/// One difference, B less A.
#[derive(Debug, Clone)]
pub struct DifferenceMap {
    pub model: Model,
    pub name: Message,
    pub shade: Shade,
    pub drawn: Drawn,
}

#[derive(Debug, Clone)]
pub enum Drawn {
    Field(Arc<Grid<f32>>),
    Roads(Arc<Ribbons>),
    /// Both plans come to the same.
    Nothing,
}

/// So many of a thousand changed cells are beyond the last colour: one odd cell must not pale all others.
const BEYOND: f64 = 0.01;
/// Vehicles a day that a point of width stands for, and the least change that is drawn.
const PER_POINT: f64 = 2500.0;
const LEAST_A_DAY: f64 = 50.0;

/// What the two runs differ in, model by model.
#[must_use]
pub fn difference_maps(first: &ScenarioRun, second: &ScenarioRun) -> Vec<DifferenceMap> {
    let mut maps = vec![roads(first, second)];
    for (a, b) in first.air.iter().zip(&second.air) {
        let name = Message::new("whatif-map-air").with("about", title_arg(&b.pollutant));
        maps.extend(field(Model::Air, name, "µg/m³", &a.field, &b.field, 1.0));
    }
    let (a, b) = (&first.fire.probability, &second.fire.probability);
    maps.extend(field(Model::Fire, Message::new("whatif-map-fire"), "%", a, b, 100.0));
    if let (Some(a), Some(b)) = (&first.water, &second.water) {
        maps.extend(field(Model::Water, Message::new("whatif-map-sea"), "CFU/100 mL", &a.highest, &b.highest, 1.0));
    }
    maps
}

fn field(
    model: Model,
    name: Message,
    unit: &'static str,
    a: &Grid<f32>,
    b: &Grid<f32>,
    factor: f32,
) -> Option<DifferenceMap> {
    let mut grid = difference(a, b)?;
    grid.cells.iter_mut().for_each(|c| *c *= factor);
    let mut sizes: Vec<f32> = grid.cells.iter().map(|c| c.abs()).filter(|c| *c > 0.0).collect();
    sizes.sort_by(f32::total_cmp);
    let most = sizes.get(((sizes.len() as f64 * (1.0 - BEYOND)) as usize).min(sizes.len().saturating_sub(1)));
    let drawn = if most.is_some() { Drawn::Field(Arc::new(grid)) } else { Drawn::Nothing };
    Some(DifferenceMap { model, name, shade: diverging(unit, round_up(most.copied().unwrap_or(1.0))), drawn })
}

fn roads(first: &ScenarioRun, second: &ScenarioRun) -> DifferenceMap {
    let changes = road_changes(&first.traffic.pieces, &second.traffic.pieces);
    let most = changes.iter().map(|c| c.change().abs()).fold(0.0, f64::max);
    let most = round_up(most.max(LEAST_A_DAY) as f32 / 2.0);
    let stops = vec![(-most, LESS), (0.0, SAME), (most, MORE)];
    let shade = Shade { title: "whatif-map-title", unit: "whatif-map-vehicles-day", stops };
    let mut ribbons: Vec<Ribbon> = Vec::new();
    for (number, road) in changes.iter().enumerate().filter(|(_, c)| c.change().abs() >= LEAST_A_DAY) {
        let change = road.change();
        ribbons.push(Ribbon {
            link: number,
            line: road.piece().line.clone(),
            width: (change.abs() / PER_POINT).clamp(1.5, 12.0) as f32,
            color: mixed(&shade, change as f32),
        });
    }
    ribbons.sort_by(|a, b| a.width.total_cmp(&b.width).then(a.link.cmp(&b.link)));
    let drawn = if ribbons.is_empty() { Drawn::Nothing } else { Drawn::Roads(Arc::new(Ribbons { ribbons })) };
    DifferenceMap { model: Model::Traffic, name: Message::new("whatif-map-traffic"), shade, drawn }
}

/// Blue where the second plan has less, nothing where both have the same, orange where it has more.
fn diverging(unit: &'static str, most: f32) -> Shade {
    let clear = Rgba(SAME.0, SAME.1, SAME.2, 0);
    let faint = |c: Rgba| Rgba(c.0, c.1, c.2, 120);
    let stops = [-most, -most / 4.0, -most / 100.0, 0.0, most / 100.0, most / 4.0, most];
    let colors = [LESS, faint(LESS), clear, clear, clear, faint(MORE), MORE];
    Shade { title: "whatif-map-title", unit, stops: stops.into_iter().zip(colors).collect() }
}

/// To one, two or five times a power of ten.
fn round_up(value: f32) -> f32 {
    let power = 10_f32.powf(value.max(1e-9).log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * power).find(|v| *v >= value * 0.999).unwrap_or(value)
}

impl Session {
    /// The difference map that is shown.
    #[must_use]
    pub fn difference_map(&self) -> Option<&DifferenceMap> {
        let plan = self.plan();
        plan.outcome.as_ref().filter(|_| plan.open)?.maps.get(plan.map?)
    }

    pub(super) fn difference_field(&self) -> Option<FieldView> {
        let map = self.difference_map()?;
        let Drawn::Field(values) = &map.drawn else { return None };
        Some(FieldView { values: values.clone(), factor: 1.0, shade: map.shade.clone(), front: None })
    }

    /// What lies over the roads now.
    #[must_use]
    pub fn ribbons(&self) -> Option<&Arc<Ribbons>> {
        match self.difference_map().map(|m| &m.drawn) {
            Some(Drawn::Roads(ribbons)) => Some(ribbons),
            _ => self.traffic().ribbons(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::crs::Crs;
    use crate::geo::grid::GridSpec;

    #[test]
    fn scales_end_at_round_numbers() {
        for (value, end) in [(0.013, 0.02), (3.0, 5.0), (5.0, 5.0), (720.0, 1000.0), (1.0, 1.0)] {
            assert!((round_up(value) / end - 1.0).abs() < 1e-5, "{value}: {}", round_up(value));
        }
    }

    #[test]
    fn a_map_of_equal_plans_says_that_nothing_differs() {
        let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, 0.0, 0.0, 100.0, 2, 1);
        let a = Grid { spec, cells: vec![1.0, f32::NAN] };
        let same = field(Model::Fire, Message::new("x"), "%", &a, &a, 1.0).unwrap();
        assert!(matches!(same.drawn, Drawn::Nothing));
        let b = Grid { cells: vec![4.0, 1.0], ..a.clone() };
        let map = field(Model::Fire, Message::new("x"), "%", &a, &b, 1.0).unwrap();
        let Drawn::Field(grid) = map.drawn else { panic!() };
        assert_eq!(grid.cells, [3.0, 1.0]);
        assert_eq!(map.shade.range(), (-5.0, 5.0));
    }
}
