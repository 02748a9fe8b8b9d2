//! A scenario carried out on a project: the layers as they would be, and what no layer holds.
//!
//! Long because every kind of edit is carried out here, one after another, on the same half-changed project.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::lots::{Built, Lot, build};
use super::resolved::{Input, Resolved};
use super::table::EffectTable;
use super::{EffectError, ground, rows};
use crate::base::message::Message;
use crate::geo::crs::Crs;
use crate::geo::grid::Grid;
use crate::geo::index::FeatureIndex;
use crate::geo::measure::{anchor, area, ring_area, ring_contains};
use crate::geo::outline::{closed, nearest_on, outer};
use crate::geo::shape::bounds_of;
use crate::geo::transform::Transform;
use crate::model::change::{Edit, Emitter, SeaOutlet, ZoneRule};
use crate::model::layer::{Layer, LayerContent, LayerId, LayerRole};
use crate::model::project::Project;
use crate::model::scenario::{ScenarioId, edits_of};
use crate::model::style::{PointSymbol, Symbol};
use crate::model::table::{FeatureTable, Value};
use crate::model::zoning::field as plan_field;
use crate::study::fire::inputs::FuelBreak;

/// Ends of a new road join another within this reach, metres.
const JOIN_M: f64 = 400.0;
/// Uses whose parcels are not built on: streets, water.
const OPEN_USES: [&str; 4] = ["DGT", "SON", "DTL", "MNC"];
/// Where parcels hold less of a zone than this, the zone is built as one plot.
const PARCELLED: f64 = 0.3;
/// Word for a closed road in the field of its class.
const CLOSED: &str = "Đóng";

/// The project with a scenario carried out; as it is for `None`.
///
/// # Errors
/// [`EffectError`], naming the edit.
pub fn resolve(project: &Project, id: Option<&ScenarioId>, table: &EffectTable) -> Result<Resolved, EffectError> {
    let edits: Vec<Edit> = match id {
        Some(id) => edits_of(&project.scenarios, id)?.into_iter().cloned().collect(),
        None => Vec::new(),
    };
    let mut work = Work {
        to_site: Transform::between(&Crs::WGS84, &project.frame.crs),
        resolved: Resolved {
            scenario: id.cloned(),
            project: Arc::new(project.clone()),
            edits: edits.clone(),
            breaks: Vec::new(),
            emitters: Vec::new(),
            zones: Vec::new(),
            outlets: Vec::new(),
            touched: BTreeMap::new(),
            notices: Vec::new(),
        },
        project: project.clone(),
        table,
        number: 0,
    };
    for (i, edit) in edits.iter().enumerate() {
        work.number = i + 1;
        work.carry_out(edit)?;
    }
    work.resolved.project = Arc::new(work.project);
    Ok(work.resolved)
}

fn is_hydrants(layer: &Layer) -> bool {
    matches!(layer.style.symbol, Symbol::Points { symbol: PointSymbol::Hydrant, .. })
}

fn is_sensors(layer: &Layer, id: &str) -> bool {
    layer.id.0 == id && layer.role == LayerRole::Sensors && matches!(layer.style.symbol, Symbol::Points { .. })
}

/// Whether the feature was there.
fn remove(table: &mut FeatureTable, feature: u64) -> bool {
    let Some(gone) = table.row_of(feature) else { return false };
    *table = rows::without(table, |row| row == gone);
    true
}

struct Work<'a> {
    project: Project,
    resolved: Resolved,
    table: &'a EffectTable,
    to_site: Option<Transform>,
    number: usize,
}

