//! Projects and small files of the command line.

use std::path::Path;

use super::files::Files;
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::geo::crs::Crs;
use crate::geo::frame::SiteFrame;
use crate::io::export::write_text_file;
use crate::io::scene;
use crate::model::layer::{Layer, LayerId};
use crate::model::project::{PROJECT_VERSION, Project};
use crate::model::style::Text2;

/// A saved project or a scene.
///
/// # Errors
/// The sentence of what is wrong with the file.
pub(super) fn open(path: &Path, files: &Files) -> Result<Project, Message> {
    let (project, _) =
        scene::load_project(path, files.worker(), &Progress::new(), &CancelToken::new()).map_err(|e| e.to_message())?;
    Ok(project)
}

/// The project, or a new one in Phú Quốc's zone where there is none yet.
///
/// # Errors
/// As [`open`].
pub(super) fn open_or_new(path: &Path, files: &Files) -> Result<Project, Message> {
    if path.exists() {
        return open(path, files);
    }
    let name = path.file_stem().map_or_else(|| "project".to_owned(), |s| s.to_string_lossy().into_owned());
    Ok(empty(&name))
}

/// A project without layers, in the site's zone.
pub(super) fn empty(name: &str) -> Project {
    Project {
        version: PROJECT_VERSION,
        title: Text2::same(name),
        frame: SiteFrame { crs: Crs::VN2000_TM3_104_30, origin: [0.0; 2] },
        utc_offset_hours: 7.0,
        time: jiff::Timestamp::now(),
        layers: Vec::new(),
        bookmarks: Vec::new(),
        scenarios: Vec::new(),
    }
}

/// A new project's origin: the middle of what is in it, on a round kilometre.
pub(super) fn settle_origin(project: &mut Project) {
    if let (true, Some([west, south, east, north])) = (project.frame.origin == [0.0; 2], project.bounds()) {
        project.frame.origin =
            [f64::midpoint(west, east), f64::midpoint(south, north)].map(|v| (v / 1000.0).round() * 1000.0);
    }
}

/// # Errors
/// With the names that there are.
pub(super) fn layer<'a>(project: &'a Project, id: &str) -> Result<&'a Layer, Message> {
    project.layer(&LayerId::new(id)).map(AsRef::as_ref).ok_or_else(|| {
        let known = project.layers.iter().map(|l| l.id.0.as_str()).collect::<Vec<_>>().join(", ");
        Message::new("cli-no-such-layer").with("layer", id).with("known", known)
    })
}

/// # Errors
/// When the file cannot be written; it is then as it was before.
pub(super) fn write_text(path: &Path, text: &str) -> Result<(), Message> {
    write_text_file(text, path).map_err(|e| e.to_message())
}

/// The recipe for VN-2000 that is passed on with the wrong signs of its rotations: what is read with it is half a metre off.
pub(super) fn wrong_recipe(crs: Option<&str>) -> Option<Message> {
    let text: String = crs?.chars().filter(|c| !c.is_whitespace()).collect();
    let wrong = text.to_ascii_lowercase().contains("towgs84=-191.904");
    wrong.then(|| Message::new("cli-crs-wrong-recipe"))
}
