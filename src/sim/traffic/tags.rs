//! What the tags of roads mean, for layers of a project and for files without one: OpenStreetMap's, and the words of
//! Vietnamese offices.

use super::noding::Direction;
use super::road_class::RoadClass;

const KMH_PER_MPH: f64 = 1.609_344;

/// "50", "2;1", "50 km/h": the number in front.
#[must_use]
pub fn leading(text: &str) -> Option<f64> {
    split(text).map(|(number, _)| number)
}

/// "50", "50 km/h", "30 mph" in km/h; none for "walk", "none", "VN:urban".
#[must_use]
pub fn speed_kmh(text: &str) -> Option<f64> {
    let (number, unit) = split(text)?;
    Some(if unit.eq_ignore_ascii_case("mph") { number * KMH_PER_MPH } else { number })
}

fn split(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-')).unwrap_or(text.len());
    let number: f64 = text[..end].parse().ok()?;
    Some((number, text[end..].trim()))
}

/// By a word without accents and capitals; none for what no vehicle drives on.
#[must_use]
pub fn class_of(word: &str) -> Option<RoadClass> {
    Some(match word {
        "motorway" | "motorway_link" | "trunk" | "trunk_link" | "freeway" | "expressway" | "cao toc" => {
            RoadClass::Motorway
        }
        "primary" | "primary_link" | "arterial" | "duong tinh" | "quoc lo" | "duong quoc lo" => RoadClass::Arterial,
        "secondary" | "secondary_link" | "main" | "duong chinh do thi" => RoadClass::Main,
        "tertiary" | "tertiary_link" | "collector" | "duong gom" => RoadClass::Collector,
        "service" | "track" | "living_street" | "local_access" => RoadClass::Service,
        "footway" | "path" | "steps" | "cycleway" | "pedestrian" | "bridleway" | "construction" | "proposed"
        | "dong" => {
            return None;
        }
        _ => RoadClass::Street,
    })
}

/// A ring is driven as it is drawn, unless its tag says the other way.
#[must_use]
pub fn direction(oneway: Option<&str>, roundabout: bool) -> Direction {
    match oneway {
        Some("yes" | "true" | "1" | "f" | "ft") => Direction::Forward,
        Some("-1" | "reverse" | "t" | "tf") => Direction::Backward,
        _ if roundabout => Direction::Forward,
        _ => Direction::Both,
    }
}

/// Bridges lie above and tunnels below what they cross, unless `layer` says it by a number.
#[must_use]
pub fn level(layer: Option<f64>, bridge: Option<&str>, tunnel: Option<&str>) -> i8 {
    let yes = |tag: Option<&str>| tag.is_some_and(|t| !["no", "0", "f", "false", ""].contains(&t));
    let usual = f64::from(u8::from(yes(bridge))) - f64::from(u8::from(yes(tunnel)));
    layer.filter(|l| l.abs() < 20.0).unwrap_or(usual) as i8
}

/// Lanes of one direction when a tag counts those of the whole way.
#[must_use]
pub fn each_way(lanes: f64, direction: Direction) -> f64 {
    if direction == Direction::Both { (lanes / 2.0).max(1.0) } else { lanes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_before_their_units() {
        assert_eq!([speed_kmh("50"), speed_kmh(" 50 km/h"), speed_kmh("none")], [Some(50.0), Some(50.0), None]);
        assert!((speed_kmh("50 mph").unwrap() - 80.4672).abs() < 1e-9);
        assert_eq!((leading("2;1"), leading("x")), (Some(2.0), None));
        assert_eq!((each_way(3.0, Direction::Both), each_way(3.0, Direction::Forward)), (1.5, 3.0));
        assert_eq!([level(None, Some("yes"), None), level(Some(-2.0), Some("yes"), None)], [1, -2]);
    }
}
