//! What grows where: the classes that fire and water models ask for, on the terrain's grid.

use super::noise::Noise;
use super::plan::Plan;
use super::shore::fill_ring;
use super::terrain::{Ground, RUNWAY};
use super::towns::District;
use crate::geo::grid::Grid;
use crate::geo::measure::distance_to_segment;
use crate::geo::terrain::slope_aspect;

/// The exporter's value for a cell without a class.
const NO_CLASS: u16 = u16::MAX;

/// Cell values, with the names shown for them (Vietnamese, English) and their colours on the map.
pub const CLASSES: [(u16, &str, &str, [u8; 3]); 10] = [
    (1, "Rừng kín thường xanh cây họ Dầu", "Evergreen dipterocarp forest", [62, 110, 66]),
    (2, "Rừng thứ sinh", "Secondary forest", [98, 143, 84]),
    (3, "Rừng tràm", "Melaleuca forest", [128, 155, 102]),
    (4, "Rừng ngập mặn", "Mangrove", [84, 132, 110]),
    (5, "Trảng cây bụi", "Scrub", [156, 170, 112]),
    (6, "Trảng cỏ", "Grassland", [184, 194, 132]),
    (7, "Vườn tiêu, cây ăn quả", "Pepper and fruit gardens", [166, 184, 104]),
    (8, "Đất xây dựng", "Built-up", [205, 196, 184]),
    (9, "Bãi cát, đất trống", "Sand and bare ground", [229, 215, 176]),
    (10, "Mặt nước", "Water", [112, 160, 184]),
];

/// The sea has no class.
#[must_use]
pub fn classify(seed: u64, ground: &Ground, plan: &Plan, districts: &[District]) -> Grid<u16> {
    let patch = Noise::new(seed, 1100);
    let spec = ground.height.spec.clone();
    let mut classes = Grid::filled(spec.clone(), NO_CLASS);
    for row in 0..spec.rows {
        for col in 0..spec.cols {
            if ground.land.get(col, row) {
                let class = natural(patch, ground, plan, col, row);
                classes.set(col, row, class);
            }
        }
    }
    for district in districts {
        for &(i, j) in &district.blocks {
            if let Some(block) = district.lattice.block(i, j) {
                let mut ring = block.corners().map(|p| district.lattice.place(p)).to_vec();
                ring.push(ring[0]);
                fill_ring(&mut classes, &ring, 8);
            }
        }
    }
    classes
}

fn natural(patch: Noise, ground: &Ground, plan: &Plan, col: usize, row: usize) -> u16 {
    let spec = &ground.height.spec;
    let p = spec.centre(col, row);
    let cell = row * spec.cols + col;
    let (height, shore, drained) = (ground.height.cells[cell], ground.shore.cells[cell], ground.flow.area_m2[cell]);
    let slope = slope_aspect(&ground.height, col, row).0.tan();
    let near = patch.fractal(p[0] / 420.0, p[1] / 420.0, 4);
    let wide = patch.fractal(p[0] / 2400.0 + 7.0, p[1] / 2400.0, 3);
    let forest = plan.is_forest(p);
    if drained > 3.5e6 || plan.is_lake(p) {
        10
    } else if distance_to_segment(p, RUNWAY[0], RUNWAY[1]) < 45.0 {
        8
    } else if distance_to_segment(p, RUNWAY[0], RUNWAY[1]) < 300.0 {
        6
    } else if shore < 50.0 && slope < 0.12 {
        9
    } else if height < 2.4 && drained > 2.0e5 && shore < 1500.0 {
        4
    } else if height < 9.0 && slope < 0.02 && wide > 0.22 {
        3
    } else if forest && (height > 70.0 || near + wide > -0.15) {
        1
    } else if forest || height > 90.0 || near > 0.38 {
        2
    } else if near > 0.12 {
        7
    } else if wide + near > 0.0 {
        5
    } else if near > -0.4 {
        7
    } else {
        6
    }
}
