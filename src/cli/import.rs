//! `island-twin import SRC… --project P.gpkg`: files into a project, checked, with a report.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::ImportArgs;
use super::files::Files;
use super::run::{complain, say};
use super::{new_layer, project_file};
use crate::analysis::check::{CheckOptions, check, repair};
use crate::analysis::mapping::{self, Suggestion};
use crate::analysis::zone::{self, Site, Suspicion, Verdict};
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::geo::crs::Crs;
use crate::geo::index::FeatureIndex;
use crate::geo::measure::anchor;
use crate::geo::shape::Shapes;
use crate::io::encoding::TextEncoding;
use crate::io::import::{ImportError, Imported, SourceSpec, import_isolated, readable_files};
use crate::io::store;
use crate::io::template::read_template;
use crate::model::layer::{LayerContent, LayerRole};
use crate::model::mapping::MappingTemplate;
use crate::model::project::Project;
use crate::model::table::FeatureTable;
use crate::report::import::{FileReport, to_html, to_json};
use crate::text::{Catalog, Language};

/// What `--crs` may say besides a system.
const AUTO: &str = "auto";

/// # Errors
/// A sentence that says what to do. Files that cannot be read are told one by one, and the others are imported; then
/// the project is saved and the answer is still an error.
pub fn import(args: &ImportArgs, language: Language) -> Result<(), Message> {
    let catalog = Catalog::load(language);
    let files = Files::new()?;
    let template = args.template.as_deref().map(read_template).transpose().map_err(|e| e.to_message())?;
    let mut project = project_file::open_or_new(&args.project, &files)?;
    let sources = sources(args)?;
    let results = read(&sources, &project, &files);
    let mut reports = Vec::new();
    for (source, result) in sources.iter().zip(results) {
        let (result, suspicion) = settle(source, result, args, &project, &files);
        let mut report = match result {
            Ok(imported) => take_in(source, imported, template.as_ref(), args.repair, &mut project)?,
            Err(error) => FileReport::failed(source.path.clone(), &error),
        };
        report.suspicion = suspicion;
        reports.push(report);
    }
    project_file::settle_origin(&mut project);
    store::save_project(&project, &args.project, &Progress::new(), &CancelToken::new()).map_err(|e| e.to_message())?;
    if let Some(path) = &args.report {
        write_report(&reports, path, language, &catalog)?;
    }
    for report in &reports {
        tell(report, &catalog);
    }
    let failed = reports.iter().filter(|r| r.error.is_some()).count();
    if failed == 0 {
        return Ok(());
    }
    Err(Message::new("cli-import-incomplete").with("failed", failed).with("files", reports.len()))
}

/// Folders stand for the files in them.
fn sources(args: &ImportArgs) -> Result<Vec<SourceSpec>, Message> {
    let encoding = match args.encoding.as_deref().filter(|e| !e.eq_ignore_ascii_case(AUTO)) {
        None => None,
        Some(name) => Some(name.parse::<TextEncoding>().map_err(|_| {
            Message::new("cli-encoding-unknown")
                .with("encoding", name)
                .with("known", TextEncoding::ALL.map(TextEncoding::name).join(", "))
        })?),
    };
    let crs = args.crs.as_deref().filter(|c| !c.eq_ignore_ascii_case(AUTO)).and_then(|c| c.parse::<Crs>().ok());
    let mut all = Vec::new();
    for path in &args.sources {
        let paths = if path.is_dir() { readable_files(path) } else { vec![path.clone()] };
        all.extend(paths.into_iter().map(|path| SourceSpec {
            sublayer: args.layer.clone(),
            crs: crs.clone(),
            encoding,
            swap_xy: args.swap_xy,
            ..SourceSpec::new(path)
        }));
    }
    if all.is_empty() {
        return Err(Message::new("cli-import-nothing"));
    }
    Ok(all)
}

fn read(sources: &[SourceSpec], project: &Project, files: &Files) -> Vec<Result<Imported, ImportError>> {
    let mut results: Vec<_> = sources.iter().map(|s| Err(ImportError::Cancelled { path: s.path.clone() })).collect();
    let (progress, cancel) = (Progress::new(), CancelToken::new());
    import_isolated(sources, &project.frame, files.worker(), &progress, &cancel, |i, result| results[i] = result);
    results
}

/// Looks at where the coordinates fall. With `--crs auto` a file that does not say its system, or says one that puts
/// it into the sea, is read in the one that fits best.
fn settle(
    source: &SourceSpec,
    result: Result<Imported, ImportError>,
    args: &ImportArgs,
    project: &Project,
    files: &Files,
) -> (Result<Imported, ImportError>, Option<Suspicion>) {
    let unknown = matches!(result, Err(ImportError::NoCrs { .. } | ImportError::Crs { .. }));
    if args.crs.as_deref().is_some_and(|c| !c.eq_ignore_ascii_case(AUTO)) || (result.is_err() && !unknown) {
        return (result, None);
    }
    // The site's own system leaves the file's numbers as they are.
    let plain = |crs: &Crs| SourceSpec { crs: Some(crs.clone()), ..source.clone() };
    let raw = match &result {
        Ok(imported) if imported.crs == project.frame.crs => None,
        _ => read(&[plain(&project.frame.crs)], project, files).into_iter().next().and_then(Result::ok),
    };
    let (declared, content) = match (&result, &raw) {
        (Ok(imported), None) => (Some(imported.crs.clone()), &imported.content),
        (Ok(imported), Some(raw)) => (Some(imported.crs.clone()), &raw.content),
        (Err(_), Some(raw)) => (None, &raw.content),
        (Err(_), None) => return (result, None),
    };
    let Some(suspicion) = content.features().and_then(|t| suspect(t, declared.as_ref(), project)) else {
        return (result, None);
    };
    let auto = args.crs.as_deref().is_some_and(|c| c.eq_ignore_ascii_case(AUTO));
    let wrong = matches!(suspicion.verdict, Verdict::Missing | Verdict::Disagrees);
    if let (true, true, Some(best)) = (auto, wrong, suspicion.guesses.first()) {
        let better = SourceSpec { swap_xy: best.swapped != source.swap_xy, ..plain(&best.crs) };
        let again = read(&[better], project, files).into_iter().next();
        return (again.unwrap_or(result), Some(suspicion));
    }
    let doubtful = suspicion.verdict != Verdict::Fits;
    (result, doubtful.then_some(suspicion))
}

