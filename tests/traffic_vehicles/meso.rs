//! The mesoscopic day against kinematic-wave theory: every figure here is worked out by hand from the triangle.

use island_twin::base::cancel::CancelToken;
use island_twin::sim::traffic::meso::diagram::Diagram;
use island_twin::sim::traffic::meso::guidance::Guidance;
use island_twin::sim::traffic::meso::input::{Restriction, Roads, Trip, VehicleClass};
use island_twin::sim::traffic::meso::learning::{DayError, Learned, Learning, learn, learn_from};
use island_twin::sim::traffic::meso::loading::{Loaded, LoadingOptions, load_guided};
use island_twin::sim::traffic::network::{Control, Link, Network, Node, Phase, SignalPlan};
use island_twin::sim::traffic::road_class::RoadClass;

/// 1 km, 20 m/s, one lane of 0.2 vehicles/m, reaction 1 s: capacity 0.8 veh/s, waves of 5 m/s.
fn link(id: u64, from: u32, to: u32) -> Link {
    Link {
        id,
        from,
        to,
        length_m: 1000.0,
        free_speed_mps: 20.0,
        lanes: 1,
        capacity_pcu_per_h: 2880.0,
        class: RoadClass::Street,
        feature: id,
        name: String::new(),
        line: Vec::new(),
    }
}

fn roads(links: Vec<Link>, controls: Vec<Control>) -> Roads {
    let nodes = controls.into_iter().zip(0..).map(|(control, id)| Node { id, at: [0.0, 0.0], control }).collect();
    let network = Network { nodes, links, ..Network::default() };
    let mut roads = Roads::new(&network).unwrap();
    for (diagram, link) in roads.diagrams.iter_mut().zip(&network.links) {
        *diagram = Diagram::of_lanes(link.length_m, link.free_speed_mps, 0.2, 1.0, f64::from(link.lanes));
    }
    roads
}

fn plain(nodes: usize) -> Vec<Control> {
    vec![Control::Uncontrolled; nodes]
}

/// A vehicle every 1 / rate seconds.
fn demand(from: u32, to: u32, rate: f64, until_s: f64, class: u8) -> Vec<Trip> {
    let n = (rate * until_s).round() as u32;
    (0..n).map(|i| Trip { depart_s: f64::from(i) / rate, from, to, class }).collect()
}

fn drive(roads: &Roads, trips: &[Trip], restrictions: &[Restriction], span_s: f64) -> Learned {
    let classes = [VehicleClass::car(), VehicleClass::motorbike()];
    let options = LoadingOptions { span_s, keep_passages: true, ..LoadingOptions::default() };
    learn(roads, &classes, trips, restrictions, Learning::default(), options, &CancelToken::new()).unwrap()
}

/// When vehicles enter a link.
fn entries(learned: &Learned, link: u32) -> Vec<f64> {
    learned.loaded.passages.iter().filter(|p| p.link == link).map(|p| p.time_s).collect()
}

fn between(times: &[f64], from: f64, until: f64) -> f64 {
    times.iter().filter(|t| **t >= from && **t < until).count() as f64
}

#[test]
fn a_free_link_takes_its_length_over_its_speed() {
    let roads = roads(vec![link(1, 0, 1)], plain(2));
    let trips = demand(0, 1, 0.5, 500.0, 0);
    let day = drive(&roads, &trips, &[], 1000.0);
    assert_eq!(day.loaded.arrived(), 250);
    assert!((day.loaded.total_travel_time_s(&trips) - 12_500.0).abs() < 1e-6);
}

#[test]
fn more_than_capacity_waits_at_the_entrance() {
    let roads = roads(vec![link(1, 0, 1)], plain(2));
    let trips = demand(0, 1, 1.0, 400.0, 0);
    let day = drive(&roads, &trips, &[], 2000.0);
    // The last of 400 enters 399 headways of 1.25 s after the first, and takes 50 s.
    let last = day.loaded.arrival_s.iter().copied().fold(0.0, f64::max);
    assert!((last - (399.0 * 1.25 + 50.0)).abs() < 1e-6, "{last}");
}

