//! Every vehicle on the road: capacity against the closed form, and what must never happen.

use std::collections::BTreeMap;

use island_twin::base::cancel::CancelToken;
use island_twin::base::rng::KeyedRng;
use island_twin::sim::traffic::control::two_phases;
use island_twin::sim::traffic::meso::input::{Roads, Trip, VehicleClass};
use island_twin::sim::traffic::meso::learning::{Learning, learn};
use island_twin::sim::traffic::meso::loading::LoadingOptions;
use island_twin::sim::traffic::micro::drive::{Case, MicroTrip, Way};
use island_twin::sim::traffic::micro::driver::Driver;
use island_twin::sim::traffic::micro::simulation::Micro;
use island_twin::sim::traffic::micro::window::cut;
use island_twin::sim::traffic::network::{Control, Link, Network, Node};
use island_twin::sim::traffic::road_class::RoadClass;

fn node(id: u64, at: [f64; 2]) -> Node {
    Node { id, at, control: Control::Uncontrolled }
}

fn link(id: u64, from: u32, to: u32, length_m: f64, lanes: u8) -> Link {
    Link {
        id,
        from,
        to,
        length_m,
        free_speed_mps: 13.89,
        lanes,
        capacity_pcu_per_h: 1800.0 * f64::from(lanes),
        class: RoadClass::Street,
        feature: id,
        name: id.to_string(),
        line: Vec::new(),
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Signals,
    Actuated,
    Priority,
    Uncontrolled,
}

fn grid(n: u32, kind: Kind) -> Network {
    let at = |i: u32| [f64::from(i % n) * 180.0, f64::from(i / n) * 180.0];
    let mut network = Network { nodes: (0..n * n).map(|i| node(u64::from(i), at(i))).collect(), ..Network::default() };
    for a in 0..n * n {
        let beside = [(a % n + 1 < n).then_some(a + 1), (a / n + 1 < n).then_some(a + n)];
        for b in beside.into_iter().flatten() {
            for (from, to) in [(a, b), (b, a)] {
                let mut link = link(network.links.len() as u64, from, to, 180.0, 2);
                // Every other street is a main road.
                let main = if a % n == b % n { (a % n).is_multiple_of(2) } else { (a / n).is_multiple_of(2) };
                link.class = if main { RoadClass::Main } else { RoadClass::Street };
                network.links.push(link);
            }
        }
    }
    for a in 0..n * n {
        network.nodes[a as usize].control = match kind {
            Kind::Signals => two_phases(&network, a, 60.0, f64::from(a % 7) * 8.0, false),
            Kind::Actuated => two_phases(&network, a, 60.0, 0.0, true),
            Kind::Priority => Control::Priority,
            Kind::Uncontrolled => Control::Uncontrolled,
        };
    }
    network
}

fn traffic(network: &Network, vehicles: u64, motorbikes: f64) -> Micro {
    let rng = KeyedRng::new(7, 1);
    let n = network.nodes.len() as u64;
    let trips = (0..vehicles)
        .map(|i| {
            let from = rng.below(1, i, n);
            let to = (from + 1 + rng.below(2, i, n - 1)) % n;
            let driver = if rng.unit(4, i) < motorbikes { 1 } else { 2 * u8::from(rng.unit(5, i) < 0.05) };
            let way = Way::Nodes { from: from as u32, to: to as u32 };
            MicroTrip { depart_s: rng.unit(3, i) * 200.0, driver, way }
        })
        .collect();
    let drivers = vec![Driver::car(), Driver::motorbike(), Driver::truck()];
    Micro::new(Case::new(network, None, drivers, trips).unwrap())
}

/// Nobody in another's place, nobody off the road, nobody lost, and everybody where the speed can have brought it.
fn watch(mut micro: Micro, seconds: u32) -> Micro {
    let total = micro.case().trips.len() as u64;
    let mut before: BTreeMap<u32, (u32, f32)> = BTreeMap::new();
    for second in 0..seconds {
        micro.second();
        let faults = micro.faults();
        assert!(faults.collisions.is_empty() && faults.astray == 0, "{second} s: {faults:?}");
        let counts = micro.counts();
        assert_eq!(counts.inserted, counts.arrived + counts.on_the_way);
        assert_eq!(counts.inserted + micro.pending() as u64, total);
        let mut now = BTreeMap::new();
        for (link, v) in micro.vehicles() {
            let place = v.x_m;
            match before.get(&v.trip) {
                // At most 14 m in a second, over the end of a link into the next.
                Some((old, x)) if *old == link => {
                    assert!((0.0..14.5).contains(&(place - x)), "{v:?} was at {x}");
                }
                Some((old, x)) => {
                    let street = |l: u32| &micro.case().streets.streets[l as usize];
                    assert_eq!(street(*old).to, street(link).from, "{v:?} jumped from {old} to {link}");
                    assert!(street(*old).length_m - x + place < 14.5, "{v:?}");
                }
                // New ones stand at the beginning of their way.
                None => assert!(place - v.length_m < 14.5, "{v:?} is born in the middle"),
            }
            now.insert(v.trip, (link, place));
        }
        before = now;
    }
    micro
}

#[test]
fn cars_at_signals_never_collide_jump_or_vanish() {
    let micro = watch(traffic(&grid(5, Kind::Signals), 500, 0.0), 700);
    assert_eq!(micro.counts().arrived, 500, "{:?}", micro.counts());
}

#[test]
fn cars_at_actuated_signals_arrive_too() {
    let micro = watch(traffic(&grid(4, Kind::Actuated), 250, 0.0), 700);
    assert_eq!(micro.counts().arrived, 250, "{:?}", micro.counts());
}

#[test]
fn cars_give_way_where_there_are_no_signals() {
    for kind in [Kind::Priority, Kind::Uncontrolled] {
        let micro = watch(traffic(&grid(5, kind), 300, 0.0), 800);
        assert_eq!(micro.counts().arrived, 300, "{:?}", micro.counts());
    }
}

#[test]
fn motorbikes_among_cars_never_collide_jump_or_vanish() {
    let micro = watch(traffic(&grid(4, Kind::Signals), 500, 0.7), 600);
    assert_eq!(micro.counts().arrived, 500, "{:?}", micro.counts());
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let state = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        // So many links that threads share them.
        let mut micro = traffic(&grid(9, Kind::Signals), 1500, 0.5);
        pool.install(|| (0..150).for_each(|_| micro.second()));
        micro.vehicles().map(|(l, v)| (l, *v)).collect::<Vec<_>>()
    };
    let one = state(1);
    assert!(one.len() > 200, "{}", one.len());
    assert!(one == state(2) && one == state(4));
}

