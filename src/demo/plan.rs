//! The land-use plan: zones over the whole island with what may be built on them.

use std::collections::BTreeMap;

use super::noise::Noise;
use super::regions::{Region, regions};
use super::shore::{coarser, fill_ring};
use super::terrain::{Ground, RUNWAY, smooth_step};
use super::towns::{Character, District};
use crate::base::rng::KeyedRng;
use crate::geo::grid::Grid;
use crate::geo::measure::{distance, distance_to_segment};

/// Special-use forest (the national park) and protection forest of the real island, hectares.
const SPECIAL_FOREST_HA: f64 = 29_596.0;
const PROTECTION_FOREST_HA: f64 = 6_666.0;

/// What the plan says of a zone; the limits are 0 where nothing may be built.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub struct Rule {
    pub code: &'static str,
    pub name: &'static str,
    pub plot_ratio: f64,
    pub coverage_percent: i64,
    pub storeys: i64,
    pub height_m: f64,
}

const fn rule(
    code: &'static str,
    name: &'static str,
    plot_ratio: f64,
    coverage_percent: i64,
    storeys: i64,
    height_m: f64,
) -> Rule {
    Rule { code, name, plot_ratio, coverage_percent, storeys, height_m }
}

const RULES: &[Rule] = &[
    rule("RDD", "Vườn quốc gia Phú Quốc", 0.0, 0, 0, 0.0),
    rule("RPH", "Rừng phòng hộ", 0.0, 0, 0, 0.0),
    rule("CLN", "Đất trồng cây lâu năm", 0.1, 5, 2, 8.0),
    rule("TMD", "Khu du lịch sinh thái ven biển", 0.8, 25, 5, 20.0),
    rule("DGT", "Cảng hàng không quốc tế Phú Quốc", 0.3, 30, 3, 20.0),
    rule("DGT", "Cảng biển", 0.6, 40, 3, 16.0),
    rule("ODT", "Khu đô thị trung tâm", 5.6, 80, 9, 36.0),
    rule("ODT", "Khu dân cư đô thị hiện hữu", 3.5, 70, 5, 22.0),
    rule("ODT", "Khu dân cư đô thị mới", 2.4, 60, 4, 18.0),
    rule("ONT", "Khu dân cư nông thôn", 1.8, 60, 3, 13.0),
    rule("TMD", "Khu dịch vụ du lịch", 2.0, 40, 9, 36.0),
    rule("TMD", "Khu khách sạn ven biển", 3.2, 50, 12, 45.0),
    rule("DKV", "Công viên, cây xanh", 0.05, 5, 1, 6.0),
    rule("DGD", "Trường học", 1.2, 40, 4, 18.0),
    rule("DYT", "Cơ sở y tế", 2.0, 40, 6, 25.0),
    rule("TSC", "Trụ sở cơ quan", 2.0, 45, 5, 22.0),
    rule("SKK", "Khu công nghiệp", 1.4, 60, 3, 20.0),
    rule("NTD", "Nghĩa trang nhân dân", 0.05, 5, 1, 5.0),
    rule("DRA", "Khu xử lý chất thải", 0.4, 35, 2, 15.0),
    rule("CQP", "Đất quốc phòng", 0.0, 0, 0, 0.0),
    rule("MNC", "Hồ nước Dương Đông", 0.0, 0, 0, 0.0),
];

const RDD: usize = 0;
const RPH: usize = 1;
const CLN: usize = 2;
const COAST_RESORT: usize = 3;
const AIRPORT: usize = 4;
const PORT: usize = 5;

/// Lone zones: (rule, easting km, northing km, radius m).
const SPOTS: &[(usize, f64, f64, f64)] = &[
    (PORT, 446.25, 1107.35, 330.0),
    (PORT, 448.95, 1122.4, 330.0),
    (17, 444.6, 1134.4, 260.0),
    (17, 446.9, 1114.9, 220.0),
    (18, 445.4, 1116.6, 300.0),
    (19, 449.0, 1108.6, 420.0),
    (19, 427.6, 1147.0, 300.0),
    (20, 445.6, 1133.2, 520.0),
    (16, 446.2, 1113.9, 520.0),
];