/// Rankine & Hugoniot: between 0.6 veh/s free (0.03 veh/m) and 0.4 veh/s queued (0.12 veh/m) the shock travels at
/// 0.2 / -0.09 = -2.22 m/s: from the end, reached at 50 s, it is back at the beginning at 500 s.
#[test]
fn a_queue_grows_back_at_the_speed_of_its_shock_and_spills_back() {
    let mut narrow = link(2, 1, 2);
    narrow.capacity_pcu_per_h = 1440.0;
    let mut roads = roads(vec![link(1, 0, 1), narrow], plain(3));
    roads.diagrams[1] = Diagram::new(1000.0, 20.0, 0.4, 0.2);
    let trips = demand(0, 2, 0.6, 1500.0, 0);
    let day = drive(&roads, &trips, &[], 1500.0);
    let (first, second) = (entries(&day, 0), entries(&day, 1));
    assert!((between(&second, 100.0, 1100.0) - 400.0).abs() <= 1.0);
    assert!((between(&first, 0.0, 500.0) - 300.0).abs() <= 2.0, "{}", between(&first, 0.0, 500.0));
    // From then on only what leaves one wave time before enters.
    assert!((between(&first, 520.0, 1520.0) - 392.0).abs() <= 2.0, "{}", between(&first, 520.0, 1520.0));
    let before = first.windows(2).filter(|w| w[1] < 490.0).map(|w| w[1] - w[0]).fold(0.0, f64::max);
    let after = first.windows(2).filter(|w| w[0] > 510.0).map(|w| w[1] - w[0]).fold(f64::INFINITY, f64::min);
    assert!(before < 1.0 / 0.6 + 1e-6 && after > 2.5 - 1e-6, "{before} {after}");
    assert_eq!(day.loaded.arrived() as u32 + day.loaded.on_the_way + day.loaded.waiting, 900);
}

/// A road in four pieces before a narrow one is driven as one link; its pieces are told as if each were driven by itself,
/// also those who are still on them in the end. A restriction that restricts nothing keeps all links apart.
#[test]
fn a_road_in_pieces_is_told_piece_by_piece() {
    let lengths = [300.0, 200.0, 400.0, 100.0, 1000.0];
    let piece = |(i, length_m): (u32, f64)| Link { length_m, ..link(u64::from(i) + 1, i, i + 1) };
    let mut net = roads((0..).zip(lengths).map(piece).collect(), plain(6));
    net.diagrams[4] = Diagram::new(1000.0, 20.0, 0.4, 0.2);
    let apart = [Restriction { link: 4, from_s: 1e6, until_s: 2e6, capacity_left: 1.0 }];
    // The queue reaches back over all pieces, and is gone at 3,600 s.
    let trips = [demand(0, 5, 0.6, 1200.0, 0), demand(0, 5, 0.3, 600.0, 0)].concat();
    for span_s in [1000.0, 2400.0, 4000.0] {
        let (joined, single) = (drive(&net, &trips, &[], span_s), drive(&net, &trips, &apart, span_s));
        for l in 0..5 {
            let (a, b) = (sorted(entries(&joined, l)), sorted(entries(&single, l)));
            assert_eq!(a.len(), b.len(), "link {l} until {span_s} s");
            let worst = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(worst < 1e-6, "link {l} until {span_s} s: {worst}");
            let all = |day: &Learned| day.loaded.record.sum(0..day.loaded.record.intervals(), l);
            let (a, b) = (all(&joined), all(&single));
            assert_eq!((a.vehicles, a.left), (b.vehicles, b.left));
            assert!((a.time_s - b.time_s).abs() < 1e-3 && (a.free_time_s - b.free_time_s).abs() < 1e-3);
        }
        assert_eq!(joined.loaded.transfers, single.loaded.transfers);
        assert_eq!(joined.loaded.on_the_way, single.loaded.on_the_way);
    }
    // Without passages vehicles that drive freely are counted together: the counts are the same.
    let options = LoadingOptions { span_s: 4000.0, ..LoadingOptions::default() };
    let go = || learn(&net, &[VehicleClass::car()], &trips, &[], Learning::default(), options, &CancelToken::new());
    let (together, each) = (go().unwrap().loaded, drive(&net, &trips, &[], 4000.0).loaded);
    for (a, b) in together.record.counts.iter().zip(&each.record.counts) {
        assert_eq!((a.vehicles, a.left), (b.vehicles, b.left));
        assert!((a.time_s - b.time_s).abs() < 1e-3 && (a.free_time_s - b.free_time_s).abs() < 1e-3);
    }
}

