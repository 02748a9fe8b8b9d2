//! Traffic of a scene: a small town from its layers to the files of an hour, plans and edits, what it says of bad input.

mod common;

use common::layer;
use common::town::{at, town};
use island_twin::base::cancel::CancelToken;
use island_twin::geo::grid::{Grid, GridSpec};
use island_twin::model::layer::LayerRole;
use island_twin::model::project::Project;
use island_twin::model::style::Text2;
use island_twin::model::table::{FeatureTable, FieldKind, Value};
use island_twin::sim::traffic::assign::equilibrium::Stop;
use island_twin::sim::traffic::audit::Oddity;
use island_twin::sim::traffic::demand::day::Vehicles;
use island_twin::sim::traffic::demand::table::DemandTable;
use island_twin::sim::traffic::error::TrafficError;
use island_twin::sim::traffic::road_table::RoadTable;
use island_twin::study::traffic::case::{Hour, PEAK, Tables, TrafficCase};
use island_twin::study::traffic::evacuation::{self, Evacuation, NoAnswer, Question};
use island_twin::study::traffic::isochrone;
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

/// The highway takes 3,100 m at 70 km/h and the byway 3,420 m at 40 km/h: the other town is reached by the highway.
#[test]
fn areas_are_reached_in_the_minutes_that_roads_take() {
    let case = prepared(&town(false), None);
    let hour = peak(&case);
    let crs = &town(false).frame.crs;
    let reach = isochrone::reach(&case, &hour, at(450.0, 450.0), crs).unwrap();
    let minutes = |x: f64, y: f64| f64::from(reach.minutes.at(at(x, y)).unwrap());
    let highway = case.network.links.iter().zip(&hour.links).filter(|(l, _)| l.name == "Quốc lộ");
    let one_way_min = highway.map(|(_, s)| s.time_s).fold(f64::INFINITY, f64::min) / 60.0;
    let along = minutes(4000.0, 300.0) - minutes(900.0, 300.0);
    assert!((along - one_way_min).abs() < 1.5, "{along} {one_way_min}");
    // 400 m beside the road on foot are some five and a half minutes more, to within a cell; farther away nobody is told to walk.
    let beside = minutes(2500.0, 700.0) - minutes(2500.0, 300.0);
    assert!((3.8..6.5).contains(&beside), "{beside}");
    assert!(reach.minutes.at(at(2500.0, -400.0)).is_none_or(f32::is_nan));
    let table = isochrone::table(&case, &[("a".to_owned(), vec![reach])], &[3.0, 8.0, 30.0]);
    let column = |row: usize, name: &str| table.value(row, name).as_f64().unwrap();
    assert_eq!(table.len(), 3);
    let areas = [0, 1, 2].map(|row| column(row, "area_ha"));
    assert!(areas[0] < areas[1] && areas[1] < areas[2], "{areas:?}");
    assert!((column(2, "residents") - 6000.0).abs() < 1.0 && column(0, "residents") <= 6000.0);
    assert!(isochrone::reach(&case, &hour, at(40_000.0, 0.0), crs).is_none());
}

/// The western town as a commune.
fn with_commune() -> Project {
    let mut project = town(false);
    let mut table = FeatureTable::with_fields(&[("MAXA", FieldKind::Text), ("TENXA", FieldKind::Text)]);
    let ring = [at(-300.0, -300.0), at(1500.0, -300.0), at(1500.0, 1500.0), at(-300.0, 1500.0), at(-300.0, -300.0)];
    table.geometry.push_polygon(&[&ring]);
    table.push_row(&[Value::Text("00123"), Value::Text("Xã Tây")]);
    project.layers.push(std::sync::Arc::new(layer("communes", "Xã", LayerRole::Communes, table)));
    project
}

