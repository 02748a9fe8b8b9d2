//! A scene: the readable recipe (`*.scene.ron`) from which a project is made.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::layer::{LayerRole, Origin};
use super::project::Bookmark;
use super::scenario::Scenario;
use super::style::{Style, Text2};
use crate::geo::frame::SiteFrame;

/// The newest scene version that this program reads.
pub const SCENE_VERSION: u32 = 1;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scene {
    pub version: u32,
    pub title: Text2,
    pub frame: SiteFrame,
    /// Offset of local time from UTC, hours.
    pub utc_offset_hours: f64,
    /// What the clock shows when the scene opens, e.g. "2026-03-20T09:30:00+07:00".
    pub time: String,
    /// Another scene, relative to this one: its layers, bookmarks and scenarios come before this one's.
    #[serde(default)]
    pub extends: Option<PathBuf>,
    /// Drawn in this order, the first lowest.
    #[serde(default)]
    pub layers: Vec<LayerRecipe>,
    #[serde(default)]
    pub bookmarks: Vec<Bookmark>,
    #[serde(default)]
    pub scenarios: Vec<Scenario>,
}

/// Where a layer comes from and how it is drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerRecipe {
    pub id: String,
    pub title: Text2,
    pub group: Text2,
    /// Relative to the scene file.
    pub path: PathBuf,
    #[serde(default)]
    pub sublayer: Option<String>,
    /// Overrides what the file says: "EPSG:9207".
    #[serde(default)]
    pub crs: Option<String>,
    /// Overrides detection: "TCVN3".
    #[serde(default)]
    pub encoding: Option<String>,
    pub origin: Origin,
    #[serde(default)]
    pub credit: String,
    #[serde(default)]
    pub role: LayerRole,
    #[serde(default = "yes")]
    pub visible: bool,
    pub style: Style,
}

fn yes() -> bool {
    true
}