fn sorted(mut times: Vec<f64>) -> Vec<f64> {
    times.sort_by(f64::total_cmp);
    times
}

#[test]
fn a_merge_shares_by_priority_and_leaves_what_is_not_used() {
    let mut net = roads(vec![link(1, 0, 2), link(2, 1, 2), link(3, 2, 3)], plain(4));
    net.merge_weight = vec![2.0, 1.0, 1.0];
    let both = [demand(0, 3, 0.8, 1000.0, 0), demand(1, 3, 0.8, 1000.0, 0)].concat();
    let day = drive(&net, &both, &[], 900.0);
    let into = |from: u32, day: &Learned, trips: &[Trip]| {
        let all = day.loaded.passages.iter().filter(|p| p.link == 2 && (100.0..850.0).contains(&p.time_s));
        all.filter(|p| trips[p.vehicle as usize].from == from).count() as f64
    };
    // 0.8 veh/s over 750 s is 600: two thirds and one third.
    assert!((into(0, &day, &both) - 400.0).abs() <= 1.0, "{}", into(0, &day, &both));
    assert!((into(1, &day, &both) - 200.0).abs() <= 1.0, "{}", into(1, &day, &both));
    // The first wants only 0.2: the second gets the 0.6 that are left.
    let little = [demand(0, 3, 0.2, 1000.0, 0), demand(1, 3, 0.8, 1000.0, 0)].concat();
    let day = drive(&net, &little, &[], 900.0);
    assert!((into(0, &day, &little) - 150.0).abs() <= 1.0 && (into(1, &day, &little) - 450.0).abs() <= 2.0);
}

/// First in first out (Daganzo 1995, eq. 10): a branch that lets 0.2 veh/s through holds up those for the other too.
#[test]
fn a_full_branch_of_a_diverge_holds_up_the_other() {
    let mut net = roads(vec![link(1, 0, 1), link(2, 1, 2), link(3, 1, 3)], plain(4));
    net.diagrams[1] = Diagram::new(1000.0, 20.0, 0.2, 0.2);
    let mut trips = Vec::new();
    for t in demand(0, 2, 0.8, 2000.0, 0) {
        let to = if trips.len() % 2 == 0 { 2 } else { 3 };
        trips.push(Trip { to, ..t });
    }
    let day = drive(&net, &trips, &[], 1500.0);
    for branch in [1, 2] {
        let n = between(&entries(&day, branch), 200.0, 1200.0);
        assert!((n - 200.0).abs() <= 1.0, "{branch}: {n}");
    }
}

/// Half green at 0.8 veh/s: a queue discharges 24 vehicles in a green of 30 s.
#[test]
fn a_signal_lets_its_greens_capacity_through() {
    let phase = |links: &[u64]| Phase { green_s: 30.0, clearance_s: 0.0, links: links.to_vec() };
    let plan = SignalPlan { offset_s: 0.0, phases: vec![phase(&[1]), phase(&[9])], actuation: None };
    let controls = vec![Control::Uncontrolled, Control::Signal(plan), Control::Uncontrolled];
    let net = roads(vec![link(1, 0, 1), link(2, 1, 2)], controls);
    let trips = demand(0, 2, 0.8, 1200.0, 0);
    let day = drive(&net, &trips, &[], 1200.0);
    let entered = entries(&day, 1);
    assert!(entered.iter().all(|t| t % 60.0 < 30.0), "somebody crossed at red");
    for cycle in 3..15 {
        let n = between(&entered, f64::from(cycle) * 60.0, f64::from(cycle + 1) * 60.0);
        assert!((n - 24.0).abs() <= 1.0, "{n} in cycle {cycle}");
    }
}

