//! Places for traffic as options write them: `103.96,10.22`.

use crate::base::message::{Message, ToMessage};
use crate::geo::crs::Crs;
use crate::io::crs::Projector;
use crate::sim::traffic::error::TrafficError;

const EXAMPLE: &str = "103.96,10.22";

/// Longitude and latitude, brought into a system.
///
/// # Errors
/// What cannot be understood.
pub fn place(text: &str, crs: &Crs) -> Result<[f64; 2], Message> {
    let bad = || TrafficError::BadArgument { text: text.to_owned(), example: EXAMPLE }.to_message();
    let (lon, lat) = text.split_once(',').ok_or_else(bad)?;
    let degrees = |text: &str, most: f64| text.trim().parse::<f64>().ok().filter(|v| v.abs() <= most).ok_or_else(bad);
    let mut point = [[degrees(lon, 180.0)?, degrees(lat, 90.0)?]];
    Projector::between(&Crs::WGS84, crs).map_err(|e| e.to_message())?.apply_all(&mut point);
    if point[0].iter().all(|v| v.is_finite()) { Ok(point[0]) } else { Err(bad()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_degrees() {
        let at = |text: &str| place(text, &Crs::VN2000_TM3_104_30);
        assert!((at("103.9667,10.2167").unwrap()[0] - 441_377.76).abs() < 0.01);
        for bad in ["", "103.9", "441377,1129870", "a,b", "NaN,10"] {
            assert_eq!(at(bad).unwrap_err().key, "traffic-bad-argument", "{bad}");
        }
    }
}
