//! What a planner draws on the map for a scenario: zones, roads, strips, places; and what is painted anew.

use std::sync::Arc;

use super::apply::Session;
use super::command::Command;
use super::effects::Effects;
use super::error::SessionError;
use super::place::lon_lat_from_site;
use super::plan::PlanCommand;
use super::view_state::Tool;
use crate::geo::measure::distance;
use crate::geo::outline::{closed, joined};
use crate::geo::segments::{Meeting, meeting};
use crate::geo::split::split;
use crate::model::change::{Edit, Emitter, SeaOutlet, ZoneRule};
use crate::model::layer::{Layer, LayerRole};
use crate::model::scenario::ScenarioId;
use crate::model::style::Symbol;
use crate::model::table::FeatureTable;
use crate::study::effects::table::EffectTable;
use crate::study::fire::case::from_lon_lat;
use crate::study::zoning::proposal::{Proposal, inside, propose};
use crate::study::zoning::rules::PlanningNorms;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Draft {
    Zone,
    Road,
    FuelBreak,
    Emitter,
    Outlet,
    Hydrant,
    /// A station, camera or meter.
    Sensor,
    /// Marks the parcels inside.
    Lasso,
    /// A line that parts the drawn zone.
    Split,
}

impl Draft {
    /// Of its name in the catalogues.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Zone => "zone",
            Self::Road => "road",
            Self::FuelBreak => "fuel-break",
            Self::Emitter => "emitter",
            Self::Outlet => "outlet",
            Self::Hydrant => "hydrant",
            Self::Sensor => "sensor",
            Self::Lasso => "lasso",
            Self::Split => "split",
        }
    }

    /// Whether its line comes back to its beginning.
    #[must_use]
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Zone | Self::Lasso)
    }

    /// Points that it needs at least; of one point it is done with the click.
    #[must_use]
    pub fn least(self) -> usize {
        match self {
            Self::Zone | Self::Lasso => 3,
            Self::Road | Self::FuelBreak | Self::Split => 2,
            Self::Emitter | Self::Outlet | Self::Hydrant | Self::Sensor => 1,
        }
    }
}

/// A drawing under way.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    pub what: Draft,
    /// (east, north) in the site's CRS; a closed one is left open here.
    pub points: Vec<[f64; 2]>,
    /// Edit of the active scenario, from 1, that it is to stand for.
    pub replaces: Option<usize>,
}

/// What is typed beside a drawing. Each kind of edit takes what it needs.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanForm {
    pub name: String,
    pub rule: ZoneRule,
    pub width_m: f64,
    pub lanes: u8,
    pub speed_kmh: f64,
    /// Of a stack.
    pub height_m: f64,
    pub substance: String,
    pub rate_g_s: f64,
    pub flow_m3_day: f64,
    pub cfu_per_100ml: f64,
    /// Layer that a station goes into.
    pub sensors: String,
}

impl Default for PlanForm {
    fn default() -> Self {
        let rule = ZoneRule {
            land_use: "TMD".to_owned(),
            plot_ratio: Some(1.0),
            coverage: Some(0.25),
            max_height_m: Some(20.0),
            ..ZoneRule::default()
        };
        Self {
            name: String::new(),
            rule,
            width_m: 20.0,
            lanes: 2,
            speed_kmh: 60.0,
            height_m: 30.0,
            substance: "pm25".to_owned(),
            rate_g_s: 1.0,
            flow_m3_day: 5000.0,
            cfu_per_100ml: 1e6,
            sensors: String::new(),
        }
    }
}

/// Why a drawing is no edit yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DrawFault {
    NoScenario,
    TooFew,
    CrossesItself,
    DoesNotSplit,
    NothingChosen,
    DoNotTouch,
}

impl DrawFault {
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::NoScenario => "whatif-draw-no-scenario",
            Self::TooFew => "whatif-draw-too-few",
            Self::CrossesItself => "whatif-draw-crosses-itself",
            Self::DoesNotSplit => "whatif-draw-does-not-split",
            Self::NothingChosen => "whatif-draw-nothing-chosen",
            Self::DoNotTouch => "whatif-draw-do-not-touch",
        }
    }
}

