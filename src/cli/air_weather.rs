//! The hours of air that the options of `island-twin simulate air` ask for.

use std::path::Path;
use std::sync::Arc;

use super::air_quantity::wind;
use super::air_sources::{Placer, place_of};
use super::rows::{Row, Rows};
use super::simulate_air::AirMode;
use super::simulate_args::SimulateAirArgs;
use crate::base::message::Message;
use crate::geo::sun::sun_position;
use crate::sim::air::error::AirError;
use crate::sim::air::meteorology::Meteorology;
use crate::sim::air::sigma::Surroundings;
use crate::sim::air::stability::{Sky, Stability, StabilityClass, from_obukhov, turner};
use crate::sim::air::station_wind::{StationWind, mean};

/// Taken where nobody says how much cloud there is.
const USUAL_CLOUD: f64 = 0.4;

/// Where and when, for the sun.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    pub start: jiff::Timestamp,
    pub lon_lat: [f64; 2],
}

/// The air of a run, an entry an hour.
#[derive(Debug, Clone, Default)]
pub struct Weather {
    pub hours: Vec<Meteorology>,
    /// Winds at stations, where the table names places.
    pub stations: Vec<Arc<Vec<StationWind>>>,
    /// What was assumed besides.
    pub notices: Vec<Message>,
}

/// # Errors
/// No wind, or what is not possible.
pub fn weather(args: &SimulateAirArgs, moment: Moment, placer: &Placer) -> Result<Weather, AirError> {
    let mut notices = Vec::new();
    let mut assumed = false;
    let all = if let Some(path) = &args.weather {
        let rows = Rows::read(path)?;
        rows.require(&["wind_m_s", "wind_from_deg"])?;
        if rows.has("x_m") || rows.has("lon") {
            rows.require(&["hour"])?;
            return of_stations(&rows, args, moment, placer);
        }
        let of = |(hour, row): (usize, Row<'_>)| {
            let (speed, from) = (row.real("wind_m_s")?, row.real("wind_from_deg")?.to_radians());
            let stability = row_stability(row, args, moment, hour, speed, &mut assumed)?;
            air(args, speed, from, stability, optional(row, "mixing_height_m")?, optional(row, "temperature_k")?)
        };
        rows.iter().enumerate().map(of).collect::<Result<Vec<_>, _>>()?
    } else {
        let (speed, from) = wind(args.wind.as_deref().ok_or(AirError::NoWind)?)?;
        let of = |hour: usize| {
            let stability = match named(args.stability.as_deref())? {
                Some(class) => class,
                None => by_sun(args.cloud, moment, hour, speed, &mut assumed)?,
            };
            air(args, speed, from, stability, None, None)
        };
        (0..args.hours.max(1)).map(of).collect::<Result<Vec<_>, _>>()?
    };
    if all.is_empty() {
        return Err(AirError::NoWind);
    }
    if assumed {
        notices.push(Message::new("air-assumed-cloud").with("percent", 100.0 * USUAL_CLOUD));
    }
    for hour in &all {
        validate(args, hour)?;
    }
    Ok(Weather { hours: all, stations: Vec::new(), notices })
}

/// A table with a row for each station and hour: rows of one hour stand together. Plumes blow with the stations' mean.
fn of_stations(rows: &Rows, args: &SimulateAirArgs, moment: Moment, placer: &Placer) -> Result<Weather, AirError> {
    let mut assumed = false;
    let mut weather = Weather::default();
    let mut seen = std::collections::BTreeSet::new();
    let all: Vec<Row<'_>> = rows.iter().collect();
    for group in all.chunk_by(|a, b| a.text("hour") == b.text("hour")) {
        let first = group[0];
        // An hour that comes back later would silently become another one.
        if !seen.insert(first.text("hour").ok_or_else(|| first.bad("hour"))?) {
            return Err(first.bad("hour"));
        }
        let mut winds = Vec::with_capacity(group.len());
        for row in group {
            let speed = row.real("wind_m_s")?;
            AirError::require("wind", speed, 0.0, 75.0)?;
            winds.push(StationWind::from(place_of(*row, placer)?, speed, row.real("wind_from_deg")?.to_radians()));
        }
        let (speed, from) = mean(&winds);
        let stability = row_stability(first, args, moment, weather.hours.len(), speed, &mut assumed)?;
        let [lid_m, kelvin] = [optional(first, "mixing_height_m")?, optional(first, "temperature_k")?];
        weather.hours.push(air(args, speed, from, stability, lid_m, kelvin)?);
        weather.stations.push(Arc::new(winds));
    }
    if weather.hours.is_empty() {
        return Err(AirError::NoWind);
    }
    if assumed {
        weather.notices.push(Message::new("air-assumed-cloud").with("percent", 100.0 * USUAL_CLOUD));
    }
    if args.mode == AirMode::Plume {
        let stations = weather.stations.iter().map(|s| s.len()).max().unwrap_or(0);
        weather.notices.push(Message::new("air-plumes-take-mean-wind").with("stations", stations));
    }
    Ok(weather)
}

