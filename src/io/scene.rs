//! Opening a scene: its recipe is read, its layers are imported, and what cannot be had is told.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use super::export::NO_CLASS;
use super::import::{Imported, SourceSpec, WorkerProgram, import_isolated};
use super::store::{self, StoreError};
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::geo::crs::Crs;
use crate::geo::grid::Grid;
use crate::io::encoding::TextEncoding;
use crate::model::layer::{Layer, LayerContent, LayerId, LayerRole, Provenance};
use crate::model::project::{PROJECT_VERSION, Project};
use crate::model::scenario::{self, ScenarioError};
use crate::model::scene::{LayerRecipe, SCENE_VERSION, Scene};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SceneError {
    #[error("the scene cannot be read ({detail}); check the path: {path}")]
    Unreadable { path: PathBuf, detail: String },
    #[error("line {line}, column {column}: {detail}; correct the scene: {path}")]
    Syntax { path: PathBuf, line: usize, column: usize, detail: String },
    #[error("the scene has version {found}, this program reads up to {known}; update the program: {path}")]
    TooNew { path: PathBuf, found: u32, known: u32 },
    #[error("the time {time:?} is not like 2026-03-20T09:30:00+07:00; correct the scene: {path}")]
    Time { path: PathBuf, time: String },
    #[error("{reason}: {path}")]
    Scenario { path: PathBuf, reason: ScenarioError },
}

impl ToMessage for SceneError {
    fn to_message(&self) -> Message {
        match self {
            Self::Unreadable { path, detail } => {
                Message::new("io-scene-unreadable").with("detail", detail.as_str()).with("path", path.as_path())
            }
            Self::Syntax { path, line, column, detail } => Message::new("io-scene-syntax")
                .with("line", *line)
                .with("column", *column)
                .with("detail", detail.as_str())
                .with("path", path.as_path()),
            Self::TooNew { path, found, known } => Message::new("io-scene-too-new")
                .with("found", *found)
                .with("known", *known)
                .with("path", path.as_path()),
            Self::Time { path, time } => {
                Message::new("io-scene-time").with("time", time.as_str()).with("path", path.as_path())
            }
            Self::Scenario { path, reason } => {
                let (key, id) = match reason {
                    ScenarioError::Unknown(id) => ("io-scene-scenario-unknown", id),
                    ScenarioError::Twice(id) => ("io-scene-scenario-twice", id),
                    ScenarioError::Circle(id) => ("io-scene-scenario-circle", id),
                    ScenarioError::BadLine(id, _) => ("io-scene-scenario-line", id),
                    other => return other.to_message(),
                };
                Message::new(key).with("scenario", id.as_str()).with("path", path.as_path())
            }
        }
    }
}

/// Something that did not open, or not in full; the rest did.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadWarning {
    pub message: Message,
    pub path: PathBuf,
}

/// # Errors
/// [`SceneError`]: no such file, not a scene, or of a newer version.
pub fn read_scene(path: &Path) -> Result<Scene, SceneError> {
    read_at(path, DEEPEST)
}

/// Scenes that rest on scenes, at most so many: a circle ends there.
const DEEPEST: u32 = 8;

fn read_at(path: &Path, depth: u32) -> Result<Scene, SceneError> {
    #[derive(Deserialize)]
    struct VersionOnly {
        version: u32,
    }
    let text = std::fs::read_to_string(path)
        .map_err(|e| SceneError::Unreadable { path: path.to_owned(), detail: e.to_string() })?;
    // A newer scene may hold what this program cannot parse: its version comes first.
    if let Ok(VersionOnly { version }) = ron::from_str(&text)
        && version > SCENE_VERSION
    {
        return Err(SceneError::TooNew { path: path.to_owned(), found: version, known: SCENE_VERSION });
    }
    let mut scene: Scene = ron::from_str(&text).map_err(|e| SceneError::Syntax {
        path: path.to_owned(),
        line: e.span.start.line,
        column: e.span.start.col,
        detail: e.code.to_string(),
    })?;
    if let Some(base) = scene.extends.take().filter(|_| depth > 0) {
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut below = read_at(&folder.join(&base), depth - 1)?;
        // Its files lie beside it.
        let beside = base.parent().unwrap_or(Path::new(""));
        below.layers.iter_mut().for_each(|l| l.path = beside.join(&l.path));
        below.layers.append(&mut scene.layers);
        below.bookmarks.append(&mut scene.bookmarks);
        below.scenarios.append(&mut scene.scenarios);
        scene = Scene { layers: below.layers, bookmarks: below.bookmarks, scenarios: below.scenarios, ..scene };
    }
    scenario::validate(&scene.scenarios).map_err(|reason| SceneError::Scenario { path: path.to_owned(), reason })?;
    Ok(scene)
}

/// Why neither a scene nor a saved project could be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    #[error(transparent)]
    Scene(#[from] SceneError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ToMessage for LoadError {
    fn to_message(&self) -> Message {
        match self {
            Self::Scene(error) => error.to_message(),
            Self::Store(error) => error.to_message(),
        }
    }
}

