//! Sources of the air as options and tables give them.

use std::path::Path;

use super::air_quantity::{EMISSION, LENGTH, SPEED, parse, temperature_k};
use super::air_source_shape::{Cells, Given, Outline};
use super::rows::{Row, Rows};
use crate::base::message::{Message, ToMessage};
use crate::geo::crs::Crs;
use crate::io::crs::Projector;
use crate::sim::air::error::AirError;
use crate::sim::air::rise::Exhaust;
use crate::sim::air::source::Source;

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

/// `lon,lat;q=20g/s;h=30m[;d=1.2m;v=12m/s;t=450K][;side=40m][;name=…]`. Several places with spaces between them are a line,
/// which needs its `width=7m`; where they end at the first one, an area. `sz=1.5m`: how far these are mixed where they begin.
///
/// # Errors
/// What is not understood, has no unit, is negative or cannot be.
pub fn parse_source(text: &str, number: usize, placer: &Placer) -> Result<Source, AirError> {
    const KEYS: [&str; 9] = ["q", "h", "d", "v", "t", "side", "width", "sz", "name"];
    let bad = || AirError::BadArgument { text: text.to_owned(), example: EXAMPLE };
    let mut parts = text.split(';');
    let outline = places(parts.next().unwrap_or_default(), placer).ok_or_else(bad)?;
    let mut given = std::collections::BTreeMap::new();
    for part in parts {
        let (key, value) = part.split_once('=').ok_or_else(bad)?;
        given.insert(key.trim(), value.trim());
    }
    if let Some(unknown) = given.keys().find(|k| !KEYS.contains(k)) {
        return Err(AirError::BadArgument { text: (*unknown).to_owned(), example: EXAMPLE });
    }
    let length = |key: &str| given.get(key).map(|t| parse(t, LENGTH, EXAMPLE)).transpose();
    let exhaust = match (length("d")?, given.get("v"), given.get("t")) {
        (Some(diameter_m), Some(v), Some(t)) => Some(Exhaust {
            diameter_m,
            velocity_mps: parse(v, SPEED, EXAMPLE)?,
            temperature_k: temperature_k(t, EXAMPLE)?,
        }),
        (None, None, None) => None,
        _ => return Err(bad()),
    };
    let id = format!("source-{number}");
    let given = Given {
        title: given.get("name").map_or_else(|| id.clone(), |n| (*n).to_owned()),
        id,
        rate_g_s: parse(given.get("q").ok_or_else(bad)?, EMISSION, EXAMPLE)?,
        height_m: length("h")?.unwrap_or(2.0),
        exhaust,
        side_m: length("side")?,
        width_m: length("width")?,
        sigma_z_m: length("sz")?,
    };
    given.source(&[outline])
}

/// `lon,lat` once or several times.
fn places(text: &str, placer: &Placer) -> Option<Outline> {
    let place = |pair: &str| {
        let (x, y) = pair.split_once(',')?;
        let at = [x.trim().parse::<f64>().ok()?, y.trim().parse::<f64>().ok()?];
        at.iter().all(|v| v.is_finite()).then(|| placer.place(at))
    };
    // Spaces part places, but not "103.98, 10.21".
    let text = text.split(',').map(str::trim).collect::<Vec<_>>().join(",");
    Outline::of(text.split_whitespace().map(place).collect::<Option<_>>()?)
}

/// A table with the columns of [`Given::read`] and `lon, lat` (or `x_m, y_m`); with `places` for lines and areas, written as
/// in [`parse_source`].
///
/// # Errors
/// A missing column, a bad row, a negative emission, a source that cannot be.
pub fn table(path: &Path, placer: &Placer) -> Result<Vec<Source>, AirError> {
    let rows = Rows::read(path)?;
    rows.require(&["id", "rate_g_s", "height_m"])?;
    rows.require_rows()?;
    rows.iter().map(|row| of_row(row, placer)).collect()
}

fn of_row(row: Row<'_>, placer: &Placer) -> Result<Source, AirError> {
    let outline = match row.text("places") {
        Some(text) => places(text, placer).ok_or_else(|| row.bad("places"))?,
        None => Outline::Point(place_of(row, placer)?),
    };
    Given::read(&row)?.source(&[outline])
}

impl Cells for Row<'_> {
    fn text(&self, column: &str) -> Option<String> {
        Row::text(*self, column).map(str::to_owned)
    }

    fn real(&self, column: &str) -> Result<Option<f64>, AirError> {
        if Row::text(*self, column).is_none() { Ok(None) } else { Row::real(*self, column).map(Some) }
    }

    fn bad(&self, column: &str) -> AirError {
        Row::bad(*self, column)
    }
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
    use crate::sim::air::source::Place;

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
    fn lines_and_areas_are_told_by_their_places() {
        let line = of("0,0 100,0 100,50;q=5g/s;h=1m;width=7m;sz=1.5m").unwrap();
        let Place::Line { points, width_m, initial_z_m, .. } = &line.parts[0].0 else { panic!("no line") };
        assert_eq!((points.len(), *width_m, *initial_z_m), (3, 7.0, 1.5));
        assert!(matches!(of("0,0 9,0 9,9 0,0;q=5g/s;h=1m").unwrap().parts[0].0, Place::Area { .. }));
        assert!(matches!(of("0,0 100,0;q=5g/s;h=1m"), Err(AirError::BadShape { why: "no-width", .. })));
        let rows =
            "id,rate_g_s,height_m,places,width_m,lon,lat\nA,1,0,\"0,0 90,0 90,90 0,0\",,,\nL,1,0.5,\"0,0 90,0\",7,,\n";
        let rows = Rows::parse(rows, Path::new("s.csv")).unwrap();
        let placer = Placer::new(&Crs::VN2000_TM3_104_30, true).unwrap();
        let all: Vec<Source> = rows.iter().map(|row| of_row(row, &placer).unwrap()).collect();
        assert!(matches!(all[0].parts[0].0, Place::Area { .. }) && matches!(all[1].parts[0].0, Place::Line { .. }));
        let bad = "id,rate_g_s,height_m,places\nA,1,0,\"0,0 90\"\nB,2kg/h,0,\"0,0 90,0 90,9 0,0\"\n";
        let bad = Rows::parse(bad, Path::new("s.csv")).unwrap();
        let told: Vec<String> = bad.iter().map(|row| of_row(row, &placer).unwrap_err().to_string()).collect();
        assert!(told[0].contains("line 2: places") && told[1].contains("line 3: rate_g_s"), "{told:?}");
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert!(matches!(of("1,2;q=20;h=30m"), Err(AirError::UnitMissing { .. })));
        assert!(matches!(of("1,2;q=-20g/s;h=30m"), Err(AirError::NegativeEmission { .. })));
        assert!(of("1, 2;q=5g/s;h=4m").is_ok());
        for text in ["1;q=20g/s", "1,2", "1,2;h=3m", "1,2;q=1g/s;d=1m", "1,2;q=1g/s;z=3m", "1,2;q"] {
            assert!(matches!(of(text), Err(AirError::BadArgument { .. })), "{text}");
        }
        let degrees = Placer::new(&Crs::VN2000_TM3_104_30, false).unwrap();
        let source = parse_source("103.9667,10.2167;q=1g/s", 1, &degrees).unwrap();
        let Place::Point { at, .. } = source.parts[0].0 else { panic!("no point") };
        assert!((at[0] - 441_377.76).abs() < 1.0, "{at:?}");
    }
}
