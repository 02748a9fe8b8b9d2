//! Where people live: districts along main roads, each a lattice of streets with the blocks that can be built on.

use std::collections::BTreeSet;

use super::lattice::{Cell, Lattice, Spine, Street};
use super::noise::Noise;
use super::shore::fill_ring;
use super::terrain::{Ground, RUNWAY};
use crate::base::rng::KeyedRng;
use crate::geo::grid::{Grid, GridSpec};
use crate::geo::measure::{distance, distance_to_segment};

/// What a district is like; positions in kilometres, EPSG:9207.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub name: &'static str,
    pub main_road: &'static str,
    pub spine: &'static [(f64, f64)],
    /// Middle of the town and how far it reaches, kilometres.
    pub centre: (f64, f64),
    pub radius: f64,
    /// How far it reaches along the whole main road, to the (left, right), kilometres.
    pub strip: (f64, f64),
    /// Spacing of streets (across, along) the main road, metres.
    pub spacing: (f64, f64),
    /// 1 in the densest town, 0 in a hamlet.
    pub density: f64,
    pub character: Character,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Character {
    City,
    Village,
    Resort,
}

pub const DISTRICTS: &[Plan] = &[
    Plan {
        name: "Dương Đông",
        main_road: "Trần Hưng Đạo",
        spine: &[
            (441.95, 1125.9),
            (441.55, 1127.2),
            (441.3, 1128.5),
            (441.4, 1129.7),
            (441.9, 1130.9),
            (442.7, 1132.0),
            (443.3, 1132.9),
        ],
        centre: (441.7, 1130.6),
        radius: 1.72,
        strip: (0.42, 0.24),
        spacing: (128.0, 58.0),
        density: 1.0,
        character: Character::City,
    },
    Plan {
        name: "Bãi Trường",
        main_road: "Đường Bãi Trường",
        spine: &[
            (444.75, 1112.2),
            (444.4, 1114.4),
            (443.95, 1117.0),
            (443.5, 1119.4),
            (443.1, 1121.4),
            (442.75, 1123.2),
        ],
        centre: (443.6, 1120.0),
        radius: 0.55,
        strip: (0.66, 0.13),
        spacing: (170.0, 74.0),
        density: 0.45,
        character: Character::Resort,
    },
    Plan {
        name: "An Thới",
        main_road: "Nguyễn Văn Cừ",
        spine: &[(446.35, 1107.7), (446.2, 1108.8), (446.4, 1110.0), (446.35, 1111.3), (446.0, 1112.6)],
        centre: (446.3, 1109.3),
        radius: 1.08,
        strip: (0.2, 0.2),
        spacing: (120.0, 56.0),
        density: 0.85,
        character: Character::City,
    },
    Plan {
        name: "Hàm Ninh",
        main_road: "Đường Hàm Ninh",
        spine: &[(448.7, 1122.9), (449.4, 1124.2), (449.8, 1125.4), (450.0, 1126.8), (450.45, 1128.0)],
        centre: (449.9, 1126.0),
        radius: 0.62,
        strip: (0.13, 0.13),
        spacing: (130.0, 70.0),
        density: 0.4,
        character: Character::Village,
    },
    Plan {
        name: "Cửa Cạn",
        main_road: "Đường Cửa Cạn",
        spine: &[(433.2, 1139.6), (434.4, 1139.5), (435.6, 1139.0), (436.8, 1138.2)],
        centre: (435.4, 1139.1),
        radius: 0.5,
        strip: (0.1, 0.1),
        spacing: (140.0, 76.0),
        density: 0.25,
        character: Character::Village,
    },
    Plan {
        name: "Gành Dầu",
        main_road: "Đường Gành Dầu",
        spine: &[(427.9, 1145.5), (429.0, 1146.1), (430.6, 1146.15), (432.2, 1145.9)],
        centre: (429.3, 1146.1),
        radius: 0.55,
        strip: (0.12, 0.1),
        spacing: (135.0, 72.0),
        density: 0.3,
        character: Character::Village,
    },
    Plan {
        name: "Bãi Thơm",
        main_road: "Đường Bãi Thơm",
        spine: &[(446.3, 1152.9), (447.4, 1151.9), (448.6, 1150.9), (450.2, 1149.9)],
        centre: (448.4, 1151.1),
        radius: 0.5,
        strip: (0.1, 0.1),
        spacing: (140.0, 76.0),
        density: 0.2,
        character: Character::Village,
    },
    Plan {
        name: "Cửa Dương",
        main_road: "ĐT 975",
        spine: &[(443.35, 1134.0), (443.1, 1136.0), (442.95, 1138.2), (443.3, 1140.6)],
        centre: (443.05, 1136.8),
        radius: 0.72,
        strip: (0.12, 0.12),
        spacing: (140.0, 72.0),
        density: 0.3,
        character: Character::Village,
    },
    Plan {
        name: "Ông Lang",
        main_road: "Đường Ông Lang",
        spine: &[(440.35, 1133.1), (439.5, 1134.5), (438.3, 1136.0), (437.4, 1137.2)],
        centre: (439.3, 1134.9),
        radius: 0.42,
        strip: (0.42, 0.1),
        spacing: (150.0, 72.0),
        density: 0.3,
        character: Character::Resort,
    },
    Plan {
        name: "Bãi Dài",
        main_road: "Đường Bãi Dài",
        spine: &[(430.3, 1140.6), (429.7, 1142.0), (429.2, 1143.4), (428.7, 1144.6)],
        centre: (429.4, 1142.6),
        radius: 0.5,
        strip: (0.66, 0.12),
        spacing: (180.0, 84.0),
        density: 0.35,
        character: Character::Resort,
    },
    Plan {
        name: "Suối Đá",
        main_road: "ĐT 975",
        spine: &[(444.9, 1127.6), (445.0, 1129.0), (444.75, 1130.6), (444.3, 1132.0)],
        centre: (444.8, 1129.9),
        radius: 0.6,
        strip: (0.12, 0.12),
        spacing: (138.0, 66.0),
        density: 0.45,
        character: Character::Village,
    },
];