impl Session {
    /// Begins a drawing, or drops it.
    pub(super) fn begin_drawing(&mut self, what: Option<Draft>) -> Result<(), SessionError> {
        if what.is_some_and(|w| w != Draft::Lasso) && self.plan.active.is_none() {
            return Err(SessionError::Draw(DrawFault::NoScenario));
        }
        let zone = self.plan.drawing.take().filter(|d| d.what == Draft::Zone && d.points.len() > 2);
        self.plan.cut = if what == Some(Draft::Split) { zone } else { None };
        if what == Some(Draft::Split) && self.plan.cut.is_none() {
            return Err(SessionError::Draw(DrawFault::DoesNotSplit));
        }
        self.view.tool = if what.is_some() { Tool::PlanDraw } else { Tool::Inspect };
        self.plan.drawing = what.map(|what| Drawing { what, points: Vec::new(), replaces: None });
        self.judge_drawing();
        Ok(())
    }

    /// A click of the tool on the ground, site metres.
    pub(super) fn click_for_plan(&mut self, point: [f64; 3]) -> Result<Effects, SessionError> {
        let at = self.snapped(point, None);
        let Some(drawing) = &mut self.plan.drawing else { return Ok(Effects::default()) };
        // A second click on the first point closes the ring.
        let closes = drawing.what.is_closed() && drawing.points.len() > 2 && drawing.points[0] == at;
        // A click on a point that is there adds none, nor does the second one of a double click.
        if !closes && !drawing.points.contains(&at) {
            drawing.points.push(at);
        }
        let done = closes || drawing.what.least() == 1;
        self.judge_drawing();
        if done { self.finish_drawing() } else { Ok(Effects::default()) }
    }

    pub(super) fn move_point(&mut self, index: usize, to: [f64; 3]) {
        let at = self.snapped(to, Some(index));
        if let Some(point) = self.plan.drawing.as_mut().and_then(|d| d.points.get_mut(index)) {
            *point = at;
            self.judge_drawing();
        }
    }

    /// A new point before the one of this number.
    pub(super) fn insert_point(&mut self, index: usize, at: [f64; 3]) {
        let Some(project) = self.project() else { return };
        let at = project.frame.crs_from_site([at[0], at[1]]);
        if let Some(drawing) = self.plan.drawing.as_mut().filter(|d| index <= d.points.len()) {
            drawing.points.insert(index, at);
            self.judge_drawing();
        }
    }

    pub(super) fn take_point_back(&mut self) {
        if let Some(drawing) = &mut self.plan.drawing {
            drawing.points.pop();
            self.judge_drawing();
        }
    }

    /// Makes the drawing an edit of the active scenario.
    pub(super) fn finish_drawing(&mut self) -> Result<Effects, SessionError> {
        let Some(drawing) = self.plan.drawing.clone() else { return Ok(Effects::default()) };
        let fault = |fault| Err(SessionError::Draw(fault));
        if drawing.points.len() < drawing.what.least() {
            return fault(DrawFault::TooFew);
        }
        if drawing.what.is_closed() && crosses_itself(&drawing.points) {
            return fault(DrawFault::CrossesItself);
        }
        match drawing.what {
            Draft::Lasso => return self.lasso(&drawing.points),
            Draft::Split => return self.split_zone(&drawing.points),
            _ => {}
        }
        let Some(scenario) = self.plan.active.clone() else { return fault(DrawFault::NoScenario) };
        let edit = self.edit_of(&drawing, 0)?;
        let command = match drawing.replaces {
            Some(number) => PlanCommand::ReplaceEdits { scenario, numbers: vec![number], edits: vec![edit] },
            None => PlanCommand::AddEdit { scenario, edit: Box::new(edit) },
        };
        let effects = self.apply(Command::Plan(command))?;
        self.plan.form.name.clear();
        // The same again, as often as wanted; what was changed is done.
        let again = drawing.replaces.is_none().then_some(drawing.what);
        self.begin_drawing(again)?;
        Ok(effects)
    }

