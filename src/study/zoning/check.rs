//! Plots against the plan and the norms. What a project holds is looked up once; an edit is then a question about a few
//! plots.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::rules::{Limit, PlanningNorms, most_coverage};
use crate::geo::index::FeatureIndex;
use crate::geo::measure::{anchor, area};
use crate::geo::shape::ShapeKind;
use crate::model::layer::LayerRole;
use crate::model::project::Project;
use crate::model::table::FeatureTable;
use crate::model::zoning::{PlanRule, field};

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    Coverage,
    PlotRatio,
    Height,
    /// Less is too little.
    Setback,
}

impl Kind {
    /// Key of its name in the catalogues.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Coverage => "whatif-kind-coverage",
            Self::PlotRatio => "whatif-kind-plot-ratio",
            Self::Height => "whatif-kind-height",
            Self::Setback => "whatif-kind-setback",
        }
    }
}

/// A plot that has more than it may.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Violation {
    /// A parcel's number, or that of a zone of the plan.
    pub feature: u64,
    pub in_plan: bool,
    pub land_use: String,
    pub kind: Kind,
    /// Share of the plot, ratio or metres.
    pub found: f64,
    /// The most that is allowed; of a setback the least.
    pub most: f64,
    pub clause: String,
    pub verify: bool,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Violations {
    pub list: Vec<Violation>,
}

impl Violations {
    /// Plots with at least one.
    #[must_use]
    pub fn plots(&self) -> usize {
        let mut plots: Vec<(bool, u64)> = self.list.iter().map(|v| (v.in_plan, v.feature)).collect();
        plots.sort_unstable();
        plots.dedup();
        plots.len()
    }

    /// How often each clause is broken, the most often first.
    #[must_use]
    pub fn by_clause(&self) -> Vec<(String, usize)> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for violation in &self.list {
            *counts.entry(&violation.clause).or_default() += 1;
        }
        let mut list: Vec<(String, usize)> = counts.into_iter().map(|(c, n)| (c.to_owned(), n)).collect();
        list.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        list
    }
}

/// What stands on a plot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Standing {
    pub buildings: usize,
    pub footprint_m2: f64,
    pub floor_m2: f64,
    pub height_m: f64,
}

/// A project made ready for questions about its plots.
#[derive(Debug, Clone)]
pub struct Plots<'a> {
    pub(super) parcels: Option<&'a FeatureTable>,
    pub(super) parcel_index: Option<FeatureIndex>,
    pub(super) plan: Option<&'a FeatureTable>,
    pub(super) plan_index: Option<FeatureIndex>,
    /// By row of the parcels.
    pub(super) on_parcels: Vec<Standing>,
    /// By row of the plan; only what stands on no parcel.
    pub(super) on_zones: Vec<Standing>,
}

/// Rounding and drawing are not violations: per cent of the limit.
const TOLERANCE: f64 = 0.02;
/// Clause of the plan's own figures.
const OF_PLAN: &str = "QHSDĐ";

impl<'a> Plots<'a> {
    #[must_use]
    pub fn of(project: &'a Project) -> Self {
        let table = |role| project.with_role(role).and_then(|l| l.content.features()).map(AsRef::as_ref);
        let (parcels, plan): (Option<&FeatureTable>, Option<&FeatureTable>) =
            (table(LayerRole::Parcels), table(LayerRole::LandUsePlan));
        let parcel_index = parcels.map(|t| FeatureIndex::build(&t.geometry));
        let plan_index = plan.map(|t| FeatureIndex::build(&t.geometry));
        let mut plots = Self {
            on_parcels: vec![Standing::default(); parcels.map_or(0, FeatureTable::len)],
            on_zones: vec![Standing::default(); plan.map_or(0, FeatureTable::len)],
            parcels,
            parcel_index,
            plan,
            plan_index,
        };
        if let Some(buildings) = table(LayerRole::Buildings) {
            plots.place(buildings);
        }
        plots
    }

    fn place(&mut self, buildings: &FeatureTable) {
        // (parcel, zone) of every building, looked up on all threads and added in order.
        let places: Vec<(Option<usize>, Option<usize>)> = (0..buildings.len())
            .into_par_iter()
            .with_min_len(256)
            .map(|row| {
                let Some(at) = anchor(buildings.geometry.get(row)) else { return (None, None) };
                match self.parcel_at(at) {
                    Some(parcel) => (Some(parcel), None),
                    None => (None, self.zone_at(at)),
                }
            })
            .collect();
        for (row, place) in places.into_iter().enumerate() {
            let standing = match place {
                (Some(parcel), _) => self.on_parcels.get_mut(parcel),
                (None, Some(zone)) => self.on_zones.get_mut(zone),
                (None, None) => None,
            };
            let shape = buildings.geometry.get(row);
            let Some(standing) = standing.filter(|_| shape.kind() == ShapeKind::Polygon) else { continue };
            let footprint = area(shape);
            let storeys = buildings.value(row, "SOTANG").as_f64().filter(|s| *s >= 1.0).unwrap_or(1.0);
            let height = buildings.value(row, "CHIEUCAO").as_f64().unwrap_or(storeys * 3.3);
            standing.buildings += 1;
            standing.footprint_m2 += footprint;
            standing.floor_m2 += footprint * storeys;
            standing.height_m = standing.height_m.max(height);
        }
    }

