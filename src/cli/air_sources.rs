//! Sources of the air as options and tables give them.

use std::path::Path;

use super::air_quantity::{EMISSION, LENGTH, SPEED, parse, temperature_k};
use super::rows::{Row, Rows};
use crate::base::message::{Message, ToMessage};
use crate::geo::crs::Crs;
use crate::io::crs::Projector;
use crate::sim::air::error::AirError;
use crate::sim::air::rise::Exhaust;
use crate::sim::air::source::{Place, Source};

const EXAMPLE: &str = "103.98,10.21;q=20g/s;h=30m;d=1.2m;v=12m/s;t=450K";

/// Puts places into the site's system.
pub struct Placer {
    from_degrees: Option<Projector>,
}

impl Placer {
    /// # Errors
    /// A system that longitude and latitude cannot be brought into.
    pub fn new(crs: &Crs, xy: bool) -> Result<Self, Message> {
        let projector = if xy { None } else { Some(Projector::between(&Crs::WGS84, crs).map_err(|e| e.to_message())?) };
        Ok(Self { from_degrees: projector })
    }

    #[must_use]
    pub fn place(&self, at: [f64; 2]) -> [f64; 2] {
        let mut places = [at];
        if let Some(projector) = &self.from_degrees {
            projector.apply_all(&mut places);
        }
        places[0]
    }
}

/// `lon,lat;q=20g/s;h=30m[;d=1.2m;v=12m/s;t=450K][;side=40m][;name=…]`.
///
/// # Errors
/// What is not understood, has no unit or is negative.
pub fn parse_source(text: &str, number: usize, placer: &Placer) -> Result<Source, AirError> {
    let bad = || AirError::BadArgument { text: text.to_owned(), example: EXAMPLE };
    let mut parts = text.split(';');
    let place = parts.next().unwrap_or_default();
    let numbers: Vec<f64> =
        place.split(',').map_while(|t| t.trim().parse().ok()).filter(|v: &f64| v.is_finite()).collect();
    let [x, y] = numbers[..] else { return Err(bad()) };
    let mut given = std::collections::BTreeMap::new();
    for part in parts {
        let (key, value) = part.split_once('=').ok_or_else(bad)?;
        given.insert(key.trim(), value.trim());
    }
    if let Some(unknown) = given.keys().find(|k| !["q", "h", "d", "v", "t", "side", "name"].contains(k)) {
        return Err(AirError::BadArgument { text: (*unknown).to_owned(), example: EXAMPLE });
    }
    let rate_g_s = parse(given.get("q").ok_or_else(bad)?, EMISSION, EXAMPLE)?;
    let length = |key: &str| given.get(key).map(|t| parse(t, LENGTH, EXAMPLE)).transpose();
    let height_m = length("h")?.unwrap_or(2.0);
    let exhaust = match (length("d")?, given.get("v"), given.get("t")) {
        (Some(diameter_m), Some(v), Some(t)) => Some(Exhaust {
            diameter_m,
            velocity_mps: parse(v, SPEED, EXAMPLE)?,
            temperature_k: temperature_k(t, EXAMPLE)?,
        }),
        (None, None, None) => None,
        _ => return Err(bad()),
    };
    let at = placer.place([x, y]);
    let id = format!("source-{number}");
    let title = given.get("name").map_or_else(|| id.clone(), |n| (*n).to_owned());
    let place = match length("side")? {
        Some(side_m) => Place::Volume { at, side_m, height_m },
        None => Place::Point { at, height_m, exhaust },
    };
    let source = Source::single(&id, &title, place, rate_g_s);
    source.validate()?;
    Ok(source)
}

/// A table with `id, lon, lat` (or `x_m, y_m`), `rate_g_s, height_m` and, of stacks, `diameter_m, velocity_m_s,
/// temperature_k`; `side_m` makes a volume; `name` names it.
///
/// # Errors
/// A missing column, a bad row, a negative emission.
pub fn table(path: &Path, placer: &Placer) -> Result<Vec<Source>, AirError> {
    let rows = Rows::read(path)?;
    rows.require(&["id", "rate_g_s", "height_m"])?;
    rows.iter().map(|row| of_row(row, placer)).collect()
}

fn of_row(row: Row<'_>, placer: &Placer) -> Result<Source, AirError> {
    let at = place_of(row, placer)?;
    let id = row.text("id").ok_or_else(|| row.bad("id"))?;
    let height_m = row.real("height_m")?;
    let exhaust = if row.text("diameter_m").is_some() {
        Some(Exhaust {
            diameter_m: row.real("diameter_m")?,
            velocity_mps: row.real("velocity_m_s")?,
            temperature_k: row.real("temperature_k")?,
        })
    } else {
        None
    };
    let place = if row.text("side_m").is_some() {
        Place::Volume { at, side_m: row.real("side_m")?, height_m }
    } else {
        Place::Point { at, height_m, exhaust }
    };
    let source = Source::single(id, row.text("name").unwrap_or(id), place, row.real("rate_g_s")?);
    source.validate()?;
    Ok(source)
}

/// `x_m, y_m` as they are; `lon, lat` brought into the site's system.
///
/// # Errors
/// A row with neither.
pub fn place_of(row: Row<'_>, placer: &Placer) -> Result<[f64; 2], AirError> {
    if row.text("x_m").is_some() {
        return Ok([row.real("x_m")?, row.real("y_m")?]);
    }
    Ok(placer.place([row.real("lon")?, row.real("lat")?]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Source, AirError> {
        parse_source(text, 1, &Placer::new(&Crs::VN2000_TM3_104_30, true).unwrap())
    }

    #[test]
    fn a_stack_is_read_with_its_units() {
        let stack = of("440000,1130000;q=3.6kg/h;h=30m;d=1.2m;v=12m/s;t=177C;name=Lò hơi").unwrap();
        assert_eq!((stack.rate_g_s, stack.title.as_str()), (1.0, "Lò hơi"));
        let Place::Point { at, height_m, exhaust: Some(e) } = &stack.parts[0].0 else { panic!("no stack") };
        assert_eq!((*at, *height_m, e.diameter_m), ([440_000.0, 1_130_000.0], 30.0, 1.2));
        assert!(matches!(of("1,2;q=5g/s;h=4m;side=30m").unwrap().parts[0].0, Place::Volume { .. }));
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert!(matches!(of("1,2;q=20;h=30m"), Err(AirError::UnitMissing { .. })));
        assert!(matches!(of("1,2;q=-20g/s;h=30m"), Err(AirError::NegativeEmission { .. })));
        for text in ["1;q=20g/s", "1,2", "1,2;h=3m", "1,2;q=1g/s;d=1m", "1,2;q=1g/s;z=3m", "1,2;q"] {
            assert!(matches!(of(text), Err(AirError::BadArgument { .. })), "{text}");
        }
        let degrees = Placer::new(&Crs::VN2000_TM3_104_30, false).unwrap();
        let source = parse_source("103.9667,10.2167;q=1g/s", 1, &degrees).unwrap();
        let Place::Point { at, .. } = source.parts[0].0 else { panic!("no point") };
        assert!((at[0] - 441_377.76).abs() < 1.0, "{at:?}");
    }
}