#[test]
fn motorbikes_pass_the_queue_of_cars() {
    let mut net = roads(vec![link(1, 0, 1), link(2, 1, 2)], plain(3));
    net.diagrams[1] = Diagram::new(1000.0, 20.0, 0.2, 0.2);
    let cars = demand(0, 2, 0.6, 600.0, 0);
    let bikes: Vec<Trip> =
        demand(0, 2, 0.1, 600.0, 1).into_iter().map(|t| Trip { depart_s: t.depart_s + 0.5, ..t }).collect();
    let day = drive(&net, &[cars.clone(), bikes].concat(), &[], 6000.0);
    let mean = |range: std::ops::Range<usize>, trips: &[Trip]| {
        let n = range.len() as f64;
        range.map(|i| day.loaded.arrival_s[i] - trips[i].depart_s).sum::<f64>() / n
    };
    let all = [cars.clone(), demand(0, 2, 0.1, 600.0, 1)].concat();
    let (car, bike) = (mean(0..cars.len(), &all), mean(cars.len()..all.len(), &all));
    assert!(bike < 140.0 && car > 500.0, "bike {bike} s, car {car} s");
}

/// A square that all drive around, fuller than it can hold: each side waits for the next, and this is said.
#[test]
fn a_standing_circle_is_told_and_nobody_is_taken_away() {
    let side = |id, from, to| Link { length_m: 100.0, ..link(id, from, to) };
    let mut links: Vec<Link> = (0..4).map(|i| side(u64::from(i) + 1, i, (i + 1) % 4)).collect();
    links.extend((0..4).map(|i| side(u64::from(i) + 11, i, i + 4)));
    let net = roads(links, plain(8));
    // Everybody drives three sides and out: from each corner as much as fits.
    let trips: Vec<Trip> = (0..4).flat_map(|i| demand(i, (i + 3) % 4 + 4, 0.7, 1200.0, 0)).collect();
    let day = drive(&net, &trips, &[], 3600.0).loaded;
    assert_eq!(day.arrived() + day.on_the_way as usize + day.waiting as usize, trips.len());
    assert_eq!(day.gridlocks.len(), 1, "{:?}", day.gridlocks);
    assert_eq!(day.gridlocks[0].links, [0, 1, 2, 3]);
    assert!(day.gridlocks[0].vehicles >= 76 && day.on_the_way >= 76);
}

fn guided(roads: &Roads, trips: &[Trip], restrictions: &[Restriction], span_s: f64) -> Loaded {
    let options = LoadingOptions { span_s, keep_passages: true, ..LoadingOptions::default() };
    let classes = [VehicleClass::car()];
    load_guided(roads, &classes, trips, Guidance::default(), restrictions, options, &CancelToken::new()).unwrap()
}

/// 11 x 11 crossings, 60,500 vehicles from side to opposite side: on the fastest ways of empty roads
/// they take twice as long.
#[test]
fn who_listens_on_the_way_spreads_and_all_arrive() {
    let n = 11;
    let beside = (0..n * n).flat_map(|a| {
        let next = [(a % n + 1 < n).then_some(a + 1), (a / n + 1 < n).then_some(a + n)];
        next.into_iter().flatten().flat_map(move |b| [(a, b), (b, a)])
    });
    let links = beside.zip(1..).map(|((a, b), id)| link(id, a, b)).collect();
    let net = roads(links, plain(n as usize * n as usize));
    let pairs = (0..n).flat_map(|a| (0..n).map(move |b| (a, b))).flat_map(|(a, b)| {
        let (west, east, south, north) = (a * n, b * n + n - 1, a, (n - 1) * n + b);
        [(west, east), (a * n + n - 1, b * n), (south, north), ((n - 1) * n + a, b)]
    });
    let trip = |(from, to), k: u32| Trip { depart_s: f64::from(k) * 24.0, from, to, class: 0 };
    let trips: Vec<Trip> = pairs.flat_map(|p| (0..125).map(move |k| trip(p, k))).collect();
    assert_eq!(trips.len(), 60_500);
    let keeps = drive(&net, &trips, &[], 10_000.0).loaded;
    assert!(keeps.arrived() < trips.len() * 2 / 3, "{}", keeps.arrived());
    let listens = guided(&net, &trips, &[], 10_000.0);
    assert_eq!((listens.arrived(), listens.on_the_way, listens.waiting), (trips.len(), 0, 0));
    assert!(listens.gridlocks.is_empty(), "{:?}", listens.gridlocks);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let again = pool.install(|| guided(&net, &trips, &[], 10_000.0));
    assert_eq!(again.passages, listens.passages);
}

