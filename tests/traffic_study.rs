//! Traffic of a scene: a small town from its layers to the files of an hour, plans and edits, what it says of bad input.

mod common;

use common::town::{at, town};
use island_twin::base::cancel::CancelToken;
use island_twin::model::project::Project;
use island_twin::model::style::Text2;
use island_twin::sim::traffic::assign::equilibrium::Stop;
use island_twin::sim::traffic::audit::Oddity;
use island_twin::sim::traffic::demand::day::Vehicles;
use island_twin::sim::traffic::demand::table::DemandTable;
use island_twin::sim::traffic::error::TrafficError;
use island_twin::sim::traffic::road_table::RoadTable;
use island_twin::study::traffic::case::{Hour, PEAK, Tables, TrafficCase};
use island_twin::study::traffic::plan::{Plan, RoadEdit};

const STOP: Stop = Stop { gap: 1e-10, iterations: 500 };

fn tables() -> Tables {
    let mut demand = DemandTable::standard().unwrap();
    demand.visitors = 400.0;
    Tables { roads: RoadTable::standard().unwrap(), demand }
}

fn prepared(project: &Project, plan: Option<&Plan>) -> TrafficCase {
    TrafficCase::prepare(project, tables(), plan, &CancelToken::new()).unwrap()
}

fn peak(case: &TrafficCase) -> Hour {
    case.hour(PEAK, STOP, None, &CancelToken::new()).unwrap()
}

fn plan(edits: Vec<RoadEdit>) -> Plan {
    Plan { id: "x".to_owned(), title: Text2::same("x"), edits }
}

/// Vehicles an hour on the roads of a name, by their length.
fn use_of(case: &TrafficCase, hour: &Hour, name: &str) -> f64 {
    let links = case.network.links.iter().zip(&hour.links).filter(|(l, _)| l.name == name);
    links.map(|(l, s)| s.vehicles.sum() * l.length_m).sum()
}

#[test]
fn trips_made_in_parcels_arrive_on_roads() {
    let case = prepared(&town(false), None);
    assert!(case.notices.is_empty() && case.demand.margin_error <= 1e-6);
    assert_eq!((case.count(Oddity::WrongWay), case.count(Oddity::Disconnected)), (1, 0));
    assert!(case.findings.iter().any(|f| f.oddity == Oddity::DeadEnd && f.at == at(-200.0, 0.0)));
    let residents: f64 = case.zones.iter().map(|z| z.activity.residents).sum();
    assert!((residents - 6000.0).abs() < 1e-9);
    let hour = peak(&case);
    assert!(hour.solution.relative_gap <= 1e-10);
    // What leaves the zones enters the network by their ways.
    let nodes = case.network.nodes.len();
    let entering: f64 = (case.network.links.len()..case.graph.links())
        .filter(|l| case.graph.from[*l] as usize >= nodes)
        .map(|l| hour.solution.volume[l])
        .sum();
    assert!((entering - hour.pcu).abs() < 1e-6, "{entering} {}", hour.pcu);
    // Kinds of vehicles add up to the volume, on every link.
    let table = RoadTable::standard().unwrap();
    for s in &hour.links {
        assert!((s.vehicles.pcu(&table) - s.volume_pcu_per_h).abs() < 1e-6);
    }
    let all: f64 = hour.vehicles.iter().map(Vehicles::sum).sum();
    assert!(all > 300.0 && use_of(&case, &hour, "Quốc lộ") > use_of(&case, &hour, "Đường vòng"));
}

#[test]
fn a_closed_road_sends_its_traffic_around_and_a_warm_start_finds_the_same() {
    let project = town(false);
    let close = plan(vec![RoadEdit::Close { name: "Quốc lộ".to_owned() }]);
    let case = prepared(&project, None);
    let before = peak(&case);
    let (edited, warm) = case.after(&close, PEAK, (&before).into(), STOP, &CancelToken::new()).unwrap();
    assert_eq!(use_of(&edited, &warm, "Quốc lộ"), 0.0);
    assert!(use_of(&edited, &warm, "Đường vòng") > 1.5 * use_of(&case, &before, "Đường vòng"));
    let cold = edited.hour(PEAK, STOP, None, &CancelToken::new()).unwrap();
    let worst = cold.links.iter().zip(&warm.links).map(|(a, b)| (a.volume_pcu_per_h - b.volume_pcu_per_h).abs());
    assert!(worst.fold(0.0, f64::max) < 0.01);
    // What the plan leaves alone keeps its name.
    let kept = case.network.links.iter().filter(|l| edited.network.link_index().contains_key(&l.id)).count();
    assert!(kept + 2 >= case.network.links.len() && kept < case.network.links.len(), "{kept}");
}

