//! The weather that the options of `island-twin simulate fire` ask for.

use std::path::Path;

use super::simulate_args::SimulateFireArgs;
use crate::sim::fire::error::FireError;
use crate::sim::fire::landscape::Weather;
use crate::sim::fire::rothermel::Moisture;
use crate::sim::fire::wind::TEN_METRE_OVER_TWENTY_FOOT;

/// The weather that the options ask for. `otherwise`: the moisture where they name a wind but no moisture.
///
/// # Errors
/// [`FireError::BadArgument`], [`FireError::BadRow`], [`FireError::NoWeather`].
pub fn course(args: &SimulateFireArgs, otherwise: Option<Moisture>) -> Result<Vec<Weather>, FireError> {
    if let Some(path) = &args.weather {
        let text =
            std::fs::read_to_string(path).map_err(|e| FireError::File { reason: e.to_string(), path: path.clone() })?;
        return weather_table(&text, path);
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

/// Weather from a table with the columns `time_h, wind_10m_mps, wind_from_deg, m_1h_pct, m_10h_pct, m_100h_pct,
/// m_live_herb_pct, m_live_woody_pct`.
///
/// # Errors
/// [`FireError::BadRow`].
pub fn weather_table(text: &str, path: &Path) -> Result<Vec<Weather>, FireError> {
    let mut lines = text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty());
    let header = lines.next().map(|(_, l)| l.trim_start_matches('\u{feff}')).unwrap_or_default();
    let columns: Vec<&str> = header.split(',').map(str::trim).collect();
    let row = |(line, row): (usize, &str)| {
        let cells: Vec<&str> = row.split(',').map(str::trim).collect();
        let real = |name: &str| {
            let cell = columns.iter().position(|c| *c == name).and_then(|i| cells.get(i));
            let value = cell.and_then(|t| t.parse::<f64>().ok());
            value.ok_or_else(|| FireError::BadRow { line: line + 1, what: name.to_owned(), path: path.to_owned() })
        };
        Ok(Weather {
            start_s: real("time_h")? * 3600.0,
            wind_10m_mps: real("wind_10m_mps")?,
            wind_from_rad: real("wind_from_deg")?.to_radians(),
            moisture: Moisture {
                dead_1h: real("m_1h_pct")? / 100.0,
                dead_10h: real("m_10h_pct")? / 100.0,
                dead_100h: real("m_100h_pct")? / 100.0,
                live_herb: real("m_live_herb_pct")? / 100.0,
                live_woody: real("m_live_woody_pct")? / 100.0,
            },
        })
    };
    lines.map(row).collect()
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

    #[test]
    fn a_weather_table_names_its_bad_row() {
        let header = "time_h,wind_10m_mps,wind_from_deg,m_1h_pct,m_10h_pct,m_100h_pct,m_live_herb_pct,m_live_woody_pct";
        let good = format!("{header}\n0,5,240,6,7,8,60,90\n1,6,250,6,7,8,60,90\n");
        let path = Path::new("w.csv");
        assert_eq!(weather_table(&good, path).map(|w| w.len()), Ok(2));
        let error = weather_table(&format!("{good}2,,1,1,1,1,1,1\n"), path).unwrap_err().to_string();
        assert!(error.contains("line 4") && error.contains("wind_10m_mps"), "{error}");
    }
}