#[test]
fn who_listens_turns_before_a_closed_road_and_a_standing_circle_is_told() {
    let net = roads(vec![link(1, 0, 1), link(2, 1, 2), link(3, 1, 3), link(4, 3, 2)], plain(4));
    let trips = demand(0, 2, 0.2, 1000.0, 0);
    let closed = Restriction { link: 1, from_s: 250.0, until_s: f64::INFINITY, capacity_left: 0.0 };
    let day = guided(&net, &trips, &[closed], 3000.0);
    assert!(day.passages.iter().filter(|p| p.link == 1).all(|p| p.time_s < 250.0));
    // Until the next news they learn it at the barrier: only those who had another way in mind have one.
    assert_eq!(day.arrived() + day.on_the_way as usize + day.waiting as usize, trips.len());
    assert_eq!(day.arrived(), trips.len(), "{} stand before a road that is closed for good", day.on_the_way);
    // The square of the test above has one way only: listening does not help, and nobody is taken away.
    let side = |id, from, to| Link { length_m: 100.0, ..link(id, from, to) };
    let mut links: Vec<Link> = (0..4).map(|i| side(u64::from(i) + 1, i, (i + 1) % 4)).collect();
    links.extend((0..4).map(|i| side(u64::from(i) + 11, i, i + 4)));
    let net = roads(links, plain(8));
    let trips: Vec<Trip> = (0..4).flat_map(|i| demand(i, (i + 3) % 4 + 4, 0.7, 1200.0, 0)).collect();
    let day = guided(&net, &trips, &[], 3600.0);
    assert_eq!(day.arrived() + day.on_the_way as usize + day.waiting as usize, trips.len());
    assert_eq!(day.gridlocks.len(), 1, "{:?}", day.gridlocks);
    assert_eq!(day.gridlocks[0].links, [0, 1, 2, 3]);
}

#[test]
fn closed_roads_are_gone_around_or_waited_for() {
    let net = roads(vec![link(1, 0, 1), link(2, 1, 2), link(3, 1, 3), link(4, 3, 2)], plain(4));
    let trips = demand(0, 2, 0.2, 1000.0, 0);
    let closed = |link, until_s| Restriction { link, from_s: 300.0, until_s, capacity_left: 0.0 };
    let day = drive(&net, &trips, &[closed(1, 600.0)], 3000.0);
    assert_eq!(day.loaded.arrived(), trips.len());
    assert!(entries(&day, 1).iter().all(|t| !(300.0..600.0).contains(t)));
    assert_eq!(between(&entries(&day, 2), 300.0, 600.0), 60.0);
    // No way around: they wait until it opens, or are told to be stranded.
    let day = drive(&net, &trips, &[closed(1, 600.0), closed(2, 600.0)], 3000.0);
    assert_eq!((day.loaded.arrived(), day.loaded.stranded), (trips.len(), 0));
    let day = drive(&net, &trips, &[closed(1, f64::INFINITY), closed(2, f64::INFINITY)], 3000.0);
    assert_eq!(day.loaded.arrived() + day.loaded.on_the_way as usize + day.loaded.waiting as usize, trips.len());
    assert_eq!(day.loaded.stranded, day.loaded.on_the_way);
    // When it opens, between two looks of the program too, those who wait drive in at capacity and not all at once.
    for opens_s in [600.0, 605.0, 607.3] {
        let day = drive(&net, &trips, &[closed(0, opens_s)], 3000.0);
        let entered = entries(&day, 0);
        assert_eq!(between(&entered, 300.0, opens_s), 0.0);
        let (waited, soonest_s) = (between(&entered, opens_s, opens_s + 50.0), 1.0 / 0.8);
        assert!((39.0..=41.0).contains(&waited), "{waited} in 50 s after {opens_s}");
        assert!(entered.windows(2).all(|w| w[1] - w[0] >= soonest_s - 1e-9), "too near after {opens_s}");
    }
    // An incident that leaves half the capacity.
    let busy = demand(0, 2, 0.8, 1000.0, 0);
    let half = Restriction { link: 1, from_s: 200.0, until_s: 700.0, capacity_left: 0.5 };
    let day = drive(&net, &busy, &[half], 3000.0);
    assert!((between(&entries(&day, 1), 200.0, 700.0) - 200.0).abs() <= 2.0);
}