    fn split_zone(&mut self, line: &[[f64; 2]]) -> Result<Effects, SessionError> {
        let fault = |fault| SessionError::Draw(fault);
        let zone = self.plan.cut.clone().ok_or(fault(DrawFault::DoesNotSplit))?;
        let scenario = self.plan.active.clone().ok_or(fault(DrawFault::NoScenario))?;
        let parts = split(&zone.points, line).ok_or(fault(DrawFault::DoesNotSplit))?;
        let mut edits = Vec::new();
        for (i, points) in parts.into_iter().enumerate() {
            edits.push(self.edit_of(&Drawing { points, ..zone.clone() }, i)?);
        }
        let number = zone.replaces.unwrap_or_else(|| self.edit_count(&scenario) + 1);
        let effects =
            self.apply(Command::Plan(PlanCommand::ReplaceEdits { scenario, numbers: vec![number], edits }))?;
        self.begin_drawing(None)?;
        Ok(effects)
    }

    fn edit_count(&self, scenario: &ScenarioId) -> usize {
        let all = self.project().map(|p| p.scenarios.as_slice()).unwrap_or_default();
        all.iter().find(|s| s.id == *scenario).map_or(0, |s| s.edits.len())
    }

    /// Marks the parcels whose middle lies inside.
    fn lasso(&mut self, points: &[[f64; 2]]) -> Result<Effects, SessionError> {
        let found = self.project().and_then(|p| {
            let layer = p.with_role(LayerRole::Parcels)?;
            Some((layer.id.clone(), layer.content.features()?.clone()))
        });
        let (layer, table) = found.ok_or(SessionError::Draw(DrawFault::NothingChosen))?;
        let rows = inside(&closed(points.to_vec()), (&table, &self.indexes.of(&table)));
        let ids = rows.iter().filter_map(|row| table.ids.get(*row).copied()).collect();
        self.begin_drawing(None)?;
        self.apply(Command::Mark { layer, ids })
    }

    /// The edit that a drawing and the form make; `part` tells the parts of a zone that was split apart.
    fn edit_of(&self, drawing: &Drawing, part: usize) -> Result<Edit, SessionError> {
        let project = self.project().ok_or(SessionError::NoProject)?;
        let form = &self.plan.form;
        let place = |p: &[f64; 2]| lon_lat_from_site(&project.frame, project.frame.site_from_crs(*p));
        let line: Option<Vec<[f64; 2]>> = drawing.points.iter().map(place).collect();
        let line = line.ok_or(SessionError::NoProject)?;
        let first = line.first().copied().ok_or(SessionError::Draw(DrawFault::TooFew))?;
        let (name, old) = (form.name.trim().to_owned(), drawing.replaces.filter(|_| part == 0));
        // The first part keeps the name of what it stands for.
        let new = part - usize::from(drawing.replaces.is_some() && part > 0);
        let id = || self.free_name(drawing.what, old, new);
        Ok(match drawing.what {
            Draft::Zone => Edit::Zone { id: id(), name, ring: line, rule: form.rule.clone() },
            Draft::Road => Edit::Road {
                line,
                width_m: form.width_m,
                name,
                class: None,
                lanes: Some(form.lanes),
                speed_kmh: Some(form.speed_kmh),
            },
            Draft::FuelBreak => Edit::FuelBreak { line, width_m: form.width_m },
            Draft::Emitter => Edit::AddEmitter(Emitter {
                id: id(),
                name,
                at: first,
                height_m: form.height_m,
                rates_g_s: vec![(form.substance.clone(), form.rate_g_s)],
            }),
            Draft::Outlet => Edit::AddOutlet(SeaOutlet {
                id: id(),
                name,
                at: first,
                flow_m3_day: form.flow_m3_day,
                cfu_per_100ml: form.cfu_per_100ml,
            }),
            Draft::Sensor => {
                let layer =
                    self.sensor_layers().find(|l| l.id.0 == form.sensors).or_else(|| self.sensor_layers().next());
                let layer = layer.map(|l| l.id.0.clone()).ok_or(SessionError::Draw(DrawFault::NothingChosen))?;
                Edit::Sensor { layer, name, at: first }
            }
            Draft::Hydrant | Draft::Lasso | Draft::Split => Edit::Hydrant { at: first },
        })
    }

