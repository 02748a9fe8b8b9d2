//! Where the sun stands, for light and shadows (and later for the stability of the air).

use solar_positioning::time::JulianDate;
use solar_positioning::{Location, RefractionCorrection, SolarPositions};

/// The sun as seen from a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SunPosition {
    /// Clockwise from north, radians.
    pub azimuth: f64,
    /// Above the horizon, radians; negative at night.
    pub elevation: f64,
}

impl SunPosition {
    /// Unit vector towards the sun: east, north, up.
    #[must_use]
    pub fn direction(self) -> [f64; 3] {
        let (sin_e, cos_e) = self.elevation.sin_cos();
        let (sin_a, cos_a) = self.azimuth.sin_cos();
        [cos_e * sin_a, cos_e * cos_a, sin_e]
    }
}

/// Grena (2012), "Five new algorithms for the computation of sun position", algorithm 3: within 0.01 degrees from
/// 2010 to 2110. `None` for a place off the globe.
#[must_use]
pub fn sun_position(time: jiff::Timestamp, longitude_deg: f64, latitude_deg: f64) -> Option<SunPosition> {
    const UNIX_EPOCH_JD: f64 = 2_440_587.5;
    /// TT - UT1 in the 2020s, seconds; a minute would move the sun by 0.25 degrees.
    const DELTA_T_S: f64 = 69.2;
    let days = time.as_duration().as_secs_f64() / 86_400.0;
    let julian = JulianDate::new(UNIX_EPOCH_JD + days, DELTA_T_S).ok()?;
    let place = Location { latitude: latitude_deg, longitude: longitude_deg };
    let sun =
        SolarPositions::grena3().at_from_julian(julian, place, 0.0, Some(RefractionCorrection::standard())).ok()?;
    Some(SunPosition { azimuth: sun.azimuth().to_radians(), elevation: sun.elevation_angle().to_radians() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NOAA solar calculator for 10.2167 N 103.9667 E: solar noon on 2026-03-20 is at 12:11:30 (+07), the sun
    /// standing 79.7 degrees high in the south.
    #[test]
    fn stands_in_the_south_at_noon_in_march() {
        let noon = "2026-03-20T12:11:30+07:00".parse().unwrap();
        let sun = sun_position(noon, 103.9667, 10.2167).unwrap();
        assert!((sun.elevation.to_degrees() - 79.7).abs() < 0.2, "{}", sun.elevation.to_degrees());
        assert!((sun.azimuth.to_degrees() - 180.0).abs() < 3.0, "{}", sun.azimuth.to_degrees());
        let morning = sun_position("2026-03-20T08:00:00+07:00".parse().unwrap(), 103.9667, 10.2167).unwrap();
        assert!(morning.direction()[0] > 0.8);
        assert!(sun_position(noon, 103.9667, 95.0).is_none());
    }
}
