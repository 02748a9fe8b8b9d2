//! A technician's waits: `cargo bench --no-default-features --bench import`.

use divan::Bencher;
use divan::counter::ItemsCount;
use island_twin::analysis::check::{CheckOptions, check};
use island_twin::base::cancel::CancelToken;
use island_twin::base::rng::KeyedRng;
use island_twin::geo::index::FeatureIndex;
use island_twin::geo::shape::Shapes;
use island_twin::model::table::{FeatureTable, FieldKind, Value};

fn main() {
    divan::main();
}

/// Plots of 20 m by 25 m in blocks with lanes between, each corner where the neighbours' are, some sides bent.
fn plots(n: usize) -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[
        ("SOTO", FieldKind::Integer),
        ("SOTHUA", FieldKind::Integer),
        ("MALOAIDAT", FieldKind::Text),
        ("DIENTICH", FieldKind::Real),
    ]);
    let rng = KeyedRng::new(1, 1);
    let across = (n as f64).sqrt().ceil() as usize;
    let corner = |i: usize, j: usize| {
        let key = (i * 100_003 + j) as u64;
        // A lane after every tenth plot.
        let x = 430_000.0 + i as f64 * 20.0 + (i / 10) as f64 * 8.0 + rng.range(0, key, -2.0, 2.0);
        let y = 1_120_000.0 + j as f64 * 25.0 + (j / 2) as f64 * 8.0 + rng.range(1, key, -2.0, 2.0);
        [x, y]
    };
    for k in 0..n {
        let (i, j) = (k % across, k / across);
        let (a, c) = (corner(i, j), corner(i + 1, j + 1));
        let (b, d) = (corner(i + 1, j), corner(i, j + 1));
        let middle = |p: [f64; 2], q: [f64; 2]| [f64::midpoint(p[0], q[0]), f64::midpoint(p[1], q[1])];
        table.geometry.push_polygon(&[&[a, middle(a, b), b, middle(b, c), c, middle(c, d), d, middle(d, a), a]]);
        let (sheet, parcel) = (k / 500 + 1, k % 500 + 1);
        table.push_row(&[
            Value::Integer(i64::try_from(sheet).unwrap()),
            Value::Integer(i64::try_from(parcel).unwrap()),
            Value::Text(["ODT", "CLN", "LUC"][k % 3]),
            Value::Real(f64::NAN),
        ]);
    }
    table
}

/// Aim: 2 s.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn topology_of_60_000_parcels(bencher: Bencher) {
    let table = plots(60_000);
    let options = CheckOptions::for_table(&table);
    assert!(options.mosaic);
    bencher.bench_local(|| check(&table, &options, &CancelToken::new()).unwrap());
}

/// Aim: 20 µs.
#[divan::bench(sample_count = 200)]
fn point_in_a_million_parcels(bencher: Bencher) {
    let shapes: Shapes = plots(1_000_000).geometry;
    let index = FeatureIndex::build(&shapes);
    let [west, south, east, north] = shapes.bounds().unwrap();
    let rng = KeyedRng::new(2, 2);
    let mut next = 0;
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| {
        next += 1;
        index.containing(&shapes, [rng.range(0, next, west, east), rng.range(1, next, south, north)])
    });
}