    /// The id of what the drawing stands for, or one that no edit of any scenario has: the one `after` so many free ones.
    fn free_name(&self, what: Draft, replaces: Option<usize>, after: usize) -> String {
        let all = self.project().map(|p| p.scenarios.as_slice()).unwrap_or_default();
        let active = all.iter().find(|s| self.plan.active.as_ref() == Some(&s.id));
        let old = replaces.and_then(|n| active?.edits.get(n - 1)).map(Edit::id);
        if let Some(id) = old.flatten() {
            return id.to_owned();
        }
        let taken: Vec<&str> = all.iter().flat_map(|s| &s.edits).filter_map(Edit::id).collect();
        let free = (1..).map(|n| format!("{}-{n}", what.code())).filter(|id| !taken.contains(&id.as_str())).nth(after);
        free.unwrap_or_default()
    }

    /// Layers that a station, camera or meter can be put into.
    pub fn sensor_layers(&self) -> impl Iterator<Item = &Arc<Layer>> {
        let points = |l: &&Arc<Layer>| l.role == LayerRole::Sensors && matches!(l.style.symbol, Symbol::Points { .. });
        self.project().into_iter().flat_map(|p| &p.layers).filter(points)
    }

    /// Takes an edit's line up again, to be changed.
    pub(super) fn reshape(&mut self, number: usize) -> Result<(), SessionError> {
        let project = self.project().cloned().ok_or(SessionError::NoProject)?;
        let active = self.plan.active.clone();
        let scenario = project.scenarios.iter().find(|s| active.as_ref() == Some(&s.id));
        let edit = scenario.and_then(|s| s.edits.get(number.checked_sub(1)?));
        let Some(edit) = edit.cloned() else { return Err(SessionError::Draw(DrawFault::NothingChosen)) };
        let mut form = PlanForm { name: edit.name().unwrap_or_default().to_owned(), ..self.plan.form.clone() };
        let (what, line) = match &edit {
            Edit::Zone { ring, rule, .. } => {
                form.rule = rule.clone();
                (Draft::Zone, ring.clone())
            }
            Edit::Road { line, width_m, lanes, speed_kmh, .. } => {
                (form.width_m, form.lanes) = (*width_m, lanes.unwrap_or(2));
                form.speed_kmh = speed_kmh.unwrap_or(50.0);
                (Draft::Road, line.clone())
            }
            Edit::FuelBreak { line, width_m } => {
                form.width_m = *width_m;
                (Draft::FuelBreak, line.clone())
            }
            Edit::AddEmitter(e) => {
                form.height_m = e.height_m;
                if let Some((substance, rate)) = e.rates_g_s.first() {
                    (form.substance, form.rate_g_s) = (substance.clone(), *rate);
                }
                (Draft::Emitter, vec![e.at])
            }
            Edit::AddOutlet(o) => {
                (form.flow_m3_day, form.cfu_per_100ml) = (o.flow_m3_day, o.cfu_per_100ml);
                (Draft::Outlet, vec![o.at])
            }
            Edit::Hydrant { at } => (Draft::Hydrant, vec![*at]),
            Edit::Sensor { layer, at, .. } => {
                form.sensors.clone_from(layer);
                (Draft::Sensor, vec![*at])
            }
            _ => return Err(SessionError::Draw(DrawFault::NothingChosen)),
        };
        let mut points: Vec<[f64; 2]> = line.iter().filter_map(|p| from_lon_lat(&project, *p).ok()).collect();
        if what.is_closed() && points.len() > 3 && points.first() == points.last() {
            points.pop();
        }
        self.begin_drawing(Some(what))?;
        self.plan.form = form;
        self.plan.drawing = Some(Drawing { what, points, replaces: Some(number) });
        self.judge_drawing();
        Ok(())
    }

    /// Gives what is chosen the rule of the form.
    pub(super) fn repaint(&mut self) -> Result<Effects, SessionError> {
        let fault = |fault| SessionError::Draw(fault);
        let scenario = self.plan.active.clone().ok_or(fault(DrawFault::NoScenario))?;
        let (_, role, ids) = self.areas().ok_or(fault(DrawFault::NothingChosen))?;
        let rule = self.plan.form.rule.clone();
        let edit = match role {
            LayerRole::Parcels => Edit::Repaint { parcels: ids, rule },
            _ => Edit::Rezone { zones: ids, rule },
        };
        self.apply(Command::Plan(PlanCommand::AddEdit { scenario, edit: Box::new(edit) }))
    }