#[derive(Debug, Clone)]
pub struct Plan {
    /// Index into [`RULES`], one more than it; 0 at sea.
    pub uses: Grid<u16>,
    pub zones: Vec<(Region, Rule)>,
}

impl Plan {
    #[must_use]
    pub fn is_forest(&self, p: [f64; 2]) -> bool {
        self.uses.at(p).is_some_and(|u| usize::from(u) == RDD + 1 || usize::from(u) == RPH + 1)
    }

    /// Inside the reservoir.
    #[must_use]
    pub fn is_lake(&self, p: [f64; 2]) -> bool {
        self.uses.at(p).is_some_and(|u| u == 21)
    }
}

#[must_use]
pub fn make(seed: u64, ground: &Ground, districts: &[District]) -> Plan {
    let mut uses = Grid::filled(coarser(&ground.height.spec, 2), 0_u16);
    // Zones of equal use are told apart by what part of the island they lie in.
    let mut part = Grid::filled(uses.spec.clone(), 0_u32);
    countryside(seed, ground, &mut uses, &mut part);
    for (number, district) in districts.iter().enumerate() {
        town(seed, number, district, ground, &mut uses, &mut part);
    }
    let mut names: BTreeMap<(u16, u32), u16> = BTreeMap::new();
    let mut labels = Grid::filled(uses.spec.clone(), 0_u16);
    let mut of_label = Vec::new();
    for cell in 0..uses.cells.len() {
        if uses.cells[cell] != 0 {
            let next = names.len() as u16 + 1;
            labels.cells[cell] = *names.entry((uses.cells[cell], part.cells[cell])).or_insert_with(|| {
                of_label.push(uses.cells[cell]);
                next
            });
        }
    }
    let rule_of = |label: u16| {
        let used = of_label.get(usize::from(label) - 1).copied().unwrap_or(0);
        RULES.get(usize::from(used).wrapping_sub(1)).cloned()
    };
    let zones =
        regions(&labels, 16).into_iter().filter_map(|r| Some((rule_of(r.label)?, r))).map(|(a, b)| (b, a)).collect();
    Plan { uses, zones }
}

fn countryside(seed: u64, ground: &Ground, uses: &mut Grid<u16>, part: &mut Grid<u32>) {
    let ragged = Noise::new(seed, 1000);
    let spec = uses.spec.clone();
    let mut open: Vec<(f64, f64, usize)> = Vec::new();
    for row in 0..spec.rows {
        for col in 0..spec.cols {
            let p = spec.centre(col, row);
            let Some(true) = ground.land.at(p) else { continue };
            let cell = row * spec.cols + col;
            let shore = f64::from(ground.shore.at(p).unwrap_or(0.0));
            let spot = SPOTS.iter().find(|s| {
                distance(p, [s.1 * 1000.0, s.2 * 1000.0]) < s.3 * (1.0 + 0.5 * ragged.value(p[0] / 300.0, p[1] / 300.0))
            });
            if distance_to_segment(p, RUNWAY[0], RUNWAY[1]) < 430.0 {
                uses.cells[cell] = AIRPORT as u16 + 1;
            } else if let Some(spot) = spot {
                uses.cells[cell] = spot.0 as u16 + 1;
            } else {
                let height = f64::from(ground.height.at(p).unwrap_or(0.0));
                let wild = ragged.fractal(p[0] / 1800.0, p[1] / 1800.0, 4);
                let inland = smooth_step(100.0, 1500.0, shore);
                let west = smooth_step(447_000.0, 437_000.0, p[0]);
                uses.cells[cell] =
                    if shore < 750.0 + 300.0 * wild && west > 0.2 { COAST_RESORT as u16 + 1 } else { CLN as u16 + 1 };
                let high = height.min(220.0) / 220.0;
                let north = (p[1] - 1_128_000.0) / 24_000.0;
                open.push((north + 0.9 * high + 0.35 * inland + 0.3 * wild, high + 0.2 * wild + 0.1 * inland, cell));
            }
            let reach = if uses.cells[cell] as usize == CLN + 1 { 1500.0 } else { 2600.0 };
            part.cells[cell] = nearest_part(seed, p, reach);
        }
    }
    let cells_per_ha = 10_000.0 / (spec.cell_width() * spec.cell_height());
    open.sort_by(|a, b| b.0.total_cmp(&a.0));
    let special = ((SPECIAL_FOREST_HA * cells_per_ha) as usize).min(open.len());
    open[..special].iter().for_each(|(_, _, cell)| uses.cells[*cell] = RDD as u16 + 1);
    let rest = &mut open[special..];
    rest.sort_by(|a, b| b.1.total_cmp(&a.1));
    let protection = ((PROTECTION_FOREST_HA * cells_per_ha) as usize).min(rest.len());
    rest[..protection].iter().for_each(|(_, _, cell)| uses.cells[*cell] = RPH as u16 + 1);
    for (_, _, cell) in &open {
        if usize::from(uses.cells[*cell]) <= RPH + 1 {
            part.cells[*cell] = nearest_part(seed, spec.centre(cell % spec.cols, cell / spec.cols), 2600.0);
        }
    }
}

