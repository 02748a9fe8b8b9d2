//! Hours of traffic as tables: what the command line and the window write.

use std::fmt::Write as _;

use super::case::{Hour, TrafficCase};
use super::emissions::grams_per_km_h;
use crate::base::csv::quoted;
use crate::model::table::{FeatureTable, FieldKind, Value as Cell};
use crate::sim::air::traffic_emission::RoadEmissions;
use crate::sim::traffic::demand::day;

// Writing to a String does not fail, below.

#[must_use]
pub fn links_csv(case: &TrafficCase, found: &[Hour]) -> String {
    let mut out = String::from(
        "hour,link,feature,from_node,to_node,class,length_m,flow_pcu_per_h,motorbikes,cars,taxis,trucks,speed_kmh,\
time_s,delay_s,density_veh_per_km,volume_to_capacity,level_of_service\n",
    );
    for h in found {
        for (link, s) in case.network.links.iter().zip(&h.links) {
            let [from, to] = [link.from, link.to].map(|n| case.network.nodes[n as usize].id);
            let v = &s.vehicles;
            let _ = writeln!(
                out,
                "{:02}:00,{},{},{from},{to},{},{:.1},{:.2},{:.2},{:.2},{:.2},{:.2},{:.2},{:.2},{:.2},{:.2},{:.3},{}",
                h.hour,
                link.id,
                link.feature,
                link.class.key(),
                link.length_m,
                s.volume_pcu_per_h,
                v.motorbikes,
                v.cars,
                v.taxis,
                v.trucks,
                s.speed_kmh,
                s.time_s,
                s.delay_s,
                s.density_per_km(),
                s.volume_to_capacity,
                s.level_of_service(),
            );
        }
    }
    out
}

/// By the same table of factors as the air's simulations, a column for each of its substances.
#[must_use]
pub fn emissions_csv(case: &TrafficCase, found: &[Hour]) -> String {
    // The shipped table can be read: a test sees to it.
    let table = RoadEmissions::shipped().ok();
    let factors: Vec<_> = table.iter().flat_map(|t| t.factors.iter().map(move |f| (t, f))).collect();
    let names: Vec<String> = factors.iter().map(|(_, f)| format!(",{}_g_per_h", f.pollutant)).collect();
    let mut out = format!("hour,link,length_m{}\n", names.concat());
    for h in found {
        for (link, s) in case.network.links.iter().zip(&h.links).filter(|(_, s)| s.vehicles.sum() > 0.0) {
            let km = link.length_m / 1000.0;
            let grams: Vec<String> =
                factors.iter().map(|(t, f)| format!(",{:.3}", grams_per_km_h(s, t, f) * km)).collect();
            let grams = grams.concat();
            let _ = writeln!(out, "{:02}:00,{},{:.1}{grams}", h.hour, link.id, link.length_m);
        }
    }
    out
}

/// Minutes to each gate at the busiest of the hours.
fn to_gates(case: &TrafficCase, found: &[Hour]) -> Vec<(String, Vec<f64>)> {
    let Some(worst) = found.iter().max_by(|a, b| a.pcu.total_cmp(&b.pcu)) else { return Vec::new() };
    let costs = case.costs(&worst.solution.cost);
    let n = case.zones.len();
    case.zones
        .iter()
        .enumerate()
        .filter(|(_, z)| z.activity.gate.is_some())
        .map(|(g, z)| (z.name.clone(), (0..n).map(|i| costs.road_min.at(i, g)).collect()))
        .collect()
}

#[must_use]
pub fn zones_csv(case: &TrafficCase, found: &[Hour]) -> String {
    let gates = to_gates(case, found);
    let names: Vec<String> = gates.iter().map(|g| format!(",{}", quoted(&format!("minutes_to {}", g.0)))).collect();
    let names = names.concat();
    let mut out = format!("zone,name,east,north,residents,jobs,pupils,shops_m2,visitors{names}\n");
    for (i, z) in case.zones.iter().enumerate() {
        let a = &z.activity;
        let minutes: Vec<String> = gates.iter().map(|g| format!(",{:.2}", g.1[i])).collect();
        let minutes = minutes.concat();
        let _ = writeln!(
            out,
            "{},{},{:.1},{:.1},{:.1},{:.1},{:.1},{:.1},{:.1}{minutes}",
            z.id,
            quoted(&z.name),
            z.at[0],
            z.at[1],
            a.residents,
            a.jobs,
            a.pupils,
            a.shops_m2,
            a.visitors
        );
    }
    out
}