    /// Draws with a ring that is there.
    pub(super) fn take_up_zone(&mut self, points: Vec<[f64; 2]>, replaces: Option<usize>) -> Result<(), SessionError> {
        self.begin_drawing(Some(Draft::Zone))?;
        self.plan.drawing = Some(Drawing { what: Draft::Zone, points, replaces });
        self.judge_drawing();
        Ok(())
    }

    /// Makes one zone of a drawn one and those that touch it; the rule and the name of the first stand.
    pub(super) fn join_zones(&mut self, number: usize) -> Result<Effects, SessionError> {
        let fault = |fault| SessionError::Draw(fault);
        let project = self.project().cloned().ok_or(SessionError::NoProject)?;
        let scenario = self.plan.active.clone().ok_or(fault(DrawFault::NoScenario))?;
        let edits = project.scenarios.iter().find(|s| s.id == scenario).map(|s| s.edits.as_slice()).unwrap_or_default();
        let ring_of = |edit: &Edit| match edit {
            Edit::Zone { ring, .. } => {
                Some(closed(ring.iter().filter_map(|p| from_lon_lat(&project, *p).ok()).collect()))
            }
            _ => None,
        };
        let first = number.checked_sub(1).and_then(|i| edits.get(i)).ok_or(fault(DrawFault::NothingChosen))?;
        let (mut whole, mut numbers) = (ring_of(first).ok_or(fault(DrawFault::NothingChosen))?, vec![number]);
        // A zone that touches none yet may touch one that was joined since.
        loop {
            let next = edits
                .iter()
                .enumerate()
                .filter(|(i, _)| !numbers.contains(&(i + 1)))
                .find_map(|(i, edit)| joined(&[whole.clone(), ring_of(edit)?]).map(|ring| (i + 1, ring)));
            let Some((number, ring)) = next else { break };
            (numbers, whole) = ([numbers, vec![number]].concat(), ring);
        }
        if numbers.len() < 2 {
            return Err(fault(DrawFault::DoNotTouch));
        }
        whole.pop();
        let place = |p: &[f64; 2]| lon_lat_from_site(&project.frame, project.frame.site_from_crs(*p));
        let ring: Option<Vec<[f64; 2]>> = whole.iter().map(place).collect();
        let mut edit = first.clone();
        if let (Edit::Zone { ring: old, .. }, Some(new)) = (&mut edit, ring) {
            *old = new;
        }
        self.apply(Command::Plan(PlanCommand::ReplaceEdits { scenario, numbers, edits: vec![edit] }))
    }

    /// Looks anew at what a zone would bring and break.
    pub(super) fn judge_drawing(&mut self) {
        let judged = self.judge();
        self.plan.proposal = judged;
    }

    fn judge(&self) -> Option<Proposal> {
        let drawing = self.plan.drawing.as_ref().filter(|d| d.what == Draft::Zone)?;
        let project = self.project()?;
        let table = |role| project.with_role(role).and_then(|l| l.content.features().cloned());
        let (plan, parcels) = (table(LayerRole::LandUsePlan), table(LayerRole::Parcels));
        let index = |t: &Option<Arc<FeatureTable>>| t.as_ref().map(|t| self.indexes.of(t));
        let (plan_index, parcel_index) = (index(&plan), index(&parcels));
        let roads = table(LayerRole::Roads);
        let road_index = index(&roads);
        let effects = EffectTable::shipped().ok()?;
        propose(
            &drawing.points,
            &self.plan.form.rule,
            plan.as_deref().zip(plan_index.as_deref()),
            parcels.as_deref().zip(parcel_index.as_deref()),
            roads.as_deref().zip(road_index.as_deref()),
            (PlanningNorms::shipped(), &effects),
        )
    }
}

/// Sides of a drawn ring are at least so long.
const LEAST_M: f64 = 0.01;

/// Whether sides of an open ring cross each other.
fn crosses_itself(points: &[[f64; 2]]) -> bool {
    let n = points.len();
    let side = |i: usize| [points[i], points[(i + 1) % n]];
    (0..n).any(|i| {
        (i + 2..n).filter(|j| i > 0 || *j < n - 1).any(|j| !matches!(meeting(side(i), side(j)), Meeting::Apart))
            || distance(points[i], points[(i + 1) % n]) < LEAST_M
    })
}
