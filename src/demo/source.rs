//! The real inputs: the coast and the commune register, compiled in from `data/phu-quoc/source/`.

use serde_json::Value;

use super::error::DemoError;
use crate::geo::crs::Crs;
use crate::geo::measure::{ring_area, ring_contains};
use crate::geo::transform::Transform;

const COAST: &str = include_str!("../../data/phu-quoc/source/coast-osm.geojson");
const COMMUNES: &str = include_str!("../../data/phu-quoc/source/communes.json");

/// EPSG:9207, in which everything is generated.
pub const SITE: Crs = Crs::VN2000_TM3_104_30;

/// A closed ring of land.
#[derive(Debug, Clone, PartialEq)]
pub struct Land {
    /// Counter-clockwise, closed, EPSG:9207.
    pub ring: Vec<[f64; 2]>,
    /// Islands in the north-west that belong to Cambodia: scenery only.
    pub foreign: bool,
}

/// A commune as it was until 1 July 2025.
#[derive(Debug, Clone, PartialEq)]
pub struct Commune {
    pub code: String,
    /// With its kind: "Phường Dương Đông".
    pub full_name: String,
    pub centre: [f64; 2],
    /// (west, south, east, north), EPSG:9207.
    pub bounds: [f64; 4],
}

impl Commune {
    /// Without its kind: "Dương Đông".
    #[must_use]
    pub fn name(&self) -> &str {
        self.full_name.trim_start_matches("Phường ").trim_start_matches("Xã ")
    }
}

/// All land near the island, the main island first.
///
/// # Errors
/// [`DemoError::Source`] when the built-in file is not what it was.
pub fn coast() -> Result<Vec<Land>, DemoError> {
    let to_site = transform("coast-osm.geojson")?;
    let document = parse("coast-osm.geojson", COAST)?;
    let mut lands = Vec::new();
    for feature in document["features"].as_array().into_iter().flatten() {
        let coordinates = &feature["geometry"]["coordinates"];
        let polygons: Vec<&Value> = if feature["geometry"]["type"] == "Polygon" {
            vec![coordinates]
        } else {
            coordinates.as_array().into_iter().flatten().collect()
        };
        for polygon in polygons {
            let points = polygon[0].as_array().into_iter().flatten();
            let mut ring: Vec<[f64; 2]> =
                points.filter_map(|p| Some(to_site.apply([p[0].as_f64()?, p[1].as_f64()?]))).map(round_mm).collect();
            if ring_area(&ring) < 0.0 {
                ring.reverse();
            }
            if ring.len() > 3 {
                lands.push(Land { foreign: is_foreign(&ring), ring });
            }
        }
    }
    if lands.is_empty() {
        return Err(DemoError::Source { name: "coast-osm.geojson", reason: "no polygons".to_owned() });
    }
    Ok(lands)
}

/// The maritime border runs north-west of Gành Dầu.
fn is_foreign(ring: &[[f64; 2]]) -> bool {
    ring.iter().any(|p| p[1] > 1_158_000.0 || (p[1] > 1_149_500.0 && p[0] < 426_000.0))
}

/// The nine communes of the register.
///
/// # Errors
/// [`DemoError::Source`] when the built-in file is not what it was.
pub fn communes() -> Result<Vec<Commune>, DemoError> {
    let bad = || DemoError::Source { name: "communes.json", reason: "a field is missing".to_owned() };
    let to_site = transform("communes.json")?;
    let document = parse("communes.json", COMMUNES)?;
    let rows = document.as_array().ok_or_else(bad)?;
    rows.iter()
        .map(|row| {
            let text = |name: &str| row[name].as_str().map(str::to_owned).ok_or_else(bad);
            let number = |name: &str| row[name].as_f64().ok_or_else(bad);
            let corners: Vec<f64> = text("bounds")?.split([',', '–']).filter_map(|n| n.trim().parse().ok()).collect();
            let [south, west, north, east] = corners[..] else { return Err(bad()) };
            let (low, high) = (to_site.apply([west, south]), to_site.apply([east, north]));
            Ok(Commune {
                code: text("code")?,
                full_name: text("name")?,
                centre: to_site.apply([number("lon")?, number("lat")?]),
                bounds: [low[0], low[1], high[0], high[1]],
            })
        })
        .collect()
}

fn transform(name: &'static str) -> Result<Transform, DemoError> {
    Transform::between(&Crs::WGS84, &SITE)
        .ok_or_else(|| DemoError::Source { name, reason: format!("{SITE} is not known") })
}

fn parse(name: &'static str, text: &str) -> Result<Value, DemoError> {
    serde_json::from_str(text).map_err(|e| DemoError::Source { name, reason: e.to_string() })
}

/// Coordinates are kept to the millimetre, so that neighbours share them exactly.
#[must_use]
pub fn round_mm([x, y]: [f64; 2]) -> [f64; 2] {
    [(x * 1000.0).round() / 1000.0, (y * 1000.0).round() / 1000.0]
}

#[must_use]
pub fn on_land(lands: &[Land], p: [f64; 2]) -> bool {
    lands.iter().any(|l| !l.foreign && ring_contains(&l.ring, p))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_main_island_has_its_size_and_nine_communes_their_codes() {
        let lands = coast().unwrap();
        let area_km2 = ring_area(&lands[0].ring) / 1e6;
        assert!((area_km2 - 558.5).abs() < 2.0, "{area_km2}");
        assert!(lands.iter().filter(|l| l.foreign).count() >= 8);
        assert!(!lands[0].foreign);
        let communes = communes().unwrap();
        assert_eq!(communes.len(), 9);
        assert_eq!((communes[0].code.as_str(), communes[0].name()), ("31078", "Dương Đông"));
    }
}
