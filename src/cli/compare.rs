//! `island-twin compare`: two scenarios figure by figure, with the way back to what was changed, and difference maps.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use super::rows::quoted;
use super::simulate_all::{name, origin};
use super::simulate_fire::{Told, pool, pretty};
use super::whatif::{named, open, setup, tell, writable};
use super::whatif_args::CompareArgs;
use crate::base::message::{Message, ToMessage};
use crate::geo::crs::Crs;
use crate::geo::grid::Grid;
use crate::io::export::{RasterOptions, VectorFormat, write_features, write_raster};
use crate::io::import::WorkerProgram;
use crate::io::staging::FolderStaging;
use crate::model::table::{FeatureTable, FieldKind, Value as Cell};
use crate::sim::run::StepContext;
use crate::study::effects::traffic_air::Piece;
use crate::study::whatif::compare::{Comparison, Row, compare};
use crate::study::whatif::difference::{RoadChange, difference, road_changes};
use crate::study::whatif::run::ScenarioRun;
use crate::text::{Catalog, Language};

/// # Errors
/// The sentence for what is wrong; nothing is written then.
pub fn run(args: &CompareArgs, language: Language, worker: &WorkerProgram) -> Result<Told, Message> {
    let catalog = Catalog::load(language);
    let setup = setup(&args.run)?;
    let (project, mut notices) = open(&args.scene, worker)?;
    let ids = [named(&project, &args.first, &args.scene)?, named(&project, &args.second, &args.scene)?];
    args.gpkg.as_deref().map_or(Ok(()), writable)?;
    let pool = pool(args.run.threads)?;
    let one = |id: usize| {
        let run = pool.install(|| setup.run(&project, ids[id].as_ref(), &StepContext::default()));
        run.map_err(|e| e.to_message())
    };
    let (first, second) = (one(0)?, one(1)?);
    let found = compare(&first, &second, &setup.effects.uncertainty_percent);
    for run in [&first, &second] {
        for notice in run.notices() {
            if !notices.contains(&notice) {
                notices.push(notice);
            }
        }
    }
    if let Some(folder) = &args.gpkg {
        write(&first, &second, &found, &project.frame.crs, folder, &catalog)?;
    }
    let names = [args.first.as_str(), args.second.as_str()];
    let text = if args.json {
        pretty(&json!({
            "program_version": env!("CARGO_PKG_VERSION"),
            "first": names[0], "second": names[1],
            "settings": setup.settings.without_threads(),
            "rows": found.rows.iter().map(|r| row_json(r, &found, &catalog)).collect::<Vec<_>>(),
        }))
    } else if args.csv {
        csv(&found, &catalog)
    } else {
        for_people(&found, names, args.why, &catalog)
    };
    Ok(Told { text, notices })
}

fn row_json(row: &Row, found: &Comparison, catalog: &Catalog) -> serde_json::Value {
    let figure = row.figure();
    json!({
        "indicator": figure.map(|f| f.key.trim_start_matches("whatif-figure-")),
        "about": figure.map(|f| &f.about),
        "name": figure.map(|f| name(f, catalog)),
        "unit": figure.map(|f| catalog.get(&f.unit)),
        "source": figure.map(|f| f.origin),
        "first": row.first.as_ref().map(|f| json!({ "value": f.value, "plus_minus": f.plus_minus })),
        "second": row.second.as_ref().map(|f| json!({ "value": f.value, "plus_minus": f.plus_minus })),
        "change": row.change,
        "change_plus_minus": row.plus_minus,
        "target": figure.and_then(|f| f.target),
        "better": figure.map(|f| f.better),
        "verdict": row.verdict,
        "why": { "chain": row.why, "sentences": why(row, found, catalog) },
    })
}

/// The way back from a figure, in sentences.
pub(super) fn why(row: &Row, found: &Comparison, catalog: &Catalog) -> Vec<String> {
    found.reasons(row).iter().map(|m| catalog.text(m)).collect()
}

fn csv(found: &Comparison, catalog: &Catalog) -> String {
    let mut out = String::from(
        "indicator,about,unit,a,a_plus_minus,b,b_plus_minus,change,change_plus_minus,target,source,verdict\n",
    );
    let maybe = |v: Option<f64>| v.map_or_else(String::new, |v| format!("{v}"));
    for row in &found.rows {
        let Some(f) = row.figure() else { continue };
        let (a, b) = (row.first.as_ref(), row.second.as_ref());
        let _ = writeln!(
            out,
            "{},{},\"{}\",{},{},{},{},{},{},{},{:?},{:?}",
            f.key.trim_start_matches("whatif-figure-"),
            quoted(&f.about),
            catalog.get(&f.unit),
            maybe(a.map(|f| f.value)),
            maybe(a.and_then(|f| f.plus_minus)),
            maybe(b.map(|f| f.value)),
            maybe(b.and_then(|f| f.plus_minus)),
            maybe(row.change),
            maybe(row.plus_minus),
            maybe(f.target),
            f.origin,
            row.verdict
        );
    }
    out
}

