//! Maps of two compared plans: what each comes to on its own side, or what the second changes against the first; over the
//! whole day, or as the clock goes.

use std::sync::Arc;

use super::apply::Session;
use super::field_view::{FieldView, Shade};
use super::plan_map_scale::{Scale, scales};
use super::traffic_ribbons::{Ribbon, Ribbons, mixed};
use crate::base::message::Message;
use crate::geo::grid::Grid;
use crate::study::air::limit::title_arg;
use crate::study::effects::traffic_air::{Piece, PieceHour};
use crate::study::whatif::difference::{difference, road_changes};
use crate::study::whatif::run::{Model, ScenarioRun};

/// Of a first and a second plan.
pub type Runs = Arc<[ScenarioRun; 2]>;

/// The fires of the runs break out at this hour of the clock.
pub const FIRE_FROM_HOUR: usize = 12;
/// Smaller values than this part of the scale leave the ground as it is.
const UNSEEN: f32 = 0.02;

/// Something that both runs know, and what its colours mean.
#[derive(Debug, Clone)]
pub struct PlanMap {
    pub model: Model,
    pub name: Message,
    /// Known for every hour of the day too.
    pub by_hour: bool,
    of: Of,
    scales: [[Scale; 2]; 2],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Traffic,
    /// Number of the substance.
    Air(usize),
    Fire,
    Sea,
}

/// How a map is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MapView {
    /// Each plan's own values on its side, not the difference of both.
    pub own: bool,
    /// As the clock goes, not of the whole day.
    pub by_clock: bool,
}

/// Of the whole day, or of an hour of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Day,
    Hour(usize),
}

#[derive(Debug, Clone)]
pub enum Drawn {
    Field(Arc<Grid<f32>>),
    Roads(Arc<Ribbons>),
}

/// What lies over the map now, made once for each hour.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    of: (Runs, usize, MapView, Moment),
    /// Of the first and the second plan's side; `None` where there is nothing to show.
    sides: [Option<Drawn>; 2],
}

/// What the two runs can show, model by model.
#[must_use]
pub fn plan_maps(runs: &Runs) -> Vec<PlanMap> {
    let [a, b] = &**runs;
    let named =
        |of, model, name: Message, by_hour| PlanMap { model, name, by_hour, of, scales: scales(runs, of, by_hour) };
    let day = |hours: usize| hours == 24;
    let mut pieces = a.traffic.pieces.iter().chain(&b.traffic.pieces);
    let by_hour = pieces.all(|p| day(p.hours.len()));
    let mut maps = vec![named(Of::Traffic, Model::Traffic, Message::new("whatif-map-traffic"), by_hour)];
    for (i, (first, second)) in a.air.iter().zip(&b.air).enumerate() {
        let by_hour = day(first.hours.len()) && day(second.hours.len());
        let name = Message::new("whatif-map-air").with("about", title_arg(&second.pollutant));
        maps.push(named(Of::Air(i), Model::Air, name, by_hour));
    }
    maps.push(named(Of::Fire, Model::Fire, Message::new("whatif-map-fire"), true));
    if let (Some(first), Some(second)) = (&a.water, &b.water) {
        let by_hour = day(first.hours.len()) && day(second.hours.len());
        maps.push(named(Of::Sea, Model::Water, Message::new("whatif-map-sea"), by_hour));
    }
    maps
}

/// What a run has over the ground at a moment, in the unit of the scale. `None`: nothing, or roads.
pub(super) fn values(run: &ScenarioRun, of: Of, moment: Moment) -> Option<Grid<f32>> {
    let hour = |whole: &Grid<f32>, hours: &[Vec<f32>]| match moment {
        Moment::Day => Some(whole.clone()),
        Moment::Hour(hour) => Some(Grid { spec: whole.spec.clone(), cells: hours.get(hour)?.clone() }),
    };
    match of {
        Of::Traffic => None,
        Of::Air(i) => run.air.get(i).and_then(|air| hour(&air.field, &air.hours)),
        Of::Sea => run.water.as_ref().and_then(|sea| hour(&sea.highest, &sea.hours)),
        Of::Fire => {
            let mut grid = match moment {
                Moment::Day => run.fire.probability.clone(),
                Moment::Hour(hour) => run.fire.probability_after(hour.checked_sub(FIRE_FROM_HOUR)? + 1),
            };
            grid.cells.iter_mut().for_each(|share| *share *= 100.0);
            Some(grid)
        }
    }
}

/// Vehicles on a piece of road.
pub(super) fn vehicles(piece: &Piece, moment: Moment) -> f64 {
    match moment {
        Moment::Day => piece.vehicles_a_day(),
        Moment::Hour(hour) => piece.hours.get(hour).map_or(0.0, PieceHour::vehicles),
    }
}

impl PlanMap {
    /// What its colours mean.
    #[must_use]
    pub fn shade(&self, view: MapView) -> &Shade {
        &self.scale(view).shade
    }

    /// Both plans come to the same, or to nothing at all.
    #[must_use]
    pub fn is_empty(&self, view: MapView) -> bool {
        self.scale(view).nothing
    }

    fn scale(&self, view: MapView) -> &Scale {
        &self.scales[usize::from(view.own)][usize::from(view.by_clock && self.by_hour)]
    }

