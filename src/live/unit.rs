//! Declared units into the one that a property is kept in.

use super::batch::Reason;
use crate::model::norm::Property;
use crate::model::sensor::Flags;

/// Litres of an ideal gas per mole at 25 °C and 101.325 kPa, the standard state of QCVN 05:2023 (R T / p with the CODATA
/// 2018 gas constant).
const MOLAR_VOLUME_L: f64 = 24.465_4;

/// What a unit is, as `value * factor + offset` in a base unit of its dimension.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Scale {
    dimension: Dimension,
    factor: f64,
    offset: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dimension {
    /// Base: µg/m³.
    Density,
    /// Base: parts per billion by volume.
    Mixing,
    /// Base: °C.
    Temperature,
    /// Base: m/s.
    Speed,
    /// Base: %.
    Share,
    /// Base: mm.
    Depth,
    /// Base: bar.
    Pressure,
    /// Base: m³/h.
    Flow,
    /// Base: m³.
    Volume,
    /// Base: W.
    Power,
    /// Base: °.
    Angle,
    /// Base: NTU (FNU is read alike).
    Turbidity,
    /// Base: dBA.
    Sound,
    /// Base: practical salinity (g/kg and ‰ are read alike).
    Salinity,
    /// Base: per 100 mL (CFU and MPN are read alike).
    Count,
    /// Bare numbers: pH, on and off.
    Number,
}

/// Folds the ways in which people write one unit: case, spaces, superscripts, the two micro signs, words per.
fn folded(unit: &str) -> String {
    // "µg m-3": a space before a negative power divides.
    const POWERS: [(&str, &str); 5] =
        [(" m-3", "/m3"), (" m⁻³", "/m3"), (" m^-3", "/m3"), (" l-1", "/l"), (" s-1", "/s")];
    let unit = POWERS.iter().fold(unit.trim().to_lowercase(), |unit, (power, plain)| unit.replace(power, plain));
    let mut text = String::with_capacity(unit.len());
    for c in unit.chars() {
        match c {
            'µ' | 'μ' => text.push('u'),
            '³' => text.push('3'),
            '²' => text.push('2'),
            '⁻' | '^' | ' ' | '(' | ')' | '\u{a0}' => {}
            'º' | '˚' => text.push('°'),
            '·' | '.' | '*' => text.push('/'),
            c => text.push(c),
        }
    }
    text.replace("nm3", "m3").replace("-1", "").replace("-3", "3").replace("//", "/")
}