/// Two ways, the shorter of them through a bottleneck: after some days both take about the same time.
#[test]
fn drivers_learn_to_use_both_ways() {
    let longer = Link { length_m: 1500.0, ..link(4, 1, 3) };
    let mut net = roads(vec![link(1, 0, 1), link(2, 1, 2), link(3, 2, 4), longer, link(5, 3, 4)], plain(5));
    net.diagrams[2] = Diagram::new(1000.0, 20.0, 0.3, 0.2);
    let trips = demand(0, 4, 0.7, 3000.0, 0);
    let classes = [VehicleClass::car()];
    let options = LoadingOptions { span_s: 20_000.0, interval_s: 300.0, keep_passages: false };
    let run = |days| {
        let learning = Learning { days, ..Learning::default() };
        learn(&net, &classes, &trips, &[], learning, options, &CancelToken::new()).unwrap()
    };
    let (naive, learned) = (run(0), run(12));
    let total = |l: &Learned| l.loaded.total_travel_time_s(&trips);
    assert!(total(&learned) < 0.4 * total(&naive), "{} {}", total(&learned), total(&naive));
    assert!(learned.gaps.last().unwrap() < &0.1, "{:?}", learned.gaps);
}

/// The day that is given is the best of those driven, also when drivers begin on ways that were good already; and it is the
/// same on any number of threads.
#[test]
fn the_best_day_is_kept_on_any_number_of_threads() {
    let longer = Link { length_m: 1500.0, ..link(4, 1, 3) };
    let mut net = roads(vec![link(1, 0, 1), link(2, 1, 2), link(3, 2, 4), longer, link(5, 3, 4)], plain(5));
    net.diagrams[2] = Diagram::new(1000.0, 20.0, 0.3, 0.2);
    let trips = demand(0, 4, 0.7, 3000.0, 0);
    let classes = [VehicleClass::car()];
    let options = LoadingOptions { span_s: 20_000.0, interval_s: 300.0, keep_passages: true };
    let learn_on = |threads: usize, days: u32, known: Option<&Learned>| {
        let known = known.map(|l| (l.routes.clone(), l.route_of.clone()));
        let learning = Learning { days, ..Learning::default() };
        let go = || learn_from(known, &net, &classes, &trips, &[], learning, options, &CancelToken::new()).unwrap();
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(go)
    };
    let good = learn_on(1, 12, None);
    let least = good.gaps.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!((good.gaps.len(), good.gaps[good.day as usize]), (13, least));
    for threads in [2, 4] {
        let again = learn_on(threads, 12, None);
        assert!(again.loaded.passages == good.loaded.passages && again.gaps == good.gaps);
    }
    let total = |l: &Learned| l.loaded.total_travel_time_s(&trips);
    let onward = learn_on(2, 3, Some(&good));
    assert!((onward.gaps[0] - least).abs() < 1e-12 && onward.gaps[onward.day as usize] <= least);
    // No learning at all: those ways as they are.
    let same = learn_on(1, 0, Some(&good));
    assert!((total(&same) - total(&good)).abs() < 1e-6 && same.gaps.is_empty());
}

#[test]
fn what_cannot_be_is_said_with_its_row() {
    let net = roads(vec![link(1, 0, 1), link(2, 2, 1)], plain(3));
    let classes = [VehicleClass::car()];
    let go = |trips: &[Trip]| {
        learn(&net, &classes, trips, &[], Learning::default(), LoadingOptions::default(), &CancelToken::new())
            .map(|_| ())
    };
    let ok = Trip { depart_s: 0.0, from: 0, to: 1, class: 0 };
    for (bad, says) in [
        (Trip { depart_s: -5.0, ..ok }, "trip 2: departure is -5"),
        (Trip { to: 9, ..ok }, "trip 2: destination is 9"),
        (Trip { to: 2, ..ok }, "trip 2: no way leads from node 0 to node 2"),
        (Trip { class: 3, ..ok }, "trip 2: class is 3"),
    ] {
        match go(&[ok, bad]) {
            Err(DayError::Input(e)) => assert!(e.to_string().starts_with(says), "{e}"),
            other => panic!("{other:?}"),
        }
    }
}
