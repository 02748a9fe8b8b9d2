//! Speed of the plume model: `cargo bench --no-default-features --bench air`.

use divan::Bencher;
use divan::counter::ItemsCount;
use island_twin::base::cancel::CancelToken;
use island_twin::base::rng::KeyedRng;
use island_twin::sim::air::finding::{Reading, Search, find};
use island_twin::sim::air::matrix::{MatrixOptions, Receptors, UnitMatrix};
use island_twin::sim::air::meteorology::Meteorology;
use island_twin::sim::air::release::{Fate, Outlet, Release};
use island_twin::sim::air::source::{Place, Source};
use island_twin::sim::air::stability::StabilityClass::{C, D, E};

fn main() {
    divan::main();
}

fn air() -> Meteorology {
    Meteorology::new(3.0, 0.7, D.into())
}

/// Hundred stacks over a town, receptors all around: half of the pairs lie upwind, as on any map.
fn town() -> (Vec<Source>, Receptors) {
    let rng = KeyedRng::new(1, 1);
    let stack = |i: u64| {
        let at = [rng.range(0, i, -5000.0, 5000.0), rng.range(1, i, -5000.0, 5000.0)];
        let place = Place::Point { at, height_m: 20.0, exhaust: None };
        Source::single("s", "s", place, 1.0)
    };
    let at = (0..100_000).map(|i| [f64::from(i % 400) * 40.0 - 8000.0, f64::from(i / 400) * 64.0 - 8000.0]).collect();
    ((0..100).map(stack).collect(), Receptors { at, height_m: 1.5, relief: None })
}

#[divan::bench(args = [1, 2], sample_count = 5)]
fn pairs(bencher: Bencher, threads: usize) {
    let (sources, receptors) = town();
    let options = MatrixOptions { spacing_m: 50.0, ground_m: &|_| 0.0 };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let cancel = CancelToken::new();
    bencher.counter(ItemsCount::new(sources.len() * receptors.at.len())).bench_local(|| {
        pool.install(|| UnitMatrix::compute(&sources, &receptors, &air(), Fate::default(), &options, &cancel))
            .unwrap()
            .unwrap()
    });
}

/// Every receptor downwind of every source: no pair is spared.
#[divan::bench(sample_count = 5)]
fn pairs_all_downwind(bencher: Bencher) {
    let (_, mut receptors) = town();
    for at in &mut receptors.at {
        // Within the plume: along the wind, a little aside.
        *at = [-(0.7_f64.sin()) * (at[0] + 9000.0) + 0.01 * at[1], -(0.7_f64.cos()) * (at[0] + 9000.0)];
    }
    let sources: Vec<Source> = (0..100)
        .map(|i| {
            let place = Place::Point { at: [f64::from(i), 500.0], height_m: 20.0, exhaust: None };
            Source::single("s", "s", place, 1.0)
        })
        .collect();
    let options = MatrixOptions { spacing_m: 50.0, ground_m: &|_| 0.0 };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let cancel = CancelToken::new();
    bencher.counter(ItemsCount::new(sources.len() * receptors.at.len())).bench_local(|| {
        pool.install(|| UnitMatrix::compute(&sources, &receptors, &air(), Fate::default(), &options, &cancel))
            .unwrap()
            .unwrap()
    });
}

#[divan::bench(sample_count = 5)]
fn what_if(bencher: Bencher) {
    let (sources, receptors) = town();
    let options = MatrixOptions { spacing_m: 50.0, ground_m: &|_| 0.0 };
    let cancel = CancelToken::new();
    let matrix = UnitMatrix::compute(&sources, &receptors, &air(), Fate::default(), &options, &cancel);
    let matrix = matrix.unwrap().unwrap();
    let rates: Vec<f64> = (0..100).map(f64::from).collect();
    bencher.counter(ItemsCount::new(sources.len() * receptors.at.len())).bench_local(|| matrix.product(&rates));
}

/// Sixteen stations, a day of turning wind, a fifth of noise.
#[divan::bench(sample_count = 5)]
fn find_a_source(bencher: Bencher) {
    let rng = KeyedRng::new(2, 2);
    let hours: Vec<Meteorology> = (0..24)
        .map(|i| {
            let class = [C, D, E][rng.below(0, i, 3) as usize];
            Meteorology::new(rng.range(1, i, 1.5, 6.0), rng.range(2, i, 0.0, std::f64::consts::TAU), class.into())
        })
        .collect();
    let outlet = Outlet { height_m: 2.0, exhaust: None, initial_y_m: 0.0, initial_z_m: 0.0 };
    let releases: Vec<Release> = hours.iter().map(|h| Release::new(outlet, Fate::default(), h)).collect();
    let mut readings = Vec::new();
    for station in 0..16_u32 {
        let at = [f64::from(station % 4) * 2000.0 - 3000.0, f64::from(station / 4) * 2000.0 - 3000.0];
        for (hour, (air, release)) in hours.iter().zip(&releases).enumerate() {
            let [east, north] = air.downwind();
            let d = [at[0] - 700.0, at[1] + 400.0];
            let unit = release.unit(d[0] * east + d[1] * north, d[1] * east - d[0] * north, 3.0);
            let noise = 1.0 + 0.2 * rng.normal(3, u64::from(station) * 100 + hour as u64);
            readings.push(Reading { at, hour, conc_ug_m3: (1.0 + 5e6 * unit) * noise });
        }
    }
    let search = Search::around(&readings);
    bencher.bench_local(|| find(&readings, &hours, &search, &CancelToken::new()).unwrap().unwrap());
}
