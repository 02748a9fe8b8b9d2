//! Street lights and trees.

use super::parcels::{Parcel, Use};
use super::roads::{Class, Roads};
use super::source::round_mm;
use super::terrain::Ground;
use super::towns::District;
use crate::base::rng::KeyedRng;
use crate::geo::measure::{distance, length};

#[derive(Debug, Clone, PartialEq)]
pub struct Light {
    pub at: [f64; 2],
    pub height_m: f64,
    pub watts: i64,
    pub state: &'static str,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    pub at: [f64; 2],
    pub species: &'static str,
    pub height_m: f64,
}

#[must_use]
pub fn lights(seed: u64, districts: &[District], roads: &Roads) -> Vec<Light> {
    let rng = KeyedRng::new(seed, 900);
    let mut lights = Vec::new();
    for (index, edge) in roads.edges.iter().enumerate() {
        let Some(street) = edge.street else { continue };
        let lattice = &districts[street.district].lattice;
        let (spacing, height_m, watts) = match edge.class {
            Class::Main => (35.0, 10.0, 150),
            Class::Collector => (38.0, 9.0, 120),
            _ => (75.0, 7.0, 80),
        };
        let count = (length(&edge.line) / spacing).round().max(1.0);
        for k in 0..count as u32 {
            let key = index as u64 * 64 + u64::from(k);
            let side = if edge.class == Class::Main && k % 2 == 1 { -1.0 } else { 1.0 };
            let at = street.beside(lattice, (f64::from(k) + 0.5) / count, side * (street.half(lattice) - 0.7));
            let state = if rng.unit(1, key) < 0.965 { "Hoạt động" } else { "Hỏng" };
            lights.push(Light { at, height_m, watts, state });
        }
    }
    lights
}

/// Street, park and garden trees, and those that line the roads between towns.
#[must_use]
pub fn trees(seed: u64, districts: &[District], roads: &Roads, parcels: &[Parcel], ground: &Ground) -> Vec<Tree> {
    let rng = KeyedRng::new(seed, 950);
    let mut trees = Vec::new();
    for (index, edge) in roads.edges.iter().enumerate() {
        let key = |k: u32| index as u64 * 4096 + u64::from(k);
        match edge.street {
            Some(street) if edge.class != Class::Street => {
                let lattice = &districts[street.district].lattice;
                let count = (length(&edge.line) / 17.0).floor();
                for k in 0..count as u32 {
                    let side = if k % 2 == 0 { 1.0 } else { -1.0 };
                    if rng.unit(1, key(k)) < 0.85 {
                        let at =
                            street.beside(lattice, (f64::from(k) + 0.3) / count, side * (street.half(lattice) - 1.6));
                        let species = STREET_TREES[rng.below(2, key(k), 4) as usize];
                        trees.push(Tree { at, species, height_m: tall(rng, key(k), 5.0, 11.0) });
                    }
                }
            }
            Some(_) => {}
            None => along_road(rng, &edge.line, ground, key(0), &mut trees),
        }
    }
    for (index, parcel) in parcels.iter().enumerate() {
        let (count, low, high) = match parcel.kind {
            Use::Park => (40, 6.0, 14.0),
            Use::Resort => (9, 7.0, 13.0),
            Use::School => (10, 6.0, 10.0),
            _ => continue,
        };
        let lattice = &districts[parcel.district].lattice;
        for k in 0..count {
            let key = (1_u64 << 40) + index as u64 * 64 + k;
            let u = rng.range(4, key, 0.04, 0.96).mul_add(parcel.lot.u1 - parcel.lot.u0, parcel.lot.u0);
            let v = rng.range(5, key, 0.02, 0.1).mul_add(parcel.lot.v1 - parcel.lot.v0, parcel.lot.v0);
            let v =
                if parcel.kind == Use::Park { rng.range(6, key, parcel.lot.v0 + 2.0, parcel.lot.v1 - 2.0) } else { v };
            let species =
                if parcel.kind == Use::Resort { "Dừa" } else { STREET_TREES[rng.below(7, key, 4) as usize] };
            trees.push(Tree { at: lattice.place([u, v]), species, height_m: tall(rng, key, low, high) });
        }
    }
    trees
}

const STREET_TREES: [&str; 4] = ["Sao đen", "Dầu rái", "Bàng", "Phượng vĩ"];

fn tall(rng: KeyedRng, key: u64, low: f64, high: f64) -> f64 {
    (rng.range(3, key, low, high) * 10.0).round() / 10.0
}

/// The edge of the woods, 9 to 22 m from the road.
fn along_road(rng: KeyedRng, line: &[[f64; 2]], ground: &Ground, key: u64, trees: &mut Vec<Tree>) {
    let mut k = 0;
    for w in line.windows(2) {
        let piece = distance(w[0], w[1]);
        let mut at = 0.0;
        while at < piece {
            k += 1;
            let t = at / piece;
            let side = rng.range(8, key + k, 9.0, 22.0) * if k % 2 == 0 { 1.0 } else { -1.0 };
            let p = round_mm([
                (w[1][0] - w[0][0]).mul_add(t, w[0][0]) - side * (w[1][1] - w[0][1]) / piece,
                (w[1][1] - w[0][1]).mul_add(t, w[0][1]) + side * (w[1][0] - w[0][0]) / piece,
            ]);
            if ground.shore.at(p).is_some_and(|d| d > 20.0) {
                trees.push(Tree { at: p, species: "Cây rừng", height_m: tall(rng, key + k, 6.0, 17.0) });
            }
            at += 32.0;
        }
    }
}