impl Work<'_> {
    fn touch(&mut self, input: Input) {
        let list = self.resolved.touched.entry(input).or_default();
        if list.last() != Some(&self.number) {
            list.push(self.number);
        }
    }

    fn place(&self, at: [f64; 2]) -> Result<[f64; 2], EffectError> {
        let crs = || self.project.frame.crs.to_string();
        self.to_site.as_ref().map(|t| t.apply(at)).ok_or_else(|| EffectError::NoLonLat { crs: crs() })
    }

    fn line(&self, line: &[[f64; 2]]) -> Result<Vec<[f64; 2]>, EffectError> {
        line.iter().map(|p| self.place(*p)).collect()
    }

    fn layer(&self, role: LayerRole, what: &'static str) -> Result<(LayerId, Arc<FeatureTable>), EffectError> {
        let layer = self.project.with_role(role);
        let found = layer.and_then(|l| l.content.features().map(|t| (l.id.clone(), Arc::clone(t))));
        found.ok_or(EffectError::NoLayer { what, edit: self.number })
    }

    fn put(&mut self, id: &LayerId, table: FeatureTable) {
        if let Some(layer) = self.project.layers.iter_mut().find(|l| l.id == *id) {
            Arc::make_mut(layer).content = LayerContent::Features(Arc::new(table));
        }
    }

    fn carry_out(&mut self, edit: &Edit) -> Result<(), EffectError> {
        match edit {
            Edit::FuelBreak { line, width_m } => {
                let line = self.line(line)?;
                self.resolved.breaks.push(FuelBreak { line, width_m: *width_m });
                self.touch(Input::Breaks);
            }
            Edit::Road { line, width_m, name, class, lanes, speed_kmh } => {
                let line = self.line(line)?;
                self.add_road(line, *width_m, name, class.as_deref(), *lanes, *speed_kmh)?;
            }
            Edit::CloseRoad { name } => self.change_road(name, &|table, row| {
                rows::set_first(table, row, &CLASS_FIELDS, Value::Text(CLOSED));
            })?,
            Edit::UpgradeRoad { name, lanes, speed_kmh, width_m, class } => self.change_road(name, &|table, row| {
                if let Some(lanes) = lanes {
                    rows::set_first(table, row, &["lanes", "SOLAN"], Value::Integer(i64::from(*lanes)));
                }
                if let Some(speed) = speed_kmh {
                    rows::set_first(table, row, &["maxspeed", "TOCDO"], Value::Real(*speed));
                }
                if let Some(width) = width_m {
                    rows::set_first(table, row, &["BERONG"], Value::Real(*width));
                }
                if let Some(class) = class {
                    rows::set_first(table, row, &CLASS_FIELDS, Value::Text(class));
                }
            })?,
            Edit::Zone { id, name, ring, rule } => {
                let ring = closed(self.line(ring)?);
                let name = if name.is_empty() { id } else { name };
                self.new_zone(name, &ring, rule)?;
            }
            Edit::Repaint { parcels, rule } => self.repaint(parcels, rule)?,
            Edit::Rezone { zones, rule } => self.rezone(zones, rule)?,
            Edit::AddEmitter(emitter) => {
                let at = self.place(emitter.at)?;
                self.resolved.emitters.retain(|e| e.id != emitter.id);
                self.resolved.emitters.push(Emitter { at, ..emitter.clone() });
                self.touch(Input::Emitters);
            }
            Edit::RemoveEmitter { id } => {
                let before = self.resolved.emitters.len();
                self.resolved.emitters.retain(|e| e.id != *id);
                self.expect(before > self.resolved.emitters.len(), id)?;
                self.touch(Input::Emitters);
            }
            Edit::AddOutlet(outlet) => {
                let at = self.place(outlet.at)?;
                self.resolved.outlets.retain(|o| o.id != outlet.id);
                self.resolved.outlets.push(SeaOutlet { at, ..outlet.clone() });
                self.touch(Input::Outlets);
            }
            Edit::RemoveOutlet { id } => {
                let before = self.resolved.outlets.len();
                self.resolved.outlets.retain(|o| o.id != *id);
                self.expect(before > self.resolved.outlets.len(), id)?;
                self.touch(Input::Outlets);
            }
            Edit::Hydrant { at } => {
                let at = self.place(*at)?;
                self.change_points(Input::Hydrants, &is_hydrants, |table| {
                    rows::push(table, |s| s.push_point(at), &[]);
                    true
                })?;
            }
            Edit::RemoveHydrant { feature } => {
                let found = self.change_points(Input::Hydrants, &is_hydrants, |table| remove(table, *feature))?;
                self.expect(found, &feature.to_string())?;
            }
            Edit::Sensor { layer, name, at } => {
                let at = self.place(*at)?;
                let name = Value::Text(name);
                self.change_points(Input::Sensors, &|l| is_sensors(l, layer), |table| {
                    rows::push(table, |s| s.push_point(at), &[("TEN", name), ("name", name), ("MATRAM", name)]);
                    true
                })?;
            }
            Edit::RemoveSensor { layer, feature } => {
                let of = |l: &Layer| is_sensors(l, layer);
                let found = self.change_points(Input::Sensors, &of, |table| remove(table, *feature))?;
                self.expect(found, &feature.to_string())?;
            }
        }
        Ok(())
    }

    fn expect(&self, there: bool, name: &str) -> Result<(), EffectError> {
        if there { Ok(()) } else { Err(EffectError::NotThere { edit: self.number, name: name.to_owned() }) }
    }

    fn add_road(
        &mut self,
        mut line: Vec<[f64; 2]>,
        width_m: f64,
        name: &str,
        class: Option<&str>,
        lanes: Option<u8>,
        speed_kmh: Option<f64>,
    ) -> Result<(), EffectError> {
        let (id, table) = self.layer(LayerRole::Roads, "whatif-layer-roads")?;
        let index = FeatureIndex::build(&table.geometry);
        let mut joined = false;
        for end in [0, line.len() - 1] {
            if let Some((row, _)) = index.nearest(&table.geometry, line[end], JOIN_M) {
                line[end] = nearest_on(table.geometry.get(row), line[end]);
                joined = true;
            }
        }
        // One end may lie where the road leads to.
        if !joined {
            self.resolved
                .notices
                .push(Message::new("whatif-road-does-not-join").with("edit", self.number).with("metres", JOIN_M));
        }
        let mut next = FeatureTable::clone(&table);
        let class = Value::Text(class.unwrap_or("Đường gom"));
        let (lanes, speed) = (i64::from(lanes.unwrap_or(2)), speed_kmh.unwrap_or(50.0));
        rows::push(
            &mut next,
            |shapes| shapes.push_line(&line),
            &[
                ("TEN", Value::Text(name)),
                ("name", Value::Text(name)),
                (CLASS_FIELDS[0], class),
                (CLASS_FIELDS[1], class),
                (CLASS_FIELDS[2], class),
                ("SOLAN", Value::Integer(lanes)),
                ("lanes", Value::Integer(lanes)),
                ("TOCDO", Value::Real(speed)),
                ("maxspeed", Value::Real(speed)),
                ("BERONG", Value::Real(width_m)),
                ("MOTCHIEU", Value::Integer(0)),
            ],
        );
        self.put(&id, next);
        self.touch(Input::Roads);
        if self.change_cover(|grid| ground::road(grid, &line)) {
            self.touch(Input::LandCover);
        }
        Ok(())
    }

    fn change_road(&mut self, name: &str, change: &dyn Fn(&mut FeatureTable, usize)) -> Result<(), EffectError> {
        let (id, table) = self.layer(LayerRole::Roads, "whatif-layer-roads")?;
        let named = |row: &usize| ["name", "TEN"].iter().any(|f| table.value(*row, f) == Value::Text(name));
        let found: Vec<usize> = (0..table.len()).filter(named).collect();
        self.expect(!found.is_empty(), name)?;
        let mut next = FeatureTable::clone(&table);
        for row in found {
            change(&mut next, row);
        }
        self.put(&id, next);
        self.touch(Input::Roads);
        Ok(())
    }

    /// Changes the first layer of points that is one of `of`.
    fn change_points(
        &mut self,
        input: Input,
        of: &dyn Fn(&Layer) -> bool,
        change: impl FnOnce(&mut FeatureTable) -> bool,
    ) -> Result<bool, EffectError> {
        let layer = self.project.layers.iter().find(|l| of(l));
        let found = layer.and_then(|l| l.content.features().map(|t| (l.id.clone(), FeatureTable::clone(t))));
        let what = if input == Input::Hydrants { "whatif-layer-hydrants" } else { "whatif-layer-sensors" };
        let (id, mut table) = found.ok_or(EffectError::NoLayer { what, edit: self.number })?;
        let changed = change(&mut table);
        self.put(&id, table);
        self.touch(input);
        Ok(changed)
    }

    /// Whether any cell changed.
    fn change_cover(&mut self, change: impl FnOnce(&mut Grid<u16>) -> usize) -> bool {
        let Some(layer) = self.project.layers.iter_mut().find(|l| l.role == LayerRole::LandCover) else { return false };
        let LayerContent::Classes(grid) = &layer.content else { return false };
        let mut grid = Grid::clone(grid);
        let changed = change(&mut grid) > 0;
        if changed {
            Arc::make_mut(layer).content = LayerContent::Classes(Arc::new(grid));
        }
        changed
    }

    fn new_zone(&mut self, name: &str, ring: &[[f64; 2]], rule: &ZoneRule) -> Result<(), EffectError> {
        if let Ok((id, plan)) = self.layer(LayerRole::LandUsePlan, "whatif-layer-plan") {
            let near = bounds_of(ring).map(|b| FeatureIndex::build(&plan.geometry).in_box(b)).unwrap_or_default();
            let mut next = ground::cut_out(&plan, ring, &near);
            rows::push(&mut next, |s| s.push_polygon(&[ring]), &rule_values(rule, name, self.table));
            self.put(&id, next);
            self.touch(Input::Plan);
        }
        let parcels = self.parcels_in(ring);
        if !parcels.is_empty() {
            self.paint_parcels(&parcels, &rule.land_use)?;
        }
        self.settle(&[ring.to_vec()], rule, true, name);
        Ok(())
    }

    fn repaint(&mut self, parcels: &[u64], rule: &ZoneRule) -> Result<(), EffectError> {
        let (_, table) = self.layer(LayerRole::Parcels, "whatif-layer-parcels")?;
        let mut rings = Vec::new();
        let mut found = Vec::new();
        for parcel in parcels {
            let row = table.row_of(*parcel);
            self.expect(row.is_some(), &parcel.to_string())?;
            found.extend(row);
            rings.extend(row.and_then(|row| outer(table.geometry.get(row))));
        }
        self.paint_parcels(&found, &rule.land_use)?;
        let name = rule.land_use.clone();
        self.settle(&rings, rule, true, &name);
        Ok(())
    }

    fn rezone(&mut self, zones: &[u64], rule: &ZoneRule) -> Result<(), EffectError> {
        let (id, plan) = self.layer(LayerRole::LandUsePlan, "whatif-layer-plan")?;
        let mut next = FeatureTable::clone(&plan);
        for zone in zones {
            let row = plan.row_of(*zone);
            self.expect(row.is_some(), &zone.to_string())?;
            let Some(row) = row else { continue };
            let was = plan.value(row, plan_field::CODE).to_string();
            let name = plan.value(row, "TEN").to_string();
            for (field, value) in rule_values(rule, &name, self.table) {
                rows::set(&mut next, row, field, value);
            }
            let ring = outer(plan.geometry.get(row)).unwrap_or_default();
            let changed = was != rule.land_use;
            let parcels = self.parcels_in(&ring);
            if changed && !parcels.is_empty() {
                self.paint_parcels(&parcels, &rule.land_use)?;
            }
            self.settle(&[ring], rule, changed, &name);
        }
        self.put(&id, next);
        self.touch(Input::Plan);
        Ok(())
    }

    fn paint_parcels(&mut self, parcels: &[usize], land_use: &str) -> Result<(), EffectError> {
        let (id, table) = self.layer(LayerRole::Parcels, "whatif-layer-parcels")?;
        let mut next = FeatureTable::clone(&table);
        for row in parcels {
            rows::set(&mut next, *row, plan_field::CODE, Value::Text(land_use));
        }
        self.put(&id, next);
        self.touch(Input::Parcels);
        Ok(())
    }

    /// Parcels that may be built on and lie in a ring.
    fn parcels_in(&self, ring: &[[f64; 2]]) -> Vec<usize> {
        let Ok((_, table)) = self.layer(LayerRole::Parcels, "whatif-layer-parcels") else { return Vec::new() };
        let Some(bounds) = bounds_of(ring) else { return Vec::new() };
        let open = |row: usize| {
            let code = table.value(row, plan_field::CODE).to_string();
            OPEN_USES.iter().any(|u| code.starts_with(u))
        };
        let inside =
            |row: &usize| !open(*row) && anchor(table.geometry.get(*row)).is_some_and(|at| ring_contains(ring, at));
        FeatureIndex::build(&table.geometry).in_box(bounds).into_iter().filter(inside).collect()
    }

    /// Ground, emissions and buildings of rings under a rule.
    fn settle(&mut self, rings: &[Vec<[f64; 2]>], rule: &ZoneRule, use_changed: bool, name: &str) {
        let Some(effect) = self.table.of(&rule.land_use).cloned() else {
            self.resolved.notices.push(
                Message::new("whatif-use-without-effect").with("edit", self.number).with("use", rule.land_use.as_str()),
            );
            return;
        };
        let table = self.table;
        if use_changed {
            if self.change_cover(|grid| rings.iter().map(|r| ground::cover(grid, r, rule, table)).sum()) {
                self.touch(Input::LandCover);
            }
            if !effect.emits.is_empty() {
                for ring in rings {
                    let hectares = ring_area(ring).abs() / 10_000.0;
                    let rates = effect.emits.iter().map(|(p, rate)| (p.clone(), rate * hectares)).collect();
                    self.resolved.zones.push((name.to_owned(), ring.clone(), rates));
                }
                self.touch(Input::Emitters);
            }
        }
        let Ok((id, buildings)) = self.layer(LayerRole::Buildings, "whatif-layer-buildings") else {
            self.resolved.notices.push(Message::new("whatif-no-buildings").with("edit", self.number));
            return;
        };
        let lots: Vec<Lot<'_>> = rings.iter().flat_map(|r| self.plots(r)).map(|outer| Lot { outer, rule }).collect();
        let (next, told) = build(&buildings, &lots, table);
        if told != Built::default() {
            self.put(&id, next);
            self.touch(Input::Buildings);
            self.resolved.notices.push(
                Message::new("whatif-built")
                    .with("edit", self.number)
                    .with("new", told.new)
                    .with("higher", told.higher)
                    .with("gone", told.gone),
            );
        }
    }

    /// A ring's parcels as plots, or the ring where there are hardly any.
    fn plots(&self, ring: &[[f64; 2]]) -> Vec<Vec<[f64; 2]>> {
        let rows = self.parcels_in(ring);
        let Ok((_, table)) = self.layer(LayerRole::Parcels, "whatif-layer-parcels") else { return vec![ring.to_vec()] };
        let held: f64 = rows.iter().map(|row| area(table.geometry.get(*row))).sum();
        if rows.is_empty() || held < PARCELLED * ring_area(ring).abs() {
            return vec![ring.to_vec()];
        }
        rows.into_iter().filter_map(|row| outer(table.geometry.get(row))).collect()
    }
}

/// Fields that hold a road's class, as `study::traffic` reads them.
const CLASS_FIELDS: [&str; 5] = ["highway", "fclass", "CAPDUONG", "facility_type", "class"];

fn rule_values<'a>(rule: &'a ZoneRule, name: &'a str, table: &EffectTable) -> Vec<(&'static str, Value<'a>)> {
    let real = |v: Option<f64>| v.map_or(Value::Null, Value::Real);
    vec![
        (plan_field::CODE, Value::Text(&rule.land_use)),
        ("TEN", Value::Text(name)),
        (plan_field::PLOT_RATIO, real(rule.plot_ratio)),
        (plan_field::COVERAGE_PERCENT, real(rule.coverage.map(|c| c * 100.0))),
        (plan_field::MAX_HEIGHT_M, real(rule.max_height_m)),
        (plan_field::MAX_STOREYS, real(rule.max_height_m.map(|h| (h / table.storey_m).floor()))),
    ]
}