fn scale(unit: &str) -> Option<Scale> {
    use Dimension as D;
    let (dimension, factor, offset) = match folded(unit).as_str() {
        "ug/m3" | "mcg/m3" | "microg/m3" | "ug/cbm" | "ng/l" => (D::Density, 1.0, 0.0),
        "mg/m3" | "ug/l" => (D::Density, 1e3, 0.0),
        "ng/m3" => (D::Density, 1e-3, 0.0),
        "g/m3" | "mg/l" | "mg/dm3" => (D::Density, 1e6, 0.0),
        "kg/m3" | "g/l" => (D::Density, 1e9, 0.0),
        "ppb" | "ppbv" | "nmol/mol" => (D::Mixing, 1.0, 0.0),
        "ppm" | "ppmv" | "umol/mol" => (D::Mixing, 1e3, 0.0),
        "°c" | "c" | "degc" | "deg_c" | "cel" | "celsius" | "degreecelsius" | "degcelsius" => {
            (D::Temperature, 1.0, 0.0)
        }
        "k" | "kelvin" | "degk" | "°k" => (D::Temperature, 1.0, -273.15),
        "°f" | "f" | "degf" | "fahrenheit" => (D::Temperature, 5.0 / 9.0, -160.0 / 9.0),
        "m/s" | "mps" | "ms" => (D::Speed, 1.0, 0.0),
        "km/h" | "kmh" | "kph" => (D::Speed, 1.0 / 3.6, 0.0),
        "kn" | "kt" | "kts" | "knot" | "knots" => (D::Speed, 1852.0 / 3600.0, 0.0),
        "mph" | "mi/h" => (D::Speed, 0.447_04, 0.0),
        "%" | "percent" | "%rh" | "pct" => (D::Share, 1.0, 0.0),
        "mm" | "mm/h" | "l/m2" => (D::Depth, 1.0, 0.0),
        "cm" => (D::Depth, 10.0, 0.0),
        "in" | "inch" => (D::Depth, 25.4, 0.0),
        "bar" => (D::Pressure, 1.0, 0.0),
        "kpa" => (D::Pressure, 0.01, 0.0),
        "mpa" => (D::Pressure, 10.0, 0.0),
        "pa" => (D::Pressure, 1e-5, 0.0),
        "hpa" | "mbar" => (D::Pressure, 1e-3, 0.0),
        "psi" => (D::Pressure, 0.068_947_573, 0.0),
        "mh2o" | "mwc" => (D::Pressure, 0.098_066_5, 0.0),
        "kgf/cm2" | "kg/cm2" => (D::Pressure, 0.980_665, 0.0),
        "m3/h" | "cbm/h" => (D::Flow, 1.0, 0.0),
        "m3/s" => (D::Flow, 3600.0, 0.0),
        "m3/d" | "m3/day" | "m3/ngày" => (D::Flow, 1.0 / 24.0, 0.0),
        "l/s" => (D::Flow, 3.6, 0.0),
        "l/min" => (D::Flow, 0.06, 0.0),
        "l/h" => (D::Flow, 1e-3, 0.0),
        "m3" | "cbm" => (D::Volume, 1.0, 0.0),
        "l" | "litre" | "liter" => (D::Volume, 1e-3, 0.0),
        "w" | "watt" => (D::Power, 1.0, 0.0),
        "kw" => (D::Power, 1e3, 0.0),
        "°" | "deg" | "degree" | "degrees" | "độ" => (D::Angle, 1.0, 0.0),
        "rad" => (D::Angle, 180.0 / std::f64::consts::PI, 0.0),
        "ntu" | "fnu" | "ftu" => (D::Turbidity, 1.0, 0.0),
        "dba" | "db" | "dba/leq" => (D::Sound, 1.0, 0.0),
        "psu" | "‰" | "ppt" | "g/kg" => (D::Salinity, 1.0, 0.0),
        "mpn/100ml" | "cfu/100ml" | "mpn/dl" | "cfu/dl" => (D::Count, 1.0, 0.0),
        "" | "1" | "ph" | "-" | "none" | "phunit" | "phunits" => (D::Number, 1.0, 0.0),
        _ => return None,
    };
    Some(Scale { dimension, factor, offset })
}

/// Why a value in a declared unit is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitError {
    /// Nobody here knows this unit.
    Unknown,
    /// A known unit of something else: a dust in ppm.
    Incompatible,
    /// Below absolute zero, a negative concentration.
    Impossible,
}

impl From<UnitError> for Reason {
    fn from(error: UnitError) -> Self {
        match error {
            UnitError::Unknown => Self::UnknownUnit,
            UnitError::Incompatible => Self::WrongUnit,
            UnitError::Impossible => Self::Impossible,
        }
    }
}

/// A value as a source gives it, in the unit of its property, flagged where it is out of the property's range.
///
/// # Errors
/// The [`Reason`] of a [`UnitError`].
pub fn reading_in(property: &Property, value: f64, unit: &str, flags: Flags) -> Result<(f64, Flags), Reason> {
    let value = convert(property, value, unit)?;
    let believable = value >= property.range.0 && value <= property.range.1;
    Ok((value, if believable { flags } else { flags.with(Flags::RANGE) }))
}

