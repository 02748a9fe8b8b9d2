//! Traffic to air: what drives on each road, hour by hour, becomes an emission along its line.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::sim::air::source::{Place, Source};
use crate::sim::air::traffic_emission::RoadEmissions;
use crate::sim::traffic::network::Network;
use crate::sim::traffic::road_class::RoadClass;
use crate::study::air::inputs::RoadLoad;
use crate::study::traffic::case::Hour;

/// Vehicles of one piece of road in one hour, both directions together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct PieceHour {
    pub motorbikes: f32,
    /// Cars and taxis.
    pub cars: f32,
    pub trucks: f32,
    /// Mean over the vehicles, km/h.
    pub speed_kmh: f32,
    /// The fuller direction's.
    pub volume_to_capacity: f32,
}

/// A road between two junctions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Piece {
    pub class: RoadClass,
    pub name: String,
    /// East and north in the site's system, metres.
    pub line: Vec<[f64; 2]>,
    pub length_m: f64,
    pub hours: Vec<PieceHour>,
}

impl PieceHour {
    #[must_use]
    pub fn vehicles(&self) -> f64 {
        f64::from(self.motorbikes) + f64::from(self.cars) + f64::from(self.trucks)
    }
}

impl Piece {
    #[must_use]
    pub fn vehicles_a_day(&self) -> f64 {
        self.hours.iter().map(PieceHour::vehicles).sum()
    }

    #[must_use]
    pub fn fullest(&self) -> f64 {
        self.hours.iter().map(|h| f64::from(h.volume_to_capacity)).fold(0.0, f64::max)
    }
}

/// The pieces of a network with their hours; the two directions of a road are one piece.
#[must_use]
pub fn pieces(network: &Network, hours: &[Hour]) -> Vec<Piece> {
    let mut by_ends: BTreeMap<(u64, u32, u32, u64), usize> = BTreeMap::new();
    let mut pieces: Vec<Piece> = Vec::new();
    let mut speeds: Vec<Vec<(f64, f64)>> = Vec::new();
    for (l, link) in network.links.iter().enumerate() {
        let key = (link.feature, link.from.min(link.to), link.from.max(link.to), (link.length_m * 10.0).round() as u64);
        let at = *by_ends.entry(key).or_insert_with(|| {
            pieces.push(Piece {
                class: link.class,
                name: link.name.clone(),
                line: link.line.clone(),
                length_m: link.length_m,
                hours: vec![PieceHour::default(); hours.len()],
            });
            speeds.push(vec![(0.0, 0.0); hours.len()]);
            pieces.len() - 1
        });
        for (h, hour) in hours.iter().enumerate() {
            let Some(state) = hour.links.get(l) else { continue };
            let v = &state.vehicles;
            let piece = &mut pieces[at].hours[h];
            piece.motorbikes += v.motorbikes as f32;
            piece.cars += (v.cars + v.taxis) as f32;
            piece.trucks += v.trucks as f32;
            piece.volume_to_capacity = piece.volume_to_capacity.max(state.volume_to_capacity as f32);
            let n = v.sum();
            speeds[at][h].0 += n * state.speed_kmh;
            speeds[at][h].1 += n;
        }
    }
    for (piece, speeds) in pieces.iter_mut().zip(speeds) {
        for (hour, (sum, n)) in piece.hours.iter_mut().zip(speeds) {
            hour.speed_kmh = if n > 0.0 { (sum / n) as f32 } else { 0.0 };
        }
    }
    pieces
}

/// Grams an hour that a piece emits in an hour; `None` for a substance that the table does not have.
fn grams(piece: &Piece, hour: usize, table: &RoadEmissions, pollutant: &str) -> Option<f64> {
    let factor = table.factor(pollutant)?;
    let h = piece.hours.get(hour)?;
    let per_km = f64::from(h.motorbikes) * factor.motorcycle
        + f64::from(h.cars) * factor.car
        + f64::from(h.trucks) * factor.heavy;
    Some(per_km * table.speed_factor(f64::from(h.speed_kmh)) * piece.length_m / 1000.0)
}

