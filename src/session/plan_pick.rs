//! What the planner clicked, as far as a plan can change it: parcels and zones, roads, hydrants, stations, and what a
//! scenario has drawn itself.

use super::apply::Session;
use super::error::SessionError;
use super::plan_draw::DrawFault;
use super::plan_snap::reach_at;
use crate::geo::measure::{distance, distance_to_chain, ring_contains};
use crate::geo::outline::{closed, outer};
use crate::model::change::{Edit, ZoneRule};
use crate::model::layer::{LayerId, LayerRole};
use crate::model::style::{PointSymbol, Symbol};
use crate::model::zoning::PlanRule;
use crate::study::fire::case::from_lon_lat;

#[derive(Debug, Clone, PartialEq)]
pub enum Chosen {
    /// Parcels or zones of the plan, to be painted anew.
    Areas {
        layer: LayerId,
        role: LayerRole,
        ids: Vec<u64>,
    },
    /// All roads of a name.
    Road(String),
    Hydrant(u64),
    Sensor {
        layer: LayerId,
        feature: u64,
    },
    /// An edit of the shown scenario, from 1.
    Own(usize),
    /// Of a scenario below: an edit of the shown one takes it away.
    Below(Edit),
}

impl Session {
    /// What was marked or clicked, the nearest first; nothing while no scenario is shown.
    #[must_use]
    pub fn chosen(&self) -> Vec<Chosen> {
        if self.plan().active.is_none() {
            return Vec::new();
        }
        let mut found = self.drawn_here();
        let hits = self.selection().map(|s| s.hits.as_slice()).unwrap_or_default();
        for hit in hits {
            let Some(layer) = self.shown().and_then(|p| p.layer(&hit.layer)) else { continue };
            let Some(table) = layer.content.features() else { continue };
            let Some(row) = table.row_of(hit.feature).filter(|_| self.is_of_today(&hit.layer, hit.feature)) else {
                continue;
            };
            match (&layer.style.symbol, layer.role) {
                (_, LayerRole::Roads) => {
                    let name = ["name", "TEN"].map(|f| table.value(row, f).to_string());
                    found.extend(name.into_iter().find(|n| !n.is_empty()).map(Chosen::Road));
                }
                (Symbol::Points { symbol: PointSymbol::Hydrant, .. }, _) => found.push(Chosen::Hydrant(hit.feature)),
                (Symbol::Points { .. }, LayerRole::Sensors) => {
                    found.push(Chosen::Sensor { layer: hit.layer.clone(), feature: hit.feature });
                }
                _ => {}
            }
        }
        found.dedup();
        found.extend(self.areas().map(|(layer, role, ids)| Chosen::Areas { layer, role, ids }));
        found
    }

    /// Whether the project has the feature without any scenario.
    fn is_of_today(&self, layer: &LayerId, feature: u64) -> bool {
        let table = self.project().and_then(|p| p.layer(layer)).and_then(|l| l.content.features());
        table.is_some_and(|t| t.row_of(feature).is_some())
    }

    /// Parcels or zones: those that are marked, else what was clicked.
    pub(super) fn areas(&self) -> Option<(LayerId, LayerRole, Vec<u64>)> {
        let project = self.project()?;
        let of = |layer: &LayerId, mut ids: Vec<u64>| {
            let role = project.layer(layer)?.role;
            ids.retain(|id| self.is_of_today(layer, *id));
            let paints = matches!(role, LayerRole::Parcels | LayerRole::LandUsePlan) && !ids.is_empty();
            paints.then(|| (layer.clone(), role, ids))
        };
        let marked = self.marked().and_then(|m| of(&m.layer, m.ids.to_vec()));
        marked.or_else(|| {
            let hits = &self.selection()?.hits;
            hits.iter().find_map(|hit| of(&hit.layer, vec![hit.feature]))
        })
    }

