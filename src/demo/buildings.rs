//! Buildings inside their lots: tube houses wall to wall, villas in gardens, hotels, bungalows, schools.

use super::lattice::{Cell, Lattice};
use super::parcels::{Parcel, Use};
use super::towns::District;
use crate::base::rng::KeyedRng;
use crate::geo::measure::{distance, ring_area};

/// Residents of the whole island.
pub const RESIDENTS: i64 = 180_000;

#[derive(Debug, Clone, PartialEq)]
pub struct Building {
    /// Counter-clockwise, closed.
    pub ring: Vec<[f64; 2]>,
    pub height_m: f64,
    pub storeys: i64,
    pub kind: &'static str,
    /// Index into the parcels.
    pub parcel: usize,
    pub residents: i64,
}

/// A footprint in shares of the lot: (along the front from, to), (from the street from, to).
type Box4 = [f64; 4];

#[must_use]
pub fn build(seed: u64, districts: &[District], parcels: &[Parcel]) -> Vec<Building> {
    let rng = KeyedRng::new(seed, 700);
    let mut buildings = Vec::new();
    for (index, parcel) in parcels.iter().enumerate() {
        if let Some(district) = districts.get(parcel.district) {
            on_lot(rng, index, parcel, &district.lattice, &mut buildings);
        }
    }
    house(rng, &mut buildings);
    buildings
}

fn on_lot(rng: KeyedRng, index: usize, parcel: &Parcel, lattice: &Lattice, out: &mut Vec<Building>) {
    let key = index as u64;
    let lot = parcel.lot;
    let [u, v] = lot.centre();
    let front = distance(lattice.place([lot.u0, v]), lattice.place([lot.u1, v]));
    let depth = distance(lattice.place([u, lot.v0]), lattice.place([u, lot.v1]));
    let draw = |step: u64, low: f64, high: f64| rng.range(step, key, low, high);
    let storeys = |step: u64, low: f64, high: f64| draw(step, low, high + 0.999).floor();
    // Metres from the lot's sides become shares of it.
    let inset = |side: f64, street: f64, back: f64| -> Box4 {
        let side = (side / front).min(0.4);
        [side, 1.0 - side, (street / depth).min(0.4), 1.0 - (back / depth).min(0.4)]
    };
    let mut put = |shape: &[[f64; 2]], storeys: f64, storey_m: f64, kind: &'static str| {
        let ring = footprint(lattice, lot, parcel.fronts_low, shape);
        let height_m = ((storeys * storey_m + draw(20, 0.2, 1.2)) * 10.0).round() / 10.0;
        if ring_area(&ring) > 12.0 {
            out.push(Building { ring, height_m, storeys: storeys as i64, kind, parcel: index, residents: 0 });
        }
    };
    let d = parcel.density;
    match parcel.kind {
        Use::Home | Use::Shop => {
            let side = if front < 8.0 { 0.06 } else { draw(1, 0.8, 2.2) };
            let long = (depth - draw(2, 10.0, 20.0)).max(2.0);
            let back = if front < 8.0 { draw(3, 1.5, 4.5) } else { long.min(depth * 0.4) };
            let street = if parcel.kind == Use::Shop { 0.3 } else { draw(4, 0.5, 3.5 + 3.0 * (1.0 - d)) };
            let top = if draw(5, 0.0, 1.0) < d { 5.0 } else { 2.0 };
            let kind = if parcel.kind == Use::Shop { "Nhà phố" } else { "Nhà ở" };
            put(&rectangle(inset(side, street, back)), storeys(6, 1.0, top), 3.4, kind);
        }
        Use::Villa => put(&rectangle(inset(2.5, 4.0, 5.0)), storeys(6, 2.0, 3.0), 3.6, "Biệt thự"),
        Use::Hotel => {
            let high = 3.0 + 9.0 * d.max(0.25) * draw(7, 0.3, 1.0);
            let box4 = inset(3.0, 5.0, 4.0);
            let shape = if draw(8, 0.0, 1.0) < 0.5 { l_shape(box4, draw(9, 0.35, 0.5)) } else { rectangle(box4) };
            put(&shape, storeys(6, 3.0, high), 3.5, "Khách sạn");
        }
        Use::Resort => resort(rng, key, front, depth, &mut put),
        Use::School => {
            put(&l_shape([0.08, 0.7, 0.3, 0.9], 0.3), storeys(6, 2.0, 3.0), 3.9, "Trường học");
            put(&rectangle([0.76, 0.93, 0.25, 0.75]), 1.0, 6.0, "Trường học");
        }
        Use::Health => put(&l_shape(inset(5.0, 8.0, 6.0), 0.4), storeys(6, 2.0, 5.0), 3.9, "Y tế"),
        Use::Office => put(&rectangle(inset(6.0, 7.0, 6.0)), storeys(6, 2.0, 4.0), 3.8, "Cơ quan"),
        Use::Market => put(&rectangle(inset(9.0, 8.0, 8.0)), 1.0, 7.0, "Chợ"),
        Use::Temple => put(&rectangle([0.3, 0.7, 0.35, 0.8]), 1.0, 8.0, "Tôn giáo"),
        Use::Industry => put(&rectangle(inset(6.0, 8.0, 6.0)), 1.0, draw(7, 7.0, 10.0), "Nhà xưởng"),
        Use::Garden if draw(7, 0.0, 1.0) < 0.3 => put(&rectangle([0.3, 0.55, 0.12, 0.4]), 1.0, 3.6, "Nhà ở"),
        _ => {}
    }
}

