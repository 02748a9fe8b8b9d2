//! Who may build what on a parcel: the land-use plan's limits against what stands there.

use std::sync::Arc;

use super::spatial::Indexes;
use crate::geo::measure::{anchor, area, contains};
use crate::geo::outline::{inset, outer};
use crate::model::layer::{Layer, LayerContent, LayerRole, Origin};
use crate::model::project::Project;
use crate::model::table::FeatureTable;
use crate::model::zoning::{Allowance, PlanRule};
use crate::study::zoning::allowance::Bound;
use crate::study::zoning::rules::PlanningNorms;
use crate::study::zoning::street::street_setback;

/// Storey height when a building's table gives a height but no storeys, metres.
const ASSUMED_STOREY_M: f64 = 3.3;

#[derive(Debug, Clone, PartialEq)]
pub struct BuildingRights {
    /// From the register where it has one, else measured on the map.
    pub area_m2: f64,
    pub area_is_registered: bool,
    /// Who holds the land, as the register writes it.
    pub holder: Option<String>,
    pub registered_use: Option<String>,
    pub parcel_origin: Origin,
    pub plan: Option<Plan>,
    pub built: Built,
    pub verdict: Verdict,
    /// Least distance from the streets along the parcel that the norms ask for.
    pub setback: Option<Bound>,
    /// What the plan lets be built: `None` where it says no height or nothing may be built.
    pub envelope: Option<Envelope>,
}

/// A volume over the ground.
#[derive(Debug, Clone, PartialEq)]
pub struct Envelope {
    /// The parcel less the setback, closed; (east, north) in the site's CRS.
    pub ring: Vec<[f64; 2]>,
    pub height_m: f64,
}

/// The plan's row at the place that was clicked.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub rule: PlanRule,
    pub allowance: Allowance,
    pub origin: Origin,
    /// Zones of the plan that reach into the parcel; limits hold for the one that was clicked.
    pub zones: usize,
}

/// Buildings whose middle lies on the parcel.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Built {
    pub count: usize,
    pub footprint_m2: f64,
    /// Footprint times storeys.
    pub floor_area_m2: f64,
    pub tallest_m: Option<f64>,
    pub most_storeys: Option<i64>,
    /// Some storeys were reckoned from heights.
    pub storeys_assumed: bool,
    pub origin: Origin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// No plan covers the place.
    NoPlan,
    /// The plan provides for no building.
    NoBuilding,
    /// There is room left.
    MayBuild,
    /// The limits are reached.
    Full,
    /// What stands there is more than the plan allows.
    Exceeded,
}

/// `None` when the parcel layer has no features. `clicked` is (east, north) in site metres.
pub(super) fn building_rights(
    project: &Project,
    parcels: &Layer,
    row: usize,
    clicked: [f64; 2],
    indexes: &Indexes,
) -> Option<BuildingRights> {
    let table = parcels.content.features()?;
    let shape = table.geometry.get(row);
    let clicked = project.frame.crs_from_site(clicked);
    let at = if contains(shape, clicked) { clicked } else { anchor(shape)? };
    let text = |name: &str| Some(table.value(row, name).to_string()).filter(|t| !t.is_empty());
    let registered = table.value(row, "DIENTICH").as_f64().filter(|a| *a > 0.0);
    let area_m2 = registered.unwrap_or_else(|| area(shape));
    let plan = plan_at(project, table, row, at, area_m2, indexes);
    let built = built_on(project, table, row, indexes);
    let verdict = verdict(plan.as_ref(), &built);
    let ring = outer(shape);
    let height_m = plan.as_ref().and_then(|p| p.rule.max_height_m).filter(|h| *h > 0.0);
    let setback = ring.as_ref().zip(features(project, LayerRole::Roads)).and_then(|(ring, (_, roads))| {
        let height = height_m.or(built.tallest_m).unwrap_or_default();
        street_setback(ring, height, (roads, &indexes.of(roads)), PlanningNorms::shipped())
    });
    let free = setback.as_ref().map_or(0.0, |b| b.value);
    let inner = ring.and_then(|ring| if free > 0.0 { inset(&ring, free) } else { Some(ring) });
    let envelope = inner.zip(height_m).map(|(ring, height_m)| Envelope { ring, height_m });
    Some(BuildingRights {
        setback,
        envelope: envelope.filter(|_| !matches!(verdict, Verdict::NoPlan | Verdict::NoBuilding)),
        area_m2,
        area_is_registered: registered.is_some(),
        holder: HOLDER_FIELDS.into_iter().find_map(text),
        registered_use: text("MALOAIDAT"),
        parcel_origin: parcels.source.origin,
        verdict,
        plan,
        built,
    })
}

