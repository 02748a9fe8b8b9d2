//! `island-twin simulate all`: a scenario through traffic, air, fire and, with outlets, the sea; all figures and maps.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::rows::quoted;
use super::simulate_fire::{Told, pool, pretty};
use super::whatif::{named, open, setup, tell, writable};
use super::whatif_args::SimulateAllArgs;
use crate::base::message::{Message, ToMessage};
use crate::geo::crs::Crs;
use crate::geo::grid::Grid;
use crate::io::export::{RasterOptions, VectorFormat, write_features, write_raster};
use crate::io::import::WorkerProgram;
use crate::io::staging::FolderStaging;
use crate::model::table::{FeatureTable, FieldKind, Value as Cell};
use crate::sim::run::StepContext;
use crate::study::effects::table::Percent;
use crate::study::effects::traffic_air::Piece;
use crate::study::whatif::indicator::{Figure, figures};
use crate::study::whatif::run::{Model, ScenarioRun, Setup};
use crate::text::{Catalog, Language};

/// # Errors
/// The sentence for what is wrong; nothing is written then.
pub fn run(args: &SimulateAllArgs, language: Language, worker: &WorkerProgram) -> Result<Told, Message> {
    let catalog = Catalog::load(language);
    let setup = setup(&args.run)?;
    let (project, mut notices) = open(&args.scene, worker)?;
    let scenario = args.scenario.as_deref().map_or(Ok(None), |s| named(&project, s, &args.scene))?;
    writable(&args.out)?;
    let run = pool(args.run.threads)?
        .install(|| setup.run(&project, scenario.as_ref(), &StepContext::default()))
        .map_err(|e| e.to_message())?;
    notices.extend(run.notices());
    let report = report(&run, &setup, &catalog);
    write(&run, &setup.effects.uncertainty_percent, &report, &project.frame.crs, &args.out, &catalog)?;
    let text = if args.json {
        pretty(&report)
    } else {
        let mut lines: Vec<String> =
            figures(&run, &setup.effects.uncertainty_percent).iter().map(|f| sentence(f, &catalog)).collect();
        lines.push(catalog.text(&Message::new("whatif-written").with("path", args.out.as_path())));
        lines.push(String::new());
        lines.push(catalog.get("cli-fire-assumptions"));
        lines.extend(run.assumptions().iter().map(|m| format!("- {}", catalog.text(m))));
        lines.join("\n")
    };
    Ok(Told { text, notices })
}

/// "Residents: 180,000 persons (generated)".
pub(super) fn sentence(figure: &Figure, catalog: &Catalog) -> String {
    let value = catalog.estimate(figure.value, figure.plus_minus, figure.decimals);
    format!("{}: {value} {} ({})", name(figure, catalog), catalog.get(&figure.unit), origin(figure, catalog))
}

/// A figure's name in the reader's language.
pub(super) fn name(figure: &Figure, catalog: &Catalog) -> String {
    catalog.text(&figure.name())
}

pub(super) fn origin(figure: &Figure, catalog: &Catalog) -> String {
    catalog.get(&format!("model-origin-{}", format!("{:?}", figure.origin).to_lowercase()))
}

pub(super) fn report(run: &ScenarioRun, setup: &Setup, catalog: &Catalog) -> Value {
    let runs: Vec<Value> = [Model::Traffic, Model::Air, Model::Fire, Model::Water]
        .iter()
        .filter(|m| !run.digest(**m).is_empty())
        .map(|m| json!({ "model": m, "digest": run.digest(*m), "inputs": run.inputs(*m) }))
        .collect();
    json!({
        "program_version": env!("CARGO_PKG_VERSION"),
        "scenario": run.resolved.scenario,
        "edits": run.resolved.edits.iter().map(|e| tell(e, catalog)).collect::<Vec<_>>(),
        "touched": run.resolved.touched,
        "settings": setup.settings.without_threads(),
        "figures": figures(run, &setup.effects.uncertainty_percent),
        "clauses": run.still.clauses,
        "runs": runs,
        "assumptions": run.assumptions().iter().map(|m| catalog.text(m)).collect::<Vec<_>>(),
        "notices": run.notices().iter().map(|m| catalog.text(m)).collect::<Vec<_>>(),
    })
}

fn write(
    run: &ScenarioRun,
    uncertainty: &Percent,
    report: &Value,
    crs: &Crs,
    out: &Path,
    catalog: &Catalog,
) -> Result<(), Message> {
    let failed = |reason: String| Message::new("study-fire-write").with("reason", reason).with("path", out);
    let staging = FolderStaging::inside(out).map_err(|e| failed(e.to_string()))?;
    let text = |name: &str, text: &str| std::fs::write(staging.path(name), text).map_err(|e| failed(e.to_string()));
    text("report.json", &pretty(report))?;
    text("indicators.csv", &csv(&figures(run, uncertainty), catalog))?;
    let raster = |name: &str, grid: &Grid<f32>| {
        write_raster(grid, &staging.path(name), RasterOptions::default()).map_err(|e| e.to_message())
    };
    for air in &run.air {
        raster(&format!("air-{}.tif", air.pollutant), &air.field)?;
    }
    raster("burn_probability.tif", &run.fire.probability)?;
    if let Some(water) = &run.water {
        raster("sea_highest.tif", &water.highest)?;
    }
    let format = VectorFormat::GeoPackage { layer: "roads".to_owned() };
    write_features(&roads(&run.traffic.pieces), crs, crs, &staging.path("traffic.gpkg"), &format)
        .map_err(|e| e.to_message())?;
    staging.commit().map_err(|e| failed(e.to_string()))
}

fn csv(figures: &[Figure], catalog: &Catalog) -> String {
    let mut out = String::from("indicator,about,unit,value,plus_minus,source,target\n");
    let maybe = |v: Option<f64>| v.map_or_else(String::new, |v| format!("{v}"));
    for f in figures {
        let _ = writeln!(
            out,
            "{},{},\"{}\",{},{},{:?},{}",
            f.key.trim_start_matches("whatif-figure-"),
            quoted(&f.about),
            catalog.get(&f.unit),
            f.value,
            maybe(f.plus_minus),
            f.origin,
            maybe(f.target)
        );
    }
    out
}

/// Roads with what drives on them in a day.
fn roads(pieces: &[Piece]) -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[
        ("name", FieldKind::Text),
        ("class", FieldKind::Text),
        ("length_m", FieldKind::Real),
        ("vehicles_day", FieldKind::Real),
        ("v_c_most", FieldKind::Real),
    ]);
    for piece in pieces {
        table.geometry.push_line(&piece.line);
        table.push_row(&[
            Cell::Text(&piece.name),
            Cell::Text(piece.class.key()),
            Cell::Real(piece.length_m),
            Cell::Real(piece.vehicles_a_day()),
            Cell::Real(piece.fullest()),
        ]);
    }
    table
}
