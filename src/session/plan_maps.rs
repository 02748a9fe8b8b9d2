//! Maps of what a second plan changes against a first: fields over the ground and ribbons along the roads.

use std::sync::Arc;

use super::apply::Session;
use super::field_view::{FieldView, Shade};
use super::traffic_ribbons::{LESS, MORE, Ribbon, Ribbons, SAME, mixed};
use crate::base::message::Message;
use crate::geo::grid::Grid;
use crate::model::style::Rgba;
use crate::study::air::limit::title_arg;
use crate::study::whatif::difference::{RoadChange, difference, road_changes};
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
    /// Ribbons of every hour of a day; those of the clock's are shown.
    Hours(Vec<Arc<Ribbons>>),
    /// Both plans come to the same.
    Nothing,
}

/// So many of a thousand changed cells are beyond the last colour: one odd cell must not pale all others.
const BEYOND: f64 = 0.01;
/// Changes smaller than this part of the scale are not drawn.
const UNSEEN: f32 = 0.02;
/// Vehicles that a point of width stands for, and the least change that is drawn: in a day, in an hour.
const OF_DAY: [f64; 2] = [2500.0, 50.0];
const OF_HOUR: [f64; 2] = [200.0, 5.0];

/// What the two runs differ in, model by model.
#[must_use]
pub fn difference_maps(first: &ScenarioRun, second: &ScenarioRun) -> Vec<DifferenceMap> {
    let mut maps = roads(first, second);
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
    let most = round_up(most.copied().unwrap_or(0.0));
    let mut drawn = if sizes.is_empty() { Drawn::Nothing } else { Drawn::Field(Arc::new(grid)) };
    if let Drawn::Field(grid) = &mut drawn {
        for cell in &mut Arc::make_mut(grid).cells {
            // What hardly changes leaves the ground as it is; what is beyond the scale has its last colour.
            *cell = if cell.abs() < most * UNSEEN { f32::NAN } else { cell.clamp(-most, most) };
        }
    }
    Some(DifferenceMap { model, name, shade: diverging(unit, most), drawn })
}

/// The change of the day, and of every hour where all of a day's were simulated.
fn roads(first: &ScenarioRun, second: &ScenarioRun) -> Vec<DifferenceMap> {
    let changes = road_changes(&first.traffic.pieces, &second.traffic.pieces);
    let pieces = first.traffic.pieces.iter().chain(&second.traffic.pieces);
    let whole_day = pieces.map(|p| p.hours.len()).all(|hours| hours == 24);
    let highest = |values: &mut dyn Iterator<Item = f64>| values.map(f64::abs).fold(0.0, f64::max);
    let map = |name, shade, drawn| DifferenceMap { model: Model::Traffic, name: Message::new(name), shade, drawn };

    let shade =
        road_shade("whatif-map-vehicles-day", highest(&mut changes.iter().map(RoadChange::change)).max(OF_DAY[1]));
    let day = ribbons(&changes, &|c: &RoadChange<'_>| c.change(), &shade, OF_DAY);
    let drawn = if day.ribbons.is_empty() { Drawn::Nothing } else { Drawn::Roads(Arc::new(day)) };
    let mut maps = vec![map("whatif-map-traffic", shade, drawn)];
    if whole_day {
        let mut all = (0..24).flat_map(|hour| changes.iter().map(move |c| c.change_in(hour)));
        let shade = road_shade("session-traffic-vehicles-h", highest(&mut all).max(OF_HOUR[1]));
        let of = |hour| Arc::new(ribbons(&changes, &|c| c.change_in(hour), &shade, OF_HOUR));
        let hours: Vec<_> = (0..24).map(of).collect();
        let nothing = hours.iter().all(|h| h.ribbons.is_empty());
        let drawn = if nothing { Drawn::Nothing } else { Drawn::Hours(hours) };
        maps.push(map("whatif-map-hour", shade, drawn));
    }
    maps
}

fn road_shade(unit: &'static str, most: f64) -> Shade {
    let most = round_up(most as f32 / 2.0);
    Shade { title: "whatif-map-title", unit, stops: vec![(-most, LESS), (0.0, SAME), (most, MORE)] }
}

fn ribbons(
    changes: &[RoadChange<'_>],
    change: &dyn Fn(&RoadChange<'_>) -> f64,
    shade: &Shade,
    [per_point, least]: [f64; 2],
) -> Ribbons {
    let mut ribbons: Vec<Ribbon> = Vec::new();
    for (number, road) in changes.iter().enumerate() {
        let change = change(road);
        if change.abs() >= least {
            ribbons.push(Ribbon {
                link: number,
                line: road.piece().line.clone(),
                width: (change.abs() / per_point).clamp(1.5, 12.0) as f32,
                color: mixed(shade, change as f32),
            });
        }
    }
    ribbons.sort_by(|a, b| a.width.total_cmp(&b.width).then(a.link.cmp(&b.link)));
    Ribbons { ribbons }
}

/// Blue where the second plan has less, orange where it has more.
fn diverging(unit: &'static str, most: f32) -> Shade {
    let pale = |c: Rgba| Rgba::opaque(c.0 / 2 + SAME.0 / 2, c.1 / 2 + SAME.1 / 2, c.2 / 2 + SAME.2 / 2);
    let stops = vec![(-most, LESS), (-most / 4.0, pale(LESS)), (0.0, SAME), (most / 4.0, pale(MORE)), (most, MORE)];
    Shade { title: "whatif-map-title", unit, stops }
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
            Some(Drawn::Hours(hours)) => hours.get(self.clock_hour()?),
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
        let hardly = Grid { cells: vec![1.001, 1.0], ..a.clone() };
        let Drawn::Field(grid) = field(Model::Fire, Message::new("x"), "%", &a, &hardly, 1.0).unwrap().drawn else {
            panic!()
        };
        assert!(grid.cells[0].is_nan());
    }
}
