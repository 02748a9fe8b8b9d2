//! The ground: ridges where the real ones stand, valleys cut by water, and the sea floor around.
//!
//! No open elevation model could be had; this one is generated. Real are the coast, the place of the ranges and the
//! height of Núi Chúa (603 m).

use super::hydrology::{Flow, carve, creep, fill_and_route};
use super::noise::Noise;
use super::shore::{island_grid, land_mask, signed_distance};
use super::source::Land;
use crate::geo::grid::Grid;
use crate::geo::measure::distance_to_segment;

#[derive(Debug, Clone)]
pub struct Ground {
    /// Metres above (land) and below (sea floor) mean sea level, to 0.1 m.
    pub height: Grid<f32>,
    pub land: Grid<bool>,
    /// Distance to the coast, negative at sea, metres.
    pub shore: Grid<f32>,
    pub flow: Flow,
}

/// Height of Núi Chúa, metres.
pub const SUMMIT_M: f32 = 603.0;

/// The runway of VVPQ (10.1697 N, 103.9931 E), 3,000 m long on headings 10/28.
pub const RUNWAY: [[f64; 2]; 2] = [[442_785.0, 1_124_928.0], [445_739.0, 1_124_407.0]];
const RUNWAY_HEIGHT_M: f64 = 11.0;

/// A crest line: (easting km, northing km, height m, half width km) of its points.
type Crest = &'static [(f64, f64, f64, f64)];

const CRESTS: &[Crest] = &[
    // Núi Chúa and its spurs in the north-east.
    &[
        (446.6, 1148.3, 250.0, 1.1),
        (447.6, 1147.3, 480.0, 1.5),
        (448.3, 1145.7, 640.0, 2.0),
        (450.9, 1145.6, 440.0, 1.5),
    ],
    &[(448.3, 1145.7, 600.0, 2.0), (446.4, 1144.3, 350.0, 1.6), (444.6, 1143.2, 190.0, 1.3)],
    &[(449.2, 1145.0, 430.0, 1.6), (449.8, 1143.4, 250.0, 1.4), (451.4, 1142.2, 230.0, 1.2)],
    // Hàm Ninh range along the east coast.
    &[
        (451.4, 1142.2, 230.0, 1.1),
        (451.6, 1139.9, 270.0, 1.3),
        (452.2, 1138.2, 340.0, 1.5),
        (451.8, 1136.0, 330.0, 1.6),
        (452.0, 1133.6, 320.0, 1.4),
        (452.3, 1132.2, 430.0, 1.5),
        (451.7, 1130.6, 310.0, 1.3),
        (450.8, 1128.6, 200.0, 1.2),
        (449.4, 1127.4, 130.0, 1.0),
    ],
    // Its western spurs, falling towards Dương Đông and Cửa Dương.
    &[
        (452.0, 1137.6, 300.0, 1.5),
        (449.6, 1136.9, 230.0, 1.4),
        (446.8, 1136.4, 120.0, 1.2),
        (445.2, 1136.0, 80.0, 1.0),
    ],
    &[(451.8, 1135.4, 280.0, 1.3), (449.2, 1134.2, 170.0, 1.2), (446.3, 1134.0, 70.0, 1.0)],
    // Hills of the north and the west.
    &[(443.2, 1154.0, 110.0, 0.6), (444.1, 1153.2, 280.0, 0.7), (445.0, 1152.6, 120.0, 0.6)],
    &[
        (440.3, 1149.8, 160.0, 0.7),
        (440.7, 1148.5, 320.0, 0.8),
        (440.6, 1145.6, 240.0, 0.8),
        (440.2, 1142.4, 90.0, 0.7),
    ],
    &[(431.6, 1144.9, 70.0, 0.6), (434.6, 1144.4, 105.0, 0.9), (436.9, 1143.8, 95.0, 0.8), (437.2, 1140.6, 55.0, 0.7)],
    &[(441.8, 1137.6, 50.0, 0.7), (441.4, 1135.2, 95.0, 0.7), (440.0, 1133.4, 75.0, 0.6)],
    // The south: between Dương Tơ and An Thới.
    &[(442.2, 1128.4, 120.0, 0.6), (443.4, 1126.9, 70.0, 0.6)],
    &[
        (446.4, 1126.6, 110.0, 0.7),
        (448.8, 1126.6, 260.0, 0.8),
        (447.9, 1125.2, 270.0, 0.8),
        (447.4, 1123.6, 80.0, 0.6),
    ],
    &[
        (444.0, 1122.4, 70.0, 0.6),
        (446.0, 1121.0, 70.0, 0.6),
        (447.7, 1119.6, 190.0, 0.6),
        (447.8, 1117.8, 190.0, 0.6),
        (447.4, 1114.8, 90.0, 0.6),
    ],
    &[(448.2, 1110.9, 40.0, 0.4), (448.8, 1109.9, 60.0, 0.5), (448.5, 1107.9, 45.0, 0.4)],
    // Hòn Thơm and the islets before it.
    &[(446.5, 1101.6, 60.0, 0.5), (447.1, 1100.2, 110.0, 0.6)],
    &[(447.2, 1103.3, 90.0, 0.4)],
    &[(446.1, 1105.5, 60.0, 0.3)],
];