/// A value in a declared unit, in the unit of the property.
///
/// # Errors
/// [`UnitError`]: the unit is unknown, of another kind, or the value cannot be.
pub fn convert(property: &Property, value: f64, unit: &str) -> Result<f64, UnitError> {
    if unit == property.unit {
        return possible(property, value);
    }
    let from = scale(unit).ok_or(UnitError::Unknown)?;
    let to = scale(&property.unit).ok_or(UnitError::Unknown)?;
    let base = value.mul_add(from.factor, from.offset);
    let base = match (from.dimension, to.dimension) {
        (a, b) if a == b => base,
        // Volume mixing ratio to density: ppb × M / V gives µg/m³.
        (Dimension::Mixing, Dimension::Density) => {
            base * property.molar_mass_g.ok_or(UnitError::Incompatible)? / MOLAR_VOLUME_L
        }
        // A volt or a ratio is no share; a fraction of one is.
        (Dimension::Number, Dimension::Share) if (0.0..=1.0).contains(&value) => base * 100.0,
        _ => return Err(UnitError::Incompatible),
    };
    possible(property, (base - to.offset) / to.factor)
}

/// Refuses what physics forbids, whatever the instrument.
fn possible(property: &Property, value: f64) -> Result<f64, UnitError> {
    // Nearly every value there is: what physics forbids lies below zero, in every unit.
    if value >= 0.0 && value.is_finite() {
        return Ok(value);
    }
    let impossible = match scale(&property.unit).map(|s| s.dimension) {
        Some(Dimension::Temperature) => value < -273.15,
        Some(Dimension::Density | Dimension::Count | Dimension::Turbidity | Dimension::Salinity) => {
            value < -1e-3 * property.range.1
        }
        _ => false,
    };
    if impossible || !value.is_finite() { Err(UnitError::Impossible) } else { Ok(value) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::norm::PropertyTable;

    fn to(code: &str, value: f64, unit: &str) -> Result<f64, UnitError> {
        convert(PropertyTable::standard().get(code).unwrap(), value, unit)
    }

    #[track_caller]
    fn near(found: Result<f64, UnitError>, expected: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() < 1e-3 * expected.abs().max(1.0), "{found} is not {expected}");
    }

    #[test]
    fn units_of_one_kind_are_converted() {
        near(to("pm25", 0.05, "mg/m3"), 50.0);
        near(to("pm25", 50.0, "μg/m³"), 50.0);
        near(to("pm25", 50.0, "ug m-3"), 50.0);
        near(to("temperature", 451.0, "K"), 177.85);
        near(to("temperature", 86.0, "°F"), 30.0);
        near(to("wind_speed", 36.0, "km/h"), 10.0);
        near(to("do", 6500.0, "ug/L"), 6.5);
        near(to("flow", 2400.0, "m3/day"), 100.0);
        near(to("pressure", 300.0, "kPa"), 3.0);
        near(to("co", 1.0, "mg/m³"), 1000.0);
    }

    /// 1 ppm of NO₂ at 25 °C is 1.88 mg/m³, of O₃ 1.96, of SO₂ 2.62, of CO 1.145 (WHO 2006, Air quality guidelines, p. 33).
    #[test]
    fn gases_are_converted_from_their_share_of_the_air() {
        near(to("no2", 1.0, "ppm"), 1880.5);
        near(to("o3", 1000.0, "ppb"), 1961.9);
        near(to("so2", 1.0, "ppm"), 2618.6);
        near(to("co", 1.0, "ppm"), 1144.9);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        assert_eq!(to("pm25", 12.5, "ppm"), Err(UnitError::Incompatible));
        assert_eq!(to("pm25", 12.5, "furlong"), Err(UnitError::Unknown));
        assert_eq!(to("temperature", -273.16, "degC"), Err(UnitError::Impossible));
        assert_eq!(to("pm25", -50.0, "µg/m³"), Err(UnitError::Impossible));
        assert_eq!(to("pm25", f64::INFINITY, "µg/m³"), Err(UnitError::Impossible));
        assert_eq!(to("ph", 7.0, "mg/L"), Err(UnitError::Incompatible));
    }
}