fn for_people(found: &Comparison, names: [&str; 2], with_why: bool, catalog: &Catalog) -> String {
    let mut out = format!("A = {}\nB = {}\n", names[0], names[1]);
    for (side, edits) in found.edits.iter().enumerate() {
        for (number, edit) in edits.iter().enumerate() {
            let _ = writeln!(out, "  {}{}  {}", ["A", "B"][side], number + 1, tell(edit, catalog));
        }
    }
    out.push('\n');
    for row in &found.rows {
        let Some(f) = row.figure() else { continue };
        let value = |figure: Option<&crate::study::whatif::indicator::Figure>| {
            figure.map_or_else(|| "–".to_owned(), |f| catalog.estimate(f.value, f.plus_minus, f.decimals))
        };
        let change = row.change.map_or_else(String::new, |c| {
            let sign = if c > 0.0 { "+" } else { "" };
            format!("{sign}{}", catalog.estimate(c, row.plus_minus, f.decimals))
        });
        let _ = writeln!(
            out,
            "{} ({}; {})\n    A {}   B {}   B–A {} {} {}",
            name(f, catalog),
            catalog.get(&f.unit),
            origin(f, catalog),
            value(row.first.as_ref()),
            value(row.second.as_ref()),
            change,
            row.arrow(),
            catalog.get(row.verdict.key()),
        );
        if with_why {
            for line in why(row, found, catalog) {
                let _ = writeln!(out, "      {line}");
            }
        }
    }
    out
}

fn write(
    first: &ScenarioRun,
    second: &ScenarioRun,
    found: &Comparison,
    crs: &Crs,
    folder: &Path,
    catalog: &Catalog,
) -> Result<(), Message> {
    let failed = |reason: String| Message::new("study-fire-write").with("reason", reason).with("path", folder);
    let staging = FolderStaging::inside(folder).map_err(|e| failed(e.to_string()))?;
    std::fs::write(staging.path("comparison.csv"), csv(found, catalog)).map_err(|e| failed(e.to_string()))?;
    let raster = |name: String, a: &Grid<f32>, b: &Grid<f32>| -> Result<(), Message> {
        let Some(grid) = difference(a, b) else { return Ok(()) };
        write_raster(&grid, &staging.path(&name), RasterOptions::default()).map_err(|e| e.to_message())
    };
    for (a, b) in first.air.iter().zip(&second.air) {
        raster(format!("air-{}-difference.tif", a.pollutant), &a.field, &b.field)?;
    }
    raster("burn_probability-difference.tif".to_owned(), &first.fire.probability, &second.fire.probability)?;
    if let (Some(a), Some(b)) = (&first.water, &second.water) {
        raster("sea_highest-difference.tif".to_owned(), &a.highest, &b.highest)?;
    }
    let table = roads(&road_changes(&first.traffic.pieces, &second.traffic.pieces));
    let format = VectorFormat::GeoPackage { layer: "roads".to_owned() };
    write_features(&table, crs, crs, &staging.path("comparison.gpkg"), &format).map_err(|e| e.to_message())?;
    staging.commit().map_err(|e| failed(e.to_string()))
}

fn roads(changes: &[RoadChange]) -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[
        ("name", FieldKind::Text),
        ("class", FieldKind::Text),
        ("vehicles_day_a", FieldKind::Real),
        ("vehicles_day_b", FieldKind::Real),
        ("change", FieldKind::Real),
        ("v_c_most_a", FieldKind::Real),
        ("v_c_most_b", FieldKind::Real),
    ]);
    for road in changes {
        let of = |piece: Option<&Piece>, value: &dyn Fn(&Piece) -> f64| Cell::Real(piece.map_or(f64::NAN, value));
        table.geometry.push_line(&road.piece().line);
        table.push_row(&[
            Cell::Text(&road.piece().name),
            Cell::Text(road.piece().class.key()),
            of(road.before, &Piece::vehicles_a_day),
            of(road.after, &Piece::vehicles_a_day),
            Cell::Real(road.change(Piece::vehicles_a_day)),
            of(road.before, &Piece::fullest),
            of(road.after, &Piece::fullest),
        ]);
    }
    table
}
