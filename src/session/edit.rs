//! Edits: from a project and a command to the next project. Nothing else changes a project.

use std::sync::Arc;

use super::command::Command;
use super::error::SessionError;
use super::history::MergeKey;
use super::place::{lon_lat_from_site, title};
use super::view_state::CameraPose;
use crate::base::fold::fold_accents;
use crate::base::message::Message;
use crate::model::layer::{Layer, LayerContent, LayerId};
use crate::model::project::{Bookmark, Project};
use crate::model::style::Text2;
use crate::model::table::{Column, FeatureTable};
use crate::text::Language;
use crate::text::number::parse_number;

pub(super) struct Edit {
    pub(super) project: Project,
    /// What undo will say.
    pub(super) label: Message,
    pub(super) merge: Option<MergeKey>,
}

/// What an edit may look at beside the project.
pub(super) struct Context {
    pub(super) language: Language,
    pub(super) camera: CameraPose,
}

/// `None` when the command is not an edit.
pub(super) fn edit(project: &Project, command: &Command, context: &Context) -> Result<Option<Edit>, SessionError> {
    let mut next = project.clone();
    let name_of = |layer: &LayerId| match project.layer(layer) {
        Some(found) => Ok(title(&found.title, context.language).to_owned()),
        None => Err(SessionError::NoLayer(layer.clone())),
    };
    let mut merge = None;
    let label = match command {
        Command::SetVisible { layers, visible } => {
            for layer in layers {
                change_layer(&mut next, layer, |l| l.visible = *visible)?;
            }
            let key = if *visible { "session-undo-show" } else { "session-undo-hide" };
            match layers.as_slice() {
                [only] => Message::new(key).with("layer", name_of(only)?),
                _ if *visible => Message::new("session-undo-show-many").with("count", layers.len()),
                _ => Message::new("session-undo-hide-many").with("count", layers.len()),
            }
        }
        Command::SetOpacity { layer, opacity } => {
            let opacity = if opacity.is_nan() { 1.0 } else { opacity.clamp(0.0, 1.0) };
            change_layer(&mut next, layer, |l| l.style.opacity = opacity)?;
            merge = Some(MergeKey::Opacity(layer.clone()));
            Message::new("session-undo-opacity").with("layer", name_of(layer)?)
        }
        Command::RenameLayer { layer, title } => {
            let old = name_of(layer)?;
            change_layer(&mut next, layer, |l| l.title = Text2::same(title.trim()))?;
            Message::new("session-undo-rename").with("layer", old)
        }
        Command::MoveLayer { layer, to } => {
            let old = name_of(layer)?;
            let from = position(&next, layer)?;
            let moved = next.layers.remove(from);
            next.layers.insert((*to).min(next.layers.len()), moved);
            Message::new("session-undo-move").with("layer", old)
        }
        Command::RemoveLayer(layer) => {
            let old = name_of(layer)?;
            let at = position(&next, layer)?;
            next.layers.remove(at);
            Message::new("session-undo-remove").with("layer", old)
        }
        Command::SetCell { layer, feature, field, text } => {
            let old = name_of(layer)?;
            let table = project
                .layer(layer)
                .and_then(|l| l.content.features())
                .ok_or_else(|| SessionError::NoLayer(layer.clone()))?;
            let changed = Arc::new(with_cell(table, layer, *feature, field, text, context.language)?);
            change_layer(&mut next, layer, |l| l.content = LayerContent::Features(changed))?;
            Message::new("session-undo-cell").with("field", field.as_str()).with("layer", old)
        }
        Command::AddBookmark { title } => {
            let bookmark = bookmark_here(project, title.trim(), context.camera)?;
            next.bookmarks.push(bookmark);
            Message::new("session-undo-add-bookmark").with("title", title.trim())
        }
        Command::RemoveBookmark { id } => {
            let at =
                next.bookmarks.iter().position(|b| b.id == *id).ok_or_else(|| SessionError::NoBookmark(id.clone()))?;
            let gone = next.bookmarks.remove(at);
            Message::new("session-undo-remove-bookmark").with("title", title(&gone.title, context.language))
        }
        Command::Plan(command) => return super::plan::edit(project, command),
        _ => return Ok(None),
    };
    Ok(Some(Edit { project: next, label, merge }))
}