fn air(
    args: &SimulateAirArgs,
    speed: f64,
    from: f64,
    stability: Stability,
    lid_m: Option<f64>,
    temperature_k: Option<f64>,
) -> Result<Meteorology, AirError> {
    let mut air = Meteorology::new(speed, from, stability);
    if let Some(height) = lid_m.or(args.mixing_height) {
        air.mixing_height_m = height;
    }
    if let Some(kelvin) = temperature_k.or(args.temperature.map(|c| c + 273.15)) {
        air.temperature_k = kelvin;
    }
    if args.urban {
        air.surroundings = Surroundings::Urban;
    }
    validate(args, &air)?;
    Ok(air)
}

/// Plumes need a wind, air that changes by the hour does not.
fn validate(args: &SimulateAirArgs, air: &Meteorology) -> Result<(), AirError> {
    if args.mode == AirMode::Transient { air.validate_with_calm() } else { air.validate() }
}

fn optional(row: Row<'_>, column: &str) -> Result<Option<f64>, AirError> {
    row.text(column).map(|_| row.real(column)).transpose()
}

fn named(text: Option<&str>) -> Result<Option<Stability>, AirError> {
    let class = |t: &str| {
        StabilityClass::parse(t)
            .map(Stability::from)
            .ok_or_else(|| AirError::BadArgument { text: t.to_owned(), example: "D" })
    };
    text.map(class).transpose()
}

fn row_stability(
    row: Row<'_>,
    args: &SimulateAirArgs,
    moment: Moment,
    hour: usize,
    wind_mps: f64,
    assumed: &mut bool,
) -> Result<Stability, AirError> {
    if let Some(text) = row.text("stability") {
        return StabilityClass::parse(text).map(Stability::from).ok_or_else(|| row.bad("stability"));
    }
    if row.text("obukhov_length_m").is_some() {
        return from_obukhov(row.real("obukhov_length_m")?, row.real_or("roughness_m", 0.3)?);
    }
    if let Some(class) = named(args.stability.as_deref())? {
        return Ok(class);
    }
    by_sun(optional(row, "cloud")?.or(args.cloud), moment, hour, wind_mps, assumed)
}

/// Turner's class from where the sun stands at half past the hour.
fn by_sun(
    cloud: Option<f64>,
    moment: Moment,
    hour: usize,
    wind_mps: f64,
    assumed: &mut bool,
) -> Result<Stability, AirError> {
    *assumed |= cloud.is_none();
    let [lon, lat] = moment.lon_lat;
    let later = jiff::SignedDuration::from_secs(i64::try_from(hour).unwrap_or_default() * 3600 + 1800);
    let time = moment.start.checked_add(later).unwrap_or(moment.start);
    let sun_elevation_rad = sun_position(time, lon, lat).map_or(0.0, |s| s.elevation);
    let sky = Sky { sun_elevation_rad, cloud: cloud.unwrap_or(USUAL_CLOUD), ceiling_m: f64::INFINITY };
    turner(sky, wind_mps).map(Stability::from)
}

/// Winds of a table by their hour: `time` (any text, the same as in the readings), or in the order of the rows.
///
/// # Errors
/// A bad row, calm air.
pub fn wind_table(path: &Path) -> Result<Vec<(Option<String>, Meteorology)>, AirError> {
    let rows = Rows::read(path)?;
    rows.require(&["wind_m_s", "wind_from_deg"])?;
    let of = |row: Row<'_>| {
        let speed = row.real("wind_m_s")?;
        let stability = match row.text("stability") {
            Some(text) => StabilityClass::parse(text).ok_or_else(|| row.bad("stability"))?.into(),
            None if row.text("obukhov_length_m").is_some() => {
                from_obukhov(row.real("obukhov_length_m")?, row.real_or("roughness_m", 0.3)?)?
            }
            None => StabilityClass::D.into(),
        };
        let mut air = Meteorology::new(speed, row.real("wind_from_deg")?.to_radians(), stability);
        air.mixing_height_m = row.real_or("mixing_height_m", air.mixing_height_m)?;
        air.validate()?;
        Ok((row.text("time").map(str::to_owned), air))
    };
    rows.iter().map(of).collect()
}
