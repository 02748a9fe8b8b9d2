//! Speed of what carries pollution: `cargo bench --no-default-features --bench transport`.
//!
//! First it prints what share of the memory's speed a step reaches: bytes that a step has to move at least (concentration
//! in and out, two velocities: four numbers a cell) against a triad a = b + s c (McCalpin 1995), over arrays of many times
//! the cache as its rules ask, and over arrays of the step's own size, which a large cache may hold.

use std::time::Instant;

use divan::Bencher;
use divan::counter::ItemsCount;
use island_twin::base::cancel::CancelToken;
use island_twin::base::rng::KeyedRng;
use island_twin::sim::transport::particles::{Current, Drift, Particle, State};
use island_twin::sim::transport::plane::{Carried, Plane};
use island_twin::sim::transport::rates::{Boundary, CellVelocity};
use island_twin::sim::transport::real::Real;
use island_twin::sim::transport::rows::Shape;

const N: usize = 1024;
const STEPS: usize = 500;

fn main() {
    roof();
    divan::main();
}

fn plane<T: Real>(k: f64) -> Plane<T> {
    let middle = N as f64 / 2.0;
    let at = |i: usize| [(i % N) as f64 + 0.5 - middle, middle - (i / N) as f64 - 0.5];
    let turn = 0.42 / middle;
    let east: Vec<f32> = (0..N * N).map(|i| (-turn * at(i)[1]) as f32).collect();
    let north: Vec<f32> = (0..N * N).map(|i| (turn * at(i)[0]) as f32).collect();
    let hill = |i: usize| {
        let [x, y] = at(i);
        (1e-3 + (-((x - 200.0).powi(2) + y * y) / 5000.0).exp()) as f32
    };
    let initial: Vec<f32> = (0..N * N).map(hill).collect();
    let velocity = CellVelocity {
        shape: Shape::plane(N, N),
        cell_m: [1.0; 2],
        east_mps: &east,
        north_mps: &north,
        active: None,
        boundary: Boundary::Closed,
        diffusivity_m2ps: k,
    };
    Plane::new(&velocity, &Carried { initial: &initial, inflow: 0.0, dt_s: 1.0, decay_per_s: 0.0 }).unwrap()
}

fn run<T: Real>(plane: &mut Plane<T>, steps: usize) {
    plane.steps(steps, &CancelToken::new()).unwrap();
}

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

/// Bytes a second of a triad over arrays of so many numbers; the best of some rounds.
fn triad(n: usize, rounds: usize) -> f64 {
    let (b, c) = (vec![1.5_f32; n], vec![2.5_f32; n]);
    let mut a = vec![0.0_f32; n];
    let round = |round: usize| {
        let begun = Instant::now();
        let s = divan::black_box(round as f32);
        a.iter_mut().zip(b.iter().zip(&c)).for_each(|(a, (b, c))| *a = b + s * c);
        divan::black_box(&mut a);
        begun.elapsed().as_secs_f64()
    };
    12.0 * n as f64 / (0..rounds).map(round).fold(f64::INFINITY, f64::min) / 1e9
}

/// One core: achieved over what the memory gives; the best of many short pieces, since machines are shared.
fn roof() {
    let mut plane = plane::<f32>(0.0);
    let seconds = pool(1).install(|| {
        let piece = |_| {
            let begun = Instant::now();
            run(&mut plane, 10);
            begun.elapsed().as_secs_f64() / 10.0
        };
        (0..50).map(piece).fold(f64::INFINITY, f64::min)
    });
    let (memory, same) = (triad(32 << 20, 8), triad(N * N, 40));
    let achieved = 16.0 * (N * N) as f64 / seconds / 1e9;
    println!(
        "one core: {:.3} s for {STEPS} steps of {N}², {achieved:.1} GB/s; triad over 3 x 128 MiB {memory:.1} GB/s: {:.2}; \
         over 3 x 4 MiB {same:.1} GB/s: {:.2}",
        seconds * STEPS as f64,
        achieved / memory,
        achieved / same
    );
}

/// 500 steps on 1024² cells in single precision; K = 0 and 0.1 m²/s, one thread and two.
#[divan::bench(args = [(0.0, 1), (0.1, 1), (0.0, 2), (0.1, 2)], sample_count = 3)]
fn step_f32(bencher: Bencher, (k, threads): (f64, usize)) {
    let mut plane = plane::<f32>(k);
    let pool = pool(threads);
    bencher.counter(ItemsCount::new(N * N * STEPS)).bench_local(|| pool.install(|| run(&mut plane, STEPS)));
}

#[divan::bench(args = [1, 2], sample_count = 1)]
fn step_f64(bencher: Bencher, threads: usize) {
    let mut plane = plane::<f64>(0.0);
    let pool = pool(threads);
    bencher.counter(ItemsCount::new(N * N * STEPS)).bench_local(|| pool.install(|| run(&mut plane, STEPS)));
}

/// A million particles, twenty steps of Runge-Kutta each, without and with a random walk.
#[divan::bench(args = [(0.0, 1), (1.0, 1), (1.0, 2)], sample_count = 3)]
fn particles(bencher: Bencher, (k, threads): (f64, usize)) {
    let n = 512;
    let mps = (0..n * n).map(|i| [(i / n) as f32 / n as f32 - 0.5, 0.5 - (i % n) as f32 / n as f32]).collect();
    let current = Current { corner_m: [0.0, n as f64 * 100.0], cell_m: 100.0, cols: n, rows: n, mps };
    let rng = KeyedRng::new(1, 1);
    let place = |i: u64| [rng.range(0, i, 15e3, 36e3), rng.range(1, i, 15e3, 36e3)];
    let all = (0..1_000_000).map(|i| Particle { at: place(i), state: State::Afloat, since_s: 0.0 });
    let mut all: Vec<Particle> = all.collect();
    let pool = pool(threads);
    bencher.counter(ItemsCount::new(20_000_000_usize)).bench_local(|| {
        for step in 0..20 {
            let drift = Drift { current: &current, land: None, diffusivity_m2ps: k, dt_s: 60.0, rng, step };
            pool.install(|| drift.step(&mut all, &CancelToken::new())).unwrap();
        }
    });
}