/// Which point of a jittered grid is nearest: forest compartments and the like.
fn nearest_part(seed: u64, p: [f64; 2], spacing: f64) -> u32 {
    let rng = KeyedRng::new(seed, 1001);
    let (c, r) = ((p[0] / spacing).floor() as i64, (p[1] / spacing).floor() as i64);
    let mut best = (f64::INFINITY, 0);
    for dc in -1..=1 {
        for dr in -1..=1 {
            let key = ((c + dc) * 4096 + r + dr) as u64;
            let seat = [
                ((c + dc) as f64 + rng.range(1, key, 0.1, 0.9)) * spacing,
                ((r + dr) as f64 + rng.range(2, key, 0.1, 0.9)) * spacing,
            ];
            let d = distance(p, seat);
            if d < best.0 {
                best = (d, (key % 0xffff_ffff) as u32);
            }
        }
    }
    best.1
}

/// Zones of a town: groups of blocks, cut along its streets.
fn town(seed: u64, number: usize, district: &District, ground: &Ground, uses: &mut Grid<u16>, part: &mut Grid<u32>) {
    let rng = KeyedRng::new(seed, 1002 + number as u64);
    let lattice = &district.lattice;
    for &(i, j) in &district.blocks {
        let Some(block) = lattice.block(i, j) else { continue };
        let group = ((i / 5) * 100 + j / 7) as u64;
        let p = lattice.place(block.centre());
        let shore = f64::from(ground.shore.at(p).unwrap_or(0.0));
        let density = district.density_at(p);
        let seaward = j >= lattice.main;
        let draw = rng.unit(1, group);
        let used = match district.plan.character {
            Character::Resort if seaward => 10,
            Character::City if shore < 420.0 && seaward => 11,
            _ if draw < 0.05 => 12,
            _ if draw < 0.08 => 13,
            Character::City if draw < 0.10 => 14,
            Character::City if draw < 0.13 => 15,
            Character::Village => 9,
            _ if density > 0.55 => 6,
            _ if density > 0.25 => 7,
            _ => 8,
        };
        let [a, b, c, d] = [
            (block.u0 - 9.0, block.v0 - 9.0),
            (block.u1 + 9.0, block.v0 - 9.0),
            (block.u1 + 9.0, block.v1 + 9.0),
            (block.u0 - 9.0, block.v1 + 9.0),
        ]
        .map(|(u, v)| lattice.place([u, v]));
        let ring = [a, b, c, d, a];
        fill_ring(uses, &ring, used as u16 + 1);
        fill_ring(part, &ring, (1 << 24) + (number as u32) * 100_000 + group as u32);
    }
}
