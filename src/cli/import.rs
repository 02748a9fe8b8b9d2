//! `island-twin import SRC… --project P.gpkg`: files into a project, checked, with a report.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::ImportArgs;
use super::files::{Files, take};
use super::project_file;
use super::run::{complain, say};
use crate::analysis::zone::{Suspicion, Verdict};
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::geo::crs::Crs;
use crate::io::encoding::TextEncoding;
use crate::io::import::{ImportError, Imported, Problem, SourceSpec, import_isolated, readable_files};
use crate::io::store;
use crate::io::template::read_template;
use crate::model::project::Project;
use crate::model::style::Text2;
use crate::report::import::{FileReport, to_html, to_json};
use crate::session::import::accept::{Wishes, accept};
use crate::session::import::new_layer::free_id;
use crate::session::import::place::look;
use crate::session::spatial::Indexes;
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
    let wishes = Wishes { template, cases: Vec::new(), mend: args.repair };
    let _held = take(&args.project)?;
    let mut project = project_file::open_or_new(&args.project, &files)?;
    let sources = sources(args)?;
    complain(&catalog, project_file::wrong_recipe(args.crs.as_deref()).iter());
    let results = read(&sources, &project, &files);
    let (mut reports, indexes) = (Vec::new(), Indexes::default());
    for (source, result) in sources.iter().zip(results) {
        let (result, suspicion) = settle(source, result, args, (&project, &indexes), &files);
        let mut report = match result {
            Ok(imported) => take_in(source, imported, &wishes, &mut project)?,
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
        all.extend(paths.iter().map(|path| SourceSpec {
            sublayer: args.layer.clone(),
            crs: crs.clone(),
            encoding,
            swap_xy: args.swap_xy,
            ..SourceSpec::named(path)
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
    (project, indexes): (&Project, &Indexes),
    files: &Files,
) -> (Result<Imported, ImportError>, Option<Suspicion>) {
    if args.crs.as_deref().is_some_and(|c| !c.eq_ignore_ascii_case(AUTO)) {
        return (result, None);
    }
    let again = |spec: SourceSpec| read(&[spec], project, files).into_iter().next();
    let looked = look(source, result, (project, indexes), &mut |spec| again(spec).and_then(Result::ok));
    let result = looked.result;
    let Some(suspicion) = looked.suspicion else { return (result, None) };
    let auto = args.crs.as_deref().is_some_and(|c| c.eq_ignore_ascii_case(AUTO));
    let wrong = matches!(suspicion.verdict, Verdict::Missing | Verdict::Disagrees);
    if let (true, true, Some(best)) = (auto, wrong, suspicion.guesses.first()) {
        let better =
            SourceSpec { crs: Some(best.crs.clone()), swap_xy: best.swapped != source.swap_xy, ..source.clone() };
        return (again(better).unwrap_or(result), Some(suspicion));
    }
    let doubtful = suspicion.verdict != Verdict::Fits;
    (result, doubtful.then_some(suspicion))
}

/// Fields are mapped, the table is checked and, where asked for, repaired; then it is a layer.
fn take_in(
    source: &SourceSpec,
    imported: Imported,
    wishes: &Wishes,
    project: &mut Project,
) -> Result<FileReport, Message> {
    let first = source
        .remote
        .as_ref()
        .map(|remote| imported.report.sublayers.first().cloned().unwrap_or_else(|| remote.kind.name().to_owned()));
    let accepted = accept(&source.path, imported, wishes, project, &CancelToken::new());
    let (mut layer, mut report) = accepted.map_err(|_| Message::new("session-job-cancelled"))?;
    // Neither an archive of many files nor a server names what was taken from it.
    if let Some(name) = source.sublayer.as_ref().or(first.as_ref()) {
        layer.id = free_id(name, project);
        layer.title = Text2::same(name);
        report.layer = Some(layer.id.0.clone());
    }
    project.layers.push(Arc::new(layer));
    Ok(report)
}

/// By its ending: a page for people, else JSON.
fn write_report(reports: &[FileReport], path: &Path, language: Language, catalog: &Catalog) -> Result<(), Message> {
    let put = |m: &Message| catalog.text(m);
    let is_page = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("html") || e.eq_ignore_ascii_case("htm"));
    let text = if is_page { to_html(reports, language.code(), &put) } else { to_json(reports, &put) };
    project_file::write_text(path, &text)
}

/// Problems of a file that are told one by one; all are in the report.
const MOST_TOLD: usize = 20;

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
    let path_of = |problem: &Problem| {
        let text = Message::new("cli-import-problem").with("path", path.as_path());
        match problem.row {
            Some(row) => text.with("row", i64::try_from(row).unwrap_or(i64::MAX)),
            None => Message::new("cli-import-problem-of-file").with("path", path.as_path()),
        }
        .with("problem", problem.message.clone())
    };
    let told: Vec<Message> = report.problems.iter().take(MOST_TOLD).map(path_of).collect();
    complain(catalog, told.iter());
    if report.problems.len() > MOST_TOLD {
        let more = Message::new("cli-import-more-problems").with("count", report.problems.len() - MOST_TOLD);
        complain(catalog, std::iter::once(&more));
    }
    let doubts = report.suspicion.iter().flat_map(|s| s.declared.iter().chain(&s.guesses)).map(|g| &g.reason);
    complain(catalog, doubts);
}
