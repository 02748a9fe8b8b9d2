//! Wildfire speed: `cargo bench --no-default-features --bench fire`.

use std::sync::Arc;

use divan::Bencher;
use divan::counter::ItemsCount;
use island_twin::base::cancel::CancelToken;
use island_twin::base::progress::Progress;
use island_twin::base::rng::KeyedRng;
use island_twin::geo::crs::Crs;
use island_twin::geo::grid::{Grid, GridSpec};
use island_twin::sim::fire::ensemble::Ensemble;
use island_twin::sim::fire::front::{Fire, FireOptions, Ignition, IgnitionShape};
use island_twin::sim::fire::fuel::FuelSet;
use island_twin::sim::fire::landscape::{Landscape, Weather};
use island_twin::sim::fire::rothermel::Moisture;
use island_twin::sim::fire::simulation::FireSetup;

fn main() {
    divan::main();
}

const DRY: Moisture = Moisture { dead_1h: 0.05, dead_10h: 0.06, dead_100h: 0.07, live_herb: 0.6, live_woody: 0.9 };

/// Hills, and patches of four fuels.
fn island(n: usize, cell: f64) -> Arc<Landscape> {
    let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, 0.0, n as f64 * cell, cell, n, n);
    let patch = (1500.0 / cell) as usize;
    let rng = KeyedRng::new(1, 1);
    let fuel = |i: usize| [104, 122, 143, 165][rng.below(0, (i % n / patch * 1000 + i / n / patch) as u64, 4) as usize];
    let height = |i: usize| {
        let [x, y] = spec.centre(i % n, i / n);
        (150.0 * (x / 1900.0).sin() * (y / 1500.0).cos()) as f32
    };
    let dem = Grid { cells: (0..n * n).map(height).collect(), spec: spec.clone() };
    let fuel = Grid { cells: (0..n * n).map(fuel).collect(), spec: spec.clone() };
    Arc::new(Landscape::new(&fuel, Some(&dem), FuelSet::standard()).unwrap())
}

fn hours(n: u32) -> Vec<Weather> {
    (0..n)
        .map(|i| Weather {
            start_s: f64::from(i) * 3600.0,
            wind_10m_mps: 5.0,
            wind_from_rad: 1.2 + 0.1 * f64::from(i),
            moisture: DRY,
        })
        .collect()
}

fn ignition(landscape: &Landscape) -> [Ignition; 1] {
    let [west, south, east, north] = landscape.spec().bounds();
    let middle = [f64::midpoint(west, east), f64::midpoint(south, north)];
    [Ignition { time_s: 0.0, shape: IgnitionShape::Point(middle) }]
}

/// A fire until nothing is left, under constant weather: every cell of the map, Rothermel's equations included.
#[divan::bench(args = [(670, 30.0), (1000, 30.0), (2450, 10.0)], sample_count = 3)]
fn whole_map(bencher: Bencher, (n, cell): (usize, f64)) {
    let landscape = island(n, cell);
    let (weather, start) = (hours(1), ignition(&landscape));
    bencher.counter(ItemsCount::new(n * n)).bench_local(|| {
        let mut fire = Fire::new(&landscape, &weather, &start, FireOptions::default()).unwrap();
        fire.advance(1e8, &CancelToken::new()).unwrap();
        fire.march().pops()
    });
}

#[divan::bench(sample_count = 3)]
fn twelve_hours_of_changing_wind(bencher: Bencher) {
    let landscape = island(1000, 30.0);
    let (weather, start) = (hours(12), ignition(&landscape));
    bencher.bench_local(|| {
        let mut fire = Fire::new(&landscape, &weather, &start, FireOptions::default()).unwrap();
        fire.advance(12.0 * 3600.0, &CancelToken::new()).unwrap();
        fire.march().pops()
    });
}

#[divan::bench(args = [1, 2], sample_count = 1)]
fn ensemble_of_1000(bencher: Bencher, threads: usize) {
    let landscape = island(300, 30.0);
    let setup = FireSetup {
        landscape,
        weather: hours(3),
        ignitions: Vec::new(),
        options: FireOptions::default(),
        spotting: None,
        span_s: 7200.0,
        step_s: 3600.0,
    };
    let ensemble = Ensemble { seed: 7, members: 1000, wind_direction_rad: 0.4, wind_log: 0.3, moisture_log: 0.2 };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    bencher.bench_local(|| {
        pool.install(|| ensemble.run(&setup, &[], |_| (), &CancelToken::new(), &Progress::new())).unwrap()
    });
}
