//! `island-twin inspect SRC`: what a file holds, without importing it anywhere.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::files::Files;
use super::project_file;
use crate::analysis::mapping;
use crate::analysis::zone::Suspicion;
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::geo::crs::Crs;
use crate::geo::frame::SiteFrame;
use crate::io::import::{ImportError, Imported, SourceSpec, import_isolated};
use crate::model::layer::LayerContent;
use crate::model::mapping::is_personal;
use crate::report::import as report;
use crate::session::import::place::look;
use crate::session::spatial::Indexes;
use crate::text::{Catalog, Language};

/// # Errors
/// The sentence of why the file cannot be read; one that does not say its system, or says one that is unknown, is
/// described all the same.
pub fn run(path: &Path, layer: Option<&str>, as_json: bool, language: Language) -> Result<String, Message> {
    let files = Files::new()?;
    let spec = SourceSpec { sublayer: layer.map(str::to_owned), ..SourceSpec::named(path) };
    let (project, indexes) = (project_file::empty(""), Indexes::default());
    let mut again = |spec: SourceSpec| read(&spec, &project.frame, &files).ok();
    let looked = look(&spec, read(&spec, &project.frame, &files), (&project, &indexes), &mut again);
    let suspicion = looked.suspicion;
    // What does not say its system is described by its own numbers.
    let (imported, crs, doubt) = match (looked.result, looked.raw) {
        (Ok(imported), _) => {
            let crs = imported.crs.clone();
            (imported, Some(crs), None)
        }
        (Err(error), Some(raw)) => (raw, None, Some(error.to_message())),
        (Err(error), None) => return Err(error.to_message()),
    };
    let catalog = Catalog::load(language);
    let facts = describe(&spec.path, &imported, crs.as_ref(), suspicion.as_ref(), doubt.as_ref(), &catalog);
    Ok(if as_json { format!("{facts:#}\n") } else { for_people(&facts) })
}

fn read(spec: &SourceSpec, frame: &SiteFrame, files: &Files) -> Result<Imported, ImportError> {
    let mut answer = Err(ImportError::Cancelled { path: spec.path.clone() });
    let (progress, cancel) = (Progress::new(), CancelToken::new());
    import_isolated(std::slice::from_ref(spec), frame, files.worker(), &progress, &cancel, |_, result| answer = result);
    answer
}

fn describe(
    path: &Path,
    imported: &Imported,
    crs: Option<&Crs>,
    suspicion: Option<&Suspicion>,
    doubt: Option<&Message>,
    catalog: &Catalog,
) -> Value {
    let table = imported.content.features();
    let fields: Vec<Value> = table
        .iter()
        .flat_map(|t| &t.schema)
        .map(|f| json!({ "name": f.name, "kind": f.kind, "personal": is_personal(&f.name) }))
        .collect();
    let kind = match &imported.content {
        LayerContent::Features(t) => json!(t.geometry.main_kind()),
        LayerContent::Raster(_) => json!("Raster"),
        LayerContent::Classes(_) => json!("Classes"),
    };
    let problems: Vec<Value> = imported
        .report
        .problems
        .iter()
        .map(|p| json!({ "row": p.row, "key": p.message.key, "text": catalog.text(&p.message) }))
        .collect();
    json!({
        "path": path,
        "kind": kind,
        "count": imported.content.count(),
        "read": imported.report.read,
        "refused": imported.report.refused,
        "crs": crs.map(Crs::to_string),
        "crs_name": crs.map(Crs::label),
        "crs_problem": doubt.map(|m| json!({ "key": m.key, "text": catalog.text(m) })),
        "zones": suspicion.map(|s| report::zones(s, &|m| catalog.text(m))),
        // In the file's own numbers where it does not say its system, else in VN-2000 / TM-3 104°30'.
        "extent": imported.content.bounds(),
        "sublayers": imported.report.sublayers,
        "encoding": imported.encoding,
        "encodings": imported.report.previews,
        "fields": fields,
        "mapping": table.map(|t| mapping::suggest(t)),
        "problems": problems,
    })
}

fn for_people(facts: &Value) -> String {
    let word = |key: &str| facts[key].as_str().unwrap_or("–").to_owned();
    let mut out = format!(
        "{}\n  {} {}\n  {} {}\n  {}\n",
        word("path"),
        facts["count"],
        word("kind"),
        word("crs"),
        word("crs_name"),
        word("encoding")
    );
    let list = |key: &str| facts[key].as_array().cloned().unwrap_or_default();
    if let Some(doubt) = facts["crs_problem"]["text"].as_str() {
        let _ = writeln!(out, "  ! {doubt}");
    }
    if facts["zones"]["verdict"] != "Fits" {
        let guesses = facts["zones"]["guesses"].as_array().cloned().unwrap_or_default();
        let all = std::iter::once(&facts["zones"]["declared"]).chain(&guesses);
        for reason in all.filter_map(|guess| guess["reason"].as_str()) {
            let _ = writeln!(out, "  ? {reason}");
        }
    }
    for field in list("fields") {
        let personal = if field["personal"] == true { "  *" } else { "" };
        let _ = writeln!(
            out,
            "  {:<24} {}{personal}",
            field["name"].as_str().unwrap_or_default(),
            field["kind"].as_str().unwrap_or_default()
        );
    }
    for pair in list("mapping") {
        let text = |key: &str| pair[key].as_str().unwrap_or_default().to_owned();
        let _ = writeln!(out, "  {} → {}", text("source"), text("target"));
    }
    for problem in list("problems") {
        let row = problem["row"].as_u64().map(|r| format!("{r}: ")).unwrap_or_default();
        let _ = writeln!(out, "  ! {row}{}", problem["text"].as_str().unwrap_or_default());
    }
    out
}
