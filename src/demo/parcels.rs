//! Lots and street land. Blocks are cut in the lattice, so lots and streets tile by construction: each ring takes in
//! every corner of a neighbour that lies on its edges.

use super::lattice::{Cell, Lattice};
use super::terrain::Ground;
use super::towns::{Character, District};
use crate::base::rng::KeyedRng;
use crate::geo::measure::distance;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    Home,
    Shop,
    Villa,
    Hotel,
    Resort,
    School,
    Health,
    Office,
    Market,
    Temple,
    Park,
    Industry,
    Garden,
    Vacant,
    Street,
}

impl Use {
    /// The official land-use code; homes are urban in a ward.
    #[must_use]
    pub const fn code(self, urban: bool) -> &'static str {
        match self {
            Self::Home | Self::Shop | Self::Villa | Self::Vacant => {
                if urban {
                    "ODT"
                } else {
                    "ONT"
                }
            }
            Self::Hotel | Self::Resort => "TMD",
            Self::School => "DGD",
            Self::Health => "DYT",
            Self::Office => "TSC",
            Self::Market => "DCH",
            Self::Temple => "TON",
            Self::Park => "DKV",
            Self::Industry => "SKC",
            Self::Garden => "CLN",
            Self::Street => "DGT",
        }
    }

    /// Who holds the land; kinds only, never persons.
    #[must_use]
    pub const fn holder(self) -> &'static str {
        match self {
            Self::Home | Self::Shop | Self::Garden | Self::Vacant => "Hộ gia đình",
            Self::Villa | Self::Hotel | Self::Resort | Self::Industry => "Tổ chức",
            Self::Temple => "Tôn giáo",
            _ => "Nhà nước",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Parcel {
    /// Counter-clockwise, closed.
    pub ring: Vec<[f64; 2]>,
    pub kind: Use,
    /// Index into the districts.
    pub district: usize,
    /// Block (cross street, along street).
    pub block: (usize, usize),
    /// The lot in the lattice, and whether it fronts the street at its low v.
    pub lot: Cell,
    pub fronts_low: bool,
    /// How dense the town is here, 0 to 1.
    pub density: f64,
}

/// The parcels of one district, blocks first, street land after.
#[must_use]
pub fn divide(seed: u64, number: usize, district: &District, ground: &Ground) -> Vec<Parcel> {
    let rng = KeyedRng::new(seed, 600 + number as u64);
    let lattice = &district.lattice;
    let mut parcels = Vec::new();
    let mut borders = Borders::default();
    for &(i, j) in &district.blocks {
        let Some(block) = lattice.block(i, j) else { continue };
        let key = (i * 1000 + j) as u64;
        let place = lattice.place(block.centre());
        let density = district.density_at(place);
        let shore = f64::from(ground.shore.at(place).unwrap_or(0.0));
        let kind = block_use(rng, key, district, (i, j), density, shore);
        let lots = cut(rng, key, lattice, block, kind, density);
        let corners: Vec<[f64; 2]> = lots.iter().flat_map(|l| l.0.corners()).collect();
        borders.note(i, j, block, &corners);
        for (n, (lot, fronts_low)) in lots.iter().enumerate() {
            let lot_kind = lot_use(rng, key * 100 + n as u64, kind, district, (i, j), *fronts_low, density);
            parcels.push(Parcel {
                ring: ring(lattice, *lot, &corners),
                kind: lot_kind,
                district: number,
                block: (i, j),
                lot: *lot,
                fronts_low: *fronts_low,
                density,
            });
        }
    }
    streets(number, district, &borders, &mut parcels);
    parcels
}

fn block_use(rng: KeyedRng, key: u64, district: &District, (_, j): (usize, usize), density: f64, shore: f64) -> Use {
    let seaward = j >= district.lattice.main;
    let draw = rng.unit(1, key);
    match district.plan.character {
        Character::Resort if seaward && draw < 0.72 => Use::Resort,
        Character::Resort if seaward && draw < 0.86 => Use::Hotel,
        Character::Resort if seaward && draw < 0.94 => Use::Villa,
        Character::Resort if seaward => Use::Park,
        Character::Resort if draw < 0.2 => Use::Villa,
        Character::City if shore < 330.0 && seaward && draw < 0.45 => Use::Hotel,
        _ => {
            let table = [
                (0.014, Use::School),
                (0.004, Use::Health),
                (0.010, Use::Office),
                (0.006, Use::Market),
                (0.016, Use::Park),
                (0.006, Use::Temple),
                (0.03 * (1.0 - density), Use::Industry),
                (0.22 * (1.0 - density).powi(2), Use::Garden),
                (0.02, Use::Villa),
            ];
            let mut sum = 0.0;
            table
                .iter()
                .find(|(share, _)| {
                    sum += share;
                    draw < sum
                })
                .map_or(Use::Home, |found| found.1)
        }
    }
}

/// Lots of a block and whether each fronts the street at its low v.
fn cut(rng: KeyedRng, key: u64, lattice: &Lattice, block: Cell, kind: Use, density: f64) -> Vec<(Cell, bool)> {
    let [_, v] = block.centre();
    let [u, _] = block.centre();
    let length = distance(lattice.place([block.u0, v]), lattice.place([block.u1, v]));
    let depth = distance(lattice.place([u, block.v0]), lattice.place([u, block.v1]));
    let width = match kind {
        Use::Home | Use::Shop | Use::Vacant => (6.25 + 11.2 * (1.0 - density).powf(1.6)) * rng.range(2, key, 0.9, 1.15),
        Use::Villa => rng.range(2, key, 13.0, 18.0),
        Use::Hotel => rng.range(2, key, 34.0, 62.0),
        Use::Industry => rng.range(2, key, 45.0, 70.0),
        Use::Garden => rng.range(2, key, 26.0, 48.0),
        Use::Office | Use::Temple | Use::Health => length / 2.0,
        _ => length,
    };
    let rows = match kind {
        Use::Home | Use::Shop | Use::Villa | Use::Garden | Use::Vacant | Use::Hotel if depth > 30.0 => 2,
        Use::Temple | Use::Office if depth > 44.0 => 2,
        _ => 1,
    };
    let middle = rng.range(3, key, 0.46, 0.54).mul_add(block.v1 - block.v0, block.v0);
    let own_cuts = rng.unit(4, key) < 0.3;
    let mut lots = Vec::new();
    for row in 0..rows {
        let (v0, v1) = match (rows, row) {
            (1, _) => (block.v0, block.v1),
            (_, 0) => (block.v0, middle),
            _ => (middle, block.v1),
        };
        let step = if own_cuts { 10 + row as u64 } else { 10 };
        let count = (length / width * rng.range(step + 10, key, 0.93, 1.07)).round().max(1.0);
        let at = |k: f64| {
            if k <= 0.0 {
                block.u0
            } else if k >= count {
                block.u1
            } else {
                let shift = rng.range(step, key * 100 + k as u64, -0.14, 0.14);
                (block.u1 - block.u0).mul_add((k + shift) / count, block.u0)
            }
        };
        for k in 0..count as u32 {
            let k = f64::from(k);
            lots.push((Cell { u0: at(k), u1: at(k + 1.0), v0, v1 }, row == 0));
        }
    }
    lots
}

fn lot_use(
    rng: KeyedRng,
    key: u64,
    block: Use,
    district: &District,
    (_, j): (usize, usize),
    fronts_low: bool,
    density: f64,
) -> Use {
    let draw = rng.unit(5, key);
    match block {
        Use::Home => {
            let main = district.lattice.main;
            let on_main_road = (j == main && fronts_low) || (j + 1 == main && !fronts_low);
            if draw < 0.125 + 0.12 * (1.0 - density) {
                Use::Vacant
            } else if on_main_road && draw < 0.62 || draw < 0.24 {
                Use::Shop
            } else if on_main_road && draw < 0.74 {
                Use::Hotel
            } else {
                Use::Home
            }
        }
        Use::Villa if draw < 0.08 => Use::Vacant,
        other => other,
    }
}

/// The lot's ring with every corner of the block that lies on its edges.
fn ring(lattice: &Lattice, lot: Cell, corners: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let along_u = |v: f64| between(corners.iter().filter(|c| c[1] == v).map(|c| c[0]), lot.u0, lot.u1);
    let along_v = |u: f64| between(corners.iter().filter(|c| c[0] == u).map(|c| c[1]), lot.v0, lot.v1);
    bent_ring(lattice, lot, &along_u(lot.v0), &along_v(lot.u1), &along_u(lot.v1), &along_v(lot.u0))
}

/// A ring with extra points on its four edges (low v, high u, high v, low u), each ascending.
fn bent_ring(lattice: &Lattice, c: Cell, south: &[f64], east: &[f64], north: &[f64], west: &[f64]) -> Vec<[f64; 2]> {
    let mut uv = vec![[c.u0, c.v0]];
    uv.extend(south.iter().map(|u| [*u, c.v0]));
    uv.push([c.u1, c.v0]);
    uv.extend(east.iter().map(|v| [c.u1, *v]));
    uv.push([c.u1, c.v1]);
    uv.extend(north.iter().rev().map(|u| [*u, c.v1]));
    uv.push([c.u0, c.v1]);
    uv.extend(west.iter().rev().map(|v| [c.u0, *v]));
    uv.push([c.u0, c.v0]);
    uv.into_iter().map(|p| lattice.place(p)).collect()
}

fn between(values: impl Iterator<Item = f64>, low: f64, high: f64) -> Vec<f64> {
    let mut inside: Vec<f64> = values.filter(|v| *v > low && *v < high).collect();
    inside.sort_by(f64::total_cmp);
    inside.dedup();
    inside
}

/// Where lots end on the four sides of each block.
#[derive(Debug, Default)]
struct Borders {
    sides: std::collections::BTreeMap<(usize, usize), [Vec<f64>; 4]>,
}

const LOW_V: usize = 0;
const HIGH_U: usize = 1;
const HIGH_V: usize = 2;
const LOW_U: usize = 3;

impl Borders {
    fn note(&mut self, i: usize, j: usize, b: Cell, corners: &[[f64; 2]]) {
        let us = |v: f64| between(corners.iter().filter(|c| c[1] == v).map(|c| c[0]), b.u0, b.u1);
        let vs = |u: f64| between(corners.iter().filter(|c| c[0] == u).map(|c| c[1]), b.v0, b.v1);
        self.sides.insert((i, j), [us(b.v0), vs(b.u1), us(b.v1), vs(b.u0)]);
    }

    fn side(&self, block: Option<(usize, usize)>, side: usize) -> &[f64] {
        block.and_then(|b| self.sides.get(&b)).map_or(&[], |sides| &sides[side])
    }
}

/// Longest piece of street land, in blocks.
const RUN: usize = 9;

/// Street land: along the main road's direction in runs with their crossings, across it from run to run.
fn streets(number: usize, district: &District, borders: &Borders, parcels: &mut Vec<Parcel>) {
    let lattice = &district.lattice;
    let built = |i: Option<usize>, j: Option<usize>| i.zip(j).filter(|b| district.blocks.contains(b));
    let mut push = |ring: Vec<[f64; 2]>, lot: Cell, block: (usize, usize)| {
        parcels.push(Parcel { ring, kind: Use::Street, district: number, block, lot, fronts_low: true, density: 0.0 });
    };
    for (j, along) in lattice.along.iter().enumerate() {
        let (v0, v1) = (along.at - along.half, along.at + along.half);
        let sides = |i: usize| (built(Some(i), j.checked_sub(1)), built(Some(i), Some(j)));
        let runs_on = |i: usize| sides(i).0.is_some() || sides(i).1.is_some();
        let mut i = 0;
        while i + 1 < lattice.cross.len() {
            if !runs_on(i) {
                i += 1;
                continue;
            }
            let first = i;
            let (mut south, mut north) = (Vec::new(), Vec::new());
            while i + 1 < lattice.cross.len() && runs_on(i) && i < first + RUN {
                let (here, next) = (lattice.cross[i], lattice.cross[i + 1]);
                for (side, cuts) in
                    [(&mut south, borders.side(sides(i).0, HIGH_V)), (&mut north, borders.side(sides(i).1, LOW_V))]
                {
                    side.extend([here.at - here.half, here.at + here.half]);
                    side.extend(cuts);
                    side.push(next.at - next.half);
                }
                i += 1;
            }
            // The last crossing belongs to the run that goes on, if one does.
            let last = lattice.cross[i];
            let goes_on = i + 1 < lattice.cross.len() && runs_on(i);
            let u0 = lattice.cross[first].at - lattice.cross[first].half;
            let u1 = if goes_on { last.at - last.half } else { last.at + last.half };
            south.push(last.at - last.half);
            north.push(last.at - last.half);
            let lot = Cell { u0, u1, v0, v1 };
            let (south, north) = (between(south.into_iter(), u0, u1), between(north.into_iter(), u0, u1));
            push(bent_ring(lattice, lot, &south, &[], &north, &[]), lot, (first, j));
        }
    }
    for (i, across) in lattice.cross.iter().enumerate() {
        let (u0, u1) = (across.at - across.half, across.at + across.half);
        for (j, pair) in lattice.along.windows(2).enumerate() {
            let (before, after) = (built(i.checked_sub(1), Some(j)), built(Some(i), Some(j)));
            if before.is_some() || after.is_some() {
                let lot = Cell { u0, u1, v0: pair[0].at + pair[0].half, v1: pair[1].at - pair[1].half };
                let (east, west) = (borders.side(after, LOW_U), borders.side(before, HIGH_U));
                push(bent_ring(lattice, lot, &[], east, &[], west), lot, (i, j));
            }
        }
    }
}