#[derive(Debug, Clone)]
pub struct District {
    pub plan: Plan,
    pub lattice: Lattice,
    /// (cross street, along street) of each block that is built on.
    pub blocks: BTreeSet<(usize, usize)>,
}

impl District {
    /// How dense the town is at a place, 0 to 1.
    #[must_use]
    pub fn density_at(&self, p: [f64; 2]) -> f64 {
        let centre = [self.plan.centre.0 * 1000.0, self.plan.centre.1 * 1000.0];
        self.plan.density * (-(distance(p, centre) / (self.plan.radius * 700.0)).powi(2)).exp()
    }
}

/// Ground that is taken: towns so far, the airport.
#[must_use]
pub fn free_ground(ground: &Ground) -> Grid<bool> {
    let [west, _, _, north] = ground.height.spec.bounds();
    let (cols, rows) = (ground.height.spec.cols * 2, ground.height.spec.rows * 2);
    let spec = GridSpec::north_up(ground.height.spec.crs.clone(), west, north, 15.0, cols, rows);
    let mut free = Grid::filled(spec.clone(), true);
    for row in 0..rows {
        for col in 0..cols {
            if distance_to_segment(spec.centre(col, row), RUNWAY[0], RUNWAY[1]) < 420.0 {
                free.set(col, row, false);
            }
        }
    }
    free
}

/// All districts; marks their ground as taken in `free`.
#[must_use]
pub fn settle(seed: u64, ground: &Ground, free: &mut Grid<bool>) -> Vec<District> {
    DISTRICTS
        .iter()
        .enumerate()
        .map(|(number, plan)| {
            let lattice = lay_out(seed, number, plan);
            let blocks = connected(&lattice, &buildable(seed, number, plan, &lattice, ground, free));
            for (i, j) in &blocks {
                if let Some(cell) = with_streets(&lattice, *i, *j) {
                    fill_ring(free, &outline(&lattice, cell), false);
                }
            }
            District { plan: *plan, lattice, blocks }
        })
        .collect()
}

fn lay_out(seed: u64, number: usize, plan: &Plan) -> Lattice {
    let rng = KeyedRng::new(seed, 200 + number as u64);
    let spine = Spine::new(plan.spine);
    let reach = (plan.radius * 1250.0).max(plan.strip.0.max(plan.strip.1) * 1300.0);
    let half = |step: u64, i: u64| {
        if i.is_multiple_of(5) { rng.range(step + 9, i, 6.0, 7.5) } else { rng.range(step + 9, i, 3.2, 5.0) }
    };
    let mut cross = Vec::new();
    let mut u = 0.0;
    while u <= spine.length() {
        let i = cross.len() as u64;
        cross.push(Street { at: u, half: half(1, i) });
        u += plan.spacing.0 * rng.range(1, i, 0.78, 1.22);
    }
    let side = |step: u64| {
        let mut streets = Vec::new();
        let mut v = 0.0;
        while v < reach {
            let i = streets.len() as u64;
            v += plan.spacing.1 * rng.range(step, i, 0.86, 1.16) + if i == 0 { 8.0 } else { 0.0 };
            streets.push(Street { at: v, half: half(step, i + 1) });
        }
        streets
    };
    let (left, right) = (side(2), side(3));
    let main = right.len();
    let main_half = if plan.character == Character::Village { 7.5 } else { 12.0 };
    let mut along: Vec<Street> = right.iter().rev().map(|s| Street { at: -s.at, half: s.half }).collect();
    along.push(Street { at: 0.0, half: main_half });
    along.extend(left);
    Lattice::new(spine, cross, along, main, Noise::new(seed, 300 + number as u64))
}