/// Opens a scene or a saved project, whichever the file is. Nothing on disk changes, but that what a crash left beside a
/// project is brought in.
///
/// # Errors
/// [`LoadError`] when the file itself cannot be read; layers that cannot are in the warnings.
pub fn load_project(
    path: &Path,
    worker: &WorkerProgram,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<(Project, Vec<LoadWarning>), LoadError> {
    if store::is_project(path) {
        Ok(store::load_project(path, worker, progress, cancel)?)
    } else {
        Ok(open_scene(path, worker, progress, cancel)?)
    }
}

/// Makes a project of a scene. Layers come in the order of the recipe; one that cannot be had is left out and told.
///
/// # Errors
/// [`SceneError`] when the scene itself cannot be read.
pub fn open_scene(
    path: &Path,
    worker: &WorkerProgram,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<(Project, Vec<LoadWarning>), SceneError> {
    let scene = read_scene(path)?;
    let time = scene.time.parse().map_err(|_| SceneError::Time { path: path.to_owned(), time: scene.time.clone() })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut warnings = Vec::new();
    let mut wanted: Vec<(&LayerRecipe, SourceSpec)> = Vec::new();
    for recipe in &scene.layers {
        match source_of(recipe, folder) {
            Ok(source) => wanted.push((recipe, source)),
            Err(message) => warnings.push(LoadWarning { message, path: path.to_owned() }),
        }
    }
    let sources: Vec<SourceSpec> = wanted.iter().map(|(_, source)| source.clone()).collect();
    let mut results: Vec<_> = sources.iter().map(|_| None).collect();
    import_isolated(&sources, &scene.frame, worker, progress, cancel, |i, result| results[i] = Some(result));
    let mut layers = Vec::with_capacity(wanted.len());
    for ((recipe, source), result) in wanted.into_iter().zip(results) {
        match result {
            Some(Ok(imported)) => {
                warnings.extend(partial(&imported, &source.path));
                layers.push(Arc::new(layer(recipe, imported)));
            }
            Some(Err(error)) => warnings.push(LoadWarning { message: error.to_message(), path: source.path }),
            None => {}
        }
    }
    let project = Project {
        version: PROJECT_VERSION,
        title: scene.title,
        frame: scene.frame,
        utc_offset_hours: scene.utc_offset_hours,
        time,
        layers,
        bookmarks: scene.bookmarks,
        scenarios: scene.scenarios,
    };
    Ok((project, warnings))
}

fn source_of(recipe: &LayerRecipe, folder: &Path) -> Result<SourceSpec, Message> {
    let encoding = match &recipe.encoding {
        None => None,
        Some(name) => Some(name.parse::<TextEncoding>().map_err(|_| {
            let known = TextEncoding::ALL.map(TextEncoding::name).join(", ");
            Message::new("io-encoding-unknown")
                .with("encoding", name.as_str())
                .with("known", known)
                .with("path", recipe.path.as_path())
        })?),
    };
    let crs = recipe.crs.as_ref().and_then(|text| text.parse::<Crs>().ok());
    let path = folder.join(&recipe.path);
    Ok(SourceSpec { sublayer: recipe.sublayer.clone(), crs, encoding, ..SourceSpec::new(path) })
}

fn layer(recipe: &LayerRecipe, imported: Imported) -> Layer {
    let content = match (recipe.role, imported.content) {
        // Elevation in whole metres above the sea is stored like classes.
        (LayerRole::Terrain, LayerContent::Classes(grid)) => LayerContent::Raster(Arc::new(as_values(&grid))),
        (_, content) => content,
    };
    Layer {
        id: LayerId::new(&recipe.id),
        title: recipe.title.clone(),
        group: recipe.group.clone(),
        source: Provenance {
            path: recipe.path.clone(),
            sublayer: recipe.sublayer.clone(),
            crs: Some(imported.crs),
            encoding: imported.encoding,
            origin: recipe.origin,
            credit: recipe.credit.clone(),
        },
        content,
        style: recipe.style.clone(),
        visible: recipe.visible,
        role: recipe.role,
    }
}

fn as_values(grid: &Grid<u16>) -> Grid<f32> {
    let cells = grid.cells.iter().map(|c| if *c == NO_CLASS { f32::NAN } else { f32::from(*c) }).collect();
    Grid { spec: grid.spec.clone(), cells }
}

/// "312 of 318 features; …" when something was wrong with a file that did open.
#[must_use]
pub fn partial(imported: &Imported, path: &Path) -> Option<LoadWarning> {
    let report = &imported.report;
    let first = report.problems.first()?;
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let rows: Vec<String> = report
        .problems
        .iter()
        .filter(|p| p.message.key == first.message.key)
        .filter_map(|p| p.row)
        .take(8)
        .map(|row| row.to_string())
        .collect();
    let message = Message::new(if rows.is_empty() { "io-partial" } else { "io-partial-rows" })
        .with("kept", number(report.kept))
        .with("read", number(report.read))
        .with("problem", first.message.clone())
        .with("rows", rows.join(", "))
        .with("path", path);
    Some(LoadWarning { message, path: path.to_owned() })
}
