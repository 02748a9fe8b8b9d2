//! The demonstration data: what ships with the program, and the generator that made it.

use std::collections::BTreeMap;
use std::path::Path;

use island_twin::demo::island::{Island, SEED};
use island_twin::demo::parcels::{Parcel, Use};
use island_twin::geo::crs::Crs;
use island_twin::geo::measure::{ring_area, ring_contains};
use island_twin::geo::transform::Transform;
use island_twin::model::scene::Scene;

fn island() -> &'static Island {
    static ISLAND: std::sync::OnceLock<Island> = std::sync::OnceLock::new();
    ISLAND.get_or_init(|| island_twin::demo::island::generate(SEED).expect("the built-in sources are sound"))
}

/// FNV-1a (Fowler, Noll & Vo): enough to tell two runs apart.
fn digest(numbers: impl Iterator<Item = u64>) -> u64 {
    numbers.fold(0xcbf2_9ce4_8422_2325, |h, n| (h ^ n).wrapping_mul(0x0100_0000_01b3))
}

#[test]
fn the_amounts_are_those_of_the_real_place() {
    let i = island();
    assert!((54_000..=66_000).contains(&i.parcels.len()), "{} parcels", i.parcels.len());
    assert!(i.buildings.len() > 40_000, "{} buildings", i.buildings.len());
    assert_eq!(i.buildings.iter().map(|b| b.residents).sum::<i64>(), 180_000);
    assert!(i.buildings.iter().all(|b| (0..=60).contains(&b.residents)));
    assert!((200..=700).contains(&i.plan.zones.len()), "{} zones", i.plan.zones.len());
    let s = &i.sensors;
    let counts = [&s.air, &s.sea, &s.waste_water, &s.drinking_water, &s.cameras, &s.fire_watch].map(Vec::len);
    assert_eq!(counts, [16, 2, 4, 4, 50, 1]);
    assert!(i.lights.len() <= 15_000 && i.trees.len() <= 60_000 && i.water.meters.len() <= 20_000);
    assert!(i.water.hydrants.len() > 1000);
    let hectares = |code: &str| -> f64 {
        let zones = i.plan.zones.iter().filter(|(_, rule)| rule.code == code);
        zones.flat_map(|(region, _)| &region.rings).map(|ring| ring_area(ring) / 10_000.0).sum()
    };
    assert!((hectares("RDD") - 29_596.0).abs() < 600.0, "{}", hectares("RDD"));
    assert!((hectares("RPH") - 6_666.0).abs() < 400.0, "{}", hectares("RPH"));
}

type Edge = [u64; 4];

fn edges(parcels: &[&Parcel]) -> BTreeMap<Edge, i32> {
    let mut edges = BTreeMap::new();
    for w in parcels.iter().flat_map(|p| p.ring.windows(2)) {
        let bits = |a: [f64; 2], b: [f64; 2]| [a[0], a[1], b[0], b[1]].map(f64::to_bits);
        *edges.entry(bits(w[0], w[1])).or_insert(0) += 1;
    }
    edges
}

/// Within a district every edge is either shared with exactly one neighbour, running the other way, or on the
/// outside; and the area inside the outside's rings is the sum of the parcels' areas. Both together mean neither gap
/// nor overlap.
#[test]
fn parcels_tile_their_districts_without_gaps_or_overlaps() {
    for (number, district) in island().districts.iter().enumerate() {
        let parcels: Vec<&Parcel> = island().parcels.iter().filter(|p| p.district == number).collect();
        assert!(parcels.iter().all(|p| ring_area(&p.ring) > 1.0), "{}", district.plan.name);
        let edges = edges(&parcels);
        assert!(edges.values().all(|n| *n == 1), "{}: an edge runs twice the same way", district.plan.name);
        let outside: Vec<&Edge> = edges.keys().filter(|e| !edges.contains_key(&[e[2], e[3], e[0], e[1]])).collect();
        let [x0, y0] = parcels[0].ring[0];
        let around: f64 = outside
            .iter()
            .map(|e| e.map(f64::from_bits))
            .map(|[ax, ay, bx, by]| ((ax - x0) * (by - y0) - (bx - x0) * (ay - y0)) / 2.0)
            .sum();
        let sum: f64 = parcels.iter().map(|p| ring_area(&p.ring)).sum();
        assert!((around - sum).abs() < 1e-3, "{}: {around} inside, {sum} in parcels", district.plan.name);
        // Every outside edge lies along street land: no lot is cut off from its street by a gap.
        let streets: Vec<&Parcel> = parcels.iter().copied().filter(|p| p.kind == Use::Street).collect();
        let street_edges = self::edges(&streets);
        assert!(outside.iter().all(|e| street_edges.contains_key(*e)), "{}: a gap inside", district.plan.name);
    }
}

