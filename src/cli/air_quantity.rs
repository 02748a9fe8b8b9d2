//! Numbers with their units, as options of the air models write them.

use crate::sim::air::error::AirError;

/// (ending, times this in SI). Longer endings first where one ends in another.
type Units = &'static [(&'static str, f64)];

/// To grams a second.
pub const EMISSION: Units = &[
    ("kg/h", 1000.0 / 3600.0),
    ("g/h", 1.0 / 3600.0),
    ("kg/s", 1000.0),
    ("mg/s", 0.001),
    ("t/y", 1e6 / 31_557_600.0),
    ("g/s", 1.0),
];
pub const LENGTH: Units = &[("km", 1000.0), ("m", 1.0)];
pub const SPEED: Units = &[("km/h", 1.0 / 3.6), ("m/s", 1.0)];
pub const TIME: Units = &[("min", 60.0), ("h", 3600.0), ("d", 86_400.0), ("s", 1.0)];

/// # Errors
/// [`AirError::UnitMissing`] for a bare number, [`AirError::BadArgument`] for no number or an unknown unit.
pub fn parse(text: &str, units: Units, example: &'static str) -> Result<f64, AirError> {
    let text = text.trim();
    let real = |t: &str| t.trim().parse::<f64>().ok().filter(|v| v.is_finite());
    if real(text).is_some() {
        return Err(AirError::UnitMissing { text: text.to_owned(), example });
    }
    let found = units.iter().find_map(|(unit, factor)| Some(real(text.strip_suffix(unit)?)? * factor));
    found.ok_or_else(|| AirError::BadArgument { text: text.to_owned(), example })
}

/// Kelvin from "450K" or "177C".
///
/// # Errors
/// As [`parse`].
pub fn temperature_k(text: &str, example: &'static str) -> Result<f64, AirError> {
    let trimmed = text.trim();
    match trimmed.strip_suffix("°C").or_else(|| trimmed.strip_suffix('C')) {
        Some(celsius) => parse(&format!("{}K", celsius.trim()), &[("K", 1.0)], example).map(|c| c + 273.15),
        None => parse(trimmed, &[("K", 1.0)], example),
    }
}

/// (m/s, radians from which it blows) from "3.5@45" or "12km/h@45".
///
/// # Errors
/// [`AirError::BadArgument`].
pub fn wind(text: &str) -> Result<(f64, f64), AirError> {
    const EXAMPLE: &str = "3.5@45";
    let bad = || AirError::BadArgument { text: text.to_owned(), example: EXAMPLE };
    let (speed, from) = text.split_once('@').ok_or_else(bad)?;
    let bare = |t: &str| t.trim().parse::<f64>().ok().filter(|v| v.is_finite());
    let speed = match bare(speed) {
        Some(metres_a_second) => metres_a_second,
        None => parse(speed, SPEED, EXAMPLE)?,
    };
    Ok((speed, bare(from).ok_or_else(bad)?.to_radians()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_asked_for() {
        assert_eq!(parse("3.6 kg/h", EMISSION, "1g/s"), Ok(1.0));
        assert_eq!(parse("20g/s", EMISSION, "1g/s"), Ok(20.0));
        assert!(matches!(parse("20", EMISSION, "1g/s"), Err(AirError::UnitMissing { .. })));
        assert!(matches!(parse("20 lb", EMISSION, "1g/s"), Err(AirError::BadArgument { .. })));
        assert_eq!(parse("1.5km", LENGTH, "1m"), Ok(1500.0));
        assert!((temperature_k("177C", "450K").unwrap() - 450.15).abs() < 1e-9);
        assert_eq!(temperature_k("450K", "450K"), Ok(450.0));
        assert!(temperature_k("450", "450K").is_err());
        assert_eq!(wind("3.5@0"), Ok((3.5, 0.0)));
        assert!((wind("36km/h@90").unwrap().0 - 10.0).abs() < 1e-9);
        assert!(wind("3.5").is_err() && wind("NaN@3").is_err());
    }
}