    /// Edits of the shown scenario, and places of those below it, at the click.
    fn drawn_here(&self) -> Vec<Chosen> {
        let (Some(project), Some(selection)) = (self.project(), self.selection()) else { return Vec::new() };
        let at = project.frame.crs_from_site([selection.at[0], selection.at[1]]);
        let reach = reach_at(self.view.camera.eye, selection.at);
        let place = |p: &[f64; 2]| from_lon_lat(project, *p).ok();
        let is_here = |edit: &Edit| {
            let line = |points: &[[f64; 2]]| points.iter().filter_map(place).collect::<Vec<_>>();
            let near = |p: &[f64; 2]| place(p).is_some_and(|p| distance(p, at) <= reach);
            match edit {
                Edit::Zone { ring, .. } => ring_contains(&closed(line(ring)), at),
                Edit::Road { line: points, width_m, .. } | Edit::FuelBreak { line: points, width_m } => {
                    distance_to_chain(at, &line(points)) <= reach.max(width_m / 2.0)
                }
                Edit::AddEmitter(e) => near(&e.at),
                Edit::AddOutlet(o) => near(&o.at),
                Edit::Hydrant { at } | Edit::Sensor { at, .. } => near(at),
                _ => false,
            }
        };
        let active = self.plan().active.as_ref();
        let own =
            project.scenarios.iter().find(|s| active == Some(&s.id)).map(|s| s.edits.as_slice()).unwrap_or_default();
        let numbered = own.iter().enumerate().filter(|(_, e)| is_here(e)).map(|(i, e)| (i + 1, e));
        // Zones last: what stands in them is meant before them.
        let (zones, others): (Vec<_>, Vec<_>) = numbered.partition(|(_, e)| matches!(e, Edit::Zone { .. }));
        let mut found: Vec<Chosen> = others.into_iter().chain(zones).map(|(number, _)| Chosen::Own(number)).collect();
        if let Some(shown) = &self.plan().shown {
            let below = &shown.edits[..shown.edits.len().saturating_sub(own.len())];
            let emits = |id: &str| shown.emitters.iter().any(|e| e.id == id);
            let flows = |id: &str| shown.outlets.iter().any(|o| o.id == id);
            let there = |edit: &Edit| match edit {
                Edit::AddEmitter(e) => emits(&e.id),
                Edit::AddOutlet(o) => flows(&o.id),
                _ => false,
            };
            found.extend(below.iter().filter(|e| there(e) && is_here(e)).cloned().map(Chosen::Below));
        }
        found
    }

    /// Draws the outline of what was clicked, or one around all that is marked, to be reshaped into a zone of the scenario.
    pub(super) fn outline_chosen(&mut self) -> Result<(), SessionError> {
        let fault = |fault| SessionError::Draw(fault);
        let project = self.project().cloned().ok_or(SessionError::NoProject)?;
        let (layer, role, ids) = self.areas().ok_or(fault(DrawFault::NothingChosen))?;
        let table = project.layer(&layer).and_then(|l| l.content.features());
        let table = table.ok_or(fault(DrawFault::NothingChosen))?;
        let rows: Vec<usize> = ids.iter().filter_map(|id| table.row_of(*id)).collect();
        let rings: Vec<Vec<[f64; 2]>> = rows.iter().filter_map(|row| outer(table.geometry.get(*row))).collect();
        let whole =
            if let [only] = rings.as_slice() { Some(only.clone()) } else { crate::geo::outline::joined(&rings) };
        let mut points = whole.ok_or(fault(DrawFault::DoNotTouch))?;
        points.pop();
        let rule = (role == LayerRole::LandUsePlan).then(|| rows.first().map(|row| PlanRule::from_row(table, *row)));
        self.take_up_zone(points, None)?;
        if let Some(is) = rule.flatten() {
            self.plan.form.rule = ZoneRule {
                land_use: is.code.clone(),
                plot_ratio: is.plot_ratio,
                coverage: is.coverage,
                max_height_m: is.max_height_m,
                ..ZoneRule::default()
            };
            self.judge_drawing();
        }
        Ok(())
    }
}