/// A ring of 1 km, driven around for ever by `n` vehicles: flow in vehicles an hour. Twenty sides, so that no corner is
/// a turn that is taken slowly.
fn flow_on_a_ring(driver: Driver, speed_mps: f64, lanes: u8, n: usize) -> f64 {
    const SIDES: u32 = 20;
    let radius = 1000.0 / std::f64::consts::TAU;
    let corner = |i: u32| {
        let (sin, cos) = (f64::from(i) / f64::from(SIDES) * std::f64::consts::TAU).sin_cos();
        node(u64::from(i), [radius * cos, radius * sin])
    };
    let side = |i: u32| Link { free_speed_mps: speed_mps, ..link(u64::from(i), i, (i + 1) % SIDES, 50.0, lanes) };
    let network = Network {
        nodes: (0..SIDES).map(corner).collect(),
        links: (0..SIDES).map(side).collect(),
        ..Network::default()
    };
    let around = |first: u32| (0..400).map(|i| (first + i) % SIDES).collect::<Vec<u32>>();
    let first = |i: usize| (i * SIDES as usize / n) as u32;
    let trip = |i: usize| MicroTrip { depart_s: 0.0, driver: 0, way: Way::Links(around(first(i))) };
    let case = Case::new(&network, None, vec![driver], (0..n).map(trip).collect()).unwrap();
    let mut micro = Micro::new(case);
    for _ in 0..600 {
        micro.second();
    }
    assert_eq!(micro.counts().on_the_way, n as u64);
    let sum: f64 = micro.vehicles().map(|(_, v)| f64::from(v.speed_mps)).sum();
    sum / 1000.0 * 3600.0
}

#[test]
fn a_file_of_cars_and_one_of_motorbikes_flow_as_the_closed_form_says() {
    let car = Driver::car();
    let (best, speed) = car.capacity(15.0);
    let spacing = car.equilibrium_gap_m(speed, 15.0) + f64::from(car.length_m);
    let flow = flow_on_a_ring(car, 15.0, 1, (1000.0 / spacing).round() as usize);
    assert!((flow / (best * 3600.0) - 1.0).abs() < 0.01, "{flow}");
    let bike = Driver { filters: false, ..Driver::motorbike() };
    let (best, speed) = bike.capacity(11.11);
    let spacing = bike.equilibrium_gap_m(speed, 11.11) + f64::from(bike.length_m);
    let flow = flow_on_a_ring(bike, 11.11, 1, (1000.0 / spacing).round() as usize);
    assert!((flow / (best * 3600.0) - 1.0).abs() < 0.01, "{flow}");
}