/// Adds imported layers on top, under ids that are still free.
pub(super) fn add_layers(project: &Project, layers: Vec<Layer>) -> Edit {
    let mut next = project.clone();
    let label = Message::new("session-undo-import").with("count", layers.len());
    for mut layer in layers {
        let taken = |id: &str| next.layers.iter().any(|l| l.id.0 == id);
        layer.id = LayerId(free_id(&layer.id.0, taken));
        next.layers.push(Arc::new(layer));
    }
    Edit { project: next, label, merge: None }
}

fn position(project: &Project, layer: &LayerId) -> Result<usize, SessionError> {
    project.layers.iter().position(|l| l.id == *layer).ok_or_else(|| SessionError::NoLayer(layer.clone()))
}

pub(super) fn change_layer(
    project: &mut Project,
    id: &LayerId,
    change: impl FnOnce(&mut Layer),
) -> Result<(), SessionError> {
    let layer = project.layers.iter_mut().find(|l| l.id == *id).ok_or_else(|| SessionError::NoLayer(id.clone()))?;
    change(Arc::make_mut(layer));
    Ok(())
}

fn with_cell(
    table: &FeatureTable,
    layer: &LayerId,
    feature: u64,
    field: &str,
    text: &str,
    language: Language,
) -> Result<FeatureTable, SessionError> {
    let row = table.row_of(feature).ok_or_else(|| SessionError::NoFeature { layer: layer.clone(), feature })?;
    let no_field = || SessionError::NoField { layer: layer.clone(), field: field.to_owned() };
    let column = table.field_index(field).ok_or_else(no_field)?;
    let text = text.trim();
    let number = || match text {
        "" => Ok(None),
        _ => parse_number(text, language)
            .map(Some)
            .ok_or_else(|| SessionError::NotANumber { field: field.to_owned(), text: text.to_owned() }),
    };
    let mut changed = table.clone();
    match changed.columns.get_mut(column).ok_or_else(no_field)? {
        Column::Text(cells) => cells.set(row, (!text.is_empty()).then_some(text)),
        Column::Integer(cells) => {
            let value = number()?;
            if value.is_some_and(|v| v.fract() != 0.0 || v.abs() > 9e15) {
                return Err(SessionError::NotANumber { field: field.to_owned(), text: text.to_owned() });
            }
            *cells.get_mut(row).ok_or_else(no_field)? = value.map(|v| v as i64);
        }
        Column::Real(cells) => *cells.get_mut(row).ok_or_else(no_field)? = number()?.unwrap_or(f64::NAN),
    }
    Ok(changed)
}

fn bookmark_here(project: &Project, title: &str, camera: CameraPose) -> Result<Bookmark, SessionError> {
    let place = |[east, north, up]: [f64; 3]| {
        lon_lat_from_site(&project.frame, [east, north])
            .map(|[lon, lat]| [lon, lat, up])
            .ok_or_else(|| SessionError::UnknownCrs(project.frame.crs.to_string()))
    };
    let words: Vec<String> = fold_accents(title)
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect();
    let slug = if words.is_empty() { "view".to_owned() } else { words.join("-") };
    let id = free_id(&slug, |id| project.bookmarks.iter().any(|b| b.id == id));
    Ok(Bookmark { id, title: Text2::same(title), eye: place(camera.eye)?, look: place(camera.look)? })
}

/// `wanted`, or the first free of `wanted-2`, `wanted-3` and so on.
fn free_id(wanted: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(wanted) {
        return wanted.to_owned();
    }
    (2..u32::MAX).map(|n| format!("{wanted}-{n}")).find(|id| !taken(id)).unwrap_or_default()
}
