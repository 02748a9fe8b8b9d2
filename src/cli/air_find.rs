//! `island-twin air find-source`: where the readings of stations may come from, with how sure that is.

use std::path::Path;

use serde_json::json;

use super::air_args::FindSourceArgs;
use super::air_sources::{Placer, place_of};
use super::air_weather::wind_table;
use super::rows::{Row, Rows};
use super::simulate_fire::Told;
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::geo::crs::Crs;
use crate::geo::shape::ShapeKind;
use crate::io::crs::Projector;
use crate::io::export::{VectorFormat, write_features};
use crate::model::table::{FeatureTable, FieldKind, Value};
use crate::sim::air::error::AirError;
use crate::sim::air::finding::{Finding, Reading, Search, find};
use crate::sim::air::meteorology::Meteorology;
use crate::study::air::finding_words::sentences;
use crate::text::{Catalog, Language};

/// Longitude and latitude are worked out in this.
const CRS: Crs = Crs::VN2000_TM3_104_30;

/// # Errors
/// Tables that cannot be read, too few readings, calm air; nothing is written then.
pub fn run(args: &FindSourceArgs, language: Language) -> Result<Told, Message> {
    let said = |e: AirError| e.to_message();
    let rows = Rows::read(&args.stations).map_err(said)?;
    rows.require(&["conc_ug_m3"]).map_err(said)?;
    let degrees = !rows.has("x_m");
    let placer = Placer::new(&CRS, !degrees)?;
    let winds = wind_table(&args.wind).map_err(said)?;
    let (readings, skipped) = readings(&rows, &winds, &placer, &args.wind).map_err(said)?;
    let mut search = Search::around(&readings);
    search.height_m = args.height;
    search.relative_error = args.error;
    AirError::require("height", args.height, 0.0, 1000.0).map_err(said)?;
    if let Some([w, s, e, n]) = args.bounds.as_deref() {
        let ([w, s], [e, n]) = (placer.place([*w, *s]), placer.place([*e, *n]));
        if !(w < e && s < n && [w, s, e, n].iter().all(|v| v.is_finite())) {
            let text = format!("{w},{s},{e},{n}");
            return Err(said(AirError::BadArgument { text, example: "--bounds 439000,1129000,446000,1136000" }));
        }
        search.bounds = [w, s, e, n];
    }
    let hours: Vec<Meteorology> = winds.into_iter().map(|(_, air)| air).collect();
    let found = find(&readings, &hours, &search, &CancelToken::new()).map_err(said)?;
    let Ok(found) = found else { return Err(Message::new("sim-cancelled")) };
    if let Some(path) = &args.out {
        write(&found, path)?;
    }
    let places = Places {
        degrees: degrees.then(|| Projector::between(&CRS, &Crs::WGS84)).transpose().map_err(|e| e.to_message())?,
    };
    let catalog = Catalog::load(language);
    let lines: Vec<String> =
        sentences(&found, readings.len(), |at| places.text(at)).iter().map(|m| catalog.text(m)).collect();
    let mut notices = Vec::new();
    if skipped > 0 {
        notices.push(Message::new("air-find-skipped").with("readings", skipped));
    }
    let text = if args.json {
        let best = found.cells.first();
        serde_json::to_string_pretty(&json!({
            "verdict": found.verdict,
            "sentences": lines,
            "best": best.map(|c| places.of(c.middle)),
            "credible_share": found.credible_share,
            "credible_area_m2": found.area_m2,
            "searched_area_m2": found.searched_m2,
            "rate_g_s": { "p05": found.rate_g_s[0], "p50": found.rate_g_s[1], "p95": found.rate_g_s[2] },
            "background_ug_m3": found.background_ug_m3,
            "log_evidence": found.log_evidence,
            "misfit": found.misfit,
            "together": found.together.iter().map(|(at, rate)| json!({ "at": places.of(*at), "rate_g_s": rate })).collect::<Vec<_>>(),
            "cells": found.credible_cells().iter().map(|c| json!({
                "at": places.of(c.middle), "side_m": c.side_m, "probability": c.probability, "rate_g_s": c.rate_g_s,
            })).collect::<Vec<_>>(),
        }))
        .unwrap_or_default()
    } else {
        lines.join("\n")
    };
    Ok(Told { text, notices })
}