/// `None` where the project has no coast or boundary to judge by.
fn suspect(table: &FeatureTable, declared: Option<&Crs>, project: &Project) -> Option<Suspicion> {
    let outline = project.with_role(LayerRole::Coast).or_else(|| project.with_role(LayerRole::Communes));
    let default_land = project_file::phu_quoc_outline(&project.frame.crs);
    let land: &Shapes = match outline.and_then(|l| l.content.features()) {
        Some(table) => &table.geometry,
        None => default_land.as_ref()?,
    };
    let tables: Vec<&Arc<FeatureTable>> = project.layers.iter().filter_map(|l| l.content.features()).collect();
    let indexes: Vec<FeatureIndex> = tables.iter().map(|t| FeatureIndex::build(&t.geometry)).collect();
    let layers: Vec<(&Shapes, &FeatureIndex)> = tables.iter().map(|t| &t.geometry).zip(&indexes).collect();
    let places: Vec<(String, [f64; 2])> = project
        .layers
        .iter()
        .filter(|l| l.id.0 == "places" || l.role == LayerRole::Communes)
        .filter_map(|l| l.content.features())
        .flat_map(|t| {
            let name =
                |row| ["TEN", "TENXA", "name"].iter().map(|f| t.value(row, f).to_string()).find(|n| !n.is_empty());
            (0..t.len()).filter_map(move |row| Some((name(row)?, anchor(t.geometry.get(row))?)))
        })
        .collect();
    let site = Site { frame: &project.frame, land, layers: &layers, places: &places };
    Some(zone::suspect(table.geometry.xy(), declared, site))
}

/// Fields are mapped, the table is checked and, where asked for, repaired; then it is a layer.
fn take_in(
    source: &SourceSpec,
    imported: Imported,
    template: Option<&MappingTemplate>,
    mend: bool,
    project: &mut Project,
) -> Result<FileReport, Message> {
    let mut report = FileReport::of(source.path.clone(), &imported);
    let mut layer = new_layer::of(&source.path, imported, project);
    if let LayerContent::Features(table) = &layer.content {
        let suggested = mapping::suggest(table);
        let mut mapped = match template {
            Some(template) => template.apply(table),
            None if is_cadastre(&suggested) => mapping::template("", &suggested).apply(table),
            None => (**table).clone(),
        };
        let options = CheckOptions::for_table(&mapped);
        let cancelled = |_| Message::new("session-job-cancelled");
        let mut found = check(&mapped, &options, &CancelToken::new()).map_err(cancelled)?;
        if mend {
            let wanted: Vec<_> = found.issues.iter().filter_map(|i| Some((i.row, i.repair?))).collect();
            let repaired = repair(&mapped, &wanted);
            report.repaired = repaired.done.len();
            mapped = repaired.table;
            found = check(&mapped, &options, &CancelToken::new()).map_err(cancelled)?;
        }
        if options.mosaic && project.with_role(LayerRole::Parcels).is_none() {
            layer.role = LayerRole::Parcels;
        }
        report.mapping = suggested;
        report.check = Some(found);
        layer.style = new_layer::style(&mapped, project);
        layer.content = LayerContent::Features(Arc::new(mapped));
    }
    report.layer = Some(layer.id.0.clone());
    project.layers.push(Arc::new(layer));
    Ok(report)
}

fn is_cadastre(suggested: &[Suggestion]) -> bool {
    ["SOTO", "SOTHUA"].iter().all(|wanted| suggested.iter().any(|s| s.target == *wanted))
}

/// By its ending: a page for people, else JSON.
fn write_report(reports: &[FileReport], path: &Path, language: Language, catalog: &Catalog) -> Result<(), Message> {
    let put = |m: &Message| catalog.text(m);
    let is_page = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("html") || e.eq_ignore_ascii_case("htm"));
    let text = if is_page { to_html(reports, language.code(), &put) } else { to_json(reports, &put) };
    project_file::write_text(path, &text)
}

/// One line a file, and what a technician must know of it.
fn tell(report: &FileReport, catalog: &Catalog) {
    let path: &PathBuf = &report.path;
    if let Some(error) = &report.error {
        complain(catalog, std::iter::once(error));
    } else {
        let findings: u64 = report.check.iter().flat_map(|c| &c.counts).map(|(_, n)| n).sum();
        let line = Message::new("cli-import-done")
            .with("path", path.as_path())
            .with("layer", report.layer.clone().unwrap_or_default())
            .with("kept", i64::try_from(report.kept).unwrap_or(i64::MAX))
            .with("read", i64::try_from(report.read).unwrap_or(i64::MAX))
            .with("crs", report.crs.clone().unwrap_or_default())
            .with("encoding", report.encoding.clone().unwrap_or_else(|| "–".to_owned()))
            .with("findings", i64::try_from(findings).unwrap_or(i64::MAX));
        say(&catalog.text(&line));
    }
    let doubts = report.suspicion.iter().flat_map(|s| s.declared.iter().chain(&s.guesses)).map(|g| &g.reason);
    complain(catalog, doubts);
}