#[test]
fn districts_do_not_overlap() {
    let points: Vec<(usize, [f64; 2])> = island().parcels.iter().step_by(23).map(|p| (p.district, p.ring[0])).collect();
    for parcel in island().parcels.iter().step_by(7) {
        let b = island_twin::geo::shape::bounds_of(&parcel.ring).unwrap();
        for (district, p) in &points {
            let near = p[0] > b[0] && p[0] < b[2] && p[1] > b[1] && p[1] < b[3];
            assert!(*district == parcel.district || !near || !ring_contains(&parcel.ring, *p), "{p:?}");
        }
    }
}

#[test]
fn buildings_stand_inside_their_lots() {
    for building in island().buildings.iter().step_by(11) {
        let lot = &island().parcels[building.parcel].ring;
        assert!(building.ring.iter().all(|p| ring_contains(lot, *p)), "building on parcel {}", building.parcel);
    }
}

fn root(group: &mut [usize], mut n: usize) -> usize {
    while group[n] != n {
        group[n] = group[group[n]];
        n = group[n];
    }
    n
}

#[test]
fn the_road_network_is_one_connected_graph() {
    let roads = &island().roads;
    let mut group: Vec<usize> = (0..roads.nodes.len()).collect();
    for edge in &roads.edges {
        assert_eq!(edge.line.first(), Some(&roads.nodes[edge.from]));
        assert_eq!(edge.line.last(), Some(&roads.nodes[edge.to]));
        let (a, b) = (root(&mut group, edge.from), root(&mut group, edge.to));
        group[a] = b;
    }
    let first = root(&mut group, 0);
    assert!((0..roads.nodes.len()).all(|n| root(&mut group, n) == first));
    for name in ["ĐT 973", "ĐT 975", "ĐT 45", "ĐT 46"] {
        assert!(roads.edges.iter().any(|e| e.name == name), "{name}");
    }
}

/// From every land cell the sea is reached without climbing.
#[test]
fn all_ground_drains_to_the_sea() {
    let ground = &island().ground;
    let cols = ground.height.spec.cols;
    let mut wet: Vec<bool> = ground.land.cells.iter().map(|land| !land).collect();
    let mut waiting: Vec<usize> = (0..wet.len()).filter(|c| wet[*c]).collect();
    while let Some(cell) = waiting.pop() {
        for (next, _) in island_twin::demo::hydrology::neighbours(cell, cols, ground.height.spec.rows) {
            let below = if ground.land.cells[cell] { ground.height.cells[cell] } else { f32::NEG_INFINITY };
            if !wet[next] && ground.height.cells[next] >= below {
                wet[next] = true;
                waiting.push(next);
            }
        }
    }
    assert_eq!(wet.iter().filter(|w| !**w).count(), 0);
    assert_eq!(ground.height.range().unwrap().1, 603.0);
}