/// A main house towards the street and bungalows in rows towards the sea.
fn resort(rng: KeyedRng, key: u64, front: f64, depth: f64, put: &mut impl FnMut(&[[f64; 2]], f64, f64, &'static str)) {
    let tall = rng.range(11, key, 2.0, 6.9).floor();
    put(&l_shape([0.18, 0.78, 0.1, 0.42], 0.4), tall, 3.6, "Khách sạn");
    let (columns, rows) = ((front / 30.0).floor().clamp(1.0, 4.0), (depth * 0.45 / 22.0).floor().clamp(1.0, 2.0));
    for row in 0..rows as u32 {
        for column in 0..columns as u32 {
            if rng.unit(12, key * 64 + u64::from(row * 8 + column)) < 0.8 {
                let (x, y) = ((f64::from(column) + 0.5) / columns, 0.52 + 0.44 * (f64::from(row) + 0.5) / rows);
                let (half_x, half_y) = (5.0 / front, 4.0 / depth);
                put(&rectangle([x - half_x, x + half_x, y - half_y, y + half_y]), 1.0, 4.2, "Nghỉ dưỡng");
            }
        }
    }
}

fn rectangle([x0, x1, y0, y1]: Box4) -> Vec<[f64; 2]> {
    vec![[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
}

/// A wing along the street and one along the left side, each `share` of the box deep.
fn l_shape([x0, x1, y0, y1]: Box4, share: f64) -> Vec<[f64; 2]> {
    let (x, y) = ((x1 - x0).mul_add(share, x0), (y1 - y0).mul_add(share, y0));
    vec![[x0, y0], [x1, y0], [x1, y], [x, y], [x, y1], [x0, y1]]
}

/// From shares of the lot onto the map; y grows from the street inwards.
fn footprint(lattice: &Lattice, lot: Cell, fronts_low: bool, shape: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut ring: Vec<[f64; 2]> = shape
        .iter()
        .map(|[x, y]| {
            let y = if fronts_low { *y } else { 1.0 - *y };
            lattice.place([(lot.u1 - lot.u0).mul_add(*x, lot.u0), (lot.v1 - lot.v0).mul_add(y, lot.v0)])
        })
        .collect();
    if !fronts_low {
        ring.reverse();
    }
    ring.extend(ring.first().copied());
    ring
}

/// Shares the residents out over the floor space of homes; every number is the step of a running total, so that the
/// sum is exact.
fn house(rng: KeyedRng, buildings: &mut [Building]) {
    let room = |b: &Building, i: usize| {
        let share = match b.kind {
            "Nhà ở" => 1.0,
            "Nhà phố" => 0.6,
            "Biệt thự" => 0.5,
            _ => 0.0,
        };
        share * rng.range(30, i as u64, 0.5, 1.5) * (ring_area(&b.ring) * b.storeys as f64).sqrt().min(25.0)
    };
    let rooms: Vec<f64> = buildings.iter().enumerate().map(|(i, b)| room(b, i)).collect();
    let total: f64 = rooms.iter().sum();
    let (mut sum, mut before) = (0.0, 0_i64);
    for (building, room) in buildings.iter_mut().zip(rooms) {
        sum += room;
        let now = (sum / total * RESIDENTS as f64).round() as i64;
        building.residents = now - before;
        before = now;
    }
}
