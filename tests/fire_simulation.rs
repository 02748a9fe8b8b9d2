//! The fire through the runner, spotting, and ensembles.

use std::sync::Arc;
use std::time::{Duration, Instant};

use island_twin::base::cancel::CancelToken;
use island_twin::base::progress::Progress;
use island_twin::geo::crs::Crs;
use island_twin::geo::grid::{Grid, GridSpec};
use island_twin::sim::fields::Snapshot;
use island_twin::sim::fire::ensemble::Ensemble;
use island_twin::sim::fire::front::{Fire, FireOptions, Ignition, IgnitionShape};
use island_twin::sim::fire::fuel::FuelSet;
use island_twin::sim::fire::landscape::{Landscape, Weather};
use island_twin::sim::fire::rothermel::Moisture;
use island_twin::sim::fire::simulation::{ARRIVAL, BURNT_AREA, FLAME, FireSetup, FireSimulation};
use island_twin::sim::fire::spotting::Spotting;
use island_twin::sim::run::{SimError, StepContext, start};

const DRY: Moisture = Moisture { dead_1h: 0.05, dead_10h: 0.06, dead_100h: 0.07, live_herb: 0.4, live_woody: 0.8 };

fn grass(n: usize) -> Landscape {
    let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, 0.0, n as f64 * 30.0, 30.0, n, n);
    Landscape::new(&Grid::filled(spec, 104), None, FuelSet::standard()).unwrap()
}

fn setup(landscape: Landscape, at: [f64; 2]) -> FireSetup {
    FireSetup {
        landscape: Arc::new(landscape),
        weather: vec![Weather {
            start_s: 0.0,
            wind_10m_mps: 6.0,
            wind_from_rad: 3.0 * std::f64::consts::FRAC_PI_2,
            moisture: DRY,
        }],
        ignitions: vec![Ignition { time_s: 0.0, shape: IgnitionShape::Point(at) }],
        options: FireOptions::default(),
        spotting: None,
        span_s: 7200.0,
        step_s: 1800.0,
    }
}

fn last(setup: FireSetup, threads: usize) -> Arc<Snapshot> {
    let run = start(Box::new(FireSimulation::new(setup).unwrap()), 1, threads, StepContext::default()).unwrap();
    let mut newest = None;
    while let Some(snapshot) = run.next() {
        newest = Some(snapshot);
    }
    run.finish().unwrap();
    newest.unwrap()
}

#[test]
fn snapshots_grow_and_carry_flames() {
    let run =
        start(Box::new(FireSimulation::new(setup(grass(101), [615.0, 1515.0])).unwrap()), 1, 1, StepContext::default())
            .unwrap();
    let mut areas = Vec::new();
    while let Some(snapshot) = run.next() {
        areas.push(snapshot.scalars[BURNT_AREA]);
        let flames = snapshot.field(FLAME).unwrap().range().unwrap();
        assert!(flames.0 > 0.1 && flames.1 < 15.0, "{flames:?}");
        assert!(snapshot.field(ARRIVAL).unwrap().range().unwrap().1 <= snapshot.time_s as f32);
    }
    assert_eq!(areas.len(), 4);
    assert!(areas.windows(2).all(|w| w[0] < w[1]), "{areas:?}");
}

#[test]
fn a_fire_in_the_sea_is_told_and_gives_nothing() {
    let mut landscape = grass(21);
    landscape.cut(&[[0.0, 315.0], [630.0, 315.0]]);
    let run =
        start(Box::new(FireSimulation::new(setup(landscape, [315.0, 315.0])).unwrap()), 1, 1, StepContext::default())
            .unwrap();
    assert!(run.next().is_none());
    assert!(matches!(run.finish(), Err(SimError::Model(m)) if m.key == "sim-fire-nothing-ignites"));
}

/// Embers cross a 30 m road that the front does not; the seed decides where, the snapshots' step does not.
#[test]
fn embers_cross_a_road_that_stops_the_front() {
    let road = |spotting| {
        let mut landscape = grass(101);
        landscape.cut(&[[1515.0, 0.0], [1515.0, 3030.0]]);
        FireSetup { spotting, ..setup(landscape, [615.0, 1515.0]) }
    };
    let beyond = |s: &Snapshot| {
        let field = s.field(ARRIVAL).unwrap();
        (0..101 * 101).filter(|c| c % 101 > 50 && !field.cells[*c].is_nan()).count()
    };
    assert_eq!(beyond(&last(road(None), 1)), 0);
    let spotted = last(road(Some(Spotting::default())), 1);
    assert!(beyond(&spotted) > 0);
    assert_eq!(bits(&last(road(Some(Spotting::default())), 2)), bits(&spotted));
    let other_step = FireSetup { step_s: 600.0, ..road(Some(Spotting::default())) };
    assert_eq!(bits(&last(other_step, 1)), bits(&spotted));
    let other_seed = Spotting { seed: 2, ..Spotting::default() };
    assert_ne!(bits(&last(road(Some(other_seed)), 1)), bits(&spotted));
}

fn bits(snapshot: &Snapshot) -> Vec<u32> {
    snapshot.field(ARRIVAL).unwrap().cells.iter().map(|t| t.to_bits()).collect()
}

#[test]
fn an_ensemble_is_the_same_on_any_number_of_threads_and_stops_when_asked() {
    let setup = FireSetup { ignitions: Vec::new(), span_s: 3600.0, ..setup(grass(61), [0.0; 2]) };
    let ensemble = Ensemble { seed: 7, members: 40, wind_direction_rad: 0.4, wind_log: 0.3, moisture_log: 0.2 };
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let (cancel, progress) = (CancelToken::new(), Progress::new());
        pool.install(|| ensemble.run(&setup, &[], Fire::clock_s, &cancel, &progress)).unwrap().unwrap()
    };
    let one = run(1);
    assert!(one.counts.iter().any(|n| *n > 1) && one.counts.iter().all(|n| *n <= 40));
    assert_eq!(one.members.iter().map(|m| m.burnt).sum::<usize>(), one.counts.iter().sum::<u32>() as usize);
    assert_eq!(run(2), one);
    assert_eq!(run(3), one);

    let cancel = CancelToken::new();
    let many = Ensemble { members: 1_000_000, ..ensemble };
    let asked = std::thread::scope(|scope| {
        let job = scope.spawn(|| many.run(&setup, &[], |_| (), &cancel, &Progress::new()));
        std::thread::sleep(Duration::from_millis(50));
        cancel.cancel();
        let asked = Instant::now();
        assert!(job.join().unwrap().unwrap().is_err());
        asked
    });
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
}

/// The best of five tries: a busy machine may let the thread wait for its turn.
#[test]
fn a_large_fire_stops_within_100_ms() {
    let n = 1000;
    let stop = || {
        let large = FireSetup { span_s: 1e7, step_s: 1e7, ..setup(grass(n), [15_000.0; 2]) };
        let run = start(Box::new(FireSimulation::new(large).unwrap()), 1, 1, StepContext::default()).unwrap();
        std::thread::sleep(Duration::from_millis(30));
        assert!(!run.is_finished());
        run.cancel();
        let asked = Instant::now();
        assert!(matches!(run.finish(), Err(SimError::Cancelled(_))));
        asked.elapsed()
    };
    let best = (0..5).map(|_| stop()).min().unwrap();
    assert!(best < Duration::from_millis(100), "{best:?}");
}