#[must_use]
pub fn generate(seed: u64, lands: &[Land]) -> Ground {
    let spec = island_grid();
    let land = land_mask(&spec, lands);
    let shore = signed_distance(&spec, lands);
    let mut height = Grid::filled(spec.clone(), 0.0_f32);
    let shape = Relief::new(seed);
    for row in 0..spec.rows {
        for col in 0..spec.cols {
            if land.get(col, row) {
                height.set(col, row, shape.uncut(spec.centre(col, row), f64::from(shore.get(col, row))) as f32);
            }
        }
    }
    for step in 0..7 {
        let flow = fill_and_route(&mut height, &land);
        carve(&mut height, &flow, if step < 4 { 1.1e-4 } else { 6e-5 });
        creep(&mut height, &land, 0.12);
    }
    lift_summit(&mut height);
    for cell in 0..spec.len() {
        let place = spec.centre(cell % spec.cols, cell / spec.cols);
        let d = f64::from(shore.cells[cell]);
        height.cells[cell] = if land.cells[cell] {
            shape.near_coast(place, f64::from(height.cells[cell]), d) as f32
        } else {
            shape.sea_floor(place, -d) as f32
        };
        height.cells[cell] = (height.cells[cell] * 10.0).round() / 10.0;
    }
    let flow = fill_and_route(&mut height, &land);
    Ground { height, land, shore, flow }
}

/// Stretches the high ground so that the highest cell is Núi Chúa's 603 m.
fn lift_summit(height: &mut Grid<f32>) {
    let top = height.range().map_or(SUMMIT_M, |r| r.1);
    for z in &mut height.cells {
        let t = smooth_step(60.0, f64::from(top), f64::from(*z)) as f32;
        *z *= 1.0 + (SUMMIT_M / top - 1.0) * t;
    }
}

struct Relief {
    warp: Noise,
    rough: Noise,
    low: Noise,
}

impl Relief {
    const fn new(seed: u64) -> Self {
        Self { warp: Noise::new(seed, 101), rough: Noise::new(seed, 102), low: Noise::new(seed, 103) }
    }

    /// Ground before water has cut it; `d` metres from the coast.
    fn uncut(&self, [x, y]: [f64; 2], d: f64) -> f64 {
        let bend = |shift: f64| 620.0 * self.warp.fractal(x / 2100.0 + shift, y / 2100.0 - shift, 5);
        let [wx, wy] = [x + bend(0.0), y + bend(50.0)];
        let hills = hills([wx, wy]);
        let inland = smooth_step(0.0, 420.0, d);
        let crags = 0.42 + 0.95 * self.rough.ridged(wx / 2300.0, wy / 2300.0, 6);
        let low = 2.0 + 11.0 * (1.0 - (-d / 1600.0).exp());
        let swell = 9.0 * (0.5 + self.low.fractal(x / 1900.0, y / 1900.0, 5)).max(0.0) * smooth_step(150.0, 1600.0, d);
        low * inland.max(0.3) + swell + hills * crags * inland
    }

    /// Beaches, and the runway's shelf.
    fn near_coast(&self, p: [f64; 2], z: f64, d: f64) -> f64 {
        let z = if d < 600.0 { self.beach(p, z, d) } else { z };
        let from_runway = distance_to_segment(p, RUNWAY[0], RUNWAY[1]);
        let shelf = 1.0 - smooth_step(260.0, 900.0, from_runway);
        (RUNWAY_HEIGHT_M - z).mul_add(shelf, z)
    }

    /// No higher than a beach, or a cliff where hills meet the sea.
    fn beach(&self, p: [f64; 2], z: f64, d: f64) -> f64 {
        let steep = smooth_step(15.0, 150.0, hills(p)) * 0.4
            + 0.05 * (0.5 + self.low.value(p[0] / 700.0, p[1] / 700.0)).max(0.0);
        z.min(0.2 + d * (0.03 + steep)).max(0.2)
    }

    /// Height of the sea floor, below 0: 5 to 24 m deep away from the beach.
    fn sea_floor(&self, [x, y]: [f64; 2], d: f64) -> f64 {
        let shelf = 5.5 * (1.0 - (-d / 420.0).exp());
        let open = 17.0 * smooth_step(600.0, 11_000.0, d) * (0.85 + 0.3 * self.low.value(x / 9000.0, y / 9000.0));
        let ripple = 0.8 * self.low.fractal(x / 1500.0 + 9.0, y / 1500.0, 3) * smooth_step(150.0, 900.0, d);
        -(0.2 + shelf + open + ripple).clamp(0.2, 24.0)
    }
}

/// The crests' envelope: every crest falls off like a bell, and where several meet the higher rules.
fn hills(p: [f64; 2]) -> f64 {
    let mut sum = 0.0;
    for crest in CRESTS {
        let mut best = 0.0_f64;
        let single = [crest[0], crest[0]];
        let pairs = if crest.len() > 1 { *crest } else { &single[..] };
        for pair in pairs.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            let (ax, ay) = (a.0 * 1000.0, a.1 * 1000.0);
            let (dx, dy) = (b.0 * 1000.0 - ax, b.1 * 1000.0 - ay);
            let length2 = (dx * dx + dy * dy).max(1.0);
            let t = (((p[0] - ax) * dx + (p[1] - ay) * dy) / length2).clamp(0.0, 1.0);
            let (height, width) = ((b.2 - a.2).mul_add(t, a.2), (b.3 - a.3).mul_add(t, a.3) * 1000.0);
            let off = (p[0] - ax - t * dx).hypot(p[1] - ay - t * dy) / width;
            if off < 3.0 {
                best = best.max(height * (-off.powf(1.7)).exp());
            }
        }
        sum += best.powi(4);
    }
    sum.sqrt().sqrt()
}

#[must_use]
pub fn smooth_step(from: f64, to: f64, x: f64) -> f64 {
    let t = ((x - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}
