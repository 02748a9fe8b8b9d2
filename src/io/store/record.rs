//! What of a project is kept as JSON: everything but the layers' contents.

use serde::{Deserialize, Serialize};

use crate::geo::frame::SiteFrame;
use crate::model::layer::{Layer, LayerContent, LayerId, LayerRole, Provenance};
use crate::model::project::Bookmark;
use crate::model::scenario::Scenario;
use crate::model::style::{Style, Text2};
use crate::model::table::Field;

/// The table of keys and values.
pub(super) const TABLE: &str = "twin_project";
/// Its keys. The version stands alone, so that a newer project can be told from a damaged one.
pub(super) const KEY_VERSION: &str = "version";
pub(super) const KEY_PROJECT: &str = "project";
/// Where earlier versions kept cells that were set until the next whole save: layer, feature, field (a number) and value as
/// JSON.
pub(super) const CELLS: &str = "twin_cells";

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ProjectRecord {
    pub(super) title: Text2,
    pub(super) frame: SiteFrame,
    pub(super) utc_offset_hours: f64,
    pub(super) time: String,
    pub(super) bookmarks: Vec<Bookmark>,
    #[serde(default)]
    pub(super) scenarios: Vec<Scenario>,
    /// In drawing order.
    pub(super) layers: Vec<LayerRecord>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct LayerRecord {
    /// The table of the GeoPackage.
    pub(super) table: String,
    pub(super) kind: ContentKind,
    /// Names as the user knows them; two belong to the format and are stored under others.
    pub(super) schema: Vec<Field>,
    pub(super) id: LayerId,
    pub(super) title: Text2,
    pub(super) group: Text2,
    pub(super) source: Provenance,
    pub(super) style: Style,
    pub(super) visible: bool,
    pub(super) role: LayerRole,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum ContentKind {
    Features,
    Raster,
    Classes,
}

impl LayerRecord {
    pub(super) fn of(layer: &Layer, table: &str) -> Self {
        let (kind, schema) = match &layer.content {
            LayerContent::Features(features) => (ContentKind::Features, features.schema.clone()),
            LayerContent::Raster(_) => (ContentKind::Raster, Vec::new()),
            LayerContent::Classes(_) => (ContentKind::Classes, Vec::new()),
        };
        Self {
            table: table.to_owned(),
            kind,
            schema,
            id: layer.id.clone(),
            title: layer.title.clone(),
            group: layer.group.clone(),
            source: layer.source.clone(),
            style: layer.style.clone(),
            visible: layer.visible,
            role: layer.role,
        }
    }
}