    /// Row of the parcel at a place.
    #[must_use]
    pub fn parcel_at(&self, at: [f64; 2]) -> Option<usize> {
        let (table, index) = self.parcels.zip(self.parcel_index.as_ref())?;
        index.containing(&table.geometry, at).first().copied()
    }

    /// Row of the plan's zone at a place.
    #[must_use]
    pub fn zone_at(&self, at: [f64; 2]) -> Option<usize> {
        let (table, index) = self.plan.zip(self.plan_index.as_ref())?;
        index.containing(&table.geometry, at).first().copied()
    }

    /// What is wrong with some parcels, in their order.
    #[must_use]
    pub fn check_parcels(&self, rows: &[usize], norms: &PlanningNorms) -> Vec<Violation> {
        let Some(parcels) = self.parcels else { return Vec::new() };
        let of = |row: &usize| -> Vec<Violation> {
            let Some(standing) = self.on_parcels.get(*row).filter(|s| s.buildings > 0) else { return Vec::new() };
            let shape = parcels.geometry.get(*row);
            let land_use = parcels.value(*row, field::CODE).to_string();
            let zone = anchor(shape).and_then(|at| self.zone_at(at));
            let rule = zone.zip(self.plan).map(|(zone, plan)| PlanRule::from_row(plan, zone));
            let feature = parcels.ids.get(*row).copied().unwrap_or_default();
            judge(&Plot { feature, in_plan: false, land_use, area_m2: area(shape) }, standing, rule.as_ref(), norms)
        };
        rows.par_iter().with_min_len(256).map(of).collect::<Vec<_>>().into_iter().flatten().collect()
    }

    /// What is wrong with some zones of the plan, for what stands on no parcel.
    #[must_use]
    pub fn check_zones(&self, rows: &[usize], norms: &PlanningNorms) -> Vec<Violation> {
        let Some(plan) = self.plan else { return Vec::new() };
        let of = |row: &usize| -> Vec<Violation> {
            let Some(standing) = self.on_zones.get(*row).filter(|s| s.buildings > 0) else { return Vec::new() };
            let rule = PlanRule::from_row(plan, *row);
            let feature = plan.ids.get(*row).copied().unwrap_or_default();
            let area_m2 = area(plan.geometry.get(*row));
            let plot = Plot { feature, in_plan: true, land_use: rule.code.clone(), area_m2 };
            judge(&plot, standing, Some(&rule), norms)
        };
        rows.iter().flat_map(of).collect()
    }

    #[must_use]
    pub fn parcel_count(&self) -> usize {
        self.on_parcels.len()
    }
}

pub(super) struct Plot {
    pub(super) feature: u64,
    pub(super) in_plan: bool,
    pub(super) land_use: String,
    pub(super) area_m2: f64,
}

pub(super) fn judge(
    plot: &Plot,
    standing: &Standing,
    plan: Option<&PlanRule>,
    norms: &PlanningNorms,
) -> Vec<Violation> {
    let mut found = Vec::new();
    let coverage = standing.footprint_m2 / plot.area_m2.max(1e-9);
    let ratio = standing.floor_m2 / plot.area_m2.max(1e-9);
    let mut hold = |kind: Kind, value: f64, most: f64, clause: &str, verify: bool| {
        if value > most * (1.0 + TOLERANCE) + 1e-9 {
            found.push(Violation {
                feature: plot.feature,
                in_plan: plot.in_plan,
                land_use: plot.land_use.clone(),
                kind,
                found: value,
                most,
                clause: clause.to_owned(),
                verify,
            });
        }
    };
    for rule in norms.of(&plot.land_use, plot.in_plan) {
        let clause = format!("{}, {}", norms.document, rule.clause);
        match &rule.limit {
            Limit::Coverage { areas_m2, heights_m, percent } => {
                let most = most_coverage(areas_m2, heights_m, percent, plot.area_m2, standing.height_m);
                hold(Kind::Coverage, coverage, most, &clause, rule.verify);
            }
            Limit::PlotRatio { most } => hold(Kind::PlotRatio, ratio, *most, &clause, rule.verify),
            Limit::Setback { .. } | Limit::GreenPerPerson { .. } | Limit::ParkingPerPerson { .. } => {}
        }
    }
    if let Some(plan) = plan {
        // Zones mean their whole area, streets included: coverage is a plot's own only where the zone is the plot.
        if let Some(most) = plan.coverage.filter(|_| plot.in_plan) {
            hold(Kind::Coverage, coverage, most, OF_PLAN, false);
        }
        if let Some(most) = plan.plot_ratio.filter(|m| *m > 0.0) {
            hold(Kind::PlotRatio, ratio, most, OF_PLAN, false);
        }
        if let Some(most) = plan.max_height_m.filter(|m| *m > 0.0) {
            hold(Kind::Height, standing.height_m, most, OF_PLAN, false);
        }
    }
    found
}

/// Everything in a project that breaks the plan or a norm.
#[must_use]
pub fn check(project: &Project, norms: &PlanningNorms) -> Violations {
    let plots = Plots::of(project);
    let parcels: Vec<usize> = (0..plots.on_parcels.len()).collect();
    let zones: Vec<usize> = (0..plots.on_zones.len()).collect();
    let mut list = plots.check_parcels(&parcels, norms);
    list.extend(plots.check_zones(&zones, norms));
    Violations { list }
}