    fn draw(&self, runs: &Runs, view: MapView, moment: Moment) -> [Option<Drawn>; 2] {
        let scale = self.scale(view);
        let [a, b] = &**runs;
        if self.of == Of::Traffic {
            let own = |run: &ScenarioRun| Some(Drawn::Roads(Arc::new(roads(&run.traffic.pieces, scale, moment))));
            if view.own {
                return [own(a), own(b)];
            }
            let changed = Some(Drawn::Roads(Arc::new(changed_roads(a, b, scale, moment))));
            return [changed.clone(), changed];
        }
        let cover = |mut grid: Grid<f32>| {
            let most = scale.shade.range().1;
            for cell in &mut grid.cells {
                // What is hardly there leaves the ground as it is; what is beyond the scale has its last colour.
                *cell = if cell.abs() < most * UNSEEN { f32::NAN } else { cell.clamp(-most, most) };
            }
            Drawn::Field(Arc::new(grid))
        };
        let of = |run| values(run, self.of, moment);
        if view.own {
            return [of(a).map(cover), of(b).map(cover)];
        }
        let changed = of(a).zip(of(b)).and_then(|(a, b)| difference(&a, &b)).map(cover);
        [changed.clone(), changed]
    }
}

/// Roads as wide as what drives there, coloured by how full they are.
fn roads(pieces: &[Piece], scale: &Scale, moment: Moment) -> Ribbons {
    let full = |piece: &Piece| match moment {
        Moment::Day => piece.fullest(),
        Moment::Hour(hour) => piece.hours.get(hour).map_or(0.0, |h| f64::from(h.volume_to_capacity)),
    };
    let drawn = pieces.iter().enumerate().filter_map(|(number, piece)| {
        let vehicles = vehicles(piece, moment);
        let color = mixed(&scale.shade, (full(piece) * 100.0) as f32);
        (vehicles >= scale.least).then(|| Ribbon {
            link: number,
            line: piece.line.clone(),
            width: (vehicles / scale.per_point).clamp(0.8, 12.0) as f32,
            color,
        })
    });
    in_order(drawn.collect())
}

fn changed_roads(a: &ScenarioRun, b: &ScenarioRun, scale: &Scale, moment: Moment) -> Ribbons {
    let changes = road_changes(&a.traffic.pieces, &b.traffic.pieces);
    let drawn = changes.iter().enumerate().filter_map(|(number, road)| {
        let change = road.change(|piece| vehicles(piece, moment));
        (change.abs() >= scale.least).then(|| Ribbon {
            link: number,
            line: road.piece().line.clone(),
            width: (change.abs() / scale.per_point).clamp(1.5, 12.0) as f32,
            color: mixed(&scale.shade, change as f32),
        })
    });
    in_order(drawn.collect())
}

fn in_order(mut ribbons: Vec<Ribbon>) -> Ribbons {
    ribbons.sort_by(|a, b| a.width.total_cmp(&b.width).then(a.link.cmp(&b.link)));
    Ribbons { ribbons }
}

impl Session {
    /// The map of the comparison that is shown.
    #[must_use]
    pub fn plan_map(&self) -> Option<&PlanMap> {
        let plan = self.plan();
        plan.outcome.as_ref().filter(|_| plan.open)?.maps.get(plan.map?)
    }

    /// The moment that is shown of it.
    #[must_use]
    pub fn plan_map_moment(&self) -> Option<Moment> {
        let by_clock = self.plan_map()?.by_hour && self.plan().map_view.by_clock;
        Some(if by_clock { Moment::Hour(self.clock_hour()?) } else { Moment::Day })
    }

    /// Draws the shown map anew where map, clock or results changed.
    pub(super) fn refresh_plan_map(&mut self) {
        let Some((map, moment)) = self.plan_map().zip(self.plan_map_moment()) else {
            self.plan.frame = None;
            return;
        };
        let (Some(outcome), Some(number)) = (&self.plan.outcome, self.plan.map) else { return };
        let (runs, view) = (&outcome.runs, self.plan.map_view);
        let same = |f: &Frame| Arc::ptr_eq(&f.of.0, runs) && (f.of.1, f.of.2, f.of.3) == (number, view, moment);
        if !self.plan.frame.as_ref().is_some_and(same) {
            let sides = map.draw(runs, view, moment);
            self.plan.frame = Some(Frame { of: (runs.clone(), number, view, moment), sides });
        }
    }

    /// What the map shows on the side of the shown plan, or of the one beside it: a difference is of both.
    fn plan_drawn(&self, beside: bool) -> Option<&Drawn> {
        let plan = self.plan();
        let frame = plan.frame.as_ref().filter(|_| self.plan_map().is_some())?;
        let shown = if beside { &plan.beside.as_ref()?.scenario } else { &plan.active };
        let side = if plan.map_view.own { plan.outcome.as_ref()?.names.iter().position(|n| n == shown)? } else { 0 };
        frame.sides[side].as_ref()
    }

    pub(super) fn plan_field(&self, beside: bool) -> Option<FieldView> {
        let Drawn::Field(values) = self.plan_drawn(beside)? else { return None };
        let shade = self.plan_map()?.shade(self.plan.map_view).clone();
        Some(FieldView { values: values.clone(), factor: 1.0, shade, front: None })
    }

    /// What lies over the roads now, of the shown plan or of the one beside it.
    #[must_use]
    pub fn ribbons(&self, beside: bool) -> Option<&Arc<Ribbons>> {
        match self.plan_drawn(beside) {
            Some(Drawn::Roads(ribbons)) => Some(ribbons),
            // A study of its own is of the shown project, and so on both sides as far as roads are the same.
            _ => self.traffic().ribbons().filter(|_| self.plan_map().is_none()),
        }
    }
}
