//! `island-twin info SCENE`: what is in a scene or a project, for people or as JSON.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::geo::crs::Crs;
use crate::geo::transform::Transform;
use crate::io::import::WorkerProgram;
use crate::io::scene::{LoadWarning, load_project};
use crate::model::layer::{Layer, LayerContent};
use crate::model::project::Project;
use crate::model::style::Text2;
use crate::text::Language;

/// The report, and what did not open.
#[derive(Debug, Clone, PartialEq)]
pub struct Info {
    pub text: String,
    pub warnings: Vec<LoadWarning>,
}

/// # Errors
/// The message of what is wrong with the file itself.
pub fn run(path: &Path, json: bool, language: Language, worker: &WorkerProgram) -> Result<Info, Message> {
    let (project, warnings) =
        load_project(path, worker, &Progress::new(), &CancelToken::new()).map_err(|e| e.to_message())?;
    let layers: Vec<Value> = project.layers.iter().map(|layer| describe(layer, &project, language)).collect();
    let text = if json {
        let left_out: Vec<Value> =
            warnings.iter().map(|w| json!({ "path": w.path, "problem": w.message.key })).collect();
        let report = json!({
            "title": pick(&project.title, language),
            "version": project.version,
            "crs": project.frame.crs.to_string(),
            "time": project.time.to_string(),
            "layers": layers,
            "bookmarks": project.bookmarks.iter().map(|b| &b.id).collect::<Vec<_>>(),
            "scenarios": project.scenarios.iter().map(|s| &s.id).collect::<Vec<_>>(),
            "warnings": left_out,
        });
        format!("{report:#}\n")
    } else {
        for_people(&project, &layers, language)
    };
    Ok(Info { text, warnings })
}

fn pick(text: &Text2, language: Language) -> &str {
    match language {
        Language::Vi => &text.vi,
        Language::En => &text.en,
    }
}

fn describe(layer: &Layer, project: &Project, language: Language) -> Value {
    let extent = layer.content.bounds();
    let kind = match &layer.content {
        LayerContent::Features(_) => "features",
        LayerContent::Raster(_) => "raster",
        LayerContent::Classes(_) => "classes",
    };
    let fields: Vec<&str> =
        layer.content.features().map(|t| t.schema.iter().map(|f| f.name.as_str()).collect()).unwrap_or_default();
    json!({
        "id": layer.id,
        "title": pick(&layer.title, language),
        "group": pick(&layer.group, language),
        "kind": kind,
        "count": layer.content.count(),
        "fields": fields,
        "crs": project.frame.crs.to_string(),
        "extent": extent,
        "extent_lon_lat": extent.and_then(|e| lon_lat(e, &project.frame.crs)),
        "visible": layer.visible,
        "role": layer.role,
        "source": {
            "path": layer.source.path,
            "sublayer": layer.source.sublayer,
            "crs": layer.source.crs.as_ref().map(Crs::to_string),
            "encoding": layer.source.encoding,
            "origin": layer.source.origin,
            "credit": layer.source.credit,
        },
    })
}

/// The box around the four corners in degrees.
fn lon_lat([west, south, east, north]: [f64; 4], crs: &Crs) -> Option<[f64; 4]> {
    let transform = Transform::between(crs, &Crs::WGS84)?;
    let corners = [[west, south], [west, north], [east, south], [east, north]].map(|p| transform.apply(p));
    crate::geo::shape::bounds_of(&corners)
}

fn for_people(project: &Project, layers: &[Value], language: Language) -> String {
    let mut out = format!("{}\n{}\n", pick(&project.title, language), project.frame.crs.label());
    for layer in layers {
        let word = |key: &str| layer[key].as_str().unwrap_or_default();
        let source = |key: &str| layer["source"][key].as_str().unwrap_or_default();
        let _ = write!(out, "\n{}  {}\n  {} {}", word("id"), word("title"), layer["count"], word("kind"));
        if let Some([west, south, east, north]) = corners(&layer["extent"]) {
            let _ = write!(out, "\n  {west:.1} {south:.1} {east:.1} {north:.1}  {}", word("crs"));
        }
        if let Some([west, south, east, north]) = corners(&layer["extent_lon_lat"]) {
            let _ = write!(out, "\n  {west:.6} {south:.6} {east:.6} {north:.6}  lon/lat");
        }
        let parts =
            [source("path"), source("sublayer"), source("crs"), source("encoding"), source("origin"), source("credit")];
        let known: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
        let _ = writeln!(out, "\n  {}", known.join("; "));
    }
    out
}

fn corners(value: &Value) -> Option<[f64; 4]> {
    let list: Vec<f64> = value.as_array()?.iter().filter_map(Value::as_f64).collect();
    list.try_into().ok()
}
