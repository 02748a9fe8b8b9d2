//! Whether a file's coordinates are degrees or metres: as it says, never by a guess that could be wrong.

use std::path::Path;

use super::error::GivenError;
use super::network::Local;
use crate::geo::crs::Crs;

/// A network of more degrees than this is none of one place: it is metres around somebody's own origin.
const WIDEST_DEG: f64 = 10.0;

/// How coordinates become metres. `said` is the name of the file's system: a code, or "metres" for one of its own.
///
/// # Errors
/// Numbers that could be degrees as well as metres, where the file does not say which; a system that is not known.
pub fn local<'a>(
    said: Option<&str>,
    points: impl Iterator<Item = &'a [f64; 2]> + Clone,
    path: &Path,
) -> Result<Local, GivenError> {
    let mut bounds = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for p in points.clone() {
        bounds = [bounds[0].min(p[0]), bounds[1].min(p[1]), bounds[2].max(p[0]), bounds[3].max(p[1])];
    }
    let within = bounds[0] >= -180.0 && bounds[2] <= 180.0 && bounds[1] >= -90.0 && bounds[3] <= 90.0;
    let degrees = match said {
        Some(name) => {
            let unknown = || GivenError::UnknownSystem { name: name.to_owned(), path: path.to_owned() };
            is_degrees(name).ok_or_else(unknown)?
        }
        None if !within => false,
        None if bounds[2] - bounds[0] > WIDEST_DEG || bounds[3] - bounds[1] > WIDEST_DEG => {
            return Err(GivenError::WhichCoordinates { path: path.to_owned() });
        }
        None => true,
    };
    let n = points.clone().count() as f64;
    let mean = |i: usize| points.clone().map(|p| p[i]).sum::<f64>() / n;
    Ok(Local { origin: degrees.then(|| [mean(0), mean(1)]) })
}

/// By the name of a system, as "urn:ogc:def:crs:EPSG::9207", "EPSG:4326", "OGC:CRS84" or "metres".
fn is_degrees(name: &str) -> Option<bool> {
    let upper = name.trim().to_uppercase();
    if upper.ends_with("CRS84") || upper == "WGS84" || upper == "WGS 84" {
        return Some(true);
    }
    if matches!(upper.as_str(), "METRES" | "METERS" | "METRE" | "METER" | "M" | "LOCAL" | "LOCAL METRES") {
        return Some(false);
    }
    let code: u32 = upper.rsplit(':').next()?.trim().parse().ok()?;
    let crs = Crs::Epsg(code);
    // EPSG keeps 4001 to 4999 for systems in degrees.
    Some(if crs.definition().is_some() { crs.is_geographic() } else { (4001..5000).contains(&code) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_town_of_metres_is_not_taken_for_a_continent() {
        let path = Path::new("x");
        let town = [[0.0, 0.0], [150.0, 80.0]];
        assert_eq!(local(None, town.iter(), path), Err(GivenError::WhichCoordinates { path: path.to_owned() }));
        for metres in ["metres", "EPSG:9207", "urn:ogc:def:crs:EPSG::32648"] {
            assert_eq!(local(Some(metres), town.iter(), path).unwrap().origin, None, "{metres}");
        }
        for degrees in ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "EPSG:4756", "4269"] {
            assert_eq!(local(Some(degrees), town.iter(), path).unwrap().origin, Some([75.0, 40.0]), "{degrees}");
        }
        assert!(matches!(local(Some("mine"), town.iter(), path), Err(GivenError::UnknownSystem { .. })));
        let island = [[103.9, 10.1], [104.1, 10.4]];
        assert!(local(None, island.iter(), path).unwrap().origin.is_some());
        assert_eq!(local(None, [[441_377.0, 1_129_870.0]].iter(), path).unwrap().origin, None);
    }
}
