//! `island-twin simulate air --mode transient`: air that changes by the hour, carried over the hills.

use std::sync::Arc;

use super::air_sources::Placer;
use super::simulate_air::{places, prepare};
use super::simulate_args::SimulateAirArgs;
use super::simulate_fire::Told;
use crate::base::message::{Message, ToMessage};
use crate::geo::grid::Grid;
use crate::io::import::WorkerProgram;
use crate::model::project::Project;
use crate::session::air_report;
use crate::session::fire_report::pretty;
use crate::sim::air::source::Source;
use crate::sim::run::StepContext;
use crate::study::air::{commune_day, day_files, day_headline, transient};
use crate::text::Catalog;

/// # Errors
/// The message of what is wrong; nothing has been written then.
pub(super) fn run(
    args: &SimulateAirArgs,
    project: &Arc<Project>,
    planned: Vec<Source>,
    worker: &WorkerProgram,
    catalog: &Catalog,
) -> Result<Told, Message> {
    let (case, mut notices) = prepare(args, project, planned, worker)?;
    let placer = Placer::new(&project.frame.crs, args.xy)?;
    let besides = args.receptors.as_deref().map(|path| places(path, &placer)).transpose();
    let besides = besides.map_err(|e| e.to_message())?.unwrap_or_default();
    let begun = std::time::Instant::now();
    let result = transient::run(&case, besides, StepContext::default()).map_err(|e| e.to_message())?;
    let seconds = begun.elapsed().as_secs_f64();
    notices.extend(result.notices.iter().cloned());
    let fields: Vec<&Grid<f32>> = result.hours.iter().map(|hour| &**hour).collect();
    let communes = commune_day::days(&case, &fields);
    let mut report = air_report::hourly(&case, &result, &communes, &notices, catalog);
    report["simulation_s"] = seconds.into();
    let report = pretty(&report);
    day_files::write(&case, &result, &communes, &report, &args.out, &StepContext::default())
        .map_err(|e| e.to_message())?;
    let text = if args.json {
        report
    } else {
        let mut lines = catalog.texts(&day_headline::of(&case, &result, &communes));
        let done = Message::new("air-transient-done");
        lines.push(catalog.text(&done.with("hours", result.snapshots.len()).with("path", args.out.as_path())));
        lines.push(String::new());
        lines.push(catalog.get("cli-fire-assumptions"));
        lines.extend(catalog.texts(&result.assumptions).into_iter().map(|line| format!("- {line}")));
        lines.join("\n")
    };
    Ok(Told { text, notices })
}