/// Less than this share of all that is emitted is left out.
const LEAST_SHARE: f64 = 1e-6;

/// One source a class of road: its pieces by what they emit in a day, its hours by what the class emits then. Within a
/// class the share of each piece is that of the whole day. `None` for a substance that the table does not have.
#[must_use]
pub fn road_load(pieces: &[Piece], table: &RoadEmissions, pollutant: &str) -> Option<RoadLoad> {
    table.factor(pollutant)?;
    let hours = pieces.first().map_or(0, |p| p.hours.len());
    let of_hour = |p: &Piece, h: usize| grams(p, h, table, pollutant).unwrap_or_default();
    let days: Vec<f64> = pieces.iter().map(|p| (0..hours).map(|h| of_hour(p, h)).sum()).collect();
    let all: f64 = days.iter().sum();
    let mut load = RoadLoad::default();
    for class in RoadClass::ALL {
        let members: Vec<usize> =
            (0..pieces.len()).filter(|i| pieces[*i].class == class && days[*i] > LEAST_SHARE * all).collect();
        let day: f64 = members.iter().map(|i| days[*i]).sum();
        if day <= 0.0 {
            continue;
        }
        let parts = members.iter().map(|i| {
            let place = Place::Line { points: pieces[*i].line.clone(), width_m: 8.0, height_m: 0.5, initial_z_m: 1.5 };
            (place, days[*i] / day)
        });
        // Grams a day over seconds of the hours that were looked at.
        let rate_g_s = day / (hours as f64 * 3600.0);
        let course = (0..hours).map(|h| members.iter().map(|i| of_hour(&pieces[*i], h)).sum::<f64>());
        load.hours.push(course.map(|g| g / 3600.0 / rate_g_s).collect());
        load.sources.push(Source {
            id: format!("roads-{}", class.key()),
            title: class.key().to_owned(),
            parts: parts.collect(),
            rate_g_s,
        });
    }
    Some(load)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(class: RoadClass, motorbikes: f32, speed_kmh: f32) -> Piece {
        let quiet = PieceHour { motorbikes, cars: 0.0, trucks: 0.0, speed_kmh, volume_to_capacity: 0.2 };
        let busy = PieceHour { motorbikes: motorbikes * 3.0, ..quiet };
        Piece {
            class,
            name: String::new(),
            line: vec![[0.0, 0.0], [1000.0, 0.0]],
            length_m: 1000.0,
            hours: (0..24).map(|h| if h == 17 { busy } else { quiet }).collect(),
        }
    }

    /// What the sources emit in a day is what the vehicles emit: nothing is lost on the way, whatever the classes.
    #[test]
    fn grams_are_kept() {
        let table = RoadEmissions::shipped().unwrap();
        let pieces = [
            piece(RoadClass::Main, 100.0, 40.0),
            piece(RoadClass::Street, 10.0, 20.0),
            piece(RoadClass::Main, 50.0, 40.0),
        ];
        let load = road_load(&pieces, &table, "co").unwrap();
        let day: f64 = load
            .sources
            .iter()
            .zip(&load.hours)
            .map(|(s, hours)| hours.iter().map(|share| share * s.rate_g_s * 3600.0).sum::<f64>())
            .sum();
        // 26 hours' worth of quiet traffic; 6 g/km a motorbike, 1.4 times as much at 20 km/h.
        let expected = 26.0 * 6.0 * (150.0 + 10.0 * 1.4);
        assert!((day / expected - 1.0).abs() < 1e-6, "{day} {expected}");
        let shares: f64 = load.sources[0].parts.iter().map(|p| p.1).sum();
        assert!((shares - 1.0).abs() < 1e-12 && load.sources.len() == 2);
        let mean: f64 = load.hours[0].iter().sum::<f64>() / 24.0;
        assert!((mean - 1.0).abs() < 1e-9 && load.hours[0][17] > 2.0);
        assert!(road_load(&pieces, &table, "o3").is_none());
    }
}