/// A 1.2 km relief read off map tiles, which is no part of the project, says where the high ground lies.
#[test]
fn high_ground_lies_where_the_real_one_does() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/phu-quoc/relief-control.tif");
    let Ok(control) = gdal::Dataset::open(&file) else {
        println!("skipped: no oracle at {}", file.display());
        return;
    };
    let transform = control.geo_transform().unwrap();
    let (cols, rows) = control.raster_size();
    let values = control.rasterband(1).unwrap().read_as::<f64>((0, 0), (cols, rows), (cols, rows), None).unwrap();
    let to_site = Transform::between(&Crs::Epsg(3857), &Crs::VN2000_TM3_104_30).unwrap();
    let ground = &island().ground;
    let pairs: Vec<(f64, f64)> = (0..cols * rows)
        .filter_map(|cell| {
            let at = |dx: f64, dy: f64| {
                let (c, r) = ((cell % cols) as f64 + dx, (cell / cols) as f64 + dy);
                to_site.apply([transform[1].mul_add(c, transform[0]), transform[5].mul_add(r, transform[3])])
            };
            let heights: Option<Vec<f64>> = (0..400)
                .map(|k| at((f64::from(k % 20) + 0.5) / 20.0, (f64::from(k / 20) + 0.5) / 20.0))
                .map(|p| ground.height.at(p).map(|z| f64::from(z.max(0.0))))
                .collect();
            Some((heights?.iter().sum::<f64>() / 400.0, values.data()[cell]))
        })
        .collect();
    let n = pairs.len() as f64;
    let mean = pairs.iter().fold((0.0, 0.0), |m, p| (m.0 + p.0 / n, m.1 + p.1 / n));
    let sum = |f: &dyn Fn(f64, f64) -> f64| pairs.iter().map(|p| f(p.0 - mean.0, p.1 - mean.1)).sum::<f64>();
    let correlation = sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt();
    println!("correlation with the control over {n} cells: {correlation:.3}");
    assert!(correlation >= 0.75, "{correlation}");
}

#[test]
fn water_mains_meet_where_their_streets_meet() {
    let mut ends: BTreeMap<usize, [f64; 2]> = BTreeMap::new();
    for main in &island().water.mains {
        let edge = &island().roads.edges[main.edge];
        for (node, end) in [(edge.from, main.line.first()), (edge.to, main.line.last())] {
            let end = *end.unwrap();
            assert_eq!(*ends.entry(node).or_insert(end), end);
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_island() {
    let of = |i: &Island| {
        let heights = i.ground.height.cells.iter().map(|z| u64::from(z.to_bits()));
        let rings = i.parcels.iter().flat_map(|p| p.ring.iter().flatten()).map(|v| v.to_bits());
        let people = i.buildings.iter().map(|b| b.residents as u64);
        let trees = i.trees.iter().flat_map(|t| t.at).map(f64::to_bits);
        digest(heights.chain(rings).chain(people).chain(trees))
    };
    let again = island_twin::demo::island::generate(SEED).unwrap();
    assert_eq!(of(island()), of(&again));
}

#[test]
fn the_scene_is_readable_and_every_file_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scene: Scene =
        ron::from_str(&std::fs::read_to_string(root.join("scenes/phu-quoc.scene.ron")).unwrap()).unwrap();
    assert!(scene.bookmarks.len() >= 6);
    assert!(scene.time.parse::<jiff::Timestamp>().is_ok());
    for layer in &scene.layers {
        assert!(root.join("scenes").join(&layer.path).exists(), "{}", layer.path.display());
        assert!(!layer.credit.is_empty(), "{}", layer.id);
    }
    let size: u64 = std::fs::read_dir(root.join("data/phu-quoc"))
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum();
    assert!(size < 30_000_000, "{size} bytes");
}

#[test]
fn the_logged_smoke_is_what_the_generator_makes() {
    let made = island_twin::demo::smoke::table(SEED).unwrap();
    let kept = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("data/phu-quoc/smoke.csv")).unwrap();
    assert_eq!(made.lines().count(), 1 + 16 * (5 * 24 + 11));
    assert!(made == kept, "write it anew with island-twin demo-data");
}