fn evacuated(project: &Project, case: &TrafficCase, fire: Option<(&Grid<f32>, f64)>) -> Evacuation {
    let question =
        Question { commune: "tay", exits: vec![at(4400.0, 300.0)], fire, seed: 1, span_s: 12.0 * 3600.0, packet: 1.0 };
    evacuation::run(project, case, &question, &CancelToken::new()).unwrap()
}

#[test]
fn a_commune_is_left_and_a_fire_closes_roads_as_it_comes() {
    let project = with_commune();
    let case = prepared(&project, None);
    let free = evacuated(&project, &case, None);
    assert!((free.persons - 6000.0).abs() < 1e-6 && free.closed.is_empty());
    assert_eq!((free.loaded.arrived(), free.loaded.stranded), (free.trips.len(), 0));
    assert!((free.out_by(12.0 * 3600.0) - free.persons).abs() < 1e-6);
    // A front from the south comes to the highway, 300 m north, after an hour, and never to the byway.
    let spec = GridSpec::north_up(project.frame.crs.clone(), at(1500.0, 0.0)[0], at(0.0, 500.0)[1], 50.0, 20, 10);
    let mut arrival = Grid::filled(spec, f32::NAN);
    for row in 0..arrival.spec.rows {
        let north = 500.0 - (row as f64 + 0.5) * 50.0;
        (0..20).for_each(|col| arrival.set(col, row, (north * 12.0) as f32));
    }
    let burnt = evacuated(&project, &case, Some((&arrival, 600.0)));
    let highway: Vec<u32> =
        (0..).zip(&case.network.links).filter(|(_, l)| l.name == "Quốc lộ").map(|(l, _)| l).collect();
    assert_eq!(burnt.closed.len(), highway.len());
    let closes_s = burnt.closed[0].1;
    assert!((2400.0..3600.0).contains(&closes_s) && burnt.closed.iter().all(|c| highway.contains(&c.0)));
    // Those who are late go around by the byway, nobody is lost, and it takes no less long.
    assert_eq!((burnt.loaded.arrived(), burnt.loaded.stranded), (burnt.trips.len(), 0));
    let record = &burnt.loaded.record;
    let late = (closes_s / record.interval_s).ceil() as usize..record.intervals();
    let after = |links: &[u32]| links.iter().map(|l| record.sum(late.clone(), *l).vehicles).sum::<u32>();
    let byway: Vec<u32> =
        (0..).zip(&case.network.links).filter(|(_, l)| l.name == "Đường vòng").map(|(l, _)| l).collect();
    assert!(after(&highway) == 0 && after(&byway) > 0, "{} {}", after(&highway), after(&byway));
    assert!(burnt.out_at_s(1.0).unwrap() >= free.out_at_s(0.9).unwrap());
    // The same on three threads.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let again = pool.install(|| evacuated(&project, &case, Some((&arrival, 600.0))));
    assert!(again.loaded.arrival_s.iter().zip(&burnt.loaded.arrival_s).all(|(a, b)| a.to_bits() == b.to_bits()));
}

#[test]
fn an_evacuation_that_cannot_be_is_told() {
    let project = with_commune();
    let case = prepared(&project, None);
    let ask = |commune, exit: [f64; 2]| {
        let question = Question { commune, exits: vec![exit], fire: None, seed: 1, span_s: 3600.0, packet: 1.0 };
        evacuation::run(&project, &case, &question, &CancelToken::new()).map(|_| ()).unwrap_err()
    };
    assert_eq!(ask("Đông", at(4400.0, 300.0)), NoAnswer::UnknownCommune { known: vec!["Xã Tây".to_owned()] });
    assert_eq!(ask("", at(4400.0, 300.0)), NoAnswer::UnknownCommune { known: vec!["Xã Tây".to_owned()] });
    assert_eq!(ask("00123", at(40_000.0, 0.0)), NoAnswer::ExitAtSea { exit: 1 });
    assert_eq!(ask("Xã Tây", at(300.0, 300.0)), NoAnswer::ExitInside { exit: 1 });
}