/// Where registers write the kind of land holder.
const HOLDER_FIELDS: [&str; 4] = ["LOAICHU", "DOITUONG", "CHUSUDUNG", "TENCHU"];

fn features(project: &Project, role: LayerRole) -> Option<(&Arc<Layer>, &Arc<FeatureTable>)> {
    project.with_role(role).and_then(|layer| match &layer.content {
        LayerContent::Features(table) => Some((layer, table)),
        _ => None,
    })
}

fn plan_at(
    project: &Project,
    parcels: &FeatureTable,
    row: usize,
    at: [f64; 2],
    area_m2: f64,
    indexes: &Indexes,
) -> Option<Plan> {
    let (layer, plan) = features(project, LayerRole::LandUsePlan)?;
    let index = indexes.of(plan);
    let zone = index.containing(&plan.geometry, at).into_iter().next_back()?;
    let rule = PlanRule::from_row(plan, zone);
    let shape = parcels.geometry.get(row);
    let mut zones = vec![zone];
    for corner in shape.points() {
        // A corner on the common border belongs to either side; a step towards the middle is inside.
        let inner = [0, 1].map(|i| 0.02_f64.mul_add(at[i] - corner[i], corner[i]));
        for other in index.containing(&plan.geometry, inner) {
            if !zones.contains(&other) {
                zones.push(other);
            }
        }
    }
    Some(Plan { allowance: rule.allowance(area_m2), rule, origin: layer.source.origin, zones: zones.len() })
}

fn built_on(project: &Project, parcels: &FeatureTable, row: usize, indexes: &Indexes) -> Built {
    let shape = parcels.geometry.get(row);
    let Some(((layer, buildings), bounds)) = features(project, LayerRole::Buildings).zip(shape.bounds()) else {
        return Built::default();
    };
    let mut built = Built { origin: layer.source.origin, ..Built::default() };
    for building in indexes.of(buildings).in_box(bounds) {
        let outline = buildings.geometry.get(building);
        if !anchor(outline).is_some_and(|middle| contains(shape, middle)) {
            continue;
        }
        let number = |name: &str| buildings.value(building, name).as_f64().filter(|v| *v > 0.0);
        let height_m = number("CHIEUCAO").or_else(|| number("HEIGHT"));
        let storeys = number("SOTANG").or_else(|| number("TANG")).unwrap_or_else(|| {
            built.storeys_assumed = true;
            (height_m.unwrap_or(ASSUMED_STOREY_M) / ASSUMED_STOREY_M).round().max(1.0)
        });
        let footprint_m2 = area(outline);
        built.count += 1;
        built.footprint_m2 += footprint_m2;
        built.floor_area_m2 += footprint_m2 * storeys;
        built.most_storeys = built.most_storeys.max(Some(storeys as i64));
        built.tallest_m = match (built.tallest_m, height_m) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
    }
    built
}

/// A hundredth more than allowed is within what outlines on a map can tell.
const TOLERANCE: f64 = 1.01;

fn verdict(plan: Option<&Plan>, built: &Built) -> Verdict {
    let Some(plan) = plan else { return Verdict::NoPlan };
    if !plan.rule.allows_building() {
        return if built.count > 0 { Verdict::Exceeded } else { Verdict::NoBuilding };
    }
    let shares = [
        share(built.footprint_m2, plan.allowance.footprint_m2),
        share(built.floor_area_m2, plan.allowance.floor_area_m2),
    ];
    let limits = [
        share(built.tallest_m.unwrap_or(0.0), plan.rule.max_height_m),
        share(built.most_storeys.unwrap_or(0) as f64, plan.rule.max_storeys.map(|n| n as f64)),
    ];
    if shares.iter().chain(&limits).flatten().any(|s| *s > TOLERANCE) {
        Verdict::Exceeded
    } else if shares.iter().flatten().any(|s| *s > 0.98) {
        Verdict::Full
    } else {
        Verdict::MayBuild
    }
}

/// How much of a limit is used, 1 for all of it; `None` when the plan sets no such limit.
#[must_use]
pub fn share(used: f64, limit: Option<f64>) -> Option<f64> {
    limit.filter(|l| *l > 0.0).map(|l| used / l)
}
