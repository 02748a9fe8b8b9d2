//! A morning of smoke over Dương Đông, as sixteen stations would have logged it: made up, to try the search for a source
//! on. Five days as always, then something burns.

use std::fmt::Write as _;

use super::error::DemoError;
use super::source::SITE;
use crate::base::rng::KeyedRng;
use crate::geo::crs::Crs;
use crate::geo::sun::sun_position;
use crate::geo::transform::Transform;
use crate::live::config::demonstration;
use crate::live::simulated::Weather;
use crate::model::sensor::StationKind;
use crate::sim::air::meteorology::Meteorology;
use crate::sim::air::release::{Fate, Outlet, Release};
use crate::sim::air::stability::{Sky, StabilityClass, turner};

/// Where it burns, (longitude, latitude).
pub const FIRE: [f64; 2] = [103.9745, 10.2225];
/// Fine dust, g/s: a heap of waste.
pub const RATE_G_S: f64 = 15.0;
/// Midnight of the first day on the island, 15 March 2026, seconds since 1970.
const BEGIN_S: i64 = 1_773_507_600;
/// Hours that are logged, and the first one with smoke.
const HOURS: i64 = 5 * 24 + 11;
const SMOKE_FROM: i64 = 5 * 24 + 4;
/// Of a station's reading, standard deviation.
const NOISE: f64 = 0.1;
const CLOUD: f64 = 0.4;

/// Rows of time, station, fine dust (µg/m3), wind speed (m/s) and where it comes from (°), an hour apart.
///
/// # Errors
/// Never, as a test makes sure: the built-in stations are sound.
pub fn table(seed: u64) -> Result<String, DemoError> {
    let stations = demonstration()?.stations;
    let to_site = Transform::between(&Crs::WGS84, &SITE)
        .ok_or_else(|| DemoError::Source { name: "site", reason: format!("{SITE:?}") })?;
    let fire = to_site.apply(FIRE);
    let (weather, rng) = (Weather::new(seed), KeyedRng::new(seed, 1300));
    let mut out = "time,station,pm25,wind_speed,wind_from\n".to_owned();
    for hour in 0..HOURS {
        let time_s = BEGIN_S + 3600 * hour + 1800;
        let (speed, from_deg) = breeze(hour);
        let release = (hour >= SMOKE_FROM).then(|| release(time_s, speed, from_deg));
        for (number, station) in (0_u64..).zip(stations.iter().filter(|s| s.kind == StationKind::Air)) {
            let draw = |step: u64| rng.normal(100 * hour as u64 + number, step);
            let at = to_site.apply(station.at);
            let d = [at[0] - fire[0], at[1] - fire[1]];
            let smoke = release.as_ref().map_or(0.0, |(release, [east, north])| {
                1e6 * RATE_G_S * release.unit(d[0] * east + d[1] * north, d[1] * east - d[0] * north, 3.0)
            });
            let usual = weather.value(&station.id, "pm25", time_s * 1000);
            let pm25 = (usual + smoke) * NOISE.mul_add(draw(0), 1.0).max(0.1);
            let time = jiff::Timestamp::from_second(time_s).unwrap_or_default();
            let _ = writeln!(
                out,
                "{time},{},{pm25:.1},{:.1},{:.0}",
                station.id,
                (speed + 0.2 * draw(1)).max(0.3),
                4.0_f64.mul_add(draw(2), from_deg).rem_euclid(360.0)
            );
        }
    }
    Ok(out)
}

/// Land breeze by night, sea breeze by day, turning with the sun: (m/s, degrees it comes from).
fn breeze(hour: i64) -> (f64, f64) {
    let turn = ((hour - 9) as f64 / 24.0 * std::f64::consts::TAU).sin();
    (0.9_f64.mul_add(turn, 3.0), 110.0_f64.mul_add(turn, 200.0))
}

/// The plume of an hour, and where it drifts to.
fn release(time_s: i64, speed: f64, from_deg: f64) -> (Release, [f64; 2]) {
    let sun = jiff::Timestamp::from_second(time_s).ok().and_then(|time| sun_position(time, FIRE[0], FIRE[1]));
    let sky = Sky { sun_elevation_rad: sun.map_or(-0.1, |s| s.elevation), cloud: CLOUD, ceiling_m: f64::INFINITY };
    let class = turner(sky, speed).unwrap_or(StabilityClass::D);
    let air = Meteorology::new(speed, from_deg.to_radians(), class.into());
    let outlet = Outlet { height_m: 2.0, exhaust: None, initial_y_m: 5.0, initial_z_m: 1.0 };
    (Release::new(outlet, Fate::default(), &air), air.downwind())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::island::SEED;

    #[test]
    fn the_smoke_comes_on_the_last_morning_only() {
        let table = table(SEED).unwrap();
        let most = |from: &str, until: &str| {
            let of = |l: &str| l.split(',').nth(2)?.parse::<f64>().ok();
            table.lines().skip(1).filter(|l| *l >= from && *l < until).filter_map(of).fold(0.0, f64::max)
        };
        // In UTC: the last day begins at 17:00.
        let (before, then) = (most("2026", "2026-03-19T20"), most("2026-03-19T20", "2027"));
        assert!(before < 80.0 && then > 300.0, "{before} {then}");
    }
}
