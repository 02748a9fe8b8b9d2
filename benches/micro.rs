//! Traffic vehicle by vehicle: `cargo bench --no-default-features --bench micro`.

use divan::Bencher;
use divan::counter::ItemsCount;
use island_twin::base::cancel::CancelToken;
use island_twin::base::rng::KeyedRng;
use island_twin::sim::traffic::control::two_phases;
use island_twin::sim::traffic::meso::diagram::Diagram;
use island_twin::sim::traffic::meso::guidance::Guidance;
use island_twin::sim::traffic::meso::input::{Roads, Trip, VehicleClass};
use island_twin::sim::traffic::meso::learning::{Learning, learn};
use island_twin::sim::traffic::meso::loading::{LoadingOptions, load_guided};
use island_twin::sim::traffic::micro::drive::{Case, MicroTrip, Way};
use island_twin::sim::traffic::micro::driver::Driver;
use island_twin::sim::traffic::micro::simulation::Micro;
use island_twin::sim::traffic::network::{Control, Link, Network, Node};
use island_twin::sim::traffic::road_class::RoadClass;

fn main() {
    divan::main();
}

fn grid(n: u32, length_m: f64, free_speed_mps: f64, lanes: u8) -> Network {
    let at = |i: u32| [f64::from(i % n) * length_m, f64::from(i / n) * length_m];
    let node = |i| Node { id: u64::from(i), at: at(i), control: Control::Uncontrolled };
    let mut network = Network { nodes: (0..n * n).map(node).collect(), ..Network::default() };
    for a in 0..n * n {
        let beside = [(a % n + 1 < n).then_some(a + 1), (a / n + 1 < n).then_some(a + n)];
        for b in beside.into_iter().flatten() {
            for (from, to) in [(a, b), (b, a)] {
                let id = network.links.len() as u64;
                network.links.push(Link {
                    id,
                    from,
                    to,
                    length_m,
                    free_speed_mps,
                    lanes,
                    capacity_pcu_per_h: 1800.0 * f64::from(lanes),
                    class: RoadClass::Street,
                    feature: id,
                    name: String::new(),
                    line: Vec::new(),
                });
            }
        }
    }
    network
}

/// 31 x 31 signalised crossings, 20,000 vehicles that depart within 5 minutes: a minute of it from the fifth on.
fn city(motorbikes: f64) -> Micro {
    let n = 31;
    let mut network = grid(n, 200.0, 13.89, 2);
    for node in 0..n * n {
        network.nodes[node as usize].control = two_phases(&network, node, 60.0, f64::from(node % 7) * 8.0, false);
    }
    let rng = KeyedRng::new(1, 1);
    let nodes = u64::from(n * n);
    let trips = (0..20_000)
        .map(|i| {
            let from = rng.below(1, i, nodes);
            let to = (from + 1 + rng.below(2, i, nodes - 1)) % nodes;
            let way = Way::Nodes { from: from as u32, to: to as u32 };
            MicroTrip { depart_s: rng.unit(3, i) * 300.0, driver: u8::from(rng.unit(4, i) < motorbikes), way }
        })
        .collect();
    Micro::new(Case::new(&network, None, vec![Driver::car(), Driver::motorbike()], trips).unwrap())
}

/// (threads, share of motorbikes)
#[divan::bench(args = [(1, 0.0), (2, 0.0), (1, 0.7), (2, 0.7)], sample_count = 1, sample_size = 1)]
fn a_minute_of_20000_vehicles(bencher: Bencher, (threads, motorbikes): (usize, f64)) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let mut micro = city(motorbikes);
    pool.install(|| (0..300).for_each(|_| micro.second()));
    let on_the_way = micro.counts().on_the_way as usize;
    bencher
        .counter(ItemsCount::new(60 * on_the_way))
        .bench_local(|| pool.install(|| (0..60).for_each(|_| micro.second())));
}

/// 11 x 11 crossings 1 km apart, 60,500 vehicles from side to side within 50 minutes, followed for 10,000 s; drivers listen.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn day_of_60500_vehicles(bencher: Bencher) {
    let n = 11;
    let mut roads = Roads::new(&grid(n, 1000.0, 20.0, 1)).unwrap();
    roads.diagrams.fill(Diagram::of_lanes(1000.0, 20.0, 0.2, 1.0, 1.0));
    let last = n - 1;
    let pairs = (0..n).flat_map(|a| (0..n).map(move |b| (a, b))).flat_map(|(a, b)| {
        let (west, east, south, north) =
            ((a * n, b * n), (a * n + last, b * n + last), (a, b), (last * n + a, last * n + b));
        [(west.0, east.1), (east.0, west.1), (south.0, north.1), (north.0, south.1)]
    });
    let trip = |(from, to), k: u32| Trip { depart_s: f64::from(k) * 24.0, from, to, class: 0 };
    let trips: Vec<Trip> = pairs.flat_map(|p| (0..125).map(move |k| trip(p, k))).collect();
    assert_eq!(trips.len(), 60_500);
    let classes = [VehicleClass::car()];
    let options = LoadingOptions { span_s: 10_000.0, interval_s: 600.0, keep_passages: false };
    bencher.counter(ItemsCount::new(trips.len())).bench_local(|| {
        load_guided(&roads, &classes, &trips, Guidance::default(), &[], options, &CancelToken::new()).unwrap()
    });
}

/// 500,000 trips within a day between 100 places, 40 x 40 crossings 400 m apart: 13 million links entered.
#[divan::bench(sample_count = 1, sample_size = 1)]
fn day_of_500000_trips(bencher: Bencher) {
    let roads = Roads::new(&grid(40, 400.0, 11.0, 2)).unwrap();
    let rng = KeyedRng::new(1, 1);
    let trips: Vec<Trip> = (0..500_000)
        .map(|i| {
            let (from, step) = (rng.below(0, i, 100), 1 + rng.below(1, i, 99));
            let place = |zone: u64| (zone % 100 * 16) as u32;
            let depart_s = 18_000.0 + rng.unit(3, i) * 64_000.0;
            Trip { depart_s, from: place(from), to: place(from + step), class: u8::from(rng.unit(4, i) < 0.8) }
        })
        .collect();
    let classes = [VehicleClass::car(), VehicleClass::motorbike()];
    let options = LoadingOptions { interval_s: 3600.0, ..LoadingOptions::default() };
    bencher.counter(ItemsCount::new(trips.len())).bench_local(|| {
        learn(&roads, &classes, &trips, &[], Learning::default(), options, &CancelToken::new()).unwrap()
    });
}