#[test]
fn a_railway_takes_people_off_the_road() {
    let project = town(false);
    let rail = plan(vec![RoadEdit::Rail {
        name: "LRT".to_owned(),
        line: vec![at(450.0, 450.0), at(4450.0, 450.0)],
        speed_kmh: 45.0,
        headway_min: 4.0,
        reach_m: 1500.0,
    }]);
    let (without, with) = (prepared(&project, None), prepared(&project, Some(&rail)));
    assert!(with.demand.by_mode().bus > 1.2 * without.demand.by_mode().bus);
    assert!(peak(&with).pcu < peak(&without).pcu);
}

#[test]
fn what_does_not_fit_is_told() {
    let case = prepared(&town(true), None);
    assert_eq!(case.notices.len(), 1);
    assert_eq!(case.notices[0].key, "traffic-zone-at-sea");
    let cancel = CancelToken::new();
    let missing = plan(vec![RoadEdit::Close { name: "Không có".to_owned() }]);
    let failed = TrafficCase::prepare(&town(false), tables(), Some(&missing), &cancel).unwrap_err();
    assert!(failed.to_string().contains("Không có"));
    let mut bare = common::project();
    bare.layers.clear();
    let failed = TrafficCase::prepare(&bare, tables(), None, &cancel).unwrap_err();
    assert!(matches!(failed, TrafficError::NoLinks { .. }), "{failed}");
}

/// The town with more people in its first house.
fn fuller() -> Project {
    use island_twin::model::layer::{LayerContent, LayerRole};
    use island_twin::model::table::Column;
    use std::sync::Arc;
    let mut project = town(false);
    for layer in &mut project.layers {
        if layer.role != LayerRole::Buildings {
            continue;
        }
        let mut changed = (**layer).clone();
        let LayerContent::Features(table) = &changed.content else { continue };
        let mut table = (**table).clone();
        let column = table.schema.iter().position(|f| f.name == "SONGUOI").unwrap();
        let Column::Integer(residents) = &mut table.columns[column] else { panic!("residents are whole numbers") };
        residents[0] = Some(900);
        changed.content = LayerContent::Features(Arc::new(table));
        *layer = Arc::new(changed);
    }
    project
}

#[test]
fn an_edited_house_starts_from_the_earlier_solution_and_finds_what_a_new_start_finds() {
    let case = prepared(&town(false), None);
    let before = peak(&case);
    let cancel = CancelToken::new();
    let (edited, warm) = case.edited(&fuller(), PEAK, (&before).into(), STOP, &cancel).unwrap().unwrap();
    assert!(warm.pcu > before.pcu * 1.01, "{} {}", warm.pcu, before.pcu);
    let cold = edited.hour(PEAK, STOP, None, &cancel).unwrap();
    let worst = cold.links.iter().zip(&warm.links).map(|(a, b)| (a.volume_pcu_per_h - b.volume_pcu_per_h).abs());
    assert!(worst.fold(0.0, f64::max) < 0.01);
    // Nothing edited: nothing changes.
    let (_, same) = case.edited(&town(false), PEAK, (&before).into(), STOP, &cancel).unwrap().unwrap();
    assert!((same.pcu / before.pcu - 1.0).abs() < 0.02, "{} {}", same.pcu, before.pcu);
}

#[test]
fn vehicles_take_connected_ways_as_the_equilibrium_shares_them() {
    use island_twin::study::traffic::day::routed;
    let case = prepared(&town(false), None);
    let hour = peak(&case);
    let day = routed(&case, PEAK..PEAK + 1, 1, &CancelToken::new()).unwrap();
    assert!(day.trips.len() > 300 && day.trips.len() == day.route_of.len());
    let mut on = vec![0.0; case.network.links.len()];
    for (trip, route) in day.trips.iter().zip(&day.route_of) {
        let way: Vec<_> = day.routes.of(*route).iter().map(|l| &case.network.links[*l as usize]).collect();
        assert!(way.windows(2).all(|w| w[0].to == w[1].from));
        assert_eq!((way[0].from, way[way.len() - 1].to), (trip.from, trip.to));
        day.routes.of(*route).iter().for_each(|l| on[*l as usize] += 1.0);
    }
    let (busiest, state) =
        hour.links.iter().enumerate().max_by(|a, b| a.1.vehicles.sum().total_cmp(&b.1.vehicles.sum())).unwrap();
    assert!((on[busiest] / state.vehicles.sum() - 1.0).abs() < 0.15, "{} {}", on[busiest], state.vehicles.sum());
    assert_eq!(day.trips, routed(&case, PEAK..PEAK + 1, 1, &CancelToken::new()).unwrap().trips);
}