#[must_use]
pub fn od_csv(case: &TrafficCase, found: &[Hour]) -> String {
    let n = case.zones.len();
    let mut out = String::from("hour,from_zone,to_zone,motorbikes,cars,taxis,trucks\n");
    for h in found {
        for (c, v) in h.vehicles.iter().enumerate().filter(|(_, v)| v.sum() >= 0.005) {
            let (from, to) = (case.zones[c / n].id, case.zones[c % n].id);
            let _ = writeln!(
                out,
                "{:02}:00,{from},{to},{:.3},{:.3},{:.3},{:.3}",
                h.hour, v.motorbikes, v.cars, v.taxis, v.trucks
            );
        }
    }
    out
}

#[must_use]
pub fn trips_csv(case: &TrafficCase, found: &[Hour], seed: u64) -> String {
    let ids: Vec<u64> = case.zones.iter().map(|z| z.id).collect();
    let mut out = String::from("departs_s,from_zone,to_zone,vehicle\n");
    for h in found {
        for t in day::trips(h.hour, &h.vehicles, &ids, seed) {
            let vehicle = format!("{:?}", t.vehicle).to_lowercase();
            let _ = writeln!(out, "{:.2},{},{},{vehicle}", t.departs_s, ids[t.from as usize], ids[t.to as usize]);
        }
    }
    out
}

/// Each link in every hour.
#[must_use]
pub fn links_table(case: &TrafficCase, found: &[Hour]) -> FeatureTable {
    use FieldKind::{Integer, Real, Text};
    let mut table = FeatureTable::with_fields(&[
        ("link", Integer),
        ("name", Text),
        ("class", Text),
        ("hour", Text),
        ("flow_pcu_h", Real),
        ("vehicles_h", Real),
        ("motorbikes", Real),
        ("speed_kmh", Real),
        ("v_c", Real),
        ("los", Text),
        ("delay_s", Real),
        ("length_m", Real),
    ]);
    for h in found {
        let hour = format!("{:02}:00", h.hour);
        for (link, s) in case.network.links.iter().zip(&h.links) {
            table.geometry.push_line(&link.line);
            table.push_row(&[
                Cell::Integer(link.id.cast_signed()),
                Cell::Text(&link.name),
                Cell::Text(link.class.key()),
                Cell::Text(&hour),
                Cell::Real(s.volume_pcu_per_h),
                Cell::Real(s.vehicles.sum()),
                Cell::Real(s.vehicles.motorbikes),
                Cell::Real(s.speed_kmh),
                Cell::Real(s.volume_to_capacity),
                Cell::Text(&s.level_of_service().to_string()),
                Cell::Real(s.delay_s),
                Cell::Real(link.length_m),
            ]);
        }
    }
    table
}

/// The zones as points with their minutes to the gates: what isochrones are drawn from.
#[must_use]
pub fn zones_table(case: &TrafficCase, found: &[Hour]) -> FeatureTable {
    let gates = to_gates(case, found);
    let names: Vec<String> = gates.iter().map(|g| format!("minutes to {}", g.0)).collect();
    let mut fields = vec![("zone", FieldKind::Integer), ("residents", FieldKind::Real), ("visitors", FieldKind::Real)];
    fields.extend(names.iter().map(|n| (n.as_str(), FieldKind::Real)));
    let mut table = FeatureTable::with_fields(&fields);
    for (i, z) in case.zones.iter().enumerate() {
        table.geometry.push_point(z.at);
        let mut row =
            vec![Cell::Integer(z.id.cast_signed()), Cell::Real(z.activity.residents), Cell::Real(z.activity.visitors)];
        row.extend(gates.iter().map(|g| Cell::Real(g.1[i])));
        table.push_row(&row);
    }
    table
}