/// Hanoi, 2012: two lanes carry 13,358 motorbikes an hour.
#[test]
fn two_lanes_carry_as_many_motorbikes_as_were_counted() {
    let flow = |n| flow_on_a_ring(Driver::motorbike(), 11.11, 2, n);
    let most = [400, 450, 500].map(flow).into_iter().fold(0.0, f64::max);
    assert!((most / 13_358.0 - 1.0).abs() < 0.1, "{most}");
}

/// Cars stand at red; motorbikes that come later end before them.
#[test]
fn motorbikes_filter_to_the_front_of_a_queue() {
    let mut network = Network {
        nodes: vec![node(0, [0.0, 0.0]), node(1, [300.0, 0.0]), node(2, [600.0, 0.0])],
        links: vec![link(0, 0, 1, 300.0, 2), link(1, 1, 2, 300.0, 2)],
        ..Network::default()
    };
    network.nodes[1].control = two_phases(&network, 1, 200.0, 80.0, false);
    let red = island_twin::sim::traffic::network::Phase { green_s: 100.0, clearance_s: 0.0, links: Vec::new() };
    if let Control::Signal(plan) = &mut network.nodes[1].control {
        plan.offset_s = 0.0;
        plan.phases.insert(0, red);
    }
    let way = || Way::Links(vec![0, 1]);
    let mut trips: Vec<MicroTrip> =
        (0..12).map(|i| MicroTrip { depart_s: f64::from(i), driver: 0, way: way() }).collect();
    trips.extend((0..6).map(|i| MicroTrip { depart_s: 20.0 + f64::from(i), driver: 1, way: way() }));
    let drivers = vec![Driver::car(), Driver::motorbike()];
    let mut micro = Micro::new(Case::new(&network, None, drivers, trips).unwrap());
    (0..99).for_each(|_| micro.second());
    let front =
        |driver: u8| micro.vehicles().filter(|(_, v)| v.driver == driver).map(|(_, v)| v.x_m).fold(0.0, f32::max);
    let passed = |bike_x: f32| micro.vehicles().filter(|(_, v)| v.driver == 0 && v.rear_m() < bike_x).count();
    assert!(front(0) < 300.0 && front(1) < 300.0);
    assert!(passed(front(1)) >= 8, "bike at {}, cars to {}", front(1), front(0));
}

/// Whoever comes through the window on the day comes through it vehicle by vehicle: nobody more, nobody less.
#[test]
fn the_day_hands_its_vehicles_over_without_loss() {
    let network = grid(6, Kind::Signals);
    let roads = Roads::new(&network).unwrap();
    let rng = KeyedRng::new(3, 3);
    let trips: Vec<Trip> = (0..600)
        .map(|i| {
            let from = rng.below(1, i, 36);
            let to = (from + 1 + rng.below(2, i, 35)) % 36;
            Trip { depart_s: rng.unit(3, i) * 600.0, from: from as u32, to: to as u32, class: 0 }
        })
        .collect();
    let options = LoadingOptions { span_s: 3600.0, keep_passages: true, ..LoadingOptions::default() };
    // Vehicles do not turn round at crossings; the day's ways must not either.
    let mut roads = roads;
    let back: Vec<(u32, u32)> = (0..roads.links() as u32)
        .flat_map(|a| {
            let roads = &roads;
            let out = roads.outgoing.of(roads.to[a as usize]).iter();
            out.filter(move |b| roads.to[**b as usize] == roads.from[a as usize]).map(move |b| (a, *b))
        })
        .collect();
    roads.bans = back;
    roads.bans.sort_unstable();
    let classes = [VehicleClass::car()];
    let day = learn(&roads, &classes, &trips, &[], Learning::default(), options, &CancelToken::new()).unwrap();
    let window = cut(
        &network,
        [170.0, 170.0, 550.0, 550.0],
        (trips.len(), day.loaded.passages.iter().copied()),
        |_| 0,
        0.0,
        3600.0,
    );
    let inside = |link: u32| network.links.get(link as usize).is_some_and(|l| window.network.links.contains(l));
    let mut came = 0;
    let mut was_inside = vec![false; trips.len()];
    for p in &day.loaded.passages {
        let now = inside(p.link);
        came += usize::from(now && !was_inside[p.vehicle as usize]);
        was_inside[p.vehicle as usize] = now;
    }
    assert!(came > 200);
    assert_eq!(window.trips.len(), came);
    let case = Case::new(&window.network, None, vec![Driver::car()], window.trips).unwrap();
    let micro = watch(Micro::new(case), 1200);
    assert_eq!(micro.counts().arrived as usize, came, "{:?}", micro.counts());
}