/// A block with half of the streets around it.
fn with_streets(lattice: &Lattice, i: usize, j: usize) -> Option<Cell> {
    let block = lattice.block(i, j)?;
    let (west, east) = (lattice.cross.get(i)?.half, lattice.cross.get(i + 1)?.half);
    let (right, left) = (lattice.along.get(j)?.half, lattice.along.get(j + 1)?.half);
    Some(Cell {
        u0: block.u0 - 2.0 * west,
        u1: block.u1 + 2.0 * east,
        v0: block.v0 - 2.0 * right,
        v1: block.v1 + 2.0 * left,
    })
}

fn outline(lattice: &Lattice, cell: Cell) -> Vec<[f64; 2]> {
    let [a, b, c, d] = cell.corners();
    let middle = |p: [f64; 2], q: [f64; 2]| [f64::midpoint(p[0], q[0]), f64::midpoint(p[1], q[1])];
    [a, middle(a, b), b, c, middle(c, d), d, a].iter().map(|p| lattice.place(*p)).collect()
}

fn buildable(
    seed: u64,
    number: usize,
    plan: &Plan,
    lattice: &Lattice,
    ground: &Ground,
    free: &Grid<bool>,
) -> BTreeSet<(usize, usize)> {
    let ragged = Noise::new(seed, 400 + number as u64);
    let centre = [plan.centre.0 * 1000.0, plan.centre.1 * 1000.0];
    let mut blocks = BTreeSet::new();
    for i in 0..lattice.cross.len().saturating_sub(1) {
        for j in 0..lattice.along.len() - 1 {
            let Some(cell) = with_streets(lattice, i, j) else { continue };
            let [_, v] = cell.centre();
            let p = lattice.place(cell.centre());
            let reach = if v > 0.0 { plan.strip.0 } else { plan.strip.1 } * 1000.0;
            let near_road = 1.0 - (v.abs() / reach).powi(4);
            let in_town = 1.0 - (distance(p, centre) / (plan.radius * 1000.0)).powi(2);
            let wanted = near_road.max(in_town) + 0.9 * ragged.fractal(p[0] / 520.0, p[1] / 520.0, 3);
            if wanted > 0.05 && fits(lattice, cell, ground, free) {
                blocks.insert((i, j));
            }
        }
    }
    blocks
}

/// Whether a block lies on free, dry and gentle ground.
fn fits(lattice: &Lattice, cell: Cell, ground: &Ground, free: &Grid<bool>) -> bool {
    const RIVER_M2: f64 = 3.0e6;
    let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
    for a in 0..=4 {
        for b in 0..=2 {
            let u = (cell.u1 - cell.u0).mul_add(f64::from(a) / 4.0, cell.u0);
            let v = (cell.v1 - cell.v0).mul_add(f64::from(b) / 2.0, cell.v0);
            let p = lattice.place([u, v]);
            let Some((col, row)) = ground.height.spec.cell_at(p) else { return false };
            let index = row * ground.height.spec.cols + col;
            let dry = ground.shore.cells[index] > 45.0 && ground.flow.area_m2[index] < RIVER_M2;
            if !dry || !free.at(p).unwrap_or(false) {
                return false;
            }
            low = low.min(ground.height.cells[index]);
            high = high.max(ground.height.cells[index]);
        }
    }
    high - low < 16.0 && high < 75.0
}

/// The blocks that streets join to the main road.
fn connected(lattice: &Lattice, blocks: &BTreeSet<(usize, usize)>) -> BTreeSet<(usize, usize)> {
    let mut waiting: Vec<(usize, usize)> =
        blocks.iter().copied().filter(|(_, j)| *j == lattice.main || j + 1 == lattice.main).collect();
    let mut reached: BTreeSet<(usize, usize)> = waiting.iter().copied().collect();
    while let Some((i, j)) = waiting.pop() {
        for near_i in i.saturating_sub(1)..=i + 1 {
            for near_j in j.saturating_sub(1)..=j + 1 {
                if blocks.contains(&(near_i, near_j)) && reached.insert((near_i, near_j)) {
                    waiting.push((near_i, near_j));
                }
            }
        }
    }
    reached
}
