//! The weather that the options of `island-twin simulate fire` ask for.

use super::simulate_args::SimulateFireArgs;
use crate::sim::fire::error::FireError;
use crate::sim::fire::landscape::Weather;
use crate::sim::fire::rothermel::Moisture;
use crate::sim::fire::weather_table;
use crate::sim::fire::wind::TEN_METRE_OVER_TWENTY_FOOT;

/// The weather that the options ask for. `otherwise`: the moisture where they say nothing of it.
///
/// # Errors
/// [`FireError::BadArgument`], [`FireError::BadRow`], [`FireError::NoWeather`].
pub fn course(args: &SimulateFireArgs, otherwise: Option<Moisture>) -> Result<Vec<Weather>, FireError> {
    if let Some(path) = &args.weather {
        let text =
            std::fs::read_to_string(path).map_err(|e| FireError::File { reason: e.to_string(), path: path.clone() })?;
        let moisture = args.moisture.as_deref().map(parse_moisture).transpose()?;
        return weather_table::parse(&text, path, moisture.or(otherwise));
    }
    let (speed, from) = match (&args.wind, &args.wind_20ft) {
        (Some(wind), _) => parse_wind(wind)?,
        (None, Some(wind)) => {
            let (speed, from) = parse_wind(wind)?;
            (speed * TEN_METRE_OVER_TWENTY_FOOT, from)
        }
        (None, None) => return Err(FireError::NoWeather),
    };
    let moisture = match &args.moisture {
        Some(text) => parse_moisture(text)?,
        None => otherwise.ok_or(FireError::NoWeather)?,
    };
    Ok(vec![Weather { start_s: 0.0, wind_10m_mps: speed, wind_from_rad: from, moisture }])
}

/// (m/s, radians from which it blows) from "5@240" or "10mph@270".
///
/// # Errors
/// [`FireError::BadArgument`].
pub fn parse_wind(text: &str) -> Result<(f64, f64), FireError> {
    let bad = || FireError::BadArgument { text: text.to_owned(), example: "5@240" };
    let (speed, from) = text.split_once('@').ok_or_else(bad)?;
    let (number, factor) = match speed.trim() {
        s if s.ends_with("mph") => (s.trim_end_matches("mph"), 0.44704),
        s if s.ends_with("km/h") => (s.trim_end_matches("km/h"), 1.0 / 3.6),
        s => (s.trim_end_matches("m/s"), 1.0),
    };
    let real = |t: &str| t.trim().parse::<f64>().ok().filter(|v| v.is_finite()).ok_or_else(bad);
    Ok((real(number)? * factor, real(from)?.to_radians()))
}

/// Moisture fractions from "1h=3,10h=4,100h=5,herb=30,woody=60".
///
/// # Errors
/// [`FireError::BadArgument`] when a class is missing or not a number.
pub fn parse_moisture(text: &str) -> Result<Moisture, FireError> {
    let value = |name: &str| {
        text.split(',')
            .filter_map(|part| part.split_once('='))
            .find(|(key, _)| key.trim() == name)
            .and_then(|(_, v)| v.trim().parse::<f64>().ok())
            .map(|percent| percent / 100.0)
            .ok_or_else(|| FireError::BadArgument {
                text: text.to_owned(),
                example: "1h=3,10h=4,100h=5,herb=30,woody=60",
            })
    };
    Ok(Moisture {
        dead_1h: value("1h")?,
        dead_10h: value("10h")?,
        dead_100h: value("100h")?,
        live_herb: value("herb")?,
        live_woody: value("woody")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_in_their_units() {
        let (speed, from) = parse_wind("10mph@270").unwrap();
        assert!((speed - 4.4704).abs() < 1e-9 && (from - 1.5 * std::f64::consts::PI).abs() < 1e-9);
        assert_eq!(parse_wind("5@0"), Ok((5.0, 0.0)));
        assert!(parse_wind("NaN@3").is_err() && parse_wind("5").is_err());
        let m = parse_moisture("1h=3,10h=4,100h=5,herb=30,woody=60").unwrap();
        assert_eq!((m.dead_1h, m.live_woody), (0.03, 0.6));
        assert!(parse_moisture("1h=3,10h=4").is_err());
    }
}