/// Coordinates as the stations' table writes them.
struct Places {
    degrees: Option<Projector>,
}

impl Places {
    fn of(&self, at: [f64; 2]) -> [f64; 2] {
        let mut places = [at];
        if let Some(projector) = &self.degrees {
            projector.apply_all(&mut places);
        }
        places[0]
    }

    fn text(&self, at: [f64; 2]) -> String {
        let [x, y] = self.of(at);
        if self.degrees.is_some() { format!("{x:.5}, {y:.5}") } else { format!("{x:.0}, {y:.0}") }
    }
}

/// Readings with the hour of their wind, and how many had none.
fn readings(
    rows: &Rows,
    winds: &[(Option<String>, Meteorology)],
    placer: &Placer,
    wind_path: &Path,
) -> Result<(Vec<Reading>, usize), AirError> {
    if winds.len() > 1 && winds.iter().any(|(time, _)| time.is_none()) {
        return Err(AirError::BadRow { line: 1, what: "time".to_owned(), path: wind_path.to_owned() });
    }
    let hour_of = |row: Row<'_>| {
        if let [(None, _)] = winds {
            return Ok(Some(0));
        }
        let time = row.text("time").ok_or_else(|| row.bad("time"))?;
        Ok(winds.iter().position(|(t, _)| t.as_deref().is_some_and(|t| same_time(t, time))))
    };
    let mut found = Vec::new();
    let (mut skipped, mut windless) = (0, 0);
    for row in rows.iter() {
        // A station that reported nothing in an hour is no reading of zero.
        if row.text("conc_ug_m3").is_none() {
            skipped += 1;
            continue;
        }
        let conc_ug_m3 = row.real("conc_ug_m3")?;
        if conc_ug_m3 < 0.0 {
            return Err(AirError::NegativeReading { line: row.line(), value: conc_ug_m3, path: row.path().to_owned() });
        }
        let reading = Reading { at: place_of(row, placer)?, hour: 0, conc_ug_m3 };
        if let Some(hour) = hour_of(row)? {
            found.push(Reading { hour, ..reading });
        } else {
            skipped += 1;
            windless += 1;
        }
    }
    if found.is_empty() && windless > 0 {
        return Err(AirError::NoReadingWithWind);
    }
    Ok((found, skipped))
}

/// The same text, or the same moment.
fn same_time(a: &str, b: &str) -> bool {
    let moment = |t: &str| super::args::parse_time(t).ok();
    a == b || moment(a).is_some_and(|a| moment(b) == Some(a))
}

fn write(found: &Finding, path: &Path) -> Result<(), Message> {
    let mut table = FeatureTable::with_fields(&[
        ("probability", FieldKind::Real),
        ("in_credible_set", FieldKind::Integer),
        ("rate_g_s", FieldKind::Real),
        ("side_m", FieldKind::Real),
        ("x_m", FieldKind::Real),
        ("y_m", FieldKind::Real),
    ]);
    for (i, cell) in found.cells.iter().enumerate() {
        let half = 0.5 * cell.side_m;
        let [x, y] = cell.middle;
        let corner = |a: f64, b: f64| [half.mul_add(a, x), half.mul_add(b, y)];
        let ring = [corner(-1.0, -1.0), corner(1.0, -1.0), corner(1.0, 1.0), corner(-1.0, 1.0), corner(-1.0, -1.0)];
        table.geometry.push_parts(ShapeKind::Polygon, &[&[&ring]]);
        table.push_row(&[
            Value::Real(cell.probability),
            Value::Integer(i64::from(i < found.credible)),
            Value::Real(cell.rate_g_s),
            Value::Real(cell.side_m),
            Value::Real(x),
            Value::Real(y),
        ]);
    }
    let format = match path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("geojson" | "json") => VectorFormat::GeoJson,
        Some("gpkg") => VectorFormat::GeoPackage { layer: "source_probability".to_owned() },
        _ => VectorFormat::Csv,
    };
    let to = if matches!(format, VectorFormat::GeoJson) { Crs::WGS84 } else { CRS };
    write_features(&table, &CRS, &to, path, &format).map_err(|e| e.to_message())
}
