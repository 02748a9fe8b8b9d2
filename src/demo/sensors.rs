//! Measuring stations and cameras, in the amounts that the city documents.

use super::roads::{Class, Roads};
use super::source::round_mm;
use super::terrain::Ground;
use super::towns::{Character, District};
use crate::base::rng::KeyedRng;
use crate::geo::measure::distance;

#[derive(Debug, Clone, PartialEq)]
pub struct Sensor {
    pub at: [f64; 2],
    /// "KK-01"
    pub code: String,
    pub name: String,
}

#[derive(Debug, Clone, Default)]
pub struct Sensors {
    pub air: Vec<Sensor>,
    pub sea: Vec<Sensor>,
    pub waste_water: Vec<Sensor>,
    pub drinking_water: Vec<Sensor>,
    pub cameras: Vec<Sensor>,
    pub fire_watch: Vec<Sensor>,
    pub wifi: Vec<Sensor>,
}

#[must_use]
pub fn place(seed: u64, districts: &[District], roads: &Roads, ground: &Ground) -> Sensors {
    let rng = KeyedRng::new(seed, 1200);
    let crossing =
        |step, prefix, name, count, apart| spread(rng, step, roads, districts, &Network { prefix, name, count, apart });
    Sensors {
        air: crossing(1, "KK", "Trạm không khí", 16, 1100.0),
        sea: fixed(
            "NB",
            "Trạm nước biển",
            &[([440_150.0, 1_130_050.0], "Dương Đông"), ([445_350.0, 1_107_000.0], "An Thới")],
        ),
        waste_water: fixed(
            "NT",
            "Trạm nước thải",
            &[
                ([441_050.0, 1_129_350.0], "Dương Đông"),
                ([443_150.0, 1_118_600.0], "Bãi Trường"),
                ([445_900.0, 1_108_600.0], "An Thới"),
                ([428_750.0, 1_142_700.0], "Bãi Dài"),
            ],
        ),
        drinking_water: fixed(
            "NS",
            "Trạm nước sinh hoạt",
            &[
                ([445_250.0, 1_132_650.0], "hồ Dương Đông"),
                ([442_300.0, 1_130_500.0], "Dương Đông"),
                ([446_250.0, 1_110_100.0], "An Thới"),
                ([443_600.0, 1_119_300.0], "Dương Tơ"),
            ],
        ),
        cameras: crossing(2, "CAM", "Camera", 50, 320.0),
        fire_watch: vec![highest(ground)],
        wifi: crossing(3, "WF", "Wi-Fi công cộng", 60, 260.0),
    }
}

fn fixed(prefix: &str, name: &str, places: &[([f64; 2], &str)]) -> Vec<Sensor> {
    let sensor = |(i, (at, place)): (usize, &([f64; 2], &str))| Sensor {
        at: *at,
        code: format!("{prefix}-{:02}", i + 1),
        name: format!("{name} {place}"),
    };
    places.iter().enumerate().map(sensor).collect()
}

/// Crossings of wide streets, (node, district).
fn crossings(roads: &Roads) -> Vec<(usize, usize)> {
    let mut wide = vec![0_u32; roads.nodes.len()];
    for edge in &roads.edges {
        if edge.class <= Class::Collector {
            wide[edge.from] += 1;
            wide[edge.to] += 1;
        }
    }
    roads.corner.iter().filter(|(_, node)| wide[**node] > 1).map(|(key, node)| (*node, key.0)).collect()
}

/// What a spread-out network of sensors is called and how many it has.
struct Network {
    prefix: &'static str,
    name: &'static str,
    count: usize,
    /// Least distance between two, metres.
    apart: f64,
}

/// Picks crossings in random order, cities first, none too near to another.
fn spread(rng: KeyedRng, step: u64, roads: &Roads, districts: &[District], network: &Network) -> Vec<Sensor> {
    let mut ranked: Vec<(f64, usize, usize)> = crossings(roads)
        .into_iter()
        .map(|(node, district)| {
            let favour = if districts[district].plan.character == Character::City { 0.3 } else { 0.0 };
            (rng.unit(step, node as u64) + favour, node, district)
        })
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut chosen: Vec<Sensor> = Vec::new();
    for (_, node, district) in ranked {
        let at = roads.nodes[node];
        if chosen.len() < network.count && chosen.iter().all(|s| distance(s.at, at) > network.apart) {
            let number = chosen.len() + 1;
            let town = districts[district].plan.name;
            chosen.push(Sensor {
                // Beside the crossing, not on it.
                at: round_mm([at[0] + 6.0, at[1] + 6.0]),
                code: format!("{}-{number:02}", network.prefix),
                name: format!("{} {town} {number}", network.name),
            });
        }
    }
    chosen
}

fn highest(ground: &Ground) -> Sensor {
    let spec = &ground.height.spec;
    let top = (0..spec.len()).max_by(|a, b| ground.height.cells[*a].total_cmp(&ground.height.cells[*b])).unwrap_or(0);
    let at = spec.centre(top % spec.cols, top / spec.cols);
    Sensor { at, code: "CCR-01".to_owned(), name: "Camera canh lửa rừng Núi Chúa".to_owned() }
}
