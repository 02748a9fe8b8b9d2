//! "What is the most I may build here?", and what it would bring.

use serde::Serialize;

use super::check::{Plots, Standing};
use super::rules::{Limit, PlanningNorms, most_coverage};
use super::street::street_setback;
use crate::geo::index::FeatureIndex;
use crate::geo::measure::area;
use crate::geo::outline::outer;
use crate::model::layer::LayerRole;
use crate::model::project::Project;
use crate::model::zoning::{PlanRule, field};
use crate::study::effects::table::EffectTable;

/// A limit and who sets it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bound {
    pub value: f64,
    pub clause: String,
    pub verify: bool,
}

/// What a plot would bring if it were built up to its limits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Yield {
    pub floor_m2: f64,
    pub dwellings: f64,
    pub residents: f64,
    pub jobs: f64,
    pub trips_a_day: f64,
    pub water_m3_a_day: f64,
    pub power_kw: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Allowance {
    /// A parcel's number, or a zone's where there is no parcel.
    pub feature: u64,
    pub in_plan: bool,
    pub land_use: String,
    pub area_m2: f64,
    pub coverage: Option<Bound>,
    pub plot_ratio: Option<Bound>,
    pub height_m: Option<Bound>,
    pub setback_m: Option<Bound>,
    pub footprint_m2: f64,
    pub storeys: f64,
    pub standing: Standing,
    pub yields: Yield,
}

fn tighten(bound: &mut Option<Bound>, value: f64, clause: &str, verify: bool) {
    if bound.as_ref().is_none_or(|b| value < b.value) {
        *bound = Some(Bound { value, clause: clause.to_owned(), verify });
    }
}

/// The most that may be built at a place, east and north in the site's system. `None` where there is neither parcel nor
/// plan.
#[must_use]
pub fn most(
    project: &Project,
    plots: &Plots<'_>,
    at: [f64; 2],
    norms: &PlanningNorms,
    table: &EffectTable,
) -> Option<Allowance> {
    let (parcel, zone) = (plots.parcel_at(at), plots.zone_at(at));
    let plan = zone.zip(plots.plan).map(|(row, plan)| PlanRule::from_row(plan, row));
    let shape = match (parcel, zone) {
        (Some(row), _) => plots.parcels?.geometry.get(row),
        (None, Some(row)) => plots.plan?.geometry.get(row),
        (None, None) => return None,
    };
    let (feature, in_plan, area_m2, standing, land_use) = match (parcel, zone) {
        (Some(row), _) => {
            let parcels = plots.parcels?;
            let land_use = parcels.value(row, field::CODE).to_string();
            (*parcels.ids.get(row)?, false, area(shape), plots.on_parcels[row], land_use)
        }
        (None, Some(row)) => {
            let table = plots.plan?;
            let land_use = table.value(row, field::CODE).to_string();
            (*table.ids.get(row)?, true, area(shape), plots.on_zones[row], land_use)
        }
        (None, None) => return None,
    };
    let (mut coverage, mut plot_ratio, mut height) = (None, None, None);
    if let Some(plan) = &plan {
        let mine = |value: Option<f64>, bound: &mut Option<Bound>| {
            if let Some(value) = value {
                tighten(bound, value, "QHSDĐ", false);
            }
        };
        mine(plan.coverage, &mut coverage);
        mine(plan.plot_ratio, &mut plot_ratio);
        mine(plan.max_height_m, &mut height);
    }
    let height_m = height.as_ref().map_or(16.0, |h: &Bound| h.value);
    for rule in norms.of(&land_use, in_plan) {
        let clause = format!("{}, {}", norms.document, rule.clause);
        match &rule.limit {
            Limit::Coverage { areas_m2, heights_m, percent } => {
                let most = most_coverage(areas_m2, heights_m, percent, area_m2, height_m);
                tighten(&mut coverage, most, &clause, rule.verify);
            }
            Limit::PlotRatio { most } => tighten(&mut plot_ratio, *most, &clause, rule.verify),
            _ => {}
        }
    }
    let roads = project.with_role(LayerRole::Roads).and_then(|l| l.content.features());
    let setback_m = outer(shape).zip(roads).and_then(|(ring, roads)| {
        street_setback(&ring, height_m, (roads, &FeatureIndex::build(&roads.geometry)), norms)
    });
    let footprint_m2 = coverage.as_ref().map_or(0.0, |c| c.value * area_m2);
    let storeys = (height_m / table.storey_m).floor().max(0.0);
    let by_storeys = footprint_m2 * storeys;
    let floor_m2 = plot_ratio.as_ref().map_or(by_storeys, |r| (r.value * area_m2).min(by_storeys));
    Some(Allowance {
        setback_m,
        yields: yields(floor_m2, &land_use, table),
        feature,
        in_plan,
        land_use,
        area_m2,
        coverage,
        plot_ratio,
        height_m: height,
        footprint_m2,
        storeys,
        standing,
    })
}

/// What floors of a use bring; the rates of the table of effects and of the demand.
#[must_use]
pub fn yields(floor_m2: f64, land_use: &str, table: &EffectTable) -> Yield {
    let effect = table.of(land_use);
    let rates = &table.demand;
    let residents = effect.and_then(|u| u.m2_per_resident).map_or(0.0, |m2| floor_m2 / m2);
    let demand = crate::sim::traffic::demand::table::DemandTable::standard().ok();
    let kind = effect.and_then(|u| u.building.as_ref());
    let row = demand.as_ref().zip(kind).and_then(|(d, kind)| d.buildings.iter().find(|b| b.kind == *kind));
    let thousands = floor_m2 / 1000.0;
    let (jobs, visitors) = row.map_or((0.0, 0.0), |b| (thousands * b.jobs, thousands * b.visitors));
    Yield {
        floor_m2: if effect.is_some_and(|u| u.building.is_some()) { floor_m2 } else { 0.0 },
        dwellings: if residents > 0.0 { floor_m2 / rates.m2_per_dwelling } else { 0.0 },
        residents,
        jobs,
        trips_a_day: residents * rates.trips_per_resident_day + jobs * rates.trips_per_job_day,
        water_m3_a_day: (residents * rates.water_l_per_resident_day
            + visitors * rates.water_l_per_visitor_day
            + jobs * rates.water_l_per_job_day)
            / 1000.0,
        power_kw: floor_m2 * rates.power_w_per_m2 / 1000.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floors_bring_people_trips_and_demand() {
        let table = EffectTable::shipped().unwrap();
        let homes = yields(2700.0, "ODT", &table);
        assert_eq!((homes.residents, homes.dwellings, homes.jobs), (100.0, 27.0, 0.0));
        assert!((homes.trips_a_day - 260.0).abs() < 1e-9 && (homes.water_m3_a_day - 12.0).abs() < 1e-9);
        let resort = yields(10_000.0, "TMD", &table);
        assert_eq!((resort.residents, resort.jobs), (0.0, 100.0));
        assert_eq!(yields(1000.0, "RDD", &table).floor_m2, 0.0);
    }
}
